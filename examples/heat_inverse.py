"""An inverse problem: the temperatures of a plate some time ago, from those of today.

Square tiles of different temperature, the pixels of a handwritten digit of scikit-learn, are laid on a plate
whose edge is kept cold; then heat flows, and the explicit scheme updates the plate in place. The tiles'
temperatures are recovered from a noisy observation of the end: SciPy minimises the misfit with the gradient
that diffsrc writes (kept beside this file, in heat_inverse_grad.py).

    python examples/heat_inverse.py
"""

import argparse

import numpy as np

import diffsrc as ds

MARGIN = 2  # cells between the tiles and the edge of the plate


def lay(tiles, plate):
    """Give each tile's temperature to its square of cells, in place."""
    size = (len(plate) - 2 * MARGIN) // len(tiles)
    for i in range(size):
        for j in range(size):
            plate[MARGIN + i : -MARGIN : size, MARGIN + j : -MARGIN : size] = tiles


def diffuse(u, rate, steps):
    """The heat equation for `steps` time steps, in place; the edge keeps its temperature."""
    for _ in range(steps):
        around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        u[1:-1, 1:-1] += rate * (around - 4.0 * u[1:-1, 1:-1])


def misfit(tiles, observed, rate, steps, damping):
    """How far the plate ends from what was observed, plus a little of the tiles' squared temperatures."""
    u = np.zeros_like(observed)
    lay(tiles, u)
    diffuse(u, rate, steps)
    return np.sum((u - observed) ** 2) + damping * np.sum(tiles**2)


def load_tiles(index: int) -> np.ndarray:
    """A digit of 8 x 8 pixels in [0, 1]."""
    from sklearn.datasets import load_digits

    return load_digits().images[index] / 16.0


def recover(observed: np.ndarray, count: int, rate: float, steps: int, damping: float):
    """The `count` x `count` temperatures, none below zero, that explain it best; and SciPy's report."""
    from scipy.optimize import minimize

    value_and_grad = ds.value_and_grad(misfit)

    def objective(flat):
        value, slope = value_and_grad(flat.reshape(count, count), observed, rate, steps, damping)
        return value, slope.ravel()

    bounds = [(0.0, None)] * count**2
    report = minimize(objective, np.zeros(count**2), jac=True, method="L-BFGS-B", bounds=bounds)
    return report.x.reshape(count, count), report


def draw(*plates: np.ndarray) -> str:
    """Plates side by side, as text: the darker the warmer."""
    shades = np.array(list(" .:-=+*#%@"))
    rows = [["".join(np.repeat(shades[line], 2)) for line in levels(p)] for p in plates]
    return "\n".join("|" + "|".join(parts) + "|" for parts in zip(*rows))


def levels(plate: np.ndarray) -> np.ndarray:
    return np.clip(plate / plate.max() * 9.99, 0, 9).astype(int)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Recover the initial temperatures of a plate")
    parser.add_argument("--digit", type=int, default=3, help="index into the digits of scikit-learn")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--noise", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the gradient's source first")
    options = parser.parse_args(argv)

    rate, damping = 0.2, 1e-5
    truth = load_tiles(options.digit)
    start = np.zeros((20, 20))
    lay(truth, start)
    final = start.copy()
    diffuse(final, rate, options.steps)
    observed = final + options.noise * np.random.default_rng(options.seed).standard_normal(final.shape)
    if options.show:
        print(ds.code_source(misfit, truth, observed, rate, options.steps, damping, wrt=0))

    tiles, report = recover(observed, len(truth), rate, options.steps, damping)
    found = np.zeros_like(start)
    lay(tiles, found)
    print(f"{options.steps} steps of the heat equation; {report.nit} iterations, {report.nfev} gradients")
    print("initial temperatures, what is observed at the end, and what is recovered:")
    print(draw(start, observed, found))
    print(f"relative error: observed {distance(observed, start):.1%}, recovered {distance(found, start):.1%}")


if __name__ == "__main__":
    main()
