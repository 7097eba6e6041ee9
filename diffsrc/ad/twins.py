"""Shadows built in the forward sweep: for written classes whose handles pass a join, so that the reverse sweep must know
which buffer was meant. Every handle of the class gets a twin; needs and plan treat twins like any other value."""

from __future__ import annotations

from ..analysis.flows import edges
from ..defs.table import Def
from ..errors import UnsupportedError
from ..ir.ops import Apply, For, FuncRef, Load, Op, Seq
from ..ir.values import Value
from ..ir.walk import leaves, walk
from ..transform.memory import SHADOW
from .slots import adj_name, is_array, is_number
from .sweep import Sweep


def build_twins(s: Sweep) -> None:
    """Decide which classes are forward-built and name their twins."""
    rows = {
        p for op in walk(s.func.body) if isinstance(op, For)
        for leaf, p in zip(leaves(op.space), op.body.params) if isinstance(leaf, Seq)
    }  # fmt: skip
    for node in s.aliases.classes():
        if not node.joins or not s.activity.memory_active(node) or not s.is_shadow_class(node):
            continue
        for v, source in ((v, o) for op in walk(s.func.body) for v, o in edges(op)):
            if s.aliases.of(v) is node and is_number(source):
                raise UnsupportedError(
                    f"`{v.name or 'this value'}` is a number at first and later an array that is written",
                    loc=v.loc, code="DS314", hint="start with an array (`np.zeros(...)`)",
                )  # fmt: skip
        for v in [v for v in s.aliases.nodes if s.aliases.of(v) is node]:
            _twin(s, v, v in rows)


def _twin(s: Sweep, v: Value, row: bool) -> None:
    if not is_array(v) or row:
        raise UnsupportedError(
            f"which memory `{v.name or 'this value'}` refers to is decided at run time, and it is written",
            loc=v.loc, code="DS314", hint="write into arrays by index instead of rebinding names to rows or containers",
        )  # fmt: skip
    twin = s.shadow_params.get(v)
    if twin is None and v in s.func.params:
        raise UnsupportedError(f"the written argument `{v.name}` needs a shadow", loc=v.loc, code="DS316")
    if twin is None:
        twin = Value(adj_name(v), v.type, SHADOW, loc=v.loc)
    made = s.pos.def_of.get(v)
    _check_mirrored(v, made)
    if s.negative(v):
        s.shadow(v)  # refused
    if isinstance(made, Apply) and isinstance(made.fn, FuncRef) and (summary := s.aliases.summary(made.fn)).returns:
        if summary.identity is None:
            raise UnsupportedError(
                f"`{made.fn.name}` may return memory of its argument, and that memory is written",
                loc=v.loc, code="DS318", hint="return a copy from it",
            )  # fmt: skip
        s.edits.same[v] = made.args[summary.identity]
    s.edits.twins[v] = twin
    s.twin_of[twin] = v
    s.pos.region_of[twin] = s.pos.region_of[v]


def _check_mirrored(v: Value, made: Op | None) -> None:
    """Refuse handles whose twin can't be made by doing to the shadow what was done to the array."""
    if isinstance(made, Load) and not is_array(made.src):
        raise UnsupportedError(
            "memory that is written is read from a container, and its name is bound to different arrays", loc=v.loc,
            code="DS311", hint="keep written arrays in variables of their own",
        )  # fmt: skip
    if isinstance(made, Apply) and isinstance(made.fn, Def) and made.fn.alias == "readonly":
        raise UnsupportedError(
            f"`{made.fn.name}` may share the memory of its argument, which is written", loc=v.loc, code="DS310",
            hint="write `.copy()` after it",
        )  # fmt: skip
