"""Rows of the run-time helpers that the compiler itself emits."""

from __future__ import annotations

from typing import Any

from ..ir.types import NONE
from ..runtime import helpers
from .numpy_types import with_shape
from .special import dispatching
from .table import Def, derivative, general, register

register(Def("match_length", helpers.match_length, "zero", writes=(0,), effect="list", types=lambda args, kwargs: NONE))
register(Def("zeros_of", helpers.zeros_of, "zero", types=lambda args, kwargs: args[0]))
general(helpers.gather_stored, name="gather_stored")
general(helpers.put_stored, name="put_stored", types=with_shape(2))
_gather, _put = dispatching(helpers.gather_stored), dispatching(helpers.put_stored)


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
