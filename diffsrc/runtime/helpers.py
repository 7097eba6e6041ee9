"""Functions that generated code calls where plain NumPy has no word for it. Each can be pasted alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def unbroadcast(g: Any, x: Any) -> Any:
    """Sum `g` over the axes along which NumPy broadcast `x`: the result has the shape of `x`."""
    shape = np.shape(x)
    extra = np.ndim(g) - len(shape)
    if extra > 0:
        g = np.sum(g, axis=tuple(range(extra)))
    axes = tuple(k for k, n in enumerate(shape) if n == 1 and np.shape(g)[k] != 1)
    return np.sum(g, axis=axes, keepdims=True) if axes else g


def recurrence(a: Any, b: Any, axis: int = 0) -> Any:
    """The solution of `s[k] = a[k] * s[k - 1] + b[k]`, `s[0] = b[0]`, along an axis (a[0] is not used)."""
    a = np.moveaxis(np.asarray(a), axis, 0)
    s = np.moveaxis(np.array(b, dtype=np.result_type(a, b)), axis, 0)
    for k in range(1, len(s)):
        s[k] += a[k] * s[k - 1]
    return np.moveaxis(s, 0, axis)
