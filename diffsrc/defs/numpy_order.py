"""Rows for medians, quantiles and percentiles.

Such a statistic lies at a *place* between two elements in sorted order: `a[low] * (1 - share) + a[low + 1] * share`. Where the
place isn't plain arithmetic, NumPy says itself what it is: the same statistic of the ranks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .numpy_tools import can_not, given, inverse, is_display, ndim, norm_axes, only, rule, transposed

_MEDIAN = ("axis", "out", "overwrite_input", "keepdims")
_QUANTILE = ("q", "axis", "out", "overwrite_input", "method", "keepdims")

# -- one axis to go along


class _Layout:
    """How several axes, or all of them, become the last one."""

    def __init__(self, a: Any, axis: Any) -> None:
        self.shape, self.rank, self.axis = a.shape, a.ndim, axis
        self.single = isinstance(axis, int) or (axis is None and a.ndim == 1)
        #: the axis, counted from the end: of one axis itself
        self.along = axis - a.ndim if isinstance(axis, int) and axis >= 0 else axis if isinstance(axis, int) else -1
        over = range(a.ndim) if axis is None else norm_axes(axis, a.ndim)
        self.over = tuple(sorted(over))
        self.order = [k for k in range(a.ndim) if k not in self.over] + list(self.over)

    def flat(self, a: Any) -> Any:
        if self.single:
            return a
        if self.axis is None:
            return np.ravel(a)
        kept = tuple(a.shape[k] for k in self.order[: a.ndim - len(self.over)])
        return np.reshape(transposed(a, self.order), (*kept, -1))

    def back(self, g: Any) -> Any:
        if self.single:
            return g
        if self.axis is None:
            return np.reshape(g, self.shape)
        return transposed(np.reshape(g, tuple(self.shape[k] for k in self.order)), inverse(self.order))

    def kept(self, total: Any, leading: int) -> Any:
        """The result with its lost axes back as axes of size 1."""
        return np.expand_dims(total, tuple(k + leading for k in self.over))

    def expanded(self, ct: Any, leading: int, keepdims: bool) -> Any:
        """A cotangent that broadcasts against `flat(a)`."""
        if keepdims and not (isinstance(self.axis, int)):
            ct = np.squeeze(ct, tuple(k + leading for k in self.over))
        elif keepdims:
            return ct
        return np.expand_dims(ct, self.along) if ndim(ct) else ct


# -- places


def _ranks(a: Any, along: int) -> Any:
    options: dict[str, Any] = {"kind": "stable", **({} if along == -1 else {"axis": along})}
    return np.argsort(np.argsort(a, **options), **options)


def _as_dtype(place: Any, a: Any) -> Any:
    """A place that doesn't widen the dtype."""
    return place if a.dtype == np.float64 or not ndim(place) else place.astype(a.dtype)


def _share(a: Any, place: Any) -> tuple[Any, Any, Any]:
    """The two ranks between which a place lies, and how far it is from the lower one."""
    low = np.floor(place)
    return low, low + 1, _as_dtype(place - low, a)


def _of_ranks(fn: Callable[..., Any], rank: Any, a: Any, along: int, *q: Any, **options: Any) -> Any:
    """Where NumPy says that a statistic is; elements that are nan have no rank."""
    missing = fn in (np.nanmedian, np.nanquantile, np.nanpercentile)
    ranks = np.where(np.isnan(a), np.nan, rank) if missing else rank
    return fn(ranks, *q, axis=along, keepdims=True, **options)


def _median_place(fn: Callable[..., Any], a: Any, rank: Any, along: int) -> tuple[Any, Any, Any]:
    if fn is np.nanmedian:
        return _share(a, _of_ranks(fn, rank, a, along))
    n = a.shape[along]
    return (n - 1) // 2, n // 2, 0.5


def _quantile_place(fn: Callable[..., Any], a: Any, rank: Any, along: int, q: Any, **options: Any) -> tuple[Any, Any, Any]:
    plain = options["method"] == "linear" and options["weights"] is None
    if fn in (np.quantile, np.percentile) and plain and not _depth(q):
        place = (q if fn is np.quantile else q / 100.0) * (a.shape[along] - 1)
        return place // 1, place // 1 + 1, place % 1
    if fn in (np.nanquantile, np.nanpercentile) and _depth(q) > 1:  # whose axes NumPy orders by the sign of `axis`
        raise can_not(f"np.{fn.__name__}", "quantiles in an array of several axes")
    method = options["method"]
    given_ = {} if method == "linear" else {"method": method}
    weights = options["weights"]
    return _share(a, _of_ranks(fn, rank, a, along, q, **given_, **({} if weights is None else {"weights": weights})))


# -- the rules


def _statistic(fn: Callable[..., Any], names: tuple[str, ...]) -> tuple[Any, Any]:
    name = f"np.{fn.__name__}"

    def settle(a: Any, args: tuple[Any, ...], options: Any) -> tuple[_Layout, bool, int, Any]:
        known = {"keepdims": False, "axis": None, **dict(zip(names, args)), **options}
        axis, keepdims, q = known.pop("axis"), bool(known.pop("keepdims")), known.pop("q", None)
        method, weights = known.pop("method", "linear"), known.pop("weights", None)
        only(name, {k: v for k, v in known.items() if v is not False})
        layout = _Layout(a, axis)
        flat = layout.flat(a)
        rank = _ranks(flat, layout.along)
        if "q" not in names:
            place = _median_place(fn, flat, rank, layout.along)
            return layout, keepdims, 0, (rank, *place)
        if weights is not None and not layout.single:
            if ndim(weights) != a.ndim:
                raise can_not(name, "weights of fewer axes than the array, along several axes")
            weights = layout.flat(weights)
        place = _quantile_place(fn, flat, rank, layout.along, q, method=method, weights=weights)
        return layout, keepdims, _depth(q), (rank, *place)

    def jvp(dot: Any, out: Any, a: Any, *args: Any, **options: Any) -> Any:
        layout, keepdims, leading, (rank, low, high, share) = settle(a, args, options)
        flat, along = layout.flat(dot), layout.along
        kept = keepdims and layout.single and layout.axis is not None

        def taken(at: Any) -> Any:
            return np.sum(np.where(rank == at, flat, 0.0), axis=along, **given(keepdims=kept))

        part = share if not ndim(share) or kept else np.squeeze(share, along)
        total = taken(low) * (1.0 - part) + taken(high) * part
        return layout.kept(total, leading) if keepdims and not kept else total

    def vjp(ct: Any, out: Any, a: Any, *args: Any, **options: Any) -> Any:
        layout, keepdims, leading, (rank, low, high, share) = settle(a, args, options)
        ct = layout.expanded(ct, leading, keepdims)
        g = np.where(rank == low, ct * (1.0 - share), 0.0) + np.where(rank == high, ct * share, 0.0)
        if leading:
            g = np.sum(g, axis=tuple(range(leading)))
        return layout.back(g)

    return jvp, vjp


def _depth(q: Any) -> int:
    return 1 + _depth(q[0]) if is_display(q) else ndim(q)


_KINK = "equal elements keep their order"
_FUNCTIONS: dict[Callable[..., Any], tuple[str, ...]] = {
    np.median: _MEDIAN, np.nanmedian: _MEDIAN,
    np.quantile: _QUANTILE, np.percentile: _QUANTILE, np.nanquantile: _QUANTILE, np.nanpercentile: _QUANTILE,
}  # fmt: skip
for _fn, _names in _FUNCTIONS.items():
    _jvp, _vjp = _statistic(_fn, _names)
    rule(_fn, jvp=_jvp, vjp=_vjp, kink=_KINK)
    if "q" in _names:  # the place jumps where weights change it
        rule(_fn, arg="weights", jvp=lambda *args, **options: None, vjp=lambda *args, **options: None)
