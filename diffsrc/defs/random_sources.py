"""Rows of random numbers: `np.random.Generator`, `np.random.RandomState`, the functions of `np.random`, `random.Random` and
the functions of `random`.

Every draw is made once, in order, as in the plain call (`effect="random"`); the derivative reads what was drawn. A draw
whose distribution has a location and a scale passes their derivatives on: `out = loc + scale * z`, with the same `z`.
Other parameters, and the items that are chosen from, receive no derivative: they are refused if they are active.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DiffTypeError
from ..ir.types import (
    ANY,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    AnyType,
    Array,
    Bottom,
    Dim,
    List,
    NoneType,
    Opaque,
    Scalar,
    StrType,
    Tuple,
    Type,
    join,
    strip,
)  # fmt: skip
from .dims import broadcast, dims_of
from .numpy_types import shape_of
from .special import unbroadcast
from .table import Def, derivative, register

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
TypeOf = Callable[[Args, Kwargs], Type]


@dataclass(frozen=True, slots=True)
class Draw:
    """A distribution: the parameters in front of `size`; the kinds of a single draw and of the elements of many. `partials`:
    the derivative of each parameter as a function of the draw and the parameters, None where there is none."""

    params: tuple[str, ...] = ()
    one: Type = FLOAT
    many: str = "f64"
    partials: tuple[Callable[..., Any] | None, ...] = ()
    defaults: tuple[float, ...] = ()


def _one(out: Any, a: Any, b: Any) -> Any:
    return 1.0


def _standardised(out: Any, a: Any, b: Any) -> Any:
    return (out - a) / b


def _above(out: Any, a: Any, b: Any) -> Any:
    return (out - a) / (b - a)


def _below(out: Any, a: Any, b: Any) -> Any:
    return (b - out) / (b - a)


def _scaled(out: Any, a: Any, b: Any) -> Any:
    return out / a


def _scaled_second(out: Any, a: Any, b: Any) -> Any:
    return out / b


def _itself(out: Any, a: Any, b: Any) -> Any:
    return out


def _log_standardised(out: Any, a: Any, b: Any) -> Any:
    return out * (np.log(out) - a) / b


def _by_rate(out: Any, a: Any, b: Any) -> Any:
    return -out / a


_LOCATION = ("loc", "scale")
_LOC_SCALE = Draw(_LOCATION, FLOAT, "f64", (_one, _standardised), (0.0, 1.0))
_COUNT = Scalar("i64")
DRAWS: dict[str, Draw] = {
    "normal": _LOC_SCALE, "laplace": _LOC_SCALE, "gumbel": _LOC_SCALE, "logistic": _LOC_SCALE,
    "uniform": Draw(("low", "high"), FLOAT, "f64", (_below, _above), (0.0, 1.0)),
    "exponential": Draw(("scale",), FLOAT, "f64", (_scaled,), (1.0,)),
    "rayleigh": Draw(("scale",), FLOAT, "f64", (_scaled,), (1.0,)),
    "lognormal": Draw(("mean", "sigma"), FLOAT, "f64", (_itself, _log_standardised), (0.0, 1.0)),
    "gamma": Draw(("shape", "scale"), FLOAT, "f64", (None, _scaled_second), (0.0, 1.0)),
    "random": Draw(), "random_sample": Draw(), "standard_normal": Draw(), "standard_exponential": Draw(),
    "standard_cauchy": Draw(), "beta": Draw(("a", "b")), "chisquare": Draw(("df",)), "standard_gamma": Draw(("shape",)),
    "standard_t": Draw(("df",)), "pareto": Draw(("a",)), "weibull": Draw(("a",)), "power": Draw(("a",)),
    "triangular": Draw(("left", "mode", "right")), "vonmises": Draw(("mu", "kappa")),
    "hypergeometric": Draw(("ngood", "nbad", "nsample"), INT, "i64"),
    "binomial": Draw(("n", "p"), INT, "i64"), "poisson": Draw(("lam",), INT, "i64"), "geometric": Draw(("p",), INT, "i64"),
}  # fmt: skip


def _size(args: Args, kwargs: Kwargs, at: int) -> tuple[Dim, ...] | None:
    """The shape that `size` asks for; None where it is left out."""
    given = args[at] if len(args) > at else kwargs.get("size")
    if given is None or isinstance(strip(given), NoneType):
        return None
    return shape_of(given)


def _drawn(draw: Draw, receiver: int) -> TypeOf:
    """The type of a draw. `receiver` is 1 for methods."""

    def rule(args: Args, kwargs: Kwargs) -> Type:
        if any(isinstance(strip(t), Bottom) for t in (*args, *kwargs.values())):
            return Bottom()
        if set(kwargs) - {*draw.params, "size"}:
            raise DiffTypeError(f"a random draw with {', '.join(sorted(set(kwargs) - {*draw.params, 'size'}))}=")
        shape = _size(args, kwargs, receiver + len(draw.params))
        if shape is not None:
            return Array(draw.many, shape)
        given = [*args[receiver:], *(kwargs[p] for p in draw.params if p in kwargs)]
        arrays = [dims_of(t) for t in given if isinstance(strip(t), Array)]
        if not arrays:
            return draw.one
        return Array(draw.many, broadcast(arrays))

    return rule


def _counted(first: int, one: Type) -> TypeOf:
    """integers(low, high, size), randint(low, high, size)."""

    def rule(args: Args, kwargs: Kwargs) -> Type:
        shape = _size(args, kwargs, first + 2)
        dtype = kwargs.get("dtype")
        if dtype is not None:
            raise DiffTypeError("random integers with dtype=")
        return one if shape is None else Array("i64", shape)

    return rule


def _by_dims(first: int) -> TypeOf:
    """rand(n, m), randn(n, m)."""
    return lambda args, kwargs: Array("f64", shape_of(Tuple(tuple(args[first:])))) if len(args) > first else FLOAT


def _chosen(first: int) -> TypeOf:
    """choice(a, size)."""

    def rule(args: Args, kwargs: Kwargs) -> Type:
        shape = _size(args, kwargs, first + 1)
        t = strip(args[first])
        if isinstance(t, Scalar):
            return _COUNT if shape is None else Array("i64", shape)
        if isinstance(t, (List, Tuple)):
            item = strip(_one_of(t))
            kind = {"float": "f64", "int": "i64", "bool": "b1", "complex": "c128"}.get(getattr(item, "kind", ""))
            if not isinstance(item, Scalar):
                return ANY
            return Scalar(kind or item.kind) if shape is None else Array(kind or item.kind, shape)
        if not isinstance(t, Array) or t.ndim != 1:
            return ANY
        return Scalar(t.dtype) if shape is None else Array(t.dtype, shape)

    return rule


def _permuted(first: int) -> TypeOf:
    """permutation(n), permutation(x)."""

    def rule(args: Args, kwargs: Kwargs) -> Type:
        t = strip(args[first])
        return t if isinstance(t, Array) else Array("i64", shape_of(args[first])) if isinstance(t, Scalar) else ANY

    return rule


def _vectors(first: int, parameter: int, kind: str, params: int) -> TypeOf:
    """Draws of vectors as long as a parameter: `multivariate_normal(mean, cov, size)`."""

    def rule(args: Args, kwargs: Kwargs) -> Type:
        given = (*args[first : first + params], *kwargs.values())
        if any(isinstance(strip(t), Bottom) for t in given):
            return Bottom()
        if len(args) < first + params or set(kwargs) - {"size"}:
            raise DiffTypeError("a random draw with keyword arguments", hint="pass them by position")
        return Array(kind, (*(_size(args, kwargs, first + params) or ()), *dims_of(args[first + parameter])[:1]))

    return rule


def _always(t: Type) -> TypeOf:
    def rule(args: Args, kwargs: Kwargs) -> Type:
        return t

    return rule


def _enter(fn: Any, name: str, types: TypeOf, **facts: Any) -> None:
    register(Def(name, fn, "general", effect="random", raises=True, types=types, **facts))


def _enter_partials(fn: Any, draw: Draw, receiver: int) -> None:
    """The derivatives of location and scale."""

    def values(args: Args, kwargs: Kwargs) -> list[Any]:
        found = [*args[receiver:], *(None for _ in draw.params)]
        named = [kwargs.get(p, v if v is not None else d) for p, v, d in zip(draw.params, found, draw.defaults)]
        return [*named, 0.0][:2]

    for i, partial in enumerate(draw.partials):
        if partial is None:
            continue

        class _Rule:
            @staticmethod
            def jvp(dot: Any, out: Any, *args: Any, _p: Any = partial, **kwargs: Any) -> Any:
                found = dot * _p(out, *values(args, kwargs))
                return np.broadcast_to(found, out.shape) if _p is _one and getattr(out, "ndim", 0) > 0 else found

            @staticmethod
            def vjp(ct: Any, out: Any, *args: Any, _p: Any = partial, _i: int = i, **kwargs: Any) -> Any:
                return unbroadcast(ct * _p(out, *values(args, kwargs)), values(args, kwargs)[_i])

        derivative(fn, receiver + i)(_Rule)


def _enter_class(cls: type, name: str, more: Mapping[str, TypeOf]) -> None:
    for method, draw in DRAWS.items():
        if (fn := getattr(cls, method, None)) is not None:
            _enter(fn, f"{name}.{method}", _drawn(draw, 1))
            _enter_partials(fn, draw, 1)
    for method, rule in more.items():
        _enter(getattr(cls, method), f"{name}.{method}", rule, writes=(1,) if method == "shuffle" else ())


#: draws of vectors: number of parameters, which of them is as long as the draw, kind of the elements
_VECTORS = {"multivariate_normal": (2, 0, "f64"), "dirichlet": (1, 0, "f64"), "multinomial": (2, 1, "i64")}


def _all_vectors(first: int) -> dict[str, TypeOf]:
    return {name: _vectors(first, at, kind, params) for name, (params, at, kind) in _VECTORS.items()}


_enter_class(np.random.Generator, "np.random.Generator", {
    **_all_vectors(1),
    "integers": _counted(1, _COUNT), "choice": _chosen(1), "permutation": _permuted(1), "shuffle": _always(NONE),
})  # fmt: skip
_enter_class(np.random.RandomState, "np.random.RandomState", {
    **_all_vectors(1), "randint": _counted(1, INT), "choice": _chosen(1), "permutation": _permuted(1), "shuffle": _always(NONE),
    "rand": _by_dims(1), "randn": _by_dims(1), "seed": _always(NONE),
})  # fmt: skip
for _name, _draw in DRAWS.items():
    if (_fn := vars(np.random).get(_name)) is not None:
        _enter(_fn, f"np.random.{_name}", _drawn(_draw, 0))
        _enter_partials(_fn, _draw, 0)
for _name, _rule in {
    **_all_vectors(0), "randint": _counted(0, INT), "choice": _chosen(0), "permutation": _permuted(0), "shuffle": _always(NONE),
    "rand": _by_dims(0), "randn": _by_dims(0), "seed": _always(NONE),
}.items():  # fmt: skip
    _enter(getattr(np.random, _name), f"np.random.{_name}", _rule, writes=(0,) if _name == "shuffle" else ())

for _fn, _class in ((np.random.default_rng, np.random.Generator), (np.random.RandomState, np.random.RandomState),
                    (random.Random, random.Random)):  # fmt: skip
    _where = "random" if _class is random.Random else "np.random"
    register(Def(f"{_where}.{_fn.__name__}", _fn, "zero", types=_always(Opaque(_class)), effect="random"))
register(Def("np.random.Generator", np.random.Generator, "zero", types=_always(Opaque(np.random.Generator)), effect="random"))


# -- the module `random`


def _picked(first: int) -> TypeOf:
    """choice(xs)."""

    def rule(args: Args, kwargs: Kwargs) -> Type:
        t = strip(args[first])
        return INT if isinstance(t, Scalar) else _one_of(t)

    return rule


def _shuffled(first: int) -> TypeOf:
    return _always(NONE)


def _sampled(first: int) -> TypeOf:
    """sample(xs, k)."""

    def rule(args: Args, kwargs: Kwargs) -> Type:
        item = _one_of(strip(args[first]))
        return ANY if isinstance(item, AnyType) else List(item)

    return rule


def _one_of(t: Type) -> Type:
    """The type of one of the items."""
    if isinstance(t, Tuple):
        found: Type = BOTTOM
        for item in t.items:
            found = join(found, strip(item))
        return found
    return t.item if isinstance(t, List) else t if isinstance(t, StrType) else ANY


_PLAIN: dict[str, TypeOf] = {
    "random": _always(FLOAT), "betavariate": _always(FLOAT), "triangular": _always(FLOAT), "gammavariate": _always(FLOAT),
    "weibullvariate": _always(FLOAT), "paretovariate": _always(FLOAT), "vonmisesvariate": _always(FLOAT),
    "randint": _always(INT), "randrange": _always(INT), "getrandbits": _always(INT),
    "seed": _always(NONE),
}  # fmt: skip
for _name, _rule in _PLAIN.items():
    _enter(getattr(random, _name), f"random.{_name}", _rule)
    _enter(getattr(random.Random, _name), f"random.Random.{_name}", _rule)
_PLAIN_DRAWS = {
    "gauss": Draw(("mu", "sigma"), FLOAT, "f64", (_one, _standardised), (0.0, 1.0)),
    "normalvariate": Draw(("mu", "sigma"), FLOAT, "f64", (_one, _standardised), (0.0, 1.0)),
    "lognormvariate": Draw(("mu", "sigma"), FLOAT, "f64", (_itself, _log_standardised), (0.0, 1.0)),
    "uniform": Draw(("a", "b"), FLOAT, "f64", (_below, _above), (0.0, 1.0)),
    "expovariate": Draw(("lambd",), FLOAT, "f64", (_by_rate,), (1.0,)),
}
for _name, _draw in _PLAIN_DRAWS.items():
    for _fn, _shown, _at in ((getattr(random, _name), "random", 0), (getattr(random.Random, _name), "random.Random", 1)):
        _enter(_fn, f"{_shown}.{_name}", _drawn(_draw, _at))
        _enter_partials(_fn, _draw, _at)
for _name, _picker in {"choice": _picked, "choices": _sampled, "sample": _sampled, "shuffle": _shuffled}.items():
    _enter(getattr(random, _name), f"random.{_name}", _picker(0), writes=(0,) if _name == "shuffle" else ())
    _enter(getattr(random.Random, _name), f"random.Random.{_name}", _picker(1), writes=(1,) if _name == "shuffle" else ())
