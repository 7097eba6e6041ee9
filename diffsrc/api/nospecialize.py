"""`ds.nospecialize`: one instance for all types of an argument."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

from ..defs.door import GENERATOR
from ..defs.unspecialized import NAMES, parameters
from ..errors import ActivityError, UnsupportedError
from .signature import unwrap

F = TypeVar("F", bound=Callable[..., Any])


def nospecialize(*names: str) -> Callable[[F], F]:
    """Don't specialise a function on the types of some arguments: entry points compile one derivative for all of them.

    The annotation `ds.Any` of a parameter says the same. Where such an argument isn't differentiated its type is `Any`: what is
    done with it is left to Python at run time, and it may be anything, also what diffsrc has no type for. What enters a
    computation with active values has to be made a number first (`float(options["rate"])`), since the type of a result must be
    known there; the compiler says where. An argument that is differentiated is specialised on, whether it is named or not; so
    are arguments of calls inside a compiled program, whose types are known, and arrays that share memory with another argument
    which the function writes.

    Args:
        names: of the parameters.

    Returns:
        A decorator, which gives back the function itself.

    Raises:
        ActivityError: the function has no parameter of that name.
        UnsupportedError: what is decorated isn't a Python function, or is generated from types.

    >>> @nospecialize("options")
    ... def loss(x, options): return x * float(len(options))
    >>> [ds.grad(loss)(2.0, options) for options in ([1, 2, 3], "ab", {"a": object()})]
    [3.0, 2.0, 1.0]
    """

    def decorate(f: F) -> F:
        fn = unwrap(f)[0] if isinstance(f, FunctionType) else None
        if not isinstance(fn, FunctionType):
            raise UnsupportedError(f"{f!r} isn't a Python function", hint="decorate the function itself")
        if GENERATOR in fn.__dict__:
            raise UnsupportedError(f"{fn.__qualname__} is generated from the types of its arguments", hint="leave out one")
        known = parameters(fn.__code__)
        for name in names:
            if name not in known:
                raise ActivityError(f"{fn.__name__} has no parameter {name!r}", hint=f"it has {', '.join(known)}")
        fn.__dict__[NAMES] = frozenset(names) | fn.__dict__.get(NAMES, frozenset())
        return f

    return decorate
