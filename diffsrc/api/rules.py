"""The rule table's doors for users: `ds.elementwise`, `ds.linear`, `ds.zero`, `ds.rule`.

They are those of `defs.table`, with the function's own name in dumps. A derivative that used another rule is compiled
again. Rules of functions written in other languages, or of Python functions whose derivative is known better::

    @ds.elementwise("1 - out**2")
    def squash(x): return libm_tanh(x)

    @ds.rule(solve_tridiagonal, arg=1)
    class _:
        def jvp(dot, out, bands, b): return solve_tridiagonal(bands, dot)
        def vjp(ct, out, bands, b): return solve_tridiagonal(flip(bands), ct)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..compiler.prints import note_rule
from ..defs import table
from ..defs.table import ArgRule, Def
from ..errors import ActivityError, DiffTypeError
from ..ir.types import Array, Scalar, Type, strip
from ..runtime.stop import stop_gradient

Function = Callable[..., Any]


def _name(fn: Function) -> str:
    """The name of a row: the function's own, with its module where that is taken."""
    name = getattr(fn, "__name__", type(fn).__name__)
    if (getattr(fn, "__module__", None) or "").split(".")[0] in ("numpy", "math", "builtins", "_operator"):
        return table.name_of(fn)
    other = table.BY_NAME.get(name)
    return name if other is None or other.fn is fn else table.name_of(fn)


def elementwise(fn: Function | str, *partials: str | None, **facts: Any) -> Any:
    """The partial derivatives of an elementwise function, as NumPy text over its arguments `x`, `y`, `z`
    and `out`.

    Called with the function, or as a decorator: `@ds.elementwise("cos(x)")`.
    """
    if isinstance(fn, str) or fn is None:
        texts = (fn, *partials)

        def decorate(f: Function) -> Function:
            elementwise(f, *texts, **facts)
            return f

        return decorate
    note_rule(fn, "elementwise", *partials, facts)
    return table.elementwise(fn, *partials, name=facts.pop("name", _name(fn)), **facts)


def zero(*fns: Function, **facts: Any) -> Function:
    """Functions whose result never carries a derivative."""
    for fn in fns:
        note_rule(fn, "zero", facts)
        table.register(Def(_name(fn), fn, "zero", **facts))
    return fns[0]


def linear(fn: Function, arg: int = 0, **facts: Any) -> Callable[[Function], Function]:
    """A function that is linear in one argument: the decorated function `(ct, out, *args)` is its
    transpose.
    """
    if table.lookup(fn) is None:
        table.general(fn, name=_name(fn), linear=True, **facts)
    enter = table.linear(fn, arg)

    def noted(transpose: Function) -> Function:
        note_rule(fn, "linear", arg, facts, transpose)
        return enter(transpose)

    return noted


def rule(fn: Function, arg: int | None = None, **facts: Any) -> Callable[[type], type]:
    """The derivative of a function, as a class with `jvp` and `vjp` in plain NumPy.

    With `arg`, of one argument: `jvp(dot, out, *args)` and `vjp(ct, out, *args)`. Without, of all arguments:
    `jvp(*args, *dots, out=...)` gives the tangent of the result and `vjp(*args, ct, out=...)` a tuple of
    cotangents.
    """
    if table.lookup(fn) is None:
        table.general(fn, name=_name(fn), **facts)
    enter = table.derivative(fn, arg) if arg is not None else _all_arguments(fn)

    def noted(cls: type) -> type:
        note_rule(fn, "rule", arg, facts, cls)
        return enter(cls)

    return noted


def _all_arguments(fn: Function) -> Callable[[type], type]:
    def enter(cls: type) -> type:
        jvp, vjp = cls.__dict__.get("jvp"), cls.__dict__.get("vjp")
        if jvp is None or vjp is None:
            raise ActivityError(f"the rule {cls.__name__} needs both jvp and vjp")
        count = (
            sum(p.kind is not inspect.Parameter.KEYWORD_ONLY for p in inspect.signature(vjp).parameters.values()) - 1
        )
        d = table.lookup(fn)
        assert d is not None
        table.touch(d)
        for i in range(count):
            d.rules[i] = _one_argument(jvp, vjp, i, count)
        return cls

    return enter


def _one_argument(jvp: Function, vjp: Function, i: int, count: int) -> ArgRule:
    def forward(dot: Any, out: Any, *args: Any) -> Any:
        dots = [dot if k == i else np.zeros_like(args[k]) for k in range(count)]
        return jvp(*args, *dots, out=out)

    def reverse(ct: Any, out: Any, *args: Any) -> Any:
        found = vjp(*args, ct, out=out)
        return found[i] if isinstance(found, tuple) else found

    return ArgRule(forward, reverse)


def _stop_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    t: Type = strip(args[0])
    if not isinstance(t, (Scalar, Array)):
        raise DiffTypeError(f"stop_gradient of {t} in a differentiated function", hint="take it leaf by leaf")
    return t


table.register(Def("stop_gradient", stop_gradient, "zero", types=_stop_type))
