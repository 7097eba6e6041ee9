"""Rows for array functions in small programs, compiled: both modes and second order against differences."""

import importlib.util

import numpy as np
import pytest

import diffsrc as ds

RNG = np.random.default_rng(23)


def draw(*shape):
    return RNG.uniform(0.3, 2.0, shape)


V, W, M, N, T, S = draw(4), draw(4), draw(3, 4), draw(4, 2), draw(2, 3, 4), draw(3, 3) + 3 * np.eye(3)
P = S @ S.T
Z = M + 1j * draw(3, 4)

#: expressions of x and y whose elements are taken through a sine and summed
ARRAYS = [
    # shapes
    ("np.reshape(x, (4, 3))", M), ("x.reshape(2, -1)", M), ("x.reshape(12)", M),
    ("x.reshape(-1)", M), ("np.ravel(x)", M), ("x.ravel()", M), ("x.flatten()", M), ("x[None].squeeze()", M),
    ("np.squeeze(x[:, None], 1)", M), ("np.expand_dims(x, 0)", M), ("np.broadcast_to(x, (3, 4))", V),
    ("np.atleast_2d(x)", V), ("x.T", M), ("np.transpose(x)", M), ("np.transpose(x, (2, 0, 1))", T),
    ("x.transpose(1, 0, 2)", T), ("x.swapaxes(0, 1)", M), ("np.moveaxis(x, 0, -1)", T), ("np.roll(x, 1)", V),
    ("np.roll(x, 1, axis=0)", M), ("np.flip(x, 0)", M), ("x[::-1]", V), ("np.rot90(x)", M),
    ("np.fliplr(x)", M), ("np.rollaxis(x, 2)", T),
    # joins and parts
    ("np.concatenate((x, y))", V, W),
    ("np.concatenate([x, y], axis=1)", M, M), ("np.concatenate((x, y), axis=None)", M, V),
    ("np.stack([x, y, x])", V, W), ("np.stack((x, y), axis=1)", V, W), ("np.stack((x, y), -1)", M, M),
    ("np.vstack((x, y))", M, V), ("np.hstack((x, y))", V, W), ("np.hstack([x, y])", M, M),
    ("np.column_stack((x, y))", V, W), ("np.dstack((x, y))", M, M), ("np.append(x, y)", V, W),
    ("np.append(x, y, axis=0)", M, M), ("np.split(x, 2)[0] * np.split(x, 2)[1]", V),
    ("np.array_split(x, 3)[1]", V), ("np.tile(x, 3)", V), ("np.tile(x, (2, 1))", M), ("np.repeat(x, 2)", V),
    ("x.repeat(2, axis=1)", M), ("np.repeat(x, np.array([1, 0, 2, 1]))", V), ("np.pad(x, 1)", V),
    ("np.pad(x, ((1, 0), (0, 2)))", M), ("np.diag(x)", V), ("np.diag(x)", S), ("np.diag(x, 1)", M),
    ("np.diagonal(x)", M), ("x.diagonal(1)", M), ("np.trace(x)", S), ("x.trace()", M),
    ("np.trace(x, 0, 1, 2)", T), ("np.tril(x)", S), ("np.triu(x, 1)", M),
    # products
    ("x @ y", V, W),
    ("x @ y", M, V), ("x @ y", V, N), ("x @ y", M, N), ("x @ y", T, N), ("x @ y", M, T.transpose(0, 2, 1)),
    ("x @ y", T, T.transpose(0, 2, 1)), ("x @ y", T[:1], T.transpose(0, 2, 1)), ("x @ y", T, V),
    ("x.dot(y)", M, V), ("np.matmul(x, y)", M, N), ("np.dot(x, y)", M, N), ("np.dot(x, y)", T, N),
    ("np.dot(x, y)", V, W), ("np.inner(x, y)", V, W), ("np.inner(x, y)", M, V), ("np.inner(x, y)", M, M),
    ("np.outer(x, y)", V, W), ("np.vdot(x, y)", V, W), ("np.kron(x, y)", V, W), ("np.kron(x, y)", M, N),
    ("np.cross(x, y)", V[:3], W[:3]), ("np.cross(x, y)", M.T, V[:3]), ("np.tensordot(x, y, 1)", M, N),
    ("np.tensordot(x, y, axes=2)", M, M), ("np.tensordot(x, y, axes=([1], [0]))", T.transpose(0, 2, 1), N),
    ("np.einsum('ij,jk->ik', x, y)", M, N), ("np.einsum('ij,j', x, y)", M, V),
    ("np.einsum('ii,i->i', x, y)", S, V[:3]), ("np.einsum('bij,bkj->bik', x, y)", T, T),
    ("np.einsum('...ij,j->...i', x, y)", T, V), ("np.einsum('ij->j', x)", M), ("np.einsum('i,i->', x, x)", V),
    ("np.convolve(x, y)", V, W[:3]), ("np.convolve(x, y, 'same')", V, W[:3]),
    ("np.convolve(x, y, mode='valid')", V, W[:3]), ("np.correlate(x, y)", V, W[:3]),
    ("np.correlate(x, y, 'same')", V, W[:2]),
    # linear algebra
    ("np.linalg.solve(x, y)", S, V[:3]),
    ("np.linalg.solve(x, y)", S, N[:3]), ("np.linalg.inv(x)", S), ("np.linalg.det(x)", S),
    ("np.linalg.slogdet(x)[1]", S), ("np.linalg.norm(x)", V), ("np.linalg.norm(x)", M),
    ("np.linalg.norm(x, axis=1)", M), ("np.linalg.norm(x, 1)", V), ("np.linalg.norm(x, np.inf)", V),
    ("np.linalg.norm(x, ord=3, axis=0, keepdims=True)", M), ("np.linalg.cholesky(x)", P),
    ("np.linalg.eigvalsh(x)", P), ("np.linalg.eigh(x)[0]", P), ("np.linalg.eigh(x)[1] ** 2", P),
    ("np.linalg.eigh(x)[1] ** 2 * np.linalg.eigh(x)[0]", P), ("np.linalg.pinv(x)", M),
    ("np.linalg.svd(x, compute_uv=False)", M), ("np.linalg.svd(x, full_matrices=False)[1]", M),
    ("np.linalg.svd(x, False)[0] ** 2", M.T), ("np.linalg.qr(x)[1]", M.T), ("np.linalg.qr(x)[0]", M.T),
    ("np.gradient(x)", V), ("np.gradient(x, y)", V, 0.3), ("np.gradient(x, 0.5, axis=0)", M),
    ("np.linalg.matrix_power(x, 3)", S / 4),
    # creation
    ("np.full((2, 3), x)", 0.7),
    ("np.full_like(y, x)", 0.7, M), ("np.array([x, y, x * y])", 0.3, 0.4),
    ("np.array([[x, 1.0], [y, x]])", 0.3, 0.4), ("np.array([x, y])", V, W), ("np.asarray(x)", M),
    ("x.copy()", M), ("np.copy(x)", M), ("np.ascontiguousarray(x)", M), ("np.linspace(x, y, 5)", 0.3, 0.7),
    ("np.linspace(x, y, 3)", V, W), ("np.arange(x, 3.0, 0.5)", 0.3),
    ("np.meshgrid(x, y)[0] * np.meshgrid(x, y)[1]", V, W[:3]), ("x.astype(float)", M),
    ("np.zeros_like(x) + x", M), ("np.eye(3) @ x", S),
    # parts
    ("np.take(x, np.array([0, 2, 2]))", V),
    ("np.take(x, np.array([0, 2, 2]), axis=1)", M), ("x.take([1, 1], axis=0)", M), ("np.take(x, 2)", V),
    ("np.take_along_axis(x, np.argsort(x, axis=0), 0)", M), ("np.sort(x) * y", V, W),
    ("np.sort(x, axis=0)", M), ("np.compress(np.array([True, False, True]), x, axis=0)", M),
    ("np.select([x > 1.0, x > 0.5], [x * x, 3 * x], 0.1)", V),
    ("np.interp(x, np.array([0.0, 1.0, 3.0]), y)", V, W[:3]),
    ("np.interp(x, y, np.array([0.5, 1.0, 0.3]))", 0.7, np.array([0.1, 1.0, 2.0])), ("np.diff(x)", V),
    ("np.diff(x, axis=0)", M), ("np.diff(x, n=2)", M), ("np.ediff1d(x)", V),
    ("np.bincount(np.array([0, 2, 2, 1]), x)", V),
    # methods
    ("x.sum(axis=0)", M), ("x.mean()", M),
    ("x.max(axis=1)", M), ("x.std()", M), ("x.cumsum()", V), ("x.prod()", V), ("x.clip(0.5, 1.5)", V),
    ("x[0].item() * x", V), ("x.conj()", V),
]  # fmt: skip

NUMBERS = [
    ("np.abs(x @ y).sum()", Z, N), ("np.abs(np.linalg.det(x @ x.T))", Z), ("np.linalg.norm(x)", Z),
    ("np.vdot(x, x * y).real", Z, M), ("np.abs(np.reshape(x, (4, 3)).T).sum()", Z),
    ("x.real.sum() + (x.imag ** 2).sum()", Z), ("np.real(np.einsum('ij,ij->', x, x))", Z),
    ("(x.T @ x).sum()", M.astype(np.float32)), ("np.linalg.inv(x).sum()", S.astype(np.float32)),
    ("np.linalg.norm(x, axis=0).sum()", M.astype(np.float32)),
    ("np.einsum('ii,ij->j', x, x).sum()", S.astype(np.float32)), ("np.trace(x @ x)", S.astype(np.float32)),
    ("np.diff(x).sum()", M.astype(np.float32)), ("np.sort(x)[0]", V.astype(np.float32)),
    ("(np.pad(x, 1) ** 2).sum()", M.astype(np.float32)), ("np.interp(x, np.arange(3.0), y).sum()", V, W[:3]),
]  # fmt: skip

#: sums of one of several results: the cotangent of each element is the same number
SUMS = [
    ("np.linalg.eigh(x)[0].sum()", P), ("np.linalg.eigh(x)[1].sum()", P), ("np.mean(np.linalg.eigh(x)[0]) + x[0, 1]", P),
    ("np.linalg.svd(x)[1].sum()", M), ("np.linalg.svd(x, False)[0].sum()", M.T), ("np.linalg.qr(x)[0].sum()", M.T),
    ("np.linalg.qr(x)[1].sum()", M.T), ("np.gradient(x)[0].sum()", M), ("np.gradient(x, 0.3)[1].sum()", M),
    ("np.gradient(x, y)[1].sum()", M, 0.3), ("np.gradient(x, 0.5, y)[1].sum()", M, 0.3),
    ("np.gradient(x, y, 0.5)[1].sum() + y", M, 0.3), ("np.meshgrid(x, y)[0].sum()", V, W[:3]),
    ("np.meshgrid(x, y)[1].mean()", V, W[:3]), ("np.split(x, 2)[1].sum()", V), ("np.array_split(x, 3)[0].sum()", V),
    ("np.linalg.lstsq(x, y, rcond=None)[0].sum()", M.T, V), ("np.linalg.lstsq(x, y, rcond=None)[3].sum()", M.T, V),
    ("np.linalg.eigh(x)[0].sum()", P.astype(np.float32)),
]  # fmt: skip

CASES = [(f"np.sum(np.sin({e}))", *args) for e, *args in ARRAYS] + NUMBERS + SUMS


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    """The cases as functions of a module: their source can be found."""
    path = tmp_path_factory.mktemp("rows") / "array_rows_as_programs.py"
    parts = ["import numpy as np"]
    for k, (expr, *args) in enumerate(CASES):
        parts.append(f"def f{k}({', '.join('xy'[: len(args)])}):\n    return {expr}\n")
    path.write_text("\n\n".join(parts))
    spec = importlib.util.spec_from_file_location("array_rows_as_programs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("k", range(len(CASES)), ids=lambda k: CASES[k][0])
def test_row(functions, k):
    _, *args = CASES[k]
    f = getattr(functions, f"f{k}")
    narrow = any(getattr(a, "dtype", None) == np.float32 for a in args)
    order = 1 if narrow or np.iscomplexobj(args[0]) else 2
    tolerance = {} if narrow else {"rtol": 1e-5, "atol": 1e-6}
    ds.check_grads(f, tuple(args), order=order, directions=1, **tolerance)
    for a, g in zip(args, ds.grad(f, tuple(range(len(args))))(*args)):
        assert np.shape(g) == np.shape(a)
        assert not hasattr(a, "dtype") or np.asarray(g).dtype == a.dtype
