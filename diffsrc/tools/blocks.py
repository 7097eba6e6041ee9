"""Every block of memory that NumPy takes for the data of an array, as it is taken and given back.

NumPy lets a handler take the place of `malloc` and `free` for array data (NEP 49). It asks the handler for each block, also
for those that it keeps in a cache of its own, and for nothing else: so counts are exact, arrays that live no longer than a
line included. tracemalloc knows the blocks that are alive at one moment, and not how many there were; memray sees the calls
of `malloc`, of whatever part of the process, and not those that NumPy's cache answers.

The handler is made with ctypes. Its `free` can't be a Python function: NumPy gives memory back also while an exception is on
its way, and a callback would lose it. It is `Py_DecRef` instead, on an object whose finaliser does the rest; Python keeps
exceptions over finalisers. So each block has a handler of its own as long as it lives (`_Slot`), and the one that is set is
always a free one. An array holds its handler, by which it is told that the block was the last that it served: NumPy also
gives back what it never took.

Blocks of other threads aren't seen: NumPy's handlers belong to a context.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import numpy as np

#: functions that are called, and call, with the interpreter's lock held, as NumPy's own expect
_MALLOC = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_CALLOC = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)
_REALLOC = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_FREE = ctypes.PYFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
#: of a capsule that holds a handler
_NAME = b"mem_handler"
#: where NumPy's C interface has these functions, in every version since 1.22
_SET_HANDLER, _GET_HANDLER = 304, 305


class _Handler(ctypes.Structure):
    """`PyDataMem_Handler` of NumPy."""

    _fields_ = (
        ("name", ctypes.c_char * 127), ("version", ctypes.c_uint8),
        ("context", ctypes.c_void_p), ("malloc", _MALLOC), ("calloc", _CALLOC), ("realloc", _REALLOC), ("free", _FREE),
    )  # fmt: skip


class Listener(Protocol):
    """What is told of blocks."""

    def taken(self, size: int) -> Any:
        """A block was taken; what is returned comes back when it is given back."""

    def given_back(self, size: int, what: Any) -> None:
        """A block was given back."""


class _NumPy:
    """NumPy's functions for handlers, and the handler that it starts with."""

    def __init__(self) -> None:
        python = ctypes.pythonapi
        pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", python))
        self.capsule = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
            ("PyCapsule_New", python)
        )
        self.hold = ctypes.PYFUNCTYPE(None, ctypes.py_object)(("Py_IncRef", python))
        self.drop: int = ctypes.cast(python.Py_DecRef, ctypes.c_void_p).value or 0
        table = ctypes.cast(pointer(_interface(), None), ctypes.POINTER(ctypes.c_void_p))
        self.set = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(table[_SET_HANDLER])
        get = ctypes.PYFUNCTYPE(ctypes.py_object)(table[_GET_HANDLER])
        self.capsule_before = get()  # kept: it owns what follows
        self.base = ctypes.cast(pointer(self.capsule_before, _NAME), ctypes.POINTER(_Handler)).contents


def _interface() -> object:
    """The capsule that holds the functions of NumPy's C interface."""
    core = "numpy._core" if hasattr(np, "_core") else "numpy.core"
    interface: object = import_module(f"{core}._multiarray_umath")._ARRAY_API
    return interface


@functools.cache
def _numpy() -> _NumPy:
    return _NumPy()


@dataclass(frozen=True, slots=True)
class _Part:
    """A block, who was told of it, and what that answered."""

    address: int
    size: int
    listener: Listener | None
    what: Any

    def given_back(self) -> None:
        if self.listener is not None:
            self.listener.given_back(self.size, self.what)


class _Slot:
    """A handler, which serves one block at a time (more where NumPy keeps it: of a sort, the room for it and the result). It
    lives for ever."""

    __slots__ = ("capsule", "handler", "parts")

    def __init__(self) -> None:
        numpy = _numpy()
        self.parts: list[_Part] = []
        self.handler = _Handler(b"diffsrc", 1, None, *_CALLBACKS, _FREE(numpy.drop))
        self.capsule = numpy.capsule(ctypes.addressof(self.handler), _NAME, None)
        self.attend()

    def attend(self) -> None:
        """Be told when NumPy gives something back."""
        notice = _Notice(self)
        _numpy().hold(notice)
        self.handler.context = id(notice)

    def holders(self) -> int:
        """How many arrays, functions of NumPy and contexts hold the handler."""
        return sys.getrefcount(self.capsule) - _ALONE

    def take(self, address: int, size: int) -> None:
        """Enter a block."""
        listener = _LISTENING[-1] if _LISTENING else None
        self.parts.append(_Part(address, size, listener, listener.taken(size) if listener is not None else None))

    def release(self) -> None:
        """Give all blocks back."""
        base = _numpy().base
        for part in self.parts:
            base.free(base.context, part.address, part.size)
            part.given_back()
        self.parts.clear()
        _LEFT.pop(self, None)
        _IDLE[self] = None


class _Notice:
    """What a handler's `free` drops."""

    __slots__ = ("slot",)

    def __init__(self, slot: _Slot) -> None:
        self.slot = slot

    def __del__(self) -> None:
        self.slot.attend()
        if self.slot.holders() <= 1:  # the array that goes
            self.slot.release()
        else:
            _LEFT[self.slot] = None


#: slots without blocks; slots whose handler was held by others when something was given back
_IDLE: dict[_Slot, None] = {}
_LEFT: dict[_Slot, None] = {}
#: the slot that is set now
_SET: list[_Slot] = []
_LISTENING: list[Listener] = []


def _set_idle() -> Any:
    """Make NumPy ask an idle slot for the next block; the handler that was set before."""
    slot = _IDLE.popitem()[0] if _IDLE else _Slot()
    _IDLE.update((s, None) for s in _SET if not s.parts)
    _SET[:] = [slot]
    return _numpy().set(slot.capsule)


def _slot_of(context: int) -> _Slot:
    notice: _Notice = ctypes.cast(context, ctypes.py_object).value
    return notice.slot


def _entered(context: int, address: int | None, size: int) -> int | None:
    """Enter a block that a handler was asked for, and set an idle handler for the next."""
    if address:
        _slot_of(context).take(address, size)
        if _LISTENING:
            _set_idle()
    return address


def _sweep() -> None:
    """Give back what nobody holds any more."""
    for slot in [s for s in list(_LEFT) if s.holders() == 0]:
        slot.release()


def _malloc(context: int, size: int) -> int | None:
    _sweep()
    base = _numpy().base
    return _entered(context, base.malloc(base.context, size), size)


def _calloc(context: int, count: int, each: int) -> int | None:
    _sweep()
    base = _numpy().base
    return _entered(context, base.calloc(base.context, count, each), count * each)


def _realloc(context: int, address: int | None, size: int) -> int | None:
    """Another size for a block is another block to the listener."""
    base = _numpy().base
    new: int | None = base.realloc(base.context, address, size)
    slot = _slot_of(context)
    part = next((p for p in slot.parts if p.address == address), None)
    if part is None:
        return _entered(context, new, size)
    if new:
        slot.parts.remove(part)
        part.given_back()
        slot.take(new, size)
    return new


_CALLBACKS = (_MALLOC(_malloc), _CALLOC(_calloc), _REALLOC(_realloc))
_ALONE = 0
_ALONE = _Slot().holders()


def is_listening() -> bool:
    """Whether somebody is told of blocks."""
    return bool(_LISTENING)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell a listener of each block that is taken inside, and of its end, whenever that is."""
    _LISTENING.append(listener)
    before = _set_idle()
    try:
        yield
    finally:
        _LISTENING.remove(listener)
        _numpy().set(before)
        _IDLE.update(dict.fromkeys(_SET))
        _SET.clear()
        _sweep()
