"""Imports inside functions: their names are like those of the module, but this function alone sees them."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..defs.syntax import refusal
from .parse import SourceInfo
from .scope import parameters

#: name -> what it stands for, the name under which that is known everywhere, and where it is: module and attribute
Imported = dict[str, tuple[object, str, str]]


def imported(tree: ast.AST, source: SourceInfo, world: Mapping[str, Any]) -> Imported:
    """What the imports in a function bind.

    Raises:
        UnsupportedError: an import fails, or its name stands for something else besides.
    """
    found: Imported = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        try:
            names = dict(_names(node, str(world.get("__package__") or "")))
        except (ImportError, AttributeError) as err:
            raise refusal("import fails", source.loc(node), why=err) from None
        for name, what in names.items():
            if found.setdefault(name, what)[0] is not what[0]:
                raise refusal("import twice", source.loc(node), name=name)
    for node in ast.walk(tree) if found else ():
        for name in found.keys() & _binds(node):
            raise refusal("import twice", source.loc(node), name=name)
    return found


def _names(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, tuple[object, str, str]]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            module = importlib.import_module(alias.name)
            if alias.asname is None:
                root = alias.name.partition(".")[0]
                yield root, (*_known(sys.modules[root]), f"{root}:")
            else:
                yield alias.asname, (*_known(module), f"{module.__name__}:")
        return
    module = importlib.import_module("." * node.level + (node.module or ""), package or None)
    for alias in node.names:
        if not hasattr(module, alias.name):
            importlib.import_module(f"{module.__name__}.{alias.name}")
        value, text = getattr(module, alias.name), f"{_known(module)[1]}.{alias.name}"
        yield alias.asname or alias.name, (value, text, f"{module.__name__}:{alias.name}")


def _known(module: Any) -> tuple[object, str]:
    return module, "np" if module is np else module.__name__


def _binds(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return {name}
        case ast.FunctionDef() | ast.Lambda():
            own = {node.name} if isinstance(node, ast.FunctionDef) else set()
            return own | {p.arg for p in parameters(node)}
        case ast.ExceptHandler(name=str() as name):
            return {name}
    return set()
