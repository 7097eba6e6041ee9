"""functools, itertools, operator, map, filter, sorted."""

import functools
import itertools
import math
import operator
from functools import reduce
from itertools import (
    accumulate,
    chain,
    combinations,
    count,
    cycle,
    islice,
    pairwise,
    permutations,
    product,
    repeat,
    starmap,
    takewhile,
    zip_longest,
)
from operator import itemgetter

import numpy as np

from ..data import A33, A34, X3, X5, Y3, Y5
from ..harness import case


@case((X5,), second=True)
def reduce_lambda(x):
    return reduce(lambda a, b: a * b + 1.0, x)


@case((X5, 0.5))
def reduce_initial(x, k):
    return reduce(lambda a, b: a * k + b, x, 1.0)


@case((X5,))
def reduce_operator(x):
    return reduce(operator.mul, x) + functools.reduce(operator.add, [t * t for t in x], 0.0)


@case((A33,))
def reduce_matmul(a):
    return reduce(np.dot, [a, a.T, a])


@case((A33,))
def reduce_tuple_of_arrays(a):
    return reduce(np.matmul, (a, a.T, a[:, :2]))


def affine(a, b):
    return a * 0.5 + b


@case((X5,))
def reduce_user_function(x):
    return reduce(affine, x)


def layer(w, x):
    return np.tanh(w @ x)


@case(([A33, A33.T], X3))
def reduce_layers(ws, x):
    return reduce(lambda h, w: layer(w, h), ws, x)


@case((1.1, 1.3))
def compose_by_reduce(x, y):
    fs = [math.sin, math.cos, math.exp]
    return reduce(lambda v, f: f(v) * y, fs, x)


@case((X5,))
def map_sum(x):
    return sum(map(lambda t: t * t, x))


@case((X5, Y5))
def map_two(x, y):
    return list(map(operator.mul, x, y))


@case((X5,))
def map_math(x):
    return np.array(list(map(math.sin, x)))


@case((X5,))
def map_in_for(x):
    s = 0.0
    for q in map(lambda t: t * t, x):
        s += q * s + q
    return s


@case((X5,))
def map_float(x):
    a, b, c = map(float, x[:3])
    return a * b + c


@case((X5,))
def filter_sum(x):
    return sum(filter(lambda t: t > 0, x))


@case((X5,))
def filter_none(x):
    return sum(filter(None, x))


@case((X5,))
def filter_map(x):
    return [q * 2.0 for q in map(math.exp, filter(lambda t: t < 1.0, x))]


@case((X5,))
def sorted_key(x):
    ys = sorted(x, key=lambda t: -abs(t))
    return ys[0] * 2.0 + ys[1] * ys[2]


@case((X5,))
def sorted_reverse(x):
    ys = sorted(x, reverse=True)
    return ys[0] * ys[1] - ys[4]


@case((X5,))
def sorted_pairs(x):
    pairs = sorted([(t * t, i) for i, t in enumerate(x)])
    return sum(v * k for k, (v, i) in enumerate(pairs))


@case((X5, Y5))
def sorted_itemgetter(x, y):
    pairs = sorted(zip(x, y), key=itemgetter(1))
    return pairs[0][0] * pairs[1][1]


@case((X5,))
def sorted_indices(x):
    order = sorted(range(len(x)), key=lambda i: x[i])
    return sum(k * x[i] for k, i in enumerate(order))


@case((X5,))
def sorted_indices_getitem(x):
    order = sorted(range(len(x)), key=x.__getitem__)
    return x[order[0]] * x[order[-1]]


@case((X5,))
def list_sort_key(x):
    ys = [t * 2.0 for t in x]
    ys.sort(key=lambda t: abs(t))
    return ys[0] * ys[1] + ys[-1]


@case((X5,))
def min_key(x):
    return min(x, key=lambda t: abs(t - 0.4)) * max(x, key=lambda t: t * t)


@case((X5,))
def max_index_key(x):
    i = max(range(len(x)), key=lambda i: x[i] ** 2)
    return x[i] * 3.0


@case((1.1, 1.3))
def max_key_args(x, y):
    return max(x, y, x * y, key=lambda t: -t) * y


@case((X5,))
def accumulate_plain(x):
    return list(accumulate(x))


@case((X5,))
def accumulate_mul(x):
    return np.array(list(accumulate(x, operator.mul)))


@case((X5, 0.9))
def accumulate_lambda_initial(x, k):
    return list(accumulate(x, lambda a, b: k * a + b, initial=1.0))


@case((X5,))
def accumulate_for(x):
    s = 0.0
    for v in accumulate(x):
        s += v * v
    return s


@case((X5,))
def pairwise_for(x):
    s = 0.0
    for a, b in pairwise(x):
        s += (b - a) ** 2
    return s


@case((X5,))
def pairwise_sum(x):
    return sum(abs(b - a) for a, b in itertools.pairwise(x))


@case((X5, Y3))
def chain_for(x, y):
    s = 1.0
    for t in chain(x, y, [2.0]):
        s = s * 0.5 + t * t
    return s


@case((A34,))
def chain_from_iterable(a):
    return sum(t * t for t in chain.from_iterable(a))


@case((X5,))
def islice_for(x):
    s = 0.0
    for t in islice(x, 1, 4):
        s += t * t
    return s + sum(islice(x, 2)) + sum(islice(x, 0, None, 2))


@case((X3, Y3))
def product_active(x, y):
    s = 0.0
    for a, b in product(x, y):
        s += a * b * b
    return s


@case((A34,))
def product_ranges(a):
    s = 0.0
    for i, j in product(range(3), range(4)):
        s += a[i, j] * (i + j)
    return s


@case((X3,))
def product_repeat(x):
    return sum(x[i] * x[j] for i, j in product(range(3), repeat=2) if i != j)


@case((X5,))
def combinations_active(x):
    return sum((a - b) ** 2 for a, b in combinations(x, 2))


@case((X5,))
def combinations_indices(x):
    s = 0.0
    for i, j in itertools.combinations(range(len(x)), 2):
        s += x[i] * x[j]
    return s


@case((X3,))
def permutations_active(x):
    return sum(a * b * b for a, b in permutations(x, 2))


@case((A33,))
def permanent(a):
    return sum(math.prod(a[i, p[i]] for i in range(3)) for p in permutations(range(3)))


@case((X5,))
def repeat_zip(x):
    return sum(a * k for a, k in zip(x, repeat(2.0)))


@case((1.1, 1.3))
def repeat_active(x, y):
    s = x
    for k in repeat(y, 3):
        s = s * k + 1.0
    return s


@case((X5,))
def count_zip(x):
    return sum(i * t for i, t in zip(count(1), x))


@case((2.3,))
def count_break(a):
    y = a
    for n in count():
        if n > 4:
            break
        y = 0.5 * (y + a / y)
    return y


@case((X5, Y3))
def zip_longest_fill(x, y):
    return sum(a * b for a, b in zip_longest(x, y, fillvalue=1.0))


@case((X5, Y5))
def starmap_pow(x, y):
    return sum(starmap(lambda a, b: a * b, zip(x, y)))


@case((X5,))
def takewhile_positive(x):
    return sum(takewhile(lambda t: t > -1.0, x))


@case((X5,))
def cycle_zip(x):
    return sum(a * k for a, k in zip(x, cycle([1.0, 2.0])))


@case((X5,))
def operator_calls(x):
    f = operator.add
    return f(x[0], operator.mul(x[1], x[2])) + operator.truediv(x[3], 2.0) + operator.neg(x[4])


@case((X5,))
def operator_getitem(x):
    first = itemgetter(0)
    return first(x) * operator.getitem(x, 1)


@case(({"a": 1.5, "b": 2.5},))
def itemgetter_many(p):
    a, b = itemgetter("a", "b")(p)
    return a * b


@case((X5,))
def sum_of_products(x):
    return sum(map(operator.mul, x, x[1:])) + math.fsum(map(abs, x))


@case((X5,))
def any_map(x):
    return x.sum() * (2.0 if any(map(lambda t: t > 1.0, x)) else 1.0) + (1.0 if all(map(math.isfinite, x)) else 0.0)


@case((X5,))
def map_star_dict(x):
    d = dict(zip("abc", x))
    return d["a"] * d["c"]


@case((X5,))
def dict_of_zip_map(x):
    d = dict(zip(["u", "v", "w"], map(math.sin, x)))
    return d["u"] * d["w"]


@case((X5,))
def iter_next(x):
    it = iter(x)
    s = next(it)
    for t in it:
        s = s * t + 1.0
    return s


@case((X5,))
def map_assigned(x):
    m = map(lambda t: t * t, x)
    return sum(m)
