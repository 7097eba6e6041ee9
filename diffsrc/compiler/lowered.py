"""Functions are lowered once in a process: what is kept here serves every compilation, as long as what it read is there."""

from __future__ import annotations

from collections import OrderedDict
from types import FunctionType

from ..defs import table
from ..defs.door import GENERATOR, outside_names
from ..frontend.lower import Dependency, lower
from ..ir.ops import Func
from .keys import target_key

_SIZE = 8192
_KNOWN: OrderedDict[object, tuple[Func, list[Dependency], int]] = OrderedDict()


def lowered(fn: FunctionType, cells: frozenset[str] = frozenset()) -> tuple[Func, list[Dependency]]:
    """A lowered function and the names from outside that it reads; `cells` are variables that have to be cells.

    Raises:
        UnsupportedError: there is no source for it, or it holds something that isn't supported.
    """
    key = (target_key(fn), cells)
    found = _KNOWN.get(key)
    if found is None or not _is_current(fn, *found):
        _KNOWN[key] = found = (*lower(fn, cells), table.version())
        if len(_KNOWN) > _SIZE:
            _KNOWN.popitem(last=False)
    return found[:2]


def known_reads(fn: FunctionType) -> list[Dependency]:
    """The names from outside that a function reads."""
    return outside_names(fn) if GENERATOR in fn.__dict__ else lowered(fn)[1]


def _is_current(fn: FunctionType, func: Func, reads: list[Dependency], since: int) -> bool:
    from .guards import changed_row, reads_in

    if not all(r.holds() for r in reads_in(fn, reads)):
        return False
    return since == table.version() or not changed_row([func], (value for _, _, value in reads), since)
