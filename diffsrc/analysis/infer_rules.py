"""Calls of functions that a rule of the user's differentiates.

The function itself is looked into: for the type of its result and for what it writes. So it isn't run while a program is
compiled, its arguments may be anything, and a rule that is silent about what its function writes is refused. What the rule
declares as overwritten becomes the result of a function without effects, put in its place::

    scale(y, k)                %t = scale.overwriting(%y, %k)
                               store %y[...] = %t
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

from ..defs.classes import attribute, is_record
from ..defs.dims import plain
from ..defs.overwriting import Overwriting, overwriting
from ..defs.ruled import fields_of, made_by, on_fields
from ..defs.structural import CONSTRUCT
from ..defs.table import Def, lookup
from ..errors import DiffsrcError, DiffTypeError, UnsupportedError
from ..ir.ops import WHOLE, Apply, Attr, Func, FuncRef, Op, Store
from ..ir.types import (
    BOTTOM,
    NONE,
    AnyType,
    Array,
    NoneType,
    Opaque,
    Scalar,
    StrType,
    Struct,
    Tuple,
    Type,
    carries_derivative,
    strip,
    unlit,
)  # fmt: skip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import walk
from ..source import Loc
from .alias import Summary
from .items import Item, Record, names_of
from .summaries import Summaries
from .typer import Parts, Typer


def call_ruled(typer: Typer, op: Apply, d: Def, args: Parts, kwargs: Mapping[str, Item]) -> bool:
    """Type a call of a function with a rule; False where it has no source, so that its type is found by trial."""
    fn = d.fn.fn if isinstance(d.fn, Overwriting) else d.fn
    if isinstance(fn, type) and d.halves is not None and op.results:
        _construct(typer, d, args, kwargs, op.results[0], op.loc)
        return True
    if not isinstance(fn, FunctionType) or _is_variadic(fn):
        return _declared(d, op.loc)
    from .infer_calls import bind

    items = bind(typer, fn, args, kwargs, op.loc)
    found = _looked_into(typer, fn, items)
    if found is None and d.overwritten:
        _overwrite(typer, op, d, items, None)
        return True
    if found is None:
        return False
    t, summary, _ = found
    if isinstance(d.fn, Overwriting):
        typer.env[op.results[0]] = _pure(typer, op, d, d.fn.positions, items, t, op.results[0].name)
        return True
    kinds = inspect.signature(fn, follow_wrapped=False).parameters
    names = list(kinds)
    silent = [names[i] for i in sorted(summary.writes) if i not in d.overwritten and i < len(names)]
    if silent:
        raise UnsupportedError(
            f"`{d.name}` writes its argument `{silent[0]}`, and its rule doesn't say so", loc=op.loc,
            hint=f"declare it: ds.rule({d.name}, overwritten=({silent[0]!r},))",
        )  # fmt: skip
    if d.family != "general":
        return False
    if isinstance(strip(t), NoneType) and not d.overwritten:
        raise UnsupportedError(
            f"`{d.name}` returns nothing, and its rule doesn't say what it writes", loc=op.loc,
            hint=f"declare it: ds.rule({d.name}, overwritten=(name,))",
        )  # fmt: skip
    if not d.overwritten and _calls_the_unknown(found[2]):
        return False
    if d.overwritten:
        _overwrite(typer, op, d, items, t)
        return True
    d.returned |= summary.returns
    by_name = {n for n, p in kinds.items() if p.kind is p.KEYWORD_ONLY}
    row, items, more = _with_fields(typer, op, d, tuple(i for n, i in zip(names, items) if n not in by_name))
    operands = tuple(typer.constant(typer.displayed(a, op.loc)) for a in items)
    named = tuple((n, typer.constant(kwargs[n])) for n in names if n in by_name and n in kwargs)
    made = tuple(typer.define(r, t) for r in op.results)
    typer.emit(Apply(row, (*operands, *more), named, made, op.loc, op.method if row is d else ""))
    return True


def _with_fields(typer: Typer, op: Apply, d: Def, items: Parts) -> tuple[Def, Parts, tuple[Operand, ...]]:
    """The row of a method, with the fields of its instances behind its arguments."""
    shown = _as_method(cls, d.fn, d.halves.names) if items and d.halves and (cls := _class(typer, items[0])) else ""
    if not shown or d.overwritten:
        return d, items, ()
    read = [(i, name, _field(typer, op, item, i, name)) for i, item in enumerate(items) for name in _names(typer, item)]
    found = [(i, name, item) for i, name, item in read if item is not None]
    if not found:
        return d, items, ()
    row = on_fields(d, tuple((i, name) for i, name, _ in found), shown)
    return row, items, tuple(typer.operand(item) for *_, item in found)


def _class(typer: Typer, item: Item) -> type | None:
    """The class of an instance with fields: of the program, or one that is there already."""
    t = strip(typer.type_of(item))
    if isinstance(t, Struct):
        return t.cls
    held = item.value if isinstance(item, Literal) else None
    return type(held) if hasattr(held, "__dict__") and not isinstance(held, type) and is_record(type(held)) else None


def _names(typer: Typer, item: Item) -> Sequence[str]:
    t = strip(typer.type_of(item))
    return names_of(t) if isinstance(t, Struct) else list(vars(item.value)) if _class(typer, item) else ()  # type: ignore[union-attr]


def _field(typer: Typer, op: Apply, item: Item, at: int, name: str) -> Item | None:
    """What is in a field; None where no rule can read it."""
    from .infer_places import load_attribute

    t = strip(typer.type_of(item))
    if isinstance(item, Record):
        return item.items[names_of(t).index(name)]
    if isinstance(t, Struct):
        kind = t.field(name) or NONE
        plain = isinstance(strip(kind), Scalar | Array) or carries_derivative(kind)
        return typer.emit_load(typer.operand(item), Attr(name), kind, op.loc) if plain else None
    old = typer.stable(op.results[0], f"{at}.{name}")
    load_attribute(typer, item, name, old, op.loc)
    return typer.env[old] if isinstance(strip(typer.type_of(typer.env[old])), Scalar | Array) else None


def _as_method(cls: type, fn: Callable[..., Any], names: Sequence[str]) -> str:
    """How a call of a method is written, over the names of its parameters; empty for any other function."""
    own, *rest = names
    found = attribute(cls, fn.__name__)
    if isinstance(found, property):
        return f"{own}.{fn.__name__}" if found.fget is fn else ""
    if found is not fn:
        return ""
    if fn.__name__ in _WRITTEN and len(rest) == 1:
        return f"{own} {_WRITTEN[fn.__name__]} {rest[0]}"
    head = own if fn.__name__ == "__call__" else f"{own}.{fn.__name__}"
    return f"{head}({', '.join(rest)})"


#: special methods -> operators
_WRITTEN = {"__add__": "+", "__sub__": "-", "__mul__": "*", "__truediv__": "/", "__matmul__": "@", "__pow__": "**"}


# -- constructors


def _construct(typer: Typer, d: Def, args: Parts, kwargs: Mapping[str, Item], result: Value, loc: Loc) -> None:
    """An instance of a class with a rule: what its `__init__` does is looked into for the types of its fields only."""
    from .infer_calls import bind
    from .infer_objects import with_fields

    cls: Any = d.fn
    if not is_record(cls) or not isinstance(cls.__init__, FunctionType) or _is_variadic(cls.__init__):
        raise DiffTypeError(
            f"`{d.name}`, which has a rule, makes its instances in another way than by an `__init__` with positional parameters",
            loc=loc, hint="write the rule for a function that makes them",
        )  # fmt: skip
    items = bind(typer, cls.__init__, (Literal(None), *args), kwargs, loc)[1:]
    fields, ops = _fields(typer, cls, items, result, loc)
    operands = tuple(typer.constant(typer.displayed(a, loc)) for a in items)
    kept = {n: k for n, i in fields.items() for k, given in enumerate(items) if i is given}
    computed = {n: plain(unlit(typer.plain_type(i))) for n, i in fields.items() if n not in kept and not isinstance(i, Literal)}
    _check_fields(d, computed, loc)
    made = typer.value(Opaque(cls), None, loc)
    if computed:
        typer.emit(Apply(made_by(d), operands, (), (made,), loc))
    rows = fields_of(d, computed, kept, frozenset(n for n in computed if _is_new(fields[n], ops)))
    left: dict[str, Item] = dict(fields)
    for name, t in computed.items():
        part = typer.value(t, name, loc)
        typer.emit(Apply(rows[name], (made, *operands), (), (part,), loc))
        left[name] = part
    if getattr(getattr(cls, "__dataclass_params__", None), "frozen", False):
        typer.env[result] = Record(Struct(cls, tuple((n, BOTTOM) for n in left), True), tuple(left.values()))
    else:
        with_fields(typer, Literal(cls, cls.__name__, loc), left, result, loc)


def _fields(typer: Typer, cls: type, items: Parts, result: Value, loc: Loc) -> tuple[dict[str, Item], list[Op]]:
    """What an `__init__` leaves in the fields, and the ops that compute it, which are thrown away."""
    from .infer_objects import construct

    made = typer.stable(result, "made")
    with typer.builder.block() as ops:
        construct(typer, cls, items, {}, (made,), loc)
        item = typer.env.pop(made)
        t = strip(typer.type_of(item))
        assert isinstance(t, Struct)
        if isinstance(item, Record):
            return dict(zip(names_of(t), item.items)), ops
        last = ops[-1]
        if isinstance(last, Apply) and last.fn is CONSTRUCT:
            return dict(zip(names_of(t), last.args[1:])), ops
    raise DiffTypeError(
        f"the `__init__` of {cls.__name__}, which has a rule, does more than to store fields", loc=loc,
        hint="write the rule for a function that computes them",
    )  # fmt: skip


def _is_new(item: Item, ops: Sequence[Op]) -> bool:
    """Whether a field is certainly memory of its own."""
    made = next((op for op in ops if isinstance(op, Apply) and item in op.results), None)
    if made is None or not isinstance(item, Value) or not isinstance(strip(item.type), Array):
        return isinstance(item, Value) and isinstance(strip(item.type), Scalar)
    if isinstance(made.fn, FuncRef):
        return not Summaries()(made.fn).returns
    d = made.fn
    return isinstance(d, Def) and d.family in ("elementwise", "general") and d.alias == "fresh" and not d.own


def _check_fields(d: Def, computed: Mapping[str, Type], loc: Loc) -> None:
    """Refuse fields that aren't numbers or arrays."""
    for name, t in computed.items():
        if not isinstance(t, Scalar | Array | NoneType | StrType):
            raise DiffTypeError(
                f"`{d.name}`, which has a rule, computes a field `{name}` of type {t}", loc=loc,
                hint="a constructor with a rule computes numbers and arrays, and keeps other arguments as they are",
            )  # fmt: skip


def _is_variadic(fn: FunctionType) -> bool:
    kinds = {p.kind for p in inspect.signature(fn, follow_wrapped=False).parameters.values()}
    return bool(kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD})


def _declared(d: Def, loc: Loc) -> bool:
    """False: the call is typed by trial, which needs a function without effects."""
    if d.overwritten:
        raise UnsupportedError(
            f"`{d.name}`, whose rule declares what it overwrites, has no parameters with places of their own", loc=loc,
            hint="write a Python function with positional parameters that calls it",
        )  # fmt: skip
    return False


def _looked_into(typer: Typer, fn: FunctionType, items: Parts) -> tuple[Type, Summary, Func] | None:
    """The type of a function's result, and what it does to memory; None where it can't be looked into."""
    from ..defs.dims import map_dims, renaming
    from .infer_calls import _argument_type, canonical

    kinds, names = canonical([_argument_type(typer, a) for a in items])
    try:
        instance = typer.ctx.instance(fn, kinds)
        func = getattr(instance, "func", None)
    except DiffsrcError:  # also where it is being looked into: a recursion
        return None
    if func is None or isinstance(strip(instance.result_type), AnyType):
        return None
    t = map_dims(instance.result_type, renaming({new: old for old, new in names.items()}))
    return t, Summaries()(FuncRef(fn.__name__, instance)), func


def _calls_the_unknown(func: Func) -> bool:
    """Whether a function calls something that can't be looked into, which may write what it is given."""
    waiting, seen = [func], set[int]()
    while waiting:
        func = waiting.pop()
        if id(func) in seen:
            continue
        seen.add(id(func))
        for op in walk(func.body):
            if isinstance(op, Apply) and not isinstance(op.fn, Def):
                inner = getattr(getattr(op.fn, "target", None), "func", None)
                if not isinstance(inner, Func):
                    return True
                waiting.append(inner)
    return False


def _overwrite(typer: Typer, op: Apply, d: Def, items: Parts, t: Type | None) -> None:
    row = lookup(overwriting(d.fn, d.overwritten))
    assert row is not None
    made = _pure(typer, op, row, d.overwritten, items, t, None)
    given = list(typer.parts(made, strip(made.type), op.loc)) if isinstance(strip(made.type), Tuple) else [made]
    silent = len(given) == len(d.overwritten)
    for result in op.results:
        typer.env[result] = Literal(None) if silent else given[0]
    for i, new in zip(d.overwritten, given[-len(d.overwritten) :]):
        typer.emit(Store(typer.operand(items[i]), WHOLE, typer.operand(new), False, op.loc))


def _pure(typer: Typer, op: Apply, row: Def, at: tuple[int, ...], items: Parts, t: Type | None, name: str | None) -> Value:
    """A call of the function without effects; `t`: the type of what the function returns, unless that is found by trial."""
    kinds = [strip(typer.type_of(items[i])) for i in at]
    other = next((k for k in kinds if not isinstance(k, Array)), None)
    if other is not None:
        raise DiffTypeError(
            f"`{row.name}` overwrites a value of type {other}", loc=op.loc, hint="overwritten arguments are arrays"
        )
    if t is not None and isinstance(strip(t), Tuple):
        raise DiffTypeError(
            f"`{row.name}` overwrites arguments and returns several values", loc=op.loc, hint="return one value, or none"
        )
    parts = tuple(kinds) if t is None or isinstance(strip(t), NoneType) else (t, *kinds)
    whole = parts[0] if len(parts) == 1 else Tuple(parts)
    made = typer.value(typer.row(row, items, {}, op.loc) if t is None else whole, name, op.loc)
    operands = tuple(typer.constant(typer.displayed(a, op.loc)) for a in items)
    typer.emit(Apply(row, operands, (), (made,), op.loc))
    return made
