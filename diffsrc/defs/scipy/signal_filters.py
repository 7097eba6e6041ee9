"""Filters of `scipy.signal` along one axis. The transpose of a filter is the same filter run backwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import signal as scipy_signal

from ...errors import DiffTypeError
from ...ir.types import Array, NoneType, Tuple, Type, strip
from ...runtime import signals
from ..dims import dim_of, dims_of
from ..numpy_tools import along, can_not, concatenate, is_absent, linear_in, ndim, norm_axis
from ..numpy_types import stored_kind
from ..special import backward, dispatching, is_number, positions, unbroadcast
from ..table import ArgRule, TypeRule
from .signal_convolve import rows, signal
from .tools import literal, pad, promoted, rules_of, settings, tried

# -- lfilter: a y = b x, beginning with the state zi

lagged_products = dispatching(signals.lagged_products)


def _lagged_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    return Array(promoted(args[0], args[1]), (dim_of(args[2]),))


linear_in(
    signals.lagged_products, name="lagged_products", types=_lagged_type,
    vjp=lambda ct, out, w, x, count, axis=-1: signal.lfilter(ct, 1.0, x, **at_axis(axis)),
)  # fmt: skip
linear_in(
    signals.lagged_products, arg=1,
    vjp=lambda ct, out, w, x, count, axis=-1: _backwards(ct, 1.0, w, axis),
)  # fmt: skip


def at_axis(axis: int) -> dict[str, int]:
    return {} if axis == -1 else {"axis": axis}


def _backwards(b: Any, a: Any, x: Any, axis: int) -> Any:
    """The transposed filter: the filter, from the end to the beginning."""
    return backward(signal.lfilter(b, a, backward(x, axis), **at_axis(axis)), axis)


def _count(a: Any) -> Any:
    return a.shape[0] if ndim(a) else 1


def _as_coefficients(g: Any, a: Any) -> Any:
    return g if ndim(a) else g[0]


class _Lfilter:
    """With a state there are two results. The last state is what zeros behind the signal would give, filtered with `a`."""

    @staticmethod
    def _state_allowed(a: Any) -> None:
        if ndim(a) == 0:
            raise can_not("scipy.signal.lfilter", "zi= and a number as `a`", "write it as [1.0]")

    @staticmethod
    def jvp_b(dot: Any, out: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
        return signal.lfilter(dot, a, x, **at_axis(axis), **_start(zi))

    @staticmethod
    def jvp_x(dot: Any, out: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
        return signal.lfilter(b, a, dot, **at_axis(axis), **_start(zi))

    @staticmethod
    def jvp_zi(dot: Any, out: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
        return signal.lfilter(b, a, np.zeros_like(x), axis, dot)

    @staticmethod
    def jvp_a(dot: Any, out: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
        if zi is None:
            return -signal.lfilter(dot, a, out, **at_axis(axis))
        _Lfilter._state_allowed(a)
        scale = dot[0] / a[0]
        by_b = signal.lfilter(scale * b, a, x, **at_axis(axis), **_start(zi))
        by_a = signal.lfilter(dot - scale * a, a, out[0], **at_axis(axis), **_start(zi))
        return -by_b[0] - by_a[0], -by_b[1] - by_a[1]

    @staticmethod
    def vjp_b(ct: Any, out: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
        ct, x = _Lfilter._extended(ct, out, a, x, zi, axis)
        w = ct if is_number(a) and a == 1 else _backwards(1.0, a, ct, axis)
        g = lagged_products(w, x, _count(b), **at_axis(axis))
        return _as_coefficients(g, b)

    @staticmethod
    def vjp_x(ct: Any, out: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
        if zi is None:
            return _backwards(b, a, ct, axis)
        ct, _ = _Lfilter._extended(ct, out, a, x, zi, axis)
        return _backwards(b, a, ct, axis)[along(axis, x.ndim, slice(None, x.shape[axis]))]

    @staticmethod
    def vjp_zi(ct: Any, out: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
        ct, _ = _Lfilter._extended(ct, out, a, x, zi, axis)
        g = _backwards(a[:1], a, ct, axis)
        return unbroadcast(g[along(axis, x.ndim, slice(None, zi.shape[axis]))], zi)

    @staticmethod
    def vjp_a(ct: Any, out: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
        if zi is None:
            g = lagged_products(_backwards(1.0, a, ct, axis), out, _count(a), **at_axis(axis))
            return _as_coefficients(-g, a)
        longer, wide = _Lfilter._extended(ct, out, a, x, zi, axis)
        y = signal.lfilter(b, a, wide, axis, zi)[0]
        w = _backwards(1.0, a, longer, axis)
        g = -lagged_products(w, y, a.shape[0], **at_axis(axis))
        first = np.sum(w[along(axis, x.ndim, slice(None, zi.shape[axis]))] * zi)
        if is_absent(ct[1]):
            return concatenate([g[:1] + first, g[1:]])
        behind = y[along(axis, x.ndim, slice(x.shape[axis], None))]
        direct = lagged_products(ct[1], behind, a.shape[0], **at_axis(axis))[1:] / a[0]
        return concatenate([g[:1] + first - np.sum(a[1:] * direct) / a[0], g[1:] + direct])

    @staticmethod
    def _extended(ct: Any, out: Any, a: Any, x: Any, zi: Any, axis: int) -> Any:
        """Cotangent and signal with what belongs to the state behind them."""
        if zi is None:
            return ct, x
        _Lfilter._state_allowed(a)
        whole = np.zeros_like(out[1])
        y = np.zeros_like(out[0]) if is_absent(ct[0]) else ct[0]
        if is_absent(ct[1]):
            ahead = whole
        else:
            ahead = _backwards(a / a[0], 1.0, ct[1], axis)
        return concatenate([y, ahead], axis=axis), concatenate([x, whole], axis=axis)


def _start(zi: Any) -> dict[str, Any]:
    """The state of rest, where there is a state."""
    return {} if zi is None else {"zi": np.zeros_like(zi)}


def _filtered_type(fn: Any, x: int, *others: int, state: int | None = None) -> TypeRule:
    """Of the shape of the signal; with a state, and its last one."""
    names, find = [n for n, _ in positions(fn)], tried(fn)

    def types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        def given(k: int) -> Any:
            return args[k] if len(args) > k else kwargs.get(names[k])

        kinds = [given(k) for k in (x, *others)]
        zi = None if state is None else given(state)
        zi = None if zi is None or isinstance(strip(zi), NoneType) else zi
        try:
            kind, dims = promoted(*kinds, *(() if zi is None else (zi,))), dims_of(given(x))
        except (DiffTypeError, TypeError, AttributeError, KeyError):
            return find(args, kwargs)
        if kind not in ("f32", "f64", "c64", "c128") or not dims:
            return find(args, kwargs)
        made = Array(kind, dims)
        return made if zi is None else Tuple((made, Array(kind, (None,) * len(dims))))

    return types


rows("lfilter", {
    0: ArgRule(_Lfilter.jvp_b, _Lfilter.vjp_b), 1: ArgRule(_Lfilter.jvp_a, _Lfilter.vjp_a),
    2: ArgRule(_Lfilter.jvp_x, _Lfilter.vjp_x), 4: ArgRule(_Lfilter.jvp_zi, _Lfilter.vjp_zi),
}, types=_filtered_type(scipy_signal.lfilter, 2, 0, 1, state=4))  # fmt: skip

# -- filters forwards and backwards: y = F x + p x[0] of the padded signal, where p is what the state of a step gives


def _padded(x: Any, axis: int, padtype: str, count: Any) -> Any:
    if padtype is None:
        return x
    around = one_axis(x, axis, count)
    if padtype == "even":
        return pad(x, around, "reflect")
    edge = pad(x, around, "edge")
    return edge if padtype == "constant" else 2.0 * edge - pad(x, around, "reflect")


def _padding_pull(g: Any, x: Any, axis: int, padtype: str, count: Any) -> Any:
    if padtype is None:
        return g
    around, pull = one_axis(x, axis, count), rules_of(np.pad).vjp
    if padtype == "even":
        return pull(g, None, x, around, "reflect")
    edge = pull(g if padtype == "constant" else 2.0 * g, None, x, around, "edge")
    return edge if padtype == "constant" else edge - pull(g, None, x, around, "reflect")


def one_axis(x: Any, axis: int, count: Any) -> Any:
    pairs = [(0, 0)] * x.ndim
    pairs[axis] = (count, count)
    return tuple(pairs)


def _middle(g: Any, x: Any, axis: int, count: Any) -> Any:
    """A cotangent of the middle of what was padded."""
    return pad(g, one_axis(x, axis, count))


def _there_and_back(ct: Any, x: Any, axis: int, padtype: Any, count: Any, back: Any, step: Any) -> Any:
    """The transpose of filtering forwards and backwards; `back`: the transposed filter, `step`: the output for a step's state."""
    literal("scipy.signal.filtfilt", "padtype", padtype)
    g = ct if padtype is None else _middle(ct, x, axis, count)
    first = along(axis, x.ndim, slice(None, 1))
    rest = along(axis, x.ndim, slice(1, None))
    shape = [1] * x.ndim
    shape[axis] = -1
    for _ in range(2):  # backwards in time, forwards in time
        g = backward(g, axis)
        p = step(g)
        whole = back(g)
        at_start = np.sum(np.reshape(p, tuple(shape)) * g, axis=axis, keepdims=True)
        g = concatenate([whole[first] + at_start, whole[rest]], axis=axis)
    return _padding_pull(g, x, axis, padtype, count)


def _filtfilt_vjp(ct: Any, out: Any, b: Any, a: Any, x: Any, *more: Any, **options: Any) -> Any:
    o = settings("scipy.signal.filtfilt", scipy_signal.filtfilt, 3, more, options)
    if o.method != "pad":
        raise can_not("scipy.signal.filtfilt", f"method={o.method!r}")
    axis = norm_axis(o.axis, x.ndim)
    count = 3 * np.maximum(_count(a), _count(b)) if o.padlen is None else o.padlen

    def step(g: Any) -> Any:
        zi = signal.lfilter_zi(b, a)
        return signal.lfilter(b, a, np.zeros_like(g[_one_line(g, axis)]), zi=zi)[0]

    return _there_and_back(ct, x, axis, o.padtype, count, lambda g: _backwards(b, a, g, axis), step)


def _one_line(g: Any, axis: int) -> tuple[Any, ...]:
    return tuple(slice(None) if k == axis else 0 for k in range(g.ndim))


_BY_LFILTER = "the coefficients: use scipy.signal.lfilter twice"
rows(
    "filtfilt", {2: ArgRule(lambda dot, out, b, a, x, *more, **o: signal.filtfilt(b, a, dot, *more, **o), _filtfilt_vjp)},
    {0: _BY_LFILTER, 1: _BY_LFILTER}, types=_filtered_type(scipy_signal.filtfilt, 2, 0, 1),
)  # fmt: skip


def _sosfilt_back(sos: Any, g: Any, axis: int) -> Any:
    return backward(signal.sosfilt(sos, backward(g, axis), **at_axis(axis)), axis)


def _sosfilt_jvp(dot: Any, out: Any, sos: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
    return signal.sosfilt(sos, dot, **at_axis(axis), **_start(zi))


def _sosfilt_vjp(ct: Any, out: Any, sos: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
    if zi is not None and not is_absent(ct[1]):
        raise can_not("scipy.signal.sosfilt", "a last state that is used", "use scipy.signal.lfilter")
    return _sosfilt_back(sos, ct if zi is None else ct[0], axis)


def _sosfiltfilt_vjp(ct: Any, out: Any, sos: Any, x: Any, axis: Any = -1, padtype: Any = "odd", padlen: Any = None) -> Any:
    axis, count = norm_axis(axis, x.ndim), padlen
    if count is None:
        unused = np.minimum(np.sum(sos[:, 2] == 0), np.sum(sos[:, 5] == 0))
        count = 3 * (2 * sos.shape[0] + 1 - unused)

    def step(g: Any) -> Any:
        return signal.sosfilt(sos, np.zeros_like(g[_one_line(g, axis)]), zi=signal.sosfilt_zi(sos))[0]

    return _there_and_back(ct, x, axis, padtype, count, lambda g: _sosfilt_back(sos, g, axis), step)


def _sections_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """The state has an axis for the sections."""
    found = _filtered_type(scipy_signal.sosfilt, 1, 0, state=3)(args, kwargs)
    if not isinstance(found, Tuple):
        return found
    return Tuple((found.items[0], Array(stored_kind(found.items[0]), (None, *(None for _ in dims_of(found.items[0]))))))


_SECTIONS = "the sections: use scipy.signal.lfilter for each"
rows(
    "sosfilt", {1: ArgRule(_sosfilt_jvp, _sosfilt_vjp)}, {0: _SECTIONS, 3: "the state: use scipy.signal.lfilter"},
    types=_sections_type,
)  # fmt: skip
rows(
    "sosfiltfilt", {1: ArgRule(lambda dot, out, sos, x, *more, **o: signal.sosfiltfilt(sos, dot, *more, **o), _sosfiltfilt_vjp)},
    {0: _SECTIONS}, types=_filtered_type(scipy_signal.sosfiltfilt, 1, 0),
)  # fmt: skip
