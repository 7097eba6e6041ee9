"""Solvers of `scipy.sparse.linalg`: the derivative of `x = A^-1 b` by the same system, that of an entry of `A` by its pattern.

    dx = A^-1 (db - dA x)        b' = A^-T x'        A' = -(b' x^T), at the entries of A

Iterative solvers solve the system of the derivative with the options of the call, preconditioners and starts apart, and
raise `RuntimeError` where it doesn't converge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.sparse import linalg

from ...errors import DiffTypeError, NoRuleError
from ...ir.types import ANY, INT, NONE, Array, Lit, Scalar, Tuple, Type, may_be_one
from ...runtime import sparse as matrices
from ..dims import KINDS, dims_of
from ..numpy_tools import is_absent
from ..objects import (
    ObjectClass,
    ask_before,
    constructor,
    enter_class,
    function,
    helper,
    joint_rule,
    rule_of,
    written,
)
from ..special import dispatching
from ..table import Def, register
from .sparse import entries_of_outer, promoted, times, times_from_left, with_entries

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
PREFIX = "scipy.sparse.linalg."


def transpose_of(a: Any) -> Any:
    """The transpose as a handle."""
    return a.T


written(transpose_of, "a.T", family="zero", types=lambda args, kwargs: args[0])
transposed = dispatching(transpose_of)


def _solution_type(args: Args, kwargs: Kwargs) -> Type:
    """The type of the solution of a system, given matrix, entries and right-hand side."""
    dims = dims_of(args[2])
    if not 1 <= len(dims) <= 2:
        raise DiffTypeError(f"a right-hand side of type {args[2]}")
    if len(dims) == 2 and may_be_one(dims[1]):
        if dims[1] != 1:
            raise DiffTypeError(
                f"a right-hand side of type {args[2]}", hint="give it a number of columns: one column is a vector afterwards"
            )
        dims = dims[:1]
    return Array(promoted(args[1], args[2]), dims)


# -- direct


def solved(a: Any, data: Any, b: Any, *rest: Any, **options: Any) -> Any:
    return linalg.spsolve(a, b, *rest, **options)


def _shaped(x: Any, b: Any) -> Any:
    """A solution in the shape of the right-hand side: SciPy makes a vector of one column."""
    return x if x.ndim == b.ndim else x[:, None]


written(solved, f"{PREFIX}spsolve(a, b, *rest)", types=_solution_type, raises=True)
solve = dispatching(solved)


def _change(dots: Mapping[int, Any], a: Any, x: Any, rhs: int) -> Any:
    """The right-hand side for the tangent of the solution `x`."""
    if 1 not in dots:
        return dots[rhs]
    change = -times(with_entries(a, dots[1]), dots[1], x)
    return change if rhs not in dots else dots[rhs] + change


def _solved_jvp(dots: Mapping[int, Any], out: Any, a: Any, data: Any, b: Any, *rest: Any, **options: Any) -> Any:
    if 2 in dots and out.ndim < b.ndim:
        dots = {**dots, 2: dots[2][:, 0]}
    return solve(a, data, _change(dots, a, out, 2), *rest, **options)


def _solved_vjp(
    ct: Any, out: Any, wanted: list[int], a: Any, data: Any, b: Any, *rest: Any, **options: Any
) -> list[list[Any]]:
    w = solve(transposed(a), data, ct, *rest, **options)
    return [[-entries_of_outer(a, w, out) if i == 1 else _shaped(w, b) for i in wanted]]


joint_rule(solved, (1, 2), _solved_jvp, _solved_vjp)
function(linalg.spsolve, f"{PREFIX}spsolve", solved)


register(Def("check_order", matrices.check_order, "zero", types=lambda args, kwargs: NONE, raises=True, effect="io"))
ask_before(solved, matrices.check_order)


# -- iterative


#: options that hold for the system of the derivative too
_KEPT = frozenset({"rtol", "atol", "tol", "maxiter", "restart", "inner_m", "outer_k", "m", "k", "truncate", "shift"})
#: solvers of symmetric systems, whose preconditioner is symmetric
_SYMMETRIC = frozenset({"cg", "minres"})
solution_of: Any = helper(
    matrices.solution_of, lambda args, kwargs: args[0].items[0],
    found=(lambda dot, out, found: dot[0], lambda ct, out, found: (ct, 0.0)),
)  # fmt: skip


def _iterative(name: str) -> None:
    solver = getattr(linalg, name, None)
    if solver is None:
        return

    def iterated(a: Any, data: Any, b: Any, x0: Any = None, **options: Any) -> Any:
        return solver(a, b, x0, **options)

    def types(args: Args, kwargs: Kwargs) -> Type:
        if len(dims_of(args[2])) != 1:
            raise DiffTypeError(f"a right-hand side of type {args[2]}", hint="solve for one vector at a time")
        return Tuple((Array(promoted(args[1], args[2]), dims_of(args[2])), INT))

    iterated.__name__ = f"sparse_{name}"
    run = dispatching(iterated)

    def again(a: Any, data: Any, b: Any, options: Mapping[str, Any]) -> Any:
        kept = {k: v for k, v in options.items() if k in _KEPT or (k == "M" and name in _SYMMETRIC)}
        return solution_of(run(a, data, b, **kept))

    def jvp(dots: Mapping[int, Any], out: Any, a: Any, data: Any, b: Any, x0: Any = None, **options: Any) -> Any:
        if 1 not in dots and 2 not in dots:
            return None
        return again(a, data, _change(dots, a, out[0], 2), options), 0.0

    def vjp(
        ct: Any, out: Any, wanted: list[int], a: Any, data: Any, b: Any, x0: Any = None, **options: Any
    ) -> list[list[Any]]:
        if is_absent(ct[0]):
            return [[None for _ in wanted]]
        w = again(a if name in _SYMMETRIC else transposed(a), data, ct[0], options)
        return [[None if i == 3 else w if i == 2 else -entries_of_outer(a, w, out[0]) for i in wanted]]

    written(iterated, f"{PREFIX}{name}(a, b, x0)", types=types)
    joint_rule(iterated, (1, 2, 3), jvp, vjp)  # the start has no influence
    function(solver, f"{PREFIX}{name}", iterated)


for _name in ("cg", "gmres", "bicgstab", "bicg", "cgs", "minres", "lgmres", "gcrotmk"):
    _iterative(_name)


# -- factorizations


def factored_entries(lu: Any, a: Any, data: Any, *rest: Any, **options: Any) -> Any:
    """The entries of the matrix that was factored."""
    return a.data.ravel()


def unknown_entries(lu: Any) -> Any:
    """In place of the entries of a matrix that was factored before: they carry no derivative."""
    return lu.nnz


def _held(lu: Any) -> Type:
    return Array(KINDS.get(np.asarray(lu.solve(np.zeros(lu.shape[0]))).dtype, "f64"), (None,))


written(factored_entries, "a.data.ravel()", types=lambda args, kwargs: args[2])
rule_of(
    factored_entries, 2,
    lambda dot, out, lu, a, data, *rest, **options: dot,
    lambda ct, out, lu, a, data, *rest, **options: ct,
)  # fmt: skip
written(unknown_entries, "lu.nnz", family="zero", types=lambda args, kwargs: getattr(args[0], "held", None) or ANY)
FACTORED = enter_class(ObjectClass("a factored sparse matrix", (linalg.SuperLU,), _held, unknown_entries, keeps=1))
constructor(linalg.splu, f"{PREFIX}splu", FACTORED, factored_entries, linalg.SuperLU)


def solved_by_factors(lu: Any, data: Any, a: Any, rhs: Any, trans: Any = "N") -> Any:
    return lu.solve(rhs, trans)


def _by_factors_type(args: Args, kwargs: Kwargs) -> Type:
    return Array(promoted(args[1], args[3]), dims_of(args[3]))


by_factors = dispatching(solved_by_factors)
_OTHER = {"N": "T", "T": "N"}


def _options(trans: str) -> tuple[str, ...]:
    return () if trans == "N" else (trans,)


def _other(trans: Any) -> tuple[str, ...]:
    if trans not in _OTHER:
        raise NoRuleError(f"the conjugate system (trans={trans!r})", hint="solve with trans='T' and np.conj")
    return _options(_OTHER[trans])


def _by_factors_jvp(dots: Mapping[int, Any], out: Any, lu: Any, data: Any, a: Any, rhs: Any, trans: Any = "N") -> Any:
    _other(trans)
    if 1 not in dots or trans == "N":
        return by_factors(lu, data, a, _change(dots, a, out, 3), *_options(trans))
    change = -times_from_left(with_entries(a, dots[1]), dots[1], out.T).T
    return by_factors(lu, data, a, change if 3 not in dots else dots[3] + change, trans)


def _by_factors_vjp(
    ct: Any, out: Any, wanted: list[int], lu: Any, data: Any, a: Any, rhs: Any, trans: Any = "N"
) -> list[list[Any]]:
    w = by_factors(lu, data, a, ct, *_other(trans))
    u, v = (w, out) if trans == "N" else (out, w)
    return [[-entries_of_outer(a, u, v) if i == 1 else w for i in wanted]]


written(solved_by_factors, "lu.solve(rhs, trans)", types=_by_factors_type)
joint_rule(solved_by_factors, (1, 3), _by_factors_jvp, _by_factors_vjp)
FACTORED.methods["solve"] = solved_by_factors


def solved_by_call(solver: Any, data: Any, a: Any, b: Any) -> Any:
    return solver(b)


#: what `factorized` gives: a function
SOLVER = ObjectClass("a factorized sparse matrix", (), _held, unknown_entries, {"__call__": solved_by_call}, keeps=1)
written(solved_by_call, "solver(b)", types=_by_factors_type)
by_call = dispatching(solved_by_call)


def _by_call_vjp(ct: Any, out: Any, wanted: list[int], solver: Any, data: Any, a: Any, b: Any) -> list[list[Any]]:
    w = solve(transposed(a), data, ct)
    return [[-entries_of_outer(a, w, out) if i == 1 else w for i in wanted]]


joint_rule(
    solved_by_call, (1, 3),
    lambda dots, out, solver, data, a, b: by_call(solver, data, a, _change(dots, a, out, 3)), _by_call_vjp,
)  # fmt: skip
constructor(linalg.factorized, f"{PREFIX}factorized", SOLVER, factored_entries, type(len))
for _fn in (linalg.splu, linalg.factorized):
    ask_before(_fn, matrices.check_order)


# -- norms


def frobenius(a: Any, data: Any, *rest: Any) -> Any:
    return linalg.norm(a, *rest)


def _norm_type(args: Args, kwargs: Kwargs) -> Type:
    if kwargs or (len(args) > 2 and not (len(args) == 3 and isinstance(args[2], Lit) and args[2].value == "fro")):
        raise DiffTypeError("the norm of a sparse matrix other than the Frobenius norm", hint="compute it of `a.data`")
    return Scalar("f64")


written(frobenius, f"{PREFIX}norm(a, *rest)", types=_norm_type)
rule_of(
    frobenius, 1,
    lambda dot, out, a, data, *rest: np.sum(np.real(np.conj(data) * dot)) / out,
    lambda ct, out, a, data, *rest: ct * np.conj(data) / out,
)  # fmt: skip
function(linalg.norm, f"{PREFIX}norm", frobenius)
for _fn in (linalg.splu, linalg.factorized):
    ask_before(_fn, matrices.check_order)
