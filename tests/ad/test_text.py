"""What derivatives don't hold: copies, helpers and saved values that nothing needs. The text is compared, since the numbers
are right with them too."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import diffsrc as ds


def text(f: Any, *types: str, **options: Any) -> str:
    return str(ds.code_source(f, *types, **options))


def product(x, w):
    y = np.sin(w) * x
    return np.sum(y * w)


def quotient(a, s):
    return np.sum((a[a > 0.0] / s) ** 2)


def chosen_elements(x, v):
    y = np.zeros(3)
    y[[0, 2]] = v
    return np.sum(y * x)


def checked(x, n):
    s = 1.0
    for i in range(n):
        if x[i] < 0.0:
            raise ValueError("negative")
        elif s > 100.0:
            break
        else:
            s = s * x[i]
    return s


def copies(x, work):
    old, new = work, work + 1.0
    for _ in range(3):
        new[0] = 2.0
        old, new = new, old
    return np.sum(x * x) + old[0]


def moments(x):
    y = x * x
    z = y * 2.0
    z[0] = 1.0
    return np.sum(y)


WITHOUT = [
    # inactive arguments have no tangents
    (product, ("f64[:]", "f64[:]"), {"mode": "forward", "wrt": "x"}, ["w_dot", "zeros", "ones"]),
    # a partial of the result's shape needs no broadcasting
    (quotient, ("f64[:]", "float"), {"mode": "forward", "wrt": "s"}, ["broadcast_to", "shape"]),
    # no element is stored to twice
    (chosen_elements, ("f64[:]", "f64[:]"), {"wrt": "v"}, ["gather_stored"]),
    # an arm that raises was not taken
    (checked, ("f64[:]", "int"), {"wrt": "x"}, ["< 0.0:\n            ds", "ds = 0.0"]),
    # arrays without derivative that are exchanged have no shadows
    (copies, ("f64[:]", "f64[:]"), {"wrt": "x"}, ["dnew", "dold", "dwork", "np.zeros"]),
    # nor have those that nobody reads
    (moments, ("f64[:]",), {}, ["dz"]),
]


@pytest.mark.parametrize(("f", "types", "options", "words"), WITHOUT, ids=[w[0].__name__ for w in WITHOUT])
def test_nothing_superfluous(f: Any, types: tuple[str, ...], options: dict[str, Any], words: list[str]) -> None:
    made = text(f, *types, **options)
    assert "# reverse" in made or "_dot" in made
    for word in words:
        assert word not in made, made


def test_memory_without_derivative_is_known() -> None:
    """What is read, but doesn't vary."""
    assert "mem B: const" in str(ds.code_activity(copies, "f64[:]", "f64[:]", wrt="x"))


class Disc:
    def __init__(self, r):
        self.r = r

    def area(self):
        return self.r * self.r


class Band:
    def __init__(self, w):
        self.w = w

    def area(self):
        return 3.0 * self.w


def discs_and_bands(x, n):
    shapes = [Disc(x[0]), Band(x[1]), Disc(x[2])]
    s = 0.0
    for i in range(n):
        c = shapes[i]
        if isinstance(c, Disc):
            s += c.area()
        else:
            s += c.area() * x[0]
    return s


def test_what_class_it_is_is_asked_once() -> None:
    assert text(discs_and_bands, "f64[n]", "int").count("if isinstance(c, Disc):") == 1


class Held(NamedTuple):
    items: list[float]
    size: float

    def put(self, v):
        self.items.append(v * self.size)


def put_into_what_is_held(x, g):
    q = Held([x[0]], 2.0)
    q.put(x[1] * g)
    return q.items[1] * x[2]


def test_instances_made_for_a_call_are_passed_by_their_parts() -> None:
    made = text(put_into_what_is_held, "f64[n]", "float")
    assert "put_fwd(t, 2.0, " in made
