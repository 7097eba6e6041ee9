"""All cases, in the order of topics: every module of `cases` belongs to them."""

from __future__ import annotations

import importlib
import pkgutil

from . import cases as topics
from .harness import CASES, Case

for _module in pkgutil.iter_modules(topics.__path__):
    importlib.import_module(f"{topics.__name__}.{_module.name}")


def cases() -> list[Case]:
    """Every case of the probe."""
    return list(CASES)
