"""The slopes of Voigt's profile, as a function of partial texts."""

from __future__ import annotations

from typing import Any

from ...runtime import voigt
from ..special import in_texts
from ..table import elementwise

texts: Any = in_texts("voigt", voigt)


def _partial(text: str, factor: Any, more: int) -> Any:
    def partial(x: Any, y: Any, z: Any, out: Any, w: Any = 1) -> Any:
        found = texts.voigt_by_x(x, y, z, w + more)
        return found if factor is None else factor(y) * found

    partial.__doc__ = text
    return partial


elementwise(
    voigt.voigt_by_x,
    _partial("voigt.voigt_by_x(x, y, z, w + 1)", None, 1),
    _partial("y * voigt.voigt_by_x(x, y, z, w + 2)", lambda y: y, 2),
    _partial("1j * voigt.voigt_by_x(x, y, z, w + 1)", lambda y: 1j, 1),
    None,
    name="voigt_by_x", params=("x", "y", "z", "w"), singular=True, domain=(0.4, 2.0),
)  # fmt: skip
