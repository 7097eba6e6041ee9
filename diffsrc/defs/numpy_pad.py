"""Rows for np.pad in every mode.

NumPy pads one axis after the other, each with what is there by then: the transpose goes through the axes in the other order.
What a padding holds are elements, means of elements, or values that are given; all of it is linear but for the choice of
extreme and middle elements, which is that of `np.max`, `np.min`, `np.median`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .numpy_tools import add_at, along, arange, can_not, eye, given, is_display, is_zero, like_display, ndim, only, rule
from .special import dispatching
from .table import lookup

_pad: Any = dispatching(np.pad)
#: modes that repeat elements of the array
_REPEATING = ("edge", "reflect", "symmetric", "wrap")
_STATISTICS: dict[str, Callable[..., Any]] = {"maximum": np.max, "minimum": np.min, "mean": np.mean, "median": np.median}
_OPTIONS = {
    "constant": ("constant_values",), "linear_ramp": ("end_values",), "reflect": ("reflect_type",),
    "symmetric": ("reflect_type",), **dict.fromkeys(_STATISTICS, ("stat_length",)),
}  # fmt: skip


def _checked(mode: Any, options: Any) -> None:
    if not isinstance(mode, str):
        raise can_not("np.pad", "a function as its mode", "pad with np.concatenate")
    only("np.pad", options, *_OPTIONS.get(mode, ()))


def _pairs(of: Any, rank: Any, what: str) -> Any:
    """(before, after) for each axis."""
    if ndim(of):
        raise can_not("np.pad", f"{what} in an array", "write it as a tuple of pairs")
    if not is_display(of):
        return ((of, of),) * rank
    if not any(map(is_display, of)):
        before, after = of if len(of) == 2 else (*of, *of)
        return ((before, after),) * rank
    pairs = tuple((*p, *p) if len(p) == 1 else tuple(p) for p in of)
    return pairs * rank if len(pairs) == 1 else pairs


def _inner(t: Any, axis: int, pair: Any, n: Any) -> Any:
    """What isn't padding along an axis."""
    before, after = pair
    known = isinstance(before, int) and isinstance(after, int)
    item = slice(before or None, -after or None) if known else slice(before, before + n)
    return t[along(axis, t.ndim, item)] if not known or before or after else t


def _ends(t: Any, axis: int, pair: Any, n: Any) -> tuple[Any, Any]:
    """The paddings before and after along an axis."""
    before, _ = pair
    return t[along(axis, t.ndim, slice(None, before))], t[along(axis, t.ndim, slice(before + n, None))]


def _one_axis(axis: int, pair: Any, rank: int) -> Any:
    return tuple(pair if k == axis else (0, 0) for k in range(rank)) if rank > 1 else pair


# -- what the array itself receives


def _pad_jvp(dot: Any, out: Any, a: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    _checked(mode, options)
    if mode in ("maximum", "minimum", "median"):
        return _chosen_jvp(dot, a, _pairs(pad_width, a.ndim, "pad_width"), mode, options)
    if mode in ("constant", "empty"):
        return np.pad(dot, pad_width)
    linear = {k: v for k, v in options.items() if k in ("reflect_type", "stat_length") and v is not None}
    return np.pad(dot, pad_width, mode=mode, **linear)


def _pad_vjp(ct: Any, out: Any, a: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    _checked(mode, options)
    pairs = _pairs(pad_width, a.ndim, "pad_width")
    if mode in ("constant", "empty"):
        index = []
        for k, (before, after) in enumerate(pairs):
            known = isinstance(before, int) and isinstance(after, int)
            index.append(slice(before or None, -after or None) if known else slice(before, before + a.shape[k]))
        return ct[tuple(index)]
    if mode in _STATISTICS:
        return _statistic_vjp(ct, a, pairs, mode, options)
    if mode == "linear_ramp":
        for k in reversed(range(a.ndim)):
            ct = _unramped(ct, k, pairs[k], a.shape[k])
        return ct
    if mode not in _REPEATING:
        raise can_not("np.pad", f"mode={mode!r}")
    if options.get("reflect_type") == "odd":
        return _by_matrices(ct, a, pairs, mode, options)
    return _folded(ct, a, pairs, mode)


def _folded(ct: Any, a: Any, pairs: Any, mode: Any) -> Any:
    """Each element of the padding goes back to where it was taken from, axis by axis."""
    for k, pair in enumerate(pairs):
        if not all(map(is_zero, pair)):
            source = _pad(arange(a.shape[k]), pair, mode=mode)
            ct = add_at(ct, source, (*a.shape[: k + 1], *ct.shape[k + 1 :]), **given(axis=k))
    return ct


def _by_matrices(ct: Any, a: Any, pairs: Any, mode: Any, options: Any) -> Any:
    """Reflections about the value at the edge mix elements: by the matrix of each axis."""
    for k, pair in enumerate(pairs):
        if not all(map(is_zero, pair)):
            wide = {} if a.dtype == np.float64 else {"dtype": a.dtype}
            matrix = _pad(eye(a.shape[k], **wide), (pair, (0, 0)), mode=mode, **options)
            ct = np.moveaxis(np.tensordot(matrix, ct, axes=((0,), (k,))), 0, k)
    return ct


def _falling(size: Any, like: Any, axis: int) -> Any:
    """The share of the value at the end, from 1 downwards to the edge."""
    share = 1.0 - arange(size) / np.maximum(size, 1)
    share = share if like.dtype == np.float64 else share.astype(like.dtype)
    return share if like.ndim == axis + 1 else np.reshape(share, (-1,) + (1,) * (like.ndim - 1 - axis))


def _unramped(ct: Any, axis: int, pair: Any, n: Any) -> Any:
    """The edges receive their shares of the ramps."""
    if all(map(is_zero, pair)):
        return ct
    first, last = _ends(ct, axis, pair, n)
    g, (before, after) = _inner(ct, axis, pair, n), pair
    low = np.sum(first * (1.0 - _falling(before, ct, axis)), axis=axis, keepdims=True)
    high = np.sum(last * (1.0 - np.flip(_falling(after, ct, axis), 0)), axis=axis, keepdims=True)
    return _added(_added(g, axis, low, 0, n), axis, high, n - 1, n)


def _added(g: Any, axis: int, part: Any, at: Any, n: Any) -> Any:
    """`g` with something added at one place along an axis."""
    mask = arange(n) == at
    mask = mask if g.ndim == axis + 1 else np.reshape(mask, (-1,) + (1,) * (g.ndim - 1 - axis))
    return g + np.where(mask, part, 0.0)


# -- statistics of elements at the ends


def _chunks(t: Any, axis: int, n: Any, lengths: Any) -> tuple[Any, Any]:
    """The elements that the two statistics are made of."""
    known = isinstance(n, int)
    left, right = (n if m is None else min(m, n) if known else np.minimum(m, n) for m in lengths)
    return t[along(axis, t.ndim, slice(None, left))], t[along(axis, t.ndim, slice(n - right, None))]


def _lengths(options: Any, rank: int) -> Any:
    return _pairs(options.get("stat_length"), rank, "stat_length")


def _rules(mode: str) -> tuple[Callable[..., Any], Any]:
    fn = _STATISTICS[mode]
    row = lookup(fn)
    assert row is not None
    return fn, row.rules[0]


def _widened(parts: Any, pair: Any, axis: int) -> Any:
    """Statistics repeated along their axis, the array between them."""
    low, middle, high = parts
    return np.concatenate((np.repeat(low, pair[0], axis), middle, np.repeat(high, pair[1], axis)), axis=axis)


def _chosen_jvp(dot: Any, a: Any, pairs: Any, mode: str, options: Any) -> Any:
    fn, rules = _rules(mode)
    for k, (pair, lengths) in enumerate(zip(pairs, _lengths(options, a.ndim))):
        if all(map(is_zero, pair)):
            continue
        chunks, changes = _chunks(a, k, a.shape[k], lengths), _chunks(dot, k, a.shape[k], lengths)
        found = [fn(c, axis=k, keepdims=True) for c in chunks]
        low, high = (rules.jvp(d, s, c, axis=k, keepdims=True) for d, s, c in zip(changes, found, chunks))
        a, dot = _widened((found[0], a, found[1]), pair, k), _widened((low, dot, high), pair, k)
    return dot


def _statistic_vjp(ct: Any, a: Any, pairs: Any, mode: str, options: Any) -> Any:
    fn, rules = _rules(mode)
    steps, all_lengths = [], _lengths(options, a.ndim)
    for k, (pair, lengths) in enumerate(zip(pairs, all_lengths)):  # what each axis is padded from
        steps.append(a)
        if k < len(pairs) - 1 and not all(map(is_zero, pair)):
            found = [fn(c, axis=k, keepdims=True) for c in _chunks(a, k, a.shape[k], lengths)]
            a = _widened((found[0], a, found[1]), pair, k)
    for k in reversed(range(len(pairs))):
        if not all(map(is_zero, pairs[k])):
            ct = _step_back(ct, steps[k], k, pairs[k], all_lengths[k], fn, rules)
    return ct


def _step_back(ct: Any, a: Any, axis: int, pair: Any, lengths: Any, fn: Any, rules: Any) -> Any:
    n = a.shape[axis]
    g = _inner(ct, axis, pair, n)
    for place, (end, chunk) in enumerate(zip(_ends(ct, axis, pair, n), _chunks(a, axis, n, lengths))):
        total = np.sum(end, axis=axis, keepdims=True)
        part = rules.vjp(total, fn(chunk, axis=axis, keepdims=True), chunk, axis=axis, keepdims=True)
        missing = n - chunk.shape[axis]
        width = (0, missing) if place == 0 else (missing, 0)
        g = g + (part if lengths[place] is None else np.pad(part, _one_axis(axis, width, a.ndim)))
    return g


rule(np.pad, jvp=_pad_jvp, vjp=_pad_vjp, kink="maximum and minimum: ties share equally")

# -- what the values receive that are given


def _values(name: str) -> None:
    def jvp(dot: Any, out: Any, a: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
        return np.pad(np.zeros_like(a), pad_width, mode=mode, **{name: dot})

    def vjp(ct: Any, out: Any, a: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
        pairs, received = _pairs(pad_width, a.ndim, "pad_width"), []
        for k in reversed(range(a.ndim)):
            n, (before, after) = a.shape[k], pairs[k]
            first, last = _ends(ct, k, pairs[k], n)
            if mode == "linear_ramp":
                first, last = first * _falling(before, ct, k), last * np.flip(_falling(after, ct, k), 0)
                ct = _unramped(ct, k, pairs[k], n)
            else:
                ct = _inner(ct, k, pairs[k], n)
            received.append((np.sum(first), np.sum(last)))
        return _like(options[name], received[::-1], name)

    rule(np.pad, arg=name, jvp=jvp, vjp=vjp)


def _like(values: Any, received: list[tuple[Any, Any]], name: str) -> Any:
    """What each pair of ends received, in the nesting of the values."""
    _pairs(values, len(received), name)
    if not is_display(values):
        return sum(low + high for low, high in received[1:]) + (received[0][0] + received[0][1])
    if not any(map(is_display, values)):
        low, high = (sum(p[i] for p in received[1:]) + received[0][i] for i in (0, 1))
        return like_display(values, [low, high] if len(values) == 2 else [low + high])
    if len(values) == 1 and len(received) > 1:
        low, high = (sum(p[i] for p in received[1:]) + received[0][i] for i in (0, 1))
        received = [(low, high)]
    parts = [like_display(v, p if len(v) == 2 else [p[0] + p[1]]) for v, p in zip(values, received)]
    return like_display(values, parts)


_values("constant_values")
_values("end_values")
