"""The normal distribution of vectors: rows of `logpdf`, `pdf` and `entropy`.

Derivatives in the covariance are by its lower triangle, as SciPy reads it; in one that may be singular they are those among
matrices of its rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...ir.types import ANY, Scalar, Type
from ..numpy_tools import can_not, ndim
from ..special import quotient, unbroadcast
from ..table import ArgRule, Def, register
from .stats import method
from .stats_vectors import any_unknown, as_points, dims, lower, row, sizes, squeezed, symmetric


def _is_line(shapes: list[tuple[Any, ...] | None]) -> bool:
    """Whether one variable is meant, whose values an array of points holds, by the shapes of mean and cov."""
    mean, cov = (*shapes[1:3], *(None,) * 2)[:2]
    return (cov is None or all(d == 1 for d in cov)) and (mean is None or all(d == 1 for d in mean))


def _normal_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if any_unknown(args):
        return ANY
    shapes = sizes(args[:3], {})
    x = shapes[0] or ()
    if _is_line(shapes):
        return squeezed(x if len(x) < 2 else x[:-1])
    return squeezed(x[:-1])


def _only(a: Any) -> Any:
    """The only element."""
    return a if ndim(a) == 0 else a[(0,) * ndim(a)]


def _as_only(total: Any, a: Any) -> Any:
    """A number in the shape of an array of one element."""
    return total if ndim(a) == 0 else np.reshape(total, (1,) * ndim(a))


def _pinv(cov: Any) -> Any:
    """The inverse on the range, as SciPy tells it from zero."""
    return np.linalg.pinv(cov, 2.220446049250313e-10, True)


def _covariance(cov: Any) -> Any:
    cov = as_points(cov)
    return cov if ndim(cov) < 2 or all(d == 1 for d in dims(cov)) else symmetric(cov)


class Normal:
    """The parts of a call of the density of a normal distribution: the points, and the deviations from the mean in terms of
    the covariance."""

    def __init__(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False) -> None:
        if not isinstance(allow_singular, bool):
            raise can_not("scipy.stats.multivariate_normal", "allow_singular= that isn't written as True or False")
        self.singular = allow_singular
        self.x, self.mean, self.cov = as_points(x), None if mean is None else as_points(mean), _covariance(cov)
        self.line = all(d == 1 for a in (self.mean, self.cov) if a is not None for d in dims(a))
        if ndim(self.x) > 1 if self.line else ndim(self.x) == 0:
            raise can_not("scipy.stats.multivariate_normal", f"points of {ndim(self.x)} axes in this dimension")
        if self.line:
            self.mean, self.cov = None if mean is None else _only(self.mean), _only(self.cov)
        self.dev = self.x if self.mean is None else self.x - self.mean

    def scaled(self) -> Any:
        """The inverse covariance times the deviations."""
        if ndim(self.cov) < 2:
            return quotient(self.dev, self.cov)
        if self.singular:
            return self.dev @ self.inverse()
        if ndim(self.dev) == 1:
            return np.linalg.solve(self.cov, self.dev)
        if ndim(self.dev) == 2:
            return np.linalg.solve(self.cov, self.dev.T).T
        return np.linalg.solve(self.cov, self.dev[..., None])[..., 0]

    def inverse(self) -> Any:
        """The inverse of the covariance; where it may be singular, on its range."""
        return _pinv(self.cov) if self.singular else np.linalg.inv(self.cov)

    def at_points(self, ct: Any) -> Any:
        """A cotangent of the result beside the components of each point."""
        if self.line or ndim(self.x) == 1:
            return ct
        return ct[..., None] if ndim(ct) == ndim(self.x) - 1 else np.reshape(ct, (*self.x.shape[:-1], 1))

    def summed(self, change: Any, out: Any) -> Any:
        """The sum over components, for each point, as the result has them."""
        total = change if self.line else np.sum(change, axis=-1)
        return total if ndim(total) == ndim(out) else np.reshape(total, np.shape(out))

    def where_dense(self, g: Any, out: Any) -> Any:
        """A derivative per component; outside the support of a singular distribution it is 0."""
        if not self.singular:
            return g
        outside = np.isinf(out)
        return np.where(self.at_points(outside) if ndim(outside) else outside, 0.0, g)

    def by_variance(self, s: Any) -> Any:
        """The derivative in variances, beside the components of each point."""
        return 0.5 * (s * s - np.divide(1.0, self.cov))


def _x_jvp(dot: Any, out: Any, *args: Any, **options: Any) -> Any:
    n = Normal(*args, **options)
    return n.summed(-n.where_dense(n.scaled(), out) * dot, out)


def _x_vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
    n = Normal(*args, **options)
    return unbroadcast(-n.at_points(ct) * n.where_dense(n.scaled(), out), n.x)


def _mean_jvp(dot: Any, out: Any, *args: Any, **options: Any) -> Any:
    n = Normal(*args, **options)
    return n.summed(n.where_dense(n.scaled(), out) * (_only(dot) if n.line else dot), out)


def _mean_vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
    n = Normal(*args, **options)
    g = n.at_points(ct) * n.where_dense(n.scaled(), out)
    if n.line:
        return _as_only(np.sum(g), args[1])
    return g if ndim(g) == 1 else np.sum(g, axis=tuple(range(ndim(g) - 1)) if ndim(g) > 2 else 0)


def _cov_jvp(dot: Any, out: Any, *args: Any, **options: Any) -> Any:
    n = Normal(*args, **options)
    s = n.scaled()
    if ndim(n.cov) < 2:
        return n.summed(n.by_variance(s) * (_only(dot) if n.line else dot), out)
    change = symmetric(dot)
    volume = np.trace(n.inverse() @ change if n.singular else np.linalg.solve(n.cov, change))
    found = n.summed(0.5 * s * (s @ change), out) - 0.5 * volume
    return np.where(np.isinf(out), 0.0, found) if n.singular else found


def _cov_vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
    n = Normal(*args, **options)
    if n.singular:
        ct = np.where(np.isinf(out), 0.0, ct)
    s, c = n.scaled(), n.at_points(ct)
    if ndim(n.cov) < 2:
        g = unbroadcast(c * n.by_variance(s), n.cov)
        return _as_only(g, args[2]) if n.line else g
    if ndim(s) == 1:
        return lower(0.5 * ct * (np.outer(s, s) - n.inverse()))
    if ndim(s) > 2:
        s, c = np.reshape(s, (-1, s.shape[-1])), np.reshape(c, (-1, 1))
    return lower(0.5 * ((c * s).T @ s - np.sum(ct) * n.inverse()))


row(
    "multivariate_normal", ("logpdf", "pdf"), {"x": None, "mean": None, "cov": 1, "allow_singular": False}, _normal_types,
    {0: ArgRule(_x_jvp, _x_vjp), 1: ArgRule(_mean_jvp, _mean_vjp), 2: ArgRule(_cov_jvp, _cov_vjp)},
)  # fmt: skip


def _entropy_by_variance(mean: Any, cov: Any) -> Any:
    """The derivative in variances; one number is that of every component."""
    same = ndim(cov) == 0 and mean is not None and ndim(as_points(mean)) == 1
    return quotient(0.5 * as_points(mean).shape[0] if same else 0.5, cov)


def _entropy_jvp(dot: Any, out: Any, mean: Any = None, cov: Any = 1) -> Any:
    cov = as_points(cov)
    if ndim(cov) < 2:
        return np.sum(_entropy_by_variance(mean, cov) * dot)
    return 0.5 * np.sum(_pinv(symmetric(cov)) * symmetric(dot))


def _entropy_vjp(ct: Any, out: Any, mean: Any = None, cov: Any = 1) -> Any:
    cov = as_points(cov)
    return ct * (_entropy_by_variance(mean, cov) if ndim(cov) < 2 else lower(0.5 * _pinv(symmetric(cov))))


def _no_influence(*args: Any) -> None:
    return None


if (_entropy := method("multivariate_normal", "entropy")) is not None:
    register(Def(
        "scipy.stats.multivariate_normal.entropy", _entropy, "general", defaults={"mean": None, "cov": 1}, raises=True,
        types=lambda args, kwargs: Scalar("f64"),
        rules={0: ArgRule(_no_influence, _no_influence), 1: ArgRule(_entropy_jvp, _entropy_vjp)},
    ))  # fmt: skip
