"""Runs typed IR, and checks while running that every value is what its type says: class, dtype, axes, sizes.

Sizes: a name of a parameter's axis is bound when the function is entered; `n-2` is `max(n-2, 0)`; axes of one
op that carry one name have one size.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from diffsrc.defs.table import Def
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
    Index,
    Load,
    Method,
    Raise,
    Range,
    Return,
    Reversed,
    Seq,
    Slice,
    Store,
    Unreachable,
    View,
    While,
    Yield,
    Zip,
)
from diffsrc.ir.types import (
    DTYPES,
    MANY,
    AnyType,
    Array,
    Bottom,
    Dict,
    FuncType,
    List,
    Lit,
    Maybe,
    NoneType,
    Scalar,
    StrType,
    Struct,
    Tuple,
    Type,
    strip,
)
from diffsrc.ir.values import Pack, Value, is_undef

UNDEFINED = object()
_PYTHON = {
    "float": (float, int, np.integer),
    "int": (int, np.integer),
    "bool": (bool, np.bool_),
    "complex": complex,
}


class Closure:
    def __init__(self, func: Func, captured: tuple[Any, ...]) -> None:
        self.func, self.captured = func, captured

    def __getitem__(self, i: int) -> Any:
        return self.captured[i]

    def __call__(self, *args: Any) -> Any:
        raise NotImplementedError("a call of a function that inference doesn't know")


def _formatted(value: Any, conversion: str, spec: str) -> str:
    value = {"": lambda v: v, "s": str, "r": repr, "a": ascii}[conversion](value)
    return format(value, spec)


class Leave(Exception):  # noqa: N818
    """A `return`."""


def call(func: Func, args: tuple[Any, ...]) -> Any:
    return Frame(func).run(args)


class Frame:
    def __init__(self, func: Func) -> None:
        self.func = func
        self.env: dict[Value, Any] = {}
        self.sizes: dict[str, int] = {}

    def run(self, args: tuple[Any, ...]) -> Any:
        for p, a in zip(self.func.params, args):
            self.bind_sizes(a, p.type)
            self.set(p, a)
        try:
            self.block(self.func.body)
        except Leave as leave:
            return leave.args[0]
        raise AssertionError("the end of a function without return")

    # -- types

    def bind_sizes(self, value: Any, t: Type) -> None:
        t = strip(t)
        if isinstance(t, Array) and isinstance(value, np.ndarray):
            for d, size in zip(t.dims, value.shape):
                if isinstance(d, str) and d.isidentifier():
                    assert size != 1, (d, size)
                    assert self.sizes.setdefault(d, size) == size, d
        elif isinstance(t, Tuple):
            for v, i in zip(value, t.items):
                self.bind_sizes(v, i)
        elif isinstance(t, Dict):
            for k, i in t.items:
                self.bind_sizes(value[k], i)
        elif isinstance(t, Struct):
            for k, i in t.fields:
                self.bind_sizes(getattr(value, k), i)

    def set(self, v: Value, value: Any) -> None:
        if value is not UNDEFINED:
            self.check(value, v.type, v)
        self.env[v] = value

    def check(self, value: Any, t: Type, v: Value) -> None:
        shown = f"{v.name or 'temporary'}: {t} is {value!r} in {self.func.name} ({v.loc})"
        if isinstance(t, Lit):
            assert value == t.value, shown
            t = strip(t)
        if isinstance(t, Maybe):
            if value is None:
                return
            t = strip(t)
        match t:
            case AnyType():
                return
            case Bottom():
                raise AssertionError(f"a value of no type: {shown}")
            case Scalar():
                self.check_scalar(value, t, shown)
            case Array() if isinstance(value, (int, float)):
                # a constant number that a variable holds before its first array
                assert all(d is None or (isinstance(d, str) and d.startswith("%")) for d in t.dims), shown
            case Array():
                assert isinstance(value, np.ndarray), shown
                assert value.dtype == np.dtype(DTYPES[t.dtype]), shown
                assert value.ndim == t.ndim, shown
                for d, size in zip(t.dims, value.shape):
                    self.check_size(d, size, shown)
            case Tuple():
                assert isinstance(value, (tuple, list)) and len(value) == len(t.items), shown
                assert t.cls is None or type(value) is t.cls, shown
                for part, i in zip(value, t.items):
                    self.check(part, i, v)
            case List():
                assert isinstance(value, list), shown
                for part in value:
                    self.check(part, t.item, v)
            case Dict():
                for k, i in t.items:
                    if k in value:
                        self.check(value[k], i, v)
            case Struct():
                assert type(value) is t.cls, shown
                for k, i in t.fields:
                    if hasattr(value, k):
                        self.check(getattr(value, k), i, v)
            case NoneType():
                assert value is None, shown
            case StrType():
                assert isinstance(value, str), shown
            case FuncType():
                assert (value.func if isinstance(value, Closure) else value) is t.target or callable(value), shown
            case _:
                raise AssertionError(shown)

    def check_scalar(self, value: Any, t: Scalar, shown: str) -> None:
        if t.kind in _PYTHON:
            assert isinstance(value, _PYTHON[t.kind]) and not (t.kind == "int" and isinstance(value, bool)), shown
        else:
            assert isinstance(value, np.generic) and value.dtype == np.dtype(DTYPES[t.kind]), shown

    def check_size(self, dim: Any, size: int, shown: str) -> None:
        if isinstance(dim, int):
            assert dim == size, shown
        elif dim == MANY:
            assert size != 1, shown
        elif isinstance(dim, str) and not dim.startswith("%"):
            name = dim.split("-", maxsplit=1)[0].split("+", maxsplit=1)[0]
            assert name not in self.sizes or self.expected(dim) == size, f"{shown} with {self.sizes}"

    def expected(self, dim: str) -> int:
        name = dim.split("-", maxsplit=1)[0].split("+", maxsplit=1)[0]
        return max(self.sizes[name] + int(dim[len(name) :] or 0), 0)

    # -- execution

    def get(self, o: Any) -> Any:
        if isinstance(o, Value):
            found = self.env[o]
            assert found is not UNDEFINED, f"{o.name} is undefined"
            return found
        if isinstance(o, Pack):
            items = [self.get(i) for i in o.items]
            return items if o.kind == "list" else tuple(items)
        return UNDEFINED if is_undef(o) else o.value

    def passed(self, o: Any) -> Any:
        return self.env[o] if isinstance(o, Value) else self.get(o)

    def place(self, place: Index) -> Any:
        keys = tuple(
            slice(self.get(i.lower), self.get(i.upper), self.get(i.step)) if isinstance(i, Slice) else self.get(i)
            for i in place.items
        )
        return keys[0] if len(keys) == 1 else keys

    def block(self, block: Block) -> tuple[str, list[Any]]:
        """How the block ends (yield, break, continue), and what it passes."""
        for op in block.ops:
            match op:
                case Apply():
                    self.apply(op)
                case Load() | View():
                    self.load(op)
                case Store():
                    self.store(op)
                case If():
                    how, values = self.block(op.then if self.get(op.cond) else op.other)
                    if how != "yield":
                        return how, values
                    self.define(op.results, values)
                case For():
                    self.for_(op)
                case While():
                    self.while_(op)
                case Yield() | Break() | Continue():
                    return type(op).__name__.lower(), [self.passed(v) for v in op.values]
                case Return():
                    raise Leave(self.get(op.value))
                case Raise():
                    raise self.get(op.value)
                case Unreachable():
                    raise AssertionError("unreachable")
        raise AssertionError("a block without end")

    def define(self, results: tuple[Value, ...], values: Any) -> None:
        values = list(values)
        assert len(results) == len(values)
        for r, v in zip(results, values):
            self.set(r, v)

    def load(self, op: Load | View) -> None:
        src = self.get(op.src)
        found = getattr(src, op.place.name) if isinstance(op.place, Attr) else src[self.place(op.place)]
        self.set(op.result, found)
        if isinstance(op, View):
            assert np.shares_memory(found, src) or found.size == 0

    def store(self, op: Store) -> None:
        dst, value = self.get(op.dst), self.get(op.value)
        assert not op.add
        if isinstance(op.place, Attr):
            setattr(dst, op.place.name, value)
        else:
            dst[self.place(op.place)] = value

    def for_(self, op: For) -> None:
        carried = [self.passed(i) for i in op.inits]
        for step in self.space(op.space):
            self.define(op.body.params, [*step, *carried])
            how, carried = self.block(op.body)
            if how == "break":
                self.define(op.results, carried)
                return
        self.otherwise(op, carried)

    def while_(self, op: While) -> None:
        carried = [self.passed(i) for i in op.inits]
        while True:
            self.define(op.cond.params, carried)
            _, (test,) = self.block(op.cond)
            if not test:
                break
            self.define(op.body.params, carried)
            how, carried = self.block(op.body)
            if how == "break":
                self.define(op.results, carried)
                return
        self.otherwise(op, carried)

    def otherwise(self, op: For | While, carried: list[Any]) -> None:
        self.define(op.orelse.params, carried)
        _, values = self.block(op.orelse)
        self.define(op.results, values)

    def space(self, space: Any) -> Iterator[list[Any]]:
        match space:
            case Range():
                for i in range(self.get(space.start), self.get(space.stop), self.get(space.step)):
                    yield [i]
            case Seq():
                for item in self.get(space.value):
                    yield [item]
            case Zip():
                for rows in zip(*(self.space(s) for s in space.items)):
                    yield [v for row in rows for v in row]
            case Enumerate():
                for i, row in enumerate(self.space(space.item), self.get(space.start)):
                    yield [i, *row]
            case Reversed():
                yield from reversed(list(self.space(space.item)))

    def apply(self, op: Apply) -> None:
        args = tuple(self.get(a) for a in op.args)
        kwargs = {k: self.get(v) for k, v in op.kwargs}
        result = self.called(op, args, kwargs)
        if len(op.results) == 1 and getattr(op.fn, "name", "") != "unpack":
            self.set(op.results[0], result)
        elif op.results:
            self.define(op.results, result)
        self.compare_sizes(op)

    def called(self, op: Apply, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        fn: Any = op.fn
        if isinstance(fn, Method):
            return getattr(args[0], fn.name)(*args[1:], **kwargs)
        if isinstance(fn, FuncRef):
            typed = getattr(fn.target, "func", None)
            return call(typed, args) if isinstance(typed, Func) else fn.target(*args, **kwargs)
        if isinstance(fn, Value):
            return self.get(fn)(*args, **kwargs)
        assert isinstance(fn, Def)
        if fn.family == "structural":
            return self.structural(fn, args, op.results[0].type if op.results else None)
        return fn.fn(*args, **kwargs)

    def structural(self, fn: Def, args: tuple[Any, ...], t: Any) -> Any:
        match fn.name:
            case "unpack" | "tuple_of":
                return tuple(args[0]) if fn.name == "unpack" else args
            case "list_of" | "list_new":
                return list(args)
            case "dict_of":
                return dict(args)
            case "closure":
                return Closure(args[0], args[1:])
            case "construct":
                if not dataclasses.is_dataclass(args[0]) and not issubclass(args[0], tuple):
                    made = object.__new__(args[0])
                    vars(made).update(zip([n for n, _ in t.fields], args[1:]))
                    return made
                if dataclasses.is_dataclass(args[0]):
                    return args[0](**dict(zip([f.name for f in dataclasses.fields(args[0])], args[1:])))
                return args[0](*args[1:])
            case "list_append":
                return args[0].append(args[1])
            case "list_pop":
                return args[0].pop()
            case "list_insert":
                return args[0].insert(*args[1:])
            case "cell":
                return list(args)
            case "assert_":
                assert args[0]
                return None
            case "fstring":
                return "".join(p if isinstance(p, str) else _formatted(*p) for p in args)
        raise AssertionError(fn.name)

    def compare_sizes(self, op: Apply) -> None:
        """Axes of one op that carry one name have one size."""
        seen: dict[Any, int] = {}
        for v in (*op.args, *op.results):
            t = strip(v.type) if isinstance(v, Value) else None
            found = self.env.get(v) if isinstance(v, Value) else None
            if isinstance(t, Array) and isinstance(found, np.ndarray):
                for d, size in zip(t.dims, found.shape):
                    assert d in (None, MANY) or seen.setdefault(d, size) == size, (op, d)
