"""Closures as plain tuples of what they capture: type inference resolved their calls to functions.

    %g: func g = closure(<func g>, %k)
    %0 = call twice(%g, %x)                  ->      %0 = call twice((%k,), %x)

    func twice(%f: func g, %t) {                     func twice(%f: (float,), %t) {
      %k = load %f[0]                                  %k = load %f[0]
      %0 = call g(%k, %t)                              %0 = call g(%k, %t)

Where a closure is handed to a function that isn't known here (`sorted(xs, key=...)`, an opaque callable),
a function is made again, just before. A function without captures stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..defs.structural import CLOSURE
from ..defs.table import Def
from ..errors import UnsupportedError
from ..ir.ops import Apply, Block, Func, FuncRef, Index, Load, Op
from ..ir.types import INT, Dict, FuncType, List, OneOf, Struct, Tuple, Type, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, defined, map_operand, map_operands, results, walk, with_blocks, with_results


def captured(t: Type) -> Type:
    """The type with closures as tuples."""
    match strip(t):
        case FuncType(captures=captures) if captures:
            return Tuple(tuple(map(captured, captures)))
        case OneOf(options=options):
            return Tuple((INT, *map(captured, options)))
        case Tuple() as found if holds_closure(found):
            return replace(found, items=tuple(map(captured, found.items)))
        case List() as found if holds_closure(found):
            return List(captured(found.item))
        case Dict() as found if holds_closure(found):
            return Dict(tuple((k, captured(v)) for k, v in found.items), found.open)
        case Struct() as found if holds_closure(found):
            return replace(found, fields=tuple((k, captured(v)) for k, v in found.fields))
    return t


def holds_closure(t: Type) -> bool:
    """Whether values of this type are, or hold, a function with captured values."""
    match strip(t):
        case FuncType(captures=captures):
            return bool(captures)
        case OneOf():
            return True
        case Tuple(items=items):
            return any(map(holds_closure, items))
        case List(item=item):
            return holds_closure(item)
        case Dict(items=pairs):
            return any(holds_closure(v) for _, v in pairs)
        case Struct(fields=fields):
            return any(holds_closure(v) for _, v in fields)
    return False


def open_closures(func: Func) -> Func:
    """The typed function with closures as tuples."""
    values = [*func.params, *defined(func.body)]
    if not any(holds_closure(v.type) for v in values):
        return func
    made = {
        op.results[0]: Pack(op.args[1:])
        for op in walk(func.body)
        if isinstance(op, Apply) and op.fn is CLOSURE and len(op.args) > 1
    }
    new = {v: replace(v, type=captured(v.type)) for v in values if v not in made and holds_closure(v.type)}
    opened = _Opened(made, new)
    return replace(func, params=tuple(new.get(p, p) for p in func.params), body=opened.block(func.body))


class _Opened:
    """Rewrites ops. `made`: closures made in this function; `new`: the other values that are retyped."""

    def __init__(self, made: dict[Value, Pack], new: dict[Value, Value]) -> None:
        self.made, self.new = made, new
        #: captures read where the closure is made
        self.read: dict[Value, Operand] = {}

    def use(self, operand: Operand) -> Operand:
        if not isinstance(operand, Value):
            return operand
        known = self.made.get(operand) or self.read.get(operand)
        if known is not None:
            return map_operand(known, self.use)
        return self.new.get(operand, operand)

    def block(self, block: Block) -> Block:
        ops = [o for op in block.ops for o in self.op(op)]
        return Block(tuple(self.new.get(p, p) for p in block.params), tuple(ops))

    def op(self, op: Op) -> Iterator[Op]:
        if isinstance(op, Apply) and op.results and op.results[0] in self.made:
            return
        if isinstance(op, Load) and isinstance(op.src, Value) and op.src in self.made:
            self.read[op.result] = self.made[op.src].items[_position(op)]
            return
        if isinstance(op, Apply) and _is_opaque(op):
            again, op = self.functions(op)
            yield from again
        op = with_blocks(map_operands(op, self.use), tuple(map(self.block, blocks(op))))
        yield with_results(op, tuple(self.new.get(r, r) for r in results(op))) if results(op) else op

    def functions(self, op: Apply) -> tuple[list[Op], Apply]:
        """An op that takes functions, with closures among its operands made again."""
        ops: list[Op] = []
        fresh: dict[Operand, Value] = {}

        def again(operand: Operand) -> Operand:
            t = strip(operand.type)
            if not isinstance(operand, Value) or not isinstance(t, FuncType) or not t.captures:
                return operand
            if not isinstance(t.target, Func):
                raise UnsupportedError(
                    "a partial function, a bound method, or an object such as a spline, a sparse matrix or a frozen "
                    "distribution is handed to what isn't compiled, maybe as what a function captures", loc=op.loc,
                    hint="write a lambda, which makes the object itself of numbers and arrays",
                )  # fmt: skip
            if operand not in fresh:
                parts = self.parts(operand, t, ops)
                fresh[operand] = Value(operand.name, t, None, None, operand.loc)
                ops.append(Apply(CLOSURE, (Literal(t.target), *parts), (), (fresh[operand],), op.loc))
            return fresh[operand]

        mapped = map_operands(op, again)
        assert isinstance(mapped, Apply)
        return ops, mapped

    def parts(self, operand: Value, t: FuncType, ops: list[Op]) -> tuple[Operand, ...]:
        given = self.use(operand)
        if isinstance(given, Pack):
            return given.items
        loads = [
            Load(given, Index((Literal(i),)), Value(None, captured(c), loc=operand.loc), operand.loc)
            for i, c in enumerate(t.captures)
        ]
        ops += loads
        return tuple(load.result for load in loads)


def _is_opaque(op: Apply) -> bool:
    """Whether a call's callee takes functions as Python has them."""
    if isinstance(op.fn, FuncRef):
        return not isinstance(getattr(op.fn.target, "func", None), Func)
    return not isinstance(op.fn, Def) or op.fn.family != "structural" or op.fn.name in ("fstring", "assert_")


def _position(op: Load) -> int:
    key = op.place.items[0] if isinstance(op.place, Index) else None
    assert isinstance(key, Literal)
    assert isinstance(key.value, int)
    return key.value
