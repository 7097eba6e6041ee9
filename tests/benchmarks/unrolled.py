"""The recurrence over ten numbers: as a loop over an array, and with `unroll=True`.

`python -m tests.benchmarks.unrolled` rewrites its section of docs/benchmarks.md.
"""

import sys
from pathlib import Path

import numpy as np

import diffsrc as ds

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

from .document import renew  # noqa: E402
from .measure import alternate  # noqa: E402

N = 10
X = np.linspace(-1.0, 2.0, N)
TITLE = "## Small arrays as numbers"
HEAD = f"""{TITLE}

`y[i] = 0.5 * y[i - 1] + x[i]` over ten numbers, and the sum of their squares: as a loop over an array, and with
`unroll=True`, which leaves no array but the gradient (`tests/benchmarks/unrolled.py`; modules made by `ds.build`).

| what | loop | unrolled | loop / unrolled |
|---|--:|--:|--:|
"""
WHAT = {"primal": "kernel", "gradient": "kernel_grad", "value and gradient": "kernel_vjp", "forward mode": "kernel_jvp"}


def kernel(x):
    y = np.empty(10)
    y[0] = x[0]
    for i in range(1, 10):
        y[i] = 0.5 * y[i - 1] + x[i]
    return np.sum(y * y)


def built(unroll):
    """The functions of a built module."""
    module = {}
    exec(ds.build(kernel, f"f64[{N}]", modes=("primal", "reverse", "forward"), unroll=unroll), module)
    return module


def section():
    """The section of docs/benchmarks.md."""
    loop, unrolled = built(False), built(True)
    rows = []
    for what, name in WHAT.items():
        args = (X, X) if name.endswith("_jvp") else (X,)
        timing = alternate({"loop": lambda n=name, a=args: loop[n](*a), "unrolled": lambda n=name, a=args: unrolled[n](*a)})
        seconds = [timing.seconds(each) * 1e6 for each in ("loop", "unrolled")]
        rows.append(f"| {what} | {seconds[0]:.1f} us | {seconds[1]:.1f} us | {timing.ratio('loop', 'unrolled'):.2f} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    renew(TITLE, section())
