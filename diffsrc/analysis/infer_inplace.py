"""In-place operators and `out=`.

    a += b        array      %t = add(%a, %b); store %a[...] = %t       and the name is still %a
                  number     %a_1 = add(%a, %b)
                  list       one append per item; `*=` is `lists.repeat`
                  unknown    %a_1 = operator.iadd(%a, %b), which prints as `a += b`
    np.f(.., out=c)          %t = np.f(..); store %c[...] = %t          and the result is %c

A name that is a number at first and an array later (`s = 0.0`, then `s += x`) is rebound by the first `+=`
and written by the later ones. Both readings agree, and the plain operator is used, if nobody else can hold
the array: it is made by arithmetic only, is put nowhere and is not read again after the operator.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..defs.operators import INPLACE
from ..defs.shapes import elements_of, infer_dtype
from ..defs.structural import LIST_APPEND
from ..defs.table import BY_NAME, Def
from ..errors import DiffTypeError
from ..ir.ops import WHOLE, Apply, Block, For, Seq, Store, Yield
from ..ir.types import (
    AnyType,
    Array,
    Bottom,
    Dict,
    List,
    NoneType,
    Scalar,
    SetOf,
    Struct,
    Table,
    Tuple,
    Type,
    kind_of,
    strip,
    unlit,
)
from ..ir.values import Literal, Operand, Pack, Value
from ..source import NOWHERE, Loc
from .growth import grow, hold
from .infer_handles import check_untouched, object_class
from .infer_sets import SETS_INPLACE, call_set_method
from .items import Item, Record
from .typer import Parts, Typer, refuse


def inplace(typer: Typer, op: Apply, d: Def) -> None:
    """`a op= b`: resolve by the type of `a`."""
    from .infer_calls import apply_row, call_dunder, call_opaque, call_operator

    plain = BY_NAME[INPLACE[d.name]]
    old, value = map(typer.get, op.args)
    t = strip(typer.type_of(old))
    result = op.results[0]
    if (of := object_class(typer, old)) is not None and d.name in of.overwriting:
        check_untouched(typer, old, op.loc)
    if isinstance(t, Array):
        if isinstance(old, Value) and old in typer.fresh:
            check_cast(typer, t, plain, (old, value), op.loc)
            apply_row(typer, plain, (old, value), {}, op.results, op.loc)
        elif _may_be_number(typer, op.args[0]):
            _rebind(typer, op, plain, old, value)
        else:
            _write(typer, t, plain, old, value, result, op.loc)
    elif isinstance(t, (Dict, Table)) and d.name == "ior":
        from .infer_dicts import call_dict_method

        call_dict_method(typer, op, "update", t, (old, value), {})
        typer.env[result] = old
    elif isinstance(t, List) and d.name == "iadd":
        extend(typer, op, old, t, value)
    elif isinstance(t, List) and d.name == "imul":
        from ..defs import lists
        from .infer_list_methods import run

        run(typer, lists.repeat, (old, value), op.loc)
        typer.env[result] = old
    elif isinstance(t, SetOf) and d.name in SETS_INPLACE:
        call_set_method(typer, op, SETS_INPLACE[d.name], t, (old, value), {})
        typer.env[result] = old
    elif isinstance(t, AnyType):  # only the run tells whether it writes `a`: as a call of anything unknown
        call_opaque(typer, d.fn, (old, value), {}, op.results, op.loc, f"operator.{d.name}")
    elif isinstance(t, Struct) and call_dunder(typer, f"__{d.name}__", (old, value), result, op.loc):
        return
    elif not call_operator(typer, plain, (old, value), result, op.loc):
        apply_row(typer, plain, (old, value), {}, op.results, op.loc)


def _write(typer: Typer, t: Array, plain: Def, old: Item, value: Item, result: Value, loc: Loc) -> None:
    from .infer_calls import apply_row

    made = check_cast(typer, t, plain, (old, value), loc)
    temporary = Value(None, made, None, None, loc)
    apply_row(typer, plain, (old, value), {}, (temporary,), loc)
    typer.emit(Store(typer.operand(old), WHOLE, typer.operand(typer.env[temporary]), False, loc))
    typer.env[result] = old


def check_cast(typer: Typer, t: Array, plain: Def, args: Parts, loc: Loc) -> Type:
    """The type of the plain operation.

    Raises:
        DiffTypeError: its dtype or its axes can't be stored in the array (NumPy raises too).
    """
    made = strip(typer.row(plain, args, {}, loc))
    kind = kind_of(made)
    if isinstance(made, (AnyType, Bottom)):
        return made
    if isinstance(made, Array) and (made.ndim > t.ndim or (plain.name == "matmul" and made.ndim != t.ndim)):
        raise DiffTypeError(f"a result of type {made} can't be written into {t}: it has other axes", loc=loc)
    if kind is None or not np.can_cast(infer_dtype(kind), infer_dtype(t.dtype), "same_kind"):
        raise DiffTypeError(f"a result of type {made} can't be written into {t}", loc=loc, hint="use a float array")
    return made


def extend(typer: Typer, op: Apply, old: Item, t: List, value: Item) -> None:
    """`xs += ys`, `xs.extend(ys)`: one append per item."""
    items = (
        value.items
        if isinstance(value, Pack) or (isinstance(value, Record) and isinstance(value.kind, Tuple))
        else None
    )
    if items is None:
        _extend_loop(typer, op, old, t, value)
    for item in items or ():
        append(typer, op.args[0], old, t, item, op.loc)
    for result in op.results:
        typer.env[result] = old


def _extend_loop(typer: Typer, op: Apply, old: Item, t: List, value: Item) -> None:
    if isinstance(strip(typer.type_of(value)), List):
        from ..defs import lists
        from .infer_list_methods import run

        run(typer, lists.extend, (old, value), op.loc)
        return
    kind = elements_of(typer.type_of(value))
    if value is old or isinstance(kind, AnyType) or isinstance(strip(typer.type_of(value)), Array):
        raise refuse("a list extended by this value", op.loc, "use append in a loop")
    item = typer.value(kind, None, op.loc)
    with typer.builder.block() as ops:
        append(typer, op.args[0], old, t, item, op.loc)
        typer.emit(Yield((), op.loc))
    orelse = Block((), (Yield((), op.loc),))
    typer.emit(For(Seq(typer.operand(value)), (), Block((item,), tuple(ops)), orelse, (), op.loc))


def append(typer: Typer, dst: Operand, xs: Item, t: List, item: Item, loc: Loc) -> None:
    """`xs.append(item)`."""
    held = unlit(typer.plain_type(item))
    grow(typer, dst, t.item, held, List(held), loc)
    hold(typer, item, t.item, loc)
    typer.emit(Apply(LIST_APPEND, (typer.operand(xs), typer.operand(item)), (), (), loc))
    typer.fills.put(typer, dst, item)


# -- out=


def take_out(
    typer: Typer, d: Def, args: Parts, kwargs: Mapping[str, Item]
) -> tuple[Item | None, Parts, dict[str, Item]]:
    """The array that receives the result, given by name or by position, and the other arguments."""
    rest = dict(kwargs)
    out = rest.pop("out", None)
    at = _out_position(d.fn)
    if at is not None and len(args) > at:
        out, args = args[at], _without(d, args, at)
    if isinstance(out, Record) and len(out.items) == 1:
        out = out.items[0]
    if out is None or isinstance(typer.type_of(out), (Bottom, NoneType)):
        return None, args, rest
    return out, args, rest


@functools.cache
def _out_position(fn: Callable[..., Any]) -> int | None:
    """Where a function takes `out`: a ufunc behind its operands."""
    if isinstance(fn, np.ufunc):
        return fn.nin
    if not (getattr(fn, "__module__", None) or "").startswith("numpy"):
        return None
    try:
        found = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return None
    names = [p.name for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return names.index("out") if "out" in names else None


def _without(d: Def, args: Parts, at: int) -> Parts:
    if len(args) > at + 1:
        raise refuse(f"{d.name} with arguments behind out", NOWHERE, "give them by name")
    return args[:at]


def apply_out(typer: Typer, d: Def, args: Parts, kwargs: Mapping[str, Item], out: Item, op: Apply) -> None:
    from .infer_calls import apply_row

    t = strip(typer.type_of(out))
    if not isinstance(t, Array):
        raise refuse(f"out= with {t}", op.loc)
    where = kwargs.get("where")
    if where is not None and isinstance(d.fn, np.ufunc) and not (isinstance(where, Literal) and where.value is True):
        from .infer_ufuncs import apply_masked

        if len(kwargs) > 1:
            raise refuse("out= and where= together with further options", op.loc)
        apply_masked(typer, d, args, where, out, op)
        return
    made = check_cast(typer, t, d, args, op.loc) if not kwargs else strip(typer.row(d, args, kwargs, op.loc))
    dims = made.ndim if isinstance(made, Array) else 0
    if dims != t.ndim and not (isinstance(d.fn, np.ufunc) and dims < t.ndim):
        raise DiffTypeError(
            f"out= of type {t} for a result of type {made}", loc=op.loc, hint="give it an array with the axes of the result"
        )
    temporary = Value(None, made, None, None, op.loc)
    apply_row(typer, d, args, kwargs, (temporary,), op.loc)
    typer.emit(Store(typer.operand(out), WHOLE, typer.operand(typer.env[temporary]), False, op.loc))
    for result in op.results:
        typer.env[result] = out


# -- a number at first, an array later


def _may_be_number(typer: Typer, old: Operand) -> bool:
    """Whether a lowered value of array type may hold a number at run time: a constant joins it somewhere."""
    return isinstance(old, Value) and any(_is_constant(v) for v in typer.flows.reaching(old))


def _is_constant(v: Operand) -> bool:
    return isinstance(v, Literal) and isinstance(v.value, (int, float, complex)) and not isinstance(v.value, bool)


def _rebind(typer: Typer, op: Apply, plain: Def, old: Item, value: Item) -> None:
    from .infer_calls import apply_row

    def is_number(v: Value) -> bool:
        item = typer.env.get(v)
        return item is not None and isinstance(strip(typer.type_of(item)), Scalar)

    made = strip(typer.row(plain, (old, value), {}, op.loc))
    if not typer.flows.rebinds(op, is_number) or kind_of(made) != kind_of(typer.type_of(old)):
        name = getattr(op.args[0], "name", None) or "s"
        raise refuse(
            f"{name} is a number at first and an array later, where this statement writes into it",
            op.loc,
            f"write {name} = {name} + ... instead",
        )
    apply_row(typer, plain, (old, value), {}, op.results, op.loc)
