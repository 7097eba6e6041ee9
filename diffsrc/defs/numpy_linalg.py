"""Rows for np.linalg: solve, inverse, determinant, powers. A singular matrix may raise.

Stacks of matrices are handled throughout.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array
from .dims import broadcast, broadcast_dim
from .elementwise_types import as_array
from .numpy_tools import (
    can_not,
    cofactors,
    ndim,
    rule,
    swap,
    total,
    types_unless,
)
from .probe import infer_by_trial
from .special import complex_valued, unbroadcast

# -- solve, inverse, determinant


def _matvec(a: Any, v: Any) -> Any:
    """A stack of matrices times a vector or a stack of vectors."""
    return a @ v if ndim(a) == 2 and ndim(v) == 1 else (a @ v[..., None])[..., 0]


def _solve_vec(a: Any, v: Any) -> Any:
    """np.linalg.solve for one vector per matrix."""
    return np.linalg.solve(a, v) if ndim(a) == 2 and ndim(v) == 1 else np.linalg.solve(a, v[..., None])[..., 0]


def _solve_jvp_a(dot: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return -_solve_vec(a, _matvec(dot, out))
    return -np.linalg.solve(a, dot @ out)


def _solve_vjp_a(ct: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        g = _solve_vec(swap(a), ct)
        return -np.outer(g, out) if a.ndim == 2 else -g[..., None] * out[..., None, :]
    g = np.linalg.solve(swap(a), ct)
    return -g @ out.T if a.ndim == b.ndim == 2 else unbroadcast(-g @ swap(out), a)


def _solve_vjp_b(ct: Any, out: Any, a: Any, b: Any) -> Any:
    g = _solve_vec(swap(a), ct) if b.ndim == 1 else np.linalg.solve(swap(a), ct)
    return g if a.ndim == 2 and b.ndim <= 2 else unbroadcast(g, b)


def _solve_type(args: Any, kwargs: Any) -> Any:
    """The dtype by trial; sizes of stacks of matrices are many, and each is known."""
    a, b = map(as_array, args[:2])
    flat = b.ndim == 1
    ones = [Array(a.dtype, (1,) * a.ndim), Array(b.dtype, (1,) * b.ndim)]
    found = infer_by_trial(np.linalg.solve, ones, kwargs)
    stack = broadcast([a.dims[:-2], () if flat else b.dims[:-2]])
    size = broadcast_dim(b.dims[0] if flat else b.dims[-2], a.dims[-1])
    assert isinstance(found, Array)
    return Array(found.dtype, (*stack, size) if flat else (*stack, size, b.dims[-1]))


rule(np.linalg.solve, jvp=_solve_jvp_a, vjp=_solve_vjp_a, raises=True, types=_solve_type)
rule(np.linalg.solve, arg=1, jvp=lambda dot, out, a, b: np.linalg.solve(a, dot), vjp=_solve_vjp_b)
rule(
    np.linalg.inv,
    jvp=lambda dot, out, a: -out @ dot @ out,
    vjp=lambda ct, out, a: -swap(out) @ ct @ swap(out),
    raises=True,
)


def _sum_last_two(a: Any) -> Any:
    return np.sum(a) if a.ndim == 2 else np.sum(a, axis=(-2, -1))


def _per_matrix(ct: Any) -> Any:
    """One number per matrix, to multiply the matrices by."""
    return ct[..., None, None] if ndim(ct) else ct


def _slogdet_jvp(dot: Any, out: Any, a: Any) -> Any:
    slope = _sum_last_two(swap(np.linalg.inv(a)) * dot)
    if complex_valued(a):
        return 1j * out[0] * np.imag(slope), np.real(slope)
    return np.zeros_like(out[0]) if ndim(slope) else 0.0, slope


def _slogdet_vjp(ct: Any, out: Any, a: Any) -> Any:
    scale = ct[1]
    if complex_valued(a):
        scale = scale - 1j * np.real(1j * ct[0] * out[0])
    return _per_matrix(scale) * swap(np.linalg.inv(a))


rule(
    np.linalg.det,
    jvp=lambda dot, out, a: _sum_last_two(cofactors(a) * dot),
    vjp=lambda ct, out, a: _per_matrix(ct) * cofactors(a),
    raises=True,
)
rule(
    np.linalg.slogdet,
    jvp=_slogdet_jvp,
    vjp=_slogdet_vjp,
    raises=True,
    kink="a singular matrix raises LinAlgError",
)


def _power_slope(dot: Any, a: Any, n: int) -> Any:
    """The sum of the products in which one factor of a**n is `dot`."""
    powers = [a]
    while len(powers) < n - 1:
        powers.append(powers[-1] @ a)
    terms = []
    for k in range(n):
        left = powers[k - 1] @ dot if k else dot
        terms.append(left @ powers[n - 2 - k] if k < n - 1 else left)
    return total(terms)


def _matrix_power(dot: Any, a: Any, n: Any) -> Any:
    if not isinstance(n, int):
        raise can_not("np.linalg.matrix_power", "an exponent that isn't a constant", "multiply in a loop, or use inv")
    if n > 0:
        return _power_slope(dot, a, n)
    if n == 0:
        return np.zeros_like(a)
    inverse = np.linalg.inv(a)
    return _power_slope(-inverse @ dot @ inverse, inverse, -n)


rule(
    np.linalg.matrix_power,
    jvp=lambda dot, out, a, n: _matrix_power(dot, a, n),
    vjp=lambda ct, out, a, n: _matrix_power(ct, swap(a), n),
    raises=True,
    types=types_unless(np.linalg.matrix_power, lambda args, kwargs: "exponent 1" if _is(args, 1, 1) else ""),
)


def _is(args: Any, n: Any, value: Any) -> Any:
    return len(args) > n and getattr(args[n], "value", None) == value
