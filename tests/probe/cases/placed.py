"""Lists whose items are known by position, dicts whose keys are known: parameters of several shapes, sorted keys,
comprehensions over them, functions of lists of a known length."""

from __future__ import annotations

import operator

import numpy as np

import diffsrc as ds

from ..data import X3, Y3
from ..harness import case

M23 = np.array([[0.3, -0.7, 1.1], [0.9, 0.4, -0.2]])
M32 = np.array([[0.5, -1.1], [0.2, 0.8], [-0.6, 0.7]])
M33 = np.array([[0.5, -1.1, 0.3], [0.2, 0.8, -0.4], [-0.6, 0.7, 0.9]])
D = {"w": M23, "b": np.array([0.4, -0.3]), "a": 1.3}
ARRAYS = {"w": M23, "b": np.array([0.4, -0.3])}
LAYERS = [M23, np.array([0.4, -0.3]), M32, X3]


# -- lists of items of different types


@case((LAYERS, Y3), second=True)
def layers_by_slices(ps, x):
    for w, b in zip(ps[::2], ps[1::2]):
        x = np.tanh(w @ x + b)
    return np.sum(x**2)


@case((LAYERS, Y3), second=True)
def layers_by_numbers(ps, x):
    for i in range(len(ps) // 2):
        x = np.tanh(ps[2 * i] @ x + ps[2 * i + 1])
    return np.sum(x**2)


@case((LAYERS,), second=True)
def penalty_of_layers(ps):
    return sum(np.sum(p**2) for p in ps) + len(ps)


@case(([[1.0], 2.0, 1.5],), second=True)
def list_in_a_list_of_numbers(xs):
    return xs[1:][0] * xs[0][0] ** 2 + xs[-1]


@case((LAYERS,), second=True)
def step_of_gradient_descent(ps):
    return penalty_of_layers([p - 0.1 * g for p, g in zip(ps, ds.grad(penalty_of_layers)(ps))])


@case((1.3, X3), second=True)
def display_is_a_list(x, y):
    xs = [x, y * x]
    return xs[0] * 2.0 if isinstance(xs, list) else xs[0] * 3.0


def _kind(xs):
    if isinstance(xs, tuple):
        return np.sum(xs[1]) * 5.0
    return np.sum(xs[1]) * (2.0 if type(xs) is list else 3.0)


@case((1.3, X3), second=True)
def display_as_an_argument_is_a_list(x, y):
    return _kind([x, y * x]) * _kind((x, y * x))


@case((1.3, X3), second=True)
def displays_added(x, y):
    xs = [x, y * x] + [x * x]
    return np.sum(xs[1]) * xs[2]


def _second(t):
    return t[1]


@case((1.3, X3), second=True)
def one_part_of_a_tuple_argument(x, y):
    return np.sum(_second((x, y * x)) ** 2) + _second((y, x))


# -- dicts with values of different shapes


@case((D,), second=True)
def sorted_items(d):
    total = 0.0
    for k, v in sorted(d.items()):
        total = np.sin(total) + np.sum(v**2) * len(k)
    return total


@case((D,), second=True)
def sorted_items_by_a_key(d):
    total = 0.0
    for i, (_, v) in enumerate(sorted(d.items(), key=operator.itemgetter(0), reverse=True)):
        total = np.sin(total) + np.sum(v**2) * (i + 1.0)
    return total


@case((D,), second=True)
def sorted_keys(d):
    total = 0.0
    for k in sorted(d.keys()):
        total = np.sin(total) + np.sum(d[k] ** 2)
    return total


@case((D,), second=True)
def keys_in_a_list(d):
    names = ["a", "b"]
    names_without = sorted(k for k in d if k != "a")
    return sum(np.sum(d[k] ** 2) for k in names) * sum(np.sum(d[k]) for k in names_without)


@case((D,), second=True)
def comprehension_over_its_keys(d):
    new = {k: np.sin(v) for k, v in d.items()}
    out = {}
    for k, v in new.items():
        out[k] = v * d[k]
    return sum(np.sum(v) for v in out.values()) * len(out)


@case((ARRAYS,), second=True)
def descent_with_momentum(d):
    p = {k: v * 1.0 for k, v in d.items()}
    m = {k: np.zeros_like(v) for k, v in d.items()}
    for _ in range(3):
        g = {k: 2.0 * np.sin(p[k]) for k in p}
        for k, v in p.items():
            m[k] = 0.9 * m[k] + g[k]
            p[k] = v - 0.1 * m[k]
    return sum(np.sum(v**2) for v in p.values())


@case((D,), second=True)
def gradient_by_sorted_keys(d):
    g = ds.grad(sorted_keys)(d)
    return np.sum(g["w"] ** 2) * np.sum(g["b"]) + g["a"]


@case((D,), second=True)
def list_comprehension_of_values(d):
    ys = [np.sin(v) for v in d.values()]
    w, _, a = ys
    return np.sum(ys[1]) * a + np.sum(w)


@case((1.3, X3), second=True)
def dict_of_pairs_and_keywords(x, y):
    d = dict([("a", x)], b=x * x)
    e = dict({"y": y}, z=d["b"])
    return d["a"] * d["b"] + np.sum(e["y"]) * e["z"]


# -- functions of lists


@case(([X3, Y3, X3 * Y3],), second=True)
def select_of_lists(xs):
    conditions = [x > 0.0 for x in xs]
    return np.sum(np.select(conditions, xs, default=xs[0] * 2.0) ** 2)


@case((X3,), second=True)
def select_of_local_lists(x):
    thresholds = [0.5, 0.0, -1.0]
    return np.sum(np.select([x > t for t in thresholds], [x * t * x for t in thresholds], default=x[1]) ** 2)


@case(([M23, M32, M23],), second=True)
def multi_dot_of_a_list(ms):
    return np.sum(np.linalg.multi_dot(ms) ** 2) + np.sum(np.linalg.multi_dot([m * 2.0 for m in ms]))


@case(([X3.reshape(3, 1), Y3.reshape(1, 3), M33],), second=True)
def choose_of_a_ragged_list(xs):
    return np.sum(np.choose(np.array([[0, 1, 2], [2, 1, 0], [1, 1, 2]]), xs) ** 2)


@case(([M23, M23 * 2.0],), second=True)
def block_of_lists(xs):
    return np.sum(np.block([xs, [x * x for x in xs]])[1:3, 1:5] ** 2)


@case(([X3, Y3],), second=True)
def list_as_star_arguments(xs):
    a, b = np.broadcast_arrays(*xs)
    return np.sum(a * b**2) + np.einsum("i,i->", *xs)


# -- views by einsum, Jacobians of Jacobians


@case((M33,), second=True)
def einsum_views_are_written(x):
    x = x * 1.0
    rows = np.einsum("ij->ji", x)
    rows[0] *= rows[1]
    np.einsum(x, (0, 0), (0,))[...] += 2.0 * x[0]
    return np.sum(np.sin(x))


def _outer(x):
    return np.sin(np.outer(x, x)) + np.cos(np.dot(x, x))


@case((X3[:2],), second=False)
def jacobian_of_a_jacobian(x):
    return np.sum(np.sin(ds.jacrev(ds.jacrev(_outer))(x)))


@case((X3[:2], 0.7), second=True)
def jacobians_of_what_captures(x, a):
    inner = ds.jacfwd(ds.hessian(lambda y: np.sum(a * y**3) * y[0]))
    return np.sum(inner(x) ** 2) + np.sum(ds.jacrev(ds.jacfwd(lambda y: a * np.sin(y) * y[::-1]))(x))


# -- keys made of constants, lists that others hold too, arrays that turn out to be real

NUMBERED = {"W0": M23, "b0": np.array([0.4, -0.3]), "W1": M32, "b1": X3}


@case((NUMBERED, Y3), second=True)
def parameters_under_numbered_names(p, x):
    for i in range(len(p) // 2):
        x = np.tanh(p[f"W{i}"] @ x + p["b" + str(i)])
    for k in ("0", "1"):
        x = x * np.sum(p["b%s" % k[0]])  # noqa: UP031
    return np.sum(x**2)


def _overwrites(ys):
    ys[0] = ys[0] * 3.0


@case(([X3, Y3],), second=True)
def list_of_a_comprehension_is_handed_on(xs):
    ys = [x * 2.0 for x in xs]
    _overwrites(ys)
    return sum(np.sum(y**2) for y in ys) + np.sum(np.hypot(*xs))


@case((D,), second=True)
def list_of_a_comprehension_is_held_twice(d):
    ys = [np.sum(d[k]) for k in ("a", "b")]
    both = [ys, ys]
    both[0][0] = 5.0
    return ys[0] * ys[1] + np.sum(d["w"] ** 2)


@case((X3 + 1j * Y3,), second=True)
def real_if_close_of_complex(z):
    r = np.real_if_close(z)
    return np.sum(np.abs(r) ** 2) + np.abs(r[1]) ** 3


@case((X3,), second=True)
def real_if_close_of_a_filtered_signal(x):
    y = np.real_if_close(np.fft.ifft(np.fft.fft(x) * np.array([1.0, 2.0, 2.0])), tol=1000)
    return np.sum(np.real(y) ** 3)


@case((X3,), second=True)
def real_if_close_of_real(x):
    y = x * 2.0
    r = np.real_if_close(y)
    r[0] = r[1] * x[2]
    return np.sum(y**2)


STEPS = [{"k": "b", "w": 1.2}, {"k": "a", "w": 0.7}]


@case((STEPS, 1.3), second=True)
def dict_of_constants_by_texts_of_an_argument(steps, x):
    for p in steps:
        number = {"a": 0, "b": 1}[p["k"]]
        x = np.sin(x) if number == 0 else x * p["w"]
    return x
