"""Methods and attributes of arrays: each stands for a row, with arguments as that row wants them."""

import operator

import numpy as np
import pytest

from diffsrc.defs import methods
from diffsrc.defs.methods import ATTRIBUTES, METHOD_ONLY, METHODS
from diffsrc.defs.table import BY_NAME, lookup
from diffsrc.errors import UnsupportedError
from diffsrc.ir.values import Literal, Pack, Value
from tests.rules.harness import check, check_narrow, row

RNG = np.random.default_rng(19)
A2, A3 = RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 4))

CALLS = [
    ("sum", (), {}), ("sum", (0,), {}), ("sum", (), {"axis": 1, "keepdims": True}), ("mean", (0,), {}),
    ("std", (), {"ddof": 1}), ("var", (1,), {}), ("min", (), {}), ("max", (0,), {}), ("prod", (), {}),
    ("cumsum", (1,), {}), ("cumprod", (), {}), ("clip", (-0.5, 0.5), {}), ("clip", (-0.5,), {}),
    ("clip", (), {"max": 0.5}), ("clip", (None, 0.5), {}), ("round", (1,), {}), ("conj", (), {}),
    ("conjugate", (), {}), ("trace", (1,), {}), ("diagonal", (), {"offset": 1}), ("swapaxes", (0, 1), {}),
    ("squeeze", (), {}), ("repeat", (2,), {"axis": 0}), ("take", ([0, 2],), {"axis": 1}),
    ("reshape", (4, 3), {}), ("reshape", ((4, 3),), {}), ("reshape", (-1,), {}),
    ("reshape", (2, -1), {"order": "F"}), ("transpose", (), {}), ("transpose", (1, 0), {}),
    ("transpose", ((1, 0),), {}), ("ravel", (), {}), ("ravel", ("F",), {}), ("flatten", (), {}),
    ("flatten", ("F",), {}), ("copy", (), {}), ("astype", (np.float32,), {}),
    ("astype", (), {"dtype": complex}), ("astype", (int,), {"copy": True}), ("dot", (np.ones(4),), {}),
    ("all", (), {}), ("any", (1,), {}), ("argmax", (), {}), ("argmin", (0,), {}),
    ("argsort", (), {"axis": 0}), ("nonzero", (), {}), ("compress", ([True, False],), {"axis": 1}),
    ("tolist", (), {}),
]  # fmt: skip


def call(name, x, args, kwargs):
    spec = METHODS[name]
    items, named = spec.normalise((x, *args), kwargs) if spec.normalise else ((x, *args), kwargs)
    return spec.fn(*items, **named)


@pytest.mark.parametrize("case", CALLS, ids=str)
def test_same_as_the_method(case):
    name, args, kwargs = case
    for x in (A2, np.asfortranarray(A2), A2[:, ::2][:, [0, 1, 0, 1]]):
        want, found = getattr(x, name)(*args, **kwargs), call(name, x, args, kwargs)
        np.testing.assert_array_equal(found, want)
        assert type(found) is type(want)
        assert np.asarray(found).dtype == np.asarray(want).dtype


def test_every_method_is_decided():
    left = {n for n in dir(np.ndarray) if not n.startswith("__") and callable(getattr(np.ndarray, n))}
    assert left - set(METHODS) <= {"searchsorted", "argpartition", "to_device"}
    for name, spec in METHODS.items():
        assert lookup(spec.fn) is not None or spec.refused, name


def test_every_attribute_is_decided():
    names = {n for n in dir(np.ndarray) if not n.startswith("__") and not callable(getattr(np.ndarray, n))}
    assert names - set(ATTRIBUTES) - set(methods.REFUSED_ATTRIBUTES) <= {"device"}


@pytest.mark.parametrize("name", ["sort", "partition", "resize", "put", "view", "tobytes", "setflags"])
def test_refused(name):
    assert ": " in METHODS[name].refused


def test_astype_without_copy_is_refused():
    with pytest.raises(UnsupportedError, match="dtype"):
        call("astype", A2, (float,), {"copy": False})


def test_operands_are_packed():
    x, n = Value("x"), Value("n")
    items, _ = METHODS["reshape"].normalise((x, n, Literal(2)), {})
    assert isinstance(items[1], Pack)
    assert items[1].items[0] is n
    items, _ = METHODS["reshape"].normalise((x, n), {})
    assert items == (x, n)
    items, named = METHODS["clip"].normalise((x,), {"max": n})
    assert isinstance(items[1], Literal)
    assert items[1].value is None
    assert (items[2], named) == (n, {})
    items, _ = METHODS["compress"].normalise((x, n), {})
    assert items == (n, x)


def test_rules_of_what_exists_as_a_method_only():
    check(np.ndarray.flatten, A2)
    check(np.ndarray.flatten, A2, "F", second=False)
    check(methods.item, np.ones((1, 1)))
    check(methods.item, np.float64(0.3))
    check(methods.tolist, A2[0])
    check(methods.tolist, np.float64(0.3))
    check_narrow(np.ndarray.flatten, A2)
    assert row(methods.fill).writes == (0,)
    assert all(name in BY_NAME for name in METHOD_ONLY)


def test_attributes():
    z = A2 + 1j * A2[::-1]
    for name in ("T", "mT", "real", "imag"):
        d = ATTRIBUTES[name]
        assert d.name == "." + name
        check(d.fn, A2, second=False)
        check(d.fn, z, second=False)
    check(ATTRIBUTES["T"].fn, A3, second=False)
    check(ATTRIBUTES["T"].fn, A2[0], second=False)
    for name in ("shape", "size", "ndim", "dtype"):
        assert ATTRIBUTES[name].family == "zero"
        assert ATTRIBUTES[name].fn(A2) == operator.attrgetter(name)(A2)
