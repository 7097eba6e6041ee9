"""Every row of `scipy.special`: the rules at points of their domains, values against mpmath, and as programs."""

import importlib.util
import subprocess
import sys
import textwrap

import mpmath as mp
import numpy as np
import pytest
from scipy import special

import diffsrc as ds
from diffsrc.defs import packages, table
from diffsrc.errors import NoRuleError
from tests.rules.exact import COUNTS, FAR_SPECIAL, SPECIAL, derivative, known
from tests.rules.harness import check, check_narrow, evaluate, row

packages.load_all()
from diffsrc.defs.scipy.special_general import REFUSED, SETTINGS, SEVERAL, ZERO  # noqa: E402  with the rows

PREFIX = "scipy.special."
ROWS = {n.removeprefix(PREFIX): d for n, d in table.BY_NAME.items() if n.startswith(PREFIX)}
ELEMENTWISE = {n: d for n, d in ROWS.items() if d.family == "elementwise"}
#: SciPy or a partial computes in double precision
DOUBLE = {
    "polygamma", "wofz", "inv_boxcox", "inv_boxcox1p", "spence", "agm", "ellipk", "ellipkm1", "ellipe", "ellipkinc",
    "ellipeinc", "elliprc", "itstruve0", "itmodstruve0", "it2struve0", "hyp2f1", *COUNTS,
}  # fmt: skip
HOLOMORPHIC = [
    "gamma", "rgamma", "erf", "erfc", "erfi", "erfcx", "dawsn", "wofz", "ndtr", "log_ndtr", "expm1", "log1p", "xlogy",
    "xlog1py", "exp1", "expi", "wrightomega", "jv", "yv", "iv", "kv", "kve", "hankel1", "hankel2", "hankel1e", "hankel2e",
    "hyp0f1", "hyp1f1", "hyp2f1", "elliprf", "elliprd", "elliprg", "elliprj", "elliprc", "eval_legendre", "eval_jacobi",
    "spence", "loggamma",
]  # fmt: skip
#: a second order needs functions that SciPy has for real numbers only
FIRST_ONLY = {"gamma", "rgamma", "loggamma"}


def draw(name, *shapes, seed=0):
    d, rng = ROWS[name], np.random.default_rng(seed)
    counts = COUNTS.get(name, ())
    free = [rng.uniform(*d.domain, s) if s != () else float(rng.uniform(*d.domain)) for s in shapes]
    return (*counts, *free[len(counts) :])


@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_rules(name):
    d = ELEMENTWISE[name]
    n = len(d.partials)
    shapes = [((),) * n, ((3,),) * n, ((0,),) * n, ((2, 2),) * n]
    if n > 1:
        shapes += [(*((),) * (n - 1), (3,)), (*((3,),) * (n - 1), ()), (*((3,),) * (n - 1), (2, 1))]
    for seed, case in enumerate(shapes):
        check(d.fn, *draw(name, *case, seed=seed), wrt=known(d))


@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE) - DOUBLE))
def test_single_precision(name):
    d = ELEMENTWISE[name]
    args = draw(name, *((3,),) * len(d.partials))
    if len(known(d)) == len(args):
        check_narrow(d.fn, *args)
    small = tuple(np.float32(a) for a in args)
    for i in known(d):
        value = evaluate(d.partials[i], d, d.fn(*small), small)
        assert np.asarray(value).dtype in (np.float32, np.complex64) or isinstance(value, float)


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_complex(name):
    d = ROWS[name]
    args = draw(name, *((3,),) * len(d.partials))
    free = [i for i in known(d)]
    turned = tuple(a + 0.2j * (1 + i) * a if i in free else a for i, a in enumerate(args))
    check(d.fn, *turned, wrt=tuple(free), second=name not in FIRST_ONLY)


@pytest.mark.parametrize("name", ["jve", "yve", "ive"])
def test_what_is_not_holomorphic_is_refused(name):
    d = ROWS[name]
    z = np.array([1.0 + 0.5j])
    with pytest.raises(NoRuleError, match="holomorphic"):
        evaluate(d.partials[1], d, d.fn(1.5, z), (1.5, z))


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_partials_never_raise_where_the_function_does_not(name):
    d = ELEMENTWISE[name]
    counts = COUNTS.get(name, ())
    for v in (0.0, 1.0, -1.0, 1e-300, 1e5, np.inf, -np.inf, np.nan):
        for kind in (float, np.float64, lambda x: np.array([x])):
            args = (*counts, *(kind(v) for _ in range(len(d.partials) - len(counts))))
            try:
                out = d.fn(*args)
            except (ValueError, OverflowError):
                continue
            for i in known(d):
                evaluate(d.partials[i], d, out, args)


# -- values


POINTS = [(n, p) for n in sorted(SPECIAL) for p in [draw(n, *((),) * len(ROWS[n].partials), seed=s) for s in range(2)]]
POINTS += [(n, p) for n in sorted(FAR_SPECIAL) for p in FAR_SPECIAL[n]]


@pytest.mark.parametrize(("name", "point"), POINTS, ids=lambda v: v if isinstance(v, str) else ",".join(f"{x:.3g}" for x in v))
def test_values(name, point):
    """A partial against mpmath's own function, differentiated with 60 digits."""
    d = ROWS[name]
    out = d.fn(*point)
    for i in known(d):
        found = complex(evaluate(d.partials[i], d, out, point))
        with mp.workdps(60):
            want = derivative(SPECIAL[name], point, i)
            error = abs(found - want) / abs(want) if want else abs(found)
        assert error < 1e-12, f"argument {i}: {found} for {mp.nstr(want, 17)}: {mp.nstr(error, 3)}"


# -- several results, options, and what isn't differentiated

X = np.array([0.6, 1.3, 2.1])


def _differences(f, x, h=1e-3):
    """Central differences of several orders, extrapolated."""
    rough, fine = ((np.asarray(f(x + s)) - np.asarray(f(x - s))) / (2 * s) for s in (h, h / 2))
    return (4 * fine - rough) / 3


@pytest.mark.parametrize("name", sorted(SEVERAL))
def test_several_results(name):
    position, _ = SEVERAL[name]
    fn, d, given = getattr(special, name), row(getattr(special, name)), (0.7,) * position
    out, tolerance = fn(*given, X), 1e-4 if name == "itairy" else 1e-8  # SciPy's has few digits
    rule = d.rules[position]
    dots = rule.jvp(np.ones(3), out, *given, X)
    np.testing.assert_allclose(dots, _differences(lambda x: fn(*given, x), X), rtol=tolerance, atol=tolerance)
    for k in range(len(out)):
        ct = tuple(np.ones(3) if j == k else 0.0 for j in range(len(out)))
        np.testing.assert_allclose(rule.vjp(ct, out, *given, X), np.real(dots[k]), rtol=1e-12)


def test_ellipj():
    d, u, m = row(special.ellipj), 0.7, 0.3
    out = special.ellipj(u, m)
    by_u = d.rules[0].jvp(1.0, out, u, m)
    by_m = d.rules[1].jvp(1.0, out, u, m)
    np.testing.assert_allclose(by_u, _differences(lambda v: special.ellipj(v, m), u), rtol=1e-8)
    np.testing.assert_allclose(by_m, _differences(lambda v: special.ellipj(u, v), m), rtol=1e-8)


A = np.array([[0.3, -1.2, 0.7], [2.0, 0.1, -0.4]])
SUMS = [
    (special.logsumexp, (A,), {}), (special.logsumexp, (A,), {"axis": 1}),
    (special.logsumexp, (A,), {"axis": -1, "keepdims": True}),
    (special.logsumexp, (A,), {"axis": (0, 1)}), (special.logsumexp, (A, None, np.abs(A) + 0.1), {}),
    (special.logsumexp, (A, 0, np.abs(A) + 0.1), {}), (special.logsumexp, (A, 1, np.array([0.5, 2.0, 1.0])), {}),
    (special.logsumexp, (A + 0.3j,), {}), (special.softmax, (A,), {}), (special.softmax, (A,), {"axis": 0}),
    (special.log_softmax, (A,), {}), (special.log_softmax, (A,), {"axis": -1}),
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(SUMS)))
def test_sums(k):
    fn, args, options = SUMS[k]
    check(fn, *args, **options)


def test_logsumexp_of_what_is_masked():
    """Terms of weight 0 receive 0, sums of nothing give nothing on, large terms don't overflow."""
    d = row(special.logsumexp)
    for a, want in (
        ([0.0, -np.inf], [1, 0]), ([-np.inf, -np.inf], [0, 0]), ([1000.0, 1000.0], [0.5, 0.5]), ([-1e5, 0.0], [0, 1])
    ):  # fmt: skip
        a = np.array(a)
        np.testing.assert_allclose(d.rules[0].vjp(1.0, special.logsumexp(a), a), want, rtol=1e-12)


OPTIONS = [
    *((fn, (2.5, X), {}) for fn in (special.jvp, special.yvp, special.ivp, special.kvp)),
    (special.jvp, (1.0, X, 2), {}), (special.h1vp, (1.5, X), {}), (special.h2vp, (1.5, X), {}),
    *((getattr(special, f"spherical_{kind}n"), (n, X), {"derivative": flag})
      for kind in "jyik" for n in (0, 2) for flag in (False, True)),
    (special.lambertw, (X,), {}), (special.lambertw, (X + 0.5j,), {"k": 1}), (special.lambertw, (0.3,), {}),
    (special.multigammaln, (X + 2, 3), {}), (special.assoc_laguerre, (X, 3, 0.5), {}),
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(OPTIONS)))
def test_functions_with_options(k):
    fn, args, options = OPTIONS[k]
    d = row(fn)
    (i,) = d.rules
    out = fn(*args, **options)
    found = d.rules[i].jvp(np.ones_like(args[i]), out, *args, **options)
    want = _differences(lambda x: fn(*args[:i], x, *args[i + 1 :], **options), args[i])
    np.testing.assert_allclose(found, want, rtol=1e-7, atol=1e-8)
    back = d.rules[i].vjp(np.ones_like(out), out, *args, **options)
    np.testing.assert_allclose(back, found if np.iscomplexobj(args[i]) else np.real(found), rtol=1e-12)


def test_nothing_is_undecided():
    """Each public callable has a row: active, constant or refused with a reason."""
    there = {n for n in dir(special) if not n.startswith("_") and callable(getattr(special, n))} - {"test"} - set(SETTINGS)
    for name in sorted(there):
        d = table.lookup(getattr(special, name))
        assert d is not None, name
        assert d.family == "zero" or d.rules or any(known(d)) or d.partials or d.refusals.get(-1), name
    assert {n for names in REFUSED for n in names} <= there | {"sph_harm"}
    assert set(ZERO) <= there
    assert len(ELEMENTWISE) > 150


# -- as programs

PROGRAMS = '''
import numpy as np
import scipy.special
from scipy import special
from scipy.special import gammaln as lgam


def order(v, x):
    return np.sum(special.jv(v, x))


def kept_order(v, x):
    return np.sum(special.jv(ds.stop_gradient(v), x))


def refused(x):
    return np.sum(special.zetac(x))


def digamma(z):
    return np.abs(special.psi(z)).sum()


def signed(x):
    return special.logsumexp(x, return_sign=True)[0]


def counted(x):
    return special.comb(x, 2)


def counted_by_name(x):
    return special.comb(5.0, k=x)


def counts(x, n):
    return x * special.comb(n, 2)


def names(x):
    return np.sum(scipy.special.gammaln(x) + special.psi(x) * lgam(x))


def airy(x):
    a, _, b, _ = special.airy(x)
    return np.sum(a * b)


def integrals(x):
    si, ci = special.sici(x)
    s, _ = special.fresnel(x)
    return np.sum(si * ci + s)


def elliptic(x):
    sn, _, dn, _ = special.ellipj(x, 0.3)
    return np.sum(sn * dn)


def branch(x):
    return np.sum(np.real(special.lambertw(x)) ** 2)


def spheres(x):
    return np.sum(special.spherical_jn(2, x) * special.spherical_kn(1, x))


def mixture(x):
    return np.sum(special.logsumexp(np.sin(x)[:, None] * x[None, :], axis=1) * special.softmax(x))


def weighted(x):
    return special.logsumexp(x, b=x * x) + np.sum(special.log_softmax(x)[:2])


def wide(x):
    return special.multigammaln(x[0] + 2.0, 3) + np.sum(special.polygamma(1, x))


def loops(x):
    total = 0.0
    for n in range(4):
        total += special.eval_legendre(n, 0.3 * x[0]) * special.expn(n + 1, x[1])
    return total
'''


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    lines = [PROGRAMS.replace("import scipy.special\n", "import scipy.special\nimport diffsrc as ds\n", 1)]
    for name, d in sorted(ELEMENTWISE.items()):
        counts = COUNTS.get(name, ())
        free = len(d.partials) - len(counts)
        given = [*map(str, counts), *(f"a{k}" for k in range(free))]
        names = ", ".join(f"a{k}" for k in range(free))
        lines.append(f"def row_{name}({names}):\n    return np.sum(np.abs(special.{name}({', '.join(given)})))\n")
    path = tmp_path_factory.mktemp("special") / "programs.py"
    path.write_text("\n\n".join(lines))
    spec = importlib.util.spec_from_file_location("special_programs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_rows_as_programs(programs, name):
    d = ELEMENTWISE[name]
    counts, f = len(COUNTS.get(name, ())), getattr(programs, f"row_{name}")
    args = draw(name, *((3,),) * len(d.partials))[counts:]
    wrt = tuple(i - counts for i in known(d))
    given = {i: a for i, a in enumerate(args)}

    found = ds.grad(f, wrt)(*args)
    for i, g in zip(wrt, found):
        want = _differences(lambda s: f(*(given[k] + (s if k == i else 0) for k in given)), 0.0)
        np.testing.assert_allclose(np.sum(g), want, rtol=1e-6, atol=1e-7)
        assert g.dtype == given[i].dtype
    for i in range(len(args)):
        if i not in wrt:
            with pytest.raises(NoRuleError, match=rf"scipy.special.{name}` has no derivative with respect to "):
                ds.grad(f, i)(*args)


WHOLE = ("names", "airy", "integrals", "elliptic", "branch", "spheres", "mixture", "weighted", "wide", "loops")


@pytest.mark.parametrize("name", WHOLE)
def test_programs(programs, name):
    ds.check_grads(getattr(programs, name), (X,), order=2, rtol=1e-5, atol=1e-6)


def test_refusals_name_the_argument(programs):
    for fn, args, words in (
        (programs.order, (1.5, X), "the order"), (programs.refused, (X,), "scipy.special.zetac.*zeta function"),
        (programs.counted, (3.5,), "scipy.special.comb.* argument 1.*binom"),
        (programs.counted_by_name, (3.5,), "scipy.special.comb.* argument 2.*binom"),
    ):  # fmt: skip
        for mode in (lambda f, a: ds.grad(f)(*a), lambda f, a: ds.jvp(f, a, tuple(np.ones_like(x) for x in a))):
            with pytest.raises(NoRuleError, match=words):
                mode(fn, args)
    assert ds.grad(programs.counts)(2.0, 5) == 10
    np.testing.assert_allclose(ds.grad(programs.kept_order, 1)(1.5, X), special.jvp(1.5, X))


def test_refusals_of_rules_name_the_place(programs):
    for f, a, words in ((programs.digamma, X + 1j, "complex numbers"), (programs.signed, X + 1j, "return_sign")):
        for mode in (lambda f, a: ds.grad(f)(a), lambda f, a: ds.jvp(f, (a,), (np.ones_like(a),))):
            with pytest.raises(ds.UnsupportedError, match=rf"(?s){words}.*programs.py:\d+:.*\^\^\^"):
                mode(f, a)


def test_generated_text_imports_as_the_program_does(programs):
    text = ds.code_source(programs.names, X)
    assert "from scipy import special" in text
    assert "special.polygamma" not in text
    assert "special.zeta(2.0, x)" in text


_LAZY = """
    import sys
    import diffsrc as ds
    import numpy as np
    assert not any(n.partition(".")[0] == "scipy" for n in sys.modules)
    from diffsrc.compiler import driver
    from diffsrc.defs import rows
    assert not any(n.partition(".")[0] == "scipy" for n in sys.modules)
    from scipy import special
    from diffsrc.defs import table
    ds.elementwise(special.erf, "0.0 * x")  # before its row is there: it stays
    assert "diffsrc.defs.scipy.special" in sys.modules
    assert table.lookup(special.erf).partials[0].text == "0.0 * x"
    before = table.version()
    assert table.lookup(special.gammaln) is not None
    assert table.version() == before
"""


def test_rows_are_imported_when_a_function_is_met():
    subprocess.run([sys.executable, "-c", textwrap.dedent(_LAZY)], check=True, timeout=120)
