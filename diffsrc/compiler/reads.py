"""What compiled code read from outside: each `Read` is one name, with what it stood for and how to look again.

It is kept light, because what comes from the disk cache is guarded by it too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType, ModuleType

from ..defs.records import children
from ..errors import DiffsrcError
from ..ir.types import Type
from ..plain import dataclass

#: reads the current value of one name
Getter = Callable[[], object]

_STABLE = ("numpy", "math", "builtins", "operator", "functools", "itertools", "scipy", "diffsrc")
MISSING = object()


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """One thing that was read. `place` tells things apart (what is read there by whom doesn't matter); `reader` is the
    function that reads it."""

    place: tuple[str, int, str]
    what: str
    get: Getter
    value: object
    reader: object = None
    #: kept, so that `place` isn't another's
    owner: object = None

    def holds(self) -> bool:
        """Whether the same is there now."""
        now = self.get()
        return now is self.value or same(now, self.value)

    @property
    def cause(self) -> str:
        """What happened to it, in words."""
        now = self.get()
        if self.place[0] == "code":
            return f"{self.what} was given other code"
        if self.place[0] == "defaults":
            return f"the defaults of {self.what} changed"
        if self.place[0] == "shape":
            return f"the type of {self.what} changed: {_brief(self.value)} -> {_brief(now)}"
        if now is MISSING:
            return f"{self.what} was deleted"
        if isinstance(self.value, FunctionType) and isinstance(now, FunctionType):
            return f"{self.what} was redefined"
        return f"{self.what} was rebound: {_brief(self.value)} -> {_brief(now)}"


def _brief(value: object) -> str:
    if isinstance(value, (type, FunctionType)):
        return value.__qualname__
    text = str(value) if isinstance(value, Type) else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def place_of(owner: object, attr: str) -> tuple[str, int, str]:
    """The place of an attribute: of a module it is that of the global."""
    return ("global", id(vars(owner)), attr) if isinstance(owner, ModuleType) else ("attribute", id(owner), attr)


def is_object(value: object) -> bool:
    """Whether a value read from outside is a container or instance, whose types were compiled in."""
    return not isinstance(value, (type, ModuleType, FunctionType)) and children(value) is not None


def shape_of(value: object) -> object:
    """The type of an object as compiled code knows it."""
    from ..analysis.typeof import typeof

    try:
        return typeof(value)
    except DiffsrcError:
        return tuple(map(shape_of, value)) if isinstance(value, list) else None


def shaped(getter: Getter) -> Getter:
    """Reads the type of what another reads."""
    return lambda: shape_of(getter())


def is_stable(module: str | None) -> bool:
    """Whether a module's names are taken to stay what they are."""
    return (module or "").split(".")[0] in _STABLE


def same(a: object, b: object) -> bool:
    """Whether two values are the same to compiled code."""
    if isinstance(a, Type):
        return a == b
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b if isinstance(a, int) else isinstance(a, (float, complex, str)) and repr(a) == repr(b))


def from_module(name: str) -> Getter:
    """Reads "module:attribute", or a module."""
    module, _, attr = name.partition(":")
    if not attr:
        return lambda: sys.modules.get(module, MISSING)
    return lambda: getattr(sys.modules.get(module), attr, MISSING)
