"""`with ds.insert_grad_of(x) as dx: ...`, rewritten before anything else reads the tree.

    with ds.insert_grad_of(x) as dx:          def at_dx(dx, w=w):
        print(w)                                  print(w)
        dx = np.clip(dx, -w, w)        ->         dx = np.clip(dx, -w, w)
                                                  return dx
                                              x = ds.insert_grad_of(x, at_dx)

The body belongs to the reverse sweep, so it is a function of the cotangent; variables have the values that they have here.
The call gives `x` back (see `ad/inserts.py`).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from types import FunctionType

from ..defs.syntax import refusal
from ..defs.transforms import kind_of
from .globals import globals_of
from .parse import SourceInfo
from .scope import FunctionNode, bound, local_names, reads

INSERT = "insert_grad_of"


def with_inserts(f: FunctionType, node: FunctionNode, source: SourceInfo) -> FunctionNode:
    """The tree of a function with its inserted statements as functions; the tree itself where there are none."""
    if not any(isinstance(part, ast.With) for part in ast.walk(node)):
        return node
    world = globals_of(f)

    def is_insert(call: ast.expr) -> bool:
        return isinstance(call, ast.Call) and kind_of(_value(world.peek, call.func)) == INSERT

    if not any(is_insert(i.context_expr) for part in ast.walk(node) if isinstance(part, ast.With) for i in part.items):
        return node
    new = _Rewrite(is_insert, world.find, source).visit(copy.deepcopy(node))
    assert isinstance(new, FunctionNode)
    return copy.deepcopy(ast.fix_missing_locations(new))  # a tree that nobody has looked at while it changed


def _value(find: Callable[[str], object], node: ast.expr) -> object:
    """What a dotted name stands for outside of the function."""
    if isinstance(node, ast.Attribute):
        return getattr(_value(find, node.value), node.attr, None)
    return find(node.id) if isinstance(node, ast.Name) else None


class _Rewrite(ast.NodeTransformer):
    def __init__(
        self, is_insert: Callable[[ast.expr], bool], find: Callable[[str], object], source: SourceInfo
    ) -> None:
        self.is_insert, self.find, self.source = is_insert, find, source
        self.around: list[FunctionNode] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.around.append(node)
        self.generic_visit(node)
        self.around.pop()
        return node

    def visit_With(self, node: ast.With) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if not any(self.is_insert(i.context_expr) for i in node.items):
            return node
        call, target = node.items[0].context_expr, node.items[0].optional_vars
        known = isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords
        if len(node.items) > 1 or not known or not isinstance(target, ast.Name | None):
            raise refusal("insert form", self.source.loc(node))
        assert isinstance(call, ast.Call)
        if not isinstance(call.args[0], ast.Name):
            raise refusal("insert of expression", self.source.loc(call.args[0]))
        return self._function(node, call, call.args[0], target.id if target is not None else f"d{call.args[0].id}")

    def _function(self, node: ast.With, call: ast.Call, x: ast.Name, dx: str) -> list[ast.stmt]:
        outer = self.around[-1]
        own = local_names(outer)
        self._check(node, own, dx)
        read = reads(*node.body) - {dx, *bound(*node.body)}
        given = sorted((read & own) | {n for n in read - own if isinstance(self.find(n), list | dict | set)})
        name = f"at_{dx}"
        while name in own:
            name += "_"
        spec = ast.arguments(
            [], [ast.arg(dx), *(ast.arg(n) for n in given)], None, [], [], None, [ast.Name(n, ast.Load()) for n in given]
        )
        back = ast.copy_location(ast.Return(ast.Name(dx, ast.Load())), node)
        made = ast.FunctionDef(name, spec, [*node.body, back], [], None, None)
        hooked = ast.Call(call.func, [ast.Name(x.id, ast.Load()), ast.Name(name, ast.Load())], [])
        again = ast.Assign([ast.Name(x.id, ast.Store())], hooked)
        return [ast.copy_location(s, node) for s in (made, again)]

    def _check(self, node: ast.With, own: frozenset[str], dx: str) -> None:
        """Refuse a body that leaves the block, or binds variables that the function uses elsewhere."""
        inside = [part for s in node.body for part in ast.walk(s)]
        for part in inside:
            if isinstance(part, ast.Return | ast.Yield | ast.YieldFrom):
                raise refusal("exit in insert", self.source.loc(part))
        counts = [n.id for n in ast.walk(self.around[-1]) if isinstance(n, ast.Name)]
        here = [n.id for n in inside if isinstance(n, ast.Name)]
        for name in bound(*node.body):
            elsewhere = counts.count(name) > here.count(name) or name in _parameters(self.around[-1])
            if name != dx and elsewhere:
                raise refusal("variable in insert", self.source.loc(node), name=name)


def _parameters(node: FunctionNode) -> list[str]:
    a = node.args
    return [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
