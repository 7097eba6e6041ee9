"""Rows of the run-time helpers that the compiler itself emits."""

from __future__ import annotations

from typing import Any

from ..errors import UnsupportedError
from ..runtime import helpers
from .table import Def, derivative, general, register

general(helpers.gather_stored, name="gather_stored")
register(Def("zeros_of", helpers.zeros_of, "zero", types=lambda args, kwargs: args[0]))


@derivative(helpers.gather_stored)
class _GatherStored:
    """Linear in the array; its transpose is needed only where a reverse sweep is reversed again."""

    @staticmethod
    def jvp(dot: Any, out: Any, d: Any, index: Any) -> Any:
        return helpers.gather_stored(dot, index)

    @staticmethod
    def vjp(ct: Any, out: Any, d: Any, index: Any) -> Any:
        raise UnsupportedError("reverse mode over a store at repeated indices", hint="use forward mode over it")
