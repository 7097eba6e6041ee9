"""Samples of every row of the rule tables, over dtypes and layouts, each in both modes and to order 2.

    python -m tests.rules.samples [WORD ...] [--share 0.1]

runs the rules without the compiler and counts by family; it ends with 1 when one is wrong. Two sources:

* elementwise rows at points of their domains: every shape of arguments that broadcasts, C and Fortran order, strides, negative
  strides, read-only memory, broadcast memory, no dimensions, no elements; float64, float32, complex128;
* each call of the tables of calls.py whose outermost function has a row, in every layout and dtype.

In double precision every entry of the Jacobian is compared with mpmath or the complex step, relative to 1e-12, where those apply,
else with differences, relative to what these can tell.
"""

from __future__ import annotations

import ast
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from diffsrc.defs import packages, table
from diffsrc.defs.table import Def
from diffsrc.errors import NoRuleError, UnsupportedError
from tests.probe.harness import judge

from . import calls
from .exact import COUNTS, derivative, known, oracle
from .harness import OF_PARAMETERS, Dual, active, direction, dualise, jvp, moved, project, replaced, ridders, vjp
from .several import flat

packages.load_all()

EXACT = 1e-12
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if np.ndim(a) else a,
    "reversed": lambda a: a[::-1].copy()[::-1] if np.ndim(a) else a,
    "read-only": lambda a: _read_only(a),
}  # fmt: skip
DTYPES = ("float64", "float32", "complex128")


def _read_only(a: Any) -> Any:
    b = np.array(a)
    b.flags.writeable = False
    return b


@dataclass(frozen=True)
class Sample:
    """One call of a row: which arguments vary, and how its Jacobian is known (`reference`: per varied argument)."""

    d: Def
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    wrt: tuple[int, ...]
    family: str
    label: str
    reference: Callable[[int], tuple[Any, float]]


# -- elementwise rows

#: shapes per number of arguments
SHAPES = {
    1: [((),), ((3,),), ((1,),), ((2, 3),), ((0,),), ((2, 1, 2),), ((2, 0),)],
    2: [((), ()), ((3,), ()), ((), (3,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((1,), (3,)), ((0,), ()),
        ((2, 3), (2, 1)), ((2, 2), (2, 2)), ((0, 3), (3,)), ((2, 1, 2), (3, 1))],
    3: [((), (), ()), ((3,), (), ()), ((3,), (3,), (3,)), ((2, 1), (3,), ()), ((), (2, 2), (2, 1)), ((0,), (), (1,))],
    4: [((), (), (), ()), ((3,), (3,), (3,), (3,)), ((2, 1), (3,), (), (1,))],
}  # fmt: skip
#: functions of several arrays in a list
SEQUENCES = {
    "np.array", "np.asarray", "np.stack", "np.concatenate", "np.vstack", "np.hstack", "np.dstack", "np.column_stack", "np.block",
    "np.select", "np.choose", "np.linalg.multi_dot",
}  # fmt: skip
#: of complex matrices, factors that are known up to a phase
PHASES = {"np.linalg.svd", "np.linalg.eigh", "np.linalg.eig"}
#: functions whose algorithm, by Schur factors, loses the digits of a tiny imaginary part
BY_SCHUR = {"scipy.linalg.logm", "scipy.linalg.sqrtm"}
#: functions whose number of results hangs on equality
SETS = {"np.intersect1d", "np.union1d", "np.setdiff1d", "np.setxor1d", "np.unique"}
#: functions that are called for each of several arrays, by rows of one
FOR_EACH = {"np.atleast_1d", "np.atleast_2d", "np.atleast_3d"}
#: functions that SciPy itself doesn't compute more exactly
INEXACT = {"scipy.special.hyperu": 2e-11, "scipy.special.kerp": 1e-6, "scipy.special.keip": 1e-6}
#: rows of other domains than their partials tell, or that take other arguments than arrays
NOT_SAMPLED = OF_PARAMETERS | {"complex", "float"}


def elementwise_rows() -> list[Def]:
    rows = (d for n, d in sorted(table.BY_NAME.items()) if d.family in ("elementwise", "select") and _is_sampled(n))
    return [d for d in rows if d.name not in NOT_SAMPLED and _varied(d)]


def _is_sampled(name: str) -> bool:
    """Distributions have tests of their own, in which parameters have domains: test_scipy_stats.py."""
    return not name.startswith("scipy.") or name.startswith("scipy.special.")


def _varied(d: Def) -> tuple[int, ...]:
    if d.family == "select":
        return tuple(i for i, m in enumerate(d.partials) if m is not None)
    counts = COUNTS.get(d.name.rpartition(".")[2], ()) if d.name.startswith("scipy.special") else ()
    return tuple(i for i in known(d) if i >= len(counts))


@lru_cache(maxsize=None)
def pool(d: Def, complex_: bool) -> tuple[tuple[Any, ...], ...]:
    """Values for each argument: counts have one, others three in the row's domain."""
    short = d.name.rpartition(".")[2]
    counts = COUNTS.get(short, ()) if d.name.startswith("scipy.special") else ()
    rng = np.random.default_rng(sum(map(ord, d.name)))
    low, high = d.domain
    values: list[tuple[Any, ...]] = [(n,) for n in counts]
    for i in range(len(counts), len(d.partials)):
        if short == "ldexp" and i == 1:
            values.append((3,))
        elif d.name == "np.where" and i == 0:
            values.append((True, False))
        else:
            found = rng.uniform(low, high, 3)
            values.append(tuple(map(complex, found + 0.4j * rng.uniform(0.2, 1.0, 3)) if complex_ else map(float, found)))
    return tuple(values)


@lru_cache(maxsize=None)
def partial_at(d: Def, i: int, point: tuple[Any, ...]) -> tuple[complex, float] | None:
    """The derivative by argument i at a point, and what is allowed beside it; by mpmath, the complex step, or differences."""
    f, _ = oracle(d.name)
    if f is not None and d.family == "elementwise":
        try:
            return complex(derivative(f, point, i)), INEXACT.get(d.name, EXACT)
        except (TypeError, ValueError, ZeroDivisionError, NotImplementedError):
            pass
    with np.errstate(all="ignore"):
        want, error = ridders(lambda e: d.fn(*replaced(point, i, point[i] + e)), 0.01)
    stepped = _complex_step(lambda x: d.fn(*replaced(point, i, x)), point[i])
    if stepped is not None and abs(stepped - want) <= 1e-7 * (1 + abs(want)):
        return complex(stepped), EXACT
    return complex(want), INEXACT.get(d.name, 1e-9) + 30 * error / (abs(complex(want)) + 1e-3)


def _complex_step(f: Callable[[Any], Any], x: Any) -> Any:
    if isinstance(x, complex):
        return None
    try:
        with np.errstate(all="ignore"):
            out = np.asarray(f(np.asarray(x) + 1e-30j))
    except (TypeError, ValueError):
        return None
    return np.imag(out) / 1e-30 if out.dtype.kind == "c" and np.all(np.isfinite(out)) else None


def elementwise_samples(d: Def, rng: np.random.Generator) -> Iterator[Sample]:
    varied = _varied(d)
    numbers_only = d.name.startswith(("math.", "cmath."))
    for dtype in DTYPES:
        complex_ = dtype == "complex128"
        if complex_ and not _takes_complex(d):
            continue
        if numbers_only and (complex_ != d.name.startswith("cmath.") or dtype == "float32"):
            continue
        values = pool(d, complex_)
        for shapes in SHAPES[len(values)]:
            if numbers_only and any(shapes):
                continue
            for layout in LAYOUTS if any(len(s) > 1 or s and s[0] > 1 for s in shapes) else ("C",):
                yield elementwise_sample(d, values, shapes, layout, dtype, varied, rng)
            if any(s and s != (0,) for s in shapes):
                yield elementwise_sample(d, values, shapes, "broadcast", dtype, varied, rng)


def elementwise_sample(
    d: Def, values: Any, shapes: Any, layout: str, dtype: str, varied: tuple[int, ...], rng: np.random.Generator
) -> Sample:
    shapes = tuple(() if i not in varied and len(v) == 1 else s for i, (v, s) in enumerate(zip(values, shapes)))
    picks = [rng.integers(0, len(v), s if layout != "broadcast" or not s else (*s[:-1], 1)) for v, s in zip(values, shapes)]
    args = []
    for i, (v, s, pick) in enumerate(zip(values, shapes, picks)):
        if s == ():
            picks[i] = np.asarray(pick)
            args.append(v[int(np.ravel(picks[i])[0])])
            continue
        a = np.asarray(v)[pick]
        a = a.astype(dtype) if a.dtype.kind in "fc" else a
        args.append(np.broadcast_to(a, s) if layout == "broadcast" else LAYOUTS[layout](a))

    def reference(i: int) -> tuple[Any, float]:
        whole = np.broadcast_arrays(*[np.broadcast_to(p, s) if p.shape != s and s else p for p, s in zip(picks, shapes)])
        found = np.zeros(whole[0].shape, complex)
        allowed = EXACT
        for at in np.ndindex(found.shape):
            point = tuple(v[int(w[at])] for v, w in zip(values, whole))
            known_ = partial_at(d, i, point)
            assert known_ is not None
            found[at], error = known_
            allowed = max(allowed, error)
        return found, allowed

    return Sample(d, tuple(args), {}, varied, f"{_package(d)} elementwise", f"{shapes} {layout} {dtype}", reference)


@lru_cache(maxsize=None)
def _takes_complex(d: Def) -> bool:
    """Whether the function takes complex numbers, and is analytic there."""
    values = pool(d, True)
    if d.family == "select" and d.name != "np.where":  # by an order
        return False
    try:
        with np.errstate(all="ignore"):
            point = tuple(v[0] for v in values)
            out = d.fn(*point)
            if not np.iscomplexobj(out) or not np.all(np.isfinite(out)):
                return False
            for i in _varied(d):
                jvp(d, i, 1.0, out, point, {})
            for i in _varied(d):
                a, b = (ridders(lambda e: d.fn(*replaced(point, i, point[i] + e * u)), 0.01)[0] / u for u in (1.0, 1j))
                if not abs(a - b) <= 1e-6 * (1 + abs(a)):
                    return False
    except (TypeError, ValueError, NoRuleError):
        return False
    return True


def _package(d: Def) -> str:
    head, _, rest = d.name.partition(".")
    known_ = {"np": "numpy", "scipy": f"scipy.{rest.partition('.')[0]}", "math": "math", "cmath": "cmath"}
    return known_.get(head, "operators")


def check_elementwise(s: Sample) -> None:
    """Every entry of the Jacobian, which is diagonal, in both modes; then order 2."""
    rng = np.random.default_rng(0)
    d, single = s.d, any(getattr(a, "dtype", None) == np.float32 for a in s.args)
    with np.errstate(all="ignore"):
        out = d.fn(*s.args)
    for i in s.wrt:
        x = s.args[i]
        found_, allowed = s.reference(i)
        ct, dot = direction(out, rng), direction(x, rng)
        if not np.iscomplexobj(out):
            found_ = np.real(found_)
        ahead, back = jvp(d, i, dot, out, s.args, s.kwargs), vjp(d, i, ct, out, s.args, s.kwargs)
        allowed = 3e-4 if single else allowed
        _entries(ahead, dot * found_, np.abs(dot * found_), allowed, "jvp")
        want = project(_summed(ct * found_, np.shape(x)), x)
        _entries(back, want, _summed(np.abs(ct * found_), np.shape(x)), allowed, "vjp")
        if single:
            continue
        second_order(s, i, dot, ct, out)


def _summed(g: Any, shape: tuple[int, ...]) -> Any:
    g = np.asarray(g)
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1 and g.shape[k] != 1), keepdims=True).reshape(shape)


def _entries(found: Any, want: Any, scale: Any, allowed: float, what: str) -> None:
    found, want = np.asarray(found), np.asarray(want)
    assert found.shape == want.shape, f"{what}: shape {found.shape}, not {want.shape}"
    wrong = ~(np.abs(found - want) <= allowed * np.asarray(scale) + 1e-290)
    assert not np.any(wrong), f"{what}: {found[wrong]}, not {want[wrong]}"


def second_order(s: Sample, i: int, dot: Any, ct: Any, out: Any) -> None:
    """Tangents of both rules, moving each argument that varies, against differences of the rules."""
    rng = np.random.default_rng(1)
    for j in s.wrt:
        a = s.args[j]
        step = direction(a, rng)
        dual_args = replaced(s.args, j, dualise(a, step))
        change = jvp(s.d, j, step, out, s.args, s.kwargs)
        dual_out = type(out)(map(Dual, out, change)) if isinstance(out, (tuple, list)) else Dual(out, change)
        for rule, seed, name in ((jvp, dot, "jvp"), (vjp, ct, "vjp")):

            def at(e: float, rule: Any = rule, seed: Any = seed, j: int = j, step: Any = step, a: Any = a) -> Any:
                here = replaced(s.args, j, moved(a, step, e))
                with np.errstate(all="ignore"):
                    return flat(rule(s.d, i, seed, s.d.fn(*here, **s.kwargs), here, s.kwargs))

            want, error = ridders(at, 0.01)
            try:
                found = flat(rule(s.d, i, seed, dual_out, dual_args, s.kwargs), dots=True)
            except NoRuleError:  # second derivatives aren't known for complex numbers
                assert any(map(np.iscomplexobj, s.args))
                continue
            scale = 1 + np.max(np.abs(want), initial=0.0)
            assert np.shape(found) == np.shape(want), f"order 2 of {name}: shape"
            assert np.all(np.abs(found - want) <= 30 * error + 1e-8 * scale), f"order 2 of {name}: {found}, not {want}"


# -- calls


@dataclass(frozen=True)
class Parsed:
    """The outermost call of a line: its row, and text of its arguments."""

    call: calls.Call
    d: Def
    args: tuple[str, ...]
    kwargs: tuple[tuple[str, str], ...]
    wrt: tuple[int, ...]


def parsed(call: calls.Call) -> Parsed | None:
    """None where the outermost function has no general row, or a call is refused."""
    node = ast.parse(call.text, mode="eval").body
    if call.refused or not isinstance(node, ast.Call) or any(isinstance(a, ast.Starred) for a in node.args):
        return None
    try:
        fn = eval(ast.unparse(node.func), dict(calls.SPACE))  # noqa: S307  text of the table
    except NameError:  # a method
        return None
    d = table.lookup(fn)
    if d is None or d.family != "general" or not d.rules or d.joint is not None or d.name in SETS:
        return None
    if d.name in FOR_EACH and len(node.args) > 1:
        return None
    names = set(calls.arguments(call.arguments))
    varied = [
        i for i, a in enumerate(node.args) if i in d.rules and names & {n.id for n in ast.walk(a) if isinstance(n, ast.Name)}
    ]  # fmt: skip
    kwargs = tuple((k.arg or "", ast.unparse(k.value)) for k in node.keywords)
    return Parsed(call, d, tuple(map(ast.unparse, node.args)), kwargs, tuple(varied)) if varied else None


@lru_cache(maxsize=None)
def lines() -> tuple[Parsed, ...]:
    return tuple(p for call in calls.table() if (p := parsed(call)) is not None)


def built(p: Parsed, dtype: str, layout: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    space = calls.SPACE | {k: _cast(v, dtype) for k, v in calls.arguments(p.call.arguments).items()}
    args = tuple(eval(a, dict(space)) for a in p.args)  # noqa: S307
    kwargs = {k: eval(a, dict(space)) for k, a in p.kwargs}  # noqa: S307
    kwargs = {k: _taken(p.d, a, k == "weights") for k, a in kwargs.items()}
    taken = [_taken(p.d, a, i in p.wrt) for i, a in enumerate(args)]
    return tuple(_laid(a, layout) if i in p.wrt else a for i, a in enumerate(taken)), kwargs


def _taken(d: Def, a: Any, varied: bool) -> Any:
    """An argument as a rule gets it: NumPy's functions make arrays of lists, but for those that join arrays."""
    if not isinstance(a, (list, tuple)):
        return a
    if d.name in SEQUENCES:
        inner = d.name not in ("np.array", "np.asarray", "np.block")
        return [np.asarray(x) if inner and isinstance(x, list) else x for x in a] if varied else a
    return np.asarray(a) if varied or (a and all(type(x) is float for x in a)) else a


def _cast(v: Any, dtype: str) -> Any:
    if isinstance(v, list):
        return [_cast(x, dtype) for x in v]
    if dtype == "complex128" and not np.iscomplexobj(v):
        v = v + 0.3j * np.cos(3 * np.asarray(v))[()]
        return v
    return v.astype(dtype) if dtype == "float32" and isinstance(v, np.ndarray) and v.dtype == np.float64 else v


def _laid(a: Any, layout: str) -> Any:
    """Arrays in a layout; numbers as NumPy's."""
    if type(a) in (float, complex):
        return np.asarray(a)[()]
    if isinstance(a, (tuple, list)):
        return type(a)(_laid(x, layout) if isinstance(x, (np.ndarray, list, tuple)) else x for x in a)
    return LAYOUTS[layout](a) if isinstance(a, np.ndarray) and a.ndim else a


#: what a function raises that doesn't take a dtype
NOT_TAKEN = (TypeError, ValueError, NotImplementedError, np.linalg.LinAlgError, UnsupportedError)


def call_samples(p: Parsed) -> Iterator[tuple[Parsed, str, str]]:
    for dtype in DTYPES:
        if dtype == "complex128" and p.d.name in PHASES:
            continue
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                args, kwargs = built(p, dtype, "C")
                out = p.d.fn(*args, **kwargs)
                if dtype != "float64" and not _same_kind(args, out, p, dtype):
                    continue
                for i in p.wrt:
                    jvp(p.d, i, direction(args[i], np.random.default_rng(0)), out, args, kwargs)
        except (*NOT_TAKEN, np.exceptions.ComplexWarning):
            continue
        yield from ((p, dtype, layout) for layout in LAYOUTS)


def _same_kind(args: Any, out: Any, p: Parsed, dtype: str) -> bool:
    """Whether the arguments that vary have the dtype that is asked for, and the result isn't a list of integers."""
    leaves = [x for i in p.wrt for x in (args[i] if isinstance(args[i], (list, tuple)) else [args[i]])]
    return all(getattr(x, "dtype", None) == np.dtype(dtype) for x in leaves)


@lru_cache(maxsize=None)
def jacobian(p: Parsed, dtype: str, i: int) -> tuple[Any, float]:
    """The Jacobian by argument i, a column per real degree of freedom, and what is allowed beside it."""
    args, kwargs = built(p, dtype, "C")
    columns, allowed = [], EXACT
    for e in _units(args[i]):

        def along(h: Any, e: Any = e) -> Any:
            with np.errstate(all="ignore"):
                return flat(p.d.fn(*replaced(args, i, moved(args[i], e, h)), **kwargs))

        want, error = ridders(along)
        stepped = _stepped(along, want, error) if dtype == "float64" and p.d.name not in BY_SCHUR else None
        if stepped is None and p.d.linear:
            stepped = along(1.0) - along(0.0)
            stepped = stepped if np.all(np.abs(stepped - want) <= 1e-7 * (1 + np.abs(want))) else None
        columns.append(want if stepped is None else stepped)
        if stepped is None:
            allowed = max(allowed, 1e-9 + 30 * error)
    with np.errstate(all="ignore"):
        size = flat(p.d.fn(*args, **kwargs)).size
    return np.array(columns).reshape(len(columns), size), allowed


def _stepped(along: Callable[[Any], Any], want: Any, error: float) -> Any:
    """By the complex step, where the function and its algorithm go through complex numbers."""
    try:
        out = np.imag(along(1e-30j)) / 1e-30
    except (*NOT_TAKEN, RuntimeError):
        return None
    room = 100 * error + 1e-11 * (1 + np.max(np.abs(want), initial=0.0))
    return out if out.shape == np.shape(want) and np.all(np.abs(out - want) <= room) else None


def _zero(x: Any) -> Any:
    return type(x)(map(_zero, x)) if isinstance(x, (tuple, list)) else np.zeros(np.shape(x), np.result_type(x, float))[()]


def _units(x: Any) -> Iterator[Any]:
    if isinstance(x, (tuple, list)):
        zero = [_zero(item) for item in x]
        for k, item in enumerate(x):
            yield from (type(x)([*zero[:k], e, *zero[k + 1 :]]) for e in _units(item))
        return
    for at in np.ndindex(np.shape(x)):
        for unit in (1.0, 1j) if np.iscomplexobj(x) else (1.0,):
            e = np.zeros(np.shape(x), complex if np.iscomplexobj(x) else float)
            e[at] = unit
            yield e[()]


def check_call(p: Parsed, dtype: str, layout: str) -> None:
    args, kwargs = built(p, dtype, layout)
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        out = p.d.fn(*args, **kwargs)
    ct, several = _seed(out, rng), isinstance(out, (tuple, list))
    for i in p.wrt:
        jac, allowed = jacobian(p, "float64" if dtype == "float32" else dtype, i)
        allowed = 2e-3 if dtype == "float32" else allowed
        scale = np.max(np.abs(jac), initial=0.0) + (1.0 if dtype == "float32" else 0.0)
        weights = flat(ct)
        rows = []
        for e, want in zip(_units(args[i]), jac):
            e = _like(e, args[i])
            found = flat(_whole(jvp(p.d, i, e, out, args, kwargs), out))
            assert found.shape == want.shape, f"jvp: shape {found.shape}, not {want.shape}"
            assert np.all(np.abs(found - want) <= allowed * scale + 1e-290), f"jvp by argument {i}: {found}, not {want}"
            rows.append(np.real(np.sum(weights * want)))
        back = vjp(p.d, i, ct, out, args, kwargs)
        assert _shapes(back) == _shapes(args[i]), f"vjp: shape {_shapes(back)}, not {_shapes(args[i])}"
        pulled = np.array([np.real(np.sum(flat(back) * flat(e))) for e in _units(args[i])])
        room = allowed * (scale * (np.sum(np.abs(weights)) + 1)) + 1e-290
        assert np.all(np.abs(pulled - np.array(rows)) <= room), f"vjp by argument {i}: {pulled}, not {np.array(rows)}"
        if dtype != "float32" and not several:
            second_order(_sample(p, args, kwargs), i, direction(args[i], rng), ct, out)


def _sample(p: Parsed, args: Any, kwargs: Any) -> Sample:
    return Sample(p.d, args, kwargs, p.wrt, "", "", lambda i: (None, 0.0))


def _whole(dots: Any, out: Any) -> Any:
    """The tangents of several results, zeros for those that have none."""
    if isinstance(out, (tuple, list)):
        return [np.broadcast_to(t, np.shape(o)) for t, o in zip(dots, out)]
    return project(dots, out)


def _seed(out: Any, rng: np.random.Generator) -> Any:
    if isinstance(out, (tuple, list)):
        return tuple(_seed(x, rng) for x in out)
    return direction(out, rng) if active(out) else np.zeros(np.shape(out))


def _like(e: Any, x: Any) -> Any:
    if isinstance(x, (tuple, list)):
        return type(x)(_like(a, b) for a, b in zip(e, x))
    return np.asarray(e, x.dtype)[()] if hasattr(x, "dtype") else e


def _shapes(x: Any) -> Any:
    return [_shapes(item) for item in x] if isinstance(x, (tuple, list)) else np.shape(x)


# -- the count


def every(share: float, words: list[str], seed: int = 0) -> Iterator[tuple[str, str, str, Callable[[], None]]]:
    """Family, name, label and check of samples: all of them, or a share that the seed picks."""
    rng = np.random.default_rng(seed)
    for d in elementwise_rows():
        if words and not any(w in d.name for w in words):
            continue
        for s in elementwise_samples(d, np.random.default_rng(0)):
            if share >= 1 or rng.uniform() < share:
                yield s.family, d.name, s.label, lambda s=s: check_elementwise(s)
    for p in lines():
        if words and not any(w in p.call.text for w in words):
            continue
        for one in call_samples(p):
            if share >= 1 or rng.uniform() < share:
                family = f"{_package(p.d)} functions"
                yield family, p.d.name, f"{p.call.text} [{p.call.arguments}] {one[2]} {one[1]}", lambda one=one: check_call(*one)
    for text, label, check in compiled_samples():
        if (not words or any(w in text for w in words)) and (share >= 1 or rng.uniform() < share):
            yield "compiled", "", label, check


def compiled_samples() -> Iterator[tuple[str, str, Callable[[], None]]]:
    """Calls through the whole compiler, their arrays in another layout than C."""
    others = [k for k in LAYOUTS if k != "C"]
    for number, call in enumerate(calls.table()):
        layout = others[number % len(others)]
        if not call.refused and any(isinstance(a, np.ndarray) and a.ndim for a in calls.arguments(call.arguments).values()):
            yield call.text, f"{call.text} [{call.arguments}] {layout} compiled", lambda c=call, k=layout: check_compiled(c, k)


def check_compiled(call: calls.Call, layout: str) -> None:
    case = replace(calls.case(call), second=False)
    given = tuple(LAYOUTS[layout](a) if isinstance(a, np.ndarray) else a for a in case.points[0])
    found = judge(replace(case, points=(given,)))
    assert found.kind == "right", f"{found.kind}: {found.detail}"


def failure(check: Callable[[], None]) -> str:
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check()
    except AssertionError as wrong:
        return str(wrong) or "AssertionError"
    except Exception as err:  # noqa: BLE001  a rule that raises is wrong too
        return f"{type(err).__name__}: {err}"
    return ""


def main(words: list[str]) -> int:
    share = float(words.pop(words.index("--share") + 1)) if "--share" in words else 1.0
    words = [w for w in words if w != "--share"]
    count: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    names: set[str] = set()
    start = time.perf_counter()
    for family, name, label, check in every(share, words):
        count[family] += 1
        names.update({name} - {""})
        if said := failure(check):
            wrong[family] += 1
            print(f"WRONG {name} {label}\n      {said[:300]}", flush=True)
    for family in sorted(count):
        print(f"{family:28} {count[family]:6} samples, {wrong[family]} wrong")
    took = time.perf_counter() - start
    print(f"{sum(count.values())} samples of {len(names)} functions in {took:.0f} s, {sum(wrong.values())} wrong")
    return sum(wrong.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
