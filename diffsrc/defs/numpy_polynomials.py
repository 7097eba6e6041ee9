"""Rows for polynomials by their coefficients, the highest power first: sums, products, derivatives, integrals, roots, fits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array
from .dims import map_dims, unknown
from .numpy_tools import (
    arange,
    can_not,
    given,
    is_display,
    like_display,
    linear_in,
    ndim,
    rule,
)  # fmt: skip
from .numpy_types import stored_kind
from .probe import infer_by_trial
from .special import complex_valued, dispatching, recurrence

_vander, _polyder = dispatching(np.vander), dispatching(np.polyder)


def _of_unknown_size(fn: Any) -> Any:
    """The type rule of a function that drops leading zeros."""
    return lambda args, kwargs: map_dims(infer_by_trial(fn, args, kwargs), unknown)


# -- sums and products: shorter ones are filled with zeros in front


def _last(ct: Any, a: Any) -> Any:
    return ct[ct.shape[0] - a.shape[0] :] if ndim(a) else ct[-1]


rule(
    np.polyadd, np.polysub, linear=True, vjp=lambda ct, out, a1, a2: _last(ct, a1),
    jvp=lambda dot, out, a1, a2: np.polyadd(dot, np.zeros_like(a2)),
)  # fmt: skip
rule(
    np.polyadd, arg=1, vjp=lambda ct, out, a1, a2: _last(ct, a2),
    jvp=lambda dot, out, a1, a2: np.polyadd(np.zeros_like(a1), dot),
)  # fmt: skip
rule(
    np.polysub, arg=1, vjp=lambda ct, out, a1, a2: -_last(ct, a2),
    jvp=lambda dot, out, a1, a2: np.polysub(np.zeros_like(a1), dot),
)  # fmt: skip


def _vector(a: Any) -> Any:
    return a if ndim(a) else np.reshape(a, (1,))


def _product_jvp(dot: Any, out: Any, other: Any) -> Any:
    """Without what belongs to leading zeros."""
    whole = np.convolve(_vector(dot), _vector(other))
    return whole[whole.shape[0] - out.shape[0] :]


def _product_vjp(ct: Any, a: Any, other: Any) -> Any:
    x, y = _vector(a), _vector(other)
    lost = x.shape[0] + y.shape[0] - 1 - ct.shape[0]
    g = np.convolve(np.pad(ct, (lost, 0)), y[::-1], mode="valid")
    return g if ndim(a) else g[0]


_LEADING = "leading zeros stay"
rule(
    np.polymul, linear=True, types=_of_unknown_size(np.polymul), kink=_LEADING,
    jvp=lambda dot, out, a1, a2: _product_jvp(dot, out, a2), vjp=lambda ct, out, a1, a2: _product_vjp(ct, a1, a2),
)  # fmt: skip
rule(
    np.polymul, arg=1,
    jvp=lambda dot, out, a1, a2: _product_jvp(dot, out, a1), vjp=lambda ct, out, a1, a2: _product_vjp(ct, a2, a1),
)  # fmt: skip

# -- derivatives and integrals


def _count(name: str, m: Any) -> int:
    if not isinstance(m, int):
        raise can_not(name, "an order that isn't a constant")
    return m


def _polyder_vjp(ct: Any, out: Any, p: Any, m: Any = 1) -> Any:
    g = ct
    for _ in range(_count("np.polyder", m)):
        g = np.concatenate((g * arange(g.shape[0], 0, -1), np.zeros_like(p[:1])))
    return g if m == 1 else g[: p.shape[0]]


def _polyint_vjp(ct: Any, out: Any, p: Any, m: Any = 1, k: Any = None) -> Any:
    for _ in range(_count("np.polyint", m)):
        ct = ct[:-1] / arange(ct.shape[0] - 1, 0, -1)
    return ct


def _polyint_k_vjp(ct: Any, out: Any, p: Any, m: Any = 1, k: Any = None) -> Any:
    """Each constant is the last coefficient when it comes in."""
    received: list[Any] = []
    for _ in range(_count("np.polyint", m)):
        received.insert(0, ct[-1])
        ct = ct[:-1] / arange(ct.shape[0] - 1, 0, -1)
    if is_display(k):
        return like_display(k, received if len(k) > 1 else [sum(received[1:], received[0])])
    if not ndim(k):
        return sum(received[1:], received[0])
    if m > 1 and not (isinstance(k.shape[0], int) and k.shape[0] > 1):
        raise can_not("np.polyint", "constants in an array of unknown size", "write them as a list")
    return np.stack(received)


linear_in(np.polyder, vjp=_polyder_vjp)
rule(
    np.polyint, linear=True, vjp=_polyint_vjp,
    jvp=lambda dot, out, p, m=1, k=None: np.polyint(dot, **({} if m == 1 else {"m": m})),
)  # fmt: skip
rule(
    np.polyint, arg=2, vjp=_polyint_k_vjp,
    jvp=lambda dot, out, p, m=1, k=None: np.polyint(np.zeros_like(p), m, dot),
)  # fmt: skip

# -- from roots to coefficients, and back


def _others(out: Any, roots: Any) -> Any:
    """For each root the polynomial of all the others, as columns: by synthetic division."""
    if roots.ndim != 1:
        raise can_not("np.poly", "a matrix", "use np.poly(np.linalg.eigvals(a))")
    if complex_valued(roots):
        raise can_not("np.poly", "complex roots", "whose coefficients may be real or complex, as the roots are")
    ones = np.ones_like(roots)
    return recurrence(np.outer(ones, roots), np.outer(out[:-1], ones), 0)


def _poly_jvp(dot: Any, out: Any, seq_of_zeros: Any) -> Any:
    return np.concatenate((np.zeros_like(out[:1]), -_others(out, seq_of_zeros) @ dot))


rule(np.poly, jvp=_poly_jvp, vjp=lambda ct, out, seq_of_zeros: -ct[1:] @ _others(out, seq_of_zeros))


def _root_slopes(out: Any, p: Any) -> Any:
    """d root / d coefficient: -root**power / p'(root)."""
    return -_vander(out, p.shape[0]) / np.polyval(_polyder(p), out)[:, None]


def _roots_type(args: Any, kwargs: Any) -> Any:
    return Array("c64" if stored_kind(args[0]) in ("f32", "c64") else "c128", (None,))


rule(
    np.roots, types=_roots_type, raises=True, kink="multiple roots: inf",
    jvp=lambda dot, out, p: _root_slopes(out, p) @ dot, vjp=lambda ct, out, p: ct @ _root_slopes(out, p),
)  # fmt: skip

# -- fits


class _Fit:
    """The least squares problem of np.polyfit: `a` are the weighted powers, `inverse` its pseudo-inverse."""

    def __init__(self, out: Any, x: Any, y: Any, deg: Any, full: Any, w: Any, cov: Any) -> None:
        if full or cov:
            raise can_not("np.polyfit", "full=True or cov=True")
        if complex_valued(x):
            raise can_not("np.polyfit", "complex points")
        if not isinstance(deg, int):
            raise can_not("np.polyfit", "a degree that isn't a constant")
        self.w, self.several = w, ndim(y) > 1
        self.powers = _vander(x, deg + 1)
        weighted = self.powers if w is None else self.powers * w[:, None]
        self.inverse = np.linalg.pinv(weighted)
        self.slopes = self.powers[:, 1:] * arange(deg, 0, -1) if deg else None
        self.left = y - self.powers @ out

    def weighted(self, t: Any) -> Any:
        """Times the weights, row by row."""
        return t if self.w is None else t * (self.w[:, None] if ndim(t) > 1 else self.w)

    def rows(self, t: Any) -> Any:
        """Summed over several sets of values."""
        return np.sum(t, axis=1) if self.several else t

    def per_row(self, t: Any) -> Any:
        return t[:, None] if self.several else t

    def gram(self, t: Any) -> Any:
        return self.inverse @ (self.inverse.T @ t)


def _polyfit_x_jvp(
    dot: Any, out: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False
) -> Any:  # fmt: skip
    fit = _Fit(out, x, y, deg, full, w, cov)
    if fit.slopes is None:
        return np.zeros_like(out)
    change = fit.inverse @ fit.weighted(fit.per_row(dot) * (fit.slopes @ out[:-1]))
    turned = fit.slopes.T @ (fit.per_row(dot) * fit.weighted(fit.weighted(fit.left)))
    return fit.gram(np.concatenate((turned, np.zeros_like(out[:1])))) - change


def _polyfit_x_vjp(
    ct: Any, out: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False
) -> Any:  # fmt: skip
    fit = _Fit(out, x, y, deg, full, w, cov)
    if fit.slopes is None:
        return np.zeros_like(x)
    change = fit.weighted(fit.inverse.T @ ct) * (fit.slopes @ out[:-1])
    return fit.rows((fit.slopes @ fit.gram(ct)[:-1]) * fit.weighted(fit.weighted(fit.left)) - change)


def _polyfit_y_jvp(
    dot: Any, out: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False
) -> Any:  # fmt: skip
    return np.polyfit(x, dot, deg, **given(rcond=rcond, full=full, w=w, cov=cov))


def _polyfit_y_vjp(
    ct: Any, out: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False
) -> Any:  # fmt: skip
    fit = _Fit(out, x, y, deg, full, w, cov)
    return fit.weighted(fit.inverse.T @ ct)


def _polyfit_w_jvp(
    dot: Any, out: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False
) -> Any:  # fmt: skip
    fit = _Fit(out, x, y, deg, full, w, cov)
    return fit.gram(fit.powers.T @ (fit.per_row(2.0 * dot) * fit.weighted(fit.left)))


def _polyfit_w_vjp(
    ct: Any, out: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False
) -> Any:  # fmt: skip
    fit = _Fit(out, x, y, deg, full, w, cov)
    return fit.rows(2.0 * fit.weighted(fit.left) * (fit.powers @ fit.gram(ct)))


rule(np.polyfit, jvp=_polyfit_x_jvp, vjp=_polyfit_x_vjp, raises=True)
rule(np.polyfit, arg=1, jvp=_polyfit_y_jvp, vjp=_polyfit_y_vjp)
rule(np.polyfit, arg=5, jvp=_polyfit_w_jvp, vjp=_polyfit_w_vjp)
