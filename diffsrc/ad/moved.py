"""References to written memory that a list takes over: `row = np.zeros(n)`, ..., `rows.append(row)`.

The shadow list holds the shadows. Reversing the append takes one off, which from there on (earlier in the program) is the
shadow of `row`. That is right if before the append nobody reaches the memory through the list, which is so for memory
made in the same block, and behind it nobody by another handle.
"""

from __future__ import annotations

from ..analysis.alias import Aliases
from ..analysis.mems import Mem, holders
from ..defs.structural import LIST_APPEND
from ..errors import UnsupportedError
from ..ir.ops import Apply, FuncRef, Index, Load, Op, Place, View
from ..ir.types import strip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import used_values, walk
from .sweep import Sweep


def take_over(s: Sweep, op: Apply, v: Value, popped: Value) -> None:
    """Bind the shadow that was in the list to the handle that was appended.

    Raises:
        UnsupportedError: the memory is reached in another way too.
    """
    node = s.aliases.of(v)
    assert node is not None
    frame = s.frame_of(v)
    if not _is_made_here(s, op, v, node) or v in frame.shadows or _is_used_behind(s, op, v):
        raise s.wider(v, UnsupportedError(
            "a reference to memory that is written is put into a list, and used otherwise too", loc=op.loc, code="DS311",
            hint="append a copy (`.copy()`), or append it where it is made and use it through the list from then on",
        ))  # fmt: skip
    frame.shadows[v] = popped
    s.taken_over.add(v)


def take_part(s: Sweep, op: Apply, place: Place, item: Operand) -> None:
    """What a container that was taken over holds is so too."""
    if op.results[0] not in s.taken_over:
        return
    if not isinstance(item, Value):
        raise s.wider(op.results[0], UnsupportedError(
            "a tuple that holds written memory is put into a container", loc=op.loc, code="DS311",
            hint="put the array itself there",
        ))  # fmt: skip
    found = s.builder.load(s.shadow(op.results[0]), place, loc=op.loc, type=strip(item.type))
    take_over(s, op, item, found)


def is_kept(inner: Aliases, p: Value) -> bool:
    """Whether a callee puts a parameter, or a view of it, into something that its caller has too: a cotangent that comes
    back by value is right only while the memory stays as it is."""
    node = inner.of(p)
    return node is not None and any(n.params and n is not node for n in holders(inner.classes()).get(node, ()))


def changes_behind(s: Sweep, op: Apply, v: Operand) -> bool:
    """Whether memory may be written after a call that keeps it, and be reached in another way than through what keeps it."""
    node = s.aliases.of(v)
    if node is None or not isinstance(v, Value):
        return False
    handles = _handles(s, {v})
    own = _is_made_here(s, op, v, node)
    later = [w for w in node.writes if w is not op and not (own and _is_ahead(s, w, op, handles))]
    later = [w for w in later if s.pos.follows(w, op) or s.pos.common_loops(w, op)]
    return bool(later) and not (own and not _is_used_behind(s, op, v))


def _is_ahead(s: Sweep, write: Op, op: Op, handles: set[Value]) -> bool:
    """Whether a write comes before an op in each iteration, and is to what the iteration made."""
    return s.pos.order[write] < s.pos.order[op] and bool(handles.intersection(used_values(write)))


def _is_made_here(s: Sweep, op: Apply, v: Value, node: Mem) -> bool:
    made = s.pos.def_of.get(v)
    if not isinstance(made, Apply) or s.pos.block_of[made] is not s.pos.block_of[op] or node.joins:
        return False
    return v in node.roots and not (isinstance(made.fn, FuncRef) and s.aliases.summary(made.fn).returns)


def _is_used_behind(s: Sweep, op: Apply, v: Value) -> bool:
    """Whether a handle that comes from `v` is used after the append."""
    handles = _handles(s, {v})
    return any(
        s.pos.order[each] > s.pos.order[op] and handles.intersection(used_values(each)) for each in walk(s.func.body)
    )


def _handles(s: Sweep, handles: set[Value]) -> set[Value]:
    """These and what is made of them that shares their memory."""
    for each in walk(s.func.body):
        if not handles.intersection(used_values(each)):
            continue
        views = isinstance(each, View) or (isinstance(each, Apply) and getattr(each.fn, "alias", "fresh") != "fresh")
        if isinstance(each, View):
            handles.add(each.result)
        elif isinstance(each, Apply) and views:
            handles.update(each.results)
        elif isinstance(each, Load) and s.aliases.of(each.result) is not None:
            handles.add(each.result)
    return handles


def moves_on(s: Sweep, write: Op, read: Load) -> bool:
    """Whether an append may shift what a place names: it may run after the read, and the index may count from the end."""
    if not isinstance(write, Apply) or write.fn is not LIST_APPEND:
        return True
    place = read.place
    item = place.items[0] if isinstance(place, Index) and len(place.items) == 1 else None
    counted = isinstance(item, Literal) and type(item.value) is int and item.value >= 0
    return not counted and (s.pos.follows(write, read) or bool(s.pos.common_loops(write, read)))
