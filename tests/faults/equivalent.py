"""Planted changes that are no faults: what is computed and printed stays right, for the reason given."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {}
