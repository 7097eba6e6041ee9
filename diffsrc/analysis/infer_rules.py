"""Calls of functions that a rule of the user's differentiates.

The function itself is looked into: for the type of its result and for what it writes. So it isn't run while a program is
compiled, its arguments may be anything, and a rule that is silent about what its function writes is refused. What the rule
declares as overwritten becomes the result of a function without effects, put in its place::

    scale(y, k)                %t = scale.overwriting(%y, %k)
                               store %y[...] = %t
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import FunctionType

from ..defs.overwriting import Overwriting, overwriting
from ..defs.table import Def, lookup
from ..errors import DiffsrcError, DiffTypeError, UnsupportedError
from ..ir.ops import WHOLE, Apply, Func, FuncRef, Store
from ..ir.types import AnyType, Array, NoneType, Tuple, Type, strip
from ..ir.values import Literal, Value
from ..ir.walk import walk
from ..source import Loc
from .alias import Summary
from .items import Item
from .summaries import Summaries
from .typer import Parts, Typer


def call_ruled(typer: Typer, op: Apply, d: Def, args: Parts, kwargs: Mapping[str, Item]) -> bool:
    """Type a call of a function with a rule; False where it has no source, so that its type is found by trial."""
    fn = d.fn.fn if isinstance(d.fn, Overwriting) else d.fn
    if not isinstance(fn, FunctionType) or _is_variadic(fn):
        return _declared(d, op.loc)
    from .infer_calls import bind

    items = bind(typer, fn, args, kwargs, op.loc)
    found = _looked_into(typer, fn, items)
    if found is None and d.overwritten:
        _overwrite(typer, op, d, items, None)
        return True
    if found is None:
        return False
    t, summary, _ = found
    if isinstance(d.fn, Overwriting):
        typer.env[op.results[0]] = _pure(typer, op, d, d.fn.positions, items, t, op.results[0].name)
        return True
    names = list(inspect.signature(fn).parameters)
    silent = [names[i] for i in sorted(summary.writes) if i not in d.overwritten and i < len(names)]
    if silent:
        raise UnsupportedError(
            f"`{d.name}` writes its argument `{silent[0]}`, and its rule doesn't say so", loc=op.loc,
            hint=f"declare it: ds.rule({d.name}, overwritten=({silent[0]!r},))",
        )  # fmt: skip
    if d.family != "general":
        return False
    if isinstance(strip(t), NoneType) and not d.overwritten:
        raise UnsupportedError(
            f"`{d.name}` returns nothing, and its rule doesn't say what it writes", loc=op.loc,
            hint=f"declare it: ds.rule({d.name}, overwritten=(name,))",
        )  # fmt: skip
    if not d.overwritten and _calls_the_unknown(found[2]):
        return False
    if d.overwritten:
        _overwrite(typer, op, d, items, t)
        return True
    d.returned |= summary.returns
    operands = tuple(typer.constant(typer.displayed(a, op.loc)) for a in items)
    made = tuple(typer.define(r, t) for r in op.results)
    typer.emit(Apply(d, operands, (), made, op.loc, op.method))
    return True


def _is_variadic(fn: FunctionType) -> bool:
    kinds = {p.kind for p in inspect.signature(fn, follow_wrapped=False).parameters.values()}
    return bool(kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD, inspect.Parameter.KEYWORD_ONLY})


def _declared(d: Def, loc: Loc) -> bool:
    """False: the call is typed by trial, which needs a function without effects."""
    if d.overwritten:
        raise UnsupportedError(
            f"`{d.name}`, whose rule declares what it overwrites, has no parameters with places of their own", loc=loc,
            hint="write a Python function with positional parameters that calls it",
        )  # fmt: skip
    return False


def _looked_into(typer: Typer, fn: FunctionType, items: Parts) -> tuple[Type, Summary, Func] | None:
    """The type of a function's result, and what it does to memory; None where it can't be looked into."""
    from ..defs.dims import map_dims, renaming
    from .infer_calls import _argument_type, canonical

    kinds, names = canonical([_argument_type(typer, a) for a in items])
    try:
        instance = typer.ctx.instance(fn, kinds)
        func = getattr(instance, "func", None)
    except DiffsrcError:  # also where it is being looked into: a recursion
        return None
    if func is None or isinstance(strip(instance.result_type), AnyType):
        return None
    t = map_dims(instance.result_type, renaming({new: old for old, new in names.items()}))
    return t, Summaries()(FuncRef(fn.__name__, instance)), func


def _calls_the_unknown(func: Func) -> bool:
    """Whether a function calls something that can't be looked into, which may write what it is given."""
    waiting, seen = [func], set[int]()
    while waiting:
        func = waiting.pop()
        if id(func) in seen:
            continue
        seen.add(id(func))
        for op in walk(func.body):
            if isinstance(op, Apply) and not isinstance(op.fn, Def):
                inner = getattr(getattr(op.fn, "target", None), "func", None)
                if not isinstance(inner, Func):
                    return True
                waiting.append(inner)
    return False


def _overwrite(typer: Typer, op: Apply, d: Def, items: Parts, t: Type | None) -> None:
    row = lookup(overwriting(d.fn, d.overwritten))
    assert row is not None
    made = _pure(typer, op, row, d.overwritten, items, t, None)
    given = list(typer.parts(made, strip(made.type), op.loc)) if isinstance(strip(made.type), Tuple) else [made]
    silent = len(given) == len(d.overwritten)
    for result in op.results:
        typer.env[result] = Literal(None) if silent else given[0]
    for i, new in zip(d.overwritten, given[-len(d.overwritten) :]):
        typer.emit(Store(typer.operand(items[i]), WHOLE, typer.operand(new), False, op.loc))


def _pure(typer: Typer, op: Apply, row: Def, at: tuple[int, ...], items: Parts, t: Type | None, name: str | None) -> Value:
    """A call of the function without effects; `t`: the type of what the function returns, unless that is found by trial."""
    kinds = [strip(typer.type_of(items[i])) for i in at]
    other = next((k for k in kinds if not isinstance(k, Array)), None)
    if other is not None:
        raise DiffTypeError(
            f"`{row.name}` overwrites a value of type {other}", loc=op.loc, hint="overwritten arguments are arrays"
        )
    if t is not None and isinstance(strip(t), Tuple):
        raise DiffTypeError(
            f"`{row.name}` overwrites arguments and returns several values", loc=op.loc, hint="return one value, or none"
        )
    parts = tuple(kinds) if t is None or isinstance(strip(t), NoneType) else (t, *kinds)
    whole = parts[0] if len(parts) == 1 else Tuple(parts)
    made = typer.value(typer.row(row, items, {}, op.loc) if t is None else whole, name, op.loc)
    operands = tuple(typer.constant(typer.displayed(a, op.loc)) for a in items)
    typer.emit(Apply(row, operands, (), (made,), op.loc))
    return made
