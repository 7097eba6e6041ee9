"""Shadows, tangents and cotangents handed in: are they like their primal, and what do they overlap?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..defs.records import Step, children
from ..errors import ActivityError, DiffTypeError
from ..ir.types import Array, Dict, List, Scalar, Struct, Tuple, Type, carries_derivative, strip
from .trees import (
    arrays_in,
    flatten,
    is_float_leaf,
    is_mutable,
    overlapping,
    path_text,
    put,
    transform_places,
    zero_leaf,
)  # fmt: skip

Mend = Callable[[Any, Any, str], Any]


def check_whole_numbers(x: Any, t: Type, where: str = "argument") -> None:
    """Refuse integers among floats of a list to differentiate: they have no shadow, but the type of their neighbours.

    Raises:
        DiffTypeError: there is one.
    """
    t = strip(t)
    if isinstance(t, (Scalar, Array)):
        if carries_derivative(t) and not is_float_leaf(x) and x is not None:
            raise DiffTypeError(
                f"{where} is {_describe(x)} among floats, which carries no derivative", hint="write it as a float"
            )
    elif isinstance(t, List):
        for i, item in enumerate(x if carries_derivative(t.item) else ()):
            check_whole_numbers(item, t.item, f"{where}[{i}]")
    elif isinstance(t, (Dict, Tuple, Struct)):
        types = _part_types(t)
        for step, kid in children(x) or ():
            if step[1] in types:
                check_whole_numbers(kid, types[step[1]], where + path_text((step,)))


def _part_types(t: Dict | Tuple | Struct) -> dict[Any, Type]:
    if isinstance(t, Tuple):
        return dict(zip(t.names or range(len(t.items)), t.items))
    return dict(t.fields if isinstance(t, Struct) else t.items)


def zero_(x: Any) -> None:
    """Set every float leaf of `x` to zero, in place.

    Raises:
        ActivityError: a number stands where it can't be replaced (in a tuple, or on its own).
    """
    _zero(x, (), set())


def _zero(x: Any, path: tuple[Step, ...], seen: set[int]) -> None:
    if isinstance(x, np.ndarray):
        if is_float_leaf(x):
            x[...] = 0
        return
    if is_float_leaf(x):
        raise ActivityError(
            f"the number at x{path_text(path)} can't be set to zero in place",
            hint="keep it in a list or a 0-d array",
        )
    if id(x) in seen:
        return
    seen.add(id(x))
    for step, kid in children(x) or ():
        if is_mutable(x) and is_float_leaf(kid) and not isinstance(kid, np.ndarray):
            put(x, step, zero_leaf(kid))
        else:
            _zero(kid, (*path, step), seen)


def check_shadow(primal: Any, shadow: Any, what: str = "shadow") -> None:
    """Check that a shadow mirrors its primal: structure, shapes, dtypes, memory of its own, overlaps.

    Raises:
        ActivityError: it doesn't.
    """
    _pair(primal, shadow, what, _same_leaf, set())
    own = [a for a in arrays_in(primal) if is_float_leaf(a)]
    for a in arrays_in(shadow):
        if is_float_leaf(a) and not a.flags.writeable:
            raise ActivityError(f"the {what} is read-only", hint="pass a writable array, such as ds.make_zero(x)")
        if is_float_leaf(a) and _overlaps_itself(a):
            raise ActivityError(f"the elements of the {what} overlap in memory", hint="use ds.make_zero(x)")
    both = [leaf for _, leaf in flatten(primal) if isinstance(leaf, np.ndarray)]
    theirs = [leaf for _, leaf in flatten(shadow) if isinstance(leaf, np.ndarray)]
    if any(i < len(own) <= j for i, j in overlapping([*own, *theirs])):
        raise ActivityError(f"the {what} overlaps its primal in memory", hint="use ds.make_zero(x)")
    if len(both) > 1 and overlapping(both) != overlapping(theirs):
        raise ActivityError(
            f"the arrays of the {what} overlap one another otherwise than those of the primal",
            hint="ds.make_zero(x) keeps the overlap",
        )


def _overlaps_itself(a: np.ndarray[Any, Any]) -> bool:
    """Whether two elements may be one: each axis steps over all that the smaller steps reach."""
    reach = a.itemsize
    for stride, n in sorted((abs(s), n) for s, n in zip(a.strides, a.shape) if n > 1):
        if stride < reach:
            return a.size > 0
        reach += stride * (n - 1)
    return False


def _same_leaf(primal: Any, shadow: Any, where: str) -> None:
    if not is_float_leaf(primal):
        return
    if isinstance(primal, np.ndarray):
        if not isinstance(shadow, np.ndarray) or shadow.shape != primal.shape or shadow.dtype != primal.dtype:
            raise ActivityError(f"{where} is {_describe(shadow)}, its primal {_describe(primal)}")
        return
    if isinstance(shadow, np.ndarray) or not is_float_leaf(shadow):
        raise ActivityError(f"{where} is {_describe(shadow)}, its primal {_describe(primal)}")
    if np.iscomplexobj(shadow) and not np.iscomplexobj(primal):
        raise ActivityError(f"{where} is complex, its primal real")


def _describe(x: object) -> str:
    if isinstance(x, np.ndarray):
        return f"an array of shape {x.shape} and dtype {x.dtype}"
    return f"a {type(x).__name__}"


def _pair(primal: Any, other: Any, where: str, leaf: Mend, seen: set[int]) -> None:
    """Walk two structures side by side; `leaf` sees each pair of leaves."""
    kids = children(primal)
    if kids is None:
        leaf(primal, other, where)
        return
    if is_mutable(primal):
        if id(primal) in seen:
            return
        seen.add(id(primal))
    theirs = _parts(primal, other, [step for step, _ in kids], where)
    for (step, kid), part in zip(kids, theirs):
        _pair(kid, part, where + path_text((step,)), leaf, seen)


def _parts(primal: Any, other: Any, steps: list[Step], where: str) -> list[Any]:
    """The parts of `other` at the steps of `primal`."""
    found = dict(children(other) or ())
    if type(other) is not type(primal) or (list(found) != steps and set(found) != set(steps)):
        raise ActivityError(
            f"{where} is a {type(other).__name__} that isn't built like its primal, a {type(primal).__name__}"
        )
    return [found[step] for step in steps]


def conform(primal: Any, given: Any, what: str = "tangent") -> Any:
    """A fresh structure like `primal` with the numbers of `given`, each in the shape and dtype of its primal.

    Leaves that carry no derivative stand as they are in the primal.

    Raises:
        ActivityError: structure or shapes differ, or a complex number stands for a real one.
    """
    if type(primal) is np.ndarray:
        return _mend(primal, given, what)
    values: list[Any] = []
    try:
        _pair(primal, given, what, lambda p, g, where: values.append(_mend(p, g, where)), set())
    except RecursionError:
        raise ActivityError(f"the {what} is nested too deeply") from None
    supply = iter(values)
    return transform_places(primal, lambda _: next(supply))


def _mend(primal: Any, given: Any, where: str) -> Any:
    """One leaf of a tangent or cotangent, brought to the type of its primal."""
    if not is_float_leaf(primal):
        return primal
    if given is None:
        return zero_leaf(primal)
    value = np.asarray(given)
    if value.dtype.kind not in "fiubc":
        raise ActivityError(f"{where} is {_describe(given)}, its primal {_describe(primal)}")
    if value.shape != np.shape(primal):
        raise ActivityError(f"{where} has shape {value.shape}, its primal {np.shape(primal)}")
    if value.dtype.kind == "c" and not np.iscomplexobj(primal):
        raise ActivityError(f"{where} is complex, its primal real")
    if isinstance(primal, np.ndarray):
        new = np.empty_like(primal, subok=False)
        new[...] = value
        return new
    return type(primal)(value[()])


def immutable_number(x: Any) -> str | None:
    """The path of a number that is reachable through immutable containers only; None if there is none."""
    if is_float_leaf(x):
        return None if isinstance(x, np.ndarray) else ""
    if is_mutable(x):
        return None
    for step, kid in children(x) or ():
        inner = immutable_number(kid)
        if inner is not None:
            return path_text((step,)) + inner
    return None
