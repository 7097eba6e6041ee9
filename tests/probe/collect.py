"""All cases, in the order of topics."""

from __future__ import annotations

from .cases import (  # noqa: F401
    arrays,
    callables,
    calls,
    contexts,
    control,
    conversions,
    dicts,
    displays,
    elementwise,
    exceptions,
    extremes,
    functions,
    generators,
    held,
    held_objects,
    held_overlaps,
    indices,
    inplace,
    iteration,
    kernels,
    kinks,
    layouts,
    linalg,
    lists,
    matching,
    memory,
    nested,
    optional,
    outputs,
    overlaps,
    programs,
    reductions,
    refusals,
    results,
    sampling,
    scopes,
    solvers,
    statistics,
    structures,
    taken_over,
    tangents,
    unpacking,
    views,
    writers,
)
from .harness import CASES, Case


def cases() -> list[Case]:
    """Every case of the probe."""
    return list(CASES)
