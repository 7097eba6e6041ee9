"""Loops whose rounds are known, written out.

    for %i: int in range(1, 3, 1) {
      %1: int = sub(%i, 1)                         %2: f64 = load %y[0]
      %2: f64 = load %y[%1]            =>          store %y[1] = %2
      store %y[%i] = %2                            %2: f64 = load %y[1]
      yield                                        store %y[2] = %2
    }

A loop is written out where its rounds are numbers (ranges of literals, arrays of literal size, `zip`, `enumerate` and
`reversed` of them), nothing leaves an iteration but at its end, and the result is no longer than `MAX_OPS`. Sizes of arrays, and
arithmetic of ints and bools, are numbers then; an `if` on them is its arm. Everything else stays as it was: no float of the
program is computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..defs.table import Def
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    For,
    Func,
    Index,
    Load,
    Op,
    Range,
    Reversed,
    Seq,
    Space,
    View,
    Yield,
    Zip,
)
from ..ir.ops import Enumerate as Counted
from ..ir.types import Array, Scalar, strip
from ..ir.values import Literal, Operand, Value, is_undef
from ..ir.walk import blocks, map_operands, results, used_values, walk, with_blocks, with_body, with_ops, with_results
from .mark import carried_params, exits_of
from .simplify import simplify

#: how many rounds are written out, and how many ops all of them may have
MAX_ROUNDS = 64
MAX_OPS = 1000
_INTS = frozenset({
    "add", "sub", "mul", "floordiv", "mod", "neg", "pos", "lt", "le", "gt", "ge", "eq", "ne", "not_", "truth", "and_", "or_",
    "xor", "index", "min", "max", "abs", "int", "bool",
})  # fmt: skip

#: what a leaf of an iteration space gives in a round; the op that reads it, if it takes one
Leaf = Callable[[int, Value], tuple[Operand, Op | None]]


def unroll(func: Func) -> Func:
    """The function with loops of few rounds written out."""
    if not any(isinstance(op, For) for op in walk(func.body)):
        return func
    return simplify(with_body(func, _Unroller().block(func.body)))


class _Unroller:
    """One walk over a function; what is written out has values of its own."""

    def __init__(self) -> None:
        self.env: dict[Value, Operand] = {}
        self.shapes: dict[Operand, tuple[int, ...]] = {}
        self.depth = 0
        self.made = 0

    def get(self, operand: Operand) -> Operand:
        return self.env.get(operand, operand) if isinstance(operand, Value) else operand

    def block(self, block: Block) -> Block:
        """A block in the current round."""
        old = block.params
        if self.depth:
            block = replace(block, params=self.fresh(old))
        ops: list[Op] = []
        for op in block.ops:
            self.op(op, ops)
        return with_ops(block, ops)

    def fresh(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        new = tuple(replace(v) for v in values)
        self.env.update(zip(values, new))
        return new

    def op(self, op: Op, ops: list[Op]) -> None:
        op = map_operands(op, self.get)
        if isinstance(op, For) and (rounds := self.rounds(op)) is not None:
            self.written_out(op, rounds, ops)
            return
        known = self.known(op)
        if known is not None:
            self.env[results(op)[0]] = known
            return
        op = with_blocks(op, tuple(map(self.block, blocks(op))))
        if self.depth and results(op):
            op = with_results(op, self.fresh(results(op)))
        if isinstance(op, Apply) and op.fn.name == ".shape" and (dims := _dims(op.args[0])) is not None:
            self.shapes[op.results[0]] = dims
        self.made += self.depth > 0
        ops.append(op)

    def written_out(self, op: For, rounds: tuple[int, list[Leaf]], ops: list[Op]) -> None:
        count, leaves = rounds
        passed: tuple[Operand, ...] = op.inits
        self.depth += 1
        for k in range(count):
            for leaf, param in zip(leaves, op.body.params):
                value, read = leaf(k, param)
                self.env[param] = value
                if read is not None:
                    ops.append(read)
            passed = self.inlined(op.body, op.body.params[len(leaves) :], passed, ops)
        passed = self.inlined(op.orelse, op.orelse.params, passed, ops)
        self.depth -= 1
        self.env.update(zip(op.results, passed))

    def inlined(
        self, block: Block, params: Sequence[Value], given: Sequence[Operand], ops: list[Op]
    ) -> tuple[Operand, ...]:
        """A block in its place, and what it passes on."""
        self.env.update(zip(params, given))
        for op in block.body:
            self.op(op, ops)
        last = map_operands(block.terminator, self.get)
        assert isinstance(last, Yield)
        return last.values

    def rounds(self, op: For) -> tuple[int, list[Leaf]] | None:
        """How many rounds a loop has and what its leaves give; None where it stays a loop."""
        count, leaves = _space(op.space, op)
        if count is None or count > MAX_ROUNDS or not _is_plain(op):
            return None
        cost = count * sum(map(self.cost, op.body.ops))
        if self.made + cost > MAX_OPS:
            return None
        return count, leaves

    def cost(self, op: Op) -> int:
        """How many ops an op becomes."""
        inner = sum(self.cost(i) for b in blocks(op) for i in b.ops)
        if isinstance(op, For):
            count, _ = _space(op.space, op)
            return inner * (count if count is not None and count <= MAX_ROUNDS else 1)
        return 1 + inner

    def known(self, op: Op) -> Operand | None:
        """The number that an op gives, where that is known."""
        if isinstance(op, Load):
            dims = self.shapes.get(op.src)
            index = _only_int(op.place.items) if dims is not None and isinstance(op.place, Index) else None
            return Literal(dims[index]) if dims and index is not None and -len(dims) <= index < len(dims) else None
        if not isinstance(op, Apply) or not isinstance(op.fn, Def) or op.kwargs or len(op.results) != 1:
            return None
        if op.fn.name in ("len", ".size", ".ndim"):
            return _size(op.fn.name, op.args[0])
        values = [a.value for a in op.args if isinstance(a, Literal) and a.text is None and type(a.value) in (int, bool)]
        if op.fn.name not in _INTS or len(values) < len(op.args) or not values:
            return None
        return _computed(op.fn.fn, values)


def _computed(fn: Callable[..., Any], values: Sequence[Any]) -> Literal | None:
    try:
        found = fn(*values)
    except (ArithmeticError, TypeError, ValueError):
        return None
    return Literal(found) if type(found) in (int, bool) and abs(found) < 2**63 else None


def _size(name: str, array: Operand) -> Literal | None:
    kind = strip(array.type)
    if isinstance(kind, Array) and name == ".ndim":
        return Literal(len(kind.dims))
    dims = _dims(array)
    if not dims:
        return None
    size = 1
    for d in dims if name == ".size" else dims[:1]:
        size *= d
    return Literal(size)


def _dims(operand: Operand) -> tuple[int, ...] | None:
    kind = strip(operand.type)
    if not isinstance(kind, Array):
        return None
    dims = tuple(d for d in kind.dims if isinstance(d, int))
    return dims if len(dims) == len(kind.dims) else None


def _only_int(items: Sequence[object]) -> int | None:
    first = items[0] if len(items) == 1 else None
    return first.value if isinstance(first, Literal) and type(first.value) is int else None


def _space(space: Space, op: For) -> tuple[int | None, list[Leaf]]:
    """How many rounds a space has, None if that isn't known, and what its leaves give."""
    match space:
        case Range(start, stop, step):
            ends = [_only_int([o]) for o in (start, stop, step)]
            if None in ends or ends[2] == 0:
                return None, []
            numbers = range(*ends)  # type: ignore[arg-type]
            return len(numbers), [lambda k, param: (Literal(numbers[k]), None)]
        case Seq(value):
            kind = strip(value.type)
            if not isinstance(value, Value) or not isinstance(kind, Array) or not kind.dims or not isinstance(kind.dims[0], int):
                return None, []
            return kind.dims[0], [lambda k, param: _item(value, k, param, op)]
        case Zip(items):
            parts = [_space(item, op) for item in items]
            counts = [count for count, _ in parts if count is not None]
            return min(counts) if len(counts) == len(parts) > 0 else None, [leaf for _, own in parts for leaf in own]
        case Counted(item, start):
            first = _only_int([start])
            count, inner = _space(item, op)
            if first is None:
                return None, []
            return count, [lambda k, param: (Literal(first + k), None), *inner]
        case Reversed(item):
            count, inner = _space(item, op)
            return count, [_backwards(leaf, count) for leaf in inner] if count is not None else []
    return None, []


def _backwards(leaf: Leaf, count: int) -> Leaf:
    return lambda k, param: leaf(count - 1 - k, param)


def _item(array: Value, k: int, param: Value, op: For) -> tuple[Operand, Op]:
    item, place = replace(param), Index((Literal(k),))
    if isinstance(strip(param.type), Array):
        return item, View(array, place, item, op.loc)
    return item, Load(array, place, item, op.loc)


def _is_plain(op: For) -> bool:
    """Whether an iteration is left at its end alone, and nothing is carried but numbers and arrays that are bound."""
    if any(isinstance(e, (Break, Continue)) for e in exits_of(op)) or not isinstance(op.body.terminator, Yield):
        return False
    if not isinstance(op.orelse.terminator, Yield):
        return False
    used: set[Value] | None = None
    for init, params in zip(op.inits, carried_params(op)):
        if is_undef(init):
            used = {v for i in walk(op.body) if not isinstance(i, Yield) for v in used_values(i)} if used is None else used
            if not used.isdisjoint(params):
                return False
        elif not isinstance(strip(params[0].type), (Scalar, Array)):
            return False
    return True
