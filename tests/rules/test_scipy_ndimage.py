"""Every row of `scipy.ndimage`: its rules and as a program,
  by a table of calls over all modes; whole programs; what is refused."""

import numpy as np
import pytest
from scipy import ndimage

import diffsrc as ds
from diffsrc.defs import packages, table
from diffsrc.runtime import images
from tests.rules.cases import Case, programs

packages.load_all()
from diffsrc.defs.scipy.ndimage import EXTENSIONS, REFUSED, ZERO  # noqa: E402  with the rows
from diffsrc.defs.scipy.tools import public  # noqa: E402

RNG = np.random.default_rng(7)
MODES = sorted(EXTENSIONS)


def draw(*shape):
    return RNG.normal(size=shape)


def case(name, *args, wrt=None, second=True, skip=(), **options):
    return Case("ndimage", name, args, options, wrt, second, skip)


X, M, T = draw(8), draw(5, 6), draw(3, 4, 2)
W3, W4, K, K2 = draw(3), draw(4), draw(3, 3), draw(2, 3)
ROTATION = np.array([[0.8, 0.5], [-0.5, 0.9]])


def inside(*shape, count=7):
    """Coordinates that aren't close to knots, which are whole numbers or halves."""
    return np.stack([RNG.integers(0, n - 1, count) + 0.5 * RNG.integers(0, 2, count) + RNG.uniform(0.1, 0.4, count)
      for n in shape])


def around(*shape, count=7):
    return inside(*shape, count=count) + np.stack([RNG.integers(-2 * n, 2 * n, count) for n in shape])


CASES = [
    *(case(name, X, w, mode=mode, wrt=(0, 1)) for name in ("correlate1d", "convolve1d") for mode in MODES for w in (W3, W4)),
    *(case(name, M, W4, axis, mode=mode, origin=origin, cval=1.5, wrt=(0, 1))
      for name, mode, axis, origin in (
        ("correlate1d", "reflect", 0, 1), ("convolve1d", "mirror", 0, -1), ("correlate1d", "constant", 1, -2),
          ("convolve1d", "wrap", 0, 1),
    )),
    *(case(name, M, k, mode=mode) for name in ("correlate", "convolve") for mode in MODES for k in (K, K2)),
    case("convolve", M, K2, mode="nearest", origin=(0, 1)),
    case("convolve", T, draw(2, 3, 1)), case("correlate", M + 1j * draw(5, 6), K + 1j * draw(3, 3)), case("correlate", X[:1], W3),
    case("convolve", M + 0j, K + 1j * draw(3, 3), mode="nearest"), case("correlate", X[:2], draw(7), mode="mirror"),
    *(case("gaussian_filter", M, 0.8, mode=mode, wrt=(0,)) for mode in MODES),
    *(case("gaussian_filter", M, (0.8, 1.1), order=(1, 0), mode=mode, wrt=(0,)) for mode in ("reflect", "wrap", "mirror")),
    case("gaussian_filter", M, 1.2, truncate=2.0, mode="nearest", wrt=(0,)), case("gaussian_filter", M, 0.7, radius=1, wrt=(0,)),
    case("gaussian_filter", T, 0.7, axes=(0, 1), wrt=(0,)),
    case("gaussian_filter", M, [0.5, 1.0], mode=("reflect", "nearest"), wrt=(0,)),
    *(case("gaussian_filter1d", M, 0.9, axis, order, mode=mode, wrt=(0,))
      for axis, order, mode in ((-1, 0, "reflect"), (0, 1, "reflect"), (1, 2, "nearest"), (0, 3, "constant"))),
    *(case("uniform_filter", M, size, mode=mode, wrt=(0,)) for size in (3, 2, (2, 3))
      for mode in ("reflect", "wrap", "constant", "mirror")),
    case("uniform_filter1d", M, 4, 0, origin=1, mode="nearest", wrt=(0,)), case("uniform_filter1d", X, 3, wrt=(0,)),
    *(case(name, M, mode=mode) for name in ("sobel", "prewitt", "laplace") for mode in MODES), case("sobel", M, 0),
    case("laplace", T),
    case("laplace", X, mode="nearest"), case("gaussian_laplace", M, 0.8, wrt=(0,)),
    case("gaussian_laplace", M, 0.8, mode="mirror", truncate=3.0, wrt=(0,)),
    *(case(name, M, order, mode=mode) for name in ("spline_filter", ) for order in (2, 3, 5)
      for mode in ("mirror", "reflect", "grid-wrap")), case("spline_filter1d", M, 3, 0),
      case("spline_filter1d", X, 4, mode="wrap"),
    *(case("map_coordinates", M, around(5, 6), order=order, mode=mode, wrt=(0,)) for order in range(6) for mode in MODES),
    *(case("map_coordinates", M, inside(5, 6), order=order, mode=mode, second=order > 2)
      for order in range(1, 6) for mode in ("constant", "nearest", "mirror", "grid-constant")),
    *(case("map_coordinates", M, around(5, 6), order=3, mode=mode, wrt=(1,))
      for mode in ("reflect", "mirror", "wrap", "grid-wrap", "nearest", "grid-constant")),
    case("map_coordinates", M, around(5, 6), order=3, mode="grid-constant", cval=0.7, wrt=(0, 1)),
    case("map_coordinates", X, inside(8), order=3, prefilter=False),
    case("map_coordinates", M, inside(5, 6), order=0, second=False),
    case("map_coordinates", T, inside(3, 4, 2).reshape(3, 7, 1), order=3),
    case("map_coordinates", M + 1j * draw(5, 6), inside(5, 6), order=3),
    *(case("affine_transform", M, ROTATION, order=order, mode=mode, wrt=(0,))
      for order, mode in ((3, "constant"), (1, "nearest"), (2, "wrap"))),
    case("affine_transform", M, ROTATION, np.array([0.3, 0.2]), order=5, mode="mirror"),
    case("affine_transform", M, np.array([0.8, 0.7]), np.array([0.3, 0.2]), output_shape=(4, 3), order=5),
    case("affine_transform", M, np.array([[0.8, 0.1, 0.3], [0.1, 0.7, 0.2]]), order=3, wrt=(0,)),
    case("affine_transform", M, ROTATION, 0.25, order=5, mode="nearest"),
    *(case("shift", M, by, order=order, mode=mode) for by, order, mode in (
        (np.array([0.4, -1.3]), 3, "constant"), (0.6, 3, "nearest"), (np.array([0.3, 0.6]), 4, "reflect"), (0.3, 5, "grid-wrap"),
    )),
    case("shift", M, (0.4, -1.3), order=1, wrt=(0,)), case("shift", M, 1, order=0, wrt=(0,)),
    *(case("zoom", M, factor, order=order, mode=mode, grid_mode=grid, wrt=(0,)) for factor, order, mode, grid in (
        (2, 3, "constant", False), (0.6, 1, "nearest", False), ((1.5, 0.5), 3, "reflect", True), (1, 3, "constant", False),
    )),
    *(case("rotate", M, angle, order=order, reshape=reshape, mode=mode, wrt=(0,)) for angle, order, reshape, mode in (
        (30, 3, True, "constant"), (90, 3, True, "constant"), (-20.5, 1, False, "nearest"), (45, 2, False, "mirror"),
    )),
    case("rotate", T, 25, axes=(0, 1), order=3, wrt=(0,)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rules(case):
    case.check_rules()


@pytest.mark.parametrize("shape", [(7,), (30,), (4, 6), (1, 5), (2, 3)], ids=str)
@pytest.mark.parametrize("mode", MODES)
def test_interpolation_is_that_of_scipy(shape, mode):
    """The helper that the derivatives are made of gives the same values, far outside too, and its transpose is right."""
    x, at = draw(*shape), np.stack([RNG.uniform(-2.3 * n, 3.2 * n, 40) for n in shape])
    at[:, :10] = np.stack([RNG.uniform(0, n - 1, 10) for n in shape])
    at[:, 10:12] = np.array([[0.0, n - 1.0] for n in shape])
    for order in range(6):
        pad = 12 if order > 1 and mode in ("nearest", "grid-constant") else 0
        wide = np.pad(x, pad, "edge" if mode == "nearest" else "constant")
        c = ndimage.spline_filter(wide, order, mode=mode) if order > 1 else x
        want = ndimage.map_coordinates(x, at, order=order, mode=mode)
        np.testing.assert_allclose(images.spline_values(c, at, order, mode, (0,) * len(shape), pad), want, atol=1e-11)


MORE = '''
def deblurred(x, y):
    """An image whose blurred version should be y, with small differences."""
    r = ndimage.gaussian_filter(x, 1.5) - y
    return np.sum(r**2) + 0.1 * np.sum(np.sqrt(ndimage.sobel(x, 0) ** 2 + ndimage.sobel(x, 1) ** 2 + 1.0))


def registered(shift, image, target):
    moved = ndimage.shift(image, shift, mode="nearest")
    return np.sum((moved - target) ** 2)


def warped(flow, image):
    grid = np.stack(np.meshgrid(np.arange(5.0), np.arange(6.0), indexing="ij"))
    return np.sum(ndimage.map_coordinates(image, grid + flow, order=3, mode="reflect") ** 2)


def blurred(sigma, x):
    return np.sum(ndimage.gaussian_filter(x, sigma) ** 2)


def by_sigma(x, sigma):
    return np.sum(ndimage.gaussian_filter(x, sigma) ** 2)


def rotated(angle, x):
    return np.sum(ndimage.rotate(x, angle))


def middle(x):
    return np.sum(ndimage.median_filter(x, 3))


def into(x):
    out = np.zeros(8)
    ndimage.gaussian_filter(x, 1.0, output=out)
    return np.sum(out**2)


def narrow(x):
    return np.sum(ndimage.gaussian_filter(x, 1.0, output=np.float32))


def learned(w, x):
    return np.sum(np.tanh(ndimage.convolve(ndimage.convolve(x, w, mode="constant"), w)))
'''


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return programs(CASES, tmp_path_factory.mktemp("ndimage"), MORE)


@pytest.mark.parametrize("k", range(len(CASES)), ids=lambda k: str(CASES[k]))
def test_calls_as_programs(module, k):
    CASES[k].check_program(getattr(module, f"case_{k}"))


PROGRAMS = {
    "deblurred": (M, draw(5, 6)), "registered": (np.array([0.3, -0.6]), M, draw(5, 6)), "warped": (0.3 * draw(2, 5, 6), M),
    "learned": (0.3 * K, M),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_programs(module, name):
    ds.check_grads(getattr(module, name), PROGRAMS[name], order=2, rtol=1e-5, atol=1e-5)


def test_a_symmetric_filter_is_its_own_transpose(module):
    text = str(ds.code_source(module.deblurred, *PROGRAMS["deblurred"]))
    assert "np.pad" not in text.partition("ndimage.sobel")[0]
    assert ".gaussian_filter(" in text.partition("# reverse")[2]


def test_widths_that_are_arguments(module):
    """A width that isn't differentiated may be known only when the program runs, where nothing is folded."""
    np.testing.assert_allclose(ds.grad(module.by_sigma)(M, 0.8), ds.grad(module.blurred, 1)(0.8, M))


def test_refusals(module):
    for f, args, words in (
        (module.blurred, (0.8, M), "gaussian_filter.*the width"), (module.rotated, (30.0, M), "ndimage.rotate.*the angle"),
        (module.middle, (X,), "median_filter.*rank"), (module.into, (X,), "output= overwrites"),
    ):  # fmt: skip
        for mode in (lambda f, a: ds.grad(f)(*a), lambda f, a: ds.jvp(f, a, tuple(np.ones_like(x) for x in a))):
            with pytest.raises(ds.UnsupportedError, match=rf"(?s){words}.*programs.py:\d+:"):
                mode(f, args)


def test_output_type(module):
    np.testing.assert_allclose(ds.grad(module.narrow)(X), np.ones(8), rtol=1e-5)


def test_nothing_is_undecided():
    """Each public callable has a row: active, constant or refused with a reason."""
    for name in public(ndimage):
        d = table.lookup(getattr(ndimage, name))
        assert d is not None, name
        assert d.family == "zero" or d.rules or d.refusals.get(-1), name
    assert {n for names in REFUSED for n in names} | set(ZERO) <= set(public(ndimage))
