"""Texts made of constants: `f"W{i}"`, `"W" + str(i)`, `"b%d" % i`, `name[0]` are keys of dicts where `i` is known."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..defs.structural import FSTRING
from ..defs.table import Def
from ..ir.ops import Apply, Load, Method, Op
from ..ir.types import Lit, StrType, Tuple, strip
from ..ir.values import Literal, Operand, Pack, Value
from .infer_slices import Key, SliceItem
from .items import Item
from .typer import Parts, Typer

_CONVERSIONS: dict[str, Callable[[object], str]] = {"": str, "r": repr, "s": str, "a": ascii}


def constant(typer: Typer, item: Item) -> object | None:
    """The text or whole number that an item is known to be; None where it isn't."""
    t = typer.type_of(item)
    return t.value if isinstance(t, Lit) and type(t.value) in (str, int) else None


def fstring(typer: Typer, op: Apply, args: Parts) -> bool:
    """An f-string of constants."""
    if not op.results:
        return False
    texts = [_part(typer, a) for a in args]
    if any(t is None for t in texts):
        return False
    typer.env[op.results[0]] = Literal("".join(t for t in texts if t is not None), None, op.loc)
    return True


def _part(typer: Typer, item: Item) -> str | None:
    t = strip(typer.type_of(item))
    if not isinstance(t, Tuple):
        found = constant(typer, item)
        return found if isinstance(found, str) else None
    value, conversion, spec = (constant(typer, i) for i in typer.parts(item, t))
    if value is None or not isinstance(spec, str):
        return None
    try:
        return format(_CONVERSIONS[str(conversion)](value) if conversion else value, spec)
    except ValueError:
        return None


def folded(fn: Callable[..., Any]) -> Callable[[Typer, Apply, Parts, Mapping[str, Item]], bool]:
    """What a function of constants gives, one of which is a text or becomes one."""

    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Mapping[str, Item]) -> bool:
        given = [constant(typer, a) for a in args]
        if kwargs or not op.results or not given or any(v is None for v in given):
            return False
        if fn is operator.mod and not isinstance(given[0], str):
            return False
        try:
            found = fn(*given)
        except (TypeError, ValueError):
            return False
        typer.env[op.results[0]] = Literal(found, None, op.loc)
        return True

    return rule


def of_text(typer: Typer, src: Item, keys: Sequence[Key], op: Load) -> bool:
    """`name[0]`, `name[1:]` of a constant."""
    text = constant(typer, src)
    if not isinstance(text, str) or len(keys) != 1:
        return False
    key = keys[0]
    from .infer_index import known_slice

    at: Any = known_slice(key.types) if isinstance(key, SliceItem) else constant(typer, key)
    if at is None or isinstance(at, str):
        return False
    try:
        typer.env[op.result] = Literal(text[at], None, op.loc)
    except IndexError:
        return False
    return True


def makes_text(op: Op, numbers: set[Operand]) -> bool:
    """Whether an op makes a text of one of these numbers."""
    if not isinstance(op, Apply) or not numbers.intersection(_inside(op.args)):
        return False
    if isinstance(op.fn, Method):
        return op.fn.name == "format"
    text = op.args[0]
    written = isinstance(text, Value | Literal) and isinstance(strip(text.type), StrType)
    return op.fn is FSTRING or (isinstance(op.fn, Def) and (op.fn.fn in (str, repr) or (op.fn.name == "mod" and written)))


def _inside(operands: Sequence[Operand]) -> set[Operand]:
    found: set[Operand] = set()
    for o in operands:
        found |= _inside(o.items) if isinstance(o, Pack) else {o}
    return found


RULES: dict[Any, Any] = {fn: folded(fn) for fn in (builtins.str, builtins.repr, operator.mod, builtins.chr)}
