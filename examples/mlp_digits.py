"""A neural network for the handwritten digits of scikit-learn, its gradients added into one shadow.

The network is a plain dataclass of lists of arrays, unknown to diffsrc, and the forward pass a plain loop
over its layers. `autodiff` adds the gradient into a second network of the same structure, allocated once.

    python examples/mlp_digits.py
"""

import argparse
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

import diffsrc as ds


@dataclass
class Net:
    weights: list[np.ndarray]
    biases: list[np.ndarray]


def logits(net, x):
    """The scores of the ten classes; tanh between the layers."""
    h = x
    last = len(net.weights) - 1
    for i, (w, b) in enumerate(zip(net.weights, net.biases)):
        h = h @ w + b
        if i < last:
            h = np.tanh(h)
    return h


def loss(net, x, y):
    """The mean cross entropy of the labels `y`."""
    z = logits(net, x)
    z = z - np.max(z, axis=1, keepdims=True)
    log_total = np.log(np.sum(np.exp(z), axis=1))
    return np.mean(log_total - z[np.arange(len(y)), y])


def new_net(sizes: list[int], rng: np.random.Generator) -> Net:
    pairs = list(pairwise(sizes))
    weights = [rng.standard_normal((n, m)) / np.sqrt(n) for n, m in pairs]
    return Net(weights, [np.zeros(m) for _, m in pairs])


def load_data(rng: np.random.Generator):
    """Training and test images (8 x 8 pixels in [0, 1]) and labels: one fifth is for the test."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = rng.permutation(len(labels))
    images, labels = images[order] / 16.0, labels[order]
    split = len(labels) * 4 // 5
    return (images[:split], labels[:split]), (images[split:], labels[split:])


def accuracy(net: Net, x: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean(np.argmax(logits(net, x), axis=1) == y))


def descend(net: Net, slope: Net, rate: float) -> None:
    """One step of gradient descent, in place."""
    for array, gradient in zip(net.weights + net.biases, slope.weights + slope.biases):
        array -= rate * gradient


def train(net: Net, x: np.ndarray, y: np.ndarray, rng: np.random.Generator, epochs: int, rate: float):
    """Stochastic gradient descent. Yields the mean loss of each epoch."""
    slope, batch = ds.make_zero(net), 64
    for _ in range(epochs):
        order, total = rng.permutation(len(y)), 0.0
        for start in range(0, len(y), batch):
            rows = order[start : start + batch]
            ds.zero_(slope)
            data = ds.Const(x[rows]), ds.Const(y[rows])
            _, value = ds.autodiff(ds.ReverseWithPrimal, loss, ds.Active, ds.Duplicated(net, slope), *data)
            descend(net, slope, rate)
            total += value * len(rows)
        yield total / len(y)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="A neural network for handwritten digits")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the gradient's source first")
    options = parser.parse_args(argv)

    rng = np.random.default_rng(options.seed)
    (x, y), (x_test, y_test) = load_data(rng)
    net = new_net([64, 48, 10], rng)
    if options.show:
        print(ds.code_source(loss, net, x, y, wrt=0))
    for epoch, value in enumerate(train(net, x, y, rng, options.epochs, rate=0.5), 1):
        if epoch == 1 or epoch % 5 == 0:
            print(f"epoch {epoch:3}: loss {value:.4f}, test accuracy {accuracy(net, x_test, y_test):.1%}")


if __name__ == "__main__":
    main()
