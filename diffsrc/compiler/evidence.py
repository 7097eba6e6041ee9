"""Evidence: what a derivative from disk was compiled from, gathered when it is written and again when it is read.

Each function is a node: how it is reached (it is the root, a name that another reads, a method), fingerprints of its code and
defaults, and of what each name that it reads stands for.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import field
from types import FunctionType, ModuleType
from typing import Any

from ..defs.door import DOOR
from ..defs.packs import load_pack
from ..defs.records import children
from ..defs.transforms import DerivativeFunction
from ..plain import dataclass
from ..source import is_generated
from . import prints
from .prints import Unprintable
from .reads import MISSING, Read, from_module, is_object, is_stable, place_of, same, shape_of, shaped


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
        return not (prints.RULES or self.rules[1]) or rules_hold(*self.rules)

    def broken(self) -> list[Read]:
        """What was read and isn't there any more."""
        return [r for r in self.reads if not r.holds()]


def rules_hold(callables: list[str], rules: Mapping[str, str]) -> bool:
    """Whether the user's rules for functions that a derivative calls are those that it was compiled with."""
    for package in {k.partition(":")[0].partition(".")[0] for k in callables}:
        load_pack(package)
    now = {k: prints.rule_print(k) for k in callables if k in prints.RULES}
    return now == rules


@dataclass(eq=False, slots=True)
class Gatherer:
    """Follows the names that functions read, when an entry is written."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    functions: list[FunctionType] = field(default_factory=list)
    #: objects that names stand for, and how they are found again
    places: dict[int, Any] = field(default_factory=dict)
    keep: list[Any] = field(default_factory=list)
    known: dict[int, int] = field(default_factory=dict)
    callables: set[str] = field(default_factory=set)
    #: functions with a door that were read, and where
    doors: list[tuple[FunctionType, Any]] = field(default_factory=list)
    #: containers and instances that were read, and where
    holders: list[tuple[Any, Any]] = field(default_factory=list)

    def is_followed(self, fn: FunctionType) -> bool:
        """Whether a function is among the nodes; one that captures nothing may be so under another identity."""
        return id(fn) in self.known or (fn.__closure__ is None and any(f.__code__ is fn.__code__ for f in self.functions))

    def reach(self, fn: FunctionType) -> Any:
        """How a function is reached that no function reads by its own name: by its path, or in a container that is read.

        Raises:
            Unprintable: it isn't.
        """
        where = prints.found_again(fn)
        if where is not None:
            return ["named", *where]
        for known, at in self.doors:
            door = known.__dict__[DOOR]
            if door.fn is fn:
                return ["door", *at[1:]]
            if (types := door.types_of(fn)) is not None:
                return ["generated", *at[1:], [prints.type_data(t) for t in types]]
        for value, at in self.holders:
            steps = _steps_to(value, fn, 0)
            if steps is not None:
                return ["held", *at[1:], steps]
        raise Unprintable(f"{fn.__qualname__}, which no name leads to")

    def function(self, fn: FunctionType, at: Any) -> int:
        """The number of a function's node."""
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
            door = fn.__dict__.get(DOOR)
            try:  # behind a door stands what is compiled, and evidence of its own
                found = known_reads(fn) if door is None or door.generate is None else []
            except Exception:  # noqa: BLE001  it has no source: it was called as it is, or a rule knows it
                found = []
            for kind, name, value in found:
                at = ["read", number, len(reads)]
                hows, behind = prints.derivative_chain(value)
                if isinstance(behind, FunctionType) and DOOR in behind.__dict__:
                    self.doors.append((behind, at))
                if isinstance(behind, FunctionType) and _is_followed(behind):
                    reads.append([kind, name, {"function": hows}])
                    waiting.append((behind, at))
                else:
                    reads.append([kind, name, prints.value_print(value)])
                    if callable(value):
                        self.callables.add(prints.home(value))
                self.places.setdefault(id(value), at)
                if is_object(value) or isinstance(value, tuple):
                    self.holders.append((value, at))
                self.keep.append(value)
            node["reads"] = reads
        return self.known.get(id(fn), first)


def _is_followed(fn: FunctionType) -> bool:
    """Whether a function is known by its code: one of the program, or generated."""
    return not is_stable(fn.__module__) or is_generated(fn.__code__.co_filename)


def _steps_to(value: Any, fn: FunctionType, depth: int) -> list[int] | None:
    """Which child of which child of a value a function is; None for none."""
    if depth > 4 or isinstance(value, FunctionType | DerivativeFunction):
        return [] if prints.derivative_chain(value)[1] is fn else None
    for k, (_, child) in enumerate(children(value) or ()):
        rest = _steps_to(child, fn, depth + 1)
        if rest is not None:
            return [k, *rest]
    return None


def _held(value: Any, steps: list[int]) -> Any:
    for k in steps:
        inner = list(children(value) or ())
        if k >= len(inner):
            raise Unprintable("a container holds less")
        value = inner[k][1]
    return prints.derivative_chain(value)[1]


def _current(fn: FunctionType, kind: str, name: str, known: Mapping[str, object]) -> tuple[Callable[[], object], Any, str]:
    """How a name is read, who holds it, and what it is called in messages."""
    if kind == "import":
        module = name.partition(":")[0]
        prints.imported(module, "__name__")
        return from_module(name), sys.modules[module], name.rstrip(":").replace(":", ".")
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


def gather_again(fn: FunctionType, data: Mapping[str, Any]) -> tuple[list[list[object]], Evidence]:
    """What the names of an entry stand for now: values by function and read, and the guard of what is loaded.

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
                hows, behind = prints.derivative_chain(value)
                if hows != print_["function"] or not isinstance(behind, FunctionType):
                    raise Unprintable(f"{what} is no such function any more")
            elif value is MISSING or prints.value_print(value) != print_:
                raise Unprintable(f"{what} has changed")
            known[name] = value
            mine.append(value)
            if not (isinstance(value, ModuleType) and is_stable(value.__name__)) and not _of_stable(owner):
                attr = name.rpartition(":" if kind == "import" else ".")[2]
                if "." in name or kind == "import":
                    place = place_of(owner, attr)
                else:
                    place = ("cell", id(owner), "") if kind == "cell" else ("global", id(owner), attr)
                reads.append(Read(place, what, get, value, f, owner))
                if is_object(value):
                    reads.append(Read(("shape", *place[1:]), what, shaped(get), shape_of(value), f, owner))
        values.append(mine)
    for (module, name), attr, print_ in data["classes"]:
        from ..defs.classes import attribute

        owner = prints.imported(module, name)
        value = attribute(owner, attr)
        if prints.member_print(value) != print_:
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
        return prints.derivative_chain(values[at[1]][at[2]])[1]
    if at[0] == "named":
        return prints.imported(at[1], at[2])
    if at[0] in ("door", "generated"):
        door = getattr(prints.derivative_chain(values[at[1]][at[2]])[1], "__dict__", {}).get(DOOR)
        if door is None or (at[0] == "generated" and door.generate is None):
            raise Unprintable("a function isn't generated any more")
        return door.fn if at[0] == "door" else door.generate(tuple(map(prints.type_of, at[3])))
    if at[0] == "held":
        return _held(values[at[1]][at[2]], at[3])
    from ..defs.classes import attribute

    value = attribute(prints.imported(*at[1]), at[2])
    return value.fget if isinstance(value, property) else getattr(value, "__func__", value)
