"""The one helper that users call by name."""

from __future__ import annotations

from typing import Any

import numpy as np


def stop_gradient(x: Any) -> Any:
    """`x` as a constant: the same value, without a derivative. Arrays are copied."""
    if isinstance(x, np.ndarray):
        return x.copy()
    if isinstance(x, (list, tuple)):
        items = [stop_gradient(item) for item in x]
        return items if isinstance(x, list) else tuple.__new__(type(x), items)
    if isinstance(x, dict):
        return {key: stop_gradient(item) for key, item in x.items()}
    return x
