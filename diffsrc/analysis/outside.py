"""Callables that Python runs and the compiler doesn't look into: exceptions, context managers, logging, locks.

*Inert* ones take values only to show them: no derivative passes through them, whatever they are given.
"""

from __future__ import annotations

import contextlib
import logging
import types

from ..ir.ops import Apply, Block, Func, FuncRef, Op
from ..ir.types import carries_derivative
from ..ir.walk import walk

_SHOWING = frozenset({"logging", "traceback", "warnings"})
_MODULES = _SHOWING | {"contextlib", "threading", "time"}


def is_outside(target: object) -> bool:
    """Whether a callable makes an exception or a context manager, or belongs to a module that computes nothing."""
    if isinstance(target, type):
        return is_exception(target) or (hasattr(target, "__exit__") and hasattr(target, "__enter__"))
    if getattr(target, "__module__", None) in _MODULES:
        return True
    made_by = getattr(target, "__code__", None)
    return made_by is not None and made_by.co_filename == contextlib.__file__


def is_exception(target: object) -> bool:
    return isinstance(target, type) and issubclass(target, BaseException)


def is_inert(op: Op) -> bool:
    """Whether a call makes an exception, or logs or warns."""
    target = op.fn.target if isinstance(op, Apply) and isinstance(op.fn, FuncRef) else None
    if isinstance(target, types.MethodType) and isinstance(target.__self__, logging.Logger):
        return True
    return is_exception(target) or (
        isinstance(target, types.FunctionType) and getattr(target, "__module__", None) in _SHOWING
    )


def carries_number(block: Block, seen: set[int] | None = None) -> bool:
    """Whether an exception made in a block, or in a function that it calls, is given a number or array."""
    seen = set() if seen is None else seen
    for op in walk(block):
        if not isinstance(op, Apply) or not isinstance(op.fn, FuncRef):
            continue
        if is_exception(op.fn.target) and any(carries_derivative(a.type) for a in op.args):
            return True
        inner = getattr(op.fn.target, "func", None)
        if isinstance(inner, Func) and id(inner) not in seen:
            seen.add(id(inner))
            if carries_number(inner.body, seen):
                return True
    return False
