"""`ds.jvp`, `ds.vjp`, `ds.linearize`: derivatives in a direction, and their transposes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..compiler.binding import call_by_parameters
from ..defs.transforms import enter
from ..errors import ActivityError, DiffTypeError, UnsupportedError
from . import engine
from .gradient import from_elements, to_differentiate
from .higher import Program, Source, again, columns, place_tangent, push
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
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], *, backend: str = "numpy"
) -> tuple[Any, Any]:
    """The result of `f(*primals)` and its derivative in the direction `tangents`.

    A tangent is built like its primal; None stands for zeros. Tangents are not written.

    >>> jvp(lambda x: x ** 2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    engine.check_backend(backend)
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ActivityError("primals and tangents are tuples with one entry per argument", hint="ds.jvp(f, (x,), (v,))")
    program = Source(f).program(primals, {})
    return push(program, engine.Site("forward"), _tangents(program, tangents))


def linearize(f: Callable[..., Any], *primals: Any, backend: str = "numpy") -> tuple[Any, Callable[..., Any]]:
    """The result of `f(*primals)`, and the linear function that takes tangents to the result's tangent.

    >>> out, push = linearize(lambda x: x ** 2, 3.0)
    >>> push(1.0)
    6.0
    """
    engine.check_backend(backend)
    program = Source(f).program(primals, {})
    _places(program)
    kept = again(program)
    out = program.pick(call_by_parameters(program.call.fn, program.call.args), program.call.args)
    site = engine.Site("forward")

    def push_forward(*tangents: Any) -> Any:
        run = again(kept)
        return push(run, site, _tangents(run, tangents))[1]

    return out, push_forward


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False, backend: str = "numpy") -> tuple[Any, ...]:
    """The result of `f(*primals)`, and its pullback: from a cotangent of the result to one of each primal.

    The pullback returns a tuple with one entry per primal, None for one that carries no derivative. It may be
    called any number of times, and is not touched by what happens to primals or result in between. With
    `has_aux`, `f` returns `(out, aux)`, and `(out, pullback, aux)` is returned.

    >>> out, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> pullback(1.0)
    (3.0, 2.0)
    """
    engine.check_backend(backend)
    program = Source(f).program(primals, {})
    places = _places(program)
    out, pull = _pull_of_derivative(program, places) if not program.plain else _pull(program.call, places)
    if not has_aux:
        return out, pull
    if not isinstance(out, tuple) or len(out) != 2:
        raise DiffTypeError(f"{name_of(f)} doesn't return a pair (out, aux)")
    return out[0], lambda ct: pull((ct, separate_zero(out[1]))), out[1]


def _pull(call: Call, places: Sequence[Place | None]) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    active = frozenset(place[0] for place in places if place is not None)
    derived = engine.Site("split").find(call, tuple("value" if i in active else "const" for i in range(len(call.args))))
    engine.check_overlap(call, derived)
    run = engine.Split(call, derived)
    like = separate_zero(run.out)  # the caller may change the result before the pullback is called

    def pull(ct: Any) -> tuple[Any, ...]:
        seeds = engine.flat_seeds(derived.result_type, conform(like, ct, "cotangent"))
        gradients = run.pull(seeds, active)
        return tuple(None if p is None else gradients.at(call, i) for i, p in enumerate(places))

    return run.out, pull


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

    def pull(ct: Any) -> tuple[Any, ...]:
        weights = [leaf for _, leaf in flatten(conform(like, ct, "cotangent"))]
        parts = iter([_contract(value, weights, column) for value, column in zip(values, dots)])
        return tuple(None if p is None else next(parts) for p in places)

    return out, pull


def _contract(value: Any, weights: Sequence[Any], column: Sequence[Any]) -> Any:
    """The cotangent of an argument: the product of a cotangent with each column."""
    products = [sum(np.sum(w * leaf) for w, (_, leaf) in zip(weights, flatten(dot))) for dot in column]
    return from_elements(value, products)


for _fn in (jvp, vjp, linearize):
    enter(_fn, _fn.__name__)
