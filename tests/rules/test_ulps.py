"""Partial derivatives stay as exact as the file of measurements says."""

import pytest

from diffsrc.defs import table
from tests.rules import ulps
from tests.rules.exact import oracle

RECORDED: dict[str, list[tuple[int, float, float]]] = {}
for _line in ulps.FILE.read_text(encoding="utf-8").splitlines():
    _name, _i, _inner, _far = _line.split()
    RECORDED.setdefault(_name, []).append((int(_i), float(_inner), 0.0 if _far == "-" else float(_far)))


def test_every_row_is_measured():
    assert sorted(RECORDED) == ulps.names()


@pytest.mark.parametrize("name", ulps.names())
def test_errors(name):
    d = table.BY_NAME[name]
    f, far = oracle(name)
    for i, inner, outer in RECORDED[name]:
        for point in ulps.points(d, 2):
            assert ulps.ulps(d, f, i, point) <= 2 * inner + 2, point
        for point in far if name.startswith("np.") else ():
            assert ulps.ulps(d, f, i, point) <= 2 * outer + 2, point
