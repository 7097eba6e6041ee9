"""np.pad in every mode, over widths, of what it is given."""

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, row, vjp

RNG = np.random.default_rng(30)
A1, A2, A3 = RNG.normal(size=4), RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 2))
MODES = [
    ("constant", {}), ("constant", {"constant_values": 3.0}), ("edge", {}), ("wrap", {}), ("reflect", {}), ("symmetric", {}),
    ("reflect", {"reflect_type": "odd"}), ("symmetric", {"reflect_type": "odd"}), ("reflect", {"reflect_type": "even"}),
    ("linear_ramp", {}), ("linear_ramp", {"end_values": 2.0}),
    *((mode, options) for mode in ("maximum", "minimum", "mean", "median")
      for options in ({}, {"stat_length": 2}, {"stat_length": (3, 9)})),
]  # fmt: skip
WIDTHS = [1, (1, 2), ((0, 2), (1, 0)), ((2, 2), (3, 1)), ((0, 0), (0, 0)), (2,), ((1, 2),)]


@pytest.mark.parametrize(("mode", "options"), MODES, ids=str)
def test_modes(mode, options):
    for width in WIDTHS:
        check(np.pad, A2, width, mode=mode, **options)
        if "reflect_type" not in options:
            check_narrow(np.pad, A2, width, mode=mode, **options)
    check(np.pad, A1, (3, 1), mode=mode, **options)
    check(np.pad, A3, ((1, 0), (0, 2), (1, 1)), mode, **options)
    if mode not in ("maximum", "minimum", "median"):
        check(np.pad, A2 + 1j * A2[::-1], 1, mode=mode, **options)


def test_lengths_per_end():
    check(np.pad, A2, 1, mode="mean", stat_length=((1, 2), (3, 1)))
    check(np.pad, A2, ((2, 1), (1, 2)), mode="maximum", stat_length=((1, 2),))


def test_an_empty_padding_counts_for_nothing():
    ct = RNG.normal(size=6)
    np.testing.assert_array_equal(vjp(row(np.pad), 0, ct, np.pad(A1, 1, "empty"), (A1, 1, "empty"), {}), ct[1:-1])


VALUES = [0.7, (0.7, -0.4), ((0.7, -0.4), (0.2, 1.1)), ((0.7, 0.3),), (0.5,), ((0.5,), (0.1,))]


@pytest.mark.parametrize("values", VALUES, ids=str)
@pytest.mark.parametrize(("mode", "name"), [("constant", "constant_values"), ("linear_ramp", "end_values")])
def test_values_that_are_given(values, mode, name):
    for width in (1, ((0, 2), (1, 0)), ((2, 3), (3, 1))):
        def padded(v, width=width):
            return np.pad(A2, width, mode=mode, **{name: v})

        out = padded(values)
        ct = RNG.normal(size=out.shape)
        rules = row(np.pad).rules[name]
        g = rules.vjp(ct, out, A2, width, mode, **{name: values})
        for k, (leaf, found) in enumerate(zip(leaves(values), leaves(g), strict=True)):
            want = padded(moved(values, k, leaf + 1.0)) - out  # affine
            np.testing.assert_allclose(found, np.sum(ct * want), atol=1e-12)
        np.testing.assert_allclose(rules.jvp(values, out, A2, width, mode), out - padded(zeros(values)))


def leaves(v):
    return [x for item in v for x in leaves(item)] if isinstance(v, tuple) else [v]


def moved(v, k, new):
    left = leaves(v)
    left[k] = new
    return rebuilt(v, iter(left))


def zeros(v):
    return rebuilt(v, iter([0.0] * 9))


def rebuilt(v, left):
    return tuple(rebuilt(item, left) for item in v) if isinstance(v, tuple) else next(left)


def frame(a, s, t):
    edge = np.pad(a, ((1, 2), (1, 0)), constant_values=((s, 1.0), (0.5, t)))
    ramp = np.pad(a[0], (2, 1), mode="linear_ramp", end_values=(s, t * s))
    return np.sum(np.sin(edge) * np.pad(np.pad(a, 1, "median", stat_length=2), ((1, 0), (0, 0)), "reflect")[:, 1:]) + ramp @ ramp


def test_programs():
    ds.check_grads(frame, (A2, 0.3, 0.8))
    ds.check_grads(lambda a, n: np.sum(np.pad(a, n, mode="mean", stat_length=n) ** 2), (A2, 2), order=1)
    for mode in ("linear_ramp", "maximum"):
        ds.check_grads(lambda a, n: np.sum(np.pad(a, (n, n + 1), mode=mode) ** 2), (A2, 2), order=1)  # noqa: B023
    with pytest.raises(UnsupportedError, match="stat_length"):
        vjp(row(np.pad), 0, A2, None, (A2, 1), {"mode": "edge", "stat_length": 1})
