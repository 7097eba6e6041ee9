"""Reload, recompute or save: how each wanted primal value comes into the reverse sweep.

After dead code is gone from the reverse sweep, the `want` ops at the heads of its blocks say which primal values are read
there. Per region, innermost first, a plan is chosen by a minimum cut: a value is *saved* (a list in loops, the variable
itself under `if`), or *recomputed* from other values of its region; both have a price. Values of outer regions become
wants there. Recomputing reads memory only where nothing can have written it since (else a snapshot is the operand).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..defs.structural import LIST_APPEND, LIST_NEW, LIST_POP, MIRROR, SNAPSHOT, WANT
from ..ir.ops import Apply, Block, Guard, If, Load, Op, View, Yield
from ..ir.types import List, carries_derivative
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, map_operands, substitute_block, used_values, with_blocks
from .recipes import SAVE_ARRAY, Recipe, is_shape, is_view, min_cut, nodes, price_of, saved_name, word_for
from .slots import is_array, is_container
from .stable import is_opaque
from .sweep import Sweep
from .twins import found_again

SAVE_NUMBER, SAVE_COPY, SAVE_VARIABLE = 1.0, 14.0, 0.01


@dataclass(eq=False, slots=True)
class Place:
    """The wants of one primal block, and the primal block's own list of chosen ops."""

    block: Block
    wants: dict[Value, list[Value]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What was decided, for dumps. `chosen`: how each wanted value comes into the reverse sweep; `snapshots`: which of them
    are the contents of another value just before or after an op; `reverse`: the sweep with its wants."""

    chosen: dict[Value, str]
    snapshots: dict[Value, tuple[Value, Op, bool]]
    reverse: Block


class Planner:
    """Resolves all wants of a reverse sweep; what it saves is entered into `sweep.edits`."""

    def __init__(self, sweep: Sweep) -> None:
        self.s = sweep
        self.mapping: dict[Operand, Operand] = {}
        self.places: list[Place] = []
        self.residual: dict[Value, Value] = {}
        self.saved_lists: dict[Value, Value] = {}
        self.chosen: dict[Value, str] = {}

    def resolve(self, ops: list[Op]) -> list[Op]:
        """The reverse sweep's ops with wants replaced."""
        block = self._block(Block((), tuple(ops)))
        return list(substitute_block(block, self._final).ops)

    def _final(self, operand: Operand) -> Operand:
        while operand in self.mapping:
            operand = self.mapping[operand]
        return operand

    # -- traversal

    def _block(self, block: Block) -> Block:
        depth, marks = len(self.places), []
        ops: list[Op | Place] = []
        for op in block.ops:
            if isinstance(op, Apply) and op.fn is MIRROR:
                primal = op.args[0]
                assert isinstance(primal, Literal) and isinstance(primal.value, Block)
                self.places.append(Place(primal.value))
                marks.append(self.places[-1])
                ops.append(self.places[-1])
            elif isinstance(op, Apply) and op.fn is WANT:
                self._note(op)
            else:
                ops.append(with_blocks(op, tuple(self._block(b) for b in blocks(op))) if blocks(op) else op)
        chosen: dict[Place, list[Op]] = {}
        for place in reversed(marks):
            chosen[place] = self._decide(place)
            self.places.pop()
        assert len(self.places) == depth
        flat: list[Op] = []
        for item in ops:
            flat += chosen[item] if isinstance(item, Place) else [item]
        return Block(block.params, tuple(flat))

    def _note(self, op: Apply) -> None:
        of = op.args[0]
        assert isinstance(of, Literal) and isinstance(of.value, Value)
        self._want(of.value, op.results[0])

    def _want(self, v: Value, stand_in: Value) -> None:
        region = self.s.pos.region_of[v]
        for place in reversed(self.places):
            if place.block is region:
                place.wants.setdefault(v, []).append(stand_in)
                return
        self.mapping[stand_in] = v  # defined at the top of a fused function: in scope

    def _outer(self, v: Value) -> Operand:
        """A value of an outer region, as an operand of a recomputation here."""
        region = self.s.pos.region_of[v]
        if self._is_top(region) and not self.s.split:
            return v
        for fixed in (self.s.fixed.get(region, {}),):
            if v in fixed:
                return fixed[v]
        stand_in = Value(v.name, v.type, loc=v.loc)
        self._want(v, stand_in)
        return stand_in

    def _is_top(self, region: Block) -> bool:
        return self.s.pos.parent.get(region) is None

    # -- one region

    def _decide(self, place: Place) -> list[Op]:
        if self._is_top(place.block) and not self.s.split:
            for v, stand_ins in place.wants.items():
                for w in stand_ins:
                    self.mapping[w] = v
            return []
        wants = list(place.wants)
        recipes, saved = self._choose(wants, place.block)
        out: list[Op] = []
        have: dict[Operand, Operand] = {}
        for v in _in_order(sorted([*saved, *recipes], key=self._when), recipes):
            if v in recipes:
                out.append(self._recompute(v, recipes[v], have, place.block))
            else:
                have[v] = self._saved(v, place.block, out)
        for v, stand_ins in place.wants.items():
            for w in stand_ins:
                self.mapping[w] = have[v]
        return out

    def _when(self, v: Value) -> int:
        """When a value is there, in the order of the text."""
        s = self.s
        if v in s.snaps:
            _, at, after = s.snaps[v]
            return 2 * s.pos.order[at] + (1 if after else -1)
        made = s.pos.def_of.get(v)
        return -1 if made is None else 2 * s.pos.order[made]

    def _choose(self, wants: list[Value], block: Block) -> tuple[dict[Value, Recipe], list[Value]]:
        """Which values to recompute and which to save, by a minimum cut over the region's recomputation graph."""
        recipes = self._closure(wants, block)
        if not recipes:
            return {}, wants
        cut = min_cut(wants, recipes, {v: self._save_price(v, block) for v in nodes(wants, recipes)})
        used: dict[Value, Recipe] = {}
        saved: list[Value] = []
        todo = list(wants)
        seen: set[Value] = set()
        while todo:
            v = todo.pop()
            if v in seen:
                continue
            seen.add(v)
            if v in cut or v not in recipes:
                saved.append(v)
            else:
                used[v] = recipes[v]
                todo += recipes[v].reads
        return used, saved

    def _closure(self, wants: list[Value], block: Block) -> dict[Value, Recipe]:
        found: dict[Value, Recipe] = {}
        todo, seen = list(wants), set()
        while todo:
            v = todo.pop()
            if v in seen:
                continue
            seen.add(v)
            recipe = self._recipe(v, block)
            if recipe is not None:
                found[v] = recipe
                todo += recipe.reads
        return found

    def _save_price(self, v: Value, block: Block) -> float:
        """Saving keeps the forward sweep's computation alive: where only gradients are wanted, that costs too."""
        if not self._in_loop(block):
            return SAVE_COPY if v in self.s.snaps else SAVE_VARIABLE
        if v in self.s.snaps:
            return SAVE_COPY
        if is_array(v):
            return SAVE_ARRAY
        return SAVE_NUMBER if self.s.primal else 3.0 * SAVE_NUMBER

    def _in_loop(self, block: Block) -> bool:
        return bool(self.s.pos.loops(block))

    def _recipe(self, v: Value, block: Block) -> Recipe | None:
        s = self.s
        if v in s.snaps:
            return self._view_of_snapshot(v, block)
        if v in s.twin_of:
            again = found_again(s, v)
            return None if again is None else Recipe(again, self._reads(again, block), 0.3)
        op = s.pos.def_of.get(v)
        price = None if op is None else price_of(op)
        if op is None or price is None or (is_array(v) and s.aliases.written(v) and not isinstance(op, View)):
            return None
        if isinstance(op, Load) and not s.stable(op.src, op) and not s.memory.reloads(op):
            return None
        if not isinstance(op, (View, Load)) and not is_view(op):
            if any((is_container(u) or is_opaque(u)) and not s.stable(u, op) for u in used_values(op)):
                return None
            op = op if is_shape(op) else self._with_snapshots(op)
        op = map_operands(op, s.first)
        return Recipe(op, self._reads(op, block), price)

    def _reads(self, op: Op, block: Block) -> list[Value]:
        """What recomputing an op needs of its own region."""
        fixed = self.s.fixed.get(block, {})
        return [u for u in used_values(op) if self.s.pos.region_of[u] is block and u not in fixed]

    def _view_of_snapshot(self, v: Value, block: Block) -> Recipe | None:
        """The contents of a view are a view of the contents of its base."""
        s = self.s
        of, op, after = s.snaps[v]
        view = s.pos.def_of.get(of)
        if not isinstance(view, View) or s.pos.block_of[view] is not block or not isinstance(view.src, Value):
            return None
        base = s.snapshot(view.src, op, after)
        clone = replace(view, src=base, result=v)
        return Recipe(clone, self._reads(clone, block), 0.3)

    def _with_snapshots(self, op: Op) -> Op:
        s = self.s

        def at(operand: Operand) -> Operand:
            if isinstance(operand, Value) and is_array(operand) and not s.stable(operand, op):
                return s.snapshot(operand, op, False)
            return operand

        return map_operands(op, at)

    def _recompute(self, v: Value, recipe: Recipe, have: dict[Operand, Operand], block: Block) -> Op:
        fixed = self.s.fixed.get(block, {})

        def here(operand: Operand) -> Operand:
            if not isinstance(operand, Value):
                return operand
            if operand in fixed:
                return fixed[operand]
            return have[operand] if operand in have else self._outer(operand)

        new = Value(v.name, v.type, v.mem, None, v.loc)
        have[v] = new
        self.chosen[v] = "reload" if isinstance(recipe.op, (Load, View)) else "recompute"
        op = map_operands(recipe.op, here)
        if isinstance(op, (View, Load)):
            return replace(op, result=new)
        assert isinstance(op, Apply)
        if carries_derivative(new.type):
            self.s.recomputed.add(new)
        return replace(op, results=(new,))

    # -- saving

    def _saved(self, v: Value, block: Block, out: list[Op]) -> Operand:
        if self._is_top(block):
            return self._in_residual(v)
        if self._in_loop(block):
            return self._in_list(v, block, out)
        return self._exported(v, block)

    def _in_list(self, v: Value, block: Block, out: list[Op]) -> Value:
        s = self.s
        if v not in self.saved_lists:
            kept = Value(saved_name(v, s.pos.def_of), List(v.type), loc=v.loc)
            self.saved_lists[v] = kept
            s.edits.entry.append(Apply(LIST_NEW, (), (), (kept,), v.loc))
            s.pos.region_of[kept] = s.func.body
            self._push(v, block, Apply(LIST_APPEND, (kept, v), (), (), v.loc))
            s.edits.started.add(v)
        self.chosen[v] = f"save in {self.saved_lists[v].name}"
        new = Value(v.name, v.type, v.mem, None, v.loc)
        out.append(Apply(LIST_POP, (self._top(self.saved_lists[v]),), (), (new,), v.loc))
        return new

    def _top(self, v: Value) -> Value:
        """A value of the function's top region, as the reverse sweep reads it."""
        return self._in_residual(v) if self.s.split else v

    def _in_residual(self, v: Value) -> Value:
        if v not in self.residual:
            if v in self.s.snaps:
                self._insert_snapshot(v)
            self.s.edits.started.add(v)
            self.residual[v] = Value(v.name, v.type, v.mem, None, v.loc, word_for(v, self.s.pos.def_of))
            self.chosen[v] = "save"
        return self.residual[v]

    def _push(self, v: Value, block: Block, op: Apply) -> None:
        """Save in a list. What a `try` pushed goes when it fails: its body pushes at its end where it can, else the
        handlers cut the list."""
        s = self.s
        regions = s.pos.regions(block)
        protected = [(r, g) for r in regions if isinstance(g := s.pos.parent[r], Guard) and g.handlers and r is g.body]
        at_end = bool(protected) and protected[0][0] is block
        for _, guard in protected[at_end:]:
            s.edits.cut.setdefault(guard, []).append(op.args[0])
        if not at_end:
            self._after_definition(v, block, op)
            return
        if v in s.snaps:
            self._insert_snapshot(v)
        s.edits.tail.setdefault(block, []).append(op)

    def _after_definition(self, v: Value, block: Block, op: Op) -> None:
        edits = self.s.edits
        if v in self.s.snaps:
            where, at = self._insert_snapshot(v)
            where[at].append(op)
        elif (made := self.s.pos.def_of.get(v)) is not None:
            edits.after.setdefault(made, []).append(op)
        elif v in self.s.twin_of:
            self._after_twin(v, block, op)
        else:
            edits.head.setdefault(block, []).append(op)

    def _after_twin(self, v: Value, block: Block, op: Op) -> None:
        made = self.s.pos.def_of.get(self.s.twin_of[v])
        if made is None:
            self.s.edits.head.setdefault(block, []).append(op)
        else:
            self.s.edits.late.setdefault(made, []).append(op)

    def _insert_snapshot(self, v: Value) -> tuple[dict[Op, list[Op]], Op]:
        of, at, after = self.s.snaps[v]
        where = self.s.edits.after if after else self.s.edits.before
        if not after:
            at = self.s.memory.start_of_statement(of, at)
        where.setdefault(at, []).append(Apply(SNAPSHOT, (of,), (), (v,), v.loc))
        return where, at

    def _exported(self, v: Value, block: Block) -> Operand:
        """Under `if` only: the variable itself survives, as one more result of the `if`."""
        s = self.s
        self.chosen[v] = "keep"
        if v in s.snaps:
            self._insert_snapshot(v)
        if s.split:
            s.edits.started.add(v)
        while not self._is_top(block):
            op = s.pos.parent[block]
            assert isinstance(op, (If, Guard))
            out = self._given(op, block, v)
            if out is None:
                out = Value(v.name, v.type, v.mem, None, v.loc)
                s.edits.exports.setdefault(op, []).append((block, v, out))
            block = s.pos.block_of[op]
            s.pos.region_of[out] = block
            v = out
        return self._top(v)

    def _given(self, op: If | Guard, block: Block, v: Value) -> Value | None:
        """The result of an `if` that is this value wherever the arm was taken."""
        last = block.terminator
        found = [r for r, o in zip(op.results, last.values) if o is v] if isinstance(last, Yield) else []
        return found[0] if found else None


def _in_order(values: list[Value], recipes: dict[Value, Recipe]) -> list[Value]:
    """Every value after those that its recomputation reads."""
    out: dict[Value, None] = {}

    def add(v: Value) -> None:
        if v not in out:
            for u in recipes[v].reads if v in recipes else ():
                add(u)
            out[v] = None

    for v in values:
        add(v)
    return list(out)
