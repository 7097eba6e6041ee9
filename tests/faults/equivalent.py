"""Planted changes that are no faults: what is computed and printed stays right, for the reason given."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {
    "defs.numpy_elementwise:_real:operator:0": (
        "`ct + 0j` and `ct - 0j` both make the real cotangent complex; at most the sign of a zero differs"
    ),
    "ad.activity:Activity._visit:sign:0": (
        "the marks are the least fixed point of steps that only add to a set, repeated until none adds: the order in which "
        "ops are visited decides how many rounds that takes, not what is found"
    ),
    "transform.returns:take_apart:guard ignored:0": (
        "a shortcut: where the shape is that of a leaf, `_opened` gives every returned operand back as it is, and the same "
        "function is built again"
    ),
    "analysis.dispatch:module:condition:0": (
        "`if not TYPE_CHECKING`: two names are imported when the module is; they stand in annotations only, which aren't "
        "evaluated"
    ),
}
