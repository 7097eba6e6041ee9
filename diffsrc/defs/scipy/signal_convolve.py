"""Convolutions and correlations of `scipy.signal`: in one dimension and more, and in the plane with a boundary."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import signal as scipy_signal

from ...ir.types import may_be_one, same_dim
from ..numpy_tools import can_not, norm_axes
from ..special import complex_valued, in_texts, unbroadcast
from ..table import ArgRule
from .tools import Options, Rows, conj, literal, pad, passed, rules_of, settings

signal: Any = in_texts("signal", scipy_signal)
rows = Rows(scipy_signal, "overwrite_data", "overwrite_x")
windows = Rows(scipy_signal.windows)

# -- convolution: whole, or the part of the whole that `mode` keeps; correlate(a, v) is convolve(a, conj(v[::-1]))


def _flip(a: Any, axes: tuple[int, ...]) -> Any:
    return a[tuple(slice(None, None, -1) if k in axes else slice(None) for k in range(axes[-1] + 1))]


def _may_be_wider(v: Any, a: Any, axis: int) -> bool:
    wide, narrow = (getattr(x, "dims", x.shape)[axis] for x in (v, a))
    return wide != 1 and may_be_one(narrow) and not same_dim(wide, narrow)


def _widths(a: Any, v: Any, mode: str, axes: tuple[int, ...], late: bool = False) -> Any:
    """How much of the whole convolution is cut before and behind, per axis."""
    cut = []
    for k in range(a.ndim):
        if k not in axes:  # there arrays are broadcast; "same" keeps the middle of what is wider than `a`
            missing = np.maximum(v.shape[k] - a.shape[k], 0) if mode == "same" and _may_be_wider(v, a, k) else 0
            cut.append((missing // 2, missing - missing // 2))
        elif mode == "same":
            cut.append((v.shape[k] // 2, (v.shape[k] - 1) // 2) if late else ((v.shape[k] - 1) // 2, v.shape[k] // 2))
        else:
            missing = np.minimum(a.shape[k], v.shape[k]) - 1
            cut.append((missing, missing))
    return cut[0] if len(cut) == 1 else tuple(cut)


class _Convolution:
    """`convolve`, `fftconvolve`, `oaconvolve` and `correlate`, of arrays with as many axes as each other."""

    def __init__(self, name: str) -> None:
        self.name, self.shown = name, f"scipy.signal.{name}"
        self.correlates = name == "correlate"
        rows(name, {0: ArgRule(self.jvp(0), self.vjp(0)), 1: ArgRule(self.jvp(1), self.vjp(1))})

    def jvp(self, arg: int) -> Any:
        def jvp(dot: Any, out: Any, a: Any, v: Any, *more: Any, **options: Any) -> Any:
            fn = getattr(signal, self.name)
            if arg and self.correlates and complex_valued(v):
                return fn(a, dot, *more, **options)
            return fn(dot, v, *more, **options) if arg == 0 else fn(a, dot, *more, **options)

        return jvp

    def vjp(self, arg: int) -> Any:
        def vjp(ct: Any, out: Any, a: Any, v: Any, *more: Any, **options: Any) -> Any:
            o = settings(self.shown, getattr(scipy_signal, self.name), 2, more, options)
            mode = literal(self.shown, "mode", o.mode)
            if a.ndim == 0:
                return ct * v if arg == 0 else ct * a
            axes = tuple(range(a.ndim)) if getattr(o, "axes", None) is None else norm_axes(o.axes, a.ndim)
            axes = tuple(sorted(axes))
            whole = ct if mode == "full" else pad(ct, _widths(a, v, mode, axes))
            given = passed(o, method="auto", axes=None)
            fn = getattr(signal, "convolve" if self.correlates else self.name)
            summed = unbroadcast if len(axes) < a.ndim else lambda g, x: g
            if arg == 0:
                taken = conj(v) if self.correlates else _flip(v, axes)
                return summed(fn(whole, taken, mode="valid", **given), a)
            g = fn(whole, _flip(a, axes), mode="valid", **given)
            return summed(conj(_flip(g, axes)) if self.correlates else g, v)

        return vjp


for _name in ("convolve", "fftconvolve", "oaconvolve", "correlate"):
    _Convolution(_name)

# -- in two dimensions, with a boundary: of the signal padded, the valid part

_BOUNDARIES = {"fill": "constant", "wrap": "wrap", "symm": "symmetric"}


class _Plane:
    def __init__(self, name: str) -> None:
        self.name, self.shown = name, f"scipy.signal.{name}"
        self.correlates = name == "correlate2d"
        rows(
            name, {0: ArgRule(self.jvp(0), self.vjp(0)), 1: ArgRule(self.jvp(1), self.vjp(1))},
            {4: "the value outside: add it to the signal instead"},
        )  # fmt: skip

    def options(self, more: tuple[Any, ...], options: Options) -> SimpleNamespace:
        o = settings(self.shown, getattr(scipy_signal, self.name), 2, more, options)
        literal(self.shown, "mode", o.mode)
        literal(self.shown, "boundary", o.boundary)
        if o.boundary not in _BOUNDARIES:
            raise can_not(self.shown, f"boundary={o.boundary!r}")
        return o

    def jvp(self, arg: int) -> Any:
        def jvp(dot: Any, out: Any, a: Any, v: Any, *more: Any, **options: Any) -> Any:
            o = self.options(more, options)
            given = passed(o, mode="full", boundary="fill")
            if arg == 0:
                return getattr(signal, self.name)(dot, v, **given)
            return getattr(signal, self.name)(a, dot, **given, **passed(o, fillvalue=0))

        return jvp

    def vjp(self, arg: int) -> Any:
        def vjp(ct: Any, out: Any, a: Any, v: Any, *more: Any, **options: Any) -> Any:
            o = self.options(more, options)
            whole = ct if o.mode == "full" else pad(ct, _widths(a, v, o.mode, (0, 1), late=self.correlates))
            bounded = o.mode != "valid" and (o.boundary != "fill" or (arg == 1 and o.fillvalue != 0))
            around = tuple((v.shape[k] - 1, v.shape[k] - 1) for k in (0, 1))
            mode = _BOUNDARIES[o.boundary]
            if arg == 0:
                taken = conj(v) if self.correlates else v[::-1, ::-1]
                if not bounded:
                    return signal.convolve2d(whole, taken, mode="valid")
                g = signal.convolve2d(whole, taken)
                return rules_of(np.pad).vjp(g, None, a, around, mode)
            padded = a
            if bounded:
                filled = {"constant_values": o.fillvalue} if mode == "constant" else {}
                padded = pad(a, around, mode, **filled)
                g = signal.convolve2d(padded, whole[::-1, ::-1], mode="valid")
                return conj(g) if self.correlates else g[::-1, ::-1]
            g = signal.convolve2d(whole, padded[::-1, ::-1], mode="valid")
            return conj(g[::-1, ::-1]) if self.correlates else g

        return vjp


_Plane("convolve2d")
_Plane("correlate2d")
