"""Derivatives that a program itself calls: `ds.grad(g)` inside a differentiated function.

They are compiled for the types of the call, printed, and executed like those that an entry point asks for; the compiler
then reads the text like a function of the user's. Where a gradient is memory that the derivative adds to (lists, dicts,
instances, arrays that `g` writes), a function around it makes the zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.items import is_closure, is_optional, leaves
from ..defs.transforms import Transform
from ..defs.variant import READABLE
from ..errors import DiffTypeError, UnsupportedError
from ..ir.types import DTYPES, Array, Dict, List, Scalar, Struct, Tuple, Type, carries_derivative, is_complex, strip
from ..runtime.helpers import new_instance
from ..source import Loc
from .derived import execute
from .instances import Compiler
from .keys import target_key, type_key

if TYPE_CHECKING:
    from .derived import Derived


@dataclass(frozen=True, eq=False, slots=True)
class Wanted:
    """A derivative that is asked for while a program is typed."""

    target: Any
    arg_types: tuple[Type, ...]
    wrt: frozenset[int]
    how: Transform
    loc: Loc

    @property
    def key(self) -> object:
        types = tuple(map(type_key, self.arg_types))
        return (target_key(self.target), types, self.wrt, self.how.kind, self.how.has_aux)


def derivative(compiler: Compiler, wanted: Wanted) -> FunctionType:
    """The generated function: for gradients `(*args) -> cotangents`, with the result before them in `value_and_grad` and
    beside an aux; for "pull" `(*args, *cotangents) -> (out, *cotangents)`, for "jvp" `(*args, *tangents) -> (out, out_dot)`.

    Raises:
        UnsupportedError: it can't be compiled, or it is what is being compiled.
    """
    key = wanted.key
    if key not in compiler.derived:
        if key in compiler.chain:
            raise UnsupportedError(
                "a function that calls its own derivative", loc=wanted.loc, hint="unroll the orders: they are finite"
            )
        compiler.derived[key] = _compile(compiler, wanted)
    return compiler.derived[key]


def _compile(compiler: Compiler, wanted: Wanted) -> FunctionType:
    from . import driver

    chain = (*compiler.chain, wanted.key)
    unit = driver.compile_unit(wanted.target, wanted.arg_types, compiler.scope, chain, READABLE)
    compiler.inside |= unit.compiler.functions()
    on = _spread(wanted)
    if wanted.how.kind == "jvp":
        made = driver.forward_of(unit, ["dup" if o else "const" for o in on])
        return _function(made)
    alone = wanted.how.kind == "grad" and not wanted.how.has_aux
    result = unit.instance.result_type
    one = None if wanted.how.kind == "pull" else _one(result, wanted)
    only_first = wanted.how.kind != "pull"
    made = driver.reverse_of(unit, ["value" if o else "const" for o in on], not (alone and one == "1.0"), only_first)
    call = _function(made)
    seeded = one is None or not made.primal or (one == "1.0" and bool(call.__defaults__))
    if "shadow" not in made.activity and seeded:
        return call
    return _around(driver, made, wanted, [p.type for p in unit.typed.params], one)


def _function(made: Derived) -> FunctionType:
    assert isinstance(made.call, FunctionType)
    return made.call


def _spread(wanted: Wanted) -> list[bool]:
    """Which parameters of the typed function are differentiated: a closure is one parameter per captured value."""
    counts = [sum(1 for _ in leaves(t)) if is_closure(t) or is_optional(t) else 1 for t in wanted.arg_types]
    return [i in wanted.wrt for i, n in enumerate(counts) for _ in range(n)]


def _one(t: Type, wanted: Wanted) -> str:
    """The seed of a gradient: one, in the type of the value."""
    t = strip(t)
    if wanted.how.has_aux:
        if not isinstance(t, Tuple) or len(t.items) != 2:
            raise DiffTypeError(f"a function that returns {t}, not (value, aux)", loc=wanted.loc)
        t = strip(t.items[0])
    if isinstance(t, Scalar) and carries_derivative(t) and not is_complex(t):
        return "1.0"
    if isinstance(t, Array) and carries_derivative(t) and not is_complex(t) and all(d == 1 for d in t.dims):
        return f"np.ones({t.dims!r}, np.{DTYPES[t.dtype]})"
    raise DiffTypeError(
        f"the gradient of a function that returns {t}", loc=wanted.loc,
        hint="reduce the result (.sum()), or use ds.jacobian or ds.vjp",
    )  # fmt: skip


def _around(driver: Any, made: Derived, wanted: Wanted, types: list[Type], one: str | None) -> FunctionType:
    """A function that makes the shadows and the seed, and returns the cotangents in the order of the parameters."""
    call = _function(made)
    names = call.__code__.co_varnames[: call.__code__.co_argcount]
    args = names[: len(made.activity)]
    shadows = [i for i, a in enumerate(made.activity) if a == "shadow"]
    mirrors = dict(zip(shadows, names[len(args) :]))
    seeds = names[len(args) + len(shadows) :]
    objects: dict[str, Any] = {"np": np, "new_instance": new_instance, call.__name__: call}
    lines = [f"{d} = {_zero(types[i], args[i], objects, wanted.loc)}" for i, d in mirrors.items()]
    given = list(seeds) if one is None else [one] * len(seeds) if one == "1.0" else [one]
    cotangents = {i: mirrors.get(i, f"d_{args[i]}") for i, a in enumerate(made.activity) if a != "const"}
    values = [cotangents[i] for i, a in enumerate(made.activity) if a == "value"]
    taken = [*([] if not made.primal else ["result"]), *values]
    target = f"{', '.join(taken)}{',' if len(taken) == 1 and made.primal else ''} = " if taken else ""
    lines.append(f"{target}{call.__name__}({', '.join([*args, *mirrors.values(), *given])})")
    with_value = wanted.how.kind != "grad" or wanted.how.has_aux
    results = [*taken[:with_value], *cotangents.values()]
    lines.append(f"return {', '.join(results)}")
    name = f"{call.__name__}_of_zero" if shadows else f"{call.__name__}_of_one"
    text = f"def {name}({', '.join([*args, *(seeds if one is None else ())])}):\n" + "".join(f"    {s}\n" for s in lines)
    found = execute(text, objects, name)[name]
    assert isinstance(found, FunctionType)
    return found


def _zero(t: Type, name: str, objects: dict[str, Any], loc: Loc) -> str:
    """An expression that makes the zero shadow of a value; what carries no derivative stands in it as it is."""
    t = strip(t)
    if not carries_derivative(t):
        return name
    match t:
        case Array():
            return f"np.zeros_like({name})"
        case Scalar():
            return {"float": "0.0", "f64": "0.0", "complex": "0j", "c128": "0j"}.get(t.kind) or f"np.{DTYPES[t.kind]}(0)"
        case List(item):
            inner = f"{name}_item" if name.isidentifier() else "item"
            return f"[{_zero(item, inner, objects, loc)} for {inner} in {name}]"
        case Dict(items):
            inner = ", ".join(f"{key!r}: {_zero(part, f'{name}[{key!r}]', objects, loc)}" for key, part in items)
            return f"{{{inner}}}"
        case Tuple():
            parts = [_zero(part, f"{name}[{k}]", objects, loc) for k, part in enumerate(t.items)]
            if t.listed:
                return f"[{', '.join(parts)}]"
            return f"{_named(t.cls, objects)}({''.join(part + ', ' for part in parts)})"
        case Struct():
            inner = ", ".join(f"{key}={_zero(part, f'{name}.{key}', objects, loc)}" for key, part in t.fields)
            return f"new_instance({_named(t.cls, objects)}, {inner})"
    raise UnsupportedError(f"the gradient of a value of type {t} inside a differentiated function", loc=loc)


def _named(cls: type | None, objects: dict[str, Any]) -> str:
    if cls is None:
        return ""
    name = cls.__name__ if objects.get(cls.__name__, cls) is cls else f"{cls.__name__}_{len(objects)}"
    objects[name] = cls
    return name
