"""Functions of samples in `scipy.stats`: means, moments, entropy; and why others have no derivative.

A statistic is given by its gradient: `slope(out, a, axis, ...)` of the shape of the sample, by which its tangents are summed
along `axis`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from ...ir.types import Tuple, Type
from ..numpy_tools import can_not, expand, is_absent, ndim, norm_axes
from ..probe import infer_by_trial
from ..special import as_array, complex_valued, dispatching, is_display, is_number, unbroadcast
from ..table import ArgRule, Def, TypeRule, lookup, register

Slope = Callable[..., Any]


def _array(x: Any) -> Any:
    return as_array(x) if isinstance(x, (list, tuple)) and is_display(x) else x


def _count(a: Any, axis: Any) -> Any:
    """How many items a statistic is made of."""
    if axis is None or len(norm_axes(axis, ndim(a))) == ndim(a):
        return a.size
    found: Any = 1
    for k in norm_axes(axis, ndim(a)):
        found = found * a.shape[k]
    return found


def _share(a: Any, axis: Any, weights: Any) -> Any:
    """The weight of each item."""
    if weights is None:
        return 1.0 / _count(a, axis)
    if ndim(weights) != ndim(a):
        raise can_not("this mean", "weights of another shape")
    return weights / np.sum(weights, axis=axis, keepdims=True)


def _standard(a: Any, axis: Any) -> tuple[Any, Any]:
    """The standardised sample and its deviation."""
    s = np.std(a, axis=axis, keepdims=True)
    return (a - np.mean(a, axis=axis, keepdims=True)) / s, s


#: statistics that divide by a standard deviation
_BY_VARIANCE = ("skew", "kurtosis", "sem", "variation")


def statistic(name: str, slope: Slope, *params: str, by_name: tuple[str, ...] = ()) -> None:
    """A row of a function of a sample. `slope(out, a, axis, **options)`, with `out` beside the items; `params`: those after the
    sample, `by_name` those that are given by name only."""
    fn = getattr(stats, name, None)
    if fn is None:
        return
    shown = f"scipy.stats.{name}"
    def read(out: Any, a: Any, given: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, Any, Any]:
        named = {**dict(zip(params, given)), **options}
        axis, keepdims = named.pop("axis", 0), named.pop("keepdims", False)
        if named.pop("nan_policy", "propagate") not in ("propagate", "raise"):
            raise can_not(shown, "nan_policy='omit'")
        for key in named:
            if key not in (*params, *by_name):
                raise can_not(shown, f"{key}=")
        a = _array(a)
        if complex_valued(a) and name in _BY_VARIANCE:
            raise can_not(shown, "complex numbers")
        return slope(expand(out, ndim(a), axis, keepdims), a, axis, **named), axis, keepdims

    def jvp(dot: Any, out: Any, a: Any, *given: Any, **options: Any) -> Any:
        found, axis, keepdims = read(out, a, given, options)
        return np.sum(found * dot, axis=axis, keepdims=keepdims)

    def vjp(ct: Any, out: Any, a: Any, *given: Any, **options: Any) -> Any:
        found, axis, keepdims = read(out, a, given, options)
        return expand(ct, ndim(_array(a)), axis, keepdims) * found

    register(Def(shown, fn, "general", rules={0: ArgRule(jvp, vjp)}, raises=True))


def _gmean(out: Any, a: Any, axis: Any, dtype: Any = None, weights: Any = None) -> Any:
    return out * _share(a, axis, weights) / a


def _hmean(out: Any, a: Any, axis: Any, dtype: Any = None, weights: Any = None) -> Any:
    return _share(a, axis, weights) * np.square(out / a)


def _pmean(out: Any, a: Any, axis: Any, p: Any, dtype: Any = None, weights: Any = None) -> Any:
    if is_number(p) and p == 0:
        return _gmean(out, a, axis, dtype, weights)
    return _share(a, axis, weights) * np.power(a / out, p - 1)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise can_not(f"scipy.stats.{name}", "a flag that isn't written as True or False")
    return value


def _skew(out: Any, a: Any, axis: Any, bias: Any = True) -> Any:
    z, s = _standard(a, axis)
    n = _count(a, axis)
    found = 3.0 / n * (z * z - 1 - np.mean(z * z * z, axis=axis, keepdims=True) * z) / s
    return found if _flag("skew", bias) else np.sqrt(n * (n - 1.0)) / (n - 2.0) * found


def _kurtosis(out: Any, a: Any, axis: Any, fisher: Any = True, bias: Any = True) -> Any:
    z, s = _standard(a, axis)
    n = _count(a, axis)
    cubes = z * z * z
    third, fourth = (np.mean(m, axis=axis, keepdims=True) for m in (cubes, cubes * z))
    found = 4.0 / n * (cubes - third - fourth * z) / s
    return found if _flag("kurtosis", bias) else (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)) * found


def _moment(out: Any, a: Any, axis: Any, order: Any = 1, center: Any = None) -> Any:
    if not isinstance(order, int):
        raise can_not("scipy.stats.moment", "an order that isn't an integer known when it is compiled")
    powers = np.power(a - (np.mean(a, axis=axis, keepdims=True) if center is None else center), max(order - 1, 0))
    if center is None:
        powers = powers - np.mean(powers, axis=axis, keepdims=True)
    return float(order) / _count(a, axis) * powers


def _sem(out: Any, a: Any, axis: Any, ddof: Any = 1) -> Any:
    n = _count(a, axis)
    return (a - np.mean(a, axis=axis, keepdims=True)) / (n * (n - ddof) * out)


def _variation(out: Any, a: Any, axis: Any, ddof: Any = 0) -> Any:
    n, mean = _count(a, axis), np.mean(a, axis=axis, keepdims=True)
    return ((a - mean) / ((n - ddof) * out * mean) - out / n) / mean


statistic("gmean", _gmean, "axis", "dtype", "weights")
statistic("hmean", _hmean, "axis", "dtype", "weights")
statistic("skew", _skew, "axis", "bias")
statistic("kurtosis", _kurtosis, "axis", "fisher", "bias")
statistic("moment", _moment, "order", "axis", "nan_policy", by_name=("center",))
statistic("sem", _sem, "axis", "ddof")
statistic("variation", _variation, "axis", "nan_policy", "ddof")


def _pmean_fn() -> None:
    fn = getattr(stats, "pmean", None)
    if fn is None:
        return
    why = "`scipy.stats.pmean` has no derivative with respect to the power p"

    def jvp(dot: Any, out: Any, a: Any, p: Any, axis: Any = 0, dtype: Any = None, weights: Any = None) -> Any:
        a = _array(a)
        return np.sum(_pmean(expand(out, ndim(a), axis), a, axis, p, dtype, weights) * dot, axis=axis)

    def vjp(ct: Any, out: Any, a: Any, p: Any, axis: Any = 0, dtype: Any = None, weights: Any = None) -> Any:
        a = _array(a)
        return expand(ct, ndim(a), axis) * _pmean(expand(out, ndim(a), axis), a, axis, p, dtype, weights)

    register(Def("scipy.stats.pmean", fn, "general", rules={0: ArgRule(jvp, vjp)}, refusals={1: why}, raises=True))


_pmean_fn()


# the sample itself, standardised


def _spread(a: Any, axis: Any, ddof: Any) -> tuple[Any, Any]:
    """The deviation, and the number by which its square differs from the mean of squares; None for 1."""
    if is_number(ddof) and ddof == 0:
        return np.std(a, axis=axis, keepdims=True), None
    n = _count(a, axis)
    return np.std(a, axis=axis, ddof=ddof, keepdims=True), n / (n - ddof)


def _zscore(g: Any, out: Any, a: Any, axis: Any = 0, ddof: Any = 0, nan_policy: Any = "propagate") -> Any:
    """Its Jacobian is symmetric."""
    if nan_policy not in ("propagate", "raise"):
        raise can_not("scipy.stats.zscore", "nan_policy='omit'")
    s, factor = _spread(_array(a), axis, ddof)
    along = np.mean(out * g, axis=axis, keepdims=True)
    return (g - np.mean(g, axis=axis, keepdims=True) - out * (along if factor is None else factor * along)) / s


if hasattr(stats, "zscore"):
    register(Def("scipy.stats.zscore", stats.zscore, "general", rules={0: ArgRule(_zscore, _zscore)}, raises=True))


# entropy


def _entropy_parts(out: Any, pk: Any, qk: Any, base: Any, axis: Any, keepdims: Any) -> tuple[Any, ...]:
    """What is divided by the sums of pk and qk: the derivatives by the normalised probabilities."""
    if ndim(pk) != ndim(qk) and qk is not None:
        raise can_not("scipy.stats.entropy", "pk and qk of different numbers of axes")
    scale = None if base is None else np.log(base)
    out = expand(out, ndim(pk), axis, keepdims)
    whole = np.sum(pk, axis=axis, keepdims=True)
    p = pk / whole
    natural = out if scale is None else out * scale
    if qk is None:
        return -(np.log(p) + natural) / (whole if scale is None else whole * scale), None
    total = np.sum(qk, axis=axis, keepdims=True)
    ratio = p / (qk / total)
    by_p, by_q = (np.log(ratio) - natural) / whole, (1 - ratio) / total
    return (by_p, by_q) if scale is None else (by_p / scale, by_q / scale)


def _entropy(position: int) -> ArgRule:
    def read(out: Any, pk: Any, qk: Any, base: Any, axis: Any, options: dict[str, Any]) -> tuple[Any, bool]:
        keepdims = options.pop("keepdims", False)
        for key, value in options.items():
            if key != "nan_policy" or value not in ("propagate", "raise"):
                raise can_not("scipy.stats.entropy", f"{key}=")
        pk, qk = _array(pk), None if qk is None else _array(qk)
        return _entropy_parts(out, pk, qk, base, axis, keepdims)[position], keepdims

    def jvp(dot: Any, out: Any, pk: Any, qk: Any = None, base: Any = None, axis: Any = 0, **options: Any) -> Any:
        found, keepdims = read(out, pk, qk, base, axis, options)
        return np.sum(found * dot, axis=axis, keepdims=keepdims)

    def vjp(ct: Any, out: Any, pk: Any, qk: Any = None, base: Any = None, axis: Any = 0, **options: Any) -> Any:
        found, keepdims = read(out, pk, qk, base, axis, options)
        x = _array(qk if position else pk)
        return unbroadcast(expand(ct, ndim(x), axis, keepdims) * found, x)

    return ArgRule(jvp, vjp)


if hasattr(stats, "entropy"):
    register(Def(
        "scipy.stats.entropy", stats.entropy, "general", rules={0: _entropy(0), 1: _entropy(1)}, raises=True,
        refusals={2: "`scipy.stats.entropy` has no derivative with respect to the base"},
    ))  # fmt: skip

# Pearson's correlation


def _pearson(first: bool) -> ArgRule:
    """Of the correlation and its p-value: twice the tail of a beta distribution beyond it."""

    def slope(out: Any, x: Any, y: Any, axis: Any, alternative: Any, method: Any) -> tuple[Any, Any, Any]:
        if alternative != "two-sided" or method is not None:
            raise can_not("scipy.stats.pearsonr", "alternative= or method=")
        x, y = _array(x), _array(y)
        u, v = (a - np.mean(a, axis=axis, keepdims=True) for a in ((x, y) if first else (y, x)))
        nu, nv = (np.sqrt(np.sum(a * a, axis=axis, keepdims=True)) for a in (u, v))
        shape = 0.5 * _count(x, axis) - 1.0
        density = dispatching(stats.beta.pdf)(np.abs(out[0]), shape, shape, -1, 2)
        return (v / nv - expand(out[0], ndim(x), axis) * u / nu) / nu, -2.0 * np.sign(out[0]) * density, ndim(x)

    def jvp(dot: Any, out: Any, x: Any, y: Any, *, axis: Any = 0, alternative: Any = "two-sided", method: Any = None) -> Any:
        by_item, of_tail, _ = slope(out, x, y, axis, alternative, method)
        change = np.sum(by_item * dot, axis=axis)
        return change, of_tail * change

    def vjp(ct: Any, out: Any, x: Any, y: Any, *, axis: Any = 0, alternative: Any = "two-sided", method: Any = None) -> Any:
        by_item, of_tail, rank = slope(out, x, y, axis, alternative, method)
        terms = [c if k == 0 else c * of_tail for k, c in enumerate((ct[0], ct[1])) if not is_absent(c)]
        return None if not terms else expand(sum(terms[1:], terms[0]), rank, axis) * by_item

    return ArgRule(jvp, vjp)


class Correlation(NamedTuple):
    """The tangents of what `pearsonr` gives, which itself can't be made of its fields."""

    statistic: Any
    pvalue: Any


def _fields_of(fn: Callable[..., Any], cls: type) -> TypeRule:
    """The type of a result by trial, as a tuple of these names."""

    def types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        found = infer_by_trial(fn, args, kwargs)
        return Tuple(found.items, cls, cls._fields) if isinstance(found, Tuple) else found  # type: ignore[attr-defined]

    return types


if hasattr(stats, "pearsonr"):
    register(Def(
        "scipy.stats.pearsonr", stats.pearsonr, "general", rules={0: _pearson(True), 1: _pearson(False)}, raises=True,
        types=_fields_of(stats.pearsonr, Correlation),
    ))  # fmt: skip

# a straight line


def _line(first: bool) -> ArgRule:
    """Of slope, intercept, correlation, p-value and standard error, each by its gradient; those that aren't used have none."""

    def gradients(out: Any, x: Any, y: Any, alternative: Any) -> tuple[Callable[[], Any], ...]:
        if alternative != "two-sided":
            raise can_not("scipy.stats.linregress", "alternative=")
        x, y = _array(x), _array(y)
        n, center = x.size, np.mean(x)
        u, v = x - center, y - np.mean(y)
        sx, sy = np.sum(u * u), np.sum(v * v)
        slope, r, error = out[0], out[2], out[4]

        def by_slope() -> Any:
            return ((v - 2 * slope * u) if first else u) / sx

        def by_intercept() -> Any:
            return (-slope if first else 1.0) / n - center * by_slope()

        def by_r() -> Any:
            a, b, sa, sb = (u, v, sx, sy) if first else (v, u, sy, sx)
            return b / np.sqrt(sa * sb) - r * a / sa

        def by_p() -> Any:
            shape = 0.5 * n - 1.0
            return -2.0 * np.sign(r) * dispatching(stats.beta.pdf)(np.abs(r), shape, shape, -1, 2) * by_r()

        def by_error() -> Any:
            squares = (1 - r * r) * (v / sx if not first else -sy * u / (sx * sx))
            return (squares - r * sy / sx * by_r()) / ((n - 2) * error)

        return by_slope, by_intercept, by_r, by_p, by_error

    def jvp(dot: Any, out: Any, x: Any, y: Any, alternative: Any = "two-sided") -> Any:
        return tuple(np.sum(g() * dot) for g in gradients(out, x, y, alternative))

    def vjp(ct: Any, out: Any, x: Any, y: Any, alternative: Any = "two-sided") -> Any:
        every = enumerate(gradients(out, x, y, alternative))
        terms = [ct[k] * g() for k, g in every if not is_absent(ct[k])]
        return sum(terms[1:], terms[0]) if terms else None

    return ArgRule(jvp, vjp)


class Line(NamedTuple):
    """The tangents of what `linregress` gives."""

    slope: Any
    intercept: Any
    rvalue: Any
    pvalue: Any
    stderr: Any


if hasattr(stats, "linregress"):
    register(Def(
        "scipy.stats.linregress", stats.linregress, "general", rules={0: _line(True), 1: _line(False)}, raises=True,
        types=_fields_of(stats.linregress, Line),
    ))  # fmt: skip

#: names -> why no argument has a derivative
REFUSED: dict[tuple[str, ...], str] = {
    ("describe",): "use np.mean, np.var and scipy.stats.skew",
    ("iqr",): "use np.quantile",
    ("spearmanr", "kendalltau", "mode", "percentileofscore"): "it depends on the order of its arguments only",
    ("boxcox",): "use scipy.special.boxcox",
    ("gzscore",): "use scipy.stats.zscore(np.log(x))",
}  # fmt: skip
for _names, _why in REFUSED.items():
    for _name in _names:
        if (_fn := getattr(stats, _name, None)) is not None and lookup(_fn) is None:
            register(Def(f"scipy.stats.{_name}", _fn, "general", refusals={-1: _why}, raises=True))
register(Def("scipy.stats.rankdata", stats.rankdata, "zero"))
