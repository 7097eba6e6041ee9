"""Bayesian linear regression by Hamiltonian Monte Carlo, on the diabetes data of scikit-learn.

The negative log posterior is an ordinary Python function: a loop over the observations, helper functions for
the densities, a NamedTuple of parameters. diffsrc writes its gradient (kept beside this file, in
bayes_regression_grad.py), and the sampler follows it.

    python examples/bayes_regression.py
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

import diffsrc as ds

PLOT = Path(__file__).with_suffix(".png")


class Params(NamedTuple):
    """Intercept, slope, and the logarithm of the noise's standard deviation."""

    alpha: float
    beta: float
    log_sigma: float


def normal_energy(x, mean, scale):
    """-log of the normal density, up to a constant."""
    z = (x - mean) / scale
    return 0.5 * z * z + math.log(scale)


def exponential_energy(x, rate):
    """-log of the exponential density, up to a constant."""
    return rate * x


def negative_log_posterior(p, x, y):
    """alpha, beta ~ N(0, 3); sigma ~ Exponential(1); y[i] ~ N(alpha + beta * x[i], sigma)."""
    sigma = math.exp(p.log_sigma)
    energy = normal_energy(p.alpha, 0.0, 3.0) + normal_energy(p.beta, 0.0, 3.0)
    energy += exponential_energy(sigma, 1.0) - p.log_sigma  # the last term: d sigma / d log_sigma
    for i in range(len(x)):
        energy += normal_energy(y[i], p.alpha + p.beta * x[i], sigma)
    return energy


def load_data() -> tuple[np.ndarray, np.ndarray]:
    """Body mass index and progression of the disease after one year, of 442 patients, both standardised."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    bmi = data.data[:, data.feature_names.index("bmi")]
    return (bmi - bmi.mean()) / bmi.std(), (data.target - data.target.mean()) / data.target.std()


Energy = Callable[[Params], tuple[float, Params]]


def leapfrog(energy: Energy, q: np.ndarray, momentum: np.ndarray, step: float, leaps: int):
    """Follow the Hamiltonian flow; returns the place, momentum and energy where it ends."""
    value, slope = energy(Params(*q))
    for _ in range(leaps):
        momentum = momentum - 0.5 * step * np.array(slope)
        q = q + step * momentum
        value, slope = energy(Params(*q))
        momentum = momentum - 0.5 * step * np.array(slope)
    return q, momentum, value


def sample(energy: Energy, start: Params, draws: int, rng: np.random.Generator, step: float, leaps: int):
    """Hamiltonian Monte Carlo with a progress bar. Returns the draws and the share of accepted proposals."""
    from tqdm import tqdm

    q, kept, accepted = np.array(start), [], 0
    value, _ = energy(start)
    for _ in tqdm(range(draws), desc="sampling", unit="draw"):
        momentum = rng.standard_normal(len(q))
        jittered = step * rng.uniform(0.8, 1.2)
        q_new, momentum_new, value_new = leapfrog(energy, q, momentum, jittered, leaps)
        gain = value + 0.5 * momentum @ momentum - value_new - 0.5 * momentum_new @ momentum_new
        if math.log(rng.uniform()) < gain:
            q, value, accepted = q_new, value_new, accepted + 1
        kept.append(q)
    return np.array(kept), accepted / draws


def least_squares(x: np.ndarray, y: np.ndarray) -> dict[str, tuple[float, float]]:
    """The classical estimates with their standard errors: what the posterior must come close to."""
    design = np.column_stack([np.ones_like(x), x])
    (alpha, beta), (rss,) = np.linalg.lstsq(design, y, rcond=None)[:2]
    sigma = math.sqrt(rss / (len(x) - 2))
    errors = sigma * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))
    sigma_error = sigma / math.sqrt(2 * len(x))
    return {"alpha": (alpha, errors[0]), "beta": (beta, errors[1]), "sigma": (sigma, sigma_error)}


def summarise(draws: np.ndarray) -> dict[str, tuple[float, float]]:
    """Posterior mean and standard deviation of alpha, beta and sigma."""
    columns = {"alpha": draws[:, 0], "beta": draws[:, 1], "sigma": np.exp(draws[:, 2])}
    return {name: (float(np.mean(c)), float(np.std(c))) for name, c in columns.items()}


def save_trace_plot(draws: np.ndarray, path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(len(Params._fields), 1, sharex=True, figsize=(8, 6), layout="constrained")
    for axis, name, column in zip(axes, Params._fields, draws.T):
        axis.plot(column, linewidth=0.7)
        axis.set_ylabel(name)
    axes[-1].set_xlabel("draw")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Bayesian linear regression by Hamiltonian Monte Carlo")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", default=str(PLOT), help="where to save the trace plot (%(default)s)")
    options = parser.parse_args(argv)

    x, y = load_data()
    start = Params(0.0, 0.0, 0.0)
    print("The optimized IR of the gradient:\n")
    print(ds.code_optimized(negative_log_posterior, start, x, y, wrt=0))
    print("\nThe gradient as Python:\n")
    print(ds.code_source(negative_log_posterior, start, x, y, wrt=0))

    value_and_grad = ds.value_and_grad(negative_log_posterior)
    rng = np.random.default_rng(options.seed)
    warmup = options.draws // 5
    total = warmup + options.draws
    draws, rate = sample(lambda p: value_and_grad(p, x, y), start, total, rng, step=0.025, leaps=8)
    save_trace_plot(draws, options.plot)

    print(f"\n{options.draws} draws after {warmup} of warm-up, {rate:.0%} accepted; see {options.plot}")
    print("         posterior           least squares")
    estimates = least_squares(x, y)
    for name, (mean, sd) in summarise(draws[warmup:]).items():
        print(f"{name:7} {mean:6.3f} +- {sd:.3f}     {estimates[name][0]:6.3f} +- {estimates[name][1]:.3f}")


if __name__ == "__main__":
    main()
