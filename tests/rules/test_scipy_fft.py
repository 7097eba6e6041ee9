"""Every row of `scipy.fft`: its rules and as a program, by a table of calls; what is refused."""

import numpy as np
import pytest
from scipy import fft

import diffsrc as ds
from diffsrc.defs import packages, table
from tests.rules.cases import Case, programs

packages.load_all()
from diffsrc.defs.scipy.fft import REFUSED, ZERO  # noqa: E402  with the rows
from diffsrc.defs.scipy.tools import public  # noqa: E402

RNG = np.random.default_rng(9)
NORMS = (None, "ortho", "forward")


def draw(*shape):
    return RNG.normal(size=shape)


def case(name, *args, wrt=None, second=False, skip=(), **options):
    return Case("fft", name, args, options, wrt, second, skip)


X, M, T = draw(7), draw(4, 6), draw(3, 4, 2)
Z, N = X + 1j * draw(7), M + 1j * draw(4, 6)
CASES = [
    *(case(name, x, n, **o) for name in ("fft", "ifft") for x in (X, Z) for n in (None, 5, 9) for o in ({}, {"norm": "ortho"})),
    *(case("rfft", X, n, norm=norm) for n in (None, 5, 8) for norm in NORMS), case("rfft", M, axis=0), case("fft", N, 3, 0),
    *(case(name, Z, n, norm=norm) for name in ("irfft", "hfft") for n in (None, 7, 8, 16) for norm in NORMS),
    *(case("ihfft", X, n, norm=norm) for n in (None, 6) for norm in NORMS), case("irfft", N, axis=0), case("hfft", N, 5, 0),
    *(case(name, x, **o) for name in ("fftn", "ifftn", "fft2", "ifft2") for x in (M, N)
      for o in ({}, {"s": (3, 8)}, {"axes": (1, 0)})),
    *(case(name, T, **o) for name in ("rfftn", "rfft2", "ihfftn", "ihfft2")
      for o in ({}, {"s": (3, 5)} if "2" in name else {"s": (4, 3)},
      {"axes": (1,)} if "n" in name else {"norm": "forward"})),
    *(case(name, N, **o) for name in ("irfftn", "irfft2", "hfftn", "hfft2")
      for o in ({}, {"s": (3, 9)}, {"axes": (1, 0)}, {"norm": "ortho"})),
    *(case(name, x, kind, norm=norm) for name in ("dct", "idct", "dst", "idst") for kind in (1, 2, 3, 4) for norm in NORMS
      for x in (X,)),
    *(case(name, M, kind, n, axis=0) for name in ("dct", "idst") for kind in (1, 2, 3) for n in (3, 6)),
    *(case(name, X, kind, norm=norm, orthogonalize=flag) for name in ("dct", "idct", "dst") for kind in (1, 2, 3)
      for norm, flag in ((None, True), ("ortho", False))),
    *(case(name, M, kind, norm=norm) for name in ("dctn", "idctn", "dstn", "idstn") for kind in (1, 2, 3)
      for norm in (None, "ortho")),
    case("dctn", M, s=(3, 7)), case("dctn", T, axes=(0, 2)), case("dct", Z), case("dct", X[:1]), case("dst", X[:1], 1),
    case("fft", X[:1]),
    case("fftshift", X), case("ifftshift", M, 0), case("fftfreq", 5, 0.3, wrt=(1,), second=True),
    case("rfftfreq", 6, 0.3, wrt=(1,)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rules(case):
    case.check_rules()


MORE = '''
def spectrum(x):
    return np.sum(np.abs(fft.rfft(x, fft.next_fast_len(len(x)))) ** 2)


def sparse(x, y):
    return np.sum((fft.idctn(x, norm="ortho") - y) ** 2) + np.sum(np.sqrt(x**2 + 0.1))


def derivative(x):
    k = 2j * np.pi * fft.fftfreq(len(x), 0.1)
    return np.sum(np.real(fft.ifft(k * fft.fft(x))) ** 2)


def hankel(x):
    return np.sum(fft.fht(x, 0.1, 0.5))


def in_place(x):
    return np.sum(fft.dct(x, overwrite_x=True))
'''


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return programs(CASES, tmp_path_factory.mktemp("fft"), MORE)


@pytest.mark.parametrize("k", range(len(CASES)), ids=lambda k: str(CASES[k]))
def test_calls_as_programs(module, k):
    CASES[k].check_program(getattr(module, f"case_{k}"))


PROGRAMS = {"spectrum": (X,), "sparse": (M, draw(4, 6)), "derivative": (X,)}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_programs(module, name):
    ds.check_grads(getattr(module, name), PROGRAMS[name], order=2, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["fft", "rfft", "dct", "dst", "idct"])
def test_single_precision(name):
    case(name, X).check_narrow()


def test_refusals(module):
    for f, words in ((module.hankel, "scipy.fft.fht.*transpose"), (module.in_place, "overwrite_x= overwrites")):
        for mode in (lambda f, x: ds.grad(f)(x), lambda f, x: ds.jvp(f, (x,), (np.ones_like(x),))):
            with pytest.raises(ds.UnsupportedError, match=rf"(?s){words}.*programs.py:\d+:"):
                mode(f, X)


def test_nothing_is_undecided():
    """Each public callable has a row: active, constant or refused with a reason."""
    for name in public(fft):
        d = table.lookup(getattr(fft, name))
        assert d is not None, name
        assert d.family == "zero" or d.rules or d.refusals.get(-1), name
    assert {n for names in REFUSED for n in names} | set(ZERO) <= set(public(fft))
