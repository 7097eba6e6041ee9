"""All cases, in the order of topics."""

from __future__ import annotations

from .cases import (  # noqa: F401
    arrays,
    callables,
    calls,
    classes,
    containers,
    contexts,
    control,
    conversions,
    dicts,
    displays,
    elementwise,
    exceptions,
    extremes,
    frozen,
    functions,
    generators,
    held,
    held_objects,
    held_overlaps,
    indices,
    inplace,
    iteration,
    iterators_mixed,
    kernels,
    kinks,
    layouts,
    linalg,
    list_methods,
    lists,
    matching,
    memory,
    models,
    nested,
    optional,
    outputs,
    overlaps,
    programs,
    records,
    reductions,
    refusals,
    results,
    sampling,
    scopes,
    solvers,
    statistics,
    structures,
    tables,
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
