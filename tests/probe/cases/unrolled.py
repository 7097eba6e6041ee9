"""Programs whose loops are written out and whose small arrays are numbers."""

import numpy as np

import diffsrc as ds

from ..harness import case

X = np.array([0.5, -1.5, 2.0, 0.25])
Y = np.array([1.0, 0.5, -0.75, 2.0])
LONG = np.linspace(-1.0, 2.0, 10)
SINGLE = np.array([0.5, -1.5, 2.0], np.float32)
WEIGHTS = np.array([0.25, 0.5, 0.25])

unrolled = ds.differentiable(unroll=True)


@case(LONG, second=True)
@unrolled
def recurrence(x):
    y = np.empty(10)
    y[0] = x[0]
    for i in range(1, 10):
        y[i] = 0.5 * y[i - 1] + x[i]
    return np.sum(y * y)


@case(LONG, second=True)
@unrolled
def last_of_recurrence(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i]
    return y[-1]


@case((X, Y), (LONG, LONG[::-1].copy()), second=True)
@unrolled
def residuals(x, data):
    r = (x - data) ** 2
    return np.sum(r) + np.mean(np.square(r) / 2.0)


@case(X)
@unrolled
def steps(x):
    y = np.zeros(7)
    y[::2] = x
    y[1:4] += y[::3] * 2.0
    y[-1] *= y[0]
    return y.sum()


@case(X)
@unrolled
def overlapping_parts(x):
    y = np.zeros(5)
    y[:4] = x
    y[1:] = y[:-1]
    y[:2] -= y[3:]
    return np.sum(y * y)


@case((X, 0.0), (X, -2.0))
@unrolled
def python_numbers(x, a):
    with np.errstate(all="ignore"):
        y = np.empty(3)
        y[0] = a
        y[1] = 2
        y[2] = True
        return x[0] / (y[0] - 3.0) + y[1] ** 0.5 * a + (y[0] - 3.0) ** 2.0 / y[2]


@case(X)
@unrolled
def quotient_of_zero(x):
    y = np.zeros(2)
    with np.errstate(all="ignore"):
        big = 1.0 / y[0]
    return x[0] * 2.0 if big > 1.0 else x[1]


@case(X, -X, np.abs(X))
@unrolled
def written_in_branches(x):
    y = np.ones(4)
    for i in range(4):
        if x[i] > 0.0:
            y[i] = x[i] * x[i]
        elif i % 2:
            y[i] += x[i]
            y[0] = y[i] * 0.5
    return np.sum(y * x)


@case(X, -X)
@unrolled
def returned_from_a_branch(x):
    y = np.zeros(2)
    for i in range(2):
        y[i] = x[i] * 3.0
        if y[i] < 0.0:
            return y[i] * x[3]
    return y[0] * y[1]


@case(X)
@unrolled
def kept_in_a_loop(x):
    total = 0.0
    for k in range(100):
        y = np.empty(2)
        y[0] = x[k % 4]
        y[1] = y[0] * x[1]
        total += y[0] + 0.5 * y[1]
    return total


@case(X)
@unrolled
def written_in_a_loop_that_stays(x):
    y = np.zeros(3)
    for k in range(200):
        y[k % 3] += x[k % 4]
        y[0] *= 0.5
    return np.sum(y * y)


@case((X, Y))
@unrolled
def spaces(x, w):
    total = 0.0
    for i, (a, b) in enumerate(zip(x, reversed(w), strict=True), 1):
        total += i * a * b
    for a in x[::-1]:
        total = total * 0.5 + a
    return total


@case(X.reshape(2, 2))
@unrolled
def rows(m):
    total = np.zeros(2)
    for k, row in enumerate(m):
        total[k] = row[0] * row[1]
        for j in range(k, 2):
            total[k] += m[j, k] ** 2
    return np.sum(total)


@case(X, second=True)
@unrolled
def two_dimensions(x):
    n = x.shape[0]
    y = np.zeros((n, 2))
    for i in range(n):
        y[i, 0] = x[i]
        y[i, 1] = x[i] ** 2
    z = y[1:] * y[:-1]
    return np.sum(z[:, 0]) + np.sum(z) + y[0, 1]


@case(SINGLE)
@unrolled
def single_precision(x):
    y = np.zeros(3, dtype=np.float32)
    y[0] = 0.1
    for i in range(1, 3):
        y[i] = 0.1 * y[i - 1] + x[i] * x[0]
    return np.sum(y * 0.3)


@case(X, rtol=1e-4)
@unrolled
def rounded_when_stored(x):
    y = np.zeros(4, dtype=np.float32)
    for i, v in enumerate(x):
        y[i] = v * 1.5
    return y[0] * x[1] + np.sum(y) * 2.0


@case(np.array([0.5, -1.5, 2.0, 0.25, 1.0]))
@unrolled
def stencil(x):
    y = np.zeros(5)
    for i in range(1, 4):
        for j in range(3):
            y[i] += WEIGHTS[j] * x[i + j - 1]
    return np.sum(y**2)


def halved(v):
    v[0] *= 0.5
    return v


def dotted(a, b):
    s = 0.0
    for i in range(len(a)):
        s += a[i] * b[i]
    return s


@case((X, Y), second=True)
@unrolled
def callee(x, w):
    y = np.zeros(4)
    for i in range(4):
        y[i] = x[i] * w[3 - i]
    return dotted(y, w) + dotted(x, w)


@case(X)
@unrolled
def escapes(x):
    y = np.zeros(4)
    z = np.zeros(2)
    for i in range(2):
        y[i] = x[i] ** 2
        z[i] = y[i] * x[3]
    halved(y)
    return y


@case((X, 3))
@unrolled
def unknown_count(x, n):
    y = np.zeros(2)
    y[0] = x[0]
    for _ in range(n):
        y[1] = y[0] * x[1]
        y[0] = y[1] + x[2]
    return y[0]


@case(X)
@unrolled
def leaves_early(x):
    y = np.zeros(4)
    for i in range(4):
        if x[i] > 1.0:
            break
        if x[i] < 0.0:
            continue
        y[i] = x[i] ** 3
    else:
        y[0] = 2.0
    return np.sum(y)


@case(X)
@unrolled
def in_a_try(x):
    y = np.zeros(2)
    try:
        y[0] = x[0] * x[1]
        if x[2] > 1.0:
            raise ValueError
        y[1] = 5.0
    except ValueError:
        y[1] = y[0] * x[3]
    return y[0] + y[1]


@case(X)
@unrolled
def display(x):
    y = np.array([x[0], 2.0, x[1] * x[2]])
    y *= 3.0
    return np.sqrt(y[0] * y[0] + y[1]) - np.sum(-y)


@case(np.array([1.5]), second=True)
@unrolled
def single_element(x):
    y = np.full(1, 2.0)
    for i in range(1):
        y[i] *= x[i]
    return np.sum(y * y)


@case((SINGLE, 100), rtol=1e-4)
@unrolled
def wider_than_it_seems(x, n):
    """A Python float that has become an np.float64 makes one of what is multiplied: the store rounds it."""
    t = 0.0
    z = np.ones(1)
    for _ in range(n):
        t = t + z[0] / 3.0
    y = np.zeros(2, dtype=np.float32)
    y[0] = t * x[0]
    y[1] = 0.5 * y[0]
    return y[1] * 1.0
