"""Iteration spaces: `range`, `zip`, `enumerate` and `reversed` are taken apart, everything else is a
sequence.

A space is opened into one body parameter per leaf and an operand of the structure that Python would
bind: tuples for `zip` and `enumerate`. Assigning that operand to the loop's target binds the leaves
straight; the names of the target are given to the leaves, so that the user's names survive.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

from ..ir.ops import Enumerate, Range, Reversed, Seq, Space, Zip
from ..ir.types import ANY
from ..ir.values import Literal, Operand, Pack, Value
from ..source import Loc
from .renaming import Resolved
from .state import Lowering
from .targets import name_of

_SPACES = (builtins.range, builtins.zip, builtins.enumerate, builtins.reversed)


def space(low: Lowering, node: ast.expr) -> Space:
    """The space that an iterable expression describes."""
    fn = _builtin(low, node)
    if not isinstance(node, ast.Call) or fn is None or any(isinstance(a, ast.Starred) for a in node.args):
        return Seq(_iterable(low, node))
    count, named = len(node.args), {k.arg for k in node.keywords}
    if fn is builtins.range and 1 <= count <= 3 and not named:
        return _range(low, node)
    if fn is builtins.zip and count:
        return _zip(low, node)
    if fn is builtins.enumerate and 1 <= count + len(named) <= 2 and named <= {"start"}:
        return _enumerate(low, node)
    if fn is builtins.reversed and count == 1 and not named:
        item = space(low, node.args[0])
        if isinstance(item, Range | Seq):
            return Reversed(item)
    raise low.refuse("arguments", node, name=f"{fn.__name__}()", why="this form isn't supported")


def _builtin(low: Lowering, node: ast.expr) -> type | None:
    """The space-making builtin that is called, however it is named."""
    if isinstance(node, ast.Call) and isinstance(node.func, Resolved):
        return next((s for s in _SPACES if s is node.func.found.value), None)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    if low.known(node.func.id) or (node.func.id in low.unit.scope.local and node.func.id not in low.vars):
        return None
    found = low.read(node.func.id, node.func)
    value = found.value if isinstance(found, Literal) else None
    return next((s for s in _SPACES if s is value), None)


def _iterable(low: Lowering, node: ast.expr) -> Operand:
    """A display is iterated in place."""
    return low.expr(node)


def _range(low: Lowering, node: ast.Call) -> Range:
    loc = low.loc(node)
    given = [low.value(a) for a in node.args]
    start = given[0] if len(given) > 1 else Literal(0, None, loc)
    stop = given[1] if len(given) > 1 else given[0]
    return Range(start, stop, given[2] if len(given) > 2 else Literal(1, None, loc))


def _zip(low: Lowering, node: ast.Call) -> Zip:
    for keyword in node.keywords:
        if not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False):
            raise low.refuse("zip strict", keyword.value, name="zip")
    return Zip(tuple(space(low, a) for a in node.args))


def _enumerate(low: Lowering, node: ast.Call) -> Enumerate:
    if not node.args:
        raise low.refuse("arguments", node, name="enumerate()", why="the iterable is missing")
    item = space(low, node.args[0])
    starts = [*node.args[1:], *(k.value for k in node.keywords)]
    start: Operand = low.value(starts[0]) if starts else Literal(0, None, low.loc(node))
    return Enumerate(item, start)


@dataclass(slots=True)
class Opened:
    """The leaves of a space as body parameters."""

    loc: Loc
    leaves: list[Value] = field(default_factory=list)

    def leaf(self, target: ast.expr | None) -> Value:
        name = name_of(target) if target is not None else None
        self.leaves.append(Value(name, ANY, None, None, self.loc))
        return self.leaves[-1]

    def bind(self, item: Space, target: ast.expr | None) -> Operand:
        """What the target is bound to in each iteration."""
        match item:
            case Zip(items):
                return Pack(tuple(map(self.bind, items, _parts(target, len(items)))))
            case Enumerate(inner, _):
                counter, element = _parts(target, 2)
                return Pack((self.leaf(counter), self.bind(inner, element)))
            case Reversed(inner):
                return self.bind(inner, target)
        return self.leaf(target)


def _parts(target: ast.expr | None, count: int) -> list[ast.expr | None]:
    if isinstance(target, ast.Tuple | ast.List) and len(target.elts) == count:
        return list(target.elts)
    return [None] * count


def opened(low: Lowering, item: Space, target: ast.expr) -> tuple[tuple[Value, ...], Operand]:
    """The body parameters of the leaves and the operand to assign to the target."""
    found = Opened(low.loc(target))
    operand = found.bind(item, target)
    return tuple(found.leaves), operand
