"""What the rows for modules of SciPy share: entering rows by name, options of a call, memory that a function overwrites.

A rule takes the arguments that may be active and `*more, **options`; `settings` gives the options their names and defaults.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from ...errors import DiffTypeError, UnsupportedError
from ...ir.types import ANY, DTYPES, Array, Lit, NoneType, Tuple, Type, strip
from .. import rows as numpys_rows  # noqa: F401  which rules here are made of
from ..dims import dims_of
from ..numpy_tools import can_not, ndim, swap
from ..numpy_types import stored_kind
from ..special import complex_valued, dispatching, positions
from ..table import ArgRule, Def, TypeRule, lookup, register

Options = Mapping[str, Any]


class Rows:
    """The rows of one module: `rows("solve", {0: ArgRule(...), 1: ...})`. A name that this SciPy hasn't is passed over."""

    def __init__(self, module: ModuleType, *writing: str) -> None:
        self.module = module
        self.name = module.__name__
        #: parameters that name memory which the function may overwrite
        self.writing = writing

    def __call__(
        self, name: str, rules: Mapping[int, ArgRule] | None = None, refusals: Mapping[int, str] | None = None, **facts: Any
    ) -> None:
        """Enter a row: the rules of arguments, and what is said of those without one."""
        fn = getattr(self.module, name, None)
        if fn is None:
            return
        shown = f"{self.name}.{name}"
        facts["types"] = _unwritten(shown, fn, self.writing, facts.get("types"))
        said = {k: f"`{shown}` has no derivative with respect to {why}" for k, why in (refusals or {}).items() if k >= 0}
        if refusals and -1 in refusals:
            said[-1] = refusals[-1]
        register(Def(shown, fn, "general", rules=dict(rules or {}), refusals=said, raises=True, **facts))

    def zero(self, *names: str) -> None:
        """Functions whose result carries no derivative."""
        for name in names:
            if (fn := getattr(self.module, name, None)) is not None:
                types = _unwritten(f"{self.name}.{name}", fn, self.writing, _as_tried(fn))
                register(Def(f"{self.name}.{name}", fn, "zero", types=types))

    def refused(self, names: Iterable[str], why: str) -> None:
        """Functions that have no derivative here, and why; with constants they are called as they are."""
        for name in names:
            fn = getattr(self.module, name, None)
            if fn is not None and lookup(fn) is None:
                self(name, refusals={-1: why}, types=_as_tried(fn))

    def decided(self) -> set[str]:
        """The public callables that have a row."""
        return {n for n in public(self.module) if lookup(getattr(self.module, n)) is not None}


def public(module: ModuleType) -> list[str]:
    """The names of the functions and classes of a module, deprecated namespaces and its tests left out."""
    return sorted(n for n in dir(module) if n[0] != "_" and n != "test" and callable(getattr(module, n)))


def tried(fn: Callable[..., Any]) -> TypeRule:
    """The type that a trial finds."""
    from .. import probe, shapes

    @functools.wraps(fn)
    def attempt(*args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except probe.FAILURES:
            raise
        except Exception as err:  # what wrapped Fortran raises has a class of its own
            raise ValueError(str(err)) from err

    row = Def(f"trial of {fn.__name__}", attempt, "general")
    return lambda args, kwargs: shapes.refined(row, args, kwargs)


def _as_tried(fn: Callable[..., Any]) -> TypeRule:
    """The type that a trial finds; what it can't find is `Any`, which no active value passes."""
    find = tried(fn)

    def types(args: tuple[Any, ...], kwargs: Options) -> Type:
        try:
            return find(args, kwargs)
        except DiffTypeError:
            return ANY

    return types


def _unwritten(name: str, fn: Callable[..., Any], writing: tuple[str, ...], rule: TypeRule | None) -> TypeRule:
    """A type rule that refuses calls which overwrite what they are given."""
    places = {n: k for k, (n, _) in enumerate(positions(fn)) if n in writing}
    named = set(writing) & set(_signature(fn))

    def types(args: tuple[Any, ...], kwargs: Options) -> Type:
        for option in sorted(named):
            place = places.get(option, len(args))
            given = args[place] if place < len(args) else kwargs.get(option)
            if given is not None and _may_write(given):
                raise UnsupportedError(
                    f"{name} with {option}= overwrites memory that derivatives may need", code="DS200",
                    hint=f"leave {option}= out",
                )  # fmt: skip
        return (rule or tried(fn))(args, kwargs)

    return types


def _may_write(given: Type) -> bool:
    if isinstance(given, Lit):
        return bool(given.value) and not isinstance(given.value, type | np.dtype | str)
    return not isinstance(strip(given), NoneType) and not _is_dtype(given)


def _is_dtype(given: Type) -> bool:
    return getattr(given, "target", None) is not None


def _signature(fn: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return {}


def settings(name: str, fn: Callable[..., Any], count: int, more: tuple[Any, ...], options: Options) -> SimpleNamespace:
    """The options of a call by name, behind the first `count` arguments.

    Raises:
        UnsupportedError: for one that this SciPy's function hasn't.
    """
    left = [p for p in list(_signature(fn).values())[count:] if p.kind is not p.VAR_KEYWORD]
    found = {p.name: p.default for p in left}
    for key, value in [*zip(found, more), *options.items()]:
        if key not in found:
            raise can_not(name, f"{key}=")
        found[key] = value
    return SimpleNamespace(**found)


def literal(name: str, option: str, value: Any) -> Any:
    """An option that decides the formula.

    Raises:
        UnsupportedError: it is known only when the program runs.
    """
    if hasattr(value, "operand"):
        raise can_not(name, f"{option}= that isn't written as a constant")
    return value


def passed(o: SimpleNamespace, **defaults: Any) -> dict[str, Any]:
    """Options to hand on: those that aren't the default."""
    return {k: v for k, default in defaults.items() if not _is_same(v := getattr(o, k, default), default)}


def _is_same(value: Any, default: Any) -> bool:
    return value is default or (isinstance(value, (str, int, float)) and value == default)


def rules_of(fn: Callable[..., Any], arg: int = 0) -> ArgRule:
    """The rule of a function that has one already."""
    d = lookup(fn)
    assert d is not None, f"no row for {fn}"
    return d.rules[arg]


_KINDS = {np.dtype(name): kind for kind, name in DTYPES.items()}


def promoted(*types: Any) -> str:
    """The kind of an array made from numbers of these types."""
    return _KINDS[np.result_type(*(np.dtype(DTYPES[stored_kind(t)]) for t in types))]


pad: Any = dispatching(np.pad)

# -- matrices


def conj(a: Any) -> Any:
    return np.conj(a) if complex_valued(a) else a


def herm(a: Any) -> Any:
    """The matrix, or stack of matrices, transposed and conjugated."""
    return conj(swap(a))


def half_tri(a: Any, lower: bool = True) -> Any:
    """A triangle with half the diagonal."""
    return 0.5 * (np.tril(a) + np.tril(a, -1)) if lower else 0.5 * (np.triu(a) + np.triu(a, 1))


def triangle(a: Any, lower: bool, strict: bool = False) -> Any:
    if lower:
        return np.tril(a, -1) if strict else np.tril(a)
    return np.triu(a, 1) if strict else np.triu(a)


def mirrored(dot: Any, lower: bool, hermitian: bool = True) -> Any:
    """The change of the symmetric (or Hermitian) matrix that a function builds from one triangle."""
    if complex_valued(dot) and hermitian:
        half = half_tri(dot, lower)
        return half + herm(half)
    return triangle(dot, lower) + swap(triangle(dot, lower, strict=True))


def folded(g: Any, lower: bool, hermitian: bool = True) -> Any:
    """The cotangent of a symmetric (or Hermitian) matrix on the triangle that is read."""
    return half_tri(g + (herm(g) if hermitian else swap(g)), lower)


def columns(b: Any, flat: bool) -> Any:
    """A right-hand side as a matrix."""
    return b[..., None] if flat else b


def outer(g: Any, x: Any, flat: bool) -> Any:
    """The sum over right-hand sides of g times x, as matrices."""
    if not flat:
        return g @ swap(x)
    return np.outer(g, x) if ndim(g) == ndim(x) == 1 else g[..., None] * x[..., None, :]


def like_right_side(matrix: int, b: int, fn: Callable[..., Any]) -> TypeRule:
    """The type of the solution of a system with one matrix: that of the right-hand side, as LAPACK computes it."""
    names, find = list(_signature(fn)), tried(fn)

    def types(args: tuple[Any, ...], kwargs: Options) -> Type:
        found = [args[k] if len(args) > k else kwargs[names[k]] for k in (matrix, b)]
        single = [t.items[0] if isinstance(t := strip(f), Tuple) else f for f in found]
        ranks = [len(dims_of(t)) for t in single]
        if ranks[0] > 2 or ranks[1] > 2:
            return find(args, kwargs)
        kind = promoted(*single)
        return Array(kind if kind in ("f32", "f64", "c64", "c128") else "f64", dims_of(single[1]))

    return types


def like_input(fn: Callable[..., Any], shape: int = 0) -> TypeRule:
    """The type of a filter's result: of the kind of argument 0, of the shape of an argument (without its first axis where that is
    not argument 0); what `output` or integers decide is found by trial."""
    names, find = list(_signature(fn)), tried(fn)

    def types(args: tuple[Any, ...], kwargs: Options) -> Type:
        def given(name: str) -> Any:
            place = names.index(name) if name in names else len(args)
            return args[place] if place < len(args) else kwargs.get(name)

        x, like = strip(args[0]), strip(given(names[shape]))
        plain = all(t is None or isinstance(strip(t), NoneType) for t in (given("output"), given("output_shape")))
        if not plain or not isinstance(x, Array) or not isinstance(like, Array) or x.dtype not in ("f32", "f64", "c64", "c128"):
            return find(args, kwargs)
        return Array(x.dtype, like.dims[1:] if shape else like.dims)

    return types


def with_batch(fn: Callable[..., Any], *core: int) -> TypeRule:
    """The type of a function of several results over stacks, whose arguments have these numbers of axes otherwise."""

    find = tried(fn)

    def types(args: tuple[Any, ...], kwargs: Options) -> Type:
        arrays = [strip(a) for a in args]
        stacks = [a.dims[: a.ndim - n] for a, n in zip(arrays, core) if isinstance(a, Array)]
        if not any(stacks):
            return find(args, kwargs)
        if len(set(filter(None, stacks))) > 1:
            raise DiffTypeError("stacks of different shapes in a function of several results")
        single = [Array(a.dtype, a.dims[-n:]) if isinstance(a, Array) else a for a, n in zip(arrays, core)]
        found = find((*single, *args[len(single) :]), kwargs)
        batch = next(filter(None, stacks))
        if not isinstance(found, Tuple):
            return _stacked(found, batch)
        return Tuple(tuple(_stacked(t, batch) for t in found.items))

    return types


def _stacked(t: Type, batch: tuple[Any, ...]) -> Type:
    if isinstance(t, Array):
        return Array(t.dtype, (*batch, *t.dims))
    kind = getattr(t, "kind", None)
    if kind is None:
        raise DiffTypeError(f"a stack of {t}")
    return Array({"float": "f64", "int": "i64", "bool": "b1", "complex": "c128"}.get(kind, kind), batch)
