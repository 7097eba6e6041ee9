"""The benchmarks' own primal functions (the others are those of examples/), and rewrites for autograd.

HIPS autograd traces calls of its own NumPy: it can't follow a store into an array, and knows neither
NamedTuples nor dataclasses. `traced` gives a function the NumPy it needs; `*_functional` does the same work
without a store.
"""

import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from bayes_regression import Params
from heat_inverse import MARGIN
from mlp_digits import Net, loss


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_loop(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def negative_log_posterior_arrays(p, x, y):
    """`bayes_regression.negative_log_posterior` as array code."""
    sigma = math.exp(p.log_sigma)
    priors = 0.5 * (p.alpha / 3.0) ** 2 + 0.5 * (p.beta / 3.0) ** 2 + 2.0 * math.log(3.0)
    priors += sigma - p.log_sigma
    z = (y - p.alpha - p.beta * x) / sigma
    return priors + np.sum(0.5 * z * z) + len(x) * p.log_sigma


def misfit_functional(tiles, observed, rate, steps, damping):
    """`heat_inverse.misfit` with a new array in each time step."""
    size = (len(observed) - 2 * MARGIN) // len(tiles)
    u = np.pad(np.repeat(np.repeat(tiles, size, axis=0), size, axis=1), MARGIN, "constant")
    for _ in range(steps):
        inner = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        u = u + np.pad(rate * inner, 1, "constant")
    return np.sum((u - observed) ** 2) + damping * np.sum(tiles**2)


def posterior_of_tuple(primal: Callable[..., Any]) -> Callable[..., Any]:
    """`primal` with its parameters as a plain tuple."""
    return lambda p, x, y: primal(Params(*p), x, y)


def loss_of_lists(net, x, y):
    """`mlp_digits.loss` with the net as a pair of lists."""
    return loss(Net(*net), x, y)


def traced(f: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of `f` and of the functions it calls that computes with autograd's NumPy."""
    import autograd.numpy as anp

    copies: dict[Any, Any] = {}

    def copy(g: types.FunctionType) -> types.FunctionType:
        if g not in copies:
            names: dict[str, Any] = {}
            cells = tuple(types.CellType(swap(c.cell_contents)) for c in g.__closure__ or ())
            copies[g] = types.FunctionType(g.__code__, names, g.__name__, g.__defaults__, cells)
            names.update({k: swap(v) for k, v in g.__globals__.items() if k in used_names(g.__code__)})
        return copies[g]

    def swap(value: Any) -> Any:
        if value is np or value is math:
            return anp
        return copy(value) if isinstance(value, types.FunctionType) else value

    assert isinstance(f, types.FunctionType)
    return copy(f)


def used_names(code: types.CodeType) -> set[str]:
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union({"__builtins__"}, *map(used_names, inner))
