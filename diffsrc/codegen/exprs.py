"""Operands and ops as expressions: fresh trees of `ast` nodes, never shared."""

from __future__ import annotations

import ast
import copy
import dataclasses
import math
from collections import Counter
from typing import Any

import numpy as np

from ..defs.classes import by_keywords
from ..defs.methods import method_name
from ..defs.structural import (
    CELL,
    CLOSURE,
    CONSTRUCT,
    DICT,
    DICT_POP,
    FSTRING,
    LIST,
    LIST_NEW,
    LIST_POP,
    SNAPSHOT,
    SPREAD,
    TEST,
    TUPLE,
)  # fmt: skip
from ..defs.table import Def, lookup
from ..errors import InternalError, UnsupportedError
from ..ir.ops import Apply, Attr, Func, FuncRef, If, Index, Load, Op, Place, Slice, View, is_whole
from ..ir.types import Dict, List, Struct, Union, strip
from ..ir.values import Literal, Operand, Pack, Value, is_undef
from ..runtime.helpers import new_instance
from .closures import closure, function
from .flow import Flow
from .forms import is_chain, yields, yields_condition
from .namespace import Namespace
from .plan import Plan
from .printed import as_printed
from .syntax import UNARY, binary, compare, python_function

MAX_DIGITS = 4000


def name(text: str) -> ast.expr:
    """A dotted name as an expression."""
    first, *rest = text.split(".")
    node: ast.expr = ast.Name(first, ast.Load())
    for part in rest:
        node = ast.Attribute(node, part, ast.Load())
    return node


def call(fn: ast.expr | str, /, *args: ast.expr, **kwargs: ast.expr) -> ast.Call:
    head = name(fn) if isinstance(fn, str) else fn
    return ast.Call(head, list(args), [ast.keyword(k, v) for k, v in kwargs.items()])


def negated(node: ast.expr) -> ast.expr:
    """`not node`, without a double negation."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    return ast.UnaryOp(ast.Not(), node)


def asked(node: ast.expr) -> ast.expr:
    """A condition without `bool()` around what is only asked whether it is true."""
    match node:
        case ast.BoolOp(op, values):
            return ast.BoolOp(op, [asked(v) for v in values])
        case ast.UnaryOp(ast.Not(), operand):
            return ast.UnaryOp(ast.Not(), asked(operand))
        case ast.Call(ast.Name("bool"), [operand], []):
            return asked(operand)
    return node


class Constants:
    """Literals as expressions."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace

    def literal(self, operand: Literal) -> ast.expr:
        if is_undef(operand):
            raise InternalError("a value that is not bound is read", loc=operand.loc)
        if isinstance(operand.value, Func):
            return name(self.namespace.add_func(operand.value))
        if operand.text is not None:
            return name(self.namespace.path(operand.text, operand.value))
        return self.constant(operand.value)

    def constant(self, value: Any) -> ast.expr:
        match value:
            case None | bool() | str() | bytes():
                return ast.Constant(value)
            case np.generic():
                return call(f"np.{type(value).__name__}", self.constant(value.item()))
            case int() | float():
                return self.real(value)
            case complex():
                return self.complex(value)
            case tuple() if type(value) is tuple:
                return ast.Tuple([self.constant(v) for v in value], ast.Load())
            case list():
                return ast.List([self.constant(v) for v in value], ast.Load())
            case dict():
                keys: list[ast.expr | None] = [self.constant(k) for k in value]
                return ast.Dict(keys, [self.constant(v) for v in value.values()])
            case slice():
                return call("slice", *(self.constant(v) for v in (value.start, value.stop, value.step)))
        return ast.Constant(value) if value is Ellipsis else self.object(value)

    def real(self, value: float) -> ast.expr:
        if isinstance(value, float) and not math.isfinite(value):
            node = name("np.nan" if math.isnan(value) else "np.inf")
            return ast.UnaryOp(ast.USub(), node) if value < 0 else node
        if isinstance(value, int) and abs(value).bit_length() > 3 * MAX_DIGITS:
            raise UnsupportedError(f"an integer constant of {abs(value).bit_length()} bits", code="DS101")
        plain = int(value) if isinstance(value, int) else float(value)
        if math.copysign(1.0, plain) < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-plain))
        return ast.Constant(plain)

    def complex(self, value: complex) -> ast.expr:
        plain = math.isfinite(value.imag) and math.copysign(1.0, value.imag) > 0
        if value.real == 0 and math.copysign(1.0, value.real) > 0 and plain:
            return ast.Constant(complex(0.0, value.imag))
        return call("complex", self.real(value.real), self.real(value.imag))

    def object(self, value: Any) -> ast.expr:
        """Anything else: a function or class by its name, other objects through the namespace."""
        if isinstance(value, np.dtype):
            return call("np.dtype", ast.Constant(str(value.name)))
        hint = getattr(value, "__name__", None)
        if isinstance(value, type) and value.__module__ == "numpy" and getattr(np, str(hint), None) is value:
            return name(f"np.{hint}")
        found = lookup(value)
        if found is not None:
            return name(self.namespace.function(found))
        return name(self.namespace.path(hint if isinstance(hint, str) else "const", value))


class Exprs(Constants):
    """Operands and folded ops of one function as expressions."""

    def __init__(self, flow: Flow, plan: Plan, variables: dict[Value, str], namespace: Namespace) -> None:
        super().__init__(namespace)
        self.flow, self.plan, self.variables = flow, plan, variables
        self.assigned = Counter(variables.values())
        self.known: dict[Value, ast.expr] = {}

    def inside(self, flow: Flow, plan: Plan, known: dict[Value, ast.expr]) -> Exprs:
        """The expressions of an inner function whose parameters are given."""
        inner = Exprs(flow, plan, {}, self.namespace)
        inner.known = known
        return inner

    def expr(self, operand: Operand) -> ast.expr:
        match operand:
            case Value() if operand in self.plan.folded:
                return self.op(self.plan.folded[operand])
            case Value() if operand in self.known:
                return copy.deepcopy(self.known[operand])
            case Value():
                return ast.Name(self.variables[operand], ast.Load())
            case Literal():
                return self.literal(operand)
            case Pack(kind="function"):
                return function(self, operand)
            case Pack():
                items = [self.expr(o) for o in operand.items]
                return ast.List(items, ast.Load()) if operand.kind == "list" else ast.Tuple(items, ast.Load())

    def is_constant(self, operand: Operand) -> bool:
        """Whether the operand's text means the same at any later time: a literal, or a variable assigned
        once.
        """
        if isinstance(operand, Literal):
            return True
        if not isinstance(operand, Value) or operand in self.plan.folded or operand in self.flow.in_loop:
            return False
        if operand in self.known:
            return isinstance(self.known[operand], ast.Name)
        return self.assigned[self.variables[operand]] == 1

    def exprs(self, items: tuple[Operand, ...]) -> list[ast.expr]:
        return [self.expr(o) for o in items]

    def op(self, op: Op) -> ast.expr:
        match op:
            case Apply():
                return self.apply(op)
            case Load() | View():
                return self.place(op.src, op.place)
            case If():
                return self.choice(op)
        raise InternalError(f"{type(op).__name__} is no expression", loc=op.loc)

    # -- calls and operators

    def apply(self, op: Apply) -> ast.expr:
        args = op.args
        if (kind := binary(op)) is not None:
            return ast.BinOp(self.expr(args[0]), kind(), self.expr(args[1]))
        if (test := compare(op)) is not None:
            return self.comparison(op, test)
        unary = UNARY.get(python_function(op.fn))  # type: ignore[arg-type]
        if unary is not None and len(args) == 1:
            return ast.UnaryOp(unary(), self.expr(args[0]))
        if isinstance(op.fn, Def) and op.fn.printed:
            return as_printed(self, op)
        if isinstance(op.fn, Def) and op.fn in FORMS:
            node: ast.expr = FORMS[op.fn](self, op)
            return node
        if isinstance(op.fn, Def) and op.fn.name.startswith(".") and not op.method:
            return ast.Attribute(self.expr(args[0]), op.fn.name[1:], ast.Load())
        return self.call(op)

    def comparison(self, op: Apply, test: type[ast.cmpop]) -> ast.expr:
        left, right = op.args
        if test is ast.In:
            left, right = right, left
        return ast.Compare(self.expr(left), [test()], [self.expr(right)])

    def call(self, op: Apply) -> ast.expr:
        keywords = [self.keyword(k, v) for k, v in op.kwargs]
        if method := op.method or method_name(op.fn):
            head = ast.Attribute(self.expr(op.args[0]), method, ast.Load())
            return ast.Call(head, self.exprs(op.args[1:]), keywords)
        return ast.Call(self.callee(op), self.exprs(op.args), keywords)

    def keyword(self, name: str, value: Operand) -> ast.keyword:
        """`k=v`; of a function as it was lowered also `**options`."""
        given = self.expr(value)
        return ast.keyword(None, given.value) if isinstance(given, ast.Starred) else ast.keyword(name, given)

    def callee(self, op: Apply) -> ast.expr:
        if isinstance(op.fn, Value):
            return self.expr(op.fn)
        if isinstance(op.fn, FuncRef):
            return name(self.namespace.callee(op.fn))
        assert isinstance(op.fn, Def)
        if op.fn.family == "structural":
            raise InternalError(f"{op.fn.name} can't be printed", loc=op.loc)
        return name(self.namespace.function(op.fn))

    # -- places

    def place(self, src: Operand, place: Place) -> ast.expr:
        if isinstance(place, Attr):
            return ast.Attribute(self.expr(src), place.name, ast.Load())
        if is_whole(place) and isinstance(strip(src.type), (List, Dict, Struct, Union)):
            return self.expr(src)  # another handle of a container
        return ast.Subscript(self.expr(src), self.subscript(place), ast.Load())

    def subscript(self, place: Index) -> ast.expr:
        items = [self.slice(i) if isinstance(i, Slice) else self.expr(i) for i in place.items]
        return items[0] if len(items) == 1 else ast.Tuple(items, ast.Load())

    def slice(self, item: Slice) -> ast.expr:
        parts = (None if _is_none(o) else self.expr(o) for o in (item.lower, item.upper, item.step))
        return ast.Slice(*parts)

    # -- choices

    def condition(self, operand: Operand) -> ast.expr:
        return asked(self.expr(operand))

    def choice(self, op: If) -> ast.expr:
        """A chained comparison, `and`, `or`, or a ternary."""
        cond = self.expr(op.cond)
        if is_chain(op, self.flow) and op.cond in self.plan.folded:
            second = self.arm(op.then)
            assert isinstance(cond, ast.Compare) and isinstance(second, ast.Compare)
            return ast.Compare(cond.left, cond.ops + second.ops, cond.comparators + second.comparators)
        if yields_condition(op.other, op, False):
            return _boolean(ast.And, cond, self.arm(op.then))
        if yields_condition(op.then, op, True):
            return _boolean(ast.Or, cond, self.arm(op.other))
        if (value := self.decides(op.cond)) is not None:
            if yields(op.other, value):
                return _boolean(ast.And, self.expr(value), self.arm(op.then))
            if yields(op.then, value):
                return _boolean(ast.Or, self.expr(value), self.arm(op.other))
        return ast.IfExp(asked(cond), self.arm(op.then), self.arm(op.other))

    def decides(self, cond: Operand) -> Value | None:
        """The variable whose truth is asked for."""
        made = self.plan.folded.get(cond) if isinstance(cond, Value) else None
        if not isinstance(made, Apply) or python_function(made.fn) is not bool:
            return None
        value = made.args[0]
        return value if isinstance(value, Value) and value not in self.plan.folded else None

    def arm(self, block: Any) -> ast.expr:
        return self.expr(block.terminator.values[0])


def _boolean(kind: type[ast.boolop], *values: ast.expr) -> ast.expr:
    """`a and b`; what is joined by the same operator becomes one chain."""
    flat: list[ast.expr] = []
    for value in values:
        flat += value.values if isinstance(value, ast.BoolOp) and isinstance(value.op, kind) else [value]
    return ast.BoolOp(kind(), flat)


def _is_none(operand: Operand) -> bool:
    return isinstance(operand, Literal) and operand.value is None


# -- rows of `defs.structural`


def _dict(e: Exprs, op: Apply) -> ast.expr:
    pairs = [o.items for o in op.args if isinstance(o, Pack)]
    keys: list[ast.expr | None] = [e.expr(k) for k, _ in pairs]
    return ast.Dict(keys, [e.expr(v) for _, v in pairs])


def fstring(e: Exprs, parts: tuple[Operand, ...]) -> ast.expr:
    """The parts of an f-string: texts, and values with conversion and format."""
    out: list[ast.expr] = []
    for part in parts:
        if isinstance(part, Pack):
            value, conversion, spec = part.items
            out.append(ast.FormattedValue(e.expr(value), _conversion(conversion), _format(spec)))
        elif isinstance(part, Literal) and isinstance(part.value, str) and part.text is None:
            out.append(ast.Constant(part.value))
        else:
            out.append(ast.FormattedValue(e.expr(part), -1, None))
    return ast.JoinedStr(out)


def _conversion(operand: Operand) -> int:
    value = operand.value if isinstance(operand, Literal) else None
    if isinstance(value, int):
        return value
    return ord(value[-1]) if isinstance(value, str) and value else -1


def _format(operand: Operand) -> ast.expr | None:
    assert isinstance(operand, Literal)
    return ast.JoinedStr([ast.Constant(str(operand.value))]) if operand.value else None


def _construct(e: Exprs, op: Apply) -> ast.expr:
    """A dataclass by field keywords, a NamedTuple by position; other classes by a helper."""
    cls = op.args[0]
    made = cls.value if isinstance(cls, Literal) else None
    if made is slice:
        return call("slice", *e.exprs(_bounds(op.args[1:])))
    values = e.exprs(op.args[1:])
    t = op.results[0].type
    if isinstance(t, Struct):
        names = [n for n, _ in t.fields]
        if by_keywords(t.cls) and len(values) == len(dataclasses.fields(t.cls)):
            return call(e.expr(cls), **dict(zip(names, values)))
        helper = ast.Name(e.namespace.helper(new_instance), ast.Load())
        return call(helper, e.expr(cls), **dict(zip(names, values)))
    return call(e.expr(cls), *values)


def _bounds(bounds: tuple[Operand, ...]) -> tuple[Operand, ...]:
    """The arguments of `slice` that must be written."""
    start, stop, step = bounds
    if not _is_none(step):
        return bounds
    return (stop,) if _is_none(start) else (start, stop)


FORMS: dict[Def, Any] = {
    SPREAD: lambda e, op: ast.Starred(e.expr(op.args[0]), ast.Load()),
    CLOSURE: closure,
    TUPLE: lambda e, op: ast.Tuple(e.exprs(op.args), ast.Load()),
    LIST: lambda e, op: ast.List(e.exprs(op.args), ast.Load()),
    DICT: _dict,
    FSTRING: lambda e, op: fstring(e, op.args),
    TEST: lambda e, op: e.expr(op.args[0]),
    LIST_NEW: lambda e, op: ast.List([], ast.Load()),
    CELL: lambda e, op: ast.List([ast.Constant(None)], ast.Load()),
    LIST_POP: lambda e, op: call(ast.Attribute(e.expr(op.args[0]), "pop", ast.Load()), *e.exprs(op.args[1:])),
    DICT_POP: lambda e, op: call(ast.Attribute(e.expr(op.args[0]), "pop", ast.Load()), *e.exprs(op.args[1:])),
    SNAPSHOT: lambda e, op: call(ast.Attribute(e.expr(op.args[0]), "copy", ast.Load())),
    CONSTRUCT: _construct,
}
