"""Library functions that call what they are given, as functions of the prelude: `sorted(xs, key=f)`, `functools.reduce`."""

from __future__ import annotations

import builtins
import functools
import heapq
import operator
import types
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..defs import heaps, prelude
from ..defs.numpy_python import IN_PYTHON
from ..defs.shapes import infer_dtype
from ..defs.table import Def
from ..errors import DiffTypeError, UnsupportedError
from ..ir.ops import Apply, FuncRef, Index, Load
from ..ir.types import (
    AnyType,
    Array,
    Bottom,
    Dict,
    FuncType,
    List,
    Lit,
    NoneType,
    SetOf,
    Struct,
    Table,
    Tuple,
    Type,
    carries_derivative,
    kind_of,
    strip,
)
from ..ir.values import Literal, Pack, Value
from ..source import Loc
from . import infer_numpy
from .infer_dicts import listed_keys
from .infer_index import load_index
from .infer_sets import listed
from .items import Item, Record
from .rows import call, row_of

if TYPE_CHECKING:
    from .typer import Parts, Typer

#: modules of functions that compute numbers from what they are given, and do nothing else
_NUMERIC = ("numpy.polynomial.", "scipy.signal", "scipy.special", "scipy.linalg")
_WINDOWS = (np.hanning, np.hamming, np.blackman, np.bartlett, np.kaiser, np.vander, np.tri)

_HEAPS: dict[Any, Callable[..., Any]] = {
    getattr(heapq, name): getattr(heaps, name)
    for name in ("heappush", "heappop", "heapreplace", "heappushpop", "heapify", "nsmallest", "nlargest")
}

Kwargs = Mapping[str, Item]
Results = tuple[Value, ...]


def call_library(
    typer: Typer, target: object, args: Parts, kwargs: Kwargs, results: Results, loc: Loc, name: str = ""
) -> bool:
    """A call of a library function without a row of its own; False for any other."""
    if isinstance(target, operator.itemgetter | operator.attrgetter) and len(args) == 1 and results and not kwargs:
        _get(typer, target, args[0], results[0], loc)
        return True
    if target is operator.getitem and len(args) == 2 and results:
        typer.env[results[0]] = _item(typer, args[0], args[1], loc)
        return True
    if target is builtins.sorted:
        return _sorted(typer, args, kwargs, results, loc)
    if target is prelude.sequence and results:
        typer.env[results[0]] = _sequence(typer, args[0], loc)
        return True
    if target is prelude.transposed and results:
        return _transposed(typer, args[0], results, loc)
    if not kwargs and (
        heap := _HEAPS.get(target) if isinstance(target, types.BuiltinFunctionType | types.FunctionType) else None
    ):
        return _call(typer, heap, args, results, loc)
    if isinstance(target, Hashable) and (written := IN_PYTHON.get(target)) is not None:  # type: ignore[call-overload]
        return _call(typer, written, args, results, loc, kwargs)
    if not kwargs and infer_numpy.is_series(target):
        return infer_numpy.make_series(typer, target, args, results, loc)
    if not kwargs and infer_numpy.is_polynomial(target):
        return infer_numpy.call_polynomial(typer, target, name, args, results, loc)
    if isinstance(target, np.vectorize):
        return infer_numpy.call_vectorized(typer, target, args, kwargs, results, loc)
    if target in (np.finfo, np.iinfo) and len(args) == 1 and results:
        return _limits(typer, target, args[0], results[0], loc)
    if target is np.result_type and not kwargs and results:
        return _promoted(typer, args, results[0], loc)
    if _is_numeric(target) and results and _gives_constants(typer, target, args, kwargs, results, loc):
        return True
    if target is not functools.reduce or kwargs or not 2 <= len(args) <= 3:
        return False
    _call(typer, prelude.reduce if len(args) == 2 else prelude.reduce_from, args, results, loc)
    return True


def _limits(typer: Typer, target: Any, of: Item, result: Value, loc: Loc) -> bool:
    """`np.finfo(float)`: a constant, and so are its attributes."""
    try:
        dtype = np.dtype(_dtype_like(typer.type_of(of)))
        known = target(dtype)
    except (TypeError, ValueError):
        return False
    typer.env[result] = Literal(known, f"np.{target.__name__}(np.{dtype.name})", loc)
    return True


def _dtype_like(t: Type) -> Any:
    """What NumPy takes in place of a value of this type where it asks for a dtype."""
    if isinstance(t, FuncType):
        return t.target
    if isinstance(t, Lit):
        return t.value
    kind = kind_of(t)
    if kind is None:
        raise TypeError(str(t))
    return {"float": 0.0, "int": 0, "complex": 0j}.get(kind, infer_dtype(kind))


def _promoted(typer: Typer, args: Parts, result: Value, loc: Loc) -> bool:
    """`np.result_type(x, float)`."""
    try:
        dtype = np.result_type(*(_dtype_like(typer.type_of(a)) for a in args))
    except (TypeError, ValueError):
        return False
    typer.env[result] = Literal(dtype.type, f"np.{dtype.name}" if dtype.kind != "b" else "np.bool_", loc)
    return True


def _is_numeric(target: object) -> bool:
    return callable(target) and (
        any(target is w for w in _WINDOWS) or str(getattr(target, "__module__", None)).startswith(_NUMERIC)
    )


def _gives_constants(typer: Typer, target: Any, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> bool:
    """A call of a numerical function with nothing through which derivatives could pass (`leggauss(5)`) isn't looked into."""
    from .infer_calls import apply_row

    if any(carries_derivative(t) and not isinstance(t, Lit) for t in map(typer.type_of, (*args, *kwargs.values()))):
        return False
    row = Def(f"{target.__module__}.{target.__name__}".replace("numpy.", "np.", 1), target, "zero")
    try:
        apply_row(typer, row, args, kwargs, results, loc)
    except (DiffTypeError, UnsupportedError):
        return False
    return True


def _call(
    typer: Typer, function: Callable[..., Any], args: Parts, results: Results, loc: Loc, kwargs: Kwargs | None = None
) -> bool:
    from .infer_calls import call_function

    call_function(typer, function, args, kwargs or {}, results, loc, function.__name__)
    return True


def _sequence(typer: Typer, item: Item, loc: Loc) -> Item:
    t = strip(typer.type_of(item))
    if isinstance(t, Table):
        return listed_keys(typer, item, t, loc)
    if isinstance(t, SetOf):
        return listed(typer, item, loc)
    if isinstance(t, Dict):
        return Record(Tuple((Bottom(),) * len(t.items)), tuple(Literal(k, None, loc) for k, _ in t.items))
    return item


def _transposed(typer: Typer, rows: Item, results: Results, loc: Loc) -> bool:
    """`zip(*rows)`: one list per column where the rows are tuples, else a list of lists."""
    t = strip(typer.type_of(rows))
    if isinstance(t, Tuple):
        kinds = [strip(typer.type_of(r)) for r in typer.parts(rows, t, loc)]
        if not all(isinstance(k, Tuple) for k in kinds):
            return False
        apart = [typer.parts(r, k, loc) for r, k in zip(typer.parts(rows, t, loc), kinds)]
        columns: list[Item] = [Record(Tuple((Bottom(),) * len(c)), c) for c in zip(*apart)]
    elif isinstance(t, List) and isinstance(t.item, Tuple):
        made = [Value(None, loc=loc) for _ in t.item.items]
        for j, column in enumerate(made):
            _call(typer, prelude.column, (rows, Literal(j)), (column,), loc)
        columns = [typer.env[column] for column in made]
    else:
        return False
    typer.env[results[0]] = Record(Tuple((Bottom(),) * len(columns)), tuple(columns))
    return True


def _get(typer: Typer, getter: object, item: Item, result: Value, loc: Loc) -> None:
    """`itemgetter(0, 1)(xs)`, `attrgetter("a.b")(x)`."""
    keys: tuple[Any, ...] = getter.__reduce__()[1]  # type: ignore[assignment]
    if isinstance(getter, operator.itemgetter):
        found = [_item(typer, item, Literal(key), loc) for key in keys]
    else:
        found = [_attribute(typer, item, key, loc) for key in keys]
    typer.env[result] = found[0] if len(found) == 1 else Record(Tuple((Bottom(),) * len(found)), tuple(found))


def _item(typer: Typer, item: Item, key: Item, loc: Loc) -> Item:
    made, source = Value(None, loc=loc), Value(None, loc=loc)
    typer.env[source] = item
    load_index(typer, item, [key], Load(source, Index((typer.operand(key),)), made, loc))
    return typer.env[made]


def _attribute(typer: Typer, item: Item, path: str, loc: Loc) -> Item:
    from .infer_places import load_attribute

    for name in path.split("."):
        made = Value(None, loc=loc)
        load_attribute(typer, item, name, made, loc)
        item = typer.env[made]
    return item


# -- builtins with a row, called with a function


def _sorted(typer: Typer, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> bool:
    """`sorted(xs, key=f, reverse=r)`; in place where constants decide the order."""
    if len(args) == 1 and results and (known := in_order(typer, args[0], kwargs, loc)) is not None:
        typer.env[results[0]] = known
        return True
    if args and isinstance(strip(typer.type_of(args[0])), Table):
        args = (_sequence(typer, args[0], loc), *args[1:])
    if len(args) != 1 or not results or set(kwargs) - {"key", "reverse"}:
        return False
    key, reverse = _given(typer, kwargs.get("key")), kwargs.get("reverse", Literal(False))
    t = strip(typer.type_of(args[0]))
    if key is None and (isinstance(t, SetOf) or (isinstance(t, List) and not carries_derivative(t.item))):
        given = {k: typer.operand(v) for k, v in kwargs.items() if k == "reverse"}
        typer.emit_apply(FuncRef("sorted", sorted), (typer.operand(args[0]),), given, List(t.item), results[0], loc)
        return True
    if isinstance(t, SetOf):
        args, t = (listed(typer, args[0], loc),), List(t.item)
    if isinstance(t, AnyType):
        return False
    if key is not None:
        return _call(typer, prelude.sorted_by, (args[0], key, reverse), results, loc)
    return _call(typer, prelude.sorted_plain, (args[0], reverse), results, loc)


def in_order(typer: Typer, xs: Item, kwargs: Kwargs, loc: Loc) -> Item | None:
    """What `sorted` gives of items whose order constants decide: `sorted(d)`, `sorted(d.items())`; else None."""
    reverse = typer.constant(kwargs.get("reverse", Literal(False)))
    t, key = strip(typer.type_of(xs)), _given(typer, kwargs.get("key"))
    if isinstance(t, Dict) and not t.open:
        xs, t = Pack(tuple(Literal(k, None, loc) for k, _ in t.items), "list"), Tuple((Bottom(),) * len(t.items))
    if set(kwargs) - {"key", "reverse"} or not isinstance(reverse, Literal) or not isinstance(t, Tuple) or t.cls is not None:
        return None
    items = typer.parts(xs, t, loc)
    with typer.builder.block():
        keys = [item if key is None else _keyed(typer, key, item, loc) for item in items]
        ranks = [_rank(typer, k, loc) for k in keys]
    ties = len(set(ranks)) < len(ranks) and any(isinstance(typer.type_of(k), Tuple) for k in keys)
    if ties or {type(r) for r in ranks} not in ({str}, {int}, {float}):
        return None
    order = sorted(range(len(items)), key=lambda n: ranks[n], reverse=bool(reverse.value))
    return Record(Tuple((Bottom(),) * len(items), listed=True), tuple(items[n] for n in order))


def _keyed(typer: Typer, key: Item, item: Item, loc: Loc) -> Item:
    """What the key function gives; what can't be typed isn't known."""
    from .infer_calls import call_item

    made = Value(None, loc=loc)
    try:
        call_item(typer, key, (item,), {}, (made,), loc)
    except UnsupportedError:
        return Literal(None)
    return typer.env[made]


def _rank(typer: Typer, item: Item, loc: Loc) -> Any:
    """The constant by which an item is sorted: itself, or what stands first in it; else None."""
    t = typer.type_of(item)
    if isinstance(t, Tuple) and t.items:
        return _rank(typer, typer.parts(item, t, loc)[0], loc)
    return t.value if isinstance(t, Lit) else None


def _given(typer: Typer, item: Item | None) -> Item | None:
    return None if item is None or isinstance(typer.type_of(item), NoneType) else item


def extreme(
    of: Callable[..., Any], by: Callable[..., Any], default: Callable[..., Any]
) -> Callable[[Typer, Apply, Parts, Kwargs], bool]:
    """`min` and `max` of tuples or instances, or with `key=` or `default=`."""
    of_objects = prelude.smallest_object if of is prelude.smallest else prelude.largest_object

    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
        if not kwargs and (found := _compared(typer, args, _is_ordered)) is not None:
            return _call(typer, of_objects, (found,), op.results, op.loc)
        if not kwargs and (found := _compared(typer, args, _is_tuple)) is not None:
            return _call(typer, of, (found,), op.results, op.loc)
        key = _given(typer, kwargs.get("key"))
        if not kwargs or set(kwargs) - {"key", "default"} or (key is not None and "default" in kwargs) or not args:
            return False
        if "default" in kwargs:
            return _call(typer, default, (args[0], kwargs["default"]), op.results, op.loc)
        xs = args[0] if len(args) == 1 else Record(Tuple((Bottom(),) * len(args)), args)
        return key is not None and _call(typer, by, (xs, key), op.results, op.loc)

    return rule


def _compared(typer: Typer, args: Parts, asked: Callable[[Type], bool]) -> Item | None:
    """What `min` and `max` compare, if all of it is of the types asked for."""
    if len(args) == 1:
        t = strip(typer.type_of(args[0]))
        if not isinstance(t, Tuple):
            return args[0] if isinstance(t, List) and not isinstance(t, Table) and asked(t.item) else None
        args = typer.parts(args[0], t)
    if not args or not all(asked(typer.type_of(a)) for a in args):
        return None
    return Record(Tuple((Bottom(),) * len(args)), args)


def _is_tuple(t: Type) -> bool:
    return isinstance(strip(t), Tuple)


def _is_ordered(t: Type) -> bool:
    """Whether its class says how instances are ordered."""
    t = strip(t)
    classes = t.cls.__mro__ if isinstance(t, Struct) else ()
    return any(isinstance(vars(c).get(name), types.FunctionType) for c in classes for name in ("__lt__", "__gt__"))


def _sum_of_objects(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`sum(xs, start)` of instances that define `+`."""
    from .infer_calls import apply_def

    add = row_of(operator.add)
    t = strip(typer.type_of(args[0])) if args else None
    if isinstance(t, Tuple) and any(isinstance(strip(i), Struct) for i in t.items) and op.results:
        total: Item = args[1] if len(args) == 2 else kwargs.get("start", Literal(0, None, op.loc))
        for n, item in enumerate(typer.parts(args[0], t, op.loc)):
            result = typer.stable(op.results[0], f"sum {n}")
            apply_def(typer, Apply(add, (), (), (result,), op.loc), add, (total, item), {})
            total = typer.get(result)
        typer.env[op.results[0]] = total
        return True
    if not isinstance(t, List) or not isinstance(t.item, Struct | Tuple) or t.item.cls is None or not op.results:
        return False
    start = args[1] if len(args) == 2 else kwargs.get("start")
    if start is None:
        return _call(typer, prelude.total, args, op.results, op.loc)
    return _call(typer, prelude.total_from, (args[0], start), op.results, op.loc)


def sum_(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """The sum of instances; of a list in which nothing is ever put."""
    if _sum_of_objects(typer, op, args, kwargs):
        return True
    if set(kwargs) == {"start"} and op.results:
        typer.env[op.results[0]] = call(typer, builtins.sum, (*args, kwargs["start"]), op.loc)
        return True
    t = strip(typer.type_of(args[0])) if len(args) == 1 else None
    if not isinstance(t, List) or not isinstance(t.item, Bottom) or not op.results or kwargs:
        return False
    if not op.args or not typer.containers.local(op.args[0]):
        return False
    typer.env[op.results[0]] = Literal(0, None, op.loc)
    return True


def array_(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`np.array(x, ndmin=1)` of what has an axis; `np.array(x, copy=None)`, which is `np.asarray(x)`."""
    t = strip(typer.type_of(args[0])) if len(args) == 1 else None
    rest = dict(kwargs)
    rank = len(t.dims) if isinstance(t, Array) else isinstance(t, (List, Tuple))
    least, copied = rest.get("ndmin"), rest.get("copy")
    if isinstance(least, Literal) and isinstance(least.value, int) and least.value <= rank:
        del rest["ndmin"]
    shared = isinstance(copied, Literal) and copied.value is None and set(rest) <= {"copy", "dtype"}
    if shared:
        del rest["copy"]
    if len(rest) == len(kwargs) or not op.results:
        return False
    typer.env[op.results[0]] = call(typer, np.asarray if shared else np.array, args, op.loc, **rest)
    return True


RULES: dict[Any, Callable[[Typer, Apply, Parts, Kwargs], bool]] = {
    builtins.min: extreme(prelude.smallest, prelude.smallest_by, prelude.smallest_or),
    builtins.max: extreme(prelude.largest, prelude.largest_by, prelude.largest_or),
    builtins.sum: sum_,
    np.array: array_,
    **infer_numpy.RULES,
}
