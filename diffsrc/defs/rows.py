"""All rows for Python and NumPy: importing this module imports every module of rows, but for those of other packages."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from .packages import ROWS
from .table import version

_OTHERS = {name.partition(".")[0] for name in ROWS}

for _module in pkgutil.iter_modules([str(Path(__file__).parent)]):
    if _module.name not in _OTHERS:  # packages of rows are named after theirs
        importlib.import_module(f"{__package__}.{_module.name}")

#: of the table with all rows of the package
VERSION = version()
