"""The tests that are run against a fault: those that notice most first, in one process, until one fails."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy  # noqa: F401  shared by all children
import pytest

from .catalogue import Fault
from .coverage import load, noticed
from .plant import ROOT, plant

GOLDEN = ("tests/golden",)
STAGED = ("tests/api", "tests/passes", "tests/ir", "tests/analysis")
PROBE = ("tests/probe",)
REST = ("tests/frontend", "tests/codegen", "tests/errors", "tests/properties/test_regressions.py")
RULES = ("tests/rules",)
REFUSED = ("tests/errors", "tests/syntax", "tests/frontend")
STRANGE = ("tests/hostile/test_hostile.py",)
ROWS = ("tests/rules/test_elementwise.py", "tests/rules/test_scalars.py")
#: tests of the rows of one module
OWN = {
    "numpy_elementwise": ROWS, "math_mod": ROWS, "power": ROWS, "numpy_reduce": ("tests/rules/test_reduce.py",),
    "numpy_shape": ("tests/rules/test_shape.py",), "numpy_products": ("tests/rules/test_products.py",),
    "scipy/special": ("tests/rules/test_scipy_special.py",), "scipy/special_general": ("tests/rules/test_scipy_special.py",),
    **dict.fromkeys(
        ("scipy/stats", "scipy/stats_discrete", "scipy/stats_moments"),
        ("tests/rules/test_scipy_stats.py", "tests/rules/test_scipy_stats_programs.py"),
    ),
    "scipy/stats_vectors": ("tests/rules/test_scipy_stats_programs.py",),
    "scipy/stats_samples": ("tests/rules/test_scipy_stats_samples.py",), "scipy/spatial": ("tests/rules/test_scipy_spatial.py",),
    "numpy_linalg": ("tests/rules/test_linalg.py",), "numpy_index": ("tests/rules/test_index.py",),
}  # fmt: skip
#: seconds of the processor after which a test counts as hanging
LIMIT = 60


def stages(fault: Fault) -> tuple[tuple[str, ...], ...]:
    """The tests in the order in which they are run: what is quick and notices most goes first."""
    own = OWN.get(fault.module.rpartition(".")[2])
    if own is not None:
        return own, GOLDEN, RULES, PROBE, STAGED
    if fault.area == "printer":
        return GOLDEN, PROBE, ("tests/codegen",), STAGED, REST
    if fault.area == "refusals":
        return REFUSED, GOLDEN, PROBE, STAGED, REST
    if fault.area == "specialisation key":
        return GOLDEN, STAGED, STRANGE, PROBE
    return GOLDEN, STAGED, PROBE, REST


@dataclass(frozen=True)
class Outcome:
    """`by`: the test that failed, "hangs", or "" for a survivor."""

    by: str
    seconds: float


class _Watch:
    """A plugin that leaves out known failures and remembers the first new one."""

    def __init__(self, left_out: Iterable[str]) -> None:
        self.left_out, self.failed = frozenset(left_out), list[str]()

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [i for i in items if i.nodeid not in self.left_out]

    def pytest_runtest_logstart(self) -> None:
        start_clock()

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(f"{report.nodeid} (not imported)")


def run_tests(folders: Sequence[str], left_out: Iterable[str], first: bool) -> list[str]:
    """Run tests in this process; the failed ones."""
    watch = _Watch(left_out)
    options = ["-x"] if first else ["--continue-on-collection-errors"]
    options += ["-q", "--tb=no", "-p", "no:cacheprovider"]
    with Path(os.devnull).open("w") as null, contextlib.redirect_stdout(null), contextlib.redirect_stderr(null):
        code = pytest.main([*options, *folders], plugins=[watch])
    failed = list(dict.fromkeys(watch.failed))
    return failed or (["pytest stopped"] if code in (2, 3, 4) else [])


def start_clock() -> None:
    """From now on, this process may use `LIMIT` seconds of the processor; then it ends."""
    signal.setitimer(signal.ITIMER_PROF, LIMIT)


def in_child(body: Any) -> str:
    """What `body` returns, run in a process of its own."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            os.setsid()
            os.chdir(ROOT)
            text = body()
        except BaseException as err:  # noqa: BLE001  a fault may raise anything
            text = f"{type(err).__name__}: {err}"
        os.write(write, text.encode()[:60000])
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    return "hangs" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF else text


def judge(fault: Fault, left_out: Iterable[str], known: dict[str, Any], part: slice) -> Outcome:
    """Plant a fault in a child and run these stages of the tests there."""
    start = time.monotonic()

    def body() -> str:
        plant(fault.module, fault.key)
        for folders in stages(fault)[part]:
            if folders == PROBE and known:
                found = noticed(fault.module, fault.line, known)
            else:
                found = next(iter(run_tests(present(folders), left_out, first=True)), "")
            if found:
                return found
        return ""

    return Outcome(in_child(body), time.monotonic() - start)


def baseline() -> list[str]:
    """The tests that fail without a fault: they show nothing."""
    everything = [folder for folders in (RULES, GOLDEN, STAGED, REST, STRANGE) for folder in present(folders)]
    return in_child(lambda: "\n".join(run_tests(everything, (), first=False))).splitlines()


def covered(file: Path) -> dict[str, Any]:
    """What the cases of the probe run and give, from a file; measured if it isn't there."""
    if not file.exists():
        in_child(lambda: str(len(load(file))))
    return load(file)


def present(folders: Sequence[str]) -> list[str]:
    return [f for f in folders if (ROOT / Path(f)).exists()]


assert not [m for m in sys.modules if m == "diffsrc" or m.startswith("diffsrc.")], "children import diffsrc themselves"
