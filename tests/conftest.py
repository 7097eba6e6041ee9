"""Options of the test suite. Where whole programs are judged, passes are validated by running (`compiler/validate.py`)."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

os.environ["DIFFSRC_CACHE"] = "0"  # tests of the disk cache switch it on

#: folders whose tests run with DIFFSRC_VALIDATE=1; in others, calls of the user's function are counted
VALIDATED = frozenset({"probe", "properties", "programs", "golden"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files of tests/golden")


@pytest.fixture(autouse=True)
def _validated(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.path.parent.name in VALIDATED:
        monkeypatch.setenv("DIFFSRC_VALIDATE", "1")


#: what the processes validated that tests are handed out to
_WORKERS: Counter[str] = Counter()


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        from diffsrc.compiler.validate import TALLY

        output["validated"] = dict(TALLY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    _WORKERS.update(getattr(node, "workeroutput", {}).get("validated", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many applications of a pass were held against what the function was before."""
    from diffsrc.compiler.validate import TALLY

    tally = TALLY + _WORKERS
    skipped = sum(n for name, n in tally.items() if name.startswith("skipped"))
    if tally:
        terminalreporter.write_line(f"{sum(tally.values()) - skipped} pass applications validated, {skipped} skipped")
