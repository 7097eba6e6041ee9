"""`try` and `with`, typed.

A handler sees variables that the body assigns as they were when the exception came (`note` ops, see `frontend/guards.py`).
Types tell which ops may raise; where all that may raise do so under one version of every variable that a handler reads, that
version takes the place of the handler's parameter. Ops at the start of the body that can't raise move in front of the `try`.
Where an exception may come under several versions, the `try` is cut in two (`ir/guards.py: cut`).
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..defs.contexts import HARMLESS
from ..defs.structural import CLOSURE, NOTE
from ..defs.syntax import refusal
from ..defs.table import Def
from ..ir.guards import cut, pushed_in
from ..ir.ops import Apply, Block, For, FuncRef, Guard, Load, Op, Store, View, While
from ..ir.types import Scalar, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, defined, results, used_values, values_in, walk, with_blocks
from .items import Item, Record
from .raises import Caught, header_raises, may_raise
from .typer import Typer, refuse

MAX_CUTS = 6
State = dict[str, Operand]


@dataclass(eq=False, slots=True)
class Watch:
    """What the lowered ops of a body became when they were typed."""

    made: dict[Op, list[Op]] = field(default_factory=dict)

    def raises(self, op: Op, caught: Caught) -> bool:
        return any(may_raise(o, caught) for o in self.made.get(op, ()))

    def header_raises(self, op: Op, caught: Caught) -> bool:
        return any(header_raises(o, caught) for o in self.made.get(op, ()) if blocks(o))


# -- what is caught


def caught_classes(typer: Typer, op: Guard) -> Caught:
    """The classes that the handlers of a `try` catch.

    Raises:
        UnsupportedError: they aren't known when the program is compiled.
    """
    return tuple(c for operand in op.classes for c in _classes(typer, typer.get(operand), op))


def _classes(typer: Typer, item: Item, op: Guard) -> Iterator[type[BaseException]]:
    if isinstance(item, (Record, Pack)):
        for part in item.items:
            yield from _classes(typer, typer.get(part) if isinstance(part, Value) else part, op)
        return
    t = typer.type_of(item)
    value = item.value if isinstance(item, Literal) else getattr(t, "value", getattr(t, "target", None))
    for found in value if isinstance(value, tuple) else (value,):
        if found is None:
            yield BaseException
        elif isinstance(found, type) and issubclass(found, BaseException):
            yield found
        else:
            raise refuse("which exceptions are caught isn't known", op.loc, "name the classes in the `except`")


# -- which version a handler sees


@dataclass(eq=False, slots=True)
class _Point:
    """An op that may raise: the top-level op of the body that holds it, and the versions of the variables there."""

    at: int
    seen: State


class _Versions:
    """The versions of the shared variables wherever the body may raise."""

    def __init__(self, op: Guard, watch: Watch, caught: Caught, names: Sequence[str]) -> None:
        self.watch, self.caught, self.names = watch, caught, names
        self.points: list[_Point] = []
        self.notes: list[int] = []
        self.mixed = False
        state: State = {}
        for at, inner in enumerate(op.body.ops):
            self.at = at
            if is_note(inner) and _noted(inner)[0] in names:
                self.notes.append(at)
            self.visit(inner, state)

    def visit(self, op: Op, state: State) -> None:
        if is_note(op):
            name, operand = _noted(op)
            if name in self.names:
                state[name] = operand
            return
        if not blocks(op):
            if self.watch.raises(op, self.caught):
                self.points.append(_Point(self.at, dict(state)))
            return
        if self.watch.header_raises(op, self.caught):
            self.points.append(_Point(self.at, dict(state)))
            # the head of a loop is evaluated again behind what its body notes
            self.mixed |= isinstance(op, (For, While)) and any(map(is_note, walk(op.body)))
        for block in blocks(op):
            own = dict(state)
            for inner in block.ops:
                self.visit(inner, own)

    def same(self, a: State, b: State) -> bool:
        return all(a.get(n) is b.get(n) for n in self.names)


def is_note(op: Op) -> bool:
    return isinstance(op, Apply) and op.fn is NOTE


def _noted(op: Op) -> tuple[str, Operand]:
    assert isinstance(op, Apply)
    name = op.args[0]
    assert isinstance(name, Literal) and isinstance(name.value, str)
    return name.value, op.args[1]


def settled(typer: Typer, op: Guard, watch: Watch, caught: Caught) -> list[Op] | dict[str, Operand]:
    """The version of each shared variable that the handlers see, or the ops that stand for the `try`.

    Raises:
        UnsupportedError: a handler reads a variable of which it may see several versions, inside one loop or branch.
    """
    names = [n for n in op.shared if _is_read(typer, op, n)]
    found = _Versions(op, watch, caught, names)
    if not found.points:  # no handler ever runs
        return {n: v for n, v in _entry(op).items() if n in names}
    if not names:
        return {}
    first = found.points[0]
    if not found.mixed and all(found.same(p.seen, first.seen) for p in found.points):
        inside = set(defined(op.body))
        needed = set(values_in(*(first.seen[n] for n in names))) & inside
        if not needed:
            return first.seen
        if needed <= {v for o in op.body.ops[: first.at] for v in results(o)}:
            until = 1 + max(k for k, o in enumerate(op.body.ops) if needed.intersection(results(o)))
            front, rest = op.body.ops[:until], op.body.ops[until:]
            again = [Apply(NOTE, (Literal(n), first.seen[n]), (), (), op.loc) for n in names]
            front = tuple(o for o in front if not is_note(o))
            return [*front, replace(op, body=Block((), (*again, *rest)))]
    at = _where_to_cut(found)
    if at is None:
        parts = _around_loop(op, found)
        if parts is not None:
            return parts
        read = ", ".join(f"`{n}`" for n in names)
        raise refuse(
            f"an `except` or `finally` reads {read}, and what it finds there depends on where in a loop or branch of the "
            "`try` the exception comes", op.loc, "assign it before the `try`, or put the `try` inside of the loop",
        )  # fmt: skip
    return _cut_with_notes(op, at)


def _cut_with_notes(op: Guard, at: int) -> list[Op]:
    body = Block((), (*op.body.ops[:at], *_notes_at(op, at), *op.body.ops[at:]))
    return cut(replace(op, body=body), at)


def _notes_at(op: Guard, at: int) -> tuple[Op, ...]:
    return tuple(Apply(NOTE, (Literal(n), v), (), (), op.loc) for n, v in _state_at(op, at, op.shared).items())


def _around_loop(op: Guard, found: _Versions) -> list[Op] | None:
    """Where the versions are those of one loop's rounds: the ops for a `try` that holds nothing else that raises, else the
    cut that makes it so."""
    inside = set(defined(op.body))

    def is_nested(p: _Point) -> bool:
        made = {v for o in op.body.ops[: p.at] for v in results(o)}
        return any(v in inside and v not in made for n in found.names for v in values_in(p.seen[n]))

    at = next((p.at for p in found.points if is_nested(p)), None)
    if found.mixed or at is None or not isinstance(op.body.ops[at], (For, While)):
        return None
    if found.points[0].at < at:
        return _cut_with_notes(op, at)
    behind = at + 1
    while is_note(op.body.ops[behind]):
        behind += 1
    if any(p.at > at for p in found.points):
        return _cut_with_notes(op, behind)
    return pushed_in(op, at, _notes_at(op, at))


def _entry(op: Guard) -> State:
    """The versions before the body."""
    state: State = {}
    for inner in op.body.ops:
        if not is_note(inner):
            break
        name, operand = _noted(inner)
        state.setdefault(name, operand)
    return state


def _state_at(op: Guard, at: int, names: Sequence[str]) -> State:
    notes = (_noted(o) for o in op.body.ops[:at] if is_note(o))
    return {n: v for n, v in notes if n in names}


def _where_to_cut(found: _Versions) -> int | None:
    """Before the first note behind something that may raise, if nothing before it raises under two versions."""
    for at in found.notes:
        before = [p for p in found.points if p.at < at]
        if before and len(before) < len(found.points):
            single = all(found.same(p.seen, before[0].seen) for p in before)
            return at if single and not found.mixed else None
    return None


def unread(op: Guard, seen: State) -> Guard:
    """The `try` with handlers that leave out what they compute of shared variables and don't use."""

    def without(block: Block, dropped: set[Value]) -> Block:
        ops: list[Op] = []
        for o in block.ops:
            if isinstance(o, Apply) and dropped.intersection(used_values(o)):
                dropped.update(o.results)
                continue
            ops.append(with_blocks(o, tuple(without(b, dropped) for b in blocks(o))))
        return replace(block, ops=tuple(ops))

    names = [k for k, n in enumerate(op.shared) if n not in seen]
    handlers = tuple(without(h, {h.params[1 + k] for k in names}) if names else h for h in op.handlers)
    return replace(op, handlers=handlers)


def _is_read(typer: Typer, op: Guard, name: str) -> bool:
    """Whether a handler needs a shared variable: numbers that are only counted on, and never read then, aren't."""
    k = 1 + op.shared.index(name)
    kinds = [typer.type_of(typer.get(v)) for o in walk(op.body) if is_note(o) for n, v in [_noted(o)] if n == name
             if not isinstance(v, Value) or v in typer.env]  # fmt: skip
    if not all(isinstance(strip(t), Scalar) for t in kinds):
        return True
    return any(_reads(h, h.params[k]) for h in op.handlers)


def _reads(block: Block, value: Value) -> bool:
    uses = [o for o in walk(block) if value in used_values(o) and not is_note(o)]
    return any(
        not (isinstance(o, Apply) and isinstance(o.fn, Def) and not o.fn.effect and len(o.results) == 1)
        or _reads(block, o.results[0])
        for o in uses
    )


def check_bound(block: Block, name: str, param: Value) -> None:
    """Refuse handlers that compute with a variable which the body hasn't bound when the exception comes.

    Raises:
        UnsupportedError: this one does.
    """
    for op in walk(block):
        handed = isinstance(op, Apply) and op.fn in (CLOSURE, NOTE)
        if isinstance(op, (Apply, Load, View, Store)) and not handed and param in used_values(op):
            raise refusal("unbound here", op.loc, name=name)


# -- contexts

def check_context(typer: Typer, op: Guard) -> None:
    """Refuse contexts that may swallow exceptions: behind them the body may be half done.

    Raises:
        UnsupportedError: the context isn't known, or may swallow exceptions.
    """
    assert op.context is not None
    maker = _maker(typer, op.context)
    if maker is None or swallows(maker):
        shown = getattr(maker, "__name__", "this context manager")
        raise refuse(
            f"`{shown}` isn't known to let every exception pass", op.loc,
            "return None from its `__exit__`; catch exceptions with `try`",
        )  # fmt: skip


def _maker(typer: Typer, context: Operand) -> object:
    """The callable that made a context, or the class of a context that is a constant."""
    item = typer.get(context)
    if isinstance(item, Literal):
        return type(item.value)
    for op in walk(typer.func.body):
        if isinstance(op, Apply) and context in op.results:
            return op.fn.target if isinstance(op.fn, FuncRef) else getattr(op.fn, "fn", None)
    kind = strip(typer.type_of(item))
    return getattr(kind, "cls", None)


def swallows(maker: object) -> bool:
    """Whether a context made by a callable may end a `with` normally though its body raised."""
    if maker in HARMLESS:
        return False
    inner = getattr(maker, "__wrapped__", None)
    if isinstance(inner, types.FunctionType):
        return _generator_swallows(inner)
    leave = getattr(maker, "__exit__", None)
    if isinstance(leave, types.FunctionType):
        return _exit_swallows(leave)
    module = getattr(maker, "__module__", "")
    return leave is None or module.split(".")[0] not in ("_io", "io", "_thread", "threading", "tempfile", "warnings")


def _tree(fn: types.FunctionType) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(fn)))
    except (OSError, SyntaxError):
        return None


def _exit_swallows(fn: types.FunctionType) -> bool:
    """An `__exit__` that returns anything but None or False."""
    if fn.__module__.split(".")[0] in ("threading", "tempfile", "warnings"):
        return False
    tree = _tree(fn)
    if tree is None:
        return True
    ends = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return) and n.value is not None]
    return any(not (isinstance(e, ast.Constant) and not e.value) for e in ends)


def _generator_swallows(fn: types.FunctionType) -> bool:
    """A generator that catches what comes from its `yield`, and doesn't raise again."""
    tree = _tree(fn)
    if tree is None or not inspect.isgeneratorfunction(fn):
        return True
    tries = [n for n in ast.walk(tree) if isinstance(n, ast.Try)]
    around = [t for t in tries if any(isinstance(n, ast.Yield) for s in t.body for n in ast.walk(s))]
    return any(not isinstance(h.body[-1], ast.Raise) for t in around for h in t.handlers)
