"""NumPy functions that call what they are given, or that take any number of arrays, as functions of `defs/numpy_python.py`.

    np.piecewise(x, [a, b], [f, 1.0])       y = np.zeros_like(x); y[a] = f(x[a]); y[b] = 1.0
    np.apply_over_axes(f, a, (0, 2))        t = np.expand_dims(f(a, 0), 0); np.expand_dims(f(t, 2), 2)
    np.vectorize(f)                         functools.partial(vectorized, f)
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..defs import numpy_python
from ..defs.dims import dims_of, number_type
from ..defs.numpy_einsum import einsum_view, is_view
from ..defs.special import positions
from ..ir.ops import Apply, Attr
from ..ir.types import Array, FuncType, Lit, Scalar, Tuple, Type, is_complex, strip
from ..ir.values import Literal, Value
from .items import Item, Record
from .partials import bound
from .rows import call, settled
from .typer import Parts, Typer

if TYPE_CHECKING:
    from ..source import Loc

Kwargs = Mapping[str, Item]
Rule = Callable[[Typer, Apply, Parts, Kwargs], bool]


def _run(typer: Typer, fn: Callable[..., Any], args: Parts, result: Value, loc: Loc) -> Item:
    from .infer_calls import call_function

    call_function(typer, fn, args, {}, (result,), loc, fn.__name__)
    return typer.env[result]


def _items(typer: Typer, item: Item, loc: Loc) -> Parts | None:
    """The items of a display; None for anything else."""
    t = strip(typer.type_of(item))
    return typer.parts(item, t, loc) if isinstance(t, Tuple) else None


def _is_function(t: Type) -> bool:
    return isinstance(t, FuncType) or (isinstance(t, Lit) and callable(t.value))


# -- pieces


def piecewise(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    if len(args) < 3 or kwargs or not op.results:
        return False
    x, conditions, functions = args[0], _items(typer, args[1], op.loc), _items(typer, args[2], op.loc)
    t = strip(typer.type_of(x))
    if functions is None or not isinstance(t, Array) or t.dtype not in ("f64", "f32", "c128", "c64"):
        return False
    if conditions is None:
        conditions = (args[1],)
    if not all(isinstance(strip(typer.type_of(c)), Array) for c in conditions):
        return False
    if len(functions) == len(conditions) + 1:
        conditions = (*conditions, _none_of(typer, conditions, op.loc))
    if len(functions) != len(conditions):
        return False
    y = call(typer, np.zeros_like, (x,), op.loc)
    for condition, function in zip(conditions, functions):
        given: Parts = (y, x, condition, function, *args[3:])
        if _is_function(typer.type_of(function)):
            _run(typer, numpy_python.fill_where, given, Value(None, loc=op.loc), op.loc)
        else:
            _run(typer, numpy_python.fill_with, (y, condition, function), Value(None, loc=op.loc), op.loc)
    typer.env[op.results[0]] = y
    return True


def _none_of(typer: Typer, conditions: Parts, loc: Loc) -> Item:
    held = conditions[0]
    for c in conditions[1:]:
        held = call(typer, operator.or_, (held, c), loc)
    return call(typer, operator.invert, (held,), loc)


# -- axes


def over_axes(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    if len(args) != 3 or kwargs or not op.results or not _is_function(typer.type_of(args[0])):
        return False
    axes = _items(typer, args[2], op.loc) or (args[2],)
    if not all(isinstance(a, Literal) and isinstance(a.value, int) for a in axes):
        return False
    from .infer_calls import call_item

    made = args[1]
    for n, axis in enumerate(axes):
        result = typer.stable(op.results[0], f"axis {n}")
        call_item(typer, args[0], (made, axis), {}, (result,), op.loc)
        found = typer.env[result]
        lost = len(dims_of(typer.type_of(found))) < len(dims_of(typer.type_of(made)))
        made = call(typer, np.expand_dims, (found, axis), op.loc) if lost else found
    typer.env[op.results[0]] = made
    return True


def along_axis(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    if len(args) < 3 or kwargs or not op.results or not _is_function(typer.type_of(args[0])):
        return False
    array = settled(typer, args[2], op.loc)
    if not isinstance(strip(typer.type_of(array)), Array):
        return False
    _run(typer, numpy_python.along_axis, (*args[:2], array, *args[3:]), op.results[0], op.loc)
    return True


# -- elements


def vectorize(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    if len(args) != 1 or not op.results or not _is_function(typer.type_of(args[0])):
        return False
    if kwargs and not _to_float(typer, kwargs):
        return False
    function = bound(numpy_python.converted, args, {}) if kwargs else args[0]
    typer.env[op.results[0]] = bound(numpy_python.vectorized, (function,), {})
    return True


def _to_float(typer: Typer, kwargs: Kwargs) -> bool:
    """Whether the only option is `otypes=[float]`."""
    items = typer.type_of(kwargs["otypes"]) if set(kwargs) == {"otypes"} else None
    kinds = items.items if isinstance(items, Tuple) else ()
    return len(kinds) == 1 and getattr(kinds[0], "target", getattr(kinds[0], "value", None)) in (float, np.float64)


def call_vectorized(typer: Typer, target: Any, args: Parts, kwargs: Kwargs, results: tuple[Value, ...], loc: Loc) -> bool:
    """A call of an object that np.vectorize made outside."""
    kinds = [np.dtype(t) for t in target.otypes or ()]
    if target.excluded or target.signature is not None or kinds not in ([], [np.dtype(float)]) or kwargs or not results:
        return False
    function: Item = Literal(target.pyfunc)
    if kinds:
        function = bound(numpy_python.converted, (function,), {})
    _run(typer, numpy_python.vectorized, (function, *args), results[0], loc)
    return True


def broadcast_arrays(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    if kwargs or not op.results or not 1 <= len(args) <= len(numpy_python.BROADCAST):
        return False
    args = tuple(settled(typer, a, op.loc) for a in args)
    if not all(isinstance(strip(typer.type_of(a)), (Array, Scalar)) for a in args):
        return False
    _run(typer, numpy_python.BROADCAST[len(args) - 1], args, op.results[0], op.loc)
    return True


# -- several results, and products that are written otherwise


def at_least(fn: Callable[..., Any]) -> Rule:
    """np.atleast_1d of several arrays: a tuple of what it makes of each."""

    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
        if len(args) < 2 or kwargs or not op.results:
            return False
        made = tuple(call(typer, fn, (a,), op.loc) for a in args)
        typer.env[op.results[0]] = Record(Tuple(tuple(map(typer.type_of, made))), made)
        return True

    return rule


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def einsum(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """Subscripts in lists as text; a view of one array as the function that makes it."""
    first = args[0] if args else None
    if isinstance(first, Literal) and isinstance(first.value, str):
        return len(args) == 2 and not kwargs and bool(op.results) and _view(typer, op, first.value, args[1])
    lists = [_sublist(typer, a, op.loc) for a in args[1::2]]
    if not op.results or len(args) < 2 or any(s is None for s in lists):
        return False
    count = len(args) // 2
    text = ",".join(str(s) for s in lists[:count])
    if len(args) % 2:
        result = _sublist(typer, args[-1], op.loc)
        if result is None:
            return False
        text += f"->{result}"
    if count == 1 and not kwargs and _view(typer, op, text, args[0]):
        return True
    typer.env[op.results[0]] = call(typer, np.einsum, (Literal(text), *args[: 2 * count : 2]), op.loc, **kwargs)
    return True


def _sublist(typer: Typer, item: Item, loc: Loc) -> str | None:
    items = _items(typer, item, loc)
    if items is None:
        return None
    values = [i.value if isinstance(i, Literal) else None for i in items]
    if not all(v is Ellipsis or (type(v) is int and 0 <= v < len(_LETTERS)) for v in values):
        return None
    return "".join("..." if v is Ellipsis else _LETTERS[v] for v in values if v is Ellipsis or type(v) is int)


def _view(typer: Typer, op: Apply, text: str, a: Item) -> bool:
    """An array with its axes in another order, or diagonals, which NumPy returns without a copy."""
    t = strip(typer.type_of(a))
    if not isinstance(t, Array) or not is_view(text, t.ndim):
        return False
    typer.env[op.results[0]] = call(typer, einsum_view, (a, Literal(text)), op.loc)
    return True


# -- what NumPy gives back as it is


def unchanged(name: str, value: int, ignored: frozenset[str] = frozenset()) -> Rule:
    """A call that returns its array itself where the second argument, of this name, has this value."""

    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
        found = args[1] if len(args) > 1 else kwargs.get(name)
        known = isinstance(found, Literal) and type(found.value) is int and found.value == value
        if not known or not op.results or not isinstance(strip(typer.type_of(args[0])), Array):
            return False
        if set(kwargs) - ignored - {name}:
            return False
        typer.env[op.results[0]] = args[0]
        return True

    return rule


# -- polynomials as objects: what is done with them here is to evaluate them


#: class of `numpy.polynomial`, which a program has imported then -> the function that evaluates its series
_SERIES = {
    "Polynomial": "polyval", "Chebyshev": "chebval", "Legendre": "legval", "Hermite": "hermval", "HermiteE": "hermeval",
    "Laguerre": "lagval",
}  # fmt: skip


def _evaluator(cls: type) -> Callable[..., Any] | None:
    if not cls.__module__.startswith("numpy.polynomial.") or cls.__name__ not in _SERIES:
        return None
    found: Callable[..., Any] = getattr(sys.modules[cls.__module__], _SERIES[cls.__name__])
    return found


def is_series(target: object) -> bool:
    return isinstance(target, type) and _evaluator(target) is not None


def is_polynomial(target: object) -> bool:
    return isinstance(target, np.poly1d) or _evaluator(type(target)) is not None


def poly1d(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`np.poly1d(c)`, which `np.polyval(c, x)` evaluates."""
    if len(args) != 1 or kwargs or not op.results:
        return False
    typer.env[op.results[0]] = bound(np.polyval, (settled(typer, args[0], op.loc),), {})
    return True


def make_series(typer: Typer, target: Any, args: Parts, results: tuple[Value, ...], loc: Loc) -> bool:
    evaluate = _evaluator(target)
    if evaluate is None or len(args) != 1 or not results:
        return False
    typer.env[results[0]] = bound(numpy_python.series, (Literal(evaluate), settled(typer, args[0], loc)), {})
    return True


def call_polynomial(typer: Typer, target: Any, name: str, args: Parts, results: tuple[Value, ...], loc: Loc) -> bool:
    """A polynomial made outside, at one argument: its coefficients are read when the program runs."""
    if len(args) != 1 or not results:
        return False
    x = settled(typer, args[0], loc)
    if isinstance(target, np.poly1d):
        typer.env[results[0]] = call(typer, np.polyval, (_attribute(typer, target, name, "coeffs", loc), x), loc)
        return True
    evaluate = _evaluator(type(target))
    if evaluate is None:
        return False
    given = tuple(_attribute(typer, target, name, which, loc) for which in ("coef", "domain", "window"))
    _run(typer, numpy_python.series_in, (Literal(evaluate), *given, x), results[0], loc)
    return True


def _attribute(typer: Typer, target: object, name: str, which: str, loc: Loc) -> Item:
    t = number_type(getattr(target, which))
    kind = Array(t.dtype, (None,)) if isinstance(t, Array) else t
    return typer.emit_load(Literal(target, name, loc), Attr(which), kind, loc, None)


def dtype(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """`np.dtype(float)`: the scalar type for which a dtype stands, where it is known."""
    t = typer.type_of(args[0]) if len(args) == 1 and not kwargs and op.results else None
    found = t.target if isinstance(t, FuncType) else t.value if isinstance(t, Lit) else None
    if not isinstance(found, (str, type, np.dtype)):
        return False
    try:
        known = np.dtype(found)
    except TypeError:
        return False
    if known.kind not in "biufc" or not known.isnative:
        return False
    typer.env[op.results[0]] = Literal(known.type, f"np.{known.name}" if known.kind != "b" else "np.bool_", op.loc)
    return True


def real_if_close(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """A real array stays what it is."""
    t = strip(typer.type_of(args[0])) if args and op.results else None
    if not isinstance(t, Array) or is_complex(t):
        return False
    typer.env[op.results[0]] = args[0]
    return True


def in_places(fn: Callable[..., Any], rule: Rule) -> Rule:
    """The rule, with arguments that are given by name in their places."""
    names = [name for name, _ in positions(fn)]

    def ruled(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
        rest = dict(kwargs)
        while len(args) < len(names) and names[len(args)] in rest:
            args = (*args, rest.pop(names[len(args)]))
        return rule(typer, op, args, rest)

    return ruled


RULES: dict[Any, Rule] = {
    np.real_if_close: real_if_close,
    np.dtype: dtype,
    np.poly1d: poly1d,
    np.einsum: einsum,
    np.diff: unchanged("n", 0, frozenset({"axis"})),
    np.linalg.matrix_power: unchanged("n", 1),
    **{fn: at_least(fn) for fn in (np.atleast_1d, np.atleast_2d, np.atleast_3d)},
    np.piecewise: in_places(np.piecewise, piecewise),
    np.apply_over_axes: in_places(np.apply_over_axes, over_axes),
    np.apply_along_axis: in_places(np.apply_along_axis, along_axis),
    np.vectorize: vectorize,
    np.broadcast_arrays: broadcast_arrays,
}
