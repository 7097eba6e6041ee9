"""Recipes: what can be recomputed and at which price, and the minimum cut that chooses what is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..defs.nouns import noun
from ..defs.table import Def
from ..ir.ops import Apply, Load, Op, View
from ..ir.types import Scalar, kind_of, strip
from ..ir.values import Value, is_literal
from ..ir.walk import values_in
from .mincut import Graph, source_side
from .slots import is_array

SAVE_ARRAY = 10.0
INFINITE = 1e9


@dataclass(eq=False, slots=True)
class Recipe:
    """How to recompute a value: the op (its operands already replaced by snapshots where memory changed) and its price."""

    op: Op
    reads: list[Value]
    price: float


def is_shape(op: Op) -> bool:
    """Whether an op reads the shape of its operand only, which no store changes."""
    return isinstance(op, Apply) and op.fn.name in ("len", ".shape", ".size", ".ndim", ".dtype")


#: how values of operators are called, where they are saved and have no name
_SAVED_NAMES = {
    "add": "total", "sub": "difference", "mul": "product", "matmul": "product", "truediv": "quotient", "pow": "power",
    "neg": "negative", **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne", "not_", "contains"), "test"),
}  # fmt: skip


def saved_name(v: Value, made_by: Mapping[Value, Op]) -> str:
    """`x_saved` for a variable, `y_prev_saved` for `y[i - 1]`, `exp_saved` for the result of a function."""
    name = word_for(v, made_by)
    return f"{name}_saved" if name else "saved"


def word_for(v: Value, made_by: Mapping[Value, Op]) -> str | None:
    """How a value of the forward sweep is called in the reverse sweep: its name, or a word for the op that made it."""
    op = made_by.get(v)
    name = v.hint if v.name == "saved" else v.name
    name = name or v.hint or noun(op, lambda o: o.name if isinstance(o, Value) else None, made_by)
    if name is None and isinstance(op, (Load, View)) and isinstance(op.src, Value):
        name = op.src.name
    if name is None and isinstance(op, Apply) and isinstance(op.fn, Def):
        name = _SAVED_NAMES.get(op.fn.name) or op.fn.name.rpartition(".")[2]
    return name


def is_view(op: Op) -> bool:
    return isinstance(op, Apply) and getattr(op.fn, "alias", "fresh") == "view"


def price_of(op: Op) -> float | None:
    """What recomputing an op costs, in units of saving one number; None where it can't be repeated."""
    if isinstance(op, View):
        return 0.3
    if isinstance(op, Load):
        copies = is_array(op.result) and is_array(op.src)  # of a container, a reference is read
        return SAVE_ARRAY if copies else 0.6
    if not isinstance(op, Apply) or not isinstance(op.fn, Def) or len(op.results) != 1:
        return None
    d = op.fn
    if d.effect or d.writes or d.raises or d.family in ("structural", "inplace") or d.alias in ("maybe", "readonly"):
        return None
    if d.alias == "view":
        return 0.3
    if is_shape(op):
        return 0.2
    if is_array(op.results[0]) or any(is_array(v) for v in values_in(*op.args)):
        return 2.0 if d.cheap and is_array(op.results[0]) else 40.0
    kind = kind_of(op.results[0].type)
    if d.name == "pow" and is_literal(op.args[1], 2):
        return 0.8
    if isinstance(strip(op.results[0].type), Scalar) and (d.cheap or kind in ("int", "bool")):
        return 0.4
    return 8.0


def nodes(wants: list[Value], recipes: dict[Value, Recipe]) -> list[Value]:
    return list(dict.fromkeys([*wants, *recipes, *(u for r in recipes.values() for u in r.reads)]))


def min_cut(wants: list[Value], recipes: dict[Value, Recipe], save: dict[Value, float]) -> set[Value]:
    """The values to save: greedily where that is certainly right, else by a minimum cut."""
    if all(v not in recipes for v in wants):
        return set(wants)
    must = {v for v in wants if v not in recipes}
    free = _reachable_from(must, recipes)
    if all(v in must or (v in free and recipes[v].price + _deep_price(v, recipes, must) < save[v]) for v in wants):
        return must
    graph: Graph[tuple[Value | None, str]] = {}

    def edge(a: tuple[Value | None, str], b: tuple[Value | None, str], capacity: float) -> None:
        graph.setdefault(a, {})[b] = round(100 * capacity)

    for v in nodes(wants, recipes):
        edge((v, "wanted"), (v, "made"), save[v])
        recipe = recipes.get(v)
        edge((v, "made"), _END, recipe.price if recipe else INFINITE)
        for u in recipe.reads if recipe else ():
            edge((v, "made"), (u, "wanted"), INFINITE)
    for v in wants:
        edge(_START, (v, "wanted"), INFINITE)
    left = source_side(graph, _START, _END)
    return {v for v in save if (v, "wanted") in left and (v, "made") not in left}


_START: tuple[Value | None, str] = (None, "start")
_END: tuple[Value | None, str] = (None, "end")


def _reachable_from(must: set[Value], recipes: dict[Value, Recipe]) -> set[Value]:
    """Values that can be recomputed from those that are saved anyway."""
    have, size = set(must), -1
    while size != len(have):
        size = len(have)
        have |= {v for v, r in recipes.items() if all(u in have for u in r.reads)}
    return have


def _deep_price(v: Value, recipes: dict[Value, Recipe], must: set[Value]) -> float:
    """The price of everything that recomputing a value needs besides itself."""
    total, todo, seen = 0.0, list(recipes[v].reads), set(must)
    while todo:
        u = todo.pop()
        if u not in seen:
            seen.add(u)
            total += recipes[u].price
            todo += recipes[u].reads
    return total
