"""Functions of the user whose body stands in place of their call: `__init__`, and what it calls with `self`.

The instance isn't there yet: what stands for it is `Unfinished`, the fields stored so far. When it is used for anything
but to store and read fields, `EscapesError` tells that the body can't stand here.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

from ..errors import UnsupportedError
from ..ir.ops import Block, Func, Return
from ..ir.values import Value
from ..ir.walk import walk
from ..source import Loc
from .items import Item, Unfinished

if TYPE_CHECKING:
    from .typer import Parts, Typer

MAX_NESTING = 20


class EscapesError(UnsupportedError):
    """An instance is used before its `__init__` has ended."""

    of: Unfinished


def escapes(item: Unfinished, loc: Loc) -> EscapesError:
    error = EscapesError(
        f"the __init__ of {item.cls.__name__} uses self for more than to store and read fields", loc=loc,
        hint="make the instance outside of the function that is differentiated",
    )  # fmt: skip
    error.of = item
    return error


def fits(func: Func) -> bool:
    """Whether a body leaves at its end only."""
    last = func.body.terminator
    return not any(isinstance(op, Return) and op is not last for op in walk(func.body))


def inline(typer: Typer, fn: types.FunctionType, args: Parts, made: Unfinished, loc: Loc) -> Item | None:
    """The body of a function in place of its call, with one item per parameter; its result, None if it never returns.

    Raises:
        EscapesError: it returns early, or uses the unfinished instance.
    """
    from .infer_regions import run

    func = typer.ctx.lower(fn)
    if not fits(func) or len(typer.nesting) > MAX_NESTING:
        raise escapes(made, loc)
    typer.forget([func.body])
    for op in walk(func.body):
        typer.memo.pop(op, None)
    typer.containers.adopt(func)
    typer.fills.adopt(func)
    typer.env.update(zip(func.params, args))
    typer.nesting.append(made.cls)
    last = func.body.terminator
    done = run(typer, Block((), func.body.ops[:-1] if isinstance(last, Return) else func.body.ops))
    typer.nesting.pop()
    return typer.get(last.value) if isinstance(last, Return) and done is not None else None


def result_of(typer: Typer, item: Item | None, results: tuple[Value, ...]) -> None:
    for r in results:
        if item is not None:
            typer.env[r] = item
