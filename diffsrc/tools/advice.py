"""What would let one instance of a function serve for several: which argument to leave unspecialised, which to convert.

An argument whose types differ among the instances is a candidate. Numbers, and whatever `np.asarray` makes an array of, can be
converted at the door (`ds.standardize`); what isn't differentiated can be left to Python (`ds.nospecialize`), where an entry
point is called: arguments of calls inside a compiled program have the types that they have there. Each piece of advice was
tried: the function was compiled that way.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..compiler import methods
from ..compiler.keys import type_key
from ..defs.shapes import infer_dtype
from ..errors import DiffsrcError
from ..ir.types import (
    ANY,
    BOOL,
    COMPLEX,
    DTYPES,
    FLOAT,
    INEXACT,
    INT,
    Array,
    List,
    Lit,
    Scalar,
    Tuple,
    Type,
    is_complex,
    strip,
)

if TYPE_CHECKING:
    from .pgds import Specialization

_SHOWN = 3
_NAMES = ("n", "m", "k", "l")


@dataclass(frozen=True, slots=True)
class Advice:
    """One change to a function.

    Attributes:
        parameter: which argument it is about.
        decorator: what to write above the function: `ds.nospecialize("options")`, `ds.standardize(x=np.asarray)`.
        reason: why.
    """

    parameter: str
    decorator: str
    reason: str

    def __str__(self) -> str:
        return f"@{self.decorator}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Advised:
    """What can be changed about a function, how many instances are left then, how many seconds that saves, and why the rest
    can't be changed."""

    advice: tuple[Advice, ...] = ()
    left: int = 0
    saves: float = 0.0
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of the types of one parameter. `converts`: wherever the function is called."""

    at: int
    decorator: str
    convert: Callable[[Type], Type]
    converts: bool

    def types(self, s: Specialization) -> Specialization:
        if not self.converts and not s.entry:
            return s
        return replace(s, types=tuple(self.convert(t) if i == self.at else t for i, t in enumerate(s.types)))


@dataclass(slots=True)
class _Case:
    """A function, and the instances that there are."""

    function: Any
    names: Sequence[str]
    specializations: Sequence[Specialization]
    changes: list[_Change] = field(default_factory=list)

    @property
    def gathering(self) -> tuple[str, ...]:
        """`*args` and `**options`: they can't be converted."""
        code = getattr(self.function, "__code__", None)
        if code is None:
            return ()
        first, flags = code.co_argcount + code.co_kwonlyargcount, code.co_flags
        count = bool(flags & inspect.CO_VARARGS) + bool(flags & inspect.CO_VARKEYWORDS)
        return tuple(code.co_varnames[first : first + count])

    def groups(self, changes: Sequence[_Change]) -> list[list[Specialization]]:
        """The instances that are one after changes."""
        found: dict[object, list[Specialization]] = {}
        for s in self.specializations:
            found.setdefault(tuple(map(type_key, _changed(s, changes).types)), []).append(s)
        return list(found.values())

    def left(self, changes: Sequence[_Change]) -> int:
        """How many instances there are after changes."""
        return len(self.groups(changes))

    def distinct(self, at: int) -> list[Type]:
        return list({type_key(s.types[at]): s.types[at] for s in self.specializations}.values())

    def is_active(self, at: int) -> bool:
        return any(s.activity and s.activity[at] != "const" for s in self.specializations)


def advise(function: Any, names: Sequence[str], specializations: Sequence[Specialization]) -> Advised:
    """What would let fewer instances of a function do.

    Args:
        function: which is compiled.
        names: of its parameters.
        specializations: what it was compiled for.
    """
    case = _Case(function, names, specializations)
    if len(specializations) < 2 or any(len(s.types) != len(names) for s in specializations):
        return Advised(left=len(specializations))
    differing = sorted((i for i in range(len(names)) if len(case.distinct(i)) > 1), key=lambda i: -len(case.distinct(i)))
    obstacles = []
    for at in differing:
        refused = ""
        for change in _changes(case, at):
            refused = _refusal(case, [*case.changes, change])
            if not refused:
                case.changes.append(change)
                break
        else:
            obstacles.append(_obstacle(case, at, refused))
    useful = [c for c in case.changes if case.left([d for d in case.changes if d is not c]) > case.left(case.changes)]
    advice = tuple(Advice(names[c.at], c.decorator, _reason(case, c)) for c in useful)
    spent = [[s.compile_seconds for s in group] for group in case.groups(useful)]
    return Advised(advice, len(spent), sum(sum(g) - max(g) for g in spent), tuple(obstacles))


def _changed(s: Specialization, changes: Sequence[_Change]) -> Specialization:
    for change in changes:
        s = change.types(s)
    return s


def _changes(case: _Case, at: int) -> Iterator[_Change]:
    """What could be done about an argument, the best first: what is converted still has a type."""
    converted = _conversion(case.distinct(at), case.is_active(at))
    name = case.names[at]
    if converted is not None and name not in case.gathering:
        yield _Change(at, f"ds.standardize({name}={converted[0]})", converted[1], converts=True)
    if not case.is_active(at) and any(s.entry for s in case.specializations):
        yield _Change(at, f'ds.nospecialize("{name}")', lambda _: ANY, converts=False)


def _reason(case: _Case, change: _Change) -> str:
    name, types = case.names[change.at], case.distinct(change.at)
    shown = f"`{name}` comes in {len(types)} types ({_some(types)})"
    if not change.converts:
        return f"{shown} and isn't differentiated"
    left = len({type_key(change.convert(t)) for t in types})
    made = "one" if left == 1 else str(left)
    if "asarray" in change.decorator and not any(isinstance(t, Array) for t in types):
        made += " (the function is given arrays then)"
    why = "; it is differentiated, so it can't be left unspecialised" if case.is_active(change.at) else ""
    return f"{shown}, of which this makes {made}{why}"


def _obstacle(case: _Case, at: int, refused: str) -> str:
    name, types = case.names[at], case.distinct(at)
    shown = f"`{name}` comes in {len(types)} types ({_some(types)})"
    if refused:
        return f"{shown}, and compiled for all of them at once it is refused: {refused}"
    if case.is_active(at):
        return f"{shown} and is differentiated: give it one type"
    callers = sorted({m.name for s in case.specializations if s.typed is not None for m in s.typed.callers})
    by = f" by {', '.join(f'`{c}`' for c in callers)}" if callers else ""
    return f"{shown}, as it is called{by}: see what is compiled too often there"


def _some(types: Sequence[Type]) -> str:
    shown = [str(t) for t in types[:_SHOWN]]
    return ", ".join(shown) + (", ..." if len(types) > _SHOWN else "")


# --- conversions -----------------------------------------------------------------------------------------------


def _conversion(types: Sequence[Type], active: bool) -> tuple[str, Callable[[Type], Type]] | None:
    """The text of a function that makes fewer types of these, and what it makes of a type."""
    numbers = [strip(t) for t in types]
    if all(isinstance(t, Scalar) for t in numbers) and not any(isinstance(t, Lit) and t.base == BOOL for t in types):
        return _number([t.kind for t in numbers if isinstance(t, Scalar)], active)
    lists = {_as_list(t) for t in types}
    if len(lists) == 1 and None not in lists:  # `+` joins them still
        return "list", lambda t: _as_list(t) or t
    arrays = [_as_array(t) for t in types]
    if any(a is None for a in arrays):
        return None
    kinds = {a.dtype for a in arrays if a is not None}
    if active:  # arrays of integers count as arrays of floats there
        kinds = {k if k in INEXACT else "f64" for k in kinds}
    to = None if len(kinds) == 1 else _dtype(kinds)

    def convert(t: Type) -> Type:
        a = _as_array(t)
        assert a is not None
        return Array(_KIND[to] if to is not None else "f64" if active and a.dtype not in INEXACT else a.dtype, a.dims)

    if len({convert(t) for t in types}) == len(types):
        return None
    return ("np.asarray" if to is None else f"lambda x: np.asarray(x, {to})"), convert


def _number(kinds: Sequence[str], active: bool) -> tuple[str, Callable[[Type], Type]]:
    to, t = "float", FLOAT
    if any(map(is_complex, map(Scalar, kinds))):
        to, t = "complex", COMPLEX
    elif not active and not INEXACT.intersection(kinds):
        to, t = "int", INT
    return to, lambda old: old if isinstance(old, Lit) and t == INT else t  # a default that is an int has its value


_KIND = {"float": "f64", "int": "i64", "complex": "c128"}


def _dtype(kinds: set[str]) -> str:
    if any(k.startswith("c") for k in kinds):
        return "complex"
    return "float" if INEXACT.intersection(kinds) else "int"


def _is_list(t: Type) -> bool:
    return (isinstance(t, List) and type(t) is List) or (isinstance(t, Tuple) and t.cls is None)


def _as_list(t: Type) -> List | None:
    """What `list` makes of a list or tuple whose items are of one type."""
    items = t.items if isinstance(t, Tuple) else (t.item,) if isinstance(t, List) else ()
    return List(items[0]) if _is_list(t) and len(set(items)) == 1 else None


def _as_array(t: Type) -> Array | None:
    """What `np.asarray` makes of a type; None where that is no array of numbers."""
    if isinstance(t, Array):
        return t
    if isinstance(t, Scalar):
        return Array(_stored(t.kind), ())
    if not _is_list(t):
        return None
    items = [_as_array(i) for i in (t.items if isinstance(t, Tuple) else (t.item,) if isinstance(t, List) else ())]
    if not items or any(i is None for i in items) or len({i.ndim for i in items if i is not None}) > 1:
        return None
    found = [i for i in items if i is not None]
    dtype = np.result_type(*(infer_dtype(i.dtype) for i in found))
    kind = next((k for k, name in DTYPES.items() if np.dtype(name) == dtype), None)
    return None if kind is None else Array(kind, _NAMES[: found[0].ndim + 1])


def _stored(kind: str) -> str:
    return {"float": "f64", "int": "i64", "bool": "b1", "complex": "c128"}.get(kind, kind)


# --- trials ----------------------------------------------------------------------------------------------------


def _refusal(case: _Case, changes: Sequence[_Change]) -> str:
    """Why the function can't be compiled with changes; empty when it can."""
    if not isinstance(case.function, FunctionType):
        return ""
    asked = [s for s in case.specializations if s.entry] or list(case.specializations)
    s = _changed(asked[0], changes)
    try:
        with methods.apart():
            _compile(case.function, s)
    except DiffsrcError as err:
        return err.reason
    return ""


def _compile(function: FunctionType, s: Specialization) -> None:
    from ..api import engine
    from ..compiler import driver

    if s.entry:
        engine.compile_derivative("reverse" if s.entry == "load" else s.entry, function, s.types, s.activity)
    else:
        driver.typed_stages(function, s.types)
