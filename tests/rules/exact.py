"""Functions as mpmath computes them, which shares no code with the rows: values of their derivatives to any number of digits."""

import mpmath as mp
from scipy import special

#: leading arguments of functions of scipy.special that are counts
COUNTS = {
    "expn": (2,), "yn": (2,), "kn": (2,), "polygamma": (1,), "lpmv": (1, 3), "pdtr": (2,), "pdtrc": (2,), "pdtri": (2,),
    **{n: (2, 5) for n in ("bdtr", "bdtrc", "bdtri", "nbdtr", "nbdtrc", "nbdtri")},
    **{n: (3,) for n in dir(special) if n.startswith("eval_")},
}  # fmt: skip


def known(d):
    """The arguments whose derivative a row has."""
    return tuple(i for i, p in enumerate(d.partials) if p is not None and not p.refusal)


def derivative(f, args, i):
    """The derivative by argument i, with as many digits as it takes until more of them change nothing."""
    found, digits = _derivative(f, args, i, 40), 40
    while digits < 1000:
        before, digits = found, 2 * digits
        found = _derivative(f, args, i, digits)
        if found and abs(found - before) <= abs(found) * mp.mpf(10) ** -18:
            break
    return found


def _derivative(f, args, i, digits):
    """Counts stay integers, other numbers are exactly the floats."""
    with mp.workdps(digits):
        exact = [int(a) if isinstance(a, int) else mp.mpmathify(a) for a in args]
        step = (abs(exact[i]) or 1) * mp.mpf(10) ** (-digits // 3)
        return mp.diff(lambda v: f(*exact[:i], v, *exact[i + 1 :]), exact[i], h=step)


def _copysign(x, y):
    return abs(x) if y > 0 else -abs(x)


#: functions of NumPy
NUMPY = {
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan,
    "arctan2": mp.atan2, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "arcsinh": mp.asinh, "arccosh": mp.acosh,
    "arctanh": mp.atanh, "exp": mp.exp, "exp2": lambda x: mp.mpf(2) ** x, "expm1": mp.expm1, "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2), "log10": lambda x: mp.log(x) / mp.log(10), "log1p": mp.log1p,
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
    "logaddexp2": lambda x, y: mp.log(mp.mpf(2) ** x + mp.mpf(2) ** y) / mp.log(2),
    "sqrt": mp.sqrt, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "square": lambda x: x * x, "hypot": mp.hypot,
    "power": lambda x, y: x**y, "float_power": lambda x, y: x**y, "reciprocal": lambda x: 1 / x,
    "add": lambda x, y: x + y, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y, "divide": lambda x, y: x / y,
    "negative": lambda x: -x, "positive": lambda x: x, "abs": abs, "fabs": abs, "copysign": _copysign,
    "fmod": lambda x, y: x - y * int(x / y), "mod": lambda x, y: x - y * mp.floor(x / y),
    "sinc": lambda x: mp.sincpi(x), "i0": lambda x: mp.besseli(0, x), "deg2rad": mp.radians, "radians": mp.radians,
    "rad2deg": mp.degrees, "degrees": mp.degrees, "ldexp": lambda x, n: x * mp.mpf(2) ** n,
}  # fmt: skip
#: points far out, or where a plain formula cancels
FAR_NUMPY = {
    "arcsin": [(1 - 1e-9,), (-1 + 1e-12,), (1e-300,)], "arccos": [(1 - 1e-9,), (-1 + 1e-12,), (1e-300,)],
    "arctanh": [(1 - 1e-9,), (-1 + 1e-12,)], "arccosh": [(1 + 1e-9,), (1 + 1e-12,), (1e200,)], "arcsinh": [(1e150,), (-1e5,)],
    "arctan2": [(1e150, 1e150), (1e-150, -1e-150), (-1e-300, 1.0), (3.0, 4e10)],
    "hypot": [(1e200, 3e200), (1e-200, 3e-200), (1.0, 1e-9)],
    "arctan": [(1e10,), (-1e-10,)], "tan": [(1.5707,), (-1e-10,)], "log1p": [(-1 + 1e-9,), (1e-300,), (1e300,)],
    "logaddexp": [(1000.0, 999.0), (-1000.0, 0.0), (-1e5, -1e5)], "logaddexp2": [(2000.0, 1999.0), (-1000.0, 0.0)],
    "sinc": [(1e-9,), (1e-3,), (0.0499,), (0.0501,), (0.1,), (1.0,), (25.3,)], "sqrt": [(1e-300,), (1e300,)],
    "cbrt": [(1e-200,), (-1e200,)], "power": [(1e-5, 3.0), (1e150, 0.5), (2.0, -3.0)], "sinh": [(700.0,), (-1e-9,)],
    "i0": [(1e-9,), (29.9,), (-30.1,), (700.0,)],
    "exp": [(-700.0,), (700.0,)], "divide": [(1e-200, 1e100),], "reciprocal": [(1e150,), (-1e-150,)],
}  # fmt: skip
#: functions of the standard library that NumPy names otherwise
OTHER_NAMES = {
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atan2": "arctan2",
    "atanh": "arctanh", "pow": "power", "erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln",
}  # fmt: skip

#: functions of scipy.special
SPECIAL = {
    "gamma": mp.gamma, "gammaln": lambda x: mp.log(mp.gamma(x)), "loggamma": mp.loggamma, "psi": mp.digamma,
    "polygamma": lambda n, x: mp.polygamma(int(n), x), "rgamma": mp.rgamma, "zeta": mp.zeta,
    "beta": mp.beta, "betaln": lambda x, y: mp.log(mp.beta(x, y)), "poch": mp.rf, "binom": mp.binomial,
    "gammainc": lambda a, x: mp.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mp.gammainc(a, x, mp.inf, regularized=True),
    "betainc": lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True),
    "betaincc": lambda a, b, x: mp.betainc(a, b, x, 1, regularized=True),
    "erf": mp.erf, "erfc": mp.erfc, "erfi": mp.erfi, "erfinv": mp.erfinv, "erfcinv": lambda x: mp.erfinv(1 - x),
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x), "dawsn": lambda x: mp.exp(-x * x) * mp.erfi(x) * mp.sqrt(mp.pi) / 2,
    "ndtr": mp.ncdf, "log_ndtr": lambda x: mp.log(mp.ncdf(x)), "ndtri": lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1),
    "ndtri_exp": lambda p: mp.sqrt(2) * mp.erfinv(2 * mp.exp(p) - 1),
    "owens_t": lambda h, a: mp.quad(lambda t: mp.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * mp.pi),
    "expit": lambda x: 1 / (1 + mp.exp(-x)), "log_expit": lambda x: -mp.log1p(mp.exp(-x)), "logit": lambda x: mp.log(x / (1 - x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)), "exp2": lambda x: mp.mpf(2) ** x, "exp10": lambda x: mp.mpf(10) ** x,
    "expm1": mp.expm1, "log1p": mp.log1p, "exprel": lambda x: mp.expm1(x) / x, "cosm1": lambda x: mp.cos(x) - 1, "cbrt": mp.cbrt,
    "xlogy": lambda x, y: x * mp.log(y), "xlog1py": lambda x, y: x * mp.log1p(y), "powm1": lambda x, y: x**y - 1,
    "entr": lambda x: -x * mp.log(x), "rel_entr": lambda x, y: x * mp.log(x / y),
    "kl_div": lambda x, y: x * mp.log(x / y) - x + y,
    "pseudo_huber": lambda d, r: d * d * (mp.sqrt(1 + (r / d) ** 2) - 1),
    "boxcox": lambda x, p: (x**p - 1) / p, "boxcox1p": lambda x, p: ((1 + x) ** p - 1) / p,
    "inv_boxcox": lambda y, p: (p * y + 1) ** (1 / p), "inv_boxcox1p": lambda y, p: (p * y + 1) ** (1 / p) - 1,
    "sindg": lambda x: mp.sin(mp.radians(x)), "cosdg": lambda x: mp.cos(mp.radians(x)), "tandg": lambda x: mp.tan(mp.radians(x)),
    "cotdg": lambda x: mp.cot(mp.radians(x)), "radian": lambda d, m, s: mp.radians(d + m / 60 + s / 3600),
    **{f"{k}{n}": (lambda f, n: lambda x: f(n, x))(f, n) for k, f in (
        ("j", mp.besselj), ("y", mp.bessely), ("i", mp.besseli), ("k", mp.besselk)) for n in (0, 1)},
    **{f"i{n}e": (lambda n: lambda x: mp.exp(-abs(x)) * mp.besseli(n, x))(n) for n in (0, 1)},
    **{f"k{n}e": (lambda n: lambda x: mp.exp(x) * mp.besselk(n, x))(n) for n in (0, 1)},
    "jv": mp.besselj, "yv": mp.bessely, "iv": mp.besseli, "kv": mp.besselk, "jve": mp.besselj, "yve": mp.bessely,
    "yn": mp.bessely, "kn": mp.besselk, "ive": lambda v, x: mp.exp(-x) * mp.besseli(v, x),
    "kve": lambda v, x: mp.exp(x) * mp.besselk(v, x), "hankel1": mp.hankel1, "hankel2": mp.hankel2,
    "hankel1e": lambda v, x: mp.exp(-1j * x) * mp.hankel1(v, x), "hankel2e": lambda v, x: mp.exp(1j * x) * mp.hankel2(v, x),
    "struve": mp.struveh, "modstruve": mp.struvel, "exp1": mp.e1, "expi": mp.ei, "expn": mp.expint,
    "spence": lambda x: mp.polylog(2, 1 - x), "agm": mp.agm, "hyp0f1": mp.hyp0f1, "hyp1f1": mp.hyp1f1, "hyp2f1": mp.hyp2f1,
    "hyperu": mp.hyperu, "ellipk": mp.ellipk, "ellipkm1": lambda p: mp.ellipk(1 - p), "ellipe": mp.ellipe,
    "ellipkinc": mp.ellipf, "ellipeinc": mp.ellipe, "elliprc": mp.elliprc, "elliprf": mp.elliprf, "elliprd": mp.elliprd,
    "elliprg": mp.elliprg, "elliprj": mp.elliprj, "ber": lambda x: mp.ber(0, x), "bei": lambda x: mp.bei(0, x),
    "ker": lambda x: mp.ker(0, x), "kei": lambda x: mp.kei(0, x),
    "eval_legendre": mp.legendre, "eval_chebyt": mp.chebyt, "eval_chebyu": mp.chebyu, "eval_hermite": mp.hermite,
    "eval_chebyc": lambda n, x: 2 * mp.chebyt(n, x / 2), "eval_chebys": lambda n, x: mp.chebyu(n, x / 2),
    "eval_hermitenorm": lambda n, x: mp.hermite(n, x / mp.sqrt(2)) / mp.mpf(2) ** (mp.mpf(n) / 2),
    "eval_laguerre": lambda n, x: mp.laguerre(n, 0, x), "eval_genlaguerre": mp.laguerre, "eval_gegenbauer": mp.gegenbauer,
    "eval_jacobi": mp.jacobi, "eval_sh_legendre": lambda n, x: mp.legendre(n, 2 * x - 1),
    "eval_sh_chebyt": lambda n, x: mp.chebyt(n, 2 * x - 1), "eval_sh_chebyu": lambda n, x: mp.chebyu(n, 2 * x - 1),
    "chdtr": lambda v, x: mp.gammainc(v / 2, 0, x / 2, regularized=True),
    "chdtrc": lambda v, x: mp.gammainc(v / 2, x / 2, mp.inf, regularized=True),
    "pdtr": lambda k, m: mp.gammainc(k + 1, m, mp.inf, regularized=True),
    "pdtrc": lambda k, m: mp.gammainc(k + 1, 0, m, regularized=True),
    "gdtr": lambda a, b, x: mp.gammainc(b, 0, a * x, regularized=True),
    "gdtrc": lambda a, b, x: mp.gammainc(b, a * x, mp.inf, regularized=True),
    "stdtr": lambda v, t: mp.mpf(1) / 2 + t * mp.gamma((v + 1) / 2) / mp.sqrt(mp.pi * v) / mp.gamma(v / 2)
    * mp.hyp2f1(0.5, (v + 1) / 2, 1.5, -t * t / v),
    "fdtr": lambda m, n, x: mp.betainc(m / 2, n / 2, 0, m * x / (n + m * x), regularized=True),
    "fdtrc": lambda m, n, x: mp.betainc(m / 2, n / 2, m * x / (n + m * x), 1, regularized=True),
    "bdtr": lambda k, n, p: mp.betainc(n - k, k + 1, 0, 1 - p, regularized=True),
    "bdtrc": lambda k, n, p: mp.betainc(k + 1, n - k, 0, p, regularized=True),
    "nbdtr": lambda k, n, p: mp.betainc(n, k + 1, 0, p, regularized=True),
    "nbdtrc": lambda k, n, p: mp.betainc(n, k + 1, p, 1, regularized=True),
}  # fmt: skip
#: points far out, where a plain formula overflows or cancels
FAR_SPECIAL = {
    "erfcx": [(30.0,), (1e4,), (-5.0,), (16.1,), (15.9,)], "dawsn": [(30.0,), (-1e4,), (16.1,), (15.9,)],
    "log_ndtr": [(-1e4,), (-3.0,), (6.0,), (30.0,)],
    "expit": [(40.0,), (-700.0,)], "log_expit": [(700.0,), (-700.0,)], "softplus": [(-700.0,), (700.0,)],
    "rgamma": [(0.0,), (-3.0,), (-2.5,), (-20.25,), (0.5,), (40.0,)], "expm1": [(-30.0,), (1e-9,)],
    "exprel": [(1e-6,), (-40.0,), (30.0,)], "boxcox": [(1.7, 1e-8), (0.3, -2.0)], "inv_boxcox": [(0.7, 1e-8), (0.7, -0.5)],
    "pseudo_huber": [(1.0, 1e-5), (1e-3, 1e5)], "psi": [(1e-3,), (-0.5,), (1e4,)], "gammaln": [(1e-8,), (1e8,)],
    "ellipk": [(0.0,), (1e-9,), (1 - 1e-9,), (-50.0,)], "ellipe": [(0.0,), (1 - 1e-9,), (-50.0,)], "ellipkm1": [(1e-30,)],
    "ellipkinc": [(0.7, 1e-12), (2.9, 0.4), (-8.0, 0.3)], "ellipeinc": [(0.7, 1e-12), (2.9, 0.4), (-8.0, 0.3)],
    "spence": [(1.0 + 1e-9,), (1e-9,), (0.5,), (50.0,)], "j1": [(0.0,), (1e-9,)], "i1": [(1e-9,)],
    "gammainc": [(60.0, 200.0), (0.5, 1e-9)],
    "betainc": [(50.0, 30.0, 1e-6)], "stdtr": [(3.0, 1e4)], "xlogy": [(0.0, 2.0), (1e-100, 1e100)], "rel_entr": [(1e150, 1e-150)],
    "kl_div": [(1e-10, 1e10)], "kve": [(1.5, 900.0)], "k0e": [(19.9,), (1e5,)], "k1e": [(19.9,), (900.0,), (1e5,)],
    "i0e": [(1e-9,), (1e5,), (-30.0,)], "i1e": [(-3.0,), (1e5,), (1e-9,)], "ndtri_exp": [(-60.0,), (-1e-9,)],
    "exp1": [(300.0,)], "expn": [(2, 300.0)], "ndtri": [(1e-30,)],
}  # fmt: skip


def oracle(name):
    """The function of a row by the row's name, and points far out; None where mpmath has none."""
    package, _, short = name.rpartition(".")
    if package == "scipy.special":
        return SPECIAL.get(short), FAR_SPECIAL.get(short, [])
    if package in ("math", "cmath"):
        short = OTHER_NAMES.get(short, short)
    if name in ("math.log", "cmath.log"):
        return mp.log, []
    if package in ("np", "math", "cmath"):
        return NUMPY.get(short) or SPECIAL.get(short), FAR_NUMPY.get(short, []) if package == "np" else []
    return None, []
