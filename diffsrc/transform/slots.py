"""Lists of cotangents, written as by hand: no list of zeros to whose every slot something is added at once.

* What is added are the items of a list that nothing else reads: that list is the list of cotangents. Those of an array of
  one axis are put into a list.
* It is one number, and the slots are only popped: every popped cotangent is this number.
* A list that is emptied at last isn't.

Before::                                     After::

    %dxs = zeros_of(%xs)                         for %i in range(..) {
    for %k in range(0, len(%dxs), 1) {             accum %da[%i] = %dout
      accum %dxs[%k] = %dout                       yield
      yield                                      }
    }
    for %i in range(..) {
      %0 = list_pop(%dxs)
      accum %da[%i] = %0
      yield
    }
"""

from __future__ import annotations

from collections.abc import Callable

from ..defs.structural import LIST_POP
from ..defs.table import BY_NAME
from ..ir.ops import Apply, Block, For, Func, Index, Load, Op, Range, Store, Yield
from ..ir.types import INEXACT, Array, List, Scalar, Type, strip
from ..ir.values import Operand, Value
from ..ir.walk import blocks, results, substitute, values_in, with_blocks, with_body, with_ops
from .memory import Memory, memory_of

#: with them a number gives the same whether it is Python's or NumPy's
_UNSTACK = BY_NAME["unstack"]
_TOTAL = frozenset({"add", "sub", "mul", "neg", "pos"})


def fill_slots(func: Func, mine: Callable[[Op], bool] = lambda op: True) -> Func:
    """The function with lists of cotangents made as they are after the first addition to all of their slots."""
    pass_ = _Slots(memory_of(func), mine)
    body = pass_.block(func.body)
    return substitute(with_body(func, body), pass_.renamed) if pass_.gone else func


class _Slots:
    def __init__(self, memory: Memory, mine: Callable[[Op], bool]) -> None:
        self.memory, self.mine = memory, mine
        self.renamed: dict[Value, Operand] = {}
        self.gone: set[Op] = set()
        self.instead: dict[Op, Op] = {}

    def block(self, block: Block) -> Block:
        for op in block.ops:
            if isinstance(op, Apply) and op.fn.name == "zeros_of" and self.mine(op):
                self.filled(op, block)
                self.emptied(op.results[0], block)
        ops = [self.instead.get(op, op) for op in block.ops if op not in self.gone]
        return with_ops(
            block, [with_blocks(op, tuple(map(self.block, blocks(op)))) if blocks(op) else op for op in ops]
        )

    def filled(self, alloc: Apply, block: Block) -> None:
        """Do without a list of zeros, where a loop over all of its slots is the first to use it."""
        zeros = alloc.results[0]
        users = self.memory.users.get(zeros, [])
        kind = strip(zeros.type)
        count = next((op for op in users if isinstance(op, Apply) and op.fn.name == "len"), None)
        loops = self.memory.users.get(count.results[0], []) if count is not None else []
        if len(loops) != 1 or not isinstance(kind, List) or count is None:
            return
        loop = loops[0]
        if not isinstance(loop, For) or loop not in block.ops or not _is_whole(loop, count.results[0]):
            return
        store = _addition(loop, zeros)
        others = [op for op in users if op is not count and op is not store]
        if store is None or not self.come_later(others, loop, block):
            return
        source = _added_items(loop, store)
        if source is not None:
            if not _alike(_item(source.type), strip(kind.item)) or not self.take_over(zeros, source, loop):
                return
        elif len(loop.body.ops) != 2 or not self.pop_the_same(store.value, others, kind.item):
            return
        self.gone |= {alloc, count}
        if loop not in self.instead:
            self.gone.add(loop)

    def emptied(self, zeros: Value, block: Block) -> None:
        """Drop a loop that takes one item after the other from the list, which nobody else holds or uses after it."""
        users = self.memory.users.get(zeros, [])
        last = next((op for op in reversed(block.ops) if op in users or _holds(op, users)), None)
        if isinstance(last, For) and not last.results and len(last.orelse.ops) == 1 and len(last.body.ops) == 2:
            pop = last.body.ops[0]
            if (
                _is_pop(pop)
                and pop in users
                and not self.memory.uses(results(pop)[0])
                and all(_is_own(op, zeros) for op in users)
            ):
                self.gone.add(last)

    def come_later(self, others: list[Op], loop: For, block: Block) -> bool:
        """Whether all other uses come after the loop."""
        before = block.ops[: block.ops.index(loop)]
        return not any(op in others or _holds(op, others) for op in before)

    def take_over(self, zeros: Value, source: Value, loop: For) -> bool:
        """Have the list that is added, or one of the elements of the array that is added, in place of the zeros."""
        made = self.memory.made_by.get(source)
        if isinstance(made, Apply) and made.fn is _UNSTACK and self.memory.uses(source) == 1:
            self.renamed[zeros] = source
            return True
        if isinstance(t := strip(source.type), Array) and t.ndim == 1:
            self.instead[loop] = Apply(_UNSTACK, (source,), (), (zeros,), loop.loc)
            return True
        return False

    def pop_the_same(self, number: Operand, others: list[Op], item: Type) -> bool:
        """Have a number in place of everything that is popped; whether nothing else is done with the list."""
        pops = [op for op in others if _is_pop(op)]
        t = strip(number.type)
        if len(pops) < len(others) or not isinstance(t, Scalar) or t.kind not in INEXACT:
            return False
        if not _alike(t, strip(item)) or (
            t != strip(item) and not all(self.is_any_float(results(op)[0]) for op in pops)
        ):
            return False
        self.renamed.update((results(op)[0], number) for op in pops)
        self.gone.update(pops)
        return True

    def is_any_float(self, value: Value) -> bool:
        """Whether it makes no difference to what is made of a number that it is Python's instead of NumPy's."""
        for op in self.memory.users.get(value, ()):
            if isinstance(op, Store) and op.value is value and isinstance(strip(op.dst.type), Array):
                continue
            if not isinstance(op, Apply) or op.fn.name not in _TOTAL:
                return False
            numpys = any(a is not value and not _is_python(a.type) for a in op.args)
            if not numpys and not self.is_any_float(op.results[0]):
                return False
        return True


def _is_pop(op: Op) -> bool:
    return isinstance(op, Apply) and op.fn is LIST_POP and len(op.args) == 1


def _is_own(op: Op, xs: Value) -> bool:
    """Whether an op uses a list without handing it on."""
    if isinstance(op, Store):
        return xs not in values_in(op.value)
    return isinstance(op, Load) or (isinstance(op, Apply) and (op.fn is LIST_POP or op.fn.name == "len"))


def _is_whole(loop: For, count: Value) -> bool:
    """Whether a loop runs once for each number below `count`, to add something."""
    space, ops = loop.space, loop.body.ops
    if not isinstance(space, Range) or space.stop is not count or loop.inits or len(loop.orelse.ops) != 1:
        return False
    ends = (getattr(space.start, "value", None), getattr(space.step, "value", None))
    return ends == (0, 1) and 2 <= len(ops) <= 3 and isinstance(ops[-1], Yield)


def _addition(loop: For, zeros: Value) -> Store | None:
    """The addition to one slot per iteration, which is the last that the loop does."""
    store, index = loop.body.ops[-2], loop.body.params[0]
    if not isinstance(store, Store) or not store.add or store.dst is not zeros or store.value is index:
        return None
    return store if isinstance(store.place, Index) and store.place.items == (index,) else None


def _added_items(loop: For, store: Store) -> Value | None:
    """The new list, or the array of one axis, whose items the loop adds."""
    load = loop.body.ops[0]
    if not isinstance(load, Load) or load.result is not store.value or not isinstance(load.src, Value):
        return None
    item = load.place.items[0] if isinstance(load.place, Index) and len(load.place.items) == 1 else None
    return load.src if item is loop.body.params[0] and isinstance(strip(load.result.type), Scalar) else None


def _item(t: Type) -> Type:
    t = strip(t)
    return strip(t.item) if isinstance(t, List) else Scalar(t.dtype) if isinstance(t, Array) else t


def _is_python(t: Type) -> bool:
    """Whether a value may be one of Python's numbers."""
    t = strip(t)
    return isinstance(t, Scalar) and t.kind not in ("f64", "f32", "c128", "c64")


def _alike(one: Type, two: Type) -> bool:
    """Whether numbers of one type may stand for those of the other."""
    return one == two or (
        isinstance(one, Scalar) and isinstance(two, Scalar) and {one.kind, two.kind} == {"f64", "float"}
    )


def _holds(op: Op, others: list[Op]) -> bool:
    return any(inner in others or _holds(inner, others) for b in blocks(op) for inner in b.ops)
