"""Guards: is what a function read from outside, when it was compiled, still there?

Globals, closure cells and attributes of the user's modules and classes, of the function and of the user
functions that it calls. Names of NumPy, math and the builtins are taken to stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..analysis.typeof import typeof
from ..defs.classes import attribute
from ..defs.transforms import MARK
from ..errors import DiffsrcError
from ..ir.types import Type
from .trees import children

#: reads the current value of one name
Getter = Callable[[], object]

_STABLE = ("numpy", "math", "builtins", "operator", "functools", "itertools", "scipy", "diffsrc")
_MISSING = object()


class Guard:
    """The outside names of one compiled function with the values they had."""

    __slots__ = ("reads",)

    def __init__(self, fn: Callable[..., Any], outside: Mapping[tuple[type, str], object] | None = None) -> None:
        self.reads: list[tuple[Getter, object]] = []
        seen: set[FunctionType] = set()
        if isinstance(fn, FunctionType):
            self._collect(fn, seen)
        for (owner, name), value in (outside or {}).items():
            self._collect_class(owner, name, value, seen)

    def holds(self) -> bool:
        """Whether every name still stands for what it did."""
        for get, value in self.reads:
            now = get()
            if now is not value and not _same(now, value):
                return False
        return True

    def _collect(self, fn: FunctionType, seen: set[FunctionType]) -> None:
        from ..errors import UnsupportedError
        from ..frontend.lower import dependencies

        if fn in seen or _is_stable(fn.__module__):
            return
        seen.add(fn)
        self.reads += [(lambda: fn.__code__, fn.__code__), (lambda: fn.__defaults__, fn.__defaults__)]
        try:
            reads = dependencies(fn)
        except UnsupportedError:  # a callee without source: it is known by a rule, or was called as it is
            return
        known: dict[str, object] = {name: value for _, name, value in reads}
        for kind, name, value in reads:
            getter = _getter(fn, kind, name, known)
            if getter is not None and not (isinstance(value, ModuleType) and _is_stable(value.__name__)):
                self.reads.append((getter, value))
            if getter is not None and is_object(value):
                self.reads.append((_shaped(getter), _shape_of(value)))
            if isinstance(value, FunctionType):
                self._collect(_differentiated(value), seen)


    def _collect_class(self, owner: type, name: str, value: object, seen: set[FunctionType]) -> None:
        """What a class holds under a name; a method reads names of its own."""
        if _is_stable(owner.__module__):
            return
        self.reads.append((lambda: attribute(owner, name), value))
        inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(inner, FunctionType):
            self._collect(inner, seen)
        elif is_object(value):
            self.reads.append((lambda: _shape_of(attribute(owner, name)), _shape_of(value)))


def is_object(value: object) -> bool:
    """Whether a value read from outside is a container or instance, whose types were compiled in."""
    return not isinstance(value, (type, ModuleType, FunctionType)) and children(value) is not None


def _shape_of(value: object) -> object:
    """The type of an object as compiled code knows it."""
    try:
        return typeof(value)
    except DiffsrcError:
        return tuple(map(_shape_of, value)) if isinstance(value, list) else None


def _differentiated(fn: FunctionType) -> FunctionType:
    """The function whose derivative this is, itself for any other."""
    while (found := fn.__dict__.get(MARK)) is not None and isinstance(found[1], FunctionType):
        fn = found[1]
    return fn


def _shaped(getter: Getter) -> Getter:
    return lambda: _shape_of(getter())


def _is_stable(module: str | None) -> bool:
    return (module or "").split(".")[0] in _STABLE


def _getter(fn: FunctionType, kind: str, name: str, known: Mapping[str, object]) -> Getter | None:
    base, _, attr = name.rpartition(".")
    if base:
        owner = known.get(base, _MISSING)
        if owner is _MISSING or (isinstance(owner, ModuleType) and _is_stable(owner.__name__)):
            return None
        return lambda: getattr(owner, attr, _MISSING)
    if kind == "cell":
        cell = dict(zip(fn.__code__.co_freevars, fn.__closure__ or ()))[name]
        return lambda: cell.cell_contents
    if kind == "global":
        names = fn.__globals__
        return lambda: names.get(name, _MISSING)
    return None


def _same(a: object, b: object) -> bool:
    if isinstance(a, Type):
        return a == b
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and (a == b if isinstance(a, int) else isinstance(a, (float, complex, str)) and repr(a) == repr(b))
