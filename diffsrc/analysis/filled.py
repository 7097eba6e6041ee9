"""Containers that one loop fills: comprehensions, and loops that do the same.

    out = {k: f(v) for k, v in d.items()}           out = {}
                                                    for k, v in d.items():
                                                        out[k] = f(v)

Where that loop is unrolled (its items are of different types), its stores stand one after the other: the keys of the dict
are known behind it, and a list of items of different types is the display `[f(a), f(b)]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..defs.structural import DICT, LIST, LIST_APPEND, LIST_NEW, UNPACK
from ..defs.table import Def
from ..ir.ops import Apply, Block, For, Func, FuncRef, Load, Method, Op, Return, Store
from ..ir.types import holds_unknown
from ..ir.values import Operand, Pack, Value
from ..ir.walk import blocks, used_values, walk
from .items import Item, fold_merge

if TYPE_CHECKING:
    from .typer import Typer


@dataclass(eq=False, slots=True)
class Filling:
    """A container while its loop is walked: the ops among which it was made, those that fill it, and its items."""

    region: list[Op]
    ops: list[Op] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)


class Fills:
    """Which loops of a function fill which containers, found once; and those that are being filled."""

    def __init__(self, func: Func) -> None:
        self.loops: dict[Op, Value] = {}
        self.containers: set[Value] = set()
        #: containers that nothing writes behind the loop, and those that are taken apart there and nothing else
        self.kept: set[Value] = set()
        self.taken: set[Value] = set()
        self.now: dict[Value, Filling] = {}
        self.adopt(func)

    def adopt(self, func: Func) -> None:
        """Take in a function whose body is walked as part of this one."""
        for block in (func.body, *(b for op in walk(func.body) for b in blocks(op))):
            for n, op in enumerate(block.ops):
                made = _made_empty(op)
                if made is not None:
                    self._find(block, n, made)

    def _find(self, block: Block, n: int, made: Value) -> None:
        later = block.ops[n + 1 :]
        at = next((k for k, op in enumerate(later) if made in _read(op)), None)
        if at is None or not isinstance(loop := later[at], For) or made in set(used_values(loop)):
            return
        if not all(_fills(op, made) for op in walk(loop.body) if made in set(used_values(op))):
            return
        self.loops[loop] = made
        self.containers.add(made)
        uses = [op for rest in later[at + 1 :] for op in _and_inside(rest) if made in set(used_values(op))]
        if not any(_fills(op, made) for op in uses):
            self.kept.add(made)
        if all(_takes(op, made) for op in uses):
            self.taken.add(made)

    # -- while the function is walked

    def start(self, typer: Typer, made: Value, before: int) -> None:
        """A container was made, by the ops from `before` on."""
        if made in self.containers:
            self.now[made] = Filling(typer.builder.ops, typer.builder.ops[before:])

    def is_sure(self, typer: Typer, dst: Operand) -> bool:
        """Whether a store into a container that is being filled certainly happens, once."""
        filling = self.now.get(dst) if isinstance(dst, Value) else None
        return filling is not None and filling.region is typer.builder.ops

    def put(self, typer: Typer, dst: Operand, item: Item) -> None:
        """An item was appended to a list, by the last op."""
        if not isinstance(dst, Value) or dst not in self.now:
            return
        if self.is_sure(typer, dst):
            self.now[dst].items.append(item)
            self.now[dst].ops.append(typer.builder.ops[-1])
        else:
            self.now.pop(dst)

    def end(self, typer: Typer, loop: Op) -> None:
        """A loop was walked: a list of items of different types, or of keys of dicts, is a display."""
        made = self.loops.get(loop)
        filling = self.now.pop(made, None) if made is not None else None
        if made is None or filling is None or not filling.items or made not in self.kept:
            return
        kinds = [typer.type_of(i) for i in filling.items]
        mixed = holds_unknown(fold_merge(list(map(typer.plain_type, filling.items)))) and not any(map(holds_unknown, kinds))
        if mixed or made in self.taken:
            gone = set(map(id, filling.ops))
            typer.builder.ops[:] = [op for op in typer.builder.ops if id(op) not in gone]
            typer.env[made] = Pack(tuple(map(typer.operand, filling.items)), "list")


def _takes(op: Op, made: Value) -> bool:
    """Whether an op reads items of a list: a fresh list in its place would do."""
    if isinstance(op, Load):
        return op.src is made
    if isinstance(op, For):
        return made not in op.inits
    if not isinstance(op, Apply):
        return isinstance(op, Return)
    if isinstance(op.fn, FuncRef):
        return op.fn.target is sorted
    reads = isinstance(op.fn, Def) and op.fn.family not in ("structural", "inplace") and not op.fn.writes
    return reads or op.fn is UNPACK


def _made_empty(op: Op) -> Value | None:
    """The empty list or dict that an op makes."""
    if not isinstance(op, Apply) or op.args or not op.results:
        return None
    return op.results[0] if op.fn is LIST_NEW or op.fn is LIST or op.fn is DICT else None


def _fills(op: Op, made: Value) -> bool:
    """Whether an op puts something into the container, and does nothing else with it."""
    if isinstance(op, Store):
        return op.dst is made and op.value is not made
    appends = isinstance(op, Apply) and (op.fn is LIST_APPEND or (isinstance(op.fn, Method) and op.fn.name == "append"))
    return isinstance(op, Apply) and appends and op.args[0] is made and made not in op.args[1:]


def _and_inside(op: Op) -> Iterator[Op]:
    yield op
    for block in blocks(op):
        yield from walk(block)


def _read(op: Op) -> set[Value]:
    return {v for each in _and_inside(op) for v in used_values(each)}
