"""The ordered lists of passes: this file is also their documentation.

    LOWER     frontend.lower
    TYPE      analysis.infer
    PREPARE   simplify, normalise_exits, simplify, hoist_parts, prepare      (reverse mode only)
    DERIVE    ad.vjp | ad.forward
    CLEAN     simplify, cse, fold, products, cse, dce, tidy, hoist, simplify, ranges
    EMIT      codegen.module
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..ad.activity import Activity
from ..ad.naming import rename
from ..analysis.alias import Aliases
from ..frontend.lower import lower_function
from ..ir.ops import Func, Op
from ..ir.values import Value
from ..ir.walk import defined, results
from ..transform.cse import cse
from ..transform.dce import dce
from ..transform.fold import fold
from ..transform.hoist import hoist
from ..transform.products import order_products
from ..transform.ranges import plain_ranges
from ..transform.simplify import simplify
from ..transform.tidy import tidy

Mine = Callable[[Op], bool]
Pass = Callable[[Func, Mine], Func]

#: passes over a whole derivative, in order; the second argument tells the ops that are not the primal's
CLEAN: tuple[tuple[str, Pass], ...] = (
    ("simplify", lambda func, mine: simplify(func)),
    ("cse", cse),
    ("fold", fold),
    ("products", order_products),
    ("cse", cse),
    ("dce", lambda func, mine: dce(func, keep_raising=False)),
    ("tidy", tidy),
    ("hoist", hoist),
    ("simplify", lambda func, mine: simplify(func)),
    ("ranges", lambda func, mine: plain_ranges(func)),
)


def clean(func: Func, primal: set[Value]) -> Func:
    """A derivative, cleaned; ops that make values of the primal stay as the user wrote them."""

    def mine(op: Op) -> bool:
        return not any(r in primal for r in results(op))

    for _, run in CLEAN:
        func = run(func, mine)
    return func


def lowered(fn: Any) -> Func:
    """The lowered stage of a function."""
    return lower_function(fn)


def annotate(func: Func, aliases: Aliases, activity: Activity) -> Func:
    """The activity stage: every value with its alias class and activity, every class with its adjoint kind."""
    new: dict[Value, Value] = {}
    for v in [*func.params, *defined(func.body)]:
        node = aliases.of(v)
        new[v] = replace(v, mem=node.name if node else None, active=activity.active(v))
    mems = tuple((n.name, _kind(n, activity)) for n in aliases.classes())
    return replace(rename(func, new), mems=mems)


def _kind(node: Any, activity: Activity) -> str:
    where = "param" if node.params else "local"
    if not activity.memory_active(node):
        return f"{where}, inactive"
    return f"{where}, shadow (written)" if node.writes else f"{where}, value or buffer (never written)"
