"""Type rules against NumPy: whatever a rule claims holds for all sizes for which the function doesn't
raise."""

# ruff: noqa: E501
from __future__ import annotations

import itertools
import math
import operator
import warnings
from typing import Any

import numpy as np
import pytest

from diffsrc.analysis.typeof import parse_type
from diffsrc.defs import rows  # noqa: F401  they fill the table
from diffsrc.defs.dims import dim_int
from diffsrc.defs.probe import infer_by_trial
from diffsrc.defs.shapes import refined
from diffsrc.defs.table import Def, lookup
from diffsrc.errors import DiffTypeError
from diffsrc.ir.types import DTYPES, INT, Array, Lit, Scalar, Tuple, Type, strip
from diffsrc.ir.values import literal_type
from tests.analysis.interpreter import Frame

SIZES = {"n": (0, 2, 3, 5), "m": (2, 3, 4), "k": (3, 2, 0), "p": (2, 5)}
FREE = (1, 3, 2, 0)


def dim(name: str) -> Type:
    return dim_int(name)


def many(*items: object) -> Type:
    return Tuple(tuple(map(as_type, items)))


def as_type(x: object) -> Type:
    if isinstance(x, Type):
        return x
    return parse_type(x) if isinstance(x, str) else literal_type(x)


BINARY = [
    (fn, a, b)
    for fn in (operator.add, operator.truediv, np.maximum, operator.lt, np.arctan2)
    for a, b in itertools.product(
        ("f64", "f64[n]", "f64[n, m]", "f64[:]", "f64[1, m]", "f64[%k]", "f64[n-1]"), repeat=2
    )
]
CASES: list[tuple[Any, ...]] = [
    *BINARY,
    (operator.matmul, "f64[n, m]", "f64[k]"), (operator.matmul, "f64[n, m]", "f64[k, p]"),
    (operator.matmul, "f64[:, :]", "f64[:]"), (operator.matmul, "f64[p, n, m]", "f64[:, m, k]"),
    (np.dot, "f64[n]", "f64[m]"), (np.outer, "f64[n]", "f64[:]"), (np.inner, "f64[n, m]", "f64[k, p]"),
    (np.einsum, Lit("ij,jk->ik", parse_type("str")), "f64[n, m]", "f64[k, p]"),
    (np.einsum, Lit("ij,j->i", parse_type("str")), "f64[n, :]", "f64[m]"),
    (np.tensordot, "f64[n, m]", "f64[k, p]", 1), (np.kron, "f64[n]", "f64[m]"),
    (np.sum, "f64[n, m]"), (np.sum, "f64[n, m]", 0), (np.sum, "f64[n, :]", -1), (np.cumsum, "f64[n, m]", 1),
    (np.mean, "f64[n, m]", many(0, 1)), (np.diff, "f64[n]"), (np.diff, "f64[n, m]"), (np.argmax, "f64[n, m]", 0),
    (np.linalg.solve, "f64[n, m]", "f64[k]"), (np.linalg.inv, "f64[n, m]"), (np.linalg.det, "f64[n, m]"),
    (np.linalg.svd, "f64[n, m]"), (np.linalg.qr, "f64[n, m]"), (np.linalg.slogdet, "f64[n, m]"),
    (np.linalg.norm, "f64[n, m]"), (np.linalg.eigh, "f64[n, m]"), (np.linalg.pinv, "f64[n, m]"),
    (np.zeros, dim("n")), (np.zeros, many(dim("n"), 3)), (np.ones, many(dim("%k"), dim("n-1"))), (np.eye, dim("n")),
    (np.arange, dim("n")), (np.arange, 2, dim("n")), (np.arange, 0.0, "f64", 0.25), (np.linspace, 0.0, 1.0, dim("n")),
    (np.concatenate, many("f64[n]", "f64[m]")), (np.concatenate, many("f64[n]", "f64[2]")),
    (np.concatenate, many("f64[n-2]", "f64[2]")), (np.concatenate, many("f64[n, m]", "f64[k, p]"), 1),
    (np.stack, many("f64[n]", "f64[m]")), (np.vstack, many("f64[n]", "f64[m]")), (np.hstack, many("f64[n]", "f64[n]")),
    (np.column_stack, many("f64[n]", "f64[m]")), (np.array, many("f64", "f64", 1.0)), (np.array, many("f64[n]", "f64[m]")),
    (np.reshape, "f64[n, m]", -1), (np.reshape, "f64[n]", many(dim("n"), 1)), (np.reshape, "f64[n, m]", many(dim("m"), -1)),
    (np.transpose, "f64[n, m]"), (np.squeeze, "f64[n, 1]"), (np.expand_dims, "f64[n]", 0), (np.moveaxis, "f64[n, m, k]", 0, 2),
    (np.diag, "f64[n]"), (np.diag, "f64[n, m]"), (np.trace, "f64[n, m]"), (np.tril, "f64[n, m]"), (np.roll, "f64[n]", "i64"),
    (np.broadcast_to, "f64[:]", many(dim("n"), dim("m"))), (np.tile, "f64[n]", 2), (np.repeat, "f64[n]", 2),
    (np.flip, "f64[n]"), (np.rot90, "f64[n, m]"), (np.sort, "f64[n]"), (np.where, "b1[n]", "f64[:]", 0.0),
    (np.where, "b1[n]"), (np.clip, "f64[n]", 0.2, 0.8), (np.pad, "f64[n]", 1), (np.interp, "f64[n]", "f64[m]", "f64[m]"),
    (np.convolve, "f64[n]", "f64[m]"), (np.fft.fft, "f64[n]"), (np.fft.rfft, "f64[n]"), (np.fft.irfft, "c128[n]"),
    (np.vander, "f64[n]", 3), (np.meshgrid, "f64[n]", "f64[m]"), (np.take, "f64[n, m]", "i64[k]", 0),
    (np.unique, "f64[n]"), (np.atleast_2d, "f64[n]"), (np.cov, "f64[n, m]"), (np.full, dim("n"), 0.5),
    (np.triu_indices, dim("n")), (np.searchsorted, "f64[n]", "f64[m]"), (np.split, "f64[n]", 2), (np.cross, "f64[3]", "f64[m, 3]"),
    (np.zeros_like, "f64[n, m]"), (np.full_like, "f64[n]", 1.0), (np.median, "f64[n, m]", 0), (np.average, "f64[n]"),
    (np.swapaxes, "f64[n, m]", 0, 1), (np.nan_to_num, "f64[n]"), (np.count_nonzero, "f64[n]"), (np.ptp, "f64[n, m]", 1),
    (math.sin, "f64"), (math.floor, "f64"), (abs, "f64"), (round, "f64"), (divmod, "f64", 2.0), (pow, "f64", 2),
    (operator.pow, "f64", "i64"), (operator.add, "f32[n]", "f64"), (operator.add, "f32[n]", Scalar("f64")),
    (operator.mul, "i64[n]", "f64"), (operator.add, "b1[n]", 1), (np.sqrt, "i64[n]"), (np.add, "i32[n]", "i64[n]"),
    (max, "f64", 0.0), (sum, "f64[n]"), (len, "f64[n, m]"), (np.exp, "f16[n]"), (np.abs, "c128[n]"),
]  # fmt: skip


def sizes(cases: tuple[Type, ...]) -> list[dict[str, int]]:
    names = sorted(n for n in SIZES if any(n in str(t) for t in cases) or any(_counts(t, n) for t in cases))
    return [dict(zip(names, c)) for c in itertools.product(*(SIZES[n] for n in names))]


def _counts(t: Type, name: str) -> bool:
    if isinstance(t, Tuple):
        return any(_counts(i, name) for i in t.items)
    return name in str(getattr(t, "dim", ""))


def concrete(d: Any, env: dict[str, int], free: int) -> int:
    if isinstance(d, int):
        return d
    if d is None or d.startswith("%"):
        return free
    return max(env[d[0]] + int(d[1:] or 0), 0)


def value(t: Type, env: dict[str, int], free: int) -> Any:
    if isinstance(t, Lit):
        return t.value
    if isinstance(t, Tuple):
        return tuple(value(i, env, free) for i in t.items)
    if isinstance(t, Array):
        shape = tuple(concrete(d, env, free) for d in t.dims)
        out = np.linspace(0.2, 0.9, int(np.prod(shape))).reshape(shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            out = out + out.T + 3.0 * np.eye(shape[0])
        return (out if t.dtype[0] in "fc" else np.zeros(shape)).astype(DTYPES[t.dtype])
    if getattr(t, "dim", None) is not None:
        return concrete(t.dim, env, free)
    assert isinstance(t, Scalar)
    return {"float": 0.7, "int": 2, "f64": np.float64(0.7)}[t.kind]


def label(case: tuple[Any, ...]) -> str:
    return f"{getattr(case[0], '__name__', case[0])}-" + "-".join(map(str, case[1:]))


@pytest.mark.parametrize("case", CASES, ids=label)
def test_claims_hold(case: tuple[Any, ...]) -> None:
    fn, *given = case
    types = tuple(map(as_type, given))
    row = lookup(fn) or Def(fn.__name__, fn, "general")
    try:
        claimed = refined(row, types, {})
    except DiffTypeError:
        claimed = None
    ran = 0
    for env in sizes(types):
        for free in FREE:
            args = [value(t, env, free) for t in types]
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    result = fn(*args)
            except (TypeError, ValueError, IndexError, ArithmeticError, DeprecationWarning):
                continue
            ran += 1
            assert claimed is not None, "runs, but has no type"
            check(result, claimed, env, free)
    assert claimed is None or ran


def check(result: Any, claimed: Type, env: dict[str, int], free: int) -> None:
    frame = Frame.__new__(Frame)
    frame.sizes = dict(env)
    if isinstance(claimed, Tuple):
        assert len(result) == len(claimed.items)
        for r, t in zip(result, claimed.items):
            check(r, t, env, free)
        return
    t = strip(claimed) if not isinstance(claimed, Lit) else claimed
    if isinstance(t, Array):
        assert isinstance(result, np.ndarray)
        assert (result.dtype, result.ndim) == (np.dtype(DTYPES[t.dtype]), t.ndim)
        for d, size in zip(t.dims, result.shape):
            assert d is None or concrete(d, env, free) == size, (claimed, result.shape, env, free)
    elif isinstance(t, Scalar) and t.kind not in ("float", "int", "bool"):
        assert isinstance(result, np.generic)
        assert result.dtype == np.dtype(DTYPES[t.kind])
    elif isinstance(t, Scalar):
        assert isinstance(result, {"float": (float, int), "int": (int, np.integer), "bool": (bool, np.bool_)}[t.kind])


def test_ints_that_are_sizes() -> None:
    n = dim_int("n")
    row = lookup(operator.sub)
    assert row is not None
    assert refined(row, (n, Lit(2, INT)), {}) == dim_int("n-2")
    assert refined(row, (dim_int("n-2"), dim_int("n-3")), {}) == INT
    add = lookup(operator.add)
    assert add is not None
    assert refined(add, (dim_int("n-2"), Lit(2, INT)), {}) == INT


def test_a_function_that_is_gone_says_nothing_of_others() -> None:
    """Another function may get the `id` of one that was tried before."""

    def tried(real: bool) -> Type:
        return infer_by_trial((lambda x: x * 2.0) if real else (lambda x: x * 2j), (Array("f64", (3,)),), {})

    for real in (True, False) * 20:
        assert tried(real) == Array("f64" if real else "c128", (3,))
