"""Elementwise rows and reductions on tracers: what they record is run by the interpreter and compared."""

import math
import operator

import numpy as np
import pytest

from diffsrc.ad.trace import Tracing
from diffsrc.compiler.interpret import run
from diffsrc.defs import special
from diffsrc.defs.table import BY_NAME
from diffsrc.ir.build import Builder
from diffsrc.ir.ops import Func, Return
from diffsrc.ir.types import COMPLEX, DTYPES, FLOAT, INT, Array, Scalar
from diffsrc.ir.values import Literal, Value
from tests.rules.harness import OF_PARAMETERS, active, direction, evaluate, row

KINDS = {name: kind for kind, name in DTYPES.items()}
RNG = np.random.default_rng(5)
A1, A2, A3 = RNG.uniform(0.3, 0.9, 4), RNG.uniform(0.3, 0.9, (3, 2)), RNG.uniform(0.3, 0.9, (2, 3, 4))


def type_of(x):
    if isinstance(x, np.ndarray):
        return Array(KINDS[x.dtype.name], tuple(n if n == 1 else f"n{n}" for n in x.shape))
    if isinstance(x, np.generic):
        return Scalar(KINDS[x.dtype.name])
    return {float: FLOAT, int: INT, complex: COMPLEX}[type(x)]


def traced(rule, *args):
    """Call a rule with tracers for the arrays and floats among `args`; run what it records."""
    builder = Builder()
    tracing = Tracing(builder)
    variable = [isinstance(a, (np.ndarray, np.generic, float, complex)) for a in args]
    params = [Value(f"p{k}", type_of(a)) for k, a in enumerate(args) if variable[k]]
    rest = iter(params)
    given = [tracing.wrap(next(rest)) if on else a for a, on in zip(args, variable)]
    builder.emit(Return(tracing.operand(rule(*given))))
    func = Func("rule", tuple(params), builder.finish())
    result = builder.ops[-1].value
    return run(func, [a for a, on in zip(args, variable) if on]), result


def agree(found, want, operand, label):
    np.testing.assert_allclose(np.asarray(found), np.asarray(want), rtol=1e-12, atol=1e-13, err_msg=label)
    t = operand.type
    if isinstance(t, Array):
        assert len(t.dims) == np.ndim(found), f"{label}: {t} for shape {np.shape(found)}"
        for dim, n in zip(t.dims, np.shape(found)):
            assert dim is None or dim in (n, f"n{n}") or not str(dim).startswith("n"), f"{label}: {t}"
        assert np.asarray(found).dtype.name == DTYPES[t.dtype], f"{label}: {t}"


REDUCTIONS = (
    np.sum, np.mean, np.prod, np.max, np.min, np.var, np.std, np.ptp, np.nansum, np.nanmean, np.average,
)  # fmt: skip


def general_cases():
    for fn in REDUCTIONS:
        for a, options in (
            (A1, {}), (A2, {}), (A2, {"axis": 0}), (A2, {"axis": -1}), (A3, {"axis": (0, 2)}),
            (A2, {"axis": 1, "keepdims": True}),
        ):  # fmt: skip
            yield fn, (a,), options
    for fn in (np.cumsum, np.cumprod):
        for a, options in ((A1, {}), (A2, {}), (A2, {"axis": 0}), (A3, {"axis": 1}), (A3, {"axis": -1})):
            yield fn, (a,), options
    for fn in (np.real, np.imag, np.conj, np.angle):
        for z in (A2, A2 + 1j * A2[::-1]):
            yield fn, (z,), {}
    yield np.var, (A2, 0, None, None, 1), {}
    yield np.average, (A3, 1, A2[:, 0]), {}
    yield math.hypot, (0.3, 0.4, 0.5), {}
    yield max, (0.3, 0.4), {}
    yield min, (0.3, 0.4, -0.5), {}
    yield max, (A1,), {}
    yield sum, (A1,), {}
    yield sum, (A2,), {}
    yield sum, (A2, 0.5), {}
    yield math.fsum, (A1,), {}
    yield math.prod, (A1,), {}
    yield math.dist, (A1, A1[::-1]), {}


def label(case):
    return f"{case[0].__name__}-{np.shape(case[1][0])}-{case[2]}"


@pytest.mark.parametrize("case", list(general_cases()), ids=label)
def test_general_rows(case):
    fn, args, options = case
    d, out = row(fn), fn(*args, **options)
    out = out if isinstance(out, (np.ndarray, np.generic)) else float(out)
    for i in [k for k, a in enumerate(args) if active(a)]:
        for name, like in (("jvp", args[i]), ("vjp", out)):
            rule = getattr(d.rules[i], name)
            seed = direction(like, RNG)
            found, operand = traced(lambda *a, rule=rule: rule(*a, **options), seed, out, *args)
            agree(found, rule(seed, out, *args, **options), operand, f"{d.name}: {name} of argument {i}")


OTHERS = ("cmath.", "scipy.", *OF_PARAMETERS)
ROWS = sorted(n for n, d in BY_NAME.items() if d.family in ("elementwise", "select") and not n.startswith(OTHERS))


@pytest.mark.parametrize("name", ROWS)
def test_partials(name):
    d = BY_NAME[name]
    low, high = d.domain
    scalars = name.startswith("math.") or name in ("float", "complex")
    for shape in ((), (4,)) if not scalars else ((),):
        args = [RNG.uniform(low, high, shape) if shape else float(RNG.uniform(low, high)) for _ in d.partials]
        if "ldexp" in name:
            args[1] = 3
        if d.fn is np.where:
            args[0] = args[0] > 0.5
        out = d.fn(*args)
        for i, partial in enumerate(d.partials):
            if partial is None:
                continue
            names = [*d.params, "out"]
            rule = lambda *a, p=partial, names=names: special.evaluate(p, dict(zip(names, a)))
            found, operand = traced(rule, *args, out)
            agree(found, evaluate(partial, d, out, tuple(args)), operand, f"{name}: partial {i}")


@pytest.mark.parametrize("p", [-2, 0, 1, 2, 3, 0.5, -0.5, 2.5])
def test_literal_powers(p):
    for x in (0.7, np.float64(0.7), A1):
        for fn in (operator.pow, np.power):
            partial, out = row(fn).partials[0], fn(x, p)
            found, operand = traced(lambda x, out: partial.fn(x=x, y=p, out=out), x, out)
            agree(found, partial.fn(x=x, y=p, out=out), operand, f"{fn.__name__} {p}")


def test_literal_exponents_read_as_one_would_write_them():
    builder = Builder()
    x = Tracing(builder).wrap(Value("x", Array("f64", ("n",))))
    partial = row(operator.pow).partials[0].fn
    partial(x=x, y=2, out=None)
    partial(x=x, y=3, out=None)
    ops = [(op.fn.name, [a.value if isinstance(a, Literal) else "x" for a in op.args]) for op in builder.ops]
    assert ops == [("mul", [2, "x"]), ("pow", ["x", 2]), ("mul", [3, "x"])]
