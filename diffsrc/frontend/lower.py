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
from ..source import Loc
from . import calls, closures, comprehensions, expressions, loops, statements, targets  # noqa: F401  they fill the tables
from .closures import lower_body
from .globals import globals_of
from .liveness import Liveness
from .parse import find_source
from .scope import parameters, scope_of
from .state import Unit

Dependency = tuple[str, str, object]


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


def lower(f: FunctionType) -> tuple[Func, list[Dependency]]:
    """Both at once."""
    try:
        return _lower(f)
    except RecursionError:
        code = f.__code__
        raise refusal("too deep", Loc(code.co_filename, code.co_firstlineno)) from None


def _lower(f: FunctionType) -> tuple[Func, list[Dependency]]:
    node, source = find_source(f)
    name = "lambda_" if isinstance(node, ast.Lambda) else node.name
    outer = Unit(name, source, globals_of(f), scope_of(node), Liveness())
    func = lower_body(outer, node, name, [p.arg for p in parameters(node)], frozenset(), variadic=True)
    return func, [(kind, text, value) for text, (kind, value) in outer.globals.reads.items()]


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
