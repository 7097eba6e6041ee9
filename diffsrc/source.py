"""Places in source files: `Loc` is carried by every value and op of the IR, `SourceFile` gives the lines back."""

from __future__ import annotations

import functools
import linecache
from collections.abc import Callable, Mapping

from .plain import dataclass


@dataclass(frozen=True, slots=True)
class Loc:
    """A place in a file: line counts from 1, column from 1 (0 when not known). Of what serves it in a derivative, `sweep` is
    the part that it stands in, "forward" or "reverse"."""

    file: str
    line: int
    column: int = 0
    end_column: int = 0
    sweep: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def text(self) -> str:
        """The source line, without its newline; empty when the file cannot be read."""
        return linecache.getline(self.file, self.line).rstrip("\r\n")


NOWHERE = Loc("<diffsrc>", 0)


def is_generated(file: str) -> bool:
    """Whether a file is text of this compiler."""
    return file.startswith("<diffsrc")


#: of generated text, by file: what gives each line's place in the user's source
_ORIGINS: dict[str, Callable[[], Mapping[int, Loc]]] = {}


def register_text(name: str, text: str) -> None:
    """Enter the source text of a file that isn't on this machine into `linecache`."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)


def register_generated(name: str, text: str, origins: Callable[[], Mapping[int, Loc]] = dict) -> None:
    """Enter generated source into `linecache`, so tracebacks and pdb show its lines. `origins`: which line of the user each
    line serves; asked for when it is needed."""
    register_text(name, text)
    _ORIGINS[name] = functools.cache(origins)


def origins_of(file: str) -> Mapping[int, Loc]:
    """The user's line that each line of generated text serves."""
    found = _ORIGINS.get(file)
    return {} if found is None else found()


def origin_of(file: str, line: int) -> Loc | None:
    """The user's line that a line of generated text serves; None for one that serves none, and for other files."""
    found = _ORIGINS.get(file)
    return None if found is None else found().get(line)
