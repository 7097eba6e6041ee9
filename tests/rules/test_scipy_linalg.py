"""Every row of `scipy.linalg`: its rules and as a program, by a table of calls; whole programs; what is refused."""

import numpy as np
import pytest
from scipy import linalg

import diffsrc as ds
from diffsrc.defs import packages, table
from diffsrc.errors import NoRuleError
from tests.rules.cases import Case, programs
from tests.rules.harness import row

packages.load_all()
from diffsrc.defs.scipy.linalg import REFUSED, SETTINGS, ZERO  # noqa: E402  with the rows
from diffsrc.defs.scipy.tools import public  # noqa: E402

RNG = np.random.default_rng(3)


def draw(*shape):
    return RNG.normal(size=shape)


def case(name, *args, wrt=None, second=True, skip=(), **options):
    return Case("linalg", name, args, options, wrt, second, skip)


A, B = draw(3, 3) + 3 * np.eye(3), draw(3, 3) + 4 * np.eye(3)
S = A @ A.T + np.eye(3)
S2 = B @ B.T + np.eye(3)
C = A + 1j * draw(3, 3)
H = C @ C.conj().T + np.eye(3)
V, W = draw(3), draw(3, 2)
CV, CW = draw(3) + 1j * draw(3), draw(3, 2) + 1j * draw(3, 2)
STACK = draw(2, 3, 3) + 3 * np.eye(3)
TALL, WIDE = draw(4, 3), draw(3, 4)
BANDS = np.abs(draw(3, 5)) + np.array([[0.0], [3.0], [0.0]])
HALF = {low: 0.3 * draw(3, 5) + 4.0 * (np.arange(3) == (0 if low else 2))[:, None] for low in (False, True)}
COLUMN, ROW = np.array([4.0, 1.0, 0.3, 0.2]), np.array([9.0, 0.5, -0.4, 0.1])
STRUCTURES = (
    None, "gen", "sym", "pos", "her", "diagonal", "tridiagonal", "upper triangular", "lower triangular", "banded",
)  # fmt: skip

CASES = [
    *(case("solve", S if kind in ("sym", "pos", "her") else A, W, lower, assume_a=kind, transposed=transposed)
      for kind in STRUCTURES for lower, transposed in ((False, False), (True, True))),
    *(case("solve", {"sym": C + C.T, "pos": H, "her": H}.get(kind, C), CV, lower=lower, assume_a=kind)
      for kind in STRUCTURES[2:-1] for lower in (False, True)),
    *(case("solve", a, b) for a, b in (
        (A, V), (STACK, V), (STACK, W), (A, draw(2, 3, 2)), (draw(1, 1), V), (draw(1, 1), draw(1)), (A, CV), (C, V),
    )),
    case("solve", S, V, assume_a="pos"),
    *(case("solve_triangular", A, W, trans, lower, unit)
      for trans in (0, "T") for lower in (False, True) for unit in (False, True)),
    *(case("solve_triangular", C, CV, trans=trans, lower=lower, unit_diagonal=True)
      for trans in ("N", "T", 2) for lower in (False, True)),
    case("solve_triangular", STACK, V), case("solve_triangular", STACK, W, lower=True), case("solve_triangular", A, V, 1),
    *(case("cholesky", a, lower) for a in (S, H, np.stack([S, S2]), S[:1, :1]) for lower in (False, True)),
    *(case("cho_factor", a, lower) for a in (S, H) for lower in (False, True)),
    *(case("cho_solve", (linalg.cholesky(a, lower), lower), b, wrt=(1,))
      for lower in (False, True) for a, b in ((S, V), (S, W), (H, CV), (H, CW))),
    *(case("lu_solve", linalg.lu_factor(a), b, trans, wrt=(1,)) for a, b in ((A, V), (C, CW)) for trans in (0, 1, 2)),
    *(case("lu", a, **o) for a in (A, TALL, WIDE, C) for o in ({}, {"permute_l": True}, {"p_indices": True})),
    case("lu", STACK), case("lu_factor", A), case("lu_factor", A[::-1].copy()), case("lu_factor", C),
    *(case(name, a) for name in ("inv", "det", "norm", "pinv") for a in (A, STACK, C)),
    *(case("inv", {"pos": H, "her": H, "sym": C + C.T}.get(kind, C), assume_a=kind, lower=lower)
      for kind in ("pos", "her", "sym", "upper triangular", "lower triangular") for lower in (False, True)),
    case("inv", A[:1, :1]), case("det", A[:1, :1]), case("pinv", TALL), case("pinv", WIDE + 1j * draw(3, 4)),
    case("pinvh", S), case("pinvh", H, lower=False), case("norm", V), case("norm", TALL, "fro"), case("norm", TALL, None, 1),
    case("norm", V, 3), case("norm", V, 1),
    *(case("lstsq", a, b, skip=(1,), second=False) for a, b in ((TALL, draw(4)), (TALL, draw(4, 2)), (A, V))),
    *(case("expm", a) for a in (A / 6, STACK / 6, C / 8, A[:1, :1])),
    *(case(name, a) for name in ("cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm") for a in (A / 6, C / 8)),
    *(case(name, a) for name in ("logm", "sqrtm") for a in (S / 8 + 0.02 * A, C / 2, H)),
    case("fractional_matrix_power", S, 0.3, wrt=(0,)),
    case("expm_frechet", A / 3, B / 4, compute_expm=False), case("expm_frechet", A / 3, B / 4),
    case("expm_frechet", C / 6, B / 4 + 0j, compute_expm=False),
    case("solve_sylvester", A, B, draw(3, 3)), case("solve_sylvester", C, B + 0j, C.T),
    case("solve_sylvester", A, draw(2, 2) + 4 * np.eye(2), W),
    case("solve_continuous_lyapunov", A, B), case("solve_continuous_lyapunov", C, C.T),
    case("solve_discrete_lyapunov", A / 8, B), case("solve_discrete_lyapunov", C / 8, C.T, method="bilinear"),
    case("solve_banded", (1, 1), BANDS, draw(5), wrt=(1, 2)),
    case("solve_banded", (0, 2), BANDS[::-1].copy(), draw(5, 2), wrt=(1, 2)),
    case("solve_banded", (2, 1), np.vstack([BANDS, 0.2 * draw(1, 5)]), draw(5, 2) + 0j, wrt=(1, 2)),
    *(case("solveh_banded", ab, b, lower=low) for low in (False, True) for ab, b in (
        (HALF[low], draw(5)), (HALF[low] + 0.1j * draw(3, 5), draw(5, 2) + 0j),
    )),
    case("solve_toeplitz", COLUMN, ROW), case("solve_toeplitz", (COLUMN, ROW), draw(4, 2)),
    case("solve_toeplitz", (COLUMN + 0.1j * ROW, ROW + 0.2j * COLUMN), ROW + 0j),
    case("solve_toeplitz", COLUMN + 0.1j * ROW, ROW + 0j),
    case("matmul_toeplitz", COLUMN, ROW), case("matmul_toeplitz", (COLUMN, ROW[:3]), W),
    case("toeplitz", COLUMN), case("toeplitz", COLUMN, ROW[:3]), case("toeplitz", COLUMN[:1]),
    case("toeplitz", COLUMN + 1j * ROW),
    case("hankel", COLUMN), case("hankel", COLUMN, ROW[:3]), case("hankel", COLUMN[:2], ROW), case("circulant", COLUMN),
    case("circulant", COLUMN + 1j * ROW), case("block_diag", A, V, 2.0, W), case("block_diag", STACK, W),
    *(case("qr", a, mode=mode, pivoting=pivoting)
      for a in (A, TALL, WIDE) for mode in ("full", "economic", "r") for pivoting in (False, True)),
    *(case("svd", a, full) for a in (A, TALL, WIDE) for full in (False, True)),
    *(case("svdvals", a, second=False) for a in (A, TALL, STACK)), case("svd", TALL, compute_uv=False, second=False),
    *(case("eigh", S, *b, lower=lower) for b in ((), (S2,)) for lower in (False, True)),
    *(case("eigvalsh", a, *b, lower=lower, second=False) for lower in (False, True) for a, b in (
        (S, ()), (S, (S2,)), (H, ()), (H, (S2 + 0j,)), (np.stack([S, S2]), ()),
    )),
    case("eigh", S, eigvals_only=True, second=False),
    case("eigvals", A, second=False), case("eigvals", C, second=False), case("eig", C, second=False),
    case("polar", A), case("polar", TALL), case("polar", WIDE, "left"), case("polar", S, side="left"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rules(case):
    case.check_rules()


#: in single precision, the tolerance is that of the harness
NARROW = [
    case("solve", A, W), case("solve", S, V, assume_a="pos"), case("solve_triangular", A, V, lower=True), case("inv", A),
    case("cholesky", S), case("cholesky", S, True), case("solve_sylvester", A, B, W @ W.T),
    case("solve_continuous_lyapunov", A, B), case("toeplitz", COLUMN, ROW), case("hankel", COLUMN, ROW),
    case("circulant", COLUMN), case("block_diag", A, W), case("solveh_banded", HALF[True], draw(5), lower=True),
    case("solve", C, CV),
    case("eigvalsh", S), case("svdvals", TALL), case("pinv", TALL),
]  # fmt: skip


@pytest.mark.parametrize("case", NARROW, ids=str)
def test_single_precision(case):
    case.check_narrow()


MORE = '''
def likelihood(x, y, length, noise):
    """A Gaussian process."""
    K = np.exp(-0.5 * ((x[:, None] - x[None, :]) / length) ** 2) + noise**2 * np.eye(len(x))
    c, low = linalg.cho_factor(K, lower=True)
    alpha = linalg.cho_solve((c, low), y)
    return 0.5 * y @ alpha + np.sum(np.log(np.diag(c)))


def likelihood_by_pair(x, y, length):
    K = np.exp(-0.5 * ((x[:, None] - x[None, :]) / length) ** 2) + 0.1 * np.eye(len(x))
    factors = linalg.cho_factor(K)
    return 0.5 * y @ linalg.cho_solve(factors, y) + np.sum(np.log(np.diag(factors[0])))


def kalman(A, Q, H, R, ys):
    x, P, total = np.zeros(A.shape[0]), np.eye(A.shape[0]), 0.0
    for y in ys:
        x = A @ x
        P = A @ P @ A.T + Q
        S = H @ P @ H.T + R
        v = y - H @ x
        K = linalg.solve(S, H @ P, assume_a="pos").T
        x = x + K @ v
        P = P - K @ S @ K.T
        total += 0.5 * v @ linalg.solve(S, v, assume_a="pos") + 0.5 * np.log(linalg.det(S))
    return total


def control(A, B, u, x0):
    x = x0
    for k in range(len(u)):
        x = linalg.expm(0.1 * (A + u[k] * B)) @ x
    return np.sum(x**2)


def regulator(A, B, L, M):
    """The cost of a linear quadratic regulator, in continuous and in discrete time."""
    x = linalg.solve_continuous_are(A, B, L @ L.T, M @ M.T)
    y = linalg.solve_discrete_are(A, B, L @ L.T, M @ M.T)
    return np.sum(x[0] * x[1]) + np.trace(y) + y[0, 1]


def factors(A, b):
    f = linalg.lu_factor(A)
    return np.sum(linalg.lu_solve(f, b) ** 2) + np.sum(linalg.lu_solve(f, b, trans=1))


def with_factors(c, b):
    return np.sum(linalg.cho_solve((c, True), b) ** 2) + linalg.cho_solve((c, False), b)[0]


def with_lu(lu, b):
    p = np.array([1, 1, 2])
    return np.sum(linalg.lu_solve((lu, p), b) ** 2) + linalg.lu_solve((lu, p), b, 1)[0]


def fitted(a, b):
    x, _, rank, s = linalg.lstsq(a, b)
    return np.sum(x**2) + rank * s[0]


def basis(a):
    return np.sum(linalg.schur(a)[0])


def unstable(a):
    return np.sum(linalg.logm(a))


def overwriting(a, b):
    return np.sum(linalg.solve(a, b, overwrite_b=True))


def overwriting_what_is_constant(a, b):
    linalg.solve(np.eye(2), b, overwrite_b=True)
    return np.sum(a)


def unknown_flag(a, b, lower):
    return np.sum(linalg.solve_triangular(a, b, lower=lower))


def real_vectors(a):
    w, v = linalg.eig(a)
    return np.sum(np.real(w) ** 2) + np.sum(v[:, 0] ** 3)


def complex_values(a):
    w, _ = linalg.eig(a)
    return np.sum(np.real(w) ** 2) + np.sum(np.imag(w) ** 2)


def left_vectors(a):
    return np.sum(np.abs(linalg.eig(a, left=True)[1]))


def counted(a, b):
    return linalg.bandwidth(a)[0] * np.sum(b) + np.sum(linalg.hilbert(2) @ b)
'''


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return programs(CASES, tmp_path_factory.mktemp("linalg"), MORE)


@pytest.mark.parametrize("k", range(len(CASES)), ids=lambda k: str(CASES[k]))
def test_calls_as_programs(module, k):
    CASES[k].check_program(getattr(module, f"case_{k}"))


X = np.linspace(0, 3, 4)
PROGRAMS = {
    "likelihood": (X, np.sin(X), 0.7, 0.3), "likelihood_by_pair": (X, np.sin(X), 0.7),
    "kalman": (A / 6, 0.1 * np.eye(3), draw(2, 3), np.eye(2), draw(3, 2)), "control": (A / 3, B / 3, draw(3), V),
    "regulator": (A / 4, W, S / 3, S2[:2, :2] / 8), "factors": (A, V),
    "with_factors": (linalg.cholesky(S, lower=True) + np.triu(draw(3, 3), 1), V),
    "with_lu": (A, V),
    "real_vectors": (S + np.diag([0.0, 1.0, 3.0]),), "complex_values": (draw(3, 3),),
    "fitted": (TALL, draw(4)),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_programs(module, name):
    order = 1 if name == "complex_values" else 2  # the second needs the change of complex vectors
    ds.check_grads(getattr(module, name), PROGRAMS[name], order=order, rtol=1e-5, atol=1e-5)


def test_text_is_what_one_would_write(module):
    text = str(ds.code_source(module.likelihood, *PROGRAMS["likelihood"]))
    assert "c, low = linalg.cho_factor(K, lower=True)" in text
    assert text.count("cho_solve(") == 2 + 1  # the primal's, its comment, and one for both cotangents
    text = str(ds.code_source(module.control, *PROGRAMS["control"]))
    assert "linalg.expm_frechet(" in text


def test_triangles_that_are_not_read(module):
    """The diagonal receives nothing where it is taken as 1, and the other triangle never does."""
    d = row(linalg.solve_triangular)
    for lower in (False, True):
        out = linalg.solve_triangular(A, V, lower=lower, unit_diagonal=True)
        g = d.rules[0].vjp(V, out, A, V, lower=lower, unit_diagonal=True)
        assert not np.any(np.diag(g))
        assert not np.any(np.triu(g) if lower else np.tril(g))


def test_empty():
    none, nothing = np.zeros((0, 0)), np.zeros((0, 2))
    for fn, args in ((linalg.solve, (none, nothing)), (linalg.expm, (none,)), (linalg.inv, (none,)), (linalg.cholesky, (none,))):
        out = fn(*args)
        for i, a in enumerate(args):
            assert np.shape(row(fn).rules[i].vjp(np.zeros_like(out), out, *args)) == np.shape(a)


def test_refusals(module):
    for f, args, words in (
        (module.basis, (A,), "scipy.linalg.schur.*aren't unique"), (module.overwriting, (A, V), "overwrite_b= overwrites"),
        (module.overwriting_what_is_constant, (A, V[:2]), "overwrite_b= overwrites"),
        (module.left_vectors, (A,), "left=True"),
    ):  # fmt: skip
        for mode in (lambda f, a: ds.grad(f)(*a), lambda f, a: ds.jvp(f, a, tuple(np.ones_like(x) for x in a))):
            with pytest.raises(ds.UnsupportedError, match=rf"(?s){words}.*programs.py:\d+:"):
                mode(f, args)
    for lower in (False, True):  # a flag that decides is known when the program is called with it, or refused
        try:
            g = ds.grad(module.unknown_flag)(A, V, lower)
        except ds.UnsupportedError:
            continue
        assert not np.any(np.triu(g, 1) if lower else np.tril(g, -1))
    np.testing.assert_array_equal(ds.grad(module.counted, 1)(np.tril(A), V[:2]), 2 + linalg.hilbert(2).sum(axis=0))


def test_a_real_matrix_with_a_complex_function_raises(module):
    with pytest.raises(ds.UnsupportedError, match="of a real matrix is complex"):
        ds.grad(module.unstable)(np.diag([-1.0, 2.0]))
    with pytest.raises(ds.UnsupportedError, match="of a real matrix is complex"):
        ds.grad(module.real_vectors)(np.array([[0.0, 1.0], [-1.0, 0.0]]))


def test_nothing_is_undecided():
    """Each public callable has a row: active, constant or refused with a reason."""
    there = set(public(linalg)) - set(SETTINGS)
    for name in sorted(there):
        d = table.lookup(getattr(linalg, name))
        assert d is not None, name
        assert d.family == "zero" or d.rules or d.refusals.get(-1), name
    assert {n for names in REFUSED for n in names} | set(ZERO) <= there
    assert issubclass(NoRuleError, ds.UnsupportedError)
