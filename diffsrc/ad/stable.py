"""Are the contents of memory still there in the reverse sweep? Asked of the forward sweep's writes and loops."""

from __future__ import annotations

from functools import cached_property

from ..analysis.affine import reads_behind
from ..analysis.alias import Aliases, slot_name
from ..analysis.mems import Mem, find, holders, reachable
from ..analysis.positions import Loop, Positions
from ..ir.ops import Load, Op, Store
from ..ir.types import AnyType, strip
from ..ir.values import Operand, Value
from ..ir.walk import all_blocks
from .slots import is_container


def is_opaque(operand: Operand) -> bool:
    """Whether a value may be an object that changes unseen: a set, an iterator, an object of a class that isn't read."""
    return isinstance(operand, Value) and isinstance(strip(operand.type), AnyType)


class Stability:
    """The writes of one function. `external`: parameters whose memory may change between the two halves of a pair."""

    def __init__(self, pos: Positions, aliases: Aliases, external: frozenset[int]) -> None:
        self.pos, self.aliases, self.external = pos, aliases, external

    def stable(self, operand: Operand, op: Op) -> bool:
        """Whether the contents at `op` are still there in the reverse sweep. Nobody knows who writes what has no type."""
        node = self.aliases.of(operand)
        if node is None:
            return not is_opaque(operand)
        return self._stays(node, op, is_container(operand))

    def stable_within(self, operand: Operand, op: Op) -> bool:
        """Whether this holds of all that can be reached from a value."""
        node = self.aliases.of(operand)
        return node is None or all(self._stays(find(n), op, False) for n in reachable(node))

    def _stays(self, node: Mem, op: Op, container: bool) -> bool:
        if node.params & self.external:
            return False
        for write in node.writes:
            if isinstance(op, Load) and isinstance(write, Store) and container and _apart(op, write):
                continue
            if write is op and not isinstance(op, Store):
                return False
            if self.pos.follows(write, op):
                return False
            if any(not self.fresh_in(node, loop) for loop in self.pos.common_loops(write, op)):
                return False
        return True

    def fresh_in(self, node: Mem, loop: Loop) -> bool:
        """Whether every iteration makes this memory anew: nothing outside allocates, carries or holds it."""
        inside = set(all_blocks(loop.body))
        own = set(loop.body.params)
        return all(
            all(self.pos.region_of[r] in inside and r not in own for r in n.roots) and not own.intersection(n.joins)
            for n in self.held_by(node)
        )

    def held_by(self, node: Mem) -> set[Mem]:
        """The class and those of whatever holds it, and so on."""
        found, todo = set[Mem](), [find(node)]
        while todo:
            top = todo.pop()
            if top not in found:
                found.add(top)
                todo += self._holders.get(top, ())
        return found

    @cached_property
    def _holders(self) -> dict[Mem, list[Mem]]:
        return holders(self.aliases.classes())

    def reloads(self, op: Load) -> bool:
        """Whether an element read from written memory is still there: `load a[.., i + d, ..]` where the only store of the
        class is `a[.., i + c, ..]` in the same loop of step 1, c > d, and the array lives no longer than that loop runs once:
        what is read was stored by an earlier iteration."""
        node = self.aliases.of(op.src)
        if node is None or node.params & self.external or len(node.writes) != 1 or node.joins:
            return False
        write = node.writes[0]
        alone = len(self.held_by(node)) == 1
        return alone and isinstance(write, Store) and reads_behind(self.pos, op, write, node.roots)

    def start_of_statement(self, value: Value, op: Op) -> Op:
        """The first op of the line of `op` at which `value` is there already, with the contents it has at `op`."""
        block = self.pos.block_of[op]
        i = block.ops.index(op)
        made = self.pos.def_of.get(value)
        node = self.aliases.of(value)
        writes = node.writes if node is not None else []
        while i > 0 and (before := block.ops[i - 1]) is not made and before.loc.line == op.loc.line:
            if any(self.pos.order[before] <= self.pos.order[w] <= self.pos.last[before] for w in writes):
                break
            i -= 1
        return block.ops[i]

    def nothing_between(self, value: Value, a: Op, b: Op) -> bool:
        """Whether no op writes the memory of a value between two ops of one block."""
        if self.pos.block_of[a] is not self.pos.block_of[b]:
            return False
        low, high = sorted((self.pos.order[a], self.pos.order[b]))
        node = self.aliases.of(value)
        return node is None or not any(low <= self.pos.order[w] < high for w in node.writes)


def _apart(read: Load, write: Store) -> bool:
    """Whether a load and a store name different slots of a container."""
    one, two = slot_name(read.place, read.src.type), slot_name(write.place, write.dst.type)
    return one != two and "[]" not in (one, two)
