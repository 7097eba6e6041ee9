"""Reverse mode over reverse mode, against forward mode over reverse mode: the second derivative is symmetric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.polynomial import chebyshev

import diffsrc as ds

X, Y = np.array([0.3, 0.5, 1.2, 2.1]), np.array([0.1, 0.4, 1.0, 0.3])
ROWS = [[0.4, 1.7], [0.9, -0.3]]


def of_nested_lists(rows: Any) -> Any:
    return np.sum(np.sin(0.7 * np.array(rows) + 3.0))


def of_sums_of_nested_lists(rows: Any) -> Any:
    return np.sum(np.sin(np.sum(rows, axis=0)))


def of_nested_lists_made_here(x: Any, y: Any) -> Any:
    return np.sum(np.sin(np.array([[a * b for a in x] for b in y])))


def of_lists_of_an_array(x: Any, y: Any) -> Any:
    rows = np.outer(x, y).tolist()
    return sum(np.sin(row[1]) * row[0] for row in rows)


def powers(x: Any) -> Any:
    s = x * x
    for _ in range(1):
        s = s * x
    return np.stack([x, s], 1)


def fitted(x: Any, y: Any) -> Any:
    return np.linalg.lstsq(powers(x), y, 1e-12)[0]


def of_a_fit_behind_a_loop(x: Any, y: Any) -> Any:
    return np.sum(np.sin(fitted(x, y)))


def spectrum(x: Any, y: Any) -> Any:
    u, s, vt = np.linalg.svd(powers(x).T @ powers(y) + np.eye(2))
    return (u * np.exp(-s)) @ vt


def of_a_spectrum_behind_a_loop(x: Any, y: Any) -> Any:
    return np.sum(np.sin(spectrum(x, y)))


def own_square(row: Any) -> Any:
    return np.outer(row, row)


def squares(rows: Any) -> Any:
    return np.array([own_square(row) for row in rows])


def of_calls_in_a_loop_of_a_callee(x: Any, y: Any) -> Any:
    return np.sum(np.sin(squares(np.stack([x, y]))))


def of_rows_along_an_axis(x: Any, y: Any) -> Any:
    return np.sum(np.sin(np.apply_along_axis(lambda row: np.outer(row, row[:2]), 1, np.stack([x, y]))))


def of_a_vectorized_function(x: Any, y: Any) -> Any:
    return np.sum(np.vectorize(lambda a, b: a * np.sin(b) if a > b else b * b)(x, y))


def of_a_fit_from_its_source(x: Any, y: Any) -> Any:
    return np.sum(np.sin(chebyshev.chebfit(x, y, 2)))


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (of_nested_lists, (ROWS,)),
        (of_sums_of_nested_lists, (ROWS,)),
        (of_nested_lists_made_here, (X, Y)),
        (of_lists_of_an_array, (X, Y)),
        (of_a_fit_behind_a_loop, (X, Y)),
        (of_a_spectrum_behind_a_loop, (X, Y)),
        (of_a_fit_from_its_source, (X, Y)),
        (of_calls_in_a_loop_of_a_callee, (X, Y)),
        (of_rows_along_an_axis, (X, Y)),
        (of_a_vectorized_function, (X, Y)),
    ],
)
def test_reverse_over_reverse(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    every = tuple(range(len(args)))
    weights = [np.random.default_rng(i).normal(size=np.shape(a)) for i, a in enumerate(args)]

    def along_one(point: Any) -> Any:
        return np.sum(np.array(ds.grad(f)(point)) * weights[0])

    def along_two(x: Any, y: Any) -> Any:
        g = ds.grad(f, (0, 1))(x, y)
        return np.sum(np.array(g[0]) * weights[0]) + np.sum(np.array(g[1]) * weights[1])

    got = ds.grad(along_one if len(args) == 1 else along_two, every)(*args)
    tangents = tuple(w.tolist() if isinstance(a, list) else w for a, w in zip(args, weights))
    wanted = ds.hvp(f, *args, tangents, argnums=every)
    for g, w in zip(got, wanted):
        np.testing.assert_allclose(g, w, rtol=1e-9, atol=1e-11)
