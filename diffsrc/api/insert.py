"""`ds.insert_grad_of`: statements of the reverse sweep. The compiler knows it by this registration."""

from __future__ import annotations

from ..defs.transforms import enter
from ..runtime.insert import insert_grad_of

enter(insert_grad_of, "insert_grad_of")

__all__ = ["insert_grad_of"]
