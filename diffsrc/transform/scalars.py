"""Small local arrays as numbers, one per element.

    %y: f64[2] = np.empty(2)
    store %y[0] = %a                               %0: f64 = mul(0.5, %a)
    %0: f64 = load %y[0]                           %1: f64 = mul(%a, %a)
    %1: f64 = mul(0.5, %0)              =>         %2: f64 = mul(%0, %0)
    store %y[1] = %1                               %3: f64 = add(%1, %2)
    %2: f64[2] = mul(%y, %y)                       return %3
    %3: f64 = np.sum(%2)
    return %3

An array is taken apart where its size is a number, and all that is done with it is known element by element: reads and stores
at literal places, arithmetic, its sum. One that goes anywhere else (a call, a result, a container) stays an array.

The numbers are the same to the last bit. An element that is read is a NumPy number of the array's dtype, so what is stored is
converted where it isn't one. Arithmetic is that which IEEE 754 rounds correctly, and sums are added in NumPy's order: where a
trial finds another one, an array stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..defs.table import BY_NAME, Def
from ..ir.ops import Apply, Block, Func, If, Index, Load, Op, Store, View, Yield
from ..ir.types import DTYPES, Array, Lit, Scalar, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import (
    blocks,
    completes,
    map_operands,
    rename,
    used_values,
    with_blocks,
    with_body,
    with_ops,
)
from .numbers import (
    EXACT,
    Base,
    Part,
    Places,
    added,
    gives,
    in_order,
    is_number,
    is_own,
    is_two,
    is_written,
    order_of_sum,
    sizes,
    subscript,
)
from .simplify import simplify

#: elements of an array that is taken apart; NumPy adds up to 128 numbers without halving them
MAX_SIZE = 64

_CREATE = frozenset(f"np.{name}{like}" for name in ("empty", "zeros", "ones", "full") for like in ("", "_like"))
_FILLS = {"zeros": 0.0, "ones": 1.0}


def scalars(func: Func) -> Func:
    """The function with small local arrays as numbers."""
    kept: set[Value] = set()
    while True:
        try:
            return _Scalars(func, kept).run()
        except _Stays as found:
            kept.add(found.array)


class _Stays(Exception):  # noqa: N818  not an error: the walk starts again
    """An array can't be taken apart."""

    def __init__(self, array: Value) -> None:
        self.array = array


class _Scalars:
    """One walk over a function, in which the arrays of `kept` stay."""

    def __init__(self, func: Func, kept: set[Value]) -> None:
        self.func, self.kept = func, kept
        self.env: dict[Value, Operand] = {}
        self.parts: dict[Value, Part] = {}
        #: arrays that are written at one place only now: outside of a loop or `try`
        self.live: list[Base] = []
        self.frozen: set[Base] = set()
        self.names: dict[Value, str] = {}
        #: numbers that aren't -0.0
        self.squares: set[Value] = set()
        #: numbers that are certainly np.float32: a `float` may be an np.float64, and makes one of what is typed f32
        self.single: set[Operand] = set()

    def run(self) -> Func:
        body = self.block(self.func.body)
        if not self.parts:
            return self.func
        named = {v: replace(v, name=name) for v, name in self.names.items()}
        return simplify(rename(with_body(self.func, body), named))

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            op = map_operands(op, self.get)
            if not self.taken_apart(op, ops):
                for v in used_values(op):
                    if v in self.parts:
                        raise _Stays(self.parts[v].base.array)
                self.note_single(op)
                ops.append(self.around(op))
        return with_ops(block, ops)

    def get(self, operand: Operand) -> Operand:
        return self.env.get(operand, operand) if isinstance(operand, Value) else operand

    def note_single(self, op: Op) -> None:
        """Arithmetic of np.float32 numbers, with numbers written in place, gives such."""
        if isinstance(op, Apply) and isinstance(op.fn, Def) and op.fn.name in EXACT and not op.kwargs:
            known = [o in self.single for o in op.args]
            if any(known) and all(k or is_written(o) for k, o in zip(known, op.args)):
                self.single.update(op.results)

    # -- regions

    def around(self, op: Op) -> Op:
        """An op that stays, with what is inside."""
        if isinstance(op, If):
            return self.branch(op)
        frozen, known = self.frozen, len(self.live)
        self.frozen = frozen.union(self.live)
        new = with_blocks(op, tuple(map(self.block, blocks(op))))
        self.frozen = frozen
        del self.live[known:]
        return new

    def branch(self, op: If) -> If:
        known = list(self.live)
        before = [list(base.cells) for base in known]
        arms: list[tuple[Block, list[list[Operand | None]]]] = []
        for block in (op.then, op.other):
            new = self.block(block)
            arms.append((new, [base.cells for base in known]))
            del self.live[len(known) :]
            for base, cells in zip(known, before):
                base.cells = list(cells)
        ends = [(block, cells) for block, cells in arms if completes(block)]
        if len(ends) == 1:
            for base, cells in zip(known, ends[0][1]):
                base.cells = cells
        merged: list[tuple[Value, tuple[Operand, Operand]]] = []
        if len(ends) == 2:
            for base, one, two in zip(known, ends[0][1], ends[1][1]):
                base.cells = [self.merged(base, n, pair, merged) for n, pair in enumerate(zip(one, two))]
        if not merged:
            return replace(op, then=arms[0][0], other=arms[1][0])
        then, other = (_yielding(block, [pair[k] for _, pair in merged]) for k, (block, _) in enumerate(arms))
        return replace(op, then=then, other=other, results=(*op.results, *(v for v, _ in merged)))

    def merged(
        self, base: Base, n: int, pair: tuple[Operand | None, Operand | None], merged: list[Any]
    ) -> Operand | None:
        one, two = pair
        if one is two or one is None or two is None:
            return one if one is two else None
        value = Value(None, Scalar(base.dtype))
        if one in self.single and two in self.single:
            self.single.add(value)
        self.name(value, base, n)
        merged.append((value, (one, two)))
        return value

    # -- ops

    def taken_apart(self, op: Op, ops: list[Op]) -> bool:
        """Whether an op was replaced by what it does to elements."""
        match op:
            case Apply(fn=Def(), results=(result,)):
                return self.created(op, result, ops) or self.computed(op, result, ops) or self.reduced(op, result, ops)
            case View(src=Value() as src) if src in self.parts:
                part = self.parts[src]
                self.parts[op.result] = Part(part.base, self.at(part, op.place))
                return True
            case Load(src=Value() as src) if src in self.parts:
                part = self.parts[src]
                place = self.at(part, op.place) if isinstance(op.place, Index) else None
                if place is None or place.ndim or isinstance(strip(op.result.type), Array):
                    raise _Stays(part.base.array)
                self.env[op.result] = self.cell(part.base, int(place))
                return True
            case Store(dst=Value() as dst, add=False) if dst in self.parts:
                self.stored(op, self.parts[dst], ops)
                return True
        return False

    def at(self, part: Part, place: Index) -> Places:
        """The elements at a literal place."""
        try:
            found = part.places[tuple(map(subscript, place.items))]
        except (IndexError, ValueError, TypeError):
            raise _Stays(part.base.array) from None
        return np.asarray(found)

    def cell(self, base: Base, n: int) -> Operand:
        found = base.cells[n]
        if found is None:  # it is read before it is written
            raise _Stays(base.array)
        return found

    def enter(self, array: Value, cells: Sequence[Operand | None], plain: bool) -> None:
        kind = strip(array.type)
        assert isinstance(kind, Array)
        base = Base(array, kind.dtype, plain or len(kind.dims) == 1, list(cells))
        self.live.append(base)
        self.parts[array] = Part(base, np.arange(len(cells)).reshape(sizes(kind) or ()))
        for n, v in enumerate(cells):
            if isinstance(v, Value):
                self.name(v, base, n)

    def name(self, number: Value, base: Base, n: int) -> None:
        """Call a number after the variable that held it: y0, y1, ..."""
        if number.name is None and number not in self.names and base.array.name is not None:
            kind = strip(base.array.type)
            place = np.unravel_index(n, sizes(kind) or ())
            self.names[number] = base.array.name + "_".join(map(str, place))

    def size(self, array: Value) -> int | None:
        """How many elements an array has that can be taken apart."""
        kind = strip(array.type)
        dims = sizes(kind)
        if array in self.kept or not dims:
            return None
        size = int(np.prod(dims))
        return size if 0 < size <= MAX_SIZE else None

    def created(self, op: Apply, result: Value, ops: list[Op]) -> bool:
        """A new array; only the shape of what one is made like is read."""
        name, size = op.fn.name, self.size(result)
        options = dict(op.kwargs)
        if size is None or "order" in options or len(op.args) + len(options) > 3:
            return False
        kind = strip(result.type)
        assert isinstance(kind, Array)
        if name in ("np.array", "np.asarray") and len(kind.dims) == 1 and not options.keys() - {"dtype"}:
            return self.displayed(op, result, kind.dtype, ops)
        if name not in _CREATE or options.keys() - {"dtype", "shape", "fill_value", "a", "prototype"}:
            return False
        word = name.removeprefix("np.").removesuffix("_like")
        fill: Operand | None = Literal(_FILLS[word]) if word in _FILLS else None
        if word == "full":
            given = options.get("fill_value", op.args[1] if len(op.args) > 1 else None)
            if given is None or not is_number(given):
                return False
            fill = given
        cell = None if fill is None else self.converted(fill, kind.dtype, op, ops)
        self.enter(result, [cell] * size, plain=not name.endswith("_like"))
        return True

    def displayed(self, op: Apply, result: Value, dtype: str, ops: list[Op]) -> bool:
        items = op.args[0].items if isinstance(op.args[0], Pack) else ()
        if len(items) != self.size(result) or not all(map(is_number, items)):
            return False
        self.enter(result, [self.converted(o, dtype, op, ops) for o in items], plain=True)
        return True

    def stored(self, op: Store, part: Part, ops: list[Op]) -> None:
        if part.base in self.frozen or not isinstance(op.place, Index):
            raise _Stays(part.base.array)
        places = self.at(part, op.place)
        given = self.elements(op.value, places.shape, op, ops)
        if given is None:
            raise _Stays(part.base.array)
        cells = {int(n): self.converted(o, part.base.dtype, op, ops) for n, o in zip(places.flat, given)}
        for n, o in cells.items():
            part.base.cells[n] = o
            if isinstance(o, Value):
                self.name(o, part.base, n)

    def elements(self, operand: Operand, shape: tuple[int, ...], op: Op, ops: list[Op]) -> list[Operand] | None:
        """The numbers of an operand, as many as a shape asks for; None where they aren't known one by one."""
        size = int(np.prod(shape))
        if is_number(operand):
            return [operand] * size
        if not isinstance(operand, Value):
            return None
        found = self.parts.get(operand)
        dims = found.places.shape if found is not None else sizes(strip(operand.type))
        if not dims or np.prod(dims) > MAX_SIZE:
            return None
        numbers = found.places if found is not None else np.arange(int(np.prod(dims))).reshape(dims)
        try:
            places = np.broadcast_to(numbers, shape)
        except ValueError:
            return None
        if found is not None:
            return [self.cell(found.base, int(n)) for n in places.flat]
        return self.loaded(operand, places, dims, op, ops)

    def loaded(self, array: Value, places: Places, dims: tuple[int, ...], op: Op, ops: list[Op]) -> list[Operand]:
        """The elements of an array that stays."""
        kind = strip(array.type)
        assert isinstance(kind, Array)
        read: dict[int, Value] = {}
        for n in map(int, places.flat):
            if n not in read:
                read[n] = Value(None, Scalar(kind.dtype), loc=op.loc)
                index = Index(tuple(Literal(int(k)) for k in np.unravel_index(n, dims)))
                ops.append(Load(array, index, read[n], op.loc))
        return [read[int(n)] for n in places.flat]

    def computed(self, op: Apply, result: Value, ops: list[Op]) -> bool:
        """Arithmetic of arrays."""
        fn = EXACT.get(op.fn.name)
        kind = strip(result.type)
        if fn is None or self.size(result) is None or op.kwargs or not is_own(op.fn):
            return False
        assert isinstance(kind, Array)
        args = op.args
        if fn == "square":
            if op.fn.name == "pow" and not (isinstance(args[1], Literal) and is_two(args[1])):
                return False
            fn, args = "mul", (args[0], args[0])
        if not all(isinstance(a, Value) or is_number(a) for a in args):
            return False
        row = BY_NAME[fn]
        before = len(ops)
        columns = [self.elements(a, sizes(kind) or (), op, ops) for a in args]
        rows = None if None in columns else list(zip(*columns))
        if rows is None or not all(gives(row, each, kind.dtype) for each in rows):
            del ops[before:]
            return False
        cells = []
        for each in rows:
            cells.append(Value(None, Scalar(kind.dtype), loc=op.loc))
            ops.append(Apply(row, tuple(each), (), (cells[-1],), op.loc))
            self.note_single(ops[-1])
            if fn == "mul" and each[0] is each[1]:
                self.squares.add(cells[-1])
        self.enter(result, cells, plain=False)
        return True

    def reduced(self, op: Apply, result: Value, ops: list[Op]) -> bool:
        """The sum or mean of an array that is taken apart."""
        if op.fn.name not in ("np.sum", "np.mean") or op.kwargs or len(op.args) != 1 or not is_own(op.fn):
            return False
        array = op.args[0]
        part = self.parts.get(array) if isinstance(array, Value) else None
        kind = strip(result.type)
        if part is None or kind != Scalar(part.base.dtype):
            return False
        size, mean = part.places.size, op.fn.name == "np.mean"
        if part.places.ndim > 1 and not (part.base.plain and in_order(part.places)):
            return False
        order = order_of_sum(part.base.dtype, size, mean)
        if order is None:
            return False
        cells = [self.cell(part.base, int(n)) for n in part.places.flat]

        def add(a: Operand, b: Operand) -> Operand:
            total = Value(None, kind, loc=op.loc)
            ops.append(Apply(BY_NAME["add"], (a, b), (), (total,), op.loc))
            return total

        total = added(cells, add)
        if order and not any(isinstance(c, Value) and c in self.squares for c in cells):
            total = add(total, Literal(0.0))
        if mean:
            whole, total = total, Value(None, kind, loc=op.loc)
            ops.append(Apply(BY_NAME["truediv"], (whole, Literal(size)), (), (total,), op.loc))
        self.env[result] = total
        return True

    def converted(self, operand: Operand, dtype: str, op: Op, ops: list[Op]) -> Operand:
        """A number as an element of an array gives it back."""
        known = operand in self.single if dtype == "f32" else strip(operand.type) == Scalar(dtype)
        if known and not isinstance(operand.type, Lit):
            return operand
        value = Value(None, Scalar(dtype), loc=op.loc)
        if dtype == "f32":
            self.single.add(value)
        ops.append(Apply(BY_NAME[f"np.{DTYPES[dtype]}"], (operand,), (), (value,), op.loc))
        return value


def _yielding(block: Block, more: Sequence[Operand]) -> Block:
    last = block.terminator
    assert isinstance(last, Yield)
    return Block(block.params, (*block.body, Yield((*last.values, *more), last.loc)))
