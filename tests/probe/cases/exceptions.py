"""`try`, `except`, `else`, `finally`, `raise`: the derivative takes the arm that the plain call takes."""

from __future__ import annotations

import contextlib
import math

import numpy as np
from numpy.linalg import LinAlgError

from ..data import A33, P5, S33, X3, X5, Y3, Y5
from ..harness import case

SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.5, 0.2]])
INDEFINITE = np.array([[1.0, 0.2, 0.1], [0.2, -0.5, 0.3], [0.1, 0.3, 2.0]])


class NoConvergence(Exception):
    """An exception of the program's own, with a number."""

    def __init__(self, steps: int) -> None:
        super().__init__(f"no convergence after {steps} steps")
        self.steps = steps


@case((S33, X3), (INDEFINITE, X3), second=True)
def try_cholesky(a, x):
    try:
        low = np.linalg.cholesky(a)
        y = np.linalg.solve(low, x)
        return (y * y).sum() + np.log(np.diag(low)).sum()
    except LinAlgError:
        return 0.5 * (x @ a @ x)


@case((S33, X3), (INDEFINITE, X3), second=True)
def try_cholesky_with_jitter(a, x):
    jitter = 0.0
    for _ in range(12):
        try:
            low = np.linalg.cholesky(a + jitter * np.eye(3))
            break
        except np.linalg.LinAlgError:
            jitter = max(2.0 * jitter, 0.1)
    y = np.linalg.solve(low, x)
    return (y * y).sum() + 2.0 * np.sum(np.log(np.diag(low)))


@case((A33, X3), (SINGULAR, X3), second=True)
def try_solve_or_least_squares(a, x):
    try:
        y = np.linalg.solve(a, x)
    except np.linalg.LinAlgError:
        y = x / (1.0 + (a * a).sum())
    return (y * y).sum()


@case((1.5, 2.0), (1.5, 0), second=True)
def try_safe_division(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return a * a


@case((1.5, 2.0), (1.5, 0), second=True)
def try_else(a, b):
    try:
        q = a / b
    except ZeroDivisionError:
        r = a * 3.0
    else:
        r = q * q + b
    return r * a


@case((1.5, 2.0), (1.5, 0))
def try_else_that_raises(a, b):
    try:
        try:
            q = a * b
        except ZeroDivisionError:
            q = -1.0
        else:
            q = q / b
    except ZeroDivisionError:
        q = 7.0 * a
    return q * q


@case((1.5, 2.0), (1.5, 0), second=True)
def try_finally_counts(a, b):
    calls = 0
    try:
        y = a / b
    except ZeroDivisionError:
        y = a
    finally:
        calls += 1
    return y * y * calls


@case((1.5, 2.0), (1.5, 0), (-1.5, 2.0), second=True)
def try_several_handlers(a, b):
    try:
        y = math.sqrt(a) / b
    except ZeroDivisionError:
        y = a * 2.0
    except ValueError as err:
        print(err)
        y = a * b
    return y * y


@case((1.5, 2.0), (1.5, 0), (-1.5, 2.0))
def try_several_classes(a, b):
    try:
        y = math.log(a) / b
    except (ZeroDivisionError, ValueError):
        y = a * a * b
    return y + a


@case(2.0, -0.5, 0.0)
def try_bare(x):
    try:
        y = math.log(x) * x
    except:  # noqa: E722
        y = 3.0 * x
    return y


def guarded_root(x):
    if x < 0.0:
        raise ValueError("negative: " + str(x))
    return np.sqrt(x) * x


@case(2.0, -0.5, second=True)
def try_callee_raises(x):
    try:
        y = guarded_root(x)
    except ValueError:
        y = x * x * x
    return y * x


@case((P5, 2.0), (X5, 2.0), second=True)
def try_callee_in_loop(x, c):
    s = 0.0
    for i in range(5):
        try:
            s = s + guarded_root(x[i]) * c
        except ValueError:
            s = s + x[i] * x[i] * s
    return s


def step_or_fail(x, k):
    if k > 3:
        raise NoConvergence(k)
    return x - (x * x - 2.0) / (2.0 * x)


@case(1.0, 2.5, second=True)
def try_own_exception(x):
    k = 0
    while True:
        try:
            x = step_or_fail(x, k) + 0.1 * x
        except NoConvergence:
            break
        k += 1
    return x * x


@case((1.5, 2.0), (1.5, 0), second=True)
def try_return_in_loop(a, b):
    for i in range(4):
        try:
            return a * a / b
        except ZeroDivisionError:
            b = b + 0.5 * a * (i + 1.0)
    return a


@case((P5, 2.0), (X5, 2.0), second=True)
def try_continue(x, c):
    s = 0.0
    for v in x:
        try:
            t = math.sqrt(v)
        except ValueError:
            continue
        s += t * c * v
    return s


@case((P5, 2.0), (X5, 2.0))
def try_break_in_body(x, c):
    s = 1.0
    for v in x:
        try:
            t = math.log(v)
            if t > 0.3:
                break
            s = s * (1.0 + t * t)
        except ValueError:
            s = s + v * c
    return s * c


@case((P5, 2.0), (X5, 2.0))
def try_loop_in_body(x, c):
    try:
        s = 0.0
        for v in x:
            s = s * v + math.log(v) * c
        return s
    except ValueError:
        return (x * x).sum() * c


@case((P5, 2.0), (X5, 2.0), second=True)
def try_loop_in_body_in_loop(x, c):
    total = 0.0
    for k in range(3):
        try:
            s = c
            for v in x:
                s = s * math.log(v + k) + v
            total += s * s
        except ValueError:
            total += c * (k + 1.0)
    return total


def inner_sum(x, k):
    s = 0.0
    for v in x:
        try:
            s = s + math.log(v + k) * s + v
        except ValueError:
            s = s - v * v
    return s


@case((P5, 2.0), (X5, 2.0), second=True)
def try_in_loop_in_callee_in_loop(x, c):
    total = 0.0
    for k in range(3):
        total = total * 0.5 + inner_sum(x * c, float(k))
    return total


@case((1.5, 2.0), (1.5, 0), (-1.5, 2.0), (-1.5, 0), second=True)
def try_nested(a, b):
    try:
        try:
            y = math.sqrt(a) * a
        except ValueError:
            y = a / b
        z = y / b
    except ZeroDivisionError:
        z = a * a * a
    return z * a


@case((1.5, 2.0), (1.5, 0))
def try_reraise(a, b):
    try:
        try:
            y = a / b
        except ZeroDivisionError:
            print("division")
            raise
    except ArithmeticError:
        y = a * a
    return y


@case((1.5, 2.0), (1.5, 0), second=True)
def try_raise_from(a, b):
    try:
        try:
            y = a / b
        except ZeroDivisionError as err:
            raise ValueError("no quotient") from err
    except ValueError as err:
        print(err, err.__cause__)
        y = a * a
    return y * a


@case((1.5, 2.0))
def try_handler_only_raises(a, b):
    try:
        y = a / b
    except ZeroDivisionError as err:
        raise ValueError(f"no quotient: {err}") from None
    return y * a


@case((X3, 1), (X3, 7))
def try_index_error(x, i):
    try:
        y = x[i] * x[0]
    except IndexError:
        y = x.sum()
    return y * y


FACTORS = {3: 2.0, 4: 3.0}


@case((1.5, 3), (1.5, 9))
def try_key_error(x, key):
    factors = FACTORS
    try:
        f = factors[key]
    except KeyError:
        f = -1.0
    return f * x * x


@case((1.5, "2.5"), (1.5, "many"))
def try_conversion(x, text):
    try:
        n = float(text)
    except ValueError:
        n = 1.0
    return n * x * x


@case(0.5, 800.0)
def try_overflow(x):
    try:
        y = math.exp(x)
    except OverflowError:
        y = x * x
    return y * 0.5


@case((X3, Y3), (X3, np.array([1.0, 0.0, 2.0])))
def try_floating_point_error(x, y):
    with np.errstate(all="raise"):
        try:
            z = x / y
        except FloatingPointError:
            z = x * y
    return (z * z).sum()


@case(1.3, second=True)
def try_never_raises(x):
    try:
        y = x * x
        z = y * x
    except ArithmeticError:
        z = x
    return z


@case(1.3)
def try_always_raises(x):
    y = x
    try:
        y = y * 2.0
        raise ValueError("always")
    except ValueError:
        y = x * x * y
    return y


@case((3.0, 0.5), (0.1, 0.5), second=True)
def try_newton_with_fallback(x, tol):
    try:
        for _ in range(30):
            f = x * x * x - 2.0
            slope = 3.0 * x * x - 0.12
            if slope < 0.0:
                raise ArithmeticError("descent")
            x = x - f / slope
    except ArithmeticError:
        return tol * tol
    return x + tol


@case((np.array([1.0, 0.5]), 1.0), (np.array([3.0, 2.5]), 1.0), second=True)
def try_line_search(x, c):
    def loss(p):
        if p[0] > 2.0:
            raise ValueError("outside")
        return (p * p).sum() * c

    t = 1.0
    best = 10.0 * c
    for _ in range(6):
        try:
            value = loss(x + t * (0.3 - x))
        except ValueError:
            t = 0.5 * t
            continue
        if value < best:
            best = value
        t = 0.7 * t
    return best * t


@case((P5, 1.0), (X5, 1.0))
def try_count_failures(x, c):
    failures = 0
    s = 0.0
    for v in x:
        try:
            s += math.sqrt(v) * c
        except ValueError:
            failures += 1
    return s * s + failures * c


@case((1.5, 2.0), (1.5, 0))
def try_assigned_before_it_raises(a, b):
    y = a
    try:
        y = a * a
        z = y / b
    except ZeroDivisionError:
        z = 3.0
    return y * z


@case((1.5, 2.0, 0), (1.5, 0, 1.0), (1.5, 2.0, 1.0), second=True)
def try_several_versions(a, b, c):
    y = 1.0
    try:
        y = a / b
        y = y * a / c
        y = y * a * b
    except ZeroDivisionError:
        y = y * 2.0 + a
    return y * a


@case((X3, 2.0), (X3, 0), second=True)
def try_store_then_raise(x, b):
    y = x.copy()
    try:
        y[0] = x[1] * x[2]
        y[1] = float(x[0]) / b
        y[2] = y[0] * y[1]
    except ZeroDivisionError:
        y[1] = y[0] * y[0]
    return (y * y).sum()


@case((X3, 2.0), (X3, -2.0))
def try_new_array_in_body(x, b):
    try:
        y = np.zeros(3)
        for i in range(3):
            y[i] = x[i] * math.sqrt(b)
        s = (y * y).sum()
    except ValueError:
        s = x.sum() * b
    return s * b


@case((P5, 1.0), (X5, 1.0), second=True)
def try_append(x, c):
    roots = []
    for v in x:
        try:
            roots.append(math.sqrt(v) * c)
        except ValueError:
            roots.append(v * v)
    return sum(roots) * roots[0]


@case((P5, 1.0), (X5, 1.0))
def try_pass(x, c):
    s = c
    for v in x:
        try:
            s = s * math.sqrt(v)
        except ValueError:
            pass
    return s


@case((1.5, 2.0), (1.5, 0))
def try_two_results(a, b):
    try:
        y, z = a / b, a * b
    except ZeroDivisionError:
        y, z = a, a * a
    return y * z, z


@case((1.5, 2.0), (1.5, 0))
def try_finally_return(a, b):
    log = []
    try:
        return a * a / b
    except ZeroDivisionError:
        return a
    finally:
        log.append(1)


@case((P5, 1.0), (X5, 1.0), second=True)
def try_finally_in_loop(x, c):
    n = 0
    s = 0.0
    for v in x:
        try:
            if v > 2.0:
                break
            s += math.sqrt(v) * c
        except ValueError:
            continue
        finally:
            n += 1
    return s * n


@case((2.0, 3), (2.0, 0))
def while_else_again(x, n):
    k = 0
    while k < n:
        x = x * 1.5
        k += 1
        if x > 6.0:
            break
    else:
        x = x * x
    return x


@case((A33, 2.0), (A33, 20.0))
def flags_out_of_nested_loops(a, c):
    found = False
    s = 1.0
    for i in range(3):
        for j in range(3):
            s = s + a[i, j] * a[i, j]
            if s > c:
                found = True
                break
        if found:
            break
    return s * c


@case((A33, 2.0), (A33, 200.0))
def return_out_of_nested_loops(a, c):
    s = 1.0
    for i in range(3):
        for j in range(3):
            s = s + a[i, j] * a[i, j] * s
            if s > c:
                return s * a[i, j]
    return s * c


@case((1.5, 2.0), (1.5, 0))
def try_exception_by_call(a, b):
    try:
        if b == 0.0:
            raise ZeroDivisionError
        y = a / b
    except ZeroDivisionError:
        y = a * a
    return y


@case((X5, 2), (X5, -1))
def try_assert(x, k):
    try:
        assert k >= 0, "negative"
        y = x[k] * x[0]
    except AssertionError:
        y = (x * x).sum()
    return y


@case((P5, Y5), (X5, Y5))
def try_in_comprehension(x, y):
    def safe(v, w):
        try:
            return math.sqrt(v) * w
        except ValueError:
            return v * v * w

    return sum([safe(v, w) for v, w in zip(x, y)])


@case((2.0, 5), (-0.3, 5))
def try_recursive(x, n):
    def root(v):
        if v < 0.0:
            raise ValueError(v > 0.0)
        return math.sqrt(v)

    if n == 0:
        return x
    try:
        return root(x) + try_recursive(x * 0.5, n - 1)
    except ValueError:
        return x * x


@case((P5, 1.0), (X5, 1.0), second=True)
def try_retry(x, c):
    total = 0.0
    for v in x:
        attempts = 0
        while True:
            try:
                total += math.log(v) * c
                break
            except ValueError:
                attempts += 1
                if attempts > 3:
                    total -= c
                    break
                v = v + 0.6
    return total


@case((P5, 1.0), (np.array([0.5, 1.2, -0.8, 1.7, 2.3]), 1.0), second=True)
def try_partial_sum(x, c):
    s = c
    try:
        for v in x:
            s = s + math.sqrt(v) * s
    except ValueError:
        s = s * 2.0
    return s * c


@case((P5, 1.0), (np.array([0.5, 1.2, -0.8, 1.7, 2.3]), 1.0))
def try_partial_sum_returned(x, c):
    s = c
    k = 0
    try:
        while k < len(x):
            t = math.sqrt(x[k])
            s = s * t
            if s > 50.0:
                break
            k += 1
        s = s * s
    except ValueError:
        return s * k
    return s * c


@case((X5, 4), (X5, 9), second=True)
def try_writes_in_loop(x, n):
    y = x.copy()
    try:
        for i in range(n):
            y[i] = x[i] * y[i - 1]
    except IndexError:
        y[0] = y[0] * 3.0
    return (y * y).sum()


@case((P5, 2.0), (X5, 2.0), second=True)
def try_writes_then_calls(x, c):
    y = np.zeros(5)
    for i in range(5):
        try:
            y[i] = x[i] * c
            y[i] = y[i] * guarded_root(x[i])
        except ValueError:
            y[0] = y[0] + y[i] * y[i]
    return y.sum()


@case((2.0, 1.5), (2.0, 0))
def try_walrus(x, b):
    z = x
    try:
        y = (z := x * x) / b
    except ZeroDivisionError:
        y = z * x
    return y * z


@case((2.0, 1), (2.0, 7))
def try_half_of_an_unpacking(x, k):
    a = x
    y = np.zeros(2)
    try:
        a, y[k] = x * x, x
    except IndexError:
        a = a * x
    return a + y.sum()


@case((2.0, 1.5), (2.0, 0))
def try_suppress(a, b):
    y = a
    with contextlib.suppress(ZeroDivisionError):
        y = a * a / b
        y = y * b
    return y * a


@case((2.0, 1.5), (2.0, 0))
def try_name_of_handler(x, b):
    e = 3.0 * x
    try:
        y = x / b
    except ZeroDivisionError as err:
        y = x * e * len(str(err))
    return y * e


@case((np.array([1.0, 4.0]), 2), exact=None)
def try_tangent_of_nothing(x, k):
    with np.errstate(all="raise"):
        try:
            y = np.sqrt(x) / k
        except FloatingPointError:
            y = x * 100.0
    return y.sum()


@case(2.0)
def exception_carries_value(x):
    try:
        raise NoConvergence(x)
    except NoConvergence as err:
        return err.steps * x


@case(2.0)
def exit_in_finally(x):
    try:
        y = x * x
    finally:
        return 2.0 * x  # noqa: B012


@case(2.0)
def written_by_callee_that_raises(x):
    y = np.array([x, x * x])
    try:
        scale_or_raise(y, x)
    except ValueError:
        y = y * 2.0
    return y.sum()


def scale_or_raise(y, x):
    y[0] = y[0] * x
    if x > 1.0:
        raise ValueError
    y[1] = y[1] * x
