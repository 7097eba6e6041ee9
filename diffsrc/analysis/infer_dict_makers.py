"""Ways to make dicts besides displays: `a | b`, `dict(..)`, `defaultdict(..)`, `Counter(..)`."""

from __future__ import annotations

import builtins
import collections
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..defs import dicts
from ..defs.structural import DICT
from ..ir.ops import Apply, Load, Store
from ..ir.types import BOTTOM, INT, Dict, FuncType, List, Lit, StrType, Table, Tuple, strip
from ..ir.values import Pack
from .infer_dicts import call, copied, has_key, key_of, made_of, made_table, read
from .infer_sets import make_set
from .items import Item, Record
from .typer import Parts, Typer

Kwargs = Mapping[str, Item]


def merged_dicts(typer: Typer, op: Apply, a: Item, b: Item) -> bool:
    """`a | b`, `{**a, **b}`."""
    result, loc = op.results[0], op.loc
    s, t = strip(typer.type_of(a)), strip(typer.type_of(b))
    if not isinstance(s, (Dict, Table)) or not isinstance(t, (Dict, Table)):
        return False
    if isinstance(s, Dict) and isinstance(t, Dict) and not s.open and not t.open:
        found = {k: read(typer, a, k, v, loc) for k, v in s.items} | {k: read(typer, b, k, v, loc) for k, v in t.items}
        made_of(typer, found, result, loc)
        return True
    for item, kind in ((a, s), (b, t)):
        if isinstance(kind, Dict):
            made_table(typer, item, BOTTOM, loc)
    assert isinstance(s, Table)
    new = typer.emit_apply(DICT, (), {}, Table(s.item, s.key), result, loc)
    call(typer, dicts.update, (new, a), (), loc)
    call(typer, dicts.update, (new, b), (), loc)
    return True


def dict_call(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`dict()`, `dict(d)`, `dict(a=x)`, `dict(pairs)`, `dict(zip(keys, values))`, and pairs or a dict with `a=x` behind."""
    if not op.results or len(args) > 1:
        return False
    if args and kwargs:
        first, more = (typer.stable(op.results[0], name) for name in ("given", "more"))
        if not dict_call(typer, replace(op, results=(first,)), args, {}):
            return False
        made_of(typer, dict(kwargs), more, op.loc)
        return merged_dicts(typer, op, typer.env[first], typer.env[more])
    result = op.results[0]
    t = strip(typer.type_of(args[0])) if args else None
    if t is None:
        made_of(typer, dict(kwargs), result, op.loc)
        return True
    if isinstance(t, (Dict, Table)):
        copied(typer, args[0], t, result, op.loc)
        return True
    if not isinstance(t, (List, Tuple)):
        return False
    pairs: Parts = args[0].items if isinstance(args[0], (Pack, Record)) else ()
    typed = [(p, strip(typer.type_of(p))) for p in pairs]
    keys = [key_of(typer, typer.parts(p, t)[0]) for p, t in typed if isinstance(t, Tuple)]
    if pairs and len(keys) == len(pairs) and all(keys):
        values = [typer.parts(p, t)[1] for p, t in typed]
        made_of(typer, {k.value: v for k, v in zip(keys, values) if k is not None}, result, op.loc)
        return True
    new = typer.emit_apply(DICT, (), {}, Dict(()), result, op.loc)
    call(typer, dicts.fill_by_pairs, (new, args[0]), (), op.loc)
    return True


def counted(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`Counter(xs)` of what carries no derivative: it is made as it is. An empty one is a dict that is read as 0 where it
    lacks a key."""
    if not op.results or kwargs or len(args) > 1:
        return False
    if not args:
        typer.emit_apply(DICT, (), {}, Table(BOTTOM, BOTTOM, collections.Counter), op.results[0], op.loc)
        return True
    t = strip(typer.type_of(args[0]))
    key = t if isinstance(t, StrType) else t.item if isinstance(t, List) and not isinstance(t, Table) else None
    if key is None:
        return False
    kind = Table(INT, key, collections.Counter.__missing__)
    typer.emit_apply(op.fn, (typer.operand(args[0]),), {}, kind, op.results[0], op.loc)
    return True


def factory_call(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`defaultdict(factory)`: a table, whose missing keys are filled when they are read."""
    if not op.results or len(args) != 1 or kwargs:
        return False
    t = typer.type_of(args[0])
    made = t.target if isinstance(t, FuncType) and not t.captures else t.value if isinstance(t, Lit) else None
    if not callable(made):
        return False
    typer.emit_apply(DICT, (), {}, Table(BOTTOM, BOTTOM, made), op.results[0], op.loc)
    return True


def fill_missing(typer: Typer, src: Item, t: Table, key: Item, op: Load) -> None:
    """Reading a missing key of a `defaultdict` puts what its factory makes there."""
    from .infer_calls import call_function
    from .infer_places import store
    from .infer_regions import join_arms

    if t.factory is collections.Counter.__missing__:
        return
    assert t.factory is not None
    made = typer.stable(op.result, "default")
    cond = has_key(typer, src, key, op.loc)
    with typer.builder.block() as there:
        pass
    with typer.builder.block() as missing:
        call_function(typer, t.factory, (), {}, (made,), op.loc, getattr(t.factory, "__name__", "factory"))
        store(typer, Store(op.src, op.place, made, False, op.loc))
    join_arms(typer, cond, [(there, ()), (missing, ())], (), op.loc)


CONSTRUCTORS: dict[Any, Callable[[Typer, Apply, Parts, Kwargs], bool]] = {
    builtins.dict: dict_call, collections.OrderedDict: dict_call, collections.defaultdict: factory_call,
    collections.Counter: counted, builtins.set: make_set, builtins.frozenset: make_set,
}  # fmt: skip
