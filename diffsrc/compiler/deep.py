"""Room for deep programs: sums of a thousand terms, long `elif` chains, long chains of callees.

The passes walk trees by recursion. What doesn't fit into Python's limit is tried once more in a thread with a
large stack and a higher limit; what doesn't fit there either is refused.
"""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from ..defs.syntax import refusal
from ..errors import UnsupportedError

T = TypeVar("T")

#: frames, and bytes of stack for them: at least 16 kB for each
_LIMIT, _STACK = 30_000, 512 * 1024 * 1024
_LOCK = threading.Lock()
_NAME = "diffsrc compiler"
_TOO_DEEP = refusal("too deep").code


def with_room(run: Callable[[], T]) -> T:
    """What `run` returns; with more room when it runs out of recursion.

    Raises:
        UnsupportedError: it needs more than there is.
    """
    try:
        return run()
    except RecursionError:
        pass
    except UnsupportedError as err:
        if err.code != _TOO_DEEP:
            raise
    try:
        if threading.current_thread().name == _NAME:
            raise RecursionError
        return _in_thread(run)
    except (RecursionError, MemoryError):
        raise refusal("too deep") from None


def _in_thread(run: Callable[[], T]) -> T:
    results: list[T] = []
    faults: list[BaseException] = []
    context = contextvars.copy_context()  # np.errstate holds in the thread too

    def body() -> None:
        try:
            results.append(context.run(run))
        except BaseException as err:  # noqa: BLE001  raised again in the caller's thread
            faults.append(err)

    with _LOCK:
        limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK)
        try:
            sys.setrecursionlimit(max(limit, _LIMIT))
            thread = threading.Thread(target=body, name=_NAME)
            try:
                thread.start()
            except RuntimeError:  # no memory for the stack
                raise refusal("too deep") from None
            thread.join()
        finally:
            sys.setrecursionlimit(limit)
            threading.stack_size(size)
    if faults:
        raise faults[0]
    return results[0]
