"""Expressions: constants, names, attributes, operators, conditions, displays, subscripts, f-strings.

What is evaluated on one path only (`and`, `or`, chained comparisons, `c ? a : b`) is an `If` with
one result, so that every pass sees one kind of branch.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..defs.structural import DICT, FSTRING, TEST
from ..defs.syntax import refusal
from ..ir.ops import NONE_LIT, Attr, Index, Load, Slice
from ..ir.types import ANY
from ..ir.values import Literal, Operand, Pack, Value
from .closures import as_value
from .producers import is_iterator, listed
from .state import RESULT, Lowering, callee_of, expression, literal

BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.MatMult: operator.matmul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
UNARY: dict[type[ast.unaryop], Callable[..., Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
COMPARE: dict[type[ast.cmpop], Callable[..., Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: operator.contains,
}
#: integers of more than 4,300 digits can't be printed
_BITS = 14_000
_CONVERSION = {-1: "", ord("s"): "s", ord("r"): "r", ord("a"): "a"}


@expression(ast.Constant)
def constant(low: Lowering, node: ast.Constant, name: str | None) -> Operand:
    if isinstance(node.value, int) and node.value.bit_length() > _BITS:
        raise refusal("long integer", low.loc(node))
    return literal(node.value, low.loc(node))


@expression(ast.Name)
def variable(low: Lowering, node: ast.Name, name: str | None) -> Operand:
    if node.id in low.unit.pending:
        raise low.refuse("iterator value", node)
    known = low.known(node.id)
    if known is not None:
        return as_value(low, known, node)
    operand = low.read(node.id, node)
    low.escape(operand)
    return operand


@expression(ast.Attribute)
def attribute(low: Lowering, node: ast.Attribute, name: str | None) -> Operand:
    base = low.value(node.value)
    attr = low.unit.source.mangled(node.attr)
    known = low.unit.globals.attribute(base, attr, low.loc(node)) if isinstance(base, Literal) else None
    if known is not None:
        return known
    return load(low, base, Attr(attr), node, name)


def load(low: Lowering, src: Operand, place: Attr | Index, node: ast.AST, name: str | None = None) -> Value:
    loc = low.loc(node)
    result = Value(name, ANY, None, None, loc)
    low.ops.append(Load(src, place, result, loc))
    return result


@expression(ast.BinOp)
def binary(low: Lowering, node: ast.BinOp, name: str | None) -> Operand:
    """A left-nested chain is walked in a loop: sums of a thousand terms are no reason to run out of stack."""
    chain = [node]
    while isinstance(chain[-1].left, ast.BinOp):
        chain.append(chain[-1].left)
    left = low.expr(chain[-1].left)
    for part in reversed(chain):
        right = low.expr(part.right)
        fn = callee_of(BINARY[type(part.op)])
        left = low.apply(fn, (left, right), part, name if part is node else None)
    return left


@expression(ast.UnaryOp)
def unary(low: Lowering, node: ast.UnaryOp, name: str | None) -> Operand:
    operand = condition(low, node.operand) if isinstance(node.op, ast.Not) else low.expr(node.operand)
    if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = node.operand.value
        if isinstance(number, int | float | complex) and not isinstance(number, bool):
            return literal(-number, low.loc(node))
    if isinstance(node.op, ast.USub) and isinstance(operand, Literal) and operand.value is np.inf:
        return literal(-np.inf, low.loc(node))  # an order of a norm
    return low.apply(callee_of(UNARY[type(node.op)]), (operand,), node, name)


@expression(ast.Compare)
def compare(low: Lowering, node: ast.Compare, name: str | None) -> Operand:
    return _compare(low, node, 0, low.expr(node.left), name)


def _compare(low: Lowering, node: ast.Compare, at: int, left: Operand, name: str | None) -> Operand:
    """`a < b < c` is `a < b and b < c` with b evaluated once."""
    last = at == len(node.ops) - 1
    right = low.expr(node.comparators[at]) if last else low.value(node.comparators[at])
    test = _test(low, node.ops[at], left, right, node, name if last else None)
    if last:
        return test
    then, other = low.child(), low.child()
    then.vars[RESULT] = _compare(then, node, at + 1, right, None)
    other.vars[RESULT] = test
    return _joined(low, node, test, then, other, name)


def _test(low: Lowering, op: ast.cmpop, left: Operand, right: Operand, node: ast.AST, name: str | None) -> Operand:
    if isinstance(op, ast.NotIn):
        found = low.apply(callee_of(operator.contains), (right, left), node)
        return low.apply(callee_of(operator.not_), (found,), node, name)
    args = (right, left) if isinstance(op, ast.In) else (left, right)
    return low.apply(callee_of(COMPARE[type(op)]), args, node, name)


def _joined(low: Lowering, node: ast.AST, cond: Operand, then: Lowering, other: Lowering, name: str | None) -> Operand:
    """The value of a conditional expression whose arms left theirs in RESULT."""
    low.join(node, cond, (then, other), None, name)
    return low.vars.pop(RESULT)


@expression(ast.BoolOp)
def boolean(low: Lowering, node: ast.BoolOp, name: str | None) -> Operand:
    return _boolean(low, node, 0, Lowering.value, name)


def condition(low: Lowering, node: ast.expr) -> Operand:
    """What is only asked whether it is true. So is each operand of `and` and `or`: they may be of different types."""
    return _boolean(low, node, 0, _truth) if isinstance(node, ast.BoolOp) else low.value(node)


def _truth(low: Lowering, node: ast.expr) -> Operand:
    operand = condition(low, node)
    answered = isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
    return operand if answered else low.apply(TEST, (operand,), node)


def _boolean(
    low: Lowering,
    node: ast.BoolOp,
    at: int,
    read: Callable[[Lowering, ast.expr], Operand],
    name: str | None = None,
) -> Operand:
    first = read(low, node.values[at])
    if at == len(node.values) - 1:
        return first
    more, stop = low.child(), low.child()
    more.vars[RESULT] = _boolean(more, node, at + 1, read)
    stop.vars[RESULT] = first
    then, other = (more, stop) if isinstance(node.op, ast.And) else (stop, more)
    return _joined(low, node, first, then, other, name)


@expression(ast.IfExp)
def ternary(low: Lowering, node: ast.IfExp, name: str | None) -> Operand:
    cond = condition(low, node.test)
    then, other = low.child(), low.child()
    then.vars[RESULT] = then.value(node.body)
    other.vars[RESULT] = other.value(node.orelse)
    return _joined(low, node, cond, then, other, name)


@expression(ast.NamedExpr)
def walrus(low: Lowering, node: ast.NamedExpr, name: str | None) -> Operand:
    operand = low.value(node.value, node.target.id)
    low.bind(node.target.id, operand, node)
    return operand


@expression(ast.Tuple)
def tuple_display(low: Lowering, node: ast.Tuple, name: str | None) -> Operand:
    return _display(low, node, node.elts, tuple, name)


@expression(ast.List)
def list_display(low: Lowering, node: ast.List, name: str | None) -> Operand:
    return _display(low, node, node.elts, list, name)


@expression(ast.Set)
def set_display(low: Lowering, node: ast.Set, name: str | None) -> Operand:
    """`{a, b}` is `set([a, b])`."""
    return low.apply(callee_of(set), (Pack(_elements(low, node.elts), "list"),), node, name)


def _elements(low: Lowering, nodes: list[ast.expr]) -> tuple[Operand, ...]:
    return tuple(low.expr(n) for n in nodes)


def _display(low: Lowering, node: ast.expr, nodes: list[ast.expr], kind: type, name: str | None) -> Operand:
    """`[a, *b]` is `[a] + list(b)`, unless b is a display itself."""
    pieces: list[Operand] = []
    items: list[Operand] = []
    for n in nodes:
        if not isinstance(n, ast.Starred):
            items.append(low.expr(n))
            continue
        spread = low.expr(listed(low, n.value) if is_iterator(low, n.value) else n.value)
        if isinstance(spread, Pack):
            items += spread.items
            continue
        pieces += [Pack(tuple(items), kind.__name__)] if items else []
        pieces.append(low.apply(callee_of(kind), (spread,), n))
        items = []
    if not pieces:
        return Pack(tuple(items), kind.__name__)
    pieces += [Pack(tuple(items), kind.__name__)] if items else []
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = low.apply(callee_of(operator.add), (whole, piece), node, name)
    return whole


@expression(ast.Dict)
def dict_display(low: Lowering, node: ast.Dict, name: str | None) -> Operand:
    """`{**d, k: v}` is `d | {k: v}`, `{**d}` is `dict(d)`."""
    pieces: list[Operand] = []
    pairs: list[Operand] = []
    for key, value in zip(node.keys, node.values):
        if key is not None:
            pairs.append(Pack((low.value(key), low.value(value))))
            continue
        pieces += [low.apply(DICT, pairs, node)] if pairs else []
        pieces.append(low.value(value))
        pairs = []
    if not pieces:
        return low.apply(DICT, pairs, node, name)
    pieces += [low.apply(DICT, pairs, node)] if pairs else []
    if len(pieces) == 1:
        return low.apply(callee_of(dict), pieces, node, name)
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = low.apply(callee_of(operator.or_), (whole, piece), node, name)
    return whole


@expression(ast.Subscript)
def subscript(low: Lowering, node: ast.Subscript, name: str | None) -> Operand:
    base = low.expr(node.value)
    if not isinstance(base, Pack) or base.kind == "list":
        base = low.settle(base, node.value)
    place = index(low, node.slice)
    return _element(base, place) or load(low, base, place, node, name)


def _element(base: Operand, place: Index) -> Operand | None:
    """The item of a tuple that was taken apart."""
    if not isinstance(base, Pack) or len(place.items) != 1:
        return None
    item = place.items[0]
    if isinstance(item, Literal) and type(item.value) is int and -len(base.items) <= item.value < len(base.items):
        return base.items[item.value]
    return None


def index(low: Lowering, node: ast.expr) -> Index:
    """The place of a subscript: `a[i, j]` and `a[(i, j)]` are one."""
    if isinstance(node, ast.Tuple):
        return Index(tuple(_item(low, n) for n in node.elts))
    item = _item(low, node)
    if isinstance(item, Pack) and item.kind == "tuple":
        return Index(item.items)
    return Index((item,))


def _item(low: Lowering, node: ast.expr) -> Operand | Slice:
    if isinstance(node, ast.Slice):
        lower, upper, step = (NONE_LIT if n is None else low.value(n) for n in (node.lower, node.upper, node.step))
        return Slice(lower, upper, step)
    return low.expr(node)


@expression(ast.JoinedStr)
def fstring(low: Lowering, node: ast.JoinedStr, name: str | None) -> Operand:
    return low.apply(FSTRING, fstring_parts(low, node), node, name)


def fstring_parts(low: Lowering, node: ast.JoinedStr) -> tuple[Operand, ...]:
    """Texts, and triples of value, conversion and format specification."""
    return tuple(_part(low, part) for part in node.values)


def _part(low: Lowering, part: ast.expr) -> Operand:
    if not isinstance(part, ast.FormattedValue):
        return low.expr(part)
    loc = low.loc(part)
    value = low.value(part.value)
    spec = format_spec(low, part.format_spec)
    return Pack((value, Literal(_CONVERSION[part.conversion], None, loc), Literal(spec, None, loc)))


def format_spec(low: Lowering, spec: ast.expr | None) -> str:
    texts = spec.values if isinstance(spec, ast.JoinedStr) else []
    if not all(isinstance(t, ast.Constant) for t in texts):
        raise low.refuse("nested format", spec or texts[0])
    return "".join(str(t.value) for t in texts if isinstance(t, ast.Constant))
