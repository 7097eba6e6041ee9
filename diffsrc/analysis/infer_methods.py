"""Method calls: of arrays (rows of the table), lists, dicts with known keys, instances."""

from __future__ import annotations

import dataclasses
import enum
import logging
import types
from collections.abc import Mapping

import numpy as np

from ..defs.classes import MISSING, attribute, attribute_behind
from ..defs.table import lookup
from ..errors import DiffTypeError
from ..ir.ops import WHOLE, Apply, Attr, View
from ..ir.types import (
    ANY,
    BOOL,
    BOTTOM,
    INT,
    STR,
    AnyType,
    Array,
    Bottom,
    Dict,
    FuncType,
    List,
    Lit,
    Maybe,
    Opaque,
    Scalar,
    SetOf,
    StrType,
    Struct,
    Table,
    Tuple,
    Type,
    Union,
    strip,
)
from ..ir.values import Literal, Value
from .classes import attribute_of_class, looked_up
from .dispatch import by_class, grouped, narrowed
from .infer_calls import apply_def, bind, call_function, call_item
from .infer_dicts import call_dict_method
from .infer_distributions import call_of_distribution
from .infer_handles import call_method_of, object_class
from .infer_list_methods import call_list_method
from .infer_lists import from_array
from .infer_objects import replaced
from .infer_reshaped import resize
from .infer_sets import call_set_method
from .infer_ufuncs import call_ufunc_method
from .infer_writers import WRITING_METHODS, item
from .inline import inline, result_of
from .items import Item, Record, Super, Unfinished, names_of
from .queues import by_bound, items_of
from .rows import row_of
from .spread import dict_of
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]


def call_method(typer: Typer, op: Apply, name: str, args: Parts, kwargs: Kwargs) -> None:
    if isinstance(args[0], Super):
        _super_method(typer, op, args[0], name, args, kwargs)
        return
    if not by_bound(typer.type_of(args[0]), name):
        args = (items_of(typer, args[0], op.loc), *args[1:])
    if call_of_distribution(typer, op, name, args, kwargs):
        return
    known = typer.type_of(args[0])
    if isinstance(known, Lit) and isinstance(known.value, enum.Enum):
        _call_found(typer, op, looked_up(typer, type(known.value), name), type(known.value), name, args, kwargs)
        return
    t = strip(known)
    if isinstance(t, (Opaque, FuncType)) and (of := object_class(typer, args[0])) is not None:
        if not call_method_of(typer, of, name, args, kwargs, op.results, op.loc):
            _unknown(typer, op, args, kwargs, ANY)
        return
    if isinstance(known, Maybe) and isinstance(t, (Struct, Union)) and isinstance(args[0], Value):
        args = (narrowed(typer, args[0], t, op.loc), *args[1:])  # a method of None is an error of the program itself
    match t:
        case FuncType(target=np.ufunc() as ufunc):
            call_ufunc_method(typer, op, ufunc, name, args[1:], kwargs)
        case FuncType(target=type() as cls) if (found := attribute_of_class(typer, cls, name, op.loc)) is not None:
            call_item(typer, found, args[1:], kwargs, op.results, op.loc)
        case Array() | Scalar():
            _array_method(typer, op, name, args, kwargs)
        case Dict() | Table():
            call_dict_method(typer, op, name, t, args, kwargs)
        case List():
            call_list_method(typer, op, name, t, args, kwargs)
        case SetOf():
            call_set_method(typer, op, name, t, args, kwargs)
        case Union():
            _method_by_class(typer, op, t, name, args, kwargs)
        case Struct() | Tuple() if t.cls is not None:
            _instance_method(typer, op, t, name, args, kwargs)
        case Bottom():
            _unknown(typer, op, args, kwargs, BOTTOM)
        case AnyType() if isinstance(logger := getattr(args[0], "value", None), logging.Logger):
            _log(typer, op, logger, name, args, kwargs)
        case Opaque(cls=cls) if (row := lookup(getattr(cls, name, None))) is not None:
            apply_def(typer, dataclasses.replace(op, fn=row, method=name), row, args, kwargs)
        case StrType():
            if op.results and (text := _of_known_text(name, args, kwargs)) is not None:
                typer.env[op.results[0]] = Literal(text, None, op.loc)
            else:
                _unknown(typer, op, args, kwargs, _OF_TEXT.get(name, ANY))
        case AnyType() | FuncType() | Opaque():
            _unknown(typer, op, args, kwargs, ANY)
        case _:
            raise refuse(f"the method .{name}() of {t}", op.loc)


def _method_by_class(typer: Typer, op: Apply, t: Union, name: str, args: Parts, kwargs: Kwargs) -> None:
    """A method of an instance of one of several classes; those that inherit one function share an arm."""

    def key(kind: Struct) -> object:
        if name in names_of(kind):
            return kind
        found = looked_up(typer, kind.cls, name)
        return None if found is MISSING else found if isinstance(found, types.FunctionType) else kind

    def call(one: Item, found: object) -> None:
        if isinstance(found, types.FunctionType):
            call_function(typer, found, (one, *args[1:]), kwargs, op.results, op.loc, name)
        else:
            call_method(typer, op, name, (one, *args[1:]), kwargs)

    by_class(typer, args[0], grouped(t, key), op.results, op.loc, call, name)


_OF_TEXT: dict[str, Type] = {
    **dict.fromkeys(("split", "rsplit", "splitlines"), List(STR)),
    **dict.fromkeys(("count", "find", "index", "rfind", "rindex"), INT),
    **dict.fromkeys(
        ("endswith", "isalnum", "isalpha", "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "isupper", "startswith"),
        BOOL,
    ),
    **dict.fromkeys(
        ("capitalize", "format", "join", "lower", "lstrip", "replace", "rstrip", "strip", "title", "upper", "zfill"), STR
    ),
}


def _of_known_text(name: str, args: Parts, kwargs: Kwargs) -> str | int | None:
    """What a method of a string that is known gives, if that is a string, a number or a flag."""
    given = [a.value for a in args if isinstance(a, Literal)]
    if kwargs or name not in _OF_TEXT or len(given) < len(args) or not all(isinstance(v, (str, int)) for v in given):
        return None
    try:
        found = getattr(given[0], name)(*given[1:])
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, (str, int)) else None


def _log(typer: Typer, op: Apply, logger: logging.Logger, name: str, args: Parts, kwargs: Kwargs) -> None:
    """`log.warning(..)`: a method that is known, of an object that isn't looked into."""
    from .infer_calls import call_function

    shown = f"{getattr(args[0], 'text', None) or 'logger'}.{name}"
    call_function(typer, getattr(logger, name), args[1:], kwargs, op.results, op.loc, shown)


def _unknown(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs, t: Type) -> None:
    """A call of which nothing is known."""
    named = tuple((k, typer.operand(v)) for k, v in kwargs.items())
    operands = tuple(map(typer.operand, args))
    made = tuple(typer.define(r, t) for r in op.results)
    typer.emit(Apply(op.fn, operands, named, made, op.loc, op.method))


def _array_method(typer: Typer, op: Apply, name: str, args: Parts, kwargs: Kwargs) -> None:
    from ..defs import methods

    if name in WRITING_METHODS and isinstance(strip(typer.type_of(args[0])), Array):
        WRITING_METHODS[name](typer, op, args, kwargs)
        return
    if name == "view" and len(args) == 1 and not kwargs and isinstance(t := strip(typer.type_of(args[0])), Array):
        typer.emit(View(typer.operand(args[0]), WHOLE, typer.define(op.results[0], t), op.loc))
        return
    if name == "resize" and isinstance(strip(typer.type_of(args[0])), Array):
        resize(typer, op, args, kwargs)
        for result in op.results:
            typer.env[result] = Literal(None)
        return
    if name == "astype" and isinstance(copied := kwargs.get("copy"), Literal) and copied.value is False:
        rest = {k: v for k, v in kwargs.items() if k != "copy"}  # the array itself where its dtype is that
        apply_def(typer, dataclasses.replace(op, fn=row_of(np.asarray), method=""), row_of(np.asarray), args, rest)
        return
    if name == "item" and len(args) > 1 and item(typer, op, args):
        return
    if name == "tolist" and len(args) == 1 and from_array(typer, op, args[0]):
        return
    spec = methods.METHODS.get(name)
    refused = getattr(spec, "refused", "")
    if spec is None or refused:
        raise refuse(f"the method .{name}() of an array{': ' if refused else ''}{refused}", op.loc)
    if spec.normalise is not None:
        operands, named = spec.normalise(
            tuple(map(typer.constant, args)), {k: typer.constant(v) for k, v in kwargs.items()}
        )
        args, kwargs = tuple(map(typer.reread, operands)), {k: typer.reread(v) for k, v in named.items()}
    d = lookup(spec.fn)
    if d is None:
        raise refuse(f"the method .{name}() of an array", op.loc)
    shown = "" if name == "compress" else name  # the array isn't the first argument of the function
    apply_def(typer, dataclasses.replace(op, fn=d, method=shown), d, args, kwargs)


def _instance_method(typer: Typer, op: Apply, t: Struct | Tuple, name: str, args: Parts, kwargs: Kwargs) -> None:
    """A field that holds a function, a method found through the class."""
    if name in names_of(t):
        field = typer.parts(args[0], t, op.loc)[names_of(t).index(name)] if isinstance(args[0], Record) else None
        if field is None:
            kind = t.field(name) if isinstance(t, Struct) else dict(zip(t.names, t.items))[name]
            field = typer.emit_load(typer.operand(args[0]), Attr(name), kind or ANY, op.loc)
        call_item(typer, field, args[1:], kwargs, op.results, op.loc)
        return
    if name == "_replace" and isinstance(t, Tuple):
        typer.env[op.results[0]] = replaced(typer, args[0], t, kwargs, op.loc)
        return
    if name == "_asdict" and isinstance(t, Tuple):
        pairs = zip(names_of(t), typer.parts(args[0], t, op.loc))
        typer.env[op.results[0]] = dict_of(typer, dict(pairs), op.loc, op.results[0])
        return
    assert t.cls is not None
    found = looked_up(typer, t.cls, name)
    if found is MISSING:
        raise DiffTypeError(f"{t.cls.__name__} has no method {name}", loc=op.loc)
    _call_found(typer, op, found, t.cls, name, args, kwargs)


def _call_found(typer: Typer, op: Apply, found: object, cls: type, name: str, args: Parts, kwargs: Kwargs) -> None:
    """A call of what a class holds under a name."""
    if isinstance(found, staticmethod):
        call_function(typer, found.__func__, args[1:], kwargs, op.results, op.loc, name)
    elif isinstance(found, classmethod):
        first = Literal(cls, cls.__name__)
        call_function(typer, found.__func__, (first, *args[1:]), kwargs, op.results, op.loc, name)
    elif isinstance(found, types.FunctionType) and isinstance(args[0], Unfinished):
        items = bind(typer, found, args, kwargs, op.loc)
        result_of(typer, inline(typer, found, items, args[0], op.loc), op.results)
    elif isinstance(found, types.FunctionType):
        call_function(typer, found, args, kwargs, op.results, op.loc, name)
    elif callable(found) and not hasattr(found, "__get__"):
        call_function(typer, found, args[1:], kwargs, op.results, op.loc, name)
    else:
        _unknown(typer, op, args, kwargs, ANY)


def _super_method(typer: Typer, op: Apply, behind: Super, name: str, args: Parts, kwargs: Kwargs) -> None:
    """`super().method(..)`: found behind the class in whose body it stands."""
    t = strip(typer.type_of(behind.item))
    cls = t.cls if isinstance(t, (Struct, Tuple)) else t.value if isinstance(t, Lit) else None
    if not isinstance(cls, type):
        raise refuse("super() of an instance of unknown class", op.loc)
    found = attribute_behind(cls, behind.owner, name)
    if found is object.__init__:
        result_of(typer, Literal(None), op.results)
        return
    if found is MISSING:
        raise DiffTypeError(f"no class behind {behind.owner.__name__} has a method {name}", loc=op.loc)
    typer.ctx.note(behind.owner, name, attribute(behind.owner, name))
    _call_found(typer, op, found, cls, name, (behind.item, *args[1:]), kwargs)
