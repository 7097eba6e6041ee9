"""`ds.jvp`, `ds.vjp`, `ds.linearize`: derivatives in a direction, and their transposes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pickle import PicklingError, UnpicklingError
from typing import Any

import numpy as np

from ..compiler.binding import call_by_parameters
from ..defs.transforms import LinearFunction, enter
from ..defs.variant import Variant
from ..errors import ActivityError, DiffTypeError, UnsupportedError
from . import engine
from .gradient import from_elements, to_differentiate
from .higher import Program, Source, again, columns, place_tangent, plain_program, push
from .shadows import conform
from .signature import Call, Place, name_of
from .trees import flatten, is_float_leaf, separate_zero


def _places(program: Program) -> list[Place | None]:
    """Per positional argument where it went; None for one that carries no derivative.

    When none does, Python ints count as floats: `jvp(f, (3,), (1.0,))`.
    """
    call = program.call
    spots = list(call.positional)
    if any(flatten(call.value(place)) for place in spots):
        return [place if flatten(call.value(place)) else None for place in spots]
    if not spots:
        raise DiffTypeError(f"{name_of(call.fn)} is called without arguments to differentiate")
    for i, place in enumerate(spots):
        call.replace(place, to_differentiate(call, place, f"argument {i} of {name_of(call.fn)}"))
    return list(spots)


def _promote(program: Program, tangents: Sequence[Any]) -> None:
    """A Python int whose tangent is a float is differentiated, so it is a float itself."""
    call = program.call
    for place, tangent in zip(call.positional, tangents):
        value = call.value(place)
        if isinstance(value, int) and is_float_leaf(tangent):
            call.replace(place, float(value))
        elif isinstance(value, np.ndarray) and not is_float_leaf(value) and is_float_leaf(tangent):
            call.replace(place, to_differentiate(call, place, "what a tangent is given for"))


def _tangents(program: Program, tangents: Sequence[Any]) -> dict[int, Any]:
    """The tangents of a call by parameter, fresh and shaped like their primals."""
    call = program.call
    if len(tangents) != len(call.positional):
        raise ActivityError(f"{len(tangents)} tangents for {len(call.positional)} primals")
    _promote(program, tangents)
    active = [(n, place) for n, place in enumerate(_places(program)) if place is not None]
    given = [conform(call.value(place), tangents[n], f"tangent {n}") for n, place in active]
    return place_tangent(call, [place for _, place in active], given)


def jvp(
    f: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
) -> tuple[Any, Any]:
    """The result of `f(*primals)` and its derivative in the direction `tangents`.

    A tangent is built like its primal; None stands for zeros. Tangents are not written.

    >>> jvp(lambda x: x ** 2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    engine.check_backend(backend)
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ActivityError("primals and tangents are tuples with one entry per argument", hint="ds.jvp(f, (x,), (v,))")
    program = Source(f, variant=Variant(unroll, readable)).program(primals, {})
    return push(program, engine.Site("forward"), _tangents(program, tangents))


def linearize(
    f: Callable[..., Any], *primals: Any, backend: str = "numpy", unroll: bool = False, readable: bool = False
) -> tuple[Any, Callable[..., Any]]:
    """The result of `f(*primals)`, and the linear function that takes tangents to the result's tangent.

    >>> out, push = linearize(lambda x: x ** 2, 3.0)
    >>> push(1.0)
    6.0
    """
    engine.check_backend(backend)
    program = Source(f, variant=Variant(unroll, readable)).program(primals, {})
    _places(program)
    kept = again(program)
    out = program.pick(call_by_parameters(program.call.fn, program.call.args), program.call.args)
    return out, Pushforward(kept)


class Pushforward(LinearFunction):
    """The linear function of `ds.linearize`."""

    __slots__ = ("program", "site")

    def __init__(self, program: Program) -> None:
        self.program, self.site = program, engine.Site("forward")

    def __call__(self, *tangents: Any) -> Any:
        run = again(self.program)
        return push(run, self.site, _tangents(run, tangents))[1]

    def __reduce__(self) -> Any:
        from . import travel

        if not self.program.plain:
            raise PicklingError(
                "the linear function of a derivative can't be pickled: send the derivative, and linearize there"
            )
        return _pushforward, travel.written_call(self.program.call)


def _pushforward(*sent: Any) -> Pushforward:
    from . import travel

    return Pushforward(plain_program(travel.read_call(*sent)))


def vjp(
    f: Callable[..., Any],
    *primals: Any,
    has_aux: bool = False,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
) -> tuple[Any, ...]:
    """The result of `f(*primals)`, and its pullback: from a cotangent of the result to one of each primal.

    The pullback returns a tuple with one entry per primal, None for one that carries no derivative. It may be
    called any number of times, and is not touched by what happens to primals or result in between. With
    `has_aux`, `f` returns `(out, aux)`, and `(out, pullback, aux)` is returned.

    >>> out, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> pullback(1.0)
    (3.0, 2.0)
    """
    engine.check_backend(backend)
    program = Source(f, variant=Variant(unroll, readable)).program(primals, {})
    places = _places(program)
    out, pull = _pull_of_derivative(program, places) if not program.plain else _pull(program.call, places)
    if not has_aux:
        return out, pull
    if not isinstance(out, tuple) or len(out) != 2:
        raise DiffTypeError(f"{name_of(f)} doesn't return a pair (out, aux)")
    return out[0], PullbackBeside(pull, out[1]), out[1]


@dataclass(frozen=True, eq=False, slots=True)
class PullbackBeside(LinearFunction):
    """The pullback of the first of two results."""

    pull: Callable[[Any], tuple[Any, ...]]
    aux: Any

    def __call__(self, ct: Any) -> tuple[Any, ...]:
        return self.pull((ct, separate_zero(self.aux)))


@dataclass(frozen=True, eq=False, slots=True)
class Pullback(LinearFunction):
    """The pullback of a function: its reverse sweep, with what the forward sweep kept."""

    run: engine.Split
    places: Sequence[Place | None]
    #: zeros like the result: the caller may change that before the pullback is called
    like: Any

    def __call__(self, ct: Any) -> tuple[Any, ...]:
        run = self.run
        seeds = engine.flat_seeds(run.derived.result_type, conform(self.like, ct, "cotangent"))
        gradients = run.pull(seeds, frozenset(place[0] for place in self.places if place is not None))
        return tuple(None if p is None else gradients.at(run.call, i) for i, p in enumerate(self.places))

    def __reduce__(self) -> Any:
        from . import travel

        run = self.run
        held = travel.overlapping_kept([run.shadows, run.residual])
        kept = (held, list(self.places), self.like, travel.text_of(run.derived))
        return _pullback, (travel.written_call(run.call), kept)


def _pullback(sent: tuple[Any, ...], kept: tuple[Any, ...]) -> Pullback:
    """A pullback of another process. What the forward sweep kept belongs to one text: it must be the same here."""
    from . import travel

    call = travel.read_call(*sent)
    (shadows, residual), places, like, text = kept
    derived = _split(call, places)
    if travel.text_of(derived) != text:
        raise UnpicklingError(f"{name_of(call.fn)} isn't the function here that the pullback was made of")
    return Pullback(engine.Split.restored(call, derived, shadows, residual), places, like)


def _split(call: Call, places: Sequence[Place | None]) -> Any:
    active = frozenset(place[0] for place in places if place is not None)
    return engine.Site("split").find(call, tuple("value" if i in active else "const" for i in range(len(call.args))))


def _pull(call: Call, places: Sequence[Place | None]) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    derived = _split(call, places)
    engine.check_overlap(call, derived)
    run = engine.Split(call, derived)
    return run.out, Pullback(run, places, separate_zero(run.out))


def _pull_of_derivative(
    program: Program, places: Sequence[Place | None]
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The pullback of a derivative, from its columns in forward mode."""
    active = [place for place in places if place is not None]
    values = [program.call.value(place) for place in active]
    out, dots = columns(program, engine.Site("forward"), active)
    like = separate_zero(out)
    if any(np.iscomplexobj(leaf) for _, leaf in flatten([values, out])):
        raise UnsupportedError("the pullback of a derivative of complex functions isn't there", hint="use ds.jvp")
    return out, PullbackByColumns(values, dots, [p is not None for p in places], like)


@dataclass(frozen=True, eq=False, slots=True)
class PullbackByColumns(LinearFunction):
    """The pullback of a derivative: products with the columns of its Jacobian."""

    values: Sequence[Any]
    columns: Sequence[Sequence[Any]]
    active: Sequence[bool]
    like: Any

    def __call__(self, ct: Any) -> tuple[Any, ...]:
        weights = [leaf for _, leaf in flatten(conform(self.like, ct, "cotangent"))]
        parts = iter([_contract(value, weights, column) for value, column in zip(self.values, self.columns)])
        return tuple(next(parts) if active else None for active in self.active)


def _contract(value: Any, weights: Sequence[Any], column: Sequence[Any]) -> Any:
    """The cotangent of an argument: the product of a cotangent with each column."""
    products = [sum(np.sum(w * leaf) for w, (_, leaf) in zip(weights, flatten(dot))) for dot in column]
    return from_elements(value, products)


for _fn in (jvp, vjp, linearize):
    enter(_fn, _fn.__name__)
