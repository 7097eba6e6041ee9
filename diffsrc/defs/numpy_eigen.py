"""Rows for eigenvalues and eigenvectors.

The derivative is that of the function as NumPy computes it: `eigh` and `eigvalsh` read one triangle only, so the other has
derivative zero, and vectors are scaled as LAPACK scales them. Where a part of the result isn't used its terms are left out:
so eigenvalues have their derivative also where they coincide, and vectors have none there (inf).

Vectors of complex matrices have phases of their own: LAPACK makes one component of each real, and the derivative keeps it so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array, Tuple
from .dims import dims_of
from .numpy_tools import (
    adjoint,
    arange,
    can_not,
    conjugated,
    is_absent,
    one_triangle,
    rule,
    swap,
    symmetric,
    total,
)  # fmt: skip
from .numpy_types import stored_kind
from .special import complex_valued


def gaps(m: Any, w: Any) -> Any:
    """Off-diagonal elements over the differences of eigenvalues: 0 where the element is 0, inf where
    eigenvalues coincide."""
    off = np.tril(m, -1) + np.triu(m, 1)
    return off / np.where(off == 0.0, 1.0, w[..., None, :] - w[..., :, None])


def _part(v: Any, mask: Any) -> Any:
    """The component of each vector that the mask names."""
    return np.sum(np.where(mask, v, 0.0), axis=-2, keepdims=True)


def _real_part(v: Any, mask: Any) -> Any:
    """The same as a divisor, where it is real."""
    part = np.real(_part(v, mask))
    return np.where(part == 0.0, 1.0, part)


def _phased_jvp(turned: Any, v: Any, mask: Any) -> Any:
    """Changes of vectors that keep one component of each real."""
    return turned - v * (1j * np.imag(_part(turned, mask)) / _real_part(v, mask))


def _phased_vjp(ct: Any, v: Any, mask: Any) -> Any:
    """Its transpose, conjugated."""
    spread = 1j * np.imag(np.sum(ct * v, axis=-2, keepdims=True)) / _real_part(v, mask)
    return np.conj(ct) + np.where(mask, spread, 0.0)


# -- of symmetric and Hermitian matrices


def _lower(name: Any, uplo: Any) -> Any:
    if uplo not in ("L", "U"):
        raise can_not(name, f"UPLO={uplo!r}")
    return uplo == "L"


def _end_row(v: Any, lower: Any) -> Any:
    """LAPACK's reflections leave the first or the last component real."""
    n = v.shape[-1]
    return arange(n)[:, None] == (0 if lower else n - 1)


def _eigh_jvp(dot: Any, out: Any, a: Any, UPLO: Any = "L") -> Any:
    w, v = out[0], out[1]
    lower = _lower("np.linalg.eigh", UPLO)
    m = adjoint(v) @ symmetric(dot, lower) @ v
    w_dot, turned = np.diagonal(m, axis1=-2, axis2=-1), v @ gaps(m, w)
    if complex_valued(a):
        return np.real(w_dot), _phased_jvp(turned, v, _end_row(v, lower))
    return w_dot, turned


def _eigh_vjp(ct: Any, out: Any, a: Any, UPLO: str = "L") -> Any:
    w, v = out[0], out[1]
    lower = _lower("np.linalg.eigh", UPLO)
    if is_absent(ct[1]):
        g = v * ct[0][..., None, :]
    else:
        cv = _phased_vjp(ct[1], v, _end_row(v, lower)) if complex_valued(a) else ct[1]
        g = v @ gaps(adjoint(v) @ cv, w)
        g = g if is_absent(ct[0]) else v * ct[0][..., None, :] + g
    return one_triangle(conjugated(g @ adjoint(v)), lower)


def _eigvalsh_jvp(dot: Any, out: Any, a: Any, UPLO: Any = "L") -> Any:
    v = np.linalg.eigh(a, *(() if UPLO == "L" else (UPLO,)))[1]
    slopes = np.sum(conjugated(v) * (symmetric(dot, _lower("np.linalg.eigvalsh", UPLO)) @ v), axis=-2)
    return np.real(slopes) if complex_valued(a) else slopes


def _eigvalsh_vjp(ct: Any, out: Any, a: Any, UPLO: Any = "L") -> Any:
    v = np.linalg.eigh(a, *(() if UPLO == "L" else (UPLO,)))[1]
    g = (v * ct[..., None, :]) @ adjoint(v)
    return one_triangle(conjugated(g), _lower("np.linalg.eigvalsh", UPLO))


rule(np.linalg.eigh, jvp=_eigh_jvp, vjp=_eigh_vjp, raises=True, kink="eigenvectors of equal eigenvalues: inf")
rule(np.linalg.eigvalsh, jvp=_eigvalsh_jvp, vjp=_eigvalsh_vjp, raises=True)

# -- of any matrices. The results are typed complex: whether they are is seen in the contents.

_COMPLEX = {"f32": "c64", "c64": "c64"}


def _values_type(args: Any, kwargs: Any) -> Any:
    dims = dims_of(args[0])
    return Array(_COMPLEX.get(stored_kind(args[0]), "c128"), dims[:-1])


def _eig_type(args: Any, kwargs: Any) -> Any:
    dims = dims_of(args[0])
    kind = _COMPLEX.get(stored_kind(args[0]), "c128")
    result = type(np.linalg.eig(np.eye(1)))
    return Tuple((Array(kind, dims[:-1]), Array(kind, dims)), result, ("eigenvalues", "eigenvectors"))


def _largest(v: Any) -> Any:
    """LAPACK makes the largest component of each vector real, and its length 1."""
    return arange(v.shape[-1])[:, None] == np.expand_dims(np.argmax(np.abs(v), axis=-2), -2)


def _eig_jvp(dot: Any, out: Any, a: Any) -> Any:
    w, v = out[0], out[1]
    m = np.linalg.solve(v, dot @ v)
    turned = v @ gaps(m, w)
    turned = turned - v * np.real(np.sum(np.conj(v) * turned, axis=-2, keepdims=True))
    return np.diagonal(m, axis1=-2, axis2=-1), _phased_jvp(turned, v, _largest(v))


def _eig_vjp(ct: Any, out: Any, a: Any) -> Any:
    w, v = out[0], out[1]
    terms = []
    if not is_absent(ct[0]):
        terms.append(ct[0][..., :, None] * swap(v))
    if not is_absent(ct[1]):
        cv = np.conj(_phased_vjp(ct[1], v, _largest(v)))
        cv = cv - np.conj(v) * np.real(np.sum(ct[1] * v, axis=-2, keepdims=True))
        terms.append(gaps(swap(v) @ cv, w) @ swap(v))
    return np.linalg.solve(swap(v), total(terms))


def _vectors(out: Any, a: Any) -> Any:
    """The vectors of eigenvalues that came without them, in their order."""
    w, v = _pair(np.linalg.eig(a))
    order = np.argmin(np.abs(out[..., :, None] - w[..., None, :]), axis=-1)
    return np.take_along_axis(v, np.expand_dims(order, -2), -1)


def _pair(out: Any) -> tuple[Any, Any]:
    return out[0], out[1]


def _eigvals_jvp(dot: Any, out: Any, a: Any) -> Any:
    v = _vectors(out, a)
    return np.diagonal(np.linalg.solve(v, dot @ v), axis1=-2, axis2=-1)


def _eigvals_vjp(ct: Any, out: Any, a: Any) -> Any:
    v = _vectors(out, a)
    return np.linalg.solve(swap(v), ct[..., :, None] * swap(v))


_KINK = "defective matrices: LinAlgError or inf"
rule(np.linalg.eig, jvp=_eig_jvp, vjp=_eig_vjp, types=_eig_type, raises=True, kink=_KINK)
rule(np.linalg.eigvals, jvp=_eigvals_jvp, vjp=_eigvals_vjp, types=_values_type, raises=True, kink=_KINK)
