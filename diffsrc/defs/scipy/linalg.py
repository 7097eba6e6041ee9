"""The rows of `scipy.linalg`: which functions are constant, and which are refused and why; the others are imported."""

from __future__ import annotations

from . import (
    linalg_factors,  # noqa: F401
    linalg_functions,  # noqa: F401
    linalg_packed,  # noqa: F401
    linalg_riccati,  # noqa: F401
    linalg_spectra,  # noqa: F401
)
from .linalg_solve import rows

ZERO = (
    "bandwidth", "ishermitian", "issymmetric", "dft", "hadamard", "helmert", "hilbert", "invhilbert", "pascal", "invpascal",
    "find_best_blas_type", "get_blas_funcs", "get_lapack_funcs",
)  # fmt: skip
rows.zero(*ZERO)

_NOT_UNIQUE = "its factors aren't unique, and which ones it gives isn't a smooth function; differentiate what they are used for"
_BASIS = "it gives some basis of a space, which isn't a smooth function of the matrix"
_NORMS = "it is an estimate; differentiate what it is used for"
#: names -> why no argument has a derivative
REFUSED: dict[tuple[str, ...], str] = {
    ("schur", "rsf2csf", "hessenberg", "qz", "ordqz", "ldl", "cossin", "cdf2rdf", "matrix_balance"): _NOT_UNIQUE,
    ("orth", "null_space"): _BASIS,
    ("subspace_angles", "orthogonal_procrustes"): "use scipy.linalg.svd",
    ("rq", "qr_multiply", "qr_update", "qr_insert", "qr_delete"): "use scipy.linalg.qr",
    ("eigh_tridiagonal", "eigvalsh_tridiagonal", "eig_banded", "eigvals_banded"):
        "use scipy.linalg.eigh of the full matrix",
    ("cholesky_banded", "cho_solve_banded"): "use scipy.linalg.solveh_banded",
    ("solve_circulant",): "use scipy.linalg.solve(scipy.linalg.circulant(c), b), or quotients of np.fft.fft",
    ("expm_cond",): _NORMS,
    ("funm", "signm"): "use the matrix functions of scipy.linalg, or scipy.linalg.eigh",
    ("companion", "convolution_matrix", "diagsvd", "fiedler", "fiedler_companion", "khatri_rao", "leslie"):
        "write the matrix with np.diag, np.kron and indices",
    ("clarkson_woodruff_transform",): "it is random",
}  # fmt: skip
for _names, _why in REFUSED.items():
    rows.refused(_names, _why)

#: neither functions nor rows
SETTINGS = ("LinAlgError", "LinAlgWarning")
