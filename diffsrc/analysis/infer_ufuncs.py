"""Methods of ufuncs, and ufuncs with `out=` and `where=`.

np.add.at(a, i, v)                 accum %a[i] = %v         every repetition of an index counts
np.multiply.at(a, i, v)            for k in range(len(i)): a[i[k]] *= v[k]
np.add.outer(a, b)                 add(%a[..., None], %b)
np.add.reduce(a)                   np.sum(%a, 0)
np.add.accumulate(a)               np.cumsum(%a, 0)
np.divide.reduce(a)                a loop of `defs/numpy_python.py`
np.log(x, out=z, where=m)          store %z[%m] = np.log(%x[%m])
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..defs import numpy_python
from ..defs.numpy_ufuncs import METHODS
from ..defs.table import Def
from ..ir.ops import Apply, Block, For, Index, Range, Store, View, Yield
from ..ir.types import INT, Array, Scalar, kind_of, strip
from ..ir.values import Literal, Operand, Value
from .infer_index import check_place, index_of
from .infer_slices import keys_of
from .infer_writers import Kwargs, array_type, done, fits, like, load, mask_of, masked, store
from .items import Item
from .rows import call, row_of, settled
from .typer import Parts, Typer, refuse

_REDUCE: dict[Any, Any] = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
    np.logical_and: np.all, np.logical_or: np.any, np.fmax: np.nanmax, np.fmin: np.nanmin,
}  # fmt: skip
_ACCUMULATE: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
_AT: dict[Any, Callable[..., Any] | None] = {np.add: None, np.subtract: operator.neg}


def call_ufunc_method(typer: Typer, op: Apply, ufunc: np.ufunc, name: str, args: Parts, kwargs: Kwargs) -> None:
    """`np.add.at`, `.outer`, `.reduce`, `.accumulate`, `.reduceat`."""
    shown = f"np.{ufunc.__name__}.{name}"
    table = {"reduce": _REDUCE, "accumulate": _ACCUMULATE}.get(name, {})
    if name == "at" and len(args) == 1 + ufunc.nin and ufunc.nout == 1 and not kwargs:
        _at(typer, op, ufunc, args, shown)
    elif name == "outer" and ufunc.nin == 2 and ufunc.nout == 1 and len(args) == 2 and set(kwargs) <= {"dtype"}:
        _outer(typer, op, ufunc, args, kwargs)
    elif ufunc in table:
        _as_function(typer, op, row_of(table[ufunc]), args, kwargs)
    elif (row := METHODS.get((ufunc, name))) is not None:
        _as_function(typer, op, row, args, kwargs)
    elif ufunc.nin == 2 and ufunc.nout == 1 and _step_by_step(typer, op, ufunc, name, args, kwargs):
        return
    else:
        raise refuse(f"`{shown}`", op.loc, "use a function of arrays, or a loop")


def _as_function(typer: Typer, op: Apply, d: Def, args: Parts, kwargs: Kwargs) -> None:
    """The function that does what the method does; its axis is 0 if none is given."""
    from .infer_calls import apply_def

    at = 2 if d.name.endswith("reduceat") else 1
    t = strip(typer.type_of(args[0]))
    alone = isinstance(t, Array) and not t.ndim  # an array without axes is reduced all the same
    axis = {} if alone or "axis" in kwargs or len(args) > at else {"axis": Literal(0, None, op.loc)}
    apply_def(typer, op, d, args, {**kwargs, **axis})


def _step_by_step(typer: Typer, op: Apply, ufunc: np.ufunc, name: str, args: Parts, kwargs: Kwargs) -> bool:
    """A loop over the first axis, where nothing else is known to do what the method does."""
    from .infer_calls import call_function

    count = 2 if name == "reduceat" else 1
    given = (*args[count:], *(v for k, v in kwargs.items() if k == "axis"))
    axis = given[0] if given else Literal(0)
    keepdims = kwargs.get("keepdims", Literal(False))
    if name not in _STEPS or ufunc not in _STEPPED or len(given) > 1 or set(kwargs) - {"axis", "keepdims"} or not op.results:
        return False
    if not isinstance(keepdims, Literal):
        return False
    a = settled(typer, args[0], op.loc)
    t = strip(typer.type_of(a))
    if not isinstance(t, Array) or t.dtype not in ("f64", "f32", "c128", "c64") or not t.ndim:
        return False
    if not isinstance(axis, Literal) or not isinstance(axis.value, int):
        return False
    inner, back = axis.value % t.ndim, (Literal(0), axis)
    moved = call(typer, np.moveaxis, (a, *back[::-1]), op.loc) if inner else a
    rest = tuple(settled(typer, i, op.loc) for i in args[1:count])
    function = numpy_python.reduced_numbers if name == "reduce" and t.ndim == 1 else _STEPS[name]
    made = Value(None, loc=op.loc)
    call_function(typer, function, (Literal(ufunc, f"np.{ufunc.__name__}"), moved, *rest), {}, (made,), op.loc, function.__name__)
    out = typer.env[made]
    if keepdims.value:
        out = call(typer, np.expand_dims, (out, axis), op.loc)
    elif name != "reduce" and inner:
        out = call(typer, np.moveaxis, (out, *back), op.loc)
    typer.env[op.results[0]] = out
    return True


#: those that NumPy itself goes through one by one: its vector loops of others (power, arctan2) don't read what they wrote
_STEPPED = frozenset({
    np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.fmax, np.fmin, np.hypot, np.logaddexp,
    np.logaddexp2,
})  # fmt: skip
_STEPS: dict[str, Callable[..., Any]] = {
    "reduce": numpy_python.reduced, "accumulate": numpy_python.accumulated, "reduceat": numpy_python.reduced_at,
}  # fmt: skip


# -- at


def _at(typer: Typer, op: Apply, ufunc: np.ufunc, args: Parts, name: str) -> None:
    dst = args[0]
    t = array_type(typer, dst, name, op.loc)
    keys = keys_of(typer, Index((op.args[2],)))
    check_place(typer, t, keys, op.loc)
    if ufunc in _AT:
        fits(typer, t, args[2], name, op.loc)
        change = _AT[ufunc]
        given = settled(typer, args[2], op.loc)
        given = given if change is None else call(typer, change, (given,), op.loc)
        store(typer, op, dst, list(keys), given, add=True)
        return
    if len(keys) != 1 or t.ndim != 1:
        raise refuse(f"`{name}` of other than an array of one axis", op.loc, "write a loop")
    index = strip(typer.type_of(args[1]))
    if isinstance(index, Scalar) or (isinstance(index, Array) and index.dtype == "b1"):
        old = load(typer, dst, [args[1]], op.loc)
        store(typer, op, dst, [args[1]], call(typer, ufunc, (old, *args[2:]), op.loc))
    else:
        _one_by_one(typer, op, ufunc, args, name)


def _one_by_one(typer: Typer, op: Apply, ufunc: np.ufunc, args: Parts, name: str) -> None:
    """An index that may repeat: each element is read after what was done to it before."""
    index, *others = (settled(typer, a, op.loc) for a in args[1:])
    first = strip(typer.type_of(index))
    if not isinstance(first, Array) or first.ndim != 1 or str(kind_of(first))[0] not in "iu":
        raise refuse(f"`{name}` at an index of type {first}", op.loc, "write a loop")
    others = [like(typer, v, first, index, op.loc) for v in others]
    kinds = [strip(typer.type_of(v)) for v in others]
    size = call(typer, np.size, (index,), op.loc)
    k = typer.value(INT, None, op.loc)
    with typer.builder.block() as ops:
        at = load(typer, index, [k], op.loc)
        given = [load(typer, v, [k], op.loc) if isinstance(t, Array) else v for v, t in zip(others, kinds)]
        made = call(typer, ufunc, (load(typer, args[0], [at], op.loc), *given), op.loc)
        typer.emit(Store(typer.operand(args[0]), index_of(typer, [at]), typer.operand(made), False, op.loc))
        typer.emit(Yield((), op.loc))
    space = Range(Literal(0), typer.operand(size), Literal(1))
    typer.emit(For(space, (), Block((k,), tuple(ops)), Block((), (Yield((), op.loc),)), (), op.loc))
    done(typer, op)


def _outer(typer: Typer, op: Apply, ufunc: np.ufunc, args: Parts, kwargs: Kwargs) -> None:
    """`f(a[..., None], b)`, with one new axis per axis of b."""
    from .infer_calls import apply_row

    first, second = (settled(typer, a, op.loc) for a in args)
    s, t = strip(typer.type_of(first)), strip(typer.type_of(second))
    if isinstance(s, Array) and isinstance(t, Array) and t.ndim:
        extra: tuple[Operand, ...] = (Literal(Ellipsis), *(Literal(None) for _ in t.dims))
        wide = typer.value(Array(s.dtype, (*s.dims, *(1 for _ in t.dims))), None, op.loc)
        typer.emit(View(typer.operand(first), Index(extra), wide, op.loc))
        first = wide
    apply_row(typer, row_of(ufunc), (first, second), kwargs, op.results, op.loc)


# -- out= with where=


def apply_masked(typer: Typer, d: Def, args: Parts, where: Item, out: Item, op: Apply) -> None:
    """`f(*args, out=out, where=mask)`: only the elements that the mask names are computed."""
    t = array_type(typer, out, d.name, op.loc)
    mask = mask_of(typer, where, out, d.name, op.loc)
    given = tuple(masked(typer, like(typer, a, t, out, op.loc), mask, op.loc) for a in args)
    assert callable(d.fn)
    made = call(typer, d.fn, given, op.loc)
    fits(typer, t, made, d.name, op.loc)
    typer.emit(Store(typer.operand(out), index_of(typer, [mask]), typer.operand(made), False, op.loc))
    for result in op.results:
        typer.env[result] = out
