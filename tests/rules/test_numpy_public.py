"""Nothing public in NumPy is undecided: each callable is active, constant, or refused with a reason.

*Active* are functions with derivatives, those that the compiler writes as others, and those whose Python it reads.
"""

import importlib.util

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.analysis.infer_builtins import BUILTINS
from diffsrc.defs import prelude, rows, table  # noqa: F401  the rows fill the table
from diffsrc.defs.numpy_python import IN_PYTHON

MODULES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}
#: functions of Python that the compiler reads like the user's, with a program each; what it knows by name
READ = {
    "np.fromfunction": "np.fromfunction(lambda i, j: x[0] * i + j, (2, 3))",
    "np.polydiv": "np.polydiv(x, x[:2])[0]",
    "np.require": "np.require(x) * x",
    "np.row_stack": "np.row_stack((x, x * x))",
    "np.fromiter": "np.fromiter((v * v for v in x), float)",
    "np.ndenumerate": "np.array([v * i[0] for i, v in np.ndenumerate(x)])",
    "np.finfo": "x * np.finfo(x.dtype).eps",
    "np.iinfo": "x * np.iinfo(np.int8).max",
    "np.dtype": "x * np.ones(4, dtype=np.dtype(float))",
}
#: exceptions and context managers, which the compiler doesn't look into
OUTSIDE = {"np.printoptions", "np.linalg.LinAlgError"}


def public():
    for name, module in MODULES.items():
        for attribute in dir(module):
            fn = getattr(module, attribute)
            if not attribute.startswith("_") and callable(fn):
                yield f"{name}.{attribute}", fn


def verdict(name, fn):
    d = table.lookup(fn)
    if name in READ or name in OUTSIDE:
        return "active" if name in READ else "constant"
    if type(fn).__hash__ is not None and (fn in BUILTINS or fn in IN_PYTHON or fn in prelude.ITERATORS):
        return "active"
    if d is None:
        return "undecided"
    if d.family in ("zero", "opaque"):
        return "constant"
    if d.family in ("elementwise", "select") or d.rules or d.joint:
        return "active"
    return "refused" if d.refusals.get(-1) else "undecided"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nothing_public_is_undecided():
    found = {name: verdict(name, fn) for name, fn in public()}
    assert not [name for name, what in found.items() if what == "undecided"]
    counts = {what: sum(v == what for v in found.values()) for what in ("active", "constant", "refused")}
    assert counts["active"] > 300
    assert counts["refused"] < 40


LINES = """
import numpy as np


def of_matrix(x):
    return np.sum(np.asmatrix(x))


def of_memory(x):
    return np.sum(np.frombuffer(x))


def shown(x):
    print(np.array2string(x), np.array_str(x), np.format_float_positional(x[0]))
    return np.sum(x * x) * len(np.binary_repr(5)) * (2.0 if np.issubdtype(x.dtype, np.floating) else 1.0)


def saved(x):
    with np.printoptions(precision=3), np.errstate(all="ignore"):
        np.save(PATH, x)
    return np.sum(x * x) * np.longlong(2)


def trimmed(x):
    return np.sum(np.trim_zeros(np.concatenate((np.zeros(2), x, np.zeros(1)))) ** 2) + x[0] * np.trim_zeros(x, "b")[1]


def pieces(x):
    a = np.piecewise(x, [x < 0.4, x > 0.8], [lambda z: z**2, 0.5, lambda z: np.sin(z) / z])
    b = np.piecewise(x, x < 0.4, [lambda z: 3 * z, lambda z: z * z * x[0]])
    return np.sum(a * b)


def slope(z, w):
    return z * w if z > w else np.sin(z)


@np.vectorize
def above(z, w=0.4):
    return z * w if z > w else np.sin(w * z)


root = np.vectorize(lambda z: 0 if z < 0.4 else z**2, otypes=[float])


def elements(x):
    a = np.vectorize(slope)(x[:, None], x[1:])
    return np.sum(a * np.sum(a)) + np.sum(above(x, 0.5)) + np.sum(root(x)) + above(x[0], x[1])


def along(x):
    a = np.outer(x, x * x)
    b = np.apply_along_axis(lambda r: r / np.sum(r), 0, a) * np.apply_along_axis(np.max, 1, a)
    c = np.apply_over_axes(np.sum, np.stack((a, b)), [0, -1]) * np.apply_along_axis(np.sum, 0, x)
    return np.sum(b[0] ** 2) + np.sum(c**2)


def spread(x):
    a, b, c = np.broadcast_arrays(x, x[:, None], 2.0)
    return np.sum(a * b * c) + np.sum(np.broadcast_arrays(x, x * 2)[1] ** 2)


def parts(x):
    fraction, whole = np.modf(3 * x)
    mantissa, exponent = np.frexp(x)
    return np.sum(fraction * whole) + np.sum(mantissa**2 * exponent) + np.sum(np.i0(x) * np.kaiser(4, x[0]) * np.hanning(4))


def spaces(x):
    a = np.geomspace(x[0], x[1:], 5) * np.logspace(x[0], x[1], 5, base=x[2])[:, None]
    b = np.diagflat(x[None], 1) @ np.unwrap(np.append(9 * x, x[0]), period=x[1] * 3)
    return np.sum(a**2) + np.sum(b**2) + np.sum(np.asarray_chkfinite(x) * np.real_if_close(x))


def sets(x):
    y = np.round(x[::-1], 1) * 0 + np.array([0.9, 0.05, 0.25, 0.31])
    a = np.unique(np.concatenate((x, x[:2])))
    values, index, inverse, counts = np.unique_all(x * 2)
    b = np.union1d(x, y * x[0])[:3] * np.setdiff1d(x, y)[:3] + np.setxor1d(x, y * x[1])[1:4]
    return np.sum(a**2) + np.sum(b) * np.sum(values[inverse] * counts) + np.sum(np.intersect1d(x, x[1:]) ** 3) * index[0]


def counted(x):
    w = x * x
    h, e = np.histogram(x, 3, weights=w, density=True)
    g, u, v = np.histogram2d(x, w, bins=[2, np.array([0.0, 0.3, 2.0])], weights=w)
    k = np.histogram(x, [0.0, 0.5, 1.0], weights=w)[0]
    return np.sum(h**2) + e[1] * u[1] + np.sum(g * g) + np.sum(v) + k[0] * k[1] + np.sum(np.histogram_bin_edges(x, 3) ** 2)


cubic, quartic = np.poly1d([1.0, -2.0, 0.5]), np.polynomial.Chebyshev([0.3, 1.0, -0.5, 0.2], domain=[0, 3])


def objects(x):
    a = cubic(x) * quartic(x) + np.polynomial.Polynomial([1.0, 2.0])(x) * np.poly1d(x)(x[0])
    return np.sum(a * np.polynomial.Legendre(x[:3])(x)) + np.polynomial.Hermite(x)(0.5)


def steps(x):
    a = np.outer(x, x + 1.0)
    b = np.divide.reduce(a, axis=1) + np.hypot.accumulate(a, axis=1)[:, -1] + np.multiply.reduceat(a, [0, 2, 1])[:, 0].sum()
    return np.sum(b) + np.sum(np.logaddexp.accumulate(a)) + np.sum(np.logaddexp2.reduce(a, axis=0)) + np.fmax.reduce(x)


def polynomials(x):
    p = np.polymul(x, x[:2]) + np.polyadd(np.polyint(x, 2, [x[0], 1.0])[1:], np.polyder(x))
    c = np.polyfit(x, np.sin(x), 2, w=x) * np.polyfit(x, np.stack((x, x**3), 1), 1)[0, 1]
    r = np.roots(np.poly(x) * (1.0 + 0.01 * x[0]) + np.append(x, 0.0) * 1e-3)
    return np.sum(p**2) + np.sum(c) + np.sum(np.abs(r) ** 2)
"""

REFUSED = {"of_matrix": "two axes", "of_memory": "memory"}
SMOOTH = (
    "shown", "saved", "trimmed", "pieces", "elements", "along", "spread", "parts", "spaces", "sets", "counted", "polynomials",
    "objects", "steps",
)  # fmt: skip
X = np.array([0.7, 0.3, 0.95, 0.45])


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("public")
    lines = [LINES.replace("PATH", repr(str(folder / "x.npy")))]
    for name, text in READ.items():
        lines.append(f"def read_{name.replace('.', '_')}(x):\n    return np.sum(({text}) ** 2)\n")
    path = folder / "programs.py"
    path.write_text("\n\n".join(lines))
    spec = importlib.util.spec_from_file_location("public_programs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(READ))
def test_what_is_read(programs, name):
    if hasattr(np, name[3:]):
        ds.check_grads(getattr(programs, f"read_{name.replace('.', '_')}"), (X,))


@pytest.mark.parametrize("name", SMOOTH)
def test_programs(programs, name):
    ds.check_grads(getattr(programs, name), (X,), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(programs, name):
    for run in (lambda f: ds.grad(f)(X), lambda f: ds.jvp(f, (X,), (X,))):
        with pytest.raises(ds.UnsupportedError, match=REFUSED[name]):
            run(getattr(programs, name))


def test_results_of_one_kind():
    def mixed(x):
        return np.sum(np.vectorize(lambda z: 0 if z > 0.5 else z)(x))

    with pytest.raises(TypeError, match=r"otypes=\[float\]"):
        ds.grad(mixed)(X)
