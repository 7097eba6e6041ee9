"""What a fault is: one change of the syntax tree of a module, in a named function.

`sites` lists all faults that can be planted in a tree; a fault is found again by its function, kind and number. Text of
messages, assertions and `raise` statements is left alone: a fault there is none.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr, ast.And: ast.Or, ast.Or: ast.And, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE,
    ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}  # fmt: skip
#: functions of the rule table whose texts are derivatives
ROWS = {"elementwise", "select"}
SKIPPED = (ast.Raise, ast.Assert, ast.JoinedStr, ast.AnnAssign, ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Site:
    """A place where a fault can be planted; `plant` changes the tree that it was found in. `inert`: an annotation or a
    decorator, where a change is no fault."""

    function: str
    kind: str
    number: int
    line: int
    plant: Callable[[], None]
    inert: bool

    @property
    def key(self) -> str:
        return f"{self.function}:{self.kind}:{self.number}"


def sites(tree: ast.Module) -> list[Site]:
    """Every fault of a module, in the order of its text."""
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for function, node, inert in _nodes(tree, "", False):
        for kind, plant in _faults(node):
            line = getattr(node, "lineno", 0) or getattr(getattr(node, "target", None), "lineno", 0)
            found.append(Site(function or "module", kind, counts[function, kind], line, plant, inert))
            counts[function, kind] += 1
    return found


def _nodes(node: ast.AST, function: str, inert: bool) -> Iterator[tuple[str, ast.AST, bool]]:
    said = [getattr(node, "annotation", None), getattr(node, "returns", None), *getattr(node, "decorator_list", ())]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, SKIPPED) or (isinstance(child, ast.FunctionDef) and child.name.startswith("__")):
            continue
        still = inert or any(child is part for part in said)
        yield function, child, still
        inside = function
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            inside = f"{function}.{child.name}" if function else child.name
        yield from _nodes(child, inside, still)


def _faults(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    match node:
        case ast.BinOp(op=op, left=left, right=right) if type(op) in SWAPPED and not _text(left) and not _text(right):
            yield "operator", _set(node, "op", SWAPPED[type(op)]())
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield "sign" if isinstance(node.op, ast.USub) else "not", lambda: _become(node, operand)
        case ast.BoolOp(op=op):
            yield "logic", _set(node, "op", SWAPPED[type(op)]())
        case ast.Compare(ops=[op]) if type(op) in SWAPPED:
            yield "comparison", _set(node, "ops", [SWAPPED[type(op)]()])
        case ast.If(test=test, body=body, orelse=[]) if isinstance(body[-1], (ast.Return, ast.Continue)):
            yield "guard ignored", _set(node, "test", ast.Constant(False))
        case ast.If(test=test, body=[ast.Raise()], orelse=[]):
            yield "refusal ignored", _set(node, "test", ast.Constant(False))
        case ast.If(test=test, body=[ast.Raise()]):
            return
        case ast.If(test=test):
            yield "condition", _set(node, "test", ast.UnaryOp(ast.Not(), test))
        case ast.IfExp(body=body, orelse=other):
            yield "choice", lambda: (setattr(node, "body", other), setattr(node, "orelse", body)) and None
        case ast.Return(value=ast.Constant(value=bool() as b)):
            yield "answer", _set(node, "value", ast.Constant(not b))
        case ast.Expr(value=ast.Call()):
            yield from _call_faults(node)
        case ast.AugAssign(target=ast.Name() as target, value=value):
            new = ast.Assign([target], value)
            yield "accumulation", lambda: _become(node, new)
        case ast.comprehension(ifs=[_, *_]):
            yield "filter", _set(node, "ifs", [])
        case ast.keyword(arg=str(), value=ast.Constant(value=bool() as b)):
            yield "option", _set(node, "value", ast.Constant(not b))


def _call_faults(node: ast.Expr) -> Iterator[tuple[str, Callable[[], None]]]:
    call = node.value
    assert isinstance(call, ast.Call)
    if isinstance(call.func, ast.Name) and call.func.id in ROWS:
        for k, arg in enumerate(call.args[1:], 1):
            if isinstance(arg, ast.Constant) and isinstance(arg.value, str):
                yield from _text_faults(call, k, arg.value, call.func.id)
    else:
        yield "statement dropped", _set(node, "value", ast.Constant(None))


def _text_faults(call: ast.Call, k: int, text: str, row: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Derivatives that are text: another sign, another factor, another argument."""
    if row == "select":
        yield "mask", lambda: call.args.__setitem__(k, ast.Constant(f"logical_not({text})"))
        return
    yield "rule's sign", lambda: call.args.__setitem__(k, ast.Constant(f"-({text})"))
    yield "rule's factor", lambda: call.args.__setitem__(k, ast.Constant(f"1.001 * ({text})"))


def _set(node: ast.AST, field: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, field, value)


def _become(node: ast.AST, other: ast.AST) -> None:
    """Turn a node into another, in place."""
    copied = {**other.__dict__}
    node.__class__ = type(other)  # type: ignore[assignment]
    node.__dict__.clear()
    node.__dict__.update(copied)


def _text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
