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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from ..compiler.prints import note_rule
from ..defs import table
from ..defs.classes import attribute
from ..defs.overwriting import overwriting
from ..defs.ruled import Halves, answer, one_argument, seen
from ..defs.special import is_known_in_texts
from ..defs.table import ArgRule, Def
from ..errors import ActivityError, DiffTypeError, NoRuleError
from ..ir.types import Array, Scalar, Type, strip
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
    """Whether a function, or the constructor of a class, can be looked into."""
    return isinstance(fn, FunctionType) or (isinstance(fn, type) and isinstance(attribute(fn, "__init__"), FunctionType))


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
    _check_names(fn, partials, facts.get("params", "xyzw"))
    note_rule(fn, "elementwise", *partials, facts)
    return table.elementwise(fn, *partials, name=facts.pop("name", name_of(fn)), own=is_own(fn), **facts)


def _check_names(fn: Function, partials: Sequence[str | None], params: Sequence[str]) -> None:
    """Refuse texts that say something else than what they are evaluated over."""
    for text in partials:
        try:
            names = table.parsed(text).free if text is not None else ()
        except SyntaxError:
            raise ActivityError(f"the partial derivative {text!r} of {name_of(fn)} is no expression") from None
        unknown = [n for n in names if n not in (*params, "out") and not is_known_in_texts(n)]
        if unknown:
            raise ActivityError(
                f"the partial derivative {text!r} of {name_of(fn)} names {unknown[0]!r}, which isn't in NumPy",
                hint="it is an expression over x, y, z, w, out and functions of NumPy; write anything else as a rule",
            )


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

    The rule of a method (`ds.rule(Class.method)`) or of a property takes `self` as an argument: `jvp` gets its tangent with a
    tangent per field, `vjp` gives a dict of cotangents by field (None instead: no field has a derivative; where one is active
    the call is refused then). The rule of a class is that of its constructor, and the other way round: `jvp` gives a dict of
    tangents by field, `vjp` gets a cotangent with one for each field. Fields that keep an argument as it is need no rule.

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
    """The function that a rule is for: of a property the one that computes it, of a bound classmethod the one that it binds.

    Raises:
        ActivityError: it is no function.
    """
    if isinstance(fn, property) and fn.fget is not None:
        return fn.fget
    if isinstance(fn, partial):
        raise ActivityError("a rule for a function with arguments given beforehand", hint="write a rule for the function itself")
    if not callable(fn):
        raise ActivityError(f"a rule for an object of the class {type(fn).__name__}, which can't be called")
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
    found = _of_one(row, cls, arg, needs) if arg is not None else _of_all(row, cls, needs)
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


def _of_one(row: Def, cls: type, arg: int, needs: Sequence[str] | None) -> dict[int, ArgRule]:
    jvp, vjp = _functions(row, cls)

    def reverse(ct: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        if needs is not None:
            out, *args = seen(row, _parameters(row.fn), frozenset(needs), out, args)  # type: ignore[assignment]
        return answer(row, vjp, ct, out, *args, **kwargs)

    return {arg: ArgRule(partial(answer, row, jvp), reverse)}


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


def _of_all(row: Def, cls: type, needs: Sequence[str] | None) -> dict[int, ArgRule]:
    jvp, vjp = _functions(row, cls)
    count = _count(row, cls.__dict__)
    own = _parameters(row.fn)
    if own and isinstance(row.fn, FunctionType | type) and count < len(own):
        raise ActivityError(
            f"the rule {cls.__name__} of {row.name} takes {count} arguments, the function {len(own)}",
            hint="vjp takes all arguments and the cotangent, jvp all arguments and their tangents",
        )
    row.halves = rule = Halves(jvp, vjp, own, None if needs is None else frozenset(needs))
    return {i: one_argument(row, rule, i) for i in range(count)}


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


def _stop_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    t: Type = strip(args[0])
    if not isinstance(t, (Scalar, Array)):
        raise DiffTypeError(f"stop_gradient of {t} in a differentiated function", hint="take it leaf by leaf")
    return t


table.register(Def("stop_gradient", stop_gradient, "zero", types=_stop_type))
