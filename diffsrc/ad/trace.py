"""Tracers: rule functions of the table, called with these in place of arrays, record IR through a Builder.

A rule such as ``lambda ct, out, a, b: a.T @ ct`` is plain NumPy. With tracers for `ct`, `a` and `b` it emits `.T` and
`matmul` ops. What types decide (ndim, dtype, literal arguments) is ordinary Python data while tracing; contents are not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..defs import methods, special
from ..defs.elementwise_types import as_array
from ..defs.table import Def, Partial, lookup
from ..errors import DiffsrcError, InternalError, NoRuleError
from ..ir.build import Builder
from ..ir.ops import Attr, Block, If, Index, Slice, Yield
from ..ir.types import DTYPES, AnyType, Array, Dim, Scalar, Struct, Tuple, Type, join, kind_of, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..source import NOWHERE, Loc

_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor")
_COMPARE = ("lt", "le", "gt", "ge", "eq", "ne")
_HINT = "mark the argument constant with `ds.stop_gradient`, or write a rule"
_UNARY = ("neg", "pos", "invert", "abs")


class Tracing:
    """Where traced ops go, and the place in the user's source that they serve."""

    def __init__(self, builder: Builder, loc: Loc = NOWHERE) -> None:
        self.builder = builder
        self.loc = loc

    def call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> Any:
        """Record a call of a function of the table (or let Python compute it when nothing is traced)."""
        named = dict(kwargs or {})
        if not any(_traced(a) for a in (*args, *named.values())):
            return fn(*args, **named)
        if fn is np.where and len(args) == 3 and not any(isinstance(a, Tracer) and a.ndim for a in args):
            return self._chosen(*map(self.operand, args))
        d = lookup(fn)
        if d is None:
            raise NoRuleError(f"a derivative rule calls {fn!r}, which has no row of its own", loc=self.loc)
        return self.apply(d, args, named)

    def _chosen(self, mask: Operand, yes: Operand, no: Operand) -> Any:
        """One of two numbers: `np.where` would make an array of it."""
        out = Value(None, join(strip(yes.type), strip(no.type)), loc=self.loc)
        self.builder.emit(If(mask, Block((), (Yield((yes,)),)), Block((), (Yield((no,)),)), (out,), self.loc))
        return self.wrap(out)

    def apply(self, d: Def, args: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        operands = tuple(self.operand(a) for a in args)
        keywords = {k: self.operand(v) for k, v in named.items()}
        return self.wrap(self.builder.apply(d, operands, keywords, loc=self.loc))

    def operand(self, item: Any) -> Operand:
        """The IR operand of a traced or plain Python item."""
        if isinstance(item, Tracer):
            return item.operand
        if isinstance(item, Shape) and item.whole is not None:
            return item.whole
        if isinstance(item, (tuple, list)):
            items = tuple(self.operand(i) for i in item)
            return Pack(items, "list" if isinstance(item, list) else "tuple")
        if isinstance(item, (Value, Pack, Literal)):
            return item
        if isinstance(item, np.generic):
            return Literal(item.item())
        if isinstance(item, np.dtype):
            return Literal(item.type, f"np.{item.name}")
        if isinstance(item, type) and issubclass(item, np.generic):
            return Literal(item, f"np.{item.__name__}")
        return Literal(item)

    def wrap(self, operand: Operand) -> Any:
        """What a rule sees for an operand: a tracer, or the plain Python value of a literal."""
        if isinstance(operand, Literal) and _is_plain(operand):
            return operand.value
        if isinstance(operand, Pack):
            items = [self.wrap(i) for i in operand.items]
            return items if operand.kind == "list" else tuple(items)
        return Tracer(operand, self)

    def evaluate(self, partial: Partial, names: Mapping[str, Any]) -> Any:
        """The value of a partial's text over named tracers.

        Raises:
            NoRuleError: no derivative is known.
        """
        if partial.refusal:
            raise NoRuleError(partial.refusal, loc=self.loc, hint=_HINT)
        return special.evaluate(partial, {n: self._array(x) for n, x in names.items()})

    def _array(self, x: Any) -> Any:
        """A display of numbers as the array that NumPy makes of it."""
        if not isinstance(x, (list, tuple)) or isinstance(x, Shape):
            return x
        row = lookup(np.array)
        assert row is not None
        return self.apply(row, (x,), {})


def _is_plain(literal: Literal) -> bool:
    """Whether a rule sees the value itself: constants written in place; named ones that decide an axis, size or mode."""
    named = literal.text is not None
    return (
        isinstance(literal.value, (bool, int, str, tuple, type(None), type(...)))
        if named
        else not isinstance(literal.value, np.ndarray)
    )


def _traced(item: Any) -> bool:
    if isinstance(item, (tuple, list)):
        return (isinstance(item, Shape) and item.whole is not None) or any(map(_traced, item))
    return isinstance(item, Tracer)


class Shape(tuple[Any, ...]):  # noqa: SLOT001  a tuple with one more fact
    """The shape of a traced array: known sizes are ints, others are read from `.shape` when they are used."""

    whole: Operand | None = None


class Tracer:
    """Stands for one operand while a rule runs."""

    __array_priority__ = 1e6
    __slots__ = ("operand", "tracing")

    def __init__(self, operand: Operand, tracing: Tracing) -> None:
        self.operand = operand
        self.tracing = tracing

    @property
    def type(self) -> Type:
        return strip(self.operand.type)

    @property
    def ndim(self) -> int:
        return len(self.dims)

    @property
    def dims(self) -> tuple[Dim, ...]:
        t = self.type
        return t.dims if isinstance(t, Array) else ()

    @property
    def dtype(self) -> np.dtype[Any]:
        kind = kind_of(self.type) or "f64"
        return np.dtype(
            DTYPES.get({"float": "f64", "int": "i64", "bool": "b1", "complex": "c128"}.get(kind, kind), "f8")
        )

    @property
    def shape(self) -> Shape:
        if isinstance(self.type, Scalar):
            return Shape()
        t, b = self.tracing, self.tracing.builder
        whole = b.apply(methods.ATTRIBUTES["shape"], (self.operand,), loc=t.loc)
        sizes = Shape(
            d if isinstance(d, int) else Tracer(b.load(whole, Index((Literal(i),)), type=Scalar("int"), loc=t.loc), t)
            for i, d in enumerate(self.dims)
        )
        sizes.whole = whole
        return sizes

    @property
    def size(self) -> Any:
        return 1 if isinstance(self.type, Scalar) else self._attribute("size")

    @property
    def T(self) -> Any:  # noqa: N802  NumPy's name
        return self if self.ndim < 2 else self._attribute("T")

    @property
    def real(self) -> Any:
        return self.tracing.call(np.real, (self,))

    @property
    def imag(self) -> Any:
        return self.tracing.call(np.imag, (self,))

    def _attribute(self, name: str) -> Any:
        return self.tracing.apply(methods.ATTRIBUTES[name], (self,), {})

    def __getattr__(self, name: str) -> Any:
        field = dict(self.type.fields).get(name) if isinstance(self.type, Struct) else None
        if field is not None:
            return self.tracing.wrap(self.tracing.builder.load(self.operand, Attr(name), loc=self.tracing.loc, type=field))
        if name.startswith("__") or name not in methods.METHODS:
            raise AttributeError(name)
        spec = methods.METHODS[name]

        def method(*args: Any, **kwargs: Any) -> Any:
            fn_args, fn_kwargs = spec.normalise((self, *args), kwargs) if spec.normalise else ((self, *args), kwargs)
            return self.tracing.call(spec.fn, fn_args, fn_kwargs)

        return method

    def __getitem__(self, index: Any) -> Any:
        t = self.tracing
        items = index if isinstance(index, tuple) and not isinstance(index, Shape) else (index,)
        place = Index(tuple(_index_item(i, t) for i in items))
        advanced = any(not isinstance(i, Slice) and isinstance(strip(i.type), (Array, Tuple)) for i in place.items)
        if isinstance(self.type, Array) and not advanced:
            probe = t.builder.view(self.operand, place, loc=t.loc)
            if isinstance(probe.type, Array):
                return t.wrap(probe)
            t.builder.ops.pop()
        return t.wrap(t.builder.load(self.operand, place, loc=t.loc, type=self._advanced(place) if advanced else None))

    def _advanced(self, place: Index) -> Type:
        """The type of an advanced index: only ndim and dtype are claimed."""
        t = self.type
        assert isinstance(t, Array)
        dummy = np.empty((3,) * t.ndim)
        index = tuple(_dummy_item(i) for i in place.items)
        return Array(t.dtype, (None,) * dummy[index].ndim)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise InternalError(f"a derivative rule uses {ufunc.__name__}.{method}", loc=self.tracing.loc)
        return self.tracing.call(ufunc, args, kwargs)

    def __array_function__(self, fn: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.tracing.call(fn, args, kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise self._unknown("makes an array of an argument without being recorded")

    def __len__(self) -> int:
        if self.dims and isinstance(self.dims[0], int):
            return self.dims[0]
        if isinstance(self.type, Tuple):
            return len(self.type.items)
        raise NoRuleError(
            "an array or list whose length is known only when the program runs, as an argument of this function",
            loc=self.tracing.loc,
            hint="write its items out where the function is called: `[a, b]`, `(0, 1)`",
        )

    def __iter__(self) -> Any:
        """The rows of an array of known length: without this, Python would ask for items without end."""
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        raise self._unknown("branches on the contents of an array")

    def __index__(self) -> int:
        raise self._unknown("asks for an unknown number")

    def _unknown(self, what: str) -> DiffsrcError:
        if getattr(self.type, "kind", None) in ("int", "bool") or isinstance(self.type, AnyType):
            return NoRuleError(
                "an axis, an order or a count that is known only when the program runs",
                loc=self.tracing.loc,
                hint="write it as a number, or as an argument of a function that is called with a number",
            )
        return NoRuleError(
            f"a derivative rule {what}", loc=self.tracing.loc,
            hint="rules are written for arrays whose contents aren't known; options of functions are constants",
        )  # fmt: skip

    def __hash__(self) -> int:
        return id(self)


def _index_item(item: Any, t: Tracing) -> Operand | Slice:
    if isinstance(item, slice):
        return Slice(t.operand(item.start), t.operand(item.stop), t.operand(item.step))
    return t.operand(item)


def _dummy_item(item: Operand | Slice) -> Any:
    if isinstance(item, Slice):
        return slice(None)
    if isinstance(item, Literal) and not isinstance(item.value, np.ndarray):
        return item.value
    t = strip(item.type)
    if isinstance(t, Scalar):
        return 0
    index = as_array(t)
    return np.zeros((3,) * index.ndim, bool if index.dtype == "b1" else int)


def _install() -> None:
    def binary(fn: Any) -> tuple[Any, Any]:
        return (lambda a, b: a.tracing.call(fn, (a, b))), (lambda a, b: a.tracing.call(fn, (b, a)))

    for name in _BINARY:
        forward, reflected = binary(getattr(operator, name))
        setattr(Tracer, f"__{name.strip('_')}__", forward)
        setattr(Tracer, f"__r{name.strip('_')}__", reflected)
    for name in _COMPARE:
        setattr(Tracer, f"__{name}__", binary(getattr(operator, name))[0])
    def unary(fn: Any) -> Any:
        return lambda a: a.tracing.call(fn, (a,))

    for name in _UNARY:
        setattr(Tracer, f"__{name}__", unary(getattr(operator, name)))


_install()
