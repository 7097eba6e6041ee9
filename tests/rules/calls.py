"""Calls of NumPy's and SciPy's functions, as data: an expression per line, with the arguments that it is tried at.

    python -m tests.rules.calls [WORD]

compiles each of them (those that hold WORD) through the whole compiler and judges it in both modes to second order, against
differences. A line may end with `# refused: words`, which its refusal begins with; `--renew` writes these anew.

Arguments are written `name: shape in low..high`; `complex`, `spd` (symmetric positive definite) and `list` (of the first axis)
say what else they are.
"""

from __future__ import annotations

import itertools
import linecache
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from scipy import linalg, ndimage, signal, spatial, special, stats

from tests.probe.harness import Case, Verdict, judge

from . import calls_numpy, calls_numpy_options, calls_scipy

SPACE = {
    "np": np, "scipy": scipy, "special": special, "linalg": linalg, "signal": signal, "ndimage": ndimage, "stats": stats,
    "spatial": spatial,
}  # fmt: skip

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Call:
    """An expression, its arguments as text, and the words of its refusal if it is refused."""

    text: str
    arguments: str
    refused: str = ""

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that it calls, by their dotted names; methods as `.name`."""
        dotted = re.findall(r"\b((?:np|special|linalg|signal|ndimage|stats|spatial|scipy)(?:\.\w+)+)(?=\()", self.text)
        rest = re.sub(r"\b(np|special|linalg|signal|ndimage|stats|spatial|scipy)\.[\w.]+", "F", self.text)
        methods = re.findall(r"(?<=[\w)\]])\.(\w+)\(", rest)
        return (*dotted, *(f".{m}" for m in methods))


def table() -> Iterator[Call]:
    for arguments, block in (*calls_numpy.TABLE, *calls_numpy_options.TABLE, *calls_scipy.TABLE):
        for line in block.strip().splitlines():
            text, _, refused = line.partition("# refused:")
            yield Call(text.strip(), arguments, refused.strip())


def arguments(text: str) -> dict[str, Any]:
    """The arguments that a text describes; the same ones at every run."""
    return {name.strip(): made(name, form.strip()) for name, form in (part.split(":") for part in text.split(";"))}


def made(name: str, form: str) -> Any:
    words = form.split()
    shape = tuple(int(n) for n in re.findall(r"\d+", words[0])) if words[0] != "number" else ()
    low, high = map(float, words[words.index("in") + 1].split("..")) if "in" in words else (-2.0, 2.0)
    rng = np.random.default_rng(sum(map(ord, name + form)))
    value = rng.uniform(low, high, shape)
    if "complex" in words:
        value = value + 1j * rng.uniform(low, high, shape)
    if "spd" in words:
        value = value @ np.swapaxes(value, -1, -2) + shape[-1] * np.eye(shape[-1])
    if "list" in words:
        return list(value)
    return value if words[0] != "number" else complex(value) if "complex" in words else float(value)


def case(call: Call) -> Case:
    """The expression as a program, in a file that the compiler can read."""
    given = arguments(call.arguments)
    return compiled(f"def program({', '.join(given)}):\n    return {call.text}\n", call)


def compiled(text: str, call: Call) -> Case:
    file = f"<call {next(_NUMBERS)}: {call.text}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space = dict(SPACE)
    exec(compile(text, file, "exec"), space)  # noqa: S102  text of the table
    return Case(space["program"], (tuple(arguments(call.arguments).values()),), "calls", True, None, 2e-6)


def weighted(call: Call) -> Case | None:
    """A sum of sines of all results, each with a weight of its own: what second order is asked of."""
    given = arguments(call.arguments)
    out = eval(call.text, SPACE | arguments(call.arguments))  # noqa: S307  text of the table
    terms = list(_terms("out", out))
    names = ", ".join(given)
    text = f"def program({names}):\n    out = {call.text}\n    return {' + '.join(terms)}\n"
    return compiled(text, call) if terms else None


def _terms(name: str, out: Any) -> Iterator[str]:
    if isinstance(out, (tuple, list)):
        for i, item in enumerate(out):
            yield from _terms(f"{name}[{i}]", item)
    elif np.iscomplexobj(out):
        yield from (f"np.sum(np.sin(0.7 * np.{part}({name}) + {len(name)}.0))" for part in ("real", "imag"))
    elif np.asarray(out).dtype.kind == "f":
        yield f"np.sum(np.sin(0.7 * {name} + {len(name)}.0))"


def verdict(call: Call, second: bool = True) -> Verdict:
    """Both modes of the call itself, and (`second`) second order of a number made of it."""
    try:
        eval(call.text, SPACE | arguments(call.arguments))  # noqa: S307  text of the table
    except Exception as err:  # noqa: BLE001
        return Verdict("invalid", f"{type(err).__name__}: {err}")
    first = judge(replace(case(call), second=False))
    summed = weighted(call) if second and first.kind == "right" else None
    return first if summed is None else judge(summed, only_second=True)


def reason(found: Verdict) -> str:
    """The first line of a refusal, without its code, short enough for the table."""
    return found.detail.splitlines()[0].partition(": ")[2][:40].strip()


def renew(found: dict[Call, Verdict]) -> None:
    """Write the refusals of the table anew: its lines stand in the files in the order of `table`."""
    calls = table()
    for module in (calls_numpy, calls_numpy_options, calls_scipy):
        path, inside, lines = Path(module.__file__), False, []
        for line in path.read_text().splitlines():
            inside, was = not line.startswith('"""') and (inside or line.endswith(', """')), inside
            call = next(calls) if was and inside else None
            if call is None or call not in found:
                lines.append(line)
            else:
                refused = found[call].kind == "refused"
                lines.append(call.text + (f"  # refused: {reason(found[call])}" if refused else ""))
        path.write_text("\n".join(lines) + "\n")


def main(words: list[str]) -> int:
    found: dict[Call, Verdict] = {}
    for call in table():
        if not all(w in call.text for w in words if w != "--renew"):
            continue
        end = found[call] = verdict(call)
        if end.kind != "right":
            print(f"{end.kind:8} {call.text}    [{call.arguments}]\n         {end.detail.splitlines()[0][:160]}")
    if "--renew" in words:
        renew(found)
    ends = Counter(end.kind for end in found.values())
    functions = {name for call in found for name in call.functions}
    print(f"{len(found)} calls of {len(functions)} functions: " + ", ".join(f"{n} {k}" for k, n in ends.items()))
    return sum(n for kind, n in ends.items() if kind not in ("right", "refused"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
