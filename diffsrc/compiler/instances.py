"""Instances: one user function for one tuple of argument types.

`Compiler.instance` lowers a function once, infers its types for each tuple of argument types, and keeps both.
Recursion is a fixpoint on the result type: an instance that is asked for while it is being inferred answers
with what is known of its result so far (undef at first), and is inferred again until that is stable.
Instances that used an unfinished answer are inferred again with it.

Functions are told apart by content: a lambda made anew at each call, with equal cells, is one instance.
"""

from __future__ import annotations

import collections
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

from ..analysis.infer import infer_with_result
from ..analysis.items import is_optional, merge
from ..analysis.outliving import Outlives
from ..analysis.recursive import System
from ..defs import transforms
from ..defs.transforms import Transform
from ..errors import InternalError, UnsupportedError
from ..ir.ops import Apply, Func, FuncRef
from ..ir.types import BOTTOM, Type
from ..ir.walk import walk
from ..source import Loc, is_generated
from ..timing import compiling, phase
from ..transform.closures import holds_closure
from . import shared
from .keys import target_key, type_key
from .lowered import lowered

#: modules of functions of the compiler's own: they are printed where they are called
_LIBRARY = frozenset({transforms.__name__, "diffsrc.defs.scipy.quadrature", "diffsrc.defs.scipy.integrals"})
MAX_ROUNDS = 20
#: how many instances of one function may be in progress
MAX_DEPTH = 200


def _names_queue(code: CodeType, world: dict[str, Any]) -> bool:
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    named = any(n == "deque" or world.get(n) is collections.deque for n in code.co_names)
    return named or any(_names_queue(c, world) for c in inner)


@dataclass(eq=False, slots=True)
class Instance:
    """A user function typed for argument types. `func` is set when inference has finished."""

    name: str
    target: FunctionType | Func
    arg_types: tuple[Type, ...]
    result_type: Type = BOTTOM
    typed: Func | None = None
    stale: bool = True
    #: what inference asked for on the way: other instances, functions read in place, what classes held
    asked: dict[object, Instance] = field(default_factory=dict)
    read: set[FunctionType] = field(default_factory=set)
    notes: dict[tuple[type, str], object] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def func(self) -> Func:
        if self.typed is None:
            raise InternalError(f"{self.name} isn't inferred yet")
        return self.typed

    @property
    def as_written(self) -> bool:
        """Whether the Python function itself can be called as a typed call does: with positional operands;
        inner functions are passed and returned as their captured values, an iterator is returned as a sequence."""
        if not isinstance(self.target, FunctionType):
            return False
        code = self.target.__code__
        if is_generated(code.co_filename) or self.target.__module__ in _LIBRARY:
            return False
        variadic = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        iterator = bool(code.co_flags & inspect.CO_GENERATOR) or code.co_name == "__iter__"
        closures = any(holds_closure(t) or is_optional(t) for t in (*self.arg_types, self.result_type))
        return not (variadic or code.co_kwonlyargcount or closures or iterator or self.makes_queues)

    @property
    def makes_queues(self) -> bool:
        """Whether the function, or one that it calls, makes a `deque`: that is a list in what is compiled."""
        seen: set[int] = set()
        waiting: list[Any] = [self]
        while waiting:
            found = waiting.pop()
            if id(found) in seen:
                continue
            seen.add(id(found))
            if isinstance(found.target, FunctionType) and _names_queue(found.target.__code__, found.target.__globals__):
                return True
            calls = (op.fn.target for op in walk(found.func.body) if isinstance(op, Apply) and isinstance(op.fn, FuncRef))
            waiting += [t for t in calls if isinstance(t, Instance)]
        return False

    def __repr__(self) -> str:
        return f"<Instance {self.name}({', '.join(map(str, self.arg_types))}) -> {self.result_type}>"


def word_for(target: FunctionType | Func, name: str) -> str:
    """`Layer.__call__` is called `Layer_call` where it is a function of its own."""
    if not name.startswith("__"):
        return name
    owner = getattr(target, "__qualname__", "").rpartition(".")[0].rpartition(".")[2]
    return f"{owner}_{name.strip('_')}" if owner.isidentifier() else name


@dataclass(eq=False, slots=True)
class Compiler:
    """Instances of one compilation. Names are unique: f, f_1, ..."""

    instances: dict[object, Instance] = field(default_factory=dict)
    lowered: dict[object, Func] = field(default_factory=dict)
    #: variables of functions that have to be cells
    cells: dict[object, set[str]] = field(default_factory=dict)
    #: what classes held under the names that were looked up on their instances
    outside: dict[tuple[type, str], object] = field(default_factory=dict)
    #: the namespace of the user's function
    scope: dict[str, object] = field(default_factory=dict)
    #: derivatives that the program itself calls (`nested.py`), and those in whose compilation this one is
    derived: dict[object, FunctionType] = field(default_factory=dict)
    chain: tuple[object, ...] = ()
    #: the functions of such derivatives
    inside: set[FunctionType] = field(default_factory=set)
    #: the fields of recursive classes
    system: System = field(default_factory=System)
    _names: set[str] = field(default_factory=set)
    _active: list[Instance] = field(default_factory=list)
    #: instances in progress whose unfinished answer was used, per instance in progress
    _used: list[set[Instance]] = field(default_factory=list)

    def instance(self, target: Any, arg_types: tuple[Type, ...]) -> Instance:
        """The instance of a Python function or lifted inner function for argument types.

        Raises:
            UnsupportedError: the function has no source, or holds something unsupported.
        """
        key = (target_key(target), tuple(map(type_key, arg_types)))
        found = self.instances.get(key) or shared.adopt(self, key)
        if found is None:
            func = self.lower(target)
            found = self.instances[key] = Instance(self._name(word_for(target, func.name), target), target, arg_types)
        if self._active:
            self._active[-1].asked[key] = found
        if found in self._active:
            self._used[-1].add(found)
        elif found.stale:
            try:
                self._infer(found)
            except (UnsupportedError, Outlives) as err:
                self.instances.pop(key, None)
                self._names.discard(found.name)
                for around in self._active:
                    around.asked.pop(key, None)
                if isinstance(err, Outlives) and not self._active:
                    raise err.refused from None
                raise
        return found

    @property
    def around(self) -> tuple[str, ...]:
        """The modules of the Python functions that are being typed, the innermost first."""
        targets = (i.target for i in reversed(self._active))
        return tuple(t.__module__ for t in targets if isinstance(t, FunctionType))

    def derivative(
        self, target: object, arg_types: tuple[Type, ...], wrt: frozenset[int], how: Transform, loc: Loc
    ) -> FunctionType:
        """The generated function for a derivative that the program calls; see `nested.py`.

        Raises:
            UnsupportedError: it can't be compiled.
        """
        from .nested import Wanted, derivative

        return derivative(self, Wanted(target, arg_types, wrt, how, loc))

    def functions(self) -> frozenset[FunctionType]:
        """The Python functions that were compiled, those of derivatives inside among them."""
        targets = {i.target for i in self.instances.values() if isinstance(i.target, FunctionType)}
        return frozenset(targets.union(self.inside, *(i.read for i in self.instances.values())))

    def note(self, owner: type, name: str, value: object) -> None:
        """Remember what a class held under a name."""
        self.outside.setdefault((owner, name), value)
        if self._active:
            self._active[-1].notes.setdefault((owner, name), value)

    def consult(self, fn: FunctionType) -> None:
        """Remember a function that was run to know what a call means."""
        self.inside.add(fn)
        if self._active:
            self._active[-1].read.add(fn)

    def lower(self, target: Any) -> Func:
        """The lowered function, once per function."""
        if isinstance(target, Func):
            return target
        key = target_key(target)
        if key not in self.lowered:
            self.lowered[key] = lowered(target)[0]
        if self._active:
            self._active[-1].read.add(target)
        return self.lowered[key]

    def _make_cell(self, target: object, kept: Outlives) -> None:
        """Lower a function again with a variable as a cell, because something keeps a function that captures it.

        Raises:
            UnsupportedError: it can't be a cell.
        """
        if not isinstance(target, FunctionType) or target.__code__ is not kept.found.code:
            raise kept
        key = target_key(target)
        cells = self.cells.setdefault(key, set())
        if kept.found.name in cells:
            raise kept.refused
        cells.add(kept.found.name)
        self.lowered[key], _ = lowered(target, frozenset(cells))

    def adopt(self, found: Mapping[object, Instance]) -> bool:
        """Take over instances that another compilation inferred; False if a name is taken."""
        new = {key: i for key, i in found.items() if key not in self.instances}
        names = [i.name for i in new.values()]
        if not self._names.isdisjoint(names) or len(set(names)) < len(names):
            return False
        if any(found[key] is not i for key, i in self.instances.items() if key in found):
            return False
        self.instances |= new
        self._names.update(names)
        for instance in new.values():
            for (owner, name), value in instance.notes.items():
                self.outside.setdefault((owner, name), value)
        return True

    def _name(self, base: str, target: object = None) -> str:
        """A name that no other instance has; the second method of one name is called after its class."""
        owner, _, method = getattr(target, "__qualname__", "").rpartition(".")
        if base in self._names and base == method and owner.isidentifier():
            base = f"{owner}_{base}"
        name, n = base, 0
        while name in self._names:
            n += 1
            name = f"{base}_{n}"
        self._names.add(name)
        return name

    def _infer(self, found: Instance) -> None:
        """Infer until the result type is stable."""
        if sum(i.target is found.target for i in self._active) > MAX_DEPTH:
            raise UnsupportedError("calls of functions with ever new types", hint="check the recursion")
        with compiling(found.name, found.target, found.arg_types, "primal") as node:
            self._rounds(found)
        found.seconds += node.exclusive

    def _rounds(self, found: Instance) -> None:
        for _ in range(MAX_ROUNDS):
            func = self.lower(found.target)
            self._active.append(found)
            self._used.append(set())
            try:
                with phase("infer"):
                    found.typed, result = infer_with_result(func, found.arg_types, self)
            except Outlives as kept:
                self._make_cell(found.target, kept)
                continue
            finally:
                self._active.pop()
                used = self._used.pop()
            result = merge(found.result_type, result)
            recursive = found in used
            outer = used - {found}
            if self._used:
                self._used[-1] |= outer
            if result == found.result_type or not recursive:
                found.result_type = result
                # what hangs on an unfinished instance around is inferred again when that goes its next round
                found.stale = bool(outer)
                return
            found.result_type = result
        raise UnsupportedError(f"the result type of {found.name} doesn't settle", loc=func.loc)


__all__ = ["Compiler", "Instance", "target_key"]
