"""Options of the test suite. Where whole programs are judged, passes are validated by running (`compiler/validate.py`)."""

from __future__ import annotations

import pytest

#: folders whose tests run with DIFFSRC_VALIDATE=1; in others, calls of the user's function are counted
VALIDATED = frozenset({"probe", "properties", "programs", "golden"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files of tests/golden")


@pytest.fixture(autouse=True)
def _validated(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.path.parent.name in VALIDATED:
        monkeypatch.setenv("DIFFSRC_VALIDATE", "1")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many applications of a pass were held against what the function was before."""
    from diffsrc.compiler.validate import TALLY

    skipped = sum(n for name, n in TALLY.items() if name.startswith("skipped"))
    if TALLY:
        terminalreporter.write_line(f"{sum(TALLY.values()) - skipped} pass applications validated, {skipped} skipped")
