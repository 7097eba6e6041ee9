"""Every exception that leaves the compiler, and the one renderer of their messages.

A refusal names its code, place, offending line (with a caret), reason and hint::

    DS104: the iterator of this loop can't be differentiated
      --> model.py:12:14
       |
    12 |     for x in numbers():
       |              ^^^^^^^^^
      hint: collect the values in a list first
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .source import NOWHERE, Loc


class DiffsrcError(Exception):
    """Base class: a message with a code, a place in the user's source, and a hint."""

    default_code = "DS000"

    def __init__(self, reason: str, *, loc: Loc = NOWHERE, hint: str = "", code: str = "") -> None:
        self.reason = reason
        self.loc = loc
        self.hint = hint
        self.code = code or self.default_code
        super().__init__(self.render())

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), str(self), self.reason, self.loc, self.hint, self.code)

    def render(self) -> str:
        """The whole message: code and reason, place, source line with a caret, hint."""
        lines = [f"{self.code}: {self.reason}"]
        if self.loc.line:
            lines += _excerpt(self.loc)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


@contextmanager
def placed(loc: Loc) -> Iterator[None]:
    """Give refusals that know no place this one: those of rules, which don't know for which call they run."""
    try:
        yield
    except DiffsrcError as err:
        if err.loc.line:
            raise
        raise type(err)(err.reason, loc=loc, hint=err.hint, code=err.code) from None


def _again(cls: type[DiffsrcError], text: str, reason: str, loc: Loc, hint: str, code: str) -> DiffsrcError:
    """An error of another process, with the message that it had there: its source file may not be here."""
    made = cls(reason, loc=loc, hint=hint, code=code)
    made.args = (text,)
    return made


class UnsupportedError(DiffsrcError):
    """The program holds something that diffsrc refuses to differentiate."""

    default_code = "DS100"


class NoRuleError(UnsupportedError):
    """A function with no derivative rule receives active values."""

    default_code = "DS200"


class AliasError(UnsupportedError):
    """Arrays may overlap in memory in a way that can't be decided, or differs from what was compiled."""

    default_code = "DS300"


class DiffTypeError(UnsupportedError):
    """A type that can't be differentiated, or that inference couldn't decide where it matters."""

    default_code = "DS400"


class ActivityError(DiffsrcError):
    """An activity annotation that doesn't fit its argument."""

    default_code = "DS500"


class InternalError(UnsupportedError):
    """A fault of diffsrc itself: the compiler's own checks failed. Please report it."""

    default_code = "DS900"


def _excerpt(loc: Loc) -> list[str]:
    text = loc.text()
    place = f"{loc.file}:{loc.line}" + (f":{loc.column}" if loc.column else "")
    lines = [f"  --> {ascii(place)[1:-1]}"]
    if not text.strip():
        return lines
    margin = " " * len(str(loc.line))
    lines += [f" {margin} |", f" {loc.line} | {text.expandtabs(1)}"]
    if loc.column:
        width = max(1, min(loc.end_column or loc.column + 1, len(text) + 1) - loc.column)
        lines.append(f" {margin} | {' ' * (loc.column - 1)}{'^' * width}")
    return lines
