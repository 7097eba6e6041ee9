"""The last rewriting before reverse mode: loop facts become ordinary carried values.

Input: a function in exit normal form (`transform/exits.py`). Afterwards every loop's `orelse` only forwards the carried
values, so that results, carried values and what `break` passes correspond one to one, and

* a loop left by `break` and every `while` carries `n`, the number of iterations started;
* a loop left by `break` carries `ex`, 0 or the number of the `break` taken;
* results that only `break` or a longer `orelse` gave are carried too (undefined until then), and what the `orelse` did
  stands after the loop, under `if ex == 0`;
* a `try` of which a handler completes gives `failed` (False from the body), or with several handlers `arm` (0 from the body);
* the lengths of the lists that a `for` goes over stand before it, where lists may grow.

Before::                                        After::

    %r = for %i in range(%k) carry (%y = %x) {      %y1, %r1, %n, %ex = for %i in range(%k) carry (%y = %x, %r = undef, ...) {
      if %c {                                         %n1 = add %n, 1
        break %out                                    if %c {
      } ...                                             break %y, %out, %n1, 1
    } else (%y) {                                     } ...
      %z = mul %y, 2.0                              }
      yield %z                                      %r = if eq(%ex, 0) { %z = mul %y1, 2.0; yield %z } else { yield %r1 }
    }
"""

from __future__ import annotations

import operator
from dataclasses import replace

from ..analysis.alias import exits
from ..defs.structural import LIST, LIST_APPEND, LIST_INSERT
from ..defs.table import lookup
from ..errors import DiffTypeError
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    Enumerate,
    For,
    Func,
    FuncRef,
    Guard,
    If,
    Op,
    Return,
    Reversed,
    Seq,
    Space,
    While,
    Yield,
    Zip,
)  # fmt: skip
from ..ir.types import ANY, BOOL, INT, AnyType, List, SetOf, carries_derivative, strip
from ..ir.values import UNDEF, Literal, Operand, Pack, Value, is_literal, is_undef
from ..ir.verify import is_endless
from ..ir.walk import blocks, completes, completing, leaves, substitute, substitute_block, walk, with_blocks
from ..source import Loc

Loop = For | While


def prepare(func: Func) -> Func:
    """The function with loop facts as carried values; see the module docstring."""
    renamed: dict[Value, Operand] = {}
    if any(map(_may_lengthen, walk(func.body))):
        func = replace(func, body=_with_lengths(func.body))
    return substitute(replace(func, body=_block(func.body, renamed)), renamed)


def name_displays(func: Func) -> Func:
    """The function with the list displays that loops run over or that are returned as lists of their own: they get adjoints."""
    return replace(func, body=_named(func.body))


def _named(block: Block) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        op = with_blocks(op, tuple(_named(b) for b in blocks(op)))
        if isinstance(op, For):
            op = replace(op, space=_named_space(op.space, ops, op.loc))
        if isinstance(op, Return):
            op = replace(op, value=_named_result(op.value, ops, op.loc))
        ops.append(op)
    return Block(block.params, tuple(ops))


def _named_result(value: Operand, ops: list[Op], loc: Loc) -> Operand:
    if not isinstance(value, Pack):
        return value
    items = tuple(_named_result(i, ops, loc) for i in value.items)
    if value.kind == "tuple" or not any(carries_derivative(i.type) for i in items):
        return Pack(items, value.kind)
    made = Value(None, Pack(items, "list").type, loc=loc)
    if not carries_derivative(made.type):
        raise DiffTypeError(
            "a list of values of different types is returned", loc=loc, hint="return a tuple, or a dict"
        )
    ops.append(Apply(LIST, items, (), (made,), loc))
    return made


def _named_space(space: Space, ops: list[Op], loc: Loc) -> Space:
    match space:
        case Seq(Pack() as pack) if carries_derivative(item := Pack(pack.items, "list").type):
            value = Value(None, item, loc=loc)
            ops.append(Apply(LIST, pack.items, (), (value,), loc))
            return Seq(value)
        case Seq(Value() as value) if isinstance(value.type, AnyType):  # which may have no positions
            row = lookup(list)
            assert row is not None
            found = Value(None, List(value.type.item if isinstance(value.type, SetOf) else ANY), loc=loc)
            ops.append(Apply(row, (value,), (), (found,), loc))
            return Seq(found)
        case Zip(items):
            return Zip(tuple(_named_space(i, ops, loc) for i in items))
        case Enumerate(item, start):
            return Enumerate(_named_space(item, ops, loc), start)
        case Reversed(item):
            return Reversed(_named_space(item, ops, loc))
    return space


def _block(block: Block, renamed: dict[Value, Operand]) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        op = with_blocks(op, tuple(_block(b, renamed) for b in blocks(op)))
        if isinstance(op, Guard) and any(map(completes, op.handlers)) and arm_of(op) is None:
            op = _with_arm(op)
        ops += _loop(op, renamed) if isinstance(op, (For, While)) else [op]
    return Block(block.params, tuple(ops))


def _may_lengthen(op: Op) -> bool:
    return isinstance(op, Apply) and (op.fn in (LIST_APPEND, LIST_INSERT) or isinstance(op.fn, FuncRef))


def _with_lengths(block: Block) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        ops += _lengths(op) if isinstance(op, For) else ()
        ops.append(with_blocks(op, tuple(map(_with_lengths, blocks(op)))))
    return Block(block.params, tuple(ops))


def _lengths(op: For) -> list[Op]:
    """How long the lists are over which a loop goes: they may grow afterwards. Ops that nobody reads are dropped."""
    length = lookup(len)
    assert length is not None
    lists = {leaf.value: None for leaf in leaves(op.space) if isinstance(leaf, Seq) and isinstance(leaf.value, Value)}
    return [
        Apply(length, (v,), (), (Value(None, INT, loc=op.loc),), op.loc)
        for v in lists
        if isinstance(strip(v.type), List)
    ]


def arm_of(op: Guard) -> tuple[Value, tuple[Literal, ...]] | None:
    """The result by which the regions of a guard that complete are told apart, and what each of them gives for it."""
    ends = [b.terminator for b in completing(op)]
    for j, result in enumerate(op.results):
        given = [e.values[j] for e in ends if isinstance(e, Yield)]
        known = tuple(o for o in given if isinstance(o, Literal) and isinstance(o.value, int))
        if len(given) == len(known) == len({o.value for o in known}):
            return result, known
    return None


def _with_arm(op: Guard) -> Guard:
    """A `try` that tells which of its regions completed: a bool `failed`, or the number of the handler."""
    single = len(op.handlers) == 1
    arm = Value("failed", BOOL, loc=op.loc) if single else Value("arm", INT, loc=op.loc)

    def numbered(k: int, block: Block) -> Block:
        last = block.terminator
        if not isinstance(last, Yield):
            return block
        number = Literal(bool(k) if single else k)
        return Block(block.params, (*block.body, replace(last, values=(*last.values, number))))

    body, *handlers = (numbered(k, b) for k, b in enumerate(blocks(op)))
    return replace(op, body=body, handlers=tuple(handlers), results=(*op.results, arm))


def is_trivial(orelse: Block) -> bool:
    """Whether an `orelse` block only forwards its parameters."""
    last = orelse.terminator
    return len(orelse.ops) == 1 and isinstance(last, Yield) and last.values == orelse.params


def _loop(op: Loop, renamed: dict[Value, Operand]) -> list[Op]:
    left = any(isinstance(e, Break) for e in exits(op.body))
    if not left and is_trivial(op.orelse):
        return [_with_facts(op, 0, op.results, left)] if isinstance(op, While) else [op]
    if is_trivial(op.orelse):
        return [_with_facts(op, 0, op.results, left)]
    if left and (j := exit_number(op)) is not None:
        other = _without_number(op, j)
        new = _with_facts(other, 0, other.results, left)
        renamed[op.results[j]] = new.results[-1]
        return [new]
    if not left:
        return _orelse_after(op, renamed)
    return _orelse_under_flag(op)


def exit_number(op: Loop) -> int | None:
    """Which result is `ex` already, from where the exits were made normal: the others are forwarded by the `orelse`."""
    last = op.orelse.terminator
    if len(op.orelse.ops) > 1 or not isinstance(last, Yield):
        return None
    for j, value in enumerate(last.values):
        numbers = [e.values[j] for e in exits(op.body) if isinstance(e, Break)]
        counted = all(is_literal(v, k) for k, v in enumerate((value, *numbers)))
        if counted and op.results[j].type == INT and _without(last.values, j) == op.orelse.params:
            return j
    return None


def _without(values: tuple[Operand, ...], j: int) -> tuple[Operand, ...]:
    return (*values[:j], *values[j + 1 :])


def _without_number(op: Loop, j: int) -> Loop:
    """The loop without its result `j`."""

    def less(block: Block) -> Block:
        ops: list[Op] = []
        for o in block.ops:
            if isinstance(o, Break):
                o = replace(o, values=_without(o.values, j))
            elif isinstance(o, (If, Guard)):
                o = with_blocks(o, tuple(map(less, blocks(o))))
            ops.append(o)
        return Block(block.params, tuple(ops))

    results = (*op.results[:j], *op.results[j + 1 :])
    return replace(op, body=less(op.body), orelse=_forward(op.orelse.params), results=results)


def _orelse_after(op: Loop, renamed: dict[Value, Operand]) -> list[Op]:
    """No break: the `orelse` always runs, so it can stand after the loop."""
    carried = tuple(Value(p.name, p.type, loc=op.loc) for p in op.orelse.params)
    plain = replace(op, orelse=_forward(op.orelse.params), results=carried)
    new: Op = _with_facts(plain, 0, carried, False) if isinstance(op, While) else plain
    mapping: dict[Operand, Operand] = dict(zip(op.orelse.params, carried))
    after = _substituted(op.orelse, mapping)
    last = after.terminator
    assert isinstance(last, Yield)
    renamed.update(zip(op.results, last.values))
    return [new, *after.body]


def _orelse_under_flag(op: Loop) -> list[Op]:
    carried = tuple(Value(p.name, p.type, loc=op.loc) for p in op.orelse.params)
    given = tuple(Value(r.name, r.type, loc=op.loc) for r in op.results)
    if is_endless(op) and not any(_never_given(op)):
        return [_with_facts(op, len(op.results), (*carried, *op.results), True, own_results=True)]
    new = _with_facts(op, len(op.results), (*carried, *given), True, own_results=True)
    given_or_undef = tuple(UNDEF if never else g for g, never in zip(given, _never_given(op)))
    ex = new.results[-1]
    done = Value(None, BOOL, loc=op.loc)
    eq = lookup(operator.eq)
    assert eq is not None
    test = Apply(eq, (ex, Literal(0)), (), (done,), op.loc)
    mapping: dict[Operand, Operand] = dict(zip(op.orelse.params, carried))
    after = If(done, _substituted(op.orelse, mapping), Block((), (Yield(given_or_undef),)), op.results, op.loc)
    return [new, test, after]


def _never_given(op: Loop) -> list[bool]:
    """Which results no `break` binds."""
    breaks = [e for e in exits(op.body) if isinstance(e, Break)]
    return [all(is_undef(e.values[j]) for e in breaks) for j in range(len(op.results))]


def _substituted(block: Block, mapping: dict[Operand, Operand]) -> Block:
    return Block((), substitute_block(block, lambda o: mapping.get(o, o)).ops)


def _forward(params: tuple[Value, ...]) -> Block:
    copies = tuple(Value(p.name, p.type, loc=p.loc) for p in params)
    return Block(copies, (Yield(copies),))


def _with_facts(op: Loop, extra: int, results: tuple[Value, ...], left: bool, own_results: bool = False) -> Loop:
    """The loop with `extra` results of its breaks, `n` and (if it is left by break) `ex` as further carried values."""
    facts = ("n", "ex") if left else ("n",)
    given = op.results if extra else ()

    def fresh() -> tuple[Value, ...]:
        more = tuple(Value(r.name, r.type, loc=op.loc) for r in given)
        return (*more, *(Value(f, INT, loc=op.loc) for f in facts))

    in_body, n1 = fresh(), Value("n", INT, loc=op.loc)
    add = lookup(operator.add)
    assert add is not None
    n = in_body[extra]
    count = Apply(add, (n, Literal(1)), (), (n1,), op.loc)
    old = op.body.params[-len(op.inits) :] if op.inits else ()
    leaf = _Leaves(old, in_body[:extra], n1, in_body[-1] if left else None, own_results)
    body = Block((*op.body.params, *in_body), (count, *leaf.block(op.body).ops))
    inits = (*op.inits, *(UNDEF for _ in given), *(Literal(0) for _ in facts))
    out = (*results, *(Value(f, INT, loc=op.loc) for f in facts))
    orelse = _forward((*op.orelse.params, *fresh()))
    if isinstance(op, While):
        cond = Block((*op.cond.params, *fresh()), op.cond.ops)
        return replace(op, inits=inits, cond=cond, body=body, orelse=orelse, results=out)
    assert len(list(leaves(op.space))) + len(inits) == len(body.params)
    return replace(op, inits=inits, body=body, orelse=orelse, results=out)


class _Leaves:
    """Rewrites the leaves of a loop body: what each passes is extended by the new carried values."""

    def __init__(
        self, carried: tuple[Value, ...], given: tuple[Value, ...], n1: Value, ex: Value | None, replaced: bool
    ) -> None:
        self.carried, self.given, self.n1, self.ex, self.replaced = carried, given, n1, ex, replaced
        self.breaks = 0

    def block(self, block: Block, tail: bool = True) -> Block:
        ops = list(block.body)
        if ops and isinstance(last := ops[-1], If):
            ops[-1] = with_blocks(last, tuple(self.block(b, False) for b in blocks(last)))
        return Block(block.params, (*ops, self.leaf(block.terminator, tail)))

    def leaf(self, op: Op, tail: bool) -> Op:
        if isinstance(op, Break):
            self.breaks += 1
            ex = (Literal(self.breaks),) if self.ex is not None else ()
            own = (*self.carried, *op.values) if self.replaced else op.values
            return replace(op, values=(*own, self.n1, *ex))
        if isinstance(op, Continue) or (isinstance(op, Yield) and tail):
            same = (self.ex,) if self.ex is not None else ()
            return replace(op, values=(*op.values, *self.given, self.n1, *same))
        return op
