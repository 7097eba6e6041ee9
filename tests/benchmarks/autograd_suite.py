"""The numeric tests of HIPS autograd, run with diffsrc in place of it.

    python -m tests.benchmarks.autograd_suite PATH_OF_AUTOGRAD_TESTS [-k EXPRESSION] [-v]

`autograd.numpy` is NumPy itself, `autograd.scipy` is SciPy, and `check_grads` is ours: both modes against
differences, and one another, and second order of a weighted sum of the results. Every test ends as

* right;
* refused: what a test asks for is an `UnsupportedError`, whose reason is printed;
* WRONG: a derivative differs from the differences, or from what the test says;
* CRASHED: any other exception.

Tests of autograd's own machinery (vector spaces, primitives, tracers) aren't run: `MACHINERY` says which.
"""

from __future__ import annotations

import functools
import itertools
import linecache
import sys
import types
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.api import testing
from diffsrc.errors import DiffsrcError, InternalError

#: files, or tests, about what autograd is made of: -> what they test
MACHINERY = {
    "test_vspaces.py": "vector spaces of autograd",
    "test_tests.py": "check_grads itself, by wrong rules made with autograd's `primitive`",
    "test_ufunc_dispatch.py": "boxes inside arrays of other packages",
    "test_performance.py": "empty",
    "test_builtins.py": "autograd's isinstance, of lists without floats",
    "test_const_graph": "the graph of a traced program",
    "test_const_graph_args": "the graph of a traced program",
    "test_flatten": "autograd's flatten",
    "test_flatten_empty": "autograd's flatten",
    "test_flatten_dict": "autograd's flatten",
    "test_flatten_nodes_in_containers": "autograd's flatten",
    "test_flatten_complex": "autograd's flatten",
    "test_flatten_method": "a method of autograd's boxes",
    "test_deprecated_defgrad_wrapper": "names that autograd no longer has",
    "test_deprecated_defvjp_wrapper": "names that autograd no longer has",
    "test_deprecated_defvjp_is_zero_wrapper": "names that autograd no longer has",
    "test_deprecated_quick_grad_check_wrapper": "names that autograd no longer has",
    "test_wrapped_name_and_docs": "names of autograd's wrappers",
    "test_no_vjp_def": "autograd's `primitive`",
    "test_no_jvp_def": "autograd's `primitive`",
    "test_unimplemented_falseyness": "autograd's table of rules",
    "test_custom_where_dtypes": "autograd's `where`, no derivative",
    "test_assignment_raises_error": "autograd has no assignment, diffsrc has",
    "test_convolve_generalization": "a convolution that only autograd has",
    "test_convolve_ignore": "a convolution that only autograd has",
    "test_convolve_ignore_dot": "a convolution that only autograd has",
    "test_scalar_array_box_attributes": "attributes that only numbers of autograd have",
    "test_pinv": "names that only autograd's linalg has",
    "test_make_diagonal": "a function that only autograd has",
    "test_diagonal": "a function that only autograd has",
    "test_custom_where": "no derivative, and keywords that NumPy doesn't have",
    "test_rfftn_odd_not_implemented": "a case that autograd refuses",
}
#: tests that ask for a TypeError where diffsrc refuses
REFUSALS = {"test_grad_complex_output", "test_nograd"}


# -- what the tests import


def check_grads(f: Callable[..., Any], argnum: Any = 0, modes: Sequence[str] = (), order: int = 2) -> Callable[..., None]:
    """Autograd's: by the argument `argnum`, or several. Both modes are checked whatever `modes` says."""

    def run(*args: Any, **kwargs: Any) -> None:
        argnums = tuple(argnum) if isinstance(argnum, (tuple, list)) else (argnum,)
        program = Program(f, argnums, args, kwargs)
        compared(program.plain(), program.active, 1)
        if order > 1:
            compared(program.weighted(), program.active, 2)

    return run


def compared(f: Callable[..., Any], args: tuple[Any, ...], order: int) -> None:
    """Derivatives against differences; where these cross a kink or leave the domain, against differences of small steps."""
    try:
        ds.check_grads(f, args, order=order, modes=("fwd", "rev") if order == 1 else (), directions=1)
    except (AssertionError, ValueError):  # a step left where the function is defined
        check = testing._Check(f, args, 1e-5, None, np.random.default_rng(0), single=False)  # noqa: SLF001
        check.step = 1e-4
        check.first(("fwd", "rev"), check.direction(args)) if order == 1 else check.second()


def combo_check(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., None]:
    """Autograd's: every combination of the arguments that are listed."""

    def run(*choices: Any, **named: Any) -> None:
        options = [[(k, v) for v in values] for k, values in named.items()]
        for chosen in itertools.product(*choices):
            for keywords in itertools.product(*options):
                check_grads(f, *args, **kwargs)(*chosen, **dict(keywords))

    return run


class Program:
    """A call of `f` as a function of some of its arguments, written as text that says what the others are."""

    numbers = itertools.count()

    def __init__(self, f: Any, argnums: tuple[int, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.names: dict[str, Any] = {"f": f, "np": np}
        self.active = tuple(args[i] for i in argnums)
        self.params = ", ".join(f"x{i}" for i in argnums)
        shown = [f"x{i}" if i in argnums else self.constant(f"c{i}", a) for i, a in enumerate(args)]
        shown += [f"{k}={self.constant(f'k_{k}', v)}" for k, v in kwargs.items()]
        self.call = f"f({', '.join(shown)})"
        self.out = f(*args, **kwargs)

    def constant(self, name: str, value: Any) -> str:
        """A literal where Python has one; else a captured variable."""
        if _is_literal(value):
            return repr(value)
        self.names[name] = value
        return name

    def plain(self) -> Callable[..., Any]:
        return self.compiled(f"return {self.call}")

    def weighted(self) -> Callable[..., Any]:
        """The sum of all results, each times a random weight."""
        return self.compiled(f"out = {self.call}", f"return {self.sum_of('out', self.out)}")

    def sum_of(self, name: str, value: Any) -> str:
        if isinstance(value, Mapping):
            return " + ".join(self.sum_of(f"{name}[{k!r}]", v) for k, v in value.items()) or "0.0"
        if isinstance(value, (tuple, list)):
            return " + ".join(self.sum_of(f"{name}[{i}]", v) for i, v in enumerate(value)) or "0.0"
        weight = f"w{len(self.names)}"
        rng = np.random.default_rng(len(self.names))
        w = rng.uniform(0.5, 1.5, np.shape(value))
        self.names[weight] = w + 0.3j * rng.normal(size=np.shape(value)) if np.iscomplexobj(value) else w
        return f"np.real(np.sum({weight} * {name}))"

    def compiled(self, *lines: str) -> Callable[..., Any]:
        names = ", ".join(self.names)
        body = "".join(f"        {line}\n" for line in lines)
        text = f"def make({names}):\n    def program({self.params}):\n{body}    return program\n"
        file = f"<check {next(self.numbers)}>"
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
        space: dict[str, Any] = {}
        exec(compile(text, file, "exec"), space)
        return space["make"](**self.names)  # type: ignore[no-any-return]


def _is_literal(value: Any) -> bool:
    if type(value) in (tuple, list):
        return all(map(_is_literal, value))
    return value is None or value is Ellipsis or type(value) in (int, bool, str, float)


def check_equivalent(x: Any, y: Any) -> None:
    assert np.shape(x) == np.shape(y), (np.shape(x), np.shape(y))
    np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=1e-6, atol=1e-6)


def grad(f: Any, argnum: Any = 0) -> Any:
    return ds.grad(f, tuple(argnum) if isinstance(argnum, list) else argnum)


def value_and_grad(f: Any, argnum: Any = 0) -> Any:
    return ds.value_and_grad(f, tuple(argnum) if isinstance(argnum, list) else argnum)


def make_vjp(f: Any, argnum: Any = 0) -> Any:
    def run(*args: Any) -> Any:
        out, pullback = ds.vjp(f, *args)
        return (lambda ct: pullback(ct)[argnum]), out

    return run


def make_jvp(f: Any, argnum: int = 0) -> Any:
    return lambda *args: lambda v: ds.jvp(f, args, tuple(v if i == argnum else None for i in range(len(args))))


def deriv(f: Any, argnum: int = 0) -> Any:
    return lambda x: ds.jvp(f, (x,), (1.0,))[1]


def holomorphic_grad(f: Any) -> Any:
    return lambda z: ds.jvp(f, (z,), (1.0 + 0.0j,))[1]


def tensor_jacobian_product(f: Any) -> Any:
    return lambda x, v: np.tensordot(v, ds.jacobian(f)(x), np.ndim(v))


def hessian_tensor_product(f: Any) -> Any:
    return lambda x, v: ds.hvp(f, x, v)


def make_hvp(f: Any) -> Any:
    return lambda x: ((lambda v: ds.hvp(f, x, v)), None)


def make_ggnvp(f: Any, g: Any = lambda x: 1.0 / 2 * np.sum(x**2)) -> Any:
    def at(x: Any) -> Any:
        def product(v: Any) -> Any:
            out, dot = ds.jvp(f, (x,), (v,))
            return ds.vjp(f, x)[1](ds.hvp(g, out, dot))[0]

        return product

    return at


def grad_and_aux(f: Any) -> Any:
    return ds.grad(f, has_aux=True)


def unary_to_nary(operator: Any) -> Any:
    """Autograd's: an operator on functions of one argument is one on functions of several, by their `argnum`."""

    @functools.wraps(operator)
    def nary(f: Any, argnum: int = 0) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            def unary(x: Any) -> Any:
                return f(*args[:argnum], x, *args[argnum + 1 :], **kwargs)

            return operator(unary, args[argnum])

        return run

    return nary


def core_make_vjp(f: Any, x: Any) -> Any:
    out, pullback = ds.vjp(f, x)
    return (lambda ct: pullback(ct)[0]), out


def absent(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError("only autograd has this")


def install() -> None:
    """Put the modules that the tests import in the place of autograd's."""
    import scipy.integrate
    import scipy.linalg
    import scipy.signal
    import scipy.special
    import scipy.stats

    mvn = types.ModuleType("autograd.scipy.stats.multivariate_normal")
    for name in ("pdf", "logpdf", "cdf", "entropy", "rvs"):
        setattr(mvn, name, getattr(scipy.stats.multivariate_normal, name))
    here = {n: globals()[n] for n in (
        "grad value_and_grad make_jvp deriv holomorphic_grad tensor_jacobian_product hessian_tensor_product"
        " make_hvp make_ggnvp grad_and_aux make_vjp").split()}  # fmt: skip
    here |= {
        "hessian": ds.hessian, "jacobian": ds.jacobian, "elementwise_grad": ds.elementwise_grad,
        "checkpoint": lambda f: f, "dict": dict, "list": list, "tuple": tuple, "isinstance": isinstance,
        "numpy": np,
    }  # fmt: skip
    modules: dict[str, Any] = {
        "autograd": here,
        "autograd.core": {"make_vjp": core_make_vjp, "primitive": absent, "primitive_vjps": {}, "vspace": absent},
        "autograd.extend": {"primitive": lambda f: f, "defvjp": absent},
        "autograd.tracer": {"primitive": lambda f: f, "isbox": lambda x: False},
        "autograd.wrap_util": {"unary_to_nary": unary_to_nary},
        "autograd.builtins": {"isinstance": isinstance, "list": list, "tuple": tuple, "dict": dict},
        "autograd.misc": {"const_graph": absent, "flatten": absent},
        "autograd.util": {"quick_grad_check": absent},
        "autograd.test_util": {
            "check_grads": check_grads, "combo_check": combo_check, "check_equivalent": check_equivalent,
            "scalar_close": lambda a, b: abs(a - b) < 1e-6 * (1 + abs(a + b)),
        },
        "autograd.numpy": np, "autograd.numpy.random": np.random, "autograd.numpy.linalg": np.linalg,
        "autograd.scipy": {"signal": scipy.signal}, "autograd.scipy.linalg": scipy.linalg,
        "autograd.scipy.signal": scipy.signal, "autograd.scipy.special": scipy.special,
        "autograd.scipy.stats": scipy.stats, "autograd.scipy.integrate": scipy.integrate,
        "autograd.scipy.stats.multivariate_normal": mvn,
    }  # fmt: skip
    for name, contents in modules.items():
        module = contents
        if isinstance(contents, dict):
            module = types.ModuleType(name)
            module.__dict__.update(contents)
        sys.modules[name] = module
    sys.modules["autograd"].scipy = sys.modules["autograd.scipy"]


# -- the count


class Recorder:
    """A plug-in of pytest that keeps how each test ended."""

    def __init__(self) -> None:
        self.ends: dict[str, tuple[str, str]] = {}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [i for i in items if i.fspath.basename not in MACHINERY and i.originalname not in MACHINERY]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        yield
        if call.when == "call":
            name = f"{item.fspath.basename}::{item.name}"
            self.ends[name] = ended(item.originalname, call.excinfo and call.excinfo.value)


def ended(test: str, error: BaseException | None) -> tuple[str, str]:
    """How a test ended, and what it said."""
    if error is None or (test in REFUSALS and isinstance(error, DiffsrcError)):
        return "right", ""
    if isinstance(error, DiffsrcError) and not isinstance(error, InternalError):
        return "refused", str(error)
    if isinstance(error, AssertionError):
        return "WRONG", str(error)
    return "CRASHED", f"{type(error).__name__}: {error}"


def main(args: Sequence[str]) -> int:
    install()
    recorder = Recorder()
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--tb=no", "--no-summary", "--assert=plain"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = [a for a in args if a != "-v"]
        pytest.main([*quiet, "-W", "ignore", "-c", "/dev/null", *options], plugins=[recorder])
    for name, (kind, said) in recorder.ends.items():
        if kind != "right":
            print(f"{kind:8} {name}\n    {said if '-v' in args else said.splitlines()[0]}")
    count = Counter(kind for kind, _ in recorder.ends.values())
    total = sum(count.values()) or 1
    print(f"{total} tests: " + ", ".join(f"{count[k]} {k}" for k in ("right", "refused", "WRONG", "CRASHED")))
    print(f"{100 * count['right'] / total:.1f} % right")
    return count["WRONG"] + count["CRASHED"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
