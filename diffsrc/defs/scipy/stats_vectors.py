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
from ..special import dispatching, doubled, is_display, real_only, unbroadcast
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


def as_points(x: Any) -> Any:
    return doubled(made_array(x) if isinstance(x, (list, tuple)) and is_display(x) else x)


def sizes(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[tuple[Any, ...] | None]:
    """The shapes of arguments, None for one that isn't given."""
    real_only(args, kwargs)
    return [None if isinstance(strip(t), NoneType) else dims_of(as_array(t)) if not _is_number(t) else () for t in args]


def _is_number(t: Type) -> bool:
    return isinstance(strip(t), Scalar)


def squeezed(shape: tuple[Any, ...]) -> Type:
    """The type of a result without axes of size 1. Rules hold for a number in the place of an array of one, too."""
    kept = tuple(d for d in shape if d != 1)
    return Array("f64", kept) if kept else Scalar("f64")


def any_unknown(args: tuple[Any, ...]) -> bool:
    return any(isinstance(strip(t), AnyType) for t in args)


def dims(a: Any) -> tuple[Any, ...]:
    return tuple(getattr(a, "dims", None) or np.shape(a)) if ndim(a) else ()


def symmetric(dot: Any) -> Any:
    """The symmetric matrix of which the lower triangle is read, or its change."""
    return np.tril(dot) + np.tril(dot, -1).T


def lower(g: Any) -> Any:
    """The cotangent of what `symmetric` reads."""
    return np.tril(g) + np.triu(g, 1).T


# the Dirichlet distribution


def _dirichlet_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if any_unknown(args):
        return ANY
    _of_two(args, kwargs, 2)
    x, _ = sizes(args, kwargs)
    return squeezed((x or ())[1:])


def _of_two(args: tuple[Any, ...], kwargs: Mapping[str, Any], count: int) -> None:
    if len(args) != count or kwargs:
        raise DiffTypeError(f"this method takes {count} arguments")


def _simplex(x: Any, alpha: Any) -> tuple[Any, Any, bool]:
    """All components of points, of which the last may be left out; and the parameters beside them."""
    x, alpha = as_points(x), as_points(alpha)
    beside = alpha if ndim(x) == 1 else alpha[:, None]
    m, n = dims(x)[0], dims(alpha)[0]
    if same_dim(m, n):
        return x, beside, True
    last = 1 - np.sum(x, axis=0, keepdims=True)
    return np.concatenate((x, last))[: alpha.shape[0]], beside, False


def _dirichlet_slope(x: Any, alpha: Any) -> Any:
    whole, beside, complete = _simplex(x, alpha)
    slope = (beside - 1) / whole
    if complete:
        return slope
    k = as_points(x).shape[0]
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
    found = dot @ np.log(whole) + np.sum(_digammas(as_points(alpha)) * dot)
    return found if ndim(found) == ndim(out) else np.reshape(found, np.shape(out))


def _dirichlet_alpha_vjp(ct: Any, out: Any, x: Any, alpha: Any) -> Any:
    whole, _, _ = _simplex(x, alpha)
    if ndim(whole) == 1:
        return ct * (np.log(whole) + _digammas(as_points(alpha)))
    return np.sum(ct * np.log(whole), axis=1) + np.sum(ct) * _digammas(as_points(alpha))


row(
    "dirichlet", ("logpdf", "pdf"), {"x": None, "alpha": None}, _dirichlet_types,
    {0: ArgRule(_dirichlet_x_jvp, _dirichlet_x_vjp), 1: ArgRule(_dirichlet_alpha_jvp, _dirichlet_alpha_vjp)},
)  # fmt: skip


# the multinomial distribution


def _multinomial_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if any_unknown(args):
        return ANY
    _of_two(args, kwargs, 3)
    x, n, p = (s or () for s in sizes(args, kwargs))
    shape = broadcast((x[:-1], n, p[:-1]))
    return Array("f64", shape) if shape else Scalar("f64")


def _multinomial_slope(out: Any, x: Any, p: Any) -> Any:
    """x / p less that of the last, which moves against the others; 0 where the event has no probability at all."""
    x, p = as_points(x), as_points(p)
    left = p[..., -1:] + (1.0 - np.sum(p, axis=-1, keepdims=True))
    slope = np.divide(x, np.where(x == 0, 1.0, np.concatenate((p[..., :-1], left), axis=-1)))
    slope = slope - slope[..., -1:]
    return np.where(np.isinf(out)[..., None] if ndim(out) else np.isinf(out), 0.0, slope)


def _multinomial_jvp(dot: Any, out: Any, x: Any, n: Any, p: Any) -> Any:
    return np.sum(_multinomial_slope(out, x, p) * dot, axis=-1)


def _multinomial_vjp(ct: Any, out: Any, x: Any, n: Any, p: Any) -> Any:
    return unbroadcast((ct[..., None] if ndim(ct) else ct) * _multinomial_slope(out, x, p), as_points(p))


row(
    "multinomial", ("logpmf", "pmf"), {"x": None, "n": None, "p": None}, _multinomial_types,
    {2: ArgRule(_multinomial_jvp, _multinomial_vjp)},
    {i: unknown("multinomial.KIND", f"the argument {a}", "it is a count").why for i, a in ((0, "x"), (1, "n"))},
)  # fmt: skip


# the Wishart distribution


def _wishart_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if any_unknown(args):
        return ANY
    _of_two(args, kwargs, 3)
    x, _, _ = (s or () for s in sizes(args, kwargs))
    return squeezed(x[2:]) if len(x) > 1 else Scalar("f64")


class Wishart:
    """The parts of a call of its density."""

    def __init__(self, x: Any, df: Any, scale: Any) -> None:
        self.x, self.df, scale = as_points(x), df, as_points(scale)
        if ndim(self.x) != 2 or ndim(scale) != 2:
            raise can_not("scipy.stats.wishart", "anything but one matrix, and a matrix as scale", "use a loop over matrices")
        self.scale = symmetric(scale)
        self.p = scale.shape[0]

    def by_x(self) -> Any:
        return 0.5 * (self.df - self.p - 1) * np.linalg.inv(symmetric(self.x))

    def by_scale(self) -> Any:
        inverse = np.linalg.inv(self.scale)
        return 0.5 * (inverse @ self.x @ inverse - self.df * inverse)

    def by_df(self) -> Any:
        levels = special.psi(0.5 * (self.df - dispatching(np.arange)(self.p)))
        logs = np.linalg.slogdet(symmetric(self.x))[1] - np.linalg.slogdet(self.scale)[1]
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
