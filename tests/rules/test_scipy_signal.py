"""Every row of `scipy.signal`: its rules and as a program, by a table of calls; whole programs; what is refused."""

import numpy as np
import pytest
from scipy import signal

import diffsrc as ds
from diffsrc.defs import packages, table
from tests.rules.cases import Case, programs

packages.load_all()
from diffsrc.defs.scipy.signal import REFUSED, SETTINGS, ZERO  # noqa: E402  with the rows
from diffsrc.defs.scipy.tools import public  # noqa: E402

RNG = np.random.default_rng(5)


def draw(*shape):
    return RNG.normal(size=shape)


def case(name, *args, wrt=None, second=True, skip=(), **options):
    return Case("signal", name, args, options, wrt, second, skip)


V7, V4, V5 = draw(7), draw(4), draw(5)
M, K3, K2 = draw(5, 6), draw(3, 3), draw(2, 3)
B, A = np.array([0.4, 0.3, -0.2]), np.array([1.3, -0.5, 0.2, 0.1])
X, ZI = draw(12), draw(3)
SOS = signal.butter(3, 0.3, output="sos")
CHEBY = signal.cheby1(3, 1.0, 0.3)
MODES = ("full", "same", "valid")
CASES = [
    *(case(name, a, v, mode) for name in ("convolve", "correlate") for mode in MODES for a, v in ((V7, V4), (V4, V5), (V7, V5))),
    *(case(name, a, v, mode=mode) for name in ("fftconvolve", "oaconvolve") for mode in MODES for a, v in ((V7, V4), (M, K2))),
    *(case("convolve", V7, V4, method=method) for method in ("direct", "fft")), case("correlate", V7, V4, "same", "fft"),
    *(case(name, M, K2, mode) for name in ("convolve", "correlate") for mode in MODES),
    case("convolve", M, K3 + 1j * draw(3, 3), "same"), case("correlate", V7 + 1j * draw(7), V4 + 1j * draw(4), "same"),
    case("correlate", V7, V4 + 1j * draw(4)), case("fftconvolve", M, draw(1, 4), axes=1), case("convolve", V7[:1], V4[:1]),
    *(case(name, M, k, mode, boundary) for name in ("convolve2d", "correlate2d") for mode in MODES
      for boundary in ("fill", "wrap", "symm") for k in (K3, K2)),
    case("convolve2d", M, K2, "same", "fill", 1.5, wrt=(0, 1)), case("convolve2d", K2, M, "valid"),
    case("correlate2d", K2, M, "same"),
    case("convolve2d", M + 1j, K2 - 0.5j, "same", "symm"), case("correlate2d", M + 1j, K2 - 0.5j, "full", "wrap"),
    *(case(name, a, v, mode) for name in ("convolve", "correlate", "fftconvolve", "oaconvolve", "convolve2d", "correlate2d")
      for mode in MODES for a, v in ((M[:, :4], M[:4, :1]), (M[:4, :1], M[:, :4]))),
    *(case(name, M[:, :4], K3 @ M[:3], mode) for name in ("convolve", "correlate", "fftconvolve") for mode in ("full", "same")),
    *(case("fftconvolve", a, v, "same", axes=0) for a, v in ((M[:, :1], M[:3]), (M, M[:3, :1]), (M, M[:3]))),
    case("lfilter", B, A, X), case("lfilter", B, 1.0, X, wrt=(0, 2)), case("lfilter", A, B, draw(3, 8)),
    case("lfilter", B, A, draw(8, 3), axis=0), case("lfilter", B, A[:3], draw(2, 8, 2), axis=1), case("lfilter", B[:1], A[:1], X),
    case("lfilter", B + 0.1j, A - 0.2j, X + 1j * draw(12)), case("lfilter", B, A, X, -1, ZI, wrt=(0, 2, 4)),
    case("lfilter", B, A, X[:2], -1, ZI, wrt=(0, 2, 4)), case("lfilter", B, A, X, -1, ZI, skip=(1,)),
    case("lfilter", B, A, draw(6, 2), 0, draw(3, 2), wrt=(0, 2, 4)),
    case("lfilter", B, A, draw(2, 9), -1, draw(1, 3), wrt=(2, 4)),
    case("filtfilt", *CHEBY, draw(20), wrt=(2,)), case("filtfilt", *CHEBY, draw(2, 20), padtype="even", wrt=(2,)),
    case("filtfilt", *CHEBY, draw(20, 2), 0, padtype="constant", padlen=5, wrt=(2,)),
    case("filtfilt", *CHEBY, draw(20), padtype=None, wrt=(2,)),
    case("sosfilt", SOS, X, wrt=(1,)), case("sosfilt", SOS, draw(8, 3), 0, wrt=(1,)),
    case("sosfiltfilt", SOS, draw(20), wrt=(1,)), case("sosfiltfilt", SOS, draw(20, 2), 0, "even", wrt=(1,)),
    case("detrend", X), case("detrend", M, 0, "constant"), case("detrend", X, bp=5), case("detrend", M, axis=1),
    *(case("savgol_filter", x, w, 2, axis=axis, mode=mode) for x, w, axis in ((X, 5, -1), (draw(9, 2), 7, 0))
      for mode in ("interp", "mirror", "nearest", "constant", "wrap")),
    case("savgol_filter", X, 5, 3, deriv=1, delta=0.5, wrt=(0,)),
    case("hilbert", X), case("hilbert", X, 8), case("hilbert", X[:7], 10), case("hilbert", M, axis=0), case("hilbert", X[:11]),
    *(case("resample", x, n) for x in (X, X[:11]) for n in (5, 6, 12, 15, 16)), case("resample", M, 8, axis=1),
    case("resample", M, 4),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rules(case):
    case.check_rules()


MORE = '''
def fitted(b, a, x, y):
    """The misfit of a recursive filter."""
    return np.sum((signal.lfilter(b, a, x) - y) ** 2)


def autoregressive(rho, x):
    return np.sum(signal.lfilter([1.0], [1.0, -rho], x) ** 2)


def started(x):
    b, a = signal.butter(3, 0.2)
    zi = signal.lfilter_zi(b, a)
    y, _ = signal.lfilter(b, a, x, zi=zi * x[0])
    return np.sum(y**3)


def deblurred(x, kernel, y):
    return np.sum((signal.fftconvolve(x, kernel, mode="same") - y) ** 2) + 0.1 * np.sum(np.diff(x, axis=0) ** 2)


def smoothed(x):
    w = signal.windows.hann(5)
    return np.sum(signal.convolve(x, w / np.sum(w), mode="valid") ** 2)


def clean(x):
    b, a = signal.butter(2, 0.3)
    return np.sum(signal.filtfilt(b, a, signal.detrend(x)) ** 2)


def sections(x):
    sos = signal.butter(3, 0.3, output="sos")
    y, _ = signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos))
    return np.sum(y**2)


def envelope(x):
    return np.sum(np.abs(signal.hilbert(x)))


def designed(wn, x):
    b, a = signal.butter(2, wn)
    return np.sum(signal.lfilter(b, a, x))


def window(beta, x):
    return np.sum(signal.windows.kaiser(5, beta) * x)


def zero_phase(b, x):
    return np.sum(signal.filtfilt(b, [1.0, 0.2], x))


def peaks(x):
    return np.sum(x * signal.peak_widths(x, [1])[0])


def any_mode(x, y, mode):
    return np.sum(signal.convolve(x, y, mode) ** 2)


def in_place(x):
    return np.sum(signal.detrend(x, overwrite_data=True) ** 2)
'''


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return programs(CASES, tmp_path_factory.mktemp("signal"), MORE)


@pytest.mark.parametrize("k", range(len(CASES)), ids=lambda k: str(CASES[k]))
def test_calls_as_programs(module, k):
    CASES[k].check_program(getattr(module, f"case_{k}"))


PROGRAMS = {
    "fitted": (B, A, X, draw(12)), "autoregressive": (0.6, X), "started": (X,), "deblurred": (M, K3, draw(5, 6)),
      "smoothed": (X,),
    "clean": (draw(20),), "sections": (X,), "envelope": (X,), "any_mode": (X, V5, "same"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_programs(module, name):
    args = PROGRAMS[name]
    if isinstance(args[-1], str):
        assert np.all(np.isfinite(ds.grad(getattr(module, name))(*args)))
        return
    ds.check_grads(getattr(module, name), args, order=2, rtol=1e-5, atol=1e-5)


def test_refusals(module):
    for f, args, words in (
        (module.designed, (0.3, X), "signal.butter.*designs a filter"), (module.window, (4.0, V5), "windows.kaiser.*parameters"),
        (module.zero_phase, (B, draw(20)), "signal.filtfilt.*the coefficients"),
          (module.peaks, (X,), "peak_widths.*counts and picks"),
        (module.in_place, (X,), "overwrite_data= overwrites"),
    ):  # fmt: skip
        for mode in (lambda f, a: ds.grad(f)(*a), lambda f, a: ds.jvp(f, a, tuple(np.ones_like(x) for x in a))):
            with pytest.raises(ds.UnsupportedError, match=rf"(?s){words}.*programs.py:\d+:"):
                mode(f, args)


def test_nothing_is_undecided():
    """Each public callable has a row: active, constant or refused with a reason."""
    there = set(public(signal)) - set(SETTINGS)
    for module in (signal, signal.windows):
        for name in set(public(module)) - set(SETTINGS):
            d = table.lookup(getattr(module, name))
            assert d is not None, name
            assert d.family == "zero" or d.rules or d.refusals.get(-1), name
    assert {n for names in REFUSED for n in names} | set(ZERO) <= there
