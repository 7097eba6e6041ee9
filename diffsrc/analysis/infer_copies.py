"""`copy.copy`, `copy.deepcopy`, `dataclasses.replace`, `setattr`: made of reads, stores and constructors."""

from __future__ import annotations

import builtins
import copy
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..defs import dicts, lists
from ..defs.dims import dims_of
from ..defs.table import lookup
from ..errors import DiffTypeError
from ..ir.ops import Apply, Attr, Store
from ..ir.types import AnyType, Array, Dict, List, Lit, Maybe, Struct, Table, Tuple, strip
from ..ir.values import Literal, Value
from ..source import Loc
from . import infer_dicts
from .infer_builtins import BUILTINS
from .infer_lists import copied
from .infer_objects import construct, replaced, with_fields
from .items import Item, Record, names_of
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
Rule = Callable[[Typer, Apply, Parts, Kwargs], bool]


def _copy(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    if len(args) != 1 or kwargs or not op.results:
        return False
    return _copied(typer, args[0], op.results[0], op.loc, lambda item, name: item)


def _deepcopy(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    return len(args) == 1 and not kwargs and bool(op.results) and deep_copy(typer, args[0], op.results[0], op.loc)


def deep_copy(typer: Typer, item: Item, result: Value, loc: Loc) -> bool:
    """`copy.deepcopy(item)`; False where its type isn't known."""
    t = strip(typer.type_of(item))
    if isinstance(t, List):
        _call(typer, dicts.deep if isinstance(t, Table) else lists.deep, (item,), result, loc)
        return True

    def part(item: Item, name: str) -> Item:
        made = typer.stable(result, name)
        if not deep_copy(typer, item, made, loc):
            raise refuse(f"a deep copy of {typer.plain_type(item)}", loc)
        return typer.env[made]

    return _copied(typer, item, result, loc, part)


def _copied(typer: Typer, item: Item, result: Value, loc: Loc, part: Callable[[Item, str], Item]) -> bool:
    """A copy of a value whose parts are given by `part`; what can't be written is its own copy."""
    known = typer.type_of(item)
    t = strip(known)
    if isinstance(known, Maybe):
        raise refuse("a copy of what may be None", loc, "ask whether it is None first")
    if isinstance(t, AnyType):
        return False
    if isinstance(t, Array) and dims_of(t):
        row = lookup(np.copy)
        assert row is not None
        typer.emit_apply(row, (typer.operand(item),), {}, t, result, loc)
    elif isinstance(t, Dict):
        if t.open:
            infer_dicts.made_table(typer, item, t, loc)
        infer_dicts.made_of(
            typer, {k: part(infer_dicts.read(typer, item, k, v, loc), repr(k)) for k, v in t.items}, result, loc
        )
    elif isinstance(t, Table):
        infer_dicts.copied(typer, item, t, result, loc)
    elif isinstance(t, List):
        if not copied(typer, result, (item,), loc):
            row = lookup(builtins.list)
            assert row is not None
            typer.emit_apply(row, (typer.operand(item),), {}, t, result, loc)
    elif isinstance(t, Struct) and not t.frozen:
        fields = {n: part(typer.emit_load(typer.operand(item), Attr(n), f, loc), n) for n, f in t.fields}
        with_fields(typer, Literal(t.cls, t.cls.__name__, loc), fields, result, loc)
    elif isinstance(t, (Tuple, Struct)):
        parts = typer.parts(item, t, loc)
        typer.env[result] = Record(t, tuple(part(p, str(i)) for i, p in enumerate(parts)))
    else:
        typer.env[result] = item
    return True


def _call(typer: Typer, function: Callable[..., Any], args: Parts, result: Value, loc: Loc) -> None:
    from .infer_calls import call_function

    call_function(typer, function, args, {}, (result,), loc, function.__name__)


def _replace(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`dataclasses.replace(p, x=...)`: the class is called with the fields, `__post_init__` runs again."""
    t = strip(typer.type_of(args[0])) if len(args) == 1 else None
    if not isinstance(t, Struct) or not op.results:
        return False
    known: dict[str, Any] = t.cls.__dataclass_fields__  # type: ignore[attr-defined]
    if t.frozen and not hasattr(t.cls, "__post_init__") and all(f.init for f in known.values()):
        typer.env[op.results[0]] = replaced(typer, args[0], t, kwargs, op.loc)
        return True
    if any(k in known and not known[k].init for k in kwargs):
        raise DiffTypeError("replace() of a field that isn't an argument of the class", loc=op.loc)
    parts = dict(zip(names_of(t), typer.parts(args[0], t, op.loc))) if t.frozen else {}
    given = {
        n: parts[n] if t.frozen else typer.emit_load(typer.operand(args[0]), Attr(n), f, op.loc)
        for n, f in t.fields
        if n in known and known[n].init and n not in kwargs
    }
    return construct(typer, t.cls, (), {**given, **kwargs}, op.results, op.loc)


def _setattr(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`setattr(obj, "name", v)`, `object.__setattr__(self, "name", v)` with a constant name."""
    from .infer_places import check_name, store

    name = typer.type_of(args[1]) if len(args) == 3 and not kwargs else None
    if not isinstance(name, Lit) or not isinstance(name.value, str) or not op.args:
        raise refuse("setattr() with a name that isn't known", op.loc, "store the attribute by its name")
    check_name(name.value, op.loc)
    store(typer, Store(op.args[0], Attr(name.value), op.args[2], False, op.loc))
    for r in op.results:
        typer.env[r] = Literal(None)
    return True


RULES: dict[Any, Rule] = {
    copy.copy: _copy, copy.deepcopy: _deepcopy, dataclasses.replace: _replace, builtins.setattr: _setattr,
    object.__setattr__: _setattr, builtins.getattr: BUILTINS[builtins.getattr],
}  # fmt: skip
