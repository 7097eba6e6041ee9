"""Compiling ahead of the first call, and what is kept on disk: `ds.precompile`, `ds.compile_workload`, `ds.stats`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..compiler import cache
from ..defs.variant import Variant
from ..errors import ActivityError, UnsupportedError
from ..ir.types import FLOAT, Type, carries_derivative, strip
from . import engine
from .signature import Argnums, as_tuple, for_types, name_of, unwrap

#: entry point -> (mode of the engine, activity of what is differentiated)
_KINDS = {
    "grad": ("grad", "value"),
    "value_and_grad": ("reverse", "value"),
    "vjp": ("split", "value"),
    "jvp": ("forward", "dup"),
}


def precompile(
    f: Callable[..., Any],
    *types: Any,
    wrt: Argnums | None = None,
    kinds: Sequence[str] = ("grad",),
    missing_ok: bool = False,
    unroll: bool = False,
    readable: bool = False,
) -> bool:
    """Compile derivatives of a function before they are called; the disk cache keeps them for other processes.

    Args:
        f: the function.
        types: of its arguments, as values or text such as `"f64[:, :]"`, in which `:` is any size but 1.
        wrt: what is differentiated; by default the first argument for "grad" and "value_and_grad", all that carry a
        derivative for "vjp" and "jvp".
        kinds: of which entry points: "grad", "value_and_grad", "vjp", "jvp".
        missing_ok: return False, instead of raising, where it can't be compiled.
        unroll, readable: as for `ds.grad`; with `unroll` sizes that are numbers stay so: `"f64[10]"`.

    Returns:
        Whether it was compiled, or is there already.

    Raises:
        UnsupportedError: the function can't be differentiated for these types.

    >>> precompile(lambda x: x ** 2, 3.0)
    True
    """
    try:
        for kind in kinds:
            _precompile(f, types, wrt, kind, Variant(unroll, readable))
    except UnsupportedError:
        if not missing_ok:
            raise
        return False
    return True


def _precompile(f: Callable[..., Any], types: tuple[Any, ...], wrt: Argnums | None, kind: str, variant: Variant) -> None:
    from .seeing import arg_types

    if kind not in _KINDS:
        raise ActivityError(f"a derivative of kind {kind!r}", hint=f"kinds are {', '.join(_KINDS)}")
    mode, dual = _KINDS[kind]
    _, prefix, _ = unwrap(f)
    found = arg_types(f, types, variant.unroll)
    fn = for_types(f, found)
    found = _as_at_run_time(found)
    active = _active(f, fn, found, len(prefix), wrt, kind)
    if kind in ("grad", "value_and_grad"):
        found = tuple(FLOAT if i in active and str(strip(t)) in ("int", "bool") else t for i, t in enumerate(found))
    activity = tuple(dual if i in active else "const" for i in range(len(found)))
    derived = engine.lookup(mode, fn, found, activity, variant=variant)
    if kind in ("grad", "value_and_grad"):
        seeds = engine.seed_types(derived.result_type)
        if any(engine.one(t) is None for t in seeds):
            engine.lookup("split", fn, found, activity, variant=variant)


def _active(
    f: Callable[..., Any], fn: Any, types: tuple[Type, ...], offset: int, wrt: Argnums | None, kind: str
) -> set[int]:
    if wrt is None and kind in ("vjp", "jvp"):
        return {i for i, t in enumerate(types) if i >= offset and carries_derivative(t)}
    names = fn.__code__.co_varnames
    active = {names.index(a) if isinstance(a, str) else a + offset for a in as_tuple(0 if wrt is None else wrt)}
    if active and max(active) >= len(types):
        raise ActivityError(f"wrt names an argument that {name_of(f)} hasn't")
    return active


def _as_at_run_time(types: tuple[Type, ...]) -> tuple[Type, ...]:
    """Types as those of values: every size but 1 has a name of its own."""
    from ..analysis.typeof import dim_names
    from ..defs.dims import map_dims

    names = dim_names()
    return tuple(map_dims(t, lambda d: next(names) if isinstance(d, str) or d is None else d) for t in types)


@contextlib.contextmanager
def compile_workload(folder: str | Path) -> Iterator[None]:
    """Keep everything that is compiled inside the block in a folder, and look for it there from then on.

    For packages that ship their derivatives: at the end of a module,

        with ds.compile_workload("_derivatives"):
            ds.precompile(loss, "f64[:, :]", "f64[:]")

    A relative folder is one beside the file that says so. When the package is installed where the user can't write, what
    was shipped is read, and what is missing goes to the user's own cache.

    Args:
        folder: where the entries are.
    """
    path, owners = Path(folder), frozenset[int]()
    caller = sys._getframe(2).f_globals.get("__file__")
    if caller is not None:
        path = Path(os.path.abspath(caller)).parent / path  # noqa: PTH100  as the program names it
        with contextlib.suppress(OSError):
            owners = frozenset([Path(caller).stat().st_uid])
    with cache.keeping_in(path, owners):
        yield


def stats() -> dict[str, int]:
    """What the compiler and its disk cache did in this process, as counts.

    "parsed", "lowered", "inferred", "activity", "differentiated", "optimized", "emitted", "executed": how often each phase
    was entered. "cache_hits": derivatives found on disk; "cache_misses": not found; "cache_outdated": found, but something
    they were compiled from has changed; "cache_bad": damaged files; "cache_stores": written; "cache_unkept": compiled from
    something that has no fingerprint, so not written.
    """
    return cache.stats()
