"""Method calls: of arrays (rows of the table), lists, dicts with known keys, instances."""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Callable, Mapping

import numpy as np

from ..defs.structural import LIST_POP
from ..defs.table import lookup
from ..errors import DiffTypeError
from ..ir.ops import Apply, Attr, Index, Store
from ..ir.types import (
    ANY,
    BOTTOM,
    AnyType,
    Array,
    Bottom,
    Dict,
    FuncType,
    List,
    Lit,
    Scalar,
    StrType,
    Struct,
    Tuple,
    Type,
    strip,
)
from ..ir.values import Literal, Value, is_literal
from .infer_calls import apply_def, call_function, call_item
from .infer_inplace import append, extend
from .infer_lists import copied, from_array
from .infer_objects import replaced
from .infer_reshaped import resize
from .infer_ufuncs import call_ufunc_method
from .infer_writers import WRITING_METHODS, item
from .items import Item, Record, names_of
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]


def call_method(typer: Typer, op: Apply, name: str, args: Parts, kwargs: Kwargs) -> None:
    t = strip(typer.type_of(args[0]))
    match t:
        case FuncType(target=np.ufunc() as ufunc):
            call_ufunc_method(typer, op, ufunc, name, args[1:], kwargs)
        case Array() | Scalar():
            _array_method(typer, op, name, args, kwargs)
        case List() | Tuple(cls=None) if name in _LIST_METHODS:
            _LIST_METHODS[name](typer, op, args)
        case Dict() if name in _DICT_METHODS:
            _DICT_METHODS[name](typer, op, args)
        case Struct() | Tuple() if t.cls is not None:
            _instance_method(typer, op, t, name, args, kwargs)
        case Bottom():
            _unknown(typer, op, args, kwargs, BOTTOM)
        case AnyType() | StrType() | FuncType():
            _unknown(typer, op, args, kwargs, ANY)
        case _:
            raise refuse(f"the method .{name}() of {t}", op.loc)


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
    if name == "resize" and isinstance(strip(typer.type_of(args[0])), Array):
        resize(typer, op, args, kwargs)
        for result in op.results:
            typer.env[result] = Literal(None)
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
    apply_def(typer, dataclasses.replace(op, fn=d, method=name), d, args, kwargs)


def _instance_method(typer: Typer, op: Apply, t: Struct | Tuple, name: str, args: Parts, kwargs: Kwargs) -> None:
    """A field that holds a function, a method found through the class."""
    if name in names_of(t):
        field = typer.parts(args[0], t, op.loc)[names_of(t).index(name)] if isinstance(args[0], Record) else None
        if field is None:
            types_ = dict(t.fields) if isinstance(t, Struct) else dict(zip(t.names, t.items))
            field = typer.emit_load(typer.operand(args[0]), Attr(name), types_[name], op.loc)
        call_item(typer, field, args[1:], kwargs, op.results, op.loc)
        return
    if name == "_replace" and isinstance(t, Tuple):
        typer.env[op.results[0]] = replaced(typer, args[0], t, kwargs, op.loc)
        return
    found = inspect.getattr_static(t.cls, name, None) if t.cls is not None else None
    if isinstance(found, staticmethod):
        call_function(typer, found.__func__, args[1:], kwargs, op.results, op.loc, name)
    elif isinstance(found, classmethod):
        cls = Literal(t.cls, getattr(t.cls, "__name__", None))
        call_function(typer, found.__func__, (cls, *args[1:]), kwargs, op.results, op.loc, name)
    elif isinstance(found, types.FunctionType):
        call_function(typer, found, args, kwargs, op.results, op.loc, name)
    elif found is None:
        raise DiffTypeError(f"{t.cls.__name__ if t.cls else t} has no method {name}", loc=op.loc)
    else:
        _unknown(typer, op, args, kwargs, ANY)


def _list_append(typer: Typer, op: Apply, args: Parts) -> None:
    t = strip(typer.type_of(args[0]))
    if not isinstance(t, List) or len(args) != 2:
        raise refuse("append() here", op.loc)
    append(typer, op.args[0], args[0], t, args[1], op.loc)
    for result in op.results:
        typer.env[result] = Literal(None)


def _list_extend(typer: Typer, op: Apply, args: Parts) -> None:
    t = strip(typer.type_of(args[0]))
    if not isinstance(t, List) or len(args) != 2:
        raise refuse("extend() here", op.loc)
    extend(typer, op, args[0], t, args[1])
    for result in op.results:
        typer.env[result] = Literal(None)


def _list_pop(typer: Typer, op: Apply, args: Parts) -> None:
    t = strip(typer.type_of(args[0]))
    last = len(args) == 1 or is_literal(args[1], -1)
    if not isinstance(t, List) or not last:
        raise refuse("pop() from elsewhere than the end of a list", op.loc)
    made = tuple(typer.define(r, t.item) for r in op.results)
    typer.emit(Apply(LIST_POP, (typer.operand(args[0]),), (), made, op.loc))


def _list_copy(typer: Typer, op: Apply, args: Parts) -> None:
    t = strip(typer.type_of(args[0]))
    if not isinstance(t, List) or len(args) != 1:
        raise refuse("copy() here", op.loc)
    if not copied(typer, op.results[0], args, op.loc):
        typer.emit_apply(op.fn, (typer.operand(args[0]),), {}, t, op.results[0], op.loc)


def _dict_parts(which: str) -> Callable[[Typer, Apply, Parts], None]:
    """d.keys(), d.values(), d.items() of a dict with known keys."""

    def method(typer: Typer, op: Apply, args: Parts) -> None:
        t = strip(typer.type_of(args[0]))
        assert isinstance(t, Dict)
        if typer.containers.grows(op.args[0]):
            raise refuse(f"{which}() of a dict that gets new keys", op.loc)
        keys = [Literal(k) for k, _ in t.items]
        values: list[Item] = []
        if which != "keys":
            d = typer.operand(args[0])
            values = [typer.emit_load(d, Index((k,)), v, op.loc) for k, (_, v) in zip(keys, t.items)]
        pairs = [Record(Tuple((BOTTOM, BOTTOM)), pair) for pair in zip(keys, values)]
        items: tuple[Item, ...] = tuple(keys if which == "keys" else values if which == "values" else pairs)
        typer.env[op.results[0]] = Record(Tuple((BOTTOM,) * len(items)), items)

    return method


def _dict_update(typer: Typer, op: Apply, args: Parts) -> None:
    """`d.update(e)`: one store per key of a dict with known keys."""
    from .infer_places import store

    given = strip(typer.type_of(args[1])) if len(args) == 2 else None
    if not isinstance(given, Dict) or len(op.args) != 2 or typer.containers.grows(op.args[1]):
        raise refuse("update() with other than a dict with known keys", op.loc)
    for key, t in given.items:
        v = Value(None, t, None, None, op.loc)
        typer.emit_load(typer.operand(args[1]), Index((Literal(key),)), t, op.loc, v)
        store(typer, Store(op.args[0], Index((Literal(key),)), v, False, op.loc))
    for result in op.results:
        typer.env[result] = Literal(None)


def _dict_get(typer: Typer, op: Apply, args: Parts) -> None:
    """d.get(key, default) with a key known at compile time."""
    t = strip(typer.type_of(args[0]))
    key = typer.type_of(args[1])
    if not isinstance(t, Dict) or not isinstance(key, Lit) or typer.containers.grows(op.args[0]):
        raise refuse("get() of a dict with keys not known at compile time", op.loc)
    items = dict(t.items)
    if key.value in items:
        place = Index((Literal(key.value),))
        typer.emit_load(typer.operand(args[0]), place, items[key.value], op.loc, op.results[0])
    else:
        typer.env[op.results[0]] = args[2] if len(args) > 2 else Literal(None)


_LIST_METHODS: dict[str, Callable[[Typer, Apply, Parts], None]] = {
    "append": _list_append, "pop": _list_pop, "extend": _list_extend, "copy": _list_copy,
}  # fmt: skip
_DICT_METHODS: dict[str, Callable[[Typer, Apply, Parts], None]] = {
    "get": _dict_get, "update": _dict_update,
    **{name: _dict_parts(name) for name in ("keys", "values", "items")},
}
