"""Python functions to lowered IR: the front end's door.

`lower_function` finds the source, lowers it and returns the function; `dependencies` tells which
names from outside were read on the way. The stage is described in docs/architecture.md under
"Lowered".
"""

from __future__ import annotations

import ast
from types import FunctionType

from ..defs import rows  # noqa: F401  it fills the rule table
from ..defs.syntax import SYNTAX, Refused, refusal
from ..ir.ops import Func
from ..ir.types import ANY
from ..ir.values import Value
from ..ir.walk import blocks
from ..source import Loc
from ..timing import phase
from . import calls, closures, comprehensions, decorated, expressions, guards, loops, match, statements, targets  # noqa: F401  they fill the tables
from .cached import with_caches
from .closures import lower_body
from .globals import globals_of
from .guards import without_suppress
from .imports import imported
from .inserts import with_inserts
from .listed import with_tuples
from .liveness import Liveness
from .parse import find_source
from .scope import is_generator, parameters, scope_of
from .state import LateBinding, Unit

Dependency = tuple[str, str, object]

#: regions in regions; a sweep may need some more around them
_LEVELS = 90


def lower_function(f: FunctionType) -> Func:
    """The lowered IR of a Python function.

    Raises:
        UnsupportedError: there is no source for it, or it holds something that isn't supported.
    """
    return lower(f)[0]


def dependencies(f: FunctionType) -> list[Dependency]:
    """The names from outside that the function reads: (kind, dotted name, value), kind "cell",
    "global" or "builtin"."""
    return lower(f)[1]


def lower(f: FunctionType, cells: frozenset[str] = frozenset()) -> tuple[Func, list[Dependency]]:
    """Both at once. `cells` are variables that have to be cells."""
    try:
        with phase("lower"):
            return _lower(f, cells)
    except RecursionError:
        code = f.__code__
        raise refusal("too deep", Loc(code.co_filename, code.co_firstlineno)) from None


def _lower(f: FunctionType, cells: frozenset[str]) -> tuple[Func, list[Dependency]]:
    written, source = find_source(f)
    node = with_inserts(f, without_suppress(written, f.__globals__), source)
    world = globals_of(f, imported(node, source, f.__globals__))
    node = with_tuples(with_caches(node, world), world)
    name = "lambda_" if isinstance(node, ast.Lambda) else node.name
    outer = Unit(name, source, world, scope_of(node), Liveness(), code=f.__code__, forced=cells)
    params = {p.arg: Value(p.arg, ANY, None, None, source.loc(p)) for p in parameters(node)}
    try:
        body, transients = lower_body(outer, node, name, params)
    except LateBinding as late:
        raise late.refused from None
    func = Func(name, tuple(params.values()), body, (), source.loc(node), yields=is_generator(node), transients=transients)
    _check_depth(func)
    return func, [(kind, text, value) for text, (kind, value) in outer.globals.reads.items()]


def _check_depth(func: Func) -> None:
    """Refuse what can't be printed: Python stops at a hundred levels of indentation."""
    stack = [(func.body, func.loc, 0)]
    while stack:
        block, loc, depth = stack.pop()
        if depth > _LEVELS:
            raise refusal("too deep", loc)
        stack += [(inner, op.loc, depth + 1) for op in block.ops for inner in blocks(op)]


def check_syntax(f: FunctionType) -> None:
    """Refuse what the syntax table refuses by class, without reading any name: they may not be bound yet.

    Raises:
        UnsupportedError: for the first refused node.
    """
    node, source = find_source(f)
    for part in ast.walk(node):
        row = SYNTAX.get(type(part).__name__)
        if isinstance(row, Refused) and not isinstance(part, ast.GeneratorExp | ast.Starred):
            raise refusal(type(part).__name__, source.loc(part))
