"""Constructors of user classes.

Immutable ones (NamedTuples, frozen dataclasses) become Records. Any other instance is one `construct` with the fields
that its `__init__` (that of a dataclass: its fields, and `__post_init__`) leaves; the ops of these stand in place of the
call. An `__init__` that needs the instance itself is called with an empty one, which gets its fields there.
"""

from __future__ import annotations

import collections
import dataclasses
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any

from ..defs.classes import MISSING, attribute, hook_of, is_record, is_written
from ..defs.dims import plain
from ..defs.structural import CONSTRUCT, LIST
from ..errors import DiffTypeError
from ..ir.ops import Apply, Return
from ..ir.types import BOTTOM, Struct, Tuple, Type, nests, unlit
from ..ir.values import Literal, Pack, Value
from ..source import Loc
from .growth import hold
from .inline import EscapesError, fits, inline
from .items import Item, Record, Unfinished, names_of
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
#: runs what makes an instance, storing its fields
Maker = Callable[[Unfinished], None]


def construct(typer: Typer, cls: Any, args: Parts, kwargs: Kwargs, results: tuple[Value, ...], loc: Loc) -> bool:
    """An instance of a user class. False for classes that stay opaque (exceptions, builtins)."""
    if not results:
        return False
    fields: tuple[str, ...] | None = getattr(cls, "_fields", None)
    if fields is not None and issubclass(cls, tuple) and not is_written(attribute(cls, "__new__")):
        items = _fields(cls, fields, getattr(cls, "_field_defaults", {}), args, kwargs, loc)
        typer.env[results[0]] = Record(Tuple((BOTTOM,) * len(items), cls, fields), items)
        return True
    if not is_record(cls):
        return False
    if (hook := hook_of(cls)) is not None:
        raise refuse(f"{cls.__name__} has a method {hook}", loc, "keep its attributes in fields or properties")
    init = attribute(cls, "__init__")
    typer.ctx.note(cls, "__init__", init)
    if dataclasses.is_dataclass(cls) and not is_written(init):
        _dataclass(typer, cls, args, kwargs, results[0], loc)
    elif isinstance(init, types.FunctionType):
        _by_init(typer, cls, init, args, kwargs, results[0], loc)
    elif init is object.__init__ and not args and not kwargs:
        with_fields(typer, Literal(cls, cls.__name__, loc), {}, results[0], loc)
    else:
        return False
    return True


def _made(typer: Typer, cls: type, make: Maker) -> Unfinished | None:
    """The fields that an `__init__` leaves, its ops emitted here; None if it needs the instance itself."""
    symbols = dict(typer.symbols)
    with typer.builder.block() as ops:
        made = Unfinished(cls, ops)
        depth = len(typer.nesting)
        try:
            make(made)
        except EscapesError as err:
            if err.of is not made:
                raise
            del typer.nesting[depth:]
            typer.symbols = symbols
            return None
    typer.builder.ops.extend(ops)
    made.ops = typer.builder.ops
    return made


def _by_init(
    typer: Typer, cls: Any, init: types.FunctionType, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    from .infer_calls import bind, call_function

    def make(made: Unfinished) -> None:
        inline(typer, init, bind(typer, init, (made, *args), kwargs, loc), made, loc)

    made = _made(typer, cls, make)
    literal = Literal(cls, cls.__name__, loc)
    if made is not None:
        with_fields(typer, literal, made.fields, result, loc)
        return
    with_fields(typer, literal, {}, result, loc)
    call_function(typer, init, (typer.env[result], *args), kwargs, (), loc, "__init__")


def _dataclass(typer: Typer, cls: Any, args: Parts, kwargs: Kwargs, result: Value, loc: Loc) -> None:
    """The fields that are given, by default and by factory; then `__post_init__`."""
    from .infer_calls import bind, bind_to

    post = attribute(cls, "__post_init__")
    known: dict[str, Any] = cls.__dataclass_fields__
    signature = inspect.signature(cls.__init__)
    given = bind_to(typer, signature, cls.__name__, (Literal(None), *args), kwargs, loc)

    def make(made: Unfinished) -> None:
        once: list[Item] = []
        for f in known.values():
            kind = f._field_type.name
            item = _field(typer, f, given, result, made, loc) if kind != "_FIELD_CLASSVAR" else None
            if kind == "_FIELD_INITVAR" and item is not None:
                once.append(item)
            elif item is not None:
                made.fields[f.name] = item
        if post is not MISSING:
            inline(typer, post, bind(typer, post, (made, *once), {}, loc), made, loc)

    made = _made(typer, cls, make)
    if made is None:
        raise refuse(f"the __post_init__ of {cls.__name__} uses self for more than to store and read fields", loc)
    if cls.__dataclass_params__.frozen:
        names = tuple(made.fields)
        typer.env[result] = Record(Struct(cls, tuple((n, BOTTOM) for n in names), True), tuple(made.fields.values()))
        return
    with_fields(typer, Literal(cls, cls.__name__, loc), made.fields, result, loc)


def _field(typer: Typer, f: Any, given: Kwargs, result: Value, whole: Unfinished, loc: Loc) -> Item | None:
    """What a field of a dataclass starts with."""
    from .infer_calls import call_function

    if f.init and f.name in given:
        return given[f.name]
    if f.default is not dataclasses.MISSING:
        return Literal(f.default, None, loc)
    if f.default_factory is dataclasses.MISSING:
        return None
    made = typer.stable(result, f.name)
    factory = list if f.default_factory is collections.deque else f.default_factory
    if isinstance(factory, types.FunctionType) and not inspect.signature(factory).parameters:
        _inlined(typer, factory, made, whole, loc)
    else:
        call_function(typer, factory, (), {}, (made,), loc, getattr(factory, "__name__", "factory"))
    return typer.env[made]


def _inlined(typer: Typer, factory: types.FunctionType, made: Value, whole: Unfinished, loc: Loc) -> None:
    """What a factory makes, made here: what is put into it later shows in its type."""
    from .infer_calls import apply, call_function

    func = typer.ctx.lower(factory)
    if func.yields or not fits(func):
        call_function(typer, factory, (), {}, (made,), loc, factory.__name__)
        return
    last = func.body.terminator
    item = inline(typer, factory, (), whole, loc)
    if isinstance(last, Return) and isinstance(last.value, Pack) and last.value.kind == "list":
        apply(typer, Apply(LIST, last.value.items, (), (made,), loc))
    elif item is not None and isinstance(last, Return):
        typer.containers.unite(made, last.value)
        typer.env[made] = item


def with_fields(typer: Typer, cls: Item, items: Mapping[str, Item], result: Value, loc: Loc) -> None:
    """An instance of a plain class with these fields, whose `__init__` has run."""
    if not isinstance(cls, Literal) or not isinstance(cls.value, type):
        raise refuse("an instance of a class that isn't known", loc)
    fields = {n: plain(unlit(typer.plain_type(i))) for n, i in items.items()}
    operands = tuple(map(typer.operand, items.values()))
    made = typer.emit_apply(CONSTRUCT, (cls, *operands), {}, instance_type(typer, cls.value, fields), result, loc)
    assert isinstance(made.type, Struct)
    for name, item in items.items():
        hold(typer, item, made.type.field(name), loc)


def instance_type(typer: Typer, cls: type, fields: Mapping[str, Type]) -> Struct:
    """The type of an instance; a recursive one where it holds others of its class to a depth that isn't known."""
    if cls in typer.ctx.system or any(nests(t, cls) for t in fields.values()):
        return typer.ctx.system.instance(cls, fields)
    return Struct(cls, tuple(fields.items()))


def replaced(typer: Typer, item: Item, t: Tuple | Struct, kwargs: Kwargs, loc: Loc) -> Item:
    """`p._replace(x=...)`, `dataclasses.replace(p, x=...)`."""
    names = names_of(t)
    if any(k not in names for k in kwargs):
        raise DiffTypeError(f"no such field of {t}", loc=loc)
    parts = typer.parts(item, t, loc)
    return Record(t, tuple(kwargs.get(n, p) for n, p in zip(names, parts)))


def _fields(
    cls: type, names: tuple[str, ...], defaults: Mapping[str, Any], args: Parts, kwargs: Kwargs, loc: Loc
) -> Parts:
    given = {**dict(zip(names, args)), **kwargs}
    missing = [n for n in names if n not in given and n not in defaults]
    if missing or len(args) > len(names) or any(k not in names for k in kwargs):
        raise DiffTypeError(f"wrong arguments for {cls.__name__}", loc=loc)
    return tuple(given[n] if n in given else Literal(defaults[n], None, loc) for n in names)

