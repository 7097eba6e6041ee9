"""Instances, who calls whom, and what is dropped when something changes."""

import importlib
import sys
import textwrap

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.timing import COUNTS

ARTICLE = """
    def double(x):
        return 2 * x

    def calldouble(container):
        return double(container[0])

    def calldouble2(container):
        return calldouble(container)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Makes modules of given text."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def make(text, name="program"):
        name = f"{name}_{tmp_path.name}_{len(made)}".replace("-", "_")
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        importlib.invalidate_caches()
        made.append(name)
        return importlib.import_module(name)

    yield make
    for name in made:
        sys.modules.pop(name, None)


def names(specs):
    return [str(s) for s in specs]


def redefine(m, text):
    """Run a definition in a module as if it had been edited and loaded again."""
    import linecache

    file = f"{m.__file__}.{len(linecache.cache)}"
    text = textwrap.dedent(text)
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    exec(compile(text, file, "exec"), m.__dict__)


def test_the_article_s_chain(module, capsys):
    m = module(ARTICLE)
    assert ds.specializations(m.double) == []
    assert ds.specialization(m.double, 1.0) is None
    assert ds.grad(m.calldouble2)([1.0]) == [2.0]
    spec = ds.specialization(m.double, 1.0)
    assert (str(spec), str(spec.result_type), spec.mode) == ("double(float)", "float", "primal")
    assert names(ds.direct_backedges(spec)) == ["calldouble(list[float])"]
    assert names(ds.all_backedges(spec)) == ["calldouble(list[float])", "calldouble2(list[float])"]
    assert names(spec.callers[0].callees) == ["double(float)"]
    spec.print_tree()
    assert capsys.readouterr().out == textwrap.dedent("""\
        double(float)
        └─ calldouble(list[float])
           └─ calldouble2(list[float])
    """)
    assert spec.compile_seconds > 0
    assert "return 2 * x" in spec.source
    assert "mul(2, %x)" in spec.ir("typed")
    assert "float" not in spec.ir("lowered")


def test_a_call_that_types_do_not_tell(module):
    m = module(ARTICLE)
    ds.code_typed(m.calldouble2, "list[Any]")
    (spec,) = ds.specializations(m.double)
    assert str(spec) == "double(Any)"
    assert ds.direct_backedges(spec) == []
    caller = ds.specialization(m.calldouble, "list[Any]")
    assert str(caller.result_type) == "Any"
    assert names(caller.callers) == ["calldouble2(list[Any])"]


def test_sizes_are_types_and_a_colon_finds_any(module):
    m = module(ARTICLE)
    ds.grad(m.calldouble2)(np.ones(3))
    assert names(ds.specializations(m.double)) == ["double(f64)"]
    assert str(ds.specialization(m.calldouble, "f64[:]")) == "calldouble(f64[n])"
    assert ds.specialization(m.calldouble, "f32[:]") is None


def test_derivatives_are_instances(module):
    m = module(ARTICLE)
    ds.grad(m.calldouble2)([1.0])
    found = [s for s in ds.specializations(m) if s.mode == "reverse"]
    assert names(found) == ["calldouble2(list[float]) reverse", "calldouble(list[float]) reverse"]
    assert found[0].callees == [found[1]]
    assert found[0].activity == ("shadow",)
    assert "def calldouble2_vjp" in found[0].source or "def calldouble2_grad" in found[0].source
    assert "calldouble" in found[1].ir("optimized")


def test_recursion_is_marked(module):
    m = module("""
        def power(x, n):
            return x * power(x, n - 1) if n else 1.0
    """)
    ds.grad(m.power)(2.0, 3)
    assert "(recursive)" in ds.specialization(m.power, 2.0, 3).tree()


def test_inference_is_shared_by_derivatives_and_callers(module):
    m = module(ARTICLE + """
    def other(container):
        return calldouble(container) * 3.0
    """)
    before = COUNTS["infer"]
    ds.grad(m.calldouble2)([1.0])
    assert COUNTS["infer"] - before == 3
    ds.jvp(m.calldouble2, ([1.0],), ([1.0],))
    ds.vjp(m.calldouble2, [1.0])
    assert COUNTS["infer"] - before == 3
    assert ds.grad(m.other)([1.0]) == [6.0]
    assert COUNTS["infer"] - before == 4
    assert len(ds.specialization(m.calldouble, [1.0]).callers) == 2


def test_text_does_not_depend_on_what_was_compiled_before(module):
    text = """
        def g(x):
            return x * x

        def f(x, n):
            return g(x) + g(n) * x

        def f2(x, n):
            return g(n) * x + g(x)
    """
    first, second = module(text), module(text)
    alone = str(ds.code_source(first.f2, 1.0, 2))
    ds.code_source(second.f, 1.0, 2)
    ds.code_source(second.g, 1.0)
    again = str(ds.code_source(second.f2, 1.0, 2))
    assert alone.split("\n")[2:] == again.split("\n")[2:]


# --- what is dropped


def test_a_redefined_callee(module):
    m = module(ARTICLE + """
    def unrelated(x):
        return x * x
    """)
    g, h = ds.grad(m.calldouble2), ds.grad(m.unrelated)
    assert (g([1.0]), h(3.0)) == ([2.0], 6.0)
    redefine(m, "def double(x):\n    return 3 * x\n")
    last = ds.invalidations()[-1]
    assert last.tree() == textwrap.dedent(f"""\
        {m.__name__}.double was redefined
        └─ calldouble(list[float])
           ├─ calldouble(list[float]) reverse
           │  └─ calldouble2(list[float]) reverse
           └─ calldouble2(list[float])""")
    assert str(ds.invalidations()).endswith(last.tree())
    assert all(not v.is_current for v in last.instances())
    assert ds.specialization(m.calldouble2, [1.0]) is None
    assert names(ds.specializations(m.unrelated)) == ["unrelated(float)", "unrelated(float) reverse"]
    before = COUNTS["infer"]
    assert (g([1.0]), h(3.0)) == ([3.0], 6.0)
    assert COUNTS["infer"] - before == 3
    assert len(ds.invalidations()) and ds.invalidations()[-1].tree() == last.tree()


PARTS = """
    scale = 2.0

    def leaf(x):
        return scale * x

    def other(x):
        return x + 1.0

    def top(x):
        return leaf(x) * other(x)
"""


def test_a_rebound_global_drops_what_reads_it(module):
    m = module(PARTS)
    g = ds.grad(m.top)
    assert g(1.0) == 2.0 * (2.0 * 1.0 + 1.0)
    m.scale = 3.0
    before = COUNTS["infer"]
    assert g(1.0) == 3.0 * 3.0
    assert COUNTS["infer"] - before == 2
    last = ds.invalidations()[-1]
    assert last in ds.invalidations(m.leaf) and last in ds.invalidations(m) and ds.invalidations(m.other) == []
    assert last.cause == f"{m.__name__}.scale was rebound: 2.0 -> 3.0"
    assert {v.name for v in last.instances()} == {"leaf", "top"}


def test_a_builtin_that_a_global_hides(module):
    m = module("""
        def f(x):
            return abs(x) * 2.0
    """)
    g = ds.grad(m.f)
    assert g(-1.0) == -2.0
    redefine(m, "def abs(x):\n    return 5.0 * x\n")
    assert g(-1.0) == 10.0


def test_a_closure_cell(module):
    m = module("""
        def make(k):
            def inner(x):
                return k * x
            def set(value):
                nonlocal k
                k = value
            def outer(x):
                return inner(x) + x
            return outer, set
    """)
    outer, set = m.make(2.0)
    g = ds.grad(outer)
    assert g(1.0) == 3.0
    set(7.0)
    assert g(1.0) == 8.0
    assert "captured by" in ds.invalidations()[-1].cause


def test_a_rule_that_is_overridden(module):
    m = module("""
        import numpy as np

        def known(x):
            return np.tan(x)

        def f(x):
            return known(x) * 2.0

        def untouched(x):
            return x * 4.0
    """)
    g, h = ds.grad(m.f), ds.grad(m.untouched)
    assert h(1.0) == 4.0
    right = g(0.5)
    ds.elementwise(m.known, "7.0")
    assert g(0.5) == 14.0 != right
    assert {v.name for v in ds.invalidations()[-1].instances()} == {"f"}
    assert ds.invalidations()[-1].cause in (f"the rule of {name} was overridden" for name in ("known", f"{m.__name__}.known"))
    ds.elementwise(m.known, "8.0")
    assert g(0.5) == 16.0
    before = COUNTS["infer"]
    assert h(1.0) == 4.0
    assert COUNTS["infer"] == before
    assert ds.specialization(m.untouched, 1.0).is_current


def test_a_rule_given_as_a_class(module):
    m = module("""
        def known(x):
            return x * x

        def f(x):
            return known(x)
    """)
    g = ds.grad(m.f)
    assert g(3.0) == 6.0
    for factor in (1.0, 2.0):
        body = {"jvp": lambda dot, out, x: dot * factor, "vjp": lambda ct, out, x: ct * factor}
        if factor == 1.0:
            @ds.rule(m.known, arg=0)
            class _:
                def jvp(dot, out, x): return dot * 1.0
                def vjp(ct, out, x): return ct * 1.0
        else:
            @ds.rule(m.known, arg=0)
            class _:
                def jvp(dot, out, x): return dot * 2.0
                def vjp(ct, out, x): return ct * 2.0
        assert g(3.0) == factor


def test_given_other_code(module):
    m = module(PARTS)
    g = ds.grad(m.top)
    g(1.0)
    m.other.__code__ = m.leaf.__code__
    assert g(1.0) == 8.0
    assert ds.invalidations()[-1].cause == f"{m.__name__}.other was given other code"


def test_another_default(module):
    m = module("""
        def leaf(x, k=2.0):
            return k * x

        def top(x):
            return leaf(x)
    """)
    g = ds.grad(m.top)
    assert g(1.0) == 2.0
    m.leaf.__defaults__ = (5.0,)
    assert g(1.0) == 5.0


def test_a_method_of_a_class(module):
    m = module("""
        class Model:
            def __init__(self, k):
                self.k = k
            def act(self, x):
                return self.k * x

        def f(x, model):
            return model.act(x)
    """)
    g = ds.grad(m.f)
    assert g(1.0, m.Model(2.0)) == 2.0
    redefine(m, "def act(self, x):\n    return self.k * x * x\n")
    m.Model.act = m.act
    assert g(1.0, m.Model(2.0)) == 4.0
    assert "Model.act was redefined" in ds.invalidations()[-1].cause


HIDDEN = """
    import functools

    K = 2.0

    def read(x):
        return K * x

    class Model:
        def act(self, x):
            return K * x

    @functools.lru_cache
    def remembered(x):
        return K * x

    by_name = {"read": read}
    in_a_list = [read]
    partial = functools.partial(read)
    method = Model().act

    def through_dict(x):
        return by_name["read"](x)

    def through_list(x):
        return in_a_list[0](x)

    def through_partial(x):
        return partial(x)

    def through_method(x):
        return method(x)

    def through_cache(x):
        return remembered(x)

    def call(f, x):
        return f(x)
"""


@pytest.mark.parametrize("name", ["dict", "list", "partial", "method", "cache"])
def test_what_functions_read_that_no_name_leads_to(module, name):
    m = module(HIDDEN)
    g = ds.grad(getattr(m, f"through_{name}"))
    assert g(1.0) == 2.0
    m.K = 3.0
    m.remembered.cache_clear()
    assert g(1.0) == 3.0


def test_what_an_argument_reads(module):
    m = module(HIDDEN)
    g = ds.grad(m.call, 1)
    assert g(m.read, 1.0) == 2.0
    m.K = 3.0
    assert g(m.read, 1.0) == 3.0


def test_names_that_a_function_imports_itself(module):
    constants = module("K = 2.0\n", "constants")
    m = module(f"""
        def by_name(x):
            from {constants.__name__} import K
            return K * x

        def by_module(x):
            import {constants.__name__} as c
            return c.K * x
    """)
    g, h = ds.grad(m.by_name), ds.grad(m.by_module)
    assert (g(1.0), h(1.0)) == (2.0, 2.0)
    constants.K = 3.0
    assert (g(1.0), h(1.0)) == (3.0, 3.0)
    assert ds.invalidations()[-1].cause == f"{constants.__name__}.K was rebound: 2.0 -> 3.0"


def test_what_a_method_reads_drops_its_callers_behind_it(module):
    m = module("""
        import numpy as np

        SCALE = 2.0

        class Layer:
            def __init__(self, w):
                self.w = w

            def __call__(self, x):
                return np.tanh(self.w * x) * SCALE

        def net(layer, x):
            return layer(x) + 1.0

        def other(x):
            return x * x
    """)
    ds.grad(m.net)(m.Layer(2.0), 0.5), ds.grad(m.other)(1.0)
    m.SCALE = 3.0
    slope = ds.grad(m.net)(m.Layer(2.0), 0.5)
    assert np.isclose(slope.w, 3.0 * 0.5 / np.cosh(1.0) ** 2)
    (change,) = ds.invalidations(m)
    (call,) = change.victims
    assert change.cause == f"{m.__name__}.SCALE was rebound: 2.0 -> 3.0"
    assert call.instance.name == "__call__" and "net" in {v.instance.name for v in call.victims}
    assert len(ds.specializations(m.other)) == 2


def test_a_change_that_another_caller_meets_first(module):
    """A new caller finds that what it calls has changed: the old instances go, with their cause, before there are new ones."""
    m = module("""
        CFG = {"a": 1.5}

        def inner(x):
            return x * CFG["a"]

        def first(x):
            return inner(x) + 1.0

        def second(x):
            return inner(x) + 2.0
    """)
    assert ds.grad(m.first)(1.0) == 1.5
    before = set(map(id, ds.specializations(m)))
    m.CFG["a"] = 4
    assert ds.grad(m.second)(1.0) == 4.0
    (change,) = ds.invalidations(m)
    assert {id(v) for v in change.instances()} == before
    assert "the type of" in change.cause and "CFG changed" in change.cause
    assert names(ds.specializations(m.first)) == []
    assert ds.grad(m.first)(1.0) == 4.0


# --- calls that types don't tell


def test_triggers_and_what_would_help(module):
    m = module("""
        import zlib
        import numpy as np

        def leaf(x):
            return x

        def from_list(c, x):
            leaf(c[0])
            return x * 2.0

        def from_argument(c, x):
            leaf(c)
            return x * 2.0

        def rebound(x, n):
            label = "few"
            if n > 3:
                label = 1.0
            leaf(label)
            return x * 2.0

        def without_source(x):
            found = zlib.crc32(b"1")
            leaf(found)
            return x * 2.0

        def of_dtypes(x, n):
            y = np.zeros(3, dtype=int)
            if n > 3:
                y = np.zeros(3)
            leaf(y)
            return x * 2.0

        def over_items(c, x):
            for v in c:
                leaf(v)
            return x * 2.0

        def of_numpy(c, x):
            np.sin(c[0])
            return x * 2.0

        def known(x):
            return leaf(x) * 2.0
    """)
    ds.code_typed(m.of_dtypes, 1.0, 2)
    (t,) = ds.inference_triggers(m.of_dtypes)
    assert "`y` is rebound with another dtype or number of axes (`i64[3]`, then `f64[3]`)" in t.suggest()
    for f, callee in ((m.over_items, "leaf"), (m.of_numpy, "np.sin")):
        ds.code_typed(f, "list[Any]", 1.0)
        (t,) = ds.inference_triggers(f)
        assert t.callee == callee and "`c` holds items of different types" in t.suggest() and "split" in t.suggest()
    ds.code_typed(m.from_list, "list[Any]", 1.0)
    ds.code_typed(m.from_argument, "Any", 1.0)
    ds.code_typed(m.rebound, 1.0, 2)
    ds.code_typed(m.without_source, 1.0)
    ds.code_typed(m.known, 1.0)
    assert ds.inference_triggers(m.known) == []
    (t,) = ds.inference_triggers(m.from_list)
    assert (str(t.caller), t.callee, str(t.types[0])) == ("from_list(list[Any], float)", "leaf", "Any")
    assert str(t) == f"{m.__file__}:9: from_list(list[Any], float) calls leaf(Any)"
    assert "`c` holds items of different types" in t.suggest()
    (t,) = ds.inference_triggers(m.from_argument)
    assert "the argument `c` of `from_argument`" in t.suggest() and "ds.standardize(c=np.asarray)" in t.suggest()
    (t,) = ds.inference_triggers(m.rebound)
    assert "`label` is rebound with a value of another type" in t.suggest()
    opaque, passed = ds.inference_triggers(m.without_source)
    assert opaque.callee == "zlib.crc32" and "neither source nor a rule" in opaque.suggest()
    assert passed.callee == "leaf" and "zlib.crc32" in passed.suggest()
    assert len(ds.inference_triggers(m)) == 8
