"""Which of the user's lines a running frame serves, and tables of such lines."""

from __future__ import annotations

import ast
import functools
import html
import linecache
import os
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Protocol, TypeVar

from ..compiler.reads import is_stable
from ..defs.transforms import MARK
from ..errors import ActivityError
from ..source import NOWHERE, Loc, is_generated, origin_of

#: what was measured: the function itself, and the sweeps of its derivative
PRIMAL, FORWARD, REVERSE = "primal", "forward", "reverse"
T = TypeVar("T")
SWEEPS = (PRIMAL, FORWARD, REVERSE)


def is_followed(frame: FrameType) -> bool:
    """Whether the lines of a frame are the user's, or serve them."""
    return is_generated(frame.f_code.co_filename) or _is_users(frame.f_code, frame.f_globals.get("__name__"))


@functools.lru_cache(maxsize=4096)
def _is_users(code: CodeType, module: str | None) -> bool:
    """Whether code isn't that of NumPy, the standard library or this package, and has lines (what dataclasses write for
    themselves has none)."""
    file = code.co_filename
    if is_stable(module) or (file.startswith(_standard_library()) and "-packages" not in file):
        return False
    return bool(linecache.getline(file, code.co_firstlineno))


@functools.cache
def _standard_library() -> tuple[str, ...]:
    """The folders of the standard library, in which those of installed packages (`site-packages`) may be."""
    return tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib")})


def place_of(frame: FrameType | None, below: CodeType, sweep: str) -> tuple[Loc, str]:
    """The user's line that runs, and its sweep: innermost first among the frames that the code `below` called. NOWHERE where
    none is the user's. A generated line that doesn't say in which sweep it stands is in that of its caller. `sweep`: of lines
    that nothing generated called."""
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
        elif loc is NOWHERE and is_followed(frame):
            loc = Loc(file, frame.f_lineno)
        frame = frame.f_back
    if loc is NOWHERE:
        return loc, ""
    return loc, FORWARD if generated else sweep


@dataclass(frozen=True, slots=True)
class Owner:
    """The function that a line belongs to: its file, its first line as Python counts it (that of a decorator), its name."""

    file: str
    line: int
    name: str


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def owner_of(file: str, line: int) -> Owner:
    """The innermost function around a line; the module where there is none."""
    found = Owner(file, 1, "<module>")
    for first, last, name in _functions_in(file, "".join(linecache.getlines(file))):
        if first <= line <= last and first >= found.line:
            found = Owner(file, first, name)
    return found


@functools.lru_cache(maxsize=256)
def _functions_in(file: str, text: str) -> list[tuple[int, int, str]]:
    """First line, last line and name of the functions of a file."""
    try:
        nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, _FUNCTIONS)]
    except SyntaxError:
        return []
    found = []
    for n in nodes:
        decorators = [] if isinstance(n, ast.Lambda) else n.decorator_list
        first = min([n.lineno, *(d.lineno for d in decorators)])
        found.append((first, n.end_lineno or n.lineno, "<lambda>" if isinstance(n, ast.Lambda) else n.name))
    return found


@functools.cache
def short_name(file: str) -> str:
    """A file's name without its folder."""
    return Path(file).name


def function_of(f: Any) -> Any:
    """The function that a derivative was made of; None for what isn't a derivative."""
    found = None
    while (made := getattr(f, "__dict__", {}).get(MARK)) is not None:
        f = found = made[1]
    return found


class _Rows(Protocol[T]):
    @property
    def rows(self) -> list[T]: ...

    def by_line(self) -> list[T]: ...


def sorted_by(sort: str, profile: _Rows[T]) -> list[T]:
    """The rows of a profile, the costliest first ("total") or as in the source ("line")."""
    if sort not in ("total", "line"):
        raise ActivityError(f"sort {sort!r}", hint="one of total, line")
    return profile.rows if sort == "total" else profile.by_line()


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
    style = "font-family:monospace;border-collapse:collapse;margin:12px 0"
    return f'<table style="{style}">{line("th", head)}\n{body}</table>{below}'
