"""How marks go through functions of SciPy, and through its splines; see `spreading.py`.

An object comes with its contents beside it (`defs/objects.py`): the marks are those of the contents.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..defs.table import Def
from .marked import marks_of, parts, result, whole
from .marks import Sets
from .spreading import Args, Options, UnlistedError, bound, call, mark, movers, rule
from .spreading_products import of_matrices
from .spreading_sums import mixed, reduced

# -- scipy.special


@rule(
    *(f"scipy.special.{n}" for n in (
        "sici", "shichi", "fresnel", "airy", "airye", "itj0y0", "iti0k0", "it2j0y0", "it2i0k0", "itairy", "pbdv", "pbvv", "pbwa",
        "kelvin", "ellipj", "h1vp", "h2vp", "ivp", "jvp", "kvp", "yvp", "spherical_jn", "spherical_yn", "spherical_in",
        "spherical_kn", "lambertw", "multigammaln", "assoc_laguerre",
    ))
)  # fmt: skip
def _elementwise(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Functions of several numbers, element by element, that may have several results."""
    marks: Any = functools.reduce(sets.either, map(marks_of, (*args, *options.values())), 0)
    out = call(d, args, options)
    return tuple(result(o, marks) for o in out) if isinstance(out, tuple) else result(out, marks)


rule("scipy.special.logsumexp", "scipy.linalg.norm")(reduced)
rule("scipy.special.softmax", "scipy.special.log_softmax")(functools.partial(mixed, default=None))

# -- scipy.stats: reductions, and densities of rows


rule(*(f"scipy.stats.{n}" for n in ("gmean", "hmean", "pmean", "skew", "kurtosis", "moment", "sem", "variation", "entropy")))(
    functools.partial(reduced, default=0)
)
rule("scipy.stats.zscore")(functools.partial(mixed, default=0))


@rule(*(f"scipy.stats.multivariate_normal.{n}" for n in ("logpdf", "pdf")))
def _of_rows(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    marks = whole(args[0])[1]
    out = call(d, args, options)
    if np.shape(out) != marks.shape[:-1]:
        raise UnlistedError
    others = mark(sets, parts((args[1:], options)))
    return result(out, sets.either(sets.along(marks, (marks.ndim - 1,)), others))


# -- scipy.linalg

rule(
    *(f"scipy.linalg.{n}" for n in (
        "inv", "det", "cholesky", "cho_factor", "lu", "lu_factor", "polar", "pinv", "pinvh", "qr", "svd", "svdvals", "eigh",
        "eigvalsh", "eigvals", "eig", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm", "logm", "expm", "sqrtm",
        "fractional_matrix_power",
    ))
)(of_matrices)  # fmt: skip


def _solved(sets: Sets, d: Def, args: Args, options: Options, position: int) -> Any:
    """A column of the solution depends on that of the right-hand side, and on all of the matrix."""
    if len(args) <= position:
        raise UnlistedError
    side = whole(args[position])[1]
    others = mark(sets, parts((args[:position], args[position + 1 :], options)))
    out = call(d, args, options)
    if np.ndim(out) != side.ndim:
        raise UnlistedError
    return result(out, sets.either(sets.along(side, (max(side.ndim - 2, 0),), True), others))


for _name, _position in (
    ("solve", 1), ("solve_triangular", 1), ("cho_solve", 1), ("lu_solve", 1), ("solve_banded", 2), ("solveh_banded", 1),
    ("solve_toeplitz", 1),
):  # fmt: skip
    rule(f"scipy.linalg.{_name}")(functools.partial(_solved, position=_position))

movers("scipy.linalg.toeplitz", "scipy.linalg.hankel", data=(0, 1))
movers("scipy.linalg.circulant", "scipy.spatial.distance.squareform")
movers("scipy.linalg.block_diag", data=range(64))

# -- scipy.spatial.distance


@rule("scipy.spatial.distance.cdist", "scipy.spatial.distance_matrix")
def _between(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    x, y = (sets.along(whole(a)[1], (1,)) for a in args[:2])
    others = mark(sets, parts((args[2:], options)))
    return result(call(d, args, options), sets.either(sets.either(x[:, None], y[None, :]), others))


@rule("scipy.spatial.distance.pdist")
def _among(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    x = sets.along(whole(args[0])[1], (1,))
    i, j = np.triu_indices(x.size, 1)
    others = mark(sets, parts((args[1:], options)))
    return result(call(d, args, options), sets.either(sets.either(x[i], x[j]), others))


# -- objects


@rule("evaluated")
def _evaluated(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """A spline at points: each value depends on its point, and on all coefficients."""
    given = bound(d, args, options)
    out, at = call(d, args, options), whole(given["x"])[1]
    marks = at.reshape(at.shape + (1,) * (np.ndim(out) - at.ndim))
    return result(out, sets.either(marks, mark(sets, parts(given["c"]))))
