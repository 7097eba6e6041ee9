"""What has been compiled, who calls whom, and what was dropped: `ds.specializations`, backedges, `ds.invalidations`."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from ..compiler import methods
from ..compiler.keys import type_key
from ..compiler.methods import Invalidation, MethodInstance
from ..defs.dims import map_dims
from ..defs.door import GENERATOR
from ..ir.types import FLOAT, Scalar, Type
from . import engine
from .seeing import arg_types
from .signature import unwrap


def specializations(f_or_module: Callable[..., Any] | ModuleType) -> list[MethodInstance]:
    """Every compiled instance of a function, or of the functions of a module, the oldest first.

    Typed functions (mode "primal") come with the derivatives made of them ("forward", "reverse"). What was dropped
    (`ds.invalidations`) isn't among them.
    """
    engine.enter_loaded()
    if isinstance(f_or_module, ModuleType):
        return [m for m in methods.instances() if _module_of(m) == f_or_module.__name__]
    return [m for m in methods.instances() if any(_is_of(m, fn) for fn in _behind(f_or_module))]


def _behind(f: Callable[..., Any]) -> list[Any]:
    """The functions that are compiled for a callable."""
    fn, _, _ = unwrap(f)
    generator = getattr(fn, "__dict__", {}).get(GENERATOR)
    return [fn] if generator is None else generator.functions()


def _module_of(m: MethodInstance) -> str | None:
    return m.function.__module__ if isinstance(m.function, FunctionType) else None


def _is_of(m: MethodInstance, fn: Any) -> bool:
    if not isinstance(m.function, FunctionType) or not isinstance(fn, FunctionType):
        return m.function is fn
    return m.function.__code__ is fn.__code__ and m.function.__globals__ is fn.__globals__


def specialization(f: Callable[..., Any], *types: Any, mode: str = "primal") -> MethodInstance | None:
    """The instance of a function for argument types, None when there is none: nothing is compiled.

    Args:
        f: the function.
        types: of its arguments, as values or text such as `"f64[:]"`.
        mode: "primal", "forward" or "reverse"; of several activities the newest.
    """
    wanted = arg_types(f, types)
    known = [m for m in specializations(f) if m.mode == mode]
    for same in (type_key, _without_names):
        found = [m for m in known if tuple(map(same, m.types)) == tuple(map(same, wanted))]
        if found:
            return found[-1]
    return None


def _without_names(t: Type) -> object:
    """A type as a key, with sizes that aren't numbers left out: `f64[:]` finds `f64[n]`. In text `f64` is `float`, so that
    finds both."""
    if isinstance(t, Scalar) and t.kind == "f64":
        t = FLOAT
    return type_key(map_dims(t, lambda d: None if isinstance(d, str) else d))


def direct_backedges(spec: MethodInstance) -> list[MethodInstance]:
    """The instances that call this one, as far as types told that they do."""
    return list(spec.callers)


def all_backedges(spec: MethodInstance) -> list[MethodInstance]:
    """The instances that call this one, those that call them, and so on; nearer ones first."""
    found: dict[int, MethodInstance] = {}
    waiting = list(spec.callers)
    while waiting:
        caller = waiting.pop(0)
        if id(caller) not in found:
            found[id(caller)] = caller
            waiting += caller.callers
    return list(found.values())


class Invalidations(list[Invalidation]):
    """What changed and which instances were dropped for it, the oldest first; its text is a tree per cause."""

    def __str__(self) -> str:
        return "\n\n".join(i.tree() for i in self)

    __repr__ = __str__


def invalidations(f_or_module: Callable[..., Any] | ModuleType | None = None) -> Invalidations:
    """What was dropped in this process, and why: a list whose text shows cause and victims as trees. Of a function or module,
    what dropped an instance of it.

    A function that was redefined, a global that was rebound, a rule that was overridden, a captured variable that changed:
    the instances that read it are dropped, with their derivatives and callers. Others stay, and calling again compiles just
    what was dropped.
    """
    engine.enter_loaded()
    methods.sweep()
    if f_or_module is None:
        return Invalidations(methods.LOG)
    if isinstance(f_or_module, ModuleType):
        name = f_or_module.__name__
        return Invalidations(i for i in methods.LOG if any(_module_of(m) == name for m in i.instances()))
    known = _behind(f_or_module)
    return Invalidations(i for i in methods.LOG if any(_is_of(m, fn) for m in i.instances() for fn in known))
