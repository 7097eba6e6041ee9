"""The rule table: one `Def` per function that the compiler knows, and the doors by which rows enter it.

A derivative is given per argument, as two plain NumPy functions that run without the compiler::

    jvp(dot, out, *args, **kwargs) -> contribution of this argument's tangent `dot` to the tangent of `out`
    vjp(ct,  out, *args, **kwargs) -> cotangent of this argument (its shape), given the cotangent `ct` of `out`

The compiler calls the same two functions with *tracers* in place of arrays: everything that dispatches through
`__array_ufunc__`, `__array_function__`, operators, `.shape`, `.ndim`, `.dtype`, `.T`, indexing and array methods is
recorded as IR.  `.ndim`, `.dtype` and literal arguments (axis, keepdims, subscripts) are ordinary Python values there, so
a rule may branch on them; it must not branch on array contents (`np.where` selects), nor write arrays in place.

For a row made by `elementwise`, `jvp` is `dot * partial` and `vjp` is `ct * partial` summed over broadcast axes: the
compiler derives both from the partial's text.  In `select` rows the argument is chosen, not multiplied: where the mask
is false the contribution is exactly zero.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

from ..errors import DiffTypeError
from ..ir.types import Maybe, Type
from .packages import is_loading, load_for, load_named
from .packs import load_pack
from .solvers import Solver

Rule = Callable[..., Any]
#: (argument types, keyword types) -> result type; raises DiffTypeError
TypeRule = Callable[[tuple[Any, ...], Mapping[str, Any]], Type]


@dataclass(frozen=True, eq=False, slots=True)
class Partial:
    """A partial derivative as NumPy text over the argument names and `out`; `singular` marks one that may be infinite or
    nan where the function itself is not an error (a function of the arguments decides where literals matter).

    `fn` is set where the form hangs on literal arguments or dtypes: a Python function of the same names, traced as rules
    are. Its docstring is the text.

    `refusal` is set where no derivative is known: why, naming the argument; what is active there is refused."""

    text: str
    code: ast.expr
    free: frozenset[str]
    singular: bool | Callable[..., bool] = False
    fn: Callable[..., Any] | None = None
    refusal: str = ""

    def is_singular(self, args: Sequence[Any]) -> bool:
        """Whether the partial may be infinite or nan, given the arguments (tracers, or Python numbers for literals)."""
        return self.singular(*args) if callable(self.singular) else self.singular


@dataclass(frozen=True, slots=True)
class ArgRule:
    jvp: Rule
    vjp: Rule


@dataclass(eq=False, slots=True)
class Def:
    """What the compiler knows of one Python callable.

    name       as printed: "np.sin", "math.exp", "abs", "add" (an operator), ".T" (an attribute)
    family     elementwise | select | general | zero | opaque: how derivative and broadcasting work
    params     names of the leading arguments used in `partials` texts
    defaults   by name, where the signature doesn't tell: the parameters in order, with what they are if left out
    partials   elementwise: one per argument (None: that argument is never active); select: the mask of each argument
    rules      general: argument position, or name of one that is given by name only -> ArgRule
    alias      "fresh": the result is new memory or a number; "view": it shares memory with argument 0;
               "maybe": it is a view or a copy of the whole, as layout decides (reshape, ravel, asarray, diag)
               "readonly": it may share memory, but can't be written (broadcast_to): an adjoint has no such view, so it is
               refused where the memory is written
    writes     positions of arguments written in place
    raises     may raise for valid types (linalg, int conversions): kept by dead-code elimination in the forward sweep
    effect     "" | "io" | "random": never dropped, moved or repeated
    optional   argument 0 may be None: so is the result then
    cheap      recomputing costs about as much as saving and reading back one number
    refusals   general: argument position -> what is said where it is active; -1: why no argument has a rule
    domain     interval of test inputs; kink: the convention there, for the docs
    """

    name: str
    fn: Callable[..., Any]
    family: str
    params: tuple[str, ...] = ()
    partials: tuple[Partial | None, ...] = ()
    rules: dict[Any, ArgRule] = field(default_factory=dict)
    types: TypeRule | None = None
    alias: str = "fresh"
    writes: tuple[int, ...] = ()
    raises: bool = False
    effect: str = ""
    optional: bool = False
    cheap: bool = False
    domain: tuple[float, float] = (-2.0, 2.0)
    kink: str = ""
    linear: bool = False
    #: general: jvp(dots, out, *args, **kwargs), with the tangents that there are by position or name, and vjp(ct, out, wanted,
    #: *args, **kwargs), which gives lists of the cotangents of what is wanted, by position or name; they add up. For rules whose
    #: arguments share most of the work. `rules` says which have one. Displays have tangents and cotangents item by item
    joint: ArgRule | None = None
    #: a rule of the user's: the function is looked into for its type and for what it writes
    own: bool = False
    #: with `own`: parameters that some call seen so far may return, or memory of theirs
    returned: frozenset[int] = frozenset()
    #: with `own`: parameters whose contents the function replaces
    overwritten: tuple[int, ...] = ()
    refusals: Mapping[int, str] = field(default_factory=dict)
    #: with `own`: the user's rule of all arguments (`defs/ruled.py`)
    halves: Any = None
    #: of a row made for some calls of another one: that
    behind: Def | None = None
    #: how a function that solves something for a function is differentiated: `defs/solvers.py`
    solver: Solver | None = None
    #: how a call is written where it isn't one of the name, over the names of the parameters: `s(t)`, `A @ v`. Arguments that
    #: are left out are there for the derivative only (`defs/objects.py`)
    printed: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    #: when it was entered or given another rule: see `version`
    changed: int = 0

    def infer(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        """The result type for argument types (a Pack operand comes as its Tuple or List type).

        Raises:
            DiffTypeError: when no result type can be decided.
        """
        from . import shapes

        rule = self.types or shapes.rule_for(self)
        args, kwargs = tuple(map(given, args)), {k: given(t) for k, t in kwargs.items()}
        try:
            return rule(args, kwargs)
        except DiffTypeError:
            raise
        except (TypeError, ValueError, IndexError, KeyError, AttributeError) as err:
            shown = ", ".join(map(str, args))
            raise DiffTypeError(f"{self.name}({shown}): {err}") from err

    @property
    def converts(self) -> bool:
        """Whether the function makes arrays of sequences first."""
        return self.name.startswith(("np.", "scipy."))

    def refusal(self, position: int | str) -> str:
        """What is said where an argument without a rule is active, by its position or name."""
        if isinstance(position, int) and position in self.refusals:
            return self.refusals[position]
        if isinstance(position, str) and any(at >= 0 for at in self.refusals):
            names = names_of(self.fn)
            at = names.index(position) if position in names else -1
            if at in self.refusals:
                return self.refusals[at]
        shown = f"`{position}`" if isinstance(position, str) else str(position + 1)
        why = f": {self.refusals[-1]}" if -1 in self.refusals else ""
        return f"`{self.name}` has no derivative with respect to its argument {shown}{why}"

    def __repr__(self) -> str:
        return f"<Def {self.name}>"


def names_of(fn: Callable[..., Any]) -> list[str]:
    """The names of a function's parameters; none of one in C that doesn't tell them."""
    try:
        return list(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        return []


BY_NAME: dict[str, Def] = {}
BY_FUNCTION: dict[int | tuple[int, str], Def] = {}
_KEEP: list[object] = []
_VERSION = [0]


def given(t: Type) -> Type:
    """The type of an argument: what may be None is something else here, as None would raise."""
    return t.item if isinstance(t, Maybe) else t


def register(d: Def) -> Def:
    """Enter a row; a later row for the same function replaces the earlier one."""
    load_for(d.fn)
    BY_NAME[d.name] = d
    BY_FUNCTION[_key(d.fn)] = d
    _KEEP.append(d.fn)
    return touch(d)


def version() -> int:
    """Grows whenever a row is entered or given another rule."""
    return _VERSION[0]


def touch(d: Def) -> Def:
    """Note that a row has changed."""
    if is_loading():
        return d
    _VERSION[0] += 1
    d.changed = _VERSION[0]
    return d


def lookup(fn: object) -> Def | None:
    """The row of a Python callable, or None. A package that brings rules is asked when a function of it is met."""
    found = BY_FUNCTION.get(_key(fn))
    if found is None and (load_for(fn) | load_pack(getattr(fn, "__module__", None))):
        return BY_FUNCTION.get(_key(fn))
    return found


def method_of(value: object, name: str) -> Def | None:
    """The row of a method of an instance that a package makes, as `scipy.stats.norm`; None for other objects."""
    load_for(value)
    return BY_FUNCTION.get((id(value), name))


def _key(fn: object) -> int | tuple[int, str]:
    """What a row is found by: a method of an instance is another object each time that it is read."""
    return (id(fn.__self__), fn.__name__) if isinstance(fn, MethodType) else id(fn)


def put(fn: Callable[..., Any], d: Def | None) -> None:
    """Put a row, or none, in the place of what a function has. What was compiled with either is no longer right."""
    old = BY_FUNCTION.pop(_key(fn), None)
    if old is not None:
        touch(old)
        if BY_NAME.get(old.name) is old:
            del BY_NAME[old.name]
    if d is not None:
        register(d)


def named(name: str) -> Def | None:
    """The row of a name as dumps print it, or None."""
    load_named(name)
    return BY_NAME.get(name)


def name_of(fn: Callable[..., Any]) -> str:
    """How a callable is printed: `np.sin`, `np.linalg.solve`, `math.exp`, `abs`, `add`."""
    module = getattr(fn, "__module__", None) or ""
    name = getattr(fn, "__qualname__", None) or fn.__name__
    if type(fn).__name__ == "ufunc":
        return f"np.{fn.__name__}"
    if module in ("builtins", "_operator", "operator"):
        return name.strip("_")
    if module.split(".")[0] == "numpy":
        public = module.replace("numpy", "np", 1)
        return f"{public}.{name}" if ".linalg" in public or ".fft" in public else f"np.{name}"
    return f"{module}.{name}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """In place of a partial that isn't known: the argument, and why.

    >>> elementwise(special.jv, Unknown("the order v"), "0.5 * (special.jv(x - 1, y) - special.jv(x + 1, y))")
    """

    why: str


#: text over x, y, z, w and `out`, or a function of these names with the text as its docstring
PartialForm = str | Callable[..., Any] | Unknown
Singular = bool | Callable[..., bool]
_PARAMS = ("x", "y", "z", "w")


def parsed(form: PartialForm, singular: Singular = False) -> Partial:
    """A partial derivative by its form."""
    if isinstance(form, Unknown):
        return Partial("", ast.Constant(None), frozenset(), singular, None, form.why)
    if not isinstance(form, str):
        text = inspect.getdoc(form) or ""
        return Partial(text, ast.Constant(None), frozenset(_NAMES.findall(text)), singular, form)
    return Partial(form, *_read(form), singular)


_NAMES = re.compile(r"(?<![\w.])[^\W\d]\w*")


@functools.cache
def _read(text: str) -> tuple[ast.expr, frozenset[str]]:
    """A text as an expression, and the names in it."""
    code = ast.parse(text, mode="eval").body
    return code, frozenset(n.id for n in ast.walk(code) if isinstance(n, ast.Name))


def elementwise(
    fn: Callable[..., Any],
    *partials: PartialForm | None,
    name: str | None = None,
    params: tuple[str, ...] = _PARAMS,
    singular: Sequence[Singular] | Singular = False,
    **facts: Any,
) -> Def:
    """One row per elementwise function: its partial derivatives as text over `x`, `y`, `z`, `w` (or `params`) and `out`.

    >>> elementwise(np.tanh, "1 - out**2")
    >>> elementwise(np.divide, "1 / y", "-out / y", singular=(True, True))
    """
    flags = list(singular) if isinstance(singular, Sequence) else [singular] * len(partials)
    forms = tuple(None if p is None else parsed(p, s) for p, s in zip(partials, flags))
    return register(Def(name or name_of(fn), fn, "elementwise", params[: len(forms)], forms, **facts))


def select(fn: Callable[..., Any], *masks: PartialForm | None, name: str | None = None, **facts: Any) -> Def:
    """A row for a function that passes on one of its arguments: per argument the mask text where it is the one.

    >>> select(np.maximum, "x >= y", "x < y", kink="x == y goes to x")
    """
    params = _PARAMS[: len(masks)]
    forms = tuple(None if m is None else parsed(m) for m in masks)
    return register(Def(name or name_of(fn), fn, "select", params, forms, **facts))


def zero(*fns: Callable[..., Any], **facts: Any) -> None:
    """Functions whose result never carries a derivative (comparisons, argmax, floor, shape, len, ...)."""
    for fn in fns:
        register(Def(name_of(fn), fn, "zero", **facts))


def general(fn: Callable[..., Any], name: str | None = None, **facts: Any) -> Def:
    """A row without derivatives yet: `derivative` adds them per argument."""
    return register(Def(name or name_of(fn), fn, "general", **facts))


def derivative(fn: Callable[..., Any], arg: int | str = 0) -> Callable[[type], type]:
    """Add the derivative of one argument to a `general` row, as a class with two static functions.

    >>> general(np.linalg.solve, raises=True)
    >>> @derivative(np.linalg.solve, 0)
    ... class _:
    ...     def jvp(dot, out, a, b): return -np.linalg.solve(a, dot @ out)
    ...     def vjp(ct, out, a, b): ...
    """

    def enter(cls: type) -> type:
        d = lookup(fn)
        assert d is not None, f"no row for {fn}"
        touch(d).rules[arg] = ArgRule(cls.__dict__["jvp"], cls.__dict__["vjp"])
        return cls

    return enter


def linear(fn: Callable[..., Any], arg: int = 0, **facts: Any) -> Callable[[Rule], Rule]:
    """A function linear in one argument: the decorated function is its transpose (the vjp); forward applies `fn` itself.

    >>> @linear(np.sum)
    ... def _(ct, out, a, axis=None, keepdims=False): ...
    """

    def enter(transpose: Rule) -> Rule:
        d = lookup(fn) or general(fn, linear=True, **facts)

        def jvp(dot: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
            return fn(*args[:arg], dot, *args[arg + 1 :], **kwargs)

        touch(d).rules[arg] = ArgRule(jvp, transpose)
        return transpose

    return enter
