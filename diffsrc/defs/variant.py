"""Which form of a derivative is compiled: what entry points are asked for, and what is noted at a function."""

from __future__ import annotations

from types import FunctionType
from typing import NamedTuple

NOTED = "__diffsrc_variant__"


class Variant(NamedTuple):
    """One of several forms of a derivative.

    unroll    compiled for the sizes of the arguments, with loops of few rounds written out, and small local arrays as numbers
    readable  arrays keep memory of their own: no array is written over one that is dead
    """

    unroll: bool = False
    readable: bool = False

    @property
    def options(self) -> dict[str, bool]:
        """The keyword arguments of an entry point that ask for this form."""
        return {name: True for name, on in self._asdict().items() if on}


PLAIN = Variant()
#: for text that is read again, or stepped through: every operation has a value of its own
READABLE = Variant(readable=True)


def noted_at(fn: object) -> Variant:
    """The form in which every derivative of a function is compiled."""
    found: Variant = fn.__dict__.get(NOTED, PLAIN) if isinstance(fn, FunctionType) else PLAIN
    return found


def variant_of(fn: object, asked: Variant = PLAIN) -> Variant:
    """The form that an entry point or the function itself asks for."""
    noted = noted_at(fn)
    return asked if noted is PLAIN else Variant(*(a or b for a, b in zip(asked, noted)))
