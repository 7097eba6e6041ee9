"""Ways out of an op, and the sinks that they are given to while exits are made normal.

* `Tail`: the body of a loop; a way out is a terminator (`yield` or `continue`, `break`).
* `ValueSink`: an `if` or loop followed by something; a way out is what the arm yields, laid out by a
  `Joined`.
* `FunctionSink`: the body of the function; a way out is the function's result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..errors import DiffTypeError
from ..ir.ops import Block, Break, Continue, If, Op, Return, Unreachable, Yield
from ..ir.types import ANY, BOOL, BOTTOM, INT, Type, carries_derivative, join, strip
from ..ir.values import UNDEF, Literal, Operand, Value, is_undef
from ..source import NOWHERE, Loc
from .returns import Shape, rebuild

_ORDER = ("continue", "break", "return")
Known = Callable[[Operand], bool]


@dataclass(frozen=True, eq=False, slots=True)
class Exit:
    """A way of leaving: "normal" (the end of a block), "continue", "break", "return", and what it passes."""

    kind: str
    values: tuple[Operand, ...]
    loc: Loc


class Joined:
    """How the ways out of one op are told apart behind it.

    The results are the op's own (when it can complete), a flag (when there are several ways) and a slot for
    each value passed on, unless all exits of the kind pass one and the same operand that is known behind
    the op.
    """

    def __init__(
        self,
        plain: tuple[Value, ...],
        exits: Sequence[Exit],
        completing: bool,
        known: Known,
        name: str | None = None,
    ) -> None:
        kinds = [k for k in _ORDER if any(e.kind == k for e in exits)]
        self.plain = plain if completing else ()
        self.ways = ["normal"] * completing + kinds
        self.locs = {e.kind: e.loc for e in reversed(exits)}
        self.flag = _flag(len(self.ways), exits[0].loc) if exits else None
        self.direct: dict[tuple[str, int], Operand] = {}
        self.slots: dict[tuple[str, int], Value] = {}
        for kind in kinds:
            for n, column in enumerate(zip(*(e.values for e in exits if e.kind == kind))):
                if known(column[0]) and all(same_operand(column[0], o) for o in column):
                    self.direct[kind, n] = column[0]
                else:
                    self.slots[kind, n] = _join(column, name, self.locs[kind])
        self.sizes = {e.kind: len(e.values) for e in exits}

    @property
    def results(self) -> tuple[Value, ...]:
        return (*self.plain, *([self.flag] if self.flag else []), *self.slots.values())

    def values(self, exit: Exit) -> tuple[Operand, ...]:
        """What a way out passes to the results."""
        if exit.kind == "normal" and exit.kind not in self.ways:
            return (UNDEF,) * len(self.results)  # the end of an endless loop
        plain = exit.values if exit.kind == "normal" else (UNDEF,) * len(self.plain)
        number = self.ways.index(exit.kind)
        flag = [Literal(bool(number) if len(self.ways) == 2 else number)] if self.flag else []
        return (*plain, *flag, *(exit.values[n] if k == exit.kind else UNDEF for k, n in self.slots))

    def payload(self, kind: str, results: Sequence[Value] | None = None) -> tuple[Operand, ...]:
        """What an exit of a kind passed on, as known behind the op; `results` may stand for the results."""
        stands_for = dict(zip(self.results, results or self.results))
        keys = [(kind, n) for n in range(self.sizes.get(kind, 0))]
        return tuple(self.direct[k] if k in self.direct else stands_for[self.slots[k]] for k in keys)


def _flag(ways: int, loc: Loc) -> Value | None:
    if ways < 2:
        return None
    return Value("exited", BOOL, loc=loc) if ways == 2 else Value("exit_id", INT, loc=loc)


def same_operand(a: Operand, b: Operand) -> bool:
    """Whether two operands are certainly one value."""
    if a is b:
        return True
    if not isinstance(a, Literal) or not isinstance(b, Literal) or a.text != b.text:
        return False
    if is_undef(a) or is_undef(b):
        return is_undef(a) and is_undef(b)
    return (
        type(a.value) is type(b.value)
        and repr(a.value) == repr(b.value)
        and isinstance(a.value, (int, float, complex, str, type(None)))
    )


def _join(column: Sequence[Operand], name: str | None, loc: Loc) -> Value:
    """The value that joins operands; `name` is for results of the function that have no common name."""
    kind: Type = BOTTOM
    for operand in column:
        kind = join(kind, strip(operand.type))
    if kind == ANY and name and all(o.type != ANY for o in column) and any(map(_may_be_active, column)):
        shown = " and ".join(sorted({str(o.type) for o in column}))
        raise DiffTypeError(
            f"the returns of this function give {shown}, which have no common type", loc=loc,
            hint="return values of one type",
        )  # fmt: skip
    values = [o for o in column if isinstance(o, Value)]
    names = {v.name for v in values}
    shared = values[0].name if len(names) == 1 and (name is None or len(values) == len(column)) else None
    mems = sorted({m for v in values if v.mem for m in v.mem.split("|")})
    activity = [v.active for v in values if v.active is not None]
    return Value(shared or name, kind, "|".join(mems) or None, any(activity) if activity else None, loc)


def _may_be_active(operand: Operand) -> bool:
    return carries_derivative(operand.type) and not (isinstance(operand, Value) and operand.active is False)


class Sink:
    """Where ways out go. `inner` is the sink for blocks nested in the one that this sink ends."""

    @property
    def inner(self) -> Sink:
        return self

    def leave(self, exit: Exit) -> tuple[Op, ...]:
        """The ops that end a block by a way out."""
        raise NotImplementedError

    def branch(self, cond: Operand, then: Block, other: Block, loc: Loc) -> tuple[Op, ...]:
        """The ops that end a block by an `if` whose arms end in ways out."""
        raise NotImplementedError


class Tail(Sink):
    """The body of a loop; `leaving` gives the loop's results for a break or return."""

    def __init__(self, leaving: Callable[[Exit], tuple[Operand, ...]], top: bool = True) -> None:
        self.leaving = leaving
        self.top = top

    @property
    def inner(self) -> Sink:
        return Tail(self.leaving, False) if self.top else self

    def leave(self, exit: Exit) -> tuple[Op, ...]:
        if exit.kind in ("break", "return"):
            return (Break(self.leaving(exit), exit.loc),)
        return ((Yield if self.top else Continue)(exit.values, exit.loc),)

    def branch(self, cond: Operand, then: Block, other: Block, loc: Loc) -> tuple[Op, ...]:
        return (If(cond, then, other, (), loc), Unreachable(loc))


class ValueSink(Sink):
    """An op with several ways out, laid out by `joined`, which is followed by something."""

    def __init__(self, joined: Joined) -> None:
        self.joined = joined

    def leave(self, exit: Exit) -> tuple[Op, ...]:
        return (Yield(self.joined.values(exit), exit.loc),)

    def fresh(self) -> tuple[Value, ...]:
        """New values that stand for the results, for an op in between."""
        return tuple(replace(v) for v in self.joined.results)

    def finish(self, results: tuple[Value, ...], loc: Loc) -> tuple[Op, ...]:
        """The ops that end a block by passing on such results."""
        return (Yield(results, loc),)

    def branch(self, cond: Operand, then: Block, other: Block, loc: Loc) -> tuple[Op, ...]:
        results = self.fresh()
        return (If(cond, then, other, results, loc), *self.finish(results, loc))


class FunctionSink(ValueSink):
    """The body of a function with results of a shape."""

    def __init__(self, shape: Shape, exits: Sequence[Exit], known: Known) -> None:
        super().__init__(Joined((), exits, False, known, "out"))
        self.shape = shape

    @property
    def inner(self) -> Sink:
        return ValueSink(self.joined)

    def leave(self, exit: Exit) -> tuple[Op, ...]:
        return self._return(exit.values, exit.loc)

    def finish(self, results: tuple[Value, ...], loc: Loc) -> tuple[Op, ...]:
        exit_loc = self.joined.locs.get("return", NOWHERE)
        return self._return(self.joined.payload("return", results), exit_loc)

    def _return(self, values: Sequence[Operand], loc: Loc) -> tuple[Op, ...]:
        ops, value = rebuild(values, self.shape, loc)
        return (*ops, Return(value, loc))
