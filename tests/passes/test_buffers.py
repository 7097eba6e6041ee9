"""Arrays written over those that are dead: as few as by hand, and nothing else changes.

Derivatives with and without (`readable=True`) are compared bit for bit; what they compute is compared with the plain function.
"""

import copy
import importlib.util
import tracemalloc
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import diffsrc as ds
from diffsrc.errors import UnsupportedError
from tests.golden.harness import goldens

from .arrays import Arrays


def test(n):
    a = np.ones((n, n))
    a = a + 2
    b = a.sum(axis=1, keepdims=True)
    b = b * 3
    b = b + 0
    return b


def test2(n):
    a = np.ones((n, n))
    np.add(a, 2, out=a)
    b = a.sum(axis=1, keepdims=True)
    np.multiply(b, 3, out=b)
    np.add(b, 0, out=b)
    return b


test.__test__ = test2.__test__ = False


def compiled(f, *types, **options):
    """The function itself, as it is compiled."""
    namespace = {}
    exec(ds.build(f, *types, modes=("primal",), **options), namespace)
    return namespace[f.__name__]


def peak(f, *args):
    """The result, and the most bytes that were in use at once during a call."""
    f(*args)
    tracemalloc.start()
    try:
        result = f(*args)
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_pair_by_hand():
    ours = compiled(test, "int")
    (a, plain), (b, by_hand), (c, made) = (peak(f, 1000) for f in (test, test2, ours))
    assert np.array_equal(a, c) and np.array_equal(b, c)
    assert round(plain / 2**20, 1) == 15.3 and round(by_hand / 2**20, 1) == 7.6 and round(made / 2**20, 1) == 7.6
    counts = [ds.profile_allocations(f, 1000).count for f in (test, test2, ours)]
    assert counts == [5, 2, 2]
    assert "5 allocations → 2" in str(ds.code_optimized(test, "int", mode="primal"))
    assert round(peak(compiled(test, "int", readable=True), 1000)[1] / 2**20, 1) == 15.3


def chain(x):
    y = np.sin(x)
    for _ in range(3):
        y = y * 2.0 + x
        y = np.tanh(y)
        y = y - 0.1
    y = y * y
    y = 1.0 / y
    return np.sum(y)


def test_every_remaining_allocation_has_a_reason():
    text = str(ds.code_optimized(chain, "f64[n]"))
    head = text.splitlines()[0]
    before, after = (int(head.split()[i]) for i in (-4, -1))
    assert before > after == text.count("alloc: ")


def descent(w, X, y, rate, steps):
    for _ in range(steps):
        p = 1.0 / (1.0 + np.exp(-(X @ w)))
        slope = X.T @ (p - y)
        w = w - rate * slope
    return np.sum(w * w)


def test_a_loop_allocates_once():
    def made(steps):
        args = (np.zeros(3), np.ones((50, 3)), np.ones(50), 0.1, steps)
        return ds.profile_allocations(compiled(descent, "f64[m]", "f64[n, m]", "f64[n]", "float", "int"), *args).count

    def kept(steps):
        args = (np.zeros(3), np.ones((50, 3)), np.ones(50), 0.1, steps)
        f = compiled(descent, "f64[m]", "f64[n, m]", "f64[n]", "float", "int", readable=True)
        return ds.profile_allocations(f, *args).count

    assert (made(9) - made(3)) / 6 <= (kept(9) - kept(3)) / 6 - 2


def same(a, b):
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    if hasattr(a, "__dict__"):
        return same(vars(a), vars(b))
    return a is b or a == b or (a != a and b != b)


@pytest.mark.parametrize("case", goldens(), ids=str)
def test_readable_and_not_are_equal(case):
    fn, args = case.load()
    try:
        plain = [ds.vjp(fn, *copy.deepcopy(args), readable=readable) for readable in (True, False)]
    except (UnsupportedError, ds.DiffsrcError):
        pytest.skip("its result has no cotangent of one type")
    assert same(plain[0][0], plain[1][0])
    out = plain[0][0]
    if isinstance(out, (float, np.ndarray)):
        seed = np.ones_like(out) if isinstance(out, np.ndarray) else 1.0
        assert same(plain[0][1](seed), plain[1][1](seed))


def load(text, folder, name):
    file = folder / f"{name}.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("arrays")


X = np.array([0.4, -1.1, 0.3, 1.7, -0.6])
A = np.array([[((3 * i + 5 * j) % 7 - 3) * 0.15 for j in range(5)] for i in range(5)])


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_programs(folder, seed, fortran):
    try:
        f = load(Arrays(Random(seed)).text(), folder, f"arrays{seed}")
    except SyntaxError:
        return  # an empty block
    matrix = np.asfortranarray(A) if fortran else A

    def args():
        return X.copy(), matrix.copy(order="K"), 0.7

    with np.errstate(all="ignore"):
        given_plain = args()
        try:
            want = f(*given_plain)
        except (AttributeError, NameError, TypeError, ValueError):
            return  # a number where an array is asked for, a name that isn't bound
        found = {}
        for readable in (True, False):
            given_ours = args()
            try:
                out, gradient = ds.value_and_grad(f, argnums=(0, 1, 2), readable=readable)(*given_ours)
                forward = ds.jvp(f, args(), args(), readable=readable)
            except UnsupportedError:
                return
            assert same(given_ours, given_plain)
            found[readable] = (out, *gradient, *forward)
    assert same(found[False][0], want) and same(found[False][4], want)
    for a, b in zip(found[True], found[False]):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)  # sums of cotangents hang on their layout


def what_is_kept_is_written_over(x, A):
    kept = []
    kept.append(np.tanh(np.tanh(x)))
    u = np.cos(x) - (-x) ** 2
    s = 0.0
    for y in kept:
        s += np.sum(y * 0.4)
    return s + np.sum(u * 0.3)


def a_view_of_what_starts_a_loop_that_does_not_run(x, A):
    u = np.sin(x)
    q = u[1:4]
    for _ in range(0):
        q = q - x[1:4]
    y = u * 0.3
    y = y + 1.0
    return np.sum(y) + np.sum(q * 0.9)


def a_cotangent_of_the_iteration_before(x, A):
    u = np.sin(x)
    p = u[::2]
    for _ in range(2):
        u = u * x[::-1].copy()
        p = u[::2]
    return np.sum(u * 0.3) + np.sum(p * 0.2)


def an_argument_written_before_it_is_rebound(x, A):
    for _ in range(2):
        x[[0, 2]] = x[[2, 0]]
        x = x * 0.5
    return np.sum(x * x)


def copies_in_c_order(x, A):
    M = A
    N = A * 0.5
    for _ in range(2):
        M = N.copy()
        M = M * 2.0
    return np.sum(M * 1.1) + np.sum(M * M) + np.sum(x * x)


def a_branch_that_saved_nothing(x, A):
    if x[0] > 5.0:
        for _ in range(2):
            t = x * 2.0
            x = x + t * t
    return np.sum(x * x)


FOUND = (
    what_is_kept_is_written_over, a_view_of_what_starts_a_loop_that_does_not_run, a_cotangent_of_the_iteration_before,
    an_argument_written_before_it_is_rebound, copies_in_c_order, a_branch_that_saved_nothing,
)  # fmt: skip


@pytest.mark.parametrize("f", FOUND, ids=lambda f: f.__name__)
@pytest.mark.parametrize("order", "CF")
def test_what_was_found(f, order):
    def args():
        return X.copy(), np.array(A, order=order)

    plain = args()
    want = f(*plain)
    for readable in (True, False):
        ours = args()
        out, gradient = ds.value_and_grad(f, (0, 1), readable=readable)(*ours)
        assert same(out, want) and same(ours, plain)
        steps = [np.eye(5)[k] * 1e-6 for k in range(5)]
        numeric = [(f(X + d, args()[1]) - f(X - d, args()[1])) / 2e-6 for d in steps]
        np.testing.assert_allclose(gradient[0], numeric, rtol=1e-6, atol=1e-7)
        out, dot = ds.jvp(f, args(), args(), readable=readable)
        assert same(out, want)
        np.testing.assert_allclose(dot, np.sum(gradient[0] * X) + np.sum(gradient[1] * A), rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtypes(dtype):
    def f(x):
        y = np.sin(x)
        y = y * 2
        z = y / (y + 3)
        z = np.exp(z)
        return np.sum(np.abs(z))

    x = np.array([0.3, 0.7, -0.2], dtype)
    one, other = (ds.grad(f, readable=readable)(x) for readable in (True, False))
    assert same(one, other) and one.dtype == dtype


def test_a_number_that_is_wider_when_the_program_runs():
    def f(x, wide):
        scale = 0.5
        if x[0] > 0.0:
            scale = np.sum(wide)  # NumPy's, the other is Python's
        y = np.sin(x)
        y = y * scale
        y = y + 1
        return y

    x, wide = np.array([0.3, 0.7, -0.2], np.float32), np.array([0.1, 0.3])
    assert same(compiled(f, "f32[n]", "f64[m]")(x, wide), f(x, wide))


def test_what_the_caller_owns_is_never_written():
    def f(x, work):
        y = work
        y = y * x
        y = y + work
        return np.sum(y)

    x, work = np.ones(4), np.arange(4.0)
    ds.value_and_grad(f, argnums=(0, 1))(x, work)
    assert same(x, np.ones(4)) and same(work, np.arange(4.0))


def test_cotangents_handed_in_are_never_written():
    def f(x):
        y = x * 2.0
        for _ in range(3):
            y = y * 0.5
        return y

    _, pullback = ds.vjp(f, np.ones(3))
    seed = np.array([1.0, 2.0, 3.0])
    first, second = pullback(seed), pullback(seed)
    assert same(first, second) and same(seed, np.array([1.0, 2.0, 3.0]))


def test_a_result_that_was_returned_stays():
    def f(x):
        y = np.sin(x)
        z = y * 2.0
        return z

    g = compiled(f, "f64[n]")
    first = g(np.ones(3))
    g(np.zeros(3))
    assert same(first, np.sin(np.ones(3)) * 2.0)


def test_options_of_the_decorator():
    @ds.differentiable(readable=True)
    def f(x):
        y = np.sin(x)
        y = y * 2.0
        return np.sum(y * y)

    assert "y *= 2.0" not in str(ds.code_source(f, "f64[n]"))
    assert "readable" in str(next(m for m in ds.specializations(f) if m.mode == "reverse"))
