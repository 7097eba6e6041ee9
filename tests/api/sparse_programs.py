"""Programs with sparse derivatives. Each row: a function, arguments, the most entries and products that it may take."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.sparse
import scipy.stats
from bundle_adjustment import make as bundle
from bundle_adjustment import residuals
from scipy.interpolate import CubicSpline
from scipy.spatial import distance

__all__ = ["HESSIANS", "JACOBIANS", "OTHERS", "bundle", "residuals"]

RNG = np.random.default_rng(0)
X = RNG.uniform(0.5, 2.0, 12)
M = RNG.uniform(0.5, 2.0, (4, 3))
BAND = np.diag(np.ones(11), 1) + np.diag(np.arange(12.0))
AT = np.array([3, 1, 1, 0, 7])
STACK = RNG.uniform(0.5, 2.0, (4, 3, 3))
U = RNG.random((6, 5))
CROSS = np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
OBLIQUE = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]])
LINE = np.array([1.0, 0.0, 2.0])
BANDS = np.array([[0.0, 1.0, 1.0], [4.0, 4.0, 4.0], [1.0, 1.0, 0.0]])
SPARSE = [getattr(scipy.sparse, f"{name}_array")(BAND) for name in ("csr", "csc", "dia", "coo")]
SPLINE = CubicSpline(np.arange(5.0), np.sin(np.arange(5.0)))


@dataclass(frozen=True)
class Row:
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    entries: int
    products: int = 10_000
    label: str = ""

    @property
    def name(self) -> str:
        return self.label or self.fn.__name__


def laplace(u, h):
    r = np.zeros_like(u)
    inner = u[1:-1, 1:-1]
    r[1:-1, 1:-1] = (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * inner) / h**2 + np.exp(inner)
    r[0], r[-1] = u[0], u[-1]
    r[1:-1, 0] = u[1:-1, 0]
    r[1:-1, -1] = u[1:-1, -1]
    return r


def bratu(u, n):
    v = np.pad(u.reshape(n, n), 1)
    around = v[2:, 1:-1] + v[:-2, 1:-1] + v[1:-1, 2:] + v[1:-1, :-2]
    return (4.0 * v[1:-1, 1:-1] - around - 6.8 / (n + 1) ** 2 * np.exp(v[1:-1, 1:-1])).ravel()


def burgers(u, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] = u[1:-1] - 0.005 * u[1:-1] * (u[2:] - u[:-2]) + 0.01 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return u


def brusselator(y, n):
    u, v = y[:n], y[n:]
    return np.concatenate([
        1.0 + u**2 * v - 4.0 * u + np.roll(u, 1) + np.roll(u, -1) - 2.0 * u,
        3.0 * u - u**2 * v + np.roll(v, 1) + np.roll(v, -1) - 2.0 * v,
    ])


def pendulum(s, u):
    return np.array([s[1], -np.sin(s[0]) + u])


def collocation(z, n, h):
    """The defects of the trapezoidal rule."""
    states, controls = z[: 2 * n].reshape(n, 2), z[2 * n :]
    defects = []
    for k in range(n - 1):
        slopes = pendulum(states[k], controls[k]) + pendulum(states[k + 1], controls[k + 1])
        defects.append(states[k + 1] - states[k] - 0.5 * h * slopes)
    return np.concatenate(defects)


def in_place(x):
    r = np.zeros(len(x))
    for i in range(len(x)):
        r[i] = x[i] ** 2
        if i > 0:
            r[i] -= x[i - 1]
        if i < len(x) - 1:
            r[i] += np.sin(x[i + 1])
    return r


def branches(x):
    r = np.empty_like(x)
    for i in range(x.size):
        if x[i] > 1.0:
            r[i] = x[i] * x[0]
        elif x[i] < 0.7:
            r[i] = 0.0
        else:
            r[i] = x[-1]
    return r


def scattered(x, at):
    y = np.zeros(6)
    np.add.at(y, [0, 1, 1, 2, 5], x[at] * x[at[::-1]])
    return y


def half(a, b):
    return 0.5 * (a + b) * math.sin(a)


def with_helper(x):
    return np.array([half(x[k], x[k + 1]) for k in range(len(x) - 1)])


def overwritten(x):
    """What is written over is forgotten; a view sees what is written through the other."""
    y = x.copy()
    odd = y[1::2]
    y[:4] = x[0]
    odd *= y[0]
    y[-1] = 1.0
    return y


def recursive(x, n):
    return x if n == 0 else recursive(x[1:] * x[:-1], n - 1)


def growing(x):
    y, k = x.copy(), 0
    while np.sum(y) < 60.0:
        y[k % len(y)] *= 2.0
        k += 1
    return y


def prefixes(x):
    total, out = 0.0, []
    for v in x:
        total = total + v
        out.append(total * v)
    return np.array(out)


def by_name(x):
    parts = {"low": x[:6], "high": x[6:]}
    parts["low"] = parts["low"] * parts["high"]
    return np.concatenate([parts["low"], parts["high"]])


def finite_elements(u):
    """A rod whose stiffness depends on the solution: its matrix is put together here."""
    n = len(u) - 1
    k, i = 1.0 + 0.5 * (u[1:] + u[:-1]) ** 2, np.arange(n)
    rows, columns = np.concatenate([i, i, i + 1, i + 1]), np.concatenate([i, i + 1, i, i + 1])
    matrix = scipy.sparse.coo_matrix((np.concatenate([k, -k, -k, k]), (rows, columns)), shape=(n + 1, n + 1)).tocsr()
    return matrix @ u - np.sin(u)


def of_diagonals(x):
    return scipy.sparse.diags([x[:3], x[3:7], x[7:10]], [-1, 0, 1]) @ x[8:12]


def sparse_arithmetic(x):
    a = scipy.sparse.csr_array((x[:5], (np.array([0, 1, 2, 2, 0]), np.array([1, 2, 0, 2, 1]))), shape=(3, 3))
    b = a * x[5] + a.T
    return np.concatenate([(b - a).toarray().ravel(), a.diagonal(), -a @ x[6:9]])


JACOBIANS = [
    Row(finite_elements, (X,), 34, 3),
    Row(of_diagonals, (X,), 18, 3),
    Row(sparse_arithmetic, (X,), 23, 4),
    Row(laplace, (RNG.random((9, 8)), 0.1), 240, 7),
    Row(bratu, (RNG.random(36), 6), 156, 7),
    Row(burgers, (RNG.random(20), 3), 122, 7),
    Row(brusselator, (RNG.random(20), 10), 80, 6),
    Row(collocation, (RNG.random(24), 8, 0.1), 70, 4),
    Row(in_place, (X,), 34, 3),
    Row(branches, (X,), 24, 3),
    Row(scattered, (X, AT), 8, 3),
    Row(with_helper, (X,), 22, 2),
    Row(overwritten, (X,), 16, 2),
    Row(recursive, (X, 3), 36, 4),
    Row(growing, (X,), 12, 1),
    Row(prefixes, (X,), 78, 12),
    Row(by_name, (X,), 18, 2),
    Row(lambda x: BAND @ np.sin(x), (X,), 23, 2, "banded product"),
    Row(lambda x: np.sum(x.reshape(3, 4) ** 2, axis=0), (X,), 12, 1, "sum over an axis"),
    Row(lambda m: m - np.mean(m, axis=1, keepdims=True), (M,), 36, 3, "mean taken off"),
    Row(lambda x: np.where(x > 1.0, x[::-1], x**2), (X,), 24, 2, "where"),
]


# -- Hessians


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def chain(x):
    e = 0.0
    for i in range(len(x) - 1):
        d = x[i + 1] - x[i]
        e += d**4 + np.cos(x[i])
    return e


def arrow(x):
    return np.sum(x[1:] ** 3) * x[0] + np.sum(np.exp(0.1 * x[1:] * x[0]))


def membrane(u):
    along, across = u[1:] - u[:-1], u[:, 1:] - u[:, :-1]
    return np.sum(np.sqrt(1.0 + along**2)) + np.sum(np.sqrt(1.0 + across**2))


def polymer(p):
    """Beads on a string: neighbours up to the second attract or repel."""
    e = 0.0
    for i in range(len(p)):
        for j in range(i + 1, min(i + 3, len(p))):
            d = p[i] - p[j]
            r2 = d @ d
            e = e + 1.0 / r2**3 - 1.0 / r2
    return e


def with_buffer(x):
    y = x.copy()
    y[1:] *= y[:-1]
    return np.sum(y**2)


def pairs(x):
    at = np.array([0, 2, 4, 6])
    return np.sum(x[at] * x[at + 1] ** 2)


def logistic(w):
    return np.sum(np.log1p(np.exp(BAND @ w))) + 0.5 * w @ w


def sparse_energy(u):
    n = len(u) - 1
    at = np.arange(n)
    matrix = scipy.sparse.csr_array((1.0 + u[1:] ** 2, (at, at + 1)), shape=(n + 1, n + 1))
    return u @ (matrix @ u)


HESSIANS = [
    Row(rosenbrock, (X,), 34, 3),
    Row(chain, (X,), 34, 3),
    Row(arrow, (X,), 34, 2),
    Row(membrane, (RNG.random((6, 5)),), 128, 6),
    Row(polymer, (3.0 * RNG.random((6, 3)),), 216, 15),
    Row(with_buffer, (X,), 36, 3),
    Row(pairs, (X,), 16, 2),
    Row(logistic, (X,), 34, 3),
    Row(sparse_energy, (X,), 34, 3),
]

# -- functions of the library: exactly so many entries

OTHERS = [
    Row(lambda x: np.sort(x), (X,), 144, label="sort"),
    Row(lambda m: np.sort(m, axis=0), (M,), 48, label="sort along an axis"),
    Row(lambda x: np.cumsum(x), (X,), 78, label="cumsum"),
    Row(lambda m: np.cumprod(m, axis=1), (M,), 24, label="cumprod"),
    Row(lambda x: np.maximum.accumulate(x), (X,), 78, label="accumulate"),
    Row(lambda x: np.fft.fft(x).real, (X,), 144, label="fft"),
    Row(lambda m: np.abs(np.fft.rfft(m, axis=0)) ** 2, (M,), 36, label="rfft"),
    Row(lambda m: m @ m.T, (M,), 84, label="matmul"),
    Row(lambda m: np.dot(m.T, m), (M,), 60, label="dot"),
    Row(lambda m: np.einsum("ij,kj->ik", m, m), (M,), 84, label="einsum"),
    Row(lambda m: np.einsum("ij,ij->i", m, m), (M,), 12, label="einsum of rows"),
    Row(lambda m: np.tensordot(m, m, axes=(0, 0)), (M,), 60, label="tensordot"),
    Row(lambda x: np.outer(x, x[:3]), (X,), 69, label="outer"),
    Row(lambda x: np.kron(x[:3], x[3:6]), (X,), 18, label="kron"),
    Row(lambda x: np.convolve(x, [1.0, 0.0, 2.0], "same"), (X,), 22, label="convolve"),
    Row(lambda x: np.correlate(x, np.array([1.0, 2.0, 0.0])), (X,), 20, label="correlate"),
    Row(lambda m: np.linalg.solve(m[:3] + 3.0 * np.eye(3), m[3]), (M,), 36, label="solve"),
    Row(lambda m: np.linalg.inv(m[:3] + 3.0 * np.eye(3)), (M,), 81, label="inv"),
    Row(lambda x: np.linalg.det(x.reshape(3, 2, 2)), (X,), 12, label="det of a stack"),
    Row(lambda m: np.linalg.norm(m, axis=1), (M,), 12, label="norm"),
    Row(lambda x: np.diff(x, n=2), (X,), 30, label="diff"),
    Row(lambda x: np.gradient(x), (X,), 36, label="gradient"),
    Row(lambda x: np.pad(x, 2, mode="edge"), (X,), 16, label="pad"),
    Row(lambda x: np.tile(x, 2), (X,), 24, label="tile"),
    Row(lambda x: np.repeat(x, 3), (X,), 36, label="repeat"),
    Row(lambda x: np.take(x, [0, 0, 3]), (X,), 3, label="take"),
    Row(lambda x: np.clip(x, 0.7, x[0]), (X,), 23, label="clip"),
    Row(lambda x: np.maximum(x, x[::-1]), (X,), 24, label="maximum"),
    Row(lambda x: np.interp(0.1 * x, np.linspace(0.0, 1.0, 5), np.arange(5.0)), (X,), 12, label="interp"),
    Row(lambda m: np.median(m, axis=0), (M,), 12, label="median"),
    Row(lambda m: np.var(m, axis=0), (M,), 12, label="var"),
    Row(lambda m: np.trapezoid(m, axis=0), (M,), 12, label="trapezoid"),
    Row(lambda m: np.trace(m), (M,), 3, label="trace"),
    Row(lambda x: np.full(4, x[0]), (X,), 4, label="full"),
    Row(lambda m: np.triu(m), (M,), 6, label="triu"),
    Row(lambda x: np.stack([x, x**2], axis=1), (X,), 24, label="stack"),
    Row(lambda x: x - np.floor(x) * x[0], (X,), 23, label="floor"),
    Row(lambda x: np.sum(x[:3]) * np.ones(2), (X,), 6, label="sum"),
    Row(lambda x: np.conj(x) * x, (X,), 12, label="conj"),
    Row(lambda m: np.vecdot(m, m), (M,), 12, label="vecdot"),
    Row(lambda m: np.linalg.multi_dot([m.T, 2.0 * np.eye(4), m]), (M,), 60, label="multi_dot"),
    Row(lambda x: np.cumulative_sum(x), (X,), 78, label="cumulative_sum"),
    Row(lambda a: np.einsum("...ij,...j->...i", a, a[:, 0]), (STACK,), 60, label="einsum of stacks"),
    Row(lambda m, a, b: np.einsum("ij,jk,kl->il", a, m, b), (M, np.eye(4), np.eye(3)), 12, label="einsum of three"),
    Row(lambda a: np.matvec(a, a[:, 0]), (STACK,), 60, label="matvec"),
    Row(lambda m: np.cov(m), (M,), 84, label="cov"),
    Row(lambda m: np.average(m, axis=0, weights=[1.0, 2.0, 3.0, 4.0], returned=True)[0], (M,), 12, label="average"),
    Row(lambda m: np.prod(m[:0], axis=1), (M,), 0, label="nothing"),
    *(Row(lambda x, a: a @ x**2, (X, a), n, label=f"sparse matrix, {a.format}") for a, n in zip(SPARSE, (22, 22, 23, 22))),
    Row(lambda x, a: x @ a, (X, SPARSE[0]), 22, label="sparse matrix from the right"),
    Row(lambda m: scipy.sparse.csr_array(np.eye(4, k=1)) @ m, (M,), 9, label="sparse matrix and matrix"),
    Row(lambda x: SPLINE(x), (X,), 12, label="spline"),
    Row(lambda x: scipy.special.jvp(1, x), (X,), 12, label="Bessel"),
    Row(lambda m: scipy.special.logsumexp(m, axis=1), (M,), 12, label="logsumexp"),
    Row(lambda m: scipy.special.softmax(m, axis=1), (M,), 36, label="softmax"),
    Row(lambda x: scipy.linalg.solve_banded((1, 1), BANDS, x.reshape(3, 4)), (X,), 36, label="solve_banded"),
    Row(lambda x: scipy.linalg.toeplitz(x[:4]), (X,), 16, label="toeplitz"),
    Row(lambda m: distance.cdist(m, m[:2] + 1.0), (M,), 42, label="cdist"),
    Row(lambda m: distance.pdist(m), (M,), 36, label="pdist"),
    Row(lambda m: scipy.stats.multivariate_normal.logpdf(m, np.zeros(3), np.eye(3)), (M,), 12, label="normal vectors"),
    Row(lambda x: scipy.stats.norm.logpdf(x, x[0], 1.0), (X,), 23, label="normal density"),
    Row(lambda u: scipy.ndimage.laplace(u), (U,), 128, label="laplace"),
    Row(lambda u, k: scipy.ndimage.convolve(u, k, mode="constant"), (U, CROSS), 128, label="ndimage.convolve"),
    Row(lambda u, k: scipy.ndimage.correlate(u, k, mode="wrap"), (U, CROSS), 150, label="ndimage.correlate, around"),
    Row(lambda u, k: scipy.ndimage.convolve(u, k), (U, OBLIQUE), 208, label="ndimage.convolve, even"),
    Row(lambda u, k: scipy.ndimage.correlate1d(u, k, axis=0, mode="mirror"), (U, LINE), 50, label="correlate1d"),
    Row(lambda u: scipy.ndimage.gaussian_filter(u, 0.4), (U,), 456, label="gaussian_filter"),
    Row(lambda u: scipy.ndimage.uniform_filter1d(u, 3, axis=0), (U,), 80, label="uniform_filter1d"),
    Row(lambda u, k: scipy.signal.convolve2d(u, k, mode="same"), (U, CROSS), 128, label="convolve2d"),
    Row(lambda u, k: scipy.signal.correlate2d(u, k, mode="same"), (U, CROSS), 128, label="correlate2d"),
    Row(lambda u, k: scipy.signal.correlate2d(u, k, mode="same"), (U, OBLIQUE), 900, label="correlate2d, even"),
    Row(lambda x, k: scipy.signal.convolve(x, k, mode="valid"), (X, LINE), 20, label="signal.convolve"),
    Row(lambda x: scipy.signal.lfilter([1.0, 0.5], [1.0, -0.3], x), (X,), 78, label="lfilter"),
]
