"""What `ds.snoop` costs: compilations of fresh functions, in alternation recorded, not recorded, and without any clock.

`python -m tests.benchmarks.recording` rewrites its section of docs/benchmarks.md. Seconds are CPU time; a ratio is taken
within each round. Instructions of Python are counted, which doesn't depend on the machine.
"""

import contextlib
import gc
import itertools
import os
import sys
import types
from pathlib import Path
from statistics import median
from time import process_time

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

import diffsrc as ds  # noqa: E402
from diffsrc import timing  # noqa: E402
from diffsrc.source import register_text  # noqa: E402

from . import fifty  # noqa: E402
from .cached import chain  # noqa: E402
from .document import renew  # noqa: E402

TITLE = "## Recording compile time"
HEAD = f"""{TITLE}

Compiling fresh functions: under `ds.snoop()`, without it, and with the clock taken out of the compiler altogether
(`tests/benchmarks/recording.py`). CPU seconds, medians of {{rounds}} rounds; ratios within a round, their median and the
interval that holds it with 95% confidence. Instructions are those of Python's interpreter.

| program | compiled | recorded / not | not / no clock | instructions, recorded / not | not / no clock |
|---|--:|--:|--:|--:|--:|
"""
_NUMBER = itertools.count()


def _fifty():
    return Path(fifty.__file__).read_text(encoding="utf-8"), "landing_cost", fifty.arguments()


def _chain():
    return chain(20), "last", (1.0,)


PROGRAMS = {"a function of 50 lines": _fifty, "chain of 20 functions": _chain}


def fresh(text, name):
    """A function of a module that nobody has compiled: the text, executed as another one."""
    file = f"<compiled anew {next(_NUMBER)}>"
    register_text(file, text)
    module = types.ModuleType(file[1:-1].replace(" ", "_"))
    sys.modules[module.__name__] = module
    exec(compile(text, file, "exec"), module.__dict__)
    return module.__dict__[name]


@contextlib.contextmanager
def without_clock():
    """The compiler with a clock that does nothing."""
    kept = {name: getattr(timing.Clock, name) for name in ("charge", "enter", "leave")}
    timing.Clock.charge = timing.Clock.leave = lambda self: None
    timing.Clock.enter = lambda self, node, doing: None
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(timing.Clock, name, method)


WAYS = {"recorded": ds.snoop, "not": contextlib.nullcontext, "no clock": without_clock}


def compiled(program, within):
    """CPU seconds of a first gradient."""
    text, name, arguments = program
    gradient = ds.grad(fresh(text, name))
    gc.disable()
    try:
        start = process_time()
        with within():
            gradient(*arguments)
        return process_time() - start
    finally:
        gc.enable()


def instructions(program, within):
    """Instructions of Python's interpreter in a first gradient."""
    text, name, arguments = program
    gradient = ds.grad(fresh(text, name))
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    gc.disable()
    sys.settrace(trace)
    try:
        with within():
            gradient(*arguments)
    finally:
        sys.settrace(before)
        gc.enable()
    return count


def interval(ratios):
    """The median, and the order statistics that hold it with 95% confidence."""
    found = sorted(ratios)
    half = 0.98 * len(found) ** 0.5
    low, high = max(int(len(found) / 2 - half), 0), min(int(len(found) / 2 + half), len(found) - 1)
    return f"{median(found):.3f} ({found[low]:.3f} to {found[high]:.3f})"


def row(what, rounds):
    os.environ["DIFFSRC_CACHE"] = "0"
    program = PROGRAMS[what]()
    for within in WAYS.values():
        compiled(program, within)
    times = {way: [] for way in WAYS}
    orders = itertools.cycle(itertools.permutations(WAYS))
    for order in itertools.islice(orders, rounds):
        gc.collect()
        compiled(program, contextlib.nullcontext)
        for way in order:
            times[way].append(compiled(program, WAYS[way]))
    on, off, none = times.values()
    counts = [instructions(program, within) for within in WAYS.values()]
    cells = [
        f"{median(off):.3f} s",
        interval([a / b for a, b in zip(on, off)]),
        interval([a / b for a, b in zip(off, none)]),
        f"{counts[0] / counts[1]:.4f}",
        f"{counts[1] / counts[2]:.4f}",
    ]
    return f"| {what} | {' | '.join(cells)} |\n"


def section(rounds=60):
    """The section of docs/benchmarks.md."""
    return HEAD.format(rounds=rounds) + "".join(row(what, rounds) for what in PROGRAMS)


if __name__ == "__main__":
    renew(TITLE, section())
