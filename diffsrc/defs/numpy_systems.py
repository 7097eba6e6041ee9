"""Rows for systems of linear equations that aren't square, or of more than two axes, and for products of several matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_tools import (
    can_not,
    given,
    inverse,
    is_absent,
    is_display,
    like_display,
    norm_axes,
    only,
    rule,
    swap,
    total,
    transposed,
)  # fmt: skip
from .special import complex_valued


def _real(a: Any) -> None:
    if complex_valued(a):
        raise can_not("np.linalg.lstsq", "a complex matrix", "use np.linalg.pinv(a) @ b")


def _unpacked(out: Any) -> tuple[Any, Any, Any]:
    return out[0], out[1], out[2]


def _fitted(a: Any, b: Any, out: Any, options: Any) -> tuple[Any, Any, Any]:
    """Solution and residual as columns, and the inverse of `a`."""
    only("np.linalg.lstsq", options, "rcond")
    _real(a)
    _real(b)
    flat = b.ndim == 1
    x, y = (out[0][:, None], b[:, None]) if flat else (out[0], b)
    return x, y - a @ x, np.linalg.pinv(a)


def _lstsq_sizes(dot: Any, a: Any) -> Any:
    u, _, vt = _unpacked(np.linalg.svd(a, full_matrices=False))
    return np.sum(u * (dot @ swap(vt)), axis=0)


def _as_residuals(change: Any, out: Any) -> Any:
    return 2.0 * np.sum(change, axis=0) * np.ones_like(out[1])


def _lstsq_of_a_jvp(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    x, r, p = _fitted(a, b, out, options)
    x_dot = p @ (swap(p) @ (swap(dot) @ r)) - p @ (dot @ x)
    turned = swap(dot) @ (swap(p) @ x)
    x_dot = x_dot + turned - p @ (a @ turned)
    shaped = x_dot[:, 0] if b.ndim == 1 else x_dot
    return shaped, _as_residuals(-r * (dot @ x), out), 0, _lstsq_sizes(dot, a)


def _lstsq_of_b_jvp(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    _, r, p = _fitted(a, b, out, options)
    dots = dot[:, None] if b.ndim == 1 else dot
    return p @ dot, _as_residuals(r * dots, out), 0, np.zeros_like(out[3])


def _as_columns(ct: Any, b: Any) -> Any:
    return ct[:, None] if b.ndim == 1 else ct


def _lstsq_of_a_vjp(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    x, r, p = _fitted(a, b, out, options)
    terms = []
    if not is_absent(ct[0]):
        g = _as_columns(ct[0], b)
        y = swap(p) @ g
        terms.append(r @ swap(p @ y) - y @ swap(x) + (swap(p) @ x) @ swap(g - swap(a) @ y))
    if not is_absent(ct[1]):
        terms.append(-2.0 * (r * ct[1]) @ swap(x))
    if not is_absent(ct[3]):
        u, _, vt = _unpacked(np.linalg.svd(a, full_matrices=False))
        terms.append((u * ct[3]) @ vt)
    return total(terms)


def _lstsq_of_b_vjp(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    _, r, p = _fitted(a, b, out, options)
    terms = [] if is_absent(ct[0]) else [swap(p) @ _as_columns(ct[0], b)]
    if not is_absent(ct[1]):
        terms.append(2.0 * r * ct[1])
    if not terms:
        return np.zeros_like(b)
    g = total(terms)
    return g[:, 0] if b.ndim == 1 else g


rule(np.linalg.lstsq, jvp=_lstsq_of_a_jvp, vjp=_lstsq_of_a_vjp, raises=True, kink="the rank is taken as constant")
rule(np.linalg.lstsq, arg=1, jvp=_lstsq_of_b_jvp, vjp=_lstsq_of_b_vjp)

# -- systems of more than two axes


def _front(a: Any, axes: Any) -> list[int]:
    """The axes of `a` with those that are given behind the others."""
    moved = () if axes is None else norm_axes(axes, a.ndim)
    return [k for k in range(a.ndim) if k not in moved] + list(moved)


def _tensorsolve_a_jvp(dot: Any, out: Any, a: Any, b: Any, axes: Any = None) -> Any:
    change = np.tensordot(transposed(dot, _front(a, axes)), out, out.ndim)
    return -np.linalg.tensorsolve(a, change, **given(axes=axes))


def _solved_back(ct: Any, a: Any, b: Any, axes: Any) -> Any:
    """The solution of the transposed system."""
    order = _front(a, axes)
    return np.linalg.tensorsolve(transposed(a, order[b.ndim :] + order[: b.ndim]), ct)


def _tensorsolve_a_vjp(ct: Any, out: Any, a: Any, b: Any, axes: Any = None) -> Any:
    g = -np.tensordot(_solved_back(ct, a, b, axes), out, 0)
    return transposed(g, inverse(_front(a, axes)))


rule(np.linalg.tensorsolve, jvp=_tensorsolve_a_jvp, vjp=_tensorsolve_a_vjp, raises=True)
rule(
    np.linalg.tensorsolve, arg=1,
    jvp=lambda dot, out, a, b, axes=None: np.linalg.tensorsolve(a, dot, **given(axes=axes)),
    vjp=lambda ct, out, a, b, axes=None: _solved_back(ct, a, b, axes),
)  # fmt: skip


def _tensorinv_jvp(dot: Any, out: Any, a: Any, ind: int = 2) -> Any:
    return -np.tensordot(np.tensordot(out, dot, ind), out, a.ndim - ind)


def _tensorinv_vjp(ct: Any, out: Any, a: Any, ind: int = 2) -> Any:
    turned = transposed(out, [*range(a.ndim - ind, a.ndim), *range(a.ndim - ind)])
    return -np.tensordot(np.tensordot(turned, ct, a.ndim - ind), turned, ind)


rule(np.linalg.tensorinv, jvp=_tensorinv_jvp, vjp=_tensorinv_vjp, raises=True)

# -- products of several matrices


def _product(factors: list[Any]) -> Any:
    """By plain products where there are one or two factors."""
    if len(factors) > 2:
        return np.linalg.multi_dot(factors)
    return factors[0] if len(factors) == 1 else factors[0] @ factors[1]


def _factors(arrays: Any) -> list[Any]:
    if not is_display(arrays):
        raise can_not("np.linalg.multi_dot", "a list made at run time, or one array", "multiply in a loop")
    return list(arrays)


def _multi_dot_jvp(dot: Any, out: Any, arrays: Any) -> Any:
    factors = _factors(arrays)
    return total([_product([*factors[:k], d, *factors[k + 1 :]]) for k, d in enumerate(dot)])


def _multi_dot_vjp(ct: Any, out: Any, arrays: Any) -> Any:
    """Each factor receives `ct` between the transposed products of those before and behind it."""
    factors = _factors(arrays)
    return like_display(arrays, [_received(ct, factors, k) for k in range(len(factors))])


def _received(ct: Any, factors: list[Any], k: int) -> Any:
    last = len(factors) - 1
    vector_first, vector_last = factors[0].ndim == 1, factors[last].ndim == 1
    if k:
        before = _product(factors[:k])
        if vector_first:
            ct = ct * before if vector_last else np.outer(before, ct)
        else:
            ct = before.T @ ct
        vector_first = False
    if k == last:
        return ct
    after = _product(factors[k + 1 :])
    if vector_last:
        return ct * after if vector_first else np.outer(ct, after)
    return after @ ct if vector_first else ct @ after.T


rule(np.linalg.multi_dot, jvp=_multi_dot_jvp, vjp=_multi_dot_vjp, linear=True, raises=True)
