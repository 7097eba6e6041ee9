"""Each row in a small program, compiled: first and second derivatives in both modes against differences."""

import importlib.util

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.defs.table import BY_NAME
from tests.rules.harness import OF_PARAMETERS  # with it, all rows are loaded

RNG = np.random.default_rng(0)
A = RNG.uniform(0.3, 2.0, (3, 4))
Z = A[0] + 1j * A[1]
OPERATORS = {
    "add": "x + y", "sub": "x - y", "mul": "x * y", "truediv": "x / y", "mod": "x % y", "neg": "-x",
    "pos": "+x", "pow": "x ** y", "builtins.pow": "pow(x, y)", "np.where": "np.where(z > 0.5, x, y)",
    "np.clip": "np.clip(x, y, z)", "np.ldexp": "np.ldexp(x, 3)", "math.ldexp": "math.ldexp(x, 3)",
}  # fmt: skip
#: constant, or a step that differences can't see
LEFT_OUT = {"np.nextafter", "math.nextafter", "np.heaviside", "complex"}


def elementwise_rows():
    for name, d in sorted(BY_NAME.items()):
        if name.startswith(("cmath.", "scipy.")):  # test_cmath.py, test_scipy_special.py
            continue
        if d.family not in ("elementwise", "select") or name in LEFT_OUT | OF_PARAMETERS:
            continue
        names = "xyz"[: 1 if "ldexp" in name else len(d.partials)]
        expr = OPERATORS.get(name, f"{name}({', '.join(names)})")
        shapes = [((),) * len(names)]
        if not name.startswith("math.") and name != "float":
            shapes.append(((3,),) * len(names))
        if len(shapes) == 2 and len(names) == 2:
            shapes += [((), (3,)), ((2, 3), (3,)), ((3,), (2, 1))]
        for case in shapes:
            args = tuple(RNG.uniform(*d.domain, s) if s else float(RNG.uniform(*d.domain)) for s in case)
            yield (expr if all(s == () for s in case) else f"np.sum(np.sin({expr}))"), args


def powers():
    for p in ("2", "3", "0.5", "-1", "1", "0", "2.0", "-1.5"):
        yield f"x ** {p}", (0.7,)
        yield f"np.sum(x ** {p})", (A[0],)
        yield f"np.power(x, {p})", (np.float64(0.7),)
    yield "2.0 ** x", (0.7,)
    yield "np.sum(2.0 ** x)", (A[0],)


def reductions():
    for name in "sum mean prod max min var std ptp nansum nanmean nanmax amax average".split():
        yield f"np.{name}(x)", (A,)
        yield f"np.{name}(x)", (A[0],)
        for options in ("axis=0", "axis=1, keepdims=True", "axis=(0, 1)", "axis=-1"):
            yield f"np.sum(np.sin(np.{name}(x, {options})))", (A,)
    for name in ("cumsum", "cumprod"):
        for a, options in ((A, ""), (A[0], ""), (A, ", axis=0"), (A, ", axis=1")):
            yield f"np.sum(np.sin(np.{name}(x{options})))", (a,)
    for name in ("var", "std"):
        yield f"np.{name}(x, ddof=1)", (A,)
        yield f"np.sum(np.{name}(x, axis=0, ddof=1))", (A,)
    for call in ("x, weights=y", "x, None, y"):
        yield f"np.average({call})", (A, A * A)
    for call in ("x, axis=1, weights=y", "x, 1, y"):
        yield f"np.sum(np.sin(np.average({call})))", (A, A[0])
    yield "np.sum(x, where=x > 1.0)", (A,)


def scalars():
    for expr in (
        "math.hypot(x, y, z)", "math.log(x, y) * z", "math.pow(x, y) * z", "max(x, y) * z", "min(x, y, z)",
        "max([x, y]) * z", "sum([x, y, x * y]) * z", "sum([x, x * y], z)", "math.fsum([x, y]) * z",
        "math.prod([x, y, x]) * z", "math.dist([x, y], [y, z])", "np.sum([x, y]) * z",
        "np.mean([x, y, 2.0]) * z", "np.max([x, y]) * z", "np.prod((x, y)) * z", "abs(complex(x, y)) * z",
    ):  # fmt: skip
        yield expr, (0.3, 0.4, 0.7)


def sequences():
    for expr in ("max(x)", "sum(x)", "math.fsum(x)", "math.prod(x)", "math.dist(x, x * x)"):
        yield expr, (A[0],)
    yield "np.sum(np.sin(sum(x)))", (A,)
    yield "np.sum([x, x * x])", (A,)


def clips():
    for call in ("0.5, 1.0", "a_min=0.5, a_max=1.0", "0.5, None", "min=0.5, max=1.0", "None, 1.0"):
        yield f"np.sum(np.sin(np.clip(x, {call})))", (A,)
    yield "np.clip(x, None, y).sum()", (A, 1.0)
    yield "x.clip(0.5, y).sum()", (A, 1.0)
    yield "np.clip(x, min=0.5, max=y).sum()", (A, 1.0)


def complex_numbers():
    for expr in (
        "np.abs(x).sum()", "np.real(x * x).sum()", "np.imag(x * x).sum()", "np.angle(x).sum()", "np.var(x)",
        "np.std(x)", "x.real.sum() + x.imag.sum() * 2", "np.abs(np.sum(np.sqrt(x)))", "np.abs(np.prod(x))",
        "np.sum(np.abs(np.exp(x) * np.conj(x)))", "np.sum(np.real(x ** 2.5))", "abs(x[0])",
    ):  # fmt: skip
        yield expr, (Z,)
    yield "np.sum(np.real(x * y))", (Z, A[2])


def single_precision():
    for expr in (
        "np.sum(x ** 2)", "np.sum(np.exp(x) * x / (1 + x))", "np.mean(np.tanh(x), axis=0).sum()",
        "np.max(x, axis=1).sum()", "np.sum(np.where(x > 1, x, 2 * x))", "np.std(x, axis=1).sum()",
        "np.sum(np.cumprod(x, axis=1))", "np.sum(x ** y)",
    ):  # fmt: skip
        yield expr, (A.astype(np.float32), A.astype(np.float32) + 1)[: 1 + ("y" in expr)]


GROUPS = (elementwise_rows, powers, reductions, scalars, sequences, clips, complex_numbers, single_precision)
CASES = [case for group in GROUPS for case in group()]


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    """The cases as functions of a module: their source can be found."""
    path = tmp_path_factory.mktemp("rows") / "rows_as_programs.py"
    parts = ["import math", "import numpy as np"]
    for k, (expr, args) in enumerate(CASES):
        parts.append(f"def f{k}({', '.join('xyz'[: len(args)])}):\n    return {expr}\n")
    path.write_text("\n\n".join(parts))
    spec = importlib.util.spec_from_file_location("rows_as_programs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def label(k):
    expr, args = CASES[k]
    return f"{expr}-{[np.shape(a) for a in args]}"


@pytest.mark.parametrize("k", range(len(CASES)), ids=label)
def test_row(functions, k):
    expr, args = CASES[k]
    f = getattr(functions, f"f{k}")
    narrow = any(getattr(a, "dtype", None) == np.float32 for a in args)
    order = 1 if narrow or np.iscomplexobj(args[0]) else 2
    tolerance = {} if narrow else {"rtol": 1e-5, "atol": 1e-6}
    ds.check_grads(f, args, order=order, directions=1, **tolerance)
    for a, g in zip(args, ds.grad(f, tuple(range(len(args))))(*args)):
        assert np.shape(g) == np.shape(a), expr
        assert not hasattr(a, "dtype") or np.asarray(g).dtype == a.dtype, expr
