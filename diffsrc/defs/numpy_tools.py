"""What the rows for array functions share: axes, index tuples, displays, transposed matrices, doors for
several functions.

Everything here works for arrays and for tracers: it looks at `.ndim`, `.shape` and literals only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from ..errors import DiffTypeError, UnsupportedError
from ..ir.types import ANY, List, Type, strip
from ..runtime import helpers
from .special import complex_valued, dispatching
from .table import Def, Rule, TypeRule, derivative, general, lookup, name_of

# -- doors


def rule(*fns: Callable[..., Any], arg: int | str = 0, jvp: Rule, vjp: Rule, **facts: Any) -> None:
    """The derivative in one argument, for one function or several of one meaning.

    >>> rule(np.linalg.inv, jvp=lambda dot, out, a: -out @ dot @ out, vjp=...)
    """
    for fn in fns:
        if lookup(fn) is None:
            general(fn, **facts)
        derivative(fn, arg)(type("_", (), {"jvp": jvp, "vjp": vjp}))


def linear_in(*fns: Callable[..., Any], arg: int = 0, vjp: Rule, **facts: Any) -> None:
    """`table.linear` for several functions at once, and for those that don't dispatch by themselves
    (np.array)."""
    for fn in fns:
        rule(fn, arg=arg, jvp=_forward(fn, arg), vjp=vjp, linear=True, **facts)


def _forward(fn: Callable[..., Any], arg: int) -> Rule:
    call = dispatching(fn)

    def jvp(dot: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        return call(*args[:arg], dot, *args[arg + 1 :], **kwargs)

    return jvp


def present(module: ModuleType, *names: str) -> tuple[Callable[..., Any], ...]:
    """The functions of these names that the installed NumPy has."""
    return tuple(getattr(module, name) for name in names if hasattr(module, name))


def shape_only(*fns: Callable[..., Any], arg: int) -> None:
    """An argument of which only the shape or type matters: it gets no contribution."""
    for fn in fns:
        rule(fn, arg=arg, jvp=_nothing, vjp=_nothing)


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


def no_rule(*fns: Callable[..., Any], **facts: Any) -> None:
    """Functions that are known (their type, what they write) but refused when they receive active values."""
    for fn in fns:
        general(fn, **facts)


def can_not(name: str, what: str, hint: str = "") -> UnsupportedError:
    return UnsupportedError(f"{name} with {what} can't be differentiated", hint=hint, code="DS200")


def only(name: str, options: Mapping[str, Any], *allowed: str) -> None:
    """Refuse keyword options that a rule doesn't know.

    Raises:
        UnsupportedError: naming the first such option.
    """
    for key, value in options.items():
        if key not in allowed and value is not None:
            raise can_not(name, f"{key}=")


def types_unless(
    fn: Callable[..., Any],
    unfit: Callable[[tuple[Any, ...], Mapping[str, Any]], str],
    instead: str = "`a.copy()`, or `np.asarray(a)`",
) -> TypeRule:
    """The type rule of a function that may return its argument in special cases: `unfit` names the case.

    Raises:
        DiffTypeError: in that case.
    """

    def types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        from . import shapes

        if case := unfit(args, kwargs):
            raise DiffTypeError(f"{name_of(fn)} with {case} may return its argument itself", hint=f"write {instead}")
        return shapes.refined(Def(name_of(fn), fn, "general"), args, kwargs)

    return types


# -- helpers of generated code

add_at = dispatching(helpers.add_at)
add_along_axis = dispatching(helpers.add_along_axis)
add_repeats = dispatching(helpers.add_repeats)
put_diagonal = dispatching(helpers.put_diagonal)
split_like = dispatching(helpers.split_like)
parts_chosen = dispatching(helpers.parts_chosen)
unstack = dispatching(helpers.unstack)
nested_lists = dispatching(helpers.nested_lists)
cofactors = dispatching(helpers.cofactors)
arange, eye, full = dispatching(np.arange), dispatching(np.eye), dispatching(np.full)
stack, concatenate = dispatching(np.stack), dispatching(np.concatenate)

# -- arguments


def ndim(a: Any) -> int:
    """The number of dimensions of an array, tracer or Python number."""
    return int(getattr(a, "ndim", 0))


def shape(a: Any) -> Any:
    return getattr(a, "shape", ())


def is_display(x: Any) -> bool:
    """Whether an argument is a tuple or list written in place, whose items are known one by one."""
    return isinstance(x, (tuple, list))


def known(x: Any) -> Any:
    """The value of a traced constant that has a name (np.inf); anything else as it is."""
    return getattr(getattr(x, "operand", None), "value", x)


def is_list(x: Any) -> bool:
    """Whether a traced argument is a list made at run time."""
    return isinstance(strip(getattr(x, "type", None) or ANY), List)


def holds_lists(x: Any) -> bool:
    """Whether the items of a list made at run time are lists."""
    t = strip(getattr(x, "type", None) or ANY)
    return isinstance(t, List) and isinstance(strip(t.item), List)


def like_display(x: Any, items: Sequence[Any]) -> Any:
    """The items as a list if `x` is one, else as a tuple."""
    return list(items) if isinstance(x, list) else tuple(items)


def is_absent(ct: Any) -> bool:
    """Whether a part of a tuple of cotangents is the plain number 0.0: that part wasn't used."""
    return isinstance(ct, float) and not isinstance(ct, np.generic) and ct == 0.0


def whole_parts(ct: Any, out: Any) -> Any:
    """A tuple of cotangents with zeros for the parts that weren't used."""
    if not is_display(ct):
        return ct
    return tuple(np.zeros_like(out[k]) if is_absent(part) else part for k, part in enumerate(ct))


def is_zero(x: Any) -> bool:
    """Whether an integer argument is known to be 0."""
    return isinstance(x, int) and x == 0


def given(**options: Any) -> dict[str, Any]:
    """Keywords that differ from the default 0, None or False: what is printed stays plain."""
    return {k: v for k, v in options.items() if not (v is None or v is False or is_zero(v))}


def at(axis: Any) -> dict[str, Any]:
    """`axis=`, None being the default."""
    return {} if axis is None else {"axis": axis}


# -- axes


def norm_axis(axis: int, rank: int) -> int:
    return axis + rank if axis < 0 else axis


def norm_axes(axes: Any, rank: int) -> tuple[int, ...]:
    return tuple(norm_axis(a, rank) for a in axes) if is_display(axes) else (norm_axis(axes, rank),)


def along(axis: int, rank: int, item: Any) -> tuple[Any, ...]:
    """The index that takes `item` on one axis and everything on the others."""
    axis = norm_axis(axis, rank)
    if axis == 0:
        return (item,)
    if axis == rank - 1:
        return (Ellipsis, item)
    return (slice(None),) * axis + (item,)


def expand(t: Any, rank: int, axis: Any, keepdims: Any = False) -> Any:
    """The result of a reduction with its reduced axes back as axes of size 1 (none are needed when all were
    reduced)."""
    if axis is None or keepdims or len(norm_axes(axis, rank)) == rank:
        return t
    return np.expand_dims(t, axis)


def swap(a: Any) -> Any:
    """The matrix, or stack of matrices, transposed."""
    return a.T if ndim(a) == 2 else np.swapaxes(a, -1, -2)


def conjugated(a: Any) -> Any:
    """The conjugate of what is complex."""
    return np.conj(a) if complex_valued(a) else a


def adjoint(a: Any) -> Any:
    """The matrix, or stack of matrices, transposed and conjugated."""
    return conjugated(swap(a))


def half_tril(a: Any) -> Any:
    """The lower triangle with half the diagonal."""
    return 0.5 * (np.tril(a) + np.tril(a, -1))


def symmetric(a: Any, lower: bool = True) -> Any:
    """The symmetric or Hermitian matrix that NumPy takes from one triangle."""
    if complex_valued(a):
        half = half_tril(a) if lower else adjoint(half_tril(adjoint(a)))
        return half + adjoint(half)
    return np.tril(a) + swap(np.tril(a, -1)) if lower else np.triu(a) + swap(np.triu(a, 1))


def one_triangle(g: Any, lower: bool = True) -> Any:
    """The cotangent of a symmetric or Hermitian matrix on the triangle that is read."""
    g = g + adjoint(g)
    return half_tril(g) if lower else adjoint(half_tril(g))


def total(terms: Sequence[Any]) -> Any:
    """The sum of what is there."""
    found = terms[0]
    for t in terms[1:]:
        found = found + t
    return found


def transposed(a: Any, order: Sequence[int]) -> Any:
    """np.transpose, in its plainest form."""
    if list(order) == list(range(len(order))):
        return a
    return a.T if list(order) == [1, 0] else np.transpose(a, tuple(order))


def inverse(order: Sequence[int]) -> list[int]:
    """The inverse of a permutation."""
    return sorted(range(len(order)), key=order.__getitem__)
