"""Distances of `scipy.spatial`: each metric in each function, in both modes, to second order."""

import importlib.util

import numpy as np
import pytest
from scipy import spatial
from scipy.spatial import distance

import diffsrc as ds
from diffsrc.defs import packages, table
from tests.rules.harness import row

packages.load_all()
from diffsrc.defs.scipy.spatial import ALIASES, METRICS, REFUSED  # noqa: E402  with the rows

OPTIONS = {"minkowski": ", p=3", "mahalanobis": ", VI=VI", "seuclidean": ", V=V"}
HEAD = '''
import numpy as np
from scipy import spatial
from scipy.spatial import distance
from scipy.spatial.distance import cdist, pdist, squareform
V = np.array([1.0, 2.0, 0.5])
VI = np.array([[2.0, 0.3, 0.1], [0.2, 1.5, -0.2], [0.1, -0.2, 1.2]])


def matrix(a, b): return np.sum(spatial.distance_matrix(a, b, p=3) ** 2)
def kernel(a): return np.sum(np.exp(-squareform(pdist(a))) * np.arange(16.0).reshape(4, 4))
def back(a): return np.sum(squareform(squareform(pdist(a)) * 2.0) ** 3)
def itself(a): return np.sum(np.exp(-cdist(a, a) / 2))
def weighted(a, b):
    return np.sum(cdist(a, b, "euclidean", w=V)) + distance.cityblock(a[0], b[0], V) + distance.minkowski(a[0], b[0], 3, w=V)
def inverse(v, a, b): return distance.mahalanobis(a[0], b[0], v)
def scaled(v, V, a, b):
    return np.sum(np.sin(cdist(a, b, "mahalanobis", VI=v))) + np.sum(np.cos(cdist(a, b, "seuclidean", V=V)))
def scaled_pairs(v, V, a): return np.sum(np.sin(pdist(a, "mahalanobis", VI=v))) + np.sum(np.cos(pdist(a, "seuclidean", V=V)))
def displays(a, b): return distance.euclidean([a[0, 0], 1.0], [b[0, 0], b[0, 1]])
def short(a, b): return np.sum(cdist(a, b, "sqeuclid")) + np.sum(cdist(a, b, metric="pnorm", p=1.5))
'''
PROGRAMS = HEAD + "".join(
    f"def c_{m}(a, b): return np.sum(np.sin(cdist(a, b, {m!r}{OPTIONS.get(m, '')})))\n"
    f"def p_{m}(a): return np.sum(np.sin(pdist(a, {m!r}{OPTIONS.get(m, '')})))\n"
    f"def f_{m}(a, b): return distance.{m}(a[0], b[1]{OPTIONS.get(m, '')}) ** 2\n"
    for m in METRICS
)
REFUSALS = {
    "cdist(a, b, 'mahalanobis')": "without VI=", "cdist(a, b, 'seuclidean')": "without V=", "pdist(a, 'hamming')": "'hamming'",
    "cdist(a, b, lambda u, v: np.sum(u * v))": "a function as metric", "cdist(a, b, 'cosine', w=V)": "w=",
    "cdist(a, b, 'minkowski', p=a[0, 0])": "argument `p`", "cdist(a, b, 'euclidean', VI=VI * a[0, 0])": "VI= and the metric",
    "distance.minkowski(a[0], b[0], a[0, 0])": "respect to p", "distance.jensenshannon(a[0], b[0])": "rel_entr",
    "distance.directed_hausdorff(a, b)[0]": "cdist, np.min and np.max", "distance.hamming(a[0], b[0])": "it compares flags",
    "spatial.distance_matrix(a, b, a[0, 0])": "the order p", "spatial.KDTree(a).query(b)[0]": "KDTree",
    "spatial.procrustes(a, a * 2.0)[2]": "procrustes",
}  # fmt: skip
RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(4, 3)) + 2, RNG.normal(size=(5, 3)) + 2


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    lines = [PROGRAMS, *(f"def r{k}(a, b): return np.sum({e})" for k, e in enumerate(REFUSALS))]
    path = tmp_path_factory.mktemp("spatial") / "spatial_programs.py"
    path.write_text("\n".join(lines) + "\n")
    spec = importlib.util.spec_from_file_location("spatial_programs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["c", "p", "f"])
def test_metrics(programs, kind, metric):
    ds.check_grads(getattr(programs, f"{kind}_{metric}"), (A,) if kind == "p" else (A, B), order=2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["matrix", "kernel", "back", "itself", "weighted", "displays", "short"])
def test_programs(programs, name):
    args = (A,) if name in ("kernel", "back", "itself") else (A, B)
    ds.check_grads(getattr(programs, name), args, order=2, rtol=1e-5, atol=1e-6)


def test_the_inverse_covariance(programs):
    ds.check_grads(lambda v: programs.inverse(v, A, B), (programs.VI,), order=2, rtol=1e-5, atol=1e-6)


def test_scales(programs):
    ds.check_grads(programs.scaled, (programs.VI, programs.V, A, B), order=2, rtol=1e-5, atol=1e-6)
    ds.check_grads(programs.scaled_pairs, (programs.VI, programs.V, A), order=2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("k", range(len(REFUSALS)), ids=lambda k: list(REFUSALS)[k])
def test_refusals(programs, k):
    f, words = getattr(programs, f"r{k}"), list(REFUSALS.values())[k]
    for mode in (lambda: ds.grad(f, (0, 1))(A, B), lambda: ds.jvp(f, (A, B), (np.ones_like(A), np.ones_like(B)))):
        with pytest.raises(ds.UnsupportedError) as caught:
            mode()
        assert words in caught.value.reason + caught.value.hint


def test_where_points_coincide(programs):
    """A distance of 0 has derivative 0, without nan and warnings, and so has its own derivative."""
    x = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [0.0, 1.0, 1.0]])
    for name in ("euclidean", "minkowski", "chebyshev", "cityblock", "seuclidean", "mahalanobis", "canberra", "sqeuclidean"):
        f = getattr(programs, f"c_{name}")
        with np.errstate(all="raise"):
            g = ds.grad(lambda a, f=f: f(a, a))(x)
            h = ds.jvp(ds.grad(lambda a, f=f: f(a, a)), (x,), (np.ones_like(x),))[1]
        assert np.isfinite(g).all(), name
        assert np.isfinite(h).all(), name
        np.testing.assert_allclose(g[0], g[1], rtol=1e-14, err_msg=name)


def test_far_from_the_origin(programs):
    """Differences of points are taken first: nothing cancels."""
    near = ds.grad(programs.c_euclidean)(np.zeros((1, 3)), np.full((1, 3), 0.25))
    far = ds.grad(programs.c_euclidean)(np.full((1, 3), 2.0**30), np.full((1, 3), 2.0**30 + 0.25))
    np.testing.assert_allclose(far, near, rtol=1e-15)


def test_single_precision(programs):
    found = ds.grad(programs.c_euclidean)(A.astype(np.float32), B.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, ds.grad(programs.c_euclidean)(A, B), rtol=1e-4)


@pytest.mark.parametrize("shapes", [((1, 3), (5, 3)), ((4, 1), (5, 1)), ((0, 3), (5, 3)), ((1, 1), (1, 1))])
def test_shapes(programs, shapes):
    a, b = (np.random.default_rng(1).normal(size=s) for s in shapes)
    ds.check_grads(programs.c_euclidean, (a, b), order=2, rtol=1e-5, atol=1e-6)
    if a.shape[0] > 1:
        ds.check_grads(programs.p_euclidean, (np.asfortranarray(a),), order=1, rtol=1e-5, atol=1e-6)


def test_nothing_is_undecided():
    """Each public function of distances has a row; names of metrics mean what they mean to SciPy."""
    names = [n for n in distance.__all__ if n not in ("is_valid_dm", "is_valid_y", "num_obs_dm", "num_obs_y")]
    for name in names:
        assert table.lookup(getattr(distance, name)) is not None, name
    assert row(spatial.distance_matrix).rules.keys() == {0, 1}
    assert {n for group in REFUSED for n in group} <= {*names, "dice", "jaccard", "sokalsneath"}
    for alias, name in ALIASES.items():
        options = {"seuclidean": {"V": np.ones(3)}, "mahalanobis": {"VI": np.eye(3)}}.get(name, {})
        np.testing.assert_array_equal(distance.cdist(A, B, alias, **options), distance.cdist(A, B, name, **options))
