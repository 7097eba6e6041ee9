"""An interpreter of the IR on Python and NumPy values: every transform is tested by running before and after.

`run(func, args)` gives the function's result or raises what the program raises. Reading a value that isn't
bound raises UnboundLocalError, as Python does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from diffsrc.defs import structural as st
from diffsrc.ir.ops import (
    Apply,
    Attr,
    Block,
    Break,
    Continue,
    Enumerate,
    For,
    Func,
    FuncRef,
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
)  # fmt: skip
from diffsrc.ir.values import Literal, Operand, Pack, Value, is_undef

MISSING = object()
STEPS = 100_000


class OutOfSteps(Exception):
    pass


class _Exit:
    def __init__(self, kind: str, values: list[Any]) -> None:
        self.kind, self.values = kind, values


def run(func: Func, args: tuple[Any, ...] | list[Any]) -> Any:
    """The result of a function for arguments."""
    return _Frame().call(func, args)


class _Frame:
    def __init__(self) -> None:
        self.env: dict[Value, Any] = {}
        self.steps = STEPS

    def call(self, func: Func, args: Any) -> Any:
        assert len(func.params) == len(args), (func.name, len(args))
        self.env.update(zip(func.params, args))
        left = self.block(func.body)
        assert left.kind == "return", left.kind
        return left.values[0]

    # -- operands

    def passed(self, operand: Operand) -> Any:
        """An operand that is passed on: it may be unbound."""
        if isinstance(operand, Value):
            return self.env[operand]
        if isinstance(operand, Pack):
            items = [self.passed(o) for o in operand.items]
            return items if operand.kind == "list" else tuple(items)
        return MISSING if is_undef(operand) else operand.value

    def read(self, operand: Operand) -> Any:
        if isinstance(operand, Pack):
            items = [self.read(o) for o in operand.items]
            return items if operand.kind == "list" else tuple(items)
        found = self.passed(operand)
        if found is MISSING:
            raise UnboundLocalError(getattr(operand, "name", None))
        return found

    def index(self, place: Place) -> Any:
        items = [
            slice(self.read(i.lower), self.read(i.upper), self.read(i.step)) if isinstance(i, Slice) else self.read(i)
            for i in place.items  # type: ignore[union-attr]
        ]
        return items[0] if len(items) == 1 else tuple(items)

    # -- blocks

    def block(self, block: Block) -> _Exit:
        for op in block.ops:
            self.steps -= 1
            if self.steps < 0:
                raise OutOfSteps
            if left := self.op(op):
                return left
        raise AssertionError("a block without terminator")

    def op(self, op: Op) -> _Exit | None:
        match op:
            case Apply():
                self.apply(op)
            case Load(src, place, result) | View(src, place, result):
                found = self.read(src)
                self.env[result] = getattr(found, place.name) if isinstance(place, Attr) else found[self.index(place)]
            case Store():
                self.store(op)
            case If(cond, then, other):
                left = self.block(then if self.read(cond) else other)
                if left.kind != "normal":
                    return left
                self.bind(op.results, left.values)
            case For() | While():
                return self.loop(op)
            case Yield(values):
                return _Exit("normal", [self.passed(v) for v in values])
            case Break(values):
                return _Exit("break", [self.passed(v) for v in values])
            case Continue(values):
                return _Exit("continue", [self.passed(v) for v in values])
            case Return(value):
                return _Exit("return", [self.read(value)])
            case Raise(value):
                raise self.read(value)
            case Unreachable():
                raise AssertionError("unreachable was reached")
        return None

    def bind(self, results: tuple[Value, ...], values: list[Any]) -> None:
        assert len(results) == len(values)
        self.env.update(zip(results, values))

    def store(self, op: Store) -> None:
        dst, value = self.read(op.dst), self.read(op.value)
        if isinstance(op.place, Attr):
            setattr(dst, op.place.name, getattr(dst, op.place.name) + value if op.add else value)
        elif not op.add:
            dst[self.index(op.place)] = value
        elif isinstance(dst, np.ndarray):
            np.add.at(dst, self.index(op.place), value)
        else:
            dst[self.index(op.place)] += value

    # -- loops

    def loop(self, op: For | While) -> _Exit | None:
        carried = [self.passed(i) for i in op.inits]
        for leaves in self.iterations(op.space) if isinstance(op, For) else self.forever():
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

    def forever(self) -> Iterator[tuple[Any, ...]]:
        while True:
            yield ()

    def iterations(self, space: Space) -> Iterator[tuple[Any, ...]]:
        match space:
            case Range(start, stop, step):
                return ((i,) for i in range(self.read(start), self.read(stop), self.read(step)))
            case Seq(value):
                return ((i,) for i in iter(self.read(value)))
            case Zip(items):
                parts = [self.iterations(i) for i in items]
                return (tuple(x for part in row for x in part) for row in zip(*parts))
            case Enumerate(item, start):
                return ((n, *row) for n, row in enumerate(self.iterations(item), self.read(start)))
            case Reversed(Seq(value)):
                return ((i,) for i in reversed(self.read(value)))
            case Reversed(item):
                return iter(list(self.iterations(item))[::-1])

    # -- calls

    def apply(self, op: Apply) -> None:
        handler = STRUCTURAL.get(getattr(op.fn, "name", ""))
        args = [self.read(a) for a in op.args]
        kwargs = {k: self.read(v) for k, v in op.kwargs}
        if handler and getattr(op.fn, "family", "") == "structural":
            out = handler(*args, **kwargs)
        else:
            out = self.callee(op)(*args, **kwargs)
        if len(op.results) == 1 and op.fn is not st.UNPACK:
            self.env[op.results[0]] = out
        elif op.results:
            out = list(out)
            if len(out) != len(op.results):
                raise ValueError("unpack")
            self.bind(op.results, out)

    def callee(self, op: Apply) -> Callable[..., Any]:
        match op.fn:
            case Value():
                found: Any = self.read(op.fn)
            case FuncRef(_, target):
                found = getattr(target, "func", target)
            case Method(name):
                return lambda obj, *args, **kwargs: getattr(obj, name)(*args, **kwargs)
            case _:
                found = op.fn.fn  # type: ignore[attr-defined]
        return closure(found) if isinstance(found, Func) else found  # type: ignore[no-any-return]


def closure(func: Func, *captured: Any) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        names = [p.name for p in func.params]
        rest = [kwargs[n] for n in names[len(captured) + len(args) :]]
        return run(func, [*captured, *args, *rest])

    return call


def _fstring(*parts: Any) -> str:
    out = []
    for part in parts:
        if isinstance(part, tuple):
            value, conversion, spec = part
            value = {"r": repr, "s": str, "a": ascii}.get(conversion, lambda v: v)(value)
            part = format(value, spec or "")
        out.append(part)
    return "".join(out)


def _assert(condition: Any, message: Any = None) -> None:
    assert condition, message


def _construct(cls: Any, *fields: Any) -> Any:
    return cls(*fields)


STRUCTURAL: dict[str, Callable[..., Any]] = {
    "unpack": lambda seq: seq,
    "closure": closure,
    "tuple_of": lambda *items: items,
    "list_of": lambda *items: list(items),
    "dict_of": lambda *items: dict(items),
    "fstring": _fstring,
    "assert_": _assert,
    "list_new": lambda: [],
    "list_append": lambda items, value: items.append(value),
    "list_pop": lambda items: items.pop(),
    "snapshot": lambda a: a.copy(),
    "as_float": float,
    "comment": lambda text: None,
    "construct": _construct,
}
assert isinstance(Literal(None), Literal)
