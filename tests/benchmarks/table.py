"""Run all benchmarks and write docs/benchmarks.md:  python -m tests.benchmarks.table"""

import platform
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

import numpy as np  # noqa: E402

from . import buffers, cached, despecialised, generated, recording, startup, unrolled  # noqa: E402
from .cases import CASES, Case  # noqa: E402
from .measure import Timing, alternate, autograd_gradient  # noqa: E402

HEAD = """\
# Benchmarks

Written by `python -m tests.benchmarks.table` ({python}, NumPy {numpy}, {machine}).

Each row runs its contenders in alternation in one process; a ratio is taken within each round, and the median
of the rounds is shown. All return the gradient alone.

* *primal*: the function as its user wrote it
* *module*: the gradient in a module made by `ds.build`
* *ds.grad*: the same code, found anew for the types of the arguments at each call
* *hand*: NumPy code that an expert wrote for this one function (`tests/benchmarks/hand.py`)
* *autograd*: HIPS autograd. It can't follow a store into an array: for `heat_inverse` it gets a rewrite that
  makes a new array in each step, and for NamedTuple and dataclass arguments plain tuples.

| function | primal | module / primal | hand / primal | module / hand | ds.grad / module | autograd / module |
|---|--:|--:|--:|--:|--:|--:|
"""

FOOT = """
## Start-up

Each figure is the median over fresh processes with empty caches.

| what | measured | bound |
|---|--:|--:|
| `import diffsrc`, NumPy included / `import numpy` | {alone:.2f} | 1.15 |
| the same with `ds.grad` looked up | {with_grad:.2f} | |
| NumPy being there: `import diffsrc`, first gradient of a function of 50 lines | {first:.2f} s | 0.5 s |

## The disk cache

Seconds to the first gradient of a process, NumPy and the program being there: everything compiled, and everything found on disk
(`tests/benchmarks/cached.py`; medians over fresh processes).

| program | compiled | from the cache | ratio |
|---|--:|--:|--:|
{cached}"""


def time_case(case: Case, folder: Path) -> Timing:
    arguments = case.arguments()
    contenders = {
        "primal": lambda: case.primal(*arguments),
        "module": generated.built(case, folder),
        "grad": generated.dispatched(case),
        "hand": lambda: case.hand(*arguments),
    }
    if (gradient := autograd_gradient(case)) is not None:
        contenders["autograd"] = gradient
    return alternate(contenders)


def row(case: Case, timing: Timing) -> str:
    pairs = [("module", "primal"), ("hand", "primal"), ("module", "hand")]
    pairs += [("grad", "module"), ("autograd", "module")]
    cells = [f"{timing.ratio(a, b):.2f}" if a in timing.rounds else "n/a" for a, b in pairs]
    return " | ".join(["", case.name, duration(timing.seconds("primal")), *cells, ""]).strip() + "\n"


def duration(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def table() -> str:
    python = f"Python {platform.python_version()}"
    head = HEAD.format(python=python, numpy=np.__version__, machine=platform.machine())
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(case, time_case(case, Path(folder))) for case in CASES]
    first = sorted(startup.first_gradient_seconds())
    alone, with_grad = map(startup.import_ratio, (startup.ALONE, startup.WITH_GRAD))
    foot = FOOT.format(alone=alone, with_grad=with_grad, first=first[len(first) // 2], cached=cached.rows())
    others = (unrolled, despecialised, recording, buffers)
    return "\n".join([head + "".join(rows) + foot, *(other.section() for other in others)])


if __name__ == "__main__":
    text = table()
    (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")
    print(text)
