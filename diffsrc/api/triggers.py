"""`ds.inference_triggers`: calls at which types were unknown, and what would tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..compiler import methods
from ..compiler.instances import Instance
from ..compiler.methods import MethodInstance
from ..defs.table import Def
from ..ir.ops import Apply, For, Func, FuncRef, Guard, If, Load, Op, Seq, While
from ..ir.types import AnyType, Array, Dict, List, Type, strip
from ..ir.values import Operand, Value, is_undef
from ..ir.walk import leaves, results, walk
from ..source import Loc
from ..transform.mark import column, result_ends


@dataclass(frozen=True, eq=False, slots=True)
class InferenceTrigger:
    """A call whose callee, or whose result, isn't known before the program runs.

    Attributes:
        caller: the instance that holds the call.
        callee: the name of what is called.
        types: of the arguments.
        loc: where the call is.
    """

    caller: MethodInstance
    callee: str
    types: tuple[Type, ...]
    loc: Loc
    _op: Apply
    _func: Func

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.types))
        return f"{self.loc.file}:{self.loc.line}: {self.caller} calls {self.callee}({shown})"

    def suggest(self) -> str:
        """What would let types tell which function is called, or what it returns."""
        for arg in self._op.args:
            if isinstance(arg, Value) and _is_any(arg.type):
                return _advice(arg, self)
        return (
            f"`{self.callee}` has neither source nor a rule: convert what it returns (`float(...)`, `np.asarray(...)`), or write"
            " a rule with `ds.rule`"
        )


def _is_any(t: Type) -> bool:
    return isinstance(strip(t), AnyType)


def _advice(value: Value, trigger: InferenceTrigger) -> str:
    func, name = trigger._func, trigger.caller.name
    if value in func.params:
        return (
            f"the argument `{value.name}` of `{name}` is of unknown type: annotate it (`{value.name}: \"f64[:]\"`), pass values"
            f" of one type, or convert it at the door (`ds.standardize({value.name}=np.asarray)`)"
        )
    op = _maker(value, func)
    shown = f"`{value.name}`" if value.name else "the value"
    holder = op.src if isinstance(op, Load) else _iterated(value, func)
    if isinstance(holder, Value):
        what = f"`{holder.name}`" if holder.name else "the container"
        if isinstance(strip(holder.type), List | Dict):
            return f"{what} holds items of different types: use a tuple or an array, or split `{name}` by type"
        return f"nothing is known of what {what} holds: annotate it, or convert it (`np.asarray`)"
    if isinstance(op, If | For | While | Guard):
        kinds = _bound_to(value, op)
        dtypes = len(kinds) > 1 and all(isinstance(t, Array) for t in kinds)
        how = "another dtype or number of axes" if dtypes else "a value of another type"
        told = f" ({', then '.join(f'`{t}`' for t in kinds)})" if len(kinds) > 1 else ""
        return f"{shown} is rebound with {how}{told}: use another name, or one type on all paths"
    if isinstance(op, Apply) and isinstance(op.fn, FuncRef):
        if isinstance(op.fn.target, Instance):
            return f"`{op.fn.name}` returns {shown} of unknown type: look at its own triggers, or split it"
        return f"`{op.fn.name}` has neither source nor a rule: convert what it returns (`float(...)`, `np.asarray(...)`)"
    return f"{shown} is made from what is of unknown type: convert that first"


def _iterated(value: Value, func: Func) -> Operand | None:
    """What a loop runs over that gives a value."""
    for op in walk(func.body):
        if isinstance(op, For) and value in op.body.params:
            spaces = list(leaves(op.space))
            at = op.body.params.index(value)
            found = spaces[at] if at < len(spaces) else None
            return found.value if isinstance(found, Seq) else None
    return None


def _bound_to(value: Value, op: If | For | While | Guard) -> list[Type]:
    """The types of what a variable is bound to on the paths through an op."""
    passed = column(result_ends(op), op.results.index(value))
    return list(dict.fromkeys(strip(o.type) for o in reversed(passed) if not is_undef(o)))


def _maker(value: Value, func: Func) -> Op | None:
    return next((op for op in walk(func.body) if value in results(op)), None)


def inference_triggers(f: Any = None) -> list[InferenceTrigger]:
    """The calls at which types were unknown, of a function or module, or of everything that has been compiled.

    Each has `.suggest()`: annotate this argument, split this function, don't rebind `x` with a value of another type, ...

    >>> for trigger in inference_triggers():
    ...     print(trigger, trigger.suggest())
    """
    from .specializations import specializations

    found = methods.instances() if f is None else specializations(f)
    return [t for m in found if m.mode == "primal" for t in _triggers(m)]


def _triggers(m: MethodInstance) -> list[InferenceTrigger]:
    func = m.typed
    if func is None:
        return []
    out = []
    for op in walk(func.body):
        if not isinstance(op, Apply) or not isinstance(op.fn, FuncRef | Def):
            continue
        if _is_opaque(op) or op in m.open_calls or _is_library(op):
            out.append(InferenceTrigger(m, op.fn.name, tuple(map(_type, op.args)), op.loc, op, func))
    return out


def _is_library(op: Apply) -> bool:
    """Whether this is a library function, not an operator, whose result isn't known because an argument isn't."""
    named = isinstance(op.fn, Def) and not op.fn.name.startswith(".") and "." in op.fn.name
    return named and any(_is_any(a.type) for a in op.args) and any(_is_any(r.type) for r in op.results)


def _is_opaque(op: Apply) -> bool:
    known = isinstance(op.fn, Def) or (isinstance(op.fn, FuncRef) and isinstance(op.fn.target, Instance | Func))
    return not known and any(_is_any(r.type) for r in op.results)


def _type(arg: Operand) -> Type:
    return arg.type


def dispatched_calls(m: MethodInstance) -> tuple[int, int]:
    """How many calls of a typed instance, operators and methods among them, wait for the run to know what is called or what
    it returns, and how many calls there are."""
    func = m.typed
    calls = [op for op in walk(func.body) if isinstance(op, Apply) and _is_call(op)] if func is not None else []
    return sum(_is_dispatched(op, m) for op in calls), len(calls)


def _is_call(op: Apply) -> bool:
    return not isinstance(op.fn, Def) or op.fn.family != "structural"


def _is_dispatched(op: Apply, m: MethodInstance) -> bool:
    return op in m.open_calls or _is_opaque(op) or any(_is_any(a.type) for a in (*op.args, *(v for _, v in op.kwargs)))
