"""Cotangents of containers: added to a shadow part by part, and results that are a display.

    return {"a": %p, "b": %q}                 dp = dout["a"]
                                      ->      dq = dout["b"]

A container that is returned takes one cotangent of its own structure. It is added to the container's shadow;
of a display that is only returned it is read directly.
"""

from __future__ import annotations

import operator

from ..analysis.mems import find
from ..defs.structural import CONSTRUCT, DICT, LIST, LIST_NEW
from ..ir.ops import NONE_LIT, Apply, Attr, Block, For, If, Index, Place, Range, Seq, Yield
from ..ir.types import (
    BOOL,
    INT,
    Dict,
    List,
    Maybe,
    Scalar,
    Struct,
    Table,
    Type,
    Union,
    carries_derivative,
    strip,
    system_of,
)
from ..ir.values import Literal, Operand, Value
from ..ir.walk import used_values, values_in, walk
from ..runtime import helpers
from .parts import is_aggregate, part_places
from .slots import Adj, Parts, is_array, is_container, table
from .sweep import Sweep


def add_bound(s: Sweep, v: Value, g: Operand) -> None:
    """Add a cotangent to the shadow of a container, which is None where the program has left the variable unbound."""
    d = s.shadow(v)
    if v not in s.loose and not isinstance(v.type, Maybe):
        add_structure(s, d, g)
        return
    there = s.builder.apply(table(operator.is_not), (d, NONE_LIT), loc=s.loc, type=BOOL)
    with s.builder.block() as ops:
        add_structure(s, d, g)
    s.builder.emit(If(there, Block((), (*ops, Yield((), s.loc))), Block((), (Yield((), s.loc),)), (), s.loc))


def add_structure(s: Sweep, d: Value, g: Operand) -> None:
    """Add the container `g` to the container `d`, part by part."""
    t = strip(d.type)
    if isinstance(t, Union) or system_of(t):
        s.builder.emit(Apply(table(helpers.add_parts), (d, g), (), (), s.loc))
    elif isinstance(t, Table):
        _add_values(s, d, g, t)
    elif isinstance(t, List):
        _add_items(s, d, g, t.item)
    elif isinstance(t, Dict):
        for key, item in t.items:
            _add_part(s, d, g, Index((Literal(key),)), item)
    elif isinstance(t, Struct):
        for name, item in t.fields:
            _add_part(s, d, g, Attr(name), item)


def _add_values(s: Sweep, d: Value, g: Operand, t: Table) -> None:
    if not carries_derivative(t.item):
        return
    key = Value("k", t.key, loc=s.loc)
    keys = s.builder.apply(table(list), (g,), loc=s.loc, type=List(t.key))
    with s.builder.block() as ops:
        _add_part(s, d, g, Index((key,)), t.item)
    body = Block((key,), (*ops, Yield((), s.loc)))
    s.builder.emit(For(Seq(keys), (), body, Block((), (Yield((), s.loc),)), (), s.loc))


def _add_items(s: Sweep, d: Value, g: Operand, item: Type) -> None:
    if not carries_derivative(item):
        return
    index = Value("i", INT, loc=s.loc)
    size = s.builder.apply(table(len), (d,), loc=s.loc, type=INT)
    with s.builder.block() as ops:
        _add_part(s, d, g, Index((index,)), item)
    body = Block((index,), (*ops, Yield((), s.loc)))
    space = Range(Literal(0), size, Literal(1))
    s.builder.emit(For(space, (), body, Block((), (Yield((), s.loc),)), (), s.loc))


def _add_part(s: Sweep, d: Value, g: Operand, place: Place, item: Type) -> None:
    from .reverse_stores import add_aggregate

    if not carries_derivative(item):
        return
    part = s.builder.load(g, place, loc=s.loc, type=strip(item))
    if is_container(part):
        add_structure(s, s.builder.load(d, place, loc=s.loc, type=strip(item)), part)
    elif is_aggregate(item):
        add_aggregate(s, d, place, strip(item), parts_of(s, part))
    else:
        s.builder.store(d, place, part, add=True, loc=s.loc)


def parts_of(s: Sweep, g: Value) -> Parts:
    """The parts of a cotangent of an aggregate."""
    found: Parts = {}
    for key, place, item in part_places(g.type):
        if carries_derivative(item):
            part = s.builder.load(g, place, loc=s.loc, type=strip(item))
            found[key] = parts_of(s, part) if is_aggregate(item) else Adj(part)
    return found


def is_returned_container(s: Sweep, v: Value) -> bool:
    """Whether a value is a list, dict or instance of numbers that this function makes, once."""
    op = s.pos.def_of.get(v)
    if not isinstance(op, Apply) or not is_container(v) or s.pos.block_of[op] is not s.func.body:
        return False
    node = s.aliases.of(v)
    if op.fn not in (LIST_NEW, LIST, DICT, CONSTRUCT) or node is None or node.slots or node in s.twinned:
        return False  # what it holds has shadows of its own
    return v not in s.frame.shadows and v not in s.edits.twins


def is_returned_display(s: Sweep, v: Value) -> bool:
    """Whether a value is a display of numbers and never written arrays, which nothing but the `return` reads."""
    op = s.pos.def_of.get(v)
    if not isinstance(op, Apply) or op.fn not in (LIST, DICT) or s.pos.block_of[op] is not s.func.body:
        return False
    node = s.aliases.of(v)
    if node is None or node.writes or node.joins or len(find(node).roots) != 1 or node in s.twinned:
        return False
    if sum(u is v for inner in walk(s.func.body) for u in used_values(inner)) != 1:
        return False
    items = list(values_in(*op.args))
    return all(isinstance(strip(i.type), Scalar) or (is_array(i) and not s.shadowed(i)) for i in items)
