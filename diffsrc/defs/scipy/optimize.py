"""Functions of `scipy.optimize`: roots, fixed points and minima by the equations that they solve; all others by why not.

The derivative of a result is that of the exact solution, at the point that the solver returns. If that is further from the
solution than a thousandth, `check_root` raises. What is left to a solver has no influence: starts, brackets, tolerances.
Numbers at their bounds move with these, the others as a minimum in them.
"""

from __future__ import annotations

from typing import Any

from scipy import optimize
from scipy.optimize import OptimizeResult, RootResults

from ...ir.types import F64, Array, Struct, Tuple
from ..elementwise_types import as_array
from ..solvers import Solver
from ..table import Def, general, register

PREFIX = "scipy.optimize."
FULL = {"full_output": "with full_output the result is a tuple of what the solver knows"}
VECTOR = Array("f64", (None,))


def solver(name: str, equation: str = "", **facts: Any) -> None:
    """A row for a function that solves something for a function.

    >>> solver("fsolve", "root", function="func", like="x0")
    """
    fn = getattr(optimize, name, None)
    if fn is not None:
        made = Solver(equation, **facts)
        general(fn, name=PREFIX + name, raises=True, solver=made, refusals={-1: made.why} if made.why else {})


for _name in ("brentq", "brenth", "bisect", "ridder", "toms748"):
    solver(_name, "root", full=2)
solver("newton", "root", function="func", like="x0", full=2)
solver("fsolve", "root", function="func", like="x0", scalar="array", full=4)
solver("fixed_point", "fixed point", function="func", like="x0", scalar="array0")
solver(
    "root_scalar", "root", record=lambda: RootResults,
    fields=("root", "iterations", "function_calls", "converged", "flag", "method"),
)  # fmt: skip
solver(
    "root", "root", function="fun", like="x0", scalar="array", record=lambda: OptimizeResult,
    fields=("x", "fun", "success", "status", "message", "nfev", "njev", "nit", "method", "fjac", "r", "qtf", "cov_x"),
    refuse={"jac": "a Jacobian that the function returns beside its value isn't taken apart"},
)  # fmt: skip
solver(
    "minimize", "minimum", function="fun", like="x0", scalar="array", record=lambda: OptimizeResult,
    fields=("x", "fun", "jac", "success", "status", "message", "nit", "nfev", "njev", "nhev", "hess_inv", "hess"),
    bounds="pairs",
    refuse={
        "constraints": "which of the constraints hold with equality is known only when it has run",
    },
)  # fmt: skip
solver(
    "minimize_scalar", "minimum", function="fun", record=lambda: OptimizeResult,
    fields=("x", "fun", "success", "status", "message", "nit", "nfev"),
    refuse={"bounds": "whether the minimum is at a bound is known only when it has run"},
)  # fmt: skip
solver(
    "least_squares", "least squares", function="fun", like="x0", scalar="array", record=lambda: OptimizeResult,
    fields=(
        "x", "cost", "fun", "jac", "grad", "optimality", "active_mask", "nfev", "njev", "status", "message", "success",
    ),
    bounds="ends",
    refuse={
        "loss": "another loss than the sum of squares has another equation",
        "kwargs": "pass the arguments by args=",
    },
)  # fmt: skip
solver(
    "curve_fit", "fit", like="p0", args="", parts=("xdata", "ydata", "sigma"), bounds="ends",
    refuse={
        **FULL,
        "nan_policy": "points that are left out are known only when it has run",
        "kwargs": "options for the solver beneath",
    },
)  # fmt: skip
for _name in ("fmin", "fmin_bfgs", "fmin_cg", "fmin_ncg", "fmin_powell"):
    _function = "func" if _name in ("fmin", "fmin_powell") else "f"
    solver(
        _name, "minimum", function=_function, like="x0", scalar="array",
        refuse={**FULL, "retall": "with retall the result is a tuple"},
    )  # fmt: skip
for _name in ("brent", "golden"):
    solver(_name, "minimum", function="func", refuse=FULL)
for _name in ("newton_krylov", "anderson", "broyden1", "broyden2", "diagbroyden", "excitingmixing", "linearmixing"):
    solver(_name, "root", function="F", like="xin", args="", scalar="array0")



def _bounds(args: tuple[Any, ...], kwargs: Any) -> Struct:
    given = dict(zip(("lb", "ub"), args)) | kwargs
    fields = {n: as_array(given[n]) if n in given else Array("f64", ()) for n in ("lb", "ub")}
    return Struct(optimize.Bounds, tuple(fields.items()), True)


general(
    optimize.Bounds, name=PREFIX + "Bounds", types=_bounds, raises=True,
    refusals=dict.fromkeys((0, 1), "bounds in an object have no derivative: pass bounds=[(low, high), ...]"),
)  # fmt: skip

# results without a derivative
_ACTIVE_SET = "which constraints hold with equality is known only when it has run"
_SEARCH = "a global search gives no equation: minimize from its result"
_AT_HAND = ("x", "fun", "success", "status", "message", "nit", "nfev")
for _name in ("linprog", "milp", "lsq_linear"):
    solver(_name, why=_ACTIVE_SET, record=lambda: OptimizeResult, fields=_AT_HAND)
for _name in ("differential_evolution", "dual_annealing", "basinhopping", "shgo", "direct"):
    solver(_name, why=_SEARCH, record=lambda: OptimizeResult, fields=_AT_HAND)
solver("brute", why=_SEARCH)
solver("nnls", why=_ACTIVE_SET, result=Tuple((VECTOR, F64)))
for _name in ("fmin_slsqp", "fmin_cobyla"):
    solver(_name, why=_ACTIVE_SET, result=VECTOR)
for _name in ("fmin_tnc", "fmin_l_bfgs_b"):
    solver(_name, why=_ACTIVE_SET)
for _name in ("linear_sum_assignment", "quadratic_assignment", "isotonic_regression"):
    solver(_name, why="it chooses among finitely many")
for _name in ("line_search", "bracket"):
    solver(_name, why="its result depends on how the search goes")
for _name in ("approx_fprime", "check_grad"):
    solver(_name, why="use ds.grad")
for _name in ("rosen", "rosen_der", "rosen_hess", "rosen_hess_prod"):
    solver(_name, why="it is an example of SciPy's: write it as a function")
solver("fminbound", why="whether the minimum is at a bound is known only when it has run", result=F64)
solver("leastsq", why="use least_squares")
for _name in ("linprog_verbose_callback", "show_options"):
    register(Def(PREFIX + _name, getattr(optimize, _name), "zero", effect="io"))
