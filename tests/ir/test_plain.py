"""Dataclasses made without compiling text are dataclasses: held against those of the standard library."""

import copy
import dataclasses
import pickle
from dataclasses import field

import pytest

from diffsrc.plain import dataclass, hexdigest, undisturbed


class Base:
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Point(Base):
    """A point."""

    x: float
    y: float = 2.0

    def norm(self) -> float:
        return (self.x**2 + self.y**2) ** 0.5


@dataclass(frozen=True, slots=True)
class Named(Point):
    name: str = "p"


@dataclass(eq=False, slots=True)
class Collected:
    name: str
    found: list[int] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Empty(Base):
    pass


def twin(cls):
    """The same class, made by the standard library."""
    held = {k: v for k, v in cls.__dict__.items() if k in ("__annotations__", "__doc__", "norm", "__qualname__", "__module__")}
    for f in dataclasses.fields(cls):
        if f.default is not dataclasses.MISSING:
            held[f.name] = f.default
    return dataclasses.dataclass(frozen=True, slots=True)(type(cls.__name__, (Base,), held))


def test_like_the_standard_library():
    Twin = twin(Point)
    for make in (lambda c: c(1.0), lambda c: c(1.0, 3.0), lambda c: c(y=5.0, x=1.0)):
        mine, other = make(Point), make(Twin)
        assert repr(mine) == repr(other)
        assert hash(mine) == hash(other)
        assert mine == make(Point) and mine != Point(9.0)
        assert mine != other
        assert dataclasses.asdict(mine) == dataclasses.asdict(other)
        assert dataclasses.replace(mine, x=7.0) == Point(7.0, mine.y)
        assert mine.norm() == other.norm()
    assert [f.name for f in dataclasses.fields(Point)] == ["x", "y"]
    assert Point.__match_args__ == ("x", "y") and Point.__doc__ == "A point." and dataclasses.is_dataclass(Point)
    assert not hasattr(Point(1.0), "__dict__")
    for call in (Point, lambda: Point(1.0, 2.0, 3.0), lambda: Point(1.0, z=2.0)):
        with pytest.raises(TypeError):
            call()


def test_frozen():
    p = Point(1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        p.x = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        del p.x
    assert pickle.loads(pickle.dumps(p)) == p == copy.deepcopy(p)


def test_inherited_fields_and_patterns():
    n = Named(1.0, 2.0, "q")
    match n:
        case Named(x, y, name):
            assert (x, y, name) == (1.0, 2.0, "q")
    assert n != Point(1.0, 2.0) and Named(1.0) == Named(1.0, 2.0, "p")
    assert Empty() == Empty() and hash(Empty()) == hash(Empty()) and repr(Empty()) == "Empty()"


def test_what_is_made_for_each():
    one, two = Collected("a"), Collected("b", count=3)
    one.found.append(1)
    one.count = 5
    assert (one.found, two.found, two.count) == ([1], [], 3)
    assert one != Collected("a") and Collected("c", [4]).found == [4]


def test_hash_of_text():
    import hashlib

    assert hexdigest(b"text") == hashlib.sha256(b"text").hexdigest()


def test_garbage_is_looked_for_again():
    import gc

    def fails():
        with undisturbed():
            assert not gc.isenabled()
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fails()
    assert gc.isenabled()
