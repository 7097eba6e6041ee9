"""The disk cache: compiled derivatives as text, found again by the next process without lowering, inference or
differentiation.

An entry is a file of two lines: a checksum, and JSON with the generated source, the types of the result, and *evidence*:
every function that was compiled with the fingerprint of its code and of each name that it read (`prints.py`). Its name is
the hash of what is known before anything is looked at: the function's code, the types, activity and mode of the call, the
versions of diffsrc, Python and NumPy. When it is loaded, the evidence is gathered anew from the live program and compared;
the same values guard the derivative from then on (`reads.py`). Text is executed only when checksum and evidence agree.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..defs.variant import PLAIN, Variant
from ..plain import dataclass, hexdigest
from ..timing import COUNTS, Node, compiling
from . import prints
from .derived import Derived
from .entries import from_data, to_data
from .evidence import Evidence
from .prints import Unprintable
from .vault import Vault, warn

if TYPE_CHECKING:
    from ..ir.types import Type

FORMAT = 2
Found = tuple[Derived, "Evidence"]


# --- which folder ----------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class _Folders:
    """Where entries are: the user's folder, folders of packages, and the one that is being written."""

    user: Vault | None = None
    opened: str | None = None
    packages: list[Vault] = field(default_factory=list)
    writing: list[Vault] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)


_FOLDERS = _Folders()


def is_on() -> bool:
    """Whether derivatives are kept on disk: `DIFFSRC_CACHE=0` switches it off, and so does validation."""
    return os.environ.get("DIFFSRC_CACHE", "1") != "0" and not _is_validated()


def _is_validated() -> bool:
    return os.environ.get("DIFFSRC_VALIDATE", "0") not in ("", "0")


def folder() -> str:
    """The user's folder: `DIFFSRC_CACHE_DIR`, else where the platform keeps caches."""
    given = os.environ.get("DIFFSRC_CACHE_DIR")
    if given:
        return given
    from platformdirs import user_cache_dir

    return user_cache_dir("diffsrc", appauthor=False)


def user_vault() -> Vault | None:
    """The user's folder, opened; None where it can't be used."""
    key = os.environ.get("DIFFSRC_CACHE_DIR") or ""
    if _FOLDERS.opened != key:
        _FOLDERS.opened, _FOLDERS.user = key, Vault.open(folder(), chosen=bool(key))
    return _FOLDERS.user


class _Brought:
    """Entries that came with pickled derivatives (`api/travel.py`), by name."""

    path = "pickled"

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        return self.entries.get(name)


_BROUGHT = _Brought()
_MOST = 4096


def bring(entries: Mapping[str, bytes]) -> None:
    """Make entries known that another process wrote; they are checked like those on disk when they are looked for."""
    _BROUGHT.entries.update(entries)
    while len(_BROUGHT.entries) > _MOST:
        _BROUGHT.entries.pop(next(iter(_BROUGHT.entries)))


def _vaults() -> Iterator[Vault | _Brought]:
    if _BROUGHT.entries:
        yield _BROUGHT
    if not is_on():
        return
    yield from reversed(_FOLDERS.writing)
    yield from _FOLDERS.packages
    if (user := user_vault()) is not None:
        yield user


@contextlib.contextmanager
def keeping_in(path: str | os.PathLike[str], owners: frozenset[int]) -> Iterator[None]:
    """Keep what is compiled inside in a folder of a package, and look for it there from now on."""
    vault = Vault.open(path, owners)
    if vault is None:
        yield
        return
    _FOLDERS.writing.append(vault)
    try:
        yield
    finally:
        _FOLDERS.writing.remove(vault)
        _FOLDERS.packages[:] = [v for v in _FOLDERS.packages if v.path != vault.path] + [vault]


# --- keys ------------------------------------------------------------------------------------------------------


@functools.cache
def environment() -> list[str]:
    """What compiled text hangs on besides the program: versions, and the compiler itself."""
    from .. import __version__

    root = os.path.dirname(os.path.dirname(__file__))
    # a checkout, in which files change and the version doesn't
    edited = os.path.exists(f"{os.path.dirname(root)}/pyproject.toml")
    stats = ((e.path[len(root) :], e.stat()) for e in _files(root))
    files = sorted((path, s.st_size, s.st_mtime_ns if edited else 0) for path, s in stats)
    own = hexdigest(repr(files).encode())
    python = f"{sys.implementation.cache_tag} {sys.hexversion:x} {sys.flags.optimize}"
    return [__version__, own, python, np.__version__, sys.platform, str(FORMAT)]


def _files(path: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        for e in entries:
            if e.name.endswith(".py"):
                yield e
            elif e.name != "__pycache__" and e.is_dir():
                yield from _files(e.path)


def key_of(
    mode: str, fn: FunctionType, types: Iterable[Type], activity: Iterable[str], overlap: object, variant: Variant
) -> dict[str, Any]:
    """What is known of a derivative before it is looked for.

    Raises:
        Unprintable: it can't be kept on disk.
    """
    return {
        "environment": environment(),
        "mode": mode,
        "function": prints.home(fn),
        "code": prints.code_print(fn.__code__),
        "types": [prints.type_data(t) for t in types],
        "activity": list(activity),
        "overlap": json.loads(json.dumps(overlap)),
        "variant": list(variant),
    }


def _name_of(key: Mapping[str, Any]) -> str:
    function = key["function"].rpartition(":")[2].rpartition(".")[2]
    plain = "".join(c for c in function if (c.isascii() and c.isalnum()) or c == "_")[:40]
    return f"{plain}-{prints.digest(key)[:40]}.json"


# --- writing and reading ---------------------------------------------------------------------------------------


def store(
    mode: str, fn: Any, types: Iterable[Type], activity: Iterable[str], overlap: object, variant: Variant, made: Derived,
    node: Node,
) -> bool:  # fmt: skip
    """Keep a derivative on disk; False where it can't be kept."""
    if not is_on() or not isinstance(fn, FunctionType):
        return False
    made.entry = entry_of(mode, fn, types, activity, overlap, variant, made, node.inclusive)
    if made.entry is None:
        COUNTS["cache_unkept"] += 1
        return False
    for vault in (*reversed(_FOLDERS.writing), user_vault()):
        if vault is None or vault.path in _FOLDERS.failed:
            continue
        try:
            vault.write(*made.entry)
        except OSError as err:
            _FOLDERS.failed.add(vault.path)
            if vault not in _FOLDERS.writing:
                warn(f"{vault.path} can't be written: {err.strerror or err}")
            continue
        COUNTS["cache_stores"] += 1
        return True
    return False


def entry_of(
    mode: str, fn: Any, types: Iterable[Type], activity: Iterable[str], overlap: object, variant: Variant, made: Derived,
    seconds: float,
) -> tuple[str, bytes] | None:  # fmt: skip
    """The name and the contents of an entry; None where a derivative can't be written as text."""
    if made.entry is not None:
        return made.entry
    if not isinstance(fn, FunctionType) or made.stages is None:
        return None
    try:
        key = key_of(mode, fn, types, activity, overlap, variant)
        data = {"key": key, **to_data(fn, made), "seconds": round(seconds, 6)}
        text = json.dumps(data, separators=(",", ":")).encode()
    except (Unprintable, ValueError):
        return None
    return _name_of(key), hexdigest(text).encode() + b"\n" + text


def _is_brought(
    mode: str, fn: FunctionType, types: tuple[Type, ...], activity: tuple[str, ...], overlap: Any, variant: Variant
) -> bool:
    """Whether the derivative came with a pickled one, for when nothing is kept on disk."""
    if not _BROUGHT.entries or _is_validated():
        return False
    try:
        return _name_of(key_of(mode, fn, types, activity, overlap, variant)) in _BROUGHT.entries
    except (Unprintable, ValueError):
        return False


def load(
    mode: str, fn: Any, types: tuple[Type, ...], activity: tuple[str, ...], overlap: Any, variant: Variant = PLAIN
) -> Found | None:
    """The derivative from disk with its guard; None when there is none that is still right."""
    if not isinstance(fn, FunctionType) or not (is_on() or _is_brought(mode, fn, types, activity, overlap, variant)):
        return None
    shown = getattr(fn, "__name__", "f")
    with compiling(shown, fn, types, "load", "load") as node:
        node.activity = activity
        try:
            key = key_of(mode, fn, types, activity, overlap, variant)
        except (Unprintable, ValueError):
            return None
        for vault in _vaults():
            raw = _raw(vault, _name_of(key))
            data = None if raw is None else _read(raw, _name_of(key), key)
            if raw is None or data is None:
                continue
            try:
                found = from_data(fn, types, overlap, data)
            except Unprintable:
                COUNTS["cache_outdated"] += 1
                continue
            except Exception as err:  # noqa: BLE001  whatever a file holds, it is no more than a missing one
                COUNTS["cache_bad"] += 1
                warn(f"{_name_of(key)} can't be used ({type(err).__name__}: {err}); it is compiled again")
                continue
            COUNTS["cache_hits"] += 1
            found[0].entry = _name_of(key), raw
            return found
    COUNTS["cache_misses"] += 1
    return None


def _raw(vault: Vault | _Brought, name: str) -> bytes | None:
    try:
        return vault.read(name)
    except OSError as err:
        COUNTS["cache_bad"] += 1
        warn(f"{name} can't be read ({err.strerror or err}); it is compiled again")
        return None


def _read(raw: bytes, name: str, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
    data = checked(raw)
    if data is None or data["key"] != key:
        COUNTS["cache_bad"] += 1
        warn(f"{name} is damaged; it is compiled again")
        return None
    return data


def checked(raw: bytes) -> dict[str, Any] | None:
    """The contents of an entry whose checksum is right; None for any other."""
    head, newline, body = raw.partition(b"\n")
    if not newline or hexdigest(body).encode() != head:
        return None
    data = json.loads(body)
    return data if isinstance(data, dict) else None


def stats() -> dict[str, int]:
    """How often what was done in this process."""
    names = {
        "parsed": "parse", "lowered": "lower", "inferred": "infer", "activity": "activity",
        "differentiated": "differentiate", "optimized": "optimize", "emitted": "emit", "executed": "exec",
    }  # fmt: skip
    kept = ("cache_hits", "cache_misses", "cache_outdated", "cache_bad", "cache_stores", "cache_unkept")
    return {name: COUNTS[phase] for name, phase in names.items()} | {name: COUNTS[name] for name in kept}


__all__ = ["Evidence", "checked", "keeping_in", "load", "stats", "store"]
