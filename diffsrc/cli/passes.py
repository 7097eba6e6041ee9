"""The passes that `diffsrc opt` knows by name."""

from __future__ import annotations

from collections.abc import Callable

from ..ir.ops import Func
from ..transform.cse import cse
from ..transform.dce import dce
from ..transform.exits import normalise_exits, prune_unreachable
from ..transform.ranges import plain_ranges
from ..transform.simplify import simplify


def _dce(func: Func) -> Func:
    return dce(func, keep_raising=True)


PASSES: dict[str, Callable[[Func], Func]] = {
    "cse": cse,
    "dce": _dce,
    "exits": normalise_exits,
    "ranges": plain_ranges,
    "simplify": simplify,
    "unreachable": prune_unreachable,
}
