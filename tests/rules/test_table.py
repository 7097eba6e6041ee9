"""The table as a whole: what holds of every row."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

import diffsrc as ds
from tests.rules.harness import row

_ENTERED = """
    import importlib, pkgutil
    import diffsrc.defs
    from diffsrc.defs import table

    names = []
    enter = table.register
    table.register = lambda d: (names.append((id(d.fn), d.name)), enter(d))[1]
    for m in pkgutil.iter_modules(diffsrc.defs.__path__):
        importlib.import_module(f"diffsrc.defs.{m.name}")
    print(len(names), *sorted({n for k, n in names if sum(k == other for other, _ in names) > 1}))
"""


def test_each_function_has_one_row():
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(_ENTERED)], capture_output=True, text=True, check=True)
    count, *twice = done.stdout.split()
    assert int(count) > 300
    assert not twice


X, Z = np.array([1.0, 2.0, 3.0]), np.zeros((2, 2))
#: calls whose types fit, but not their values
RAISING = [
    (np.take, X, 9), (np.take_along_axis, X, np.array([9]), 0), (np.compress, [False, False, False, True], X),
    (np.extract, [False, False, False, True], X), (np.delete, X, 9), (np.insert, X, 9, 0.0),
    (np.bincount, np.array([-1, 0, 1]), X), (np.gradient, X[:1]), (np.linalg.solve, Z, X[:2]), (np.linalg.inv, Z),
    (np.linalg.cholesky, -np.eye(2)), (np.linalg.matrix_power, Z, -1),
    (np.split, X, 2),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("call", RAISING, ids=lambda call: call[0].__name__)
def test_what_may_raise_is_known(call):
    """What may raise isn't computed where the program doesn't, nor again."""
    fn, *args = call
    with pytest.raises((ValueError, LookupError, TypeError)):
        fn(*args)
    assert row(fn).raises


def inserts_in_no_iteration(x, n):
    s = x[0]
    for _ in range(n):
        s = s * np.sum(np.insert(x, 9, 0.0))
    return s


def test_what_may_raise_stays_where_it_is():
    value, g = ds.value_and_grad(inserts_in_no_iteration)(X, 0)
    assert value == 1.0
    assert g.tolist() == [1.0, 0.0, 0.0]
    with pytest.raises(IndexError):
        ds.grad(inserts_in_no_iteration)(X, 1)


def iterated_over(x):
    s = 0.0
    for v in np.nditer(x):
        s = s + v * v
    return s


def test_iterators_that_write_are_refused():
    with pytest.raises(ds.UnsupportedError, match=r"ndindex"):
        ds.grad(iterated_over)(X)
