"""Lists made of other lists: `xs[1:]`, `list(xs)`, `xs.copy()`, `xs + ys`, `[v] * n`.

Where items carry derivatives the new list is made by appending, one loop per part, so that every pass sees what
goes where. A list of anything else is made as it is written.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from ..defs.dims import plain
from ..defs.shapes import elements_of
from ..defs.structural import LIST_APPEND, LIST_NEW
from ..defs.table import Def, lookup
from ..ir.ops import Apply, Block, For, Index, Load, Range, Seq, Slice, Space, Yield
from ..ir.types import (
    BOTTOM,
    COMPLEX,
    FLOAT,
    INT,
    AnyType,
    Array,
    Bottom,
    List,
    Lit,
    NoneType,
    Scalar,
    Table,
    Tuple,
    Type,
    carries_derivative,
    is_complex,
    strip,
    unlit,
)  # fmt: skip
from ..ir.values import Literal, Operand, Pack, Value
from ..source import Loc
from .items import Item, Record, fold_merge, merge
from .typer import Parts, Typer

#: emits the appends of one part
Filler = Callable[[], None]


def item_type(typer: Typer, item: Item) -> Type | None:
    """The type of the items of a list, tuple or array; None for anything else."""
    t = strip(typer.type_of(item))
    if isinstance(t, Table):
        return None
    if isinstance(t, (List, Tuple)) or (isinstance(t, Array) and t.dims):
        found = elements_of(typer.plain_type(item))
        return None if isinstance(found, (AnyType, Bottom)) else unlit(found)
    return None


def new_list(typer: Typer, op_result: Value, item: Type, loc: Loc) -> Value:
    return typer.emit_apply(LIST_NEW, (), {}, List(item), op_result, loc)


def copied(typer: Typer, result: Value, parts: Parts, loc: Loc) -> bool:
    """A new list of the items of others, one after the other. False where it needs no taking apart."""
    item = _common(typer, parts)
    if item is None:
        return False
    made = new_list(typer, result, item, loc)
    for part in parts:
        _append_all(typer, made, part, loc)
    return True


def _common(typer: Typer, parts: Parts) -> Type | None:
    """The item type of several sequences, if it carries derivatives."""
    kinds = [item_type(typer, p) for p in parts if not _is_empty(p)]
    out: Type | None = None
    for kind in kinds:
        if kind is None:
            return None
        out = kind if out is None else merge(out, kind)
    return out if out is not None and carries_derivative(out) else None


def _is_empty(part: Item) -> bool:
    return isinstance(part, (Pack, Record)) and not part.items


def _append_all(typer: Typer, made: Value, part: Item, loc: Loc) -> None:
    t = strip(typer.type_of(part))
    if isinstance(part, (Pack, Record)) or isinstance(t, Tuple):
        for item in part.items if isinstance(part, (Pack, Record)) else typer.parts(part, t, loc):
            _append(typer, made, typer.operand(item), loc)
        return
    kind = item_type(typer, part)
    assert kind is not None
    _loop(typer, Seq(typer.operand(part)), kind, lambda v: _append(typer, made, v, loc), loc)


def _append(typer: Typer, made: Value, item: Operand, loc: Loc) -> None:
    typer.emit(Apply(LIST_APPEND, (made, item), (), (), loc))


def _loop(typer: Typer, space: Space, kind: Type, body: Callable[[Value], None], loc: Loc) -> None:
    param = typer.value(kind, None, loc)
    with typer.builder.block() as ops:
        body(param)
        typer.emit(Yield((), loc))
    orelse = Block((), (Yield((), loc),))
    typer.emit(For(space, (), Block((param,), tuple(ops)), orelse, (), loc))


def sliced(typer: Typer, src: Item, t: List, cut: Slice, op: Load) -> bool:
    """`xs[a:b:c]`: the items at `range(len(xs))[a:b:c]`."""
    if not carries_derivative(t.item):
        return False
    if all(isinstance(typer.type_of(b), NoneType) for b in (cut.lower, cut.upper, cut.step) if not isinstance(b, Pack)):
        return copied(typer, op.result, (src,), op.loc)
    xs = typer.operand(src)
    made = new_list(typer, op.result, t.item, op.loc)
    size = typer.emit_apply(_row(len), (xs,), {}, INT, None, op.loc)
    every = typer.emit_apply(_row(range), (size,), {}, List(INT), None, op.loc)
    chosen = typer.emit_load(every, Index((cut,)), List(INT), op.loc)

    def body(k: Value) -> None:
        _append(typer, made, typer.emit_load(xs, Index((k,)), t.item, op.loc), op.loc)

    _loop(typer, Seq(chosen), INT, body, op.loc)
    return True


def repeated(typer: Typer, result: Value, items: Item, count: Item, loc: Loc) -> bool:
    """`(u, v) * 2`, `[v] * n` and `xs * n`: written so where the items are constants, or carry no derivative."""
    t, by = strip(typer.type_of(items)), strip(typer.type_of(count))
    known = typer.type_of(count)
    is_list = isinstance(items, Pack) and items.kind == "list"
    if isinstance(t, Tuple) and not is_list and isinstance(known, Lit) and isinstance(known.value, int):
        parts = typer.parts(items, t) * known.value
        typer.env[result] = Record(Tuple((BOTTOM,) * len(parts), listed=t.listed), parts)
        return True
    if isinstance(items, Value) and type(t) is List and carries_derivative(t.item) and isinstance(by, Scalar):
        made = new_list(typer, result, t.item, loc)
        again = Range(Literal(0), typer.operand(count), Literal(1))

        def body(_: Value) -> None:
            _loop(typer, Seq(items), t.item, lambda v: _append(typer, made, v, loc), loc)

        _loop(typer, again, INT, body, loc)
        return True
    if not isinstance(items, Pack) or items.kind != "list" or not items.items:
        return False
    item = fold_merge([BOTTOM, *(unlit(typer.plain_type(i)) for i in items.items)])
    if isinstance(item, (AnyType, Bottom)) or not isinstance(by, Scalar):
        return False
    if all(isinstance(i, Literal) for i in items.items):
        kind = List(plain(unlit(item)))
        typer.emit_apply(_row(operator.mul), (items, typer.operand(count)), {}, kind, result, loc)
        return True
    made = new_list(typer, result, plain(item), loc)
    space = Range(Literal(0), typer.operand(count), Literal(1))
    _loop(typer, space, INT, lambda _: _append_all(typer, made, items, loc), loc)
    return True


def from_array(typer: Typer, op: Apply, src: Item) -> bool:
    """`x.tolist()` of an array of one axis: its elements as Python numbers."""
    t = strip(typer.type_of(src))
    if not isinstance(t, Array) or t.ndim != 1 or not carries_derivative(t) or not op.results:
        return False
    number, kind = (complex, COMPLEX) if is_complex(t) else (float, FLOAT)
    made = new_list(typer, op.results[0], kind, op.loc)

    def body(v: Value) -> None:
        _append(typer, made, typer.emit_apply(_row(number), (v,), {}, kind, None, op.loc), op.loc)

    _loop(typer, Seq(typer.operand(src)), Scalar(t.dtype), body, op.loc)
    return True


def concatenated(typer: Typer, result: Value, parts: Parts, loc: Loc) -> bool:
    """`xs + ys`."""
    if copied(typer, result, parts, loc):
        return True
    kinds = [typer.plain_type(p) for p in parts]
    if not all(isinstance(k, List) for k in kinds):
        return False
    typer.emit_apply(_row(operator.add), tuple(map(typer.operand, parts)), {}, plain(fold_merge(kinds)), result, loc)
    return True


def _row(fn: Callable[..., object]) -> Def:
    d = lookup(fn)
    assert d is not None
    return d
