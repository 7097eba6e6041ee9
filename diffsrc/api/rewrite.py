"""A function made again from its changed syntax tree, with the same globals, closure and defaults.

Its text is entered into `linecache`, where the compiler finds it, and each of its lines knows the line that it was.
"""

from __future__ import annotations

import ast
import copy
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType
from typing import Any

from ..defs.door import Door, door_of
from ..errors import UnsupportedError
from ..frontend.parse import find_source
from ..source import Loc, register_generated
from .signature import unwrap

_COUNTER = itertools.count(1)
AROUND = "_around"


@dataclass(frozen=True, eq=False, slots=True)
class Tree:
    """The tree of a function, to be changed, and what else makes the function."""

    fn: FunctionType
    node: ast.FunctionDef
    prefix: tuple[Any, ...]
    keywords: dict[str, Any]
    door: Door | None = None

    def loc(self, node: ast.AST) -> Loc:
        return Loc(self.fn.__code__.co_filename, int(getattr(node, "lineno", self.fn.__code__.co_firstlineno)))

    def made(self, node: ast.FunctionDef, cells: Mapping[str, object] | None = None) -> Callable[..., Any]:
        """The function with another tree; `cells` are further variables that it sees."""
        new = remade(self.fn, node, dict(cells or {}))
        if self.door is not None:
            from .standardize import standardize

            new = standardize(**self.door.converters)(new)
        return functools.partial(new, *self.prefix, **self.keywords) if self.prefix or self.keywords else new


def tree_of(f: Callable[..., Any]) -> Tree:
    """The tree of a Python function, method or lambda.

    Raises:
        UnsupportedError: there is no source for it.
    """
    fn, prefix, keywords = unwrap(f)
    door = door_of(f)
    if door is not None and door.generate is not None:
        raise UnsupportedError(f"{fn.__qualname__} is generated for each call", hint="look at the function for some types")
    assert isinstance(fn, FunctionType)
    found, _ = find_source(fn)
    node = copy.deepcopy(found)
    if isinstance(node, ast.Lambda):
        result = ast.copy_location(ast.Return(node.body), node.body)
        node = ast.copy_location(ast.FunctionDef("lambda_", node.args, [result], [], None, None), node)
    assert isinstance(node, ast.FunctionDef)
    node.decorator_list = []
    return Tree(fn, node, prefix, keywords, door)


def remade(fn: FunctionType, node: ast.FunctionDef, cells: dict[str, object]) -> FunctionType:
    """A function like `fn` with another tree."""
    free = {**dict(zip(fn.__code__.co_freevars, fn.__closure__ or ())), **{k: CellType(v) for k, v in cells.items()}}
    spec = ast.arguments([], [ast.arg(n) for n in free], None, [], [], None, [])
    itself: list[ast.stmt] = [] if node.name in free else [ast.Global([node.name])]  # a recursion finds it where it was
    around = ast.FunctionDef(AROUND, spec, [*itself, node], [], None, None)
    if "type_params" in ast.FunctionDef._fields:
        around.type_params = node.type_params = []  # type: ignore[attr-defined,unused-ignore]
    text = ast.unparse(ast.fix_missing_locations(ast.Module([around], []))) + "\n"
    file = f"<diffsrc rewritten {node.name} {next(_COUNTER)}>"
    register_generated(file, text, lambda: _origins(fn.__code__.co_filename, node, text))
    code = _code(compile(text, file, "exec"), node.name)
    new = FunctionType(code, fn.__globals__, fn.__name__, fn.__defaults__, tuple(free[n] for n in code.co_freevars))
    new.__kwdefaults__ = fn.__kwdefaults__
    return new


def _code(module: CodeType, name: str) -> CodeType:
    """The code object of the function inside `_around`."""
    (around,) = (c for c in module.co_consts if isinstance(c, CodeType))
    return next(c for c in around.co_consts if isinstance(c, CodeType) and c.co_name == name)


def _origins(file: str, node: ast.FunctionDef, text: str) -> dict[int, Loc]:
    new = ast.parse(text).body[0]
    assert isinstance(new, ast.FunctionDef)
    pairs = zip(statements(new.body[-1]), statements(node))
    return {n.lineno: Loc(file, o.lineno, o.col_offset + 1) for n, o in pairs if hasattr(o, "lineno")}


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement of a function, itself first, in the order of the text."""
    if isinstance(node, ast.stmt):
        yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield from statements(child)
