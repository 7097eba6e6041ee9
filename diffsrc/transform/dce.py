"""Dead-code elimination.

    %0 = np.zeros(3)                              return %x
    store %0[0] = %x
    %s = list_new()
    for %i in range(0, %n, 1) {          =>
      list_append(%s, %i)
      yield
    }
    return %x

Kept are calls of user functions, ops with effects, writes to memory that is read (or isn't allocated here),
and, with `keep_raising`, ops that may raise.  Loads and views are dropped: an IndexError of an unused
element is lost.
"""

from __future__ import annotations

from collections.abc import Callable

from ..defs.table import Def
from ..ir.ops import Apply, Func, Op, While
from .mark import Marks, is_comment, sweep

PureCall = Callable[[Apply], bool]


def dce(func: Func, keep_raising: bool, pure_call: PureCall = lambda op: False) -> Func:
    """The function without what nothing needs. `pure_call` tells calls without effect."""

    def always(op: Op) -> bool:
        if isinstance(op, Apply) and not is_comment(op):
            return not pure_call(op) if not isinstance(op.fn, Def) else must_run(op.fn, keep_raising)
        return keep_raising and isinstance(op, While)  # it may never end

    return sweep(func, Marks(func, always))


def must_run(fn: Def, keep_raising: bool) -> bool:
    """Whether a row's function does something besides its result (what it writes is another matter)."""
    return fn.effect not in ("", "list") or fn.family == "opaque" or (keep_raising and fn.raises)
