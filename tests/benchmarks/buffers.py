"""What the reuse of memory saves: arrays that are allocated, peak memory, time.

`python -m tests.benchmarks.buffers` rewrites its section of docs/benchmarks.md.
"""

import sys
import tracemalloc
from pathlib import Path

import numpy as np

import diffsrc as ds

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

from .document import renew  # noqa: E402
from .measure import alternate  # noqa: E402

TITLE = "## Memory"
HEAD = f"""{TITLE}

With arrays of their own (`readable=True`) and written over those that are dead: arrays that one call allocates, the most
memory in use at once, and time (`tests/benchmarks/buffers.py`; medians of ratios in alternation). Results are the same bit for
bit.

| what | arrays | | peak, MiB | | time ratio |
|---|--:|--:|--:|--:|--:|
"""


def ones(n):
    a = np.ones((n, n))
    a = a + 2
    b = a.sum(axis=1, keepdims=True)
    b = b * 3
    b = b + 0
    return b


def chain(x):
    y = np.sin(x)
    y = y * 2.0
    y = y + x
    y = np.exp(-y)
    y = y + 0.5
    y = np.sqrt(y)
    y = y * x
    y = np.tanh(y)
    y = y - 0.25
    y = y * y
    y = y + 1.0
    y = np.log(y)
    y = 3.0 * y
    y = np.cos(y)
    y = y * x
    y = y / 2.0
    y = 1.0 - y
    y = np.abs(y)
    y = y + 0.1
    y = np.log1p(y)
    return np.sum(y)


def network(w1, b1, w2, b2, x, onehot):
    h = np.maximum(x @ w1 + b1, 0.0)
    z = h @ w2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.sum(onehot * logp) / len(x)


def relaxation(u, rate, steps):
    for _ in range(steps):
        flow = u[2:] - 2 * u[1:-1]
        flow = flow + u[:-2]
        drop = rate * flow
        u = u * 0.999
        u[1:-1] += drop
    return np.sum(u * u)


def pairs():
    """What is measured: a title, and the two forms as functions without arguments."""
    rng = np.random.default_rng(0)
    x = rng.random(10**6)
    batch = 20_000
    layers = (
        rng.normal(size=(64, 128)), rng.normal(size=128), rng.normal(size=(128, 10)), rng.normal(size=10),
        rng.normal(size=(batch, 64)), np.eye(10)[rng.integers(0, 10, batch)],
    )  # fmt: skip
    field = rng.random(200_000)

    def primal(f, *types):
        for readable in (True, False):
            namespace = {}
            exec(ds.build(f, *types, modes=("primal",), readable=readable), namespace)
            yield namespace[f.__name__]

    def gradients(f, argnums=0):
        return (ds.grad(f, argnums, readable=readable) for readable in (True, False))

    cases = [
        ("`ones(1000)` of `tests/benchmarks/buffers.py`, the function itself", primal(ones, "int"), (1000,)),
        ("chain of 20 elementwise operations, n = 10^6, the function itself", primal(chain, "f64[n]"), (x,)),
        ("its gradient", gradients(chain), (x,)),
        ("gradient of a network as in mlp_digits, batch of 20,000", gradients(network, (0, 1, 2, 3)), layers),
        ("relaxation, 200,000 x 50 steps, the function itself", primal(relaxation, "f64[n]", "float", "int"), (field, 0.1, 50)),
        ("its gradient", gradients(relaxation), (field, 0.1, 50)),
    ]
    for title, forms, args in cases:
        yield title, [lambda f=f, args=args: f(*args) for f in forms]


def peak(f):
    f()
    tracemalloc.start()
    f()
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return top / 2**20


def section():
    """The section of docs/benchmarks.md."""
    rows = []
    for title, (before, after) in pairs():
        one, other = before(), after()
        one, other = (r if isinstance(r, tuple) else (r,) for r in (one, other))
        assert all(map(np.array_equal, one, other)), title
        counts = [ds.profile_allocations(f).count for f in (before, after)]
        timing = alternate({"before": before, "after": after}, rounds=21)
        ratio = timing.ratio("after", "before")
        rows.append(f"| {title} | {counts[0]} | {counts[1]} | {peak(before):.2f} | {peak(after):.2f} | {ratio:.2f} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    renew(TITLE, section())
