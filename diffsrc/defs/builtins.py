"""Python's builtins.

`min` and `max` return the first of their arguments that is extreme; the derivative is that argument's.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ..runtime import helpers
from .numpy_elementwise import absolute_slope
from .power import power
from .special import MANY, ForSlot, dispatching, is_display, is_list, refuse, unbroadcast
from .table import derivative, elementwise, general, zero

elementwise(abs, absolute_slope, cheap=True, kink="0: 0")
power(pow, name="builtins.pow")
elementwise(float, "1", name="float", cheap=True)
elementwise(complex, "1", "1j", name="complex", cheap=True)

zero(
    bool, len, range, isinstance, issubclass, callable, hasattr, id, hash, type, str, repr, ascii, format,
    ord, chr, any, all, slice, bin, hex, oct, cheap=True,
)  # fmt: skip
zero(int, round, raises=True)
zero(print, effect="io")
general(divmod)  # of floats and arrays, `//` and `%`: `analysis/infer_builtins.py`
general(list)
general(tuple)


# min and max


def _wins(name: str, position: int, out: Any, items: Any) -> Any:
    """Where item `position` is the one returned: the first that equals the extreme value."""
    x = items[position]
    if len(items) == 2:
        first, second = items
        if name == "max":
            return first >= second if position == 0 else first < second
        return first <= second if position == 0 else first > second
    mask = x == out
    for earlier in items[:position]:
        mask = mask & (earlier != out)
    return mask


_place_of = dispatching(helpers.place_of)
_PICKS = {"max": max, "min": min}


def _choice(name: str, position: int) -> type:
    class Rule:
        @staticmethod
        def jvp(dot: Any, out: Any, *items: Any, **options: Any) -> Any:
            refuse(name, options)
            if len(items) > 1:
                return np.where(_wins(name, position, out, items), dot, 0.0)
            xs = items[0]
            if is_list(xs):
                return dot[_place_of(_PICKS[name], xs)]
            if not is_display(xs):
                return np.sum(np.where(_first(xs, out), dot, 0.0))
            return sum(np.where(_wins(name, k, out, xs), dot[k], 0.0) for k in range(len(xs)))

        @staticmethod
        def vjp(ct: Any, out: Any, *items: Any, **options: Any) -> Any:
            refuse(name, options)
            if len(items) > 1:
                return np.where(_wins(name, position, out, items), ct, 0.0)
            xs = items[0]
            if is_list(xs):
                return ForSlot(_place_of(_PICKS[name], xs), ct)
            if not is_display(xs):
                return np.where(_first(xs, out), ct, 0.0)
            return [np.where(_wins(name, k, out, xs), ct, 0.0) for k in range(len(xs))]

    return Rule


_arange = dispatching(np.arange)


def _first(xs: Any, out: Any) -> Any:
    """The mask of the first element of a 1-d array that equals `out`."""
    return _arange(xs.shape[0]) == np.argmax(xs == out)


for _fn in (max, min):
    general(_fn, cheap=True, kink="ties go to the first")
    for _position in range(MANY):
        derivative(_fn, _position)(_choice(_fn.__name__, _position))


# sum

_sum = dispatching(builtins.sum)
general(sum)


@derivative(sum, 0)
class _Sum:
    @staticmethod
    def jvp(dot: Any, out: Any, xs: Any, start: Any = 0) -> Any:
        return sum(dot) if isinstance(dot, (list, tuple)) else _sum(dot)

    @staticmethod
    def vjp(ct: Any, out: Any, xs: Any, start: Any = 0) -> Any:
        if is_list(xs):
            return ct  # every item receives it
        if is_display(xs):
            return [unbroadcast(ct, x) for x in xs]
        return np.broadcast_to(ct, xs.shape)


@derivative(sum, 1)
class _SumStart:
    @staticmethod
    def jvp(dot: Any, out: Any, xs: Any, start: Any = 0) -> Any:
        return dot if getattr(dot, "ndim", 0) == getattr(out, "ndim", 0) else np.broadcast_to(dot, out.shape)

    @staticmethod
    def vjp(ct: Any, out: Any, xs: Any, start: Any = 0) -> Any:
        return unbroadcast(ct, start)
