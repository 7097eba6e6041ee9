"""Objects of library classes and frozen distributions whose memory is written, and what else their handles meet."""

# ruff: noqa: E501  programs in one line each
from __future__ import annotations

import numpy as np

from .harness import add, defined

X = np.array([0.5, -1.2, 0.8, 1.7])
NAMES = """
from functools import partial
import diffsrc as ds
from scipy import fft, sparse, stats
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.sparse.linalg import spsolve, splu

T = np.array([0.0, 1.0, 2.5, 3.0])
ROW, COL = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 1, 1, 2, 2, 3, 3, 0])
ENDS = np.array([0, 2, 4, 6, 8])
def entries(x): return np.concatenate([x + 2.0, x * x])[[0, 4, 1, 5, 2, 6, 3, 7]]
def unsorted(x): return sparse.csr_matrix((entries(x), COL, ENDS), shape=(4, 4))
def matrix(x): return sparse.csr_matrix((entries(x), (ROW, COL)), shape=(4, 4))
def quadratic(a, b, t): return a * t * t + b * t
def applied(fn, y): return fn(y)
def spd(x): return np.outer(x, x) + 3.0 * np.eye(len(x))
"""
PROGRAMS = {
    # memory that an object holds
    "coefficients_written": ("DS300", "s = CubicSpline(T, x * x); s.c[0, 0] = 2.0; return s(0.3) + s(1.7)"),
    "transpose_written": ("DS300", "a = unsorted(x); b = a.T; b.data[0] = 3.0 * x[1]; return np.sum((a @ x) ** 3)"),
    "factored_written": ("DS300", "a = sparse.csc_matrix((entries(x), (ROW, COL)), shape=(4, 4)); f = splu(a); a.data[0] = 1.0; return np.sum(f.solve(x) ** 2)"),
    "scaled_in_place": ("DS400", "a = unsorted(x); b = a; a *= 2.0; return np.sum((b @ x) ** 3)"),
    "divided_in_place": ("DS400", "a = unsorted(x); b = a; a /= x[0]; return np.sum((b @ x) ** 3)"),
    "added": ("right", "a = unsorted(x); b = a; a += a.T; return np.sum((b @ x) ** 3) + np.sum((a @ x) ** 2)"),
    "written_before": ("right", "d = np.zeros(8); d[:4] = x + 2; d[4:] = x * x; return np.sum((sparse.csr_matrix((d, COL, ENDS), shape=(4, 4)) @ x) ** 3)"),
    # arguments of methods that aren't known
    "toarray_out": ("DS100", "o = np.zeros((4, 4)); unsorted(x).toarray(out=o); return np.sum(o ** 3)"),
    "tocsr_copy": ("DS100", "return np.sum((unsorted(x).tocsr(copy=True) @ x) ** 3)"),
    # solvers put entries in order in place
    "product_solved": ("right", "a = matrix(x); return np.sum(spsolve((a.T @ a).tocsr(), x) ** 2)"),
    # one of several classes
    "either_spline": ("right", "s = CubicSpline(T, x * x) if x[0] > 0 else PchipInterpolator(T, x)\n    return s(0.3) + s(1.7) ** 2"),
    # frozen distributions have some parameters as they were
    "frozen_then_written": ("right", "m = x * x; k = spd(x); d = stats.multivariate_normal(m, k); m[0] = 5.0; k[0] = 0.0; return d.logpdf(x)"),
    "frozen_in_a_loop": ("right", "k = spd(x); ds = []\n    for i in range(2):\n        ds.append(stats.multivariate_normal(x, cov=k)); k[i, i] += 1.0\n    return sum(d.logpdf(x * 2) for d in ds)"),
    "scale_frozen": ("right", "k = spd(x); d = stats.wishart(5, k); k[0] = 0.0; return d.logpdf(np.eye(4))"),
    "alpha_is_shared": ("right", "a = x * x; d = stats.dirichlet(a); a[0] = 0.5; return d.logpdf(np.array([0.2, 0.3, 0.1, 0.4]))"),
    # derivatives inside, of functions that capture them
    "frozen_in_a_derivative": ("right", "d = stats.norm(x[0], 2.0); return ds.grad(d.logpdf)(x[2]) + ds.grad(lambda t: d.cdf(t) ** 2)(x[1])"),
    "partial_in_a_derivative": ("right", "h = partial(quadratic, x[0], x[1]); return ds.grad(lambda t: h(t) ** 2)(0.3) + ds.grad(ds.grad(lambda t: h(t) ** 2))(x[3])"),
    "partial_in_directions": ("right", "h = partial(quadratic, x[0], x[1]); y, pull = ds.vjp(lambda t: h(t) ** 2, x[2]); return y * pull(x[0])[0] * ds.jvp(h, (x[3],), (x[1],))[1]"),
    "spline_in_a_derivative": ("DS100", "s = CubicSpline(T, x); return ds.grad(lambda t: s(t) ** 2)(0.3)"),
    # objects that functions capture which are handed to a solver
    "spline_in_an_integrand": ("right", "s = CubicSpline(T, x); return quad(lambda t: s(t), 0, 1.0)[0]"),
    "spline_made_in_an_integrand": ("right", "return quad(lambda t: CubicSpline(T, x)(t), 0, 1.0, limit=20)[0]"),
    "frozen_in_a_root": ("DS100", "d = stats.norm(x[0], 2.0); return brentq(lambda z: d.cdf(z) - 0.3, -9, 9)"),
    "distribution_in_a_root": ("right", "return brentq(lambda z: stats.norm(x[0], 2.0).cdf(z) - 0.3, -9, 9, xtol=1e-14)"),
    # functions that are objects of a class of their own
    "transform_as_argument": ("right", "return np.sum(applied(fft.dct, x) ** 3)"),
    "transform_chosen": ("right", "g = fft.dct if x[0] > 0 else fft.dst; return np.sum(g(x) ** 3)"),
    "transforms_in_a_list": ("right", "return np.sum([fft.dct, fft.dst][1](x) ** 3) + sum(np.sum(v ** 2) for v in map(fft.dct, [x, x * x]))"),
}  # fmt: skip
for _name, (_expect, _body) in PROGRAMS.items():
    add(f"objects.{_name}", defined(f"{NAMES}\ndef f(x):\n    {_body}\n"), lambda: (X.copy(),), _expect)
