"""Start-up costs stay within their bounds. A busy machine only adds time: the least of several medians counts."""

import inspect

import pytest

from . import fifty, startup


def test_the_function_has_about_fifty_lines():
    assert 50 <= len(inspect.getsource(fifty.landing_cost).splitlines()) <= 60


@pytest.mark.slow
@pytest.mark.parametrize(("statement", "bound"), [(startup.ALONE, 1.15), (startup.WITH_GRAD, 2.0)])
def test_import_costs_little_more_than_numpy(statement: str, bound: float):
    assert min(startup.import_ratio(statement, rounds=5) for _ in range(3)) <= bound
