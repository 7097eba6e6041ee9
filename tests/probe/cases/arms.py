"""Arms that certainly ran, exits of loops, joins and shapes: each of these programs notices a fault planted there."""

from __future__ import annotations

import numpy as np

from ..harness import case

X = np.array([1.1, 1.9, 2.7])


@case((X,))
def arm_beside_one_that_raises(x):
    if x[0] > 100.0:
        raise ValueError("too large")
    else:
        y = x * x
    if y[1] < 100.0:
        z = y * x
    else:
        raise ValueError("too large")
    return np.sum(y) + np.sum(z)


@case((X,))
def list_that_grows_behind_its_loop(x):
    ps = [x * 1.0, x * 2.0]
    s = 0.0
    for p in ps:
        s += np.sum(p * p * x)
    ps[0] = ps[1]
    ps[1] = x * x
    ps[0][1] = 3.0
    ps.append(x * 3.0)
    for p in ps:
        s += np.sum(p * p)
    return s


@case((X,))
def list_made_at_run_time_as_array(x):
    ps = []
    for i in range(3):
        ps.append(x[i] * x[0])
    return np.sum(np.array(ps) ** 2) + sum(ps)


@case((X,))
def two_ways_out_of_a_loop(x):
    for i in range(10):
        r = x[0] * i
        if r > x[1] * 3:
            k = r * x[2]
            break
        if r > x[1] * 30:
            k = r * x[2] * x[2]
            break
    else:
        k = x[0]
    return k


@case((X,))
def selections_of_other_shapes(x):
    s = np.sum(np.maximum(x, 2.0) * np.where(x > 1.5, x[1], x)) + np.sum(np.maximum(x[0], x + 0.5))
    return s + np.sum(np.where(np.ones((2, 3)) > 0, x, x[1]) * np.minimum(np.ones((2, 3)) * 2.0, x))


@case((X,))
def known_sizes_that_differ(x):
    v = np.ones(3) * x[0]
    return np.sum(np.zeros((2, 3)) + v)


@case((X,))
def arrays_without_axes(x):
    z = np.array(x[1])
    return np.sum(np.ones(3) * z) + np.sum(x * z) + np.sum(np.add(np.ones((2, 3)), z) ** 2)


@case((X,))
def real_part_of_a_phase(x):
    return np.real(np.sum((x * (1 + 2j)) * np.exp(1j * x)))


def _labelled(x):
    if x > 1.0:
        return x * x, "big"
    return 2 * x, 0


@case((X,))
def labels_of_two_kinds(x):
    y, k = _labelled(x[1])
    if k == "big":
        y = y * x[0]
    return y


def _first_of(x, n):
    if n == 1:
        return [x[0]]
    if n == 2:
        return [x[0], x[1]]
    return [v for v in x]


@case((X,))
def displays_of_several_lengths(x):
    s = 0.0
    for n in range(1, 4):
        s = s + sum(_first_of(x, n)) ** 2
    return s
