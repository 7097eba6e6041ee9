"""Implicit differentiation of solvers: `ds.custom_root`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..defs.transforms import enter
from ..runtime.implicit import CustomRoot, fixed_point, linear_solve

__all__ = ["custom_root", "fixed_point", "linear_solve"]

enter(fixed_point, "fixed_point")
enter(linear_solve, "linear_solve")


def custom_root(optimality: Callable[..., Any], *, tol: float | None = 1e-6) -> Callable[[Callable[..., Any]], CustomRoot]:
    """A decorator for solvers `solver(x0, *args)` whose result `x` solves `optimality(x, *args) = 0`.

    The solver runs as it is, whatever it is written in, and is never differentiated: by the implicit function theorem
    `dx = -(dF/dx)^-1 dF/dargs . dargs`. Reverse mode solves one transposed system, forward mode one system, with the
    Jacobian of the equation at the solution (A. Griewank, A. Walther, "Evaluating Derivatives", chapter 15; M. Blondel and
    others, "Efficient and Modular Implicit Differentiation", 2022). The name and the form are those of jaxopt. The derivative
    with respect to `x0` is zero.

    Parameters:
        optimality: The equation `F(x, *args)`: a function of the program, which gives an array like `x`, or a number. For a
            minimum it is the gradient of the objective, `ds.grad(objective)`.
        tol: A result whose residual is larger than `tol * (1 + max |x|)` is refused with a RuntimeError, also in plain calls:
            the derivative would be wrong. None for no such check.

    Example:
        >>> @ds.custom_root(lambda x, a: x**2 - a)
        ... def root(x0, a):
        ...     return scipy.optimize.newton(lambda x: x**2 - a, x0)
        >>> ds.grad(lambda a: root(1.0, a))(2.0)  # 1 / (2 sqrt 2)
    """

    def decorate(solver: Callable[..., Any]) -> CustomRoot:
        return CustomRoot(optimality, solver, tol)

    return decorate
