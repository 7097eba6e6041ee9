"""Seconds that functions ran, from profiles: of `cProfile`, of `ds.profile`, or whatever has `.functions()`.

What a function does in library functions is its own time: the seconds of a function that nobody asks for go to its callers,
in proportion to the time that each of them spent in it.
"""

from __future__ import annotations

import cProfile
import os
import pstats
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ..errors import ActivityError

#: of a function: file, first line, name
Key = tuple[str, int, str]
Owner = TypeVar("Owner", bound=Hashable)

PACKAGE = str(Path(__file__).parents[1]) + os.sep
_RUNTIME = f"{PACKAGE}runtime{os.sep}"


class Profile(Protocol):
    """A profile as this module reads it."""

    def functions(self) -> Mapping[Key, float]:
        """Seconds by function (file, first line, name), each without those of other functions in it."""


def seconds_by(profile: Any, owner: Callable[[Key], Owner | None]) -> dict[Owner, float]:
    """Add up a profile.

    Args:
        profile: a `cProfile.Profile`, a `pstats.Stats`, or an object with `functions()`, as `ds.profile` gives it.
        owner: to whom the seconds of a function go; None where its callers have them.

    Raises:
        ActivityError: it is no profile.
    """
    if isinstance(profile, cProfile.Profile):
        profile.create_stats()
        return _of_calls(profile.stats, owner)
    if isinstance(profile, pstats.Stats):
        return _of_calls(vars(profile)["stats"], owner)
    if not hasattr(profile, "functions"):
        raise ActivityError(
            f"{type(profile).__name__} isn't a profile", hint="pass what cProfile, pstats or ds.profile gives"
        )
    out: dict[Owner, float] = {}
    for key, seconds in profile.functions().items():
        if (found := owner(key)) is not None:
            out[found] = out.get(found, 0.0) + seconds
    return out


#: by function: calls, calls without recursion, seconds of its own, cumulative seconds, the same from each caller
_Stats = Mapping[Key, tuple[int, int, float, float, Mapping[Key, tuple[int, int, float, float]]]]


def _of_calls(stats: _Stats, owner: Callable[[Key], Owner | None]) -> dict[Owner, float]:
    owners = {key: found for key in stats if (found := owner(key)) is not None}
    out: dict[Owner, float] = {}
    parts = _parts(stats, owners)
    for key, (_, _, own, _, _) in stats.items():
        for found, part in parts.get(key, {}).items():
            out[found] = out.get(found, 0.0) + own * part
    return out


def _parts(stats: _Stats, owners: Mapping[Key, Owner]) -> dict[Key, dict[Owner, float]]:
    """Which part of the seconds of each function goes to whom."""
    parts = {key: {found: 1.0} for key, found in owners.items()}
    shared = {key: _weights(key, entry[4]) for key, entry in stats.items() if key not in owners and not _is_ours(key)}
    for _ in range(len(shared) + _ROUNDS):  # as deep as calls are nested; more where functions call each other
        new = {}
        for key, weights in shared.items():
            found: dict[Owner, float] = {}
            for caller, weight in weights.items():
                for to, part in parts.get(caller, {}).items():
                    found[to] = found.get(to, 0.0) + weight * part
            if found != parts.get(key, {}):
                new[key] = found
        if all(_near(found, parts.get(key, {})) for key, found in new.items()):
            break
        parts.update(new)
    return parts


_ROUNDS = 100


def _weights(key: Key, callers: Mapping[Key, tuple[int, int, float, float]]) -> dict[Key, float]:
    """Which part of its seconds each caller spent in a function; its calls of itself aren't counted."""
    spent = {caller: entry[3] for caller, entry in callers.items() if caller != key}
    total = sum(spent.values())
    return {caller: seconds / total if total else 1.0 / len(spent) for caller, seconds in spent.items()}


def _near(a: Mapping[Owner, float], b: Mapping[Owner, float]) -> bool:
    return all(abs(a.get(k, 0.0) - b.get(k, 0.0)) < 1e-6 for k in {*a, *b})


def _is_ours(key: Key) -> bool:
    """Whether a function is the compiler's: what it does isn't running."""
    return key[0].startswith(PACKAGE) and not key[0].startswith(_RUNTIME)
