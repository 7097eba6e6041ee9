"""Start-up costs stay within their bounds. A busy machine only adds time: the least of several medians counts."""

import inspect

import pytest

from . import fifty, startup


def test_the_function_has_about_fifty_lines():
    assert 50 <= len(inspect.getsource(fifty.landing_cost).splitlines()) <= 60


@pytest.mark.slow
def test_import_costs_little_more_than_numpy():
    """The names of the package are loaded at first use; what `ds.grad` itself loads is measured in the benchmarks."""
    assert min(startup.import_ratio(startup.ALONE, rounds=5) for _ in range(3)) <= 1.15
