"""A recurrence over ten numbers, as a loop over an array and written out for its size: `pytest --benchmark-enable`."""

import numpy as np
import pytest

import diffsrc as ds

N = 10
X = np.linspace(-1.0, 2.0, N)


def looped(x):
    y = np.zeros(len(x))
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i]
    return y[len(x) - 1]


@ds.generated
def unrolled(x):
    (n,) = x.dims
    lines = ["y0 = x[0]", *(f"y{i} = 0.5 * y{i - 1} + x[{i}]" for i in range(1, n))]
    return "\n".join([*lines, f"return y{n - 1}"])


def derivative(f):
    """The compiled derivative alone, without what finds it."""
    spec = {}
    exec(str(ds.build(f, f"f64[{N}]")), spec)
    return spec["looped_grad" if f is looped else "unrolled_grad"]


@pytest.mark.parametrize("f", [looped, unrolled], ids=["loop", "unrolled"])
def test_primal(benchmark, f):
    benchmark.group = "recurrence"
    assert np.isclose(benchmark(f, X), looped(X))


@pytest.mark.parametrize("f", [looped, unrolled], ids=["loop", "unrolled"])
def test_gradient(benchmark, f):
    benchmark.group = "gradient of the recurrence"
    assert np.allclose(benchmark(ds.grad(f), X), 0.5 ** np.arange(N)[::-1])


@pytest.mark.parametrize("f", [looped, unrolled], ids=["loop", "unrolled"])
def test_built_gradient(benchmark, f):
    benchmark.group = "built gradient of the recurrence"
    assert np.allclose(benchmark(derivative(f), X), 0.5 ** np.arange(N)[::-1])
