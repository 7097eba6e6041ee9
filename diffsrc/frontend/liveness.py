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
    #: what the handlers of a `try` read before they write it
    handled: dict[int, Names] = field(default_factory=dict)
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
            case ast.With():
                return after(simple(reads(*node.items), bound(*node.items)), self.block(node.body))
            case ast.Try():
                return self._try(node)
            case ast.Match():
                return self._match(node)
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

    def _try(self, node: ast.Try) -> Flow:
        """What a handler reads is read from the start: an exception may come before the body writes anything."""
        total = after(self.block(node.body), self.block(node.orelse))
        for handler in node.handlers:
            total = either(total, after(simple(reads(handler.type), _caught(handler)), self.block(handler.body)))
        final = self.block(node.finalbody)
        return after(Flow(total.reads | final.reads, total.kills), final)

    def _match(self, node: ast.Match) -> Flow:
        """Every pattern and guard may be read; the body of one case runs, or none."""
        asked = reads(node.subject, *(case.pattern for case in node.cases))
        for case in node.cases:
            asked |= reads(case.guard) - frozenset(bound(case.pattern))
        last = node.cases[-1]
        total = self._case(last) if is_default(last) else either(EMPTY, self._case(last))
        for case in node.cases[:-1]:
            total = either(total, self._case(case))
        return after(simple(asked), total)

    def _case(self, case: ast.match_case) -> Flow:
        return after(simple(_NONE, bound(case.pattern)), self.block(case.body))

    def annotate(self, body: list[ast.stmt], out: Mapping[str, Names], always: Names = _NONE) -> None:
        """Fill `head` and `behind`, given what is live behind the exits of the body; `always`: what the handlers around
        it may read."""
        for stmt in reversed(body):
            self.behind[id(stmt)] = out.get(NEXT, _NONE) | always
            self._inside(stmt, out, always)
            out = {**out, NEXT: self.flow(stmt).live(out)}

    def _inside(self, node: ast.stmt, out: Mapping[str, Names], always: Names) -> None:
        match node:
            case ast.If():
                self.annotate(node.body, out, always)
                self.annotate(node.orelse, out, always)
            case ast.For() | ast.While():
                self._inside_loop(node, out, always)
            case ast.With():
                self.annotate(node.body, out, always)
            case ast.Try():
                self._inside_try(node, out, always)
            case ast.Match():
                for match_case in node.cases:
                    self.annotate(match_case.body, out, always)

    def _inside_loop(self, node: ast.For | ast.While, out: Mapping[str, Names], always: Names) -> None:
        behind = out.get(NEXT, _NONE)
        head = self._round(node).live({BREAK: behind}) | self.block(node.orelse).live(out)
        self.head[id(node)] = head | always
        self.annotate(node.body, {NEXT: head, CONTINUE: head, BREAK: behind}, always)
        self.annotate(node.orelse, out, always)

    def _inside_try(self, node: ast.Try, out: Mapping[str, Names], always: Names) -> None:
        final = self.block(node.finalbody)
        self.annotate(node.finalbody, out, always)
        left = {exit: final.live({NEXT: names}) for exit, names in out.items()}
        always |= final.reads
        caught: Names = _NONE
        for handler in node.handlers:
            self.annotate(handler.body, left, always)
            caught |= self.block(handler.body).live(left) - frozenset(_caught(handler))
        self.handled[id(node)] = caught
        self.annotate(node.orelse, left, always)
        self.annotate(node.body, {**left, NEXT: self.block(node.orelse).live(left)}, always | caught)


def _caught(handler: ast.ExceptHandler) -> list[str]:
    return [handler.name] if handler.name else []


def is_default(case: ast.match_case) -> bool:
    """`case _:` and `case name:`, which match anything."""
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None


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
