"""Functions that are given by an equation: `ds.custom_root`, `ds.fixed_point`. What a plain call runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[..., Any]


class CustomRoot:
    """A solver with the equation that its result solves. Called like the solver."""

    def __init__(self, optimality: Function, solver: Function, tol: float | None) -> None:
        self.optimality, self.solver, self.tol = optimality, solver, tol
        name = str(getattr(solver, "__name__", "solver"))
        self.__name__ = name if name.isidentifier() else "solver"
        self.__qualname__ = str(getattr(solver, "__qualname__", self.__name__))
        self.__module__ = getattr(solver, "__module__", __name__)
        self.__doc__ = solver.__doc__

    def __reduce__(self) -> str:
        return self.__qualname__

    def __call__(self, x0: Any, *args: Any) -> Any:
        given = [np.array(a) if isinstance(a, np.ndarray) else a for a in (x0, *args)]  # a solver may work in place
        x = like_start(self.solver(*given), x0, self.__name__)
        if self.tol is not None:
            check_solved(self.optimality(x, *args), x, self.tol, self.__name__)
        return x


def like_start(x: Any, x0: Any, name: str) -> Any:
    """A result in the type of the start.

    Raises:
        TypeError: it has another shape, or the start is neither an array nor a number.
    """
    if not isinstance(x0, (np.ndarray, np.number, int, float)):
        raise TypeError(f"{name} has a start of class {type(x0).__name__}: it solves for an array or a number")
    if np.shape(x) != np.shape(x0):
        raise TypeError(f"{name} returns shape {np.shape(x)} for a start of shape {np.shape(x0)}")
    if isinstance(x0, np.ndarray):
        return np.array(x, dtype=x0.dtype if x0.dtype.kind == "f" else float)
    return type(x0)(x) if isinstance(x0, (float, np.floating)) else float(x)


def check_solved(residual: Any, x: Any, tol: float, name: str) -> None:
    """Refuse what is no solution: the implicit function theorem says nothing of it.

    Raises:
        RuntimeError: the residual is larger than `tol * (1 + |x|)`, or nan.
    """
    size = float(np.max(np.abs(residual), initial=0.0))
    if not (np.isfinite(size) and size <= tol * (1.0 + float(np.max(np.abs(x), initial=0.0)))):
        raise RuntimeError(f"{name} has not converged: the residual is {size:.3g}")


def linear_solve(
    matvec: Function, b: Any, solve: Function, transpose_solve: Function | None = None, symmetric: bool = False
) -> Any:
    """The `x` with `matvec(x) = b`, found by `solve(matvec, b)`; differentiated without looking into the solver.

    Forward mode calls `solve(matvec, db - dA x)`. Reverse mode calls `transpose_solve(vecmat, ct)`, where `vecmat` is the
    transpose of `matvec`, made by the compiler: what it gives is the cotangent of `b`, and with minus, through the derivative of
    `matvec` at `x`, that of what `matvec` captures. The names are those of `jax.lax.custom_linear_solve`.

    Parameters:
        matvec: A function linear in its argument, which gives an array like it, or a number. What it captures may be
            differentiated.
        b: The right side: an array or a number.
        solve: A function `solve(matvec, b)`, written in whatever language. What it captures has no derivative.
        transpose_solve: A function `transpose_solve(vecmat, b)`; reverse mode needs it unless `symmetric`.
        symmetric: Whether the system is symmetric: then `solve` serves the transposed one, too.

    Example:
        >>> def loss(k, b):
        ...     x = ds.linear_solve(lambda v: k * v + laplacian(v), b, solve=conjugate_gradients, symmetric=True)
        ...     return np.sum(x**2)
        >>> ds.grad(loss)(k, b)
    """
    return like_start(solve(matvec, b), b, "the solver of linear_solve")


def fixed_point(f: Function, x0: Any, *args: Any, tol: float = 1e-12, maxiter: int = 10_000) -> Any:
    """The `x` with `x = f(x, *args)`, by iterating from `x0`; differentiated without its iterations.

    Reverse mode solves `(I - df/dx)^T w = ct` at the solution and gives `w^T df/dargs`; forward mode solves
    `(I - df/dx) dx = df/dargs . dargs` (B. Christianson, "Reverse accumulation and attractive fixed points", 1994;
    A. Griewank, A. Walther, "Evaluating Derivatives", chapter 15). The derivative with respect to `x0` is zero.

    Parameters:
        f: A function `f(x, *args)` that gives an array like `x`, or a number. What is differentiated is among `args`.
        x0: The start: an array or a number.
        tol: It ends when a step changes no element by more than `tol * (1 + max |x|)`.
        maxiter: The most steps.

    Raises:
        RuntimeError: it hasn't converged after `maxiter` steps.

    Example:
        >>> ds.grad(lambda a: ds.fixed_point(lambda x, a: 0.5 * (x + a / x), 1.0, a))(2.0)  # 1 / (2 sqrt 2)
    """
    x, step = x0, np.inf
    for _ in range(maxiter):
        new = like_start(f(np.array(x) if isinstance(x, np.ndarray) else x, *args), x0, "the function of fixed_point")
        step = float(np.max(np.abs(new - x), initial=0.0))
        x = new
        if np.isfinite(step) and step <= tol * (1.0 + float(np.max(np.abs(x), initial=0.0))):
            return x
    raise RuntimeError(f"fixed_point has not converged after {maxiter} steps: the last one is {step:.3g}")
