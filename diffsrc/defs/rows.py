"""All rows of the rule table: importing this module imports every module of rows."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from .table import version

for _module in pkgutil.iter_modules([str(Path(__file__).parent)]):
    importlib.import_module(f"{__package__}.{_module.name}")

#: of the table with all rows of the package
VERSION = version()
