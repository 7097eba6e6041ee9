"""What has been compiled in this process: one `MethodInstance` per function, argument types, activity and mode.

A typed function is an instance of mode "primal"; its derivatives, for an entry point or for a caller's derivative, are
instances of mode "forward" or "reverse". Edges lead from caller to callee, where the types of the call are known: what is
called with `Any` is found at run time. `drop` takes out what depends on something that changed, with the cause.
"""

from __future__ import annotations

import inspect
import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..defs import table
from ..defs.variant import PLAIN, Variant
from ..errors import DiffsrcError
from ..ir.ops import Apply, Func, FuncRef
from ..ir.types import AnyType, Type, strip
from ..ir.walk import walk
from .guards import Guard, changed_row
from .instances import Instance
from .keys import target_key, type_key
from .reads import Read
from .shared import own_reads

if TYPE_CHECKING:
    from .derived import Derived
    from .driver import Unit
    from .evidence import Evidence
    from .stages import Stages

_SIZE = 8192
#: by key, the oldest first
_TABLE: OrderedDict[object, MethodInstance] = OrderedDict()
_NUMBER = itertools.count()


@dataclass(eq=False, slots=True)
class MethodInstance:
    """One function compiled for argument types, activity and mode (`ds.specializations`).

    Attributes:
        function: the function of the user; for an inner function, its lowered form.
        name: its name.
        types: of its arguments.
        mode: "primal" (typed only), "forward" or "reverse".
        activity: what is differentiated, per argument: "const", "value", "shadow" (reverse), "dup" (forward).
        backend: what runs it.
        result_type: the type of what it returns.
        callers: the instances that call it.
        callees: the instances that it calls.
        compile_seconds: what compiling it took, without its callees.
        variant: in which form it is compiled (`unroll=True`, `readable=True`).
        is_current: False when something that it read has changed (`ds.invalidations`).
    """

    key: object
    function: Any
    name: str
    types: tuple[Type, ...]
    mode: str
    activity: tuple[str, ...] = ()
    backend: str = "numpy"
    result_type: Type | None = None
    callers: list[MethodInstance] = field(default_factory=list)
    callees: list[MethodInstance] = field(default_factory=list)
    compile_seconds: float = 0.0
    is_current: bool = True
    variant: Variant = PLAIN
    #: what it read itself
    reads: list[Read] = field(default_factory=list)
    #: calls whose callee isn't known before the run
    open_calls: list[Apply] = field(default_factory=list)
    #: of the rule table, when this was compiled
    version: int = field(default_factory=table.version)
    number: int = field(default_factory=lambda: next(_NUMBER))
    _instance: Instance | None = None
    _text: str = ""
    _stages: Callable[[], Stages | None] = lambda: None
    _names: tuple[str, ...] = ()
    #: the files of generated text that was made for it
    _files: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        shown = f"{self.name}({', '.join(map(str, self.types))})"
        form = "".join(f" {word}" for word, on in zip(("unrolled", "readable"), self.variant) if on)
        return shown if self.mode == "primal" else f"{shown} {self.mode}{form}"

    def __repr__(self) -> str:
        return f"<MethodInstance {self}>"

    @property
    def typed(self) -> Func | None:
        """The typed function; None for a derivative from disk."""
        return self._instance.typed if isinstance(self._instance, Instance) else None

    @property
    def source(self) -> str:
        """The Python text: the generated module that holds a derivative, the function as it was written for a typed one."""
        if self._text:
            return self._text
        if not isinstance(self.function, FunctionType):
            return ""
        try:
            return inspect.getsource(self.function)
        except (OSError, TypeError):
            return ""

    def ir(self, stage: str = "typed") -> str:
        """The intermediate representation of a stage: "lowered", "typed", and for derivatives "activity", "forward" or
        "reverse", "optimized".

        Raises:
            DiffsrcError: there is no such stage.
        """
        from ..ir.text import to_text

        if stage == "typed" and self._instance is not None and self._instance.typed is not None:
            return to_text(self._instance.typed)
        stages = self._stages()
        if stage == "lowered" and isinstance(self.function, FunctionType):
            from .stages import lowered

            return "\n".join(to_text(s.func, s.notes) for s in lowered(self.function))
        if stages is None:
            raise DiffsrcError(f"{self} has no stage {stage!r}")
        shown = stages[stage]
        own = [s for s in shown if s.func.name in self._names] if stage in ("optimized", "forward", "reverse") else []
        return "\n".join(to_text(s.func, s.notes) for s in own or shown)

    def tree(self) -> str:
        """Who calls this instance, and who calls them, as a tree."""
        return "\n".join(tree_lines(self, lambda m: m.callers))

    def print_tree(self) -> None:
        """Print `tree`."""
        print(self.tree())


def tree_lines(root: Any, children: Callable[[Any], Sequence[Any]]) -> Iterator[str]:
    """A tree, one node per line; one that is among its own ancestors is marked."""
    yield str(root)
    stack: list[tuple[Any, str, bool, tuple[int, ...]]] = [
        (c, "", i == 0, (id(root),)) for i, c in enumerate(reversed(list(children(root))))
    ]
    while stack:
        node, indent, last, above = stack.pop()
        again = id(node) in above
        yield f"{indent}{'└─ ' if last else '├─ '}{node}{' (recursive)' if again else ''}"
        if not again:
            inner = f"{indent}{'   ' if last else '│  '}"
            stack += [(c, inner, i == 0, (*above, id(node))) for i, c in enumerate(reversed(list(children(node))))]


# --- entering --------------------------------------------------------------------------------------------------


def enter_unit(unit: Unit) -> MethodInstance:
    """Enter the typed instances of a compilation; the one of its function."""
    made: dict[int, MethodInstance] = {}
    fresh: list[MethodInstance] = []
    reached = [unit.instance]
    while reached:
        instance = reached.pop()
        if id(instance) in made:
            continue
        found, new = _primal(instance)
        made[id(instance)] = found
        if new:
            fresh.append(found)
        reached += [t for _, t in _calls(instance.func)]
    for found in fresh:
        assert found._instance is not None
        for op, target in _calls(found._instance.func):
            if not any(isinstance(strip(t), AnyType) for t in target.arg_types):
                _connect(found, made[id(target)])
            else:
                found.open_calls.append(op)
    return made[id(unit.instance)]


def _calls(func: Func) -> Iterator[tuple[Apply, Instance]]:
    for op in walk(func.body):
        if isinstance(op, Apply) and isinstance(op.fn, FuncRef) and isinstance(op.fn.target, Instance):
            yield op, op.fn.target


def primal_key(target: object, types: Iterable[Type]) -> object:
    """The key of a typed instance."""
    return ("primal", target_key(target), tuple(map(type_key, types)))


def _primal(instance: Instance) -> tuple[MethodInstance, bool]:
    key = primal_key(instance.target, instance.arg_types)
    found = _TABLE.get(key)
    if found is not None and found._instance is instance:
        return found, False
    if found is not None:
        for read in [r for r in found.reads if not r.holds()]:  # no call of it has met the change yet
            drop_for(read)
        found = _TABLE.get(key)
    if found is None:
        found = _TABLE[key] = MethodInstance(key, instance.target, _named(instance.target), instance.arg_types, "primal")
        _shrink()
    else:
        for callee in found.callees:
            callee.callers.remove(found)
        found.callees.clear()
        found.open_calls.clear()
    found._instance, found.result_type = instance, instance.result_type
    found.compile_seconds += instance.seconds
    found.reads, found.version = own_reads(instance), table.version()
    return found, True


def _named(target: Any) -> str:
    return str(getattr(target, "__name__", None) or target.name)


def enter_derived(unit: Unit, derived: Derived, mode: str, seconds: float) -> MethodInstance:
    """Enter a derivative and those of its callees."""
    root = _derivative(unit.instance, mode, derived.activity, Variant(unit.calls.unroll, unit.readable), unit.overlap)
    root.compile_seconds += seconds
    by_name = dict.fromkeys((f.name for f in derived.main), root)
    for name, made in unit.calls.made.items():
        if name in unit.calls.funcs:
            found = _derivative(made.instance, made.mode, made.activity, Variant(unit.calls.unroll, unit.readable))
            if found not in by_name.values():
                found.compile_seconds += made.node.exclusive
            by_name[name] = found
    for name, found in by_name.items():
        found._text, found._stages = derived.source, lambda: derived.stages
        found._names = tuple(dict.fromkeys((*found._names, name)))
        found._files.add(derived.file)
    for func in (*derived.main, *unit.calls.funcs.values()):
        for op in walk(func.body):
            callee = by_name.get(op.fn.name) if isinstance(op, Apply) and isinstance(op.fn, FuncRef) else None
            if callee is not None and func.name in by_name:
                _connect(by_name[func.name], callee)
    return root


def _derivative(
    instance: Any, mode: str, activity: tuple[str, ...], variant: Variant, overlap: tuple[tuple[int, ...], ...] = ()
) -> MethodInstance:
    key = (mode, activity, overlap, variant, primal_key(instance.target, instance.arg_types))
    found = _TABLE.get(key)
    if found is None:
        found = _TABLE[key] = MethodInstance(
            key, instance.target, _named(instance.target), instance.arg_types, mode, activity,
            result_type=instance.result_type, variant=variant, _instance=instance,
        )  # fmt: skip
        _shrink()
    return found


def _connect(caller: MethodInstance, callee: MethodInstance) -> None:
    if callee not in caller.callees:
        caller.callees.append(callee)
    if caller not in callee.callers:
        callee.callers.append(caller)


def _shrink() -> None:
    while len(_TABLE) > _SIZE:
        _forget(_TABLE.popitem(last=False)[1])


def _forget(gone: MethodInstance) -> None:
    gone.is_current = False
    for callee in gone.callees:
        if gone in callee.callers:
            callee.callers.remove(gone)


def enter_loaded(
    derived: Derived, mode: str, reads: list[Read], whole: Callable[[], Stages | None], variant: Variant
) -> MethodInstance:
    """Enter a derivative that came from disk; `whole` compiles it when its stages are asked for."""
    fn = derived.function
    key = (mode, derived.activity, derived.overlap, variant, primal_key(fn, derived.arg_types))
    found = _TABLE.get(key)
    if found is None:
        found = _TABLE[key] = MethodInstance(
            key, fn, _named(fn), derived.arg_types, mode, derived.activity, result_type=derived.result_type, variant=variant,
            reads=reads, _text=derived.source, _stages=whole,
        )  # fmt: skip
        _shrink()
    found._names = tuple(dict.fromkeys((*found._names, derived.name)))
    found._files.add(derived.file)
    derived.method = found
    return found


# --- asking ----------------------------------------------------------------------------------------------------


def find(key: object) -> MethodInstance | None:
    """The instance of a key; None if there is none."""
    return _TABLE.get(key)


def instances() -> list[MethodInstance]:
    """All instances, the oldest first."""
    return sorted(_TABLE.values(), key=lambda m: m.number)


def derivatives_of(primal: MethodInstance) -> list[MethodInstance]:
    """The derivatives of a typed instance."""
    return [m for m in instances() if m.mode != "primal" and m._instance is primal._instance]


@contextmanager
def apart() -> Iterator[None]:
    """What is compiled inside isn't entered: it is a trial."""
    before = set(_TABLE)
    try:
        yield
    finally:
        for key in [k for k in _TABLE if k not in before]:
            _forget(_TABLE.pop(key))


# --- dropping --------------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Victim:
    """An instance that was dropped, and those dropped because of it."""

    instance: MethodInstance
    victims: list[Victim] = field(default_factory=list)

    def __str__(self) -> str:
        return str(self.instance)


@dataclass(eq=False, slots=True)
class Invalidation:
    """Something that changed, and the instances that were dropped for it."""

    cause: str
    victims: list[Victim]

    def __str__(self) -> str:
        return self.cause

    def tree(self) -> str:
        """Cause and victims as a tree."""
        return "\n".join(tree_lines(self, lambda n: n.victims))

    def instances(self) -> list[MethodInstance]:
        """All that were dropped."""
        found: list[MethodInstance] = []
        waiting = list(self.victims)
        while waiting:
            victim = waiting.pop(0)
            found.append(victim.instance)
            waiting += victim.victims
        return found


LOG: list[Invalidation] = []
_LOG_SIZE = 1000


def drop(cause: str, direct: Iterable[MethodInstance]) -> None:
    """Drop instances and what depends on them: their derivatives and their callers."""
    gone: set[int] = set()
    by_instance: dict[int, list[MethodInstance]] = {}
    for m in _TABLE.values():
        if m.mode != "primal":
            by_instance.setdefault(id(m._instance), []).append(m)
    victims: list[Victim] = []
    queue: list[tuple[MethodInstance, list[Victim]]] = [(m, victims) for m in direct]
    while queue:
        m, place = queue.pop(0)
        if id(m) in gone or not m.is_current:
            continue
        gone.add(id(m))
        victim = Victim(m)
        place.append(victim)
        derived = by_instance.get(id(m._instance), []) if m.mode == "primal" else []
        queue += [(dependant, victim.victims) for dependant in (*derived, *m.callers)]
    if not victims:
        return
    for m in [m for m in _TABLE.values() if id(m) in gone]:
        del _TABLE[m.key]
        _forget(m)
    LOG.append(Invalidation(cause, victims))
    del LOG[:-_LOG_SIZE]


def drop_for(read: Read) -> None:
    """Drop what read something that has changed."""
    cause = read.cause
    drop(cause, [m for m in instances() if any(r.place == read.place and not r.holds() for r in m.reads)])


def drop_for_guard(guard: Guard | Evidence, method: MethodInstance | None) -> None:
    """Drop what depends on the things that have changed since a guard was made; in any case what it guards."""
    broken = guard.broken()
    for read in broken:
        drop_for(read)
    if not broken:
        drop_for_rules()
    if method is not None and method.is_current:
        drop(broken[0].cause if broken else "a rule was overridden", [method])


def drop_for_rules() -> None:
    """Drop the instances whose known functions have other rules now."""
    victims: dict[str, list[MethodInstance]] = {}
    for m in instances():
        if m.mode == "primal" and m.version != table.version() and m._instance is not None:
            row = changed_row([m._instance.func], (r.value for r in m.reads), m.version)
            if row:
                victims.setdefault(row, []).append(m)
            else:
                m.version = table.version()
    for row, direct in victims.items():
        drop(f"the rule of {row} was overridden", direct)


def sweep() -> None:
    """Look for changes that no call has met yet."""
    drop_for_rules()
    seen: set[tuple[str, int, str]] = set()
    for m in instances():
        for read in m.reads:
            if read.place not in seen and m.is_current and not read.holds():
                seen.add(read.place)
                drop_for(read)
