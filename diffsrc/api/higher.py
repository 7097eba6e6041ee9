"""Derivatives of derivatives: forward mode over the generated function.

A generated derivative is ordinary source, so the compiler takes it like a user's function. A `Program` is
what an entry point differentiates: a `Call`, and `pick`, which finds the user's result in what the called
function returned and left in its arguments. For a plain function that is the result itself; for `ds.grad(f)`
the call is that of the reverse derivative with its shadows and seeds as further arguments, and `pick` takes
the gradient.

A gradient of a derivative takes one forward run per element of its argument: one for numbers.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any, Protocol

import numpy as np

from ..compiler import watched
from ..compiler.binding import call_by_parameters
from ..compiler.derived import execute
from ..defs.transforms import MARK, DerivativeFunction, Transform
from ..defs.variant import PLAIN, Variant, variant_of
from ..errors import UnsupportedError
from ..plain import dataclass
from . import engine
from .closures import Outside, contents, opened
from .signature import Binder, Call, Place, name_of
from .trees import duplicate, flatten, is_float_leaf, make_zero, separate_zero, transform_places

#: (what the function returned, its arguments after the call) -> the user's result
Pick = Callable[[Any, Sequence[Any]], Any]


@dataclass(frozen=True, eq=False, slots=True)
class Program:
    """A call to differentiate, and where the user's result is found after it. `mirrors`: the arguments in which `pick`
    finds results, so that they always have tangents. `swapped` finds result and tangent in another way."""

    call: Call
    pick: Pick
    plain: bool = True
    mirrors: tuple[int, ...] = ()
    swapped: Callable[[Mapping[int, Any]], tuple[Any, Any]] | None = None


class Derivative(Protocol):
    """What a function made by `ds.grad` and its like answers, so that it can be differentiated again."""

    def program(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Program: ...


ATTRIBUTE = "__diffsrc_derivative__"
CALLING = "calling"


def derivative_behind(f: Any) -> Derivative | None:
    """What stands behind a function made by this package, None for any other callable."""
    return getattr(f, "__dict__", {}).get(ATTRIBUTE) if callable(f) else None


def dress(
    run: Callable[..., Any],
    of: Any,
    what: str,
    derivative: object,
    how: Transform | None = None,
    made: tuple[Callable[..., Any], tuple[Any, ...]] | None = None,
) -> Callable[..., Any]:
    """The function that calls `run(args, kwargs)`, with its name and docstring, and what it answers when it is differentiated
    itself: `how` where a program calls it, `derivative` where an entry point gets it. `made`: the entry point and its
    arguments, which make it in another process.
    """
    maker, args = made or (None, (of,))
    function: Any = DerivativeFunction(run, functools.partial(_written, maker=maker, args=args))
    function.__name__ = f"{what}_{name_of(of)}".replace("<", "").replace(">", "")
    function.__qualname__ = function.__name__
    function.__doc__ = f"{what} of {name_of(of)}. Takes the arguments of {name_of(of)}."
    function.__dict__[ATTRIBUTE] = derivative
    if how is not None:
        function.__dict__[MARK] = (how, of)
    checked: Callable[..., Any] = function
    return checked


def with_options(maker: Callable[..., Any], variant: Variant) -> Callable[..., Any]:
    """An entry point as it was called, for another process."""
    return functools.partial(maker, **variant.options) if variant.options else maker


def _written(made: DerivativeFunction, maker: Callable[..., Any] | None, args: tuple[Any, ...]) -> Any:
    from .travel import reduced

    return reduced(made, maker, args)


class Source:
    """Makes the `Program` of each call of one callable. `spread`: data around the function that changes becomes leading
    arguments (`closures.py`); `close` undoes that. `variant`: as in a `Call`.
    """

    __slots__ = ("binder", "closed", "derivative", "f", "outside", "spread", "variant")

    def __init__(self, f: Any, spread: bool = False, variant: Variant = PLAIN) -> None:
        self.variant = variant
        self.derivative = derivative_behind(f)
        if self.derivative is not None and not hasattr(self.derivative, "program"):
            f = _calling(f) or f
            self.derivative = derivative_behind(f)
        self.f = f
        self.binder = self.closed = Binder.of(f) if self.derivative is None else None
        self.spread = spread and (self.binder is None or self.binder.choose is None)
        self.outside: tuple[Outside, ...] = ()

    def close(self) -> bool:
        """Take what is around the function as constant; False if it is already."""
        again = bool(self.outside)
        self.binder, self.outside, self.spread = self.closed, (), False
        return again

    def _open(self) -> None:
        """Look at the data around the function, and make arguments of it when it has changed."""
        assert self.closed is not None
        if not self.outside and (found := opened(self.closed.fn)) is not None:
            new, self.outside = found
            held = (*contents(self.outside), *self.closed.prefix)
            self.binder = Binder.of(functools.partial(new, *held, **self.closed.keywords))
            self.binder.converters = {i + len(self.outside): c for i, c in self.closed.converters.items()}
        elif self.outside and self.binder is not None:
            self.binder.prefix = (*contents(self.outside), *self.closed.prefix)

    def program(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Program:
        """The program of one call."""
        if self.binder is not None:
            if self.spread:
                self._open()
            call = self.binder.bind(args, kwargs)
            return plain_program(call if self.variant is PLAIN else replace(call, variant=self.variant))
        assert self.derivative is not None
        if not hasattr(self.derivative, "program"):
            raise UnsupportedError(f"{name_of(self.f)} can't be differentiated again", hint="nest ds.grad or ds.jvp")
        return self.derivative.program(args, kwargs)

    def direct(self) -> bool:
        """Whether arguments enter the function as they are, and it is the same for all of the same types."""
        binder = self.binder
        return binder is not None and not binder.converters and (binder.choose is None or binder.watch is not None)

    def plain(self) -> bool:
        """Whether this is a function of the user, not a derivative."""
        return self.binder is not None


def _calling(derivative: Any) -> FunctionType | None:
    """A function that calls a Jacobian or Hessian, which is differentiated like a program that does; None where the
    parameters aren't known."""
    f = derivative
    while (found := getattr(f, "__dict__", {}).get(MARK)) is not None:
        f = found[1]
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return None
    if MARK not in derivative.__dict__ or any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in parameters):
        return None
    names = ", ".join(p.name for p in parameters)
    called = "derivative" if all(p.name != "derivative" for p in parameters) else "derivative_"
    text = f"def {CALLING}({names}):\n    return {called}({names})\n"
    made = execute(text, {called: derivative}, derivative.__name__)[CALLING]
    assert isinstance(made, FunctionType)
    made.__defaults__ = tuple(p.default for p in parameters if p.default is not p.empty)
    made.__name__ = made.__qualname__ = derivative.__name__
    return made


def plain_program(call: Call) -> Program:
    """The program of a function of the user."""
    return Program(call, _result)


def _result(out: Any, args: Sequence[Any]) -> Any:
    return out


def forward_activity(call: Call, active: Sequence[int]) -> tuple[str, ...]:
    return tuple("dup" if i in active else "const" for i in range(len(call.args)))


def push(program: Program, site: engine.Site, tangents: Mapping[int, Any]) -> tuple[Any, Any]:
    """One forward run: the user's result and its tangent. `tangents` goes by parameter."""
    call = program.call
    activity = forward_activity(call, (*tangents, *program.mirrors))
    if program.swapped is not None and site.refused == (call.fn, activity):
        return program.swapped(tangents)
    try:
        derived = site.find(call, activity)
    except UnsupportedError:
        if program.swapped is None:
            raise
        found = program.swapped(tangents)
        site.refused = call.fn, activity
        return found
    engine.check_overlap(call, derived)
    out, out_dot, dots = engine.run_forward(call, derived, tangents)
    if program.plain:
        return out, engine.finish_tangent(out, out_dot)
    return program.pick(out, call.args), program.pick(out_dot, dots)


def reverse_program(
    call: Call,
    derived: Any,
    seeds: Sequence[Any],
    active: frozenset[int],
    answer: Callable[[Call, Any, Any], Any],
) -> Program:
    """A reverse derivative as a function to differentiate: shadows and seeds are further arguments."""
    where = [i for i, a in enumerate(derived.activity) if a == "shadow"]
    shadows = engine.zero_shadows(call, derived) if derived.overlap else [make_zero(call.args[i]) for i in where]
    whole = Call(derived.call, [*call.args, *shadows, *seeds], call.positional, call.named, call.fixed)
    start, end = len(call.args), len(call.args) + len(shadows)

    def pick(out: Any, after: Sequence[Any]) -> Any:
        parts = out if isinstance(out, tuple) else (out,)
        return answer(call, parts[0], engine.gather(call, derived, after[start:end], parts[1:], active))

    def swapped(tangents: Mapping[int, Any]) -> tuple[Any, Any]:
        """The gradient of a directional derivative is the derivative of the gradient: d/dx (dout @ J v)."""
        places = {i: t for i, t in tangents.items() if i < start}
        forward = engine.lookup(
            "forward", call.fn, engine.call_types(call, variant_of(call.fn, call.variant).unroll),
            forward_activity(call, tuple(places)), variant=call.variant,
        )  # fmt: skip
        given = [places[i] for i, a in enumerate(forward.activity) if a != "const"]
        both = Call(forward.call, [*call.args, *given], call.positional, call.named, call.fixed)
        kinds = (*derived.activity, *("const" for _ in given))
        back = engine.lookup("reverse", both.fn, engine.call_types(both), kinds)
        mirrors = engine.zero_shadows(both, back)
        seed_dots = [tangents.get(end + k, 0.0) for k in range(len(seeds))]
        dots, cotangents = engine.run_reverse(both, back, mirrors, [*seed_dots, *seeds])
        found = answer(call, dots[1], engine.gather(both, back, mirrors, cotangents, active))
        return pick(watched.run(derived.call, *whole.args), whole.args), found

    plain = len(seeds) == 1 and not engine.writes(derived)
    return Program(whole, pick, False, tuple(range(start, end)), swapped if plain else None)


def forward_program(
    inner: Program, site: engine.Site, tangents: Mapping[int, Any], answer: Callable[[Any, Any], Any]
) -> Program:
    """A forward derivative in one direction as a function to differentiate: tangents are further
    arguments.
    """
    call = inner.call
    derived = site.find(call, forward_activity(call, (*tangents, *inner.mirrors)))
    where = [i for i, a in enumerate(derived.activity) if a != "const"]
    dots = [tangents[i] if i in tangents else make_zero(call.args[i]) for i in where]
    whole = Call(derived.call, [*call.args, *dots], call.positional, call.named, call.fixed)
    count = len(call.args)

    def pick(out: Any, after: Sequence[Any]) -> Any:
        mirrors: list[Any] = [None] * count
        for i, dot in zip(where, after[count:]):
            mirrors[i] = dot
        value, dot = inner.pick(out[0], after), inner.pick(out[1], mirrors)
        return answer(value, engine.finish_tangent(value, dot) if inner.plain else dot)

    written = (*inner.mirrors, *(count + k for k, i in enumerate(where) if i in inner.mirrors))
    return Program(whole, pick, plain=False, mirrors=written)


def place_tangent(call: Call, places: Sequence[Place], values: Sequence[Any]) -> dict[int, Any]:
    """Tangents by parameter, from tangents by place: the other parts of *args and **kwargs get zeros."""
    found: dict[int, Any] = {}
    for (index, key), value in zip(places, values):
        if key is None:
            found[index] = value
            continue
        whole = found.get(index)
        if whole is None:
            whole = separate_zero(call.args[index])
        if isinstance(key, int):
            whole = (*whole[:key], value, *whole[key + 1 :])
        else:
            whole = {**whole, key: value}
        found[index] = whole
    return found


def basis(value: Any) -> list[Any]:
    """One tangent per element of the float leaves of an argument, in order of its leaves."""
    sizes = [np.size(leaf) for _, leaf in flatten(value)]
    return [unit(value, k, i) for k, size in enumerate(sizes) for i in range(size)]


def unit(value: Any, leaf: int, element: int) -> Any:
    """Zeros like `value` with a one at an element of a float leaf."""
    count = -1

    def make(old: Any) -> Any:
        nonlocal count
        if not is_float_leaf(old):
            return old
        count += 1
        if not isinstance(old, np.ndarray):
            return type(old)(1 if count == leaf else 0)
        new = np.zeros_like(old, subok=False)
        if count == leaf:
            new.flat[element] = 1
        return new

    return transform_places(value, make)


def again(program: Program) -> Program:
    """The same program on copies of its arguments."""
    return replace(program, call=engine.copied(program.call))


def columns(program: Program, site: engine.Site, places: Sequence[Place]) -> tuple[Any, list[list[Any]]]:
    """The user's result, and per place the tangent of the result for each element there.

    The last run is on the arguments themselves, so what the function writes is written once.
    """
    call = program.call
    directions = [(n, d) for n, place in enumerate(places) for d in basis(call.value(place))]
    found: list[list[Any]] = [[] for _ in places]
    out = None
    values = [call.value(place) for place in places]
    zeros = [separate_zero(v) for v in values]
    for k, (n, direction) in enumerate(directions):
        tangents = [direction if m == n else duplicate(zeros[m]) for m in range(len(places))]
        last = k == len(directions) - 1
        run = program if last else again(program)
        out, dot = push(run, site, place_tangent(run.call, places, tangents))
        found[n].append(dot)
    if not directions:
        out = program.pick(call_by_parameters(call.fn, call.args), call.args)
    return out, found
