"""Which of the user's lines a running frame serves, and tables of such lines."""

from __future__ import annotations

import functools
import html
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, FrameType

from ..compiler.reads import is_stable
from ..source import NOWHERE, Loc, is_generated, origin_of

#: what was measured: the function itself, and the sweeps of its derivative
PRIMAL, FORWARD, REVERSE = "primal", "forward", "reverse"
SWEEPS = (PRIMAL, FORWARD, REVERSE)


def is_library(module: str | None) -> bool:
    """Whether a module's lines aren't the user's: NumPy, the standard library, this package."""
    return is_stable(module) or (module or "").partition(".")[0] in sys.stdlib_module_names - {"__main__"}


def place_of(frame: FrameType | None, below: CodeType) -> tuple[Loc, str]:
    """The user's line that runs, and its sweep: innermost first among the frames that the code `below` called. NOWHERE where
    none is the user's. A generated line that doesn't say in which sweep it stands is in that of its caller."""
    loc, generated = NOWHERE, False
    while frame is not None and frame.f_code is not below:
        file = frame.f_code.co_filename
        if is_generated(file):
            generated = True
            origin = origin_of(file, frame.f_lineno)
            if origin is not None:
                loc = loc if loc is not NOWHERE else Loc(origin.file, origin.line)
                if origin.sweep:
                    return loc, origin.sweep
        elif loc is NOWHERE and not is_library(frame.f_globals.get("__name__")):
            loc = Loc(file, frame.f_lineno)
        frame = frame.f_back
    if loc is NOWHERE:
        return loc, ""
    return loc, FORWARD if generated else PRIMAL


@functools.cache
def short_name(file: str) -> str:
    """A file's name without its folder."""
    return Path(file).name


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], foot: Sequence[str] = ()) -> str:
    """Rows below a head, in columns; `right`: which are set to the right."""
    wide = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, wide, right)).rstrip()

    rule = "-" * (sum(wide) + 2 * (len(wide) - 1))
    return "\n".join([line(head), rule, *map(line, rows), *([rule, *foot] if foot else [])])


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], foot: Sequence[str] = ()) -> str:
    """The same as HTML."""

    def line(tag: str, cells: Sequence[str]) -> str:
        styles = [f"text-align:{'right' if r else 'left'};padding:1px 8px;white-space:pre" for r in right]
        return "<tr>" + "".join(f'<{tag} style="{s}">{html.escape(c)}</{tag}>' for c, s in zip(cells, styles)) + "</tr>"

    body = "\n".join(line("td", row) for row in rows)
    below = "".join(f"<p>{html.escape(each)}</p>" for each in foot)
    return f'<table style="font-family:monospace;border-collapse:collapse">{line("th", head)}\n{body}</table>{below}'
