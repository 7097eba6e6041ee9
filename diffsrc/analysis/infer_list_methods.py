"""Methods of lists, `del` and stores of their parts.

`append`, `insert` and `pop` are ops of their own. Where items carry derivatives, the others are functions made of these
(`defs/lists.py`); a list of anything else has its methods called as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..defs import lists
from ..defs.structural import LIST_INSERT, LIST_POP
from ..errors import DiffTypeError
from ..ir.ops import Apply, Method
from ..ir.types import INT, NONE, List, NoneType, Type, carries_derivative, strip, unlit
from ..ir.values import Literal, Operand, is_literal
from ..source import Loc, is_generated
from .growth import grow, hold
from .infer_inplace import append, extend
from .infer_lists import copied
from .infer_slices import SliceItem
from .items import Item
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
ListMethod = Callable[[Typer, Apply, List, Parts], None]


def call_list_method(typer: Typer, op: Apply, name: str, t: List, args: Parts, kwargs: Kwargs) -> None:
    """A call of a method of a list."""
    if name == "sort" and kwargs and len(args) == 1 and set(kwargs) <= {"key", "reverse"}:
        _sort(typer, op, args[0], kwargs)
        return
    method = LIST_METHODS.get(name)
    counts = ARGUMENTS.get(name, ())
    if method is None or kwargs or len(args) - 1 not in counts:
        raise refuse(f"the method .{name}() of {t}", op.loc)
    method(typer, op, t, args)


def _append(typer: Typer, op: Apply, t: List, args: Parts) -> None:
    append(typer, op.args[0], args[0], t, args[1], op.loc)
    _nothing(typer, op)


def _extend(typer: Typer, op: Apply, t: List, args: Parts) -> None:
    extend(typer, op, args[0], t, args[1])
    _nothing(typer, op)


def _insert(typer: Typer, op: Apply, t: List, args: Parts) -> None:
    held = unlit(typer.plain_type(args[2]))
    grow(typer, op.args[0], t.item, held, List(held), op.loc)
    hold(typer, args[2], t.item, op.loc)
    operands = tuple(map(typer.operand, args))
    typer.emit(Apply(LIST_INSERT, operands, (), (), op.loc))
    _nothing(typer, op)


def _pop(typer: Typer, op: Apply, t: List, args: Parts) -> None:
    operands = tuple(map(typer.operand, args))
    if len(args) == 2 and is_literal(args[1], -1):
        operands = operands[:1]
    made = tuple(typer.define(r, t.item) for r in op.results)
    typer.emit(Apply(LIST_POP, operands, (), made, op.loc))


def _pop_left(typer: Typer, op: Apply, t: List, args: Parts) -> None:
    _pop(typer, op, t, (args[0], Literal(0)))


def _append_left(typer: Typer, op: Apply, t: List, args: Parts) -> None:
    _insert(typer, op, t, (args[0], Literal(0), args[1]))


def _always(function: Callable[..., Any]) -> ListMethod:
    """A method that lists have only here: those of a `deque`, which is a list."""

    def method(typer: Typer, op: Apply, t: List, args: Parts) -> None:
        run(typer, function, args, op.loc)
        _nothing(typer, op)

    return method


def _copy(typer: Typer, op: Apply, t: List, args: Parts) -> None:
    if not copied(typer, op.results[0], args, op.loc):
        typer.emit_apply(op.fn, (typer.operand(args[0]),), {}, t, op.results[0], op.loc)


def _by(function: Callable[..., Any]) -> ListMethod:
    """A method that is a function of `defs/lists.py` where items carry derivatives."""

    def method(typer: Typer, op: Apply, t: List, args: Parts) -> None:
        if not carries_derivative(t.item):
            _plain(NONE)(typer, op, t, args)
            return
        run(typer, function, args, op.loc)
        _nothing(typer, op)

    return method


def run(typer: Typer, function: Callable[..., Any], args: Parts, loc: Loc) -> None:
    """Call a function of `defs/lists.py` for what it does."""
    from .infer_calls import call_function

    call_function(typer, function, args, {}, (), loc, function.__name__)


def _sort(typer: Typer, op: Apply, xs: Item, kwargs: Kwargs) -> None:
    reverse = kwargs.get("reverse", Literal(False))
    key = kwargs.get("key")
    if key is None or isinstance(typer.type_of(key), NoneType):
        run(typer, lists.sort_down, (xs, reverse), op.loc)
    else:
        run(typer, lists.sort_by, (xs, key, reverse), op.loc)
    _nothing(typer, op)


def _plain(result: Type) -> ListMethod:
    """A method called as it is: of items that carry no derivative."""

    def method(typer: Typer, op: Apply, t: List, args: Parts) -> None:
        assert isinstance(op.fn, Method)
        if carries_derivative(t.item):
            raise refuse(f"the method .{op.fn.name}() of {t}", op.loc)
        made = tuple(typer.define(r, result) for r in op.results)
        typer.emit(Apply(op.fn, tuple(map(typer.operand, args)), (), made, op.loc, op.method))

    return method


def _nothing(typer: Typer, op: Apply) -> None:
    for result in op.results:
        typer.env[result] = Literal(None)


#: numbers of arguments that the methods take
ARGUMENTS: dict[str, tuple[int, ...]] = {
    "append": (1,), "extend": (1,), "insert": (2,), "pop": (0, 1), "copy": (0,), "clear": (0,), "reverse": (0,),
    "index": (1,), "count": (1,), "remove": (1,), "sort": (0,),
    "popleft": (0,), "appendleft": (1,), "extendleft": (1,), "rotate": (0, 1),
}  # fmt: skip
LIST_METHODS: dict[str, ListMethod] = {
    "append": _append, "extend": _extend, "insert": _insert, "pop": _pop, "copy": _copy,
    "clear": _by(lists.clear), "reverse": _by(lists.reverse), "index": _plain(INT), "count": _plain(INT),
    "remove": _plain(NONE), "sort": _by(lists.sort),
    "popleft": _pop_left, "appendleft": _append_left, "extendleft": _always(lists.extend_left), "rotate": _always(lists.rotate),
}  # fmt: skip


# -- parts of lists


def store_slice(typer: Typer, dst: Item, t: List, cut: SliceItem, value: Item, loc: Loc) -> bool:
    """`xs[a:b] = ys`; False where items carry no derivative."""
    if not carries_derivative(t.item) and not carries_derivative(strip(typer.plain_type(value))):
        return False
    start, stop = _bounds(typer, dst, cut, loc)
    run(typer, lists.put_in, (dst, start, stop, value), loc)
    return True


def cut_slice(typer: Typer, op: Apply, args: Parts) -> None:
    """`del xs[a:b]`: written so where items carry no derivative, and where the compiler wrote it."""
    t = strip(typer.type_of(args[0]))
    if not isinstance(t, List):
        raise DiffTypeError(f"items of {t} can't be deleted", loc=op.loc)
    if not carries_derivative(t.item) or is_generated(op.loc.file):
        typer.emit(Apply(op.fn, tuple(map(typer.operand, args)), (), (), op.loc))
        return
    stop = args[2] if len(args) > 2 else _length(typer, args[0], op.loc)
    run(typer, lists.cut_out, (args[0], args[1], stop), op.loc)


def _bounds(typer: Typer, xs: Item, cut: SliceItem, loc: Loc) -> tuple[Item, Item]:
    start, stop, step = cut.items
    if not isinstance(typer.type_of(step), NoneType) and not is_literal(step, 1):
        raise refuse("a store into a slice of a list with a step", loc, "store the items one by one")
    first: Item = Literal(0) if isinstance(typer.type_of(start), NoneType) else start
    return first, _length(typer, xs, loc) if isinstance(typer.type_of(stop), NoneType) else stop


def _length(typer: Typer, xs: Item, loc: Loc) -> Operand:
    from ..defs.table import lookup

    row = lookup(len)
    assert row is not None
    return typer.emit_apply(row, (typer.operand(xs),), {}, INT, None, loc)
