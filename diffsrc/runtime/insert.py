"""`with ds.insert_grad_of(x) as dx:` in a plain call: the body, which belongs to the reverse sweep, is skipped."""

from __future__ import annotations

import sys
from types import FrameType, TracebackType
from typing import Any


class _Skip(BaseException):
    """Leaves the body of the `with` before its first statement."""


class insert_grad_of:  # noqa: N801  called like a function
    """Statements of the reverse sweep: the body runs where the cotangent of `x` is final, with `dx` bound to it.

    `x` is a variable that holds a float or an array. What is assigned to `dx` replaces the cotangent; anything else that
    the body does is done beside the derivative. Other variables have the values that they have at the `with`. In a plain
    call, and in forward mode, the body doesn't run.

    >>> with ds.insert_grad_of(h) as dh:
    ...     dh = np.clip(dh, -1.0, 1.0)
    """

    def __init__(self, x: Any) -> None:
        self.x = x

    def __enter__(self) -> Any:
        # Python has no way to skip a block but an exception, raised by a trace function before its first instruction.
        frame = sys._getframe(1)
        self.kept = (sys.gettrace(), frame.f_trace, frame.f_trace_opcodes)
        frame.f_trace, frame.f_trace_opcodes = self._skip, True
        sys.settrace(_ignore)
        return self.x

    def _skip(self, frame: FrameType, event: str, arg: Any) -> Any:
        raise _Skip

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> bool:
        frame = sys._getframe(1)
        before, frame.f_trace, frame.f_trace_opcodes = self.kept
        sys.settrace(before)
        return kind is _Skip


def _ignore(frame: FrameType, event: str, arg: Any) -> None:
    return None
