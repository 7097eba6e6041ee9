"""All cases, in the order of topics."""

from __future__ import annotations

from .cases import (  # noqa: F401
    arrays,
    calls,
    contexts,
    control,
    conversions,
    dicts,
    elementwise,
    exceptions,
    functions,
    indices,
    kernels,
    kinks,
    layouts,
    linalg,
    lists,
    matching,
    memory,
    nested,
    optional,
    programs,
    overlaps,
    reductions,
    results,
    scopes,
    solvers,
    statistics,
    structures,
    taken_over,
    tangents,
    unpacking,
    writers,
)
from .harness import CASES, Case


def cases() -> list[Case]:
    """Every case of the probe."""
    return list(CASES)
