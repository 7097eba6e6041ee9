"""Functions whose result is a view or a copy, as the layout of the argument decides (`reshape`, `ravel`, `asarray`).

Where the memory is written it matters which. The layout of an array fresh from `np.zeros` and its like is known, and
the result a view. Otherwise the generated code asks at run time, and the tangent or shadow follows the primal:

    m = b.reshape(2, 3)
    dm = shadow_view(db.reshape(2, 3), db, m, b)      a view of db if m is one of b, else zeros of its own
    ...
    if not np.may_share_memory(dm, db):               a copy: what it received goes to its source
        db += dm.reshape(db.shape)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..analysis.alias import Aliases
from ..defs.table import Def, lookup
from ..ir.ops import Apply, Op
from ..ir.types import Array, strip
from ..ir.values import Operand, Value
from ..runtime import helpers

#: functions whose results are laid out in C order, whatever their arguments
_IN_ORDER = frozenset({"np.zeros", "np.ones", "np.empty", "np.full", "np.eye", "np.identity", "matmul", "flatten"})
_HELPERS = frozenset({"shadow_view", "tangent_view"})


def decided_by_layout(op: Op | None) -> bool:
    """Whether an op gives a view or a copy of an array."""
    return isinstance(op, Apply) and isinstance(op.fn, Def) and op.fn.alias == "maybe" and is_array_source(op)


def is_array_source(op: Apply) -> bool:
    """Whether there is an array that the result may be a view of (of a list or number it is a new array)."""
    return bool(op.args) and isinstance(op.args[0], Value) and isinstance(strip(op.args[0].type), Array)


def is_view_for_sure(op: Apply, made_by: Mapping[Value, Op]) -> bool:
    """Whether the result is a view whatever the run: the argument is contiguous."""
    if op.fn.name not in ("np.reshape", "np.ravel") or any(k == "order" for k, _ in op.kwargs) or len(op.args) > 2:
        return False
    return _is_contiguous(op.args[0], made_by)


def _is_contiguous(operand: Operand, made_by: Mapping[Value, Op]) -> bool:
    made = made_by.get(operand) if isinstance(operand, Value) else None
    if (
        not isinstance(made, Apply)
        or not isinstance(made.fn, Def)
        or any(k in ("order", "out") for k, _ in made.kwargs)
    ):
        return False
    if made.fn.name in ("np.reshape", "np.ravel"):
        return is_view_for_sure(made, made_by)
    return _is_flat(made) or is_plain_copy(made) or (made.fn.name in _IN_ORDER and len(made.args) < 3)


def _is_flat(made: Apply) -> bool:
    """A new array of at most one axis."""
    t = strip(made.results[0].type)
    fresh = isinstance(made.fn, Def) and made.fn.alias == "fresh" and made.fn.family in ("elementwise", "zero")
    return fresh and isinstance(t, Array) and t.ndim <= 1


def is_plain_copy(made: Apply) -> bool:
    """`a.copy()`, whose result is in C order whatever the order of `a`; that of `np.copy(a)` is like `a`."""
    by_method = made.method == "copy" and len(made.args) == 1 and not made.kwargs
    return by_method and isinstance(made.fn, Def) and made.fn.name == "np.copy"


def layout_matters(aliases: Aliases, v: Operand) -> bool:
    """Whether what goes beside an array needs its layout: it is written, and asked whether something is a view of it."""
    node, t = aliases.of(v), strip(v.type)
    return node is not None and node.asked and bool(node.writes) and isinstance(t, Array) and t.ndim > 1


def differs(made: Apply, dot: Operand, last: Sequence[Op]) -> bool:
    """Whether the tangent of a new array, made by the last op, may be laid out otherwise than the array."""
    if getattr(made.fn, "alias", "") != "fresh":
        return False
    like = [op for op in last if isinstance(op, Apply) and op.results == (dot,) and op.fn.name.endswith("_like")]
    return not like and made.fn.name not in _IN_ORDER


def is_helper(op: Apply) -> bool:
    return op.fn.name in _HELPERS


def of_shadow(op: Apply, base: Operand, result: Value) -> list[Op]:
    """The ops that make the shadow of what `op` makes, from the shadow of its argument."""
    return _followed(op, base, result, helpers.shadow_view)


def of_tangent(op: Apply, base: Operand, result: Value) -> list[Op]:
    """The ops that make the tangent of what `op` makes, from the tangent of its argument."""
    return _followed(op, base, result, helpers.tangent_view)


def _followed(op: Apply, base: Operand, result: Value, follow: object) -> list[Op]:
    d = lookup(follow)
    assert d is not None
    other = Value(None, result.type, result.mem, None, op.loc)
    same = replace(op, args=(base, *op.args[1:]), results=(other,))
    return [same, Apply(d, (other, base, op.results[0], op.args[0]), (), (result,), op.loc)]
