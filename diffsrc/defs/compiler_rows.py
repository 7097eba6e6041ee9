"""Rows of the run-time helpers that the compiler itself emits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DiffTypeError
from ..ir.types import BOTTOM, INT, NONE, Array, Bottom, List, Scalar, Tuple, Type, kind_of, strip
from ..runtime import helpers
from .dims import holds
from .numpy_tools import linear_in
from .numpy_types import with_shape
from .special import dispatching
from .table import Def, derivative, general, register, zero

register(Def("match_length", helpers.match_length, "zero", writes=(0,), effect="list", types=lambda args, kwargs: NONE))
register(Def("set_aside", helpers.set_aside, "general", writes=(0,), effect="list", types=lambda args, kwargs: args[0]))
for _fn in (helpers.add_parts, helpers.add_seeds, helpers.put_back):
    register(Def(_fn.__name__, _fn, "general", writes=(0,), effect="list", types=lambda args, kwargs: NONE))
for _view in (helpers.shadow_view, helpers.tangent_view):
    general(_view, name=_view.__name__, alias="maybe", types=lambda args, kwargs: args[0])
zero(np.may_share_memory, np.shares_memory)
register(Def("zeros_of", helpers.zeros_of, "zero", types=lambda args, kwargs: args[0], optional=True))
register(Def("check_root", helpers.check_root, "zero", raises=True, effect="io", types=lambda args, kwargs: NONE))
register(Def("expect_rows", helpers.expect_rows, "zero", raises=True, types=lambda args, kwargs: NONE))


def _one_result(args: tuple[Any, ...], kwargs: Any) -> Type:
    """The type of the result of a function that NumPy calls element by element."""
    if isinstance(strip(args[0]), Tuple):
        raise DiffTypeError("a function that NumPy calls for each element or row returns several values",
                            hint="return an array of them, or call it once for each")  # fmt: skip
    out: Type = args[0]
    return out


linear_in(
    helpers.inexact, name="inexact", alias="view", raises=True, types=_one_result, vjp=lambda ct, out, x: ct
)
register(Def("order_of", helpers.order_of, "zero", raises=True, types=lambda args, kwargs: List(INT)))
register(Def("place_of", helpers.place_of, "zero", raises=True, types=lambda args, kwargs: INT))


def _gathered(args: tuple[Any, ...], kwargs: Any) -> Type:
    """What an array gives at an advanced index: an array of ints, or a tuple of indices."""
    d, index = strip(args[0]), strip(args[1])
    if not isinstance(d, Array):
        raise DiffTypeError(f"gather_stored of {d}")
    if holds(index, Bottom):
        return BOTTOM  # not known yet
    several = isinstance(index, Tuple) and any(not isinstance(strip(i), Scalar) for i in index.items)
    items = index.items if isinstance(index, Tuple) and several else (index,)
    small = np.empty((2,) * d.ndim)[tuple(map(_stand_in, items))]
    return Array(d.dtype, (None,) * small.ndim)


def _stand_in(t: Type) -> Any:
    t = strip(t)
    if isinstance(t, Tuple) and t.cls is slice:
        return slice(None)
    if isinstance(t, Scalar):
        return 0
    return np.zeros((2,) * t.ndim if isinstance(t, Array) else 2, bool if kind_of(t) == "b1" else int)


for _row in (helpers.added, helpers.filled):  # the tangent is the same of the tangents; the first may be None
    general(_row, name=_row.__name__, types=lambda args, kwargs: args[1])
general(helpers.gather_stored, name="gather_stored", types=_gathered)
general(helpers.put_stored, name="put_stored", types=with_shape(2))
_gather, _put = dispatching(helpers.gather_stored), dispatching(helpers.put_stored)
_laid = dispatching(helpers.laid_out)
general(helpers.laid_out, name="laid_out", types=lambda args, kwargs: args[0])


@derivative(helpers.laid_out)
class _LaidOut:
    @staticmethod
    def jvp(dot: Any, out: Any, v_dot: Any, v: Any) -> Any:
        return _laid(dot, v)

    @staticmethod
    def vjp(ct: Any, out: Any, v_dot: Any, v: Any) -> Any:
        return ct


@derivative(helpers.gather_stored)
class _GatherStored:
    @staticmethod
    def jvp(dot: Any, out: Any, d: Any, index: Any) -> Any:
        return _gather(dot, index)

    @staticmethod
    def vjp(ct: Any, out: Any, d: Any, index: Any) -> Any:
        return _put(ct, index, d.shape)


@derivative(helpers.put_stored)
class _PutStored:
    @staticmethod
    def jvp(dot: Any, out: Any, g: Any, index: Any, shape: Any) -> Any:
        return _put(dot, index, shape)

    @staticmethod
    def vjp(ct: Any, out: Any, g: Any, index: Any, shape: Any) -> Any:
        return _gather(ct, index)
register(Def("holding", helpers.holding, "zero", types=lambda args, kwargs: args[0]))
