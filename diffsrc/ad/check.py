"""Refusals that need activity: active values that reach something whose derivative isn't known."""

from __future__ import annotations

from ..defs.table import Def
from ..errors import DiffTypeError, NoRuleError, UnsupportedError
from ..ir.ops import Apply, Func, FuncRef, Load, Op, Store
from ..ir.types import AnyType, carries_derivative, strip
from ..ir.values import Literal
from ..ir.walk import results, values_in, walk
from .activity import Activity, differentiable_operands


def check_known(func: Func, activity: Activity) -> None:
    """Refuse active values in calls that are opaque, and results of unknown type made from active values.

    Raises:
        NoRuleError: a callee without source or rule receives an active value.
        DiffTypeError: the type of a value made from active ones could not be inferred.
    """
    for op in walk(func.body):
        if isinstance(op, Apply):
            _check_call(op, activity)
        elif isinstance(op, Store) and isinstance(op.dst, Literal) and activity.is_varied(op.value):
            raise _into_global(op)
        elif isinstance(op, Load) and isinstance(strip(op.result.type), AnyType) and activity.is_varied(op.src):
            raise _unknown(op)


def _check_call(op: Apply, activity: Activity) -> None:
    varied = [a for a in differentiable_operands(op) if activity.is_varied(a)]
    if not varied:
        return
    if not isinstance(op.fn, (Def, FuncRef)):
        raise NoRuleError(
            "which function is called here isn't known when the program is compiled, and it receives an active value",
            loc=op.loc, hint="call functions by name, under an `if`",
        )  # fmt: skip
    if isinstance(op.fn, FuncRef) and not isinstance(getattr(op.fn.target, "func", None), Func):
        raise NoRuleError(
            f"`{op.fn.name}` has neither a derivative rule nor source that can be read, and receives an active value",
            loc=op.loc, hint="write a rule with `ds.rule`, or pass it `ds.stop_gradient(x)`",
        )  # fmt: skip
    if isinstance(op.fn, FuncRef) and (store := _global_store(op.fn, set())) is not None:
        raise _into_global(store)
    if isinstance(op.fn, Def) and any(isinstance(op.args[i], Literal) for i in op.fn.writes if i < len(op.args)):
        raise _into_global(op)
    if isinstance(op.fn, Def) and op.fn.family not in ("structural", "zero") and op.fn.effect != "io":
        if any(isinstance(strip(r.type), AnyType) for r in results(op)):
            raise _unknown(op)
    if isinstance(op.fn, Def) and op.fn.family == "opaque" and any(carries_derivative(v.type) for v in values_in(*varied)):
        raise NoRuleError(f"`{op.fn.name}` has no derivative rule", loc=op.loc)


def _global_store(ref: FuncRef, seen: set[int]) -> Store | None:
    """A store of floats into a global that a callee (or a callee of it) makes."""
    func = getattr(ref.target, "func", None)
    if not isinstance(func, Func) or id(func) in seen:
        return None
    seen.add(id(func))
    for op in walk(func.body):
        if isinstance(op, Store) and isinstance(op.dst, Literal) and carries_derivative(op.value.type):
            if not isinstance(op.value, Literal):
                return op
        if isinstance(op, Apply) and isinstance(op.fn, FuncRef) and (found := _global_store(op.fn, seen)) is not None:
            return found
    return None


def _into_global(op: Op) -> UnsupportedError:
    return UnsupportedError(
        "an active value is stored into a global", loc=op.loc, code="DS320",
        hint="pass the array as an argument, or return the value",
    )  # fmt: skip


def _unknown(op: Op) -> DiffTypeError:
    return DiffTypeError(
        "the type of this value couldn't be inferred, and it is made from active values", loc=op.loc,
        hint="keep one type per variable; convert arguments with `np.asarray` at the start",
    )  # fmt: skip
