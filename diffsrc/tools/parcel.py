"""What was compiled in a recording, as lines that compile it ahead of time."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING

from ..compiler.prints import found_again
from ..errors import DiffsrcError

if TYPE_CHECKING:
    from .snoop import InferenceTimingNode

#: what the engine calls it -> what the user does
_KINDS = {"grad": "grad", "reverse": "value_and_grad", "split": "vjp", "forward": "jvp"}


def lines(root: InferenceTimingNode, tmin: float) -> dict[str, list[tuple[float, str]]]:
    """By module: (seconds, line), the costliest first."""
    found: dict[str, dict[str, float]] = {}
    for node in root.children:
        if node.mode in _KINDS and node.inclusive >= tmin and (line := _line(node)) is not None:
            assert isinstance(node.function, FunctionType)
            by_line = found.setdefault(node.function.__module__, {})
            by_line[line] = by_line.get(line, 0.0) + node.inclusive
    ordered = sorted(found.items(), key=lambda item: -sum(item[1].values()))
    return {module: sorted(((s, line) for line, s in by.items()), reverse=True) for module, by in ordered}


def _line(node: InferenceTimingNode) -> str | None:
    """A call of `ds.precompile`; None for a function that isn't found by name, or types that have no text."""
    from ..analysis.typeof import parse_type

    fn = node.function
    where = found_again(fn) if isinstance(fn, FunctionType) else None
    if where is None or not isinstance(fn, FunctionType):
        return None
    given = [str(t) for t in node.types]
    try:
        for text in given:
            parse_type(text, fn.__globals__)
    except DiffsrcError:
        return None
    active = tuple(i for i, a in enumerate(node.activity) if a != "const")
    wrt = "" if active == (0,) else f", wrt={active[0] if len(active) == 1 else active}"
    kind = _KINDS[node.mode]
    kinds = "" if kind == "grad" else f", kinds=[{kind!r}]"
    return f"ds.precompile({where[0]}.{where[1]}, {', '.join(map(repr, given))}{wrt}{kinds})"


def text(root: InferenceTimingNode, tmin: float) -> str:
    """A module of such lines."""
    found = lines(root, tmin)
    total = sum(seconds for rows in found.values() for seconds, _ in rows)
    out = [
        f'"""Derivatives to compile ahead of time: {total:.3f} s in all."""', "",
        *(f"import {module}" for module in sorted(found)), "", "import diffsrc as ds",
    ]  # fmt: skip
    for module, rows in found.items():
        out += ["", f"# {module}: {sum(s for s, _ in rows):.3f} s"]
        out += [f"{line}  # {seconds:.3f} s" for seconds, line in rows]
    return "\n".join(out) + "\n"
