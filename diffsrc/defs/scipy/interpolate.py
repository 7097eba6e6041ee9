"""Splines and interpolators of `scipy.interpolate`, as objects with contents (`defs/objects.py`).

The contents of a piecewise polynomial are its coefficients `s.c`. Both `s(x, nu)` in `c` and the coefficients in the values
of the constructor are linear, with transposes in `runtime/splines.py`; in `x` the derivative is `s(x, nu + 1)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import interpolate

from ...errors import DiffTypeError
from ...ir.types import ANY, Array, Opaque, Type, is_complex, strip
from ...runtime import splines
from ..dims import dims_of
from ..objects import (
    ObjectClass,
    Shared,
    constructor,
    enter_class,
    helper,
    made_by,
    rule_of,
    written,
)
from ..special import dispatching

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
PREFIX = "scipy.interpolate."


def like(position: int) -> Callable[[Args, Kwargs], Type]:
    """The type of an array of the kind and rank of an argument."""
    return lambda args, kwargs: unsized(args[position], len(dims_of(args[position])))


def unsized(t: Type, ndim: int) -> Array:
    """An array of so many axes, of float or complex numbers as `t` is."""
    return Array("c128" if is_complex(t) else "f64", (None,) * ndim)


# -- piecewise polynomials


def evaluated(s: Any, c: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
    """`s(x)` of a piecewise polynomial with coefficients `c`."""
    return s(x, nu, extrapolate)


def _evaluated_type(args: Args, kwargs: Kwargs) -> Type:
    x, several = dims_of(args[2]), _values_at_a_point(args[0], args[1])
    return Array("c128" if is_complex(args[1]) else "f64", (None,) * (len(x) + several) if several else x)


def _values_at_a_point(s: Type, c: Type) -> int:
    """How many axes a value of the spline has."""
    of = getattr(strip(s), "cls", None)
    return len(dims_of(c)) - (1 if of is interpolate.BSpline else 2)


def _several(s: Any, c: Any) -> bool:
    """Whether a value of the spline, which may be a constant, has axes."""
    axes: int = c.ndim
    return axes > (1 if getattr(getattr(s, "type", None), "cls", type(s)) is interpolate.BSpline else 2)


def _options(nu: Any, extrapolate: Any) -> tuple[Any, ...]:
    """The options that aren't the defaults."""
    if extrapolate is not None:
        return nu, extrapolate
    return () if isinstance(nu, int) and nu == 0 else (nu,)


written(evaluated, "s(x, nu, extrapolate)", types=_evaluated_type)
at = dispatching(evaluated)


def _same_class(args: Args, kwargs: Kwargs) -> Type:
    handle = strip(args[0])
    return Opaque(handle.cls if isinstance(handle, Opaque) else interpolate.PPoly)  # one of several, chosen under an `if`


with_coefficients = helper(splines.with_coefficients, _same_class)


def _beside(dot: Any, s: Any, c: Any, out: Any) -> Any:
    return beside_values(dot, s, out) if _several(s, c) else dot


def _summed(g: Any, s: Any, c: Any, x: Any) -> Any:
    return sum_values(g, s, x) if _several(s, c) else g


def _at_by_x(by: Any, s: Any, c: Any, x: Any, nu: Any, extrapolate: Any) -> Any:
    return by * at(s, c, x, *_options(nu + 1, extrapolate))


rule_of(
    evaluated, 1,
    lambda dot, out, s, c, x, nu=0, extrapolate=None: at(with_coefficients(s, dot), dot, x, *_options(nu, extrapolate)),
    lambda ct, out, s, c, x, nu=0, extrapolate=None: add_to_pieces(ct, s, c, x, *_options(nu, extrapolate)),
)  # fmt: skip
rule_of(
    evaluated, 2,
    lambda dot, out, s, c, x, nu=0, extrapolate=None: _at_by_x(_beside(dot, s, c, out), s, c, x, nu, extrapolate),
    lambda ct, out, s, c, x, nu=0, extrapolate=None: _summed(_at_by_x(ct, s, c, x, nu, extrapolate), s, c, x),
)  # fmt: skip

add_to_pieces: Any = helper(
    splines.add_to_pieces, like(2),
    g=(
        lambda dot, out, g, s, c, x, nu=0, extrapolate=None: add_to_pieces(dot, s, c, x, *_options(nu, extrapolate)),
        lambda ct, out, g, s, c, x, nu=0, extrapolate=None: at(with_coefficients(s, ct), ct, x, *_options(nu, extrapolate)),
    ),
    c=(lambda *args: None, lambda *args: None),
    x=(
        lambda dot, out, g, s, c, x, nu=0, extrapolate=None: add_to_pieces(
            g * _beside(dot, s, c, g), s, c, x, *_options(nu + 1, extrapolate)
        ),
        lambda ct, out, g, s, c, x, nu=0, extrapolate=None: _summed(
            g * at(with_coefficients(s, ct), ct, x, *_options(nu + 1, extrapolate)), s, c, x
        ),
    ),
)  # fmt: skip
beside_values: Any = helper(
    splines.beside_values, lambda args, kwargs: unsized(args[0], len(dims_of(args[2]))),
    x=(
        lambda dot, out, x, s, v: beside_values(dot, s, v),
        lambda ct, out, x, s, v: sum_values(ct, s, x),
    ),
    out=(lambda *args: None, lambda *args: None),
)  # fmt: skip
sum_values: Any = helper(
    splines.sum_values, lambda args, kwargs: unsized(args[0], len(dims_of(args[2]))),
    g=(
        lambda dot, out, g, s, x: sum_values(dot, s, x),
        lambda ct, out, g, s, x: beside_values(ct, s, g) + np.zeros_like(g),
    ),
    x=(lambda *args: None, lambda *args: None),
)  # fmt: skip


def nothing(*args: Any) -> None:
    """An argument of which only the shape matters."""


def derived_pieces(d: Any, s: Any, c: Any, nu: Any = 1) -> Any:
    return d.c


def integral_pieces(d: Any, s: Any, c: Any, nu: Any = 1) -> Any:
    return d.c


differentiated, differentiated_back = dispatching(splines.differentiated), dispatching(splines.differentiated_back)
integrated, integrated_back = dispatching(splines.integrated), dispatching(splines.integrated_back)
helper(
    splines.differentiated, like(0),
    c=(
        lambda dot, out, c, s, nu=1: differentiated(dot, s, nu),
        lambda ct, out, c, s, nu=1: differentiated_back(ct, c, s, nu),
    ),
)  # fmt: skip
helper(
    splines.differentiated_back, like(1),
    g=(
        lambda dot, out, g, c, s, nu=1: differentiated_back(dot, c, s, nu),
        lambda ct, out, g, c, s, nu=1: differentiated(ct, s, nu),
    ),
    c=(nothing, nothing),
)  # fmt: skip
helper(
    splines.integrated, like(0),
    c=(lambda dot, out, c, s: integrated(dot, s), lambda ct, out, c, s: integrated_back(ct, c, s)),
)  # fmt: skip
helper(
    splines.integrated_back, like(1),
    g=(lambda dot, out, g, c, s: integrated_back(dot, c, s), lambda ct, out, g, c, s: integrated(ct, s)),
    c=(nothing, nothing),
)  # fmt: skip


def _order(nu: Any, name: str) -> int:
    if nu != 1:
        raise DiffTypeError(f"the method .{name}() of a spline with nu={nu}", hint="call it several times")
    return 1


written(derived_pieces, "d.c", types=like(2))
rule_of(
    derived_pieces, 2,
    lambda dot, out, d, s, c, nu=1: differentiated(dot, s, nu),
    lambda ct, out, d, s, c, nu=1: differentiated_back(ct, c, s, nu),
)  # fmt: skip
written(integral_pieces, "d.c", types=like(2))
rule_of(
    integral_pieces, 2,
    lambda dot, out, d, s, c, nu=1: integrated(dot, s) if _order(nu, "antiderivative") else None,
    lambda ct, out, d, s, c, nu=1: integrated_back(ct, c, s) if _order(nu, "antiderivative") else None,
)  # fmt: skip


def derivative_of(s: Any, c: Any, nu: Any = 1) -> Any:
    return s.derivative(nu)


def antiderivative_of(s: Any, c: Any, nu: Any = 1) -> Any:
    return s.antiderivative(nu)


def coefficients(s: Any) -> Any:
    """The coefficients of a piecewise polynomial."""
    return s.c


def knots(s: Any, c: Any) -> Any:
    """The breakpoints of a piecewise polynomial."""
    return s.x


written(coefficients, "s.c", family="zero", types=lambda args, kwargs: getattr(args[0], "held", None) or ANY)
written(
    knots, "s.x", types=lambda args, kwargs: Array("f64", (None,)),
    refusals={1: "the knots `.x` of a spline that is differentiated: use the array that they were given in"},
)  # fmt: skip


def _held(s: Any) -> Type:
    c = np.asarray(s.c)
    return Array("c128" if c.dtype.kind == "c" else "f64", (None,) * c.ndim)


PIECES = enter_class(
    ObjectClass(
        "a spline",
        (
            interpolate.CubicSpline, interpolate.PPoly, interpolate.CubicHermiteSpline, interpolate.PchipInterpolator,
            interpolate.Akima1DInterpolator, interpolate.BSpline,
        ),
        _held, coefficients,
        {"__call__": evaluated},
        {"c": "contents", "x": knots},
    )
)  # fmt: skip
PIECES.methods["derivative"] = made_by(derivative_of, "s.derivative(nu)", PIECES, derived_pieces, None)
PIECES.methods["antiderivative"] = made_by(antiderivative_of, "s.antiderivative(nu)", PIECES, integral_pieces, None)


def integral_of(s: Any, c: Any, a: Any, b: Any, extrapolate: Any = None) -> Any:
    return s.integrate(a, b, extrapolate)


def _integral_type(args: Args, kwargs: Kwargs) -> Type:
    if len(args) > 4 or kwargs:
        raise DiffTypeError("an integral with extrapolate=", hint="give it to the spline")
    return unsized(args[1], _values_at_a_point(args[0], args[1]))


def _value_at(by: Any, s: Any, c: Any, x: Any) -> Any:
    return np.sum(by * at(s, c, x))


written(integral_of, "s.integrate(a, b)", types=_integral_type)
integral = dispatching(integral_of)
integral_back: Any = helper(
    splines.integral_back, like(2),
    g=(
        lambda dot, out, g, s, c, a, b: integral_back(dot, s, c, a, b),
        lambda ct, out, g, s, c, a, b: integral(with_coefficients(s, ct), ct, a, b),
    ),
    c=(nothing, nothing),
    a=(
        lambda dot, out, g, s, c, a, b: -dot * add_to_pieces(g, s, c, a),
        lambda ct, out, g, s, c, a, b: -_value_at(g, with_coefficients(s, ct), ct, a),
    ),
    b=(
        lambda dot, out, g, s, c, a, b: dot * add_to_pieces(g, s, c, b),
        lambda ct, out, g, s, c, a, b: _value_at(g, with_coefficients(s, ct), ct, b),
    ),
)  # fmt: skip
rule_of(
    integral_of, 1,
    lambda dot, out, s, c, a, b: integral(with_coefficients(s, dot), dot, a, b),
    lambda ct, out, s, c, a, b: integral_back(ct, s, c, a, b),
)  # fmt: skip
rule_of(
    integral_of, 2,
    lambda dot, out, s, c, a, b: -dot * at(s, c, a), lambda ct, out, s, c, a, b: -_value_at(ct, s, c, a),
)  # fmt: skip
rule_of(
    integral_of, 3,
    lambda dot, out, s, c, a, b: dot * at(s, c, b), lambda ct, out, s, c, a, b: _value_at(ct, s, c, b),
)  # fmt: skip
PIECES.methods["integrate"] = integral_of


def spline_coefficients(
    s: Any, x: Any, y: Any, axis: Any = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None
) -> Any:
    return s.c


def _spline_type(args: Args, kwargs: Kwargs) -> Type:
    return unsized(args[2], len(dims_of(args[2])) + 1)


written(
    spline_coefficients, "s.c", name=f"{PREFIX}CubicSpline.c", types=_spline_type,
    refusals={
        1: "`scipy.interpolate.CubicSpline` has no derivative with respect to the knots x",
        4: "`scipy.interpolate.CubicSpline` has no derivative with respect to boundary values (bc_type)",
    },
)  # fmt: skip
spline_through, spline_back = dispatching(splines.spline_through), dispatching(splines.spline_back)
helper(
    splines.spline_through, lambda args, kwargs: unsized(args[0], len(dims_of(args[0])) + 1),
    y=(
        lambda dot, out, y, s, bc_type="not-a-knot": spline_through(dot, s, bc_type),
        lambda ct, out, y, s, bc_type="not-a-knot": spline_back(ct, s, bc_type),
    ),
)  # fmt: skip
helper(
    splines.spline_back, lambda args, kwargs: unsized(args[0], len(dims_of(args[0])) - 1),
    g=(
        lambda dot, out, g, s, bc_type="not-a-knot": spline_back(dot, s, bc_type),
        lambda ct, out, g, s, bc_type="not-a-knot": spline_through(ct, s, bc_type),
    ),
)  # fmt: skip
rule_of(
    spline_coefficients, 2,
    lambda dot, out, s, x, y, axis=0, bc_type="not-a-knot", extrapolate=None: spline_through(dot, s, bc_type),
    lambda ct, out, s, x, y, axis=0, bc_type="not-a-knot", extrapolate=None: spline_back(ct, s, bc_type),
)  # fmt: skip
constructor(interpolate.CubicSpline, f"{PREFIX}CubicSpline", PIECES, spline_coefficients)


GIVEN = "only coefficients and the points at which a spline is asked have one"


def given_pieces(c: Any, s: Any, *rest: Any, **options: Any) -> Any:
    """The coefficients that `PPoly` is given."""
    return s.c


def keeps_coefficients(given: Callable[..., Any], name: str) -> None:
    """Rows of the coefficients that a class is given and keeps as `s.c`."""
    written(given, "s.c", name=f"{PREFIX}{name}.c", types=like(0), alias="readonly", refusals={-1: GIVEN})
    rule_of(
        given, 0,
        lambda dot, out, c, s, *rest, **options: dot, lambda ct, out, c, s, *rest, **options: ct,
    )  # fmt: skip


keeps_coefficients(given_pieces, "PPoly")
constructor(interpolate.PPoly, f"{PREFIX}PPoly", PIECES, Shared(given_pieces))
constructor(splines.with_coefficients, "with_coefficients", PIECES, Shared(given_pieces, (1,), others=False))


from . import fitted, interpolators  # noqa: E402, F401  the other classes of the module
from . import splines as _splines  # noqa: E402, F401  the other classes of the module
