"""Which variables are still read: at the head of each loop and after each compound statement.

A statement is summed up once, bottom-up, as a `Flow`: what it reads before it writes, and for each
way of leaving it (`next`, `break`, `continue`) what it has certainly written by then. Flows compose
like the statements do, so the sums of loops need no iteration: a second round of a loop reads
nothing that the first would not read. A second walk, top-down, hands to each statement what is live
behind it. Both are linear in the size of the program.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .scope import bound, reads

Names = frozenset[str]
NEXT, BREAK, CONTINUE = "next", "break", "continue"
_NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """`reads`: variables read before they are written; `kills`: for each possible exit, those
    certainly written."""

    reads: Names
    kills: Mapping[str, Names]

    def live(self, out: Mapping[str, Names]) -> Names:
        """What is live before, given what is live behind each exit."""
        return self.reads.union(*(out.get(exit, _NONE) - kills for exit, kills in self.kills.items()))


EMPTY = Flow(_NONE, {NEXT: _NONE})


def simple(read: Names, kills: Iterable[str] = ()) -> Flow:
    return Flow(read, {NEXT: frozenset(kills)})


def after(first: Flow, second: Flow) -> Flow:
    """First one, then the other."""
    if NEXT not in first.kills:
        return first
    done = first.kills[NEXT]
    left = {exit: kills for exit, kills in first.kills.items() if exit != NEXT}
    then = {exit: kills | done for exit, kills in second.kills.items()}
    return Flow(first.reads | (second.reads - done), _meet(left, then))


def either(a: Flow, b: Flow) -> Flow:
    return Flow(a.reads | b.reads, _meet(a.kills, b.kills))


def _meet(a: Mapping[str, Names], b: Mapping[str, Names]) -> dict[str, Names]:
    return {e: a[e] & b[e] if e in a and e in b else a.get(e, b.get(e, _NONE)) for e in (*a, *b)}


def is_endless(node: ast.For | ast.While) -> bool:
    """`while True:` and `while 1:`, which only `break` leaves."""
    return isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)


@dataclass(slots=True)
class Liveness:
    """For each loop what is live at its head, for each compound statement what is live behind it."""

    head: dict[int, Names] = field(default_factory=dict)
    behind: dict[int, Names] = field(default_factory=dict)
    _flows: dict[int, Flow] = field(default_factory=dict)

    def block(self, body: list[ast.stmt]) -> Flow:
        total = EMPTY
        for stmt in body:
            total = after(total, self.flow(stmt))
        return total

    def flow(self, node: ast.stmt) -> Flow:
        if id(node) not in self._flows:
            self._flows[id(node)] = self._flow(node)
        return self._flows[id(node)]

    def _flow(self, node: ast.stmt) -> Flow:
        match node:
            case ast.If():
                return after(simple(reads(node.test)), either(self.block(node.body), self.block(node.orelse)))
            case ast.For() | ast.While():
                return self._loop(node)
            case ast.Break():
                return Flow(_NONE, {BREAK: _NONE})
            case ast.Continue():
                return Flow(_NONE, {CONTINUE: _NONE})
            case ast.Return() | ast.Raise():
                return Flow(reads(node), {})
        return simple(reads(node), _certain(node))

    def _round(self, node: ast.For | ast.While) -> Flow:
        """One round of a loop, from its head."""
        if isinstance(node, ast.While):
            return after(simple(reads(node.test)), self.block(node.body))
        return after(simple(reads(node.target), _names(node.target)), self.block(node.body))

    def _loop(self, node: ast.For | ast.While) -> Flow:
        once, orelse = self._round(node), self.block(node.orelse)
        done = {} if is_endless(node) else dict(orelse.kills)
        if BREAK in once.kills:
            done = _meet(done, {NEXT: once.kills[BREAK]})
        loop = Flow(once.reads | orelse.reads, done)
        return after(simple(reads(node.iter)), loop) if isinstance(node, ast.For) else loop

    def annotate(self, body: list[ast.stmt], out: Mapping[str, Names]) -> None:
        """Fill `head` and `behind`, given what is live behind the exits of the body."""
        for stmt in reversed(body):
            self.behind[id(stmt)] = out.get(NEXT, _NONE)
            self._inside(stmt, out)
            out = {**out, NEXT: self.flow(stmt).live(out)}

    def _inside(self, node: ast.stmt, out: Mapping[str, Names]) -> None:
        if isinstance(node, ast.If):
            self.annotate(node.body, out)
            self.annotate(node.orelse, out)
        elif isinstance(node, ast.For | ast.While):
            self._inside_loop(node, out)

    def _inside_loop(self, node: ast.For | ast.While, out: Mapping[str, Names]) -> None:
        behind = out.get(NEXT, _NONE)
        head = self._round(node).live({BREAK: behind}) | self.block(node.orelse).live(out)
        self.head[id(node)] = head
        self.annotate(node.body, {NEXT: head, CONTINUE: head, BREAK: behind})
        self.annotate(node.orelse, out)


def _certain(node: ast.stmt) -> list[str]:
    """What a simple statement certainly binds."""
    match node:
        case ast.Assign():
            return [n for t in node.targets for n in _names(t)]
        case ast.AugAssign() | ast.AnnAssign() if isinstance(node, ast.AugAssign) or node.value is not None:
            return _names(node.target)
        case ast.FunctionDef():
            return [node.name]
        case ast.Delete():
            return [n for t in node.targets for n in _names(t)]
    return []


def _names(target: ast.expr) -> list[str]:
    """The plain names of a target: binding them needs no read."""
    return bound(target)
