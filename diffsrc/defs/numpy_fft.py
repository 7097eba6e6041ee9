"""Rows of `np.fft`.

The matrix of a discrete Fourier transform is symmetric, so each complex transform is its own transpose; what padding and
cutting to `n` did is undone behind it. A real transform is the complex one of a real input, cut to its first half. (The
convention for cotangents of complex numbers is dL = Re(sum(ct * dz)), without a conjugate.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ir.types import Array, Type
from ..runtime import helpers
from .elementwise_types import as_array
from .numpy_shape import corner, resized
from .numpy_tools import along, arange, can_not, is_display, linear_in, norm_axes, norm_axis, rule, shape
from .special import complex_valued, dispatching
from .table import Def, register


def _fitted(g: Any, size: Any, axis: int) -> Any:
    """The first `size` elements along an axis, zeros behind what there is."""
    axis = norm_axis(axis, g.ndim)
    if isinstance(size, int) and isinstance(g.shape[axis], int) and g.shape[axis] == size:
        return g
    if g.ndim == 1:
        return resized(g, (size,))
    rows = np.moveaxis(g, axis, 0)
    return np.moveaxis(resized(rows, (size, *rows.shape[1:])), 0, axis)


def _self_transposed(fn: Callable[..., Any]) -> None:
    def vjp(ct: Any, out: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
        g = fn(ct, axis=axis, norm=norm)
        return g if n is None else _fitted(g, a.shape[axis], axis)

    linear_in(fn, vjp=vjp)


def _several_transposed(fn: Callable[..., Any], default: Sequence[int] | None) -> None:
    def vjp(ct: Any, out: Any, a: Any, s: Any = None, axes: Any = default, norm: Any = None) -> Any:
        if _read_late(axes, s):
            g = fn(ct, axes=axes, norm=norm)
            return g if s is None else corner(g, shape(a))
        over = _axes(axes, s, a.ndim)
        g = fn(ct, axes=over, norm=norm)
        for axis in over if s is not None else ():
            g = _fitted(g, a.shape[axis], axis)
        return g

    linear_in(fn, vjp=vjp)


def _read_late(axes: Any, s: Any) -> bool:
    """Whether the axes, or the sizes along them, are lists that are read when the program runs."""
    known = axes is None or type(axes) is int or (is_display(axes) and all(type(k) is int for k in axes))
    if known and (s is None or is_display(s)):
        return False
    if axes is None:
        raise can_not("np.fft of several axes", "sizes that aren't known, without axes", "give the axes")
    return True


def _axes(axes: Any, s: Any, ndim: int) -> tuple[int, ...]:
    """Over which axes a transform of several axes goes: the last ones that `s` names, else all."""
    if axes is None:
        return tuple(range(ndim if s is None else len(s))) if s is None else tuple(range(ndim - len(s), ndim))
    return norm_axes(axes, ndim)


def _rfft_vjp(ct: Any, out: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    size = a.shape[axis] if n is None else n
    g = np.real(np.fft.fft(ct, size, axis=axis, norm=norm))
    return g if n is None else _fitted(g, a.shape[axis], axis)


def _irfft_vjp(ct: Any, out: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """All frequencies but the first, and the last of an even length, stand for two."""
    axis = norm_axis(axis, a.ndim)
    size = out.shape[axis]
    g = np.fft.ifft(ct, axis=axis, norm=norm)[along(axis, ct.ndim, slice(0, size // 2 + 1))]
    k = arange(size // 2 + 1)
    weights = np.where((k == 0) | (2 * k == size), 1.0, 2.0)
    g = g * (weights if a.ndim == 1 else np.reshape(weights, (-1,) + (1,) * (a.ndim - 1 - axis)))
    return g if n is None else _fitted(g, a.shape[axis], axis)


def _rfftn_vjp(default: Sequence[int] | None) -> Callable[..., Any]:
    def vjp(ct: Any, out: Any, a: Any, s: Any = None, axes: Any = default, norm: Any = None) -> Any:
        if _read_late(axes, s):
            if s is None:
                return np.real(np.fft.fftn(corner(ct, shape(a)), axes=axes, norm=norm))
            return corner(np.real(np.fft.fftn(ct, s, axes=axes, norm=norm)), shape(a))
        over = _axes(axes, s, a.ndim)
        sizes = [a.shape[k] for k in over] if s is None else list(s)
        g = np.fft.fftn(ct, axes=over[:-1], norm=norm) if len(over) > 1 else ct
        g = np.real(np.fft.fft(g, sizes[-1], axis=over[-1], norm=norm))
        for axis in over if s is not None else ():
            g = _fitted(g, a.shape[axis], axis)
        return g

    return vjp


def _weights(args: Any, kwargs: Any) -> Type:
    return Array("f64", (None,) * as_array(args[0]).ndim)


register(Def("half_weights", helpers.half_weights, "zero", types=_weights))
_half_weights = dispatching(helpers.half_weights)


def _irfftn_vjp(default: Sequence[int] | None) -> Callable[..., Any]:
    def vjp(ct: Any, out: Any, a: Any, s: Any = None, axes: Any = default, norm: Any = None) -> Any:
        if _read_late(axes, s):
            g = np.conj(np.fft.rfftn(ct, axes=axes, norm=_OTHER_NORM[norm])) * _half_weights(out, axes)
            return g if s is None else corner(g, shape(a))
        over = _axes(axes, s, a.ndim)
        g = _irfft_vjp(ct, out, a, out.shape[over[-1]], over[-1], norm)
        g = np.fft.ifftn(g, axes=over[:-1], norm=norm) if len(over) > 1 else g
        for axis in over if s is not None else ():
            g = _fitted(g, a.shape[axis], axis)
        return g

    return vjp


#: which norm undoes the scaling of which
_OTHER_NORM: dict[Any, Any] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _hfft_vjp(ct: Any, out: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """`hfft(a)` is `irfft(conj(a))`, scaled the other way."""
    g = _irfft_vjp(ct, out, a, n, axis, _OTHER_NORM[norm])
    return np.conj(g) if complex_valued(a) else g


def _ihfft_vjp(ct: Any, out: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    return _rfft_vjp(np.conj(ct), out, a, n, axis, _OTHER_NORM[norm])


for _single in (np.fft.fft, np.fft.ifft):
    _self_transposed(_single)
for _several, _default in (
    (np.fft.fftn, None),
    (np.fft.ifftn, None),
    (np.fft.fft2, (-2, -1)),
    (np.fft.ifft2, (-2, -1)),
):
    _several_transposed(_several, _default)
linear_in(np.fft.rfft, vjp=_rfft_vjp)
linear_in(np.fft.irfft, vjp=_irfft_vjp)
linear_in(np.fft.hfft, vjp=_hfft_vjp)
linear_in(np.fft.ihfft, vjp=_ihfft_vjp)
linear_in(np.fft.rfftn, vjp=_rfftn_vjp(None))
linear_in(np.fft.rfft2, vjp=_rfftn_vjp((-2, -1)))
linear_in(np.fft.irfftn, vjp=_irfftn_vjp(None))
linear_in(np.fft.irfft2, vjp=_irfftn_vjp((-2, -1)))
linear_in(np.fft.fftshift, vjp=lambda ct, out, x, axes=None: np.fft.ifftshift(ct, axes))
linear_in(np.fft.ifftshift, vjp=lambda ct, out, x, axes=None: np.fft.fftshift(ct, axes))

for _frequencies in (np.fft.fftfreq, np.fft.rfftfreq):  # proportional to 1 / d
    rule(
        _frequencies,
        arg=1,
        jvp=lambda dot, out, n, d=1.0, device=None: -dot * out / d,
        vjp=lambda ct, out, n, d=1.0, device=None: -np.sum(ct * out) / d,
    )
