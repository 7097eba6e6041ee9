"""Functions with a door: arguments are changed before they enter, and what is compiled lies behind it.

A function with a door is an ordinary Python function, which calls converters and what is behind:

    def energy(x, k=2.0):
        return behind(convert_x(x), k)

Programs that call it are compiled as that; an entry point converts the values of a call itself,
and compiles what is behind. What is behind may also be made of the types that arguments have there (`ds.generated`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from types import CodeType, FunctionType, MethodType
from typing import Any

from ..ir.types import Type
from ..plain import dataclass

DOOR = "__diffsrc_door__"


@dataclass(frozen=True, slots=True)
class Door:
    """The function behind a door, and what converts its arguments, by name. With `generate`, `fn` is a function of types that
    has the parameters of those which are made; `choose` finds one for values.
    """

    fn: FunctionType
    converters: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    generate: Callable[[tuple[Type, ...]], FunctionType] | None = None
    choose: Callable[[Sequence[Any]], FunctionType] | None = None
    #: gives what tells whether `choose` still gives for the same types what it gave last
    watch: Callable[[], Callable[[], bool]] | None = None
    #: the types for which `generate` made a function
    made: Callable[[FunctionType], tuple[Type, ...] | None] | None = None

    def types_of(self, made: FunctionType) -> tuple[Type, ...] | None:
        """The types that a function was made for."""
        return None if self.made is None else self.made(made)

    def behind(self, types: Callable[[], tuple[Type, ...]]) -> FunctionType:
        """The function for arguments whose types `types` tells."""
        return self.fn if self.generate is None else self.generate(types())


def door_of(f: Any) -> Door | None:
    """The door of a function, or of that behind a method, a partial or an object that is called."""
    while not isinstance(f, FunctionType):
        if isinstance(f, MethodType):
            f = f.__func__
        elif hasattr(f, "func"):
            f = f.func
        elif isinstance(call := inspect.getattr_static(type(f), "__call__", None), FunctionType):
            f = call
        else:
            return None
    found = f.__dict__.get(DOOR)
    return found if isinstance(found, Door) else None


#: marks functions that are run while others are compiled, and the state that they have
GENERATOR = "__diffsrc_generator__"


def outside_names(fn: FunctionType) -> list[tuple[str, str, object]]:
    """The names from outside that a function reads which is run, not compiled, as lowering gives those of others."""
    cells = zip(fn.__code__.co_freevars, fn.__closure__ or ())
    found: list[tuple[str, str, object]] = [("cell", n, c.cell_contents) for n, c in cells]
    names = fn.__globals__
    return found + [("global", n, names[n]) for n in dict.fromkeys(names_in(fn.__code__)) if n in names]


def names_in(code: CodeType) -> Iterator[str]:
    """The names that code, and functions inside it, may read."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names_in(inner)
