"""Arrays that nobody reads any more lend their memory to those that are made next.

An array is a *donor* if this function allocates it, it gets to nobody else, and no value that may refer to it is read later.
An op that makes an array of the same shape, dtype and layout then writes into it, in one of three ways:

* an elementwise op writes over one of its operands (`y *= 2.0`, `np.exp(y, out=y)`);
* any other op that takes `out=` writes into an array that died before;
* in a loop, what each iteration would allocate is allocated once in front of it.

Expressions that run once stay whole: their parts are left to NumPy, which writes over temporaries by itself (`x * y + z`).

Before::                                     After::

    %a: f64[n] = np.sin(%x)                      %a: f64[n] = np.sin(%x)
    %b: f64[n] = mul(%a, 2.0)                    %b: f64[n] = np.multiply(%a, 2.0, out=%a)

The values are the same bit for bit. What the user owns, what is kept (in a list, by a callee), and what may be one with
another array is never written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import numpy as np

from ..analysis.lifetimes import NARROW, NOTHING, Liveness, kept_of, origins_of, solid_of, wholes_of
from ..analysis.positions import Positions
from ..defs.nouns import noun
from ..defs.structural import SNAPSHOT
from ..defs.table import BY_NAME
from ..ir.ops import WHOLE, Apply, Block, For, Func, Op, Return, Store, While, Yield, is_whole
from ..ir.types import DTYPES, Array, Type, kind_of, same_dim, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, results, substitute, used_values, values_in, walk, with_blocks, with_body, with_ops
from .destinations import (
    NUMPY_REUSES,
    Layouts,
    contents_of,
    destination,
    in_c_order,
    is_donor,
    is_elementwise,
    is_small,
    one_size,
    same_type,
    size_of,
    with_out,
)
from .memory import written

#: dead arrays of one type that are looked at
MOST = 64


@dataclass(frozen=True, slots=True)
class Reuse:
    """How many arrays a function allocates, before and after, and why those that remain do."""

    before: int
    after: int
    #: by the value that an allocation makes
    reasons: Mapping[Value, str] = field(default_factory=dict)


def reuse_buffers(func: Func, mine: Callable[[Op], bool] = lambda op: True) -> tuple[Func, Reuse]:
    """The function with arrays written over those that are dead; `mine` tells the ops that are not the primal's: the layout
    of their results may be another one."""
    if not any(map(is_donor, walk(func.body))):
        return func, Reuse(0, 0)
    useless: set[Value] = set()
    while True:
        prepared, copies = _with_copies(func, useless)
        pass_ = _Reuse(prepared, mine, copies)
        if harmful := pass_.harmful():
            useless |= harmful
            continue
        pass_.run()
        unused = {p for copy, p in copies.items() if len(pass_.buffer.get(copy, ())) < 2}
        if not unused:
            break
        useless |= unused
    if not pass_.changed and not pass_.dropped:
        return func, pass_.report()
    body = pass_.rewritten(prepared.body)
    return substitute(with_body(func, body), dict(pass_.renamed)), pass_.report()


def _with_copies(func: Func, useless: set[Value]) -> tuple[Func, dict[Value, Value]]:
    """The function in which a loop that makes a variable anew in each iteration starts with a copy of what others hold: its
    iterations may write over that. With the copies and the parameters that they are for, `useless` ones left out."""
    origins = origins_of(func, is_donor)
    whole = wholes_of(func, origins, is_donor)
    copies: dict[Value, Value] = {}

    def visit(block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            if isinstance(op, (For, While)):
                inits = list(op.inits)
                for n, (init, p) in enumerate(zip(op.inits, op.orelse.params)):
                    last = op.body.terminator
                    made = last.values[n] if isinstance(last, Yield) else None
                    renewed = p not in useless and isinstance(made, Value) and made in whole and made in results_of(op.body)
                    if isinstance(init, Value) and isinstance(init.type, Array) and init not in whole and renewed:
                        copy = Value(p.name, init.type, loc=op.loc, hint=init.hint)
                        row = SNAPSHOT if init.type.ndim < 2 else BY_NAME["np.copy"]  # which keeps the order of the axes
                        ops.append(Apply(row, (init,), (), (copy,), op.loc))
                        copies[copy], inits[n] = p, copy
                op = replace(op, inits=tuple(inits))
            ops.append(with_blocks(op, tuple(map(visit, blocks(op)))) if blocks(op) else op)
        return with_ops(block, ops)

    found = with_body(func, visit(func.body))
    return (found, copies) if copies else (func, copies)


def results_of(block: Block) -> set[Value]:
    """What the ops of a block itself make."""
    return {r for op in block.ops for r in results(op)}


class _Reuse:
    def __init__(self, func: Func, mine: Callable[[Op], bool], copies: Mapping[Value, Value]) -> None:
        self.func, self.mine, self.copies = func, mine, copies
        self.made: dict[Value, Op] = {r: op for op in walk(func.body) for r in results(op)}
        self.positions = Positions(func)
        self.origins = origins_of(func, is_donor)
        self.whole = wholes_of(func, self.origins, is_donor)
        self.solid = solid_of(func, is_donor)
        self.copied = {v for v, found in self.origins.items() if not found.isdisjoint(copies)}
        self.kept = kept_of(func, self.origins)
        self.live = Liveness(func, self.origins)
        self.users: dict[Value, list[Op]] = {}
        for op in walk(func.body):
            for v in used_values(op):
                self.users.setdefault(v, []).append(op)
        self.layouts = Layouts(self.made)
        #: the buffer of a donor: all that is ever written into it
        self.buffer: dict[Value, set[Value]] = {}
        #: arrays that may be written into when they are dead, by type
        self.pool: dict[Type, list[Value]] = {}
        self.read: dict[tuple[Op, Value | None], frozenset[Value]] = {}
        #: what an op becomes; what stands in front of a loop
        self.changed: dict[Op, Op] = {}
        #: the operand that an op writes over
        self.over: dict[Op, Value] = {}
        self.hoisted: dict[Op, list[Op]] = {}
        self.dropped: set[Op] = set()
        self.renamed: dict[Value, Operand] = {}
        self.left_to_numpy: set[Value] = set()
        #: donors that are one memory only if the program went a certain way
        self.joined: set[Value] = set()
        self.stays: dict[Value, str] = {}
        self.total = 0

    def report(self) -> Reuse:
        return Reuse(self.total, len(self.stays), self.stays)

    def harmful(self) -> set[Value]:
        """The parameters of loops whose copies the program itself writes: where the loop doesn't run, others hold that."""
        if not self.copies:
            return set()
        targets = (v for op in walk(self.func.body) for v in values_in(*written(op)))
        hit = NOTHING.union(*(self.origins.get(v, NOTHING) for v in targets))
        return {p for copy, p in self.copies.items() if copy in hit}

    # -- deciding

    def run(self) -> None:
        for op in walk(self.func.body):
            if not is_donor(op):
                continue
            assert isinstance(op, Apply)
            result = op.results[0]
            if result in self.copies or self.is_augmented(op, result):
                continue
            self.total += 1
            why = self.place(op, result)
            if why:
                self.stays[result] = why
            self.buffer.setdefault(result, {result})
            self.offer(result)
        self.stays.update(dict.fromkeys(self.copies, "once for the loop"))

    def is_augmented(self, op: Apply, result: Value) -> bool:
        """Whether an op is only the operator of `a[...] += b`, or the minus of `a -= b`."""
        users = self.users.get(result, [])
        if result.name is not None or len(users) != 1 or not isinstance(store := users[0], Store):
            return False
        if store.add:
            return op.fn.name == "neg"
        return is_whole(store.place) and op.args[0] is store.dst and len(op.args) == 2 and is_elementwise(op)

    def place(self, op: Apply, result: Value) -> str:
        """Find memory for the result of an op; why there is none, if so."""
        if is_small(result):
            return "it is small"
        if op.fn is SNAPSHOT and result.name in (None, getattr(op.args[0], "name", None)):
            return self.hand_over(op, result)
        target = destination(op)
        inside = self.is_inside(op, result)
        why = self.lend(op, result, target, inside)
        if not why:
            return ""
        if inside:
            return "inside an expression"
        if result in self.solid:
            if target is not None and (self.take(op, result, target) or self.hoist(op, result, target)):
                return ""
            if (value := contents_of(op)) is not None and self.hoist(op, result, value):
                return ""
        return why

    def is_inside(self, op: Apply, result: Value) -> bool:
        """Whether a result is only a part of an expression, which stays one. In a loop, where it would be allocated again and
        again, what the expression can be computed in is no such part."""
        users = self.users.get(result, [])
        if result.name is not None or len(users) != 1 or not isinstance(users[0], (Apply, Store, Return)):
            return False
        here = self.positions.block_of[op]
        if self.positions.block_of[users[0]] is not here:
            return False
        return not self.positions.loops(here) or not self.begins(result, users[0])

    def begins(self, result: Value, user: Op) -> bool:
        """Whether the memory of a part holds the whole expression in the end, and then again that of the next iteration."""
        if not isinstance(user, Apply) or not is_donor(user) or not is_elementwise(user):
            return False
        whole = user.results[0]
        parts = [a for a in user.args if isinstance(a, Value) and same_type(a, whole)]
        first = next((a for a in parts if a.name is None and len(self.users[a]) == 1 and is_donor(self.made.get(a))), None)
        bound = self.bound(user)
        if first is not result or (bound is not None and any(a.name == bound for a in parts)):
            return False
        if not self.is_inside(user, whole):
            return self.is_apart(user, whole, frozenset())
        return self.begins(whole, self.users[whole][0])

    def bound(self, op: Op) -> str | None:
        """The variable that the expression binds of which an op is a part."""
        while True:
            made = results(op)
            if len(made) != 1 or made[0].name is not None or len(users := self.users.get(made[0], [])) != 1:
                return made[0].name if len(made) == 1 else ""
            op = users[0]

    def hand_over(self, op: Apply, result: Value) -> str:
        """The copy of an array that nobody reads any more is that array."""
        a = op.args[0]
        why = self.obstacle(op, result, a) if isinstance(a, Value) else "a copy"
        if not why:
            assert isinstance(a, Value)
            self.join(result, a)
            self.renamed[result] = self.renamed.get(a, a)
            self.dropped.add(op)
        return why

    def lend(self, op: Apply, result: Value, target: Apply | None, inside: bool) -> str:
        """Write over an operand; `inside` an expression only over the variable that the expression rebinds."""
        if not is_elementwise(op):
            return "no dead array has its shape"
        reasons = []
        candidates = [(n, a) for n, a in enumerate(op.args) if isinstance(a, Value) and isinstance(strip(a.type), Array)]
        bound = self.bound(op)
        rebound = [a for _, a in candidates if a.name is not None and a.name == bound and a not in self.copied]
        for n, a in candidates:
            if target is not None and rebound and not self.obstacle(op, result, rebound[0]):
                self.write(op, target, rebound[0], result)  # `y += a * b` rather than `y = y + a * b`
                return ""
            if self.is_numpys(op, n, a) and not self.obstacle(op, result, a):
                self.left_to_numpy.add(result)
                self.join(result, a)
                return ""
        for _, a in candidates:
            mine = a.name == bound if a.name else self.made.get(a) in self.changed
            if inside and not mine:
                continue
            why = self.obstacle(op, result, a)
            if not why and target is not None:
                self.write(op, target, a, result)
                return ""
            reasons.append(why or f"{op.fn.name} can't write over its operand")
        return "; ".join(dict.fromkeys(reasons)) or "no operand is an array"

    def is_numpys(self, op: Apply, n: int, a: Value) -> bool:
        """Whether an operand is a temporary of one expression, over which NumPy writes by itself."""
        made = self.made.get(a)
        plain = made is not None and made not in self.changed and a not in self.renamed and isinstance(made, Apply)
        nearby = plain and self.positions.block_of[made] is self.positions.block_of[op]  # type: ignore[index]
        return nearby and a.name is None and len(self.users[a]) == 1 and n in NUMPY_REUSES.get(op.fn.name, ())

    def obstacle(self, op: Apply, result: Value, a: Value) -> str:
        """Why an operand can't be written over; nothing where it can."""
        shown = f"`{a.name}`" if a.name else "an operand"
        if not same_type(a, result):
            return f"{shown} has another shape or dtype"
        origins = self.origins.get(a, frozenset())
        if a in self.func.params:
            return f"{shown} belongs to the caller"
        if a not in self.whole or a not in self.solid or not origins:
            return f"{shown} isn't certainly an array made here"
        members = self.members(origins)
        if not members.isdisjoint(self.kept):
            return f"{shown} is kept by something else"
        if kind_of(result.type) in NARROW and result not in self.solid:
            return "its result may have a wider dtype"
        if not self.same_layout(op, a, result):
            return f"{shown} may be laid out otherwise"
        if a in self.live.after[op]:
            return f"{shown} is read later"
        if not members.isdisjoint(self.busy(op, without=a)):
            return f"{shown} may be read later"
        if not self.lasts_well(op, result, members, without=a):
            return "its result is kept by something else" if result in self.kept else f"{shown} is read in another iteration"
        return ""

    def lasts_well(self, op: Apply, result: Value, members: AbstractSet[Value], without: Value | None = None) -> bool:
        """Whether memory can hold a result: if it outlives an iteration, whatever is written there, the result of the
        iteration before is no longer read then."""
        if not self.positions.loops(self.positions.block_of[op]) or all(self.positions.same_iteration(m, op) for m in members):
            return True
        return self.is_apart(op, result, members, without)

    def is_apart(self, op: Apply, result: Value, members: AbstractSet[Value], without: Value | None = None) -> bool:
        """Whether nothing that is in the memory of a result, from the iteration before, is read when that is written."""
        own = self.buffer.get(result, {result})
        if result in self.kept or not own.isdisjoint(self.busy(op, without)):
            return False
        others = {made for m in members if (made := self.made.get(m)) in self.changed} - {op}
        return all(own.isdisjoint(self.busy(other, self.over.get(other))) for other in others)

    def busy(self, op: Op, without: Value | None = None) -> frozenset[Value]:
        """The donors to whose memory something refers that an op reads, or that is read after it."""
        if (op, without) not in self.read:
            held = self.live.after[op].difference(results(op)).union(v for v in used_values(op) if v is not without)
            self.read[op, without] = NOTHING.union(*[self.origins[v] for v in held if v in self.origins])
        return self.read[op, without]

    def members(self, origins: frozenset[Value]) -> AbstractSet[Value]:
        """All that was ever written into the memory that one of these allocated."""
        if len(origins) == 1:
            return self.buffer.get(next(iter(origins)), origins)
        return NOTHING.union(*(self.buffer.get(o, {o}) for o in origins))

    def join(self, result: Value, a: Value) -> None:
        """The result is in the memory of `a` from now on."""
        if len(self.origins[a]) > 1:
            self.joined.update(self.origins[a])
        groups = [self.buffer.setdefault(o, {o}) for o in self.origins[a]]
        group = max(groups, key=len)
        for other in groups:
            if other is not group:
                group |= other
                self.buffer.update(dict.fromkeys(other, group))
        group.add(result)
        self.buffer[result] = group

    def take(self, op: Apply, result: Value, target: Apply) -> bool:
        """Write into an array of the same type that died before."""
        around = self.positions.regions(self.positions.block_of[op])
        unusable = self.busy(op) | self.left_to_numpy | self.joined | self.kept
        for handle in reversed(self.pool.get(strip(result.type), [])[-MOST:]):
            members = self.buffer[handle]
            if self.positions.region_of[handle] not in around or not members.isdisjoint(unusable):
                continue
            if self.same_layout(op, handle, result) and self.lasts_well(op, result, members):
                self.write(op, target, handle, result)
                return True
        return False

    def offer(self, result: Value) -> None:
        """Let other arrays be written into this one, when it is dead: it has a variable anyway, and its size is known."""
        t = strip(result.type)
        named = result.name is not None or len(self.users.get(result, ())) > 1 or self.made.get(result) in self.changed
        if named and result in self.solid and result not in self.kept and one_size(result, result):
            self.pool.setdefault(t, []).append(result)

    def write(self, op: Apply, target: Apply, memory: Value, result: Value) -> None:
        """Let an op write into memory, under a name that says what is in it now."""
        if memory in target.args:
            self.over[op] = memory
        self.join(result, memory)
        there = self.renamed.get(memory)
        if isinstance(there, Value) and result.name in (None, there.name):  # which has a variable for the whole loop
            self.renamed[result] = there
            self.changed[op] = replace(with_out(target, memory), results=())
            return
        self.changed[op] = with_out(target, memory)
        made = self.made.get(memory)
        if result.name is not None or made is None:
            return
        if self.mine(op) and not self.mine(made):  # a cotangent isn't called after what was there before
            self.rename(op, replace(result, hint=self.called(op, result) or ""))
        elif memory.name is None and memory.hint is None and made in self.positions.order:
            self.rename(made, replace(memory, hint=self.called(op, result)))

    def rename(self, op: Op, new: Value) -> None:
        """Give the result of an op other words for a name."""
        now = self.changed.get(op, op)
        if isinstance(now, Apply) and len(now.results) == 1:
            self.renamed[results(op)[0]] = new
            self.changed[op] = replace(now, results=(new,))

    def called(self, op: Op, result: Value) -> str | None:
        return result.name or result.hint or noun(op, lambda v: getattr(v, "name", None), self.made)

    def hoist(self, op: Apply, result: Value, target: Apply | Operand) -> bool:
        """Allocate in front of the outermost loop that leaves shape and contents free; the op computes into that, or what it
        would start with is stored there."""
        name = result.name or self.bound(op) or None
        memory = Value(name, strip(result.type), loc=op.loc, hint=self.called(op, result))
        loop, alloc = None, None
        for around in self.positions.each_iteration(op):
            found = self.allocation(around, op, result, memory)
            if found is None or not self.is_apart(op, result, frozenset()):
                break
            loop, alloc = around, found
        if loop is None or alloc is None:
            return False
        self.hoisted.setdefault(loop, []).extend(alloc)
        if isinstance(target, Apply):
            self.changed[op] = replace(with_out(target, memory), results=())
        else:
            self.changed[op] = Store(memory, WHOLE, target, False, op.loc)
        self.renamed[result] = memory
        self.positions.region_of[memory] = self.positions.block_of[loop]
        self.buffer[memory] = self.buffer[result] = {memory, result}
        self.stays[memory] = "once for the loop"
        return True

    def allocation(self, loop: Op, op: Apply, result: Value, memory: Value) -> list[Op] | None:
        """The ops that allocate memory in front of a loop for a result that is made in it: like an array that is there, or by
        the sizes of such."""
        usable = self.solid - self.renamed.keys() - self.copies.keys()
        there = [v for v in reversed(self.positions.visible(loop)) if v in usable]
        there.sort(key=lambda v: v not in op.args)  # what it is made of says most to the reader
        for v in there:
            if one_size(v, result) and self.same_layout(op, v, result):
                return [Apply(BY_NAME["np.empty_like"], (v,), (), (memory,), loop.loc)]
        t = strip(result.type)
        assert isinstance(t, Array)
        if self.layouts.of(result) != "C" and not self.mine(op):
            return None
        ops: list[Op] = []
        sizes: list[Operand] = []
        for d in t.dims:
            found = next(((v, k) for v in there for k, e in enumerate(strip(v.type).dims) if same_dim(d, e)), None)  # type: ignore[attr-defined]
            if isinstance(d, int):
                sizes.append(Literal(d))
            elif found is not None:
                sizes.append(size_of(*found, loop, ops))
            else:
                return None
        dtype = getattr(np, DTYPES[t.dtype])
        kind = () if t.dtype == "f64" else (("dtype", Literal(dtype, f"np.{dtype.__name__}")),)
        shape = sizes[0] if len(sizes) == 1 else Pack(tuple(sizes))
        return [*ops, Apply(BY_NAME["np.empty"], (shape,), kind, (memory,), loop.loc)]

    # -- layouts

    def same_layout(self, op: Apply, a: Value, result: Value) -> bool:
        """Whether memory is laid out as that of a result would be. Sums of elements hang on it in the last bit, so only
        what derivatives alone read may have another one; and views of what is always in C order count on that."""
        ordered = in_c_order(op) and any(getattr(u.fn, "alias", "") == "maybe" for u in self.readers(result))
        return (self.mine(op) and not ordered) or self.layouts.of(a) == self.layouts.of(result)

    def readers(self, v: Value) -> Iterator[Apply]:
        return (op for op in self.users.get(v, ()) if isinstance(op, Apply))

    # -- rewriting

    def rewritten(self, block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            if op in self.dropped:
                continue
            ops += self.hoisted.get(op, ())
            op = self.changed.get(op, op)
            ops.append(with_blocks(op, tuple(map(self.rewritten, blocks(op)))) if blocks(op) else op)
        return with_ops(block, ops)


