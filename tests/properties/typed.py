"""The types of the variables of random programs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ty:
    """A kind: f float, i int in low..high, n a small count, b bool, a array, L list of floats, LA list of arrays, T pair
    of floats, D dict, S struct (low: may be written), g function of a float. `low` of a list: its least length."""

    kind: str
    shape: tuple[int, ...] = ()
    low: int = 0
    writable: bool = False
    high: int = 0


Env = dict[str, Ty]


def array(*shape: int) -> Ty:
    return Ty("a", shape)


def indent(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]
