"""What a gradient function does at a call: bind, find the compiled derivative, seed it, gather the gradients.

The result must be one real number. Where its size is known before the call (a number, an array of known size
one) the fused derivative runs; else the forward sweep shows the size and the reverse sweep follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..defs.variant import PLAIN, Variant
from ..errors import DiffTypeError, UnsupportedError
from ..ir.types import Bottom, Tuple, Type, is_complex, strip
from ..source import Loc
from . import engine
from .higher import Program, Source, columns, forward_program, place_tangent, reverse_program, unit
from .short import Short, short_of
from .signature import Argnums, Call, Place, as_tuple, name_of
from .trees import flatten, is_float_leaf, separate_zero, transform_places


def loc_of(fn: Any) -> Loc:
    """Where a function is defined."""
    code = getattr(fn, "__code__", None)
    return Loc(code.co_filename, code.co_firstlineno) if code is not None else Loc("<unknown>", 0)


def as_differentiable(value: Any, what: str) -> Any:
    """An argument to differentiate: a Python int becomes a float.

    Raises:
        DiffTypeError: an integer, boolean or object array, or something without any float in it.
    """
    if is_float_leaf(value):
        return value
    if isinstance(value, (bool, int, np.integer, np.bool_)):
        return float(value)
    if isinstance(value, np.ndarray):
        raise DiffTypeError(
            f"{what} is an array of dtype {value.dtype}, which carries no derivative", hint="x.astype(float)"
        )
    if not flatten(value):
        raise DiffTypeError(
            f"{what} is a {type(value).__name__} that holds no float, so it carries no derivative",
            hint="use floats, or choose other argnums",
        )
    return value


def to_differentiate(call: Call, place: Place, what: str) -> Any:
    """The value of a call's argument, to differentiate: what was converted at the door to an array of integers counts as one
    of floats, as a Python int does.
    """
    value = call.value(place)
    if place[0] in call.converted and isinstance(value, np.ndarray) and value.dtype.kind in "biu":
        return value.astype(float)
    return as_differentiable(value, what)


class GradientOf:
    """Gradients of one function with respect to `argnums`; what `ds.grad(f)` calls."""

    __slots__ = ("argnums", "aux", "forward", "fused", "reverse", "short", "single", "source", "split", "value")

    def __init__(self, f: Any, argnums: Argnums, *, aux: bool, value: bool, variant: Variant = PLAIN) -> None:
        self.source = Source(f, spread=True, variant=variant)
        self.argnums = as_tuple(argnums)
        self.single = isinstance(argnums, (int, str))
        self.aux, self.value = aux, value
        self.short: Short | None = None
        self.reverse = engine.Site("again")
        self.fused, self.split, self.forward = (
            engine.Site("reverse" if value or aux else "grad"),
            engine.Site("split"),
            engine.Site("forward"),
        )

    def __call__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        short = self.short
        if short is not None and not kwargs and short.fits(args):
            return short.run(args)
        try:
            return self._long(args, kwargs)
        except UnsupportedError:
            if not self.source.close():
                raise
        return self._long(args, kwargs)

    def _long(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Bind, find the derivative, run it, gather the gradients."""
        program = self.source.program(args, kwargs)
        places = self._places(program.call)
        if not program.plain:
            return self._by_columns(program, places)
        derived, seeds = self._compiled(program.call, places, self.fused)
        if seeds is None:
            return self._in_two_steps(program.call, places)
        self.short = None
        if not kwargs and not self.aux and self.source.direct() and len(args) == len(program.call.args):
            wrt = [index for index, _ in places]
            watch = self.source.binder.watch if self.source.binder is not None else None
            holds = watch() if watch is not None else None
            self.short = short_of(program.call, self.fused, seeds, wrt, single=self.single, value=self.value, holds=holds)
        shadows = engine.zero_shadows(program.call, derived)
        out, cotangents = engine.run_reverse(program.call, derived, shadows, seeds)
        return self._answer(program.call, out, self._gathered(program.call, derived, shadows, cotangents))

    def _places(self, call: Call) -> list[Place]:
        """Where the arguments to differentiate are; ints there become floats."""
        places = [call.place(a) for a in self.argnums]
        for arg, place in zip(self.argnums, places):
            old = call.value(place)
            new = to_differentiate(call, place, f"argument {arg!r} of {name_of(call.fn)}")
            if new is not old:
                call.replace(place, new)
        return places

    def _activity(self, places: Sequence[Place], call: Call) -> engine.Activity:
        active = {index for index, _ in places}
        return tuple("value" if i in active else "const" for i in range(len(call.args)))

    def _compiled(self, call: Call, places: Sequence[Place], site: engine.Site) -> tuple[Any, list[Any] | None]:
        """The fused derivative and its seeds; None for seeds whose shape only the run can tell."""
        derived = site.find(call, self._activity(places, call))
        self._check_result(call, derived.result_type)
        engine.check_overlap(call, derived)
        return derived, self._seeds(derived.result_type)

    def _check_result(self, call: Call, result: Type) -> None:
        """Refuse a result that isn't one real number."""
        t = strip(result)
        where = loc_of(call.fn)
        if isinstance(t, Bottom):
            engine.plain_result(call)  # a function that only raises: its own exception
        if self.aux:
            if not isinstance(t, Tuple) or len(t.items) != 2:
                raise DiffTypeError(
                    f"{name_of(call.fn)} returns {engine.describe(t)}, not a pair (value, aux)",
                    loc=where,
                    hint="has_aux=True takes a function that returns two things",
                )
            t = strip(t.items[0])
        if not engine.is_scalar_like(t):
            raise DiffTypeError(
                f"{name_of(call.fn)} returns {engine.describe(t)}; a gradient needs one number",
                loc=where,
                hint="reduce the result (.sum()), or use ds.jacobian or ds.vjp",
            )
        if is_complex(t):
            raise DiffTypeError(
                f"{name_of(call.fn)} returns a complex number; a gradient needs a real one",
                loc=where,
                hint="differentiate its real part, or use ds.vjp",
            )

    def _seeds(self, result: Type) -> list[Any] | None:
        types = engine.seed_types(result)
        ones = [s for s in map(engine.one, types) if s is not None]
        if len(ones) < len(types):
            return None
        return ones[:1] + [s * 0 for s in ones[1:]]

    def _in_two_steps(self, call: Call, places: Sequence[Place]) -> Any:
        """The forward sweep first, to see the shape of the result."""
        derived = self.split.find(call, self._activity(places, call))
        run = engine.Split(call, derived)
        seeds = self._seeds_like(call, run.out)
        active = frozenset(index for index, _ in places)
        return self._answer(call, run.out, run.pull(seeds, active))

    def _gathered(self, call: Call, derived: Any, shadows: list[Any], cotangents: Sequence[Any]) -> engine.Gradients:
        active = frozenset(call.place(a)[0] for a in self.argnums)
        return engine.gather(call, derived, shadows, cotangents, active)

    def _answer(self, call: Call, out: Any, gradients: engine.Gradients) -> Any:
        found = tuple(gradients.at(call, a) for a in self.argnums)
        gradient = found[0] if self.single else found
        if self.value:
            return out, gradient
        return (gradient, out[1]) if self.aux else gradient

    # -- differentiated again

    def program(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Program:
        """The reverse derivative as a function to differentiate: the gradient is picked from what it
        gives.
        """
        inner = self.source.program(args, kwargs)
        places = self._places(inner.call)
        if not inner.plain:
            return self._program_of_derivative(inner, places)
        call = inner.call
        derived, seeds = self._compiled(call, places, self.reverse)
        if seeds is None:
            seeds = self._seeds_like(call, engine.plain_result(call))
        return reverse_program(call, derived, seeds, frozenset(i for i, _ in places), self._answer)

    def _seeds_like(self, call: Call, out: Any) -> list[Any]:
        """One for the value, zeros for what comes beside it."""
        value = out[0] if self.aux else out
        if np.size(value) != 1:
            raise DiffTypeError(
                f"{name_of(call.fn)} returned shape {np.shape(value)}; a gradient needs one number",
                loc=loc_of(call.fn),
                hint="reduce the result (.sum()), or use ds.jacobian or ds.vjp",
            )
        first = np.ones_like(value) if isinstance(value, np.ndarray) else type(value)(1)
        return [first, *(leaf for _, leaf in flatten(separate_zero(out[1])))] if self.aux else [first]

    def by_columns(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The gradient by forward mode."""
        program = self.source.program(args, kwargs)
        return self._by_columns(program, self._places(program.call))

    def _by_columns(self, program: Program, places: Sequence[Place]) -> Any:
        """One forward run per element of the argument; also the gradient of a derivative."""
        out, dots = columns(program, self.forward, places)
        value = out[0] if self.aux else out
        if not is_float_leaf(value) or np.size(value) != 1 or np.iscomplexobj(value):
            raise DiffTypeError(
                f"{name_of(self.source.f)} doesn't return one real number",
                hint="use ds.jacobian or ds.hessian",
            )
        entries = [
            from_elements(program.call.value(place), [np.reshape(d[0] if self.aux else d, ())[()] for d in column])
            for place, column in zip(places, dots)
        ]
        gradient = entries[0] if self.single else tuple(entries)
        if self.value:
            return out, gradient
        return (gradient, out[1]) if self.aux else gradient

    def _program_of_derivative(self, inner: Program, places: Sequence[Place]) -> Program:
        """The derivative of a derivative by a single number, as a function to differentiate once more."""
        values = [inner.call.value(place) for place in places]
        if len(places) != 1 or not is_float_leaf(values[0]) or np.size(values[0]) != 1 or self.aux:
            raise UnsupportedError(
                "derivatives above the second order are taken by one number at a time",
                hint="use ds.jvp of ds.hvp",
            )

        def answer(out: Any, dot: Any) -> Any:
            shaped = np.reshape(dot, np.shape(values[0]))
            gradient: Any = shaped if isinstance(values[0], np.ndarray) else shaped[()]
            gradient = gradient if self.single else (gradient,)
            return (out, gradient) if self.value else gradient

        return forward_program(inner, self.forward, place_tangent(inner.call, places, [unit(values[0], 0, 0)]), answer)


def from_elements(value: Any, numbers: Sequence[Any]) -> Any:
    """A gradient from one number per element of the float leaves of an argument."""
    supply = iter(numbers)

    def leaf(old: Any) -> Any:
        if not is_float_leaf(old):
            return None
        if not isinstance(old, np.ndarray):
            return next(supply)
        new = np.zeros_like(old, subok=False)
        for i in range(old.size):
            new.flat[i] = next(supply)
        return new

    return transform_places(value, leaf)
