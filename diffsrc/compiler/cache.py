"""The disk cache: compiled derivatives as text, found again by the next process without lowering, inference or
differentiation.

An entry is a file of two lines: a checksum, and JSON with the generated source, the types of the result, and *evidence*:
every function that was compiled with the fingerprint of its code and of each name that it read (`prints.py`). Its name is
the hash of what is known before anything is looked at: the function's code, the types, activity and mode of the call, the
versions of diffsrc, Python and NumPy. When it is loaded, the evidence is gathered anew from the live program and compared;
the same values guard the derivative from then on (`reads.py`). Text is executed only when checksum and evidence agree.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..source import Loc, is_generated
from ..timing import COUNTS, Node, compiling
from . import prints
from .derived import Derived, bind, execute, made_from
from .prints import Unprintable
from .reads import MISSING, Read, is_object, is_stable, same, shape_of, shaped
from .vault import Vault, warn

if TYPE_CHECKING:
    from ..analysis.mems import Shape
    from ..ir.ops import Func
    from ..ir.types import Type

FORMAT = 1
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
    return os.environ.get("DIFFSRC_CACHE", "1") != "0" and os.environ.get("DIFFSRC_VALIDATE", "0") in ("", "0")


def folder() -> Path:
    """The user's folder: `DIFFSRC_CACHE_DIR`, else where the platform keeps caches."""
    given = os.environ.get("DIFFSRC_CACHE_DIR")
    if given:
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("diffsrc", appauthor=False)


def user_vault() -> Vault | None:
    """The user's folder, opened; None where it can't be used."""
    key = os.environ.get("DIFFSRC_CACHE_DIR") or ""
    if _FOLDERS.opened != key:
        _FOLDERS.opened, _FOLDERS.user = key, Vault.open(folder())
    return _FOLDERS.user


def _vaults() -> Iterator[Vault]:
    yield from reversed(_FOLDERS.writing)
    yield from _FOLDERS.packages
    if (user := user_vault()) is not None:
        yield user


@contextlib.contextmanager
def keeping_in(path: Path, owners: frozenset[int]) -> Iterator[None]:
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

    root = Path(__file__).parent.parent
    edited = (root.parent / "pyproject.toml").exists()  # a checkout, in which files change and the version doesn't
    stats = ((e.path[len(str(root)) :], e.stat()) for e in _files(str(root)))
    files = sorted((path, s.st_size, s.st_mtime_ns if edited else 0) for path, s in stats)
    own = hashlib.sha256(repr(files).encode()).hexdigest()
    python = f"{sys.implementation.cache_tag} {sys.hexversion:x} {sys.flags.optimize}"
    return [__version__, own, python, np.__version__, sys.platform, str(FORMAT)]


def _files(path: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        for e in entries:
            if e.name.endswith(".py"):
                yield e
            elif e.name != "__pycache__" and e.is_dir():
                yield from _files(e.path)


def key_of(mode: str, fn: FunctionType, types: Iterable[Type], activity: Iterable[str], overlap: object) -> dict[str, Any]:
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
    }


def _name_of(key: Mapping[str, Any]) -> str:
    function = key["function"].rpartition(":")[2].rpartition(".")[2]
    plain = "".join(c for c in function if (c.isascii() and c.isalnum()) or c == "_")[:40]
    return f"{plain}-{prints.digest(key)[:40]}.json"


# --- evidence --------------------------------------------------------------------------------------------------


class Evidence:
    """What a derivative from disk was compiled from, in the live program: a guard (see `guards.py`)."""

    __slots__ = ("_checks", "functions", "reads", "rules")

    def __init__(self, functions: list[FunctionType], reads: list[Read], data: Mapping[str, Any]) -> None:
        self.functions, self.reads = functions, reads
        self._checks = [(r.get, r.value) for r in reads]
        #: functions whose rules matter, and the rules
        self.rules: tuple[list[str], dict[str, str]] = data["callables"], data["rules"]

    def holds(self) -> bool:
        """Whether every name still stands for what it did."""
        for get, value in self._checks:
            now = get()
            if now is not value and not same(now, value):
                return False
        return not prints.RULES or rules_hold(*self.rules)

    def broken(self) -> list[Read]:
        """What was read and isn't there any more."""
        return [r for r in self.reads if not r.holds()]


def rules_hold(callables: list[str], rules: Mapping[str, str]) -> bool:
    """Whether the user's rules for functions that a derivative calls are those that it was compiled with."""
    now = {k: prints.RULES[k] for k in callables if k in prints.RULES}
    return now == rules


@dataclass(eq=False, slots=True)
class _Gatherer:
    """Follows the names that functions read, when an entry is written."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    functions: list[FunctionType] = field(default_factory=list)
    #: objects that names stand for, and how they are found again
    places: dict[int, Any] = field(default_factory=dict)
    keep: list[Any] = field(default_factory=list)
    known: dict[int, int] = field(default_factory=dict)
    callables: set[str] = field(default_factory=set)

    def function(self, fn: FunctionType, at: Any) -> int:
        """The number of a function's node."""
        from .guards import differentiated
        from .lowered import known_reads

        first = len(self.nodes)
        waiting = [(fn, at)]
        while waiting:
            fn, at = waiting.pop(0)
            if id(fn) in self.known:
                continue
            number = self.known[id(fn)] = len(self.nodes)
            node: dict[str, Any] = {"at": at, "code": prints.code_print(fn.__code__), "defaults": prints.defaults_print(fn)}
            self.nodes.append(node)
            self.functions.append(fn)
            self.keep.append(fn)
            self.places.setdefault(id(fn), ["fn", number])
            self.callables.add(prints.home(fn))
            reads: list[Any] = []
            try:
                found = known_reads(fn)
            except Exception:  # noqa: BLE001  it has no source: it was called as it is, or a rule knows it
                found = []
            for kind, name, value in found:
                at = ["read", number, len(reads)]
                if isinstance(value, FunctionType) and not is_stable(value.__module__):
                    inner = differentiated(value)
                    mark = None if inner is value else repr(prints.mark_of(value)[0])
                    if mark is not None:
                        raise Unprintable("a derivative read by name")
                    reads.append([kind, name, {"function": True}])
                    waiting.append((inner, at))
                else:
                    reads.append([kind, name, prints.value_print(value)])
                    if callable(value):
                        self.callables.add(prints.home(value))
                self.places.setdefault(id(value), at)
                self.keep.append(value)
            node["reads"] = reads
        return self.known.get(id(fn), first)


def _current(fn: FunctionType, kind: str, name: str, known: Mapping[str, object]) -> tuple[Callable[[], object], Any, str]:
    """How a name is read, who holds it, and what it is called in messages."""
    base, _, attr = name.rpartition(".")
    if base:
        owner = known[base]
        where = owner.__name__ if isinstance(owner, ModuleType) else base
        return (lambda: getattr(owner, attr, MISSING)), owner, f"{where}.{attr}"
    if kind == "cell":
        cell = dict(zip(fn.__code__.co_freevars, fn.__closure__ or ())).get(name)
        if cell is None:
            raise Unprintable(f"{name} isn't captured any more")
        return (lambda: cell.cell_contents), cell, f"{name}, captured by {fn.__module__}.{fn.__qualname__},"
    names = fn.__globals__
    label = f"{names.get('__name__', '?')}.{name}"
    if kind == "builtin":
        found = getattr(builtins, name, MISSING)
        return (lambda: names.get(name, found)), names, label
    return (lambda: names.get(name, MISSING)), names, label


def _gather_again(fn: FunctionType, data: Mapping[str, Any]) -> tuple[list[list[object]], Evidence]:
    """What the names of an entry stand for now: values by function and read.

    Raises:
        Unprintable: something has changed.
    """
    functions: list[FunctionType] = []
    values: list[list[object]] = []
    reads: list[Read] = []
    for node in data["functions"]:
        f = _function_at(node["at"], fn, values, data)
        if not isinstance(f, FunctionType) or prints.code_print(f.__code__) != node["code"]:
            raise Unprintable("a function has changed")
        if prints.defaults_print(f) != node["defaults"]:
            raise Unprintable(f"the defaults of {f.__qualname__} have changed")
        label = f"{f.__module__}.{f.__qualname__}"
        reads.append(Read(("code", id(f), ""), label, functools.partial(getattr, f, "__code__"), f.__code__, f, f))
        reads.append(Read(("defaults", id(f), ""), label, functools.partial(getattr, f, "__defaults__"), f.__defaults__, f, f))
        functions.append(f)
        known: dict[str, object] = {}
        mine: list[object] = []
        for kind, name, print_ in node["reads"]:
            get, owner, what = _current(f, kind, name, known)
            try:
                value = get()
            except ValueError:
                raise Unprintable(f"{name} isn't bound") from None
            if isinstance(print_, dict):
                if not isinstance(value, FunctionType):
                    raise Unprintable(f"{what} is no function any more")
            elif value is MISSING or prints.value_print(value) != print_:
                raise Unprintable(f"{what} has changed")
            known[name] = value
            mine.append(value)
            if not (isinstance(value, ModuleType) and is_stable(value.__name__)) and not _of_stable(owner):
                place = "attribute" if "." in name else "cell" if kind == "cell" else "global"
                attr = name.rpartition(".")[2] if place != "cell" else ""
                reads.append(Read((place, id(owner), attr), what, get, value, f, owner))
                if is_object(value):
                    reads.append(Read(("shape", id(owner), attr), what, shaped(get), shape_of(value), f, owner))
        values.append(mine)
    for (module, name), attr, print_ in data["classes"]:
        from ..defs.classes import attribute

        owner = prints.imported(module, name)
        value = attribute(owner, attr)
        if prints._member(value) != print_:
            raise Unprintable(f"{name}.{attr} has changed")
        get = functools.partial(attribute, owner, attr)
        reads.append(Read(("class", id(owner), attr), f"{module}.{name}.{attr}", get, value, None, owner))
    if not rules_hold(data["callables"], data["rules"]):
        raise Unprintable("a rule has changed")
    return values, Evidence(functions, reads, data)


def _of_stable(owner: object) -> bool:
    return isinstance(owner, ModuleType) and is_stable(owner.__name__)


def _function_at(at: Any, fn: FunctionType, values: list[list[object]], data: Mapping[str, Any]) -> Any:
    if at == ["root"]:
        return fn
    if at[0] == "read":
        return values[at[1]][at[2]]
    from ..defs.classes import attribute

    value = attribute(prints.imported(*at[1]), at[2])
    return value.fget if isinstance(value, property) else getattr(value, "__func__", value)


# --- writing ---------------------------------------------------------------------------------------------------


def store(mode: str, fn: Any, types: Iterable[Type], activity: Iterable[str], overlap: object, made: Derived, node: Node) -> bool:
    """Keep a derivative on disk; False where it can't be kept."""
    if not is_on() or not isinstance(fn, FunctionType):
        return False
    try:
        key = key_of(mode, fn, types, activity, overlap)
        data = {"key": key, **_entry(fn, made), "seconds": round(node.inclusive, 6)}
        text = json.dumps(data, separators=(",", ":")).encode()
    except (Unprintable, ValueError):
        COUNTS["cache_unkept"] += 1
        return False
    for vault in (*reversed(_FOLDERS.writing), user_vault()):
        if vault is None or str(vault.path) in _FOLDERS.failed:
            continue
        try:
            vault.write(_name_of(key), hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        except OSError as err:
            _FOLDERS.failed.add(str(vault.path))
            if vault not in _FOLDERS.writing:
                warn(f"{vault.path} can't be written: {err.strerror or err}")
            continue
        COUNTS["cache_stores"] += 1
        return True
    return False


def _entry(fn: FunctionType, made: Derived) -> dict[str, Any]:
    g = _Gatherer()
    g.function(fn, ["root"])
    classes = []
    for (owner, name), value in made.outside.items():
        if is_stable(owner.__module__):
            continue
        where = prints.found_again(owner)
        if where is None:
            raise Unprintable(f"the class {owner.__qualname__}")
        if not isinstance(value, property | staticmethod | classmethod | FunctionType) and is_object(value):
            raise Unprintable(f"{owner.__qualname__}.{name}")
        classes.append([where, name, prints._member(value)])
        inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(inner, FunctionType):
            g.function(inner, ["class", where, name])
    followed = {f.__code__ for f in g.functions}
    for f in made.read:
        if not (is_stable(f.__module__) or is_generated(f.__code__.co_filename) or f.__code__ in followed):
            raise Unprintable(f"{f.__qualname__}, which no name leads to")
    g.callables |= set(_known_functions(made.functions()))
    rules = {k: prints.RULES[k] for k in g.callables if k in prints.RULES}
    if any(v is None for v in rules.values()):
        raise Unprintable("a rule that reads what has no fingerprint")
    return {
        "functions": g.nodes,
        "classes": classes,
        "callables": sorted(g.callables),
        "rules": rules,
        **_text_entry(made.source, made.names, g, made.file),
        "name": made.name,
        "result": prints.type_data(made.result_type),
        "kinds": list(made.activity),
        "writes": sorted(made.writes),
        "memory": _memory_data(made),
        "primal": made.primal,
        "halves": made.halves,
    }


def _memory_data(made: Derived) -> Any:
    """The memory that parameters reach, where some of it is written."""
    m = made.memory
    if m is None or not made.writes:
        return None
    slots = [[[slot, node] for slot, node in each] for each in m.slots]
    return [list(m.params), m.result, slots, *(sorted(s) for s in (m.written, m.folded, m.asked, m.outside))]


def _memory_of(data: Any) -> Shape | None:
    if data is None:
        return None
    from ..analysis.mems import Shape

    params, result, slots, *sets = data
    held = tuple(tuple((slot, node) for slot, node in each) for each in slots)
    return Shape(tuple(params), result, held, *map(frozenset, sets))


def _known_functions(funcs: Iterable[Func]) -> Iterator[str]:
    from ..defs.table import Def
    from ..ir.ops import Apply
    from ..ir.walk import walk

    for func in funcs:
        for op in walk(func.body):
            if isinstance(op, Apply) and isinstance(op.fn, Def):
                yield prints.home(op.fn.fn)


def _text_entry(text: str, names: Mapping[str, Any], g: _Gatherer, file: str) -> dict[str, Any]:
    """A generated module: text, how its names are found, which line serves which of the user, classes of arguments."""
    from ..source import origins_of

    origins = [[line, o.file, o.line, o.column, o.end_column] for line, o in sorted(origins_of(file).items())]
    made = made_from(file)
    classes: dict[str, Any] = {}
    for name, value in made.namespace.items() if made is not None else ():
        known = getattr(value, "__dict__", {}).get("classes") if isinstance(value, FunctionType) else None
        if known and value.__code__.co_filename == file:
            classes[name] = {str(i): prints.type_data(cls) for i, cls in known.items()}
    return {
        "text": text,
        "names": {name: _place(value, g) for name, value in names.items()},
        "origins": origins,
        "known": classes,
    }


def _place(value: Any, g: _Gatherer) -> Any:
    """How an object is found again."""
    if type(value) in (type(None), bool, int, str):
        return ["plain", value]
    if type(value) is float:
        return ["float", value.hex()]
    if id(value) in g.places:
        return g.places[id(value)]
    if isinstance(value, ModuleType):
        return ["module", value.__name__]
    if isinstance(value, FunctionType) and is_generated(value.__code__.co_filename):
        file = value.__code__.co_filename
        made = made_from(file)
        if made is None:
            raise Unprintable("a generated function")
        inner = _text_entry(made.text, made.names, g, file)
        return ["made", value.__name__, inner]
    where = prints.found_again(value) if callable(value) else None
    if where is None:
        raise Unprintable(f"an object {type(value).__name__}")
    if is_stable(where[0]):
        return ["import", where]
    if isinstance(value, type):
        return ["class", prints.type_data(value)]
    raise Unprintable(f"the object {where[1]}")


# --- reading ---------------------------------------------------------------------------------------------------


def load(mode: str, fn: Any, types: tuple[Type, ...], activity: tuple[str, ...], overlap: Any) -> Found | None:
    """The derivative from disk with its guard; None when there is none that is still right."""
    if not is_on() or not isinstance(fn, FunctionType):
        return None
    shown = getattr(fn, "__name__", "f")
    with compiling(shown, fn, types, "load", "load"):
        try:
            key = key_of(mode, fn, types, activity, overlap)
        except (Unprintable, ValueError):
            return None
        for vault in _vaults():
            data = _read(vault, _name_of(key), key)
            if data is None:
                continue
            try:
                found = _loaded(fn, types, overlap, data)
            except Unprintable:
                COUNTS["cache_outdated"] += 1
                continue
            except Exception as err:  # noqa: BLE001  whatever a file holds, it is no more than a missing one
                COUNTS["cache_bad"] += 1
                warn(f"{_name_of(key)} can't be used ({type(err).__name__}: {err}); it is compiled again")
                continue
            COUNTS["cache_hits"] += 1
            return found
    COUNTS["cache_misses"] += 1
    return None


def _read(vault: Vault, name: str, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        raw = vault.read(name)
    except OSError as err:
        COUNTS["cache_bad"] += 1
        warn(f"{name} can't be read ({err.strerror or err}); it is compiled again")
        return None
    if raw is None:
        return None
    data = checked(raw)
    if data is None or data["key"] != key:
        COUNTS["cache_bad"] += 1
        warn(f"{name} is damaged; it is compiled again")
        return None
    return data


def checked(raw: bytes) -> dict[str, Any] | None:
    """The contents of an entry whose checksum is right; None for any other."""
    head, newline, body = raw.partition(b"\n")
    if not newline or hashlib.sha256(body).hexdigest().encode() != head:
        return None
    data = json.loads(body)
    return data if isinstance(data, dict) else None


def _loaded(fn: FunctionType, types: tuple[Type, ...], overlap: Any, data: Mapping[str, Any]) -> Found:
    values, evidence = _gather_again(fn, data)
    made = Derived(
        data["name"], data["text"], types, prints.type_of(data["result"]), tuple(data["kinds"]), frozenset(data["writes"]),
        None, [], function=fn, primal=data["primal"], overlap=overlap,
        halves=tuple(data["halves"]) if data["halves"] is not None else None,
    )  # fmt: skip
    made.memory = _memory_of(data["memory"])
    namespace = _executed(data, data["name"], values, evidence.functions)
    made.file = namespace["__file__"]
    bind(made, namespace)
    return made, evidence


def _executed(
    data: Mapping[str, Any], name: str, values: list[list[object]], functions: list[FunctionType]
) -> dict[str, Any]:
    names = {n: _object(place, values, functions) for n, place in data["names"].items()}
    origins = data["origins"]
    namespace = execute(data["text"], names, name, lambda: {line: Loc(*where) for line, *where in origins})
    for function, known in data["known"].items():
        namespace[function].__dict__["classes"] = {int(i): prints.type_of(cls) for i, cls in known.items()}
    return namespace


def _object(place: Any, values: list[list[object]], functions: list[FunctionType]) -> Any:
    match place:
        case ["plain", value]:
            return value
        case ["float", text]:
            return float.fromhex(text)
        case ["read", node, read]:
            return values[node][read]
        case ["fn", node]:
            return functions[node]
        case ["module", name]:
            return __import__(name, fromlist=["_"])
        case ["import", where]:
            return prints.imported(*where)
        case ["class", where]:
            return prints.type_of(where)
        case ["made", name, inner]:
            return _executed(inner, name, values, functions)[name]
    raise Unprintable("an object of a kind that this version doesn't know")


def stats() -> dict[str, int]:
    """How often what was done in this process."""
    names = {
        "parsed": "parse", "lowered": "lower", "inferred": "infer", "activity": "activity",
        "differentiated": "differentiate", "optimized": "optimize", "emitted": "emit", "executed": "exec",
    }  # fmt: skip
    kept = ("cache_hits", "cache_misses", "cache_outdated", "cache_bad", "cache_stores", "cache_unkept")
    return {name: COUNTS[phase] for name, phase in names.items()} | {name: COUNTS[name] for name in kept}


__all__ = ["Evidence", "checked", "keeping_in", "load", "stats", "store"]
