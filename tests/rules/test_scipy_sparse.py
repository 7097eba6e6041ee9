"""Sparse matrices as objects: products, conversions, sums, diagonals, solvers, in entries and vectors."""

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse import linalg

import diffsrc as ds

DENSE = np.array([[4.0, 1.3, 0.0], [1.0, 5.0, 0.7], [0.0, 1.1, 4.5]])
FIXED = sparse.csr_matrix(DENSE)
ROW, COL = FIXED.tocoo().row, FIXED.tocoo().col
INDICES, INDPTR = FIXED.indices, FIXED.indptr
ENTRIES = FIXED.data + 0.1
V = np.array([1.0, 2.0, 3.0])
W = np.array([[0.5, 1.0], [2.0, -1.0], [0.3, 0.7]])
FACTORS = linalg.splu(FIXED.tocsc())
SOLVE = linalg.factorized(FIXED.tocsc())


def check(f, *args, order=2):
    out, _ = ds.value_and_grad(f, tuple(range(len(args))))(*args)
    assert out == f(*args)
    ds.check_grads(f, args, order=order)


def csr(d):
    return sparse.csr_matrix((d, INDICES, INDPTR), shape=(3, 3))


# with entries that are constant


def fixed_product(v):
    return np.sum((FIXED @ v) ** 3)


def fixed_dot(v):
    return np.sum(FIXED.dot(v) ** 3)


def fixed_from_left(v):
    return np.sum((v.T @ FIXED) ** 3)


def fixed_transposed(v):
    return np.sum((FIXED.T @ v) ** 3)


def fixed_solve(v):
    return np.sum(linalg.spsolve(FIXED, v) ** 3)


def fixed_factors(v):
    return np.sum(FACTORS.solve(v) ** 3) + np.sum(FACTORS.solve(v, trans="T") ** 2)


def fixed_scaled(v):
    return np.sum(((2.0 * FIXED + sparse.eye(3)) @ v) ** 2)


@pytest.mark.parametrize("v", [V, W, np.asfortranarray(W), np.repeat(V, 2)[::2]], ids=["1d", "2d", "fortran", "strided"])
@pytest.mark.parametrize(
    "f",
    [fixed_product, fixed_dot, fixed_from_left, fixed_transposed, fixed_solve, fixed_factors, fixed_scaled],
    ids=lambda f: f.__name__,
)
def test_constant_entries(f, v):
    check(f, v)


def test_a_solver_kept_as_a_function():
    def f(v):
        return np.sum(SOLVE(v) ** 3)

    check(f, V)


def test_a_matrix_that_is_an_argument():
    def f(v, a):
        return np.sum((a @ v) ** 2)

    g = ds.grad(f)(V, FIXED)
    np.testing.assert_allclose(g, 2 * DENSE.T @ DENSE @ V)


# with active entries


def product(d, v):
    return np.sum((csr(d) @ v) ** 3)


def product_in_a_loop(d, v):
    a = csr(d)
    for _ in range(3):
        v = 0.1 * (a @ v)
    return np.sum(v**2)


def from_left(d, v):
    return np.sum((v.T @ csr(d)) ** 3)


def transposed(d, v):
    a = csr(d)
    return np.sum((a.T @ v) ** 2) + np.sum((a.transpose().tocsr() @ v) ** 3)


def by_columns(d, v):
    a = sparse.csc_array((d, INDICES, INDPTR), shape=(3, 3))
    return np.sum((a @ v) ** 2) + np.sum((a.tocsr() @ v) ** 3) + np.sum((a.tocoo() @ v) ** 2)


def by_places(d, v):
    repeated = sparse.csr_matrix((np.append(d, d[:2]), (np.append(ROW, ROW[:2]), np.append(COL, COL[:2]))), shape=(3, 3))
    return np.sum((repeated @ v) ** 3)


def by_coordinates(d, v):
    return np.sum((sparse.coo_matrix((d, (ROW, COL)), shape=(3, 3)) @ v) ** 3)


def arithmetic(d, v):
    a = csr(d)
    b = sparse.eye(3) + d[0] * a - FIXED / d[1] + (-a.T) * 0.5
    return np.sum((b @ v) ** 2) + np.sum(b.toarray() ** 3) + np.sum(b.diagonal() * b.diagonal()) + b.sum()


def entries(d, v):
    a = csr(d)
    return np.sum(a.data**2) * a.nnz + a.shape[0] * np.sum(a.diagonal(1)) * v[0, 0] if v.ndim == 2 else np.sum(a.data)


def of_two(d, v):
    a = csr(d)
    b = a.T @ sparse.diags(np.cos(d[:3])) @ a + FIXED.dot(a) - a @ a @ FIXED
    return np.sum((b @ v) ** 2)


FREE = np.array([0, 2])


def without_bound_places(d, v):
    a = csr(d)[FREE][:, FREE]
    b = csr(d).tocsc()[1:, 1:]
    c = csr(d)[np.ix_(FREE, FREE)] + a
    return np.sum((a @ v[:2]) ** 2) + np.sum(linalg.spsolve(b, v[1:]) ** 2) + np.sum((c @ v[:2]) ** 2)


def by_subscripts(d, v):
    a = csr(d)
    total = a[0, 2] + a[-1, -1] ** 2 + np.sum(a[1].toarray() ** 2) * a[:, 1].sum()
    for k in range(3):
        total += a[k, k] * np.sum(v[k])
    return total + np.sum(FIXED[FREE] @ v) * FIXED[1, 1]


def by_stars(d, v):
    return np.sum((csr(d) * v) ** 2) + np.sum((FIXED * v) ** 2) + np.sum((v.T * csr(d)) ** 3) + linalg.norm(csr(d))


def by_format(d, v):
    a = csr(d).T
    if isinstance(a, sparse.csr_matrix) or not sparse.issparse(a):
        return np.sum(a @ v)
    return np.sum((a @ v) ** 2)


def chosen(d, v):
    a = csr(d)
    if v.sum() > 1:
        a = csr(d**2)
    return np.sum((a @ v) ** 2)


class Operator:
    def __init__(self, d):
        self.a = csr(d)
        self.kept = [csr(d * k) for k in (1.0, 2.0)]

    def apply(self, v):
        return self.a @ (self.kept[1] @ v)


def in_an_instance(d, v):
    return np.sum(Operator(d).apply(v) ** 2)


def solved(d, v):
    return np.sum(linalg.spsolve(csr(d), v) ** 3)


def solved_by_factors(d, v):
    lu = linalg.splu(sparse.csc_matrix((d, INDICES, INDPTR), shape=(3, 3)))
    return np.sum(lu.solve(lu.solve(v), trans="T") ** 3)


def solved_by_function(d, v):
    solve = linalg.factorized(sparse.csc_matrix((d, INDICES, INDPTR), shape=(3, 3)))
    for _ in range(2):
        v = solve(v)
    return np.sum(v**3)


ACTIVE = [
    product, product_in_a_loop, from_left, transposed, by_columns, by_places, by_coordinates, arithmetic, entries, of_two, chosen,
    without_bound_places, by_subscripts, by_format, by_stars,
    in_an_instance, solved, solved_by_factors, solved_by_function,
]  # fmt: skip


@pytest.mark.parametrize("v", [V, W], ids=["1d", "2d"])
@pytest.mark.parametrize("f", ACTIVE, ids=lambda f: f.__name__)
def test_active_entries(f, v):
    check(f, ENTRIES, v)


@pytest.mark.parametrize("kind", ["csr_matrix", "csr_array", "csc_matrix", "csc_array"])
def test_compressed_formats(kind):
    cls = getattr(sparse, kind)

    def f(d, v):
        return np.sum((cls((d, INDICES, INDPTR), shape=(3, 3)) @ v) ** 3)

    check(f, ENTRIES, V)


def test_blocks_and_diagonals_have_entries_of_their_own():
    indices, indptr = np.array([0, 1, 1]), np.array([0, 2, 3])

    def blocks(d, v):
        a = sparse.bsr_matrix((d, indices, indptr), shape=(4, 4))
        return np.sum((a @ v) ** 2) + np.sum((a.T @ v) ** 3) + np.sum((a.tocsr() @ v) ** 3)

    def diagonals(d, v):
        a = sparse.dia_matrix((d, np.array([0, 1, -2])), shape=(4, 4))
        return np.sum((a @ v) ** 2) + np.sum((a.T @ v) ** 3) + np.sum((a.tocsr() @ v) ** 3)

    rng = np.random.default_rng(0)
    check(blocks, rng.uniform(1, 2, (3, 2, 2)), rng.uniform(0, 1, 4))
    check(diagonals, rng.uniform(1, 2, (3, 4)), rng.uniform(0, 1, 4))


@pytest.mark.parametrize("name", ["cg", "gmres", "bicgstab", "bicg", "cgs", "minres", "lgmres", "gcrotmk"])
def test_iterative_solvers(name):
    solver = getattr(linalg, name)
    options = {"minres": {}, "cg": {"atol": 1e-15}}.get(name, {"atol": 1e-15})

    def f(k, b):
        a = sparse.diags([k, -0.3 * k[1:], -0.3 * k[1:]], [0, 1, -1], format="csr")
        x, info = solver(a, b, x0=b * 2.0, rtol=1e-14, M=sparse.diags(1.0 / k), **options)
        return np.sum(x**3)

    check(f, V + 1.0, V[::-1].copy())


def test_a_preconditioner_of_active_entries_has_no_influence():
    def f(d):
        a = csr(d)
        x, _ = linalg.gmres(a, V, rtol=1e-14, atol=1e-15, M=sparse.diags(1.0 / d[[0, 3, 6]]))
        return np.sum(x)

    np.testing.assert_allclose(ds.grad(f)(ENTRIES), ds.grad(lambda d: np.sum(linalg.spsolve(csr(d), V)))(ENTRIES))


def test_a_system_that_does_not_converge_raises():
    def f(b):
        x, _ = linalg.cg(FIXED + FIXED.T, b, maxiter=1, rtol=1e-14)
        return np.sum(x)

    with pytest.raises(RuntimeError, match="hasn't converged"):
        ds.grad(f)(V)


# kinds of numbers


def test_complex_entries():
    def f(d, v):
        y = csr(d) @ v
        x = linalg.spsolve(csr(d), y * v)
        return np.sum(np.abs(x) ** 2)

    check(f, ENTRIES + 0.3j * ENTRIES[::-1], V - 1j, order=1)
    check(f, ENTRIES, V - 1j, order=1)
    check(f, ENTRIES + 0.3j * ENTRIES[::-1], V, order=1)


def test_single_precision():
    def f(d, v):
        return np.sum((csr(d) @ v) ** 2)

    d, v = ENTRIES.astype(np.float32), V.astype(np.float32)
    one, two = ds.grad(f, (0, 1))(d, v)
    assert one.dtype == two.dtype == np.float32
    np.testing.assert_allclose(one, ds.grad(f)(ENTRIES, V), rtol=1e-5)


# whole programs


def heat(k, u):
    """Implicit Euler steps of the heat equation; conductivities between cells."""
    n = len(u)
    dx, dt = 1.0 / n, 1e-3
    inner = k[1:-1]
    laplace = sparse.diags([inner, -(k[1:] + k[:-1]), inner], [-1, 0, 1], format="csc") / dx**2
    a = sparse.eye(n, format="csc") - dt * laplace
    for _ in range(4):
        u = linalg.spsolve(a, u)
    return np.sum(u**2)


def bar(stiffness, load):
    """A bar of linear elements: assembled from the element matrices, clamped at the left end."""
    n = len(stiffness)
    left, right = np.arange(n), np.arange(1, n + 1)
    rows = np.concatenate([left, left, right, right])
    cols = np.concatenate([left, right, left, right])
    entries = np.concatenate([stiffness, -stiffness, -stiffness, stiffness])
    inside = (rows > 0) & (cols > 0)
    matrix = sparse.csc_matrix((entries[inside], (rows[inside] - 1, cols[inside] - 1)), shape=(n, n))
    u = linalg.spsolve(matrix, load)
    return load @ u


@pytest.mark.parametrize("f", [heat, bar], ids=["heat", "bar"])
def test_programs(f):
    n = 6
    check(f, 1.0 + np.arange(n + (f is heat)) / 5, np.sin(1.0 + np.arange(n)))


def plane(v):
    """A Laplace equation on a square, whose matrix is made of constant ones here."""
    line = sparse.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(3, 3), format="csr")
    square = sparse.kron(sparse.eye(3), line) + sparse.kron(line, sparse.eye(3, format="csr"))
    return np.sum(linalg.spsolve(square.tocsc(), np.concatenate([v, v**2, v])) ** 2)


def blocks(v):
    a = sparse.bmat([[FIXED, None], [None, FIXED.T]], format="csc")
    return np.sum(linalg.spsolve(a, np.concatenate([v, v])) ** 3)


def assembled(v):
    """Entry by entry into lists, as programs do it that grew out of loops."""
    rows, cols, values = [], [], []
    for k in range(len(v)):
        rows.append(k)
        cols.append(k)
        values.append(v[k] + 2.0)
        if k > 0:
            rows.append(k)
            cols.append(k - 1)
            values.append(v[k] * v[k - 1])
    a = sparse.csr_matrix((values, (rows, cols)), shape=(3, 3))
    return np.sum(linalg.spsolve(a, v) ** 2)


def grown(v):
    a = FIXED
    for k in range(3):
        a = a + sparse.eye(3) * v[k]
    return np.sum((a @ v) ** 2)


@pytest.mark.parametrize("f", [plane, blocks, assembled, grown], ids=lambda f: f.__name__)
def test_assembled_here(f):
    check(f, V)


def test_a_matrix_is_printed(capsys):
    def f(d):
        a = csr(d)
        print(a)
        return np.sum(a @ V)

    ds.grad(f)(ENTRIES)
    assert "7 stored elements" in capsys.readouterr().out


def test_what_an_expert_would_write():
    text = str(ds.code_source(heat, np.ones(7), np.ones(6)))
    lines = [line.strip().partition("  #")[0] for line in text.splitlines()]
    assert "u = scipy.sparse.linalg.spsolve(a, u)" in lines
    assert "du = scipy.sparse.linalg.spsolve(a.T, du)" in lines
    assert "da_contents -= entries_of_outer(a, du, u)" in lines


def diffusion(d, indices, indptr, v):
    a = sparse.csr_matrix((d, indices, indptr), shape=(3, 3))
    return np.sum(linalg.spsolve(a, v) ** 2) + np.sum((sparse.diags([v, v[1:]], [0, 1], format="csr") @ v) ** 2)


def test_a_module_that_stands_alone(tmp_path):
    path = tmp_path / "alone.py"
    args = (ENTRIES, INDICES, INDPTR, V)
    ds.build(diffusion, *args, wrt=(0, 3), path=path)
    program = f"""
import sys
sys.modules["diffsrc"] = None
sys.path.insert(0, {str(tmp_path)!r})
import numpy as np, alone
args = (np.array({ENTRIES.tolist()}), np.array({INDICES.tolist()}), np.array({INDPTR.tolist()}), np.array({V.tolist()}))
print([part.tolist() for part in alone.diffusion_grad(*args)])
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for part, wanted in zip(json.loads(found.stdout), ds.grad(diffusion, (0, 3))(*args)):
        np.testing.assert_allclose(part, wanted)


# refusals


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (lambda d: np.sum(((csr(d) * csr(d)) @ V)), "operator mul of a sparse matrix and another object"),
        (lambda d: np.sum(csr(d).power(2).toarray()), "the method .power()"),
        (lambda d: np.sum(csr(d).multiply(V).toarray()), "the method .multiply()"),
        (lambda d: np.sum(np.sqrt(csr(d))), "`np.sqrt` of a sparse matrix"),
        (lambda d: sparse.kron(csr(d), csr(d)).sum(), "made of others in this way"),
        (lambda d: linalg.norm(csr(d), 1), "the norm of a sparse matrix other than"),
        (lambda d: np.sum(linalg.expm(csr(d)) @ V), "`scipy.sparse.linalg.expm` of a sparse matrix"),
        (lambda d: np.sum(sparse.csr_matrix(np.diag(d)) @ np.ones(7)), "whose pattern isn't given"),
        (lambda d: np.sum(csr(d).sum(axis=0)), "the sum of a sparse matrix along an axis"),
        (lambda d: [csr(d)], "returns"),
        (lambda d: np.sum(sparse.vstack([csr(d), FIXED]) @ V), "made of others in this way"),
        (lambda d: linalg.lsqr(FIXED, d[:3])[0][0], "`scipy.sparse.linalg.lsqr` has no derivative"),
    ],
)
def test_refusals(f, reason):
    with pytest.raises(ds.UnsupportedError) as found:
        ds.grad(f)(ENTRIES)
    assert reason in found.value.reason


def test_entries_that_are_written_later():
    def f(d):
        d = d.copy()
        a = csr(d)
        d[0] = 5.0
        return np.sum(a @ V)

    def g(d):
        a = csr(d)
        a.data[0] = 5.0
        return np.sum(a @ V)

    for each in (f, g):
        with pytest.raises(ds.UnsupportedError, match="may keep|may share the memory"):
            ds.grad(each)(ENTRIES)


def test_an_entry_that_was_dropped_for_being_zero_is_no_silent_zero():
    def f(t):
        return np.sum((FIXED + sparse.eye(3, k=2, format="csr") * t) @ V)

    assert ds.grad(f)(1.0) == pytest.approx(3.0)
    with pytest.raises(ValueError, match="was dropped"):
        ds.grad(f)(0.0)


@pytest.mark.parametrize("solve", [linalg.spsolve, lambda a, b: linalg.splu(a.tocsc()).solve(b)], ids=["spsolve", "splu"])
def test_solvers_that_would_sort_entries_in_place_raise(solve):
    """They would be sorted in the user's array too, and cotangents were those of other entries."""

    def f(d):
        a = sparse.csc_matrix((d, np.array([1, 0, 0, 1]), np.array([0, 2, 4])), shape=(2, 2))
        return np.sum(solve(a, V[:2]))

    d = np.array([0.5, 4.0, 0.3, 3.0])
    for run in (ds.grad(f), lambda x: ds.jvp(f, (x,), (x,))):
        with pytest.raises(ValueError, match="sort the entries"):
            run(d.copy())
