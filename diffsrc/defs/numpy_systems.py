"""Rows for systems of linear equations that aren't square, or of more than two axes, and for products of several matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_tools import can_not, is_absent, only, rule, swap, total
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
    return shaped, _as_residuals(-r * (dot @ x), out), 0.0, _lstsq_sizes(dot, a)


def _lstsq_of_b_jvp(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    _, r, p = _fitted(a, b, out, options)
    dots = dot[:, None] if b.ndim == 1 else dot
    return p @ dot, _as_residuals(r * dots, out), 0.0, np.zeros_like(out[3])


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
