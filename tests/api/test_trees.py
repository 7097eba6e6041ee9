"""Walks of nested arguments, zeros that keep sharing, checks of shadows."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.api.overlap import written_overlap
from diffsrc.api.shadows import check_shadow, conform
from diffsrc.api.trees import duplicate, flatten, overlapping, path_text, strip


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Layer:
    w: np.ndarray
    act: str = "relu"


@dataclass(frozen=True)
class Frozen:
    k: float
    v: np.ndarray

    def __post_init__(self) -> None:
        raise AssertionError("constructors aren't run by walks")


class Plain:
    __slots__ = ("inner", "n")

    def __init__(self, inner: object, n: int) -> None:
        self.inner, self.n = inner, n


def frozen(k: float, v: np.ndarray) -> Frozen:
    made = object.__new__(Frozen)
    object.__setattr__(made, "k", k)
    object.__setattr__(made, "v", v)
    return made


def example() -> dict:
    return {
        "layers": [Layer(np.ones((2, 3))), Layer(np.ones(2), "none")],
        "p": Point(1.5, np.float32(2.0)),
        "f": frozen(2.0, np.ones(2)),
        "o": Plain([1.0, 2], 3),
        "od": OrderedDict(a=1.0),
        "n": 3,
        "none": None,
        "index": np.arange(3),
    }


def test_flatten_names_every_float() -> None:
    names = [path_text(path) for path, _ in flatten(example())]
    assert names == [
        "['layers'][0].w",
        "['layers'][1].w",
        "['p'].x",
        "['p'].y",
        "['f'].k",
        "['f'].v",
        "['o'].inner[0]",
        "['od']['a']",
    ]


def test_make_zero_has_the_structure_and_leaves_the_rest() -> None:
    x = example()
    z = ds.make_zero(x)
    assert z["layers"][0].act == "relu"
    assert z["n"] == 3
    assert z["index"] is x["index"]
    assert type(z["p"]) is Point
    assert type(z["p"].y) is np.float32
    assert type(z["od"]) is OrderedDict
    assert all(not np.any(leaf) for _, leaf in flatten(z))
    assert x["layers"][0].w.sum() == 6.0
    check_shadow(x, z)


def test_make_zero_keeps_sharing_and_cycles() -> None:
    a = np.ones(3)
    x: list = [a, a, a[1:], [1.0]]
    x.append(x)
    z = ds.make_zero(x)
    assert z[0] is z[1]
    z[0][1] = 5.0
    assert z[2][0] == 5.0
    assert z[4] is z


@pytest.mark.parametrize("order", ["C", "F"])
def test_overlap_is_kept_for_strided_views(order: str) -> None:
    base = np.asarray(np.arange(12.0).reshape(3, 4), order=order)
    x = [base[:, ::2], base[::-1, 1:3], base[:, 3]]
    z = ds.make_zero(x)
    assert overlapping(z) == overlapping(x) == {(0, 1)}
    copies = duplicate(x)
    for old, new in zip(x, copies):
        np.testing.assert_array_equal(old, new)
    assert overlapping(copies) == {(0, 1)}


def test_columns_do_not_overlap() -> None:
    a = np.zeros((4, 2))
    assert overlapping([a[:, 0], a[:, 1]]) == set()
    assert written_overlap((a[:, 0], [a[:, 1]]), frozenset({0}), {}) is None
    assert written_overlap((a, 1.0, [a[:, 1]]), frozenset({0}), {}) == (0, 2)
    assert written_overlap((a, 1.0, [a[:, 1]]), frozenset({1}), {}) is None
    assert written_overlap((a, a[:, 1]), frozenset({0}), {0: 0, 1: 0}) is None


def test_zero_in_place() -> None:
    x = {"a": np.ones(2), "b": [1.0, np.ones(1)], "n": 3}
    a = x["a"]
    ds.zero_(x)
    assert x["a"] is a
    assert x == {"a": pytest.approx(0.0), "b": [0.0, pytest.approx(0.0)], "n": 3}
    with pytest.raises(ds.ActivityError, match="in place"):
        ds.zero_((1.0, 2.0))


def test_strip_puts_none_where_no_derivative_is() -> None:
    assert strip({"a": 1.0, "n": 3, "s": "x"}) == {"a": 1.0, "n": None, "s": None}


def test_conform_brings_tangents_to_their_primal() -> None:
    t = conform({"a": np.ones(2, np.float32), "b": 1.0, "n": 3}, {"a": [1, 2], "b": 2, "n": None})
    assert t["a"].dtype == np.float32
    assert t["b"] == 2.0
    assert isinstance(t["b"], float)
    assert t["n"] == 3


@pytest.mark.parametrize(
    ("primal", "given"),
    [
        (np.ones(2), np.ones(3)),
        (np.ones((2, 1)), np.ones(2)),
        (1.0, np.ones(2)),
        (1.0, 1j),
        ([1.0, 2.0], [1.0]),
        ({"a": 1.0}, {"b": 1.0}),
        ([1.0], (1.0,)),
        (1.0, "x"),
    ],
)
def test_tangents_that_do_not_fit(primal: object, given: object) -> None:
    with pytest.raises(ds.ActivityError):
        conform(primal, given)


def test_shadows_that_do_not_fit() -> None:
    x = np.ones(3)
    read_only = np.zeros(3)
    read_only.flags.writeable = False
    for bad in (x, x[:], np.zeros(2), np.zeros(3, np.float32), read_only, 0.0, [0.0]):
        with pytest.raises(ds.ActivityError):
            ds.Duplicated(x, bad)
    with pytest.raises(ds.ActivityError, match="overlap one another"):
        ds.Duplicated([x, x[1:]], [np.zeros(3), np.zeros(2)])
    ds.Duplicated([x, x[1:]], ds.make_zero([x, x[1:]]))
