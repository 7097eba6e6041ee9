"""Random programs full of exits: the same results before and after `normalise_exits`, and in plain Python."""

from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from diffsrc.compiler.interpret import run
from diffsrc.errors import UnsupportedError
from diffsrc.frontend.lower import lower_function
from diffsrc.ir.parse import parse
from diffsrc.ir.text import to_text
from diffsrc.ir.verify import verify
from diffsrc.transform.exits import normalise_exits
from tests.ir.rows import resolve
from tests.passes.programs import Program, make, outcome
from tests.passes.test_exits import is_normal

ARGUMENTS = [(1, 2, 5), (0, 7, 3), (5, 3, 9), (9, 1, 0)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("programs")


def lowered(text, folder):
    """The function and its IR; programs that the frontend refuses are skipped."""
    f = make(text, folder)
    try:
        func = lower_function(f)
    except UnsupportedError as err:
        assume(err.code != "DS103")
        raise
    verify(func)
    return f, func


@given(st.integers(0, 10**6), st.sampled_from([1, 1, 2]))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_exits_keep_the_meaning(folder, seed, results):
    f, func = lowered(Program(Random(seed), results=results).text(), folder)
    try:
        done = normalise_exits(func)
    except UnsupportedError as err:
        assume(err.code != "DS103")
        raise
    assert is_normal(done)
    for args in ARGUMENTS:
        want, before = outcome(f, *args), outcome(run, func, args)
        # Python reads a variable when it is copied, the IR when it is used
        assert want is UnboundLocalError or want == before
        assert outcome(run, done, args) == before


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_text_round_trip(folder, seed):
    _, func = lowered(Program(Random(seed)).text(), folder)
    printed = to_text(func)
    assert to_text(parse(printed, resolve)) == printed
