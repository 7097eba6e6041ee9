"""Displays, unpacking, closures, and the builtins whose answer types give: `is`, `isinstance`, `hasattr`,
`len`."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..defs.dims import plain
from ..defs.shapes import elements_of, infer_dtype
from ..defs.structural import (
    ASSERT,
    CELL,
    CLOSURE,
    DICT,
    FSTRING,
    LIST,
    LIST_APPEND,
    LIST_CUT,
    LIST_NEW,
    NOTE,
    SPREAD,
    SUPER,
    TEST,
    TUPLE,
    UNPACK,
)
from ..defs.table import BY_NAME, Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import Apply, Func
from ..ir.types import (
    BOTTOM,
    INT,
    AnyType,
    Array,
    Bottom,
    Dict,
    FuncType,
    List,
    Lit,
    Maybe,
    NoneType,
    Scalar,
    Struct,
    Tuple,
    Type,
    carries_derivative,
    holds_unknown,
    kind_of,
    strip,
    unlit,
)
from ..ir.values import Literal, Pack, Value
from ..source import Loc
from . import library
from .growth import hold
from .infer_inplace import append
from .infer_iterators import listed, ndindex
from .infer_lists import concatenated, copied, repeated
from .infer_sets import SETS, combined
from .infer_slices import slice_call
from .infer_starred import unpack_starred
from .infer_texts import RULES as TEXTS
from .infer_texts import fstring
from .infer_writers import WRITERS
from .items import Item, Record, Stepper, Super, are_texts, class_of, is_instance, merge, names_of, truth, witness
from .spread import spread
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
#: (typer, op, args, kwargs) -> whether it was dealt with
Builtin = Callable[[Typer, Apply, Parts, Kwargs], bool]


# -- structural rows


def _tuple_of(typer: Typer, op: Apply, args: Parts) -> None:
    typer.env[op.results[0]] = Record(Tuple((BOTTOM,) * len(args)), args)


def _list_of(typer: Typer, op: Apply, args: Parts) -> None:
    """A list display; one of items of different types stays a display, if nothing is put into it."""
    item: Type = BOTTOM
    for a in args:
        item = merge(item, plain(unlit(typer.plain_type(a))))
    kinds = [typer.type_of(a) for a in args]
    known = typer.ctx.system.by_position(item, kinds) or (typer.spelled and are_texts(kinds))
    if known and typer.containers.only_read(op.results[0]):
        typer.env[op.results[0]] = Pack(tuple(map(typer.operand, args)), "list")
        return
    if holds_unknown(item) and not isinstance(item, Bottom) and not any(map(holds_unknown, kinds)):
        if not typer.containers.only_read(op.results[0]):
            raise DiffTypeError("a list of values of different types that is written", loc=op.loc, hint="use a tuple")
        typer.env[op.results[0]] = Pack(tuple(map(typer.operand, args)), "list")
        return
    operands = tuple(map(typer.operand, args))
    if args:
        made = typer.emit_apply(LIST, operands, {}, List(item), op.results[0], op.loc)
        for a in args:
            hold(typer, a, made.type.item if isinstance(made.type, List) else None, op.loc)
    else:
        _list_new(typer, op, args)


def _cell(typer: Typer, op: Apply, args: Parts) -> None:
    """The cell of a variable that isn't bound yet holds something of its type."""
    grown = typer.containers.grown(op.results[0], List(BOTTOM))
    held = strip(grown.item) if isinstance(grown, List) else grown
    if isinstance(held, Scalar):
        first = Literal(float("nan") if held.kind[0] == "f" else infer_dtype(held.kind).type(0).item())
        typer.emit_apply(LIST, (first,), {}, List(held), op.results[0], op.loc)
        return
    if isinstance(held, Bottom):  # known in a later walk
        typer.emit_apply(LIST_NEW, (), {}, List(BOTTOM), op.results[0], op.loc)
        return
    raise refuse(
        f"{op.results[0].name} is assigned by or after a function that captures it, and has no value before",
        op.loc,
        "assign it before that function is defined",
    )


def _dict_of(typer: Typer, op: Apply, args: Parts) -> None:
    from .infer_dicts import key_of, made_of, table_of

    pairs = [typer.parts(a, Tuple((BOTTOM, BOTTOM))) for a in args]
    keys = [key_of(typer, k) for k, _ in pairs]
    if not args:
        typer.fills.start(typer, op.results[0], len(typer.builder.ops))
    if all(keys):
        made_of(typer, {k.value: v for k, (_, v) in zip(keys, pairs) if k is not None}, op.results[0], op.loc)
    else:
        table_of(typer, pairs, op.results[0], op.loc)


def _unpack(typer: Typer, op: Apply, args: Parts) -> None:
    src = args[0]
    if op.kwargs:
        unpack_starred(typer, op, src)
        return
    t = typer.type_of(src)
    base = strip(t)
    count = len(op.results)
    if isinstance(base, Tuple):
        if len(base.items) != count:
            raise DiffTypeError(f"{count} targets for a tuple of {len(base.items)}", loc=op.loc)
        if not isinstance(src, Value):
            typer.env.update(zip(op.results, typer.parts(src, base, op.loc)))
            return
        types: tuple[Type, ...] = base.items
    elif isinstance(base, Array) and base.dims and isinstance(base.dims[0], int) and base.dims[0] != count:
        raise DiffTypeError(f"{count} targets for an array of {base.dims[0]}", loc=op.loc)
    elif isinstance(base, Array) and base.ndim > 1:
        _unpack_rows(typer, op, src, base)
        return
    else:
        types = (elements_of(t),) * count
    made = tuple(typer.define(r, item) for r, item in zip(op.results, types))
    typer.emit(Apply(UNPACK, (typer.operand(src),), (), made, op.loc))


def _unpack_rows(typer: Typer, op: Apply, src: Item, t: Array) -> None:
    """Rows of an array are views of it."""
    from .infer_index import rows_of

    typer.env.update(zip(op.results, rows_of(typer, src, t, len(op.results), op.loc, op.results)))


def _closure(typer: Typer, op: Apply, args: Parts) -> None:
    target = args[0]
    assert isinstance(target, Literal)
    assert isinstance(target.value, Func)
    captured = args[1:]
    typer.env[op.results[0]] = Record(FuncType(target.value, (BOTTOM,) * len(captured)), captured)


def _append(typer: Typer, op: Apply, args: Parts) -> None:
    t = strip(typer.type_of(args[0]))
    if not isinstance(t, List):
        raise refuse("append() to something else than a list", op.loc)
    append(typer, op.args[0], args[0], t, args[1], op.loc)


def _passed(typer: Typer, op: Apply, args: Parts) -> None:
    """assert and f-strings: operands as they are."""
    t: Type = BOTTOM
    if op.fn is FSTRING and fstring(typer, op, args):
        return
    if op.results:
        t = typer.row(FSTRING, args, {}, op.loc)
    made = tuple(typer.define(r, t) for r in op.results)
    typer.emit(Apply(op.fn, tuple(map(typer.operand, args)), (), made, op.loc))


def _assert(typer: Typer, op: Apply, args: Parts) -> None:
    if truth(typer.type_of(args[0])) is True:
        return
    _passed(typer, op, args)


def _list_new(typer: Typer, op: Apply, args: Parts) -> None:
    before = len(typer.builder.ops)
    typer.emit_apply(LIST_NEW, (), {}, List(BOTTOM), op.results[0], op.loc)
    typer.fills.start(typer, op.results[0], before)


def _cut_slice(typer: Typer, op: Apply, args: Parts) -> None:
    from .infer_list_methods import cut_slice

    cut_slice(typer, op, args)


def _super_of(typer: Typer, op: Apply, args: Parts) -> None:
    owner = args[0]
    assert isinstance(owner, Literal) and isinstance(owner.value, type)
    typer.env[op.results[0]] = Super(owner.value, args[1])


STRUCTURAL: dict[str, Callable[[Typer, Apply, Parts], None]] = {
    SUPER.name: _super_of,
    TUPLE.name: _tuple_of, LIST.name: _list_of, DICT.name: _dict_of, UNPACK.name: _unpack,
    CLOSURE.name: _closure, CELL.name: _cell, LIST_APPEND.name: _append, LIST_NEW.name: _list_new, FSTRING.name: _passed,
    ASSERT.name: _assert, SPREAD.name: spread, LIST_CUT.name: _cut_slice, NOTE.name: lambda typer, op, args: None,
}  # fmt: skip


# -- builtins that types answer


def _fold(typer: Typer, op: Apply, value: bool | None) -> bool:
    if value is None or not op.results:
        return False
    typer.env[op.results[0]] = Literal(value, None, op.loc)
    return True


def _identity(negated: bool) -> Builtin:
    """`is` and `is not`: None against something else, constants, classes."""

    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
        from .infer_calls import apply_row

        for item in args:
            if isinstance(item, Record) and isinstance(item.kind, Maybe) and isinstance(op.fn, Def):
                asked = tuple(_witness(i) if i is item else i for i in args)
                apply_row(typer, op.fn, asked, kwargs, op.results, op.loc)
                return True
        same = _is_same(typer, args[0], args[1])
        return _fold(typer, op, None if same is None else same != negated)

    return rule


def _witness(item: Item) -> Item:
    """The part of a tuple that is None where the tuple is."""
    found = item
    for at in witness(item.kind.item) or () if isinstance(item, Record) and isinstance(item.kind, Maybe) else ():
        assert isinstance(found, Record)
        found = found.items[at]
    return found


def _is_same(typer: Typer, a: Item, b: Item) -> bool | None:
    s, t = typer.type_of(a), typer.type_of(b)
    unknown = (AnyType, Bottom)
    if isinstance(s, unknown) or isinstance(t, unknown):
        return None
    if isinstance(s, Maybe) or isinstance(t, Maybe):
        return None
    if isinstance(s, NoneType) or isinstance(t, NoneType):
        return isinstance(s, NoneType) and isinstance(t, NoneType)
    if isinstance(s, Lit) and isinstance(t, Lit) and isinstance(s.value, bool) and isinstance(t.value, bool):
        return s.value is t.value
    if isinstance(s, FuncType) and isinstance(t, FuncType) and not s.captures and not t.captures:
        return s.target is t.target
    return None


def _isinstance(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    classes = _classes(args[1])
    found = None if classes is None else is_instance(typer.type_of(args[0]), classes)
    if found is None and classes is not None and op.args and isinstance(tested := op.args[0], Value) and op.results:
        typer.tests[op.results[0]] = (((tested, classes, True),), ((tested, classes, False),))
    return _fold(typer, op, found)


def _classes(item: Item) -> Any:
    if isinstance(item, Literal):
        return item.value
    if isinstance(item, (Record, Pack)):
        found = tuple(_classes(i) for i in item.items)
        return None if None in found else found
    return None


def _hasattr(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    name = typer.type_of(args[1])
    cls = class_of(typer.type_of(args[0]))
    t = strip(typer.type_of(args[0]))
    if not isinstance(name, Lit) or isinstance(t, (AnyType, Bottom)):
        return False
    known = name.value in names_of(t) if isinstance(t, (Tuple, Struct)) else False
    if cls is None:
        return False
    return _fold(typer, op, known or hasattr(cls, str(name.value)))


def _getattr(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    from .infer_places import load_attribute

    name = typer.type_of(args[1])
    if not isinstance(name, Lit) or not op.results:
        return False
    if len(args) == 3:
        t = strip(typer.type_of(args[0]))
        if not isinstance(t, (Struct, Tuple)) or t.cls is None:
            return False
        if str(name.value) not in names_of(t) and not hasattr(t.cls, str(name.value)):
            typer.env[op.results[0]] = args[2]
            return True
    load_attribute(typer, args[0], str(name.value), op.results[0], op.loc)
    return True


def _callable(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    t = typer.type_of(args[0])
    if isinstance(t, (AnyType, Bottom, Struct)):
        return False
    return _fold(typer, op, isinstance(t, FuncType))


def _type(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    cls = class_of(typer.type_of(args[0])) if len(args) == 1 else None
    if cls is None or not op.results:
        return False
    typer.env[op.results[0]] = Literal(cls, cls.__name__, op.loc)
    return True


def truth_of(typer: Typer, item: Item, loc: Loc, row: str = "is_not") -> Item | None:
    """What tells whether a tuple that may be None is true: that it isn't None (or not true: that it is); None for anything
    else."""
    from .infer_calls import apply_row

    if not isinstance(item, Record) or not isinstance(item.kind, Maybe) or not truth(item.kind.item):
        return None
    there = Value(None, loc=loc)
    apply_row(typer, BY_NAME[row], (_witness(item), Literal(None)), {}, (there,), loc)
    return typer.get(there)


def _not(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    value = truth(typer.type_of(args[0]))
    if op.results and op.args and op.args[0] in typer.tests:
        typer.tests[op.results[0]] = typer.tests[op.args[0]][::-1]
    if value is None and (asked := truth_of(typer, args[0], op.loc, "is_")) is not None:
        typer.env[op.results[0]] = asked
        return True
    return _fold(typer, op, None if value is None else not value)


def _bool(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    if args and (asked := truth_of(typer, args[0], op.loc)) is not None:
        typer.env[op.results[0]] = asked
        return True
    return _fold(typer, op, truth(typer.type_of(args[0])) if args else False)


def _test(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """An operand of `and` or `or` in a condition: booleans are what they are."""
    from .infer_calls import apply_def

    if not _bool(typer, op, args, kwargs):
        if kind_of(typer.type_of(args[0])) in ("bool", "b1") and isinstance(strip(typer.type_of(args[0])), Scalar):
            typer.env[op.results[0]] = args[0]
        else:
            apply_def(typer, op, BY_NAME["bool"], args, kwargs)
    return True


def _len(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """The number of items of a tuple is a constant."""
    if isinstance(args[0], Stepper) and isinstance(strip(args[0].value.type), Array):
        typer.emit_apply(op.fn, (args[0].value,), {}, INT, op.results[0], op.loc)
        return True
    t = strip(typer.type_of(args[0]))
    if isinstance(t, Dict) and not t.open and typer.spelled:
        typer.env[op.results[0]] = Literal(len(t.items), None, op.loc)
        return True
    if isinstance(t, Tuple) and (typer.counted or t.cls is not None or not isinstance(args[0], Value)):
        typer.env[op.results[0]] = Literal(len(t.items), None, op.loc)
        return True
    return False


def _ndim(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    from ..defs.dims import dims_of

    if isinstance(typer.type_of(args[0]), (AnyType, Bottom)):
        return False
    typer.env[op.results[0]] = Literal(len(dims_of(typer.type_of(args[0]))), None, op.loc)
    return True


def _tuple(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """tuple(t) of something taken apart."""
    t = strip(typer.type_of(args[0])) if args else Tuple(())
    if not isinstance(t, Tuple):
        return False
    _tuple_of(typer, op, typer.parts(args[0], t, op.loc) if args else ())
    return True


def _contains(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`key in d` of a dict with known keys, `x in (a, b)` of constants."""
    from .infer_dicts import key_of, made_table

    t, key = strip(typer.type_of(args[0])), key_of(typer, args[1])
    if key is None and isinstance(t, Dict) and not isinstance(args[0], Literal):
        made_table(typer, args[0], typer.plain_type(args[1]), op.loc)
    if key is None:
        return False
    if isinstance(t, Dict):
        if t.open:
            made_table(typer, args[0], BOTTOM, op.loc)
        return _fold(typer, op, key.value in dict(t.items))
    if isinstance(t, Tuple) and all(isinstance(i, Lit) for i in typer_items(typer, args[0], t)):
        return _fold(typer, op, key.value in [i.value for i in typer_items(typer, args[0], t) if isinstance(i, Lit)])
    return False


def typer_items(typer: Typer, item: Item, t: Tuple) -> tuple[Type, ...]:
    found = typer.type_of(item)
    return found.items if isinstance(found, Tuple) else t.items


def _list(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`list(xs)` of something whose items carry derivatives, or of an iterator."""
    if args and isinstance(args[0], Stepper) and op.results:
        typer.env[op.results[0]] = listed(typer, args[0], op.loc)
        return True
    return len(args) == 1 and bool(op.results) and (
        _known_keys(typer, op, args) or copied(typer, op.results[0], args, op.loc)
    )


def _known_keys(typer: Typer, op: Apply, args: Parts) -> bool:
    """`list(d)` of a dict with known keys."""
    from .infer_dicts import known_keys

    t = strip(typer.type_of(args[0]))
    if not isinstance(t, Dict) or not op.args or not known_keys(typer, op, t, args[0]):
        return False
    typer.env[op.results[0]] = Pack(tuple(Literal(k) for k, _ in t.items), "list")
    return True


def _sorted(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    from .library import in_order

    found = in_order(typer, args[0], kwargs, op.loc) if len(args) == 1 and op.results else None
    if found is not None:
        typer.env[op.results[0]] = found
    return found is not None


def _or(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`a | b` of dicts."""
    from .infer_dict_makers import merged_dicts

    return bool(op.results) and merged_dicts(typer, op, args[0], args[1])


def _slice(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`slice(..)`, known by its bounds."""
    if not op.results:
        return False
    typer.env[op.results[0]] = slice_call(args, op.loc)
    return True


def _multiply(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`[v] * n`, `n * [v]`, `(u, v) * 2`."""
    a, b = args
    return repeated(typer, op.results[0], a, b, op.loc) or repeated(typer, op.results[0], b, a, op.loc)


def _concatenate(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`t + u` of tuples or lists."""
    s, t = (strip(typer.plain_type(a)) if isinstance(a, Pack) else strip(typer.type_of(a)) for a in args)
    if isinstance(s, List) and isinstance(t, List):
        return concatenated(typer, op.results[0], args, op.loc)
    if isinstance(s, Tuple) or isinstance(t, Tuple):  # a display of items of one type beside one of different types
        s, t = (strip(typer.type_of(a)) if isinstance(a, Pack) else k for a, k in zip(args, (s, t)))
    if not isinstance(s, Tuple) or not isinstance(t, Tuple):
        return False
    if s.listed is not t.listed:
        raise DiffTypeError(f"add isn't defined for {s}, {t}", loc=op.loc)
    parts = (*typer.parts(args[0], s, op.loc), *typer.parts(args[1], t, op.loc))
    typer.env[op.results[0]] = Record(Tuple((BOTTOM,) * len(parts), listed=s.listed), parts)
    return True


def _refused(why: str, hint: str) -> Builtin:
    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
        raise refuse(why, op.loc, hint)

    return rule


def _divmod(quotient: Any, remainder: Any) -> Builtin:
    """`divmod(x, y)` is `(x // y, x % y)`; of two ints it is the call itself."""

    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
        from .infer_calls import apply_def

        if len(args) != 2 or kwargs or not op.results or not any(carries_derivative(typer.type_of(a)) for a in args):
            return False
        parts = []
        for fn in (quotient, remainder):
            made = Value(None, loc=op.loc)
            row = lookup(fn)
            assert row is not None
            apply_def(typer, replace(op, results=(made,)), row, args, {})
            parts.append(typer.get(made))
        typer.env[op.results[0]] = Record(Tuple((BOTTOM, BOTTOM)), tuple(parts))
        return True

    return rule


BUILTINS: dict[Any, Builtin] = {
    builtins.divmod: _divmod(operator.floordiv, operator.mod), np.divmod: _divmod(np.floor_divide, np.mod),
    operator.or_: combined(_or), **SETS, **TEXTS, builtins.sorted: _sorted,
    np.nditer: _refused("np.nditer", "iterate over a.flat, or over np.ndindex(a.shape)"),
    np.ndenumerate: _refused("np.ndenumerate", "write for i in np.ndindex(a.shape): v = a[i]"),
    operator.is_: _identity(False), operator.is_not: _identity(True), operator.not_: _not,
    operator.contains: _contains, operator.add: _concatenate, builtins.isinstance: _isinstance,
    builtins.hasattr: _hasattr, builtins.getattr: _getattr, builtins.callable: _callable,
    builtins.type: _type, builtins.bool: _bool, builtins.len: _len, builtins.tuple: _tuple, builtins.list: _list,
    operator.mul: _multiply, TEST.fn: _test, builtins.slice: _slice, np.ndindex: ndindex,
    **WRITERS, **library.RULES,
}  # fmt: skip
