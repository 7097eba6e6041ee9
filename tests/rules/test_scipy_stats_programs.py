"""Programs with distributions of `scipy.stats`: how they are named and frozen, models, what is refused."""

import importlib.util
import sys

import numpy as np
import pytest
from scipy import stats

import diffsrc as ds
from diffsrc.defs import packages, rows, table  # noqa: F401  the rows fill the table
from diffsrc.errors import DiffTypeError, NoRuleError

packages.load_all()

PROGRAMS = '''
import functools
from dataclasses import dataclass

import functools

import numpy as np
import scipy.stats
import scipy.stats as st
from scipy import stats
from scipy.special import logsumexp
from scipy.stats import gamma, norm as gauss
from scipy.stats import multivariate_normal as mvn

PRIOR = stats.norm(0.5, scale=2.0)
VECTORS = stats.multivariate_normal([0.0, 1.0, 2.0], np.diag([1.0, 2.0, 3.0]))
logpdf = stats.norm.logpdf
SEVERAL = [stats.norm, stats.laplace]
BY_NAME = {"normal": stats.norm, "laplace": stats.laplace}


# names

def dotted(x): return np.sum(scipy.stats.norm.logpdf(x, x[0])) + st.norm.cdf(x[1])
def renamed(x): return np.sum(gauss.logpdf(x, scale=x[1] + 1, loc=0.3))
def as_function(x): return np.sum(logpdf(x, 0.3, x[0] + 2))
def imported_inside(x):
    from scipy.stats import cauchy
    return np.sum(cauchy.logpdf(x, 0.2))
def in_variable(x):
    d = stats.norm
    f = d.logsf
    return np.sum(d.logpdf(x, loc=x[0]) + f(x))
def partially(x):
    return np.sum(functools.partial(stats.norm.logpdf, scale=x[1] + 2)(x))
def in_loop(x):
    s = 0.0
    for d in SEVERAL:
        s = s + np.sum(d.logpdf(x, 0.1))
    return s
def in_dict(x): return np.sum(BY_NAME["laplace"].logpdf(x))
def spread(x): return np.sum(stats.norm.logpdf(*(x, x[0]), **dict(scale=2.0)))
def of(d, x): return np.sum(d.logpdf(x))
def as_argument(x): return of(stats.norm, x) + of(gauss(x[0], 2.0), x) + of(stats.laplace(x[1]), x)
def by_default(x, d=stats.norm): return np.sum(d.logpdf(x))

# frozen

def frozen(x): return np.sum(stats.norm(x[0], 1.5).logpdf(x) + stats.t(5.0, loc=x[1]).logcdf(x))
def frozen_outside(x): return np.sum(PRIOR.logpdf(x)) + VECTORS.logpdf(x) * VECTORS.pdf(x)
def frozen_in_branch(x):
    d = stats.norm(x[0], x[1] + 3) if x[0] > 0 else stats.norm(x[1], 1.0)
    return np.sum(d.logpdf(x))
def frozen_in_list(x):
    found = [stats.norm(x[0], 1.0), stats.norm(x[1], 2.0)]
    return sum(d.logpdf(0.3) for d in found)
@dataclass
class Model:
    mu: float
    def loglik(self, x): return np.sum(gauss(self.mu, 1.0).logpdf(x))
def frozen_in_method(x): return Model(x[0]).loglik(x)
def frozen_vectors(x):
    return np.sum(np.sin(mvn(x[:2], np.eye(2) * x[2]).logpdf(np.array([[0.1, 0.2], [0.3, -0.5]]))))
def frozen_twice(x):
    rv = gamma(a=x[0], scale=x[1])
    return np.sum(rv.logpdf(x)) + rv.var() * rv.mean() * 0.0 if False else np.sum(rv.logpdf(x))

def method_of_frozen(x):
    f = stats.norm(x[0], 2.0).logpdf
    F = gauss(scale=x[1]).logcdf
    return np.sum(f(x)) + sum(map(F, [1.0, 2.0])) + x[2] * stats.gamma(2.0, scale=x[1]).dist.a
def counted_up(x):
    t, i = 0.0, 0
    while i < 3:
        d = stats.norm(x[i], 1.0)
        t += d.logpdf(0.1)
        i += 1
    return t

def frozen_by_default(x, prior=PRIOR): return np.sum(prior.logpdf(x))
PRIORS = {"mu": stats.norm(0.0, 1.0), "s": stats.halfnorm()}
FROZEN = [stats.norm(0.0, 1.0), stats.norm(1.0, 2.0)]
MODEL = Model(stats.norm(0.0, 2.0))
Model.prior = lambda self, x: np.sum(self.mu.logpdf(x))
def frozen_in_dict(x): return PRIORS["mu"].logpdf(x[0]) + PRIORS["s"].logpdf(x[1])
def frozen_in_field(x): return MODEL.prior(x)
def frozen_in_constants(x):
    t = sum(np.sum(d.logpdf(x)) for d in FROZEN)
    for name, d in PRIORS.items():
        t += d.logpdf(x[0])
    return t
def frozen_made_elsewhere(x):
    def make(mu, s=1.0):
        return stats.norm(mu, s)
    held = {"a": make(x[0]), "b": stats.laplace(x[1])}
    return np.sum(held["a"].logpdf(x)) + held["b"].logcdf(0.3)
def chosen(x):
    d = stats.norm if x[0] > 0 else stats.laplace
    other = stats.norm(x[0], 1.0) if x[1] > 0 else stats.cauchy
    return np.sum(d.logpdf(x) + other.logpdf(x))

# draws

def draws(x):
    z = stats.norm.rvs(x[0], x[1], size=4, random_state=0)
    return np.sum(z ** 2) + stats.gamma.rvs(2.0, scale=x[0], random_state=3)
def frozen_draws(x): return np.sum(stats.norm(x[0], x[1]).rvs(size=(2, 2), random_state=np.random.default_rng(0)) ** 2)
def counted_draws(x): return np.sum(stats.poisson.rvs(3.0, size=3, random_state=1) * x)

# models

def chi2(x): return np.sum(stats.chi2.pdf(x, 4))
def mixture(w, mu, ls, x):
    lw = w - logsumexp(w)
    return -np.sum(logsumexp(lw + stats.norm.logpdf(x[:, None], mu, np.exp(ls)), axis=1))
def hierarchical(theta, y, n):
    mu, tau, eta = theta[0], np.exp(theta[1]), theta[2:]
    prior = stats.norm.logpdf(mu, 0, 5) + stats.halfcauchy.logpdf(tau, scale=5) + theta[1]
    p = 1 / (1 + np.exp(-(mu + tau * eta)))
    return prior + np.sum(stats.norm.logpdf(eta)) + np.sum(stats.binom.logpmf(y, n, p))
def process(th, X, y):
    from scipy.spatial.distance import cdist
    K = np.exp(th[0]) * np.exp(-0.5 * cdist(X, X, "sqeuclidean") / np.exp(th[1])) + np.exp(th[2]) * np.eye(len(y))
    return stats.multivariate_normal.logpdf(y, np.zeros(len(y)), K)
def tobit(b, X, y):
    m = X @ b
    return np.sum(np.where(y > 0, stats.norm.logpdf(y, m, 1.3), stats.norm.logcdf(-m / 1.3)))
def survival(p, t, d):
    return np.sum(d * stats.weibull_min.logpdf(t, p[0], scale=p[1]) + (1 - d) * stats.weibull_min.logsf(t, p[0], scale=p[1]))
def counts(b, r, X, y):
    mu = np.exp(X @ b)
    return np.sum(stats.nbinom.logpmf(y, r, r / (r + mu)) + stats.poisson.logpmf(y, mu))
def one_by_one(mu, s, x):
    t = 0.0
    for v in x:
        t += stats.t.logpdf(v, 5.0, mu, s)
    return t
def option(S, K, sig):
    d = (np.log(S / K) + 0.5 * sig**2) / sig
    return S * stats.norm.cdf(d) - K * stats.norm.cdf(d - sig)
def copula(u, rho):
    return np.sum(mvn.logpdf(stats.norm.ppf(u), [0.0, 0.0], np.array([[1.0, rho], [rho, 1.0]])))
def vectors(x, mean, cov): return np.sum(np.sin(mvn.logpdf(x, mean, cov)))
def singular(x, mean):
    cov = np.array([[2.0, 0.3, 0.0], [0.3, 1.5, 0.0], [0.0, 0.0, 0.0]])
    on = np.array([1.0, 1.0, 0.0])
    return np.sum(mvn.logpdf(x * on, mean * on, cov, True)) + np.sum(mvn.pdf(x * on, mean * on, cov, allow_singular=True))
def of_rank_two(a, z): return mvn.logpdf(a @ z, np.zeros(3), a @ a.T, allow_singular=True) + mvn.entropy(cov=a @ a.T) / 3
def of_full_rank(x, mean, cov): return np.sum(mvn.logpdf(x, mean, cov, True)) + mvn.pdf(x, mean, cov, True)
def entropies(mean, cov): return mvn.entropy(mean, cov) + mvn(mean, 2 * cov).entropy() ** 2
def symmetrized(f, k):
    def inner(*args, **options):
        args = list(args)
        args[k] = 0.5 * (args[k] + args[k].T)
        return f(*args, **options)
    return inner
def handed_on(x, mean, cov):
    t = symmetrized(mvn.logpdf, 2)(x, mean, cov, allow_singular=False) + symmetrized(mvn.entropy, 1)(mean, cov)
    return t + symmetrized(functools.partial(mvn.pdf, allow_singular=True), 2)(x, mean, cov)
def listed_options(x, mean, cov):
    options = dict(allow_singular=False)
    return mvn.logpdf(x, mean, cov, **options)
def outside(x): return mvn.pdf(x, np.zeros(3), np.diag([1.0, 2.0, 0.0]), allow_singular=True)
def densities(x, mean, cov): return np.sum(mvn.pdf(x, mean=mean, cov=cov))
def dirichlet(z, a): return np.sum(stats.dirichlet.logpdf(np.exp(z) / np.sum(np.exp(z), axis=0), a))
def dirichlet_short(x, a): return np.sum(stats.dirichlet.logpdf(x, a)) + np.sum(stats.dirichlet.pdf(x, a))
def multinomial(z, x): return np.sum(stats.multinomial.logpmf(x, 10, np.exp(z) / np.sum(np.exp(z))))
def multinomial_by_p(p): return np.sum(np.sin(stats.multinomial.logpmf([[1, 0, 2], [0, 0, 3], [2, 1, 0]], 3, p)))
def wishart(x, df, scale): return stats.wishart.logpdf(x, df, scale) + stats.wishart.pdf(x, df, scale)
def in_displays(a, b): return np.sum(stats.norm.logpdf([1.0, a, b], 0.3, [a, b, 1.0]))
def plain(x, mu, s): return np.sum(stats.norm.logpdf(x, mu, s))
def number(x, mu, s): return stats.norm.logpdf(x, mu, s)
def lists(x):
    return np.sum(mvn.logpdf([x, x * 2], [0.0, 0.0, 0.0], np.eye(3))) + np.sum(stats.norm.logpdf(x, [0.0, 1.0, 2.0], scale=x[0]))
def counted_lists(x):
    p = x / np.sum(x)
    mass = stats.multinomial.pmf([1, 2, 2], 5, p) + stats.multinomial(5, p).logpmf((0, 5, 0))
    return mass + np.sum(stats.poisson.logpmf([1, 2, 3], x)) + np.sum(stats.binom(5, x / 3).logpmf([1, 0, 2]))
def flags(x): return np.sum(np.sin(stats.bernoulli.sf([0, 1, 0], x / 3)) + stats.bernoulli.cdf(np.array([0, 1, 2]), x / 3) ** 2)
def masked(x):
    mask = x > 0.5
    return np.sum(mvn.logpdf(np.outer(x, x)[mask], np.zeros(3), np.eye(3))) + np.sum(gauss.logpdf(x[mask]))
def constants(x):
    return np.sum(x * stats.norm.interval(0.9)[1]) + x[0] * stats.norm.fit(np.arange(5.0))[1] + x[1] * len(gauss.name)
def moments(x):
    return stats.norm.mean(x[0], 2.0) + stats.gamma.std(2.0, scale=x[1]) + gauss(x[0], x[1]).var() * gauss.entropy(scale=x[2])
def correlation(x):
    r, p = stats.pearsonr(x, np.array([0.3, -0.4, 1.2]) * x)
    return r + p + stats.pearsonr(np.outer(x, x), np.outer(np.array([1.0, 3.0, 2.0]), x**2), axis=1).statistic[1]
def line(x, y):
    slope, intercept, r, p, error = stats.linregress(x, y)
    return slope + 2 * intercept + 3 * r + 4 * p + 5 * error + stats.linregress(x, y=y).slope * stats.linregress(x, y)[2]
def ranks(x): return np.sum(stats.rankdata(x) * x)
'''


def written(tmp_path_factory, name, text):
    path = tmp_path_factory.mktemp("stats") / f"{name}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    return written(tmp_path_factory, "stats_programs", PROGRAMS)


X = np.array([0.4, 0.9, 1.7])
RNG = np.random.default_rng(1)
Y, POINTS = RNG.normal(size=6), RNG.normal(size=(6, 2))
COV = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, -0.2], [0.1, -0.2, 1.2]])
DATA, MEAN, SIMPLEX = RNG.normal(size=(4, 3)), np.array([0.1, -0.2, 0.3]), np.array([2.0, 3.0, 1.5])
ALONE = (
    "dotted", "renamed", "as_function", "imported_inside", "in_variable", "partially", "in_loop", "in_dict", "spread",
    "as_argument", "by_default", "frozen", "frozen_outside", "frozen_in_branch", "frozen_in_list", "frozen_in_method",
    "frozen_vectors", "frozen_twice", "method_of_frozen", "frozen_by_default", "frozen_in_dict",
    "frozen_in_field", "frozen_in_constants", "frozen_made_elsewhere", "chosen",
    "counted_up", "lists", "flags", "counted_lists", "masked", "constants",
    "moments", "draws",
    "frozen_draws", "counted_draws", "chi2", "ranks",
)  # fmt: skip
CALLS = [
    *((name, (X,), ()) for name in ALONE),
    ("correlation", (X,), ()), ("line", (Y, POINTS[:, 0]), ()),
    ("mixture", (np.array([0.1, 0.5]), np.array([-1.0, 1.0]), np.array([0.1, 0.3]), Y), ()),
    ("hierarchical", (np.array([0.1, 0.2, 0.3, -0.2, 0.5]),), (np.array([3, 5, 7]), np.array([10, 10, 10]))),
    ("process", (np.array([0.1, 0.2, -1.0]), POINTS), (Y,)), ("tobit", (np.array([0.3, 0.2]),), (POINTS, Y)),
    ("survival", (np.array([1.4, 0.8]),), (np.abs(Y) + 0.1, np.array([1.0, 0, 1, 1, 0, 1]))),
    ("counts", (np.array([0.3, 0.2]), 2.5), (POINTS, np.arange(6))), ("one_by_one", (0.2, 1.1, X), ()),
    ("option", (100.0, 95.0, 0.2), ()), ("copula", (RNG.uniform(0.1, 0.9, (5, 2)), 0.3), ()),
    *((f, (x, MEAN, c), ()) for f in ("vectors", "densities") for x in (DATA[0], DATA, DATA[:1], DATA.reshape(2, 2, 3))
      for c in (COV, np.array([1.0, 2.0, 3.0]), 2.0)),
    *(("vectors", (x, m, c), ()) for x in (0.3, DATA[0], DATA[0, :1]) for m in (0.4, np.array([0.4]))
      for c in (2.0, np.array([2.0]), np.array([[2.0]]))),
    *(("singular", (x, MEAN), ()) for x in (DATA[0], DATA)), ("outside", (X,), ()),
    ("of_rank_two", (DATA[:2].T, MEAN[:2]), ()),
    *((f, (DATA[0], MEAN, COV), ()) for f in ("of_full_rank", "handed_on", "listed_options")),
    *(("entropies", (MEAN, c), ()) for c in (COV, X, 2.0)),
    ("dirichlet", (np.array([0.1, 0.2, 0.4]), SIMPLEX), ()), ("dirichlet", (DATA[:3], SIMPLEX), ()),
    ("dirichlet_short", (np.array([0.2, 0.3]), SIMPLEX), ()),
    ("dirichlet_short", (np.array([[0.2, 0.3], [0.1, 0.4]]), SIMPLEX), ()),
    ("multinomial", (MEAN,), (np.array([2, 3, 5]),)), ("multinomial", (MEAN,), (np.array([[2, 3, 5], [0, 0, 10]]),)),
    ("wishart", (COV, 5.5, 0.5 * COV), ()), ("in_displays", (0.3, 0.7), ()), ("number", (0.3, 0.2, 1.1), ()),
    ("plain", (np.zeros(0), 0.3, 1.2), ()), ("plain", (np.array(0.4), np.array(0.2), np.array([1.1])), ()),
    ("plain", (DATA, MEAN, np.array([[1.0], [2.0], [0.5], [1.5]])), ()),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Some rows of `p`:FutureWarning")
@pytest.mark.parametrize("p", [[0.2, 0.5, 0.3], [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.4, 0.1, 0.5]]])
def test_the_last_probability_is_what_the_others_leave(programs, p):
    ds.check_grads(programs.multinomial_by_p, (np.array(p),), order=2)


@pytest.mark.parametrize("k", range(len(CALLS)), ids=lambda k: f"{CALLS[k][0]}{k}")
def test_programs(programs, k):
    name, active, fixed = CALLS[k]
    f = getattr(programs, name)
    order = 2 if name not in ("vectors", "densities") or k % 3 == 0 else 1
    if not fixed:
        ds.check_grads(f, active, order=order, rtol=2e-5, atol=1e-6)
        return

    def rest(*args):
        return f(*args, *fixed)

    ds.check_grads(rest, active, order=order, rtol=2e-5, atol=1e-6)


def test_single_precision(programs):
    """SciPy computes in double precision, and so do derivatives; they come in that of their arguments."""
    x = X.astype(np.float32)
    found = ds.grad(programs.plain, (0, 1, 2))(x, np.float32(0.3), np.float32(1.2))
    want = ds.grad(programs.plain, (0, 1, 2))(x.astype(float), float(np.float32(0.3)), float(np.float32(1.2)))
    for a, b in zip(found, want):
        assert a.dtype == np.float32
        np.testing.assert_array_equal(a, np.float32(b))
    for f, args in ((programs.vectors, (DATA, MEAN, COV)), (programs.dirichlet, (MEAN, SIMPLEX))):
        small = tuple(a.astype(np.float32) for a in args)
        found = ds.grad(f, tuple(range(len(args))))(*small)
        want = ds.grad(f, tuple(range(len(args))))(*(a.astype(float) for a in small))
        for a, b in zip(found, want):
            assert a.dtype == np.float32
            np.testing.assert_allclose(a, b, rtol=1e-5 if f is programs.dirichlet else 2e-7, atol=1e-6)
    assert isinstance(ds.value_and_grad(programs.number)(0.3, 0.2, 1.1)[0], np.float64)


def test_the_text_calls_what_the_program_calls(programs):
    text = str(ds.code_source(programs.plain, X, 0.3, 1.2))
    assert "stats.norm.logpdf(x, mu, s)" in text
    assert "from scipy import stats" in text
    text = str(ds.code_source(programs.frozen_vectors, X))
    assert "stats.multivariate_normal.logpdf(" in text
    text = str(ds.code_source(programs.option, 100.0, 95.0, 0.2))
    assert "stats.norm.pdf(" in text


def test_the_lower_triangle_is_read_at_every_order(programs):
    """Where a matrix isn't symmetric, and in second derivatives by its entries, the upper triangle has no influence."""
    def density(c): return programs.vectors(MEAN, X, c)
    def scaled(c): return programs.wishart(COV, 5.5, c)
    def scattered(c): return programs.wishart(c, 5.5, COV)
    def entropy(c): return programs.entropies(MEAN, c)

    low = np.tril(np.ones((3, 3)))
    for f in (density, scaled, entropy):
        hessian = ds.hessian(f)(COV)
        assert not np.any(hessian * (1 - low)[..., None, None]), f.__name__
        np.testing.assert_allclose(hessian, np.transpose(hessian, (2, 3, 0, 1)), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(ds.grad(f)(COV + np.triu(np.ones((3, 3)), 1)), ds.grad(f)(COV), rtol=1e-12)
    for f in (density, scaled, scattered, entropy):
        ds.check_grads(f, (COV + 0.1 * np.triu(np.ones((3, 3)), 1),), order=2, rtol=2e-5, atol=1e-6)


REFUSED = {
    "burr.logpdf(x, 2.0, 3.0)": "scipy.stats.burr.logpdf", "norm.fit(x)[0]": "scipy.stats.norm.fit",
    "norm.expect(loc=x[0])": "scipy.stats.norm.expect", "norm.interval(0.9, x)[0]": "scipy.stats.norm.interval",
    "norm(x[0]).fit(x)[0]": "fit", "norm.nnlf((x[0], 1.0), x)": "scipy.stats.norm.nnlf",
    "vonmises.cdf(0.3, x)": "scipy.stats.vonmises.cdf` has no derivative with respect to the parameter kappa",
    "gamma.rvs(x)": "the parameter a",
    "gamma.mean(x)": "the parameter a", "binom.logpmf(x, 3, 0.5)": "respect to k: it is a count",
    "binom.logpmf(3, x, 0.5)": "the parameter n: it is a count", "poisson.pmf(3, 2.0, x)": "respect to loc: it is a count",
    "multinomial.logpmf(np.array([1, 2]), x[0], [0.5, 0.5])": "the argument n",
    "multivariate_normal.cdf(x, np.zeros(3))": "multivariate_normal.cdf",
    "multivariate_normal.logpdf(x, np.zeros(3), np.eye(3), x[0] > 0)": "allow_singular",
    "multivariate_normal.rvs(x)": "multivariate_normal.rvs", "invwishart.logpdf(x[0] * np.eye(2), 4, np.eye(2))": "invwishart",
    "spearmanr(x, x * x)[0]": "scipy.stats.spearmanr", "describe(x).mean": "scipy.stats.skew",
    "pearsonr(x, x * x, alternative='less')[0]": "alternative=",
    "ttest_1samp(x, 0.0)[0]": "ttest_1samp",
    "gaussian_kde(x)(0.3)": "gaussian_kde", "trim_mean(x, 0.1)": "trim_mean", "Normal(mu=x).logpdf(0.3)": "Normal",
}  # fmt: skip


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    lines = "".join(f"def f{k}(x): return np.sum(stats.{e})\n" for k, e in enumerate(REFUSED))
    return written(tmp_path_factory, "stats_refused", f"import numpy as np\nfrom scipy import stats\n{lines}")


@pytest.mark.parametrize("k", range(len(REFUSED)), ids=lambda k: list(REFUSED)[k].partition("(")[0])
def test_refusals_name_what_they_refuse(refused, k):
    f, words = getattr(refused, f"f{k}"), list(REFUSED.values())[k]
    for mode in (lambda: ds.grad(f)(X), lambda: ds.jvp(f, (X,), (np.ones(3),))):
        with pytest.raises(ds.UnsupportedError) as caught:
            mode()
        assert words in caught.value.reason
        assert isinstance(caught.value, NoRuleError) or " with " in caught.value.reason


def test_a_method_itself_is_differentiated():
    assert ds.grad(stats.norm.logpdf)(0.3, 0.1, 2.0) == pytest.approx(-0.05)
    assert ds.grad(stats.norm(0.1, 2.0).logpdf)(0.3) == pytest.approx(-0.05)
    assert ds.grad(stats.gamma.logpdf, (0, 3))(0.3, 2.0, 0.0, 2.0) == pytest.approx((1 / 0.3 - 0.5, (0.15 - 2.0) / 2.0))
    np.testing.assert_allclose(ds.grad(stats.multivariate_normal(X, np.eye(3)).logpdf)(2 * X), -X)
    np.testing.assert_allclose(ds.elementwise_grad(stats.norm.logpdf)(X), -X)
    with pytest.raises(NoRuleError, match=r"scipy\.stats\.burr\.logpdf"):
        ds.grad(stats.burr.logpdf)(0.3, 2.0, 3.0)


def test_a_distribution_as_argument(programs):
    for d, want in ((stats.norm, -X), (stats.laplace, -np.ones(3))):
        np.testing.assert_allclose(ds.grad(programs.of, 1)(d, X), want)
    for s in (1.0, 2.0):
        np.testing.assert_allclose(ds.grad(programs.of, 1)(stats.norm(0.0, s), X), -X / s**2)
    with pytest.raises(ds.UnsupportedError, match=r"scipy\.stats\.norm"):
        ds.grad(lambda x: x[0] * stats.norm(0.0, 1.0).args[0])(X)


def test_constants_that_change_are_seen(programs, monkeypatch):
    before = ds.grad(programs.frozen_in_dict)(X)
    monkeypatch.setitem(programs.PRIORS, "mu", stats.norm(0.0, 2.0))
    np.testing.assert_allclose(ds.grad(programs.frozen_in_dict)(X), before * [0.25, 1, 1])
    monkeypatch.setattr(programs.MODEL, "mu", stats.laplace(0.0, 4.0))
    np.testing.assert_allclose(ds.grad(programs.frozen_in_field)(X), -0.25 * np.ones(3))
    before = ds.grad(programs.frozen_in_constants)(X)
    monkeypatch.setattr(programs, "FROZEN", [*programs.FROZEN, stats.norm(0.0, 1.0)])
    after = ds.grad(programs.frozen_in_constants)(X)
    np.testing.assert_allclose(after, before - X)
    programs.FROZEN.append(stats.norm(0.0, 1.0))
    np.testing.assert_allclose(ds.grad(programs.frozen_in_constants)(X), after - X)


def test_wrong_calls_are_errors_of_types(programs):
    def without_shape(x):
        return np.sum(stats.gamma.logpdf(x))

    def of_complex(x):
        return np.sum(stats.norm.logpdf(x * 1j)).real

    def unknown_option(x):
        return np.sum(stats.norm.logpdf(x, foo=3))

    for f in (without_shape, of_complex, unknown_option):
        with pytest.raises(DiffTypeError):
            ds.grad(f)(X)


def test_what_has_no_row_runs_where_nothing_is_active():
    def f(x):
        return np.sum(x) * len(stats.norm.fit(np.arange(5.0)))

    np.testing.assert_array_equal(ds.grad(f)(X), [2.0, 2.0, 2.0])


def test_a_method_is_found_by_instance_and_name():
    assert stats.norm.logpdf is not stats.norm.logpdf
    assert table.lookup(stats.norm.logpdf) is table.lookup(stats.norm.logpdf) is table.method_of(stats.norm, "logpdf")
    assert table.lookup(stats.laplace.logpdf) is not table.lookup(stats.norm.logpdf)
    assert table.lookup(stats.burr.logpdf) is None
    assert table.method_of(object(), "logpdf") is None
