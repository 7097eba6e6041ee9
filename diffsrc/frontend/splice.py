"""Loops over producers: the consumer's body stands in place of `yield`.

Where nothing leaves early, or leaves the one loop of the producer, that is all. Else a flag tells the loops around a
`yield` that they end:

    for v in two(x): BODY with break          done = False
                                              for _ in range(1):
    def two(x):                                   while ...:
        while ...:                    ->              v = a
            yield a                                   BODY with done = True; break
            ...                                       ...
        yield b                                   if done:
                                                      break
                                                  v = b
                                                  BODY ...

A generator function that is called anywhere else gives the list of what it yields (`as_list`).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from ..defs.table import lookup
from ..ir.values import Literal
from .liveness import BREAK, CONTINUE, NEXT
from .producers import Body, Producer, at, is_iterator, is_strict, listed, producer, resolve
from .scope import in_scope
from .state import Lowering

Loop = ast.For | ast.While
Loops = tuple[ast.stmt, ...]
#: a body is copied for each `yield`; more of them are refused
MAX_COPIES = 6
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def loop_over_producer(low: Lowering, node: ast.For) -> bool:
    """Lower a loop over an iterator whose source is known; False for any other loop."""
    strict = _strict(low, node)
    found = strict or producer(low, node.iter, _is_quiet(low, node.body))
    if found is None:
        return False
    in_place(low, node, _Splice(low, node, found).statements() if strict is None else strict.body, found.names)
    return True


def in_place(low: Lowering, node: ast.stmt, statements: Body, names: Sequence[str]) -> None:
    """Lower statements that stand for another; `names` are theirs alone."""
    unit = low.unit
    unit.kept.append(statements)  # liveness knows nodes by id
    everything = unit.scope.local.union(unit.extra)
    out = {NEXT: unit.liveness.behind[id(node)], BREAK: everything, CONTINUE: everything}
    unit.liveness.annotate(statements, out, frozenset(low.noted))
    low.stmts(statements)
    for name in names:
        low.vars.pop(name, None)


#: methods that write nothing
READING = frozenset({"all", "any", "copy", "dot", "get", "item", "items", "keys", "max", "mean", "min", "prod", "sum", "values"})


def _is_quiet(low: Lowering, body: Body) -> bool:
    """Whether statements certainly write no memory but that of numbers they add up."""
    for node in (part for statement in body for part in in_scope(statement)):
        match node:
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                return False
            case ast.AugAssign(target=ast.Name(id=name)) if not isinstance(low.vars.get(name), Literal):
                return False
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in READING:
                continue
            case ast.Call(func=function):
                row = lookup(resolve(low, function))
                if row is None or row.writes or row.effect:
                    return False
    return True


def _strict(low: Lowering, node: ast.For) -> Producer | None:
    """`for a, b in zip(x, y, strict=True)`: if the loop comes to its end, the lengths are compared."""
    call = node.iter
    if not isinstance(call, ast.Call) or not is_strict(call) or resolve(low, call.func) is not zip:
        return None
    names = [low.unit.fresh("items") for _ in call.args]
    values = [listed(low, a) if is_iterator(low, a) else a for a in call.args]
    first = [at(ast.Assign([ast.Name(n, ast.Store())], v), node) for n, v in zip(names, values)]
    plain = ast.Call(call.func, [ast.Name(n, ast.Load()) for n in names], [])
    tests = [_equal_lengths(names[0], n) for n in names[1:]]
    loop = ast.For(node.target, plain, node.body, [*(at(t, node) for t in tests), *node.orelse])
    return Producer([*first, at(loop, node)], names)


def _equal_lengths(one: str, other: str) -> ast.stmt:
    """`if len(one) != len(other): raise ValueError(..)`."""
    lengths = [ast.Call(ast.Name("len", ast.Load()), [ast.Name(n, ast.Load())], []) for n in (one, other)]
    error = ast.Call(ast.Name("ValueError", ast.Load()), [ast.Constant("zip() arguments of different lengths")], [])
    return ast.If(ast.Compare(lengths[0], [ast.NotEq()], [lengths[1]]), [ast.Raise(error, None)], [])


@dataclass(slots=True)
class _Splice:
    """One loop and its producer. `done`, `left`: the flags, where they are needed."""

    low: Lowering
    node: ast.For
    found: Producer
    copies: int = 0
    done: str = ""
    left: str = ""

    def statements(self) -> Body:
        node = self.node
        body = _without_returns(expanded(self.low, self.found.body, self.found.names))
        sites = list(_yields(body, (), False))
        breaks, continues = _has_own(node.body, ast.Break), _has_own(node.body, ast.Continue)
        returns = any(isinstance(n, ast.Return) for s in body for n in in_scope(s))
        if returns or (continues and not all(tail for _, tail in sites)):
            return self.flagged(body, breaks, continues)
        if not breaks:
            return [*self.filled(body), *node.orelse]
        last = body[-1]
        alone = len(sites) == 1 and sites[0][0] == (last,) and isinstance(last, Loop) and not last.orelse
        if not alone or not isinstance(last, Loop) or (node.orelse and _has_own(last.body, ast.Break)):
            return self.flagged(body, breaks, continues)
        *first, loop = self.filled(body)
        assert isinstance(loop, Loop)
        loop.orelse = node.orelse  # `break` of the consumer leaves the only loop of the producer
        return [*first, loop]

    def filled(self, body: Body) -> Body:
        """The producer with the consumer in it."""
        made = rebuilt(body, lambda s: self.consumed(s, self.node.body) if is_yield(s) else None)
        for statement in made:
            for part in in_scope(statement):
                if isinstance(part, ast.For):
                    self.direct(part)
        return made

    def direct(self, loop: ast.For) -> None:
        """`for item in xs: a, b = item` is `for a, b in xs`, if nothing else reads the item."""
        match loop.target, loop.body:
            case ast.Name(id=item), [ast.Assign(targets=[target], value=ast.Name(id=read)), *rest] if item == read:
                used = any(isinstance(n, ast.Name) and n.id == item for s in rest for n in ast.walk(s))
                if item in self.found.names and not used:
                    loop.target, loop.body = target, rest or [at(ast.Pass(), loop)]

    def consumed(self, statement: ast.Expr, body: Body) -> Body:
        """Bind the target, then do what the consumer does."""
        assert isinstance(statement.value, ast.Yield)
        self.copies += 1
        if self.copies > MAX_COPIES:
            raise self.low.refuse("many yields", statement)
        target = self.node.target
        if self.copies > 1:
            target, body = copy.deepcopy((target, body))
        value = statement.value.value or at(ast.Constant(None), statement)
        return [at(ast.Assign([target], value), statement), *body]

    # -- with flags

    def flagged(self, body: Body, breaks: bool, continues: bool) -> Body:
        """The producer in a loop of one round, which `break` leaves."""
        self.done = self.fresh("done")
        self.left = self.fresh("left") if breaks and self.node.orelse else ""
        consumer = rebuilt(self.node.body, self.leaving, own=True)
        if continues:
            consumer = [self.once(consumer), *([self.stop()] if breaks else [])]

        def change(s: ast.stmt) -> Body | None:
            if is_yield(s):
                return self.consumed(s, consumer)
            return [self.set(self.done), self.place(ast.Break())] if isinstance(s, ast.Return) else None

        filled = rebuilt(body, change, lambda s: [self.stop()] if isinstance(s, Loop) and _leaves(s, breaks) else [])
        flags = [self.set(n, False) for n in (self.done, self.left) if n]
        more = self.node.orelse
        if self.left and more:
            more = [self.place(ast.If(ast.UnaryOp(ast.Not(), ast.Name(self.left, ast.Load())), more, []))]
        return [*flags, self.once(filled), *more]

    def leaving(self, statement: ast.stmt) -> Body | None:
        if not isinstance(statement, ast.Break):
            return None
        return [*(self.set(n) for n in (self.done, self.left) if n), statement]

    def once(self, body: Body) -> ast.stmt:
        call = ast.Call(ast.Name("range", ast.Load()), [ast.Constant(1)], [])
        return self.place(ast.For(ast.Name(self.fresh("once"), ast.Store()), call, body, []))

    def stop(self) -> ast.stmt:
        return self.place(ast.If(ast.Name(self.done, ast.Load()), [ast.Break()], []))

    def set(self, name: str, value: bool = True) -> ast.stmt:
        return self.place(ast.Assign([ast.Name(name, ast.Store())], ast.Constant(value)))

    def fresh(self, name: str) -> str:
        self.found.names.append(self.low.unit.fresh(name))
        return self.found.names[-1]

    def place(self, statement: ast.stmt) -> ast.stmt:
        made: ast.stmt = at(statement, self.node)
        return made


# -- statements, rebuilt


def rebuilt(
    body: Body,
    change: Callable[[ast.stmt], Body | None],
    after: Callable[[ast.stmt], Body] | None = None,
    own: bool = False,
) -> Body:
    """A copy of statements in which `change` gives what stands in place of one (None: itself), and `after` what stands
    behind it. `own`: only what belongs to the loop around, nothing inside of loops."""
    out: Body = []
    for statement in body:
        new = change(statement)
        if new is None:
            new = [statement if own and isinstance(statement, Loop) else _inside(statement, change, after, own)]
        out += [*new, *(after(statement) if after is not None else [])]
    return out


def _inside(
    node: ast.AST, change: Callable[[ast.stmt], Body | None], after: Callable[[ast.stmt], Body] | None, own: bool
) -> ast.stmt:
    blocks = [] if isinstance(node, ast.FunctionDef | ast.ClassDef) else [b for b in _BLOCKS if getattr(node, b, None)]
    made = copy.copy(node) if blocks else node
    for block in blocks:
        items = getattr(node, block)
        if isinstance(items[0], ast.stmt):
            setattr(made, block, rebuilt(items, change, after, own))
        else:
            setattr(made, block, [_inside(item, change, after, own) for item in items])
    return made  # type: ignore[return-value]


def _without_returns(body: Body) -> Body:
    """Statements that end where a `return` stands in them, without it where that is easy: as the last statement, at the end
    of an `if`, in a last loop."""
    for n, statement in enumerate(body):
        rest = body[n + 1 :]
        if isinstance(statement, ast.Return):
            return body[:n]
        if isinstance(statement, ast.If) and statement.body and isinstance(statement.body[-1], ast.Return):
            made = copy.copy(statement)
            made.body = statement.body[:-1] or [at(ast.Pass(), statement)]
            made.orelse = _without_returns([*statement.orelse, *rest])
            return [*body[:n], made]
        if isinstance(statement, Loop) and not rest and not statement.orelse:
            left = rebuilt(statement.body, lambda s: [at(ast.Break(), s)] if isinstance(s, ast.Return) else None, own=True)
            made_loop = copy.copy(statement)
            made_loop.body = left
            return [*body[:n], made_loop]
    return body


def is_yield(statement: ast.stmt) -> TypeGuard[ast.Expr]:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield)


def expanded(low: Lowering, body: Body, names: list[str]) -> Body:
    """A producer with `yield from xs` as a loop. A `yield` must be a statement, in loops and conditions only."""

    def change(statement: ast.stmt) -> Body | None:
        match statement:
            case ast.If() | ast.For() | ast.While():
                _check(low, statement.iter if isinstance(statement, ast.For) else statement.test)
                return None
            case ast.Expr(value=ast.Yield(value=value)):
                _check(low, value)
                return None
            case ast.Expr(value=ast.YieldFrom(value=value)):
                _check(low, value)
                names.append(low.unit.fresh("item"))
                each = ast.Expr(ast.Yield(ast.Name(names[-1], ast.Load())))
                return [at(ast.For(ast.Name(names[-1], ast.Store()), value, [each], []), statement)]
        _check(low, statement)
        return None

    return rebuilt(body, change)


def _check(low: Lowering, node: ast.AST | None) -> None:
    for part in in_scope(node) if node is not None else ():
        if isinstance(part, ast.Yield | ast.YieldFrom):
            raise low.refuse("yield here", part)


def _yields(body: Body, loops: Loops, tail: bool) -> Iterator[tuple[Loops, bool]]:
    """Each `yield` with the loops around it, and whether it is the last that happens in the innermost."""
    for n, statement in enumerate(body):
        last = tail and n == len(body) - 1
        if is_yield(statement):
            yield loops, last
        elif isinstance(statement, ast.If):
            yield from _yields(statement.body, loops, last)
            yield from _yields(statement.orelse, loops, last)
        elif isinstance(statement, Loop):
            yield from _yields(statement.body, (*loops, statement), True)
            yield from _yields(statement.orelse, loops, False)


def _has_own(body: Body, kind: type[ast.stmt]) -> bool:
    """Whether `break` or `continue` of a loop with this body stands in it."""
    for statement in body:
        if isinstance(statement, kind):
            return True
        if isinstance(statement, Loop):
            if _has_own(statement.orelse, kind):
                return True
        elif not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            parts = [p for b in _BLOCKS for p in getattr(statement, b, [])]
            blocks = [p.body if isinstance(p, ast.ExceptHandler | ast.match_case) else [p] for p in parts]
            if any(_has_own(b, kind) for b in blocks):
                return True
    return False


def _leaves(loop: Loop, breaks: bool) -> bool:
    """Whether the whole producer may end inside one of its loops."""
    kinds = (ast.Return, ast.Yield) if breaks else (ast.Return,)
    return any(isinstance(n, kinds) for n in in_scope(loop))


# -- generator functions as functions


def as_list(low: Lowering, body: Body) -> Body:
    """The body of a generator function that gives the list of all it yields."""
    name = low.unit.fresh("items")
    items, place = ast.Name(name, ast.Load()), body[0]

    def change(statement: ast.stmt) -> Body | None:
        if is_yield(statement):
            assert isinstance(statement.value, ast.Yield)
            value = statement.value.value or ast.Constant(None)
            call = ast.Call(ast.Attribute(items, "append", ast.Load()), [value], [])
            return [at(ast.Expr(call), statement)]
        return [at(ast.Return(items), statement)] if isinstance(statement, ast.Return) else None

    first = at(ast.Assign([ast.Name(name, ast.Store())], ast.List([], ast.Load())), place)
    return [first, *rebuilt(expanded(low, body, []), change), at(ast.Return(items), body[-1])]
