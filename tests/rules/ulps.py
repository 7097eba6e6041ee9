"""How exact the partial derivatives of elementwise rows are:  python -m tests.rules.ulps

Each is compared with mpmath at random points of its row's domain and at points far out; the worst error, in units in
the last place of the exact value, is written to ulps.txt beside this file, from which `docs/rules.md` is made.
"""

from pathlib import Path

import mpmath as mp
import numpy as np

from diffsrc.defs import packages, rows, table  # noqa: F401  the rows fill the table
from tests.rules.exact import COUNTS, derivative, known, oracle
from tests.rules.harness import evaluate

packages.load_all()
FILE = Path(__file__).with_suffix(".txt")
POINTS = 60


def points(d, number, seed=0):
    """Random points of a row's domain."""
    rng, counts = np.random.default_rng(seed), COUNTS.get(d.name.rpartition(".")[2], ())
    if d.name == "np.ldexp" or d.name == "math.ldexp":
        return [(float(x), 3) for x in rng.uniform(*d.domain, number)]
    free = rng.uniform(*d.domain, (number, len(d.partials) - len(counts)))
    return [(*counts, *map(float, row)) for row in free]


def ulps(d, f, i, point):
    """The error of a partial at a point, in units in the last place."""
    with np.errstate(all="ignore"):
        found = complex(evaluate(d.partials[i], d, d.fn(*point), point))
    want = derivative(f, point, i)
    unit = np.spacing(max(abs(float(abs(want))), np.finfo(float).tiny))
    return float(abs(mp.mpmathify(found) - want) / unit) if np.isfinite(found) else float("inf")


def measured(d, number=POINTS, seed=0):
    """The worst error per argument in the domain, and far out; None where mpmath has no such function."""
    f, far = oracle(d.name)
    if f is None:
        return None
    inner = points(d, number, seed)
    return {
        i: (max(ulps(d, f, i, p) for p in inner), max((ulps(d, f, i, p) for p in far), default=None))
        for i in known(d)
    }


def names():
    """The rows that have something to measure."""
    found = (n for n, d in table.BY_NAME.items() if d.family == "elementwise" and known(d) and oracle(n)[0] is not None)
    return sorted(found)


if __name__ == "__main__":
    lines = []
    for name in names():
        for i, (inner, far) in measured(table.BY_NAME[name]).items():
            lines.append(f"{name} {i} {inner:.1f} {'-' if far is None else f'{far:.1f}'}")
            print(lines[-1], flush=True)
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
