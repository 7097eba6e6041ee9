"""Instances that one compilation inferred, for the compilations that follow.

An instance can be taken over when nothing in it hangs on the compilation that it comes from: it has the name that it
would have if it were the only one, no recursive class, no list known by positions, no variable made a cell, no derivative
inside. All that its inference asked for is taken over with it, in the order asked, so that names, and with them the text
that is printed, don't depend on what was compiled before.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING

from ..defs import table
from .guards import changed_row, reads_of, reads_of_class
from .reads import Read

if TYPE_CHECKING:
    from .instances import Compiler, Instance

_SIZE = 8192
_TABLE: OrderedDict[object, Published] = OrderedDict()


@dataclass(eq=False, slots=True)
class Published:
    """An instance with what it read itself."""

    instance: Instance
    reads: list[Read]
    version: int

    def holds(self) -> bool:
        """Whether what it read is still there."""
        if not all(r.holds() for r in self.reads):
            return False
        if self.version != table.version():
            if changed_row([self.instance.func], (r.value for r in self.reads), self.version):
                return False
            self.version = table.version()
        return True


def own_reads(instance: Instance) -> list[Read]:
    """What an instance read itself: its function, those that were put in place of their calls, its classes."""
    asked = {i.target for i in instance.asked.values()}
    functions = instance.read - asked
    if isinstance(instance.target, FunctionType):
        functions = functions | {instance.target}
    found = [r for fn in sorted(functions, key=lambda f: f.__qualname__) for r in reads_of(fn)]
    for (owner, name), value in instance.notes.items():
        more, inner = reads_of_class(owner, name, value)
        found += more + (reads_of(inner) if inner is not None and inner not in asked else [])
    return found


def publish(compiler: Compiler) -> None:
    """Offer the instances of a finished compilation."""
    from .instances import word_for

    if not _is_plain(compiler) or compiler.derived or compiler.cells:
        return
    bad = {
        key
        for key, i in compiler.instances.items()
        if i.stale or i.typed is None or i.name != word_for(i.target, i.typed.name)
    }
    grown = True
    while grown:
        more = {k for k, i in compiler.instances.items() if k not in bad and not bad.isdisjoint(i.asked)}
        grown = bool(more)
        bad |= more
    for key, instance in compiler.instances.items():
        known = _TABLE.get(key)
        if key not in bad and (known is None or known.instance is not instance):
            _TABLE[key] = Published(instance, own_reads(instance), table.version())
    while len(_TABLE) > _SIZE:
        _TABLE.popitem(last=False)


def adopt(compiler: Compiler, key: object) -> Instance | None:
    """The instance for a key, taken over with all that it asked for; None if there is none that holds."""
    first = _TABLE.get(key)
    if first is None or not _is_plain(compiler):
        return None
    found: dict[object, Instance] = {}
    waiting = [key]
    while waiting:
        key = waiting.pop()
        if key in found:
            continue
        entry = _TABLE.get(key)
        if entry is None or not entry.holds():
            _TABLE.pop(key, None)
            return None
        found[key] = entry.instance
        waiting += [k for k in reversed(entry.instance.asked) if k not in found]
    return first.instance if compiler.adopt(found) else None


def _is_plain(compiler: Compiler) -> bool:
    system = compiler.system
    return not system.fields and not system.used_positions and system.positions
