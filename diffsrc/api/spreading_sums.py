"""How marks go through reductions, scans, differences and scatters; see `spreading.py`."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..defs.table import Def
from .marked import Marked, NotKnownError, marked, marks_of, parts, plain, result, whole
from .marks import Sets
from .spreading import Args, Options, UnlistedError, bound, call, mark, rule


def _axes(axis: Any, rank: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(rank))
    return tuple(k % rank for k in (axis if isinstance(axis, (tuple, list)) else (axis,))) if rank else ()


def _others(sets: Sets, bound: Options) -> int:
    """What all arguments but the first depend on."""
    return mark(sets, parts(list(bound.values())[1:]))


def _axis_rule(
    d: Def, args: Args, options: Options, default: Any, names: Sequence[str]
) -> tuple[Options, Any, tuple[int, ...]]:
    """Arguments by name, the marks of the first, the axes."""
    given = bound(d, args, options, *names)
    marks = whole(next(iter(given.values())))[1]
    return given, marks, _axes(plain(given.get("axis", given.get("axes", default))), marks.ndim)


def reduced(sets: Sets, d: Def, args: Args, options: Options, default: Any = None, names: Sequence[str] = ()) -> Any:
    bound, marks, axes = _axis_rule(d, args, options, default, names)
    united = sets.either(sets.along(marks, axes, bool(bound.get("keepdims", False))), _others(sets, bound))
    out = call(d, args, options)
    return tuple(result(o, united) for o in out) if isinstance(out, tuple) else result(out, united)


def mixed(sets: Sets, d: Def, args: Args, options: Options, default: Any = -1, names: Sequence[str] = ()) -> Any:
    """Each result depends on all elements along the axes."""
    bound, marks, axes = _axis_rule(d, args, options, default, names)
    return result(call(d, args, options), sets.either(sets.along(marks, axes, True), _others(sets, bound)))


def _scanned(sets: Sets, d: Def, args: Args, options: Options, default: Any = None, names: Sequence[str] = ()) -> Any:
    given = bound(d, args, options, *names)
    marks: Any = whole(next(iter(given.values())))[1]
    axis: Any = given.get("axis", default)
    if given.get("include_initial"):
        raise UnlistedError
    united = sets.running(marks.ravel(), 0) if axis is None else sets.running(marks, axis)
    return result(call(d, args, options), sets.either(united, _others(sets, given)))


rule(
    "np.sum", "np.mean", "np.nansum", "np.nanmean", "np.var", "np.std", "np.nanvar", "np.nanstd", "np.max", "np.amax", "np.min",
    "np.amin", "np.nanmax", "np.nanmin", "np.ptp", "np.prod", "np.nanprod", "np.median", "np.nanmedian", "np.quantile",
    "np.percentile", "np.nanquantile", "np.nanpercentile", "np.average", "np.linalg.norm", "np.linalg.vector_norm",
)(reduced)  # fmt: skip
rule("np.trapezoid")(functools.partial(reduced, default=-1))
_REDUCE = ("a", "axis", "dtype", "out", "keepdims", "initial", "where")
rule("np.logaddexp.reduce", "np.hypot.reduce", "np.subtract.reduce")(functools.partial(reduced, default=0, names=_REDUCE))
rule("np.cumsum", "np.cumprod", "np.nancumsum", "np.nancumprod", "np.cumulative_sum", "np.cumulative_prod")(_scanned)
rule("np.maximum.accumulate", "np.minimum.accumulate")(functools.partial(_scanned, default=0, names=("a", "axis")))
rule("np.sort", "np.partition")(mixed)
rule("product_of_others")(functools.partial(mixed, default=None))
rule(*(f"np.fft.{n}" for n in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")))(mixed)
rule(*(f"np.fft.{n}" for n in ("fftn", "ifftn", "rfftn", "irfftn")))(functools.partial(mixed, default=None))
rule(*(f"np.fft.{n}" for n in ("fft2", "ifft2", "rfft2", "irfft2")))(functools.partial(mixed, default=(-2, -1)))
rule("np.add.reduceat")(functools.partial(mixed, default=0, names=("a", "indices", "axis")))


@rule("recurrence")
def _recurrence(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    axis: Any = options.get("axis", args[2] if len(args) > 2 else 0)
    marks = sets.either(whole(args[0])[1], whole(args[1])[1])
    return result(call(d, args, options), sets.running(marks, axis))


@rule("np.diff")
def _diff(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    marks = whole(given["a"])[1]
    axis, n = given.get("axis", -1), given.get("n", 1)
    if "prepend" in given or "append" in given:
        raise UnlistedError
    marks = np.moveaxis(marks, axis, 0)
    for _ in range(n):
        marks = sets.either(marks[1:], marks[:-1])
    return result(call(d, args, options), np.moveaxis(np.asarray(marks), 0, axis))


@rule("np.ediff1d")
def _ediff1d(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    if len(args) + len(options) > 1:
        raise UnlistedError
    marks = whole(args[0])[1].ravel()
    return result(call(d, args, options), sets.either(marks[1:], marks[:-1]))


@rule("np.gradient")
def _gradient(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Each result depends on the neighbours, at the ends on the three that are nearest."""
    marks = whole(args[0])[1]
    axis = options.get("axis")
    axes = _axes(axis, marks.ndim)
    spacing = mark(sets, parts(args[1:]))
    found = []
    for k in axes:
        m = np.moveaxis(marks, k, 0)
        beside = m.copy()
        beside[1:-1] = sets.either(m[1:-1], sets.either(m[2:], m[:-2]))
        for end, three in ((0, m[:3]), (-1, m[-3:])):
            beside[end] = sets.along(three, (0,))
        found.append(sets.either(np.moveaxis(beside, 0, k), spacing))
    out = call(d, args, options)
    if isinstance(out, (list, tuple)):
        return type(out)([result(o, m) for o, m in zip(out, found)])
    return result(out, found[0])


@rule("np.cov", "np.corrcoef")
def _covariance(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Each result depends on two variables."""
    given = bound(d, args, options)
    out = call(d, args, options)
    if given.get("y") is not None or np.ndim(out) != 2:
        raise UnlistedError
    marks = whole(next(iter(given.values())))[1]
    variables = sets.along(marks, (1 if given.get("rowvar", True) else 0,))
    return result(out, sets.either(sets.either(variables[:, None], variables[None, :]), _others(sets, given)))


@rule("np.interp", "np.polyval")
def _pointwise(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """One argument goes element by element, all of the others into each."""
    given = bound(d, args, options)
    rest = parts([v for k, v in given.items() if k != "x"])
    return result(call(d, args, options), sets.either(marks_of(given["x"]), mark(sets, rest)))


@rule("np.select")
def _select(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    choices = [*given["choicelist"], given.get("default", 0)]
    return result(call(d, args, options), functools.reduce(sets.either, map(marks_of, choices)))


@rule("np.vander")
def _vander(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    return result(call(d, args, options), whole(args[0])[1][:, None])


@rule("np.vecdot", "np.linalg.vecdot")
def _vecdot(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    marks = sets.either(whole(args[0])[1], whole(args[1])[1])
    return result(call(d, args, options), sets.along(marks, _axes(options.get("axis", -1), marks.ndim)))


@rule("np.linalg.trace")
def _trace_of_stack(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    marks = np.diagonal(whole(given["x"])[1], given.get("offset", 0), -2, -1)
    return result(call(d, args, options), sets.along(marks, (marks.ndim - 1,)))


@rule("np.trace")
def _trace(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    where = {k: v for k, v in given.items() if k in ("offset", "axis1", "axis2")}
    diagonals = np.diagonal(whole(given["a"])[1], **where)
    return result(call(d, args, options), sets.along(diagonals, (diagonals.ndim - 1,)))


@rule("fill")
def _fill(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    args[0][...] = args[1]


# -- scatters: the transposes of gathers


def _scattered(sets: Sets, out: Any, marks: Any, targets: Any) -> Any:
    marks = np.broadcast_to(marks, np.shape(targets))
    return result(out, sets.scattered(marks, np.asarray(targets), out.size).reshape(out.shape))


def _places(shape: Any) -> Any:
    return np.arange(math.prod(shape)).reshape(shape)


@rule("add_windows")
def _add_windows(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    to = _places(plain(given["to"]))
    windows = np.lib.stride_tricks.sliding_window_view(to, plain(given["window_shape"]), given.get("axis"))
    return _scattered(sets, call(d, args, options), whole(given["g"])[1], windows)


@rule("np.bincount")
def _bincount(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options, "x", "weights", "minlength")
    return _scattered(sets, call(d, args, options), whole(given["weights"])[1], plain(given["x"]))


@rule("unbroadcast")
def _unbroadcast(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    g, x = whole(args[0])[1], np.asarray(plain(args[1]))
    out = np.asarray(call(d, args, options))
    made = _scattered(sets, out, g, np.broadcast_to(_places(x.shape), g.shape)) if g.ndim >= x.ndim else result(out, g)
    return made if np.ndim(out) or not isinstance(made, Marked) else marked(made.value[()], made.marks[()])


@rule("add_at")
def _add_at(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    to = _places(plain(given["shape"]))
    index = (slice(None),) * (given.get("axis", 0) % to.ndim) + (plain(given["indices"]),)
    return _scattered(sets, call(d, args, options), whole(given["g"])[1], to[index])


@rule("add_along_axis")
def _add_along_axis(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    to = np.take_along_axis(_places(plain(given["shape"])), plain(given["indices"]), given.get("axis", -1))
    return _scattered(sets, call(d, args, options), whole(given["g"])[1], to)


@rule("add_repeats")
def _add_repeats(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    to = np.repeat(_places(plain(given["shape"])), plain(given["repeats"]), given.get("axis", 0))
    return _scattered(sets, call(d, args, options), whole(given["g"])[1], to)


@rule("added")
def _added(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    a, b = args
    out = call(d, args, options)
    return result(out, sets.either(marks_of(a), marks_of(b))) if isinstance(out, np.ndarray) and a is not None else b


def add_at(sets: Sets, dst: Marked, index: Any, new: Any) -> None:
    """`np.add.at` with marks."""
    if not dst.marks.flags.writeable:
        raise NotKnownError("a store to memory under several names")
    np.add.at(dst.value, index, plain(new))
    to = _places(dst.marks.shape)[index]
    marks = np.broadcast_to(marks_of(new), np.shape(to))
    found, where = np.unique(to, return_inverse=True)
    if found.size:
        united = sets.scattered(np.asarray(marks), where, found.size)
        at = np.unravel_index(found, dst.marks.shape)
        dst.marks[at] = sets.either(dst.marks[at], united)


