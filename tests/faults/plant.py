"""Importing a module with a fault in it; no file is changed."""

from __future__ import annotations

import ast
import importlib.util
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from .operators import Site, sites

ROOT = Path(__file__).parent.parent.parent


def file_of(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def parsed(module: str) -> tuple[ast.Module, list[Site]]:
    """The tree of a module, and the faults that can be planted in it."""
    tree = ast.parse(file_of(module).read_text(encoding="utf-8"))
    return tree, sites(tree)


def faulty(module: str, key: str) -> ast.Module:
    """The tree of a module with the fault of this key."""
    tree, found = parsed(module)
    (site,) = [s for s in found if s.key == key]
    site.plant()
    return ast.fix_missing_locations(tree)


class _Loader(SourceFileLoader):
    def __init__(self, module: str, key: str) -> None:
        super().__init__(module, str(file_of(module)))
        self.key = key

    def get_code(self, fullname: str) -> CodeType:
        return compile(faulty(fullname, self.key), self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, module: str, key: str) -> None:
        self.module, self.key = module, key

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, str(file_of(fullname)), loader=_Loader(fullname, self.key))


def plant(module: str, key: str) -> None:
    """From now on, `module` is imported with the fault."""
    assert module not in sys.modules, f"{module} is imported already"
    sys.meta_path.insert(0, _Finder(module, key))
