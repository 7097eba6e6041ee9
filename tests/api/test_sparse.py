"""Sparse derivatives: the same numbers as the dense ones, the right pattern, few products."""

import pickle
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

import diffsrc as ds
from tests.api.sparse_programs import HESSIANS, JACOBIANS, OTHERS, bundle, residuals

scipy_sparse = pytest.importorskip("scipy.sparse")

from diffsrc.api import dependence, sparse  # noqa: E402
from diffsrc.api.colouring import colour, colour_symmetric, grouped  # noqa: E402
from diffsrc.api.higher import Source  # noqa: E402
from diffsrc.api.marks import Sets  # noqa: E402

X = np.random.default_rng(0).uniform(0.5, 2.0, 12)


def products():
    """How many products the last plan takes."""
    return next(reversed(sparse._PLANS.values()))[1].count


def traced(f, args, argnums=(0,)):
    """The pattern as the marks give it: no full one where they can't be followed."""
    program = Source(f).program(args, {})
    places = [program.call.place(a) for a in argnums]
    size = sum(np.size(program.call.value(p)) for p in places)
    return dependence._traced(program, places, Sets(size)).toarray()


@pytest.mark.parametrize("row", JACOBIANS, ids=lambda row: row.name)
def test_jacobian(row):
    dense = np.asarray(ds.jacobian(row.fn)(*row.args)).reshape(-1, np.size(row.args[0]))
    for mode in (None, "fwd", "rev"):
        found = ds.sparse_jacobian(row.fn, *row.args, mode=mode)
        assert isinstance(found, scipy_sparse.csr_array)
        np.testing.assert_allclose(found.toarray(), dense, rtol=1e-10, atol=1e-12)
        assert mode is not None or products() <= row.products
    pattern = traced(row.fn, row.args)
    assert not np.any(dense[~pattern])
    assert pattern.sum() <= row.entries


@pytest.mark.parametrize("row", HESSIANS, ids=lambda row: row.name)
def test_hessian(row):
    dense = ds.hessian(row.fn)(*row.args).reshape(row.args[0].size, -1)
    found = ds.sparse_hessian(row.fn, *row.args)
    np.testing.assert_allclose(found.toarray(), dense, rtol=1e-10, atol=1e-12)
    assert products() <= row.products
    assert found.nnz <= row.entries


@pytest.mark.parametrize("row", OTHERS, ids=lambda row: row.name)
def test_functions(row):
    """One function of the library each: nothing is missing, and no more than is said is too many."""
    dense = np.asarray(ds.jacobian(row.fn)(*row.args)).reshape(-1, row.args[0].size)
    pattern = traced(row.fn, row.args)
    assert not np.any(dense[~pattern])
    assert pattern.sum() == row.entries


# -- what users write


def test_bundle_adjustment():
    args = bundle(cameras=4, points=10, views=3)
    found = ds.sparse_jacobian(residuals, *args, argnums=("cameras", "points"))
    assert products() == 12
    for mine, dense in zip(found, ds.jacobian(residuals, (0, 1))(*args)):
        np.testing.assert_allclose(mine.toarray(), dense.reshape(mine.shape), rtol=1e-9, atol=1e-10)
    assert [m.shape for m in found] == [(60, 36), (60, 30)]
    assert [m.nnz for m in found] == [60 * 9, 60 * 3]


def test_the_structure_is_that_of_the_dense_jacobian():
    @dataclass
    class Box:
        a: np.ndarray
        k: float

    def f(box, b, s=1.0):
        return box.a * box.k * s, {"q": b[1:] * box.a[0], "n": 3}

    args = Box(X[:3], 2.0), X[3:6]
    found, dense = (g(f, (0, 1))(*args, s=0.5) for g in (lambda f, n: ds.sparse_jacobian(f, argnums=n), ds.jacobian))
    assert found[1]["n"] is None
    for mine, theirs in ((found[0], dense[0]), (found[1]["q"], dense[1]["q"])):
        assert type(mine[0]) is Box
        for m, d in ((mine[0].a, theirs[0].a), (mine[0].k, theirs[0].k), (mine[1], theirs[1])):
            np.testing.assert_allclose(m.toarray(), np.reshape(d, m.shape), rtol=1e-13)


def test_variadic_arguments():
    def f(*xs, **named):
        return xs[0] * xs[1] + named["z"][::-1]

    for argnum in (0, 1, "z"):
        found = ds.sparse_jacobian(f, X[:3], X[3:6], argnums=argnum, z=X[6:9])
        np.testing.assert_allclose(found.toarray(), ds.jacobian(f, argnum)(X[:3], X[3:6], z=X[6:9]), rtol=1e-13)


def branch(x):
    return x * x[1] if x[0] > 1 else x * x[2]


def test_another_branch_has_another_pattern():
    jacobian = ds.sparse_jacobian(branch)
    for first in (0.5, 2.0, 0.5):
        x = np.array([first, 2.0, 3.0, 4.0])
        np.testing.assert_allclose(jacobian(x).toarray(), ds.jacobian(branch)(x), rtol=1e-13)


def test_other_indices_have_another_pattern():
    def f(x, at):
        return x[at] ** 2

    for at in ([0, 1, 2], [2, 1, 0], [0, 0, 3]):
        found = ds.sparse_jacobian(f, X, np.array(at))
        np.testing.assert_allclose(found.toarray(), ds.jacobian(f)(X, np.array(at)), rtol=1e-13)


def test_a_pattern_is_found_once(monkeypatch):
    def f(x):
        return x[1:] * x[:-1]

    ds.sparse_jacobian(f, X)
    monkeypatch.setattr(dependence, "pattern_of", lambda *_: pytest.fail("found again"))
    np.testing.assert_allclose(ds.sparse_jacobian(f, X + 1.0).toarray(), ds.jacobian(f)(X + 1.0), rtol=1e-13)


def test_a_pattern_of_the_callers():
    def f(x):
        return np.diff(x) ** 2

    full = np.ones((11, 12))
    assert ds.sparse_jacobian(f, X, pattern=full).nnz == full.size
    np.testing.assert_allclose(ds.sparse_jacobian(f, X, pattern=full).toarray(), ds.jacobian(f)(X), rtol=1e-13)
    pattern = ds.sparsity(f, X)
    assert pattern.dtype == bool and pattern.nnz == 22
    np.testing.assert_allclose(ds.sparse_jacobian(f, X, pattern=pattern).toarray(), ds.jacobian(f)(X), rtol=1e-13)
    for mode in ("fwd", "rev"):
        with pytest.raises(ds.ActivityError, match="lacks entries"):
            ds.sparse_jacobian(f, X, pattern=np.eye(11, 12), mode=mode)
    with pytest.raises(ds.ActivityError, match="columns"):
        ds.sparse_jacobian(f, X, pattern=np.eye(11))
    with pytest.raises(ds.ActivityError, match="shape"):
        ds.sparse_jacobian(f, X, pattern=np.eye(12))


def test_a_pattern_in_parts():
    def f(x, y):
        return x * y

    found = ds.sparse_jacobian(f, X, X + 1.0, argnums=(0, 1), pattern=(np.eye(12), np.eye(12)))
    assert [m.nnz for m in found] == [12, 12]


def test_what_a_function_writes_is_written_once():
    def f(y, x):
        y[:] = x * y
        y[0] += 1.0
        return y * 2.0

    for mode in ("fwd", "rev"):
        mine, plain = np.ones(12), np.ones(12)
        found = ds.sparse_jacobian(f, mine, X, argnums=1, mode=mode)
        dense = ds.jacobian(f, 1)(np.ones(12), X)
        f(plain, X)
        np.testing.assert_array_equal(mine, plain)
        np.testing.assert_allclose(found.toarray(), dense, rtol=1e-13)


def test_arguments_are_left_alone():
    at, x = np.array([0, 2, 1]), X.copy()

    def f(x, at):
        return np.sort(x)[at] * x[at]

    ds.sparse_jacobian(f, x, at)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(at, [0, 2, 1])


def test_one_array_twice():
    def f(a, b):
        return a * b[::-1]

    for mine, dense in zip(ds.sparse_jacobian(f, X, X, argnums=(0, 1)), ds.jacobian(f, (0, 1))(X, X)):
        np.testing.assert_allclose(mine.toarray(), dense, rtol=1e-13)
    assert ds.sparsity(lambda a, b: a * b, X[1:], X[:-1]).nnz == 11


def test_small_and_empty():
    assert ds.sparse_jacobian(lambda x: x * 2.0, 3.0).toarray().tolist() == [[2.0]]
    assert ds.sparse_jacobian(lambda x: x * 2.0, np.zeros(0)).shape == (0, 0)
    assert ds.sparse_jacobian(lambda x: x[:0], X).shape == (0, 12)
    assert ds.sparse_jacobian(lambda x: np.ones(3), X).nnz == 0
    assert ds.sparse_jacobian(lambda x: x * 2.0, np.array(1.5)).shape == (1, 1)


def test_dtypes():
    single = X.astype(np.float32)
    assert ds.sparse_jacobian(lambda x: x * 2, single).dtype == np.float32
    assert ds.sparse_hessian(lambda x: np.sum(x**3), single).dtype == np.float32
    with pytest.raises(ds.DiffTypeError, match="complex"):
        ds.sparse_jacobian(lambda x: x * 1j, X)
    with pytest.raises(ds.DiffTypeError):
        ds.sparse_jacobian(lambda x: x * 1.0, np.arange(3))


def test_what_is_not_finite_is_shown():
    x = np.array([0.0, 1.0, 4.0])
    with np.errstate(divide="ignore"):
        found = ds.sparse_jacobian(lambda x: np.sqrt(x), x)
    np.testing.assert_array_equal(found.diagonal(), [np.inf, 0.5, 0.25])


def test_random_numbers():
    """Forward mode would draw others for each product."""

    def f(x, rng):
        return x * rng.normal(size=x.shape)

    with pytest.raises(ds.UnsupportedError, match="hasn't the same"):
        ds.sparse_jacobian(f, X, np.random.default_rng(3), mode="fwd")
    found = ds.sparse_jacobian(f, X, np.random.default_rng(3), mode="rev")
    np.testing.assert_allclose(found.diagonal(), np.random.default_rng(3).normal(size=12), rtol=1e-13)


def test_a_derivative_is_a_function_too():
    def f(x):
        return np.sum(x[1:] ** 2 * x[:-1])

    np.testing.assert_allclose(ds.sparse_jacobian(ds.grad(f), X).toarray(), ds.hessian(f)(X), rtol=1e-13)
    assert ds.sparsity(ds.grad(f), X).nnz == 33


def test_hessian_of_several_arguments():
    def f(a, b):
        return np.sum(a * b) + a[0] ** 3

    found, dense = ds.sparse_hessian(f, X[:2], X[2:4], argnums=(0, 1)), ds.hessian(f, (0, 1))(X[:2], X[2:4])
    for row, wanted in zip(found, dense):
        for mine, theirs in zip(row, wanted):
            np.testing.assert_allclose(mine.toarray(), theirs, rtol=1e-13)


def test_a_large_chain():
    """A pattern of rows and columns by the ten thousand."""
    found = ds.sparse_hessian(HESSIANS[0].fn, np.linspace(0.0, 1.0, 50_000))
    assert found.nnz == 149_998 and products() <= 3


def test_for_optimizers():
    from scipy.optimize import least_squares

    def f(x):
        return np.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x])

    found = least_squares(f, np.full(30, 0.5), jac=ds.sparse_jacobian(f), method="trf")
    np.testing.assert_allclose(found.x, np.ones(30), rtol=1e-6)


def test_functions_travel():
    found = pickle.loads(pickle.dumps(ds.sparse_jacobian(branch)))
    np.testing.assert_allclose(found(X).toarray(), ds.jacobian(branch)(X), rtol=1e-13)


def test_wrong_use():
    with pytest.raises(ds.ActivityError, match="mode"):
        ds.sparse_jacobian(branch, X, mode="sideways")
    with pytest.raises(ds.ActivityError):
        ds.sparse_jacobian(branch, X, argnums=3)
    with pytest.raises(ds.DiffTypeError):
        ds.sparse_hessian(branch, X)
    with pytest.raises(IndexError):
        ds.sparse_jacobian(lambda x: x[20] * x, X)


def test_methods_and_their_like():
    class Scaled:
        def __init__(self, k):
            self.k = k

        def __call__(self, x):
            return self.k * x[1:] * x[:-1]

        def method(self, x):
            return self.k * x

    for f in (Scaled(2.0), Scaled(3.0).method, np.sin, ds.differentiable(branch)):
        np.testing.assert_allclose(ds.sparse_jacobian(f, X).toarray(), ds.jacobian(f)(X), rtol=1e-13)
    assert ds.sparse_jacobian(Scaled(2.0), X).nnz == 22
    assert ds.sparse_jacobian(Scaled(2.0), X, unroll=True).nnz == 22


def test_derivatives_inside():
    def slopes(x):
        return ds.grad(lambda x: np.sum((x[1:] - x[:-1]) ** 4))(x)

    found = ds.sparse_jacobian(slopes, X)
    np.testing.assert_allclose(found.toarray(), ds.jacobian(slopes)(X), rtol=1e-12)
    assert found.nnz == 34


def test_not_differentiated_itself():
    def f(x):
        return np.sum(ds.sparse_jacobian(branch, x) @ x)

    with pytest.raises(ds.UnsupportedError, match=r"ds\.jacobian"):
        ds.grad(f)(X)


def test_what_is_not_known_is_full():
    """A source of random numbers that isn't the program's own stops the marks."""

    def f(x):
        return x * np.random.normal(size=x.shape)  # noqa: NPY002

    assert ds.sparsity(f, X[:3]).nnz == 9
    with pytest.raises(ds.UnsupportedError, match="pattern"):
        ds.sparsity(f, np.zeros(8_000))


def test_without_scipy():
    text = (
        "import sys; sys.modules['scipy'] = sys.modules['scipy.sparse'] = None\n"
        "import diffsrc as ds\n"
        "for name in ('sparse_jacobian', 'sparse_hessian', 'sparsity'):\n"
        "    try:\n        getattr(ds, name)(abs, 1.0)\n"
        "    except ImportError as err:\n        print(err)\n"
    )
    printed = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout
    assert printed.count("diffsrc[scipy]") == 3


# -- marks and colours


def rows(sets, marks):
    table = sets.rows(np.asarray(marks).ravel())
    return [frozenset(table.indices[a:b].tolist()) for a, b in zip(table.indptr, table.indptr[1:])]


def test_sets_are_united():
    rng = np.random.default_rng(1)
    sets = Sets(30)
    marks = rng.integers(0, 31, 120)
    for _ in range(4):
        other = rng.permutation(marks)
        both = sets.either(marks, other)
        assert rows(sets, both) == [a | b for a, b in zip(rows(sets, marks), rows(sets, other))]
        marks = both
    flat = rows(sets, marks)
    along = sets.along(marks.reshape(4, 30), (0,))
    assert rows(sets, along) == [frozenset().union(*flat[k::30]) for k in range(30)]
    to = rng.integers(0, 7, 120)
    scattered = sets.scattered(marks, to, 8)
    assert rows(sets, scattered) == [frozenset().union(*(m for m, t in zip(flat, to) if t == k)) for k in range(8)]
    assert rows(sets, sets.running(np.arange(1, 6), 0)) == [frozenset(range(k + 1)) for k in range(5)]
    known = rows(sets, np.arange(sets.count))
    assert len(set(known)) == len(known)


def test_too_many_members_are_all(monkeypatch):
    from diffsrc.api import marks

    monkeypatch.setattr(marks, "LIMIT", 60)
    sets = Sets(20)
    running = rows(sets, sets.running(np.arange(1, 21), 0))
    assert all(set(range(k + 1)) <= found for k, found in enumerate(running))
    assert running[-1] == running[15] == frozenset(range(20))


@pytest.mark.parametrize("seed", range(6))
def test_colours(seed):
    rng = np.random.default_rng(seed)
    pattern = scipy_sparse.csr_array(rng.random((25, 18)) < 0.12)
    groups = grouped(pattern)
    for g in range(groups.max() + 1):
        assert pattern[:, groups == g].sum(axis=1).max() <= 1
    for mode in (None, "fwd", "rev"):
        assert_recovers(colour(pattern, mode), rng.normal(size=(25, 18)) * pattern.toarray())


@pytest.mark.parametrize("seed", range(6))
def test_few_full_rows_and_columns(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((60, 50)) < 0.02
    mask[rng.choice(60, 1 + seed % 2)] = True
    mask[:, rng.choice(50, 1 + seed % 3)] = True
    plan = colour(scipy_sparse.csr_array(mask))
    assert plan.count < 20 and plan.forward and plan.reverse
    assert_recovers(plan, rng.normal(size=mask.shape) * mask)


@pytest.mark.parametrize("seed", range(6))
def test_colours_of_symmetric_patterns(seed):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(20, 20)) * (rng.random((20, 20)) < 0.06)
    a[seed % 3] = rng.normal(size=20)
    a = a + a.T
    plan = colour_symmetric(scipy_sparse.csr_array(a != 0))
    assert_recovers(plan, a, symmetric=True)
    assert plan.count < 15


def assert_recovers(plan, matrix, symmetric=False):
    pushed = [matrix @ (plan.columns == k) for k in range(plan.forward)]
    pulled = [(plan.rows == k) @ matrix for k in range(plan.reverse)]
    np.testing.assert_array_equal(plan.matrix(pushed, pulled, symmetric).toarray(), matrix)


def arrowhead(x):
    return np.concatenate([x[0] * x, [np.sum(x**2)]])


def test_an_arrow_takes_both_modes():
    found = ds.sparse_jacobian(arrowhead, X)
    np.testing.assert_allclose(found.toarray(), ds.jacobian(arrowhead)(X), rtol=1e-13)
    assert products() == 3
    for mode in ("fwd", "rev"):
        found = ds.sparse_jacobian(arrowhead, X, mode=mode)
        np.testing.assert_allclose(found.toarray(), ds.jacobian(arrowhead)(X), rtol=1e-13)
        assert products() >= 12
