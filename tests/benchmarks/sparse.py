"""Sparse Jacobians and Hessians against those by hand and against dense ones.

`python -m tests.benchmarks.sparse` rewrites its section of docs/benchmarks.md.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array

import diffsrc as ds

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

from bundle_adjustment import make, residuals  # noqa: E402

from diffsrc.api import sparse  # noqa: E402

from .document import renew  # noqa: E402
from .measure import alternate  # noqa: E402

TITLE = "## Sparse derivatives"
HEAD = f"""{TITLE}

`ds.sparse_jacobian` and `ds.sparse_hessian` (`tests/benchmarks/sparse.py`). *first*: with the compiler, the pattern and the
groups; *again*: as in the steps of a solver, with the comparison that tells whether the pattern is still right. *hand*: the
matrix by formulas, in NumPy. *dense*: `ds.jacobian` and `ds.hessian`, where there is room for them.

| derivative | shape | entries | products | primal | first | again | again / hand | dense / again |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""


@dataclass(frozen=True)
class Case:
    name: str
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    hand: Callable[..., Any]
    hessian: bool = False
    argnums: Any = 0
    dense: bool = False


def skew(v):
    out = np.zeros((len(v), 3, 3))
    out[:, 0, 1], out[:, 0, 2], out[:, 1, 2] = -v[:, 2], v[:, 1], -v[:, 0]
    return out - np.swapaxes(out, 1, 2)


def bundle_by_hand(cameras, points, camera, point, seen):
    """The Jacobians by cameras and by points, with the derivative of a rotation by its axis in closed form."""
    c, p = cameras[camera], points[point]
    r, eye, angle = skew(c[:, :3]), np.eye(3), np.linalg.norm(c[:, :3], axis=1)[:, None, None]
    rr = r @ r
    turn = eye + np.sin(angle) / angle * r + (1.0 - np.cos(angle)) / angle**2 * rr
    inner = eye - (1.0 - np.cos(angle)) / angle**2 * r + (angle - np.sin(angle)) / angle**3 * rr
    q = (turn @ p[:, :, None])[:, :, 0] + c[:, 3:6]
    u = -q[:, :2] / q[:, 2:]
    r2 = np.sum(u**2, axis=1)
    poly = 1.0 + c[:, 7] * r2 + c[:, 8] * r2**2
    slope = c[:, 6] * (c[:, 7] + 2.0 * c[:, 8] * r2)
    by_u = (c[:, 6] * poly)[:, None, None] * np.eye(2) + 2.0 * slope[:, None, None] * u[:, :, None] * u[:, None, :]
    by_q = by_u @ (np.concatenate([np.broadcast_to(-np.eye(2), (len(u), 2, 2)), -u[:, :, None]], axis=2) / q[:, 2][:, None, None])
    by_turn = -by_q @ turn @ skew(p) @ inner
    lens = np.stack([poly[:, None] * u, (c[:, 6] * r2)[:, None] * u, (c[:, 6] * r2**2)[:, None] * u], axis=2)
    by_camera = np.concatenate([by_turn, by_q, lens], axis=2)
    return blocks(by_camera, camera, cameras.size), blocks(by_q @ turn, point, points.size)


def blocks(values, at, columns):
    """One block for each observation, in the columns that belong to it."""
    count, height, width = values.shape
    indices = np.broadcast_to(at[:, None, None] * width + np.arange(width), values.shape)
    starts = np.arange(0, values.size + 1, width)
    return csr_array((values.ravel(), indices.ravel(), starts), shape=(count * height, columns))


def bratu(u, n):
    """-u'' = 6.8 exp(u) on a square."""
    v = np.pad(u.reshape(n, n), 1)
    around = v[2:, 1:-1] + v[:-2, 1:-1] + v[1:-1, 2:] + v[1:-1, :-2]
    return (4.0 * v[1:-1, 1:-1] - around - 6.8 / (n + 1) ** 2 * np.exp(v[1:-1, 1:-1])).ravel()


def bratu_by_hand(u, n):
    beside = np.full(n * n - 1, -1.0)
    beside[n - 1 :: n] = 0.0
    below = np.full(n * n - n, -1.0)
    here = 4.0 - 6.8 / (n + 1) ** 2 * np.exp(u)
    return diags_array([below, beside, here, beside, below], offsets=[-n, -1, 0, 1, n]).tocsr()


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_by_hand(x):
    here = np.zeros_like(x)
    here[:-1] = 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
    here[1:] += 200.0
    beside = -400.0 * x[:-1]
    return diags_array([beside, here, beside], offsets=[-1, 0, 1]).tocsr()




RNG = np.random.default_rng(0)
CASES = [
    Case("bundle adjustment, 6 cameras, 30 points", residuals, make(6, 30, 4), bundle_by_hand, argnums=(0, 1), dense=True),
    Case("bundle adjustment, 20 cameras, 1,000 points", residuals, make(20, 1000, 5), bundle_by_hand, argnums=(0, 1)),
    Case("bundle adjustment, 50 cameras, 5,000 points", residuals, make(50, 5000, 5), bundle_by_hand, argnums=(0, 1)),
    Case("Bratu's problem, 20 x 20", bratu, (RNG.random(400), 20), bratu_by_hand, dense=True),
    Case("Bratu's problem, 300 x 300", bratu, (RNG.random(90_000), 300), bratu_by_hand),
    Case("Rosenbrock, Hessian", rosenbrock, (RNG.random(300),), rosenbrock_by_hand, hessian=True, dense=True),
    Case("Rosenbrock, Hessian", rosenbrock, (RNG.random(100_000),), rosenbrock_by_hand, hessian=True),
]


def row(case: Case) -> str:
    maker = ds.sparse_hessian if case.hessian else ds.sparse_jacobian
    derivative = maker(case.fn, argnums=case.argnums)
    begun = time.perf_counter()
    found = derivative(*case.args)
    first = time.perf_counter() - begun
    check(found, case.hand(*case.args))
    contenders = {
        "primal": lambda: case.fn(*case.args),
        "again": lambda: derivative(*case.args),
        "hand": lambda: case.hand(*case.args),
    }
    if case.dense:
        dense = (ds.hessian if case.hessian else ds.jacobian)(case.fn, case.argnums)
        contenders["dense"] = lambda: dense(*case.args)
    timing = alternate(contenders)
    parts = found if isinstance(found, tuple) else (found,)
    shape = f"{parts[0].shape[0]:,} x {sum(p.shape[1] for p in parts):,}"
    count = next(reversed(sparse._PLANS.values()))[1].count
    times = [shown(timing.seconds(name)) for name in ("primal", "again")]
    compared = f"{timing.ratio('dense', 'again'):.1f}" if case.dense else ""
    return (
        f"| {case.name} | {shape} | {sum(p.nnz for p in parts):,} | {count} | {times[0]} | {shown(first)} | {times[1]} "
        f"| {timing.ratio('again', 'hand'):.1f} | {compared} |\n"
    )


def check(found: Any, hand: Any) -> None:
    """Both are the same matrix."""
    for mine, theirs in zip(*((m if isinstance(m, tuple) else (m,)) for m in (found, hand))):
        assert abs(mine - theirs).max() < 1e-9 * abs(theirs).max()


def shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1.0 else f"{1e3 * seconds:.1f} ms" if seconds >= 1e-3 else f"{1e6 * seconds:.1f} us"


if __name__ == "__main__":
    renew(TITLE, HEAD + "".join(map(row, CASES)))
