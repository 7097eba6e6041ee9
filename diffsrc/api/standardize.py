"""`ds.standardize`: arguments are converted at the door, and compiled once behind it."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType
from typing import Any, TypeVar

from ..defs.door import DOOR, GENERATOR, Door, door_of
from ..errors import ActivityError, UnsupportedError
from .rewrite import remade

F = TypeVar("F", bound=Callable[..., Any])


def standardize(**converters: Callable[[Any], Any]) -> Callable[[F], F]:
    """Convert arguments at the door of a function, and compile it once behind it.

    Calls with a list, a tuple, an array of integers or one of floats are then one instance, where each would be compiled for
    itself. The decorated function converts wherever it is called: in Python, by an entry point such as `ds.grad`, and in
    programs that are compiled.

    Gradients, tangents and shadows have the structure of what the converter returns: with `x=np.asarray` the gradient for a
    list is an array. The conversion itself isn't differentiated by entry points, which are about the converted argument.
    Where it is differentiated, an array of integers that a converter returned counts as one of floats, as a Python int does.
    Types given as text (`ds.precompile`, `ds.code_source`) are those behind the door.

    Args:
        converters: for each parameter the function of one argument that its values go through; defaults go through it too.

    Returns:
        A decorator.

    Raises:
        ActivityError: the function has no parameter of that name, or it is `*args` or `**kwargs`.
        UnsupportedError: what is decorated isn't a Python function.

    >>> @standardize(x=np.asarray)
    ... def energy(x): return np.sum(x * x)
    >>> ds.grad(energy)([1, 2, 3])
    array([2., 4., 6.])
    """

    def decorate(f: F) -> F:
        return _with_door(f, converters)  # type: ignore[return-value]

    return decorate


def _with_door(f: Any, converters: dict[str, Callable[[Any], Any]]) -> FunctionType:
    if not isinstance(f, FunctionType):
        raise UnsupportedError(f"{f!r} isn't a Python function", hint="decorate the function itself, below other decorators")
    inner = door_of(f)
    behind = f if inner is None else inner.fn
    if inner is not None:
        converters = {**inner.converters, **{n: _after(c, inner.converters.get(n)) for n, c in converters.items()}}
    parameters = inspect.signature(behind, follow_wrapped=False).parameters
    for name in converters:
        if name not in parameters or parameters[name].kind in (_ARGS, _KWARGS):
            raise ActivityError(f"{f.__name__} has no parameter {name!r} to convert", hint=f"it has {', '.join(parameters)}")
    calls = behind if inner is None or inner.generate is None else behind.__dict__[GENERATOR].calling
    new = _made(behind, calls, converters)
    functools.update_wrapper(new, f)
    new.__dict__[DOOR] = Door(behind, converters) if inner is None else replace(inner, converters=converters)
    return new


_ARGS, _KWARGS = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD


def _after(outer: Callable[[Any], Any], inner: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """First the converter of the outer door, as calls go."""
    return outer if inner is None else lambda value: inner(outer(value))


def _made(fn: FunctionType, calls: object, converters: dict[str, Callable[[Any], Any]]) -> FunctionType:
    """The function that converts and calls: `def energy(x, k=2.0): return behind(convert_x(x), k)`."""
    signature = inspect.signature(fn, follow_wrapped=False)
    taken = set(signature.parameters)
    behind = _free("behind", taken)
    names = {n: _free(f"convert_{n}", taken) for n in converters}
    passed = []
    for p in signature.parameters.values():
        value = f"{names[p.name]}({p.name})" if p.name in names else p.name
        marks: dict[object, str] = {_ARGS: "*", _KWARGS: "**", p.KEYWORD_ONLY: f"{p.name}="}
        passed.append(marks.get(p.kind, "") + value)
    name = fn.__name__ if fn.__name__.isidentifier() else "standardized"
    (node,) = ast.parse(f"def {name}{bare(signature)}:\n    return {behind}({', '.join(passed)})").body
    assert isinstance(node, ast.FunctionDef)
    ast.increment_lineno(node, fn.__code__.co_firstlineno - 1)
    return remade(fn, node, {behind: calls, **{names[n]: c for n, c in converters.items()}})


def bare(signature: inspect.Signature) -> str:
    """The text of a signature, in which defaults only show that there are some: functions made of it are given them."""
    parameters = [
        p.replace(annotation=p.empty, default=p.empty if p.default is p.empty else ...) for p in signature.parameters.values()
    ]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty)).replace("Ellipsis", "...")


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
