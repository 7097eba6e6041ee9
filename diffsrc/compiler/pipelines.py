"""The ordered lists of passes: this file is also their documentation.

LOWER     frontend.lower
TYPE      analysis.infer
PREPARE   simplify, normalise_exits, simplify, hoist_parts, prepare      (reverse mode only)
DERIVE    ad.vjp | ad.forward
CLEAN     see the tuple below
EMIT      codegen.module
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from ..ad.inserts import without_inserts
from ..analysis.alias import Aliases, SummaryOf
from ..defs.structural import COMMENT, UNPACK
from ..defs.table import Def
from ..ir.ops import Apply, Func, FuncRef, Op, Raise, Store, While
from ..ir.types import Tuple, strip
from ..ir.values import Value
from ..ir.walk import defined, rename, results, used_values, walk, with_body, with_ops
from ..transform.buffers import Reuse, reuse_buffers
from ..transform.cse import cse
from ..transform.dce import dce
from ..transform.elements import store_first
from ..transform.fold import fold
from ..transform.handles import one_handle
from ..transform.hoist import hoist
from ..transform.indices import repeat_indices
from ..transform.memory import is_pure
from ..transform.products import order_products
from ..transform.ranges import plain_ranges
from ..transform.simplify import simplify
from ..transform.slots import fill_slots
from ..transform.sums import factor_sums
from ..transform.tidy import join_sums, tidy
from ..transform.unprinted import without_unprinted

Mine = Callable[[Op], bool]
Pass = Callable[[Func, Mine], Func]
Note = Callable[[str, Func], None]


def _dce(func: Func, mine: Mine) -> Func:
    return dce(func, keep_raising=False, pure_call=is_pure_call)


#: passes over a whole derivative, in order; the second argument tells the ops that are not the primal's
CLEAN: tuple[tuple[str, Pass], ...] = (
    ("handles", lambda func, mine: one_handle(func)),
    ("simplify", lambda func, mine: simplify(func)),
    ("dce", _dce),
    ("slots", fill_slots),
    ("cse", cse),
    ("fold", fold),
    ("products", order_products),
    ("cse", cse),
    ("fold", fold),
    ("products", order_products),
    ("sums", factor_sums),
    ("dce", _dce),
    ("tidy", tidy),
    ("joins", join_sums),
    ("elements", lambda func, mine: store_first(func)),
    ("hoist", hoist),
    ("simplify", lambda func, mine: simplify(func, pure_call=is_pure_call)),
    ("dce", _dce),
    ("ranges", lambda func, mine: plain_ranges(func)),
    ("dce", _dce),
    ("indices", lambda func, mine: repeat_indices(func)),
    ("sections", lambda func, mine: without_empty_sections(func)),
)


#: how deep calls inside a call are looked into; one that calls itself is deeper than any number
_DEPTH = 20


def is_pure_call(op: Op) -> bool:
    """Whether a call of a user function does nothing but give its result (so that it goes when nobody uses that)."""
    return _calls_pure(op, 0)


def _calls_pure(op: Op, depth: int) -> bool:
    inner = getattr(op.fn.target, "func", None) if isinstance(op, Apply) and isinstance(op.fn, FuncRef) else None
    return isinstance(inner, Func) and depth < _DEPTH and _is_pure(inner, depth)


@lru_cache(4096)
def _is_pure(func: Func, depth: int) -> bool:
    own = {v for op in walk(func.body) if isinstance(op, Apply) and _gives_own(op) for v in op.results}
    return all(_is_harmless(op, depth + 1, own) for op in walk(func.body))


def _gives_own(op: Apply) -> bool:
    """Whether a result is an array that nothing else refers to."""
    return isinstance(op.fn, Def) and is_pure(op) and op.fn.alias == "fresh"


def _is_harmless(op: Op, depth: int, own: set[Value]) -> bool:
    if isinstance(op, Store):
        return op.dst in own
    if not isinstance(op, Apply):
        return not isinstance(op, (Raise, While))
    if isinstance(op.fn, FuncRef):
        return _calls_pure(op, depth)
    d = op.fn
    if not isinstance(d, Def) or d.effect or d.writes or d.family == "opaque":
        return False
    return not d.raises or _fits(op)


def _fits(op: Apply) -> bool:
    """Whether a tuple is taken apart that has as many items as are asked for."""
    t = strip(op.args[0].type) if op.fn is UNPACK and isinstance(op.args[0], Value) else None
    return isinstance(t, Tuple) and len(t.items) == len(op.results)


def without_empty_sections(func: Func) -> Func:
    """The function without the heading of a forward sweep of which nothing is left."""
    ops = func.body.ops
    heads = [op for op in ops if isinstance(op, Apply) and op.fn is COMMENT]
    first = [op for op, after in pairwise(ops) if op in heads and after in heads]
    return with_body(func, with_ops(func.body, [op for op in ops if op not in first]))


def clean(
    func: Func, primal: set[Value], summary: SummaryOf, note: Note | None = None, reused: dict[str, Reuse] | None = None
) -> Func:
    """A derivative, cleaned; ops that make values of the primal stay as the user wrote them. `note` hears of each pass and
    what it made. With `reused`, arrays are written over those that are dead, and what came of it is put there."""

    func = without_inserts(func)
    mine = _derivative_only(func, primal)
    settled: dict[Pass, Func] = {}  # what a pass left as it was
    for name, run in CLEAN:
        if settled.get(run) is not func:
            new = run(func, mine)
            if new is func:
                settled[run] = func
            else:
                func, mine = new, _derivative_only(new, primal)
        if note is not None:
            note(name, func)
    if reused is None:
        return with_memory(_without_unprinted(func), summary)[0]
    func, found = reuse_buffers(func, mine)
    if note is not None:
        note("buffers", func)
    func = _without_unprinted(func)
    func, renamed = with_memory(func, summary)
    reused[func.name] = replace(found, reasons={renamed.get(v, v): why for v, why in found.reasons.items()})
    return func


def _without_unprinted(func: Func) -> Func:
    """The function as it is printed: see `transform/unprinted.py`."""
    new = without_unprinted(func)
    return func if new is func else dce(new, keep_raising=False, pure_call=is_pure_call)


def with_memory(func: Func, summary: SummaryOf) -> tuple[Func, dict[Value, Value]]:
    """The function with the alias class of every value, which tells code generation what a store can't have changed; and
    what became of the values."""
    aliases = Aliases(func, summary, overlap=True)
    new = {}
    for v in [*func.params, *defined(func.body)]:
        node = aliases.of(v)
        if node is not None:
            new[v] = replace(v, mem=node.name)
    return rename(func, new), new


def _derivative_only(func: Func, primal: set[Value]) -> Mine:
    """Tells ops whose results only derivatives read: those that aren't the primal's, and arithmetic of the primal that
    has no other use. Found out when a pass asks: half of them don't."""
    found: set[Value] | None = None

    def mine(op: Op) -> bool:
        nonlocal found
        if found is None:
            found = _only_for_derivatives(func, primal)
        return all(r in found or r not in primal for r in results(op))

    return mine


def _only_for_derivatives(func: Func, primal: set[Value]) -> set[Value]:
    """Results of arithmetic of the primal that only derivatives read."""

    def made_here(op: Op) -> bool:
        return not any(r in primal for r in results(op))

    users: dict[Value, list[Op]] = {}
    for op in walk(func.body):
        for v in used_values(op):
            users.setdefault(v, []).append(op)
    found: set[Value] = set()
    for op in reversed(list(walk(func.body))):
        if isinstance(op, Apply) and not made_here(op) and is_arithmetic(op):
            read = [u for r in op.results for u in users.get(r, ())]
            if read and all(
                isinstance(u, Apply) and (made_here(u) or found.issuperset(u.results)) and is_arithmetic(u)
                for u in read
            ):
                found.update(op.results)
    return found


def is_arithmetic(op: Apply) -> bool:
    """A pure operation of the rule table on numbers and arrays."""
    d = op.fn
    pure = isinstance(d, Def) and d.family in ("elementwise", "general", "select")
    return pure and not getattr(d, "effect", "") and not getattr(d, "writes", ()) and not op.kwargs
