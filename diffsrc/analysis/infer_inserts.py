"""Statements that the user put into the reverse sweep: `insert_grad_of(x, at_dx)`, as the front end writes the `with`."""

from __future__ import annotations

from ..defs.structural import INSERT
from ..errors import DiffTypeError
from ..ir.ops import Apply, Func, FuncRef, Method, Store
from ..ir.types import ANY, Array, Dict, List, Scalar, carries_derivative, strip
from ..ir.values import Literal, Value
from ..ir.walk import walk
from ..source import Loc
from .derived_calls import kinds_of
from .transforms import known_function
from .typer import Parts, Typer, refuse


def insert(typer: Typer, args: Parts, result: Value, loc: Loc) -> None:
    """The function is typed for the cotangent of `x`, and stays with the op."""
    found = known_function(typer, args[1], loc) if len(args) == 2 else None
    if found is None:
        raise refuse("insert_grad_of as a function", loc, "with ds.insert_grad_of(x) as dx: ...")
    x = args[0]
    t = strip(typer.type_of(x))
    if not carries_derivative(t):
        typer.env[result] = x
        return
    if not isinstance(t, (Scalar, Array)):
        raise refuse(f"insert_grad_of a value of type {t}", loc, "name a number or an array in it")
    target, held = found
    assert isinstance(target, Func)
    kinds = list(kinds_of(typer, (*held, x)))
    for i, p in enumerate(target.params[: len(held)]):
        if isinstance(strip(kinds[i]), (List, Dict)) and _is_changed(target, p):
            kinds[i] = ANY
    instance = typer.ctx.instance(target, tuple(kinds))
    given = strip(instance.result_type)
    same = isinstance(given, Scalar) if isinstance(t, Scalar) else isinstance(given, Array) and given.ndim == t.ndim
    if not same or not carries_derivative(given):
        raise DiffTypeError(f"a cotangent of type {given} for a value of type {t}", loc=loc)
    captures = tuple(o for h, k in zip(held, kinds) for o in ((typer.operand(h),) if k is ANY else typer.passed(h)))
    ref = Literal(FuncRef(instance.name, instance))
    typer.emit_apply(INSERT, (typer.operand(x), ref, *captures), {}, typer.type_of(x), result, loc)


def _is_changed(func: Func, p: Value) -> bool:
    """Whether a container is changed: it takes what the user wants to see, of whatever type."""
    return any(
        (isinstance(op, Store) and op.dst is p) or (isinstance(op, Apply) and isinstance(op.fn, Method) and op.args[0] is p)
        for op in walk(func.body)
    )
