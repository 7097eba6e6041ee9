"""The Builder: a stack of op lists. Passes that make new code emit into the innermost one.

b = Builder()
with b.block() as then:            # ops emitted inside go to `then`
    t = b.apply(MUL, (x, y))
    b.emit(Yield((t,)))
b.emit(If(c, Block((), tuple(then)), other, (r,)))
body = b.finish()
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ..source import NOWHERE, Loc
from .ops import Apply, Attr, Block, Callee, Index, Load, Op, Place, Slice, Store, View
from .types import ANY, Array, Dict, Dim, List, Lit, Scalar, Struct, Tuple, Type, Union, strip
from .values import Literal, Operand, Pack, Value


class Builder:
    """Collects ops; `ops` is the innermost list."""

    def __init__(self) -> None:
        self._stack: list[list[Op]] = [[]]

    @property
    def ops(self) -> list[Op]:
        return self._stack[-1]

    @property
    def open(self) -> list[list[Op]]:
        """The lists that are being collected, outermost first."""
        return self._stack

    def emit(self, op: Op) -> None:
        self.ops.append(op)

    def extend(self, ops: list[Op] | tuple[Op, ...]) -> None:
        self.ops.extend(ops)

    @contextmanager
    def block(self) -> Iterator[list[Op]]:
        """Collect what is emitted inside into the list it gives."""
        ops: list[Op] = []
        self._stack.append(ops)
        try:
            yield ops
        finally:
            self._stack.pop()

    def finish(self, params: tuple[Value, ...] = ()) -> Block:
        """The ops of the outermost list as a block."""
        return Block(params, tuple(self._stack[0]))

    def apply(
        self,
        fn: Callee,
        args: tuple[Operand, ...],
        kwargs: Mapping[str, Operand] | None = None,
        name: str | None = None,
        loc: Loc = NOWHERE,
        type: Type | None = None,
        mem: str | None = None,
    ) -> Value:
        """An op with one result, whose type is `type`, else what `fn.infer` says, else Any."""
        named = kwargs or {}
        if type is None:
            type = _inferred(fn, args, named)
        result = Value(name, type, mem, None, loc)
        self.emit(Apply(fn, args, tuple(named.items()), (result,), loc))
        return result

    def call(
        self,
        fn: Callee,
        args: tuple[Operand, ...],
        results: tuple[Value, ...] = (),
        kwargs: Mapping[str, Operand] | None = None,
        loc: Loc = NOWHERE,
    ) -> tuple[Value, ...]:
        """An op with given results (none, or several)."""
        self.emit(Apply(fn, args, tuple((kwargs or {}).items()), results, loc))
        return results

    def load(
        self,
        src: Operand,
        place: Place,
        name: str | None = None,
        loc: Loc = NOWHERE,
        type: Type | None = None,
    ) -> Value:
        result = Value(name, type or place_type(src.type, place), None, None, loc)
        self.emit(Load(src, place, result, loc))
        return result

    def view(
        self,
        src: Operand,
        place: Index,
        name: str | None = None,
        loc: Loc = NOWHERE,
        type: Type | None = None,
    ) -> Value:
        mem = src.mem if isinstance(src, Value) else None
        result = Value(name, type or place_type(src.type, place), mem, None, loc)
        self.emit(View(src, place, result, loc))
        return result

    def store(self, dst: Operand, place: Place, value: Operand, add: bool = False, loc: Loc = NOWHERE) -> None:
        self.emit(Store(dst, place, value, add, loc))


def _inferred(fn: Callee, args: tuple[Operand, ...], kwargs: Mapping[str, Operand]) -> Type:
    infer = getattr(fn, "infer", None)
    if infer is None:
        return ANY
    found = infer(tuple(map(_argument_type, args)), {k: _argument_type(v) for k, v in kwargs.items()})
    assert isinstance(found, Type)
    return found


def _argument_type(operand: Operand) -> Type:
    """Of a display, each item has its own type: a list display comes as a tuple too."""
    if not isinstance(operand, Pack):
        return operand.type
    return Tuple(tuple(map(_argument_type, operand.items)), listed=operand.kind == "list")


def place_type(src: Type, place: Place) -> Type:
    """The type read at a place: attributes, integer indices, slices, the whole; else Any."""
    src = strip(src)
    if isinstance(place, Attr):
        return (src.field(place.name) or ANY) if isinstance(src, (Struct, Union)) else ANY
    if isinstance(src, Array):
        return _array_element(src, place)
    if len(place.items) != 1 or isinstance(place.items[0], Slice):
        return ANY
    key = place.items[0].type
    if isinstance(src, List):
        return src.item
    if isinstance(src, Tuple) and isinstance(key, Lit) and isinstance(key.value, int):
        return src.items[key.value]
    if isinstance(src, Dict) and isinstance(key, Lit):
        return dict(src.items).get(key.value, ANY)
    return ANY


def _array_element(src: Array, place: Index) -> Type:
    dims: list[Dim] = list(src.dims)
    left: list[Dim] = []
    for n, item in enumerate(place.items):
        if isinstance(item, Slice):
            dims.pop(0)
            left.append(None)
        elif isinstance(item, Literal) and item.value is None:
            left.append(1)
        elif isinstance(item, Literal) and item.value is Ellipsis:
            used = sum(not (isinstance(i, Literal) and i.value is None) for i in place.items[n + 1 :])
            keep = len(dims) - used
            left += dims[:keep]
            del dims[:keep]
        elif isinstance(strip(item.type), Scalar) and dims:
            dims.pop(0)
        else:
            return ANY
    rest = (*left, *dims)
    # indexing by integers alone gives a number, an Ellipsis keeps an array of no dimensions
    whole = any(isinstance(i, Literal) and i.value is Ellipsis for i in place.items)
    return Array(src.dtype, rest) if rest or whole else Scalar(src.dtype)
