"""An interpreter of the IR: what each stage means, independent of the printer.

`run(func, args)` gives the result of a function at any stage between `lowered` and `optimized`, or raises what the program
raises. Reading what isn't bound raises UnboundLocalError, as Python does. Callees are interpreted too: how a `FuncRef` is found
is told by `resolve`; `swap` puts others in place of functions of the rule table and constants (numbers of another kind bring
their own `sin`), `known` in place of rows. `compiler/validate.py` runs functions before and after every pass with it,
`api/dependence.py` with marks beside the numbers.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..analysis.partials import Partial
from ..defs import structural as st
from ..defs.classes import by_keywords
from ..defs.methods import METHOD_ONLY
from ..defs.objects import ObjectClass
from ..defs.records import StandIn
from ..defs.table import Def
from ..errors import DiffsrcError
from ..ir.ops import (
    Apply,
    Attr,
    Block,
    Break,
    Continue,
    Enumerate,
    For,
    Func,
    FuncRef,
    Guard,
    If,
    Load,
    Method,
    Op,
    Place,
    Raise,
    Range,
    Return,
    Reversed,
    Seq,
    Slice,
    Space,
    Store,
    Unreachable,
    View,
    While,
    Yield,
    Zip,
    is_whole,
)  # fmt: skip
from ..ir.types import Struct, strip
from ..ir.values import Literal, Operand, Pack, Value, is_undef
from ..runtime.helpers import new_instance

MISSING = object()
STEPS = 1_000_000

Resolve = Callable[[FuncRef], Any]
Swap = Callable[[Any], Any]
#: what is called for a row, whatever way its call is written
Known = Callable[[Def], Callable[..., Any]]


class NotInterpretedError(DiffsrcError):
    """An op that only the printer knows."""


class OutOfStepsError(Exception):
    """The program ran for longer than anyone wants to wait."""


def own_target(ref: FuncRef) -> Any:
    """What a reference names by itself: the IR of an instance, or a Python function."""
    return getattr(ref.target, "func", ref.target)


def same(x: Any) -> Any:
    return x


def run(func: Func, args: Sequence[Any], resolve: Resolve = own_target, swap: Swap = same) -> Any:
    """The result of a function for arguments, one per parameter."""
    return Machine(resolve, swap).call(func, args)


@dataclass(slots=True)
class Machine:
    """What is common to all calls of one run."""

    resolve: Resolve = own_target
    swap: Swap = same
    steps: int = STEPS
    known: Known | None = None
    #: `dst[place] += value` where places may repeat
    add_at: Callable[[Any, Any, Any], None] = np.add.at

    def call(self, func: Func, args: Sequence[Any]) -> Any:
        if len(func.params) != len(args):
            raise TypeError(f"{func.name} takes {len(func.params)} arguments, not {len(args)}")
        frame = _Frame(self)
        frame.env.update(zip(func.params, args))
        left = frame.block(func.body)
        assert left is not None and left.kind == "return", func.name
        return left.values[0]

    def closure(self, func: Func, *captured: Any) -> Closure:
        return Closure(self, func, captured)

    def function(self, target: object, captured: list[Any]) -> Callable[..., Any]:
        """An inner function that stands as an argument."""
        found: Any = self.resolve(target) if isinstance(target, FuncRef) else target
        return self.closure(found, *captured) if isinstance(found, Func) else functools.partial(found, *captured)


@dataclass(frozen=True, slots=True)
class Closure:
    """A lifted function with its captures: a function to call, and the tuple of what it captures."""

    machine: Machine
    func: Func
    captured: tuple[Any, ...]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        names = [p.name for p in self.func.params]
        rest = [kwargs[n] for n in names[len(self.captured) + len(args) :] if n is not None]
        return self.machine.call(self.func, [*self.captured, *args, *rest])

    def __getitem__(self, index: int) -> Any:
        return self.captured[index]


@dataclass(slots=True)
class _Exit:
    """How a block was left, and the values that it passes."""

    kind: str
    values: list[Any]


class _Frame:
    """The values of one call."""

    __slots__ = ("env", "machine")

    def __init__(self, machine: Machine) -> None:
        self.env: dict[Value, Any] = {}
        self.machine = machine

    # -- operands

    def passed(self, operand: Operand) -> Any:
        """An operand that is passed on: it may be unbound."""
        if isinstance(operand, Value):
            return self.env.get(operand, MISSING)
        if isinstance(operand, Pack):
            items = [self.passed(o) for o in operand.items]
            return items if operand.kind == "list" else tuple(items)
        return MISSING if is_undef(operand) else operand.value

    def read(self, operand: Operand) -> Any:
        if isinstance(operand, Pack) and operand.kind == "function":
            target, *captured = operand.items
            assert isinstance(target, Literal)
            return self.machine.function(target.value, [self.read(o) for o in captured])
        if isinstance(operand, Pack):
            items = [self.read(o) for o in operand.items]
            return items if operand.kind == "list" else tuple(items)
        found = self.passed(operand)
        if found is MISSING:
            raise UnboundLocalError(getattr(operand, "name", None))
        if isinstance(found, Func):
            return self.machine.closure(found)
        return self.machine.swap(found) if isinstance(operand, Literal) else found

    def index(self, place: Place) -> Any:
        assert not isinstance(place, Attr)
        items = [
            slice(self.read(i.lower), self.read(i.upper), self.read(i.step)) if isinstance(i, Slice) else self.read(i)
            for i in place.items
        ]
        return items[0] if len(items) == 1 else tuple(items)

    # -- blocks

    def block(self, block: Block) -> _Exit:
        machine = self.machine
        for op in block.ops:
            machine.steps -= 1
            if machine.steps < 0:
                raise OutOfStepsError
            if left := self.op(op):
                return left
        raise AssertionError("a block without terminator")

    def op(self, op: Op) -> _Exit | None:
        match op:
            case Apply():
                self.apply(op)
            case Load() | View():
                found = self.read(op.src)
                place = op.place
                if isinstance(place, Attr):
                    self.env[op.result] = getattr(found, place.name)
                else:  # of what isn't an array, another handle
                    same = is_whole(place) and not isinstance(found, (np.ndarray, StandIn))
                    self.env[op.result] = found if same else found[self.index(place)]
            case Store():
                self.store(op)
            case If() | Guard():
                left = self.guarded(op) if isinstance(op, Guard) else self.block(self.arm(op))
                if left.kind != "normal":
                    return left
                self.bind(op.results, left.values)
            case For() | While():
                return self.loop(op)
            case Unreachable():
                raise AssertionError("a place that can't be reached was reached")
            case Raise():
                self.throw(op)
            case Yield() | Break() | Continue() | Return():
                return self.exit(op)
            case _:
                raise NotInterpretedError(f"{type(op).__name__} isn't interpreted", loc=op.loc)
        return None

    def throw(self, op: Raise) -> None:
        error, cause = self.read(op.value), op.cause
        if error is None:
            raise  # noqa: PLE0704  the exception that is being handled
        if cause is None:
            raise error
        raise error from self.read(cause)

    def arm(self, op: If) -> Block:
        return op.then if self.read(op.cond) else op.other

    def guarded(self, op: Guard) -> _Exit:
        """The region of a `try` or `with` that completes."""
        if op.context is not None:
            with self.read(op.context) as entered:
                self.bind(op.body.params, [entered])
                return self.block(op.body)
            raise NotInterpretedError("a context that swallows exceptions", loc=op.loc)
        try:
            return self.block(op.body)
        except Exception as err:
            for caught, handler in zip(op.classes, op.handlers):
                if isinstance(err, self.read(caught) or Exception):
                    self.bind(handler.params[:1], [err])
                    return self.block(handler)
            raise

    def exit(self, op: Yield | Break | Continue | Return) -> _Exit:
        if isinstance(op, Return):
            return _Exit("return", [self.read(op.value)])
        kind = {Yield: "normal", Break: "break", Continue: "continue"}[type(op)]
        return _Exit(kind, [self.passed(v) for v in op.values])

    def bind(self, results: tuple[Value, ...], values: list[Any]) -> None:
        assert len(results) == len(values)
        self.env.update(zip(results, values))

    def store(self, op: Store) -> None:
        value = self.read(op.value)
        dst = self.read(op.dst)
        if isinstance(op.place, Attr):
            if op.add:
                held = getattr(dst, op.place.name)
                held += value
                value = held
            setattr(dst, op.place.name, value)
        elif not op.add:
            dst[self.index(op.place)] = value
        elif isinstance(dst, (np.ndarray, StandIn)):
            self.machine.add_at(dst, self.index(op.place), value)
        else:
            dst[self.index(op.place)] += value

    # -- loops

    def loop(self, op: For | While) -> _Exit | None:
        carried = [self.passed(i) for i in op.inits]
        for leaves in self.iterations(op.space) if isinstance(op, For) else _forever():
            if isinstance(op, While):
                self.bind(op.cond.params, carried)
                if not self.block(op.cond).values[0]:
                    break
            self.bind(op.body.params, [*leaves, *carried])
            left = self.block(op.body)
            if left.kind == "break":
                self.bind(op.results, left.values)
                return None
            if left.kind == "return":
                return left
            carried = left.values
        self.bind(op.orelse.params, carried)
        left = self.block(op.orelse)
        if left.kind != "normal":
            return left
        self.bind(op.results, left.values)
        return None

    def iterations(self, space: Space) -> Iterator[tuple[Any, ...]]:
        match space:
            case Range():
                return ((i,) for i in range(self.read(space.start), self.read(space.stop), self.read(space.step)))
            case Seq():
                return ((i,) for i in iter(self.read(space.value)))
            case Zip():
                parts = [self.iterations(i) for i in space.items]
                strict = bool(getattr(space, "strict", False))
                return (tuple(x for part in row for x in part) for row in zip(*parts, strict=strict))
            case Enumerate():
                return ((n, *row) for n, row in enumerate(self.iterations(space.item), self.read(space.start)))
            case Reversed() if isinstance(space.item, Seq):
                return ((i,) for i in reversed(self.read(space.item.value)))
            case Reversed():
                return iter(list(self.iterations(space.item))[::-1])
        raise NotInterpretedError(f"{type(space).__name__} isn't interpreted")

    # -- calls

    def apply(self, op: Apply) -> None:
        if op.fn is st.COMMENT:
            return
        args = [self.read(a) for a in op.args]
        kwargs = {k: self.read(v) for k, v in op.kwargs}
        out = self.callee(op)(*args, **kwargs)
        if len(op.results) == 1 and op.fn is not st.UNPACK:
            self.env[op.results[0]] = out
        elif op.results:
            out = list(out)
            if len(out) != len(op.results):
                raise ValueError("unpack")
            self.bind(op.results, out)

    def callee(self, op: Apply) -> Callable[..., Any]:
        fn, machine = op.fn, self.machine
        if isinstance(fn, Value):
            found: Any = self.read(fn)
        elif isinstance(fn, FuncRef):
            found = machine.resolve(fn)
        elif isinstance(fn, Method):
            return _method(fn.name)
        elif isinstance(fn, Def) and fn.family == "structural":
            return self.structural(op, fn)
        elif isinstance(fn, Def) and machine.known is not None:
            return machine.known(fn)
        elif op.method or (isinstance(fn, Def) and fn.name in METHOD_ONLY):
            return _method(op.method or fn.name)
        else:
            assert isinstance(fn, Def)
            return machine.swap(fn.fn)  # type: ignore[no-any-return]
        return machine.closure(found) if isinstance(found, Func) else found

    def structural(self, op: Apply, fn: Def) -> Callable[..., Any]:
        if fn is st.CLOSURE:
            target = op.args[0]
            if isinstance(target, Literal) and isinstance(target.value, ObjectClass | Partial):
                return lambda _, *parts: parts
            assert isinstance(target, Literal) and isinstance(target.value, Func)
            inner = target.value
            return lambda _, *captured: self.machine.closure(inner, *captured)
        if fn is st.CONSTRUCT:
            return _constructor(op)
        found = STRUCTURAL.get(fn)
        if found is None:
            raise NotInterpretedError(f"{fn.name} isn't interpreted", loc=op.loc)
        return found


def _forever() -> Iterator[tuple[Any, ...]]:
    while True:
        yield ()


def _method(name: str) -> Callable[..., Any]:
    return lambda obj, *args, **kwargs: getattr(obj, name)(*args, **kwargs)


def _constructor(op: Apply) -> Callable[..., Any]:
    """Dataclasses and NamedTuples are called; other classes are made with their fields."""
    t = strip(op.results[0].type)
    if isinstance(t, Struct):
        names = [n for n, _ in t.fields]
        if by_keywords(t.cls) and len(op.args) - 1 == len(dataclasses.fields(t.cls)):
            return lambda cls, *fields: cls(**dict(zip(names, fields)))
        return lambda cls, *fields: new_instance(cls, **dict(zip(names, fields)))
    return lambda cls, *fields: cls(*fields)


CONVERSIONS: dict[Any, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


def _fstring(*parts: Any) -> str:
    out = []
    for part in parts:
        if isinstance(part, tuple):
            value, conversion, spec = part
            if conversion in CONVERSIONS:
                value = CONVERSIONS[conversion](value)
            part = format(value, spec or "")
        out.append(part)
    return "".join(out)


def _assert(condition: Any, message: Any = None) -> None:
    assert condition, message


STRUCTURAL: dict[Def, Callable[..., Any]] = {
    st.UNPACK: lambda seq: seq,
    st.TUPLE: lambda *items: items,
    st.LIST: lambda *items: list(items),
    st.DICT: lambda *items: dict(items),
    st.FSTRING: _fstring,
    st.ASSERT: _assert,
    st.LIST_NEW: list,
    st.LIST_APPEND: lambda items, value: items.append(value),
    st.DICT_POP: lambda items, key: items.pop(key),
    st.LIST_POP: lambda items, *at: items.pop(*at),
    st.LIST_INSERT: lambda items, at, value: items.insert(at, value),
    st.CELL: lambda: [None],
    st.LIST_CUT: lambda items, start, stop=None: items.__delitem__(slice(start, stop)),
    st.SNAPSHOT: lambda a: a.copy(),
}
