"""`def` inside a function, with its decorators: calls of them on the function that was made.

    @scaled(2.0)                       %0 = call scaled(2.0)
    def h(t): ...              ->      %1 = closure(<func h>)
                                       %h = %0(%1)
"""

from __future__ import annotations

import ast
import functools

from ..ir.ops import FuncRef
from ..ir.values import Operand
from .calls import callee
from .closures import call_inner, lift
from .state import Inner, Lowering, statement


@statement(ast.FunctionDef)
def inner_function(low: Lowering, node: ast.FunctionDef) -> None:
    decorators = [d for d in node.decorator_list if not _keeps_function(low, d)]
    made = [callee(low, d) for d in decorators]
    result: Operand = lift(low, node, node.name)
    for decorator, (fn, receiver) in zip(reversed(decorators), reversed(made)):
        low.escape(result)
        if isinstance(fn, Inner):
            call = ast.copy_location(ast.Call(decorator, [], []), decorator)
            result = call_inner(low, call, fn, (result,), (), node.name)
            continue
        result = low.apply(fn, (*receiver, result), decorator, node.name)
    low.bind(node.name, result, node)


def _keeps_function(low: Lowering, node: ast.expr) -> bool:
    """`@functools.wraps(f)` gives the function other names only."""
    if not isinstance(node, ast.Call):
        return False
    fn, _ = callee(low, node.func)
    return isinstance(fn, FuncRef) and fn.target is functools.wraps
