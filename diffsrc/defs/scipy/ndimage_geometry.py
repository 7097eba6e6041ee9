"""Interpolation of `scipy.ndimage`: at coordinates, and the transformations that are made of it.

All of them are `map_coordinates` at coordinates of their own: linear in the input by the helpers of `runtime/images.py`,
smooth in the coordinates from order 1 on (at the samples themselves, order 1 has a kink).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import ndimage as scipy_ndimage

from ...ir.types import Array, Tuple, Type, strip
from ...runtime import images
from ..dims import dims_of
from ..numpy_tools import can_not, is_display, linear_in, ndim, norm_axes, rule, stack
from ..numpy_types import shape_of
from ..special import dispatching
from ..table import ArgRule, lookup
from .ndimage import ndimage, rows, spline_filter_transposed
from .special import special
from .tools import Options, like_input, literal, pad, passed, promoted, rules_of, settings

spline_values = dispatching(images.spline_values)
spline_spread = dispatching(images.spline_spread)
indices = dispatching(np.indices)

# -- the helpers


def _values_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    x = strip(args[1])
    return Array(promoted(args[0]), dims_of(x.items[0]) if isinstance(x, Tuple) else dims_of(x)[1:])


def _spread_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    return Array(promoted(args[0]), shape_of(args[2]))


def _raised(slopes: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return tuple(s + (k == axis) for k, s in enumerate(slopes))


def _padded_by(pad: int) -> tuple[int, ...]:
    return (pad,) if pad else ()


def _slopes(ct: Any, at: Callable[[tuple[int, ...]], Any], slopes: tuple[int, ...]) -> Any:
    """A cotangent times the derivatives by each coordinate."""
    return stack([ct * at(_raised(slopes, k)) for k in range(len(slopes))])


def _values_jvp_x(dot: Any, out: Any, c: Any, x: Any, order: Any, mode: Any, slopes: Any, pad: Any = 0) -> Any:
    terms = [
        dot[k] * spline_values(c, x, order, mode, _raised(slopes, k), *_padded_by(pad)) for k in range(len(slopes))
    ]
    return _sum(terms)


def _sum(terms: list[Any]) -> Any:
    total = terms[0]
    for t in terms[1:]:
        total = total + t
    return total


linear_in(
    images.spline_values, name="spline_values", types=_values_type,
    vjp=lambda ct, out, c, x, order, mode, slopes, pad=0: spline_spread(ct, x, c.shape, order, mode, slopes, *_padded_by(pad)),
)  # fmt: skip
rule(
    images.spline_values, arg=1, jvp=_values_jvp_x,
    vjp=lambda ct, out, c, x, order, mode, slopes, pad=0: _slopes(
        ct, lambda s: spline_values(c, x, order, mode, s, *_padded_by(pad)), slopes
    ),
)  # fmt: skip
linear_in(
    images.spline_spread, name="spline_spread", types=_spread_type,
    vjp=lambda ct, out, g, x, to, order, mode, slopes, pad=0: spline_values(ct, x, order, mode, slopes, *_padded_by(pad)),
)  # fmt: skip
rule(
    images.spline_spread, arg=1,
    jvp=lambda dot, out, g, x, to, order, mode, slopes, pad=0: _sum([
        spline_spread(g * dot[k], x, to, order, mode, _raised(slopes, k), *_padded_by(pad)) for k in range(len(slopes))
    ]),
    vjp=lambda ct, out, g, x, to, order, mode, slopes, pad=0: _slopes(
        g, lambda s: spline_values(ct, x, order, mode, s, *_padded_by(pad)), slopes
    ),
)  # fmt: skip

# -- input and coordinates of one interpolation

_PADDED = {"nearest": "edge", "grid-constant": "constant"}


class _Interpolation:
    """What `order`, `mode` and `prefilter` of a call say."""

    def __init__(self, name: str, o: SimpleNamespace) -> None:
        self.name, self.cval = name, o.cval
        self.order, self.mode = o.order, literal(name, "mode", o.mode)
        if not isinstance(self.order, int):
            raise can_not(name, "order= that isn't written as a constant")
        self.filtered = bool(o.prefilter) and self.order > 1
        self.pad = 12 if self.filtered and self.mode in _PADDED else 0

    def _mode(self) -> dict[str, Any]:
        return {} if self.mode == "mirror" else {"mode": self.mode}

    def coefficients(self, x: Any) -> Any:
        if self.mode == "grid-constant" and not (isinstance(self.cval, (int, float)) and self.cval == 0):
            x = x - self.cval  # then there are zeros around, and the spline has the same slopes
        if not self.filtered:
            return x
        wide = pad(x, self.pad, _PADDED[self.mode]) if self.pad else x
        return ndimage.spline_filter(wide, **({} if self.order == 3 else {"order": self.order}), **self._mode())

    def input_pull(self, ct: Any, x: Any, at: Any) -> Any:
        shape = tuple(n + 2 * self.pad for n in x.shape) if self.pad else x.shape
        g = spline_spread(ct, at, shape, self.order, self.mode, (0,) * x.ndim, *_padded_by(self.pad))
        if self.filtered:
            for axis in range(x.ndim):
                g = spline_filter_transposed(g, self.order, axis, self.mode)
        if self.pad:
            g = rules_of(np.pad).vjp(g, None, x, self.pad, _PADDED[self.mode])
        return g

    def push(self, dot: Any, x: Any, at: Any) -> Any:
        if self.order == 0:
            return np.zeros_like(dot[0])
        none = (0,) * x.ndim
        return _values_jvp_x(dot, None, self.coefficients(x), at, self.order, self.mode, none, self.pad)

    def pull(self, ct: Any, x: Any, at: Any) -> Any:
        if self.order == 0:
            return None
        c = self.coefficients(x)
        return _slopes(
            ct, lambda s: spline_values(c, at, self.order, self.mode, s, *_padded_by(self.pad)), (0,) * x.ndim
        )  # fmt: skip


#: the others decide the shape of the result
_SHAPED = ("map_coordinates", "shift", "affine_transform")

#: (out, x, *arguments, options) -> the coordinates
Coordinates = Callable[..., Any]


class _Transformation:
    """A row whose output is the input at `coordinates`."""

    def __init__(self, name: str, count: int, coordinates: Coordinates, refusals: dict[int, str] | None = None) -> None:
        self.name, self.shown, self.count = name, f"scipy.ndimage.{name}", count
        self.fn, self.coordinates = getattr(scipy_ndimage, name), coordinates
        types = like_input(self.fn, shape=1 if name == "map_coordinates" else 0) if name in _SHAPED else None
        rows(name, {0: ArgRule(self.jvp_x, self.vjp_x)}, {**(refusals or {}), **_cval_refused(self.fn)}, types=types)

    def options(self, more: tuple[Any, ...], options: Options) -> SimpleNamespace:
        return settings(self.shown, self.fn, 1, more, options)

    def jvp_x(self, dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
        o = self.options(more, options)
        names = [n for n in vars(o) if n not in ("output", "cval")]
        head = names[: self.count]
        rest = passed(
            o, offset=0.0, output_shape=None, order=3, mode="constant", prefilter=True, grid_mode=False, axes=(1, 0), reshape=True
        )  # fmt: skip
        given = [getattr(o, n) for n in head]
        return getattr(ndimage, self.name)(dot, *given, **{k: v for k, v in rest.items() if k not in head})

    def vjp_x(self, ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
        o = self.options(more, options)
        return _Interpolation(self.shown, o).input_pull(ct, x, self.coordinates(out, x, o))


def _cval_refused(fn: Callable[..., Any]) -> dict[int, str]:
    place = list(inspect.signature(fn).parameters).index("cval")
    return {place: "the value outside: subtract it from the input instead"}


_Transformation("map_coordinates", 1, lambda out, x, o: o.coordinates)


def _mapped_options(more: tuple[Any, ...], options: Options) -> _Interpolation:
    name = "scipy.ndimage.map_coordinates"
    return _Interpolation(name, settings(name, scipy_ndimage.map_coordinates, 2, more, options))


def _row_rules(name: str) -> dict[int, ArgRule]:
    found = lookup(getattr(scipy_ndimage, name))
    assert found is not None
    return found.rules


_row_rules("map_coordinates")[1] = ArgRule(
    lambda dot, out, x, at, *more, **o: _mapped_options(more, o).push(dot, x, at),
    lambda ct, out, x, at, *more, **o: _mapped_options(more, o).pull(ct, x, at),
)

# -- affine transformations: coordinates = matrix @ indices + offset, in the order in which SciPy adds


def _affine_parts(x: Any, o: SimpleNamespace) -> tuple[Any, list[Any], bool]:
    """The matrix, the offset by axis, and whether the matrix is a diagonal."""
    matrix, n = o.matrix, x.ndim
    size = (getattr(matrix, "dims", None) or matrix.shape)[-1] if ndim(matrix) else None
    if ndim(matrix) == 0:
        raise can_not("scipy.ndimage.affine_transform", "a matrix that is a number")
    if ndim(matrix) == 2 and isinstance(size, int) and size == n + 1:
        return matrix, [matrix[k, n] for k in range(n)], False
    if is_display(o.offset):
        offset = list(o.offset)
    else:
        offset = [o.offset[k] if ndim(o.offset) else o.offset for k in range(n)]
    return matrix, offset, ndim(matrix) == 1


def _affine(out: Any, x: Any, o: SimpleNamespace) -> Any:
    matrix, offset, diagonal = _affine_parts(x, o)
    k = indices(out.shape)
    if diagonal:
        return stack([(k[h] + offset[h] / matrix[h]) * matrix[h] for h in range(x.ndim)])
    lines = []
    for h in range(x.ndim):
        terms = [k[j] * matrix[h, j] for j in range(out.ndim)]
        lines.append(_sum(terms) + offset[h])
    return stack(lines)


_Transformation("affine_transform", 2, _affine)


def _shift(out: Any, x: Any, o: SimpleNamespace) -> Any:
    k = indices(x.shape)
    by = list(o.shift) if is_display(o.shift) else [o.shift[h] if ndim(o.shift) else o.shift for h in range(x.ndim)]
    return stack([k[h] - by[h] for h in range(x.ndim)])


_Transformation("shift", 1, _shift)


def _zoom(out: Any, x: Any, o: SimpleNamespace) -> Any:
    k = indices(out.shape)
    lines = []
    for h in range(x.ndim):
        n, m = x.shape[h], out.shape[h]
        if o.grid_mode:
            lines.append((k[h] + 0.5) * (n / m) - 0.5)
        else:
            lines.append(k[h] * np.where(m == 1, 1.0, (n - 1) / np.maximum(m - 1, 1)))
    return stack(lines)


_Transformation("zoom", 1, _zoom, {1: "the zoom: it decides the shape of the result; use scipy.ndimage.affine_transform"})


def _rotated(out: Any, x: Any, o: SimpleNamespace) -> Any:
    first, second = sorted(norm_axes(tuple(o.axes), x.ndim))
    c, s = special.cosdg(o.angle), special.sindg(o.angle)
    k = indices(out.shape)
    matrix = [[c, s], [-1.0 * s, c]]
    middle = [(out.shape[axis] - 1) / 2 for axis in (first, second)]
    lines = [k[h] + 0.0 for h in range(x.ndim)]
    for h, axis in enumerate((first, second)):
        center = matrix[h][0] * middle[0] + matrix[h][1] * middle[1]
        offset = (x.shape[axis] - 1) / 2 - center
        lines[axis] = k[first] * matrix[h][0] + k[second] * matrix[h][1] + offset
    return stack(lines)


_Transformation("rotate", 1, _rotated, {1: "the angle: use scipy.ndimage.affine_transform with the matrix of the rotation"})

# -- the parameters of shift and affine_transform


def _interpolated(shown: str, fn: Callable[..., Any], more: tuple[Any, ...], options: Options) -> tuple[Any, _Interpolation]:
    o = settings(shown, fn, 1, more, options)
    return o, _Interpolation(shown, o)


def _along_all(n: int) -> tuple[int, ...]:
    return tuple(range(1, n + 1))


def _shift_jvp(dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    o, of = _interpolated("scipy.ndimage.shift", scipy_ndimage.shift, more, options)
    at = _shift(out, x, o)
    moved = dot if ndim(dot) == 0 else np.reshape(dot, (-1,) + (1,) * x.ndim)
    return of.push(np.zeros_like(at) - moved, x, at)


def _shift_vjp(ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    o, of = _interpolated("scipy.ndimage.shift", scipy_ndimage.shift, more, options)
    g = of.pull(ct, x, _shift(out, x, o))
    return -np.sum(g, axis=_along_all(x.ndim)) if ndim(o.shift) else -np.sum(g)


_row_rules("shift")[1] = ArgRule(_shift_jvp, _shift_vjp)


def _plain_affine(o: SimpleNamespace, x: Any) -> tuple[Any, bool]:
    matrix, offset, diagonal = _affine_parts(x, o)
    if not diagonal and offset and len(offset) == x.ndim and _is_homogeneous(matrix, x.ndim):
        raise can_not(
            "scipy.ndimage.affine_transform", "an active matrix of homogeneous coordinates", "pass matrix and offset"
        )  # fmt: skip
    return offset, diagonal


def _is_homogeneous(matrix: Any, n: int) -> bool:
    size = (getattr(matrix, "dims", None) or matrix.shape)[-1]
    return ndim(matrix) == 2 and isinstance(size, int) and size == n + 1


def _matrix_jvp(dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    o, of = _interpolated("scipy.ndimage.affine_transform", scipy_ndimage.affine_transform, more, options)
    _, diagonal = _plain_affine(o, x)
    k = indices(out.shape)
    if diagonal:
        moved = stack([k[h] * dot[h] for h in range(x.ndim)])
    else:
        moved = stack([_sum([k[j] * dot[h, j] for j in range(out.ndim)]) for h in range(x.ndim)])
    return of.push(moved, x, _affine(out, x, o))


def _matrix_vjp(ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    o, of = _interpolated("scipy.ndimage.affine_transform", scipy_ndimage.affine_transform, more, options)
    _, diagonal = _plain_affine(o, x)
    g, k = of.pull(ct, x, _affine(out, x, o)), indices(out.shape)
    over = _along_all(out.ndim)
    if diagonal:
        return np.sum(g * k, axis=over)
    return np.tensordot(g, k, (over, over))


def _offset_jvp(dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    o, of = _interpolated("scipy.ndimage.affine_transform", scipy_ndimage.affine_transform, more, options)
    _plain_affine(o, x)
    at = _affine(out, x, o)
    moved = dot if ndim(dot) == 0 else np.reshape(dot, (-1,) + (1,) * out.ndim)
    return of.push(np.zeros_like(at) + moved, x, at)


def _offset_vjp(ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
    o, of = _interpolated("scipy.ndimage.affine_transform", scipy_ndimage.affine_transform, more, options)
    _plain_affine(o, x)
    g = of.pull(ct, x, _affine(out, x, o))
    return np.sum(g, axis=_along_all(out.ndim)) if ndim(o.offset) else np.sum(g)


_row_rules("affine_transform")[1] = ArgRule(_matrix_jvp, _matrix_vjp)
_row_rules("affine_transform")[2] = ArgRule(_offset_jvp, _offset_vjp)
