"""Rule packs: packages that bring rules for functions of their own, or of another package.

A distribution names a module (or a function in it, which is called) for a top-level package, in its metadata::

    [project.entry-points."diffsrc.rules"]
    solvers = "solvers.diffsrc_rules"

The module is imported when a function of `solvers` is met for the first time.
"""

from __future__ import annotations

import sys
from pathlib import Path

GROUP = "diffsrc.rules"

#: packages whose packs have been imported, with the paths that were searched
_LOADED: set[tuple[str, str]] = set()
_WAITING: dict[str, list[tuple[str, str]]] = {}
_SEARCHED: list[tuple[str, ...]] = [()]


def load_pack(module: object) -> bool:
    """Import what brings rules for the package of a module; whether there was something that hasn't been imported yet."""
    if not isinstance(module, str):
        return False
    package = module.partition(".")[0]
    if package in ("__main__", "numpy", "diffsrc") or package in sys.stdlib_module_names:
        return False
    if tuple(sys.path) != _SEARCHED[0]:
        _search()
    waiting = [pack for pack in _WAITING.pop(package, ()) if pack not in _LOADED]
    for name, value in waiting:
        _LOADED.add((name, value))
        _import(value)
    return bool(waiting)


def _import(value: str) -> None:
    from importlib import import_module

    module, _, dotted = value.partition(":")
    found = import_module(module.strip())
    for part in dotted.strip().split(".") if dotted else ():
        found = getattr(found, part)
    if dotted:
        found()  # type: ignore[operator]


def _search() -> None:
    _SEARCHED[0] = tuple(sys.path)
    if not any(map(_has_packs, sys.path)):
        return
    from importlib.metadata import entry_points

    for entry in entry_points(group=GROUP):
        packs = _WAITING.setdefault(entry.name.partition(".")[0], [])
        if (entry.name, entry.value) not in packs:
            packs.append((entry.name, entry.value))


def _has_packs(folder: str) -> bool:
    """Whether some distribution in a folder may bring rules. Reading all metadata takes longer than the first gradient."""
    path = Path(folder)
    if not path.is_dir():
        return path.exists()  # an archive
    return any(map(_names_packs, (*path.glob("*.dist-info"), *path.glob("*.egg-info"))))


def _names_packs(folder: Path) -> bool:
    try:
        return GROUP.encode() in (folder / "entry_points.txt").read_bytes()
    except OSError:
        return False
