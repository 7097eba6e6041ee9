"""How marks go through filters of `scipy.ndimage` and `scipy.signal`, to neighbours; see `spreading.py`."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..defs.table import Def
from .marked import holds_marks, parts, plain, result, whole
from .marks import Ints, Sets
from .spreading import Args, Options, Rule, UnlistedError, bound, call, mark, rule
from .spreading_sums import mixed

#: what `np.pad` calls the modes of `scipy.ndimage`
PADDED = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "constant": "constant", "grid-constant": "constant", "nearest": "edge",
    "mirror": "reflect", "wrap": "wrap", "grid-wrap": "wrap",
}  # fmt: skip
#: neighbours that are looked at one by one
MANY = 400

Offset = tuple[int, ...]


def _shifted(sets: Sets, marks: Ints, offsets: Sequence[Offset], mode: str) -> Any:
    """The union of the marks at some offsets from each element."""
    if not 0 < len(offsets) <= MANY:
        raise UnlistedError
    reach = [max(abs(o[k]) for o in offsets) for k in range(marks.ndim)]
    padded = np.pad(marks, [(r, r) for r in reach], PADDED[mode])  # type: ignore[call-overload]
    found: Any = np.zeros(marks.shape, np.intp)
    for o in offsets:
        at = tuple(slice(r + k, r + k + n) for r, k, n in zip(reach, o, marks.shape))
        found = sets.either(found, padded[at])
    return found


def _box(reach: Sequence[int]) -> list[Offset]:
    return list(itertools.product(*(range(-r, r + 1) for r in reach)))


def _along(axis: int, rank: int, offsets: Sequence[int]) -> list[Offset]:
    return [tuple(o if k == axis % rank else 0 for k in range(rank)) for o in offsets]


def _stencil(weights: Any, flipped: bool) -> list[Offset]:
    """The offsets at which a kernel of odd sizes isn't zero."""
    if not all(n % 2 for n in weights.shape):
        return _box([n // 2 for n in weights.shape])
    sign = -1 if flipped else 1
    return [tuple(sign * (int(i) - n // 2) for i, n in zip(at, weights.shape)) for at in np.argwhere(weights != 0)]


def _filter(sets: Sets, d: Def, args: Args, options: Options, steps: Any) -> Any:
    """`steps`: from the arguments by name and the number of axes to the offsets of one pass after the other."""
    given = bound(d, args, options)
    first = next(iter(given))
    marks = whole(given[first])[1]
    mode = given.get("mode", "reflect")
    if mode not in PADDED or np.any(plain(given.get("origin", 0))):
        raise UnlistedError
    others = mark(sets, parts([v for k, v in given.items() if k != first]))
    for offsets in steps({k: plain(v) for k, v in given.items()}, marks.ndim):
        marks = _shifted(sets, marks, offsets, mode)
    return result(call(d, args, options), sets.either(marks, others))


def _of_weights(flipped: bool) -> Any:
    return lambda given, rank: [_stencil(np.asarray(given["weights"]), flipped)]


def _of_weights_1d(flipped: bool) -> Any:
    def steps(given: Options, rank: int) -> list[list[Offset]]:
        line = _stencil(np.asarray(given["weights"]), flipped)
        return [_along(given.get("axis", -1), rank, [o for (o,) in line])]

    return steps


def _each(values: Any, rank: int) -> list[Any]:
    return list(values) if isinstance(values, (tuple, list)) else [values] * rank


def _radius(given: Options, sigma: Any) -> range:
    if given.get("radius") is not None or given.get("axes") is not None:
        raise UnlistedError
    reach = int(given.get("truncate", 4.0) * float(sigma) + 0.5)
    return range(-reach, reach + 1)


def _gaussian(given: Options, rank: int) -> list[list[Offset]]:
    return [_along(k, rank, _radius(given, s)) for k, s in enumerate(_each(given["sigma"], rank))]


def _gaussian_1d(given: Options, rank: int) -> list[list[Offset]]:
    return [_along(given.get("axis", -1), rank, _radius(given, given["sigma"]))]


def _uniform(given: Options, rank: int) -> list[list[Offset]]:
    if given.get("axes") is not None:
        raise UnlistedError
    sizes = _each(given.get("size", 3), rank)
    return [_along(k, rank, range(-(n // 2), n // 2 + 1)) for k, n in enumerate(sizes)]


def _uniform_1d(given: Options, rank: int) -> list[list[Offset]]:
    half = given["size"] // 2
    return [_along(given.get("axis", -1), rank, range(-half, half + 1))]


def _laplace(given: Options, rank: int) -> list[list[Offset]]:
    if given.get("axes") is not None:
        raise UnlistedError
    return [[o for o in _box([1] * rank) if sum(map(abs, o)) <= 1]]


_FILTERS: dict[str, Any] = {
    "correlate": _of_weights(False), "convolve": _of_weights(True), "correlate1d": _of_weights_1d(False),
    "convolve1d": _of_weights_1d(True), "gaussian_filter": _gaussian, "gaussian_filter1d": _gaussian_1d,
    "uniform_filter": _uniform, "uniform_filter1d": _uniform_1d, "laplace": _laplace,
    "sobel": lambda given, rank: [_box([1] * rank)], "prewitt": lambda given, rank: [_box([1] * rank)],
}  # fmt: skip
for _name, _steps in _FILTERS.items():
    rule(f"scipy.ndimage.{_name}")(functools.partial(_filter, steps=_steps))


def _convolved(flipped: bool) -> Rule:
    """A convolution with a constant kernel; `flipped`: a correlation."""

    def spread(sets: Sets, d: Def, args: Args, options: Options) -> Any:
        given = bound(d, args, options)
        marks, (kernel, others) = whole(given["in1"])[1], whole(given["in2"])
        mode = given.get("mode", "full")
        ordered = all(n >= k for n, k in zip(marks.shape, kernel.shape))
        if np.any(others) or given.get("boundary", "fill") != "fill" or not ordered or given.get("axes") is not None:
            raise UnlistedError
        if d.name.endswith("correlate2d") and mode == "same" and not all(k % 2 for k in kernel.shape):
            raise UnlistedError  # it has another centre
        kernel = np.flip(kernel) if flipped else kernel
        offsets = np.argwhere(kernel != 0)
        if len(offsets) > MANY:
            raise UnlistedError
        full: Any = np.zeros([n + k - 1 for n, k in zip(marks.shape, kernel.shape)], np.intp)
        for o in offsets:
            at = tuple(slice(i, i + n) for i, n in zip(o, marks.shape))
            full[at] = sets.either(full[at], marks)
        return result(call(d, args, options), full[tuple(map(_kept(mode), marks.shape, kernel.shape))])

    return spread


def _kept(mode: str) -> Any:
    """The part of a full convolution that is given, along an axis."""
    return {
        "full": lambda n, k: slice(None),
        "same": lambda n, k: slice((k - 1) // 2, (k - 1) // 2 + n),
        "valid": lambda n, k: slice(k - 1, n),
    }[mode]


rule(*(f"scipy.signal.{n}" for n in ("convolve", "fftconvolve", "oaconvolve", "convolve2d")))(_convolved(False))
rule("scipy.signal.correlate", "scipy.signal.correlate2d")(_convolved(True))


@rule("scipy.signal.lfilter", "scipy.signal.sosfilt")
def _recursive(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Each result depends on what came before it."""
    given = bound(d, args, options)
    marks = whole(given["x"])[1]
    out = call(d, args, options)
    if isinstance(out, tuple):
        raise UnlistedError
    others = mark(sets, parts([v for k, v in given.items() if k != "x"]))
    return result(out, sets.either(sets.running(marks, plain(given.get("axis", -1))), others))


@rule("scipy.signal.detrend", "scipy.signal.hilbert", "scipy.signal.savgol_filter")
def _of_lines(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    if any(map(holds_marks, (*args[1:], *options.values()))):
        raise UnlistedError
    return mixed(sets, d, args, options)
