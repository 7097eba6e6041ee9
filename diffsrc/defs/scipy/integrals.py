"""What derivatives of integrals and of solutions of differential equations are made of: functions that the compiler reads.

They are written over `jvp` and `vjp`, and call SciPy again; derivatives of these calls are taken of the text that comes of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate

from ..transforms import jvp, vjp


def value_of(f: Any, x: Any, args: Any) -> Any:
    return f(x, *args)


def integral_of_slope(f: Any, a: Any, b: Any, p: Any, args: Any, epsabs: Any, epsrel: Any, limit: Any) -> Any:
    """The integral of the derivative of `f(x, p, *args)` in a number p."""
    slope = lambda x: jvp(lambda q: f(x, q, *args), (p,), (1.0,))[1]  # noqa: E731
    return integrate.quad(slope, a, b, epsabs=epsabs, epsrel=epsrel, limit=limit)[0]


def integral_of_gradient(f: Any, a: Any, b: Any, p: Any, args: Any, epsabs: Any, epsrel: Any, limit: Any) -> Any:
    """The integral of the gradient of `f(x, p, *args)` in an array p."""

    def gradient(x: Any) -> Any:
        _, pull = vjp(lambda q: f(x, q, *args), p)
        return pull(1.0)[0]

    return integrate.quad_vec(gradient, a, b, epsabs=epsabs, epsrel=epsrel, limit=limit)[0]


def pushed_integral(f: Any, a: Any, b: Any, args: Any, dots: Any, epsabs: Any, epsrel: Any, limit: Any) -> Any:
    """The integral of the tangent of `f(x, *args)`."""
    tangent = lambda x: jvp(f, (x, *args), (0.0, *dots))[1]  # noqa: E731
    return integrate.quad(tangent, a, b, epsabs=epsabs, epsrel=epsrel, limit=limit)[0]


def integral_of_pulled_number(
    f: Any, a: Any, b: Any, p: Any, args: Any, ct: Any, epsabs: Any, epsrel: Any, limit: Any
) -> Any:
    """The integral of the cotangent of a number p, for one of the array `f(x, p, *args)`."""

    def pulled(x: Any) -> Any:
        _, pull = vjp(lambda q: f(x, q, *args), p)
        return pull(ct)[0]

    return integrate.quad(pulled, a, b, epsabs=epsabs, epsrel=epsrel, limit=limit)[0]


def integral_of_pulled_array(
    f: Any, a: Any, b: Any, p: Any, args: Any, ct: Any, epsabs: Any, epsrel: Any, limit: Any
) -> Any:
    """The integral of the cotangent of an array p, for one of the array `f(x, p, *args)`."""

    def pulled(x: Any) -> Any:
        _, pull = vjp(lambda q: f(x, q, *args), p)
        return pull(ct)[0]

    return integrate.quad_vec(pulled, a, b, epsabs=epsabs, epsrel=epsrel, limit=limit)[0]


def pushed_vector_integral(f: Any, a: Any, b: Any, args: Any, dots: Any, epsabs: Any, epsrel: Any, limit: Any) -> Any:
    """The integral of the tangent of an array `f(x, *args)`."""
    tangent = lambda x: jvp(f, (x, *args), (0.0, *dots))[1]  # noqa: E731
    return integrate.quad_vec(tangent, a, b, epsabs=epsabs, epsrel=epsrel, limit=limit)[0]


# -- ordinary differential equations, y' = f(y, t, *args)


def slope(f: Any, y: Any, t: Any, args: Any) -> Any:
    return f(y, t, *args)


def slopes(f: Any, y: Any, t: Any, args: Any) -> Any:
    """`f` at each of the times."""
    return np.stack([f(y[k], t[k], *args) for k in range(len(t))])


def slopes_ivp(f: Any, y: Any, t: Any, args: Any) -> Any:
    return np.stack([f(y[:, k], t[k], *args) for k in range(len(t))], axis=-1)


def sensitivities(f: Any, y0: Any, y0_dot: Any, t: Any, args: Any, dots: Any, rtol: Any, atol: Any, hmax: Any) -> Any:
    """The tangent of what `odeint` gives: s' = df/dy s + df/dargs . dots beside the equation."""
    n = y0.size

    def field(s: Any, t: Any) -> Any:
        dy, ds = jvp(f, (s[:n], t, *args), (s[n:], 0.0, *dots))
        return np.concatenate([dy, ds])

    return integrate.odeint(field, np.concatenate([y0, y0_dot]), t, rtol=rtol, atol=atol, hmax=hmax)[:, n:]


def adjoint(f: Any, y: Any, t: Any, args: Any, rest: Any, ct: Any, rtol: Any, atol: Any, hmax: Any) -> Any:
    """The cotangents of the start and of `args`, behind each other, for those of what `odeint` gives. Backwards from each time to
    the one before, a' = -(df/dy)^T a and g' = -(df/dargs)^T a beside the equation, which starts from `y` there.
    """
    n = y.shape[1]

    def field(s: Any, t: Any) -> Any:
        if len(args) == 0:
            dy, pull = vjp(lambda y: f(y, t, *rest), s[:n])
            return np.concatenate([dy, -pull(s[n:])[0]])
        dy, pull = vjp(lambda y, p: f(y, t, *p, *rest), s[:n], args)
        a, g = pull(s[n : 2 * n])
        return np.concatenate([dy, -a] + [-np.ravel(part) for part in g])

    state = np.copy(ct[-1]) if len(args) == 0 else np.concatenate([ct[-1]] + [0.0 * np.ravel(p) for p in args])
    for k in range(len(t) - 1, 0, -1):
        back = np.array([t[k], t[k - 1]])
        state = integrate.odeint(field, np.concatenate([y[k], state]), back, rtol=rtol, atol=atol, hmax=hmax)[1, n:]
        state[:n] += ct[k - 1]
    return state


def sensitivities_ivp(
    f: Any, span: Any, y0: Any, y0_dot: Any, t: Any, args: Any, dots: Any, method: Any, rtol: Any, atol: Any, max_step: Any
) -> Any:
    """The tangent of the `y` that `solve_ivp` gives."""
    n = y0.size

    def field(t: Any, s: Any) -> Any:
        dy, ds = jvp(f, (s[:n], t, *args), (s[n:], 0.0, *dots))
        return np.concatenate([dy, ds])

    start = np.concatenate([y0, y0_dot])
    found = integrate.solve_ivp(field, span, start, method=method, t_eval=t, rtol=rtol, atol=atol, max_step=max_step)
    if not found.success:
        raise RuntimeError("solve_ivp has not solved the equation of the sensitivities")
    return found.y[n:]


def adjoint_ivp(
    f: Any, y: Any, t: Any, t0: Any, args: Any, rest: Any, ct: Any, method: Any, rtol: Any, atol: Any, max_step: Any
) -> Any:
    """The cotangents of the start and of `args`, behind each other, for those of the `y` that `solve_ivp` gives."""
    n = y.shape[0]

    def field(t: Any, s: Any) -> Any:
        if len(args) == 0:
            dy, pull = vjp(lambda y: f(y, t, *rest), s[:n])
            return np.concatenate([dy, -pull(s[n:])[0]])
        dy, pull = vjp(lambda y, p: f(y, t, *p, *rest), s[:n], args)
        a, g = pull(s[n : 2 * n])
        return np.concatenate([dy, -a] + [-np.ravel(part) for part in g])

    state = 0.0 * y[:, 0] if len(args) == 0 else np.concatenate([0.0 * y[:, 0]] + [0.0 * np.ravel(p) for p in args])
    for k in range(len(t) - 1, -1, -1):
        state[:n] += ct[:, k]
        before = t[k - 1] if k > 0 else t0
        if before != t[k]:
            start = np.concatenate([y[:, k], state])
            found = integrate.solve_ivp(field, (t[k], before), start, method=method, rtol=rtol, atol=atol, max_step=max_step)
            if not found.success:
                raise RuntimeError("solve_ivp has not solved the adjoint equation")
            state = found.y[n:, -1]
    return state
