"""The examples: gradients are right, scripts reach their results, committed modules are fresh."""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bayes_regression
import bundle_adjustment
import heat_inverse
import mlp_digits
import numpy as np
import pytest

import diffsrc as ds
from tests.benchmarks import hand
from tests.benchmarks.measure import leaves

EXAMPLES = Path(bayes_regression.__file__).parent


@dataclass(frozen=True)
class Example:
    """One differentiated function, the arguments its module was built for, and its gradient by hand."""

    function: Callable[..., Any]
    arguments: Callable[[], tuple[Any, ...]]
    hand: Callable[..., Any]

    @property
    def module(self) -> str:
        return f"{self.function.__module__}_grad"


def plate() -> tuple[Any, ...]:
    return heat_inverse.load_tiles(5), np.full((20, 20), 0.1), 0.2, 12, 1e-5


def regression() -> tuple[Any, ...]:
    return bayes_regression.Params(0.2, 0.4, -0.1), *bayes_regression.load_data()


def network() -> tuple[Any, ...]:
    rng = np.random.default_rng(0)
    (x, y), _ = mlp_digits.load_data(rng)
    return mlp_digits.new_net([64, 12, 10], rng), x[:20], y[:20]


TABLE = [
    Example(bayes_regression.negative_log_posterior, regression, hand.negative_log_posterior),
    Example(mlp_digits.loss, network, hand.loss),
    Example(heat_inverse.misfit, plate, hand.misfit),
]
examples = pytest.mark.parametrize("example", TABLE, ids=lambda example: example.module)


def assert_close(got: Any, expected: Any) -> None:
    assert len(leaves(got)) == len(leaves(expected))
    for g, e in zip(leaves(got), leaves(expected)):
        np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-11)


@examples
def test_gradient(example: Example):
    got = ds.grad(example.function)(*example.arguments())
    assert_close(got, example.hand(*example.arguments()))
    assert type(got) is type(example.arguments()[0])


@examples
def test_committed_module_computes_the_gradient(example: Example):
    gradient = getattr(importlib.import_module(example.module), f"{example.function.__name__}_grad")
    assert_close(gradient(*example.arguments()), example.hand(*example.arguments()))


@examples
def test_committed_module_is_fresh(example: Example, tmp_path: Path):
    """To renew one:  python -m tests.examples.renew"""
    from .renew import build

    fresh = tmp_path / f"{example.module}.py"
    build(example, fresh)
    assert fresh.read_bytes() == (EXAMPLES / fresh.name).read_bytes()


def test_bayes_regression_recovers_the_posterior(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    plot = tmp_path / "trace.png"
    bayes_regression.main(["--draws", "250", "--plot", str(plot)])
    printed = capsys.readouterr()
    rows = re.findall(r"^(alpha|beta|sigma) +(\S+) \+- (\S+) +(\S+) \+- (\S+)$", printed.out, re.MULTILINE)
    assert [name for name, *_ in rows] == ["alpha", "beta", "sigma"]
    for _, mean, sd, expected, error in [(row[0], *map(float, row[1:])) for row in rows]:
        assert abs(mean - expected) < 0.5 * error
        assert 0.7 < sd / error < 1.4
    assert "def negative_log_posterior" in printed.out and "func negative_log_posterior" in printed.out
    assert "sampling" in printed.err
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_mlp_digits_learns(capsys: pytest.CaptureFixture[str]):
    mlp_digits.main([])
    accuracies = re.findall(r"test accuracy ([\d.]+)%", capsys.readouterr().out)
    assert float(accuracies[-1]) > 95.0


def test_heat_inverse_recovers_the_tiles(capsys: pytest.CaptureFixture[str]):
    heat_inverse.main([])
    observed, recovered = re.findall(r"([\d.]+)%", capsys.readouterr().out)
    assert float(recovered) < 10.0 < float(observed)


def test_bundle_adjustment_reaches_the_noise(capsys: pytest.CaptureFixture[str]):
    bundle_adjustment.main(["--cameras", "8", "--points", "200"])
    start, end = re.findall(r"([\d.]+) (?:pixels )?at the", capsys.readouterr().out)
    assert float(end) < 0.5 < float(start)
