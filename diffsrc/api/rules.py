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

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from ..compiler.prints import note_rule
from ..defs import table
from ..defs.overwriting import overwriting
from ..defs.table import ArgRule, Def
from ..errors import ActivityError, DiffsrcError, DiffTypeError, NoRuleError
from ..ir.types import Array, Dict, Scalar, Struct, Type, Union, strip
from ..runtime.stop import stop_gradient

Function = Callable[..., Any]


def name_of(fn: Function) -> str:
    """The name of a row: the function's own, with its module where that is taken."""
    name = getattr(fn, "__name__", type(fn).__name__)
    if (getattr(fn, "__module__", None) or "").split(".")[0] in ("numpy", "math", "builtins", "_operator"):
        return table.name_of(fn)
    other = table.BY_NAME.get(name)
    return name if other is None or other.fn is fn else table.name_of(fn)


def is_own(fn: Function) -> bool:
    """Whether a function can be looked into."""
    return isinstance(fn, FunctionType)


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
    return table.elementwise(fn, *partials, name=facts.pop("name", name_of(fn)), own=is_own(fn), **facts)


def zero(*fns: Function, **facts: Any) -> Function:
    """Functions whose result never carries a derivative."""
    for fn in fns:
        note_rule(fn, "zero", facts)
        table.register(Def(name_of(fn), fn, "zero", own=is_own(fn), **facts))
    return fns[0]


def linear(fn: Function, arg: int = 0, **facts: Any) -> Callable[[Function], Function]:
    """A function that is linear in one argument: the decorated function `(ct, out, *args)` is its
    transpose.
    """
    if table.lookup(fn) is None:
        table.general(fn, name=name_of(fn), linear=True, own=is_own(fn), **facts)
    enter = table.linear(fn, arg)

    def noted(transpose: Function) -> Function:
        note_rule(fn, "linear", arg, facts, transpose)
        return enter(transpose)

    return noted


def rule(
    fn: Function, arg: int | None = None, *, overwritten: Sequence[str] = (), needs: Sequence[str] | None = None, **facts: Any
) -> Callable[[type], type]:
    """The derivative of a function, as a class with `jvp` and `vjp` in plain NumPy.

    With `arg`, of one argument: `jvp(dot, out, *args)` and `vjp(ct, out, *args)`. Without, of all arguments:
    `jvp(*args, *dots, out=...)` gives the tangent of the result and `vjp(*args, ct, out=...)` a tuple of one cotangent per
    argument (None: the derivative with respect to it is zero). One of the two may be missing: the mode that asks for it is
    refused then. A derivative by an argument that no rule speaks of is refused.

    The rule of a method (`ds.rule(Class.method)`) takes `self` as an argument, whose cotangent is None.

    Parameters:
        fn: The function: in Python or another language.
        arg: The position of the only argument that the rule is for.
        overwritten: Names of array arguments whose contents the function replaces. To the rule the function has no
            effect: it is handed their contents before the call, and their new contents count as further results, after the
            result itself unless that is None. So `jvp` gives one more tangent for each, `vjp` takes one more cotangent for
            each (before `out`), and the cotangent that it gives for such an argument is that of its contents before the
            call. A function that writes what isn't declared is refused.
        needs: Names of the arguments (or "out") whose contents `vjp` reads: they are kept where the program overwrites them
            before the reverse sweep. Unless given, what `vjp` reads decides. Of others it may ask for `shape`, `ndim`,
            `dtype` and `size`.
        facts: Facts of the row, as `raises=True`.

    Example:
        >>> def scale(y, k):  # y *= k, by a library
        ...     library.scale(y, k)
        >>> @ds.rule(scale, overwritten=("y",))
        ... class _:
        ...     def jvp(y, k, dy, dk, *, out): return k * dy + y * dk
        ...     def vjp(y, k, ct, *, out): return k * ct, np.sum(y * ct)
    """
    target = function_behind(fn)

    def noted(cls: type) -> type:
        note_rule(target, "rule", arg, facts, list(overwritten), list(needs) if needs is not None else None, cls)
        table.register(row_with(target, cls, arg, tuple(overwritten), needs, facts))
        return cls

    return noted


def function_behind(fn: Function) -> Function:
    """The function that a rule is for: of a bound classmethod the one that it binds.

    Raises:
        ActivityError: it is a class.
    """
    if isinstance(fn, type) and fn.__init__ is not object.__init__ and fn.__module__.split(".")[0] != "numpy":  # type: ignore[misc]
        raise ActivityError(
            f"a rule for the class {fn.__name__}, whose instances hold one derivative per field",
            hint="write rules for its methods, or for the functions that compute its fields",
        )
    return fn.__func__ if isinstance(fn, MethodType) else fn


def row_with(
    fn: Function, cls: type, arg: int | None, overwritten: tuple[str, ...], needs: Sequence[str] | None, facts: Mapping[str, Any]
) -> Def:
    """A row with the rule, and what was known of the function before."""
    old = table.lookup(fn)
    if old is None:
        row = Def(name_of(fn), fn, "general", own=is_own(fn))
    elif old.family == "general":
        row = replace(old, rules=dict(old.rules))
    else:
        if arg is not None and len(old.params) > 1:
            raise ActivityError(
                f"a rule for one argument of {old.name}, whose derivatives are one text", hint="give those of all arguments"
            )
        row = replace(old, family="general", types=old.infer, params=(), partials=(), rules={})
    row = replace(row, **dict(facts))
    names = _parameters(fn)
    unknown = [n for n in (*overwritten, *(needs or ())) if n not in (*names, "out")]
    if unknown:
        raise ActivityError(f"{row.name} has no parameter {unknown[0]!r}", hint=f"it has {', '.join(names)}")
    row.overwritten = tuple(sorted(names.index(n) for n in overwritten))
    found = _of_one(row, cls, arg) if arg is not None else _of_all(row, cls)
    if needs is not None:
        found = {i: replace(r, vjp=_reading(row, r.vjp, names, frozenset(needs))) for i, r in found.items()}
    if row.overwritten:
        pure = overwriting(fn, row.overwritten)
        table.register(Def(pure.__name__, pure, "general", rules=found, own=True))
    else:
        row.rules.update(found)
    return row


def _parameters(fn: Function) -> tuple[str, ...]:
    try:
        return tuple(n for n, p in inspect.signature(fn).parameters.items() if p.kind is not p.KEYWORD_ONLY)
    except (TypeError, ValueError):  # a function in C may have none
        return ()


def _of_one(row: Def, cls: type, arg: int) -> dict[int, ArgRule]:
    jvp, vjp = _functions(row, cls)
    return {arg: ArgRule(_answering(row, jvp), _answering(row, vjp))}


def _functions(row: Def, cls: type) -> tuple[Function, Function]:
    """Both halves of a rule; one that is missing refuses."""
    found = [getattr(f := cls.__dict__.get(n), "__func__", f) for n in ("jvp", "vjp")]
    if found == [None, None]:
        raise ActivityError(f"the rule {cls.__name__} of {row.name} has neither jvp nor vjp")
    return found[0] or _missing(row, "jvp", "forward"), found[1] or _missing(row, "vjp", "reverse")


def _missing(row: Def, half: str, mode: str) -> Function:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise NoRuleError(f"the rule of {row.name} has no {half}, which {mode} mode needs", hint=f"write a {half} as well")

    return refuse


def _of_all(row: Def, cls: type) -> dict[int, ArgRule]:
    jvp, vjp = _functions(row, cls)
    count = _count(row, cls.__dict__)
    own = _parameters(row.fn)
    if own and isinstance(row.fn, FunctionType) and count < len(own):
        raise ActivityError(
            f"the rule {cls.__name__} of {row.name} takes {count} arguments, the function {len(own)}",
            hint="vjp takes all arguments and the cotangent, jvp all arguments and their tangents",
        )
    return {i: _one_argument(row, jvp, vjp, i, count) for i in range(count)}


def _count(row: Def, body: Mapping[str, Any]) -> int:
    """How many arguments a rule speaks of."""
    if row.overwritten:
        return len(_parameters(row.fn))
    for name in ("vjp", "jvp"):
        f = getattr(body.get(name), "__func__", body.get(name))
        if f is None:
            continue
        given = [p for p in inspect.signature(f).parameters.values() if p.kind is not p.KEYWORD_ONLY and p.name != "out"]
        if any(p.kind is p.VAR_POSITIONAL for p in given):
            return len(_parameters(row.fn))
        return len(given) // 2 if name == "jvp" else len(given) - 1
    return 0


def _one_argument(row: Def, jvp: Function, vjp: Function, i: int, count: int) -> ArgRule:
    jvp, vjp = _answering(row, jvp), _answering(row, vjp)

    def forward(dot: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_instance(row, dot)
        dots = [dot if k == i else _zero_like(args[k]) for k in range(len(args))]
        return jvp(*args, *dots, out=_result(out, row), **kwargs)

    def reverse(ct: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        cts = tuple(ct) if row.overwritten and isinstance(ct, (tuple, list)) else (ct,)
        found = vjp(*args, *cts, out=_result(out, row), **kwargs)
        if not isinstance(found, (tuple, list)):
            found = (found,)
        if len(found) != len(args):
            raise DiffTypeError(f"the rule of {row.name} gives {len(found)} cotangents for {len(args)} arguments")
        _refuse_instance(row, args[i])
        return found[i]

    return ArgRule(forward, reverse)


def _refuse_instance(row: Def, active: Any) -> None:
    """Refuse an active argument that has derivatives by field: a rule that says None might mean that it doesn't know them."""
    if isinstance(getattr(active, "type", None), Struct | Dict | Union):
        raise NoRuleError(
            f"the rule of `{row.name}` has no derivative with respect to an argument of type {active.type}, which is active",
            hint="pass what is differentiated as an argument of its own",
        )


def _result(out: Any, row: Def) -> Any:
    """What the function itself returns, of the results of the one without effects."""
    if not row.overwritten:
        return out
    if not isinstance(out, (tuple, list)):
        return None
    return out[0] if len(out) > len(row.overwritten) else None


def _zero_like(value: Any) -> Any:
    """The tangent of an argument that has none."""
    if isinstance(value, (str, bytes, type(None))) or callable(value):
        return None
    try:
        return np.zeros_like(value)
    except DiffsrcError:  # an instance, a list
        return None


def _answering(row: Def, half: Function) -> Function:
    """A half of a rule, whose errors are told as the rule's."""

    @functools.wraps(half)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return half(*args, **kwargs)
        except DiffsrcError:
            raise
        except Exception as err:
            raise DiffTypeError(
                f"the rule of {row.name} fails: {type(err).__name__}: {err}",
                hint="a rule is NumPy on arrays whose contents aren't known yet: it can't branch on them",
            ) from err

    return run


def _reading(row: Def, vjp: Function, names: Sequence[str], needs: frozenset[str]) -> Function:
    """A vjp that sees only the contents that it says it needs."""

    def run(ct: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        seen = [a if n in needs or not hasattr(a, "operand") else Unneeded(a, n) for n, a in zip(names, args)]
        return vjp(ct, out if "out" in needs or row.overwritten else Unneeded(out, "out"), *seen, *args[len(seen) :], **kwargs)

    return run


class Unneeded:
    """Stands for an argument whose contents a rule doesn't read."""

    __slots__ = ("_name", "_value")

    def __init__(self, value: Any, name: str) -> None:
        self._value, self._name = value, name

    def __getattr__(self, name: str) -> Any:
        if name in ("shape", "ndim", "dtype", "size"):
            return getattr(self._value, name)
        if name in ("type", "operand"):
            raise AttributeError(name)
        raise DiffTypeError(f"a rule reads `{self._name}`, which its `needs` doesn't name")

    def __array_function__(self, fn: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if fn in (np.zeros_like, np.ones_like, np.shape, np.ndim, np.size):
            return fn(self._value, *args[1:], **kwargs)
        return self._refused()

    def _refused(self, *args: Any, **kwargs: Any) -> Any:
        raise DiffTypeError(f"a rule reads `{self._name}`, which its `needs` doesn't name")


for _name_of_method in (
    "__array_ufunc__", "__getitem__", "__iter__", "__neg__", "__abs__", "__float__", "__bool__",
    "__lt__", "__le__", "__gt__", "__ge__",
    *(f"__{side}{op}__" for side in ("", "r") for op in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")),
):  # fmt: skip
    setattr(Unneeded, _name_of_method, Unneeded._refused)


def _stop_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    t: Type = strip(args[0])
    if not isinstance(t, (Scalar, Array)):
        raise DiffTypeError(f"stop_gradient of {t} in a differentiated function", hint="take it leaf by leaf")
    return t


table.register(Def("stop_gradient", stop_gradient, "zero", types=_stop_type))
