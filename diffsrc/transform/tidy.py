"""Buffers of derivatives, written as by hand: no zeros that are at once added to, no zeroing before an accumulation.

* The first thing done to fresh zeros is a whole accumulation: the buffer starts as what was added.
* A place is zeroed and then accumulated into: one plain store.
* A copy of an array that is read only before the array is next written: no copy. So is one that is returned, of an array
  of this function's that is only read.
* Numbers are added to one place, one behind the other: their sum is (`join_sums`).
* A place gets the value that was loaded from it: no store.

Before::                                     After::

    %dy = np.zeros_like(%y)                      %dy = np.full_like(%y, %dout)
    accum %dy[...] = %dout

    store %dy[%i] = 0.0                          store %dy[%i] = %t
    accum %dy[%i] = %t
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..defs.structural import SNAPSHOT
from ..defs.table import BY_NAME, Def
from ..ir.ops import Apply, Attr, Block, Func, FuncRef, Index, Load, Op, Place, Return, Slice, Store, View
from ..ir.types import COMPLEX_KINDS, INEXACT, Array, Scalar, Type, kind_of, same_shape, strip
from ..ir.values import Literal, Operand, Value, same_literal
from ..ir.walk import (
    blocks,
    operands,
    results,
    substitute,
    used_values,
    values_in,
    walk,
    with_blocks,
    with_body,
    with_ops,
)
from .memory import HELD, LAID_OUT, SHADOW, is_hidden, written


def tidy(func: Func, mine: Callable[[Op], bool] = lambda op: True) -> Func:
    """The function with first stores forwarded into allocations, zeroings merged and copies forwarded; `mine` tells the
    ops that are not the primal's."""
    pass_ = _Tidy(func, mine)
    body = pass_.block(func.body)
    return substitute(with_body(func, body), pass_.renamed)


def join_sums(func: Func, mine: Callable[[Op], bool] = lambda op: True) -> Func:
    """The function with numbers that are added to one place added to one another first, which changes rounding."""
    pass_ = _Tidy(func, mine)
    return with_body(func, pass_.joined(func.body))


class _Tidy:
    def __init__(self, func: Func, mine: Callable[[Op], bool]) -> None:
        self.params = set(func.params)
        #: parameters that may share memory, by the one that stands for them
        self.together: dict[Value, Value] = {}
        for group in func.overlap:
            whole = [func.params[i] for i in group if isinstance(i, int)]
            self.together.update((p, whole[0]) for p in whole)
        self.mine = mine
        self.renamed: dict[Value, Operand] = {}
        self.uses: dict[Value, int] = {}
        self.made: dict[Value, Op] = {}
        self.users: dict[Value, list[Op]] = {}
        for op in walk(func.body):
            for v in used_values(op):
                self.uses[v] = self.uses.get(v, 0) + 1
                self.users.setdefault(v, []).append(op)
            for r in results(op):
                self.made[r] = op

    def block(self, block: Block) -> Block:
        ops = [with_blocks(op, tuple(self.block(b) for b in blocks(op))) if blocks(op) else op for op in block.ops]
        i = 0
        while i < len(ops):
            op = ops[i]
            before = len(ops)
            if _is_zeros(op):
                self.start(ops, i)
            elif isinstance(op, Store) and not op.add and _is_zero(op.value):
                self.merge(ops, i)
            elif isinstance(op, Store) and not op.add and self.is_there(ops, i):
                del ops[i]
                continue
            elif isinstance(op, Apply) and op.fn is SNAPSHOT and self.mine(op):
                if self.is_handed_out(ops, i):
                    self.rename_copy(ops, i)
                else:
                    self.forward_copy(ops, i)
            i += len(ops) == before
        return with_ops(block, ops)

    def joined(self, block: Block) -> Block:
        ops = [with_blocks(op, tuple(self.joined(b) for b in blocks(op))) if blocks(op) else op for op in block.ops]
        for i in range(len(ops)):  # two ops are made of two
            op = ops[i]
            if isinstance(op, Store) and op.add and self.mine(op):
                self.join(ops, i)
        return with_ops(block, ops)

    def start(self, ops: list[Op], i: int) -> None:
        """Fresh zeros, first used by a whole accumulation in the same block."""
        alloc = ops[i]
        assert isinstance(alloc, Apply)
        buffer = alloc.results[0]
        if buffer.mem == LAID_OUT:
            return
        j = next((j for j in range(i + 1, len(ops)) if _uses(ops[j], buffer)), None)
        if j is None:
            return
        first = ops[j]
        if not isinstance(first, Store) or not first.add or first.dst is not buffer:
            return
        if not _whole(first):
            self.summed(ops, i, j, first)
            return
        if buffer in values_in(first.value):
            return
        self.initial(ops, i, j, first)

    def summed(self, ops: list[Op], i: int, j: int, first: Store) -> None:
        """`zeros[:, None] += np.sum(g, axis=1, keepdims=True)`: the buffer is the sum without the axis."""
        buffer, axis = results(ops[i])[0], _new_axis(first.place)
        made = self.made.get(first.value) if isinstance(first.value, Value) else None
        if axis is None or not isinstance(made, Apply) or made not in ops or self.uses.get(made.results[0]) != 1:
            return
        kwargs, whole = dict(made.kwargs), strip(made.results[0].type)
        plain = made.fn.name == "np.sum" and len(made.args) == 1 and kwargs.keys() == {"axis", "keepdims"}
        if not plain or not _is(kwargs["axis"], axis) or not _is(kwargs["keepdims"], True) or not isinstance(whole, Array):
            return
        left = replace(whole, dims=whole.dims[:axis] + whole.dims[axis + 1 :])
        if _same_type(left, strip(buffer.type)):
            ops[ops.index(made)] = replace(made, kwargs=(("axis", kwargs["axis"]),), results=(buffer,))
            del ops[j], ops[i]

    def initial(self, ops: list[Op], i: int, j: int, first: Store) -> None:
        """Make the buffer as it is after its first accumulation."""
        alloc = ops[i]
        assert isinstance(alloc, Apply)
        buffer, g = alloc.results[0], first.value
        t = strip(g.type)
        if not isinstance(t, Array):
            if alloc.fn.name == "np.zeros_like" and kind_of(t) not in COMPLEX_KINDS:
                ops[j] = Apply(_FULL_LIKE, (alloc.args[0], g), (), (buffer,), first.loc)
                del ops[i]
            return
        if not _same_type(t, strip(buffer.type)) or not isinstance(g, Value):
            return
        made = self.made.get(g)
        if self.uses.get(g) == 1 and isinstance(made, Apply) and made in ops and _is_fresh(made):
            ops[ops.index(made)] = replace(made, results=(buffer,))
            del ops[j], ops[i]
            return
        ops[j] = Apply(SNAPSHOT, (g,), (), (buffer,), first.loc)
        del ops[i]

    def forward_copy(self, ops: list[Op], i: int) -> None:
        """Read the array itself where every use of its copy comes before the next write."""
        op = ops[i]
        assert isinstance(op, Apply)
        source, copy = op.args[0], op.results[0]
        if not isinstance(source, Value):
            return
        left = self.uses.get(copy, 0)
        for j in range(i + 1, len(ops)):
            if left == 0:
                break
            if not _uses(ops[j], copy):
                if self.writes(ops[j], source):
                    return
                continue
            if not isinstance(ops[j], Apply) or not _is_fresh(ops[j]):  # type: ignore[arg-type]
                return
            left -= sum(v is copy for v in used_values(ops[j]))
        if left == 0:
            self.rename_copy(ops, i)

    def rename_copy(self, ops: list[Op], i: int) -> None:
        """Have the array itself in place of its copy."""
        op = ops[i]
        assert isinstance(op, Apply)
        source, copy = op.args[0], op.results[0]
        assert isinstance(source, Value)
        self.renamed[copy] = source
        self.uses[source] = self.uses.get(source, 0) + self.uses.get(copy, 0)
        del ops[i]

    def is_handed_out(self, ops: list[Op], i: int) -> bool:
        """Whether a copy is only returned, and what is copied is an array made here of which nothing else is left then."""
        op = ops[i]
        assert isinstance(op, Apply)
        source, copy = op.args[0], op.results[0]
        last = ops[-1]
        if not isinstance(source, Value) or not isinstance(last, Return) or source in self.renamed.values():
            return False
        made = self.made.get(source)
        new = isinstance(made, Apply) and _is_fresh(made) and source not in values_in(last.value)
        readers = [o for o in self.users.get(source, ()) if o is not op]
        return new and self.users.get(copy) == [last] and all(isinstance(o, Apply) and _is_fresh(o) for o in readers)

    def is_there(self, ops: list[Op], i: int) -> bool:
        """Whether a store puts into a place what was loaded from it, with no write in between."""
        store = ops[i]
        assert isinstance(store, Store)
        for op in reversed(ops[:i]):
            if isinstance(op, Load) and op.result is store.value:
                return op.src is store.dst and isinstance(store.dst, Value) and _same_place(op, store)
            if not isinstance(store.dst, Value) or self.writes(op, store.dst):
                return False
        return False

    def writes(self, op: Op, source: Value) -> bool:
        """Whether an op may write the memory of `source`."""
        if blocks(op) or (isinstance(op, Apply) and not isinstance(op.fn, Def)):
            return True
        root = self.root(source)
        targets = list(written(op))
        return bool(targets) and (root is None or any(t is HELD or self.root(t) in (root, None) for t in targets))

    def merge(self, ops: list[Op], i: int) -> bool:
        """A place set to zero, next touched by an accumulation at the same place."""
        zero = ops[i]
        assert isinstance(zero, Store)
        for j in range(i + 1, len(ops)):
            op = ops[j]
            if isinstance(op, Store) and op.add and op.dst is zero.dst and _same_place(op, zero):
                if not _fits(op):
                    return False
                ops[j] = replace(op, add=False)
                del ops[i]
                return True
            if self.touches(op, zero.dst) and not _of_another_attribute(op, zero):
                return False
        return False

    def join(self, ops: list[Op], i: int) -> None:
        """Two numbers added to one place, which nothing touches in between: their sum is added."""
        first = ops[i]
        assert isinstance(first, Store)
        for j in range(i + 1, len(ops)):
            op = ops[j]
            if isinstance(op, Store) and op.add and op.dst is first.dst and _same_place(op, first):
                numbers = _is_real(first.value) and _is_real(op.value) and isinstance(op.place, Index)
                if numbers and not self.is_negative(first.value) and not self.is_negative(op.value):
                    total = self.total(first.value, op.value, op)
                    ops[j : j + 1] = [total, replace(op, value=total.results[0])]
                    del ops[i]
                return
            if self.touches(op, first.dst) and not _of_another_attribute(op, first):
                return

    def is_negative(self, operand: Operand) -> bool:
        """Whether a product starts with a minus, which is printed as `-=`."""
        made = self.made.get(operand) if isinstance(operand, Value) else None
        while isinstance(made, Apply) and made.fn.name in ("mul", "truediv") and isinstance(made.args[0], Value):
            made = self.made.get(made.args[0])
            if isinstance(made, Apply) and made.fn.name == "neg":
                return True
        return False

    def total(self, a: Operand, b: Operand, at: Store) -> Apply:
        """The sum of two numbers; a negative one is subtracted."""
        out = (Value(None, strip(a.type), loc=at.loc),)
        if a is b:
            return Apply(BY_NAME["mul"], (Literal(2.0), a), (), out, at.loc)
        for x, y in ((a, b), (b, a)):
            made = self.made.get(y) if isinstance(y, Value) else None
            if isinstance(made, Apply) and made.fn.name == "neg" and self.uses.get(made.results[0]) == 1:
                return Apply(BY_NAME["sub"], (x, made.args[0]), (), out, at.loc)
        return Apply(BY_NAME["add"], (a, b), (), out, at.loc)

    def touches(self, op: Op, dst: Operand) -> bool:
        """Whether an op may read or write the memory of `dst`."""
        if blocks(op) or (isinstance(op, Apply) and isinstance(op.fn, FuncRef)):
            return True
        root = self.root(dst)
        return any(_refers(v) and self.root(v) in (root, None) for v in used_values(op)) or root is None

    def root(self, v: Operand) -> Operand | None:
        """The allocation or parameter behind a handle, through views; None where a join, a container or a call hides it."""
        while isinstance(v, Value):
            op = self.made.get(v)
            if v.mem == SHADOW or is_hidden(op):
                return None
            if isinstance(op, View) or (isinstance(op, Apply) and getattr(op.fn, "alias", "fresh") != "fresh"):
                v = operands(op)[0]
            elif isinstance(op, (Apply, Load)) or v in self.params:
                return self.together.get(v, v)
            else:
                return None
        return v


_FULL_LIKE = BY_NAME["np.full_like"]


def _is_zeros(op: Op) -> bool:
    return (
        isinstance(op, Apply) and op.fn.name in ("np.zeros_like", "np.zeros") and len(op.results) == 1 and not op.kwargs
    )


def _is_zero(o: Operand) -> bool:
    return isinstance(o, Literal) and type(o.value) is float and o.value == 0.0


def _is_real(operand: Operand) -> bool:
    kind = strip(operand.type)
    return isinstance(kind, Scalar) and kind.kind in INEXACT - COMPLEX_KINDS


def _whole(op: Store) -> bool:
    place = op.place
    if not isinstance(place, Index) or len(place.items) != 1:
        return False
    item = place.items[0]
    return isinstance(item, Literal) and item.value is Ellipsis


def _new_axis(place: Place) -> int | None:
    """The position of the only new axis of a place that is whole besides."""
    items = place.items if isinstance(place, Index) else ()
    new = [n for n, item in enumerate(items) if isinstance(item, Literal) and item.value is None]
    others = [item for n, item in enumerate(items) if n not in new]
    ends = [o for item in others if isinstance(item, Slice) for o in (item.lower, item.upper, item.step)]
    whole = len(ends) == 3 * len(others) and all(isinstance(o, Literal) and o.value is None for o in ends)
    return new[0] if len(new) == 1 and whole else None


def _is(operand: Operand, value: object) -> bool:
    return isinstance(operand, Literal) and type(operand.value) is type(value) and operand.value == value


def _uses(op: Op, v: Value) -> bool:
    return v in used_values(op) or any(v in used_values(inner) for b in blocks(op) for inner in walk(b))


def _same_type(a: Array, b: Type) -> bool:
    return isinstance(b, Array) and a.dtype == b.dtype and same_shape(a, b)


def _is_fresh(op: Apply) -> bool:
    """Whether the result is certainly a new array: `unbroadcast` may give back what it got."""
    made = isinstance(op.fn, Def) and op.fn.alias == "fresh" and op.fn.family in ("elementwise", "select", "general")
    return made and op.fn.name != "unbroadcast"


def _of_another_attribute(op: Op, store: Store) -> bool:
    """Whether an op reads or writes a number in another attribute of the object that `store` writes."""
    if not isinstance(op, (Load, Store)) or not isinstance(op.place, Attr) or not isinstance(store.place, Attr):
        return False
    owner = op.src if isinstance(op, Load) else op.dst
    value = op.result if isinstance(op, Load) else op.value
    return owner is store.dst and op.place.name != store.place.name and isinstance(strip(value.type), Scalar)


def _same_place(a: Store | Load, b: Store | Load) -> bool:
    if isinstance(a.place, Attr) or isinstance(b.place, Attr):
        return a.place == b.place
    if not isinstance(a.place, Index) or not isinstance(b.place, Index) or len(a.place.items) != len(b.place.items):
        return False
    return all(_same_item(x, y) for x, y in zip(a.place.items, b.place.items))


def _same_item(a: Operand | Slice, b: Operand | Slice) -> bool:
    if isinstance(a, Slice) and isinstance(b, Slice):
        return _same_item(a.lower, b.lower) and _same_item(a.upper, b.upper) and _same_item(a.step, b.step)
    if isinstance(a, Literal) and isinstance(b, Literal):
        return same_literal(a, b)
    return a is b


def _fits(op: Store) -> bool:
    """Storing broadcasts as accumulating does; only advanced indices (which may repeat) keep accumulating."""
    if isinstance(op.place, Attr):
        return isinstance(strip(op.value.type), Scalar)
    return not any(not isinstance(i, Slice) and isinstance(strip(i.type), Array) for i in op.place.items)


def _refers(v: Value) -> bool:
    return not isinstance(strip(v.type), Scalar)
