"""Exceptions carry no derivative: what a handler may do with the exception that it catches."""

from __future__ import annotations

from ..analysis.outside import carries_number, is_inert
from ..defs.structural import FSTRING
from ..defs.table import Def
from ..errors import UnsupportedError
from ..ir.ops import Apply, Attr, Block, Func, Guard, Load, Op, Raise
from ..ir.values import Value
from ..ir.walk import used_values, walk

#: what is read of an exception and is no value of the program
_ABOUT = frozenset({"__class__", "__cause__", "__context__", "__traceback__", "__notes__"})


def check_exceptions(func: Func) -> None:
    """Refuse handlers that take a number or array out of an exception to which the program gave one.

    Raises:
        UnsupportedError: a handler does more with the exception than to show it or to raise it again.
    """
    for op in walk(func.body):
        if isinstance(op, Guard) and op.handlers and _takes_out(op) is not None and carries_number(op.body):
            user = _takes_out(op)
            raise UnsupportedError(
                "an exception carries a number or array, which is taken out of it by its handler",
                loc=(user or op).loc, code="DS332", hint="return the value, and test it with `if`",
            )  # fmt: skip


def _takes_out(op: Guard) -> Op | None:
    """The op by which a handler may take a value out of its exception."""
    return next((o for h in op.handlers for o in _users(h, h.params[0]) if not _only_shows(o)), None)


def _users(block: Block, error: Value) -> list[Op]:
    return [o for o in walk(block) if error in used_values(o)]


def _only_shows(op: Op) -> bool:
    match op:
        case Load(place=Attr(name)):
            return name in _ABOUT
        case Apply(fn=Def() as fn):
            return fn is FSTRING or fn.family == "zero"
        case Apply():
            return is_inert(op)
    return isinstance(op, Raise)
