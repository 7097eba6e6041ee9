"""Calls: rows of the table, methods, operators of user classes, user functions, closures, constructors.

What is neither a row of the table nor a Python function with source is *opaque*: its result is Any.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..defs.classes import MISSING, is_generated, is_written
from ..defs.dims import map_dims, renaming
from ..defs.door import door_of
from ..defs.objects import is_for_objects
from ..defs.packages import CLOSED, is_closed
from ..defs.special import positional, takes_array
from ..defs.structural import CLOSURE, UNPACK
from ..defs.table import Def, lookup
from ..defs.transforms import kind_of
from ..errors import DiffsrcError, DiffTypeError, UnsupportedError
from ..ir.ops import Apply, Func, FuncRef, Method, Return
from ..ir.types import (
    ANY,
    BOOL,
    MANY,
    AnyType,
    Array,
    Bottom,
    Dict,
    Dim,
    FuncType,
    List,
    Lit,
    OneOf,
    Opaque,
    Scalar,
    SetOf,
    Struct,
    Tuple,
    Type,
    Union,
    carries_derivative,
    may_be_one,
    strip,
)
from ..ir.values import Literal, Operand, Pack, Value
from ..runtime.helpers import new_instance
from ..runtime.implicit import CustomRoot
from ..source import Loc
from . import library
from .choices import call_choice
from .classes import looked_up
from .dispatch import arguments, by_class, grouped
from .generators import READERS, check_loop, check_read_at_once
from .growth import Grows, grow_argument
from .infer_builtins import BUILTINS, STRUCTURAL
from .infer_copies import RULES as COPIES
from .infer_dict_makers import CONSTRUCTORS
from .infer_distributions import call_closed, freeze
from .infer_handles import call_for_object, call_method_of, call_operator_of, known_handles, object_class
from .infer_implicit import call_root
from .infer_inplace import apply_out, inplace, take_out
from .infer_joined import fill_by_part
from .infer_objects import construct, with_fields
from .infer_rules import call_ruled
from .infer_sets import READS_ITEMS, listed
from .infer_solvers import call_solver
from .infer_transforms import call_entry, call_transformed
from .inline import fits as leaves_at_end
from .items import Item, Record, assemble, is_closure, is_optional, leaves, parts_of
from .iterated import listed_instances
from .outside import is_outside
from .partials import Partial, partial_item, unbound
from .queues import all_items_of
from .rows import settled, settled_if_active, settled_items
from .spread import Rest, dict_of, spread_items, spread_keywords, tuple_of
from .transforms import Holding, Transformed, marked
from .typeof import dim_names
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
Results = tuple[Value, ...]

#: operators of the language -> special method, and the one of the right operand
DUNDERS: dict[str, tuple[str, str]] = {
    **{
        name: (f"__{name.strip('_')}__", f"__r{name.strip('_')}__")
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor")
    },
    **{name: (f"__{name}__", "") for name in ("neg", "pos", "invert", "abs", "len", "eq", "ne", "contains")},
    **{name: (f"__{name}__", "") for name in ("float", "int", "complex", "round")},
    "lt": ("__lt__", "__gt__"), "le": ("__le__", "__ge__"),
    "gt": ("__gt__", "__lt__"), "ge": ("__ge__", "__le__"),
}  # fmt: skip


_MADE = {**CONSTRUCTORS, **COPIES}
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def apply(typer: Typer, op: Apply) -> None:
    """Resolve one lowered call."""
    args: Any = tuple(item for a in op.args for item in spread_items(typer, a, op))  # a `Rest` goes to `bind_to` only
    kwargs = {k: item for name, v in op.kwargs for k, item in spread_keywords(typer, name, v)}
    fn: Any = op.fn
    if isinstance(fn, Value):
        call_item(typer, typer.get(fn), args, kwargs, op.results, op.loc)
    elif isinstance(fn, Method):
        from .infer_methods import call_method

        call_method(typer, op, fn.name, args, kwargs)
    elif isinstance(fn, FuncRef):
        if isinstance(fn.target, Func):  # a direct call of an inner function: lowering has bound the arguments
            _call_instance(typer, fn.target, args, op.results, op.loc)
            return
        maker = _MADE.get(fn.target) if _hashable(fn.target) else None
        if maker is not None and maker(typer, op, args, kwargs):
            return
        call_function(typer, fn.target, args, kwargs, op.results, op.loc, fn.name)
    elif fn.family == "inplace":
        inplace(typer, op, fn)
    elif is_for_objects(fn.fn) and call_for_object(typer, fn.fn, args, kwargs, op.results, op.loc):
        return
    else:
        apply_def(typer, op, fn, args, kwargs)


#: what tells a bounded queue from its items
_OF_QUEUES = frozenset({"isinstance", "type", "is_", "is_not", "id"})


def apply_def(typer: Typer, op: Apply, d: Def, args: Parts, kwargs: Kwargs) -> None:
    if d.own and call_ruled(typer, op, d, args, kwargs):
        return
    if d.solver is not None:
        call_solver(typer, d, args, kwargs, op.results, op.loc)
        return
    if d.family != "structural" and d.name not in _OF_QUEUES:
        args = all_items_of(typer, args, op.loc)
    if d.family == "structural":
        out, rest = None, dict(kwargs)
    else:
        out, args, rest = take_out(typer, d, args, kwargs)
    if out is not None:
        if not fill_by_part(typer, d, args, rest, out, op):
            apply_out(typer, d, args, rest, out, op)
        return
    compared = len(args) > 1 and any(d.fn is r for r in (min, max))
    if d is UNPACK or (any(d.fn is r for r in READERS) and not compared):
        args = listed_instances(typer, args, op.loc)
    special = STRUCTURAL.get(d.name) if d.family == "structural" else None
    if special is not None:
        special(typer, op, args)
        return
    if op.results and d.name in DUNDERS and call_operator(typer, d, args, op.results[0], op.loc):
        return
    if d.fn in READS_ITEMS and args and isinstance(t := strip(typer.type_of(args[0])), SetOf):
        if d.fn in (list, sorted) and len(args) == 1 and op.results and "key" not in rest:
            operands = typer.operand(args[0]), {k: typer.operand(v) for k, v in rest.items()}
            typer.emit_apply(d, operands[:1], operands[1], List(t.item), op.results[0], op.loc)
            return
        args = (listed(typer, args[0], op.loc), *args[1:])
    builtin = BUILTINS.get(d.fn) if _hashable(d.fn) else None
    if builtin is not None and builtin(typer, op, args, rest):
        return
    apply_row(typer, d, args, rest, op.results, op.loc, op.method)


def _hashable(fn: object) -> bool:
    return type(fn).__hash__ is not None


#: functions of arrays whose rules don't take displays
_PRODUCTS = frozenset({
    "matmul", "np.matmul", "np.dot", "np.vdot", "np.inner", "np.outer", "np.cross", "np.kron", "np.convolve",
    "np.correlate",
})  # fmt: skip

#: functions of several arrays, each of which has one cotangent
_JOINING = frozenset({"np.concatenate", "np.stack", "np.vstack", "np.hstack", "np.dstack", "np.column_stack"})
#: functions of a display of numbers, lists and arrays
_MAKING = frozenset({"np.array", "np.asarray"})


#: functions of arrays whose items may be arrays of different shapes, or lists
_OF_SEQUENCES = _JOINING | _MAKING | {
    "np.block", "np.select", "np.choose", "np.piecewise", "np.linalg.multi_dot", "np.asanyarray", "np.ascontiguousarray",
    "np.asfortranarray", "np.broadcast_arrays", "np.histogram2d", "np.histogramdd",
}  # fmt: skip
#: functions whose rules take a display of numbers item by item
_ITEM_BY_ITEM = frozenset({
    "np.sum", "np.prod", "np.mean", "np.std", "np.var", "np.max", "np.min", "np.amax", "np.amin", "np.nansum",
    "np.nanmean", "np.nanmax", "np.nanmin", "np.ptp", "np.interp", "np.polyval", "np.cumsum", "np.cumprod",
})  # fmt: skip


def _numbers_as_array(typer: Typer, item: Item, loc: Loc, least: int = 1, constant: bool = False) -> Item:
    """A display of numbers, `least` levels deep, as the array that NumPy makes of it: it has one cotangent then. `constant`: of
    numbers without derivative, too."""
    t = typer.type_of(item)
    display = isinstance(item, (Pack, Record)) or isinstance(strip(t), Tuple)
    return settled(typer, item, loc) if display and _depth(t) >= least and (constant or carries_derivative(t)) else item


def _is_constant(item: Item) -> bool:
    return all(map(_is_constant, item.items)) if isinstance(item, (Pack, Record)) else isinstance(item, Literal)


def _arrays_as_array(typer: Typer, item: Item, loc: Loc) -> Item:
    """A display of arrays, which may carry a derivative, as the array that NumPy makes of it."""
    t = strip(typer.type_of(item))
    if not isinstance(t, Tuple) or t.cls is not None or not carries_derivative(t):
        return item
    ranks = {len(k.dims) if isinstance(k, Array) else 0 for k in map(strip, t.items)}
    return settled(typer, item, loc) if len(ranks) == 1 and ranks != {0} else item


def _depth(t: Type) -> int:
    """How deep numbers lie in displays; 0 where anything else lies in them."""
    t = strip(t)
    if not isinstance(t, Tuple) or t.cls is not None or not t.items:
        return 0
    inner = {0 if isinstance(strip(i), Scalar) else _depth(i) or -1 for i in t.items}
    return 1 + inner.pop() if len(inner) == 1 and inner != {-1} else 0


def apply_row(typer: Typer, d: Def, args: Parts, kwargs: Kwargs, results: Results, loc: Loc, method: str = "") -> None:
    """A call of a row of the table. A result known at compile time becomes a constant."""
    if d.family != "structural":
        args = tuple(typer.displayed(a, loc) for a in known_handles(typer, d, args, loc))
    if kwargs and d.family != "structural":
        args, kwargs = positional(d, args, kwargs, Literal)
    elementwise = d.family in ("elementwise", "select")
    if d.defaults and not d.effect:  # methods of distributions: what is a display to Python is an array to SciPy
        args = tuple(settled(typer, a, loc) for a in args)
    whole = d.name in _PRODUCTS or d.name.startswith(CLOSED)
    if whole or (elementwise and (d.converts or _takes_array(typer, args))):
        args = tuple(settled_if_active(typer, a, loc) for a in args)
    if d.converts and d.name not in _OF_SEQUENCES:
        least = 2 if d.name in _ITEM_BY_ITEM else 1
        args = tuple(
            a if isinstance(d.fn, type) and _is_constant(a) else _numbers_as_array(typer, a, loc, least, takes_array(d, k))
            for k, a in enumerate(args)
        )
    if d.fn is np.block and args and _is_nested(typer.type_of(args[0])):
        raise refuse("np.block of a list of lists made at run time", loc, "write the blocks out: [[a, b], [c, d]]")
    if d.name.startswith("np.") and d.name not in _OF_SEQUENCES and d.name not in _ITEM_BY_ITEM:
        args = tuple(_arrays_as_array(typer, a, loc) for a in args)
    if d.name in ("np.choose", "np.select") and len(args) > 1:
        args = (args[0], settled_items(typer, args[1], loc), *args[2:])
    if d.converts and d.fn not in _READS_NESTED:
        args = tuple(settled(typer, a, loc) if _is_nested(typer.type_of(a)) else a for a in args)
    if (d.name in _JOINING or d.name in _MAKING) and args:
        args = (settled_items(typer, args[0], loc, constant=d.name in _MAKING), *args[1:])
    if "dtype" in kwargs:
        _check_dtype(typer.type_of(kwargs["dtype"]), loc)
    t = typer.row(d, args, kwargs, loc)
    if isinstance(t, Lit) and isinstance(t.value, (bool, str)) and results:
        typer.env[results[0]] = Literal(t.value, None, loc)
        return
    take: Callable[[Item], Operand] = typer.operand if elementwise or d.name in DUNDERS else typer.constant
    operands = tuple(map(take, args))
    named = tuple((k, take(v)) for k, v in kwargs.items())
    made = tuple(typer.define(r, t) for r in results)
    typer.emit(Apply(d, operands, named, made, loc, method))


def _check_dtype(dtype: Type, loc: Loc) -> None:
    """Refuse arrays of objects and of records."""
    value = dtype.value if isinstance(dtype, Lit) else dtype.target if isinstance(dtype, FuncType) else None
    if value in (object, np.object_, "O", "object"):
        raise refuse("an array of objects", loc, "use a list")
    if isinstance(dtype, (Tuple, List)) or (isinstance(value, np.dtype) and value.names):
        raise refuse("a structured array", loc, "use an array for each field, or a dataclass of arrays")


#: functions with a rule of their own for lists of lists
_READS_NESTED = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)


def _is_nested(t: Type) -> bool:
    """A list of lists of numbers that carry a derivative."""
    t = strip(t)
    return isinstance(t, List) and isinstance(strip(t.item), List) and carries_derivative(t)


def _takes_array(typer: Typer, args: Parts) -> bool:
    return any(isinstance(strip(typer.type_of(a)), Array) for a in args)


# -- operators of user classes


def call_operator(typer: Typer, d: Def, args: Parts, result: Value, loc: Loc) -> bool:
    """An operator on an instance, by its special method. False when no argument is an instance."""
    left, right = DUNDERS.get(d.name, ("", ""))
    if left and call_operator_of(typer, (left, right), args, result, loc):
        return True
    if left and _operator_by_class(typer, d, args, (left, right), result, loc):
        return True
    if not left or not any(map(class_behind, map(typer.type_of, args if right else args[:1]))):
        return False
    if call_dunder(typer, left, args, result, loc):
        return True
    if right and len(args) == 2 and call_dunder(typer, right, (args[1], args[0]), result, loc):
        return True
    if not any(isinstance(strip(typer.type_of(a)), Struct) for a in (args if right else args[:1])):
        return False
    if d.name in _COMPARISONS:  # by identity, or as `dataclass` made it
        typer.emit_apply(d, tuple(map(typer.operand, args)), {}, BOOL, result, loc)
        return True
    shown = ", ".join(str(typer.plain_type(a)) for a in args)
    raise DiffTypeError(f"{d.name} isn't defined for {shown}", loc=loc)


def _operator_by_class(typer: Typer, d: Def, args: Parts, names: tuple[str, str], result: Value, loc: Loc) -> bool:
    """An operator on an instance of one of several classes, if they say what it means."""
    for i, t in enumerate(map(strip, map(typer.type_of, args))):
        if isinstance(t, Union):
            found = [looked_up(typer, kind.cls, n) for kind in t.structs for n in names if n]
            if not any(map(is_written, found)):
                continue
            make = partial(_operator_on, typer, d, args, i, result, loc)
            by_class(typer, args[i], grouped(t, lambda kind: kind), (result,), loc, make)
            return True
    return False


def _operator_on(typer: Typer, d: Def, args: Parts, at: int, result: Value, loc: Loc, one: Item, key: object) -> None:
    apply_def(typer, Apply(d, (), (), (result,), loc), d, (*args[:at], one, *args[at + 1 :]), {})


def call_dunder(typer: Typer, name: str, args: Parts, result: Value, loc: Loc) -> bool:
    """Call a special method of the first argument's class; False when it has none."""
    cls = class_behind(typer.type_of(args[0]))
    found = MISSING if cls is None else looked_up(typer, cls, name)
    if not isinstance(found, types.FunctionType) or is_generated(found):
        return False
    call_function(typer, found, args, {}, (result,), loc, name)
    answer = typer.type_of(typer.env[result])
    return not (isinstance(answer, Lit) and answer.value is NotImplemented)


def class_behind(t: Type) -> type | None:
    """The class of an instance, if a user's class decides what operators mean for it."""
    t = strip(t)
    return t.cls if isinstance(t, (Struct, Tuple)) else None


# -- functions


def call_item(typer: Typer, fn: Item, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """A call of a value: a function known by its type, with its captures; an instance with `__call__`."""
    t = typer.type_of(fn)
    if isinstance(t, Opaque) and (of := object_class(typer, fn)) is not None:
        if call_method_of(typer, of, "__call__", (fn, *args), kwargs, results, loc):
            return
        t = ANY
    if isinstance(t, Union):
        groups = grouped(t, lambda kind: kind)
        by_class(typer, fn, groups, results, loc, lambda one, _: call_item(typer, one, args, kwargs, results, loc))
        return
    if class_behind(t) is not None and results and call_dunder(typer, "__call__", (fn, *args), results[0], loc):
        return
    if isinstance(t, Lit) and callable(t.value):
        t = FuncType(t.value)
    if isinstance(t, OneOf):
        parts = typer.parts(fn, t, loc)
        call_choice(typer, parts, results, loc, lambda option: call_item(typer, option, args, kwargs, results, loc))
        return
    if not isinstance(t, FuncType):
        if isinstance(t, (AnyType, Bottom)) and isinstance(fn, Value):
            operands = tuple(map(typer.operand, args))
            named = tuple((k, typer.operand(v)) for k, v in kwargs.items())
            made = tuple(typer.define(r, t) for r in results)
            callee: Any = fn
            typer.emit(Apply(callee, operands, named, made, loc))
            return
        raise DiffTypeError(f"a call of a value of type {t}", loc=loc)
    captured = typer.parts(fn, t, loc) if t.captures else ()
    if isinstance(t.target, Transformed):
        call_transformed(typer, t.target, captured, args, kwargs, results, loc)
        return
    name = str(getattr(t.target, "name", None) or getattr(t.target, "__name__", "function"))
    call_function(typer, t.target, (*captured, *args), kwargs, results, loc, name)


def call_function(
    typer: Typer, target: Any, args: Parts, kwargs: Kwargs, results: Results, loc: Loc, name: str
) -> None:
    """A call of a known object."""
    maker = _MADE.get(target) if _hashable(target) else None
    if maker is not None and maker(typer, Apply(FuncRef(name, target), (), (), results, loc), args, kwargs):
        return
    if call_for_object(typer, target, args, kwargs, results, loc):
        return
    if (derivative := marked(target)) is not None:
        call_transformed(typer, derivative, (), args, kwargs, results, loc)
    elif isinstance(target, Holding):
        call_transformed(typer, target.target, args[: target.held], args[target.held :], kwargs, results, loc)
    elif isinstance(target, CustomRoot):
        call_root(typer, target, args, kwargs, results, loc)
    elif (kind := kind_of(target)) is not None:
        call_entry(typer, kind, args, kwargs, results, loc)
    elif isinstance(target, Func):
        _call_instance(typer, target, _bind_lifted(typer, target, args, kwargs, loc), results, loc)
    elif (d := lookup(target)) is not None:
        apply_def(typer, Apply(d, (), (), results, loc), d, args, kwargs)
    elif target is new_instance and results:
        with_fields(typer, args[0], kwargs, results[0], loc)
    elif is_outside(target):
        call_opaque(typer, target, args, kwargs, results, loc, name)
    elif library.call_library(typer, target, args, kwargs, results, loc, name):
        return
    elif results and (frozen := freeze(typer, target, args, kwargs, loc)) is not None:
        typer.env[results[0]] = frozen
    elif is_closed(target):
        call_closed(typer, target, args, kwargs, results, loc, name)
    elif isinstance(target, CACHED):
        _check_hashable(typer, args, kwargs, name, loc)
        call_function(typer, target.__wrapped__, args, kwargs, results, loc, name)
    elif isinstance(target, types.FunctionType) and (made := generated(typer, target, args, kwargs, loc)) is not None:
        call_function(typer, made, args, kwargs, results, loc, name)
    elif isinstance(target, types.FunctionType):
        _call_instance(typer, target, bind(typer, target, args, kwargs, loc), results, loc)
    elif isinstance(target, types.MethodType) and is_outside(target.__func__):
        call_opaque(typer, target, args, kwargs, results, loc, name)
    elif isinstance(target, types.MethodType):
        call_function(typer, target.__func__, (Literal(target.__self__), *args), kwargs, results, loc, name)
    elif isinstance(target, functools.partial):
        held = {k: Literal(v) for k, v in target.keywords.items()}
        given = (*(Literal(a) for a in target.args), *args)
        call_function(typer, target.func, given, {**held, **kwargs}, results, loc, name)
    elif isinstance(target, Partial):
        own, named_items = unbound(target, args, kwargs)
        call_function(typer, target.target, own, named_items, results, loc, name)
    elif target is functools.partial and results and (made_item := partial_item(typer, args[0], args[1:], kwargs, loc)):
        typer.env[results[0]] = made_item
    elif isinstance(target, type) and construct(typer, target, args, kwargs, results, loc):
        return
    elif isinstance(inner := getattr(target, "__wrapped__", None), types.FunctionType) and _is_marked(target):
        call_function(typer, inner, args, kwargs, results, loc, name)
    elif isinstance(inner := getattr(target, "_implementation", None), types.FunctionType) and any(
        map(carries_derivative, map(typer.type_of, args))
    ):
        args = tuple(_numbers_as_array(typer, a, loc) for a in args)
        try:
            call_function(typer, inner, args, kwargs, results, loc, name)  # NumPy's own Python
        except UnsupportedError:  # its places aren't the user's: the function is what is refused, if anything is
            call_opaque(typer, target, args, kwargs, results, loc, name)
    elif (call := _call_of(typer, target)) is not None:
        call_function(typer, call, (Literal(target, name, loc), *args), kwargs, results, loc, name)
    else:
        call_opaque(typer, target, args, kwargs, results, loc, name)


def _call_of(typer: Typer, target: Any) -> types.FunctionType | None:
    """What a call of an instance runs; pullbacks of diffsrc's own, and their kin, aren't looked into."""
    cls = type(target)
    if isinstance(target, type) or cls.__module__.partition(".")[0] == __name__.partition(".")[0]:
        return None
    found = looked_up(typer, cls, "__call__")
    return found if isinstance(found, types.FunctionType) else None


#: what `functools.cache` and `lru_cache` make: calls of it are calls of the function, some of them remembered
CACHED = type(functools.lru_cache(lambda: None))


def _check_hashable(typer: Typer, args: Parts, kwargs: Kwargs, name: str, loc: Loc) -> None:
    for item in (*args, *kwargs.values()):
        if isinstance(t := strip(typer.type_of(item)), (Array, List, Dict)):
            raise DiffTypeError(f"{name}() remembers its results, and its argument of type {t} isn't hashable", loc=loc)


def call_opaque(
    typer: Typer, target: Any, args: Parts, kwargs: Kwargs, results: Results, loc: Loc, name: str
) -> None:
    """A call that is left to Python: its result is of unknown type."""
    operands = tuple(map(typer.operand, args))
    named = tuple((k, typer.operand(v)) for k, v in kwargs.items())
    made = tuple(typer.define(r, ANY) for r in results)
    typer.emit(Apply(FuncRef(name, target), operands, named, made, loc))


def _is_marked(target: object) -> bool:
    """Whether an object stands for the function it wraps: a decorated function of this package."""
    return type(target).__module__.split(".")[0] == __name__.split(".", maxsplit=1)[0]


def _call_instance(typer: Typer, target: Any, args: Parts, results: Results, loc: Loc) -> None:
    """A call of a function with source: its instance for the argument types."""
    generator = typer.ctx.lower(target)
    if generator.yields and results and results[0] in typer.iterated:
        loop = typer.iterated[results[0]]
        if loop is not None:
            check_loop(typer.func, loop, generator, typer.ctx.lower, loc)
    elif generator.yields:
        check_read_at_once(typer.func, results[0] if results else Value(None), generator, typer.ctx.lower, loc)
    args = arguments(typer, target, args, loc)
    kinds, names = canonical([_argument_type(typer, a) for a in args])
    try:
        instance = typer.ctx.instance(target, kinds)
    except Grows as need:
        grow_argument(typer, args, need)
        raise
    except UnsupportedError:
        exact, names = canonical([_argument_type(typer, a, exact=True) for a in args])
        if exact == kinds:
            raise
        instance = typer.ctx.instance(target, exact)
    t = map_dims(instance.result_type, renaming({new: old for old, new in names.items()}))
    operands = tuple(o for a in args for o in typer.passed(a))
    closure = t if is_closure(t) else None
    held = Tuple(parts_of(t) or ()) if closure is not None else t
    if is_optional(t):
        held = Tuple(tuple(leaf for _, leaf in leaves(t)))
    made = tuple(typer.define(r, held) for r in results)
    typer.emit(Apply(FuncRef(instance.name, instance), operands, (), made, loc))
    for r, v in zip(results, made if is_optional(t) else ()):
        typer.env[r] = assemble(t, iter(typer.parts(v, held, loc)))
    if closure is not None:
        known = _known_captures(typer.ctx.lower(target), args)
        for r, v in zip(results, made):
            parts = typer.parts(v, held, loc)
            typer.env[r] = Record(closure, tuple(known.get(i, part) for i, part in enumerate(parts)))


def _known_captures(maker: Func, args: Parts) -> dict[int, Item]:
    """What a function that a function returns captures of the arguments: the places of constants among its captures."""
    given = {p: a for p, a in zip(maker.params, args) if isinstance(a, Literal)}
    last = maker.body.terminator
    if not given or not isinstance(last, Return) or not leaves_at_end(maker):
        return {}
    for op in maker.body.ops:
        if isinstance(op, Apply) and op.fn is CLOSURE and op.results == (last.value,):
            return {i: given[o] for i, o in enumerate(op.args[1:]) if isinstance(o, Value) and o in given}
    return {}


def _argument_type(typer: Typer, item: Item, exact: bool = False) -> Type:
    """The type of an argument: flags, strings and functions by value; numbers by type unless `exact`."""
    if exact and (isinstance(item, (Literal, Record)) or isinstance(typer.type_of(item), Dict)):
        return typer.type_of(item)
    return typer.plain_type(item)


def canonical(kinds: Sequence[Type]) -> tuple[tuple[Type, ...], dict[str, str]]:
    """Types with the names of dimensions renamed in order: n, m, ... where a size isn't 1, else %0, ..."""
    fresh = dim_names()
    names: dict[str, str] = {}

    def rename(dim: Dim) -> Dim:
        if not isinstance(dim, str) or dim == MANY:
            return dim
        if dim not in names:
            names[dim] = f"%{len(names)}" if may_be_one(dim) else next(fresh)
        return names[dim]

    return tuple(map_dims(k, rename) for k in kinds), names


def _bind_lifted(typer: Typer, target: Func, args: Parts, kwargs: Kwargs, loc: Loc) -> Parts:
    """One item per parameter of an inner function; its captured variables and defaults are given first."""
    if target.signature is None:
        return args
    names = [p.name or "" for p in target.params]
    own = target.signature.parameters
    captured = len(names) - len(own)
    bound = bind_to(typer, target.signature, target.name, args[target.held :], kwargs, loc, lambda: target)
    given = dict(zip(names[captured : target.held], args[captured : target.held])) | bound
    return (*args[:captured], *(given[n] for n in names[captured:]))


def generated(
    typer: Typer, target: types.FunctionType, args: Parts, kwargs: Kwargs, loc: Loc
) -> types.FunctionType | None:
    """The function that a generator makes for the types of a call; None where the target isn't made by one."""
    door = door_of(target)
    if door is None or door.generate is None or door.converters:
        return None
    typer.ctx.consult(door.fn)
    items = bind(typer, door.fn, args, kwargs, loc)
    found = canonical([_argument_type(typer, a) for a in items])[0]
    try:
        return door.generate(found)
    except DiffsrcError:
        raise
    except Exception as err:
        shown = f"{door.fn.__name__}({', '.join(map(str, found))})"
        raise UnsupportedError(
            f"{shown} is generated from these types, and that raised {type(err).__name__}: {err}", loc=loc,
            hint="inside a program a size may have a name only: give a body for any size, too",
        ) from err  # fmt: skip


def bind(typer: Typer, fn: types.FunctionType, args: Parts, kwargs: Kwargs, loc: Loc) -> Parts:
    """One item per parameter of a Python function."""
    signature = inspect.signature(fn, follow_wrapped=False)
    given = bind_to(typer, signature, fn.__name__, args, kwargs, loc, partial(typer.ctx.lower, fn))
    return tuple(given.get(p.name, Literal(p.default, None, loc)) for p in signature.parameters.values())


def bind_to(
    typer: Typer, signature: inspect.Signature, name: str, args: Parts, kwargs: Kwargs, loc: Loc,
    callee: Callable[[], Func] | None = None,
) -> dict[str, Item]:  # fmt: skip
    """What a call gives to the parameters of a signature; those left to their defaults are missing."""
    rest = args[-1] if args and isinstance(args[-1], Rest) else None
    try:
        given = signature.bind(*(args if rest is None else args[:-1]), **kwargs).arguments
    except TypeError as err:
        raise DiffTypeError(f"{name}: {err}", loc=loc) from None
    out: dict[str, Item] = {}
    for p in signature.parameters.values():
        if p.kind is p.VAR_POSITIONAL:
            out[p.name] = tuple_of(tuple(given.get(p.name, ()))) if rest is None else rest.item
        elif p.kind is p.VAR_KEYWORD:
            options = given.get(p.name, {})
            out[p.name] = dict_of(typer, options, loc, callee=callee() if callee and options else None)
        elif p.name in given:
            out[p.name] = given[p.name]
    return out
