"""Algebra on derivative code: identities that hold for numbers but not bit for bit.

    %1 = mul(%ct, 1.0)                          %3 = sub(%x, %ct)
    %2 = neg(%1)                    =>          return %3
    %3 = add(%x, %2)
    return %3

`may_change` tells the ops that only derivatives read: the ops of the primal stay as they are.  A rule
applies only when the result keeps its type, so that no `float` becomes an `f64`, no scalar an array, and no
dtype changes; where an operand takes the place of a fresh array, nobody may write to either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite

from ..defs import rows  # noqa: F401  they fill the table
from ..defs.table import BY_NAME, Def
from ..errors import DiffTypeError
from ..ir.ops import Apply, Block, Func, Op
from ..ir.types import ANY, DTYPES, FLOAT, Array, Lit, Scalar, Type, kind_of, same_shape, strip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, map_operands, substitute, with_blocks, with_body, with_ops
from .memory import memory_of, refers
from .ways import same_operand

MayChange = Callable[[Op], bool]

#: NumPy functions that are the operators, for arrays and NumPy numbers
_OPERATOR = {
    "np.add": "add", "np.subtract": "sub", "np.multiply": "mul", "np.divide": "truediv",
    "np.true_divide": "truediv",
    "np.negative": "neg", "np.power": "pow", "np.positive": "pos",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A new op in place of an old one."""

    name: str
    args: tuple[Operand, ...]


New = Operand | Call | None
Look = Callable[[Operand], Call | None]
Rule = Callable[[tuple[Operand, ...], Look], New]


def fold(func: Func, may_change: MayChange = lambda op: True) -> Func:
    """The function with its algebra simplified where `may_change` allows it."""
    folder = _Folder(func, may_change)
    return substitute(with_body(func, folder.block(func.body)), folder.replaced)


def _number(operand: Operand) -> int | float | None:
    """The value of a number written in place."""
    if not isinstance(operand, Literal) or operand.text is not None or type(operand.value) not in (int, float):
        return None
    assert isinstance(operand.value, (int, float))
    return operand.value


def _is(operand: Operand, number: int) -> bool:
    return _number(operand) == number


def _times_one(args: tuple[Operand, ...], look: Look) -> New:
    x, y = args
    return x if _is(y, 1) else y if _is(x, 1) else None


def _times_minus_one(args: tuple[Operand, ...], look: Look) -> New:
    for x, y in (args, args[::-1]):
        if _is(y, -1) and not _is_flag(x):
            return Call("neg", (x,))
    return None


def _is_flag(operand: Operand) -> bool:
    """Whether an operand is a flag, or an array of flags: these have no negative."""
    return kind_of(operand.type) in ("bool", "b1")


def _times_power_zero(args: tuple[Operand, ...], look: Look) -> New:
    for x, y in (args, args[::-1]):
        if (power := look(y)) and power.name == "pow" and _is(power.args[1], 0):
            return x
    return None


def _plus_zero(args: tuple[Operand, ...], look: Look) -> New:
    x, y = args
    return x if _is(y, 0) else y if _is(x, 0) else None


def _plus_negative(args: tuple[Operand, ...], look: Look) -> New:
    x, y = args
    if (negative := look(y)) and negative.name == "neg":
        return Call("sub", (x, negative.args[0]))
    if (negative := look(x)) and negative.name == "neg":
        return Call("sub", (y, negative.args[0]))
    return None


def _twice(args: tuple[Operand, ...], look: Look) -> New:
    x, y = args
    return Call("mul", (Literal(2.0), x)) if isinstance(x, Value) and same_operand(x, y) else None


def _selections(args: tuple[Operand, ...], look: Look) -> New:
    """where(c, x, 0) + where(not c, y, 0) is where(c, x, y)."""
    one, two = look(args[0]), look(args[1])
    if not one or not two or one.name != "np.where" or two.name != "np.where":
        return None
    if len(one.args) != 3 or len(two.args) != 3:
        return None
    (c, x, p), (d, y, q) = one.args, two.args
    if _negates(d, c, look) and _is(p, 0) and _is(q, 0):
        return Call("np.where", (c, x, y))
    if _negates(c, d, look) and _is(p, 0) and _is(q, 0):
        return Call("np.where", (d, y, x))
    if same_operand(c, d) and ((_is(p, 0) and _is(y, 0)) or (_is(x, 0) and _is(q, 0))):
        return Call("np.where", (c, x, q) if _is(p, 0) else (c, y, p))
    return None


def _negates(mask: Operand, other: Operand, look: Look) -> bool:
    found = look(mask)
    return found is not None and found.name in ("np.logical_not", "not_") and same_operand(found.args[0], other)


def _spread(name: str) -> Rule:
    """broadcast_to(a, shape) * b is a * b where b has that shape itself."""

    def rule(args: tuple[Operand, ...], look: Look) -> New:
        for i, (x, y) in enumerate((args, args[::-1])):
            made = look(x)
            if not made or made.name != "np.broadcast_to" or len(made.args) != 2:
                continue
            shape = look(made.args[1])
            of_y = shape is not None and shape.name == ".shape" and shape.args[0] is y
            if of_y or same_shape(x.type, y.type):
                return Call(name, (made.args[0], y) if i == 0 else (y, made.args[0]))
        return None

    return rule


def _minus(args: tuple[Operand, ...], look: Look) -> New:
    x, y = args
    if _is(y, 0):
        return x
    if _is(x, 0) and not _is_flag(y):
        return Call("neg", (y,))
    negative = look(y)
    return Call("add", (x, negative.args[0])) if negative and negative.name == "neg" else None


def _over_one(args: tuple[Operand, ...], look: Look) -> New:
    return args[0] if _is(args[1], 1) else None


def _negative(args: tuple[Operand, ...], look: Look) -> New:
    inner = look(args[0])
    if inner and inner.name == "neg":
        return inner.args[0]
    if inner and inner.name == "sub":
        return Call("sub", inner.args[::-1])
    number = _number(args[0])
    return None if number is None else Literal(-number)


def _transposed_twice(args: tuple[Operand, ...], look: Look) -> New:
    inner = look(args[0])
    return inner.args[0] if inner and inner.name == ".T" else None


def _power(args: tuple[Operand, ...], look: Look) -> New:
    x, p = args
    if _is(p, 1):
        return x
    return Literal(1.0) if _is(p, 0) and strip(x.type) == FLOAT else None


def _same_arms(args: tuple[Operand, ...], look: Look) -> New:
    return args[1] if len(args) == 3 and same_operand(args[1], args[2]) else None


def _constant(compute: Callable[[float, float], float]) -> Rule:
    def rule(args: tuple[Operand, ...], look: Look) -> New:
        x, y = _number(args[0]), _number(args[1])
        if x is None or y is None:
            return None
        try:
            value = compute(x, y)
        except (ZeroDivisionError, OverflowError):
            return None
        short = len(repr(value)) <= 6 or compute(x, y) in (x, y)  # 1.0 / 3.0 stays as it is written
        return Literal(value) if isfinite(value) and short else None

    return rule


RULES: dict[str, tuple[Rule, ...]] = {
    "mul": (_constant(lambda x, y: x * y), _times_one, _times_minus_one, _times_power_zero, _spread("mul")),
    "add": (_constant(lambda x, y: x + y), _plus_zero, _twice, _plus_negative, _selections, _spread("add")),
    "sub": (_constant(lambda x, y: x - y), _minus),
    "truediv": (_constant(lambda x, y: x / y), _over_one),
    "neg": (_negative,),
    "pos": (lambda args, look: args[0],),
    "pow": (_power,),
    "np.where": (_same_arms,),
    ".T": (_transposed_twice,),
}
_ARITY = {"neg": 1, "pos": 1, "np.where": 3, ".T": 1}


class _Folder:
    def __init__(self, func: Func, may_change: MayChange) -> None:
        self.memory = memory_of(func)
        self.may_change = may_change
        self.replaced: dict[Value, Operand] = {}
        self.calls: dict[Value, Call] = {}

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        for source in block.ops:
            op = map_operands(source, self.resolve)
            op = with_blocks(op, tuple(map(self.block, blocks(op)))) if blocks(op) else op
            if isinstance(op, Apply) and len(op.results) == 1 and isinstance(op.fn, Def) and not op.kwargs:
                folded = self.fold(op) if self.may_change(source) else op
                if folded is None:
                    continue
                op = folded
                self.calls[op.results[0]] = Call(_OPERATOR.get(op.fn.name, op.fn.name), op.args)
            ops.append(op)
        return with_ops(block, ops)

    def resolve(self, operand: Operand) -> Operand:
        return self.replaced.get(operand, operand) if isinstance(operand, Value) else operand

    def look(self, operand: Operand) -> Call | None:
        """The call that made an operand, where it still holds what the call gave."""
        if not isinstance(operand, Value) or not self.unchanged(operand):
            return None
        return self.calls.get(operand)

    def fold(self, op: Apply) -> Apply | None:
        """The op after all rules; None when its result was replaced."""
        while True:
            name = _OPERATOR.get(op.fn.name, op.fn.name)
            if name not in RULES or len(op.args) != _ARITY.get(name, 2):
                return op
            tried = (self.attempt(op, rule) for rule in RULES[name])
            new = next((t for t in tried if t is not None), None)
            if new is None:
                return self.as_operator(op)
            if not isinstance(new, Apply):
                self.replaced[op.results[0]] = new
                return None
            op = new

    def as_operator(self, op: Apply) -> Apply:
        """`np.divide(a, b)` as `a / b` where one of them is an array or a number of NumPy's: Python's would raise."""
        name = _OPERATOR.get(op.fn.name)
        if name is None or not any(_is_numpys(strip(a.type)) for a in op.args):
            return op
        if _type(BY_NAME[name], op.args) != strip(op.results[0].type):
            return op
        return replace(op, fn=BY_NAME[name])

    def attempt(self, op: Apply, rule: Rule) -> Apply | Operand | None:
        """What a rule makes of an op, if it may."""
        assert isinstance(op.fn, Def)
        found = rule(op.args, self.look)
        result = op.results[0]
        if found is None or result.type == ANY:
            return None
        if isinstance(found, Call):
            fn = BY_NAME[found.name]
            earlier = [a for a in found.args if a not in op.args]
            same_type = _type(fn, found.args) in (strip(result.type), _type(op.fn, op.args))
            if not same_type or not all(map(self.unchanged, earlier)):
                return None
            return replace(op, fn=fn, args=found.args, method="")
        if strip(found.type) != strip(result.type) or not self.may_stand_for(found, op):
            return None
        return found

    def unchanged(self, operand: Operand) -> bool:
        """Whether an operand still is, behind its first use, what it was there."""
        return not isinstance(operand, Value) or self.memory.never_written(operand)

    def may_stand_for(self, operand: Operand, op: Apply) -> bool:
        """Whether an operand may be used in place of the op's result: no writes, and certainly one shape."""
        if not refers(op.results[0]):
            return True
        kind = strip(operand.type)
        if not isinstance(kind, Array) or (None in kind.dims and not _only_numbers(op.args, operand)):
            return False
        return self.unchanged(operand) and self.memory.only_read(op.results[0])


def _is_numpys(t: Type) -> bool:
    return isinstance(t, Array) or (isinstance(t, Scalar) and t.kind in DTYPES)


def _only_numbers(args: tuple[Operand, ...], but: Operand) -> bool:
    """Whether all other operands are numbers, which leave the shape of an array as it is."""
    return all(isinstance(strip(a.type), Scalar) for a in args if a is not but)


def _type(fn: Def, args: tuple[Operand, ...]) -> Type | None:
    try:
        found = fn.infer(tuple(a.type for a in args), {})
    except DiffTypeError:
        return None
    return found.base if isinstance(found, Lit) else found
