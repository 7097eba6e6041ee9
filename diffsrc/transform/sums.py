"""Sums of products in derivative code: scalar factors leave the sum, two vectors become an inner product.

    %0 = mul(%s, %a)                  %0 = matmul(%a, %b)
    %1 = mul(%0, %b)         =>       %1 = mul(%s, %0)
    %2 = np.sum(%1)

Only what derivatives read is touched (the last bit changes), only factors that are used nowhere else, and inner products
only for vectors whose lengths are certainly equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..defs.table import BY_NAME
from ..ir.ops import Apply, Block, Func, Op
from ..ir.types import COMPLEX_KINDS, INEXACT, Array, Scalar, kind_of, may_be_one, same_dim, strip
from ..ir.values import Operand, Value
from ..ir.walk import blocks, with_blocks, with_body, with_ops
from .memory import memory_of

MayChange = Callable[[Op], bool]


def factor_sums(func: Func, may_change: MayChange) -> Func:
    """The function with sums of products factored."""
    return with_body(func, _Sums(func, may_change).block(func.body))


class _Sums:
    def __init__(self, func: Func, may_change: MayChange) -> None:
        self.may_change = may_change
        self.memory = memory_of(func)

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        made: dict[Value, Apply] = {}
        for op in block.ops:
            op = with_blocks(op, tuple(map(self.block, blocks(op)))) if blocks(op) else op
            if isinstance(op, Apply) and self.is_sum(op):
                ops += self.factored(op, made)
                continue
            ops.append(op)
            if isinstance(op, Apply) and len(op.results) == 1 and self.may_change(op) and not op.kwargs:
                made[op.results[0]] = op
        return with_ops(block, ops)

    def is_sum(self, op: Apply) -> bool:
        return (
            op.fn.name == "np.sum"
            and len(op.args) == 1
            and not op.kwargs
            and self.may_change(op)
            and isinstance(strip(op.args[0].type), Array)
            and kind_of(op.results[0].type) in INEXACT - COMPLEX_KINDS
        )

    def factored(self, op: Apply, made: dict[Value, Apply]) -> list[Op]:
        scalars: list[Operand] = []
        divisors: list[Operand] = []
        negative, inner, rest = False, op.args[0], None
        while (product := self.product(inner, made)) is not None:
            name, (a, *more) = product.fn.name, product.args
            if name == "neg":
                negative, inner = not negative, a
            elif _is_scalar(more[0]):
                (divisors if name == "truediv" else scalars).append(more[0])
                inner = a
            elif name == "mul" and _is_scalar(a):
                scalars.append(a)
                inner = more[0]
            elif name == "mul" and _are_vectors(a, more[0]):
                inner, rest = a, more[0]
                break
            else:
                break
        if inner is op.args[0] and rest is None:
            return [op]
        return self.rebuilt(op, inner, rest, scalars, divisors, negative)

    def product(self, operand: Operand, made: dict[Value, Apply]) -> Apply | None:
        """The product that made an operand, used by nothing else, of factors that still are what they were."""
        op = made.get(operand) if isinstance(operand, Value) else None
        if op is None or op.fn.name not in ("neg", "mul", "truediv") or self.memory.uses(op.results[0]) != 1:
            return None
        lasting = all(not isinstance(a, Value) or self.memory.never_written(a) for a in op.args)
        return op if lasting and isinstance(strip(op.results[0].type), Array) else None

    def rebuilt(
        self, op: Apply, a: Operand, b: Operand | None, scalars: list[Operand], divisors: list[Operand], negative: bool
    ) -> list[Op]:
        t = op.results[0].type
        out: list[Op] = []

        def emit(name: str, *args: Operand) -> Value:
            value = Value(None, t, loc=op.loc)
            out.append(Apply(BY_NAME[name], args, (), (value,), op.loc))
            return value

        total = emit("np.sum", a) if b is None else emit("matmul", a, b)
        for s in reversed(scalars):
            total = emit("mul", s, total)
        for d in reversed(divisors):
            total = emit("truediv", total, d)
        if negative:
            emit("neg", total)
        last = out[-1]
        assert isinstance(last, Apply)
        return [*out[:-1], replace(last, results=op.results)]


def _is_scalar(operand: Operand) -> bool:
    return isinstance(strip(operand.type), Scalar) and kind_of(operand.type) not in COMPLEX_KINDS


def _are_vectors(a: Operand, b: Operand) -> bool:
    """Whether two operands are vectors of one dtype and certainly one length."""
    s, t = strip(a.type), strip(b.type)
    if not isinstance(s, Array) or not isinstance(t, Array) or s.ndim != 1 or t.ndim != 1 or s.dtype != t.dtype:
        return False
    (m,), (n,) = s.dims, t.dims
    return s.dtype in INEXACT - COMPLEX_KINDS and (same_dim(m, n) or not (may_be_one(m) or may_be_one(n)))
