"""`ds.generated`: functions whose body is computed from the types of their arguments.

For `kernel(x)` with three numbers, what is made, compiled and run is the text

    def kernel(x):
        y0 = x[0]
        y1 = 0.5*y0 + x[1]
        y2 = 0.5*y1 + x[2]
        return y2

under a file name of its own, so that tracebacks, messages and debuggers show its lines.
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any, TypeVar

import numpy as np

from ..analysis.typeof import exact_types
from ..compiler.keys import type_key
from ..compiler.reads import MISSING, same
from ..defs.door import DOOR, GENERATOR, Door, names_in
from ..errors import UnsupportedError
from ..ir.types import Type
from ..plain import hexdigest
from ..source import Loc, register_generated
from .signature import Binder
from .standardize import bare

F = TypeVar("F", bound=Callable[..., Any])

_NUMBERS = frozenset({float, int, complex, np.float64, np.float32, np.int64})


def generated(f: F) -> F:
    """Make a function whose body is computed from the types of its arguments.

    What is decorated is called with types in the place of arguments, and returns the text of a body, in which the parameters
    are the arguments. It is called once per types; the functions that are made are compiled and differentiated like any other.
    The text may use the globals of the decorated function, and the variables that this captures, that is, names itself.

    An array's type has `.dims` and `.dtype`, and its text is such as `f64[10]`. At an entry point or in a plain call sizes are
    the numbers that they are; inside a compiled program those that are known when it is compiled are numbers, others names
    such as `"n"`.

    The text has to depend on nothing but the types and the names that the decorated function reads; when one of those is
    rebound, it is computed again.

    Returns:
        The function of arguments.

    Raises:
        UnsupportedError: what is decorated isn't a Python function; at a call: what it returned isn't the text of a body.

    >>> @generated
    ... def last(x):
    ...     return f"return x[{x.dims[0] - 1}] ** 2"
    >>> ds.grad(last)(np.array([1.0, 2.0, 3.0]))
    array([0., 0., 6.])
    """
    if not isinstance(f, FunctionType) or not f.__name__.isidentifier() or DOOR in f.__dict__:
        raise UnsupportedError(f"{f!r} isn't a plain function", hint="decorate the function itself, below other decorators")
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in inspect.signature(f, follow_wrapped=False).parameters.values()):
        raise UnsupportedError(f"{f.__qualname__} takes any number of arguments", hint="name a parameter for each argument")

    count = len(inspect.signature(f, follow_wrapped=False).parameters)

    @functools.wraps(f)
    def calling(*args: Any, **kwargs: Any) -> Any:
        fn = state.binder().bind(args, kwargs).fn if kwargs or len(args) != count else state.chosen(args)
        return fn(*args, **kwargs)

    state = f.__dict__[GENERATOR] = calling.__dict__[GENERATOR] = Generator(f, calling)  # type: ignore[arg-type]
    calling.__dict__[DOOR] = Door(f, generate=state.made, choose=state.chosen, watch=state.watch, made=state.types_of)
    return calling  # type: ignore[return-value]


class Generator:
    """What a function of types has made."""

    __slots__ = ("_binder", "_by_kinds", "_by_text", "_by_types", "_cells", "_code", "_names", "_turn", "_types", "calling", "fn")

    def __init__(self, fn: FunctionType, calling: FunctionType) -> None:
        self.fn, self.calling = fn, calling
        self._binder: Binder | None = None
        self._by_types: dict[object, FunctionType] = {}
        self._by_kinds: dict[object, FunctionType] = {}
        self._by_text: dict[str, FunctionType] = {}
        self._types: dict[FunctionType, tuple[Type, ...]] = {}
        self._turn = 0
        self._note()

    def binder(self) -> Binder:
        """Binds plain calls."""
        if self._binder is None:
            self._binder = Binder.of(self.calling)
        return self._binder

    def functions(self) -> list[FunctionType]:
        """The functions that were made."""
        return list(self._by_text.values())

    def made(self, types: tuple[Type, ...]) -> FunctionType:
        """The function for types; one for all types that have the same text.

        Raises:
            UnsupportedError: what the function of types returned isn't the text of a body.
        """
        self._look()
        key = tuple(map(type_key, types))
        if key not in self._by_types:
            self._by_types[key] = self._of_text(self._text(types), types)
        return self._by_types[key]

    def chosen(self, args: Sequence[Any]) -> FunctionType:
        """The function for the values of a call, whose sizes are known."""
        self._look()
        kinds = tuple(map(_kind, args))
        found = self._by_kinds.get(kinds) if None not in kinds else None
        if found is None:
            found = self.made(exact_types(tuple(args)))
            if None not in kinds:
                self._by_kinds[kinds] = found
        return found

    def _note(self) -> None:
        """Remember what the names that the function reads stand for."""
        fn = self.fn
        self._turn += 1
        self._code = fn.__code__
        self._names = [(name, fn.__globals__.get(name, MISSING)) for name in dict.fromkeys(names_in(fn.__code__))]
        self._cells = [(cell, cell.cell_contents) for cell in fn.__closure__ or ()]

    def holds(self) -> bool:
        """Whether they stand for the same now."""
        names = self.fn.__globals__
        for name, value in self._names:
            now = names.get(name, MISSING)
            if now is not value and not same(now, value):
                return False
        for cell, value in self._cells:
            now = cell.cell_contents
            if now is not value and not same(now, value):
                return False
        return self.fn.__code__ is self._code

    def watch(self) -> Callable[[], bool]:
        """Tells whether what was made last is still right."""
        turn = self._turn
        return lambda: self._turn == turn and self.holds()

    def _look(self) -> None:
        """Forget what was made of names that have been rebound."""
        if not self.holds():
            self._note()
            self._by_types.clear()
            self._by_kinds.clear()

    def _text(self, types: tuple[Type, ...]) -> str:
        given = zip(inspect.signature(self.fn, follow_wrapped=False).parameters.values(), types)
        named = {p.name: t for p, t in given if p.kind is p.KEYWORD_ONLY}
        text = self.fn(*types[: len(types) - len(named)], **named)
        if not isinstance(text, str) or not text.strip():
            raise UnsupportedError(
                f"{self.fn.__qualname__} returned {type(text).__name__ if not isinstance(text, str) else 'no text'}",
                loc=self._loc(), hint="return the text of the body: \"return x * x\"",
            )  # fmt: skip
        return textwrap.dedent(text).strip("\n")

    def _of_text(self, text: str, types: tuple[Type, ...]) -> FunctionType:
        if text not in self._by_text:
            self._by_text[text] = self._function(text, types)
            self._types[self._by_text[text]] = types
        return self._by_text[text]

    def types_of(self, made: FunctionType) -> tuple[Type, ...] | None:
        """The types that a function was made for first."""
        return self._types.get(made)

    def _function(self, text: str, types: tuple[Type, ...]) -> FunctionType:
        fn = self.fn
        shown = f"def {fn.__name__}{bare(inspect.signature(fn, follow_wrapped=False))}:\n{textwrap.indent(text, '    ')}\n"
        cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or ()))
        if cells:
            shown = f"def _around({', '.join(cells)}):\n{textwrap.indent(shown, '    ')}"
        file = f"<generated {fn.__name__}({', '.join(map(str, types))}) {hexdigest(shown.encode())[:8]}>"
        register_generated(file, shown)
        try:
            code = next(c for c in _codes(compile(shown, file, "exec")) if c.co_name == fn.__name__)
        except SyntaxError as err:
            raise UnsupportedError(
                f"the text that {fn.__qualname__} returned isn't Python: {err.msg}", loc=Loc(file, err.lineno or 1)
            ) from None
        made = FunctionType(code, fn.__globals__, fn.__name__, fn.__defaults__, tuple(cells[n] for n in code.co_freevars))
        made.__kwdefaults__, made.__module__, made.__qualname__ = fn.__kwdefaults__, fn.__module__, fn.__qualname__
        return made

    def _loc(self) -> Loc:
        return Loc(self.fn.__code__.co_filename, self.fn.__code__.co_firstlineno)


def _kind(x: Any) -> object:
    """What tells the type of a number or array with its sizes; None for anything else."""
    cls = type(x)
    return (x.dtype, x.shape) if cls is np.ndarray else cls if cls in _NUMBERS else None


def _codes(module: CodeType) -> Iterator[CodeType]:
    for code in module.co_consts:
        if isinstance(code, CodeType):
            yield code
            yield from _codes(code)
