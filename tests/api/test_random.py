"""Sources of random numbers advance exactly as in the plain call, and no draw is made again in reverse."""

# ruff: noqa: NPY002  the old functions are tested, too

from __future__ import annotations

import copy
import random
from typing import Any

import numpy as np
import pytest

import diffsrc as ds


def walk(rng: np.random.Generator, mu: float, sigma: float) -> float:
    s = mu
    for _ in range(3):
        rng.integers(0, 7)
        s = s * (1.0 + sigma * rng.normal())
    rng.normal(mu, sigma, size=2)
    return s * float(rng.random())


def legacy(mu: float, sigma: float) -> Any:
    return mu * np.random.normal(size=4).sum() + sigma * np.random.rand() + random.gauss(0.0, 1.0) * mu


def state(rng: np.random.Generator) -> Any:
    return rng.bit_generator.state


def differentiate(mode: str, f: Any, *args: Any) -> None:
    match mode:
        case "grad":
            ds.grad(f, (1, 2) if f is walk else (0, 1))(*args)
        case "vjp":
            out, pullback = ds.vjp(f, *args)
            pullback(1.0)
            pullback(2.0)
        case "jvp":
            ds.jvp(f, args, tuple(1.0 if isinstance(a, float) else a for a in args))
        case "hvp":
            ds.hvp(f, *args, (1.0, 0.5), argnums=(1, 2) if f is walk else (0, 1))


@pytest.mark.parametrize("mode", ["grad", "vjp", "jvp", "hvp"])
def test_generator_argument(mode: str) -> None:
    rng = np.random.default_rng(3)
    plain = copy.deepcopy(rng)
    walk(plain, 1.1, 0.7)
    differentiate(mode, walk, rng, 1.1, 0.7)
    assert state(rng) == state(plain)


@pytest.mark.parametrize("mode", ["grad", "vjp", "jvp", "hvp"])
def test_global_state(mode: str) -> None:
    np.random.seed(5)
    random.seed(5)
    legacy(1.1, 0.7)
    wanted = np.random.get_state()[1].tolist(), np.random.get_state()[2], random.getstate()
    np.random.seed(5)
    random.seed(5)
    differentiate(mode, legacy, 1.1, 0.7)
    assert (np.random.get_state()[1].tolist(), np.random.get_state()[2], random.getstate()) == wanted


def test_gradient_is_that_of_the_draws() -> None:
    z = np.random.default_rng(3).normal(size=5)
    got = ds.grad(lambda mu, s: float(np.sum(np.random.default_rng(3).normal(mu, s, size=5) ** 2)), (0, 1))(0.4, 1.3)
    x = 0.4 + 1.3 * z
    np.testing.assert_allclose(got, (np.sum(2 * x), np.sum(2 * x * z)), rtol=1e-12)
