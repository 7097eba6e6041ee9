"""Displays of active values where arrays stand."""

from __future__ import annotations

import numpy as np

from ..data import X5
from ..harness import case


@case((X5, 2.0), second=True)
def displays_in_selections(x, s):
    a = np.maximum(x[:2], [s, x[3]]).sum() + np.minimum([s, 1.0], x[:2]).sum()
    return a + np.where(x[:2] > 0, [s, x[0]], 0.0).sum() + np.clip(x[:2], [-s, -0.1], [0.1 * s, x[3]]).sum()


@case((X5, 2.0), second=True)
def displays_in_arithmetic(x, s):
    a = (x[:2] * [s, x[0]]).sum() + (np.array([s, 2.0]) - [x[0], s]).sum()
    return a + np.add([s, x[0]], [1.0, x[2]]).prod()


@case((X5, 2.0), second=True)
def displays_in_products(x, s):
    return np.dot([s, x[0]], x[:2]) + (x[:2] @ [s, x[1]]) + np.outer([x[0], s], x)[1, 2]


@case((X5, 2.0), second=True)
def displays_stored(x, s):
    row = [x[0], s]
    z = np.zeros((2, 2))
    z[0] = row
    z[1] = (s, x[1])
    z[:, 1] = [x[2] ** 2, s]
    z += [[x[0], 1.0], [s, x[3]]]
    w = x * 1.0
    w[1:3], w[0] = [s, x[0]], s**2
    w[x > 0] = [x[1], x[2], x[3]]
    return (z**2).sum() + (w**2).sum()


@case((X5, 2.0), second=True)
def displays_written(x, s):
    z = x * 1.0
    z[...] = [x[1]]
    np.copyto(z[:2], [s, x[0]])
    np.add.at(z, [0, 0], [s, x[2]])
    z[[1, 2]] -= (x[0], s)
    z[3:] += [1.0, s]
    return (z**2).sum()


@case((X5, 2.0), second=True)
def rows_swapped_and_shared(x, s):
    z = np.stack([x, x * s])
    z[0], z[1] = z[1], z[0]
    z[:, 0] = z[1, :2]
    u, v = z
    u += v
    z.T[1] = (s, x[0])
    return (z**3).sum()


@case((X5, 2.0), second=True)
def matrix_onto_itself(x, s):
    z = np.outer(x, x)
    z[1:, 1:] = z[:-1, :-1]
    z[::-1] += z
    z[:, ::-1] *= z.T
    z[0] = z[:, 0]
    z[:] = z.T
    return (z**2).sum()


@case(([0.7, 1.3], 0.4), second=True)
def ints_among_floats(x, y):
    a = np.array([y, 0, 1, len(x)]) ** 2
    b = np.array([[y, 3], [2, 1]]) ** 2 + np.stack([y, 3]) ** 2
    c = np.array([x, [5, 6]]) ** 2 * np.array([x, list(range(2))]) ** 2
    xs = [y, 2, len(x)]
    return a.sum() + b.sum() + c.sum() + xs[0] * xs[1] ** 2 * xs[2] + sum(v * v for v in xs)


@case(([0.7, 1.3], 0.4), second=True)
def lists_joined_with_arrays(x, y):
    c = np.array(x)
    a = np.concatenate(([-np.inf, 1], c, [np.pi, 3.0]))[1:] ** 2
    b = np.concatenate([[y], c * c, (x[1], 2.0)]) ** 2 * np.arange(5)
    d = np.vstack(([1, 2], c, [y, 0])) ** 2
    return a.sum() + b.sum() + d.sum() + (np.hstack([c, [1.0], y]) ** 2).sum() + np.column_stack(([y, 1], c))[1, 1]


@case((X5,), second=True)
def tuples_repeated(x):
    t = (x[0], x[1]) * 2
    return t[3] * t[0] + sum(t)


@case((X5,), second=True)
def interpolated_between_displays(x):
    return np.interp(1.1 * x[0] ** 2, [0.0, 1.0, 2.0], [x[1], x[2], x[3]])


@case((X5, 2.0), second=True)
def displays_in_shaping(x, s):
    a = np.diag([s, x[0]]) @ [x[1], s] + np.diff([x[0], s * s, x[2]])
    b = np.flip([s, x[0], x[3]]) * np.roll([x[1], s, s], 1) + np.tile([x[0]], 3) + np.repeat([s, x[1]], [2, 1])
    c = np.reshape([s, x[0], x[1], x[2]], (2, 2)) + np.transpose([[x[0], s], [s, x[3]]])
    return (a**2).sum() + (b**2).sum() + (c**2).sum() + np.ravel([[s, x[0]]])[1] * np.trace([[s, x[0]], [x[1], x[2]]])


@case((X5, 2.0), second=True)
def displays_in_statistics(x, s):
    a = np.median([s, x[0], x[1]]) * np.average([s, x[0]], weights=[0.3, 0.7]) + np.trapezoid([s, x[0], x[1]], dx=0.5)
    b = np.sum(np.sort([s, x[0], x[1]]) * np.array([1.0, 2.0, 3.0])) + np.quantile([x[0], s, x[4]], 0.3)
    return a + b + np.sum([[s, x[0]], [x[1], s]], axis=0)[1] + np.linalg.norm([s, x[0]]) + np.pad([s, x[1]], 1).sum()


@case((X5, 2.0), second=True)
def displays_in_linear_algebra(x, s):
    m = np.linalg.inv([[s, 0.1], [x[0], 3.0]]) @ np.linalg.solve([[s, x[0]], [0.2, 4.0]], [x[1], s])
    return m.sum() + np.linalg.det([[s, x[0]], [x[1], x[2]]]) + np.linalg.matrix_norm([[s, x[0]], [x[1], 2.0]])


def _squares(rows):
    return np.sum(np.asanyarray(rows) ** 2) + np.ascontiguousarray(rows)[1, 0]


@case((X5, 2.0), second=True)
def nested_lists_as_arrays(x, s):
    return _squares([[x[0], s], [x[1] * s, 2.0]])


def _scaled(factors, h):
    for w in factors:
        h = np.tanh(h * w)
    return h.sum()


@case((X5, 2.0), second=True)
def arrays_and_numbers_handed_on(x, s):
    return _scaled([x, s, x[::-1] * s], x) + _scaled([x * 2.0, x[0]], x)


def _layers(params, h):
    for w, b in params:
        h = h * w + b
    return h.sum()


@case((X5, 2.0), second=True)
def pairs_of_different_types_handed_on(x, s):
    params = [(x, x * s), (x[::-1], 0.1), (s, x[1])]
    return _layers(params, x) + _layers([(x * s, s), (x, x)], x)


@case((X5, 2.0), second=True)
def sums_of_displays_made_in_loops(x, s):
    a = np.array([np.sin(v) * s for v in x])
    return sum(np.sin(v) * s for v in x) + a @ a + np.mean([v * s for v in x]) + np.std([v * v for v in x])
