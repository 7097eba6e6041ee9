"""Arrays and lists some elements of which a program may leave unread: their cotangents are zeros then, and stay zeros where
a partial derivative is infinite.

    r = np.sqrt(x)                           where x[i] is 0, r[i] takes no part in the result,
    for i in range(n):             ->        and its cotangent 0 times the partial derivative 0.5 / 0
        if r[i] > 0:                         is no nan
            s += 1 / r[i]

Elements read on every path, at slices, at constants and at what a loop counts up to, are taken to be all there are.
"""

from __future__ import annotations

from ..analysis.alias import Aliases, exits
from ..analysis.mems import Mem, find
from ..analysis.positions import Positions
from ..defs.structural import DICT_POP, LIST_POP, UNPACK
from ..defs.table import Def
from ..ir.ops import (
    Apply,
    Attr,
    Block,
    Break,
    For,
    Func,
    Index,
    Load,
    Op,
    Range,
    Return,
    Reversed,
    Seq,
    Space,
    Store,
    View,
    Yield,
)
from ..ir.types import carries_derivative
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import leaves, space_operands, used_values, values_in, walk
from .parts import is_aggregate

_COUNTS = frozenset({"add", "sub", "mul", "mod", "floordiv", "neg"})


def partly_read(func: Func, aliases: Aliases, pos: Positions) -> set[Mem]:
    """The alias classes of which elements may be left unread."""
    found: set[Mem] = set()
    counters = {v for op in walk(func.body) if isinstance(op, For) for v in _counters(op)}
    for op in walk(func.body):
        if isinstance(op, (Load, View)) and _is_read(op.src):
            if not (_always(op, op.src, pos) and _everywhere(op.place, counters, pos) and _is_used(op.result, pos.block_of[op])):
                _add(found, op.src, aliases)
        elif isinstance(op, Apply) and op.fn in (LIST_POP, DICT_POP) and _is_read(op.args[0]):
            _add(found, op.args[0], aliases)  # the others may stay
        elif isinstance(op, For):
            for leaf, param in zip(leaves(op.space), op.body.params):
                if isinstance(leaf, Seq) and _is_read(leaf.value) and not _rows_used(op, leaf.value, param, pos):
                    _add(found, leaf.value, aliases)
    return found


def _rows_used(op: For, src: Operand, row: Value, pos: Positions) -> bool:
    return not _breaks(op) and _always(op, src, pos) and _is_used(row, op.body)


def _is_read(src: Operand) -> bool:
    return isinstance(src, Value) and carries_derivative(src.type)


def _add(found: set[Mem], src: Operand, aliases: Aliases) -> None:
    if isinstance(src, Value) and (node := aliases.of(src)) is not None:
        found.add(find(node))


def _counters(op: For) -> list[Value]:
    """The variables of a loop that count from a constant, where nothing ends it before."""
    if _breaks(op):
        return []
    return [p for leaf, p in zip(leaves(op.space), op.body.params) if _counts(leaf)]


def _counts(leaf: Space | Operand) -> bool:
    if isinstance(leaf, Reversed):
        return _counts(leaf.item)
    return isinstance(leaf, Literal) or (isinstance(leaf, Range) and isinstance(leaf.start, Literal))


def _breaks(op: For) -> bool:
    return any(isinstance(e, Break) for e in exits(op.body))


def _always(op: Op, src: Operand, pos: Positions) -> bool:
    """Whether an op is reached wherever what it reads is there: no condition stands between."""
    assert isinstance(src, Value)
    home = pos.region_of[src]
    for region in pos.regions(pos.block_of[op]):
        if region is home:
            return True
        around = pos.parent[region]
        if not isinstance(around, For) or _breaks(around):
            return False
    return True


def _everywhere(place: Index | Attr, counters: set[Value], pos: Positions) -> bool:
    if isinstance(place, Attr):
        return True
    return all(_is_count(v, counters, pos) for v in values_in(*(i for i in place.items if isinstance(i, (Value, Literal, Pack)))))


def _is_count(v: Value, counters: set[Value], pos: Positions) -> bool:
    made = pos.def_of.get(v)
    if isinstance(made, Apply) and isinstance(made.fn, Def) and made.fn.name in _COUNTS:
        return all(_is_count(a, counters, pos) for a in values_in(*made.args))
    return v in counters or (isinstance(made, Apply) and isinstance(made.fn, Def) and made.fn.name == "len")


def _is_used(v: Value, block: Block) -> bool:
    """Whether a derivative passes on from a value whenever it has been read."""
    if not is_aggregate(v.type):
        return any(_uses(op, v) for op in block.ops)
    return all(_is_used(part, block) for op in block.ops for part in _parts(op, v) if carries_derivative(part.type))


def _parts(op: Op, whole: Value) -> tuple[Value, ...]:
    """What an op takes from a tuple or frozen instance."""
    if isinstance(op, Load) and op.src is whole:
        return (op.result,)
    return op.results if isinstance(op, Apply) and op.fn is UNPACK and op.args[0] is whole else ()


def _uses(op: Op, v: Value) -> bool:
    match op:
        case Apply(fn=Def(family="zero")):
            return False
        case Apply() | Yield() | Return() | Store() | Load() | View():
            return v in used_values(op)
        case For(space=space, inits=inits, body=body):
            return v in values_in(*inits, *space_operands(space)) or _is_used(v, body)
    return False
