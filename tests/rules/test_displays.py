"""Functions that make an array of displays, in which tuples and lists stand that are arguments or parts of arguments."""

import numpy as np
import pytest
from scipy import linalg, ndimage, signal, special, stats

import diffsrc as ds

W = np.array([[1.0, 2.0], [3.0, 4.0]])
P, Q = ((0.5, 2.0), (3.0, 4.0)), (1.5, 0.5)


def appended(p, q):
    r = []
    for t in p:
        r.append(t)
    r.append(q)
    return np.sum(np.array(r) * np.arange(6.0).reshape(3, 2))


def a_tuple(p, q):
    s = (p[0], q)
    return np.sum(np.asarray(s) * W)


PROGRAMS = [
    lambda p, q: np.sum(np.array(p) * W) * q[0],
    lambda p, q: np.sum(np.array([p[0], q]) * W),
    lambda p, q: np.sum(np.stack([p[0], q]) * W),
    lambda p, q: np.sum(special.gammaln([p[0], q]) * W),
    lambda p, q: np.linalg.det(p) + linalg.det([q, p[1]]),
    lambda p, q: np.sum(np.linalg.solve([[3.0, 0.1], q], [1, 2])) + np.sum(linalg.solve(p, [1, 2])),
    lambda p, q: np.dot(p, q).sum(),
    lambda p, q: np.sum(np.vstack((q, p[1])) * W) + np.sum(np.hstack((q, p[1])) * np.arange(4.0)),
    appended,
    a_tuple,
    lambda p, q: np.sum(np.array([np.array(q), p[1]]) * W),
    lambda p, q: np.sum(np.array([[q, p[0]], [p[1], q]]) * np.arange(8.0).reshape(2, 2, 2)),
    lambda p, q: np.sum(np.einsum("i,ij", q, p) * np.array([1.0, 3.0])),
    lambda p, q: stats.norm.logpdf([q, p[0]], 0.0, p).sum(),
    lambda p, q: np.max([q, p[0]]) + np.interp(0.7, (0.0, 1.0), q) + np.polyval(p[0], 2.0),
]


def flat(t):
    return [w for s in t for w in flat(s)] if isinstance(t, (list, tuple)) else [float(t)]


def rebuilt(t, items):
    return next(items) if isinstance(t, float) else tuple(rebuilt(s, items) for s in t)


def listed(t):
    return list(map(listed, t)) if isinstance(t, tuple) else t


@pytest.mark.parametrize("as_given", [lambda t: t, listed], ids=["tuples", "lists"])
@pytest.mark.parametrize("k", range(len(PROGRAMS)))
def test_tuples_in_displays(k, as_given):
    f, v = PROGRAMS[k], np.array(flat((P, Q)))

    def called(v):
        return f(*map(as_given, rebuilt((P, Q), iter(map(float, v)))))

    want = [(called(v + d) - called(v - d)) / 2e-6 for d in 1e-6 * np.eye(len(v))]
    args = tuple(map(as_given, (P, Q)))
    assert flat(ds.grad(f, (0, 1))(*args)) == pytest.approx(want, rel=1e-6, abs=1e-8)
    assert ds.jvp(f, args, args)[1] == pytest.approx(np.dot(want, v), rel=1e-6)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: signal.convolve(x, [1, 2]),
        lambda x: signal.fftconvolve((1, 2), x),
        lambda x: ndimage.correlate1d(x, [1, 2]),
        lambda x: linalg.block_diag([1, 2], x)[1:] * 3,
        lambda x: linalg.block_diag(2, [[1, 2], [3, 4]], x)[3],
        lambda x: linalg.solve_triangular(np.outer(x, x), [1, 2, 3]),
        lambda x: linalg.lu_solve(linalg.lu_factor(np.outer(x, x) + np.eye(3)), [1, 2, 3]),
        lambda x: linalg.solve_banded((1, 1), [[0, 1, 2], [4, 5, 6], [1, 2, 0]] * x, [1, 2, 3]),
        lambda x: linalg.toeplitz([1, 2, 3], x),
    ],
)
def test_whole_numbers_in_displays(f):
    ds.check_grads(lambda x: np.sum(np.sin(f(x))), (np.array([0.7, 1.3, 0.4]),), order=2)
