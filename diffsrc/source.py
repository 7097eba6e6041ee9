"""Places in source files: `Loc` is carried by every value and op of the IR, `SourceFile` gives the lines back."""

from __future__ import annotations

import linecache
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loc:
    """A place in a file: line counts from 1, column from 1 (0 when not known)."""

    file: str
    line: int
    column: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def text(self) -> str:
        """The source line, without its newline; empty when the file cannot be read."""
        return linecache.getline(self.file, self.line).rstrip("\r\n")


NOWHERE = Loc("<diffsrc>", 0)


def is_generated(file: str) -> bool:
    """Whether a file is text of this compiler."""
    return file.startswith("<diffsrc")


def register_generated(name: str, text: str) -> None:
    """Enter generated source into `linecache`, so tracebacks and pdb show its lines."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
