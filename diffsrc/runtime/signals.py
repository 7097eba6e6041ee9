"""What generated code needs of filters and boundaries beside NumPy. Each can be pasted alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def lagged_products(w: Any, x: Any, count: int, axis: int = -1) -> Any:
    """The sums of `w[n] * x[n - k]` for the lags k < count along an axis, over all other axes too."""
    w, x = np.moveaxis(np.asarray(w), axis, 0), np.moveaxis(np.asarray(x), axis, 0)
    out = np.zeros(count, np.result_type(w, x))
    for k in range(min(count, len(w))):
        out[k] = np.sum(w[k:] * x[: len(x) - k])
    return out
