"""Filters of `scipy.ndimage`, linear in the input; and which functions are constant or refused.

A filter is a correlation of the input, extended by its `mode`. Its transpose is the convolution of the cotangent with zeros
around, folded back from the extension (the transpose of np.pad). Where the extended filter is the transpose of itself or of
its mirror image (zeros, a period, or a symmetric filter with a reflection), nothing needs to be folded.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import ndimage as scipy_ndimage

from ...ir.types import Array, Type
from ...runtime import images
from ..dims import dims_of
from ..numpy_tools import can_not, is_display, linear_in, ndim, norm_axes, norm_axis
from ..special import complex_valued, dispatching, in_texts
from ..table import ArgRule
from .tools import Options, Rows, conj, like_input, literal, pad, passed, promoted, rules_of, settings

ndimage: Any = in_texts("ndimage", scipy_ndimage)
rows = Rows(scipy_ndimage, "output", "indices", "distances")

#: modes of filters -> modes of np.pad
EXTENSIONS = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap",
    "grid-wrap": "wrap", "constant": "constant", "grid-constant": "constant",
}  # fmt: skip
_PERIODS, _ZEROS = ("wrap", "grid-wrap"), ("constant", "grid-constant")
_REFLECTIONS = ("reflect", "grid-mirror")


def modes(name: str, mode: Any, count: int) -> tuple[str, ...]:
    """The mode of each of the axes that are filtered."""
    given = tuple(mode) if is_display(mode) else (literal(name, "mode", mode),) * count
    for m in given:
        if literal(name, "mode", m) not in EXTENSIONS:
            raise can_not(name, f"mode={m!r}")
    return given


def sequence(name: str, option: str, value: Any, count: int) -> tuple[Any, ...]:
    """One number per axis; of constants."""
    given = tuple(value) if is_display(value) else (value,) * count
    for v in given:
        if hasattr(v, "operand") or ndim(v):
            raise can_not(name, f"{option}= that isn't written as a constant")
    return given


def per_axis(value: Any, count: int) -> tuple[Any, ...]:
    """One number per axis; of a number, a sequence or an array."""
    if is_display(value):
        return tuple(value)
    return tuple(value[k] for k in range(count)) if ndim(value) else (value,) * count


as_int = dispatching(int)


def _one_or_all(given: tuple[Any, ...]) -> Any:
    return given[0] if len(set(given)) == 1 else given


def transposed(
    name: str, ct: Any, x: Any, axes: tuple[int, ...], mode: tuple[str, ...], symmetric: bool,
    widths: Callable[[], tuple[Any, ...]], back: Callable[[Any, Any], Any],
) -> Any:  # fmt: skip
    """The transpose of a filter: `back(g, mode)` is the mirrored filter; `widths`: how far it reaches before and behind."""
    if all(m in _ZEROS for m in mode):
        return back(ct, "constant")
    if all(m in _PERIODS or m in _ZEROS or (symmetric and m in _REFLECTIONS) for m in mode):
        return back(ct, _one_or_all(mode))
    pairs: list[Any] = [(0, 0)] * x.ndim
    for axis, width, m in zip(axes, widths(), mode):
        pairs[axis] = (0, 0) if m in _ZEROS else width
    g = back(pad(ct, tuple(pairs) if len(pairs) > 1 else pairs[0]), "constant")
    pull = rules_of(np.pad).vjp
    kinds = {EXTENSIONS[m] for m in mode}
    if len(kinds) == 1:
        return pull(g, None, x, tuple(pairs), kinds.pop())
    for axis, m in zip(axes, mode):
        alone: list[Any] = [(0, 0)] * x.ndim
        alone[axis] = pairs[axis]
        g = pull(g, None, _Cut(g, axis, x.shape[axis]), tuple(alone), EXTENSIONS[m])
    return g


class _Cut:
    """Stands for an array that is padded along one axis only: its shape is asked for."""

    def __init__(self, padded: Any, axis: int, size: Any) -> None:
        self.ndim = padded.ndim
        self.shape = tuple(size if k == axis else padded.shape[k] for k in range(padded.ndim))


def _mode(mode: Any) -> dict[str, Any]:
    return {} if mode == "reflect" else {"mode": mode}


def _axes_of(x: Any, axes: Any) -> tuple[int, ...]:
    return tuple(range(x.ndim)) if axes is None else norm_axes(axes, x.ndim)


# -- correlate, convolve: linear in input and weights


class _Correlation:
    """`correlate1d` and `convolve1d` along an axis, `correlate` and `convolve` over all axes or some."""

    def __init__(self, name: str) -> None:
        self.name, self.shown = name, f"scipy.ndimage.{name}"
        self.fn = getattr(scipy_ndimage, name)
        self.single = name.endswith("1d")
        self.mirrored = name.startswith("convolve")
        self.other = name.replace("convolve", "correlate") if self.mirrored else name.replace("correlate", "convolve")
        rows(
            name, {0: ArgRule(self.jvp_x, self.vjp_x), 1: ArgRule(self.jvp_w, self.vjp_w)},
            {5: "the value outside: subtract it from the input instead", 6: "the value outside"}, types=like_input(self.fn),
        )  # fmt: skip

    def options(self, x: Any, w: Any, more: tuple[Any, ...], options: Options) -> SimpleNamespace:
        o = settings(self.shown, self.fn, 2, more, options)
        o.over = (norm_axis(o.axis, x.ndim),) if self.single else _axes_of(x, getattr(o, "axes", None))
        o.modes = modes(self.shown, o.mode, len(o.over))
        o.origins = sequence(self.shown, "origin", o.origin, len(o.over))
        return o

    def _filter(self, name: str, x: Any, w: Any, o: SimpleNamespace, mode: Any) -> Any:
        named = {} if mode == "reflect" else {"mode": mode}
        where = passed(o, axis=-1, axes=None)
        return getattr(ndimage, name)(x, w, **where, **named, **passed(o, origin=0))

    def jvp_x(self, dot: Any, out: Any, x: Any, w: Any, *more: Any, **options: Any) -> Any:
        o = self.options(x, w, more, options)
        return self._filter(self.name, dot, w, o, o.mode)

    def jvp_w(self, dot: Any, out: Any, x: Any, w: Any, *more: Any, **options: Any) -> Any:
        o = self.options(x, w, more, options)
        given = passed(o, axis=-1, axes=None, mode="reflect", cval=0.0, origin=0)
        return getattr(ndimage, self.name)(x, dot, **given)

    def _widths(self, x: Any, w: Any, o: SimpleNamespace) -> tuple[Any, ...]:
        """How far the filter reaches before and behind each element, along each of its axes."""
        found = []
        for k, origin in enumerate(o.origins):
            size = w.shape[k]
            before = size // 2 + origin
            if self.mirrored:
                found.append((size - 1 - before, before))
            else:
                found.append((before, size - 1 - before))
        return tuple(found)

    def vjp_x(self, ct: Any, out: Any, x: Any, w: Any, *more: Any, **options: Any) -> Any:
        o = self.options(x, w, more, options)
        return transposed(
            self.shown, ct, x, o.over, o.modes, False, lambda: self._widths(x, w, o),
            lambda g, mode: self._filter(self.other, g, conj(w), o, mode),
        )  # fmt: skip

    def vjp_w(self, ct: Any, out: Any, x: Any, w: Any, *more: Any, **options: Any) -> Any:
        """The correlation of the extended input with the cotangent, as far as the weights reach."""
        from .signal_convolve import signal

        o = self.options(x, w, more, options)
        wide = x
        widths = self._widths(x, w, o)
        kinds = {EXTENSIONS[m] for m in o.modes}
        for m in sorted(kinds):
            pairs: list[Any] = [(0, 0)] * x.ndim
            for axis, width, mode in zip(o.over, widths, o.modes):
                pairs[axis] = width if EXTENSIONS[mode] == m else (0, 0)
            filled = {"constant_values": o.cval} if m == "constant" and not _is_zero(o.cval) else {}
            wide = pad(wide, tuple(pairs) if len(pairs) > 1 else pairs[0], m, **filled)
        g = signal.correlate(wide, conj(ct), mode="valid")
        g = np.reshape(g, w.shape) if len(o.over) != x.ndim else g
        if self.mirrored:
            return g[(slice(None, None, -1),) * len(o.over)]
        return conj(g) if complex_valued(w) else g


def _is_zero(cval: Any) -> bool:
    return isinstance(cval, (int, float)) and cval == 0


for _name in ("correlate1d", "convolve1d", "correlate", "convolve"):
    _Correlation(_name)

# -- filters with given weights


class _Smooth:
    """A filter with constant weights, given by parameters: the input alone is differentiated."""

    def __init__(self, name: str, refusals: dict[int, str] | None = None) -> None:
        self.name, self.shown, self.fn = name, f"scipy.ndimage.{name}", getattr(scipy_ndimage, name)
        self.single = name.endswith("1d")
        rows(name, {0: ArgRule(self.jvp, self.vjp)}, refusals, types=like_input(self.fn))

    def options(self, x: Any, more: tuple[Any, ...], options: Options) -> SimpleNamespace:
        extra = {k: options[k] for k in options if self.name == "gaussian_laplace" and k in ("truncate", "radius")}
        o = settings(self.shown, self.fn, 1, more, {k: v for k, v in options.items() if k not in extra})
        o.extra = extra
        o.over = (norm_axis(o.axis, x.ndim),) if self.single else _axes_of(x, getattr(o, "axes", None))
        o.modes = modes(self.shown, o.mode, len(o.over))
        return o

    def call(self, x: Any, o: SimpleNamespace, mode: Any, **changed: Any) -> Any:
        first = {"gaussian": ("sigma",), "uniform": ("size",)}.get(self.name.partition("_")[0], ())
        head = [changed.pop(k, getattr(o, k)) for k in first]
        given = passed(o, axis=-1, axes=None, order=0, truncate=4.0, radius=None, origin=0)
        given.update({k: v for k, v in changed.items() if not (k == "origin" and v == 0)})
        if changed.get("origin") == 0:
            given.pop("origin", None)
        return getattr(ndimage, self.name)(x, *head, **given, **_mode(mode), **o.extra)

    def jvp(self, dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
        o = self.options(x, more, options)
        return self.call(dot, o, o.mode)

    def mirror(self, o: SimpleNamespace) -> tuple[int, bool, dict[str, Any]]:
        """The sign of the mirrored filter, whether the filter is symmetric, and what is changed for the mirror."""
        raise NotImplementedError

    def widths(self, o: SimpleNamespace) -> tuple[Any, ...]:
        raise NotImplementedError

    def vjp(self, ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
        o = self.options(x, more, options)
        sign, symmetric, changed = self.mirror(o)
        g = transposed(
            self.shown, ct, x, o.over, o.modes, symmetric, lambda: self.widths(o),
            lambda g, mode: self.call(g, o, mode, **changed),
        )  # fmt: skip
        return -g if sign < 0 else g


class _Gaussian(_Smooth):
    def mirror(self, o: SimpleNamespace) -> tuple[int, bool, dict[str, Any]]:
        orders = () if self.name == "gaussian_laplace" else sequence(self.shown, "order", o.order, len(o.over))
        return (-1) ** (sum(orders) % 2), not any(k % 2 for k in orders), {}

    def widths(self, o: SimpleNamespace) -> tuple[Any, ...]:
        count, of = len(o.over), o.extra if self.name == "gaussian_laplace" else vars(o)
        radius = of.get("radius")
        if radius is None:
            radius = tuple(as_int(of.get("truncate", 4.0) * s + 0.5) for s in per_axis(o.sigma, count))
        return tuple((r, r) for r in per_axis(radius, count))


class _Uniform(_Smooth):
    def widths(self, o: SimpleNamespace) -> tuple[Any, ...]:
        sizes = sequence(self.shown, "size", o.size, len(o.over))
        origins = sequence(self.shown, "origin", o.origin, len(o.over))
        return tuple((size // 2 + origin, size - 1 - size // 2 - origin) for size, origin in zip(sizes, origins))

    def mirror(self, o: SimpleNamespace) -> tuple[int, bool, dict[str, Any]]:
        sizes = sequence(self.shown, "size", o.size, len(o.over))
        origins = sequence(self.shown, "origin", o.origin, len(o.over))
        back = tuple(-origin - (1 - size % 2) for size, origin in zip(sizes, origins))
        return 1, all(before == behind for before, behind in self.widths(o)), {"origin": _one_or_all(back)}


class _Stencil(_Smooth):
    """Three weights along each axis; `sobel` and `prewitt` are differences along one of them."""

    def mirror(self, o: SimpleNamespace) -> tuple[int, bool, dict[str, Any]]:
        return (1, True, {}) if self.name == "laplace" else (-1, False, {})

    def widths(self, o: SimpleNamespace) -> tuple[Any, ...]:
        return ((1, 1),) * len(o.over)


_WIDTH = "the width sigma: its derivative isn't a filter that is here"
for _name in ("gaussian_filter", "gaussian_filter1d", "gaussian_laplace"):
    _Gaussian(_name, {1: _WIDTH})
for _name in ("uniform_filter", "uniform_filter1d"):
    _Uniform(_name)
for _name in ("sobel", "prewitt", "laplace"):
    _Stencil(_name)

# -- spline coefficients


def _spline_type(args: tuple[Any, ...], kwargs: Any) -> Type:
    return Array("c128" if promoted(args[0]) in ("c64", "c128") else "f64", dims_of(args[0]))


linear_in(
    images.spline_filter_transposed, name="spline_filter_transposed", types=_spline_type,
    vjp=lambda ct, out, g, order, axis, mode: ndimage.spline_filter1d(ct, order, axis, mode=mode),
)  # fmt: skip
spline_filter_transposed = dispatching(images.spline_filter_transposed)


def _spline_rules(name: str) -> ArgRule:
    fn = getattr(scipy_ndimage, name)

    def options_of(x: Any, more: tuple[Any, ...], options: Options) -> SimpleNamespace:
        o = settings(f"scipy.ndimage.{name}", fn, 1, more, options)
        o.over = (norm_axis(o.axis, x.ndim),) if name.endswith("1d") else tuple(range(x.ndim))
        literal(f"scipy.ndimage.{name}", "mode", o.mode)
        return o

    def jvp(dot: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
        o = options_of(x, more, options)
        return getattr(ndimage, name)(dot, **passed(o, order=3, axis=-1, mode="mirror"))

    def vjp(ct: Any, out: Any, x: Any, *more: Any, **options: Any) -> Any:
        o = options_of(x, more, options)
        for axis in o.over:
            ct = spline_filter_transposed(ct, o.order, axis, o.mode)
        return ct

    return ArgRule(jvp, vjp)


rows("spline_filter", {0: _spline_rules("spline_filter")})
rows("spline_filter1d", {0: _spline_rules("spline_filter1d")})

from . import ndimage_geometry  # noqa: E402, F401  interpolation at coordinates

# -- constant, and refused

ZERO = ("generate_binary_structure", "iterate_structure")
rows.zero(*ZERO)

_SHAPES = "it works on sets of pixels"
_RANKS = "it picks elements by their rank"
_LABELS = "use sums over masks: np.sum(x * (labels == k))"
_COUNTS = "it counts"
#: names -> why no argument has a derivative
REFUSED: dict[tuple[str, ...], str] = {
    ("binary_closing", "binary_dilation", "binary_erosion", "binary_fill_holes", "binary_hit_or_miss", "binary_opening",
     "binary_propagation", "label", "find_objects", "watershed_ift", "value_indices"): _SHAPES,
    ("median_filter", "percentile_filter", "rank_filter", "maximum_filter", "maximum_filter1d", "minimum_filter",
     "minimum_filter1d", "grey_closing", "grey_dilation", "grey_erosion", "grey_opening", "black_tophat", "white_tophat",
     "morphological_gradient", "morphological_laplace"): _RANKS,
    ("center_of_mass", "extrema", "labeled_comprehension", "maximum", "mean", "median", "minimum", "standard_deviation", "sum",
     "sum_labels", "variance", "maximum_position", "minimum_position"): _LABELS,
    ("histogram",): _COUNTS,
    ("distance_transform_bf", "distance_transform_cdt", "distance_transform_edt"): _SHAPES,
    ("fourier_ellipsoid", "fourier_gaussian", "fourier_shift", "fourier_uniform"): "write it with np.fft",
    ("generic_filter", "generic_filter1d", "generic_gradient_magnitude", "generic_laplace", "vectorized_filter",
     "geometric_transform"): "it calls a function for every element; use the functions that take coordinates or weights",
    ("gaussian_gradient_magnitude",): "use scipy.ndimage.gaussian_filter with order=1 along each axis",
}  # fmt: skip
for _names, _why in REFUSED.items():
    rows.refused(_names, _why)
