"""Handles of containers: another handle of a list, dict or object is that container.

    %c: Circle = view %s[...]
    %0 = load %c.r                 =>      %0 = load %s.r

What is known of an instance in an arm of a test of its class has done its work when derivatives are made.
"""

from __future__ import annotations

from ..ir.ops import Func, View, is_whole
from ..ir.types import Array, strip
from ..ir.values import Operand, Value
from ..ir.walk import substitute, walk


def one_handle(func: Func) -> Func:
    """The function with each container under one name."""
    found: dict[Value, Operand] = {}
    for op in walk(func.body):
        if isinstance(op, View) and is_whole(op.place) and not isinstance(strip(op.src.type), Array):
            found[op.result] = found.get(op.src, op.src) if isinstance(op.src, Value) else op.src
    return substitute(func, found) if found else func
