"""What stands before the functions of a module: imports, constants of the user's module, helpers.

In memory, helpers are imported and the objects of the user are put into the namespace.  A stand-alone
module imports NumPy and what the program itself imports: helpers are pasted in, plain constants written
out, other objects imported from the module that holds them.
"""

from __future__ import annotations

import ast
import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

from ..defs.packages import ROWS, place_in_rows
from ..errors import UnsupportedError
from . import printer
from .exprs import Constants
from .namespace import HELPERS, Namespace

IMPORTS = {"math": "import math", "operator": "import operator", "random": "import random", "np": "import numpy as np"}
PLAIN = (bool, int, float, complex, str, bytes, type(None))


def preamble(namespace: Namespace, used: set[str], standalone: bool) -> list[str]:
    """The lines between header and functions, given the names that the functions use."""
    pasted: list[str] = []
    constants: list[str] = []
    imports: list[str] = []
    if standalone:
        pasted, inside = paste(namespace.helpers)
        used = used | inside
        imports, constants = _objects(namespace)
    else:
        imports = _helper_imports(namespace.helpers) + _package_imports(namespace)
    plain = [text for name, text in IMPORTS.items() if name in used]
    plain += [f"import {name}" for name in sorted(used) if name.startswith("scipy.")]
    return [line for group in (plain + imports, constants) if group for line in ("", *group)] + pasted


def names_used(tree: ast.AST) -> set[str]:
    """The names that a tree refers to, and the submodules of SciPy."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and (module := ast.unparse(node.value)).startswith("scipy.") and module in ROWS:
            found.add(module)
    return found


def _helper_imports(helpers: dict[str, Callable[..., Any]]) -> list[str]:
    modules: dict[str, list[str]] = {}
    for name, fn in sorted(helpers.items()):
        modules.setdefault(fn.__module__, []).append(name)
    return [f"from {module} import {', '.join(names)}" for module, names in modules.items()]


def _package_imports(namespace: Namespace) -> list[str]:
    """Imports of the modules whose functions have rows, of their functions and instances, as the user's module has them."""
    held = [(n, v) for n, v in namespace.objects.items() if _is_module(v) or place_in_rows(v) is not None]
    return sorted(_import(namespace, name, value) for name, value in held)


def _is_module(value: object) -> bool:
    return isinstance(value, types.ModuleType) and value.__name__ in ROWS


def _objects(namespace: Namespace) -> tuple[list[str], list[str]]:
    """Imports and assignments that bring the objects of the user into a stand-alone module."""
    imports, constants = [], []
    for name, value in namespace.objects.items():
        if isinstance(value, PLAIN):
            node = ast.Assign([ast.Name(name, ast.Store())], Constants(namespace).constant(value))
            constants += printer.statement(node, careful=True)
        else:
            imports.append(_import(namespace, name, value))
    return sorted(imports), constants


def _import(namespace: Namespace, name: str, value: object) -> str:
    """How to import an object of the user's module under a name."""
    if isinstance(value, types.ModuleType):
        package, _, last = value.__name__.rpartition(".")
        if package and value.__name__ in ROWS:
            return f"from {package} import {last}" + (f" as {name}" if last != name else "")
        return f"import {value.__name__} as {name}"
    if (public := place_in_rows(value)) is not None:
        return f"from {public[0]} import {public[1]}" + (f" as {name}" if public[1] != name else "")
    for module in (getattr(value, "__module__", None), namespace.scope.get("__name__")):
        for there in (getattr(value, "__name__", None), name):
            if _is_in(module, there, value):
                return f"from {module} import {there}" + (f" as {name}" if there != name else "")
    raise UnsupportedError(
        f"the module would need the object {name} of the program",
        code="DS103",
        hint="keep it in an importable module, pass it as an argument, or use the function in memory",
    )


def _is_in(module: object, name: object, value: object) -> bool:
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
        return False
    return getattr(sys.modules.get(module), name, None) is value


def paste(helpers: dict[str, Callable[..., Any]]) -> tuple[list[str], set[str]]:
    """The source of helpers and of those that they call, without annotations; and the names that it reads."""
    lines: list[str] = []
    names: set[str] = set()
    wanted = dict(sorted(helpers.items()))
    done: set[str] = set()
    while waiting := [n for n in wanted if n not in done]:
        for name in waiting:
            done.add(name)
            fn = wanted[name]
            tree = _without_annotations(ast.parse(inspect.getsource(fn)))
            read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
            names |= read
            for other in sorted(read):
                target = getattr(fn, "__globals__", {}).get(other)
                if inspect.isfunction(target) and target.__module__.startswith(HELPERS):
                    wanted.setdefault(other, target)
            lines += ["", "", *ast.unparse(tree).split("\n")]
    return lines, names


def _without_annotations(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return tree
