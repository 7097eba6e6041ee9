"""Functions of `scipy.integrate`: sums over samples, integrals of functions, ordinary differential equations.

Integrals are differentiated under the integral sign, by further integrals to the same tolerances. Solutions of differential
equations are differentiated by further equations, solved by the same method to the same tolerances: sensitivities in forward
mode, in reverse mode the adjoint equation, backwards between the times of the result, at each of which it starts from there.
"""

from __future__ import annotations

from collections.abc import Callable

from scipy import integrate

from ..solvers import Solver
from ..table import Def, general, register
from . import quadrature

PREFIX = "scipy.integrate."


def sampled(name: str, body: Callable[..., object], parts: tuple[str, ...], constants: tuple[str, ...]) -> None:
    """A row for a function of samples."""
    fn = getattr(integrate, name, None)
    if fn is not None:
        row = Solver("body", function="", args="", body=body, parts=parts, constants=constants)
        general(fn, name=PREFIX + name, raises=True, solver=row)


general(
    integrate.fixed_quad, name=PREFIX + "fixed_quad", raises=True,
    solver=Solver(
        "body", function="func", body=quadrature.fixed_quad, parts=("a", "b"), constants=("n",), functions={"func": 1}
    ),
)  # fmt: skip
sampled("trapezoid", quadrature.trapezoid, ("y", "x", "dx"), ("axis",))
sampled("cumulative_trapezoid", quadrature.cumulative_trapezoid, ("y", "x", "dx"), ("axis", "initial"))
sampled("simpson", quadrature.simpson, ("y", "x", "dx"), ("axis",))
sampled("cumulative_simpson", quadrature.cumulative_simpson, ("y", "x", "dx", "initial"), ("axis",))
sampled("romb", quadrature.romb, ("y", "dx"), ("axis",))

_OPTIONS = "an integral over pieces or with a weight isn't differentiated"
for _name, _function in (("quad", "func"), ("quad_vec", "f")):
    general(
        getattr(integrate, _name), name=PREFIX + _name, raises=True,
        solver=Solver(
            "integral", function=_function, parts=("a", "b"),
            refuse={
                "full_output": "with full_output the result holds more", "points": _OPTIONS,
                **({"weight": _OPTIONS, "complex_func": "an integral of complex numbers"} if _name == "quad" else {}),
            },
        ),
    )  # fmt: skip


def undecided(why: str, *names: str) -> None:
    """Functions without a derivative, and why."""
    for name in names:
        if (fn := getattr(integrate, name, None)) is not None:
            row = Solver(function="", args="", why=why)
            general(fn, name=PREFIX + name, raises=True, solver=row, refusals={-1: why})


undecided("write it as nested integrals by quad", "dblquad", "tplquad", "nquad")
undecided("use quad or quad_vec", "tanhsinh", "cubature", "qmc_quad")
undecided("its number of terms depends on their size", "nsum")
undecided("a boundary value problem isn't differentiated: ds.custom_root of its residuals", "solve_bvp")
for _name in ("newton_cotes", "lebedev_rule"):
    if hasattr(integrate, _name):
        register(Def(PREFIX + _name, getattr(integrate, _name), "zero"))

_GRID = "what is computed at a point that the solver chooses"
general(
    integrate.odeint, name=PREFIX + "odeint", raises=True,
    solver=Solver(
        "equation of motion", function="func", like="y0", parts=("y0", "t"), constants=("rtol", "atol", "hmax", "tfirst"),
        refuse={
            "full_output": "with full_output the result is a tuple of what the solver knows",
            "tcrit": "points at which the solver steps carefully aren't known to the adjoint equation",
        },
    ),
)  # fmt: skip
general(
    integrate.solve_ivp, name=PREFIX + "solve_ivp", raises=True,
    solver=Solver(
        "equation of motion", function="fun", like="y0", parts=("y0", "t_span", "t_eval"), pairs=("t_span",),
        constants=("method", "rtol", "atol", "max_step"),
        record=lambda: type(integrate.solve_ivp(lambda t, y: y, (0.0, 0.0), [0.0])),
        fields=("t", "y", "success", "status", "message", "nfev", "njev", "nlu", "sol", "t_events", "y_events"),
        refuse={
            "dense_output": _GRID, "events": "where an event happens isn't differentiated: solve for it by brentq",
            "vectorized": "a vectorized right side",
        },
    ),
)  # fmt: skip
