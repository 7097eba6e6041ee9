"""What callees do to memory, found once for each."""

from __future__ import annotations

from ..ir.ops import Func, FuncRef
from .alias import Aliases, Summary, summarise


class Summaries:
    """Memory summaries of callees, to a fixpoint over recursion."""

    def __init__(self) -> None:
        self.known: dict[int, Summary] = {}
        self.keep: list[Func] = []

    def __call__(self, ref: FuncRef) -> Summary:
        func = getattr(ref.target, "func", None)
        if not isinstance(func, Func):
            return Summary()
        if id(func) not in self.known:
            self.keep.append(func)
            self.known[id(func)] = Summary()
            while True:
                new = summarise(Aliases(func, self))
                if new == self.known[id(func)]:
                    break
                self.known[id(func)] = new
        return self.known[id(func)]
