"""Python's syntax for the rows of the rule table, and how wide it prints."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from types import BuiltinFunctionType
from typing import Any

import numpy as np

from ..defs.structural import (
    ASSERT,
    CELL,
    CLOSURE,
    CONSTRUCT,
    DICT,
    DICT_POP,
    FSTRING,
    LIST,
    LIST_APPEND,
    LIST_CUT,
    LIST_INSERT,
    LIST_NEW,
    LIST_POP,
    SNAPSHOT,
    SPREAD,
    TUPLE,
    UNPACK,
)  # fmt: skip
from ..defs.table import Def
from ..ir.ops import Apply, Attr, Callee, For, FuncRef, Load, Op, Place, Return, Slice, Store, View, While
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import results

BINARY: dict[Callable[..., Any], type[ast.operator]] = {
    operator.add: ast.Add, operator.sub: ast.Sub, operator.mul: ast.Mult, operator.truediv: ast.Div,
    operator.floordiv: ast.FloorDiv, operator.mod: ast.Mod, operator.pow: ast.Pow, operator.matmul:
    ast.MatMult, operator.lshift: ast.LShift, operator.rshift: ast.RShift, operator.and_: ast.BitAnd,
    operator.or_: ast.BitOr, operator.xor: ast.BitXor,
}  # fmt: skip
UNARY: dict[Callable[..., Any], type[ast.unaryop]] = {
    operator.neg: ast.USub, operator.pos: ast.UAdd, operator.invert: ast.Invert, operator.not_: ast.Not,
}  # fmt: skip
COMPARE: dict[Callable[..., Any], type[ast.cmpop]] = {
    operator.lt: ast.Lt, operator.le: ast.LtE, operator.gt: ast.Gt, operator.ge: ast.GtE, operator.eq:
    ast.Eq, operator.ne: ast.NotEq, operator.is_: ast.Is, operator.is_not: ast.IsNot, operator.contains:
    ast.In,
}  # fmt: skip
INPLACE: dict[Callable[..., Any], type[ast.operator]] = {
    operator.iadd: ast.Add, operator.isub: ast.Sub, operator.imul: ast.Mult, operator.itruediv: ast.Div,
    operator.ifloordiv: ast.FloorDiv, operator.imod: ast.Mod, operator.ipow: ast.Pow, operator.imatmul:
    ast.MatMult, operator.ilshift: ast.LShift, operator.irshift: ast.RShift, operator.iand: ast.BitAnd,
    operator.ior: ast.BitOr, operator.ixor: ast.BitXor,
}  # fmt: skip

#: rows that print as statements of their own
STATEMENTS = frozenset({UNPACK, ASSERT, LIST_APPEND, LIST_CUT, LIST_INSERT})
#: rows that print as displays or calls of another form than `name(...)`
FORMS = frozenset({CELL, CLOSURE, TUPLE, LIST, DICT, FSTRING, LIST_NEW, LIST_POP, DICT_POP, SNAPSHOT, CONSTRUCT, SPREAD})


def python_function(fn: Callee | Value) -> Callable[..., Any] | None:
    """The Python callable of a row, None for user functions, methods and values."""
    return fn.fn if isinstance(fn, Def) else None


def binary(op: object) -> type[ast.operator] | None:
    """The operator of an op that prints infix."""
    if not isinstance(op, Apply) or len(op.args) != 2 or op.kwargs or op.method:
        return None
    return BINARY.get(python_function(op.fn))  # type: ignore[arg-type]


def inplace(op: object) -> type[ast.operator] | None:
    """The operator of an op that prints as an augmented assignment."""
    if not isinstance(op, Apply):
        return None
    fn = op.fn.target if isinstance(op.fn, FuncRef) else python_function(op.fn)
    return INPLACE.get(fn) if isinstance(fn, BuiltinFunctionType) else None


#: ufuncs that an augmented assignment stands for when they write over an operand
AUGMENTED: dict[Callable[..., Any], type[ast.operator]] = {
    np.add: ast.Add, np.subtract: ast.Sub, np.multiply: ast.Mult, np.divide: ast.Div,
}  # fmt: skip


def destination(op: object) -> Operand | None:
    """The array that a call writes its result into."""
    return dict(op.kwargs).get("out") if isinstance(op, Apply) and op.kwargs else None


def compare(op: object) -> type[ast.cmpop] | None:
    if not isinstance(op, Apply) or len(op.args) != 2 or op.kwargs or op.method:
        return None
    return COMPARE.get(python_function(op.fn))  # type: ignore[arg-type]


def same_operand(a: object, b: object) -> bool:
    """Whether two operands of an index are one value or equal constants."""
    if a is b:
        return True
    if isinstance(a, Literal) and isinstance(b, Literal):
        return type(a.value) is type(b.value) and a.text == b.text and (a.value is b.value or _equal(a.value, b.value))
    if isinstance(a, Slice) and isinstance(b, Slice):
        pairs = ((a.lower, b.lower), (a.upper, b.upper), (a.step, b.step))
        return all(same_operand(x, y) for x, y in pairs)
    if isinstance(a, Pack) and isinstance(b, Pack):
        return a.kind == b.kind and len(a.items) == len(b.items) and all(map(same_operand, a.items, b.items))
    return False


def _equal(a: object, b: object) -> bool:
    return isinstance(a, (int, str, bytes)) and a == b


def same_place(a: Load | View, b: Store) -> bool:
    if not same_operand(a.src, b.dst):
        return False
    if isinstance(a.place, Attr) or isinstance(b.place, Attr):
        return a.place == b.place
    return len(a.place.items) == len(b.place.items) and all(map(same_operand, a.place.items, b.place.items))


def operand_width(operand: Operand | Slice) -> int:
    """How many columns an operand takes, temporaries counted as a short name."""
    match operand:
        case Value():
            return len(operand.name or "t1")
        case Literal():
            return len(operand.text) if operand.text else _literal_width(operand.value)
        case Pack():
            return 2 + sum(operand_width(o) + 2 for o in operand.items)
        case Slice():
            parts = (operand.lower, operand.upper, operand.step)
            return 1 + sum(operand_width(o) for o in parts if not is_none(o))


def is_none(operand: object) -> bool:
    return isinstance(operand, Literal) and operand.value is None


def _literal_width(value: object) -> int:
    if value is None or value is Ellipsis:
        return 4
    if isinstance(value, int):
        return value.bit_length() // 3 + 1
    return len(repr(value)) if isinstance(value, (float, complex, str)) else len(type(value).__name__) + 6


def place_width(place: Place) -> int:
    return len(place.name) + 1 if isinstance(place, Attr) else sum(operand_width(i) + 2 for i in place.items)


def apply_width(op: Apply) -> int:
    """How many columns a call or operator takes."""
    args = sum(operand_width(a) for a in op.args)
    if binary(op) or compare(op):
        return args + 4
    fn = op.fn
    if python_function(fn) in UNARY:
        return args + 1
    name = operand_width(fn) if isinstance(fn, Value) else len(op.method or fn.name)
    return args + 2 * len(op.args) + sum(len(k) + 3 + operand_width(v) for k, v in op.kwargs) + name


def op_width(op: Op) -> int:
    match op:
        case Apply():
            extra = 14 if op.fn is CLOSURE else 0
            return apply_width(op) + extra
        case Load() | View():
            return operand_width(op.src) + place_width(op.place)
        case Store():
            return operand_width(op.dst) + place_width(op.place) + operand_width(op.value)
        case Return():
            return operand_width(op.value)
    return 0


def overhead(op: Op) -> int:
    """The columns of a statement besides its expression."""
    match op:
        case Apply() | Load() | View():
            return sum(len(r.name or "t1") + 2 for r in results(op)) + 3
        case For() | While():
            return 24
    return 8
