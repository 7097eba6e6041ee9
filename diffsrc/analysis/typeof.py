"""Types of run-time values, and types given as text.

`typeof_args` gives each axis of each array a name of its own (n, m, k, p, q, ...; an axis of size 1 is the
number 1): the types are the key under which a derivative is compiled, so nothing that may change from call to
call is in them. Flags, strings, None and functions are part of the key by value.

    >>> typeof_args((np.ones((3, 4)), 2.0, True))
    f64[n, m], float, bool=True

`parse_type` reads the textual types of the documentation: `f64`, `f64[:, :]`, `f64[n, m]`, `(f64, f64[:])`,
`{a: f64}`, `list[f64]`, `Net{w: f64[:, :], act: relu, name: "relu"}`. A scalar `f64` in text stands for
`float`.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import operator
import re
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..defs.classes import attributes_of, hook_of, is_record, is_source
from ..defs.dims import KINDS, map_dims, unknown
from ..defs.frozen import frozen_from, is_distribution
from ..defs.objects import class_of
from ..defs.packages import CLOSED, is_multimethod
from ..defs.transforms import DerivativeFunction, LinearFunction
from ..errors import DiffTypeError
from ..ir.types import (
    ANY,
    BOOL,
    BOTTOM,
    COMPLEX,
    DTYPES,
    FLOAT,
    INT,
    NONE,
    STR,
    Array,
    Back,
    Dict,
    Dim,
    FuncType,
    List,
    Lit,
    Opaque,
    Scalar,
    Struct,
    Tuple,
    Type,
    holds_unknown,
    join,
    strip,
)
from .recursive import System

_NAMES = ("n", "m", "k", "p", "q", "r", "s", "t", "u", "v", "w")
#: how many items of a list are known by position
MAX_LISTED = 64
FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, np.ufunc, type, type(np.sum), type(functools.lru_cache(print)),
    operator.itemgetter, operator.attrgetter, DerivativeFunction, LinearFunction,
)  # fmt: skip
_PYTHON_NUMBERS: dict[type, Type] = {float: FLOAT, int: INT, complex: COMPLEX, np.float64: Scalar("f64")}


def dim_names() -> Iterator[str]:
    """Names for axes: n, m, k, ..., n1, m1, ..."""
    number = 0
    while True:
        yield from (f"{name}{number or ''}" for name in _NAMES)
        number += 1


def typeof_args(args: tuple[object, ...], listed: bool = False) -> tuple[Type, ...]:
    """The types of the arguments of one call. `listed`: with lists whose items are known by position.

    Raises:
        DiffTypeError: for what isn't supported (object arrays, subclasses of ndarray, cycles).
    """
    return _typeof_args(args, exact=False, listed=listed)


def exact_types(args: tuple[object, ...]) -> tuple[Type, ...]:
    """The types of the arguments of one call, with the sizes that they have: `f64[10]`.

    Raises:
        DiffTypeError: for what isn't supported.
    """
    return _typeof_args(args, exact=True)


def _typeof_args(args: tuple[object, ...], exact: bool, listed: bool = False) -> tuple[Type, ...]:
    system = System()
    seen = Seen(dim_names(), _nested(args), exact, listed)
    found = [_typeof(a, seen, 0) for a in args]
    for value in seen.instances_of(args):
        system.learn(type(value), _fields(value, seen, 0))
    return tuple(map(system.outside, found))


def typeof(value: object) -> Type:
    """The type of one value."""
    return typeof_args((value,))[0]


class Seen:
    """What is known while the types of arguments are found: the names of axes that are left, and the classes whose
    instances hold others of their own."""

    def __init__(self, names: Iterator[str], recursive: frozenset[type], exact: bool = False, listed: bool = False) -> None:
        self.names = names
        self.recursive = recursive
        #: whether sizes are kept
        self.exact = exact
        #: whether the items of all lists are known by position
        self.listed = listed

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return next(self.names)

    def instances_of(self, args: tuple[object, ...]) -> Iterator[object]:
        """The instances of recursive classes."""
        if self.recursive:
            yield from (value for value, _ in _instances(args) if type(value) in self.recursive)


def _nested(args: tuple[object, ...]) -> frozenset[type]:
    """The classes whose instances hold others of their class, by way of others or not."""
    holds: dict[type, set[type]] = {}
    for value, holder in _instances(args):
        holds.setdefault(type(value), set())
        if holder is not None:
            holds[type(holder)].add(type(value))
    found = set()
    for cls in holds:
        reached, todo = set[type](), [cls]
        while todo:
            for held in holds[todo.pop()] - reached:
                reached.add(held)
                todo.append(held)
        if cls in reached and not _is_frozen(cls):
            found.add(cls)
    return frozenset(found)


def _instances(args: tuple[object, ...]) -> Iterator[tuple[object, object]]:
    """Instances of classes made of fields that arguments hold, each with the one that holds it: an instance held twice
    comes twice."""
    seen: set[int] = set()
    todo: list[tuple[object, object]] = [(a, None) for a in reversed(args)]
    while todo:
        value, holder = todo.pop()
        if isinstance(value, (list, tuple)):
            inner = list(value)
        elif isinstance(value, dict):
            inner = list(value.values())
        elif _is_instance(value):
            yield value, holder
            holder, inner = value, [getattr(value, n) for n in attributes_of(value) or ()]
        else:
            continue
        if id(value) not in seen:
            seen.add(id(value))
            todo += [(v, holder) for v in reversed(inner)]


def _is_instance(value: object) -> bool:
    cls = type(value)
    if cls in _PYTHON_NUMBERS or cls.__module__ in ("builtins", "numpy") or isinstance(value, FUNCTIONS):
        return False
    return is_record(cls) and not isinstance(value, (np.ndarray, np.generic, enum.Enum))


def _is_exact(names: Iterator[str]) -> bool:
    return isinstance(names, Seen) and names.exact


def _typeof(value: object, names: Iterator[str], depth: int) -> Type:
    cls = type(value)
    if cls is np.ndarray:
        return _array(value, names)
    if (number := _PYTHON_NUMBERS.get(cls)) is not None:
        return number
    if value is None:
        return NONE
    if cls is bool or cls is str:
        return Lit(value, BOOL if cls is bool else STR)
    if depth > 50:
        raise DiffTypeError("an argument is nested too deeply, or holds itself")
    if isinstance(value, np.ndarray):
        if isinstance(value, np.memmap):
            return _array(value, names)
        raise DiffTypeError(f"a subclass of ndarray ({cls.__name__}) as argument", hint="pass np.asarray(x)")
    if isinstance(value, np.generic):
        return _generic(value)
    return _other(value, names, depth + 1)


def _array(value: Any, names: Iterator[str]) -> Array:
    kind = KINDS.get(value.dtype)
    if kind is None:
        raise DiffTypeError(f"an array of dtype {value.dtype}", hint="use a numeric dtype: x.astype(float)")
    return Array(kind, tuple(size if size == 1 or _is_exact(names) else next(names) for size in value.shape))


def _generic(value: np.generic) -> Type:
    kind = KINDS.get(value.dtype)
    return ANY if kind is None else Scalar(kind)


def _other(value: Any, names: Iterator[str], depth: int) -> Type:
    """Enums, containers, functions, instances."""
    if isinstance(value, enum.Enum):
        return Lit(value, Opaque(type(value)))
    if isinstance(value, (float, int, complex, str)):
        raise DiffTypeError(f"a subclass of a number or str ({type(value).__name__}) as argument")
    if isinstance(value, tuple):
        fields = getattr(type(value), "_fields", ())
        items = tuple(_typeof(v, names, depth) for v in value)
        return Tuple(items, type(value) if fields else None, tuple(fields))
    if isinstance(value, list):
        return _list(value, names, depth)
    if isinstance(value, dict):
        return Dict(tuple((_key(k), _typeof(v, names, depth)) for k, v in value.items()))
    if isinstance(value, FUNCTIONS) or is_multimethod(value):
        return FuncType(value)
    if is_source(value):
        return Opaque(type(value))
    if (of := class_of(type(value))) is not None:
        return Opaque(type(value), of.held(value))
    if type(value).__module__.startswith(CLOSED):
        if is_distribution(value):
            return FuncType(value)
        return Opaque(type(value)) if frozen_from(value) is None else Lit(value, Opaque(type(value)))
    return _instance(value, names, depth)


def _key(key: object) -> object:
    if isinstance(key, (str, int, bool, float, type(None), tuple)):
        return key
    raise DiffTypeError(f"a dict with a key of type {type(key).__name__}", hint="use str or int keys")


def _list(value: list[Any], names: Iterator[str], depth: int) -> Type:
    """A list of one type: sizes that differ, or are named for one element only, are unknown. Items of different types are
    known by position."""
    if isinstance(names, Seen) and names.listed:
        return _listed(value, names, depth)
    item: Type = BOTTOM
    kinds: list[Type] = []
    for each in value:
        t = _typeof(each, names, depth)
        kinds.append(t)
        if isinstance(t, Lit) and frozen_from(t.value) is not None:  # which ones they are would be lost
            raise DiffTypeError("a list of distributions as argument", hint="use a tuple")
        t = strip(t)
        item = t if item == BOTTOM else join(item, t)
    if holds_unknown(item) and value and not any(map(holds_unknown, kinds)):
        return _listed(value, names, depth)
    return List(item if len(value) != 1 else _anonymous(item))


def _listed(value: list[Any], names: Iterator[str], depth: int) -> Type:
    """A list, and the lists that it holds, by position."""
    if len(value) > MAX_LISTED:
        raise DiffTypeError(f"a list of {len(value)} values of different types", hint="use lists of one type each")
    items = (_listed(v, names, depth + 1) if type(v) is list else _typeof(v, names, depth) for v in value)
    return Tuple(tuple(items), listed=True)


def _anonymous(t: Type) -> Type:
    """The type without names of axes: another list of one element may have other sizes, all the same."""
    return map_dims(t, unknown)


def _instance(value: Any, names: Iterator[str], depth: int) -> Type:
    cls = type(value)
    opaque = isinstance(value, (types.ModuleType, np.dtype, np.random.Generator)) or cls.__module__ == "builtins"
    names_ = None if opaque or hook_of(cls) is not None else attributes_of(value)
    if names_ is None:
        return ANY
    if isinstance(names, Seen) and cls in names.recursive:
        return Back(cls)
    return Struct(cls, tuple(_fields(value, names, depth).items()), _is_frozen(cls))


def _is_frozen(cls: type) -> bool:
    return dataclasses.is_dataclass(cls) and bool(cls.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def _fields(value: object, names: Iterator[str], depth: int) -> dict[str, Type]:
    return {name: _typeof(getattr(value, name), names, depth) for name in attributes_of(value) or ()}


# -- types as text

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w.]*)|(?P<number>[-+]?\d+)|(?P<string>\"[^\"]*\"|'[^']*')|(?P<mark>[][(){},:|@%]))"
)
_SCALARS: dict[str, Type] = {
    "float": FLOAT, "int": INT, "bool": BOOL, "complex": COMPLEX, "str": STR, "None": NONE, "Any": ANY,
    "f64": FLOAT, "i64": INT, "c128": COMPLEX, "b1": BOOL,
}  # fmt: skip


def parse_type(text: str, classes: Mapping[str, object] | None = None) -> Type:
    """The type that a text stands for. `classes` are the names it may use: classes, functions as constants.

    Raises:
        DiffTypeError: for text that is no type.
    """
    reader = _Reader(text, dict(classes or {}))
    try:
        return reader.whole()
    except RecursionError:
        raise DiffTypeError(f"not a type: {text[:40]!r}... (nested too deeply)") from None


class _Reader:
    def __init__(self, text: str, classes: dict[str, object]) -> None:
        self.text = text
        self.classes = classes
        self.tokens = self._tokens()
        self.at = 0

    def _tokens(self) -> list[tuple[str, str]]:
        out, at = [], 0
        text = self.text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self.error(f"unexpected {text[at:].strip()[:1]!r}")
            out.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        return out

    def error(self, what: str) -> DiffTypeError:
        return DiffTypeError(f"not a type: {self.text!r} ({what})", hint="try f64[:, :] or (f64, i64[n])")

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise self.error(f"expected {expected or 'more'!r}")
        self.at += 1
        return token

    def whole(self) -> Type:
        found = self.union()
        if self.at < len(self.tokens):
            raise self.error(f"unexpected {self.peek()!r}")
        return found

    def union(self) -> Type:
        found = self.single()
        while self.peek() == "|":
            self.take("|")
            found = join(found, self.single())
        return found

    def sequence(self, close: str, each: Callable[[], Any]) -> list[Any]:
        out: list[Any] = []
        while self.peek() != close:
            out.append(each())
            if self.peek() != close:
                self.take(",")
        self.take(close)
        return out

    def single(self) -> Type:
        kind = self.tokens[self.at][0] if self.at < len(self.tokens) else ""
        token = self.take()
        if token == "(":
            return self.display()
        if token == "{":
            return Dict(tuple(self.sequence("}", self.entry)))
        if kind == "string":
            return Lit(token[1:-1], STR)
        if kind != "name":
            raise self.error(f"unexpected {token!r}")
        return self.named(token)

    def display(self) -> Type:
        items = self.sequence(")", self.union)
        closing_comma = self.tokens[self.at - 2][1] == ","
        return items[0] if len(items) == 1 and not closing_comma else Tuple(tuple(items))

    def entry(self) -> tuple[object, Type]:
        kind, token = self.tokens[self.at][0], self.take()
        key: object = token[1:-1] if kind == "string" else int(token) if kind == "number" else token
        self.take(":")
        return key, self.union()

    def named(self, name: str) -> Type:
        if name == "list":
            self.take("[")
            return List(self.sequence("]", self.union)[0])
        if name in DTYPES and self.peek() == "[":
            self.take("[")
            found = Array(name, tuple(self.sequence("]", self.dim)))
            self.layout()
            return found
        if name in ("True", "False"):
            return Lit(name == "True", BOOL)
        if name in _SCALARS or name in DTYPES:
            return _SCALARS.get(name) or Scalar(name)
        return self.of_class(name)

    def layout(self) -> None:
        """`F`, `C`, `@A` after an array type: accepted; layouts aren't told apart."""
        if self.peek() in ("F", "C"):
            self.take()
        if self.peek() == "@":
            raise self.error("overlapping arguments can't be declared")

    def dim(self) -> Dim:
        token = self.take()
        if token == ":":
            return None
        if token.lstrip("-").isdigit():
            return int(token)
        name = "%" + self.take() if token == "%" else token
        return name + (self.take() if self.peek()[:1] in ("+", "-") else "")

    def of_class(self, name: str) -> Type:
        cls = self.classes.get(name)
        if not isinstance(cls, type):
            if callable(cls):
                return FuncType(cls)
            raise self.error(f"unknown name {name!r}")
        if self.peek() == "{":
            self.take("{")
            fields = tuple((str(k), t) for k, t in self.sequence("}", self.entry))
            return self.instance(cls, fields)
        return self.annotated(cls)

    def instance(self, cls: type, fields: tuple[tuple[str, Type], ...]) -> Type:
        names = getattr(cls, "_fields", None)
        if names is not None:
            return Tuple(tuple(dict(fields)[n] for n in names), cls, tuple(names))
        params = getattr(cls, "__dataclass_params__", None)
        return Struct(cls, fields, bool(params and params.frozen))

    def annotated(self, cls: type) -> Type:
        """A dataclass or NamedTuple by name: the annotations must say enough."""
        hints = dict(getattr(cls, "__annotations__", {}))
        simple = {"float": FLOAT, "int": INT, "bool": BOOL, "complex": COMPLEX, "str": STR}
        known = {k: simple.get(v if isinstance(v, str) else getattr(v, "__name__", "")) for k, v in hints.items()}
        if not hints or None in known.values():
            raise self.error(f"the annotations of {cls.__name__} don't say its fields; write {cls.__name__}{{...}}")
        return self.instance(cls, tuple((k, t) for k, t in known.items() if t is not None))
