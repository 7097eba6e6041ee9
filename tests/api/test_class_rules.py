"""Rules of methods, properties and constructors, whose instances have fields that are differentiated."""

import dataclasses
import pickle

import numpy as np
import pytest

import diffsrc as ds
from tests.oracles import differences

X, T = np.array([0.3, 0.8]), 0.7


class Curve:
    def __init__(self, k, x, power=2):
        self.k = k
        self.y = np.sin(x) * k
        self.z = np.sum(x**power)
        self.power = power

    def __call__(self, t):
        return self.y * t + self.z

    @property
    def height(self):
        return np.sum(self.y) * self.k

    def __matmul__(self, v):
        return self.y @ v

    def scaled(self, t, *, by=1.0):
        return by * t * self.y


class Plain(Curve):
    pass


class Doubled(Curve):
    def __init__(self, k, x):
        super().__init__(k, x)
        self.w = self.y * 2

    def __call__(self, t):
        return self.w * t


@dataclasses.dataclass(frozen=True)
class Line:
    a: float
    b: np.ndarray

    def at(self, t):
        return self.a * t + np.sum(self.b)


@dataclasses.dataclass
class Ratio:
    a: float
    b: np.ndarray
    c: float = 0.0

    def __post_init__(self):
        self.c = self.a * 2


SEEN = []


class OfCurve:
    def jvp(k, x, power, dk, dx, dpower, *, out):
        return {"k": dk, "y": np.cos(x) * k * dx + np.sin(x) * dk, "z": out.power * np.sum(x ** (power - 1) * dx)}

    def vjp(k, x, power, ct, *, out):
        SEEN.append("Curve")
        by_k = ct.k + np.sum(ct.y * out.y / k)
        return by_k, ct.y * np.cos(x) * k + power * x ** (power - 1) * ct.z, None


class OfCall:
    def jvp(self, t, dself, dt, *, out):
        return dself.y * t + self.y * dt + dself.z

    def vjp(self, t, ct, *, out):
        SEEN.append("Curve.__call__")
        return {"k": None, "y": ct * t, "z": np.sum(ct)}, np.sum(ct * self.y)


class OfHeight:
    def jvp(self, dself, *, out):
        return np.sum(dself.y) * self.k + np.sum(self.y) * dself.k

    def vjp(self, ct, *, out):
        SEEN.append("Curve.height")
        return {"k": ct * np.sum(self.y), "y": ct * self.k * np.ones_like(self.y), "z": None}


class OfMatmul:
    def jvp(self, v, dself, dv, *, out):
        return dself.y @ v + self.y @ dv

    def vjp(self, v, ct, *, out):
        SEEN.append("Curve.__matmul__")
        return {"k": None, "y": ct * v, "z": None}, ct * self.y


class OfScaled:
    def jvp(self, t, dself, dt, *, out, by=1.0):
        return by * (dt * self.y + t * dself.y)

    def vjp(self, t, ct, *, out, by=1.0):
        SEEN.append("Curve.scaled")
        return {"k": None, "y": by * ct * t, "z": None}, by * np.sum(ct * self.y)


class OfLine:
    def jvp(self, t, dself, dt, *, out):
        return dself.a * t + self.a * dt + np.sum(dself.b)

    def vjp(self, t, ct, *, out):
        SEEN.append("Line.at")
        return {"a": ct * t, "b": ct * np.ones_like(self.b)}, self.a * ct


class OfRatio:
    def jvp(a, b, c, da, db, dc, *, out):
        return {"c": 2 * da}

    def vjp(a, b, c, ct, *, out):
        SEEN.append("Ratio")
        return 2 * ct.c, None, None


RULES = {
    Curve: OfCurve, Curve.__call__: OfCall, Curve.__matmul__: OfMatmul, Curve.scaled: OfScaled, Curve.height: OfHeight,
    Line.at: OfLine, Ratio: OfRatio,
}  # fmt: skip


def basic(k, x, t):
    s = Curve(k, x)
    return np.sum(s(t)) * s.z * s.k


def by_property(k, x, t):
    s = Curve(k, x, 3)
    return s.height * t * s.power


def by_operator(k, x, t):
    return Curve(k, x) @ x * t


def by_keywords(k, x, t):
    return np.sum(Curve(x=x, k=k).scaled(t, by=2.0))


def inherited(k, x, t):
    return np.sum(Plain(k, x)(t))


def overridden(k, x, t):
    return np.sum(Doubled(k, x)(t))


def in_a_loop(k, x, t):
    out = 0.0
    for i in range(3):
        s = Curve(k * (i + 1), x)
        x = x + 0.1 * s(t)
        out += s.z
    return out


def in_a_list(k, x, t):
    return sum([np.sum(s(t)) for s in [Curve(k * (i + 1), x) for i in range(3)]])


def rebound(k, x, t):
    s = Curve(k, x)
    s.y = s.y * 2
    s.z += 1.0
    return np.sum(s(t)) * s.z


def written(k, x, t):
    s = Curve(k, x)
    r = s(t)
    s.y[0] = 3.0
    s.y *= t
    return np.sum(s(t) * r) * s.z


def two(k, x, t):
    a, b = Curve(k, x), Curve(k, x)
    a.y[0] = 9.0
    return np.sum(a(t)) + np.sum(b(t) * b.y)


def chosen(k, x, t):
    s = Curve(k, x) if t > 0.5 else Curve(2 * k, x * x)
    return np.sum(s(t))


def evaluated(s, t):
    return s(t) * s.k


def made(k, x):
    return Curve(k, x)


def through_functions(k, x, t):
    return np.sum(evaluated(made(k, x), t))


def frozen(k, x, t):
    return Line(k, x).at(t) ** 2


def of_a_dataclass(k, x, t):
    r = Ratio(k, x)
    return r.c * r.a + np.sum(r.b) * t


PROGRAMS = [
    (basic, "Curve Curve.__call__"), (by_property, "Curve Curve.height"), (by_operator, "Curve Curve.__matmul__"),
    (by_keywords, "Curve Curve.scaled"), (inherited, "Curve.__call__"), (overridden, ""), (in_a_loop, "Curve Curve.__call__"),
    (in_a_list, "Curve Curve.__call__"), (rebound, "Curve Curve.__call__"), (written, "Curve Curve.__call__"),
    (two, "Curve Curve.__call__"), (chosen, "Curve Curve.__call__"), (through_functions, "Curve Curve.__call__"),
    (frozen, "Line.at"), (of_a_dataclass, "Ratio"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "rules"), PROGRAMS, ids=lambda p: getattr(p, "__name__", None))
def test_programs(f, rules):
    args = (1.3, X, T)
    jac, _ = differences.jacobian(f, args)
    SEEN.clear()
    with ds.rules(RULES):
        out, dot = ds.jvp(f, args, (0.3, X, 1.0))
        found = ds.grad(f, (0, 1, 2))(*args)
        ds.check_grads(f, args, order=2)
    assert set(rules.split()) <= set(SEEN) and bool(rules) == bool(SEEN)
    assert out == f(*args) and dot == pytest.approx(jac[0] @ [0.3, *X, 1.0], rel=1e-8)
    assert np.concatenate([np.ravel(g) for g in found]) == pytest.approx(jac[0], rel=1e-8)


def test_of_instances_that_are_there_already():
    s = Curve(1.3, X)
    with ds.rules(RULES):
        assert ds.grad(lambda t: np.sum(s(t)))(T) == pytest.approx(np.sum(s.y))
        by_s = ds.grad(lambda s, t: np.sum(s(t)))(s, T)
    assert (by_s.y == T).all() and by_s.z == 2.0 and by_s.k == 0.0


def test_the_text_calls_what_the_program_calls():
    with ds.rules(RULES):
        text = str(ds.code_source(basic, 1.3, X, T))
    assert "Curve(k, x, 2)" in text and "s(t)" in text and "np.sin" not in text


def test_pickled():
    with ds.rules(RULES):
        gradient = pickle.loads(pickle.dumps(ds.grad(basic)))
        assert gradient(1.3, X, T) == ds.grad(basic)(1.3, X, T)


class Silent:
    def jvp(self, t, dself, dt, *, out):
        return self.y * dt

    def vjp(self, t, ct, *, out):
        return None, np.sum(ct * self.y)


class Forgetful:
    def jvp(k, x, power, dk, dx, dpower, *, out):
        return {"k": dk, "y": np.cos(x) * k * dx}

    def vjp(k, x, power, ct, *, out):
        return ct * 2, None, None


class Kept:
    def __init__(self, x):
        self.x = x
        self.v = x[1:]


class OfKept:
    def vjp(x, ct, *, out):
        return np.concatenate([np.zeros(1), ct.v])


def written_behind(x):
    x = x * 1.0
    s = Kept(x)
    x[1] = 5.0
    return np.sum(s.v**2)


def test_refusals():
    with ds.rules({Curve.__call__: Silent}):
        for args in ((1.3, X, T), (1.3, X * 2, T)):
            with pytest.raises(ds.NoRuleError, match=r"with respect to `self.\w`, which is active"):
                ds.grad(basic)(*args)
            with pytest.raises(ds.NoRuleError, match=r"with respect to `self.\w`, which is active"):
                ds.jvp(basic, args, args)
    with ds.rules({Curve: Forgetful}):
        with pytest.raises(ds.NoRuleError, match=r"with respect to `out.z`, which is active"):
            ds.jvp(basic, (1.3, X, T), (1.0, X, 1.0))
        with pytest.raises(ds.DiffTypeError, match="the rule of Curve fails"):
            ds.grad(basic)(1.3, X, T)
    with ds.rules({Kept: OfKept}):
        assert ds.grad(lambda x: np.sum(Kept(x).v ** 2) + np.sum(Kept(x).x))(X) == pytest.approx(1 + 2 * X * [0, 1])
        with pytest.raises(ds.AliasError):
            ds.grad(written_behind)(X)
