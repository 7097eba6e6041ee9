"""Constructors of user classes.

Immutable ones (NamedTuples, frozen dataclasses) become Records. A mutable dataclass is one `construct` with
its fields. Any other class is an empty `construct`, followed by the ops of its `__init__`, which stand in
place of the call.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any

from ..defs.dims import plain
from ..defs.structural import CONSTRUCT
from ..errors import DiffTypeError
from ..ir.ops import Block, Return
from ..ir.types import BOTTOM, Struct, Tuple, unlit
from ..ir.values import Literal, Value
from ..ir.walk import walk
from ..source import Loc
from .items import Item, Record, Unfinished, names_of
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
MAX_NESTING = 20


def construct(typer: Typer, cls: type, args: Parts, kwargs: Kwargs, results: tuple[Value, ...], loc: Loc) -> bool:
    """An instance of a user class. False for classes that stay opaque (exceptions, builtins)."""
    if not results:
        return False
    fields: tuple[str, ...] | None = getattr(cls, "_fields", None)
    if fields is not None and issubclass(cls, tuple):
        items = _fields(cls, fields, getattr(cls, "_field_defaults", {}), args, kwargs, loc)
        typer.env[results[0]] = Record(Tuple((BOTTOM,) * len(items), cls, fields), items)
        return True
    if dataclasses.is_dataclass(cls) and not _has_own_init(cls):
        _dataclass(typer, cls, args, kwargs, results[0], loc)
        return True
    if isinstance(cls.__dict__.get("__init__"), types.FunctionType) and cls.__mro__[1:] == (object,):
        _by_init(typer, cls, args, kwargs, results[0], loc)
        return True
    return False


def _dataclass(typer: Typer, cls: Any, args: Parts, kwargs: Kwargs, result: Value, loc: Loc) -> None:
    known = dataclasses.fields(cls)
    if hasattr(cls, "__post_init__"):
        raise refuse(f"{cls.__name__} has a __post_init__", loc)
    if any(not f.init or f.default_factory is not dataclasses.MISSING for f in known):
        raise refuse(f"{cls.__name__} has fields that aren't arguments, or default factories", loc)
    defaults = {f.name: f.default for f in known if f.default is not dataclasses.MISSING}
    names = tuple(f.name for f in known)
    items = _fields(cls, names, defaults, args, kwargs, loc)
    if cls.__dataclass_params__.frozen:
        typer.env[result] = Record(Struct(cls, tuple((n, BOTTOM) for n in names), True), items)
        return
    t = Struct(cls, tuple((n, plain(unlit(typer.plain_type(i)))) for n, i in zip(names, items)))
    literal = Literal(cls, cls.__name__, loc)
    typer.emit_apply(CONSTRUCT, (literal, *map(typer.operand, items)), {}, t, result, loc)


def _by_init(typer: Typer, cls: Any, args: Parts, kwargs: Kwargs, result: Value, loc: Loc) -> None:
    """The body of `__init__` in place of the call, and a `construct` with the fields that it leaves."""
    from .infer_calls import bind
    from .infer_regions import run

    func = typer.ctx.lower(cls.__init__)
    if any(isinstance(op, Return) and op is not func.body.terminator for op in walk(func.body)):
        raise refuse(f"the __init__ of {cls.__name__} returns early", loc)
    if len(typer.nesting) > MAX_NESTING:
        raise refuse(f"{cls.__name__} makes instances of its own class without end", loc)
    made = Unfinished(cls, typer.builder.ops)
    items = bind(typer, cls.__init__, (Literal(None), *args), kwargs, loc)
    typer.forget([func.body])
    for op in walk(func.body):
        typer.memo.pop(op, None)
    typer.containers.adopt(func)
    typer.env.update(zip(func.params, (made, *items[1:])))
    typer.nesting.append(cls)
    run(typer, Block((), func.body.ops[:-1]))
    typer.nesting.pop()
    with_fields(typer, Literal(cls, cls.__name__, loc), made.fields, result, loc)


def with_fields(typer: Typer, cls: Item, items: Mapping[str, Item], result: Value, loc: Loc) -> None:
    """An instance of a plain class with these fields, whose `__init__` has run."""
    if not isinstance(cls, Literal) or not isinstance(cls.value, type):
        raise refuse("an instance of a class that isn't known", loc)
    fields = tuple((n, plain(unlit(typer.plain_type(i)))) for n, i in items.items())
    operands = tuple(map(typer.operand, items.values()))
    typer.emit_apply(CONSTRUCT, (cls, *operands), {}, Struct(cls.value, fields), result, loc)


def replaced(typer: Typer, item: Item, t: Tuple | Struct, kwargs: Kwargs, loc: Loc) -> Item:
    """`p._replace(x=...)`, `dataclasses.replace(p, x=...)`."""
    names = names_of(t)
    if any(k not in names for k in kwargs):
        raise DiffTypeError(f"no such field of {t}", loc=loc)
    parts = typer.parts(item, t, loc)
    return Record(t, tuple(kwargs.get(n, p) for n, p in zip(names, parts)))


def _has_own_init(cls: type) -> bool:
    """Whether the class was written with an `__init__` (that of a dataclass has code without a file)."""
    code = getattr(cls.__init__, "__code__", None)  # type: ignore[misc]
    return code is None or not code.co_filename.startswith("<")


def _fields(
    cls: type, names: tuple[str, ...], defaults: Mapping[str, Any], args: Parts, kwargs: Kwargs, loc: Loc
) -> Parts:
    given = {**dict(zip(names, args)), **kwargs}
    missing = [n for n in names if n not in given and n not in defaults]
    if missing or len(args) > len(names) or any(k not in names for k in kwargs):
        raise DiffTypeError(f"wrong arguments for {cls.__name__}", loc=loc)
    return tuple(given[n] if n in given else Literal(defaults[n], None, loc) for n in names)
