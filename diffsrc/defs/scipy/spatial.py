"""Distances of `scipy.spatial`: rows of `cdist`, `pdist`, `squareform`, `distance_matrix` and of the distances of two vectors.

One `Metric` says how a distance `d` changes with its first argument: a number per pair times a vector per pair. All functions
are made from it, since distances are symmetric. Where a distance is 0 its derivative is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import spatial
from scipy.spatial import distance

from ...errors import DiffTypeError
from ...ir.types import ANY, AnyType, Array, Type, strip
from ..dims import dims_of
from ..elementwise_types import as_array
from ..numpy_tools import can_not, ndim
from ..special import as_array as made_array
from ..special import complex_valued, dispatching, doubled, is_display, real_only, refuse, unbroadcast
from ..table import ArgRule, Def, Rule, derivative, lookup, register

_squareform = dispatching(distance.squareform)


@dataclass(frozen=True, slots=True)
class Metric:
    """A distance. `by_first(u, v, d, **options)` is the number (None for 1) and the vector whose product is the derivative in
    u, where d has the axes of u and v but the last; `odd`: that in v is the negative."""

    by_first: Callable[..., tuple[Any, Any]]
    odd: bool = True
    options: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def _weighted(vector: Any, w: Any) -> Any:
    return vector if w is None else w * vector


def _reciprocal(d: Any) -> Any:
    return np.where(d == 0, 0.0, np.divide(1.0, np.where(d == 0, 1.0, d)))


def _beside(d: Any) -> Any:
    """Distances, with an axis for the components."""
    return d[..., None] if ndim(d) else d


def _norm(u: Any) -> Any:
    return np.sqrt(np.sum(u * u, axis=-1, keepdims=True))


def _cosine(u: Any, v: Any, d: Any) -> tuple[Any, Any]:
    nu, nv = _norm(u), _norm(v)
    return None, (1 - _beside(d)) * u / (nu * nu) - v / (nu * nv)


def _correlation(u: Any, v: Any, d: Any) -> tuple[Any, Any]:
    return _cosine(u - np.mean(u, axis=-1, keepdims=True), v - np.mean(v, axis=-1, keepdims=True), d)


def _canberra(u: Any, v: Any, d: Any) -> tuple[Any, Any]:
    s = np.abs(u) + np.abs(v)
    s = np.where(s == 0, 1.0, s)
    return None, (np.sign(u - v) - np.abs(u - v) * np.sign(u) / s) / s


def _braycurtis(u: Any, v: Any, d: Any) -> tuple[Any, Any]:
    return None, (np.sign(u - v) - _beside(d) * np.sign(u + v)) / np.sum(np.abs(u + v), axis=-1, keepdims=True)


def _chebyshev(u: Any, v: Any, d: Any) -> tuple[Any, Any]:
    largest = np.where(np.abs(u - v) == _beside(d), 1.0, 0.0)
    return None, np.sign(u - v) * largest / np.sum(largest, axis=-1, keepdims=True)


def _minkowski(u: Any, v: Any, d: Any, p: Any = 2.0, w: Any = None) -> tuple[Any, Any]:
    relative = np.abs(u - v) / _beside(np.where(d == 0, 1.0, d))
    return None, _weighted(np.sign(u - v) * np.power(relative, p - 1), w)


def _mahalanobis(u: Any, v: Any, d: Any, VI: Any) -> tuple[Any, Any]:
    return 0.5 * _reciprocal(d), (u - v) @ (VI + VI.T)


METRICS = {
    "euclidean": Metric(lambda u, v, d, w=None: (_reciprocal(d), _weighted(u - v, w)), options=("w",)),
    "sqeuclidean": Metric(lambda u, v, d, w=None: (2.0, _weighted(u - v, w)), options=("w",)),
    "cityblock": Metric(lambda u, v, d, w=None: (None, _weighted(np.sign(u - v), w)), options=("w",)),
    "minkowski": Metric(_minkowski, options=("p", "w")),
    "chebyshev": Metric(_chebyshev),
    "seuclidean": Metric(lambda u, v, d, V: (_reciprocal(d), (u - v) / V), options=("V",), needs=("V",)),
    "mahalanobis": Metric(_mahalanobis, options=("VI",), needs=("VI",)),
    "cosine": Metric(_cosine, odd=False),
    "correlation": Metric(_correlation, odd=False),
    "canberra": Metric(_canberra, odd=False),
    "braycurtis": Metric(_braycurtis, odd=False),
}
ALIASES = {
    "eu": "euclidean", "e": "euclidean", "euclid": "euclidean", "sqe": "sqeuclidean", "sqeuclid": "sqeuclidean",
    "cblock": "cityblock", "cb": "cityblock", "c": "cityblock", "mi": "minkowski", "m": "minkowski", "pnorm": "minkowski",
    "cheby": "chebyshev", "cheb": "chebyshev", "ch": "chebyshev", "chebychev": "chebyshev", "se": "seuclidean",
    "s": "seuclidean", "mahal": "mahalanobis", "mah": "mahalanobis", "cos": "cosine", "co": "correlation",
}  # fmt: skip


def _array(x: Any) -> Any:
    return doubled(made_array(x) if isinstance(x, (list, tuple)) and is_display(x) else x)


def slope(name: str, metric: Any, u: Any, v: Any, d: Any, options: Mapping[str, Any]) -> tuple[Any, Any]:
    """The number and the vector of a pair.

    Raises:
        UnsupportedError: of a metric, or an option of it, without derivative.
    """
    if complex_valued(u) or complex_valued(v):
        raise can_not(name, "complex numbers")
    if not isinstance(metric, str):
        raise can_not(name, "a function as metric", "write the distance with broadcasting")
    kind = ALIASES.get(metric.lower(), metric.lower())
    if kind not in METRICS:
        raise can_not(name, f"the metric {metric!r}")
    found = METRICS[kind]
    given = {k: _array(a) for k, a in options.items() if a is not None}
    for key in given:
        if key not in found.options:
            raise can_not(name, f"{key}= and the metric {metric!r}")
    for key in found.needs:
        if key not in given:
            raise can_not(name, f"the metric {metric!r} without {key}=", f"it would be computed from the data: give {key}=")
    return found.by_first(u, v, d, **given)


def _is_odd(metric: str) -> bool:
    return METRICS[ALIASES.get(metric.lower(), metric.lower())].odd


def _times(a: Any, factor: Any) -> Any:
    return a if factor is None else factor * a


# tables of distances


class Table:
    """The pairs of the rows of two arrays."""

    def __init__(self, name: str, metric: Any, a: Any, b: Any, d: Any, options: Mapping[str, Any]) -> None:
        self.name, self.metric, self.d, self.options = name, metric, d, options
        self.a, self.b = _array(a), _array(b)

    def by(self, first: bool) -> tuple[Any, Any]:
        """The derivative by the rows of the first array, or of the second."""
        u, v = self.a[:, None], self.b[None]
        factor, vector = slope(self.name, self.metric, *((u, v) if first or _odd(self.metric) else (v, u)), self.d, self.options)
        if first or not _odd(self.metric):
            return factor, vector
        return -1.0 if factor is None else -factor, vector

    def jvp(self, dot: Any, first: bool) -> Any:
        factor, vector = self.by(first)
        return _times(np.einsum("ijk,ik->ij" if first else "ijk,jk->ij", vector, dot), factor)

    def vjp(self, ct: Any, first: bool) -> Any:
        factor, vector = self.by(first)
        return np.einsum("ij,ijk->ik" if first else "ij,ijk->jk", _times(ct, factor), vector)

    def squares(self, key: str, value: Any) -> tuple[Any, Any]:
        """A number and a vector per pair, of which the derivative in the matrix `VI`, or in the variances `V`, is made."""
        kind = ALIASES.get(self.metric.lower(), self.metric.lower()) if isinstance(self.metric, str) else ""
        if key not in METRICS[kind].needs if kind in METRICS else True:
            raise can_not(self.name, f"{key}= and the metric {self.metric!r}")
        apart = self.a[:, None] - self.b[None]
        return 0.5 * _reciprocal(self.d), apart if key == "VI" else apart / value

    def scale_jvp(self, dot: Any, key: str, value: Any) -> Any:
        factor, vector = self.squares(key, value)
        if key == "VI":
            return factor * np.einsum("ijk,kl,ijl->ij", vector, dot, vector)
        return -factor * np.einsum("ijk,k->ij", vector * vector, dot)

    def scale_vjp(self, ct: Any, key: str, value: Any) -> Any:
        factor, vector = self.squares(key, value)
        if key == "VI":
            return np.einsum("ij,ijk,ijl->kl", ct * factor, vector, vector)
        return -np.einsum("ij,ijk->k", ct * factor, vector * vector)


def _odd(metric: Any) -> bool:
    return isinstance(metric, str) and metric.lower() in {*METRICS, *ALIASES} and _is_odd(metric)


def _cdist_scale(key: str) -> ArgRule:
    name = "scipy.spatial.distance.cdist"

    def jvp(dot: Any, out: Any, a: Any, b: Any, metric: Any = "euclidean", **options: Any) -> Any:
        return Table(name, metric, a, b, out, options).scale_jvp(dot, key, options[key])

    def vjp(ct: Any, out: Any, a: Any, b: Any, metric: Any = "euclidean", **options: Any) -> Any:
        return Table(name, metric, a, b, out, options).scale_vjp(ct, key, options[key])

    return ArgRule(jvp, vjp)


def _pdist_scale(key: str) -> ArgRule:
    name = "scipy.spatial.distance.pdist"

    def jvp(dot: Any, out: Any, x: Any, metric: Any = "euclidean", **options: Any) -> Any:
        whole = Table(name, metric, x, x, _squareform(out), options).scale_jvp(dot, key, options[key])
        return _squareform(whole, checks=False)

    def vjp(ct: Any, out: Any, x: Any, metric: Any = "euclidean", **options: Any) -> Any:
        return 0.5 * Table(name, metric, x, x, _squareform(out), options).scale_vjp(_squareform(ct), key, options[key])

    return ArgRule(jvp, vjp)


def _cdist(first: bool) -> ArgRule:
    name = "scipy.spatial.distance.cdist"

    def jvp(dot: Any, out: Any, a: Any, b: Any, metric: Any = "euclidean", **options: Any) -> Any:
        return Table(name, metric, a, b, out, options).jvp(dot, first)

    def vjp(ct: Any, out: Any, a: Any, b: Any, metric: Any = "euclidean", **options: Any) -> Any:
        return Table(name, metric, a, b, out, options).vjp(ct, first)

    return ArgRule(jvp, vjp)


def _pdist_jvp(dot: Any, out: Any, x: Any, metric: Any = "euclidean", **options: Any) -> Any:
    half = Table("scipy.spatial.distance.pdist", metric, x, x, _squareform(out), options).jvp(dot, True)
    return _squareform(half + half.T, checks=False)


def _pdist_vjp(ct: Any, out: Any, x: Any, metric: Any = "euclidean", **options: Any) -> Any:
    return Table("scipy.spatial.distance.pdist", metric, x, x, _squareform(out), options).vjp(_squareform(ct), True)


def _distance_matrix(first: bool) -> ArgRule:
    name = "scipy.spatial.distance_matrix"

    def jvp(dot: Any, out: Any, x: Any, y: Any, p: Any = 2, threshold: Any = 1000000) -> Any:
        return Table(name, "minkowski", x, y, out, {"p": p}).jvp(dot, first)

    def vjp(ct: Any, out: Any, x: Any, y: Any, p: Any = 2, threshold: Any = 1000000) -> Any:
        return Table(name, "minkowski", x, y, out, {"p": p}).vjp(ct, first)

    return ArgRule(jvp, vjp)


def _table_type(one: bool) -> Callable[[tuple[Any, ...], Mapping[str, Any]], Type]:
    def types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        count = 1 if one else 2
        if len(args) < count:
            raise DiffTypeError("points are missing")
        if any(isinstance(strip(t), AnyType) for t in args[:count]):
            return ANY
        real_only(args[:count], {})
        shapes = [dims_of(as_array(t)) for t in args[:count]]
        if any(len(s) != 2 for s in shapes):
            raise DiffTypeError("points are the rows of an array with two axes")
        return Array("f64", (None,) if one else (shapes[0][0], shapes[1][0]))

    return types


register(Def(
    "scipy.spatial.distance.cdist", distance.cdist, "general",
    rules={0: _cdist(True), 1: _cdist(False), "V": _cdist_scale("V"), "VI": _cdist_scale("VI")},
    types=_table_type(False), raises=True, kink="a distance of 0: 0",
))  # fmt: skip
register(Def(
    "scipy.spatial.distance.pdist", distance.pdist, "general",
    rules={0: ArgRule(_pdist_jvp, _pdist_vjp), "V": _pdist_scale("V"), "VI": _pdist_scale("VI")},
    types=_table_type(True), raises=True, kink="a distance of 0: 0",
))  # fmt: skip
register(Def(
    "scipy.spatial.distance_matrix", spatial.distance_matrix, "general",
    rules={0: _distance_matrix(True), 1: _distance_matrix(False)}, types=_table_type(False), raises=True,
    refusals={2: "`scipy.spatial.distance_matrix` has no derivative with respect to the order p"}, kink="a distance of 0: 0",
))  # fmt: skip


def _squareform_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if isinstance(strip(args[0]), AnyType):
        return ANY
    given = as_array(args[0])
    if given.ndim not in (1, 2):
        raise DiffTypeError("squareform takes a vector or a matrix")
    return Array(given.dtype, (None,) * (3 - given.ndim))


register(Def(
    "scipy.spatial.distance.squareform", distance.squareform, "general", types=_squareform_types, raises=True, linear=True,
    kink="of a matrix the upper triangle is read",
))  # fmt: skip


@derivative(distance.squareform)
class _Squareform:
    @staticmethod
    def jvp(dot: Any, out: Any, X: Any, force: Any = "no", checks: Any = True) -> Any:
        return _squareform(dot) if ndim(dot) == 1 else _squareform(dot, checks=False)

    @staticmethod
    def vjp(ct: Any, out: Any, X: Any, force: Any = "no", checks: Any = True) -> Any:
        return np.triu(_squareform(ct)) if ndim(ct) == 1 else _squareform(ct + ct.T, checks=False)


# distances of two vectors


def _of_vectors(name: str, first: bool, params: tuple[str, ...]) -> ArgRule:
    shown = f"scipy.spatial.distance.{name}"

    def parts(out: Any, u: Any, v: Any, given: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Any, Any]:
        named = {**dict(zip(params, given)), **options}
        refuse(shown, {k: a for k, a in named.items() if k not in params})
        u, v = _array(u), _array(v)
        return slope(shown, name, *((u, v) if first else (v, u)), out, named)

    def jvp(dot: Any, out: Any, u: Any, v: Any, *given: Any, **options: Any) -> Any:
        factor, vector = parts(out, u, v, given, options)
        return _times(np.sum(vector * dot), factor)

    def vjp(ct: Any, out: Any, u: Any, v: Any, *given: Any, **options: Any) -> Any:
        factor, vector = parts(out, u, v, given, options)
        return unbroadcast(_times(ct, factor) * vector, u if first else v)

    return ArgRule(jvp, vjp)


def _by_matrix(g: Any, out: Any, u: Any, v: Any) -> Any:
    return 0.5 * _reciprocal(out) * g


def _vi_jvp(dot: Any, out: Any, u: Any, v: Any, VI: Any) -> Any:
    return _by_matrix(1.0, out, u, v) * ((u - v) @ dot @ (u - v))


def _vi_vjp(ct: Any, out: Any, u: Any, v: Any, VI: Any) -> Any:
    return _by_matrix(ct, out, u, v) * np.outer(u - v, u - v)


#: further parameters of the distances of two vectors
_PARAMETERS = {
    "minkowski": ("p", "w"), "seuclidean": ("V",), "mahalanobis": ("VI",), "correlation": ("w", "centered"),
}  # fmt: skip
for _name in METRICS:
    _params = _PARAMETERS.get(_name, ("w",))
    _fn: Rule = getattr(distance, _name)
    _rules = {0: _of_vectors(_name, True, _params), 1: _of_vectors(_name, False, _params)}
    if _name == "mahalanobis":
        _rules[2] = ArgRule(_vi_jvp, _vi_vjp)
    register(Def(
        f"scipy.spatial.distance.{_name}", _fn, "general", rules=_rules, kink="a distance of 0: 0", raises=True,
        refusals={2: f"`scipy.spatial.distance.{_name}` has no derivative with respect to {_params[0]}"},
    ))  # fmt: skip

#: names -> why no argument has a derivative
REFUSED: dict[tuple[str, ...], str] = {
    ("dice", "hamming", "jaccard", "rogerstanimoto", "russellrao", "sokalsneath", "yule"): "it compares flags",
    ("jensenshannon",): "write it with scipy.special.rel_entr",
    ("directed_hausdorff",): "write it with cdist, np.min and np.max",
}
for _names, _why in REFUSED.items():
    for _name in _names:
        if (_known := getattr(distance, _name, None)) is not None and lookup(_known) is None:
            register(Def(f"scipy.spatial.distance.{_name}", _known, "general", refusals={-1: _why}, raises=True))
