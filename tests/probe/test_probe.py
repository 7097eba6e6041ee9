"""Every construct of the probe is right, or refused where `REFUSED` says so."""

from __future__ import annotations

import pytest

from .collect import cases
from .harness import Case, judge

#: constructs that are refused by name: the syntax table or the types say why
REFUSED = frozenset({
    "context_swallows", "exception_carries_value", "exit_in_finally", "written_by_callee_that_raises",

    "optional_function",
    "generator_next", "generator_method_break", "generator_method_writes", "generator_method_written_by_consumer",
    "genexp_tuple", "maybe_function", "chosen_active",
    "generator_with_global", "shape_of_gamma", "iter_next",

    "broadcast_to_read", "data_buffer", "frombuffer_aliases", "masked_array", "matrix_class",
    "nditer_loop", "nditer_writing", "object_array",
    "setflags_used", "sliding_window_then_written", "strided", "strides_assigned", "structured_array",
    "view_of_other_dtype",
})  # fmt: skip


@pytest.mark.parametrize("c", cases(), ids=lambda c: f"{c.topic}.{c.name}")
def test_construct(c: Case) -> None:
    verdict = judge(c)
    if c.name in REFUSED:
        assert verdict.kind == "refused", f"{verdict.kind}: take {c.name} off the list\n{verdict.detail}"
    else:
        assert verdict.kind == "right", f"{verdict.kind}: {verdict.detail}"


def test_names_are_unique() -> None:
    names = [c.name for c in cases()]
    assert len(names) == len(set(names))
    assert set(names) >= REFUSED
    assert len(names) >= 150
