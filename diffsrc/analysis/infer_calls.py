"""Calls: rows of the table, methods, operators of user classes, user functions, closures, constructors.

What is neither a row of the table nor a Python function with source is *opaque*: its result is Any.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..defs.dims import map_dims, renaming
from ..defs.special import positional
from ..defs.structural import LIST_POP
from ..defs.table import Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import WHOLE, Apply, Attr, Func, FuncRef, Index, Method, Store
from ..ir.types import (
    ANY, BOTTOM, AnyType, Array, Bottom, Dict, Dim, FuncType, List, Lit, Scalar, StrType, Struct, Tuple, Type,
    may_be_one, strip,
)  # fmt: skip
from ..ir.values import Literal, Operand, Value
from ..source import Loc
from .infer_builtins import BUILTINS, STRUCTURAL
from .infer_inplace import append, apply_out, extend, inplace, take_out
from .infer_objects import construct, replaced
from .items import Item, Record, names_of
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
Results = tuple[Value, ...]

#: operators of the language -> special method, and the one of the right operand
DUNDERS: dict[str, tuple[str, str]] = {
    **{
        name: (f"__{name.strip('_')}__", f"__r{name.strip('_')}__")
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor")
    },
    **{name: (f"__{name}__", "") for name in ("neg", "pos", "invert", "abs", "len", "eq", "ne", "contains")},
    "lt": ("__lt__", "__gt__"), "le": ("__le__", "__ge__"), "gt": ("__gt__", "__lt__"), "ge": ("__ge__", "__le__"),
}  # fmt: skip


def apply(typer: Typer, op: Apply) -> None:
    """Resolve one lowered call."""
    args: Parts = tuple(map(typer.get, op.args))
    kwargs = {k: typer.get(v) for k, v in op.kwargs}
    fn: Any = op.fn
    if isinstance(fn, Value):
        call_item(typer, typer.get(fn), args, kwargs, op.results, op.loc)
    elif isinstance(fn, Method):
        call_method(typer, op, fn.name, args, kwargs)
    elif isinstance(fn, FuncRef):
        call_function(typer, fn.target, args, kwargs, op.results, op.loc, fn.name)
    elif fn.family == "inplace":
        inplace(typer, op, fn)
    else:
        apply_def(typer, op, fn, args, kwargs)


def apply_def(typer: Typer, op: Apply, d: Def, args: Parts, kwargs: Kwargs) -> None:
    out, rest = take_out(kwargs, typer)
    if out is not None and d.family != "structural":
        apply_out(typer, d, args, rest, out, op)
        return
    special = STRUCTURAL.get(d.name) if d.family == "structural" else None
    if special is not None:
        special(typer, op, args)
        return
    builtin = BUILTINS.get(d.fn) if _hashable(d.fn) else None
    if builtin is not None and builtin(typer, op, args, rest):
        return
    if not (op.results and call_operator(typer, d, args, op.results[0], op.loc)):
        apply_row(typer, d, args, rest, op.results, op.loc, op.method)


def _hashable(fn: object) -> bool:
    return type(fn).__hash__ is not None


def apply_row(
    typer: Typer, d: Def, args: Parts, kwargs: Kwargs, results: Results, loc: Loc, method: str = ""
) -> None:
    """A call of a row of the table. A result known at compile time (a comparison of flags) becomes a constant."""
    if kwargs and d.family != "structural":
        args, kwargs = positional(d, args, kwargs, Literal)
    t = typer.row(d, args, kwargs, loc)
    if isinstance(t, Lit) and isinstance(t.value, (bool, str)) and results:
        typer.env[results[0]] = Literal(t.value, None, loc)
        return
    elementwise = d.family in ("elementwise", "select") or d.name in DUNDERS
    take: Callable[[Item], Operand] = typer.operand if elementwise else typer.constant
    operands = tuple(map(take, args))
    named = tuple((k, take(v)) for k, v in kwargs.items())
    made = tuple(typer.define(r, t) for r in results)
    typer.emit(Apply(d, operands, named, made, loc, method))


# -- operators of user classes


def call_operator(typer: Typer, d: Def, args: Parts, result: Value, loc: Loc) -> bool:
    """An operator on an instance, by its special method. False when no argument is an instance."""
    if d.name not in DUNDERS or not any(isinstance(strip(typer.type_of(a)), Struct) for a in args):
        return False
    left, right = DUNDERS[d.name]
    if d.name in ("contains",):
        args = tuple(reversed(args)) if False else args
    if call_dunder(typer, left, args, result, loc):
        return True
    if right and len(args) == 2 and call_dunder(typer, right, (args[1], args[0]), result, loc):
        return True
    if d.name in ("eq", "ne"):
        return False
    shown = ", ".join(str(typer.plain_type(a)) for a in args)
    raise DiffTypeError(f"{d.name} isn't defined for {shown}", loc=loc)


def call_dunder(typer: Typer, name: str, args: Parts, result: Value, loc: Loc) -> bool:
    """Call a special method of the first argument's class; False when it has none."""
    t = strip(typer.type_of(args[0]))
    found = inspect.getattr_static(t.cls, name, None) if isinstance(t, Struct) else None
    if not isinstance(found, types.FunctionType):
        return False
    call_function(typer, found, args, {}, (result,), loc, name)
    return True


# -- methods


def call_method(typer: Typer, op: Apply, name: str, args: Parts, kwargs: Kwargs) -> None:
    t = strip(typer.type_of(args[0]))
    match t:
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

    if name == "fill" and len(args) == 2 and isinstance(strip(typer.type_of(args[0])), Array):
        typer.emit(Store(typer.operand(args[0]), WHOLE, typer.operand(args[1]), False, op.loc))
        for result in op.results:
            typer.env[result] = Literal(None)
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


def _instance_method(
    typer: Typer, op: Apply, t: Struct | Tuple, name: str, args: Parts, kwargs: Kwargs
) -> None:
    """A field that holds a function, a method found through the class."""
    if name in names_of(t):
        field = (
            typer.parts(args[0], t, op.loc)[names_of(t).index(name)] if isinstance(args[0], Record) else None
        )
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
    last = len(args) == 1 or (isinstance(args[1], Literal) and args[1].value == -1)
    if not isinstance(t, List) or not last:
        raise refuse("pop() from elsewhere than the end of a list", op.loc)
    made = tuple(typer.define(r, t.item) for r in op.results)
    typer.emit(Apply(LIST_POP, (typer.operand(args[0]),), (), made, op.loc))


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
        items: Sequence[Item] = {"keys": keys, "values": values, "items": pairs}[which]
        typer.env[op.results[0]] = Record(Tuple((BOTTOM,) * len(items)), tuple(items))

    return method


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
    "append": _list_append, "pop": _list_pop, "extend": _list_extend,
}  # fmt: skip
_DICT_METHODS: dict[str, Callable[[Typer, Apply, Parts], None]] = {
    "get": _dict_get,
    **{name: _dict_parts(name) for name in ("keys", "values", "items")},
}


# -- functions


def call_item(typer: Typer, fn: Item, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """A call of a value: a function known by its type, with its captures; an instance with `__call__`."""
    t = typer.type_of(fn)
    if isinstance(t, Struct) and results and call_dunder(typer, "__call__", (fn, *args), results[0], loc):
        return
    if isinstance(t, Lit) and callable(t.value):
        t = FuncType(t.value)
    if not isinstance(t, FuncType):
        if isinstance(t, (AnyType, Bottom)) and isinstance(fn, Value):
            operands = tuple(map(typer.operand, args))
            named = tuple((k, typer.operand(v)) for k, v in kwargs.items())
            made = tuple(typer.define(r, t) for r in results)
            callee: Any = fn
            typer.emit(Apply(callee, operands, named, made, loc))
            return
        raise DiffTypeError(f"a call of a value of type {t}", loc=loc)
    captured = typer.parts(fn, t, loc) if t.captures else ()
    name = getattr(t.target, "name", None) or getattr(t.target, "__name__", "function")
    call_function(typer, t.target, (*captured, *args), kwargs, results, loc, name)


def call_function(
    typer: Typer, target: Any, args: Parts, kwargs: Kwargs, results: Results, loc: Loc, name: str
) -> None:
    """A call of a known object."""
    if isinstance(target, Func):
        _call_instance(typer, target, _bind_lifted(target, args, kwargs, loc), results, loc)
    elif (d := lookup(target)) is not None:
        apply_def(typer, Apply(d, (), (), results, loc), d, args, kwargs)
    elif isinstance(target, types.FunctionType):
        _call_instance(typer, target, bind(typer, target, args, kwargs, loc), results, loc)
    elif isinstance(target, types.MethodType):
        call_function(typer, target.__func__, (Literal(target.__self__), *args), kwargs, results, loc, name)
    elif isinstance(target, functools.partial):
        held = {k: Literal(v) for k, v in target.keywords.items()}
        given = (*(Literal(a) for a in target.args), *args)
        call_function(typer, target.func, given, {**held, **kwargs}, results, loc, name)
    elif isinstance(target, type) and construct(typer, target, args, kwargs, results, loc):
        return
    elif isinstance(inner := getattr(target, "__wrapped__", None), types.FunctionType) and _is_marked(target):
        call_function(typer, inner, args, kwargs, results, loc, name)
    else:
        operands = tuple(map(typer.operand, args))
        named = tuple((k, typer.operand(v)) for k, v in kwargs.items())
        made = tuple(typer.define(r, ANY) for r in results)
        typer.emit(Apply(FuncRef(name, target), operands, named, made, loc))


def _is_marked(target: object) -> bool:
    """Whether an object stands for the function it wraps: a decorated function of this package."""
    return type(target).__module__.split(".")[0] == __name__.split(".", maxsplit=1)[0]


def _call_instance(typer: Typer, target: Any, args: Parts, results: Results, loc: Loc) -> None:
    """A call of a function with source: its instance for the argument types."""
    kinds, names = canonical([_argument_type(typer, a) for a in args])
    try:
        instance = typer.ctx.instance(target, kinds)
    except DiffTypeError:
        exact, names = canonical([_argument_type(typer, a, exact=True) for a in args])
        if exact == kinds:
            raise
        instance = typer.ctx.instance(target, exact)
    back = renaming({new: old for old, new in names.items()})
    t = map_dims(instance.result_type, back)
    operands = tuple(map(typer.operand, args))
    made = tuple(typer.define(r, t) for r in results)
    typer.emit(Apply(FuncRef(instance.name, instance), operands, (), made, loc))


def _argument_type(typer: Typer, item: Item, exact: bool = False) -> Type:
    """The type of an argument: flags, strings and functions by value; numbers by type unless `exact`."""
    if exact and isinstance(item, Literal):
        return typer.type_of(item)
    return typer.plain_type(item)


def canonical(kinds: Sequence[Type]) -> tuple[tuple[Type, ...], dict[str, Dim]]:
    """Types with the names of dimensions renamed in order: n, m, ... where a size isn't 1, else %0, %1, ..."""
    from .typeof import dim_names

    fresh = dim_names()
    names: dict[str, Dim] = {}

    def rename(dim: Dim) -> Dim:
        if not isinstance(dim, str):
            return dim
        if dim not in names:
            names[dim] = f"%{len(names)}" if may_be_one(dim) else next(fresh)
        return names[dim]

    return tuple(map_dims(k, rename) for k in kinds), names


def _bind_lifted(target: Func, args: Parts, kwargs: Kwargs, loc: Loc) -> Parts:
    """Arguments of an inner function called as a value: captures and defaults, then the others in order."""
    given: list[Item] = list(args)
    rest = [p.name for p in target.params]
    for key, item in kwargs.items():
        if key not in rest:
            raise DiffTypeError(f"{target.name} has no argument {key}", loc=loc)
        at = rest.index(key)
        if at < len(given):
            given[at] = item
        elif at == len(given):
            given.append(item)
        else:
            raise refuse(f"this order of keyword arguments for {target.name}", loc)
    if len(given) != len(rest):
        raise DiffTypeError(f"{target.name} takes {len(rest)} arguments, {len(given)} are given", loc=loc)
    return tuple(given)


def bind(typer: Typer, fn: types.FunctionType, args: Parts, kwargs: Kwargs, loc: Loc) -> Parts:
    """One item per parameter of a Python function."""
    signature = inspect.signature(fn, follow_wrapped=False)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as err:
        raise DiffTypeError(f"{fn.__name__}: {err}", loc=loc) from None
    out: list[Item] = []
    for name, p in signature.parameters.items():
        given = bound.arguments.get(name)
        if p.kind is p.VAR_POSITIONAL:
            items = tuple(given or ())
            out.append(Record(Tuple((BOTTOM,) * len(items)), items))
        elif p.kind is p.VAR_KEYWORD:
            raise refuse(f"the **{name} of {fn.__name__}", loc)
        else:
            out.append(Literal(p.default, None, loc) if given is None else given)
    return tuple(out)
