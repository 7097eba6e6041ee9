"""Products of derivative code in one order: numbers written in place first, then scalars, then arrays.

    %0 = mul(2, %u)                    %0 = mul(2, %dout)
    %1 = mul(%dout, %0)        =>      %1 = mul(%0, %u)

Scalars are multiplied before they meet an array, so that one array product is left of several. Factors of a product that
is used once are flattened into it, signs and literals are collected. Only what derivatives read is touched: the order of
multiplication changes the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..defs.table import BY_NAME, Def
from ..errors import DiffTypeError
from ..ir.ops import Apply, Block, Func, Op
from ..ir.types import INEXACT, Array, Scalar, Type, kind_of, strip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, substitute, with_blocks, with_body, with_ops
from .memory import memory_of

MayChange = Callable[[Op], bool]
_PRODUCTS = frozenset({"mul", "np.multiply"})
_QUOTIENTS = frozenset({"truediv", "np.divide", "np.true_divide"})
MAX_FACTORS = 8


def order_products(func: Func, may_change: MayChange) -> Func:
    """The function with the products of derivative ops in normal order."""
    products = _Products(func, may_change)
    body = products.block(func.body)
    return substitute(with_body(func, body), products.renamed)


class _Products:
    def __init__(self, func: Func, may_change: MayChange) -> None:
        self.may_change = may_change
        self.memory = memory_of(func)
        self.made: dict[Value, Apply] = {}
        self.fresh: set[Value] = set()
        self.renamed: dict[Value, Operand] = {}

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        here: set[Value] = set()
        for op in block.ops:
            op = with_blocks(op, tuple(map(self.block, blocks(op)))) if blocks(op) else op
            start = len(ops)
            if isinstance(op, Apply) and self.is_product(op):
                ops += self.ordered(op, here)
            else:
                ops.append(op)
            for new in ops[start:]:
                if isinstance(new, Apply) and self.is_factor(new):
                    self.made[new.results[0]] = new
                    here.add(new.results[0])
        return with_ops(block, ops)

    def is_product(self, op: Apply) -> bool:
        if len(op.args) != 2 or len(op.results) != 1 or op.kwargs or kind_of(op.results[0].type) not in INEXACT:
            return False
        return self.may_change(op) and (op.fn.name in _PRODUCTS or _divides_by_number(op) or _divides_array(op))

    def is_factor(self, op: Apply) -> bool:
        return self.is_product(op) or (op.fn.name == "neg" and self.may_change(op) and len(op.results) == 1)

    def ordered(self, op: Apply, here: set[Value]) -> list[Op]:
        factors: list[Operand] = []
        self.divisor = 1.0
        self.divisors: list[Operand] = []
        number = self.flatten(op, here, factors, 1.0)
        scalars = [f for f in factors if not isinstance(strip(f.type), Array)]
        arrays = [f for f in factors if isinstance(strip(f.type), Array)]
        if len(factors) > MAX_FACTORS or not factors or any(kind_of(f.type) is None for f in factors):
            return [op]
        if number == 1.0 and self.divisor == 1.0 and len(factors) + len(self.divisors) == 2:
            return [op]
        number, divisor = _reduced(number, self.divisor)
        if (
            number == divisor == 1.0
            and len(factors) == 1
            and not self.divisors
            and self.may_stand_for(factors[0], op.results[0])
        ):
            self.renamed[op.results[0]] = factors[0]
            return []
        return self.build(op, number, divisor, [*scalars, *arrays]) or [op]

    def flatten(self, op: Apply, here: set[Value], factors: list[Operand], number: float) -> float:
        """Collect the factors of a product; the number that multiplies them."""
        if op.fn.name == "neg":
            number = -number
        args = op.args
        if op.fn.name in _QUOTIENTS:
            divisor = args[1]
            if _is_number(divisor):
                assert isinstance(divisor, Literal) and isinstance(divisor.value, (int, float))
                self.divisor *= float(divisor.value)
            else:
                self.divisors.append(divisor)
            args = args[:1]
        for arg in args:
            inner = self.made.get(arg) if isinstance(arg, Value) else None
            if isinstance(arg, Literal) and type(arg.value) in (int, float) and arg.text is None:
                number *= float(arg.value)  # type: ignore[arg-type]
            elif (
                inner is not None
                and isinstance(arg, Value)
                and self.used_once(arg)
                and arg in here
                and self.lasting(inner)
            ):
                number = self.flatten(inner, here, factors, number)
            else:
                factors.append(arg)
        return number

    def used_once(self, value: Value) -> bool:
        return value in self.fresh or self.memory.uses(value) == 1

    def may_stand_for(self, factor: Operand, result: Value) -> bool:
        """Whether a factor that is left alone may take the place of the product."""
        if strip(factor.type) != strip(result.type):
            return False
        if not isinstance(strip(result.type), Array):
            return True
        return isinstance(factor, Value) and self.memory.never_written(factor) and self.memory.only_read(result)

    def lasting(self, op: Apply) -> bool:
        """Whether the factors still are, at a later use, what they were."""
        return all(not isinstance(a, Value) or self.memory.never_written(a) for a in op.args)

    def build(self, op: Apply, number: float, divisor: float, factors: list[Operand]) -> list[Op] | None:
        """The ops of the product, of the same type as before; None where the order would change the type."""
        mul = BY_NAME["mul"]
        out: list[Op] = []
        total: Operand | None = None if number in (1.0, -1.0) else Literal(number)
        for factor in factors:
            total = factor if total is None else self.emit(out, mul, (total, factor), op)
        if number == -1.0 and total is not None:
            total = self.emit_neg(out, total, op, factors)
        if divisor != 1.0 and total is not None:
            total = self.emit(out, BY_NAME["truediv"], (total, Literal(divisor)), op)
        for d in self.divisors:
            if total is not None:
                total = self.emit(out, BY_NAME["truediv"], (total, d), op)
        if not out or total is None:
            return None
        last = out[-1]
        assert isinstance(last, Apply)
        if strip(last.results[0].type) != strip(op.results[0].type):
            return None
        out[-1] = replace(last, results=op.results)
        return out

    def emit_neg(self, out: list[Op], total: Operand, op: Apply, factors: list[Operand]) -> Operand:
        """`-a * b`: the sign goes to the first factor when that is a number, else before the product."""
        neg, mul = BY_NAME["neg"], BY_NAME["mul"]
        first = factors[0]
        if isinstance(strip(first.type), Array):
            return self.emit(out, neg, (total,), op)
        out.clear()
        total = self.emit(out, neg, (first,), op)
        for factor in factors[1:]:
            total = self.emit(out, mul, (total, factor), op)
        return total

    def emit(self, out: list[Op], fn: Def, args: tuple[Operand, ...], op: Apply) -> Value:
        value = Value(None, _type(fn, args) or op.results[0].type, loc=op.loc)
        self.fresh.add(value)
        out.append(Apply(fn, args, (), (value,), op.loc))
        return value


def _divides_by_number(op: Apply) -> bool:
    return op.fn.name in _QUOTIENTS and _is_number(op.args[1])


def _is_number(d: Operand) -> bool:
    return isinstance(d, Literal) and type(d.value) in (int, float) and d.value != 0 and d.text is None


def _divides_array(op: Apply) -> bool:
    """An array by a scalar: NumPy's division, which doesn't raise wherever it stands among the factors."""
    d = strip(op.args[1].type)
    return (
        op.fn.name in _QUOTIENTS
        and isinstance(op.args[1], Value)
        and isinstance(d, Scalar)
        and isinstance(strip(op.args[0].type), Array)
    )


def _reduced(number: float, divisor: float) -> tuple[float, float]:
    """One number where it can be written shortly (0.5, 200.0), else numerator and divisor."""
    whole = number / divisor
    if len(repr(whole)) <= 6 and whole * divisor == number:
        return whole, 1.0
    return number, divisor


def _type(fn: Def, args: tuple[Operand, ...]) -> Type | None:
    try:
        return fn.infer(tuple(a.type for a in args), {})
    except DiffTypeError:
        return None
