"""Rules for a while: `with ds.rules({f: ...})`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

from ..compiler.prints import RULES, home, replace_rule
from ..defs import table
from ..defs.table import Def
from .rules import function_behind, is_own, name_of, row_with

Function = Callable[..., Any]
_LOCK = threading.RLock()
#: by function: what it had before any block, and what each block that is open gave it, the innermost last
_LAYERS: dict[int, list[tuple[object, Def | None, Any]]] = {}


class rules:  # noqa: N801  called like a function
    """Other rules for functions, in a `with` block; afterwards they have those that they had before.

    The rules hold in the whole process, also in other threads, while the block is open. What was compiled with other
    rules is compiled again, inside and afterwards.

    Parameters:
        changes: By function: a class as for `ds.rule`, the partial derivatives as for `ds.elementwise` (a text, or a tuple
            of them), or None for no rule, so that the function's own source is differentiated.

    Example:
        >>> with ds.rules({clip: StraightThrough}):
        ...     ds.grad(loss)(x)
    """

    def __init__(self, changes: Mapping[Function, Any]) -> None:
        self._changes = [(function_behind(fn), new) for fn, new in changes.items()]
        self._open: list[list[tuple[Function, object]]] = []

    def __enter__(self) -> Self:
        with _LOCK:
            made = [(fn, _temporary(fn, new), new) for fn, new in self._changes]
            self._open.append([_lay(fn, row, new) for fn, row, new in made])
        return self

    def __exit__(self, *exc: object) -> None:
        with _LOCK:
            for fn, token in reversed(self._open.pop()):
                _take_off(fn, token)


def _temporary(fn: Function, new: Any) -> Def | None:
    if new is None:
        return None
    if isinstance(new, type):
        return row_with(fn, new, None, tuple(getattr(new, "overwritten", ())), None, {})
    texts = (new,) if isinstance(new, str) else tuple(new)
    before = table.lookup(fn)
    row = table.elementwise(fn, *texts, name=name_of(fn), own=is_own(fn))
    table.put(fn, before)
    return row


def _lay(fn: Function, row: Def | None, new: Any) -> tuple[Function, object]:
    layers = _LAYERS.setdefault(id(fn), [(None, table.lookup(fn), RULES.get(home(fn)))])
    token = object()
    table.put(fn, row)
    replace_rule(fn, "for a while", _parts(new))
    layers.append((token, row, RULES.get(home(fn))))
    return fn, token


def _parts(new: Any) -> Any:
    return list(new) if isinstance(new, tuple) else new


def _take_off(fn: Function, token: object) -> None:
    layers = _LAYERS[id(fn)]
    was_top = layers[-1][0] is token
    layers[:] = [layer for layer in layers if layer[0] is not token]
    _, row, shown = layers[-1]
    if was_top:
        table.put(fn, row)
        RULES.pop(home(fn), None)
        if shown is not None:
            RULES[home(fn)] = shown
    if len(layers) == 1:
        del _LAYERS[id(fn)]
