"""Rules of users: what they speak of, what they overwrite, methods, packs, rules for a while."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

import diffsrc as ds

A = np.array([1.1, 2.2, 3.3])


def differences(f, x, h=1e-6):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(x.size)])


# -- what a rule overwrites


def add_squares(y, x):
    y += x * x


@ds.rule(add_squares, overwritten=("y",))
class _:
    def jvp(y, x, dy, dx, *, out):
        return dy + 2 * x * dx

    def vjp(y, x, ct, *, out):
        return ct, 2 * x * ct


def scale(y, k):
    y *= k
    return np.sum(y)


@ds.rule(scale, overwritten=("y",))
class _:
    def jvp(y, k, dy, dk, *, out):
        d = k * dy + y * dk
        return np.sum(d), d

    def vjp(y, k, ct, cy, *, out):
        c = ct + cy
        return k * c, np.sum(y * c)


def overwritten_twice(x):
    y = np.zeros(3)
    add_squares(y, x)
    add_squares(y, y[::-1].copy())
    y *= x
    return np.sum(y**2)


def overwritten_with_result(x):
    y = x.copy()
    for i in range(3):
        s = scale(y, x[i])
        y += s
        x = x * 1.1
    return np.sum(y**2)


def overwritten_argument(x):
    for _ in range(3):
        add_squares(x[1:], x[:-1].copy())
    return np.sum(x**2)


@pytest.mark.parametrize("f", [overwritten_twice, overwritten_with_result, overwritten_argument])
def test_overwritten(f) -> None:
    expected = differences(lambda x: f(x.copy()), A)
    assert np.allclose(ds.grad(f)(A.copy()), expected, rtol=1e-6)
    assert np.allclose(ds.jacfwd(f)(A.copy()), expected, rtol=1e-6)
    ds.check_grads(f, (A.copy(),), order=2)


def test_overwritten_memory_that_is_shared() -> None:
    def f(x):
        add_squares(x[1:], x[:-1])
        return np.sum(x)

    with pytest.raises(ds.AliasError, match="share memory"):
        ds.grad(f)(A.copy())


def test_what_is_written_must_be_declared() -> None:
    def fill(y, x):
        y[:] = x

    class Rule:
        def jvp(y, x, dy, dx, *, out):
            return None

        def vjp(y, x, ct, *, out):
            return None, ct

    def f(x):
        y = np.zeros(3)
        fill(y, x)
        return np.sum(y * y)

    for enter in (ds.rule(fill), lambda _: ds.zero(fill), lambda _: ds.elementwise(fill, "1", "1")):
        enter(Rule)
        with pytest.raises(ds.UnsupportedError, match="writes its argument `y`"):
            ds.grad(f)(A)
    with pytest.raises(ds.ActivityError, match="no parameter 'z'"):
        ds.rule(fill, overwritten=("z",))(Rule)


# -- what a rule reads


def product(x, y):
    return x * y


class ReadsY:
    def jvp(x, y, dx, dy, *, out):
        return dx * y + x * dy

    def vjp(x, y, ct, *, out):
        return y * ct, np.zeros_like(x)


class ReadsBoth(ReadsY):
    jvp = ReadsY.__dict__["jvp"]

    def vjp(x, y, ct, *, out):
        return y * ct, x * ct


def test_needs() -> None:
    def f(x):
        y = np.exp(x)
        z = product(x, y)
        y *= 0.0  # its contents are kept for the rule
        return np.sum(z)

    ds.rule(product, needs=("y",))(ReadsY)
    assert np.allclose(ds.grad(f)(A), np.exp(A))
    ds.rule(product, needs=("y",))(ReadsBoth)
    with pytest.raises(ds.DiffTypeError, match="reads `x`"):
        ds.grad(f)(A)
    ds.rule(product, needs=("x", "y"))(ReadsBoth)
    assert np.allclose(ds.grad(f)(A), (1 + A) * np.exp(A))


# -- what a rule doesn't speak of


def test_a_mode_without_rule() -> None:
    def half(x):
        return x / 2

    @ds.rule(half)
    class _:
        def vjp(x, ct, *, out):
            return ct / 2

    def f(x):
        return np.sum(half(x) ** 2)

    assert np.allclose(ds.grad(f)(A), A / 2)
    with pytest.raises(ds.NoRuleError, match="has no jvp"):
        ds.jacfwd(f)(A)


def test_rules_with_too_few_arguments() -> None:
    class One:
        def jvp(x, dx, *, out):
            return dx

        def vjp(x, ct, *, out):
            return ct

    with pytest.raises(ds.ActivityError, match="takes 1 arguments, the function 2"):
        ds.rule(product)(One)

    class TooFew(ReadsY):
        jvp = ReadsY.__dict__["jvp"]

        def vjp(x, y, ct, *, out):
            return ct

    def times(x, y):
        return x * y

    ds.rule(times)(TooFew)
    with pytest.raises(ds.DiffTypeError, match="1 cotangents for 2"):
        ds.grad(lambda x: np.sum(times(x, x)))(A)


def test_rules_that_fail() -> None:
    def third(x):
        return x / 3

    @ds.rule(third)
    class _:
        def jvp(x, dx, *, out):
            return dx.nothing

        def vjp(x, ct, *, out):
            raise ValueError("no such thing")

    with pytest.raises(ds.DiffTypeError, match="the rule of third fails: ValueError: no such thing"):
        ds.grad(lambda x: np.sum(third(x)))(A)


def test_the_function_is_not_run_while_compiling() -> None:
    runs = []

    def counted(x):
        return x * x

    def f(x):
        return np.sum(counted(x))

    @ds.rule(counted)
    class _:
        def jvp(x, dx, *, out):
            return 2 * x * dx

        def vjp(x, ct, *, out):
            return 2 * x * ct

    assert np.allclose(ds.grad(f)(A), 2 * A)
    assert runs == []


# -- methods


class Spring:
    def __init__(self, k):
        self.k = k

    def energy(self, x):
        return self.k * x**2

    @staticmethod
    def cube(x):
        return x**3

    @classmethod
    def fourth(cls, x):
        return x**4

    def __call__(self, x):
        return np.sin(x) * self.k


class EnergyRule:
    def jvp(self, x, self_dot, x_dot, *, out):
        return 20 * self.k * x * x_dot

    def vjp(self, x, ct, *, out):
        return None, 20 * self.k * x * ct


class CubeRule:
    def jvp(x, x_dot, *, out):
        return 30 * x * x * x_dot

    def vjp(x, ct, *, out):
        return 30 * x * x * ct


class FourthRule:
    def jvp(cls, x, cls_dot, x_dot, *, out):
        return 40 * x**3 * x_dot

    def vjp(cls, x, ct, *, out):
        return None, 40 * x**3 * ct


ds.rule(Spring.energy)(EnergyRule)
ds.rule(Spring.__call__)(EnergyRule)
ds.rule(Spring.cube)(CubeRule)
ds.rule(Spring.fourth)(FourthRule)


def by_method(x):
    return np.sum(Spring(3.0).energy(x))


def by_call(x):
    spring = Spring(3.0)
    return np.sum(spring(x))


def by_static_method(x):
    return np.sum(Spring.cube(x))


def by_class_method(x):
    return np.sum(Spring.fourth(x))


@pytest.mark.parametrize(
    ("f", "expected"),
    [(by_method, 60 * A), (by_call, 60 * A), (by_static_method, 30 * A**2), (by_class_method, 40 * A**3)],
)
def test_methods(f, expected) -> None:
    assert np.allclose(ds.grad(f)(A), expected)
    assert np.allclose(ds.jacfwd(f)(A), expected)


def test_of_an_instance_with_active_fields_a_method_has_no_rule() -> None:
    def f(x):
        return np.sum(Spring(x[0]).energy(x))

    for derivative in (ds.grad, ds.jacfwd):
        with pytest.raises(ds.NoRuleError, match=r"with respect to `self.k`, which is active"):
            derivative(f)(A)


def test_what_has_no_rule() -> None:
    for thing, words in ((3, "class int"), (functools.partial(np.dot, A), "given beforehand")):
        with pytest.raises(ds.ActivityError, match=words):
            ds.rule(thing)
    for text, words in (("foo(x)", "names 'foo'"), ("2 *", "no expression")):
        with pytest.raises(ds.ActivityError, match=words):
            ds.elementwise(text)(lambda x: x)


def number_for_array(x):
    return x * 2


def branching(x):
    return np.abs(x)


class Number:
    def jvp(x, dx, *, out):
        return np.sum(dx)

    def vjp(x, ct, *, out):
        return np.sum(ct)


class Branching:
    def jvp(x, dx, *, out):
        return dx if x[0] > 0 else -dx

    def vjp(x, ct, *, out):
        return ct if x[0] > 0 else -ct


def test_rules_of_another_shape_and_rules_that_branch() -> None:
    number = "with 0 axes for a[n\\w ]+ with 1"
    for fn, rule, words in ((number_for_array, Number, number), (branching, Branching, "the rule of branching fails")):
        with ds.rules({fn: rule}):
            for mode in (ds.grad, ds.jacfwd):
                with pytest.raises(ds.DiffTypeError, match=words):
                    mode(lambda x, fn=fn: np.sum(fn(x)))(A)


def with_options(x, k=2.0, *, scale=1.0):
    return scale * x * k


class Options:
    def jvp(x, k, dx, dk, *, out, scale=1.0):
        return scale * (dx * k + x * dk)

    def vjp(x, k, ct, *, out, scale=1.0):
        return 3 * scale * ct * k, 3 * scale * np.sum(ct * x)


def test_defaults_and_arguments_by_name() -> None:
    with ds.rules({with_options: Options}):
        assert np.allclose(ds.grad(lambda x: np.sum(with_options(x)))(A), 6.0)
        found = ds.grad(lambda x: np.sum(with_options(k=x[0], x=x, scale=2.0)))(A)
        assert np.allclose(found, 6 * A[0] + 6 * np.sum(A) * (A == A[0]))
        with pytest.raises(ds.NoRuleError, match="`scale`"):
            ds.grad(lambda s: np.sum(with_options(A, scale=s)))(2.0)


class Scaler:
    def __init__(self, k):
        self.k = k

    def __call__(self, x):
        return self.k * x


SCALER = Scaler(3.0)


def test_an_instance_that_is_a_global_is_called() -> None:
    assert np.allclose(ds.grad(lambda x: np.sum(SCALER(x)))(A), 3.0)


# -- rules for a while


def rounded(x):
    return np.round(x)


class StraightThrough:
    def jvp(x, dx, *, out):
        return dx

    def vjp(x, ct, *, out):
        return ct


def loss(x):
    return np.sum(rounded(x) ** 2)


def sines(x):
    return np.sum(np.sin(x))


def test_rules_for_a_while() -> None:
    g = ds.grad(loss)
    straight = 2 * np.round(A)
    assert np.all(g(A) == 0)
    with ds.rules({rounded: StraightThrough}):
        assert np.allclose(g(A), straight)
        with ds.rules({rounded: "3.0 + x*0"}):
            assert np.allclose(g(A), 3 * straight)
            assert np.allclose(ds.jacfwd(loss)(A), 3 * straight)
        with ds.rules({rounded: None}):
            assert np.all(g(A) == 0)
        assert np.allclose(g(A), straight)
    assert np.all(g(A) == 0)
    with pytest.raises(ValueError, match="within"), ds.rules({rounded: StraightThrough}):
        raise ValueError("within")
    assert np.all(g(A) == 0)


def test_other_rules_for_numpy() -> None:
    g = ds.grad(sines)
    for rule, expected in ((StraightThrough, np.ones(3)), ("x*0 + 7", np.full(3, 7.0))):
        assert np.allclose(g(A), np.cos(A))
        with ds.rules({np.sin: rule}):
            assert np.allclose(g(A), expected)
            assert np.allclose(ds.jacfwd(sines)(A), expected)
        assert np.allclose(g(A), np.cos(A))
        assert np.allclose(ds.jacfwd(sines)(A), np.cos(A))


def test_rules_of_two_threads() -> None:
    """The block that is opened last holds; what one closes in the middle goes."""
    opened, closed = threading.Event(), threading.Event()

    def other() -> None:
        with ds.rules({rounded: "5.0 + x*0"}):
            opened.set()
            closed.wait(60)

    with ds.rules({rounded: StraightThrough}):
        thread = threading.Thread(target=other)
        thread.start()
        opened.wait(60)
        assert np.allclose(ds.grad(loss)(A), 10 * np.round(A))
    assert np.allclose(ds.grad(loss)(A), 10 * np.round(A))
    closed.set()
    thread.join()
    assert np.all(ds.grad(loss)(A) == 0)


# -- in other processes


def run(folder: Path, text: str) -> str:
    env = {**os.environ, "DIFFSRC_CACHE": str(folder / "cache"), "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    (folder / "script.py").write_text(textwrap.dedent(text))
    done = subprocess.run([sys.executable, "script.py"], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


PROGRAM = """
    import numpy as np, diffsrc as ds, model
    print(ds.grad(model.loss)(np.array([1.5, 2.5])).tolist(), ds.stats()["cache_hits"])
"""


def test_rules_for_a_while_and_the_disk(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("def cube(x):\n    return x ** 3\n\ndef loss(x):\n    return (cube(x)).sum()\n")
    both = """
        import numpy as np, diffsrc as ds, model
        x = np.array([1.0, 2.0])
        for _ in range(2):
            with ds.rules({model.cube: "x * 0 + 5"}):
                print(ds.grad(model.loss)(x).tolist())
            print(ds.grad(model.loss)(x).tolist())
    """
    for _ in range(2):
        assert run(tmp_path, both) == "[5.0, 5.0]\n[3.0, 12.0]\n" * 2


def test_packs(tmp_path: Path) -> None:
    package = tmp_path / "solverlib"
    package.mkdir()
    (package / "__init__.py").write_text("def cube(x):\n    return x ** 3\n")
    (tmp_path / "model.py").write_text("import solverlib\n\ndef loss(x):\n    return solverlib.cube(x).sum()\n")
    assert run(tmp_path, PROGRAM).startswith("[6.75, 18.75]")
    (tmp_path / "solverlib_rules.py").write_text(
        "import solverlib, diffsrc as ds\nprint('loaded')\nds.elementwise(solverlib.cube, 'x * 0 + 5')\n"
    )
    info = tmp_path / "solverlib_diffsrc-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: solverlib-diffsrc\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[diffsrc.rules]\nsolverlib = solverlib_rules\n")
    first, second = run(tmp_path, PROGRAM), run(tmp_path, PROGRAM)
    assert first.startswith("loaded\n[5.0, 5.0]")
    assert second.startswith("loaded\n[5.0, 5.0]")
    other = "import numpy as np, diffsrc as ds\nprint(ds.grad(lambda x: (x * x).sum())(np.ones(2)).tolist())\n"
    assert run(tmp_path, other) == "[2.0, 2.0]\n"


# -- functions that can't be looked into


def by_library(y, k):
    exec("y *= k")


def test_what_a_library_overwrites() -> None:
    def f(x):
        y = x.copy()
        for k in x:
            by_library(y, k)
        return np.sum(y)

    class Rule:
        def jvp(y, k, dy, dk, *, out):
            return k * dy + y * dk

        def vjp(y, k, ct, *, out):
            return k * ct, np.sum(y * ct)

    ds.rule(by_library, overwritten=("y",))(Rule)
    for derivative in (ds.grad, ds.jacfwd):
        assert np.allclose(derivative(f)(A), differences(f, A), rtol=1e-6)
    ds.rule(by_library)(Rule)
    for derivative in (ds.grad, ds.jacfwd):
        with pytest.raises(ds.UnsupportedError, match="its rule doesn't say"):
            derivative(f)(A)


def test_a_library_that_writes_without_a_word() -> None:
    def summed(y, k):
        exec("y *= k")
        return eval("y.sum()")

    @ds.rule(summed)
    class _:
        def jvp(y, k, dy, dk, *, out):
            return np.sum(k * dy + y * dk)

        def vjp(y, k, ct, *, out):
            return k * ct * np.ones_like(y), np.sum(y * ct)

    with pytest.raises(ds.UnsupportedError, match="writes its argument 1"):
        ds.grad(lambda x: summed(x.copy(), 2.0))(A)


def test_functions_that_return_their_argument() -> None:
    def reversed_gradient(x):
        return x

    @ds.rule(reversed_gradient)
    class _:
        def jvp(x, dx, *, out):
            return -dx

        def vjp(x, ct, *, out):
            return -ct

    def f(x):
        return np.sum(reversed_gradient(x * 1.0) ** 2)

    def written(x):
        y = x * 1.0
        z = reversed_gradient(y)
        z *= 2.0
        return np.sum(y**2)

    def inner(x):
        return reversed_gradient(x)

    def result_written_by_a_caller(x):
        y = x * 1.0
        z = inner(y)
        z[0] = 5.0
        return np.sum(y**2)

    def argument_written_by_a_caller(x):
        y = x * 1.0
        z = inner(y)
        y[0] = 5.0
        return np.sum(z**2)

    for derivative in (ds.grad, ds.jacfwd):
        assert np.allclose(derivative(f)(A), -2 * A)
        for refused in (written, result_written_by_a_caller, argument_written_by_a_caller):
            with pytest.raises(ds.AliasError, match="may return memory of its argument"):
                derivative(refused)(A)


def test_keyword_only_parameters_and_defaults() -> None:
    def times(x, k=2.0, *, shift=1.0):
        return x * k + shift

    @ds.rule(times)
    class _:
        def jvp(x, k, dx, dk, *, out, shift=1.0):
            return k * dx + x * dk

        def vjp(x, k, ct, *, out, shift=1.0):
            return k * ct, np.sum(x * ct)

    assert np.allclose(ds.grad(lambda x: np.sum(times(x, 3.0, shift=4.0)))(A), 3.0)
    expected = A[0] + np.array([A.sum(), 0.0, 0.0])
    assert np.allclose(ds.grad(lambda x: np.sum(times(x, x[0])))(A), expected)


def test_several_results() -> None:
    def two(x):
        return 2 * x, x**2

    @ds.rule(two)
    class _:
        def jvp(x, dx, *, out):
            return 2 * dx, 2 * x * dx

        def vjp(x, ct, *, out):
            return 2 * ct[0] + 2 * x * ct[1]

    def f(x):
        p, q = two(x)
        return np.sum(p * q)

    for derivative in (ds.grad, ds.jacfwd):
        assert np.allclose(derivative(f)(A), 6 * A**2)


# -- the function that is differentiated has a rule itself


def power(x, n):
    return x if n == 0 else x * power(x, n - 1)


class PowerRule:
    def jvp(dot, out, x, n):
        return 10 * (n + 1) * out / x * dot

    def vjp(ct, out, x, n):
        return 10 * (n + 1) * out / x * ct


def test_the_function_has_a_rule_itself() -> None:
    g = ds.grad(squared)
    assert np.allclose(g(A), 2 * A)
    with ds.rules({squared: SquaredRule}):
        assert np.allclose(ds.grad(squared)(A), 5)
        assert np.allclose(g(A), 5)
        assert np.allclose(ds.jacfwd(squared)(A), 5)
        assert np.allclose(ds.grad(lambda x: squared(x) * 1.0)(A), 5)
    assert np.allclose(g(A), 2 * A)


class SquaredRule:
    def jvp(x, dx, *, out):
        return np.sum(5 * dx)

    def vjp(x, ct, *, out):
        return 5 * ct * np.ones_like(x)


def squared(x):
    return np.sum(x * x)


def halved(x):
    return x / 2


def test_an_elementwise_function_has_a_rule_itself() -> None:
    with ds.rules({halved: "x * 0 + 5"}):
        assert ds.grad(halved)(2.0) == 5.0
    assert ds.grad(halved)(2.0) == 0.5


def test_a_recursion_with_a_rule() -> None:
    assert ds.grad(power)(2.0, 3) == pytest.approx(32.0)
    ds.rule(power, arg=0)(PowerRule)
    for f in (power, lambda x, n: power(x, n)):
        assert ds.grad(f)(2.0, 3) == pytest.approx(320.0)
        assert ds.jacfwd(f)(2.0, 3) == pytest.approx(320.0)
