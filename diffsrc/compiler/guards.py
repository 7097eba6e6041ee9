"""Guards: is what a function read from outside, when it was compiled, still there?

Globals, closure cells and attributes of the user's modules and classes, of the function and of the user
functions that it calls; and the rows of the rule table. Names of NumPy and math are taken to stay what they are, builtins
that no global hides too. Each `Read` knows in words what was read, so that the cause of a compilation can be named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..defs import table
from ..defs.classes import attribute
from ..defs.table import Def
from ..defs.transforms import MARK, DerivativeFunction
from ..errors import UnsupportedError
from ..frontend.lower import Dependency
from ..ir.ops import Apply, Func
from ..ir.walk import walk
from .lowered import known_reads
from .reads import MISSING, Read, from_module, is_object, is_stable, place_of, same, shape_of, shaped


class Guard:
    """The outside names of one compiled function, and of `functions` that were compiled with it, with the values they had; and
    the version of the rule table."""

    __slots__ = ("_checks", "fn", "funcs", "reads", "version")

    def __init__(
        self,
        fn: Callable[..., Any],
        outside: Mapping[tuple[type, str], object] | None = None,
        funcs: Callable[[], Iterable[Func]] = tuple,
        functions: Iterable[FunctionType] = (),
    ) -> None:
        self.reads: list[Read] = []
        self.version = table.version()
        #: a rule may be entered for it
        self.fn = fn
        #: the functions whose calls of known functions were compiled
        self.funcs = funcs
        seen: set[FunctionType] = set()
        for each in (fn, *sorted(functions, key=lambda f: f.__qualname__)):
            if isinstance(each, FunctionType):
                self._collect(each, seen)
        for (owner, name), value in (outside or {}).items():
            found, inner = reads_of_class(owner, name, value)
            self.reads += found
            if inner is not None:
                self._collect(inner, seen)
        self._checks = [(r.get, r.value) for r in self.reads]

    def holds(self) -> bool:
        """Whether every name still stands for what it did."""
        for get, value in self._checks:
            now = get()
            if now is not value and not same(now, value):
                return False
        return self.version == table.version() or self._rows_hold()

    def broken(self) -> list[Read]:
        """What was read and isn't there any more."""
        return [r for r in self.reads if not r.holds()]

    def _rows_hold(self) -> bool:
        if changed_row(self.funcs(), (self.fn, *(value for _, value in self._checks)), self.version):
            return False
        self.version = table.version()
        return True

    def _collect(self, fn: FunctionType, seen: set[FunctionType]) -> None:
        waiting = [fn]
        while waiting:
            fn = waiting.pop()
            if fn in seen or is_stable(fn.__module__):
                continue
            seen.add(fn)
            found = reads_of(fn)
            self.reads += found
            waiting += [differentiated(r.value) for r in reversed(found) if isinstance(r.value, FUNCTIONS)]


def reads_of(fn: FunctionType) -> list[Read]:
    """What a function itself reads."""
    label = f"{fn.__module__}.{fn.__qualname__}"
    found = [
        Read(("code", id(fn), ""), label, lambda: fn.__code__, fn.__code__, fn, fn),
        Read(("defaults", id(fn), ""), label, lambda: fn.__defaults__, fn.__defaults__, fn, fn),
    ]
    if fn.__kwdefaults__:
        found.append(Read(("defaults", id(fn), "*"), label, lambda: _named_defaults(fn), _named_defaults(fn), fn, fn))
    try:
        reads = known_reads(fn)
    except UnsupportedError:  # a callee without source: it is known by a rule, or was called as it is
        return found
    return found + reads_in(fn, reads)


def _named_defaults(fn: FunctionType) -> object:
    return tuple((fn.__kwdefaults__ or {}).items())


def reads_in(fn: FunctionType, reads: Iterable[Dependency]) -> list[Read]:
    """The names that were read, given as lowering does."""
    found: list[Read] = []
    known: dict[str, object] = {name: value for _, name, value in reads}
    for kind, name, value in reads:
        made = _read(fn, kind, name, value, known)
        if made is None:
            continue
        if not (isinstance(value, ModuleType) and is_stable(value.__name__)):
            found.append(made)
        if is_object(value):
            place = ("shape", *made.place[1:])
            found.append(Read(place, made.what, shaped(made.get), shape_of(value), fn, made.owner))
    return found


def reads_of_class(owner: type, name: str, value: object) -> tuple[list[Read], FunctionType | None]:
    """What a class holds under a name; a method reads names of its own."""
    if is_stable(owner.__module__):
        return [], None
    label = f"{owner.__module__}.{owner.__qualname__}.{name}"
    found = [Read(("class", id(owner), name), label, lambda: attribute(owner, name), value, None, owner)]
    inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    if isinstance(inner, FunctionType):
        return found, inner
    if is_object(value):
        get = shaped(lambda: attribute(owner, name))
        found.append(Read(("shape", id(owner), name), label, get, shape_of(value), None, owner))
    return found, None


def changed_row(funcs: Iterable[Func], values: Iterable[object], since: int) -> str:
    """The name of a known function whose row was entered or changed since a version; empty for none."""
    for func in funcs:
        for op in walk(func.body):
            d = op.fn if isinstance(op, Apply) else None
            d = d.behind or d if isinstance(d, Def) else None
            if d is not None and (d.changed > since or table.lookup(d.fn) not in (d, None)):
                return d.name
    for value in values:
        row = table.lookup(value) if callable(value) else None
        if row is not None and row.changed > since:
            return row.name
    return ""


FUNCTIONS = (FunctionType, DerivativeFunction)


def differentiated(fn: Any) -> Any:
    """The function whose derivative this is, itself for any other."""
    while (found := fn.__dict__.get(MARK)) is not None and isinstance(found[1], FUNCTIONS):
        fn = found[1]
    return fn


def _read(fn: FunctionType, kind: str, name: str, value: object, known: Mapping[str, object]) -> Read | None:
    if kind == "import":
        return _imported(fn, name, value)
    base, _, attr = name.rpartition(".")
    if base:
        owner = known.get(base, MISSING)
        if owner is MISSING or (isinstance(owner, ModuleType) and is_stable(owner.__name__)):
            return None
        home = owner.__name__ if isinstance(owner, ModuleType) else base
        return Read(place_of(owner, attr), f"{home}.{attr}", lambda: getattr(owner, attr, MISSING), value, fn, owner)
    if kind == "cell":
        cell = dict(zip(fn.__code__.co_freevars, fn.__closure__ or ()))[name]
        label = f"{name}, captured by {fn.__module__}.{fn.__qualname__},"
        return Read(("cell", id(cell), ""), label, lambda: cell.cell_contents, value, fn, cell)
    names = fn.__globals__
    label = f"{names.get('__name__', '?')}.{name}"
    if kind == "global":
        return Read(("global", id(names), name), label, lambda: names.get(name, MISSING), value, fn, names)
    if kind == "builtin":
        return Read(("global", id(names), name), label, lambda: names.get(name, value), value, fn, names)
    return None


def _imported(fn: FunctionType, name: str, value: object) -> Read | None:
    module, _, attr = name.partition(":")
    if is_stable(module):
        return None
    place = place_of(sys.modules.get(module), attr)
    return Read(place, name.rstrip(":").replace(":", "."), from_module(name), value, fn, sys.modules.get(module))
