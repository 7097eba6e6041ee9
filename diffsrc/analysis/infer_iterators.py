"""Iterators over the elements or indices of an array.

for v in a.flat         the loop takes the elements in C order; `a.flat[i]` reads or writes one of them
for i in np.ndindex(s)  list(np.ndindex(s)): the reverse sweep needs to know which index came when

Neither is a value that may be kept: an iterator that was run through is empty.
"""

from __future__ import annotations

import builtins

import numpy as np

from ..defs.dims import dims_of
from ..defs.elementwise_types import as_array
from ..defs.methods import ATTRIBUTES
from ..defs.shapes import elements_of
from ..defs.table import Def, lookup
from ..ir.ops import Apply, Block, Index, Load, Store
from ..ir.types import Array, List, Tuple, Type, strip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, used_values, walk
from ..source import Loc
from .infer_index import array_element, check_place, index_of
from .infer_slices import Key, SliceItem, keys_of
from .items import Item, Stepper
from .rows import call
from .typer import Parts, Typer, refuse


def flat(typer: Typer, src: Item, loc: Loc) -> Stepper:
    """`a.flat`."""
    t = strip(typer.type_of(src))
    assert isinstance(t, Array)
    row = ATTRIBUTES["flat"]
    made = typer.value(typer.row(row, (src,), {}, loc), None, loc)
    base = typer.operand(src)
    assert isinstance(base, (Value, Literal))
    typer.emit(Apply(row, (base,), (), (made,), loc))
    return Stepper("`.flat`", made, base)


def load_flat(typer: Typer, src: Stepper, op: Load) -> None:
    """`a.flat[i]` is a number, or a copy."""
    assert isinstance(op.place, Index)
    array, keys = flat_place(typer, src, keys_of(typer, op.place), op.loc)
    t = strip(array.type)
    assert isinstance(t, Array)
    found, _ = array_element(typer, t, keys, op.loc)
    result = typer.emit_load(array, index_of(typer, keys), found, op.loc, op.result)
    if isinstance(found, Array):
        typer.fresh.add(result)


def store_flat(typer: Typer, dst: Stepper, value: Item, op: Store) -> None:
    """`a.flat[i] = v`."""
    if not isinstance(op.place, Index):
        raise refuse("an attribute of `.flat` written", op.loc)
    array, keys = flat_place(typer, dst, keys_of(typer, op.place), op.loc)
    t = strip(array.type)
    assert isinstance(t, Array)
    check_place(typer, t, keys, op.loc)
    typer.emit(Store(array, index_of(typer, keys), typer.operand(value), op.add, op.loc))


def flat_place(typer: Typer, it: Stepper, keys: list[Key], loc: Loc) -> tuple[Value | Literal, list[Key]]:
    """The array and the place in it that an index of `.flat` means: an index array is one of each axis of the array."""
    key = keys[0]
    index = None if len(keys) != 1 or isinstance(key, SliceItem) else as_array_or_none(typer.type_of(key))
    if index is None or it.source is None or isinstance(key, SliceItem):
        return it.value, keys
    array = it.source
    if index.dtype == "b1":
        at = call(typer, np.flatnonzero, (key,), loc)
    else:
        last = call(typer, np.add, (key, call(typer, np.size, (array,), loc)), loc)
        at = call(typer, np.where, (call(typer, np.less, (key, Literal(0)), loc), last, key), loc)
    shape = call(typer, np.shape, (array,), loc)
    parts = call(typer, np.unravel_index, (at, shape), loc)
    rank = len(dims_of(array.type))
    whole = typer.operand(parts)
    return array, [typer.emit_load(whole, Index((Literal(k),)), Array("i64", index.dims), loc) for k in range(rank)]


def as_array_or_none(t: Type) -> Array | None:
    """The type of an index array, None for other indices."""
    return as_array(t) if isinstance(strip(t), (Array, Tuple, List)) else None


def ndindex(typer: Typer, op: Apply, args: Parts, kwargs: object) -> bool:
    """`np.ndindex(..)`, for the one loop that takes it, or for `list`."""
    if not op.results:
        return False
    if kwargs or not _taken_once(typer.func.body, op.results[0]):
        raise refuse("np.ndindex other than in a loop", op.loc, "write it behind `in`")
    row = lookup(np.ndindex)
    assert row is not None
    made = typer.value(typer.row(row, args, {}, op.loc), None, op.loc)
    typer.emit(Apply(row, tuple(map(typer.constant, args)), (), (made,), op.loc))
    typer.env[op.results[0]] = Stepper("np.ndindex", made)
    return True


def _taken_once(block: Block, v: Value) -> bool:
    """Whether one op takes a value, in the block that makes it."""
    for op in block.ops:
        if v in getattr(op, "results", ()):
            takers = [o for o in walk(block) if v in used_values(o)]
            return len(takers) == 1 and takers[0] in block.ops
        if any(_taken_once(inner, v) for inner in blocks(op)):
            return True
    return False


def run_through(typer: Typer, item: Stepper, loc: Loc) -> tuple[Operand, Type]:
    """What a loop over an iterator runs through, and the type of what it gives."""
    t = strip(item.value.type)
    if isinstance(t, Array):
        return item.value, elements_of(t)
    return listed(typer, item, loc), elements_of(t)


def listed(typer: Typer, item: Stepper, loc: Loc) -> Value:
    """`list(np.ndindex(..))`."""
    row: Def | None = lookup(builtins.list)
    assert row is not None
    made = typer.value(item.value.type, None, loc)
    typer.emit(Apply(row, (item.value,), (), (made,), loc))
    return made

