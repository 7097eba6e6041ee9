"""`ds.profile_allocations`: programs whose allocations are known, and tracemalloc's own account of NumPy's memory."""

import contextvars
import tracemalloc

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.tools.blocks import listening

N = 1000
NUMPY_DOMAIN = 389047


def rebinding(n):
    a = np.ones((n, n))
    a = a + 2
    b = a.sum(axis=1, keepdims=True)
    b = b * 3
    b = b + 0
    return b


def in_place(n):
    a = np.ones((n, n))
    np.add(a, 2, out=a)
    b = a.sum(axis=1, keepdims=True)
    np.multiply(b, 3, out=b)
    np.add(b, 0, out=b)
    return b


def line(function, offset):
    return function.__code__.co_firstlineno + offset


def counted(profile):
    return {(r.line, r.sweep): (r.count, r.bytes) for r in profile.rows if r.count}


def test_lines_of_a_function():
    p = ds.profile_allocations(rebinding, N)
    whole, row = 8 * N * N, 8 * N
    assert counted(p) == {
        (line(rebinding, 1), "primal"): (1, whole),
        (line(rebinding, 2), "primal"): (1, whole),
        (line(rebinding, 3), "primal"): (1, row),
        (line(rebinding, 4), "primal"): (1, row),
        (line(rebinding, 5), "primal"): (1, row),
    }
    assert (p.count, p.bytes, p.peak) == (5, 2 * whole + 3 * row, 2 * whole)
    assert {r.file for r in p.rows} == {__file__}
    assert p.rows[0].text == "a = np.ones((n, n))"


def test_in_place():
    p = ds.profile_allocations(in_place, N)
    assert (p.count, p.bytes, p.peak) == (2, 8 * N * N + 8 * N, 8 * N * N + 8 * N)


def temporaries(x):
    return np.sum(np.sqrt(x + x) * (x - x.mean()))


def test_temporaries_of_one_line():
    p = ds.profile_allocations(temporaries, np.ones(100))
    # x + x, sqrt, x - mean, the product; NumPy computes in place of temporaries only where they are large
    assert counted(p) == {(line(temporaries, 1), "primal"): (4, 4 * 800)}
    assert p.peak == 3 * 800


@pytest.mark.parametrize("run", [rebinding, in_place, lambda n: np.sort(np.argsort(np.ones((n, 3)), axis=0).ravel())])
def test_peak_is_that_of_tracemalloc(run):
    found = []

    class Traced:
        """tracemalloc's peak of NumPy's blocks, looked at before each is entered."""

        def taken(self, size):
            traces = tracemalloc.take_snapshot().filter_traces([tracemalloc.DomainFilter(True, NUMPY_DOMAIN)]).traces
            found.append(size + sum(t.size for t in traces))

        def given_back(self, size, what):
            pass

    tracemalloc.start()
    try:
        with listening(Traced()):
            run(60)
    finally:
        tracemalloc.stop()
    p = ds.profile_allocations(run, 60)
    assert p.peak <= max(found) <= p.peak + 64  # single numbers


def scaled(w, x):
    y = np.tanh(x * w)
    z = y * y
    return np.sum(z)


def test_sweeps_of_a_gradient():
    p = ds.profile_allocations(ds.grad(scaled, readable=True), np.ones(500), np.ones(500))
    made = {(r.line, r.sweep) for r in p.rows if r.count}
    # the gradient code, read: y = tanh(x * w) in the forward sweep, all else in the reverse sweep
    assert {s for _, s in made} == {"forward", "reverse"}
    assert counted(p)[line(scaled, 1), "forward"] == (2, 8000)
    assert all(r.bytes == 4000 * r.count for r in p.rows)
    assert p.count == sum(r.count for r in p.rows)


def helper(y, w):
    return np.exp(y @ w)


def through_calls(w, y):
    for _ in range(4):
        y = helper(y, w)
    return np.sum(y)


def test_lines_of_callees():
    w, y = np.eye(20) * 0.1, np.ones((30, 20))
    p = ds.profile_allocations(ds.grad(through_calls, readable=True), w, y)
    forward = [r for r in p.rows if r.line == line(helper, 1) and r.sweep == "forward"]
    assert [r.count for r in forward] == [2 * 4]  # y @ w and its exponential, in each of four calls
    assert any(r.line == line(helper, 1) and r.sweep == "reverse" and r.count for r in p.rows)


def test_views_are_no_allocations():
    p = ds.profile_allocations(lambda x: np.broadcast_to(x.reshape(10, 10).T[2:, ::2], (3, 8, 5)), np.ones(100))
    assert (p.count, p.numbers) == (0, 0)


def test_small_arrays_of_numpys_cache():
    p = ds.profile_allocations(lambda n: [np.zeros(5) for _ in range(n)], 100)
    assert (p.count, p.bytes, p.peak) == (100, 4000, 4000)


@pytest.mark.parametrize("n", [1, 100, 10**4, 10**6])
def test_zeros(n):
    p = ds.profile_allocations(lambda: (np.zeros(3 * n), np.zeros((n, 3)), np.empty(3 * n), np.zeros(3 * n, "f4")))
    assert (p.count, p.bytes) == (4, 84 * n)


def test_arguments_stay_as_they_are():
    x = np.ones(50)

    def doubles(x):
        x *= 2.0
        return np.sum(x)

    ds.profile_allocations(doubles, x)
    assert np.all(x == 1.0)


def fails(x):
    raise ValueError("asked for")


@pytest.mark.parametrize(
    "run",
    [
        lambda: np.add(np.ones(30), fails(1.0)),
        lambda: np.add(np.ones(30), np.ones(40)),
        lambda: np.ones(30).reshape(7),
        lambda: np.linalg.solve(np.zeros((30, 30)), np.ones(30)),
    ],
)
def test_exceptions_pass(run):
    with pytest.raises(ValueError, match="asked for|broadcast|reshape|Singular"):
        ds.profile_allocations(run)


class Alive:
    def __init__(self):
        self.bytes = 0

    def taken(self, size):
        self.bytes += size

    def given_back(self, size, what):
        self.bytes -= size


def test_blocks_that_live_on():
    alive = Alive()
    with listening(alive):
        kept = [np.ones(100) for _ in range(3000)]
        order = np.argsort(np.arange(50.0)[::-1].reshape(5, 10), axis=0)
    room = alive.bytes - 3000 * 800 - 400
    assert 0 <= room <= 2 * 40  # of the sort, with its result
    assert np.sum(kept[7]) == 100.0
    del kept[1:]
    assert alive.bytes == 800 + 400 + room
    del kept, order
    assert alive.bytes == 0


def test_contexts_that_keep_a_handler():
    alive = Alive()
    with listening(alive):
        inner = contextvars.copy_context()
        kept = [inner.run(np.ones, 50) if i % 3 else np.ones(20) for i in range(60)]
    kept += [inner.run(np.ones, 50) for _ in range(20)]
    assert sum(np.sum(each) for each in kept) == 20 * 20 + 60 * 50
    del kept, inner
    with listening(Alive()):
        np.ones(3)
    assert alive.bytes == 0


def test_shown():
    p = ds.profile_allocations(rebinding, N)
    shown = str(p).splitlines()
    assert shown[-1] == "5 arrays, 15.28 MiB allocated, 15.26 MiB alive at most"
    assert any("a = a + 2" in each and "7.63 MiB" in each for each in shown)
    assert "<table" in p._repr_html_() and "a = a + 2" in p._repr_html_()
    assert p.by_line()[0].line == line(rebinding, 1)
