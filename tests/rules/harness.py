"""Checks of derivative rules without the compiler: the functions of the table are called as they stand.

`check(fn, *args, **kwargs)` checks every inexact argument of one call:

* jvp against central differences, extrapolated (Ridders), whose own error estimate is the tolerance;
* vjp against jvp: the pairing Re(sum(ct * out_dot)) == Re(sum(x_ct * x_dot)), which is JAX's convention for
  complex numbers;
* shape and dtype of what a rule returns;
* second order: the rules are run on `Dual` numbers, which dispatch as the compiler's tracers do, and
  compared with differences of the rules.

`check_narrow` runs a call in single precision: the dtype stays, the values agree with double precision.
"""

from __future__ import annotations

import importlib
import operator
import pkgutil
from typing import Any, Callable

import numpy as np
import pytest

import diffsrc.defs
from diffsrc.defs import special
from diffsrc.defs.table import Def, Partial, lookup
from diffsrc.errors import UnsupportedError
from diffsrc.runtime.helpers import unbroadcast

for _module in pkgutil.iter_modules(diffsrc.defs.__path__):
    if not _module.name.startswith("scipy"):  # of functions that a program must import first
        importlib.import_module(f"diffsrc.defs.{_module.name}")


#: rows of slopes that SciPy hasn't, of arguments that aren't all numbers of one domain: test_incomplete.py, test_scipy_special.py
OF_PARAMETERS = frozenset({"gammainc_by_a", "betainc_by", "voigt_by_x"})


def row(fn: Callable[..., Any] | Def) -> Def:
    d = fn if isinstance(fn, Def) else lookup(fn)
    assert d is not None, f"no row for {fn}"
    return d


# -- running rules


def evaluate(partial: Partial, d: Def, out: Any, args: tuple[Any, ...]) -> Any:
    """The value of a partial's text."""
    return special.evaluate(partial, {**dict(zip(d.params, args)), "out": out})


def _partial(d: Def, i: int) -> Partial | None:
    return d.partials[i] if i < len(d.partials) else None


def jvp(d: Def, i: int, dot: Any, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a tangent of argument i contributes to the tangent of the result."""
    if d.family == "zero":
        return np.zeros_like(out, dtype=float)
    if d.family == "general":
        found = d.rules[i].jvp(dot, out, *args, **kwargs)
        return np.zeros_like(value_of(out)) if found is None else found
    partial = _partial(d, i)
    if partial is None:
        return np.zeros_like(value_of(out))
    p = evaluate(partial, d, out, args)
    g = project(select(p, dot) if d.family == "select" else dot * p, out)
    return g + np.zeros_like(value_of(out)) if np.shape(value_of(g)) != np.shape(value_of(out)) else g


def vjp(d: Def, i: int, ct: Any, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The cotangent of argument i."""
    if d.family == "general":
        found = d.rules[i].vjp(ct, out, *args, **kwargs)
        return np.zeros_like(strip_dual(args[i])) if found is None else project(found, args[i])
    partial = _partial(d, i)
    if partial is None:
        return np.zeros_like(value_of(args[i]))
    p = evaluate(partial, d, out, args)
    g = select(p, ct) if d.family == "select" else ct * p
    return project(_unbroadcast(g, args[i]), args[i])


def select(mask: Any, g: Any) -> Any:
    return np.where(mask, g, 0.0)


def _unbroadcast(g: Any, x: Any) -> Any:
    return dispatch(unbroadcast, (g, x), {}) if has_dual((g, x)) else unbroadcast(g, x)


def project(g: Any, x: Any) -> Any:
    """The real part where the argument is real, item by item for displays."""
    if isinstance(g, (list, tuple)):
        return type(g)(project(a, b) for a, b in zip(g, x))
    if np.iscomplexobj(value_of(g)) and not np.iscomplexobj(value_of(x)):
        return dispatch(np.real, (g,), {}) if isinstance(g, Dual) else np.real(g)
    return g


# -- dual numbers


def value_of(x: Any) -> Any:
    return x.value if isinstance(x, Dual) else x


def dot_of(x: Any) -> Any:
    if isinstance(x, Dual):
        return x.dot
    if isinstance(x, (list, tuple)):
        return type(x)(dot_of(item) for item in x)
    return np.zeros(np.shape(x))[()]


def has_dual(x: Any) -> bool:
    return any(map(has_dual, x)) if isinstance(x, (list, tuple)) else isinstance(x, Dual)


def strip_dual(x: Any) -> Any:
    return type(x)(map(strip_dual, x)) if isinstance(x, (list, tuple)) else value_of(x)


def dispatch(fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function of the table on duals: its value, and the sum of the tangents' contributions."""
    d = row(fn)
    plain = tuple(map(strip_dual, args))
    options = {k: strip_dual(v) for k, v in kwargs.items()}
    out = fn(*plain, **options)
    several = isinstance(out, (list, tuple))
    if d.family == "zero" or (not several and np.asarray(out).dtype.kind in "biuOSU"):
        return out
    dots = [jvp(d, i, dot_of(a), out, plain, options) for i, a in enumerate(args) if has_dual(a)]
    make = getattr(type(out), "_make", type(out))
    return make(map(Dual, out, map(sum, zip(*dots)))) if several else Dual(out, sum(dots))


class Dual:
    """A value and its tangent; everything else in Python and NumPy comes to `dispatch`."""

    __array_priority__ = 1e6

    def __init__(self, value: Any, dot: Any) -> None:
        self.value = value
        self.dot = np.broadcast_to(dot, np.shape(value))[()]
        self.dtype = np.asarray(value).dtype
        self.shape = np.shape(value)
        self.ndim = len(self.shape)
        self.size = int(np.size(value))

    @property
    def T(self) -> Any:
        return Dual(np.transpose(self.value), np.transpose(self.dot))

    @property
    def real(self) -> Any:
        return dispatch(np.real, (self,), {})

    @property
    def imag(self) -> Any:
        return dispatch(np.imag, (self,), {})

    def __getitem__(self, index: Any) -> Any:
        return Dual(self.value[index], self.dot[index])

    def __getattr__(self, name: str) -> Any:
        from diffsrc.defs import methods

        if name.startswith("__") or name not in methods.METHODS:
            raise AttributeError(name)
        spec = methods.METHODS[name]

        def method(*args: Any, **kwargs: Any) -> Any:
            items, named = (self, *args), kwargs
            if spec.normalise:
                items, named = spec.normalise(items, named)
            return dispatch(spec.fn, items, named)

        return method

    def __len__(self) -> int:
        return len(self.value)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        assert method == "__call__", f"a rule uses {ufunc.__name__}.{method}"
        return dispatch(ufunc, args, kwargs)

    def __array_function__(self, fn: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return dispatch(fn, args, kwargs)

    def __bool__(self) -> bool:
        raise AssertionError("a rule branches on contents")

    __hash__ = None  # type: ignore[assignment]


def _install() -> None:
    def binary(fn: Any, swap: bool) -> Any:
        return lambda a, b: dispatch(fn, (b, a) if swap else (a, b), {})

    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor"):
        fn = getattr(operator, name)
        setattr(Dual, f"__{name.strip('_')}__", binary(fn, False))
        setattr(Dual, f"__r{name.strip('_')}__", binary(fn, True))
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(Dual, f"__{name}__", binary(getattr(operator, name), False))
    for name in ("neg", "pos", "invert", "abs"):
        fn = abs if name == "abs" else getattr(operator, name)
        setattr(Dual, f"__{name}__", lambda a, fn=fn: dispatch(fn, (a,), {}))


_install()


# -- differences


def ridders(f: Callable[[float], Any], h: float = 0.02) -> tuple[Any, float]:
    """The derivative of f at 0, by extrapolated differences, and an estimate of its largest error."""
    shrink, best, error = 1.4, None, np.inf
    table: list[list[Any]] = []
    for n in range(9):
        step = h / shrink**n
        line = [(np.asarray(f(step)) - np.asarray(f(-step))) / (2 * step)]
        factor = shrink**2
        for k in range(n):
            line.append((line[k] * factor - table[-1][k]) / (factor - 1))
            factor *= shrink**2
            steps = np.stack([line[-1] - line[-2], line[-1] - table[-1][k]])
            found = float(np.max(np.abs(steps), initial=0.0))
            if found <= error:
                best, error = line[-1], found
        table.append(line)
    return best, error


def close(a: Any, b: Any, error: float, what: str) -> None:
    scale = 1 + float(np.max(np.abs(b), initial=0.0))
    assert error <= 1e-4 * scale, f"{what}: differences don't converge ({error:.1e}): choose other inputs"
    np.testing.assert_allclose(a, b, rtol=0, atol=20 * error + 1e-9 * scale, err_msg=what)


# -- checks


def active(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return bool(x) and all(map(active, x))
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return isinstance(x, (float, complex))


def direction(x: Any, rng: np.random.Generator) -> Any:
    """A random tangent or cotangent for a value."""
    if isinstance(x, (list, tuple)):
        return type(x)(direction(item, rng) for item in x)
    v = rng.normal(size=np.shape(x))
    if np.iscomplexobj(x):
        v = v + 1j * rng.normal(size=np.shape(x))
    dtype = getattr(x, "dtype", None)
    return v.astype(dtype)[()] if dtype is not None else complex(v) if isinstance(x, complex) else float(v)


def moved(x: Any, dot: Any, step: float) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(moved(a, b, step) for a, b in zip(x, dot))
    return x + step * dot


def pair(a: Any, b: Any) -> float:
    if isinstance(a, (list, tuple)):
        return sum(pair(x, y) for x, y in zip(a, b))
    return float(np.real(np.sum(np.asarray(a) * np.asarray(b))))


def dualise(x: Any, dot: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(dualise(a, b) for a, b in zip(x, dot))
    return Dual(x, dot)


def replaced(args: tuple[Any, ...], i: int, new: Any) -> tuple[Any, ...]:
    return (*args[:i], new, *args[i + 1 :])


def check(
    fn: Callable[..., Any],
    *args: Any,
    wrt: tuple[int, ...] | None = None,
    second: bool = True,
    seed: int = 0,
    **kwargs: Any,
) -> None:
    """Check the rules of `fn` at these arguments (all inexact ones, or those in `wrt`)."""
    rng = np.random.default_rng(seed)
    d = row(fn)
    out = fn(*args, **kwargs)
    ct = direction(out, rng)
    for i in wrt if wrt is not None else [k for k, a in enumerate(args) if active(a)]:
        label = f"{d.name}, argument {i}"
        dot = direction(args[i], rng)
        found = jvp(d, i, dot, out, args, kwargs)
        assert np.shape(found) == np.shape(out), f"{label}: jvp has shape {np.shape(found)}"
        want = ridders(lambda e: fn(*replaced(args, i, moved(args[i], dot, e)), **kwargs))
        close(found, *want, f"{label}: jvp")
        back = vjp(d, i, ct, out, args, kwargs)
        _same_shape(back, args[i], f"{label}: vjp")
        np.testing.assert_allclose(pair(back, dot), pair(ct, found), 1e-9, 1e-9, err_msg=f"{label}: vjp")
        if d.family == "general":
            check_options(d, i, dot, ct, out, args, kwargs)
        if second:
            _second(fn, d, i, dot, ct, args, kwargs, rng, wrt)


def check_options(d: Def, i: int, dot: Any, ct: Any, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """An option that a rule doesn't know is never passed over."""
    for rule, seed in ((jvp, dot), (vjp, ct)):
        with pytest.raises((UnsupportedError, TypeError)):
            rule(d, i, seed, out, args, {**kwargs, "of_tomorrow": 1.0})


def _same_shape(g: Any, x: Any, what: str) -> None:
    if isinstance(x, (list, tuple)):
        assert isinstance(g, (list, tuple)), f"{what}: not a sequence"
        for a, b in zip(g, x, strict=True):
            _same_shape(a, b, what)
        return
    assert np.shape(g) == np.shape(x), f"{what} has shape {np.shape(g)} for {np.shape(x)}"
    assert np.iscomplexobj(g) == np.iscomplexobj(x), f"{what} has dtype {np.asarray(g).dtype}"


def _second(fn: Any, d: Def, i: int, dot: Any, ct: Any, args: Any, kwargs: Any, rng: Any, wrt: Any) -> None:
    """Tangents of the rules of argument i against their differences, moving each active argument."""
    for j, a in enumerate(args):
        if not active(a) or (wrt is not None and j not in wrt):
            continue
        step = direction(a, rng)
        dual_args = replaced(args, j, dualise(a, step))
        out = fn(*args, **kwargs)
        dual_out = Dual(out, jvp(d, j, step, out, args, kwargs))
        for name, rule, seed in (("jvp", jvp, dot), ("vjp", vjp, ct)):

            def at(e: float) -> Any:
                here = replaced(args, j, moved(a, step, e))
                return _flat(rule(d, i, seed, fn(*here, **kwargs), here, kwargs))

            want, error = ridders(at)
            found = _flat(rule(d, i, seed, dual_out, dual_args, kwargs), dots=True)
            close(found, want, error, f"{d.name}: derivative by argument {j} of the {name} of argument {i}")


def _flat(x: Any, dots: bool = False) -> Any:
    if isinstance(x, (list, tuple)):
        return np.concatenate([np.ravel(_flat(item, dots)) for item in x])
    if dots:
        return np.asarray(dot_of(x))
    return np.asarray(x)


_NARROW = {"float64": np.float32, "complex128": np.complex64}


def narrow(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(map(narrow, x))
    dtype = getattr(x, "dtype", None)
    return x if dtype is None or dtype.name not in _NARROW else x.astype(_NARROW[dtype.name])


def check_narrow(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """In single precision: the same values, and no wider dtype."""
    d, rng = row(fn), np.random.default_rng(0)
    small = tuple(map(narrow, args))
    out, small_out = fn(*args, **kwargs), fn(*small, **kwargs)
    ct = direction(out, rng)
    for i, a in enumerate(args):
        if not active(a) or not hasattr(a, "dtype"):
            continue
        dot = direction(a, rng)
        for name, rule, seed, like in (("jvp", jvp, dot, small_out), ("vjp", vjp, ct, small[i])):
            want = rule(d, i, seed, out, args, kwargs)
            found = rule(d, i, narrow(seed), small_out, small, kwargs)
            label = f"{d.name}: {name} of argument {i} in single precision"
            np.testing.assert_allclose(found, want, rtol=2e-3, atol=2e-3, err_msg=label)
            assert np.asarray(found).dtype == np.asarray(like).dtype, f"{label}: {np.asarray(found).dtype}"
