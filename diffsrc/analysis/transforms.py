"""Derivatives of functions as values: `ds.grad(g)` inside a program, and `g_grad = ds.grad(g)` from outside.

Such a value is a function whose target is `Transformed`; what `g` captures is what it captures. A call of it is typed in
`infer_transforms.py`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..defs.transforms import MARK, Transform
from ..errors import DiffTypeError
from ..ir.types import FuncType, Lit, OneOf, Struct, strip
from ..ir.values import Literal, Pack
from ..source import Loc
from .items import Item, Record
from .partials import partial_of

if TYPE_CHECKING:
    from .typer import Parts, Typer

#: what is made without a call: kind -> the options that follow the function
MAKERS: dict[str, tuple[str, ...]] = {
    "grad": ("argnums", "has_aux"),
    "value_and_grad": ("argnums", "has_aux"),
    **dict.fromkeys(("elementwise_grad", "jacfwd", "jacrev", "hessian", "hvp", "hvp_and_gradient"), ("argnums",)),
}


@dataclass(frozen=True, eq=False, slots=True)
class Transformed:
    """The derivative of a known function. One object per function and transform."""

    how: Transform
    target: object

    @property
    def name(self) -> str:
        return f"{self.how.kind}_{name_of(self.target)}"


@dataclass(frozen=True, eq=False, slots=True)
class Holding:
    """What a lowered call of a derivative names: the first `held` arguments of the call are what the function captures."""

    target: Transformed
    held: int


@functools.cache
def transformed(how: Transform, target: object) -> Transformed:
    return Transformed(how, target)


def name_of(target: object) -> str:
    """The name of a function, as text of a program may hold it."""
    name = str(getattr(target, "name", None) or getattr(target, "__name__", "function"))
    return name if name.isidentifier() else "lambda_"


def marked(target: object) -> Transformed | None:
    """What stands behind a function that an entry point returned in a plain call."""
    found = getattr(target, "__dict__", {}).get(MARK) if callable(target) else None
    if found is None:
        return None
    how, inner = found
    return transformed(how, inner)


def known_function(typer: Typer, item: Item, loc: Loc) -> tuple[object, Parts] | None:
    """A function value as its target and what it captures; None for what isn't one known function."""
    t = typer.type_of(item)
    t = FuncType(t.value) if isinstance(t, Lit) and callable(t.value) else t
    if isinstance(t, FuncType):
        return t.target, typer.parts(item, t, loc) if t.captures else ()
    t = strip(t)
    call = inspect.getattr_static(t.cls, "__call__", None) if isinstance(t, Struct) else None
    return None if call is None else (partial_of(call, 1, ()), (item,))


def derivative_item(typer: Typer, kind: str, args: Parts, kwargs: Mapping[str, Item], loc: Loc) -> Item:
    """What `ds.grad(f, argnums)` and its like give."""
    how = _options(typer, kind, args[1:], kwargs, loc)
    f = args[0] if args else kwargs["f"]
    t = typer.type_of(f)
    if isinstance(t, OneOf):
        number, *options = typer.parts(f, t, loc)
        made = [_one(typer, how, option, loc) for option in options]
        kinds = tuple(k for k in map(typer.type_of, made) if isinstance(k, FuncType))
        return Record(OneOf(kinds), (number, *made))
    return _one(typer, how, f, loc)


def _one(typer: Typer, how: Transform, f: Item, loc: Loc) -> Item:
    found = known_function(typer, f, loc)
    if found is None:
        raise DiffTypeError(
            f"{how.kind} of a value of type {typer.type_of(f)}", loc=loc, hint="pass a function that is known here"
        )
    target, held = found
    return Record(FuncType(transformed(how, target), tuple(map(typer.plain_type, held))), held)


def _options(typer: Typer, kind: str, args: Parts, kwargs: Mapping[str, Item], loc: Loc) -> Transform:
    given = {**dict(zip(MAKERS[kind], args)), **{k: v for k, v in kwargs.items() if k not in ("f", "backend", "unroll")}}
    values = {name: _constant(typer, item, name, loc) for name, item in given.items()}
    if len(args) > len(MAKERS[kind]) or not values.keys() <= set(MAKERS[kind]):
        raise DiffTypeError(f"{kind} with these arguments", loc=loc, hint=f"{kind}(f, {', '.join(MAKERS[kind])})")
    argnums = values.get("argnums", 0)
    numbers = argnums if isinstance(argnums, tuple) else (argnums,)
    known = tuple(a for a in numbers if isinstance(a, (int, str)) and not isinstance(a, bool))
    if not known or len(known) < len(numbers) or len(set(known)) < len(known):
        raise DiffTypeError("argnums must be an int, a parameter name, or a tuple of them, each once", loc=loc)
    return Transform(kind, known if isinstance(argnums, tuple) else known[0], bool(values.get("has_aux", False)))


def _constant(typer: Typer, item: Item, name: str, loc: Loc) -> object:
    operand = typer.constant(item)
    if isinstance(operand, Pack):
        return tuple(_constant(typer, typer.reread(o), name, loc) for o in operand.items)
    if not isinstance(operand, Literal):
        raise DiffTypeError(f"{name} isn't known when the program is compiled", loc=loc, hint="write it as a constant")
    return tuple(operand.value) if isinstance(operand.value, (list, tuple)) else operand.value

