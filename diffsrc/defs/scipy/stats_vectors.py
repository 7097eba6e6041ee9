"""Distributions of vectors and matrices in `scipy.stats`: rows of `logpdf`, `pdf`, `logpmf` and `pmf`.

SciPy reads the lower triangle of a covariance or scale matrix only, and so do the derivatives, as that of
`np.linalg.cholesky`. Of the probabilities of a multinomial it takes the last to be what the others leave: so do the derivatives.
Counts have no derivative, and are refused where they are active.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...errors import DiffTypeError
from ...ir.types import ANY, AnyType, Array, NoneType, Scalar, Type, same_dim, strip
from ..dims import broadcast, dims_of
from ..elementwise_types import as_array
from ..numpy_tools import can_not, ndim
from ..special import as_array as made_array
from ..special import dispatching, doubled, is_display, quotient, real_only, unbroadcast
from ..table import ArgRule, Def, register
from .special import special
from .stats import method, unknown

Types = Callable[[tuple[Any, ...], Mapping[str, Any]], Type]


def row(name: str, kinds: tuple[str, str], defaults: dict[str, Any], types: Types, rules: dict[int, ArgRule],
        refusals: dict[int, str] | None = None) -> None:  # fmt: skip
    """Rows of the logarithm of a density, whose rules are given, and of the density itself."""
    for kind in kinds:
        fn = method(name, kind)
        if fn is None:
            continue
        made = rules if kind.startswith("log") else {i: _of_density(r) for i, r in rules.items()}
        register(Def(
            f"scipy.stats.{name}.{kind}", fn, "general", rules=made, types=types, defaults=defaults, raises=True,
            refusals={i: why.replace("KIND", kind) for i, why in (refusals or {}).items()},
        ))  # fmt: skip


def _of_density(rule: ArgRule) -> ArgRule:
    """The rule of a density, by that of its logarithm."""

    def jvp(dot: Any, out: Any, *args: Any, **options: Any) -> Any:
        return out * rule.jvp(dot, _tested(out), *args, **options)

    def vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
        return rule.vjp(ct * out, _tested(out), *args, **options)

    return ArgRule(jvp, vjp)


def _tested(out: Any) -> Any:
    """In place of the logarithm of a density, of which rules only ask where it is infinite."""
    return np.where(out == 0, -np.inf, out)


def _array(x: Any) -> Any:
    return doubled(made_array(x) if isinstance(x, (list, tuple)) and is_display(x) else x)


def _sizes(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[tuple[Any, ...] | None]:
    """The shapes of arguments, None for one that isn't given."""
    real_only(args, kwargs)
    return [None if isinstance(strip(t), NoneType) else dims_of(as_array(t)) if not _is_number(t) else () for t in args]


def _is_number(t: Type) -> bool:
    return isinstance(strip(t), Scalar)


def _squeezed(shape: tuple[Any, ...]) -> Type:
    """The type of a result without axes of size 1. Rules hold for a number in the place of an array of one, too."""
    kept = tuple(d for d in shape if d != 1)
    return Array("f64", kept) if kept else Scalar("f64")


def _any(args: tuple[Any, ...]) -> bool:
    return any(isinstance(strip(t), AnyType) for t in args)


# the normal distribution


def _is_line(shapes: list[tuple[Any, ...] | None]) -> bool:
    """Whether one variable is meant, whose values an array of points holds, by the shapes of mean and cov."""
    mean, cov = (*shapes[1:3], *(None,) * 2)[:2]
    return (cov is None or all(d == 1 for d in cov)) and (mean is None or all(d == 1 for d in mean))


def _normal_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if _any(args):
        return ANY
    shapes = _sizes(args[:3], {})
    x = shapes[0] or ()
    if _is_line(shapes):
        return _squeezed(x if len(x) < 2 else x[:-1])
    return _squeezed(x[:-1])


def _dims(a: Any) -> tuple[Any, ...]:
    return tuple(getattr(a, "dims", None) or np.shape(a)) if ndim(a) else ()


def _only(a: Any) -> Any:
    """The only element."""
    return a if ndim(a) == 0 else a[(0,) * ndim(a)]


def _as_only(total: Any, a: Any) -> Any:
    """A number in the shape of an array of one element."""
    return total if ndim(a) == 0 else np.reshape(total, (1,) * ndim(a))


def symmetric(dot: Any) -> Any:
    """The change of the symmetric matrix of which the lower triangle is read."""
    return np.tril(dot) + np.tril(dot, -1).T


def lower(g: Any) -> Any:
    """A symmetric cotangent, on the lower triangle."""
    return np.tril(g) + np.tril(g, -1)


class Normal:
    """The parts of a call of the density of a normal distribution: the points, and the deviations from the mean in terms of
    the covariance."""

    def __init__(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False) -> None:
        if not isinstance(allow_singular, bool):
            raise can_not("scipy.stats.multivariate_normal", "allow_singular= that isn't written as True or False")
        self.singular = allow_singular
        self.x, self.mean, self.cov = _array(x), None if mean is None else _array(mean), _array(cov)
        self.line = all(d == 1 for a in (self.mean, self.cov) if a is not None for d in _dims(a))
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
            return self.dev @ np.linalg.pinv(self.cov, 2.220446049250313e-10, True)
        if ndim(self.dev) == 1:
            return np.linalg.solve(self.cov, self.dev)
        if ndim(self.dev) == 2:
            return np.linalg.solve(self.cov, self.dev.T).T
        return np.linalg.solve(self.cov, self.dev[..., None])[..., 0]

    def at_points(self, ct: Any) -> Any:
        """A cotangent of the result beside the components of each point."""
        if self.line or ndim(self.x) == 1:
            return ct
        return ct[..., None] if ndim(ct) == ndim(self.x) - 1 else np.reshape(ct, (*self.x.shape[:-1], 1))

    def summed(self, change: Any, out: Any) -> Any:
        """The sum over components, for each point, as the result has them."""
        total = change if self.line else np.sum(change, axis=-1)
        return total if ndim(total) == ndim(out) else np.reshape(total, np.shape(out))

    def check_rank(self) -> None:
        if self.singular:
            raise can_not("scipy.stats.multivariate_normal", "allow_singular=True, in the covariance", "give it full rank")

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
    n.check_rank()
    s = n.scaled()
    if ndim(n.cov) < 2:
        return n.summed(n.by_variance(s) * (_only(dot) if n.line else dot), out)
    change = symmetric(dot)
    return n.summed(0.5 * s * (s @ change), out) - 0.5 * np.trace(np.linalg.solve(n.cov, change))


def _cov_vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
    n = Normal(*args, **options)
    n.check_rank()
    s, c = n.scaled(), n.at_points(ct)
    if ndim(n.cov) < 2:
        g = unbroadcast(c * n.by_variance(s), n.cov)
        return _as_only(g, args[2]) if n.line else g
    if ndim(s) == 1:
        return lower(0.5 * ct * (np.outer(s, s) - np.linalg.inv(n.cov)))
    if ndim(s) > 2:
        s, c = np.reshape(s, (-1, s.shape[-1])), np.reshape(c, (-1, 1))
    return lower(0.5 * ((c * s).T @ s - np.sum(ct) * np.linalg.inv(n.cov)))


row(
    "multivariate_normal", ("logpdf", "pdf"), {"x": None, "mean": None, "cov": 1, "allow_singular": False}, _normal_types,
    {0: ArgRule(_x_jvp, _x_vjp), 1: ArgRule(_mean_jvp, _mean_vjp), 2: ArgRule(_cov_jvp, _cov_vjp)},
)  # fmt: skip


# the Dirichlet distribution


def _dirichlet_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if _any(args):
        return ANY
    _of_two(args, kwargs, 2)
    x, _ = _sizes(args, kwargs)
    return _squeezed((x or ())[1:])


def _of_two(args: tuple[Any, ...], kwargs: Mapping[str, Any], count: int) -> None:
    if len(args) != count or kwargs:
        raise DiffTypeError(f"this method takes {count} arguments")


def _simplex(x: Any, alpha: Any) -> tuple[Any, Any, bool]:
    """All components of points, of which the last may be left out; and the parameters beside them."""
    x, alpha = _array(x), _array(alpha)
    beside = alpha if ndim(x) == 1 else alpha[:, None]
    m, n = _dims(x)[0], _dims(alpha)[0]
    if same_dim(m, n):
        return x, beside, True
    last = 1 - np.sum(x, axis=0, keepdims=True)
    return np.concatenate((x, last))[: alpha.shape[0]], beside, False


def _dirichlet_slope(x: Any, alpha: Any) -> Any:
    whole, beside, complete = _simplex(x, alpha)
    slope = (beside - 1) / whole
    if complete:
        return slope
    k = _array(x).shape[0]
    return slope[:k] - np.sum(slope[k:], axis=0)  # what the component left out takes with it


def _dirichlet_x_jvp(dot: Any, out: Any, x: Any, alpha: Any) -> Any:
    found = np.sum(_dirichlet_slope(x, alpha) * dot, axis=0)
    return found if ndim(found) == ndim(out) else np.reshape(found, np.shape(out))


def _dirichlet_x_vjp(ct: Any, out: Any, x: Any, alpha: Any) -> Any:
    return ct * _dirichlet_slope(x, alpha)


def _digammas(alpha: Any) -> Any:
    return special.psi(np.sum(alpha)) - special.psi(alpha)


def _dirichlet_alpha_jvp(dot: Any, out: Any, x: Any, alpha: Any) -> Any:
    whole, _, _ = _simplex(x, alpha)
    found = dot @ np.log(whole) + np.sum(_digammas(_array(alpha)) * dot)
    return found if ndim(found) == ndim(out) else np.reshape(found, np.shape(out))


def _dirichlet_alpha_vjp(ct: Any, out: Any, x: Any, alpha: Any) -> Any:
    whole, _, _ = _simplex(x, alpha)
    if ndim(whole) == 1:
        return ct * (np.log(whole) + _digammas(_array(alpha)))
    return np.sum(ct * np.log(whole), axis=1) + np.sum(ct) * _digammas(_array(alpha))


row(
    "dirichlet", ("logpdf", "pdf"), {"x": None, "alpha": None}, _dirichlet_types,
    {0: ArgRule(_dirichlet_x_jvp, _dirichlet_x_vjp), 1: ArgRule(_dirichlet_alpha_jvp, _dirichlet_alpha_vjp)},
)  # fmt: skip


# the multinomial distribution


def _multinomial_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if _any(args):
        return ANY
    _of_two(args, kwargs, 3)
    x, n, p = (s or () for s in _sizes(args, kwargs))
    shape = broadcast((x[:-1], n, p[:-1]))
    return Array("f64", shape) if shape else Scalar("f64")


def _multinomial_slope(out: Any, x: Any, p: Any) -> Any:
    """x / p less that of the last, which moves against the others; 0 where the event has no probability at all."""
    x, p = _array(x), _array(p)
    left = p[..., -1:] + (1.0 - np.sum(p, axis=-1, keepdims=True))
    slope = np.divide(x, np.where(x == 0, 1.0, np.concatenate((p[..., :-1], left), axis=-1)))
    slope = slope - slope[..., -1:]
    return np.where(np.isinf(out)[..., None] if ndim(out) else np.isinf(out), 0.0, slope)


def _multinomial_jvp(dot: Any, out: Any, x: Any, n: Any, p: Any) -> Any:
    return np.sum(_multinomial_slope(out, x, p) * dot, axis=-1)


def _multinomial_vjp(ct: Any, out: Any, x: Any, n: Any, p: Any) -> Any:
    return unbroadcast((ct[..., None] if ndim(ct) else ct) * _multinomial_slope(out, x, p), _array(p))


row(
    "multinomial", ("logpmf", "pmf"), {"x": None, "n": None, "p": None}, _multinomial_types,
    {2: ArgRule(_multinomial_jvp, _multinomial_vjp)},
    {i: unknown("multinomial.KIND", f"the argument {a}", "it is a count").why for i, a in ((0, "x"), (1, "n"))},
)  # fmt: skip


# the Wishart distribution


def _wishart_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if _any(args):
        return ANY
    _of_two(args, kwargs, 3)
    x, _, _ = (s or () for s in _sizes(args, kwargs))
    return _squeezed(x[2:]) if len(x) > 1 else Scalar("f64")


class Wishart:
    """The parts of a call of its density."""

    def __init__(self, x: Any, df: Any, scale: Any) -> None:
        self.x, self.df, self.scale = _array(x), df, _array(scale)
        if ndim(self.x) != 2 or ndim(self.scale) != 2:
            raise can_not("scipy.stats.wishart", "anything but one matrix, and a matrix as scale", "use a loop over matrices")
        self.p = self.scale.shape[0]

    def by_x(self) -> Any:
        return 0.5 * (self.df - self.p - 1) * np.linalg.inv(self.x)

    def by_scale(self) -> Any:
        inverse = np.linalg.inv(self.scale)
        return 0.5 * (inverse @ self.x @ inverse - self.df * inverse)

    def by_df(self) -> Any:
        levels = special.psi(0.5 * (self.df - dispatching(np.arange)(self.p)))
        logs = np.linalg.slogdet(self.x)[1] - np.linalg.slogdet(self.scale)[1]
        return 0.5 * (logs - 0.6931471805599453 * self.p - np.sum(levels))


def _wishart_x_jvp(dot: Any, out: Any, *args: Any) -> Any:
    w = Wishart(*args)
    return np.sum(w.by_x() * symmetric(dot)) - 0.5 * np.trace(np.linalg.solve(w.scale, dot))


def _wishart_x_vjp(ct: Any, out: Any, *args: Any) -> Any:
    w = Wishart(*args)  # the trace reads all of x, its determinant the lower triangle
    return ct * (lower(w.by_x()) - 0.5 * np.linalg.inv(w.scale))


def _wishart_scale_jvp(dot: Any, out: Any, *args: Any) -> Any:
    return np.sum(Wishart(*args).by_scale() * symmetric(dot))


def _wishart_scale_vjp(ct: Any, out: Any, *args: Any) -> Any:
    return ct * lower(Wishart(*args).by_scale())


def _wishart_df(g: Any, out: Any, *args: Any) -> Any:
    return g * Wishart(*args).by_df()


row(
    "wishart", ("logpdf", "pdf"), {"x": None, "df": None, "scale": None}, _wishart_types,
    {0: ArgRule(_wishart_x_jvp, _wishart_x_vjp), 1: ArgRule(_wishart_df, _wishart_df),
     2: ArgRule(_wishart_scale_jvp, _wishart_scale_vjp)},
)  # fmt: skip
