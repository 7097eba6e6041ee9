"""Derivatives that are sent to another process: `pickle`, `cloudpickle`, process pools.

`ds.grad(f)` is pickled as the entry point, its arguments, and what was compiled so far: generated text under its key, as it is
kept on disk (`compiler/cache.py`). The other process makes `ds.grad(f)` of its own `f`; what came along is used there when
checksum, key and evidence agree with the live program, else `f` is compiled again.

A function that no name leads to (a lambda, an inner function) goes by value, by means of cloudpickle; so do those of the script
or notebook itself, when cloudpickle is what pickles. Then the source text goes along, for the compiler and for tracebacks.
"""

from __future__ import annotations

import functools
import hashlib
import linecache
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from ..compiler import cache, prints
from ..compiler.reads import is_stable
from ..defs.transforms import MARK, DerivativeFunction
from ..source import register_text
from . import engine
from .signature import Call, name_of, unwrap
from .trees import arrays_in, clusters, duplicate, transform


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes along with a derivative: the file of each function, source text by file, and compiled text by key."""

    files: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    entries: dict[str, bytes] = field(default_factory=dict)

    def beside(self, other: Parcel | None) -> Parcel:
        """This and what came along when the derivative was received itself, as by a scheduler that hands it on."""
        if other is None:
            return self
        return Parcel(other.files | self.files, other.texts | self.texts, other.entries | self.entries)

    def open(self, f: Any) -> None:
        """Make known what came along with a function."""
        for fn in _reached(f):
            file = self.files.get(_mark(fn.__code__))
            if file is not None and fn.__code__.co_filename == UNPLACED:
                fn.__code__ = _placed(fn.__code__, _known_as(file, self.texts[file]))
        cache.bring(self.entries)


#: where a derivative keeps what came along with it
BROUGHT = "__diffsrc_brought__"
#: what cloudpickle writes in place of the file of a function
UNPLACED = "<dynamic-code>"


def _mark(code: CodeType) -> str:
    """What tells a function apart wherever its file is."""
    held = (code.co_name, code.co_firstlineno, code.co_linetable, code.co_code)
    return hashlib.sha256(repr(held).encode()).hexdigest()


def _known_as(file: str, text: str) -> str:
    """Under which name this process has the text of a file: its own, if that is the same here."""
    if "".join(linecache.getlines(file)) == text:
        return file
    name = f"sent-{hashlib.sha256(text.encode()).hexdigest()[:8]}/{PurePath(file).name}"
    register_text(name, text)
    return name


def _placed(code: CodeType, file: str) -> CodeType:
    """A code object, and those inside it, in another file."""
    inner = tuple(_placed(c, file) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=file, co_consts=inner)


@dataclass(frozen=True, slots=True)
class ByValue:
    """A function that no name leads to, as cloudpickle writes it."""

    data: bytes


def reduced(made: DerivativeFunction, maker: Callable[..., Any] | None, args: tuple[Any, ...]) -> Any:
    """What pickle writes for a derivative.

    Raises:
        pickle.PicklingError: its function can't be sent.
    """
    f, *rest = args
    parcel = packed(f).beside(made.__dict__.get(BROUGHT))
    at = _name_of(made, f)
    if at is not None:
        return _named, (*at, parcel)
    if maker is None:
        raise pickle.PicklingError(f"{made!r} is a part of another derivative")
    return _made, (maker, sendable(f), tuple(rest), parcel)


def _made(maker: Callable[..., Any], f: Any, rest: tuple[Any, ...], parcel: Parcel) -> Any:
    f = received(f)
    parcel.open(f)
    made = maker(f, *rest)
    made.__dict__[BROUGHT] = parcel
    return made


def _named(module: str, name: str, parcel: Parcel) -> Any:
    __import__(module)
    found = prints.follow(sys.modules[module], name)
    parcel.open(found)
    return found


def _name_of(made: DerivativeFunction, f: Any) -> tuple[str, str] | None:
    """Where a derivative stands that took the name of its function (`@ds.grad`, `f = ds.grad(f)`)."""
    module, name = getattr(f, "__module__", None), getattr(f, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    return (module, name) if prints.follow(sys.modules.get(module), name) is made else None


# --- pullbacks: a call, and what its forward sweep kept ---


def written_call(call: Call) -> tuple[Any, ...]:
    """A call, with what was compiled of its function."""
    held = (list(call.args), call.positional, dict(call.named), call.fixed, call.converted, call.variant)
    return sendable(call.fn), held, packed(call.fn)


def read_call(f: Any, held: tuple[Any, ...], parcel: Parcel) -> Call:
    """The call that another process wrote."""
    f = received(f)
    parcel.open(f)
    return Call(f, *held)


def text_of(derived: Any) -> str:
    """A fingerprint of generated text."""
    return hashlib.sha256(derived.source.encode()).hexdigest()


def overlapping_kept(held: Any) -> Any:
    """A copy of a structure whose arrays, pickled, share the memory that they share here. By itself pickle copies each."""
    held = duplicate(held)
    arrays = arrays_in(held)
    views = {id(arrays[i]): View(arrays[i]) for group in clusters(arrays) for i in group}
    return transform(held, lambda leaf: views.get(id(leaf), leaf))


class View:
    """An array of a copy, written as a part of the buffer that it lies in."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array

    def __reduce__(self) -> Any:
        a = self.array
        buffer = a.base
        assert isinstance(buffer, np.ndarray)
        start = a.__array_interface__["data"][0] - buffer.__array_interface__["data"][0]
        return np.ndarray, (a.shape, a.dtype, buffer, start, a.strides)


# --- functions by value ----------------------------------------------------------------------------------------


class _Writing(threading.local):
    """Whether cloudpickle is at work already."""

    by_value = False


_WRITING = _Writing()


def sendable(f: Any) -> Any:
    """A function as pickle can write it.

    Raises:
        pickle.PicklingError: no name leads to it, and cloudpickle isn't installed.
    """
    if _WRITING.by_value or _is_named(f):
        return f
    try:
        import cloudpickle  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise pickle.PicklingError(
            f"no name leads to the function {name_of(f)}, so another process can't import it: "
            "define it at the top level of a module, or install cloudpickle"
        ) from None
    _WRITING.by_value = True
    try:
        return ByValue(cloudpickle.dumps(f))
    finally:
        _WRITING.by_value = False


def _is_named(f: Any) -> bool:
    """Whether a name leads to what a callable runs; a derivative is sent by its own means."""
    while isinstance(f, functools.partial):
        f = f.func
    return isinstance(f, DerivativeFunction) or prints.found_again(unwrap(f)[0]) is not None


def received(f: Any) -> Any:
    """The function that `sendable` wrote."""
    return pickle.loads(f.data) if isinstance(f, ByValue) else f  # noqa: S301  part of a pickle that is being read


# --- what goes along -------------------------------------------------------------------------------------------


def packed(f: Any) -> Parcel:
    """The text that a function needs elsewhere."""
    functions = list(_reached(f))
    files, texts = {}, {}
    for fn in functions:
        file = fn.__code__.co_filename
        if _is_alone(fn) and (lines := linecache.getlines(file, fn.__globals__)):
            files[_mark(fn.__code__)] = file
            texts[file] = "".join(lines)
    return Parcel(files, texts, engine.packed(functions))


def _is_alone(value: Any) -> bool:
    """Whether another process may be unable to import a function or class."""
    module = getattr(value, "__module__", None) or ""
    return module in ("__main__", "__mp_main__") or prints.found_again(value) is None or _is_sent(module)


def _is_sent(module: str) -> bool:
    """Whether the user told cloudpickle to send the functions of a module by value."""
    known: set[str] = getattr(sys.modules.get("cloudpickle"), "list_registry_pickle_by_value", set)()
    parts = module.split(".")
    return any(".".join(parts[:n]) in known for n in range(1, len(parts) + 1))


def _reached(f: Any) -> Iterator[FunctionType]:
    """The functions that a callable leads to, by the names that they hold. What can be imported isn't followed."""
    waiting, seen = [f], set()
    while waiting:
        value = waiting.pop()
        stable = is_stable(getattr(value, "__module__", None)) and not isinstance(value, _HOLDERS)
        if stable or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, FunctionType):
            yield value
        if not isinstance(value, FunctionType | type) or _is_alone(value):
            waiting += _parts(value)


_HOLDERS = (DerivativeFunction, functools.partial, staticmethod, classmethod, property)


def _parts(value: Any) -> list[Any]:
    """The callables that another holds."""
    if isinstance(value, DerivativeFunction):
        return [value.__dict__[MARK][1]] if MARK in value.__dict__ else []
    if isinstance(value, FunctionType):
        read = [value.__globals__.get(n) for n in _names(value.__code__)]
        cells = [c.cell_contents for c in value.__closure__ or () if _is_bound(c)]
        given = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        return [v for v in (*read, *cells, *given) if callable(v)]
    if isinstance(value, type):
        held = [getattr(v, "__func__", None) or getattr(v, "fget", None) or v for v in vars(value).values()]
        return [*value.__bases__, *(v for v in held if callable(v))]
    if isinstance(value, MethodType):
        return [value.__func__, type(value.__self__)]
    if isinstance(value, functools.partial):
        return [value.func, *(v for v in (*value.args, *value.keywords.values()) if callable(v))]
    inner = getattr(value, "__wrapped__", None)
    return [inner] if inner is not None else [type(value)]


def _is_bound(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _names(code: CodeType) -> set[str]:
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


