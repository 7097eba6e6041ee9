"""Random typed programs with arrays give the same results before and after the clean-up passes."""

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from diffsrc.compiler.instances import Compiler
from diffsrc.compiler.interpret import run
from diffsrc.errors import DiffsrcError
from diffsrc.ir.types import INT, Array
from diffsrc.ir.verify import verify
from diffsrc.transform.cse import cse
from diffsrc.transform.dce import dce
from diffsrc.transform.exits import normalise_exits
from diffsrc.transform.fold import fold
from diffsrc.transform.hoist import hoist
from diffsrc.transform.simplify import simplify
from tests.passes.programs import Program, make, outcome

TYPES = (INT, INT, INT, Array("i64", (3,)))
ARGUMENTS = [(1, 2, 5), (0, 7, 3), (5, 3, 9), (9, 1, 0)]
PIPELINES = {
    "dce": [lambda func: dce(func, keep_raising=True)],
    "simplify": [simplify],
    "cse": [cse],
    "fold": [fold],
    "hoist": [hoist],
    "all": [
        simplify,
        normalise_exits,
        simplify,
        cse,
        fold,
        hoist,
        lambda func: dce(func, keep_raising=False),
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("programs")


def observed(call, args):
    """The result and the contents of the array afterwards."""
    array = np.arange(3)
    return outcome(call, *args, array), array.tolist()


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_passes_keep_the_meaning(folder, seed):
    f = make(Program(Random(seed), arrays=True).text(), folder)
    try:
        func = Compiler().instance(f, TYPES).func
        verify(func)
        done = {name: func for name in PIPELINES}
        for name, passes in PIPELINES.items():
            for step in passes:
                done[name] = step(done[name])
    except DiffsrcError:
        assume(False)  # a variable that no path binds
    for args in ARGUMENTS:
        want = observed(f, args)
        if want[0] is UnboundLocalError:
            continue  # raised where the value is read: dropped with the op
        for name, after in done.items():
            verify(after)
            assert observed(lambda *a, after=after: run(after, a), args) == want, name
