"""From SSA values back to variables, with the user's names.

All versions of the user's `y` become `y` again when their ranges do not meet, else `y_1`.  Values are
taken in the order of the text, so those of the forward sweep come first and keep the plain names.
Temporaries without a name join the variable they are copied to or from; the others are called after the op
that makes them (`defs/nouns.py`), else `t`, `t1`, ..., and avoid every name that the function knows.
Nothing without the same name is put into a parameter.
"""

from __future__ import annotations

import builtins
import keyword
import unicodedata

from ..defs.nouns import noun
from ..defs.structural import LIST_APPEND
from ..ir.ops import Apply, Func, Op
from ..ir.types import AnyType, join
from ..ir.values import Operand, Value
from ..ir.walk import operands, results, walk
from .flow import Flow
from .plan import Plan
from .ranges import Ranges, Web
from .syntax import destination, inplace

BUILTINS = frozenset(dir(builtins)) | {"np", "math", "self"}


def is_name(text: str) -> bool:
    """Whether the text may be written as a name: an identifier, no keyword, the same after NFKC."""
    return text.isidentifier() and not keyword.iskeyword(text) and unicodedata.normalize("NFKC", text) == text


def variables(func: Func, flow: Flow, plan: Plan, reserved: frozenset[str]) -> dict[Value, str]:
    """The variable of each value that has one. `reserved`: names that the function's text uses for
    something global.
    """
    ranges = Ranges(func, flow, plan)
    namer = Namer(ranges, reserved, flow)
    pairs = affinities(func, flow, ranges)
    for same_name in (True, False):
        for a, b in pairs:
            namer.coalesce(a, b, same_name)
    webs = sorted((w for w in ranges.webs if namer.find(w) is w), key=lambda w: w.start)
    for v, w in ranges.web.items():
        if v.name is None and v.hint is not None:
            namer.suggested.setdefault(id(namer.find(w)), v.hint)
    namer.note_saved(func)
    for web in webs:
        namer.place(web)
    return {v: namer.names[id(namer.find(w))] for v, w in ranges.web.items()}


def affinities(func: Func, flow: Flow, ranges: Ranges) -> list[tuple[Web, Web]]:
    """The pairs of webs between which something is copied: target, source."""
    pairs = []
    for op in walk(func.body):
        copies = flow.copies(op)
        if inplace(op):
            copies = [(op.results[0], op.args[0])]  # type: ignore[union-attr]
        elif (memory := destination(op)) is not None:
            copies = [(r, memory) for r in results(op) if not _is_another(r, memory, op)]
        for target, source in copies:
            if isinstance(source, Value) and source in ranges.web and target in ranges.web:
                pairs.append((ranges.web[target], ranges.web[source]))
    return pairs


def _is_another(result: Value, memory: Operand, op: Op) -> bool:
    """Whether what is written over an array has a word of its own, or has nothing to do with it."""
    if memory not in operands(op)[:-1]:
        return result.name is None or result.name != getattr(memory, "name", None)
    words = {getattr(memory, "name", None), getattr(memory, "hint", None)}
    return result.name is None and result.hint is not None and result.hint not in words


class Namer:
    def __init__(self, ranges: Ranges, reserved: frozenset[str], flow: Flow) -> None:
        self.reserved, self.flow, self.webs = reserved, flow, ranges.web
        self.hints = {w.name for w in ranges.webs if w.name}
        self.parent: dict[int, Web] = {}
        self.names: dict[int, str] = {}
        #: names for temporaries that need a variable
        self.suggested: dict[int, str] = {}
        self.saved: dict[int, str] = {}
        self.groups: dict[tuple[bool, str | None], list[Web]] = {}
        self.taken: set[str] = set()

    def find(self, web: Web) -> Web:
        found = web
        while id(found) in self.parent:
            found = self.parent[id(found)]
        if found is not web:
            self.parent[id(web)] = found
        return found

    def merge(self, into: Web, web: Web) -> None:
        into.absorb(web)
        self.parent[id(web)] = into

    def coalesce(self, a: Web, b: Web, same_name: bool) -> None:
        a, b = self.find(a), self.find(b)
        if a is b:
            return
        if same_name:
            allowed = a.name == b.name and a.name is not None
        else:
            allowed = (a.name is None or b.name is None) and not (a.is_param or b.is_param)
        if allowed and not a.meets(b):
            first, second = sorted((a, b), key=lambda w: w.start)
            self.merge(first, second)

    def note_saved(self, func: Func) -> None:
        """What is appended to `exp_saved` is called `exp`."""
        for op in walk(func.body):
            if not isinstance(op, Apply) or op.fn is not LIST_APPEND:
                continue
            kept, value = op.args
            if isinstance(kept, Value) and isinstance(value, Value) and value.name is None and value in self.webs:
                name = kept.name or ""
                if name.endswith("_saved"):
                    self.saved.setdefault(id(self.find(self.webs[value])), name.removesuffix("_saved"))

    def name_of(self, operand: Operand) -> str | None:
        """The variable of an operand that was placed."""
        if not isinstance(operand, Value):
            return None
        web = self.webs.get(operand)
        return self.names.get(id(self.find(web))) if web else operand.name

    def place(self, web: Web) -> None:
        """Put a web into the first variable of its name that is free, or into a new one."""
        given = web.name or self.suggested.get(id(web))
        made = self.flow.define.get(web.values[0])
        wanted = given or self.saved.get(id(web)) or noun(made, self.name_of, self.flow.define)
        group = self.groups.setdefault((bool(given), wanted), [])
        for variable in group:
            if not variable.meets(web) and self.may_follow(web, variable):
                self.merge(variable, web)
                return
        group.append(web)
        name = self.fresh(wanted, bool(given)) if wanted and is_name(wanted) else self.temporary()
        self.names[id(web)] = name
        self.taken.add(name)

    def may_follow(self, web: Web, variable: Web) -> bool:
        """Whether values may take a variable over: what isn't bound on every path meets what was there before, and a reader of
        the text (the compiler, for second derivatives) asks for one type."""
        if not any(map(self.flow.is_loose, web.values)):
            return True
        held = [join(v.type, w.type) for v in web.values for w in variable.values]
        return not any(isinstance(t, AnyType) for t in held)

    def fresh(self, hint: str, given: bool) -> str:
        """A free name; what nobody gave is nobody else's either."""
        if self.is_free(hint) or (given and hint not in self.taken and hint not in self.reserved):
            return hint
        k = 1
        while not self.is_free(f"{hint}_{k}"):
            k += 1
        return f"{hint}_{k}"

    def temporary(self) -> str:
        k = 0
        while not self.is_free(f"t{k or ''}"):
            k += 1
        return f"t{k or ''}"

    def is_free(self, name: str) -> bool:
        return not (name in self.taken or name in self.reserved or name in self.hints or name in BUILTINS)
