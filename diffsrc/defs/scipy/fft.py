"""Rows of `scipy.fft`: Fourier transforms as in `numpy_fft`, cosine and sine transforms of every type.

The matrix of a discrete Fourier transform is symmetric. The transposes of cosine and sine transforms are transforms of the
inverse type, up to weights of the elements that the definitions count differently; orthogonal ones need no weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import fft as scipy_fft

from ..numpy_fft import _fitted
from ..numpy_tools import along, arange, can_not, concatenate, is_display, norm_axes, norm_axis
from ..special import in_texts
from ..table import ArgRule
from .tools import Options, Rows, conj, literal, passed, settings

fft: Any = in_texts("fft", scipy_fft)
rows = Rows(scipy_fft, "overwrite_x")
Transform = Callable[..., Any]


class _Call:
    """The options of a call: axes and sizes, one or several."""

    def __init__(self, name: str, x: Any, more: tuple[Any, ...], options: Options) -> None:
        self.name, self.shown = name, f"scipy.fft.{name}"
        o = settings(self.shown, getattr(scipy_fft, name), 1, more, options)
        self.options, self.norm = o, literal(self.shown, "norm", o.norm)
        self.several = not hasattr(o, "axis")
        sizes = o.s if self.several else o.n
        self.sizes = sizes
        if not self.several:
            self.axes: tuple[int, ...] = (norm_axis(o.axis, x.ndim),)
        elif o.axes is not None:
            self.axes = norm_axes(o.axes, x.ndim)
        else:
            count = x.ndim if sizes is None else len(sizes) if is_display(sizes) else 1
            self.axes = tuple(range(x.ndim - count, x.ndim))

    def given(self) -> dict[str, Any]:
        """What is handed on: everything but sizes."""
        where = {"axes": self.axes} if self.several else passed(self.options, axis=-1)
        return {**where, **passed(self.options, norm=None, workers=None)}

    def size(self, k: int) -> Any:
        """The length along the k-th axis, None where it is that of the input."""
        if self.sizes is None:
            return None
        return (self.sizes[k] if is_display(self.sizes) else self.sizes) if self.several else self.sizes

    def fit(self, g: Any, x: Any) -> Any:
        """What padding and cutting did, undone."""
        if self.sizes is None:
            return g
        for axis in self.axes:
            g = _fitted(g, x.shape[axis], axis)
        return g

def _transform(name: str, vjp: Callable[[Any, Any, Any, _Call], Any]) -> None:
    def pull(ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
        return vjp(ct, out, x, _Call(name, x, more, options))

    def push(dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
        return getattr(fft, name)(dot, *more, **options)

    rows(name, {0: ArgRule(push, pull)})


def _itself(name: str) -> None:
    _transform(name, lambda ct, out, x, call: call.fit(getattr(fft, name)(ct, **call.given()), x))


for _name in ("fft", "ifft", "fft2", "ifft2", "fftn", "ifftn"):
    _itself(_name)


def _real_pull(ct: Any, out: Any, x: Any, call: _Call, options: dict[str, Any] | None = None) -> Any:
    """A real transform is the complex one of a real input, cut to its first half."""
    named = passed(call.options, norm=None, workers=None) if options is None else options
    last = call.axes[-1]
    g = ct if len(call.axes) == 1 else fft.fftn(ct, axes=call.axes[:-1], **named)
    size = call.size(len(call.axes) - 1)
    g = np.real(fft.fft(g, x.shape[last] if size is None else size, axis=last, **named))
    return call.fit(g, x)


def _complex_pull(ct: Any, out: Any, x: Any, call: _Call, options: dict[str, Any] | None = None) -> Any:
    """All frequencies but the first, and the last of an even length, stand for two."""
    named = passed(call.options, norm=None, workers=None) if options is None else options
    last = call.axes[-1]
    size = out.shape[last]
    g = fft.ifft(ct, axis=last, **named)[along(last, ct.ndim, slice(0, size // 2 + 1))]
    k = arange(size // 2 + 1)
    weights = np.where((k == 0) | (2 * k == size), 1.0, 2.0)
    g = g * (weights if x.ndim == 1 or last == x.ndim - 1 else np.reshape(weights, (-1,) + (1,) * (x.ndim - 1 - last)))
    g = g if len(call.axes) == 1 else fft.ifftn(g, axes=call.axes[:-1], **named)
    if call.sizes is None:
        return _fitted(g, x.shape[last], last)
    return call.fit(g, x)


_OTHER_NORM = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _swapped(call: _Call) -> dict[str, Any]:
    """The transforms of Hermitian input are inverse real ones, with the other norm."""
    return {"norm": _OTHER_NORM[call.norm], **passed(call.options, workers=None)}


for _end in ("", "2", "n"):
    _transform(f"rfft{_end}", _real_pull)
    _transform(f"irfft{_end}", _complex_pull)
    _transform(f"hfft{_end}", lambda ct, out, x, call: conj(_complex_pull(ct, out, x, call, _swapped(call))))
    _transform(f"ihfft{_end}", lambda ct, out, x, call: _real_pull(conj(ct), out, x, call, _swapped(call)))

# -- cosine and sine transforms

_INVERSE = {1: 1, 2: 3, 3: 2, 4: 4}


def _scaled(g: Any, axis: int, first: float, last: float) -> Any:
    """The first and the last element along an axis multiplied."""
    parts = []
    if first != 1.0:
        parts.append(first * g[along(axis, g.ndim, slice(None, 1))])
    parts.append(g[along(axis, g.ndim, slice(1 if first != 1.0 else None, -1 if last != 1.0 else None))])
    if last != 1.0:
        parts.append(last * g[along(axis, g.ndim, slice(-1, None))])
    return concatenate(parts, axis=axis)


def _trigonometric(name: str, several: bool) -> None:
    inverse, sine = name.startswith("i"), "dst" in name
    single = name.rstrip("n")

    def vjp(ct: Any, out: Any, x: Any, call: _Call) -> Any:
        o = call.options
        if o.type not in _INVERSE:
            raise can_not(call.shown, "type= that isn't 1, 2, 3 or 4")
        other = _INVERSE[o.type]
        given = passed(o, norm=None, workers=None, orthogonalize=None)
        if o.orthogonalize or (o.orthogonalize is None and call.norm == "ortho") or o.type == 4 or (sine and o.type == 1):
            where = {"axes": call.axes} if several else passed(o, axis=-1)
            return call.fit(getattr(fft, name)(ct, other, **where, **given), x)
        g = ct
        for axis in call.axes:
            g = _pulled(getattr(fft, single), g, axis, o.type, inverse, sine, given)
        return call.fit(g, x)

    _transform(name, vjp)


def _pulled(fn: Transform, g: Any, axis: int, kind: int, inverse: bool, sine: bool, given: dict[str, Any]) -> Any:
    """Along one axis. An inverse transform of type 2 is one of type 3, and the other way round."""
    kind_done = _INVERSE[kind] if inverse else kind
    end = (1.0, 2.0) if sine else (2.0, 1.0)
    half = (end[0] if end[0] == 1.0 else 0.5, end[1] if end[1] == 1.0 else 0.5)
    if kind_done == 1:
        g = fn(_scaled(g, axis, 2.0, 2.0), 1, axis=axis, **given)
        return _scaled(g, axis, 0.5, 0.5)
    if kind_done == 2:
        return fn(_scaled(g, axis, *end), _INVERSE[kind], axis=axis, **given)
    return _scaled(fn(g, _INVERSE[kind], axis=axis, **given), axis, *half)


for _name in ("dct", "idct", "dst", "idst"):
    _trigonometric(_name, several=False)
    _trigonometric(_name + "n", several=True)

# -- the order of frequencies

for _name, _other in (("fftshift", "ifftshift"), ("ifftshift", "fftshift")):
    rows(_name, {0: ArgRule(
        lambda dot, out, x, axes=None, name=_name: getattr(fft, name)(dot, axes),
        lambda ct, out, x, axes=None, other=_other: getattr(fft, other)(ct, axes),
    )})  # fmt: skip


def _frequencies(name: str) -> None:
    """Proportional to 1 / d."""
    rows(name, {1: ArgRule(
        lambda dot, out, n, d=1.0, xp=None, device=None: -dot * out / d,
        lambda ct, out, n, d=1.0, xp=None, device=None: -np.sum(ct * out) / d,
    )})  # fmt: skip


_frequencies("fftfreq")
_frequencies("rfftfreq")

ZERO = ("next_fast_len", "prev_fast_len", "get_workers")
rows.zero(*ZERO)
REFUSED: dict[tuple[str, ...], str] = {
    ("fhtoffset",): "write the formula with scipy.special.loggamma",
    ("fht", "ifht"): "its transpose isn't a transform that is here",
    ("register_backend", "set_backend", "set_global_backend", "set_workers", "skip_backend"): "it is a setting",
}  # fmt: skip
for _names, _why in REFUSED.items():
    rows.refused(_names, _why)
