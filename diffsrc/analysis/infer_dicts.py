"""Dicts: those with known keys, each with a type of its own, and tables, whose keys are known at run time only.

A dict is one with known keys as long as nothing asks which keys it has where that isn't certain: it is *open* if it gets
keys that it wasn't made with, or loses any. An open dict whose keys are asked for, and a dict that is read or written at a
key not known when the program is compiled, is a table; all its values are of one type.
"""

from __future__ import annotations

import builtins
import collections
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..defs import dicts
from ..defs.dims import plain
from ..defs.structural import DICT, DICT_POP
from ..defs.table import lookup
from ..ir.ops import Apply, Index, Load, Store
from ..ir.types import (
    ANY,
    BOOL,
    BOTTOM,
    AnyType,
    Bottom,
    Dict,
    List,
    Lit,
    NoneType,
    Table,
    Tuple,
    Type,
    holds_unknown,
    strip,
    unlit,
)
from ..ir.values import Literal, Pack, Value
from ..source import Loc
from .choices import Arms
from .containers import as_table, merged, only_items_read
from .growth import READ_BY_KEY, Again, grow, hold, widen
from .items import Item, Record, fold_merge
from .spread import keep_constants
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
DictMethod = Callable[[Typer, Apply, Any, Parts, Kwargs], None]


def key_of(typer: Typer, key: Item) -> Lit | None:
    """A key that is known when the program is compiled."""
    return constant_key(typer.type_of(key))


def constant_key(t: Type) -> Lit | None:
    if isinstance(t, NoneType):
        return Lit(None, ANY)
    if isinstance(t, Tuple) and t.cls is None:
        parts = [constant_key(i) for i in t.items]
        return Lit(tuple(p.value for p in parts if p), ANY) if all(parts) else None
    return t if isinstance(t, Lit) else None


def made_table(typer: Typer, item: Item, key: Type, loc: Loc) -> None:
    """Let a dict be a table from the next walk on.

    Raises:
        Again: it will.
        UnsupportedError: its values are of different types.
    """
    t = strip(typer.plain_type(item))
    table = as_table(t) if isinstance(t, Dict) else t
    if not isinstance(table, Table) or (isinstance(table.item, AnyType) and holds_unknown(table.item)):
        if not typer.spelled:
            typer.spelled = True
            raise Again
        raise refuse(f"a key not known at compile time, or a change of keys, in {t}", loc, "give its values one type")
    widen(typer, item, Table(table.item, unlit(plain(key))), loc, READ_BY_KEY)
    raise Again


def call_dict_method(typer: Typer, op: Apply, name: str, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    method = METHODS.get(name)
    if method is None or (kwargs and name != "update" and set(kwargs) != _TAKES.get(name)):
        raise refuse(f"the method .{name}() of {t}", op.loc)
    method(typer, op, t, args, kwargs)


def known_keys(typer: Typer, op: Apply, t: Dict | Table, item: Item) -> bool:
    """Whether the keys are those of the type; an open dict becomes a table."""
    if isinstance(t, Table):
        return False
    if not t.open:
        return True
    made_table(typer, item, BOTTOM, op.loc)
    return False


# -- methods


def _keys(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    if known_keys(typer, op, t, args[0]):
        assert isinstance(t, Dict)
        _views(typer, op, tuple(Literal(k) for k, _ in t.items))
    else:
        typer.env[op.results[0]] = listed_keys(typer, args[0], t, op.loc, op.results[0])


def listed_keys(typer: Typer, item: Item, t: Type, loc: Loc, old: Value | None = None) -> Value:
    """`list(d)` of a table."""
    assert isinstance(t, Table)
    row = lookup(builtins.list)
    assert row is not None
    return typer.emit_apply(row, (typer.operand(item),), {}, List(t.key), old, loc)


def _values(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    if known_keys(typer, op, t, args[0]):
        assert isinstance(t, Dict)
        _views(typer, op, tuple(read(typer, args[0], k, v, op.loc) for k, v in t.items))
    else:
        call(typer, dicts.values, args, op.results, op.loc)


def _items(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    if known_keys(typer, op, t, args[0]):
        assert isinstance(t, Dict)
        pairs = ((Literal(k), read(typer, args[0], k, v, op.loc)) for k, v in t.items)
        _views(typer, op, tuple(Record(Tuple((BOTTOM, BOTTOM)), pair) for pair in pairs))
    else:
        call(typer, dicts.items, args, op.results, op.loc)


def read(typer: Typer, d: Item, key: object, t: Type, loc: Loc) -> Value:
    place = Index((Literal(key),))
    result = typer.emit_load(typer.operand(d), place, t, loc)
    typer.note_view(result, typer.operand(d), place)
    return result


def _views(typer: Typer, op: Apply, items: Parts) -> None:
    typer.env[op.results[0]] = Record(Tuple((BOTTOM,) * len(items)), items)


def call(typer: Typer, function: Callable[..., Any], args: Parts, results: tuple[Value, ...], loc: Loc) -> None:
    from .infer_calls import call_function

    call_function(typer, function, args, {}, results, loc, function.__name__)


def _get(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    """`d.get(key, default)`: known by the keys, or asked at run time."""
    default: Item = args[2] if len(args) > 2 else Literal(None)
    key = key_of(typer, args[1])
    if isinstance(t, Dict) and key is not None and not t.open:
        known = dict(t.items)
        typer.env[op.results[0]] = (
            read(typer, args[0], key.value, known[key.value], op.loc) if key.value in known else default
        )
        return
    _tabled(typer, op, t, args)
    _chosen(typer, op, args, default)


def _tabled(typer: Typer, op: Apply, t: Dict | Table, args: Parts) -> Table:
    if isinstance(t, Table) or isinstance(args[0], Literal):  # what a constant holds doesn't change
        return as_table(t)
    made_table(typer, args[0], typer.plain_type(args[1]) if len(args) > 1 else BOTTOM, op.loc)
    return as_table(t)


def _chosen(typer: Typer, op: Apply, args: Parts, default: Item) -> None:
    """The value at a key if it is there, else another."""
    from .infer_index import load_index
    from .infer_regions import join_arms

    result, place = op.results[0], Index((op.args[1],))
    cond = has_key(typer, args[0], args[1], op.loc)
    arms: Arms = []
    with typer.builder.block() as ops:
        load_index(typer, args[0], [args[1]], Load(op.args[0], place, result, op.loc))
        arms.append((ops, (typer.env[result],)))
    with typer.builder.block() as ops:
        arms.append((ops, (default,)))
    join_arms(typer, cond, arms, (result,), op.loc)


def has_key(typer: Typer, d: Item, key: Item, loc: Loc) -> Value:
    import operator

    row = lookup(operator.contains)
    assert row is not None
    return typer.emit_apply(row, (typer.operand(d), typer.operand(key)), {}, BOOL, None, loc)


def _setdefault(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    from .infer_index import load_index
    from .infer_places import store

    default: Item = args[2] if len(args) > 2 else Literal(None)
    table = t if isinstance(t, Table) else as_table(t)
    held = unlit(typer.plain_type(default))
    grow(typer, op.args[0], t.item if isinstance(t, Table) else None, held,
         Table(held, unlit(typer.plain_type(args[1]))), op.loc)  # fmt: skip
    if isinstance(t, Dict) or isinstance(table.item, Bottom):
        made_table(typer, args[0], typer.plain_type(args[1]), op.loc)
    place, old = Index((op.args[1],)), typer.stable(op.results[0], "default")
    cond = has_key(typer, args[0], args[1], op.loc)
    with typer.builder.block() as there:
        pass
    with typer.builder.block() as missing:
        typer.env[old] = default
        store(typer, Store(op.args[0], place, old, False, op.loc))
    from .infer_regions import join_arms

    join_arms(typer, cond, [(there, ()), (missing, ())], (), op.loc)
    load_index(typer, args[0], [args[1]], Load(op.args[0], place, op.results[0], op.loc))


def _pop(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    typer.containers.open(op.args[0])
    table = _tabled(typer, op, t, args)
    if len(args) == 2:
        made = tuple(typer.define(r, table.item) for r in op.results)
        typer.emit(Apply(DICT_POP, tuple(map(typer.operand, args)), (), made, op.loc))
        return
    from .infer_regions import join_arms

    cond = has_key(typer, args[0], args[1], op.loc)
    arms: Arms = []
    with typer.builder.block() as ops:
        made = tuple(typer.define(r, table.item) for r in op.results)
        typer.emit(Apply(DICT_POP, tuple(map(typer.operand, args[:2])), (), made, op.loc))
        arms.append((ops, made))
    with typer.builder.block() as ops:
        arms.append((ops, (args[2],) * len(made)))
    join_arms(typer, cond, arms, op.results, op.loc)


def _popitem(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    typer.containers.open(op.args[0])
    table = _tabled(typer, op, t, args)
    keys = listed_keys(typer, args[0], table, op.loc)
    end = kwargs.get("last", args[1] if len(args) > 1 else Literal(True))
    if not isinstance(end, Literal):
        raise refuse("popitem() with an argument not known at compile time", op.loc)
    last = typer.emit_load(keys, Index((Literal(-1 if end.value else 0),)), table.key, op.loc)
    made = typer.value(table.item, None, op.loc)
    typer.emit(Apply(DICT_POP, (typer.operand(args[0]), last), (), (made,), op.loc))
    for r in op.results:
        typer.env[r] = Record(Tuple((BOTTOM, BOTTOM)), (last, made))


def _move_to_end(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    typer.containers.open(op.args[0])
    _tabled(typer, op, t, args)
    call(typer, dicts.move_to_end, args, (), op.loc)
    for result in op.results:
        typer.env[result] = Literal(None)


def _update(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    """`d.update(e, key=value)`: one store per key where those of `e` are known."""
    from .infer_places import store

    if isinstance(t, Table) and t.factory in (collections.Counter, collections.Counter.__missing__):
        _count(typer, op, args, kwargs)
        return
    for at, arg in enumerate(args[1:], 1):
        given = strip(typer.type_of(arg))
        if not isinstance(given, (Dict, Table)) or at >= len(op.args):
            raise refuse("update() with other than a dict", op.loc)
        if isinstance(given, Table) or given.open:
            _tabled(typer, op, t, args[:1])
            call(typer, dicts.update, (args[0], arg), (), op.loc)
            continue
        for key, kind in given.items:
            v = typer.stable(op.results[0], f"value {key!r}")
            typer.env[v] = read(typer, arg, key, kind, op.loc)
            store(typer, Store(op.args[0], Index((Literal(key),)), v, False, op.loc))
    for name, item in kwargs.items():
        v = typer.stable(op.results[0], f"value {name!r}")
        typer.env[v] = item
        store(typer, Store(op.args[0], Index((Literal(name),)), v, False, op.loc))
    for result in op.results:
        typer.env[result] = Literal(None)


def _count(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> None:
    """`update()` of a Counter adds."""
    if len(args) != 2 or kwargs:
        raise refuse("update() of a Counter with keywords", op.loc, "add the counts in a loop")
    given = strip(typer.type_of(args[1]))
    call(typer, dicts.add_counts if isinstance(given, (Dict, Table)) else dicts.add_all, args, (), op.loc)
    for result in op.results:
        typer.env[result] = Literal(None)


def _most_common(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    if not isinstance(t, Table) or t.factory not in (collections.Counter, collections.Counter.__missing__):
        raise refuse(f"the method .most_common() of {t}", op.loc)
    call(typer, dicts.most_common, args, op.results, op.loc)


def _clear(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    typer.containers.open(op.args[0])
    _tabled(typer, op, t, args)
    call(typer, dicts.clear, args, (), op.loc)
    for result in op.results:
        typer.env[result] = Literal(None)


def _copy(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    copied(typer, args[0], t, op.results[0], op.loc)


def copied(typer: Typer, item: Item, t: Dict | Table, result: Value, loc: Loc) -> None:
    """A new dict with the same keys and values."""
    if isinstance(t, Dict) and not t.open:
        made_of(typer, {k: read(typer, item, k, v, loc) for k, v in t.items}, result, loc)
        return
    if isinstance(t, Dict):
        made_table(typer, item, BOTTOM, loc)
    assert isinstance(t, Table)
    new = typer.emit_apply(DICT, (), {}, Table(t.item, t.key), result, loc)
    call(typer, dicts.update, (new, item), (), loc)


def made_of(typer: Typer, given: Mapping[Any, Item], result: Value, loc: Loc) -> None:
    """A dict display with these keys."""
    known = {k: plain(unlit(typer.plain_type(v))) for k, v in given.items()}
    operands = tuple(Pack((Literal(k), typer.operand(v))) for k, v in given.items())
    made = _display(typer, operands, Dict(tuple(known.items())), dict(given), result, loc)
    if only_items_read(typer.func, result):
        keep_constants(typer, made, given)


def table_of(typer: Typer, pairs: Sequence[Parts], result: Value, loc: Loc) -> None:
    """A dict display with keys that aren't known."""
    item, key = (fold_merge([BOTTOM, *(plain(unlit(typer.plain_type(p[i]))) for p in pairs)]) for i in (1, 0))
    operands = tuple(Pack((typer.operand(k), typer.operand(v))) for k, v in pairs)
    _display(typer, operands, Table(item, key), dict(enumerate(v for _, v in pairs)), result, loc)


def _display(
    typer: Typer, operands: tuple[Pack, ...], t: Dict | Table, held: Mapping[Any, Item], result: Value, loc: Loc
) -> Value:
    value = typer.emit_apply(DICT, operands, {}, t, result, loc)
    made = value.type
    if isinstance(t, Dict) and isinstance(made, Dict) and len(made.items) > len(t.items) and result not in typer.fills.now:
        typer.containers.open(result)
    for key, item in held.items():
        slot = dict(made.items).get(key) if isinstance(made, Dict) else made.item if isinstance(made, Table) else None
        hold(typer, item, slot, loc)
    return value


def _rest(typer: Typer, op: Apply, t: Dict | Table, args: Parts, kwargs: Kwargs) -> None:
    """`case {"a": a, **rest}`: a new dict without these keys."""
    keys = [key_of(typer, k) for k in args[1:]]
    if not isinstance(t, Dict) or t.open or not all(keys):
        raise refuse("`**rest` of a dict whose keys aren't known", op.loc, "read the keys by name")
    taken = [k.value for k in keys if k is not None]
    left = {k: read(typer, args[0], k, v, op.loc) for k, v in t.items if k not in taken}
    made_of(typer, left, op.results[0], op.loc)


METHODS: dict[str, DictMethod] = {
    "<rest>": _rest,
    "keys": _keys, "values": _values, "items": _items, "get": _get, "setdefault": _setdefault, "pop": _pop,
    "popitem": _popitem, "move_to_end": _move_to_end, "update": _update, "clear": _clear, "copy": _copy,
    "most_common": _most_common,
}  # fmt: skip


#: the keywords that methods take
_TAKES = {"popitem": {"last"}}


def one_dict(typer: Typer, joined: Value, items: Parts) -> None:
    """Dicts with different keys that meet: a table, if their values are of one type."""
    kinds = [strip(typer.type_of(i)) for i in items]
    if not all(isinstance(k, (Dict, Table)) for k in kinds) or not any(isinstance(k, Dict) for k in kinds):
        return
    if len({tuple(k for k, _ in t.items) if isinstance(t, Dict) else None for t in kinds}) == 1:
        return
    table = as_table(kinds[0])
    for kind in kinds[1:]:
        met = merged(table, as_table(kind))
        if not isinstance(met, Table):
            return
        table = met
    if isinstance(table.item, AnyType) or not typer.containers.local(joined):
        return
    typer.containers.put(joined, table)
    raise Again
