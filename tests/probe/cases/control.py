"""Control flow."""

from __future__ import annotations

import numpy as np

from ..data import A34, B34, ONE, P5, X3, X5, Y3, Y5
from ..harness import case


@case((2.0, 3.0), second=True)
def straight_line(x, y):
    a = x * y
    b = a + np.sin(x)
    return b * b / y


@case((2.0, 3.0))
def tuple_unpacking(x, y):
    a, b = x * y, x + y
    (c, d), e = (a - b, b), a
    return c * d + e


@case(X3)
def unpack_array(x):
    a, b, c = x
    return a * b - c


@case(X5)
def starred_unpacking(x):
    first, *rest = [x[0] * 2.0, x[1], x[2] * x[3]]
    return first * rest[0] + rest[1]


@case((2.0, 3.0))
def swap_scalars(a, b):
    a, b = b, a
    a, b = a + b, a * b
    return a - b * b


@case((1.5, 0.5))
def augmented_scalars(x, y):
    s = x
    s += y
    s *= x
    s -= 2.0 * y
    s /= x + 1.0
    s **= 2
    return s


@case((1.5, 0.5))
def chained_assignment(x, y):
    a = b = x * y
    a += 1.0
    return a * b


@case(1.5, 0.2, -0.7)
def if_elif_else(x):
    if x > 1.0:
        y = x * x
    elif x > 0.0:
        y = np.sin(x)
    else:
        y = -3.0 * x
    return y + 1.0


@case(1.5, -1.5)
def if_without_else(x):
    y = x
    if x > 0:
        y = y * x
    return y


@case((1.5, 2.0), (-1.5, 2.0))
def ternary(x, y):
    return (x * y if x > 0 else x - y) * 2.0


@case((1.5, 2.0), (-1.5, 2.0), (1.5, -2.0))
def and_or_not(x, y):
    if x > 0 and y > 0:
        return x * y
    if not x > 0 or y > 5.0:
        return x + y
    return x / y


@case((1.5, 2.0))
def or_as_value(x, y):
    z = x or y
    return z * y


@case(0.5, 1.5, 2.5)
def chained_comparison(x):
    if 0.0 < x < 1.0:
        return x**3
    if 1.0 <= x <= 2.0 != x:
        return 2.0 * x
    return x * x


@case(X5)
def for_range(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * x[i]
    return s


@case(X5)
def for_range_step(x):
    s = 0.0
    for i in range(1, len(x), 2):
        s += np.sin(x[i]) * s + x[i]
    return s


@case(X5)
def for_range_negative(x):
    s = 1.0
    for i in range(len(x) - 1, -1, -1):
        s = s * 0.5 + x[i] * s
    return s


@case((X5, 0))
def for_empty_range(x, n):
    s = x[0]
    for i in range(n):
        s = s * x[i]
    return s


@case(X5)
def for_array(x):
    s = 1.0
    for e in x:
        s = s * (1.0 + e * e)
    return s


@case(A34)
def for_rows(a):
    s = 0.0
    for row in a:
        s += np.dot(row, row) * row[0]
    return s


@case((X5, Y5))
def for_zip(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s += a * b * b
    return s


@case(X5)
def for_enumerate(x):
    s = 0.0
    for i, e in enumerate(x):
        s += (i + 1) * e * e
    return s


@case((X3, Y3))
def for_enumerate_zip(x, y):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, y)):
        s = s * a + b * i
    return s


@case(X5)
def for_reversed(x):
    s = 0.0
    for e in reversed(x):
        s = s * 0.5 + e
    return s


@case((1.2, 0.3))
def for_tuple(x, y):
    s = 1.0
    for e in (x, y, x * y):
        s *= e + 2.0
    return s


@case((0.3, 1.4))
def for_list_of_constants(x, y):
    s = 0.0
    for c in [1.0, 2.0, 3.0]:
        s += np.sin(c * x) * y
    return s


@case(1.05, 0.3)
def while_loop(x):
    s = x
    while s < 10.0:
        s = s * s + x + 0.5
    return s


@case((1.1, 5), (1.1, 0))
def while_counter(x, n):
    s, i = 1.0, 0
    while i < n:
        s *= x + i
        i += 1
    return s


@case(X5)
def while_index_and(x):
    i = 0
    s = 0.0
    while i < len(x) and x[i] < 1.5:
        s += x[i] ** 2
        i += 1
    return s


@case((X5, 0.6), (X5, 100.0))
def break_for(x, limit):
    s = 0.1
    for e in x:
        if s > limit:
            break
        s = s + e * e
    return s * limit


@case(X5)
def continue_for(x):
    s = 1.0
    for e in x:
        if e < 0.0:
            continue
        s *= e
    return s


@case((X5, 1.0), (X5, 50.0))
def for_else(x, limit):
    s = 0.0
    for e in x:
        s += e * e
        if s > limit:
            s *= 2.0
            break
    else:
        s = s * s
    return s


@case((1.3, 3.0), (1.3, 1e9))
def while_else(x, limit):
    s = x
    k = 0
    while k < 4:
        s = s * x + 1.0
        if s > limit:
            break
        k += 1
    else:
        s = s * s
    return s


@case(1.5, -1.5)
def early_return(x):
    if x > 0:
        return x**2
    if x < 0:
        return -x
    return 5.0 * x


@case((X5, 0.5), (X5, 100.0))
def return_in_loop(x, limit):
    s = 0.0
    for e in x:
        s += e * e
        if s > limit:
            return s * e
    return s


@case((A34, 1.2), (A34, 3.0), (A34, 1e9))
def return_in_nested_loops(a, c):
    s = 1.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            s *= 1.0 + 0.1 * a[i, j] ** 2
            if s > c:
                return s * s * a[i, j]
        s += 0.5
    return s


@case((A34, 0.5))
def break_and_continue_nested(a, c):
    s = 0.0
    for i in range(a.shape[0]):
        if a[i, 0] > 1.5:
            continue
        for j in range(a.shape[1]):
            if a[i, j] < -c:
                break
            if a[i, j] < 0.0:
                continue
            s += a[i, j] ** 2 + s * 0.1
        else:
            s *= 2.0
        s += a[i, 1]
    return s


@case((2.0, 50), (3.0, 1))
def while_true(x, limit):
    y = x
    k = 0
    while True:
        r = y * y - x
        if abs(r) < 1e-13 or k >= limit:
            break
        y = y - r / (2.0 * y)
        k += 1
    return y


@case((X5, Y5))
def triangular_loops(x, y):
    s = 0.0
    for i in range(len(x)):
        for j in range(i):
            s += x[i] * y[j] * s * 0.1 + x[j]
    return s


@case(X5)
def defined_in_loop(x):
    for i in range(len(x)):
        t = x[i] * 2.0
        last = t * t
    return last + t


@case((1.5, True), (1.5, False))
def flag_argument(x, square):
    if square:
        return x * x
    return x * 3.0


@case((P5, "log"), (P5, "sqrt"))
def string_argument(x, kind):
    if kind == "log":
        return np.log(x).sum()
    return np.sqrt(x).sum()


@case((1.5, None), (1.5, 2.0))
def optional_argument(x, scale):
    if scale is None:
        scale = 1.0
    return x * x * scale


@case(2.0)
def assert_statement(x):
    assert x > 0, f"{x} isn't positive"
    return np.sqrt(x)


@case(2.0)
def print_and_fstring(x):
    y = x * x
    print("y =", y, f"{y:.3f} of {x!r}")
    return y * x


@case((2.0, 3.0))
def pass_and_docstring(x, y):
    """A docstring."""
    if x > y:
        pass
    return x * y


@case((A34, B34))
def loop_changes_type(a, b):
    s = 0
    for i in range(a.shape[0]):
        s = s + a[i] * b[i]
    return s.sum()


@case(ONE)
def loop_once(x):
    s = 1.0
    for e in x:
        s = s * e
    return s


@case((X5, 2))
def integer_arithmetic(x, n):
    k = (2 * n + 1) // 2 % 4
    return x[k] ** n * (n - 1) + x[-1] / n


@case(0.7)
def walrus(x):
    if (y := x * x) > 0.1:
        return y * x
    return y


@case(X5)
def list_comprehension(x):
    return sum([e * e for e in x if e > 0])


@case(X5)
def generator_expression(x):
    return sum(e * np.sin(e) for e in x)


@case(X5)
def max_of_loop(x):
    best = x[0]
    for e in x:
        if e > best:
            best = e
    return best * best


@case((X5, 1.0))
def del_statement(x, y):
    t = x * y
    s = t.sum()
    del t
    return s * y


@case(2.0)
def raise_not_reached(x):
    if x < 0:
        raise ValueError("negative")
    return np.sqrt(x)


@case((1.3, 2))
def match_free_dispatch(x, order):
    if order == 1:
        return x
    elif order == 2:
        return x**2
    else:
        raise NotImplementedError


@case(2.0)
def try_except(x):
    try:
        y = np.sqrt(x)
    except ValueError:
        y = x
    return y * x


@case((X3, Y3))
def with_errstate(x, y):
    with np.errstate(all="ignore"):
        z = x / y
    return (z * x).sum()


@case((X3, 1.0), (X3, -1.0))
def bound_under_the_same_condition(x, c):
    if c > 0:
        a = x * 2.0
    s = x.sum()
    if c > 0:
        s = s + (a * x).sum()
    return s


@case((X3, 1.0), (X3, -1.0))
def bound_before_a_loop(x, c):
    if c > 0:
        a = x * 2.0
    s = 0.0
    for i in range(3):
        s = s + (a * x).sum() * x[i] if c > 0 else s + x[i]
    return s


@case(X5)
def condition_on_a_set_that_grows(x):
    seen = set()
    total = 0.0
    for k in [0, 1, 0, 2, 1]:
        if k in seen:
            total += x[k] * x[3]
            continue
        seen.add(k)
        total += x[k] ** 2
    return total
