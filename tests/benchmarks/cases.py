"""The benchmark cases: one row per function, size and hand-written rival."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import bayes_regression
import heat_inverse
import mlp_digits
import numpy as np

from . import hand, programs


@dataclass(frozen=True, eq=False)
class Case:
    """`hand` is the rival; `functional` what autograd can trace, if anything; `pack` makes its argument."""

    name: str
    primal: Callable[..., Any]
    arguments: Callable[[], tuple[Any, ...]]
    hand: Callable[..., Any]
    functional: Callable[..., Any] | None
    pack: Callable[[Any], Any] = lambda first: first

    @property
    def key(self) -> str:
        return self.name.replace(" ", "_").replace(",", "")


def rosenbrock_at(n: int) -> Callable[[], tuple[Any, ...]]:
    return lambda: (np.linspace(-1.2, 1.0, n),)


@cache
def posterior_data() -> tuple[Any, ...]:
    return bayes_regression.Params(0.1, 0.5, -0.2), *bayes_regression.load_data()


@cache
def net_data() -> tuple[Any, ...]:
    rng = np.random.default_rng(0)
    (x, y), _ = mlp_digits.load_data(rng)
    return mlp_digits.new_net([64, 48, 10], rng), x[:64], y[:64]


def plate_data(tile: int, steps: int) -> Callable[[], tuple[Any, ...]]:
    def make() -> tuple[Any, ...]:
        tiles = heat_inverse.load_tiles(3)
        observed = np.full((tile * 8 + 2 * heat_inverse.MARGIN,) * 2, 0.1)
        return tiles, observed, 0.2, steps, 1e-5

    return cache(make)


def net_as_lists(net: mlp_digits.Net) -> Any:
    return net.weights, net.biases


loop_posterior = programs.posterior_of_tuple(bayes_regression.negative_log_posterior)
array_posterior = programs.posterior_of_tuple(programs.negative_log_posterior_arrays)

posterior = bayes_regression.negative_log_posterior
ROSENBROCK = [
    Case("rosenbrock loop, n = 2", programs.rosenbrock_loop, rosenbrock_at(2), hand.rosenbrock_loop,
         programs.rosenbrock_loop),
    Case("rosenbrock loop, n = 100", programs.rosenbrock_loop, rosenbrock_at(100), hand.rosenbrock_loop,
         programs.rosenbrock_loop),
    Case("rosenbrock loop, n = 100, by hand as arrays", programs.rosenbrock_loop, rosenbrock_at(100),
         hand.rosenbrock, programs.rosenbrock_loop),
    Case("rosenbrock arrays, n = 2", programs.rosenbrock, rosenbrock_at(2), hand.rosenbrock,
         programs.rosenbrock),
    Case("rosenbrock arrays, n = 100", programs.rosenbrock, rosenbrock_at(100), hand.rosenbrock,
         programs.rosenbrock),
]  # fmt: skip
EXAMPLES = [
    Case("bayes_regression loop", posterior, posterior_data, hand.negative_log_posterior_loop, loop_posterior,
         tuple),
    Case("bayes_regression loop, by hand as arrays", posterior, posterior_data, hand.negative_log_posterior,
         loop_posterior, tuple),
    Case("bayes_regression arrays", programs.negative_log_posterior_arrays, posterior_data,
         hand.negative_log_posterior, array_posterior, tuple),
    Case("mlp_digits, batch of 64", mlp_digits.loss, net_data, hand.loss, programs.loss_of_lists,
         net_as_lists),
    Case("heat_inverse, 20 x 20, 20 steps", heat_inverse.misfit, plate_data(2, 20), hand.misfit,
         programs.misfit_functional),
    Case("heat_inverse, 196 x 196, 50 steps", heat_inverse.misfit, plate_data(24, 50), hand.misfit,
         programs.misfit_functional),
]  # fmt: skip
CASES = [*ROSENBROCK, *EXAMPLES]
