"""Every rule beside that of HIPS autograd:  python -m tests.benchmarks.rules [WORD ...] [--write]

The calls of tests/rules/calls.py that autograd knows too, on larger arrays: the gradient of the sum of the result, in the time of
the call itself. `--write` renews the section of docs/benchmarks.md.
"""

from __future__ import annotations

import ast
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import diffsrc as ds
from tests.rules import calls

from .document import renew
from .measure import alternate

TITLE = "## Rule by rule"
#: the arrays of the tables, and larger ones
LARGER = {
    "(3,4)": "(150,200)", "(3,1)": "(150,1)", "(4,)": "(200,)", "(5,)": "(2000,)", "(3,3)": "(60,60)", "(2,3,3)": "(40,12,12)",
    "(2,3)": "(150,200)", "(3,)": "(200,)",
}  # fmt: skip
SMALLER = {"(150,200)": "(40,50)", "(150,1)": "(40,1)", "(200,)": "(50,)", "(2000,)": "(300,)"}
#: elements of a result that is still measured
LIMIT = 400_000


@dataclass(frozen=True)
class Row:
    """Seconds of a call, and of both gradients of its sum."""

    text: str
    primal: float
    ours: float
    theirs: float
    ratio: float


def spaces() -> tuple[dict[str, Any], dict[str, Any]]:
    """What names stand for in programs of ours, and of autograd's."""
    import autograd.numpy as anp
    import autograd.scipy.linalg
    import autograd.scipy.special
    import autograd.scipy.stats

    theirs = {"np": anp, "special": autograd.scipy.special, "linalg": autograd.scipy.linalg, "stats": autograd.scipy.stats}
    return dict(calls.SPACE), theirs


def candidates(words: list[str]) -> Iterator[tuple[calls.Call, str]]:
    """Calls that aren't refused, with their arguments on larger arrays."""
    for call in calls.table():
        node = ast.parse(call.text, mode="eval").body
        numbers = any(w in call.arguments for w in ("number", "list", "complex", "(0,", "(1,1)", "()"))
        if call.refused or not isinstance(node, ast.Call) or numbers or not all(w in call.text for w in words):
            continue
        for sizes in (LARGER, SMALLER):
            form = call.arguments
            for small, large in LARGER.items():
                form = form.replace(f": {small}", f": {large}")
            if sizes is SMALLER:
                for large, small in SMALLER.items():
                    form = form.replace(f": {large}", f": {small}")
            if _fits(call, form):
                yield call, form
                break


def _fits(call: calls.Call, form: str) -> bool:
    """Whether the call works on these arrays, and gives an array of real numbers in their range that isn't too large."""
    try:
        small, large = calls.arguments(call.arguments), calls.arguments(form)
        few = out = eval(call.text, calls.SPACE | small)  # noqa: S307  text of the table
        growth = max(np.size(large[k]) / max(np.size(small[k]), 1) for k in small)
        if np.size(out) * growth > LIMIT and not _grows_as_its_arguments(call, small, out):
            return False
        out = eval(call.text, calls.SPACE | large)  # noqa: S307
    except Exception:  # noqa: BLE001
        return False
    numbers = not isinstance(out, (tuple, list)) and np.asarray(out).dtype == np.float64
    vanished = np.any(few) and not np.any(out)
    return bool(numbers and np.size(out) <= LIMIT and np.all(np.isfinite(out)) and not vanished)


def _grows_as_its_arguments(call: calls.Call, small: dict[str, Any], out: Any) -> bool:
    return np.size(out) <= 2 * max(np.size(a) for a in small.values())


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Of autograd, which goes through arrays of objects where it doesn't know a function."""

    def stop(*_: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def measured(call: calls.Call, form: str, rounds: int) -> Row | None:
    """None where autograd doesn't know the function, or is wrong."""
    given = calls.arguments(form)
    names, point = ", ".join(given), tuple(given.values())
    text = f"def program({names}):\n    return np.sum({call.text})\n"
    ours, theirs = spaces()
    mine = calls.compiled(text, call).fn
    exec(compile(text, "<autograd>", "exec"), theirs)  # noqa: S102
    numbers = tuple(range(len(given)))
    import autograd

    gradient, other = ds.grad(mine, numbers), autograd.grad(theirs["program"], numbers)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), patience(5.0):
            warnings.simplefilter("error", UserWarning)
            want = other(*point)
            found = gradient(*point)
    except Exception:  # noqa: BLE001  autograd has no such function, no derivative of it, or takes forever
        return None
    if not all(np.allclose(a, b, rtol=1e-6, atol=1e-6 * (1 + np.max(np.abs(b)))) for a, b in zip(found, want)):
        print(f"{call.text:60} autograd's gradient is wrong", flush=True)  # ours is right by tests/rules/test_calls.py
        return None
    start = perf_counter()
    other(*point)
    rounds = min(rounds, max(3, int(0.3 / (perf_counter() - start))))
    contenders = {"primal": lambda: mine(*point), "ours": lambda: gradient(*point), "theirs": lambda: other(*point)}
    with np.errstate(all="ignore"):
        timing = alternate(contenders, rounds)
    seconds = [timing.seconds(n) for n in ("primal", "ours", "theirs")]
    return Row(call.text, seconds[0], seconds[1], seconds[2], timing.ratio("ours", "theirs"))


def rows(words: list[str], rounds: int = 9) -> Iterator[Row]:
    for call, form in candidates(words):
        row = measured(call, form, rounds)
        if row is not None and row.ratio > 0.9:  # again, for longer
            row = measured(call, form, 3 * rounds)
        if row is not None:
            yield row


def section(found: list[Row]) -> str:
    ratios = sorted(r.ratio for r in found)
    slowest = sorted(found, key=lambda r: -r.ratio)[:15]
    lines = [
        TITLE, "",
        f"The gradient of the sum of a call's result, for {len(found)} calls that HIPS autograd differentiates too, on",
        "arrays of up to 30,000 elements: the time of the generated gradient in that of autograd's is",
        f"{median(ratios):.2f} in the median, {ratios[0]:.2f} to {ratios[-1]:.2f}.",
        "These are the calls with the least to gain (`python -m tests.benchmarks.rules` measures all of them):", "",
        "| call | call itself | gradient | autograd | gradient / autograd |", "|---|---|---|---|---|",
        *(f"| `{r.text}` | {_shown(r.primal)} | {_shown(r.ours)} | {_shown(r.theirs)} | {r.ratio:.2f} |" for r in slowest),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _shown(seconds: float) -> str:
    return f"{1e6 * seconds:.0f} µs"


def main(words: list[str]) -> int:
    found = []
    for row in rows([w for w in words if w != "--write"]):
        found.append(row)
        print(f"{row.text:60} {1e6 * row.primal:9.1f} {1e6 * row.ours:9.1f} {1e6 * row.theirs:9.1f} {row.ratio:6.2f}", flush=True)
    slower = [r for r in found if r.ratio > 1.0]
    print(f"{len(found)} calls, {len(slower)} slower than autograd's: {', '.join(r.text for r in slower)}")
    if "--write" in words:
        renew(TITLE, section(found))
    return len(slower)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
