"""Functions that are compiled less often, or made of types: doors, generated bodies, arguments of any type."""

import functools
import pickle
import typing

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.defs.unspecialized import names_at

X = np.array([1.0, 2.0, 3.0])


@ds.standardize(x=np.asarray)
def energy(x, k=2.0, *, p=1):
    """Of three parameters."""
    return np.sum(k * x * x * x) * p


def gradient(x, k=2.0, p=1):
    return 3 * k * x * x * p


def test_converted_arguments_share_an_instance():
    @ds.standardize(x=np.asarray)
    def f(x):
        return np.sum(x * x)

    g = ds.grad(f)
    for x in ([1, 2, 3], [1.0, 2.0, 3.0], (1.0, 2, 3.0), np.arange(1, 4), X, np.arange(5.0), list(X)):
        got = g(x)
        assert isinstance(got, np.ndarray) and got.dtype == float
        assert np.array_equal(got, 2.0 * np.asarray(x))
    assert [m.mode for m in ds.specializations(f)] == ["primal", "reverse"]
    before = ds.stats()["inferred"]
    g((5, 6, 7, 8))
    assert ds.stats()["inferred"] == before


def test_the_function_converts_wherever_it_is_called():
    assert energy([1, 2]) == 18.0
    assert energy.__doc__ == "Of three parameters." and energy.__name__ == "energy"
    assert pickle.loads(pickle.dumps(energy)) is energy

    def outer(a, b):
        return energy([a, b]) + energy((a, a, b), 3.0, p=2)

    assert np.allclose(ds.grad(outer, (0, 1))(1.0, 2.0), [6.0 + 36.0, 24.0 + 72.0])
    ds.check_grads(outer, (1.0, 2.0), order=2)


def test_a_converter_is_applied_at_each_call():
    seen = []

    def doubled(x):
        seen.append(x)
        return 2.0 * np.asarray(x)

    @ds.standardize(x=doubled)
    def f(x):
        return np.sum(x * x)

    g = ds.grad(f)
    for _ in range(3):
        assert np.array_equal(g(X), 4.0 * X)  # by the converted argument
    assert len(seen) == 3


def test_every_entry_point():
    x = [1.0, 2.0]
    as_array = np.array(x)
    assert np.array_equal(ds.grad(energy)(x, k=3.0, p=2), gradient(as_array, 3.0, 2))
    assert np.array_equal(ds.jacfwd(energy)([1, 2]), gradient(as_array))
    assert np.array_equal(ds.jacrev(energy)([1, 2]), gradient(as_array))
    assert np.array_equal(ds.hessian(energy)(x), np.diag(12.0 * as_array))
    assert ds.jvp(energy, (x,), (x,))[1] == ds.jvp(energy, ([1, 2],), ([1.0, 2.0],))[1] == gradient(as_array) @ as_array
    assert np.array_equal(ds.vjp(energy, [1, 2])[1](1.0)[0], gradient(as_array))
    assert np.array_equal(ds.elementwise_grad(cubed)([1, 2]), [3.0, 12.0])
    assert ds.bisect_grad(energy, x) is None


@ds.standardize(x=np.asarray)
def cubed(x):
    return x**3


@ds.standardize(x=np.asarray)
def stepwise(x):
    y = x * x
    return np.sum(y * y)


def test_tools_keep_the_door():
    assert np.array_equal(ds.grad_of(stepwise, "y")([1.0, 2.0]), [2.0, 8.0])


@pytest.mark.parametrize("x", [[1.0, 2.0], (1.0, 2.0), np.array([1.0, 2.0])])
def test_derivatives_inside_programs_are_by_the_converted_argument(x):
    def f(x):
        g = 2 * ds.grad(energy)(x)  # an array, so twice each number
        return g[0] + g[1]

    assert f(x) == 60.0
    assert np.array_equal(np.asarray(ds.grad(f)(x)), [24.0, 48.0])


def test_methods_partials_and_captured_data():
    class Model:
        @ds.standardize(x=np.asarray)
        def loss(self, x):
            return np.sum(x) * 2.0

        @ds.standardize(x=np.asarray)
        def __call__(self, x):
            return np.sum(x) * 3.0

    assert np.array_equal(ds.grad(Model().loss)([1, 2]), [2.0, 2.0])
    assert np.array_equal(ds.grad(Model())([1, 2]), [3.0, 3.0])
    assert np.array_equal(ds.grad(functools.partial(energy, k=5.0))([1.0]), [15.0])
    for scale in (1.0, 2.0, 3.0):

        @ds.standardize(x=np.asarray)
        def f(x):
            return scale * np.sum(x)

        assert np.array_equal(ds.grad(f)([1, 2]), [scale, scale])


def test_shadows_are_those_of_the_converted_argument():
    shadow = np.zeros(2)
    ds.autodiff(ds.Reverse, energy, ds.Active, ds.Duplicated(np.array([1.0, 2.0]), shadow), ds.Const(2.0))
    assert np.array_equal(shadow, [6.0, 24.0])
    for mode, kinds in ((ds.Reverse, [ds.Active]), (ds.Forward, [])):
        with pytest.raises(ds.ActivityError, match="shadow of a converted argument is a list"):
            ds.autodiff(mode, energy, *kinds, ds.Duplicated([1.0, 2.0], [0.0, 0.0]), ds.Const(2.0))


def test_doors_on_doors():
    @ds.standardize(x=list, y=float)
    @ds.standardize(x=np.asarray)
    def f(x, y=1):
        return np.sum(x * x) * y

    assert f((1.0, 2.0)) == 5.0
    assert np.array_equal(ds.grad(f)((1.0, 2.0)), [2.0, 4.0])
    assert ds.grad(f, "y")((1.0, 2.0), 3) == 5.0


def test_names_that_the_text_uses():
    @ds.standardize(behind=np.asarray)
    def f(behind, convert_behind, /, *rest, scale=2.0, **more):
        return scale * np.sum(behind) * convert_behind + sum(rest) + more["z"]

    assert f([1, 2], 3.0, 4.0, z=5.0) == 27.0
    assert np.array_equal(ds.grad(f)([1, 2], 3.0, 4.0, z=5.0), [6.0, 6.0])
    assert ds.grad(lambda a: f([a, a], 3.0, a, z=5.0))(1.0) == 13.0


def test_what_is_refused():
    with pytest.raises(ds.ActivityError, match="no parameter 'z'"):
        ds.standardize(z=np.asarray)(cubed)
    with pytest.raises(ds.ActivityError, match="no parameter 'xs'"):
        ds.standardize(xs=np.asarray)(lambda *xs: xs)
    with pytest.raises(ds.UnsupportedError, match="isn't a Python function"):
        ds.standardize(x=np.asarray)(np.sin)
    with pytest.raises(ds.DiffTypeError):
        ds.grad(cubed)(["a"])


# -- bodies made of types


@ds.generated
def kernel(x):
    """A recurrence."""
    n = x.dims[0]
    if not isinstance(n, int):
        return """
            y = total = 0.0
            for i in range(len(x)):
                y = 0.5 * y + x[i]
                total += y * y
            return total
        """
    lines = ["y0 = x[0]", *(f"y{i} = 0.5 * y{i - 1} + x[{i}]" for i in range(1, n))]
    return "\n".join([*lines, "return " + " + ".join(f"y{i} * y{i}" for i in range(n))])


def looped(x):
    y = np.zeros(len(x))
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i]
    return np.sum(y * y)


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_unrolled_for_each_size(n):
    x = np.linspace(-1.0, 2.0, n)
    assert np.isclose(kernel(x), looped(x))
    assert np.allclose(ds.grad(kernel)(x), ds.grad(looped)(x))
    ds.check_grads(kernel, (x,), order=2)


def test_an_unrolled_kernel_makes_no_array_but_its_gradient():
    text = str(ds.code_source(kernel, "f64[10]"))
    assert "for " not in text and "y9 = 0.5 * y8 + x[9]" in text
    code = text[text.index("def ") :]
    assert code.count("np.") == 1 and code.count("dx = np.zeros_like(x)") == 1


def test_inside_programs():
    def known(a, b):
        return kernel(np.array([a, b])) * 2.0

    def unknown(x):
        return kernel(x) * 2.0

    ds.check_grads(known, (1.0, 2.0), order=2)
    assert "for " not in str(ds.code_source(known, 1.0, 2.0))
    assert "for " in str(ds.code_source(unknown, X))
    assert "for " not in str(ds.code_source(unknown, "f64[3]"))
    assert np.allclose(ds.grad(unknown)(X), 2.0 * ds.grad(looped)(X))
    both = ds.grad(lambda x: np.sum(ds.grad(kernel)(x)))(X)
    assert np.allclose(both, np.sum(ds.hessian(looped)(X), axis=0))


def test_the_types_are_seen_and_text_is_asked_for_once():
    seen = []

    @ds.generated
    def f(x, n=2, *, scale: float = 3.0):
        seen.append(f"{x}, {n}, {scale}")
        return "return scale * np.sum(x) ** n"

    g = ds.grad(f)
    for _ in range(3):
        assert np.array_equal(g(np.ones(2)), [12.0, 12.0])
    assert f(np.ones(2)) == 12.0 and f(1.0, 3, scale=2.0) == 2.0
    assert seen == ["f64[2], int, float", "float, int, float"]
    assert len({m.function for m in ds.specializations(f)}) == 1  # the text is the same


power = 2


@ds.generated
def raised(x):
    return " * ".join(["return x", *["x"] * (power - 1)])


def test_a_body_for_numbers_alone_is_refused_inside_a_program():
    @ds.generated
    def last(x):
        return f"return x[{x.dims[0] - 1}] ** 2"

    def around(x):
        return last(x) + 1.0

    assert ds.grad(last)(np.ones(3)).tolist() == [0.0, 0.0, 2.0]
    with pytest.raises(ds.UnsupportedError, match=r"last\(f64\[n\]\) is generated .* TypeError.*") as refused:
        ds.grad(around)(np.ones(3))
    assert "a body for any size" in refused.value.render() and "last(x) + 1.0" in refused.value.render()
    assert ds.grad(around, unroll=True)(np.ones(3)).tolist() == [0.0, 0.0, 2.0]


def test_calls_with_the_same_types_go_the_short_way():
    @ds.generated
    def last(x, k):
        return f"return k * x[{x.dims[0] - 1}] ** 2"

    gradient = ds.grad(last)
    behind = gradient.__dict__["__diffsrc_derivative__"]
    for x, right in ((np.ones(2), [0.0, 4.0]), (np.ones(3), [0.0, 0.0, 4.0]), (np.ones(2), [0.0, 4.0])):
        for _ in range(2):
            assert gradient(x, 2.0).tolist() == right
            assert behind.short is not None and behind.short.fits((x, 2.0))
        assert not behind.short.fits((np.ones(5), 2.0))


def test_what_the_text_was_made_of_may_change():
    global power

    def user(x):
        return raised(x) + 0.0

    g, h, k = ds.grad(raised), ds.grad(user), ds.grad(lambda x: ds.grad(raised)(x))
    try:
        for power in (2, 3, 2, 4):
            for _ in range(2):
                assert raised(2.0) == 2.0**power and user(2.0) == 2.0**power
                assert g(2.0) == h(2.0) == power * 2.0 ** (power - 1)
                assert k(2.0) == power * (power - 1) * 2.0 ** (power - 2)
    finally:
        power = 2
        ds.invalidations()  # drops what read it, so that tests that look at the last cause don't see this one


def test_captured_names_and_doors():
    weights = np.array([1.0, 2.0])

    @ds.standardize(x=np.asarray)
    @ds.generated
    def f(x):
        return "return " + " + ".join(f"x[{i}] * weights[{i}]" for i in range(len(weights)))

    assert f([3, 4]) == 11.0
    assert np.array_equal(ds.grad(f)((3, 4)), weights)
    assert ds.grad(lambda a: f([a, a]))(1.0) == 3.0
    assert ds.grad(lambda a: a * ds.grad(f)([a, a])[1])(1.0) == 2.0


def test_generated_text_is_shown():
    @ds.generated
    def broken(x):
        return "return x[(1"

    with pytest.raises(ds.UnsupportedError, match="isn't Python") as caught:
        ds.grad(broken)(X)
    assert "return x[(1" in str(caught.value)

    @ds.generated
    def outside(x):
        return f"y = x * 2.0\nreturn y[{x.dims[0]}]"

    with pytest.raises(IndexError) as error:
        outside(X)
    assert error.traceback[-1].path is not None and "<generated outside(f64[3])" in str(error.traceback[-1].frame.code.raw)
    for f in (lambda x: 3, lambda x: " "):
        f.__name__ = "nothing"
        with pytest.raises(ds.UnsupportedError, match="returned"):
            ds.generated(f)(X)


def test_generators_that_are_refused():
    with pytest.raises(ds.UnsupportedError, match="any number of arguments"):

        @ds.generated
        def f(*xs):
            return "return xs"

    with pytest.raises(ds.UnsupportedError, match="isn't a plain function"):
        ds.generated(kernel)
    with pytest.raises(ds.UnsupportedError, match="generated for each call"):
        ds.bisect_grad(kernel, X)


# -- arguments of any type


@ds.nospecialize("options")
def counted(x, options=None, k=2):
    total = 0.0
    for o in options or ():
        total += float(len(str(o)))
    return np.sum(x * x) * total * k


def test_one_instance_for_all_types():
    @ds.nospecialize("word")
    def spell(x, word):
        return x * float(len(type(word).__name__))

    g = ds.grad(spell)
    g(1.0, None)
    before = ds.stats()
    words = [type(f"T{'x' * i}", (), {"__slots__": ()})() for i in range(30)]
    for word in [1, 2.0, "a", (1, 2), [1.0], {"a": 1}, X, np.array([object(), None]), len, *words]:
        assert g(1.0, word) == len(type(word).__name__)
    after = ds.stats()
    assert {k: after[k] - before[k] for k in ("inferred", "differentiated")} == {"inferred": 0, "differentiated": 0}
    assert [str(m) for m in ds.specializations(spell)] == ["spell(float, Any)", "spell(float, Any) reverse"]


def test_every_entry_point_leaves_it_unspecialized():
    for options in ("abc", ["a", "b", "c"], ("a", "b", "c")):
        assert np.array_equal(ds.grad(counted)(X, options), 12.0 * X)
        assert np.array_equal(ds.vjp(counted, X, options)[1](1.0)[0], 12.0 * X)
        assert ds.jvp(counted, (X, options), (X, None))[1] == 12.0 * X @ X
        assert np.array_equal(ds.hessian(counted)(X, options), 12.0 * np.eye(3))
    assert {str(m.types[1]) for m in ds.specializations(counted)} == {"Any"}
    assert ds.precompile(counted, "f64[:]", "list[str]")
    assert "Any const" in str(ds.code_source(counted, "f64[:]", "list[str]", wrt=0))


def test_what_is_differentiated_is_specialized():
    @ds.nospecialize("x", "w")
    def f(x, w):
        return float(np.sum(x)) * float(w)

    assert np.array_equal(ds.grad(f)(X, 2.0), [2.0] * 3)
    assert np.array_equal(ds.grad(f)([1.0, 2.0], "2"), [2.0] * 2)
    assert ds.grad(f, 1)(X, 2.0) == 6.0
    assert {tuple(map(str, m.types)) for m in ds.specializations(f) if m.mode == "primal"} == {
        ("f64[n]", "Any"), ("list[float]", "Any"), ("Any", "float"),
    }  # fmt: skip


def test_memory_that_is_shared_with_what_is_written():
    @ds.nospecialize("o")
    def f(x, o):
        x[0] = x[1] * 2.0 * float(o[1])
        return np.sum(x)

    assert np.array_equal(ds.grad(f)(np.array([1.0, 2.0]), [1, 3]), [0.0, 7.0])
    x = np.array([1.0, 2.0])
    assert np.array_equal(ds.grad(f)(x, x), [0.0, 9.0])  # 2 x[1]² + x[1]
    x = np.array([1.0, 2.0])
    with pytest.raises(ds.AliasError):
        ds.grad(f)(x, [x, x[1:]])


def test_unspecialized_with_other_decorators_and_captured_data():
    for scale in (1.0, 2.0, 3.0):

        @ds.nospecialize("o")
        def f(x, o):
            return x * scale * float(len(o))

        assert ds.grad(f)(1.0, "a") == scale and ds.grad(f)(1.0, [1, 2]) == 2 * scale
        assert {str(m.types[1]) for m in ds.specializations(f)} == {"Any"}

    @ds.differentiable(nospecialize=["o"])
    @ds.standardize(x=np.asarray)
    def both(x, *rest, o):
        return np.sum(x) * float(len(o))

    assert np.array_equal(both.grad()([1, 2], o="abc"), [3.0, 3.0])
    assert np.array_equal(both.grad()((1, 2), 5.0, o=[1]), [1.0, 1.0])
    assert {str(m.types[2]) for m in ds.specializations(both)} == {"Any"}


def test_unknown_types_are_refused_where_active_values_meet_them():
    @ds.nospecialize("o")
    def f(x, o):
        return np.sum(x * o)

    with pytest.raises(ds.DiffTypeError, match="couldn't be inferred") as caught:
        ds.grad(f)(X, 2.0)
    assert "np.sum(x * o)" in str(caught.value)
    with pytest.raises(ds.ActivityError, match="no parameter 'y'"):
        ds.nospecialize("y")(f)
    with pytest.raises(ds.UnsupportedError, match="generated from the types"):
        ds.nospecialize("x")(kernel)
    with pytest.raises(ds.UnsupportedError, match="isn't a Python function"):
        ds.nospecialize("x")(np.sin)


def test_the_annotation():
    namespace = {"ds": ds}
    exec("from __future__ import annotations\ndef kept_as_text(x, o: ds.Any): return x", namespace)

    def f(x, o: ds.Any, n: int = 2):
        return x * float(len(o)) ** n

    assert [ds.grad(f)(1.0, o) for o in ("abc", [1, 2], {3: 4})] == [9.0, 4.0, 1.0]
    assert {str(m.types[1]) for m in ds.specializations(f)} == {"Any"}
    assert "Any const" in str(ds.code_source(f, "float", wrt=0))
    assert names_at(namespace["kept_as_text"]) == {"o"}
    for scale in (1.0, 2.0):

        def inner(x, o: ds.Any):
            return x * scale * float(len(o))

        assert ds.grad(inner)(1.0, "ab") == 2 * scale
        assert {str(m.types[1]) for m in ds.specializations(inner)} == {"Any"}

    def others(x, o: typing.Any):
        return x * float(len(o))

    assert ds.grad(others)(1.0, [1.0, 2.0]) == 2.0
    assert {str(m.types[1]) for m in ds.specializations(others)} == {"list[float]"}


def spelled(x, options):
    text = ""
    for c in options["name"]:
        text += c
    return x * float(len(text))


def stepped(x, options):
    n = 0
    for k in options["steps"]:
        n += k
        x = x * float(n)
    return x


def longer(x, options):
    kept = options["steps"]
    same = kept
    same += [4]
    return x * float(len(kept))


def beside(x, options):
    rate = options["rate"]
    doubled = rate
    doubled *= 2
    return x * float(rate) * float(doubled)


def tallied(x, options):
    options["calls"] += 1
    options["log"] += np.ones(3)
    return np.sum(x * float(options["calls"]) * X)


@pytest.mark.parametrize("f", [spelled, stepped, longer, beside, tallied])
def test_operators_in_place_on_what_may_be_anything(f):
    def options():
        return {"name": "abc", "steps": [1, 2, 3], "rate": 3, "calls": 2, "log": np.zeros(3)}

    f = ds.nospecialize("options")(f)
    by_hand, seen, pushed = options(), options(), options()
    value = f(2.0, by_hand)
    assert ds.value_and_grad(f)(2.0, seen) == (value, value / 2.0)
    assert ds.jacfwd(f)(2.0, pushed) == value / 2.0
    assert str(seen) == str(pushed) == str(by_hand)
    assert ds.specialization(f, 2.0, "Any") is not None


def test_an_operator_in_place_on_what_may_be_anything_takes_no_active_value():
    @ds.nospecialize("options")
    def f(x, options):
        total = options["start"]
        total += x
        return total

    with pytest.raises(ds.DiffTypeError):
        ds.grad(f)(2.0, {"start": 1.0})
