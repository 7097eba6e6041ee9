"""Dicts made of other dicts."""

from __future__ import annotations

import numpy as np

from ..data import X3, X5
from ..harness import case


@case(({"a": 2.0, "b": X3},), second=True)
def dict_comp(p):
    q = {k: v * 2.0 for k, v in p.items()}
    r = {k: np.sum(q[k]) for k in ("a", "b")}
    return r["a"] * r["b"]


@case((X5,), second=True)
def dict_update(x):
    d = {"a": x[0], "b": x[1]}
    d["c"] = d["a"] * d["b"]
    d["a"] += d["c"] ** 2
    d.update({"b": d["a"] * 2.0, "e": x[3]})
    return d["a"] * d["b"] * d["c"] * d["e"]
