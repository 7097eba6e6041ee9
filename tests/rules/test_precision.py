"""Calls that mix precisions: tangents, gradients and gradients inside programs have the dtype of what they belong to."""

from __future__ import annotations

import linecache
import re
from typing import Any

import numpy as np
import pytest

import diffsrc as ds

VALUES: dict[str, Any] = {
    "x": np.array([0.3, 0.9, 1.4]), "f": np.array([0.5, 1.1, 0.7], np.float32), "s": 0.6,
    "F": np.array([[3.5, 0.2, 0.1], [0.4, 2.9, 0.3], [0.2, 0.5, 3.1]], np.float32),
    "c": np.array([0.3 + 1j, 0.9 - 0.4j, 1.4 + 0.2j]),
    "h": np.array([0.3 + 1j, 0.9 - 0.4j, 1.4 + 0.2j], np.complex64), "P": np.array([[3.5, 0.2], [0.2, 2.9]]),
}  # fmt: skip

CALLS = """
np.add(x, x, dtype=np.float32)
np.add(f, f, dtype=np.float64)
np.sin(x, dtype=np.float32)
np.float_power(f, 2)
np.multiply.outer(x, f, dtype=np.float32)
f + x
f * s
s * f
f ** s
f * np.float64(2)
f * np.arange(3)
np.where(f > 0.6, f, x)
np.concatenate([f, x])
np.stack([x, x], dtype=np.float32)
np.array(f, dtype=float)
np.full_like(f, s)
np.full((2, 2), s, dtype=np.float32)
np.sum(f, dtype=np.float64)
np.cumsum(x, dtype=np.float32)
np.add.reduceat(f, [0, 2], dtype=float)
np.matmul(F, x)
np.outer(f, x)
np.einsum("i,i", f, x)
np.linalg.solve(F, x)
np.linalg.slogdet(F)
np.cov(F)
np.cov(F, dtype=np.float32)
np.average(F, axis=0, weights=x)
np.polyval(f, f)
np.convolve(f, x)
np.interp(f, [0.0, 1.0, 2.0], [1.0, 3.0, 2.0])
np.real(c) * f
np.abs(h)
h * x
np.fft.irfft(h)
np.linalg.eig(P)
""".strip().splitlines()


def program(name: str, body: str, **more: Any) -> Any:
    text = f"def program({name}):\n    {body}\n"
    file = f"<{abs(hash(text))}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space = {"np": np, "ds": ds, **more}
    exec(compile(text, file, "exec"), space)  # noqa: S102  text of the table
    return space["program"]


def dtypes(x: Any) -> Any:
    return [dtypes(item) for item in x] if isinstance(x, (tuple, list)) else np.asarray(x).dtype


def leaves(x: Any) -> Any:
    return [leaf for item in x for leaf in leaves(item)] if isinstance(x, (tuple, list)) else [x]


@pytest.mark.parametrize("text", CALLS)
def test_dtypes(text: str) -> None:
    read = re.findall(r"(?<![\w.])\w+", text)
    names = [n for n in VALUES if n in read]
    args = tuple(VALUES[n] for n in names)
    given = ", ".join(names)
    f = program(given, f"return {text}")
    out, dot = ds.jvp(f, args, args)
    assert dtypes(dot) == dtypes(out)
    value, pull = ds.vjp(f, *args)
    assert dtypes(pull(value)) == dtypes(args)
    if np.iscomplexobj(leaves(out)[0]) or "eig" in text:
        return
    total = program(given, f"out = {text}; return np.sum(np.sin(out{'[1]' if isinstance(out, tuple) else ''}))")
    every = tuple(range(len(args)))
    inner = program(given, f"return ds.grad(total, {every})({given})", total=total)
    found, change = ds.jvp(inner, args, args)
    assert dtypes(found) == dtypes(change) == dtypes(args)
    for mine, outer in zip(found, ds.grad(total, every)(*args)):
        np.testing.assert_allclose(mine, outer, rtol=1e-6)
