"""Rows for functions of other packages: a module of rows per module of functions, imported when one of them is met.

`import diffsrc` imports none of them. A function can only be met once its module has been imported, so the rows are there
before anything that calls it is compiled: that they enter late changes nothing that has been compiled.
"""

from __future__ import annotations

import importlib
import sys
import threading
from importlib.util import find_spec
from types import FunctionType, MethodType

#: module of functions -> module of rows
ROWS = {
    "scipy.linalg": "diffsrc.defs.scipy.linalg",
    "scipy.integrate": "diffsrc.defs.scipy.integrate",
    "scipy.optimize": "diffsrc.defs.scipy.optimize",
    "scipy.interpolate": "diffsrc.defs.scipy.interpolate",
    "scipy.sparse": "diffsrc.defs.scipy.sparse",
    "scipy.sparse.linalg": "diffsrc.defs.scipy.sparse_linalg",
    "scipy.fft": "diffsrc.defs.scipy.fft",
    "scipy.ndimage": "diffsrc.defs.scipy.ndimage",
    "scipy.signal": "diffsrc.defs.scipy.signal",
    "scipy.signal.windows": "diffsrc.defs.scipy.signal",
    "scipy.special": "diffsrc.defs.scipy.special",
    "scipy.stats": "diffsrc.defs.scipy.stats",
    "scipy.spatial": "diffsrc.defs.scipy.spatial",
    "scipy.spatial.distance": "diffsrc.defs.scipy.spatial",
}
#: packages whose own Python is never read: what has no row is refused by name where it is active
CLOSED = ("scipy.stats.", "scipy.spatial.")
#: those, and packages of classes that are known as objects with contents (`defs/objects.py`)
UNREAD = (*CLOSED, "scipy.interpolate.", "scipy.sparse.")
#: those that haven't been imported
_WAITING = dict(ROWS)
_KNOWN: dict[str, frozenset[int]] = {}
_LOCK = threading.RLock()
_LOADING: list[str] = []


def load_for(fn: object) -> bool:
    """Import the rows of the module that holds a function, or an instance whose method it is; whether any were imported."""
    held = fn.__self__ if isinstance(fn, MethodType) else fn
    found = next((name for name in tuple(_WAITING) if id(held) in _functions(name)), None)
    return found is not None and _load(found)


def load_named(name: str) -> None:
    """Import the rows among which there may be one of this name."""
    for module in tuple(_WAITING):
        if name.startswith(f"{module}."):
            _load(module)


def load_all() -> None:
    """Import the rows of every package that is installed."""
    for module in tuple(_WAITING):
        if find_spec(module.partition(".")[0]) is not None:
            _load(module)


def place_in_rows(value: object) -> tuple[str, str] | None:
    """The module, and the name in it, under which a package gives a function or an instance with rows."""
    for name in ROWS:
        if id(value) in _functions(name):
            return name, next(n for n, v in vars(sys.modules[name]).items() if v is value)
    return None


def is_multimethod(value: object) -> bool:
    """Whether a function of a package is an object of a class of its own: `scipy.fft.dct`."""
    return type(value).__module__ == "uarray" and callable(value)


def is_closed(fn: object) -> bool:
    """Whether a function or class belongs to a package whose functions are known by rows: one without a row isn't looked
    into."""
    held = fn.__func__ if isinstance(fn, MethodType) else fn
    module = getattr(held, "__module__", None) if isinstance(held, (FunctionType, type)) else type(held).__module__
    return isinstance(module, str) and module.startswith(UNREAD)


def is_loading() -> bool:
    """Whether rows that come with a package are being entered."""
    return bool(_LOADING)


def _load(module: str) -> bool:
    with _LOCK:
        if module in _LOADING or module not in _WAITING:
            return False
        _LOADING.append(module)
        try:
            importlib.import_module(_WAITING[module])
            del _WAITING[module]
        finally:
            _LOADING.remove(module)
    return True


def _functions(name: str) -> frozenset[int]:
    """The functions of a module, by identity; none as long as it hasn't been imported."""
    module = sys.modules.get(name)
    if module is None or getattr(module.__spec__, "_initializing", False):
        return frozenset()
    if name not in _KNOWN:
        package = name.partition(".")[0]
        own = (v for v in vars(module).values() if (getattr(v, "__module__", None) or name).partition(".")[0] == package)
        _KNOWN[name] = frozenset(id(v) for v in own if callable(v))
    return _KNOWN[name]
