"""Activity annotations: `Const`, `Active`, `Duplicated` and their kin, as wrappers of arguments or as
annotations.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..errors import ActivityError
from .shadows import check_shadow
from .trees import flatten, is_float_leaf


class Activity:
    """Base of the annotations: an argument `val`, and what its derivative is."""

    __slots__ = ("val",)
    #: whether the result itself is wanted when this stands for it
    needed: ClassVar[bool] = True

    def __init__(self, val: Any) -> None:
        self.val = val

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.val!r})"


class Const(Activity):
    """Not differentiated. Memory that receives active values has a shadow of its own during the call."""

    __slots__ = ()


class Active(Activity):
    """A number, or an immutable structure of numbers, whose derivative is returned.

    Raises:
        ActivityError: for an array or other mutable argument.
    """

    __slots__ = ()

    def __init__(self, val: Any) -> None:
        if isinstance(val, np.ndarray):
            raise ActivityError("Active takes numbers; an array is memory", hint="Duplicated(x, ds.make_zero(x))")
        if isinstance(val, (bool, int, np.integer)):
            val = float(val)
        if not is_float_leaf(val) and not flatten(val):
            raise ActivityError(f"Active takes a number, this is a {type(val).__name__}", hint="use Const")
        super().__init__(val)


class Duplicated(Activity):
    """An argument with its shadow: the tangent in forward mode, in reverse mode what the gradient is added
    to.

    Raises:
        ActivityError: the shadow isn't built like the argument, is read-only, or overlaps it in memory.
    """

    __slots__ = ("dval",)

    def __init__(self, val: Any, dval: Any) -> None:
        check_shadow(val, dval)
        super().__init__(val)
        self.dval = dval

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.val!r}, {self.dval!r})"


class DuplicatedNoNeed(Duplicated):
    """`Duplicated` whose own value isn't wanted afterwards."""

    __slots__ = ()
    needed = False


class BatchDuplicated(Activity):
    """An argument with several shadows, one per direction."""

    __slots__ = ("dvals",)

    def __init__(self, val: Any, dvals: tuple[Any, ...]) -> None:
        if not isinstance(dvals, (tuple, list)) or not dvals:
            raise ActivityError("BatchDuplicated takes a tuple of shadows", hint="BatchDuplicated(x, (dx1, dx2))")
        for k, dval in enumerate(dvals):
            check_shadow(val, dval, f"shadow {k}")
        super().__init__(val)
        self.dvals = tuple(dvals)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.val!r}, {self.dvals!r})"


class BatchDuplicatedNoNeed(BatchDuplicated):
    """`BatchDuplicated` whose own value isn't wanted afterwards."""

    __slots__ = ()
    needed = False


def activity_of(annotation: Any) -> type[Activity] | None:
    """The activity in an annotation: `ds.Const` itself, or `Annotated[np.ndarray, ds.Const]`; None without
    one.
    """
    if isinstance(annotation, type) and issubclass(annotation, Activity):
        return annotation
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, type) and issubclass(extra, Activity):
            return extra
    return None
