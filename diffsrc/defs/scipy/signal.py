"""Rows of `scipy.signal`: linear maps of a signal, and which functions are constant or refused; the others are imported."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import ndimage as scipy_ndimage
from scipy import signal as scipy_signal

from ..numpy_fft import _fitted, _irfft_vjp, _rfft_vjp
from ..numpy_tools import along, arange, can_not, norm_axis
from ..special import complex_valued
from ..table import ArgRule
from .signal_convolve import rows, signal, windows
from .signal_filters import at_axis, one_axis
from .tools import Options, literal, pad, passed, rules_of, settings

# -- linear maps of a signal


def _again(name: str) -> None:
    """A symmetric map: its own transpose."""
    fn = getattr(signal, name)
    rows(name, {0: ArgRule(lambda dot, out, x, *more, **o: fn(dot, *more, **o), lambda ct, out, x, *more, **o: fn(ct, *more,
      **o))})


_again("detrend")  # what is left of a projection on polynomials


def _hilbert_vjp(ct: Any, out: Any, x: Any, N: Any = None, axis: Any = -1) -> Any:
    """The imaginary part is an antisymmetric map of the signal."""
    g = np.real(ct) + np.imag(signal.hilbert(np.imag(ct), **({} if axis == -1 else {"axis": axis})))
    return g if N is None else _fitted(g, x.shape[axis], axis)


rows("hilbert", {0: ArgRule(lambda dot, out, x, N=None, axis=-1: signal.hilbert(dot, N, axis), _hilbert_vjp)})


def _savgol_options(more: tuple[Any, ...], options: Options) -> SimpleNamespace:
    o = settings("scipy.signal.savgol_filter", scipy_signal.savgol_filter, 1, more, options)
    if not isinstance(o.window_length, int) or o.window_length % 2 == 0:
        raise can_not("scipy.signal.savgol_filter", "a window length that isn't an odd constant")
    literal("scipy.signal.savgol_filter", "mode", o.mode)
    return o


def _savgol_jvp(dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    o = _savgol_options(more, options)
    given = passed(o, deriv=0, delta=1.0, axis=-1, mode="interp")
    return signal.savgol_filter(dot, o.window_length, o.polyorder, **given)


def _savgol_vjp(ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    """Inside a correlation; the ends of mode="interp" are linear maps of the first and the last window."""
    from .ndimage import ndimage

    o = _savgol_options(more, options)
    axis, width, half = norm_axis(o.axis, x.ndim), o.window_length, o.window_length // 2
    given = passed(o, deriv=0, delta=1.0)
    weights = signal.savgol_coeffs(width, o.polyorder, **given)
    if o.mode != "interp":
        return rules_of(scipy_ndimage.convolve1d).vjp(ct, out, x, weights, axis, mode=o.mode)
    head, tail = along(axis, x.ndim, slice(None, half)), along(axis, x.ndim, slice(-half, None))
    inner = along(axis, x.ndim, slice(half, -half))
    pairs = one_axis(x, axis, half)
    g = ndimage.correlate1d(pad(ct[inner], pairs), weights, **at_axis(o.axis), mode="constant")
    ends = signal.savgol_filter(np.eye(width), width, o.polyorder, **given, axis=0)
    before = _over_axis(ends[:half].T, ct[head], axis)
    behind = _over_axis(ends[-half:].T, ct[tail], axis)
    far = x.shape[axis] - width
    return g + _placed(before, x, axis, 0, far) + _placed(behind, x, axis, far, 0)


def _over_axis(m: Any, g: Any, axis: int) -> Any:
    """A matrix times the vectors along an axis."""
    if g.ndim == 1:
        return m @ g
    return np.moveaxis(np.moveaxis(g, axis, -1) @ m.T, -1, axis)


def _placed(g: Any, x: Any, axis: int, before: Any, behind: Any) -> Any:
    pairs: list[Any] = [(0, 0)] * x.ndim
    pairs[axis] = (before, behind)
    return pad(g, tuple(pairs))


rows("savgol_filter", {0: ArgRule(_savgol_jvp, _savgol_vjp)}, {4: "the spacing delta: scale the result", 7: "the value outside"})


def _resample_options(x: Any, more: tuple[Any, ...], options: Options) -> SimpleNamespace:
    o = settings("scipy.signal.resample", scipy_signal.resample, 1, more, options)
    if o.t is not None or o.window is not None or o.domain != "time" or complex_valued(x):
        raise can_not("scipy.signal.resample", "t=, window=, domain= or a complex signal")
    return o


def _resample_jvp(dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    o = _resample_options(x, more, options)
    return signal.resample(dot, o.num, **passed(o, axis=0))


def _resample_vjp(ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    """By frequencies: the lower ones are kept, that at half the smaller rate stands for two or for a half."""
    o = _resample_options(x, more, options)
    axis, num, n = norm_axis(o.axis, x.ndim), o.num, x.shape[o.axis]
    frequencies = _irfft_vjp(ct, ct, _Spectrum(ct, num // 2 + 1, axis), num, axis)
    shared = np.minimum(num, n)
    k = arange(shared // 2 + 1)
    middle = np.where(num < n, 2.0, np.where(num > n, 0.5, 1.0))
    weights = np.where(2 * k == shared, middle, 1.0) * (num / n)
    shape = [1] * x.ndim
    shape[axis] = -1
    kept = frequencies[along(axis, x.ndim, slice(None, shared // 2 + 1))] * np.reshape(weights, tuple(shape))
    return _rfft_vjp(_fitted(kept, n // 2 + 1, axis), None, x, None, axis)


class _Spectrum:
    """Stands for the spectrum of which `irfft` is taken: only its shape is asked for."""

    def __init__(self, like: Any, size: Any, axis: int) -> None:
        self.ndim = like.ndim
        self.shape = tuple(size if k == axis else like.shape[k] for k in range(like.ndim))


rows("resample", {0: ArgRule(_resample_jvp, _resample_vjp)})

# -- constant, and refused

ZERO = ("choose_conv_method", "correlation_lags", "unit_impulse", "max_len_seq", "czt_points", "check_COLA", "check_NOLA")
rows.zero(*ZERO)

_DESIGN = "it designs a filter; differentiate with respect to the coefficients that it gives"
_FORMS = "it converts a filter into another form; differentiate with respect to the coefficients of the form that is used"
_SYSTEM = "it simulates a system; write the recursion, or use scipy.linalg.expm"
_SPECTRUM = "write it with np.fft"
_PEAKS = "it counts and picks; index the signal with what it finds"
_RANK = "it picks elements by their rank"
_SPLINE = "use scipy.ndimage.spline_filter"
_WAVE = "write the formula with NumPy"
_CLASS = "it makes an object; use the functions for arrays"
#: names -> why no argument has a derivative
REFUSED: dict[tuple[str, ...], str] = {
    ("bessel", "besselap", "bilinear", "bilinear_zpk", "buttap", "butter", "buttord", "cheb1ap", "cheb1ord", "cheb2ap",
      "cheb2ord",
     "cheby1", "cheby2", "ellip", "ellipap", "ellipord", "firls", "firwin", "firwin2", "firwin_2d", "gammatone", "iircomb",
     "iirdesign", "iirfilter", "iirnotch", "iirpeak", "kaiser_atten", "kaiser_beta", "kaiserord", "minimum_phase", "remez",
     "band_stop_obj", "savgol_coeffs", "findfreqs", "lfilter_zi", "lfiltic", "sosfilt_zi", "closest_STFT_dual_window"): _DESIGN,
    ("abcd_normalize", "lp2bp", "lp2bp_zpk", "lp2bs", "lp2bs_zpk", "lp2hp", "lp2hp_zpk", "lp2lp", "lp2lp_zpk", "normalize",
      "sos2tf",
     "sos2zpk", "ss2tf", "ss2zpk", "tf2sos", "tf2ss", "tf2zpk", "zpk2sos", "zpk2ss", "zpk2tf", "cont2discrete", "invres",
       "invresz",
     "residue", "residuez", "unique_roots"): _FORMS,
    ("bode", "dbode", "dfreqresp", "dimpulse", "dlsim", "dstep", "freqresp", "impulse", "lsim", "step", "place_poles"): _SYSTEM,
    ("freqs", "freqs_zpk", "freqz", "freqz_sos", "freqz_zpk", "sosfreqz", "group_delay"):
        "evaluate the polynomials with np.polyval",
    ("coherence", "csd", "periodogram", "welch", "spectrogram", "stft", "istft", "czt", "zoom_fft", "lombscargle", "envelope",
     "hilbert2", "vectorstrength"): _SPECTRUM,
    ("argrelextrema", "argrelmax", "argrelmin", "find_peaks", "find_peaks_cwt", "peak_prominences", "peak_widths"): _PEAKS,
    ("medfilt", "medfilt2d", "order_filter"): _RANK,
    ("cspline1d", "cspline1d_eval", "cspline2d", "gauss_spline", "qspline1d", "qspline1d_eval", "qspline2d",
      "spline_filter"): _SPLINE,
    ("chirp", "gausspulse", "sawtooth", "square", "sweep_poly"): _WAVE,
    ("decimate", "resample_poly", "upfirdn", "sepfir2d"): "use scipy.signal.convolve and a slice, or scipy.signal.resample",
    ("symiirorder1", "symiirorder2", "deconvolve"): "use scipy.signal.lfilter",
    ("wiener",): "write it with scipy.signal.convolve",
    ("get_window",): "parameters of windows have no derivative here",
    ("CZT", "ShortTimeFFT", "StateSpace", "TransferFunction", "ZerosPolesGain", "ZoomFFT", "dlti", "lti"): _CLASS,
}  # fmt: skip
for _names, _why in REFUSED.items():
    rows.refused(_names, _why)

#: windows with a parameter; the others are constant
WITH_PARAMETER = (
    "chebwin", "dpss", "exponential", "gaussian", "general_cosine", "general_gaussian", "general_hamming", "kaiser",
    "kaiser_bessel_derived", "taylor", "tukey", "get_window",
)  # fmt: skip
windows.refused(WITH_PARAMETER, "parameters of windows have no derivative here")
windows.zero(*(n for n in scipy_signal.windows.__all__ if n not in WITH_PARAMETER))

#: neither functions nor rows
SETTINGS = ("BadCoefficients",)
