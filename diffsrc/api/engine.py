"""Between the entry points and the compiler: finding the derivative of a call, and running it.

Everything here is about one `Call` (see `signature`). `Site` finds the compiled derivative for the types of
its arguments: one entry remembers the last signature, behind it stands one table for the process, and the
driver behind that. `run_reverse`, `run_forward` and `Split` make shadows, zero tangents and seeds and give
the compiled function what it wants; the caller's shadows and tangents are checked before they come here.
"""

from __future__ import annotations

import contextlib
import functools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..compiler import watched
from ..compiler.binding import call_by_parameters
from ..compiler.cache import entry_of, load, store
from ..compiler.deep import with_room
from ..defs.unspecialized import unspecialized
from ..defs.variant import PLAIN, Variant, variant_of
from ..errors import ActivityError, AliasError, InternalError, UnsupportedError
from ..ir.types import (
    ANY,
    DTYPES,
    SCALAR_KINDS,
    Array,
    Dict,
    List,
    Lit,
    NoneType,
    Scalar,
    Struct,
    Tuple,
    Type,
    carries_derivative,
    strip,
)
from ..ir.values import literal_type
from ..plain import dataclass, undisturbed
from ..timing import compiling
from .closures import key_of
from .overlap import overlaid, overlap_of, shared_container, written_overlap
from .positions import by_position, remember, settled
from .shadows import check_whole_numbers
from .signature import Call, name_of
from .trees import duplicate, is_float_leaf, make_zero, separate_zero
from .trees import strip as strip_gradient

if TYPE_CHECKING:
    from ..analysis.overlaps import Overlap
    from ..compiler.evidence import Evidence
    from ..compiler.guards import Guard

Activity = tuple[str, ...]

_TABLE: OrderedDict[tuple[Any, ...], tuple[Any, Guard | Evidence]] = OrderedDict()
_TABLE_SIZE = 2048
_PLAIN = frozenset({float, int, complex, np.float64, np.float32, np.int64, np.complex128, np.complex64})
_HOLDERS = (List, Dict, Tuple, Struct)
_BY_VALUE = frozenset({bool, str, type(None)})


def check_backend(backend: str) -> None:
    """Refuse a backend that isn't there."""
    if backend != "numpy":
        raise UnsupportedError(f"backend {backend!r} isn't available", hint='use backend="numpy"')


def quick(x: Any) -> Any:
    """A cheap key that decides the type of an argument."""
    cls = type(x)
    if cls is np.ndarray:
        return (x.dtype, x.shape)
    if cls in _PLAIN:
        return cls
    if cls in _BY_VALUE:
        return (cls, x)
    return types_of([x], frozenset())[0]


def types_of(args: Sequence[Any], fixed: frozenset[int], exact: bool = False) -> tuple[Type, ...]:
    """The types of arguments; ints and strings of parameters that took their default are literals. `exact`: with the sizes
    that they have.

    Raises:
        ActivityError: for an annotation, which only `autodiff` takes off.
    """
    from ..analysis.typeof import exact_types, typeof_args
    from .activity import Activity as Annotation

    for a in args:
        if isinstance(a, Annotation):
            raise ActivityError(
                f"`{type(a).__name__}(...)` where a plain value is expected",
                hint="activity annotations are for `autodiff`; `grad`, `vjp` and `jvp` take the arguments as they are",
            )
    found = exact_types(tuple(args)) if exact else typeof_args(tuple(args))
    return tuple(_literal(args[i], t) if i in fixed else t for i, t in enumerate(found))


def _literal(value: Any, t: Type) -> Type:
    return literal_type(value) if isinstance(value, (int, str)) and not isinstance(t, Lit) else t


class Site:
    """Finds derivatives of one mode for an entry point: "reverse", "again" (which is differentiated itself), "grad", "split"
    or "forward".
    """

    __slots__ = ("key", "last", "mode", "refused")

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.refused: Any = None
        self.key: Any = None
        self.last: Any = None

    def find(self, call: Call, activity: Activity) -> Any:
        """The compiled derivative for a call; the last signature is found at once."""
        free = unspecialized(call.fn, activity)
        kinds = (
            [ANY if i in free else quick(x) for i, x in enumerate(call.args)] if free else [quick(x) for x in call.args]
        )
        for x, kind, active in zip(call.args, kinds, activity):
            if active != "const" and isinstance(kind, _HOLDERS):
                check_whole_numbers(x, kind)
        key = (key_of(call.fn), activity, call.fixed, call.variant, kinds)
        if key != self.key or not self.last[1].holds():
            types = _types(call, free)
            self.last = _with_lists(self.mode, call, types, activity)
            self.key = None if settled(call, types) != types else key
        derived = self.last[0]
        if writes(derived) and (overlap := overlap_of(call.args, writes(derived))):
            free -= {i for pair in overlap for i in pair}
            return _entry(self.mode, call.fn, _types(call, free), activity, overlap, variant_of(call.fn, call.variant))[
                0
            ]
        return derived


def _with_lists(mode: str, call: Call, types: tuple[Type, ...], activity: Activity) -> tuple[Any, Guard | Evidence]:
    """The derivative with its guard; where it is refused, that for lists whose items are known by position."""
    variant = variant_of(call.fn, call.variant)
    try:
        return _entry(mode, call.fn, settled(call, types), activity, variant=variant)
    except UnsupportedError:
        listed = by_position(call.args, types)
        if listed is None:
            raise
        with contextlib.suppress(UnsupportedError):
            found = _entry(mode, call.fn, listed, activity, variant=variant)
            remember(call, types)
            return found
        raise


def call_types(call: Call, exact: bool = False) -> tuple[Type, ...]:
    """The types that a call is compiled for."""
    return settled(call, types_of(call.args, call.fixed, exact))


def _types(call: Call, free: frozenset[int]) -> tuple[Type, ...]:
    """The types that a derivative is compiled for; parameters in `free` may be anything."""
    exact = variant_of(call.fn, call.variant).unroll
    if not free:
        return types_of(call.args, call.fixed, exact)
    found = types_of([None if i in free else x for i, x in enumerate(call.args)], call.fixed - free, exact)
    return tuple(ANY if i in free else t for i, t in enumerate(found))


def lookup(
    mode: str,
    fn: Callable[..., Any],
    types: tuple[Type, ...],
    activity: Activity,
    whole: bool = False,
    variant: Variant = PLAIN,
) -> Any:
    """The compiled derivative for types; `whole`: with its stages."""
    free = unspecialized(fn, activity)
    types = tuple(ANY if i in free else t for i, t in enumerate(types))
    return _entry(mode, fn, types, activity, (), variant_of(fn, variant), whole)[0]


def _entry(
    mode: str, fn: Callable[..., Any], types: tuple[Type, ...], activity: Activity, overlap: Overlap = (),
    variant: Variant = PLAIN, whole: bool = False,
) -> tuple[Any, Guard | Evidence]:  # fmt: skip
    """The derivative with its guard, compiled when it is new or something that it read was rebound. `whole`: with the stages
    that it was made from, which those from the disk cache don't have."""
    key = (mode, key_of(fn), types, activity, overlap, variant)
    known = _TABLE.get(key)
    if known is not None and known[1].holds() and not (whole and known[0].stages is None):
        _TABLE.move_to_end(key)
        return known
    if known is not None and not known[1].holds():
        from ..compiler.methods import drop_for_guard

        drop_for_guard(known[1], known[0].method)
    with undisturbed():
        loaded = None if whole else load(mode, fn, types, activity, overlap, variant)
    found = _TABLE[key] = loaded if loaded is not None else _compiled(mode, fn, types, activity, overlap, variant)
    if len(_TABLE) > _TABLE_SIZE:
        _TABLE.popitem(last=False)
    return found


def _compiled(
    mode: str, fn: Callable[..., Any], types: tuple[Type, ...], activity: Activity, overlap: Overlap, variant: Variant
) -> tuple[Any, Guard]:
    from ..compiler import driver  # noqa: F401  loading the compiler isn't compiling this function

    with compiling(name_of(fn), fn, types, mode, "infer") as node:
        node.activity = activity
        made = compile_derivative(mode, fn, types, activity, overlap, variant)
    from ..compiler.guards import Guard

    found = (made, with_room(lambda: Guard(fn, made.outside, made.functions, made.read)))
    with contextlib.suppress(UnsupportedError):  # there isn't room enough to write it
        with_room(lambda: store(mode, fn, types, activity, overlap, variant, made, node))
    return found


def compile_derivative(
    mode: str,
    fn: Callable[..., Any],
    types: tuple[Type, ...],
    activity: Activity,
    overlap: Overlap = (),
    variant: Variant = PLAIN,
) -> Any:
    """Ask the driver."""
    from ..compiler import driver
    from . import rules  # noqa: F401  the row of stop_gradient

    if mode == "primal":
        return driver.compile_primal(fn, types, variant)
    if mode == "forward":
        return driver.derive_forward(fn, types, activity, overlap=overlap, variant=variant)
    if mode == "grad" and (alone := driver.derive_gradient(fn, types, activity, overlap, variant)) is not None:
        return alone
    if mode == "again":
        return driver.derive_again(fn, types, activity, overlap, variant)
    return driver.derive_reverse(fn, types, activity, split=mode == "split", overlap=overlap, variant=variant)


def writes(derived: Any) -> frozenset[int]:
    """Positions of the parameters that the function writes."""
    return frozenset(derived.writes)


def check_overlap(call: Call, derived: Any) -> None:
    """Refuse arguments that overlap in memory which the function writes, other than whole arrays.

    Raises:
        AliasError: an array inside a container shares an element with another, or two arguments hold one container.
    """
    if not writes(derived):
        return
    known = {i: n for n, group in enumerate(derived.overlap) for i in group}
    pair = written_overlap(call.args, writes(derived), known)
    if pair is None and derived.memory is not None:
        pair = shared_container(call.args, derived.memory)
        if pair is not None:
            raise AliasError(
                f"arguments {pair[0]} and {pair[1]} of {name_of(call.fn)} hold one and the same object, which it writes",
                hint="pass a copy, or one structure that holds both",
            )
    if pair is None:
        return
    where = f"arguments {pair[0]} and {pair[1]}" if pair[0] != pair[1] else f"arrays inside argument {pair[0]}"
    raise AliasError(
        f"{where} of {name_of(call.fn)} overlap in memory, and the function writes its arguments",
        hint="pass a copy",
    )


# --- results ------------------------------------------------------------------------------------------------


def seed_types(t: Type) -> list[Type]:
    """The leaves of a result type that have a seed, its tuples and frozen instances flattened; another container
    is one leaf.
    """
    t = strip(t)
    if isinstance(t, Tuple):
        return [leaf for item in t.items for leaf in seed_types(item)]
    if isinstance(t, Struct) and t.frozen:
        return [leaf for _, item in t.fields for leaf in seed_types(item)]
    return [t] if carries_derivative(t) else []


def flat_seeds(t: Type, ct: Any) -> list[Any]:
    """The parts of a cotangent (already like the result) that go with `seed_types`."""
    t = strip(t)
    if isinstance(t, Tuple):
        return [s for item, part in zip(t.items, ct) for s in flat_seeds(item, part)]
    if isinstance(t, Struct) and t.frozen:
        return [s for name, item in t.fields for s in flat_seeds(item, getattr(ct, name))]
    return [ct] if carries_derivative(t) else []


def one(t: Type) -> Any | None:
    """The number one in a result type of exactly one real element; None when its size isn't known before the
    call.
    """
    t = strip(t)
    if isinstance(t, Scalar):
        return 1.0 if t.kind == "float" else np.dtype(DTYPES[t.kind]).type(1)
    if not isinstance(t, Array):
        return None
    return np.ones(t.dims, DTYPES[t.dtype]) if all(d == 1 for d in t.dims) else None


def is_scalar_like(t: Type) -> bool:
    """Whether values of this type are one real inexact number, or an array that may hold just one."""
    t = strip(t)
    if isinstance(t, Scalar):
        return carries_derivative(t)
    return isinstance(t, Array) and carries_derivative(t) and all(d == 1 or _unknown(d) for d in t.dims)


def _unknown(d: Any) -> bool:
    from ..ir.types import may_be_one

    return may_be_one(d)


def describe(t: Type) -> str:
    """A result type in words, for messages."""
    t = strip(t)
    if isinstance(t, Array):
        return f"an array {t}"
    if isinstance(t, NoneType):
        return "None"
    if isinstance(t, Scalar):
        return f"a number of type {t}" if t.kind in SCALAR_KINDS else str(t)
    return f"a list {t}" if isinstance(t, List) else str(t)


# --- running ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Gradients:
    """What a reverse run gave: the gradient of each differentiated parameter."""

    by_param: dict[int, Any]

    def at(self, call: Call, arg: int | str) -> Any:
        """The gradient of one argument, in its structure, None at leaves that carry none."""
        index, key = call.place(arg)
        found = self.by_param.get(index)
        if found is None:
            return None
        return found if key is None else found[key]


def zero_shadows(call: Call, derived: Any, given: Mapping[int, Any] | None = None) -> list[Any]:
    """A shadow for each parameter that has one: the caller's, else zeros."""
    given = given or {}
    if derived.overlap and not given:
        return list(make_zero([call.args[i] for i, a in enumerate(derived.activity) if a == "shadow"]))
    zero = make_zero if writes(derived) else separate_zero
    return [given[i] if i in given else zero(call.args[i]) for i, a in enumerate(derived.activity) if a == "shadow"]


def gather(
    call: Call, derived: Any, shadows: Sequence[Any], cotangents: Sequence[Any], wanted: frozenset[int]
) -> Gradients:
    """Put cotangents and shadows back to their parameters."""
    values, mirrors = iter(cotangents), iter(shadows)
    found: dict[int, Any] = {}
    for i, a in enumerate(derived.activity):
        if a == "const":
            continue
        got = next(values) if a == "value" else next(mirrors)
        if i in wanted:
            found[i] = finish(call.args[i], got, a)
            if any(i in group for group in derived.overlap):
                found[i] = found[i].copy()
    return Gradients(found)


def finish(primal: Any, got: Any, kind: str) -> Any:
    """A gradient in the shape and dtype of its argument."""
    if isinstance(primal, np.ndarray) and is_float_leaf(primal):
        if isinstance(got, np.ndarray) and got.shape == primal.shape:
            return got if got.dtype == primal.dtype else _projected(primal, got)
        if np.shape(got) == () == primal.shape:  # what NumPy computes of arrays without axes are numbers
            return finish(primal, np.array(got), kind)
        if np.shape(got) != () or got != 0:
            raise InternalError(f"a gradient of shape {np.shape(got)} for an argument of shape {primal.shape}")
        return np.zeros_like(primal, subok=False)
    if is_float_leaf(primal):
        if np.shape(got) != ():
            raise InternalError(f"a gradient of shape {np.shape(got)} for a number")
        return _as_number(primal, got)
    return strip_gradient(got) if kind == "shadow" else conform_gradient(primal, got)


def _projected(primal: Any, got: Any) -> Any:
    """A gradient in the precision of its argument; real for a real one."""
    if np.iscomplexobj(got) and not np.iscomplexobj(primal):
        raise InternalError("a complex gradient for a real argument")
    return got.astype(primal.dtype)


def _as_number(primal: Any, got: Any) -> Any:
    """A scalar gradient: np.float32 for np.float32; a float may be np.float64."""
    if np.iscomplexobj(got) and not np.iscomplexobj(primal):
        raise InternalError("a complex gradient for a real argument")
    if isinstance(primal, np.generic) and not isinstance(primal, (float, complex)):
        return type(primal)(got)
    number = got[()] if isinstance(got, np.ndarray) else got
    return number if isinstance(number, (float, complex)) else type(primal)(number)


def conform_gradient(primal: Any, got: Any) -> Any:
    """The gradient of a tuple, in its structure."""
    if got is None:
        return strip_gradient(make_zero(primal))
    return strip_gradient(got)


def run_reverse(call: Call, derived: Any, shadows: Sequence[Any], seeds: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
    """Run the fused reverse derivative: the result (None where only gradients are computed), and the cotangents of
    "value" parameters.
    """
    if not derived.primal:
        derived.validate(*call.args, *shadows)
        return None, cotangents_of(derived, watched.run(derived.call, *call.args, *shadows))
    derived.validate(*call.args, *shadows, *seeds)
    result = watched.run(derived.call, *call.args, *shadows, *seeds)
    return (result[0], tuple(result[1:])) if isinstance(result, tuple) else (result, ())


def cotangents_of(derived: Any, returned: Any) -> tuple[Any, ...]:
    """What a derivative without primal returned, as a tuple."""
    count = sum(a == "value" for a in derived.activity)
    return (returned,) if count == 1 else tuple(returned) if count else ()


class Split:
    """A forward sweep that has run, and its reverse sweep: may be called any number of times.

    The residual is copied at once: the caller may change arguments and result before the reverse sweep.
    """

    __slots__ = ("call", "derived", "out", "residual", "shadows")

    def __init__(self, call: Call, derived: Any) -> None:
        self.call, self.derived = call, derived
        shadows = zero_shadows(call, derived)
        self.out, residual = watched.run(derived.forward, *call.args, *shadows)
        self.shadows, self.residual = duplicate([shadows, residual])

    @classmethod
    def restored(cls, call: Call, derived: Any, shadows: Any, residual: Any) -> Split:
        """One that has run elsewhere."""
        made = cls.__new__(cls)
        made.call, made.derived, made.out, made.shadows, made.residual = call, derived, None, shadows, residual
        return made

    def pull(self, seeds: Sequence[Any], wanted: frozenset[int]) -> Gradients:
        """One reverse sweep, on copies of shadows and residual."""
        shadows, residual = duplicate([self.shadows, self.residual])
        cotangents = watched.run(self.derived.reverse, *self.call.args, *shadows, residual, *seeds)
        return gather(self.call, self.derived, shadows, cotangents, wanted)


def run_forward(call: Call, derived: Any, tangents: Mapping[int, Any]) -> tuple[Any, Any, list[Any]]:
    """Run the forward derivative with a tangent per active parameter; others that need one get zeros.

    Returns:
        The result, its tangent, and the tangent of each parameter (None for constant ones) as the run left
        it.
    """
    dots: list[Any] = [None] * len(call.args)
    for i, a in enumerate(derived.activity):
        if a != "const":
            dots[i] = tangents[i] if i in tangents else make_zero(call.args[i])
    for group in derived.overlap:
        overlaid(call.args, dots, [i for i in group if dots[i] is not None], tangents)
    given = [dots[i] for i, a in enumerate(derived.activity) if a != "const"]
    derived.validate(*call.args, *given)
    out, out_dot = watched.run(derived.call, *call.args, *given)
    return out, out_dot, dots


def finish_tangent(out: Any, out_dot: Any) -> Any:
    """The tangent of a result in its structure and precision: zeros where the program gave none, None for constants."""
    if out_dot is None:
        return separate_zero(out)
    if isinstance(out, tuple) and isinstance(out_dot, tuple) and len(out) == len(out_dot):
        return getattr(out_dot, "_make", type(out_dot))(_items(out, out_dot))
    if not is_float_leaf(out):
        return out_dot
    if np.shape(out_dot) == np.shape(out):
        if isinstance(out, np.ndarray) == isinstance(out_dot, np.ndarray):
            return _precise(out, out_dot)
        return _precise(out, np.asarray(out_dot) if isinstance(out, np.ndarray) else out_dot[()])
    if np.shape(out_dot) != () or out_dot != 0:
        raise InternalError(f"a tangent of shape {np.shape(out_dot)} for a result of shape {np.shape(out)}")
    return separate_zero(out)


def _items(outs: Iterable[Any], dots: Iterable[Any]) -> Iterator[Any]:
    for out, dot in zip(outs, dots):
        constant = isinstance(out, (int, str, np.generic, np.ndarray)) and not is_float_leaf(out)
        yield None if constant or dot is None else finish_tangent(out, dot)


def _precise(out: Any, dot: Any) -> Any:
    """A tangent as the dtype of its result asks, which NumPy may have chosen by contents: real eigenvectors."""
    kind = getattr(out, "dtype", None)
    if kind is None or isinstance(out, (float, complex)) or getattr(dot, "dtype", None) == kind:
        return dot
    found = np.asarray(np.real(dot) if kind.kind == "f" else dot, kind)
    return found if isinstance(out, np.ndarray) else found[()]


def copied(call: Call) -> Call:
    """The same call on copies of its arguments, for runs beyond the first."""
    return Call(call.fn, duplicate(list(call.args)), call.positional, call.named, call.fixed, variant=call.variant)


def plain_result(call: Call) -> Any:
    """What the function returns, run on copies of the arguments."""
    return call_by_parameters(call.fn, copied(call).args)


def enter_loaded() -> None:
    """Enter the derivatives that came from disk in the table of instances."""
    from ..compiler.methods import enter_loaded

    for key, (made, guard) in list(_TABLE.items()):
        if made.stages is None and made.method is None:

            def whole(key: Any = key, fn: Any = made.function) -> Any:
                mode, _, types, activity, overlap, variant = key
                return _entry(mode, fn, types, activity, overlap, variant, True)[0].stages

            enter_loaded(made, "forward" if key[0] == "forward" else "reverse", guard.reads, whole, key[5])


def packed(functions: Iterable[Callable[..., Any]]) -> dict[str, bytes]:
    """What was compiled of functions so far, and of the derivatives that were made of them, as entries of the disk cache."""
    known, found = {id(f) for f in functions}, {}
    for (mode, _, types, activity, overlap, variant), (made, guard) in list(_TABLE.items()):
        # what is made of another stands behind it
        if id(made.function) not in known or not guard.holds():
            continue
        known.add(id(made.call))
        with contextlib.suppress(UnsupportedError):
            made.entry = with_room(
                functools.partial(entry_of, mode, made.function, types, activity, overlap, variant, made, 0.0)
            )
        if made.entry is not None:
            found[made.entry[0]] = made.entry[1]
    return found


def function_behind(fn: Callable[..., Any]) -> tuple[Callable[..., Any], int] | None:
    """The user's function that one of generated code was made of, and how many of the arguments are its own. None where it is
    no derivative that is known, or takes none of them."""
    found = None
    while (made := next((m for m, _ in list(_TABLE.values()) if fn in (m.call, m.forward)), None)) is not None:
        fn = made.function
        found = fn, len(made.arg_types) if found is None else min(found[1], len(made.arg_types))
    return found


def forget() -> None:
    """Drop every compiled derivative."""
    _TABLE.clear()
