"""All cases, in the order of topics."""

from __future__ import annotations

from .cases import (  # noqa: F401
    arrays,
    calls,
    contexts,
    control,
    conversions,
    dicts,
    displays,
    elementwise,
    exceptions,
    functions,
    indices,
    kernels,
    kinks,
    inplace,
    layouts,
    linalg,
    lists,
    matching,
    memory,
    nested,
    optional,
    outputs,
    overlaps,
    reductions,
    results,
    scopes,
    solvers,
    refusals,
    statistics,
    structures,
    taken_over,
    tangents,
    unpacking,
    writers,
)
from .harness import CASES, Case
    views,


def cases() -> list[Case]:
    """Every case of the probe."""
    return list(CASES)
