"""Twins: shadows built in the forward sweep, beside the memory that they belong to.

Where a handle of written memory passes a join, or is read from a slot of a container that is replaced, the reverse sweep can't
know which buffer was meant. So every handle of the class gets a twin in the forward sweep, which goes the same ways: a join
has a twin join, a container a twin container that holds the twins, a call hands over the twins of its arguments and result.
Memory that holds memory of its own class (lists of nodes, trees) is mirrored likewise.
Twins are values of the forward sweep like any other: the plan saves them or finds them again.

    ws[0] *= 2.0              w = ws[0]; dw = dws[0]
    ws[0] = b          ->     w *= 2.0
                              ws[0] = b; dws[0] = db

Numbers in a twin container are adjoints, held by value: zero in the forward sweep, reversed as in any other shadow.
"""

from __future__ import annotations

from ..analysis.alias import returned_by
from ..analysis.flows import edges
from ..analysis.mems import Mem, connected, find, holds_itself
from ..analysis.overlaps import Pattern, Spot, reached
from ..defs.nouns import noun
from ..defs.structural import DICT, LIST, LIST_NEW
from ..defs.table import Def
from ..errors import UnsupportedError
from ..ir.ops import Apply, FuncRef, Load, Op, View
from ..ir.types import Dict, List, Scalar, Type, carries_derivative, strip
from ..ir.values import Value
from ..ir.walk import walk
from ..runtime import helpers
from ..transform.memory import SHADOW
from .parts import holds_memory, is_aggregate, part_places
from .shadows import shares_memory
from .slots import adj_name, is_array, is_container, is_empty_container, is_number, table, value_of
from .sweep import Sweep

_KNOWN_WRITERS = frozenset({"dict_pop", "list_append", "list_insert", "list_pop"})


def build_twins(s: Sweep, wanted: set[Mem]) -> None:
    """Decide which classes are forward-built and name their twins. `wanted`: those for which it is known already."""
    joined = {n for n in s.aliases.classes() if n.joins and not any(map(s.by_value, n.joins))}
    joined = {n for n in joined if s.activity.memory_active(n) and s.is_shadow_class(n)}
    nested = {n for n in s.aliases.classes() if holds_itself(n) and s.activity.memory_active(n)}
    found = connected(s.aliases.classes(), wanted | joined | nested)
    values = [v for v in s.aliases.nodes if s.aliases.of(v) in found and is_mirrored(v.type)]
    s.twinned = {find(s.aliases.nodes[v]) for v in values}
    values += [v for v in s.aliases.nodes if s.aliases.of(v) in s.twinned and _starts_empty(s, v)]
    _check(s)
    for v in values:
        _twin(s, v)


def is_mirrored(t: Type) -> bool:
    """Whether values of this type have a twin, once their class has: for every function alike, whatever is active there."""
    return holds_memory(t) and (carries_derivative(t) or is_empty_container(t))


def _starts_empty(s: Sweep, v: Value) -> bool:
    """Whether a container is made here of which nothing but that it is empty is known, though it goes where others do."""
    made = s.pos.def_of.get(v)
    return is_empty_container(v.type) and isinstance(made, Apply) and made.fn in (LIST, LIST_NEW, DICT)


def _check(s: Sweep) -> None:
    for op in walk(s.func.body):
        for v, source in edges(op):
            if s.aliases.of(v) in s.twinned and is_number(source):
                raise UnsupportedError(
                    f"`{v.name or 'this value'}` is a number at first and later an array that is written",
                    loc=v.loc, code="DS314", hint="start with an array (`np.zeros(...)`)",
                )  # fmt: skip
        if isinstance(op, Apply) and isinstance(op.fn, Def) and op.fn.name not in _KNOWN_WRITERS:
            for i in op.fn.writes:
                if i < len(op.args) and is_container(op.args[i]) and s.is_twinned(op.args[i]):
                    raise UnsupportedError(
                        f"`{op.fn.name}` on a container that holds memory whose elements are replaced", loc=op.loc,
                        code="DS311", hint="use append, pop and assignment to elements",
                    )  # fmt: skip
    for node in s.twinned:
        for held in map(find, node.slots.values()):
            _check_mixed(s, node, held)


def _check_mixed(s: Sweep, node: Mem, held: Mem) -> None:
    """Refuse tuples of arrays and active numbers in containers: the numbers' adjoints have no place of their own."""
    container = any(is_container(v) for v in s.aliases.nodes if s.aliases.of(v) is node)
    for v in s.aliases.nodes if container else ():
        if s.aliases.of(v) is held and is_aggregate(v.type) and holds_memory(v.type) and _numbers(v.type):
            raise UnsupportedError(
                "a container holds tuples of numbers and arrays, and its elements are replaced or its arrays written",
                loc=v.loc, code="DS311", hint="use a dataclass in place of the tuple",
            )  # fmt: skip


def _numbers(t: Type) -> bool:
    items = [strip(item) for _, _, item in part_places(t)]
    return any(_numbers(i) if is_aggregate(i) else isinstance(i, Scalar) and carries_derivative(i) for i in items)


def _twin(s: Sweep, v: Value) -> None:
    twin = s.shadow_params.get(v)
    if twin is None:
        twin = Value(adj_name(v), v.type, SHADOW, loc=v.loc, hint=_hint(s, v))
        if v in s.func.params:
            _at_entry(s, v, twin)
    made = s.pos.def_of.get(v)
    _check_made(v, made)
    if s.negative(v):
        s.shadow(v)  # refused
    if isinstance(made, Apply) and isinstance(made.fn, FuncRef):
        identity = s.aliases.summary(made.fn).identity
        if identity is not None:
            s.edits.same[v] = made.args[identity]
    s.edits.twins[v] = twin
    s.twin_of[twin] = v
    s.pos.region_of[twin] = s.pos.region_of[v]


def _at_entry(s: Sweep, v: Value, twin: Value) -> None:
    """The shadow of a parameter that came without one: zeros."""
    if not is_array(v) and not _holds_numbers(v):
        raise UnsupportedError(f"the written argument `{v.name}` needs a shadow", loc=v.loc, code="DS316",
                               hint="pass its parts as arguments")  # fmt: skip
    op = Apply(table(helpers.zeros_of), (v,), (), (twin,), v.loc)
    s.edits.head.setdefault(s.func.body, []).append(op)


def _holds_numbers(v: Value) -> bool:
    """Whether a container holds numbers only, so that nothing else can name the memory of a part."""
    t = strip(v.type)
    items = [t.item] if isinstance(t, List) else [i for _, i in t.items] if isinstance(t, Dict) else []
    return bool(items) and all(isinstance(strip(i), Scalar) for i in items)


def _check_made(v: Value, made: Op | None) -> None:
    """Refuse handles whose twin can't be made by doing to the shadow what was done to the array."""
    if isinstance(made, Apply) and returned_by(made):
        raise shares_memory(made, v)


def found_again(s: Sweep, twin: Value) -> Op | None:
    """The op that makes a twin once more in the reverse sweep, if what it reads is still there."""
    made = s.pos.def_of.get(s.twin_of[twin])
    if made is None or s.twin_of[twin] in s.edits.same:
        return None
    if isinstance(made, View):
        return View(s.edits.twins[value_of(made.src)], made.place, twin, made.loc)
    if isinstance(made, Load) and not is_array(made.src) and s.stable(made.src, made):
        return Load(s.edits.twins[value_of(made.src)], made.place, twin, made.loc)
    return None


def _hint(s: Sweep, v: Value) -> str | None:
    """What a twin is called that needs a variable: after what it was read from."""
    made = s.pos.def_of.get(v)
    if v.name or not isinstance(made, (Load, View)):
        return None
    word = noun(made, lambda o: o.name if isinstance(o, Value) else None, s.pos.def_of)
    return f"d{word}" if word else None


def set_aside(s: Sweep) -> None:
    """The shadow of a container holds cotangents of what stands in it at the end, and gradients of what stood there first:
    where references in it change, those are different memory."""
    for p, shadow in s.shadow_params.items():
        if is_container(p) and p in s.edits.twins:
            kept = s.kept[p] = Value(f"{shadow.name}_kept", p.type, loc=p.loc)
            s.pos.region_of[kept] = s.func.body
            op = Apply(table(helpers.set_aside), (shadow,), (), (kept,), p.loc)
            s.edits.head.setdefault(s.func.body, []).append(op)


def saved_twins(s: Sweep, kept: list[Value], params: tuple[Value, ...]) -> Pattern:
    """Twins that are saved may be what the shadows that are passed hold."""
    twins: list[Spot] = [(0, str(i)) for i, v in enumerate(kept) if v in s.twin_of]
    for p, shadow in s.shadow_params.items() if twins else ():
        i = params.index(shadow)
        twins += [(i, *path) if path else i for _, path in reached(s.aliases, p) if p in s.edits.twins]
    return (tuple(twins),) if len(twins) > 1 else ()
