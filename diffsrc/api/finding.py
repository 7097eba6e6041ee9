"""`ds.find_nan`: where the first value that isn't finite appears.

The function, and then its derivatives, are run line by line under a trace function: generated text is ordinary Python, so a
trace of it shows every cotangent and tangent by name, and each line knows the user's line that it serves.
"""

from __future__ import annotations

import ast
import linecache
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..compiler import driver
from ..defs.variant import READABLE
from ..source import Loc, is_generated, origin_of
from . import engine
from .gradient import as_differentiable
from .higher import Source
from .signature import Call
from .trees import duplicate, flatten, is_float_leaf, transform_places
from .vjp import jvp, vjp

PACKAGE = str(Path(__file__).parents[1])
LIBRARY = tuple({sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib")})


@dataclass(frozen=True, slots=True)
class NonFinite:
    """A value that isn't finite: `kind` is "primal", "cotangent" or "tangent", `name` the variable that holds it (`dx` for
    the cotangent of `x`, `x_dot` for its tangent), `line` and `text` the user's line that it belongs to."""

    kind: str
    name: str
    file: str
    line: int
    text: str
    value: Any
    generated: str = ""

    def __str__(self) -> str:
        behind = f"\n    in generated code: {self.generated}" if self.generated else ""
        return (
            f"the {self.kind} {self.name} is {_shown(self.value)}\n"
            f"  --> {self.file}:{self.line}\n    {self.text}{behind}"
        )


def find_nan(f: Callable[..., Any], *args: Any, **kwargs: Any) -> NonFinite | None:
    """The first nan or inf of a call of `f`, or where that of its gradient or its tangent in the direction of ones comes from.

    Arguments and variables of the plain call are looked at first. If they are finite and the gradient isn't, its reverse
    sweep is followed back from what isn't finite at the end to the operation that made it; then the same for forward mode.
    None if all of it is finite. Arguments aren't changed.

    >>> print(find_nan(lambda x: np.sqrt(x * x), 0.0))  # doctest: +SKIP
    the cotangent t is inf
      --> example.py:3
    """
    bad = next(((n, leaf) for n, a in enumerate(args) for _, leaf in flatten(a) if not _finite(leaf)), None)
    if bad is not None:
        code = getattr(f, "__code__", None)
        name = code.co_varnames[bad[0]] if code is not None and bad[0] < code.co_argcount else f"argument {bad[0]}"
        loc = Loc(code.co_filename, code.co_firstlineno) if code is not None else Loc("<unknown>", 0)
        return NonFinite("primal", name, loc.file, loc.line, loc.text().strip(), bad[1])
    return (
        _first(lambda: f(*duplicate(args), **kwargs))
        or _cause(lambda: _pull(f, args, kwargs))
        or _cause(lambda: _push(f, args, kwargs))
    )


def _pull(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The gradient by a reverse sweep seeded with ones, in text with one operation per line."""
    program = Source(f).program(duplicate(tuple(args)), kwargs)
    if not program.plain:
        out, pull = vjp(f, *duplicate(tuple(args)))
        return pull(_ones(out))
    call, active = _prepared(program.call)
    activity = tuple("value" if i in active else "const" for i in range(len(call.args)))
    types = engine.call_types(call)
    derived = driver.derive_reverse(call.fn, types, activity, split=True, width=0, variant=READABLE)
    run = engine.Split(call, derived)
    return list(run.pull(engine.flat_seeds(derived.result_type, _ones(run.out)), active).by_param.values())


def _push(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The tangent in the direction of ones."""
    program = Source(f).program(duplicate(tuple(args)), kwargs)
    if not program.plain:
        given = duplicate(tuple(args))
        return jvp(f, given, _ones(given))[1]
    call, active = _prepared(program.call)
    activity = tuple("dup" if i in active else "const" for i in range(len(call.args)))
    derived = driver.derive_forward(call.fn, engine.call_types(call), activity, width=0, variant=READABLE)
    return engine.run_forward(call, derived, {i: _ones(call.args[i]) for i in active})[1]


def _prepared(call: Call) -> tuple[Call, frozenset[int]]:
    """The call with ints as floats if nothing else can be differentiated, and the parameters that hold floats."""
    if not any(flatten(a) for a in call.args):
        for i, a in enumerate(call.args):
            call.args[i] = as_differentiable(a, f"argument {i}")
    return call, frozenset(i for i, a in enumerate(call.args) if flatten(a))


def _ones(value: Any) -> Any:
    def one(leaf: Any) -> Any:
        if not is_float_leaf(leaf):
            return leaf
        return np.ones_like(leaf) if isinstance(leaf, np.ndarray) else type(leaf)(1)

    return transform_places(value, one)


def _finite(value: Any) -> bool:
    """Whether all numbers in a value are finite; other values count as finite."""
    if isinstance(value, (float, complex, np.inexact)):
        return bool(np.isfinite(value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind not in "fc" or bool(np.isfinite(value).all())
    if isinstance(value, (list, tuple)):
        return all(map(_finite, value))
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return True


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size > 8:
        where = np.argwhere(~np.isfinite(value))
        first = tuple(int(i) for i in where[0])
        return f"{value[first]} at {list(first)} ({len(where)} of {value.size} elements)"
    return str(value)


# -- tracing


def of_user(file: str) -> bool:
    """Whether lines of a file are the user's: not of Python, installed packages, or this package."""
    return not file.startswith((PACKAGE, "<", *LIBRARY))


@dataclass(frozen=True, eq=False, slots=True)
class Event:
    """A variable got a value that isn't finite: where, and from which variables of which frame."""

    frame: int
    name: str
    found: NonFinite
    reads: frozenset[str]
    reads_in: int


class _Found(BaseException):
    """Ends a run."""


class _Tracer:
    """Looks at the variables of a line when it has been executed. With `stop`, the first event ends the run."""

    def __init__(self, wanted: Callable[[str], bool], stop: bool) -> None:
        self.wanted, self.stop = wanted, stop
        self.last: dict[int, int] = {}
        self.events: list[Event] = []

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "call":
            return self._enter(frame)
        line = self.last.get(id(frame), 0)
        if line and event in ("line", "return"):
            self._look(frame, line)
        if event == "line":
            self.last[id(frame)] = frame.f_lineno
        elif event == "return":
            self.last.pop(id(frame), None)
            if line and not _finite(arg):
                self._note(frame, line, RESULT, arg, _names(frame.f_code.co_filename).get(line, NOTHING).read)
        return self

    def _enter(self, frame: FrameType) -> Any:
        if not self.wanted(frame.f_code.co_filename):
            return None
        self.last[id(frame)] = 0
        caller = frame.f_back
        if not self.stop and caller is not None and id(caller) in self.last:
            read = _names(caller.f_code.co_filename).get(caller.f_lineno, NOTHING).read
            for name, value in frame.f_locals.items():
                if not _finite(value):
                    self._note(frame, frame.f_code.co_firstlineno, name, value, read, id(caller))
        return self

    def _look(self, frame: FrameType, line: int) -> None:
        variables = frame.f_locals
        names = _names(frame.f_code.co_filename).get(line, NOTHING)
        for name in names.empty:
            if isinstance(array := variables.get(name), np.ndarray) and array.dtype.kind in "fc":
                array[...] = 0  # what stood there by chance says nothing
        for name in names.written:
            if name in variables and not _finite(variables[name]):
                self._note(frame, line, name, variables[name], names.read)

    def _note(
        self, frame: FrameType, line: int, name: str, value: Any, read: frozenset[str], reads_in: int | None = None
    ) -> None:
        kept = np.array(value) if isinstance(value, np.ndarray) else value
        where = id(frame) if reads_in is None else reads_in
        self.events.append(Event(id(frame), name, _report(frame, line, name, kept), read, where))
        if self.stop:
            raise _Found


def _run(tracer: _Tracer, run: Callable[[], Any]) -> Any:
    """What a run under a tracer gives, None if the tracer ended it."""
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with np.errstate(all="ignore"):
            return run()
    except _Found:
        return None
    finally:
        sys.settrace(before)


def _first(run: Callable[[], Any]) -> NonFinite | None:
    """The first variable of the user's that isn't finite."""
    tracer = _Tracer(of_user, stop=True)
    _run(tracer, run)
    return tracer.events[0].found if tracer.events else None


def _cause(run: Callable[[], Any]) -> NonFinite | None:
    """What made a derivative that isn't finite."""
    tracer = _Tracer(is_generated, stop=False)
    if _finite(_run(tracer, run)) or not tracer.events:
        return None
    at = len(tracer.events) - 1
    while (before := _before(tracer.events, at)) is not None:
        at = before
    return tracer.events[at].found


def _before(events: Sequence[Event], at: int) -> int | None:
    """The event from which another one comes: the result of the call that it stored, or the latest of a variable it reads,
    of one that isn't finite in the same places if there is one (the others may be masked out)."""
    e = events[at]
    if at and events[at - 1].name == RESULT and events[at - 1].frame != e.frame and e.name != RESULT:
        return at - 1
    found = [k for k in range(at - 1, -1, -1) if events[k].frame == e.reads_in and events[k].name in e.reads]
    latest = {events[k].name: k for k in reversed(found)}
    return next((k for k in found if k == latest[events[k].name] and _meet(events[k], e)), found[0] if found else None)


def _meet(one: Event, other: Event) -> bool:
    """Whether two arrays of one shape aren't finite in a common place."""
    a, b = one.found.value, other.found.value
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray) or a.shape != b.shape:
        return False
    return bool(np.any(~np.isfinite(a) & ~np.isfinite(b)))


@dataclass(frozen=True, slots=True)
class _Names:
    """The variables of a statement without its body; `empty`: those that get an array without contents."""

    written: tuple[str, ...]
    read: frozenset[str]
    empty: tuple[str, ...] = ()


NOTHING = _Names((), frozenset())
RESULT = "the result"


@cache
def _names(file: str) -> dict[int, _Names]:
    """The variables on each line of a file."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return {}
    found: dict[int, _Names] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            end = node.body[0].lineno - 1 if hasattr(node, "body") else node.end_lineno or node.lineno
            found |= dict.fromkeys(range(node.lineno, max(end, node.lineno) + 1), _of_statement(node))
    return found


def _of_statement(node: ast.stmt) -> _Names:
    inner = {id(n) for s in getattr(node, "body", ()) for n in ast.walk(s)}
    parts = [n for n in ast.walk(node) if id(n) not in inner]
    names = [n for n in parts if isinstance(n, ast.Name)]
    written = [n.id for n in names if isinstance(n.ctx, ast.Store)]
    for part in parts:  # `x[i] = v` and `xs.append(v)` write what they name
        if isinstance(part, ast.Attribute) or (isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store)):
            base: ast.expr = part
            while isinstance(base, (ast.Subscript, ast.Attribute)):
                base = base.value
            written += [base.id] if isinstance(base, ast.Name) else []
    read = {n.id for n in names if isinstance(n.ctx, ast.Load)}
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        read.add(node.target.id)
    return _Names(tuple(dict.fromkeys(written)), frozenset(read), tuple(_empty(node)))


def _empty(node: ast.stmt) -> list[str]:
    """The variables to which a statement assigns `np.empty(..)` or its like."""
    if not isinstance(node, ast.Assign):
        return []
    found = []
    for target in node.targets:
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts))
        for to, value in pairs:
            name = ast.unparse(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
            found += [to.id] if isinstance(to, ast.Name) and name in ("empty", "empty_like") else []
    return found


def _report(frame: FrameType, line: int, name: str, value: Any) -> NonFinite:
    file = frame.f_code.co_filename
    if not is_generated(file):
        loc = Loc(file, line)
        return NonFinite("primal", name, file, line, loc.text().strip(), value)
    origin = origin_of(file, line) or Loc(file, line)
    generated = Loc(file, line).text().strip()
    return NonFinite(_kind(frame, origin), name, origin.file, origin.line, origin.text().strip(), value, generated)


def _kind(frame: FrameType, origin: Loc) -> str:
    """A primal value, a cotangent (in the reverse sweep) or a tangent."""
    if "_jvp" in frame.f_code.co_name:
        return "tangent"
    return "cotangent" if origin.sweep == "reverse" else "primal"
