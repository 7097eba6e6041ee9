"""`python -m tests.faults.noticed --trials N`: does `ds.check_grads` notice small faults in large gradients?

One wrong sign among 100,000 entries, and a factor of 1 + 10^-4 on all of them: in reverse mode alone, in forward mode
alone, and in both alike (then only differences can tell). The faults are planted between `check_grads` and the modes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import diffsrc as ds
from diffsrc.api import testing

SIZE = 100_000
MODES = ("reverse", "forward", "both")


def waves(x):
    return np.sum(np.sin(x) * x) + np.sum(x[1:] * x[:-1])


def energy(x):
    d = x[1:] - x[:-1]
    return np.sum(d * d) * 0.5 + np.sum(np.exp(-x * x))


def softplus(x):
    return np.mean(np.log1p(np.exp(x)) * np.cos(x)) * 3.0


FUNCTIONS = (waves, energy, softplus)


def wrong_sign(rng: np.random.Generator, size: int) -> Callable[[Any], Any]:
    at = int(rng.integers(size))

    def spoil(g: Any) -> Any:
        g = g.copy()
        g[at] = -g[at]
        return g

    return spoil


def wrong_factor(rng: np.random.Generator, size: int) -> Callable[[Any], Any]:
    return lambda g: g * (1.0 + 1e-4)


FAULTS = {"one wrong sign": wrong_sign, "factor 1 + 1e-4": wrong_factor}


def notices(f: Any, x: Any, spoil: Callable[[Any], Any], mode: str) -> bool:
    """Whether `check_grads` fails when the gradient is spoilt in a mode."""
    jvp, vjp = testing.jvp, testing.vjp

    def bad_vjp(fn: Any, *args: Any) -> Any:
        out, pullback = vjp(fn, *args)
        return out, lambda ct: (spoil(pullback(ct)[0]),)

    def bad_jvp(fn: Any, args: Any, tangents: Any) -> Any:
        out, pullback = vjp(fn, *args)
        return out, type(out)(np.dot(spoil(pullback(1.0)[0]), tangents[0]))

    testing.vjp = bad_vjp if mode in ("reverse", "both") else vjp
    testing.jvp = bad_jvp if mode in ("forward", "both") else jvp
    try:
        ds.check_grads(f, (x,), order=1)
    except AssertionError:
        return True
    finally:
        testing.jvp, testing.vjp = jvp, vjp
    return False


def trial(seed: int, size: int = SIZE) -> list[tuple[str, str, str]]:
    """The faults of one trial that weren't noticed: function, fault, mode."""
    rng = np.random.default_rng(seed)
    f = FUNCTIONS[seed % len(FUNCTIONS)]
    x = rng.standard_normal(size)
    return [
        (f.__name__, name, mode)
        for name, make in FAULTS.items()
        for mode in MODES
        if not notices(f, x, make(rng, size), mode)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.faults.noticed", description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    missed = Counter(m for seed in range(given.seed, given.seed + given.trials) for m in trial(seed))
    for what, n in missed.most_common():
        print(f"{n:6} not noticed: {', '.join(what)}")
    print(f"{given.trials} trials of {len(FAULTS) * len(MODES)} faults, {sum(missed.values())} not noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
