"""The stages of one derivative, for dumps: made when they are asked for.

lowered     the function and its inner functions, as the front end reads them
typed       the instances: types, alias classes, effects
activity    what is prepared for the derivative: activity, kinds of adjoint, the plan of the reverse sweep
forward, reverse   straight from the rules
optimized   what is printed
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..ad.activity import Activity
from ..ad.calls import Calls
from ..ad.vjp import Derivative
from ..analysis.alias import Aliases, SummaryOf
from ..frontend.lower import lower_function
from ..ir.ops import Apply, Func, FuncRef
from ..ir.values import Literal
from ..ir.walk import walk
from ..transform.buffers import Reuse
from .instances import Compiler
from .remarks import Shown, with_activity, with_allocations, with_memory


@dataclass(eq=False, slots=True)
class Stages:
    """What the stages are made from.

    `raw`: the derivative and those of its callees, before cleaning; `marked`: the parameters that forward
    mode differentiates.
    """

    fn: Any
    main: Any
    compiler: Compiler
    calls: Calls
    summaries: SummaryOf
    raw: list[Func]
    optimized: list[Func]
    derivative: Derivative | None = None
    marked: tuple[bool, ...] = ()
    reused: dict[str, Reuse] = field(default_factory=dict)

    def __getitem__(self, stage: str) -> list[Shown]:
        """The functions of a stage, the user's own or its derivative first."""
        if stage == "lowered":
            return lowered(self.fn)
        if stage == "typed":
            shown = map(self.calls.opened, self._typed()) if self.calls.unroll else self._typed()
            return [with_memory(f, Aliases(f, self.summaries)) for f in shown]
        if stage == "activity":
            return self._activity()
        if stage == "optimized":
            return [with_allocations(f, self.reused.get(f.name)) for f in self.optimized]
        return [Shown(f) for f in self.raw]

    def _typed(self) -> Iterator[Func]:
        yield self.main.func
        for instance in self.compiler.instances.values():
            if instance is not self.main and instance.typed is not None:
                yield instance.typed

    def _activity(self) -> list[Shown]:
        if self.derivative is None:
            func = self.calls.opened(self.main.func)
            aliases = Aliases(func, self.summaries)
            wrt = [i for i, on in enumerate(self.marked) if on]
            seeded = [i for i in wrt if aliases.of(func.params[i])]
            return [with_activity(Activity(func, aliases, wrt, seeded))]
        pairs = [pair.derived for pair in self.calls.pairs.values() if pair.derived is not None]
        return [with_activity(d.activity, d.plan) for d in (self.derivative, *pairs)]


def lowered(fn: Any) -> list[Shown]:
    """A function and the inner functions lifted out of it, untyped."""
    found = {id(f): f for f in _with_lifted(lower_function(fn))}
    return [Shown(f) for f in found.values()]


def _with_lifted(func: Func) -> Iterator[Func]:
    yield func
    for op in walk(func.body):
        if isinstance(op, Apply):
            target = op.fn.target if isinstance(op.fn, FuncRef) else None
            for inner in (target, *(a.value for a in op.args if isinstance(a, Literal))):
                if isinstance(inner, Func) and inner is not func:
                    yield from _with_lifted(inner)
