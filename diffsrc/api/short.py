"""The short way: a call with arguments of the types of the last call goes straight to the compiled code.

Taken for numbers and arrays that the function doesn't write; anything else goes the long way each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..compiler.watched import WATCHER, run
from . import engine
from .signature import Call

if TYPE_CHECKING:
    from ..compiler.guards import Guard

_NUMBERS = frozenset({float, np.float64, np.float32, complex, np.complex128})
_OTHERS = frozenset({int, bool, str, type(None), *_NUMBERS})


class Short:
    """What is needed to run one compiled derivative again."""

    __slots__ = ("bare", "call", "guard", "holds", "keys", "picks", "seeds", "single", "value")

    def __init__(
        self,
        derived: Any,
        guard: Guard,
        keys: list[Any],
        seeds: tuple[Any, ...],
        picks: list[tuple[int, int]],
        *,
        single: bool,
        value: bool,
        holds: Callable[[], bool] | None,
    ) -> None:
        self.call, self.guard, self.keys, self.seeds, self.picks = derived.call, guard, keys, seeds, picks
        self.single, self.value, self.holds = single, value, holds
        #: whether the compiled code returns one cotangent as it is
        self.bare = not derived.primal and derived.activity.count("value") == 1

    def fits(self, args: Sequence[Any]) -> bool:
        """Whether the arguments have the types of the last call."""
        if len(args) != len(self.keys):
            return False
        for x, key in zip(args, self.keys):
            cls = type(x)
            if cls is np.ndarray:
                if type(key) is not tuple or x.shape != key[1] or x.dtype != key[0]:
                    return False
            elif cls is not key and (cls, x) != key:
                return False
        return self.guard.holds() and (self.holds is None or self.holds())

    def run(self, args: Sequence[Any]) -> Any:
        """The gradient, or the result and the gradient."""
        parts = run(self.call, *args, *self.seeds) if WATCHER else self.call(*args, *self.seeds)
        if self.bare:
            parts = (parts,)
        if self.single:
            arg, place = self.picks[0]
            gradient = engine.finish(args[arg], parts[place], "value")
        else:
            gradient = tuple(engine.finish(args[arg], parts[place], "value") for arg, place in self.picks)
        return (parts[0], gradient) if self.value else gradient


def short_of(
    call: Call, site: engine.Site, seeds: Sequence[Any], wrt: Sequence[int], *, single: bool, value: bool,
    holds: Callable[[], bool] | None = None,
) -> Short | None:  # fmt: skip
    """The short way for calls like this one, None when there is none. `holds`: whether the function is still the one for
    these types, where it is made of them."""
    derived, guard = site.last
    if site.key is None or engine.writes(derived) or "shadow" in derived.activity or call.fixed:
        return None
    if not all(type(x) in _OTHERS or type(x) is np.ndarray for x in call.args):
        return None
    if not all(type(call.args[i]) in _NUMBERS or type(call.args[i]) is np.ndarray for i in wrt):
        return None
    if any(isinstance(s, np.ndarray) for s in seeds):
        return None
    order = [i for i, a in enumerate(derived.activity) if a == "value"]
    if not set(wrt) <= set(order):
        return None
    first, given = (1, tuple(seeds)) if derived.primal else (0, ())
    picks = [(i, first + order.index(i)) for i in wrt]
    return Short(derived, guard, [engine.quick(x) for x in call.args], given, picks, single=single, value=value, holds=holds)
