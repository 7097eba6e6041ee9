"""Rows that pick elements: take, sort, select, interpolation, differences, and the transposes of gathers."""

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.defs.numpy_tools import (
    add_at,
)
from diffsrc.errors import DiffTypeError, UnsupportedError
from diffsrc.ir.types import INT, Array, Lit
from diffsrc.runtime import helpers
from tests.rules.harness import check, check_narrow, jvp, row, vjp
from tests.rules.several import check_several

RNG = np.random.default_rng(17)
A1, A2, A3 = RNG.normal(size=4), RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 4))

TAKES = [
    (A1, 2), (A1, -1), (A1, [0, 2, 2]), (A1, np.array([[0, 1], [3, 3]])), (A1, []), (A2, 5),
    (A2, [0, 11, 11]), (A2, [0, 0, 2], 0), (A2, 1, 1), (A2, np.array([[0, 1], [3, 3]]), -1),
    (A3, [2, 2, 0], 1), (A3, -1, -2), (A3, np.array([[0, 1]]), 0),
]  # fmt: skip


@pytest.mark.parametrize("case", TAKES, ids=lambda c: f"{c[0].shape}-{c[1:]}".replace("\n", ""))
def test_take(case):
    a, indices, *axis = case
    indices = np.array(indices, int) if isinstance(indices, list) and not indices else indices
    check(np.take, a, indices, *axis)
    check_narrow(np.take, a, indices, *axis)


@pytest.mark.parametrize("mode", ["wrap", "clip", "raise"])
def test_take_modes(mode):
    far = 0 if mode == "raise" else 7
    for indices in (np.array([0, far, -1, 1]), [far, 0], far, np.array([[1, far], [-2, 0]])):
        check(np.take, A1, indices, mode=mode)
        check(np.take, A2, indices, mode=mode)
        check(np.take, A2, indices, axis=1, mode=mode)


def test_choose():
    a = np.array([0, 1, 2, 1])
    check(np.choose, a, (A1, A1 * 2, 0.5), wrt=(1,))
    check(np.choose, a, [A1, A2[:, :1], A2], wrt=(1,))
    check(np.choose, a, np.stack([A1, A1 + 1, A1 * 3]), wrt=(1,))
    check(np.choose, np.array([[0, 1, 2, 1], [2, 2, 0, 0]]), np.stack([A1, A1 + 1, A1 * 3]), wrt=(1,))
    check(np.choose, 1, (A1, A2), wrt=(1,))
    for mode in ("wrap", "clip"):
        check(np.choose, np.array([0, 7, -1, 1]), (A1, A1 * 2, 0.5), mode=mode, wrt=(1,))
        check(np.choose, np.array([0, 7, -1, 1]), np.stack([A1, A1 + 1, A1 * 3]), mode=mode, wrt=(1,))


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_take_along_axis(axis):
    order = np.argsort(A2, axis=axis)
    check(np.take_along_axis, A2, order, axis)
    check_narrow(np.take_along_axis, A2, order, axis)
    check(np.take_along_axis, A1, np.array([0, 3, 3, 1, 1]), 0)
    if axis is not None:
        check(np.take_along_axis, A2, np.argmin(A2, axis=axis, keepdims=True), axis)
        check(np.take_along_axis, A2, np.zeros((1, 1), int), axis)
        check(np.take_along_axis, A3[:, :1], np.array([[[0]], [[1]]]), 2)


def test_masks():
    check(np.compress, np.array([True, False, True, True]), A1)
    check(np.compress, np.array([True, False, True]), A2, 0)
    check(np.compress, np.array([True, False, True]), A2, axis=1)
    check(np.compress, np.array([False, True]), A2)
    check(np.extract, A2 > 0, A2)
    check(np.extract, A1 > 9, A1)


def test_transposes_of_gathers():
    check(helpers.add_at, RNG.normal(size=(2, 4)), np.array([1, 1]), (3, 4))
    check(helpers.add_at, RNG.normal(size=(3, 2)), np.array([1, 1]), (3, 4), axis=1)
    check(helpers.add_at, np.float64(0.3), 2, (4,))
    check(helpers.add_along_axis, RNG.normal(size=(3, 2)), np.zeros((3, 2), int), (3, 4))
    check(helpers.add_repeats, RNG.normal(size=4), np.array([1, 0, 3]), (3,))
    check(helpers.add_repeats, RNG.normal(size=(2, 4)), np.array([1, 0, 3]), (2, 3), axis=1)
    check(helpers.put_diagonal, RNG.normal(size=3), (3, 4))
    check(helpers.put_diagonal, RNG.normal(size=(4, 2)), (2, 3, 4), offset=1)
    check(helpers.put_diagonal, RNG.normal(size=(3, 2)), (2, 3, 4), axis1=2, axis2=0)
    check(helpers.cofactors, RNG.normal(size=(3, 3)))
    check(helpers.cofactors, RNG.normal(size=(2, 2, 2)))
    check_several(helpers.unstack, A2)
    check_several(helpers.unstack, A2, axis=1)
    check_several(helpers.split_like, A1, [np.ones(1), np.ones(3)], wrt=(0,))
    check_narrow(helpers.add_at, RNG.normal(size=2), np.array([1, 1]), (3,))
    assert add_at(1.0, 0, (2,)).tolist() == [1.0, 0.0]


SORTS = [(A1,), (A2,), (A2, 0), (A2, None), (A3, 1), (A1, -1), (A1, None), (np.empty((0, 2)), 0), (A1[:1],)]


@pytest.mark.parametrize("case", SORTS, ids=lambda c: f"{c[0].shape}-{c[1:]}")
def test_sort(case):
    check(np.sort, *case)
    check_narrow(np.sort, *case)


PARTITIONS = [(A1, 1), (A1, (0, 2)), (A2, 1), (A2, 1, 0), (A2, 3, None), (A3, 1), (A3, 0, 1), (A3, 2, -1)]


@pytest.mark.parametrize("case", PARTITIONS, ids=lambda c: f"{c[0].shape}-{c[1:]}")
def test_partition(case):
    check(np.partition, *case)
    check_narrow(np.partition, *case)


def test_select():
    conditions = [A1 > 0.5, A1 > -0.5, A1 > 0.6]
    for choices in ([A1, 2 * A1, 3 * A1], (A1, 0.3, 0.4), [A2, A1, A1]):
        check(np.select, conditions, choices, second=False)
        check(np.select, conditions, choices, 0.7, wrt=(1, 2), second=False)
        check(np.select, conditions, choices, A1, wrt=(2,), second=False)


X, XP = np.array([-1.0, 0.1, 0.45, 1.2, 2.7, 9.0, 0.3]), np.array([0.0, 0.4, 1.0, 3.0])


@pytest.mark.parametrize("options", [{}, {"left": 5.0}, {"right": -1.0}, {"left": 0.0, "right": 0.5}], ids=str)
def test_interp(options):
    check(np.interp, X, XP, A1, **options)
    check(np.interp, X.reshape(7, 1), XP, A1, **options)
    check(np.interp, 0.7, XP, A1, **options)
    check(np.interp, X, XP, A1, *options.values()) if list(options) != ["right"] else None


def test_interp_at_a_knot_and_complex():
    slope = jvp(row(np.interp), 0, 1.0, A1[1], (0.4, XP, A1), {})
    np.testing.assert_allclose(slope, (A1[2] - A1[1]) / 0.6)
    check(np.interp, X, XP, A1 + 1j * A1[::-1])
    with pytest.raises(UnsupportedError, match="period"):
        vjp(row(np.interp), 0, 1.0, 0.0, (0.4, XP, A1), {"period": XP})


def test_interp_of_periodic_knots():
    knots = np.array([0.4, -0.6, 5.1, 1.4])  # not sorted; one beyond the period
    for period in (3.0, 2.5, -3.0):
        check(np.interp, np.array([-4.0, 0.2, 1.5, 5.0, 7.7]), knots, A1, period=period)
        check(np.interp, 1.5, knots, A1, 1.0, 2.0, period, wrt=(0, 1, 2))


@pytest.mark.parametrize("options", [{}, {"n": 2}, {"n": 3}, {"axis": 0}, {"n": 2, "axis": 0}, {"axis": -2}], ids=str)
def test_diff(options):
    check(np.diff, A2, **options)
    check_narrow(np.diff, A2, **options)
    check(np.diff, A3, **options)
    if "axis" not in options:
        check(np.diff, A1, **options)
        check(np.diff, A1[: options.get("n", 1)], **options)


def test_diff_refusals():
    with pytest.raises(UnsupportedError, match="isn't constant"):
        row(np.diff).rules[0].vjp(A1, None, A1, 1.5)
    with pytest.raises(DiffTypeError, match="n=0"):
        row(np.diff).infer((Array("f64", ("n",)), Lit(0, INT)), {})


ENDS = [
    {"prepend": 0.3}, {"append": 0.3}, {"prepend": A2[:, :1], "append": A2}, {"prepend": 0.0, "append": 1.0, "n": 2},
    {"prepend": A2[:2], "axis": 0}, {"append": 0.5, "axis": 0, "n": 3}, {"prepend": A2[:1], "append": A2[:2], "axis": -2},
]  # fmt: skip


@pytest.mark.parametrize("options", ENDS, ids=lambda o: "-".join(o))
def test_diff_with_ends(options):
    check(np.diff, A2, **options)
    if all(np.ndim(options.get(k, A2)) for k in ("prepend", "append")):
        check_narrow(np.diff, A2, **{k: np.float32(v) if k[-3:] == "end" else v for k, v in options.items()})
    out = np.diff(A2, **options)
    ct = RNG.normal(size=out.shape)
    for name in set(options) & {"prepend", "append"}:
        end, rules = options[name], row(np.diff).rules[name]
        dot = np.ones_like(end) * 0.7
        change = np.diff(A2, **{**options, name: end + dot}) - out  # linear
        np.testing.assert_allclose(rules.jvp(dot, out, A2, **options), change, atol=1e-12)
        np.testing.assert_allclose(np.sum(rules.vjp(ct, out, A2, **options) * dot), np.sum(ct * change), atol=1e-12)


def ends(x, s):
    a = np.diff(x, prepend=[s, 0.0], append=x[0]) @ np.diff(x, prepend=0.0, append=[1.0, s])
    b = np.ediff1d(x, to_begin=s, to_end=[x[1], 2.0]) @ np.ediff1d(x, [s], x[:2])
    return a * b + np.sum(np.bincount(np.array([0, 2, 2, 1]), weights=x, minlength=5) ** 2)


def beyond(x, s):
    y = np.interp(x, XP, A1, left=s, right=s * s) * np.interp(x, XP + s, A1 * s, period=2.1)
    return np.sum(y) + np.sum(np.choose(np.array([0, 1, 1, 0]), (x, s)) * np.take(x, [5, -3], mode="wrap")[0])


def test_programs():
    ds.check_grads(ends, (A1, 0.4))
    ds.check_grads(beyond, (A1 * 3, 0.4))


def test_ediff1d():
    check(np.ediff1d, A1, 0.5, A1, wrt=(0,))
    check(np.ediff1d, A1, A2, 0.3)
    check(np.ediff1d, A2, A1)
    check(np.ediff1d, A1[:1], A1)
    check(np.ediff1d, A1)
    check(np.ediff1d, A2)


@pytest.mark.parametrize("a", [A1, A1[:2], A1[:3], A2, A3], ids=lambda a: str(a.shape))
def test_gradient(a):
    for axis in (0, -1) if a.ndim > 1 else (None, 0):
        options = {} if axis is None else {"axis": axis}
        check(np.gradient, a, **options)
        check(np.gradient, a, 0.3, **options)
        check_narrow(np.gradient, a, **options)


@pytest.mark.parametrize(
    "args",
    [(A2,), (A3,), (A2, 0.3), (A3, 0.7), (A2, 0.3, 0.5), (A3, 0.2, 0.3, 0.4)],
    ids=lambda a: f"{a[0].shape}-{a[1:]}",
)
def test_gradient_of_several_axes(args):
    check_several(np.gradient, *args)


COORDINATES = np.array([0.0, 0.7, 1.0, 2.1])


@pytest.mark.parametrize("order", [1, 2])
def test_gradient_by_coordinates(order):
    check(np.gradient, A1, COORDINATES, edge_order=order, wrt=(0,))
    check(np.gradient, A1, 0.5, edge_order=order, wrt=(0,))
    check(np.gradient, A2, COORDINATES, axis=1, edge_order=order, wrt=(0,))
    check(np.gradient, A2, COORDINATES[:3], axis=0, edge_order=order, wrt=(0,))
    check_several(np.gradient, A2, np.array([0, 1, 3]), 2, edge_order=order)
    for rule in (jvp, vjp):
        with pytest.raises(UnsupportedError, match="active coordinates"):
            rule(row(np.gradient), 1, COORDINATES, A1, (A1, COORDINATES), {})


def test_bincount():
    bins = np.array([0, 2, 2, 1])
    check(np.bincount, bins, A1)
    check(np.bincount, bins, A1, 6)


@pytest.mark.parametrize(
    "fn", [np.argsort, np.argmax, np.argmin, np.nonzero, np.searchsorted, np.shares_memory, np.allclose]
)
def test_positions_carry_no_derivative(fn):
    assert row(fn).family == "zero"


def test_random_numbers_are_effects():
    assert row(np.random.normal).effect == "random"
