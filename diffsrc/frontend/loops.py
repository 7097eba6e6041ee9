"""Loops.

    for i in range(n):          %s = for %i in range(0, %n, 1) carry (%s_1 = %s_0) {
        s = s + x[i]     ->       ...
                                  yield %s_2
                                }

Carried are the variables that the body assigns and that are live at the loop's head; results are
the variables that the body or the `else` assigns and that are live behind the loop. What is
assigned and read within one iteration only is neither.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ..defs.table import Def
from ..ir.ops import Apply, Break, For, If, Method, Op, Store, Unreachable, While, Yield
from ..ir.types import ANY
from ..ir.values import Literal, Value
from ..ir.walk import walk
from .expressions import condition
from .liveness import is_endless
from .scope import bound
from .spaces import opened, space
from .splice import loop_over_producer
from .state import Exits, Lowering, statement
from .targets import assign

Loop = ast.For | ast.While
#: methods of arrays, lists, dicts and strings that read only: a `while` condition may call them
READING_METHODS = frozenset({
    "all", "any", "copy", "count", "dot", "endswith", "get", "index", "is_integer", "item", "max", "mean",
    "min", "prod", "ptp", "startswith", "std", "sum", "trace", "var",
})  # fmt: skip


@statement(ast.Break)
def break_(low: Lowering, node: ast.Break) -> None:
    _check_exit(low, node)
    low.break_(node)


@statement(ast.Continue)
def continue_(low: Lowering, node: ast.Continue) -> None:
    _check_exit(low, node)
    low.continue_(node)


#: stands for the loop around, where its exits can't be expressed
BLOCKED = Exits((), ())


def _check_exit(low: Lowering, node: ast.stmt) -> None:
    if low.loop is BLOCKED:
        raise low.refuse("loop exit", node)


@dataclass(frozen=True, slots=True)
class Plan:
    """`inside`: the variables that the head or the body assigns; `everything`: those of the `else` too."""

    exits: Exits
    inside: list[str]
    everything: list[str]


def plan(low: Lowering, node: Loop) -> Plan:
    """The carried variables and the results of a loop."""
    heads = [node.target] if isinstance(node, ast.For) else [node.test]
    inside, everything = (
        [name for name in bound(*heads, *parts) if name not in low.unit.cells]
        for parts in (node.body, [*node.body, *node.orelse])
    )
    captured = low.unit.scope.captured
    at_head = low.unit.liveness.head[id(node)] | captured
    behind = low.live_behind(node)
    carried = tuple(n for n in inside if n in at_head)
    exits = Exits(carried, tuple(n for n in everything if n in behind))
    return Plan(exits, inside, everything)


def region(low: Lowering, loop: Plan, node: Loop) -> tuple[Lowering, tuple[Value, ...]]:
    """A region with the carried variables as parameters; what else the body assigns isn't visible in it."""
    child = low.child()
    for name in loop.inside:
        child.vars.pop(name, None)
    params = tuple(Value(n, ANY, None, None, low.loc(node)) for n in loop.exits.carried)
    child.vars.update(zip(loop.exits.carried, params))
    return child, params


def finish(child: Lowering, names: tuple[str, ...], node: ast.AST) -> None:
    if not child.done:
        child.exit(Yield(child.values(names), child.loc(node)))


def leave(low: Lowering, loop: Plan, node: Loop) -> tuple[Value, ...]:
    """The results of a loop; its variables take them."""
    results = tuple(Value(n, ANY, None, None, low.loc(node)) for n in loop.exits.results)
    for name in loop.everything:
        low.vars.pop(name, None)
    low.vars.update(zip(loop.exits.results, results))
    return results


@statement(ast.For)
def for_(low: Lowering, node: ast.For) -> None:
    if loop_over_producer(low, node):
        return
    item = space(low, node.iter)
    loop = plan(low, node)
    exits = loop.exits
    inits = low.values(exits.carried)
    body, params = region(low, loop, node)
    body.loop = exits
    leaves, operand = opened(low, item, node.target)
    assign(body, node.target, operand)
    body.stmts(node.body)
    finish(body, exits.carried, node)
    orelse, ends = region(low, loop, node)
    orelse.stmts(node.orelse)
    completes = exits.broken or not orelse.done
    finish(orelse, exits.results, node)
    results = leave(low, loop, node)
    block, last = body.block((*leaves, *params)), orelse.block(ends)
    low.ops.append(For(item, inits, block, last, results, low.loc(node)))
    if not completes:
        low.exit(Unreachable(low.loc(node)))


@statement(ast.While)
def while_(low: Lowering, node: ast.While) -> None:
    """A condition that may have effects is tested inside the body: see `_tested`."""
    loop = plan(low, node)
    exits = loop.exits
    inits = low.values(exits.carried)
    cond, tests = region(low, loop, node)
    test = condition(cond, node.test)
    cond.exit(Yield((test,), low.loc(node.test)))
    plain = not bound(node.test) and all(map(_only_reads, walk(cond.block())))
    body, params = region(low, loop, node)
    body.loop = exits
    orelse, ends = region(low, loop, node)
    if not plain:
        cond.ops[:] = [Yield((Literal(True, None, low.loc(node.test)),), low.loc(node.test))]
        _tested(low, body, node, exits)
    else:
        orelse.stmts(node.orelse)
    body.stmts(node.body)
    finish(body, exits.carried, node)
    completes = exits.broken or not (orelse.done or is_endless(node))
    finish(orelse, exits.results, node)
    results = leave(low, loop, node)
    blocks = cond.block(tests), body.block(params), orelse.block(ends)
    low.ops.append(While(inits, *blocks, results, low.loc(node)))
    if not completes:
        low.exit(Unreachable(low.loc(node)))


def _tested(low: Lowering, body: Lowering, node: ast.While, exits: Exits) -> None:
    """`while c: ... else: ...` as `while True: if c: (nothing) else: ...; break`, continued by the caller."""
    cond = condition(body, node.test)
    go, stop = body.child(), body.child()
    stop.loop = BLOCKED
    stop.stmts(node.orelse)
    stop.loop = exits
    if not stop.done:
        stop.break_(node.test)
    body.join(node.test, cond, (go, stop))


def _only_reads(op: Op) -> bool:
    """Whether an op of a condition can be evaluated where a plain expression can."""
    match op:
        case Store() | Break():
            return False
        case If() | Yield():
            return True
        case Apply(fn=Method(name)):
            return name in READING_METHODS
        case Apply(fn=Def() as fn):
            return not fn.effect and not fn.writes
        case Apply():
            return False
    return True
