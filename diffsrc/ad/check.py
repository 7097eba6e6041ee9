"""Refusals that need activity: active values that reach something whose derivative isn't known."""

from __future__ import annotations

from collections.abc import Iterator

from ..analysis.alias import Aliases, SummaryOf
from ..analysis.flows import edges
from ..analysis.items import fold_merge
from ..analysis.outside import is_inert
from ..analysis.positions import Positions
from ..defs.objects import is_contents
from ..defs.packages import is_closed
from ..defs.structural import CONSTRUCT, DICT, LIST, LIST_APPEND, LIST_INSERT
from ..defs.table import Def
from ..errors import AliasError, DiffsrcError, DiffTypeError, NoRuleError, UnsupportedError
from ..ir.ops import Apply, Attr, Func, FuncRef, Index, Load, Op, Place, Return, Store
from ..ir.types import (
    BOTTOM,
    AnyType,
    Array,
    Bottom,
    Dict,
    List,
    Opaque,
    Scalar,
    Struct,
    Tuple,
    Type,
    Union,
    carries_derivative,
    strip,
)
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import results, values_in, walk
from .activity import Activity, differentiable_operands
from .exceptions import check_exceptions
from .parts import part_places


def check_known(func: Func, activity: Activity) -> None:
    """Refuse active values in calls that are opaque, and results of unknown type made from active values.

    Raises:
        NoRuleError: a callee without source or rule receives an active value.
        DiffTypeError: the type of a value made from active ones could not be inferred.
    """
    for op in walk(func.body):
        if isinstance(op, Apply):
            _check_call(op, activity)
        if any(isinstance(strip(r.type), AnyType | Bottom) and activity.unknown(r) for r in results(op)):
            raise _unknown(op)
        if isinstance(op, Store) and isinstance(op.dst, Literal) and activity.is_varied(op.value):
            raise _into_global(op)
        if isinstance(op, Load) and isinstance(strip(op.result.type), AnyType) and activity.is_varied(op.src):
            raise _unknown(op)
        for t, given in _passed(op):
            if isinstance(strip(t), AnyType) and activity.is_varied(given):
                raise _mixed(op, given)
    _check_returns(func, activity)
    check_exceptions(func)


def _refused(op: Op, activity: Activity) -> NoRuleError | None:
    """What a row says of the first active argument of a call, where it says why none has a rule."""
    if not isinstance(op, Apply) or not isinstance(op.fn, Def) or -1 not in op.fn.refusals:
        return None
    first = next((i for i, a in enumerate(op.args) if activity.is_varied(a)), 0)
    return NoRuleError(op.fn.refusal(first), loc=op.loc)


def check_returned(func: Func, summary: SummaryOf) -> None:
    """Refuse functions with a rule that may return memory of their arguments, where that is written.

    Raises:
        AliasError: one is.
    """
    if not any(isinstance(op, Apply) and _by_rule(op, summary) for op in walk(func.body)):
        return
    aliases = Aliases(func, summary)
    for op, positions in aliases.ruled:
        shared = [*op.results, *(op.args[i] for i in positions)]
        if any(aliases.written(v) for v in shared if isinstance(v, Value)):
            what = "which has a rule, may return" if isinstance(op.fn, Def) else "with what a rule makes, may return"
            raise AliasError(
                f"`{op.fn.name}`, {what} memory of its argument, and the program writes it", loc=op.loc,
                hint="return a copy, or pass one",
            )  # fmt: skip


def _by_rule(op: Apply, summary: SummaryOf) -> bool:
    """Whether a call may return memory of its arguments through a rule."""
    return bool(op.fn.returned if isinstance(op.fn, Def) else isinstance(op.fn, FuncRef) and summary(op.fn).ruled)


def check_held(func: Func, summary: SummaryOf) -> None:
    """Refuse to write memory that an object may hold, once it is made: a spline, a sparse matrix. The contents of one included.

    Raises:
        AliasError: some is written.
    """
    makers = [op for op in walk(func.body) if isinstance(op, Apply) and any(isinstance(r.type, Opaque) for r in op.results)]
    if not makers:
        return
    aliases, pos = Aliases(func, summary), Positions(func)
    for op in makers:
        for v in values_in(*op.args, *(v for _, v in op.kwargs)):
            if isinstance(strip(v.type), Array) and _written_after(v, op, aliases, pos):
                raise AliasError(
                    f"memory that `{op.fn.name}` may keep is written afterwards", loc=op.loc,
                    hint="give it a copy (`.copy()`)",
                )  # fmt: skip
    shown = [op for op in walk(func.body) if isinstance(op, Apply) and isinstance(op.fn, Def) and is_contents(op.fn)]
    for op in shown:
        if _written_after(op.results[0], op, aliases, pos):
            raise AliasError(
                "what an object holds is written: the entries of a sparse matrix, the coefficients of a spline", loc=op.loc,
                hint="make a new one",
            )  # fmt: skip


def _written_after(v: Value, op: Op, aliases: Aliases, pos: Positions) -> bool:
    """Whether the memory of a value may be written once an op has run."""
    node = aliases.of(v)
    return node is not None and any(pos.follows(w, op) or bool(pos.common_loops(w, op)) for w in node.writes)


def _passed(op: Op) -> Iterator[tuple[Type, Operand]]:
    """What an op passes on to something of a type of its own: joins, and slots of containers."""
    yield from ((target.type, source) for target, source in edges(op))
    if isinstance(op, Store) and not isinstance(strip(op.dst.type), Array):
        yield slot_type(op.dst.type, op.place), op.value
    if not isinstance(op, Apply):
        return
    if op.fn is LIST_INSERT:
        yield _item(op.args[0].type), op.args[2]
    elif op.fn is LIST_APPEND:
        yield _item(op.args[0].type), op.args[1]
    elif op.fn is LIST:
        yield from ((_item(op.results[0].type), a) for a in op.args)
    elif op.fn is DICT:
        for pair in op.args:
            assert isinstance(pair, Pack)
            yield slot_type(op.results[0].type, Index((pair.items[0],))), pair.items[1]
    elif op.fn is CONSTRUCT:
        yield from zip((t for _, _, t in part_places(op.results[0].type)), op.args[1:])


def _item(t: Type) -> Type:
    t = strip(t)
    return t.item if isinstance(t, List) else t


def slot_type(container: Type, place: Place) -> Type:
    """The type that a container has at a place."""
    t = strip(container)
    if isinstance(t, (Struct, Union)) and isinstance(place, Attr):
        return t.field(place.name) or t
    if isinstance(t, List):
        return t.item
    key = place.items[0] if isinstance(place, Index) and place.items else None
    if isinstance(t, Dict) and isinstance(key, Literal):
        return dict(t.items).get(key.value, t)
    return t


def is_count(op: Store) -> bool:
    """Whether a number that carries no derivative is stored in an attribute of which none does."""
    if not isinstance(op.place, Attr) or carries_derivative(op.value.type):
        return False
    held = slot_type(op.dst.type, op.place)
    return isinstance(held, Scalar) and not carries_derivative(held)


def _check_returns(func: Func, activity: Activity) -> None:
    """Refuse results that are numbers on one path and something else on another."""
    ends = [op for op in walk(func.body) if isinstance(op, Return)]
    types = [strip(op.value.type) for op in ends]
    joined = fold_merge([BOTTOM, *types])
    for op, t in zip(ends, types):
        if activity.unknown(op.value) and isinstance(t, (AnyType, List, Dict, Tuple)):
            raise _unknown(op)
        if activity.is_varied(op.value) and _forgets(t, joined):
            raise _mixed(op, op.value)


def _forgets(t: Type, joined: Type) -> bool:
    """Whether a join knows nothing of a part that carries a derivative."""
    t, joined = strip(t), strip(joined)
    if isinstance(t, Tuple) and isinstance(joined, Tuple) and len(t.items) == len(joined.items):
        return any(map(_forgets, t.items, joined.items))
    return carries_derivative(t) and not carries_derivative(joined)


def _check_call(op: Apply, activity: Activity) -> None:
    if is_inert(op):
        return
    varied = [a for a in differentiable_operands(op) if activity.is_varied(a)]
    if not varied:
        return
    if not isinstance(op.fn, (Def, FuncRef)):
        raise NoRuleError(
            "which function is called here isn't known when the program is compiled, and it receives an active value",
            loc=op.loc, hint="call functions by name, under an `if`",
        )  # fmt: skip
    if isinstance(op.fn, FuncRef) and not isinstance(getattr(op.fn.target, "func", None), Func):
        lacks = "no derivative rule" if is_closed(op.fn.target) else "neither a derivative rule nor source that can be read"
        raise NoRuleError(
            f"`{op.fn.name}` has {lacks}, and receives an active value",
            loc=op.loc, hint="write a rule with `ds.rule`, or pass it `ds.stop_gradient(x)`",
        )  # fmt: skip
    if isinstance(op.fn, FuncRef) and any(isinstance(strip(r.type), AnyType) for r in op.results):
        _check_result(op, op.fn)
    if isinstance(op.fn, FuncRef) and (store := _global_store(op.fn, set())) is not None:
        raise _into_global(store)
    if isinstance(op.fn, Def) and any(isinstance(op.args[i], Literal) for i in op.fn.writes if i < len(op.args)):
        raise _into_global(op)
    computes = isinstance(op.fn, Def) and op.fn.family not in ("structural", "zero") and op.fn.effect != "io"
    if computes and any(isinstance(strip(r.type), AnyType) for r in results(op)):
        raise _refused(op, activity) or _unknown(op)
    if (
        isinstance(op.fn, Def)
        and op.fn.family == "opaque"
        and any(carries_derivative(v.type) for v in values_in(*varied))
    ):
        raise NoRuleError(f"`{op.fn.name}` has no derivative rule", loc=op.loc)


def _check_result(op: Apply, ref: FuncRef) -> None:
    """Refuse a call whose result is a number on one path and something else on another."""
    func = getattr(ref.target, "func", None)
    for inner in walk(func.body) if isinstance(func, Func) else ():
        if isinstance(inner, Return) and carries_derivative(inner.value.type):
            raise _mixed(op, op.results[0])


def _global_store(ref: FuncRef, seen: set[int]) -> Store | None:
    """A store of floats into a global that a callee (or a callee of it) makes."""
    func = getattr(ref.target, "func", None)
    if not isinstance(func, Func) or id(func) in seen:
        return None
    seen.add(id(func))
    for op in walk(func.body):
        into_global = isinstance(op, Store) and isinstance(op.dst, Literal) and not isinstance(op.value, Literal)
        if isinstance(op, Store) and into_global and carries_derivative(op.value.type):
            return op
        if isinstance(op, Apply) and isinstance(op.fn, FuncRef) and (found := _global_store(op.fn, seen)) is not None:
            return found
    return None


def _into_global(op: Op) -> UnsupportedError:
    return UnsupportedError(
        "an active value is stored into a global", loc=op.loc, code="DS320",
        hint="pass the array as an argument, or return the value",
    )  # fmt: skip


def _mixed(op: Op, v: Operand) -> DiffTypeError:
    name = f"`{v.name}`" if isinstance(v, Value) and v.name else "this value"
    return DiffTypeError(
        f"{name} meets a value of another kind here (None, a string, an array of another number of axes), and is active",
        loc=op.loc, hint="keep one type per variable",
    )  # fmt: skip


def _unknown(op: Op) -> DiffsrcError:
    d = op.fn if isinstance(op, Apply) and isinstance(op.fn, Def) else None
    if d is not None and -1 in d.refusals:
        return NoRuleError(f"`{d.name}` has no derivative: {d.refusals[-1]}", loc=op.loc)
    return DiffTypeError(
        "the type of this value couldn't be inferred, and it is made from active values", loc=op.loc,
        hint="keep one type per variable; convert arguments with `np.asarray` at the start",
    )  # fmt: skip
