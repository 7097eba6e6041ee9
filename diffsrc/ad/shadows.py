"""The shadow handle of a primal handle, made where the reverse sweep needs it.

Views by views, parts of containers by parts, zeros for allocations.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..analysis.alias import returned_by, slot_name
from ..analysis.mems import reachable
from ..defs.structural import INSERT, UNPACK
from ..defs.table import Def
from ..errors import UnsupportedError
from ..ir.ops import Apply, FuncRef, Index, Load, Op, Place, Store, View
from ..ir.types import Dict, Maybe, Scalar, Struct, Table, carries_derivative, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, map_place
from ..runtime import helpers
from ..transform.memory import LAID_OUT
from .layout import decided_by_layout, is_helper, is_view_for_sure, layout_matters, of_shadow
from .moved import moves_on
from .parts import is_aggregate
from .slots import ZERO, adj_name, is_array, is_container, is_empty_container, is_number, table
from .sweep import Sweep


def make_shadow(s: Sweep, v: Value) -> Value:
    op = s.pos.def_of.get(v)
    b = s.builder
    if s.by_value(v) and (op is None or blocks(op)) and v not in s.func.params:
        return s.empty(v)
    match op:
        case View():
            return b.view(s.shadow(op.src, True), s.need_place(op.place), adj_name(v), v.loc, v.type)
        case Apply() if op.fn is INSERT:
            return s.shadow(op.args[0], True)
        case Apply() if getattr(op.fn, "alias", "fresh") == "view":
            rest = tuple(s.need(a) for a in op.args[1:])
            named = {k: s.need(a) for k, a in op.kwargs}
            out = Value(adj_name(v), v.type, loc=v.loc)
            b.emit(Apply(op.fn, (s.shadow(op.args[0]), *rest), tuple(named.items()), (out,), v.loc, op.method))
            return out
        case Apply(fn=Def(alias="maybe", family="general")) if decided_by_layout(op):
            return _layout_shadow(s, v, op)
        case Apply() if returned_by(op):
            raise shares_memory(op, v)
        case Apply(fn=FuncRef() as ref) if (summary := s.aliases.summary(ref)).returns:
            if summary.identity is None and is_container(v) and not s.aliases.written(v):
                return _held_shadow(s, v, op)
            if summary.identity is None:
                raise s.wider(v, UnsupportedError(
                    f"`{op.fn.name}` may return memory of its argument, and that memory is written",
                    loc=v.loc, code="DS318", hint="return a copy from it",
                ))  # fmt: skip
            return s.shadow(op.args[summary.identity])
        case Load() if is_array(op.src):  # an advanced index copies
            return _own(s, v)
        case None if v in s.func.params and is_array(v):
            return s.zeros(v)
        case Apply() if is_array(v) and op.fn.name not in ("list_pop", "unpack"):
            return _own(s, v)
    return _held_shadow(s, v, op)


def shares_memory(op: Apply, v: Value) -> UnsupportedError:
    """The refusal of a result that may be an argument's memory, where that is written."""
    return UnsupportedError(
        f"`{op.fn.name}` may share the memory of its argument, which is written", loc=v.loc, code="DS310",
        hint="write `.copy()` after it",
    )  # fmt: skip


def _own(s: Sweep, v: Value) -> Value:
    """The shadow of memory that is made here."""
    mem = LAID_OUT if layout_matters(s.aliases, v) else None
    out = Value(adj_name(v), strip(v.type), mem, loc=v.loc)
    s.builder.emit(Apply(table(np.zeros_like), (s.need(v),), (), (out,), v.loc))
    return out


def _layout_shadow(s: Sweep, v: Value, op: Apply) -> Value:
    """The shadow of what may be a view or a copy."""
    if is_helper(op):
        raise UnsupportedError(
            "reverse mode over a reverse sweep with views decided at run time", loc=v.loc, code="DS310"
        )
    args = (op.args[0], *(s.need(a) for a in op.args[1:]))
    kwargs = tuple((k, s.need(a)) for k, a in op.kwargs)
    out = Value(adj_name(v), v.type, loc=v.loc)
    base = s.shadow(op.args[0])
    if is_view_for_sure(op, s.pos.def_of):
        s.builder.emit(Apply(op.fn, (base, *args[1:]), kwargs, (out,), v.loc, op.method))
        return out
    there = replace(op, args=(s.need(op.args[0]), *args[1:]), kwargs=kwargs, results=(_handle(s, v),), loc=v.loc)
    s.builder.extend(of_shadow(there, base, out))
    return out


def _handle(s: Sweep, v: Value) -> Value:
    found = s.need(v)
    assert isinstance(found, Value)
    return found


def _held_shadow(s: Sweep, v: Value, op: Op | None) -> Value:
    """The shadow of a handle read from a container, or of a container made here."""
    b = s.builder
    if isinstance(op, Load):
        check_kept(s, op, v)
        place = map_place(op.place, s._need)
        return b.load(s.shadow(op.src), place, adj_name(v), v.loc, v.type)
    if isinstance(op, Apply) and (
        op.fn.name in ("list_new", "mul") or (op.fn.name == "list_of" and s.aliases.written(v))
    ):
        if any(map(s.shadowed, op.args)):
            raise s.wider(v, UnsupportedError(
                "a list that holds written memory from the start is written itself", loc=v.loc, code="DS311",
                hint="start with an empty list and append",
            ))  # fmt: skip
        return b.apply(table(helpers.zeros_of), (s.need(v),), name=adj_name(v), loc=v.loc, type=v.type)
    if isinstance(op, Apply) and isinstance(op.fn, FuncRef) and is_container(v) and not _parts_written(s, v):
        return s.empty(v)
    if isinstance(op, Apply) and op.fn.name in ("list_of", "construct"):
        items = (*(_shadow_item(s, i, v) for i in op.args), *_later_fields(op))
        return b.apply(op.fn, items, name=adj_name(v), loc=v.loc, type=v.type)
    if isinstance(op, Apply) and op.fn.name == "dict_of":
        return _dict_shadow(s, v, op)
    if isinstance(op, Apply) and op.fn is UNPACK and _is_split(s, op.args[0]):
        place = Index((Literal(op.results.index(v)),))
        return b.load(s.shadow(op.args[0]), place, adj_name(v), v.loc, v.type)
    raise s.wider(v, UnsupportedError(
        f"the memory behind `{v.name or 'this value'}` can't be mirrored for its adjoint", loc=v.loc, code="DS311",
        hint="copy it first (`.copy()`), or pass its parts as arguments",
    ))  # fmt: skip


def _is_split(s: Sweep, parts: Operand) -> bool:
    """Whether these are views of one array."""
    made = s.pos.def_of.get(parts) if isinstance(parts, Value) else None
    return isinstance(made, Apply) and getattr(made.fn, "alias", "fresh") == "view" and is_array(made.args[0])


def _dict_shadow(s: Sweep, v: Value, op: Apply) -> Value:
    """The shadow of a dict display; keys that are put in later have theirs from the start."""
    given = [p for p in op.args if isinstance(p, Pack)]
    known = {p.items[0].value for p in given if isinstance(p.items[0], Literal)}
    t = strip(v.type)
    later = [(k, i) for k, i in t.items if k not in known and carries_derivative(i)] if isinstance(t, Dict) else []
    b, name = s.builder, adj_name(v)
    if not isinstance(t, Table) and all(isinstance(strip(i), Scalar) for _, i in later):
        pairs = tuple(Pack((p.items[0], _shadow_item(s, p.items[1], v))) for p in given)
        more = tuple(Pack((Literal(k), ZERO)) for k, _ in later)
        return b.apply(op.fn, (*pairs, *more), name=name, loc=v.loc, type=v.type)
    if any(map(s.shadowed, (p.items[1] for p in given))):
        raise s.wider(v, UnsupportedError(
            "a dict that holds written arrays gets further ones", loc=v.loc, code="DS311",
            hint="put all keys into the display that makes the dict",
        ))  # fmt: skip
    return b.apply(table(helpers.zeros_of), (s.need(v),), name=name, loc=v.loc, type=v.type)


def _later_fields(op: Apply) -> tuple[Operand, ...]:
    """What stands for the fields that an instance gets after it was made."""
    t = strip(op.results[0].type)
    late = t.fields[len(op.args) - 1 :] if isinstance(t, Struct) else ()
    if any(carries_derivative(f) and not isinstance(f, Maybe) for _, f in late):
        raise UnsupportedError(
            "an instance gets a field that holds a tuple after it was made", loc=op.loc, code="DS311",
            hint="give it the field in `__init__`",
        )  # fmt: skip
    return (Literal(None),) * len(late)


def _parts_written(s: Sweep, v: Value) -> bool:
    """Whether something is written that a container holds: two of its parts may be one."""
    node = s.aliases.of(v)
    return node is not None and any(n.writes for n in reachable(node) if n is not node)


def _shadow_item(s: Sweep, item: Operand, holder: Value) -> Operand:
    """The shadow of what a display holds: the same memory for what is written, else zeros."""
    if isinstance(item, Pack):
        return Pack(tuple(_shadow_item(s, i, holder) for i in item.items), item.kind)
    if s.shadowed(item):
        return s.shadow(item)
    if not carries_derivative(item.type) and not is_empty_container(item.type):
        return s.need(item)
    if is_number(item):
        return ZERO
    if isinstance(item, Value) and is_aggregate(item.type) and _parts_written(s, item) and s.activity.active(item):
        raise s.wider(holder, UnsupportedError(
            "a tuple that holds written memory is put into a container", loc=item.loc, code="DS311",
            hint="put the array itself there",
        ))  # fmt: skip
    row = table(np.zeros_like) if is_array(item) else table(helpers.zeros_of)
    return s.builder.apply(row, (s.need(item),), loc=s.loc, type=strip(item.type))


def check_kept(s: Sweep, read: Load, v: Value) -> None:
    """Refuse handles of written memory that are read from a slot that changes."""
    node = s.aliases.of(read.src)
    for write in node.writes if node is not None else ():
        shifted = isinstance(write, Apply) and moves_on(s, write, read)
        if shifted or (isinstance(write, Store) and _replaces(write, read.place)):
            raise s.wider(read.src, UnsupportedError(
                "memory that is written is read from a container whose elements are replaced", loc=v.loc, code="DS311",
                hint="keep written arrays in variables of their own, or store copies",
            ))  # fmt: skip


def _replaces(write: Store, place: Place) -> bool:
    """Whether a store may put another reference into the slot that a place names."""
    if not is_container(write.dst) or is_number(write.value):
        return False
    one, two = slot_name(write.place, write.dst.type), slot_name(place, write.dst.type)
    return one == two or "[]" in (one, two)  # "[]": a key that isn't known
