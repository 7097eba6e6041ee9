"""Rows of np.fft: every transform, with `n`, `s`, axes and each norm, of real and complex input."""

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.runtime import helpers
from tests.rules.harness import check

RNG = np.random.default_rng(8)
R5, R6 = RNG.normal(size=5), RNG.normal(size=6)
C5, C6 = R5 + 1j * RNG.normal(size=5), R6 + 1j * RNG.normal(size=6)
R34 = RNG.normal(size=(3, 4))
C34 = R34 + 1j * RNG.normal(size=(3, 4))
C35 = RNG.normal(size=(3, 5)) + 1j * RNG.normal(size=(3, 5))
R234 = RNG.normal(size=(2, 3, 4))
C234 = R234 + 1j * RNG.normal(size=(2, 3, 4))
NORMS = [{}, {"norm": "ortho"}, {"norm": "forward"}]

CALLS = [
    *((f, x, {**o, **k}) for f in (np.fft.fft, np.fft.ifft, np.fft.hfft) for x in (R5, C6, C34) for o in NORMS
      for k in ({}, {"n": 4}, {"n": 8}, {"axis": 0})),
    *((f, x, {**o, **k}) for f in (np.fft.rfft, np.fft.ihfft) for x in (R5, R6, R34) for o in NORMS
      for k in ({}, {"n": 4}, {"n": 7}, {"axis": 0})),
    *((np.fft.irfft, x, {**o, **k}) for x in (C5, C6, C34) for o in NORMS
      for k in ({}, {"n": 5}, {"n": 4}, {"n": 13}, {"axis": 0})),
    *((f, x, {**o, **k}) for f in (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn) for x in (R34, C234) for o in NORMS
      for k in ({}, {"s": (2, 5), "axes": (-2, -1)}, {"axes": (0, 1)}, {"s": (5, 2), "axes": (1, 0)})),
    *((f, R234, {**o, **k}) for f in (np.fft.rfft2, np.fft.rfftn) for o in NORMS
      for k in ({}, {"s": (2, 5), "axes": (1, 2)}, {"axes": (0, 1)}, {"s": (5, 2), "axes": (1, 0)})),
    *((f, x, {**o, **k}) for f in (np.fft.irfft2, np.fft.irfftn) for x in (C35, C234) for o in NORMS
      for k in ({}, {"s": (2, 5), "axes": (-2, -1)}, {"axes": (0, 1)})),
    *((f, x, k) for f in (np.fft.fftshift, np.fft.ifftshift) for x in (R5, R34, C34) for k in ({}, {"axes": 0}, {"axes": (0, 1)})
      if x.ndim > 1 or k != {"axes": (0, 1)}),
]  # fmt: skip


@pytest.mark.parametrize("case", CALLS, ids=lambda c: f"{c[0].__name__}-{c[1].shape}-{c[1].dtype.kind}-{c[2]}")
def test_transforms(case):
    fn, x, options = case
    check(fn, x, **options)


@pytest.mark.parametrize("fn", [np.fft.fftfreq, np.fft.rfftfreq])
def test_frequencies(fn):
    check(fn, 6, np.float64(0.7), wrt=(1,))
    check(fn, 5, np.float64(0.7), wrt=(1,))


@pytest.mark.parametrize("name", ["fft2", "ifft2", "fftn", "ifftn", "rfft2", "rfftn", "irfft2", "irfftn"])
@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
def test_axes_and_sizes_in_lists_that_may_change(name, norm):
    transform, axes, s = getattr(np.fft, name), [0, 2], [3, 6]
    x = C234 if name.startswith("ir") else R234

    def along(x):
        return transform(x, axes=axes, norm=norm)

    def fitted(x):
        return transform(x, s=s, axes=axes, norm=norm)

    for f in (along, fitted):
        ds.check_grads(f, (x,), order=1, directions=1)
    s[1], axes[0] = 3, 1
    ds.check_grads(fitted, (x,), order=1, directions=1)


def test_one_axis_that_may_change():
    axes = [0, 2]

    def f(x):
        return np.fft.fft(x, axis=axes[1])

    for k in (2, 0):
        axes[1] = k
        ds.check_grads(f, (R234,), order=1, directions=1)


def test_helpers_of_transforms():
    check(helpers.corner, R234, (2, 2, 6))
    for n in (4, 5):
        weights = helpers.half_weights(np.ones((3, n)), [0, -1])
        assert np.array_equal(weights, [[1.0, 2.0, 1.0 + n % 2]])
