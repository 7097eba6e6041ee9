"""Objects of other packages' classes, as `defs/objects.py` knows them: what makes them, and what is done with them.

Where it is typed such an object is a Record of its handle and its contents, of the form of a closure; a constant or an
argument is its handle alone, whose contents are read where they are needed and carry no derivative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from inspect import signature
from types import BuiltinMethodType
from typing import Any, TypeGuard

from ..defs.objects import (
    Constructor,
    ObjectClass,
    Shared,
    as_contents,
    asked_before,
    class_of,
    constructor_of,
    function_of,
    template,
)
from ..defs.table import Def, lookup
from ..errors import DiffTypeError
from ..ir.types import BOTTOM, NONE, Array, FuncType, List, Lit, Opaque, Scalar, Tuple, Type, carries_derivative, strip
from ..ir.values import Literal, Pack, Value
from ..runtime.helpers import holding
from ..source import Loc
from .infer_slices import Key, SliceItem
from .items import Item, Record
from .rows import settled, settled_if_active
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
#: objects that decide how a result is found, not what it is
_PRECONDITIONERS = frozenset({"M", "M1", "M2"})
Results = tuple[Value, ...]


def object_class(typer: Typer, item: Item) -> ObjectClass | None:
    """What is known of the class of an object; None for anything else."""
    t = typer.type_of(item)
    if isinstance(t, FuncType):
        return t.target if isinstance(t.target, ObjectClass) else class_of(type(t.target))
    base = strip(t)
    return class_of(base.cls) if isinstance(base, Opaque) else None


def taken_apart(typer: Typer, item: Item, of: ObjectClass, loc: Loc) -> Parts:
    """The handle and the contents of an object, and the handles that it keeps."""
    t = typer.type_of(item)
    if _is_object(t):
        return typer.parts(item, t, loc)
    row = lookup(of.contents)
    assert row is not None
    contents = typer.emit_apply(as_contents(row), (typer.operand(item),), {}, _held(typer, item, of, loc), None, loc)
    return (item, contents, *(Literal(None) for _ in range(of.keeps)))


def _held(typer: Typer, item: Item, of: ObjectClass, loc: Loc) -> Type:
    t = typer.type_of(item)
    value = t.value if isinstance(t, Lit) else t.target if isinstance(t, FuncType) else None
    held = t.held if isinstance(t, Opaque) else of.held(value)
    if held is None:
        raise refuse(f"an object of {of.name} whose contents aren't known", loc, "make it in this function")
    return held


def handles(typer: Typer, args: Parts, loc: Loc) -> Parts:
    """Arguments with objects, also in displays, as their handles."""
    return tuple(_handle(typer, a, loc) for a in args)


def _handle(typer: Typer, item: Item, loc: Loc) -> Item:
    if isinstance(item, Record) and isinstance(item.kind, Tuple):
        return Record(item.kind, handles(typer, item.items, loc))
    if isinstance(item, Pack):
        return Pack(tuple(typer.operand(_handle(typer, i, loc)) for i in item.items), item.kind)
    t = typer.type_of(item)
    return typer.parts(item, t, loc)[0] if _is_object(t) else item


def _is_object(t: Type) -> TypeGuard[FuncType]:
    """Whether a value is an object with contents, rather than a handle alone."""
    return isinstance(t, FuncType) and isinstance(t.target, ObjectClass)


def known_handles(typer: Typer, d: Def, args: Parts, loc: Loc) -> Parts:
    """The arguments of a row, with objects as their handles where it is one of the compiler's own.

    Raises:
        UnsupportedError: it isn't, and an object has a derivative.
    """
    given = next((a for a in args if not isinstance(a, Literal) and _is_object(typer.type_of(a))), None)
    of = None if given is None else object_class(typer, given)
    if of is None:
        return args
    if d.effect != "io" and d.family != "zero" and not getattr(d.fn, "__module__", "").startswith("diffsrc.runtime"):
        raise refuse(f"`{d.name}` of {of.name}", loc)
    return handles(typer, args, loc)


def _spread(typer: Typer, args: Parts, loc: Loc) -> Parts:
    """Arguments with handle and contents in the place of each object."""
    out: list[Item] = []
    for a in args:
        of = object_class(typer, a)
        inner = a.items if isinstance(a, Pack) or (isinstance(a, Record) and isinstance(a.kind, Tuple)) else ()
        if of is not None:
            out += taken_apart(typer, a, of, loc)
        elif any(object_class(typer, i) is not None for i in _leaves(inner)):
            out += _spread(typer, tuple(_leaves(inner)), loc)
        else:
            out.append(a)
    return tuple(out)


def _leaves(items: Iterable[Item]) -> Iterator[Item]:
    """The items of displays in displays."""
    for item in items:
        if isinstance(item, Pack) or (isinstance(item, Record) and isinstance(item.kind, Tuple)):
            yield from _leaves(item.items)
        else:
            yield item


def call_for_object(typer: Typer, target: Any, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> bool:
    """A call of a function that makes an object or takes some, or of an object; False for any other."""
    if isinstance(target, ObjectClass):
        return call_method_of(typer, target, "__call__", (_whole(target, args), *args[2 + target.keeps :]), kwargs, results, loc)
    if target is holding:
        _hold(typer, args, results[0], loc)
        return True
    if (made := constructor_of(target)) is not None:
        _make(typer, made, args, kwargs, results, loc)
        return True
    if (row := function_of(target)) is not None:
        if any(object_class(typer, a) is not None for a in args):
            _apply(typer, row, args, kwargs, results, loc)
            return True
        return False
    if isinstance(target, BuiltinMethodType) and (of := class_of(type(target.__self__))) is not None:
        holder = Literal(target.__self__, None, loc)  # a method kept as a function
        return call_method_of(typer, of, target.__name__, (holder, *args), kwargs, results, loc)
    of = class_of(type(target))
    return of is not None and call_method_of(typer, of, "__call__", (Literal(target, None, loc), *args), kwargs, results, loc)


def _hold(typer: Typer, args: Parts, result: Value, loc: Loc) -> None:
    """An object of its handle and its contents, which a function is given beside each other."""
    of, row = object_class(typer, args[0]), lookup(holding)
    assert of is not None and row is not None
    given, t = handles(typer, args, loc), typer.type_of(args[0])
    kind = t.captures[0] if _is_object(t) else strip(t)
    operands = tuple(map(typer.operand, given))
    handle = typer.emit_apply(row, operands, {}, kind, typer.stable(result, "handle", result.name), loc)
    typer.env[result] = _whole(of, (handle, *given[1:]))


def _whole(of: ObjectClass, parts: Parts) -> Item:
    count = 2 + of.keeps
    return Record(FuncType(of, (BOTTOM,) * count), parts[:count])


def _apply(typer: Typer, row: Def, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    from .infer_calls import apply_row

    kwargs = dict(kwargs)
    for name, item in kwargs.items():
        if not _is_object(typer.type_of(item)):
            continue
        if name in _PRECONDITIONERS:
            kwargs[name] = handles(typer, (item,), loc)[0]
        else:
            raise refuse(f"`{row.name}` with an object whose contents are differentiated as {name}=", loc)
    args = tuple(settled(typer, a, loc) if isinstance(strip(typer.type_of(a)), List) or _is_list(a) else a for a in args)
    given = _spread(typer, args, loc)
    _check_arguments(row, given, kwargs, loc)
    _ask_before(typer, row, args, loc)
    apply_row(typer, row, given, kwargs, results, loc)


def _check_arguments(row: Def, args: Parts, kwargs: Kwargs, loc: Loc) -> None:
    """Refuse arguments that a row doesn't know."""
    if not row.printed:
        return
    try:
        signature(row.fn).bind(*args, **kwargs)
    except TypeError as err:
        raise refuse(f"{row.printed} with these arguments: {err}", loc, "leave out what isn't a default") from None


def _ask_before(typer: Typer, row: Def, args: Parts, loc: Loc) -> None:
    """What is asked of an object before a function takes it, which may change it."""
    asked = asked_before(row)
    for a in args if asked is not None else ():
        t = typer.type_of(a)
        if _is_object(t):
            typer.emit_apply(asked, (typer.operand(typer.parts(a, t, loc)[0]),), {}, NONE, None, loc)


def _is_list(item: Item) -> bool:
    return isinstance(item, Pack) and item.kind == "list"


def _make(typer: Typer, made: Constructor, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """An object: its handle by the call itself, then its contents."""
    from .infer_calls import apply_row, call_function

    if not results:
        return
    shown = results[0].name
    handle = typer.stable(results[0], "handle", shown)
    contents = typer.stable(results[0], "contents", shown and f"{shown}_contents")
    given = _spread(typer, args, loc) if made.takes_contents else handles(typer, args, loc)
    _check_arguments(made.row, given, kwargs, loc)
    _ask_before(typer, made.row, args, loc)
    apply_row(typer, made.row, given, kwargs, (handle,), loc)
    args = _with_arrays(typer, args, loc)
    found = made.contents if made.choose is None else made.choose(*_types(typer, args, kwargs))
    items: Parts = (typer.env[handle], *_spread(typer, args, loc))
    if isinstance(found, Shared):
        shared, others = _at(typer, args, kwargs, found.way, loc)
        items = (shared, typer.env[handle], *(_spread(typer, others, loc) if found.others else ()))
        found = found.row
        kwargs = {}
    row = lookup(found)
    if row is None:  # a program
        call_function(typer, found, items, kwargs, (contents,), loc, found.__name__)
    else:
        apply_row(typer, as_contents(row), items, kwargs, (contents,), loc)
    kept = handles(typer, args[: made.of.keeps], loc)
    typer.env[results[0]] = _whole(made.of, (typer.env[handle], typer.env[contents], *kept))


def _with_arrays(typer: Typer, args: Parts, loc: Loc) -> Parts:
    """Arguments with lists of active numbers as arrays in a tuple that comes first: `(data, (row, col))`."""
    first = args[0] if args else None
    if not isinstance(first, Record) or not isinstance(first.kind, Tuple):
        return args
    lists = (isinstance(strip(typer.type_of(i)), List) for i in first.items)
    items = tuple(settled_if_active(typer, i, loc) if is_list else i for i, is_list in zip(first.items, lists))
    return (Record(first.kind, items), *args[1:])


def _types(typer: Typer, args: Parts, kwargs: Kwargs) -> tuple[tuple[Type, ...], dict[str, Type]]:
    return tuple(map(typer.type_of, args)), {k: typer.type_of(v) for k, v in kwargs.items()}


def _at(typer: Typer, args: Parts, kwargs: Kwargs, way: tuple[int, ...], loc: Loc) -> tuple[Item, Parts]:
    """What stands somewhere in the arguments, and all others."""
    item, others = args[way[0]], (*args[: way[0]], *args[way[0] + 1 :], *kwargs.values())
    for i in way[1:]:
        parts = typer.parts(item, strip(typer.type_of(item)), loc)
        item, others = parts[i], (*parts[:i], *parts[i + 1 :], *others)
    return item, others


def call_method_of(
    typer: Typer, of: ObjectClass, name: str, args: Parts, kwargs: Kwargs, results: Results, loc: Loc
) -> bool:
    """A method of an object; False where nothing is known of it, and nothing has a derivative."""
    several = any(object_class(typer, a) is not None for a in args[1:])
    found = of.methods.get(f"{name} of objects" if several else name)
    if found is None:
        if not _any_active(typer, (*args, *kwargs.values())):
            return False
        raise refuse(f"{_shown(name)} of {of.name}{' and another object' * several}", loc, f"known are {_methods(of)}")
    if isinstance(found, Constructor):
        _make(typer, found, args, kwargs, results, loc)
        return True
    row = lookup(found)
    assert row is not None
    _apply(typer, row, args, kwargs, results, loc)
    return True


def _any_active(typer: Typer, items: Iterable[Item]) -> bool:
    """Whether something may carry a derivative."""
    return any(carries_derivative(typer.type_of(i)) for i in items)


def call_operator_of(typer: Typer, names: tuple[str, str], args: Parts, result: Value, loc: Loc) -> bool:
    """An operator one of whose operands is an object; False where none is."""
    for at, name in enumerate(names):
        of = object_class(typer, args[at]) if at < len(args) else None
        if of is not None and name:
            own = args if at == 0 else (args[1], args[0])
            name = _meant(typer, of, name, own)
            if (name in of.methods or f"{name} of objects" in of.methods) and call_method_of(
                typer, of, name, own, {}, (result,), loc
            ):
                return True
    of = next((o for a in args if (o := object_class(typer, a)) is not None), None)
    if of is None or not _any_active(typer, args):
        return False
    raise refuse(f"{_shown(names[0])} of {of.name}", loc, f"known are {_methods(of)}")


def _meant(typer: Typer, of: ObjectClass, name: str, args: Parts) -> str:
    """The method that an operator stands for: `*` of some matrices with an array is their product."""
    handle = typer.type_of(args[0])
    if isinstance(handle, FuncType) and handle.captures:
        handle = handle.captures[0]
    other = strip(typer.type_of(args[1])) if len(args) > 1 else None
    if of.means is None or not isinstance(handle, Opaque) or not isinstance(other, Array):
        return name
    return of.means(handle.cls, name)


def _shown(name: str) -> str:
    if name == "__call__":
        return "a call"
    return f"the operator {name.strip('_')}" if name.startswith("__") else f"the method .{name}()"


def _methods(of: ObjectClass) -> str:
    plain = sorted({m.removesuffix(" of objects") for m in of.methods if m != "__call__"})
    return ", ".join(m.strip("_") if m.startswith("__") else f".{m}()" for m in plain)


def load_attribute_of(typer: Typer, of: ObjectClass, src: Item, name: str, old: Value, loc: Loc) -> bool:
    """An attribute of an object; False where nothing is known of it, and the object has no derivative."""
    from .infer_calls import apply_row

    found = of.attributes.get(name)
    if found is None:
        if _is_object(typer.type_of(src)):
            raise refuse(f"the attribute .{name} of {of.name}", loc)
        return False
    if isinstance(found, Constructor):
        _make(typer, found, (src,), {}, (old,), loc)
        return True
    if found == "contents":
        typer.env[old] = taken_apart(typer, src, of, loc)[1]
        return True
    assert not isinstance(found, str)
    row = lookup(found)
    assert row is not None
    count = len(template(row).names)
    apply_row(typer, row, taken_apart(typer, src, of, loc)[:count], {}, (old,), loc)
    return True


def load_part(typer: Typer, src: Item, keys: list[Key], old: Value, loc: Loc) -> bool:
    """A subscript of an object; False for anything else.

    Raises:
        UnsupportedError: the object has no parts that are known.
    """
    from .infer_calls import apply_row
    from .infer_index import index_of

    of, t = object_class(typer, src), typer.type_of(src)
    if of is None or (of.parts is None and not _is_object(t)):
        return False
    if of.parts is None:
        raise refuse(f"a subscript of {of.name}", loc, f"known are {_methods(of)}")
    numbers = [k for k in keys if not isinstance(k, SliceItem) and isinstance(strip(typer.type_of(k)), Scalar)]
    place = index_of(typer, keys)
    if isinstance(t, Opaque) and t.held is None:  # a numbered matrix, or a part of one
        typer.emit_load(typer.operand(src), place, t, loc, old)
        return True
    handle, contents = taken_apart(typer, src, of, loc)
    if len(numbers) == 2 and len(keys) == 2:
        row = lookup(of.parts.entry)
        assert row is not None
        apply_row(typer, row, (handle, contents, *numbers), {}, (old,), loc)
        return True
    numbered, row = lookup(of.parts.numbered), lookup(of.parts.contents)
    assert numbered is not None and row is not None
    kind = numbered.infer((typer.type_of(handle),), {})
    every = typer.emit_apply(numbered, (typer.operand(handle),), {}, kind, None, loc)
    part = typer.emit_load(typer.operand(handle), place, kind, loc, typer.stable(old, "handle", old.name))
    same = typer.emit_load(every, place, kind, loc)
    found = typer.stable(old, "contents", old.name and f"{old.name}_contents")
    apply_row(typer, as_contents(row), (part, same, handle, contents), {}, (found,), loc)
    typer.env[old] = _whole(of, (part, typer.env[found]))
    return True


def check_untouched(typer: Typer, dst: Item, loc: Loc) -> None:
    """Refuse to write into an object.

    Raises:
        DiffTypeError: the item is one.
    """
    of = object_class(typer, dst)
    if of is not None:
        raise DiffTypeError(f"an object of {of.name} is written", loc=loc, hint="make a new one")
