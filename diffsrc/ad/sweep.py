"""The state of one reverse sweep: frames, adjoint slots, shadows, and what is asked of the forward sweep.

*Frames.* A reversed block mirrors a primal block. A primal value that an adjoint reads is *wanted* in the frame which
mirrors the block that defines it: a `want` op at its head, resolved later by `ad/plan.py` (recompute, reload or save).

*Slots.* `adj[v]` is what has been accumulated for a primal value: a cotangent with four facts (`Adj`).

*Shadows.* Arrays of a class that is written, and containers, have memory for an adjoint: a handle per primal handle.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property

import numpy as np

from ..analysis.alias import Aliases
from ..analysis.flows import may_be_absent
from ..analysis.mems import Mem, find, reachable
from ..analysis.positions import Positions
from ..defs.structural import CONSTRUCT, MIRROR, SNAPSHOT, WANT
from ..errors import InternalError, UnsupportedError
from ..ir.build import Builder
from ..ir.ops import WHOLE, Apply, Block, Func, If, Index, Op, View, Yield
from ..ir.types import FLOAT, Maybe, Scalar, Struct, carries_derivative, is_complex, strip
from ..ir.values import Literal, Operand, Value, is_literal
from ..ir.walk import map_operand, map_place, walk
from ..runtime import helpers
from ..source import NOWHERE, Loc
from ..transform.cse import repeated
from .activity import Activity
from .parts import is_aggregate
from .slots import ZERO, Adj, Edits, Frame, Parts, WiderError, adj_name, is_array, is_container, table
from .stable import Stability, is_opaque
from .unread import partly_read


class Sweep:
    """State and the small operations shared by the region and leaf parts of reverse mode."""

    def __init__(
        self,
        func: Func,
        aliases: Aliases,
        activity: Activity,
        split: bool,
        external: frozenset[int],
        primal: bool = True,
    ) -> None:
        self.func, self.aliases, self.activity = func, aliases, activity
        self.split, self.external, self.primal = split, external, primal
        self.pos = Positions(func)
        #: values that are certainly what an earlier value is: that one is read in their place
        self.earlier = repeated(func)
        self.memory = Stability(self.pos, aliases, external)
        self.builder = Builder()
        self.edits = Edits()
        self.adj: dict[Value, Adj] = {}
        self.frames: list[Frame] = []
        self.snaps: dict[Value, tuple[Value, Op, bool]] = {}
        self.shadow_params: dict[Value, Value] = {}
        #: classes whose shadows are built in the forward sweep
        self.twinned: set[Mem] = set()
        self.loc: Loc = NOWHERE
        self.has_select = _selects(func)
        #: classes of which elements may be left unread
        self.partly_read = partly_read(func, aliases, self.pos)
        #: gives the forward and reverse halves of callees (`ad/calls.py`)
        self.calls: object = None
        #: values of the program that are computed once more
        self.recomputed: set[Value] = set()
        #: names for cotangents that need a variable
        self.hints: dict[Value, str] = {}
        #: primal values known in a reversed region without saving (loop variables)
        self.fixed: dict[Block, dict[Value, Operand]] = {}
        #: shadow handle of the forward sweep -> its primal handle
        self.twin_of: dict[Value, Value] = {}
        #: what the shadow of a parameter held on entry, where the forward sweep changes what it refers to
        self.kept: dict[Value, Value] = {}
        #: cotangents of the parts of immutable aggregates (tuples, NamedTuples), by slot
        self.parts: dict[Value, Parts] = {}
        #: parts that were read from aggregates, whose cotangents have been handed on
        self.spent: set[Value] = set()
        #: stores that add to what was there: the value added, and whether it is subtracted
        self.updates: dict[Op, tuple[Operand, bool]] = {}
        #: containers whose cotangent was passed in and is read where it is, never written
        self.borrowed: set[Value] = set()
        #: containers whose shadow is the one that another container held
        self.taken_over: set[Value] = set()
        #: stores whose zeroed shadow nothing reads any more
        self.dead_zeroing: set[Op] = set()

    # -- kinds of adjoint

    def shadowed(self, operand: Operand) -> bool:
        """Whether the adjoint of this value lives in shadow memory."""
        if not isinstance(operand, Value) or not self.activity.active(operand):
            return False
        if is_container(operand):
            return True
        node = self.aliases.of(operand)
        return node is not None and not is_aggregate(operand.type) and self.is_shadow_class(node)

    @cached_property
    def loose(self) -> set[Value]:
        """The values that the program may leave unbound, or None."""
        return may_be_absent(self.func)

    def is_twinned(self, operand: Operand) -> bool:
        """Whether what this value refers to has a shadow that is built in the forward sweep."""
        return self.aliases.of(operand) in self.twinned

    def wider(self, operand: Operand, refusal: UnsupportedError) -> Exception:
        """To be raised where the reverse sweep can't find a shadow: it is to be built in the forward sweep, else refused."""
        node = self.aliases.of(operand)
        unknown = node is None or node in self.twinned or not self.activity.memory_active(node)
        return refusal if node is None or unknown else WiderError(node)

    def is_shadow_class(self, node: Mem) -> bool:
        """Written arrays, containers, and arguments with a shadow."""
        node = find(node)
        if node in self.twinned or any(is_container(r) for r in node.roots):
            return True
        return bool(node.writes) or any(p in self.shadow_params for p in self.func.params if self.aliases.of(p) is node)

    def by_value(self, v: Value) -> bool:
        """A container handed on at joins, of a class in which nothing is written: its cotangent is handed on too, a new
        container of the same structure."""
        node = self.aliases.of(v) if is_container(v) and self.activity.active(v) else None
        if node is None or node in self.twinned:
            return False
        return bool(node.joins) and not any(n.writes for n in reachable(node))

    def handed_back(self, v: Value) -> Adj | None:
        """The cotangent with which a value crosses a join backwards; None if nothing was added to it."""
        if self.by_value(v):
            made = self.frame.shadows.get(v) if self.frame_of(v) is self.frame else None
            return None if made is None else Adj(made)
        return None if self.shadowed(v) else self.take(v)

    @property
    def frame_shadow_values(self) -> set[Value]:
        """Shadow handles made at the top of this sweep (they belong to it)."""
        return set(self.frames[0].shadows.values()) if self.frames else set()

    # -- frames and wants

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def frame_of(self, value: Value) -> Frame:
        region = self.pos.region_of[value]
        for frame in reversed(self.frames):
            if frame.block is region:
                return frame
        raise InternalError(f"no reversed region for {value.name or 'a temporary'}", loc=value.loc)

    def need(self, operand: Operand) -> Operand:
        """A primal operand, readable where the reverse sweep stands (for arrays: the handle)."""
        return map_operand(operand, self._need)

    def first(self, operand: Operand) -> Operand:
        """The earliest value that is the same."""
        return self.earlier.get(operand, operand) if isinstance(operand, Value) else operand

    def _need(self, operand: Operand) -> Operand:
        operand = self.first(operand)
        if not isinstance(operand, Value) or operand not in self.pos.region_of:
            return operand  # a constant, or a value of the reverse sweep itself
        frame = self.frame_of(operand)
        if operand in frame.fixed:
            return frame.fixed[operand]
        if frame.parent is None and not self.split:
            return operand
        if operand not in frame.wants:
            frame.wants[operand] = Value(operand.name, operand.type, operand.mem, None, operand.loc)
        return frame.wants[operand]

    def need_place(self, place: Index) -> Index:
        mapped = map_place(place, self._need)
        assert isinstance(mapped, Index)
        return mapped

    def content(self, operand: Operand, op: Op, after: bool = False) -> Operand:
        """A primal operand with the contents it had when `op` ran."""
        return map_operand(operand, lambda o: self._content(o, op, after))

    def _content(self, operand: Operand, op: Op, after: bool) -> Operand:
        if not isinstance(operand, Value) or is_opaque(operand) or self.stable(operand, op):
            return self.need(operand)
        return self.need(self.snapshot(operand, op, after))

    def stable(self, operand: Operand, op: Op) -> bool:
        """Whether the contents at `op` are still there in the reverse sweep."""
        return self.memory.stable(operand, op)

    def snapshot(self, value: Value, op: Op, after: bool) -> Value:
        """The value of a copy made just before (after) `op`; made once where nothing writes between two uses."""
        for snap, (of, at, was_after) in self.snaps.items():
            if of is value and was_after == after and self.memory.nothing_between(value, at, op):
                return snap
        snap = Value(value.name, value.type, None, None, op.loc)
        self.snaps[snap] = (value, op, after)
        self.pos.region_of[snap] = self.pos.block_of[op]
        if self.pos.parent[self.pos.block_of[op]] is None and not self.split:
            where = self.edits.after if after else self.edits.before
            op = op if after else self.memory.start_of_statement(value, op)
            where.setdefault(op, []).append(Apply(SNAPSHOT, (value,), (), (snap,), op.loc))
        return snap

    @contextmanager
    def mirrored(self, block: Block) -> Iterator[Frame]:
        """A frame for a primal block; on exit its ops are in `frame.ops` order head, ops (see `close`)."""
        frame = Frame(block, self.frames[-1] if self.frames else None)
        self.frames.append(frame)
        try:
            yield frame
        finally:
            self.frames.pop()

    def close(self, frame: Frame, ops: list[Op]) -> list[Op]:
        """Marker, wants, head and body of a reversed block."""
        wants: list[Op] = [Apply(WANT, (Literal(v),), (), (w,), w.loc) for v, w in frame.wants.items()]
        self.fixed.setdefault(frame.block, {}).update(frame.fixed)
        known = tuple(v for v in frame.fixed.values() if isinstance(v, Value))  # kept: the plan may use them
        return [*frame.first, Apply(MIRROR, (Literal(frame.block), *known)), *wants, *frame.head, *ops]

    @contextmanager
    def at_head(self, frame: Frame, first: bool = False) -> Iterator[None]:
        """Emit into the head of a frame (`first`: before what is saved or recomputed there)."""
        self.builder._stack.append(frame.first if first else frame.head)
        try:
            yield
        finally:
            self.builder._stack.pop()

    def check_spent(self, block: Block) -> None:
        """Every cotangent of a value of the reversed block has been handed on: none is lost in silence."""
        params = self.func.params
        for v in [*self.adj, *self.parts]:
            if self.pos.region_of.get(v) is block and v not in params:
                raise InternalError(f"the cotangent of {v.name or 'a temporary'} was not used", loc=v.loc)

    # -- slots

    def take(self, v: Value) -> Adj | None:
        """The cotangent accumulated for a value whose definition is being reversed."""
        return self.adj.pop(v, None)

    def drop(self, op: Apply) -> None:
        """The results are constants: what reached them goes nowhere."""
        for r in op.results:
            self.take(r)
            self.parts.pop(r, None)

    def contribute(self, operand: Operand, g: Adj) -> None:
        """Add a cotangent to the adjoint of an operand (if it is active)."""
        if not isinstance(operand, Value) or not self.activity.active(operand):
            return
        if self.shadowed(operand) and is_container(operand):
            from .structures import add_bound

            add_bound(self, operand, g.value)
            return
        if self.shadowed(operand):
            value = self.signed(operand, self.realise(g, operand, whole=False))
            self.builder.store(self.shadow(operand, True), WHOLE, value, add=True, loc=self.loc)
            return
        old = self.adj.get(operand)
        self.adj[operand] = g if old is None else self._sum(old, g, operand)
        self.suggest(operand)

    def suggest(self, operand: Value) -> None:
        """Should the cotangent need a variable, it is called after its primal."""
        value = self.adj[operand].value
        if operand.name is not None and isinstance(value, Value) and value.name is None:
            self.hints.setdefault(value, f"d{operand.name}")

    def _sum(self, old: Adj, g: Adj, v: Value) -> Adj:
        if old.mask and g.mask and old.mask[0] is g.mask[0] and old.mask[1] != g.mask[1] and is_array(v):
            yes, no = (old, g) if g.mask[1] else (g, old)
            merged = self.builder.apply(table(np.where), (old.mask[0], yes.value, no.value), loc=self.loc, type=v.type)
            return Adj(merged, owned=True, selected=True)
        selected = old.selected or g.selected or bool(old.mask) or bool(g.mask)
        if old.uniform and g.uniform and not old.mask and not g.mask:
            return Adj(self._plus(old.value, g.value, FLOAT), uniform=True, selected=selected)
        if is_array(v) and old.owned and not old.mask:
            self.builder.store(old.value, WHOLE, self.realise(g, v, whole=False), add=True, loc=self.loc)
            return Adj(old.value, owned=True, selected=selected)
        a, b = self.realise(old, v, whole=False), self.realise(g, v, whole=False)
        if is_array(v) and not is_array(a) and not is_array(b):
            a = self.full(v, a)
        return Adj(self._plus(a, b, v.type), owned=is_array(v), selected=selected)

    def twice(self, a: Adj, b: Adj, v: Value) -> Adj:
        """The sum of what one operation gives for an operand that stands twice in it, as one expression."""
        return self._sum(replace(a, owned=False), b, v)

    def _plus(self, a: Operand, b: Operand, t: object) -> Value:
        from ..ir.types import Type

        assert isinstance(t, Type)
        return self.builder.apply(table(operator.add), (a, b), loc=self.loc, type=t)

    def realise(self, g: Adj, v: Value, whole: bool = True) -> Operand:
        """The cotangent as an operand; `whole`: an array wherever the primal is one."""
        value = g.value
        if g.mask is not None:
            value = self.where(g.mask, value, v)
        if whole and is_array(v) and not is_array(value):
            return self.full(v, value)
        return value

    def where(self, mask: tuple[Operand, bool], value: Operand, v: Value) -> Operand:
        """`np.where(mask, value, 0.0)`, for numbers `value if mask else 0.0`."""
        yes, no = (ZERO, value) if mask[1] else (value, ZERO)
        if is_array(mask[0]) or is_array(value):
            t = v.type if is_array(v) and is_array(mask[0]) else None
            return self.builder.apply(table(np.where), (mask[0], yes, no), loc=self.loc, type=t)
        out = Value(None, v.type, loc=self.loc)
        self.builder.emit(If(mask[0], Block((), (Yield((yes,)),)), Block((), (Yield((no,)),)), (out,), self.loc))
        return out

    def full(self, v: Value, scalar: Operand) -> Value:
        """A whole array of the shape of primal `v`, filled with a scalar."""
        name = adj_name(v)
        if is_literal(scalar, 0):
            return self.zeros(v)
        if isinstance(v.type, Maybe):
            whole = self.zeros(v)
            self.builder.store(whole, WHOLE, scalar, add=True, loc=self.loc)
            return whole
        self.edits.started.add(v)
        return self.builder.apply(table(np.full_like), (self.need(v), scalar), name=name, loc=self.loc, type=v.type)

    def zeros(self, v: Value) -> Value:
        self.edits.started.add(v)  # read also where the program leaves it unbound: nothing will read the zeros then
        row = table(helpers.zeros_of if isinstance(v.type, Maybe) else np.zeros_like)
        return self.builder.apply(row, (self.need(v),), name=adj_name(v), loc=self.loc, type=strip(v.type))

    def zero_of(self, v: Value) -> Operand:
        if is_container(v):
            return self.empty(v)
        return self.zeros(v) if is_array(v) else ZERO

    def empty(self, v: Value) -> Value:
        """Zeros in the structure of a container."""
        t = strip(v.type)
        fields = t.fields if isinstance(t, Struct) and not isinstance(v.type, Maybe) else ()
        if fields and isinstance(t, Struct) and all(isinstance(f, Scalar) and carries_derivative(f) for _, f in fields):
            made = (Literal(t.cls, t.cls.__name__), *(ZERO for _ in fields))
            return self.builder.apply(CONSTRUCT, made, name=adj_name(v), loc=self.loc, type=t)
        self.edits.started.add(v)
        return self.builder.apply(table(helpers.zeros_of), (self.need(v),), name=adj_name(v), loc=self.loc, type=t)

    def buffer(self, v: Value) -> Value:
        """An owned array for the adjoint of `v`, to be updated by part."""
        g = self.adj.get(v)
        if g is not None and g.owned and not g.mask:
            assert isinstance(g.value, Value)
            return g.value
        if g is None:
            new = self.zeros(v)
        else:
            value = self.realise(g, v)
            new = value if not is_array(g.value) and isinstance(value, Value) else self.copy(value, adj_name(v))
        self.adj[v] = Adj(new, owned=True, selected=self.may_hold_zeros(v))
        return new

    def may_hold_zeros(self, v: Operand) -> bool:
        """Whether zeros in the adjoint of an array or container may stand for what nothing reads."""
        node = self.aliases.of(v) if isinstance(v, Value) else None
        return self.has_select or (node is not None and find(node) in self.partly_read)

    def copy(self, array: Operand, name: str | None = None) -> Value:
        return self.builder.apply(SNAPSHOT, (array,), name=name, loc=self.loc, type=strip(array.type))

    # -- shadows

    def negative(self, v: Operand) -> bool:
        """Whether the shadow holds minus the cotangent: `dz.imag`, where cotangents are paired by `Re(dz * z_dot)`."""
        made = self.pos.def_of.get(v) if isinstance(v, Value) else None
        if isinstance(made, View):
            return self.negative(made.src)
        return isinstance(made, Apply) and made.fn.name == ".imag" and is_complex(made.args[0].type)

    def signed(self, v: Operand, g: Operand) -> Operand:
        """A cotangent as the shadow of `v` holds it, or what that holds as a cotangent."""
        if not self.negative(v):
            return g
        return self.builder.apply(table(operator.neg), (g,), loc=self.loc, type=strip(g.type))

    def shadow(self, v: Operand, signed: bool = False) -> Value:
        """The shadow handle of a primal handle, where the reverse sweep stands. `signed`: it may hold the negative.

        Raises:
            UnsupportedError: the negative is held, and the caller can't tell.
        """
        assert isinstance(v, Value)
        if not signed and self.negative(v):
            raise UnsupportedError(
                "the imaginary part of an array that is written is handed on", loc=v.loc, code="DS310",
                hint="copy it (`z.imag.copy()`), or write the complex array",
            )  # fmt: skip
        if v in self.shadow_params:
            return self.shadow_params[v]
        if v in self.edits.twins:
            found = self.need(self.edits.twins[v])
            assert isinstance(found, Value)
            return found
        from .shadows import make_shadow

        frame = self.frame_of(v)
        if v not in frame.shadows:
            with self.at_head(frame):
                frame.shadows[v] = make_shadow(self, v)
        return frame.shadows[v]


def chooses(func: Func, aliases: Aliases) -> bool:
    """Whether a function may leave what it is given unused on some path: by an `if`, by a selection, or in part."""
    if any(isinstance(op, If) for op in walk(func.body)) or _selects(func):
        return True
    return bool(partly_read(func, aliases, Positions(func)))


def _selects(func: Func) -> bool:
    """Whether the function selects between active values anywhere (so that exact zeros may meet singular partials)."""
    return any(isinstance(op, Apply) and getattr(op.fn, "family", "") == "select" for op in walk(func.body))
