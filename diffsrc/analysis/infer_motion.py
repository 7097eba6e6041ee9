"""Calls of solvers of ordinary differential equations, `odeint(f, y0, t)` and `solve_ivp(f, span, y0)`.

Forward mode solves for sensitivities beside the solution, reverse mode the adjoint equation, backwards from each time of the
result to the one before (`defs/scipy/integrals.py`). With the times of the result it moves as the equation says, against
that of the start. Times that the solver chooses are constants.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..defs import transforms
from ..defs.scipy import integrals
from ..defs.solvers import Solver
from ..defs.special import dispatching
from ..defs.table import ArgRule, Def
from ..errors import UnsupportedError
from ..ir.ops import Apply, Func, FuncRef
from ..ir.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    STR,
    Array,
    Lit,
    Scalar,
    Tuple,
    Type,
    carries_derivative,
    kind_of,
    strip,
)
from ..ir.values import Literal, Operand, Pack, Value
from ..runtime.stop import stop_gradient
from ..source import Loc
from .infer_captured import composed
from .infer_functions import flattened, record
from .infer_implicit import Call, Part, Rules, at_spot
from .infer_integrals import Bound, Options, is_zero, leaves, put_integrand, refused, result_type, rule_unless_refused
from .transforms import name_of
from .typer import Typer

Results = tuple[Value, ...]
numbers = dispatching(np.arange)
TIMES = Array("f64", (None,))


def call_motion(typer: Typer, d: Def, solver: Solver, given: Bound, results: Results, loc: Loc) -> None:
    """A call of a solver of differential equations."""
    row = Def(d.name, d.fn, "general", raises=True)
    call = Call(typer, row, loc)
    ivp = solver.record is not None
    state = _state(typer, given)
    time_first = ivp or _is_true(typer, given, "tfirst")
    order = (FLOAT, state) if time_first else (state, FLOAT)
    f, own, captured, starts = put_integrand(typer, call, solver, given, order)
    fields = {"t": TIMES, "y": Array("f64", (*state.dims, None)), "success": BOOL, "message": STR}
    fields |= dict.fromkeys(("status", "nfev", "njev", "nlu"), INT)
    t: Type = Array("f64", (None, *state.dims))
    if solver.record is not None:
        t = record(solver.record(), {n: fields.get(n, ANY) for n in solver.fields})
    why = refused(typer, solver, d, given)

    def make(known: Any) -> Any:
        structure, parts = leaves([*own, *captured])
        field = flattened(known.opened, 2, structure)
        field = _state_first(field, len(parts)) if time_first else field
        return _Motion(typer, field, state, starts, parts, solver, given, loc).rule()

    rule = rule_unless_refused(typer, row, why, f, make)
    if why.startswith("full"):
        t = ANY
    call.emit(t, results, rule)


def _state(typer: Typer, given: Bound) -> Array:
    """The type of the state."""
    t = strip(typer.type_of(given["y0"][1])) if "y0" in given else ANY
    if isinstance(t, Scalar) and kind_of(t) not in ("complex", "c64", "c128"):
        return Array("f64", (1,))
    if isinstance(t, Array) and t.ndim == 1:
        return Array("f64", t.dims)
    return Array("f64", (len(t.items),) if isinstance(t, Tuple) else (None,))


def _is_true(typer: Typer, given: Bound, name: str) -> bool:
    t = typer.type_of(given[name][1]) if name in given else None
    return isinstance(t, Lit) and bool(t.value)


@functools.cache
def _state_first(f: object, count: int) -> Func:
    """`f(t, y, *parts)` as a function of y, t and the parts."""
    y, t, out = Value("y", ANY), Value("t", ANY), Value("out", ANY)
    parts = tuple(Value(f"a{i}", ANY) for i in range(count))
    call = Apply(FuncRef(name_of(f), f), (t, y, *parts), (), (out,))
    return composed(f"{name_of(f)}_of_state", (y, t, *parts), (call,), out)


@functools.cache
def _differentiated_first(f: object, on: tuple[bool, ...]) -> object:
    """`f(y, t, *parts)` with the parts first that carry a derivative."""
    if all(on) or not any(on):
        return f
    y, t, out = Value("y", ANY), Value("t", ANY), Value("out", ANY)
    parts = [Value(f"a{i}", ANY) for i in range(len(on))]
    params = (y, t, *(p for p, o in zip(parts, on) if o), *(p for p, o in zip(parts, on) if not o))
    call = Apply(FuncRef(name_of(f), f), (y, t, *parts), (), (out,))
    return composed(f"{name_of(f)}_of_parts", params, (call,), out)


@functools.cache
def _as_vector(f: object, count: int) -> Func:
    """`f(y, t, *parts)` as an array, where it gives numbers."""
    params = tuple(Value(n, ANY) for n in ("y", "t", *(f"a{i}" for i in range(count))))
    out = Value("out", ANY)
    call = Apply(FuncRef("as_vector", transforms.as_vector), (Literal(f), *params), (), (out,))
    return composed(f"{name_of(f)}_as_vector", params, (call,), out)


def _plus_first(g: Any, more: Any) -> Any:
    """An array with something added to its first item."""
    return np.concatenate([g[:1] + more, g[1:]])


class _Motion(Rules):
    """`y' = f(y, t, *parts)`, solved from a start."""

    def __init__(
        self, typer: Typer, f: object, state: Array, given_parts: Mapping[str, Part], parts: list[Part], solver: Solver,
        given: Bound, loc: Loc,
    ) -> None:  # fmt: skip
        on = tuple(carries_derivative(p.type) for p in parts)
        super().__init__(typer, [*(p for p, o in zip(parts, on) if o), *(p for p, o in zip(parts, on) if not o)], loc)
        self.count, self.state, self.solver, self.options = sum(on), state, solver, given
        self.start, self.span = given_parts["y0"], given_parts.get("t_span")
        self.moments = given_parts.get("t_eval" if solver.record is not None else "t")
        f = _differentiated_first(f, on)
        t = strip(result_type(typer, f, (state, FLOAT, *self.kinds.items)))
        self.f = f if isinstance(t, Array) and t.ndim == 1 else _as_vector(f, len(parts))
        wrong = next((p.type for p in self.parts[: self.count] if not isinstance(strip(p.type), (Scalar, Array))), None)
        if wrong is not None:
            raise UnsupportedError(f"an equation that depends on a value of type {wrong}", loc=loc, hint="pass its parts")

    @property
    def ivp(self) -> bool:
        """Whether the call is one of `solve_ivp`."""
        return self.solver.record is not None

    @property
    def moves(self) -> bool:
        """Whether a time may have a derivative."""
        return any(p is not None and carries_derivative(p.type) for p in (self.span, self.moments))

    def rule(self) -> ArgRule | None:
        if not self.depends and not carries_derivative(self.start.type) and not self.moves:
            return None
        ivp = self.ivp
        defaults: dict[str, object] = {"rtol": None, "atol": None, "hmax": 0.0}
        if ivp:
            defaults = {"method": "RK45", "rtol": 1e-3, "atol": 1e-6, "max_step": np.inf}
        state, kinds = self.state, self.kinds
        rows = Array("f64", (*state.dims, None) if ivp else (None, *state.dims))
        args, rest = Tuple(kinds.items[: self.count]), Tuple(kinds.items[self.count :])
        span = (Tuple((FLOAT, FLOAT)),) if ivp else ()
        t0 = (FLOAT,) if ivp else ()
        moments = strip(self.moments.type) if self.moments is not None else ANY
        if ivp and not isinstance(moments, Array):
            moments = TIMES
        if not ivp and not isinstance(moments, Array):
            raise UnsupportedError("odeint at times that are no array", loc=self.loc, hint="np.array(t)")
        by, back = (integrals.sensitivities_ivp, integrals.adjoint_ivp) if ivp else (integrals.sensitivities, integrals.adjoint)
        self.accuracy = Options(self.typer, self.options, defaults)
        accurate = self.accuracy.types
        self.own = self.function(self.f, state, FLOAT)
        self.push = self.callee(by, self.f, *span, state, state, moments, kinds, self.dot_kinds, *accurate)
        self.pull = self.callee(back, self.f, rows, moments, *t0, args, rest, rows, *accurate)
        if self.moves:
            self.along = self.callee(integrals.slopes_ivp if ivp else integrals.slopes, self.f, rows, moments, kinds)
            self.at_start = self.callee(integrals.slope, self.f, state, FLOAT, kinds)
        return ArgRule(self.jvp, self.vjp)

    def begin(self, args: Any, kwargs: Any, tracing: Any) -> Any:
        """The slope at the start."""
        y0, first = np.ravel(at_spot(self.start.spot, args, kwargs)), self.first(args, kwargs)
        return self.at_start(tracing, *self.own, tracing.operand(y0), tracing.operand(first), self.given(tracing, args, kwargs))

    def jvp(self, dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
        tracing, ivp = out.tracing, self.ivp
        y0 = np.ravel(at_spot(self.start.spot, args, kwargs))
        dot = dots.get(self.start.spot[0])
        dot = np.zeros_like(y0) if dot is None else np.ravel(dot)
        first, t_dot = self.dots_of_times(dots, out.t if ivp else None)
        if first is not None:
            dot = dot - self.begin(args, kwargs, tracing) * first
        tangents = self.dots(tracing, dots, args, kwargs)
        if tangents is None:
            tangents = Pack(tuple(tracing.operand(self.zero_of(p, tracing, args, kwargs)) for p in self.parts))
        over = (tracing.operand(self.span_of(args, kwargs)),) if ivp else ()
        t, parts = self.times(out, args, kwargs), self.given(tracing, args, kwargs)
        where = (*self.own, *over, tracing.operand(y0), tracing.operand(dot), t, parts, tangents)
        y_dot = self.push(tracing, *where, *self.accuracy.operands(tracing, args, kwargs))
        if t_dot is not None:
            f = self.along(tracing, *self.own, tracing.operand(out.y if ivp else out), t, parts)
            y_dot = y_dot + f * (t_dot if ivp else t_dot[:, None])
        if not ivp:
            return y_dot
        t_dot = np.zeros_like(out.t) if t_dot is None else t_dot
        return tuple(y_dot if n == "y" else t_dot if n == "t" else None for n, _ in out.type.fields)

    def vjp(self, ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
        tracing, ivp = out.tracing, self.ivp
        y = out.y if ivp else out
        by_name = dict(zip((n for n, _ in out.type.fields), ct)) if ivp else {"y": ct}
        ct, of_times = by_name["y"], by_name.get("t", 0.0)
        if ivp and not is_zero(of_times) and not getattr(of_times, "ndim", 0):
            of_times = of_times * np.ones_like(out.t)
        if is_zero(ct):
            return [] if is_zero(of_times) else [self.handed_to_times(of_times, None, wanted, args, kwargs)]
        ct = ct if getattr(ct, "ndim", 0) else ct * np.ones_like(y)
        over = (tracing.operand(self.span_of(args, kwargs)[0]),) if ivp else ()
        given = self.given(tracing, args, kwargs)
        split = (Pack(given.items[: self.count]), Pack(given.items[self.count :]))
        t = self.times(out, args, kwargs)
        where = (*self.own, tracing.operand(y), t, *over, *split, tracing.operand(ct))
        found = self.pull(tracing, *where, *self.accuracy.operands(tracing, args, kwargs))
        n = y.shape[0] if ivp else y.shape[1]
        handed = self.taken_apart(found, n, wanted, args, kwargs)
        if self.moves and any(p is not None and p.spot[0] in wanted for p in (self.span, self.moments)):
            f = self.along(tracing, *self.own, tracing.operand(y), t, given)
            along = np.sum(ct * f, axis=0 if ivp else 1)
            of_start = -np.sum(found[:n] * self.begin(args, kwargs, tracing))
            times = self.handed_to_times(along if is_zero(of_times) else of_times + along, of_start, wanted, args, kwargs)
            handed = [a if b is None else b for a, b in zip(handed, times)]
        return [handed]

    def first(self, args: Any, kwargs: Any) -> Any:
        """The time of the start."""
        if self.span is not None:
            return self.span_of(args, kwargs)[0]
        assert self.moments is not None
        return at_spot(self.moments.spot, args, kwargs)[0] * 1.0

    def dots_of_times(self, dots: Mapping[int | str, Any], like: Any) -> tuple[Any, Any]:
        """The tangents of the start and of the times of the result; None where they don't move."""
        of_times = None if self.moments is None else dots.get(self.moments.spot[0])
        if self.span is None:
            return (None, None) if of_times is None else (of_times[0], of_times)
        of_span = dots.get(self.span.spot[0])
        if of_span is None:
            return None, of_times
        first, last = (0.0 if d is None else d for d in (of_span[0], of_span[1]))
        if self.moments is None or not isinstance(strip(self.moments.type), Array):
            n = like.shape[0]
            k = numbers(n)
            terms = [dot * (k == at) for dot, at in ((first, 0), (last, n - 1)) if not is_zero(dot)]
            of_times = sum(terms[1:], terms[0])
        return first, of_times

    def handed_to_times(self, of_times: Any, of_start: Any, wanted: list[int | str], args: Any, kwargs: Any) -> list[Any]:
        """The cotangents of the times that are given, by those of the times of the result and of the start."""
        handed: list[Any] = [None] * len(wanted)
        chosen = self.moments is None or not isinstance(strip(self.moments.type), Array)
        for k, place in enumerate(wanted):
            if self.moments is not None and place == self.moments.spot[0] and not chosen:
                handed[k] = of_times if self.span is not None or of_start is None else _plus_first(of_times, of_start)
            elif self.span is not None and place == self.span.spot[0]:
                ends = [of_start, 0.0]
                if chosen:
                    ends = [of_times[0] if of_start is None else of_times[0] + of_start, of_times[-1]]
                top = at_spot((place, ()), args, kwargs)
                handed[k] = ends if isinstance(top, (tuple, list)) else np.stack([0.0 if g is None else g for g in ends])
        return handed

    def times(self, out: Any, args: Any, kwargs: Any) -> Operand:
        """Those of the result."""
        tracing = out.tracing
        if self.moments is not None and isinstance(strip(self.moments.type), Array):
            given: Operand = tracing.operand(at_spot(self.moments.spot, args, kwargs))
            return given
        chosen: Operand = tracing.operand(out.t if self.moves else tracing.call(stop_gradient, (out.t,)))
        return chosen

    def span_of(self, args: Any, kwargs: Any) -> tuple[Any, Any]:
        """Where the solution starts and ends."""
        assert self.span is not None
        found = at_spot(self.span.spot, args, kwargs)
        return found[0] * 1.0, found[1] * 1.0

    def taken_apart(self, found: Any, n: Any, wanted: list[int | str], args: Any, kwargs: Any) -> list[Any]:
        """The cotangents of the start and of the parts, which stand behind each other."""
        given: list[Any] = []
        at = n
        for p in self.parts[: self.count]:
            if isinstance(strip(p.type), Scalar):
                given.append(found[at])
                at = at + 1
            else:
                value = at_spot(p.spot, args, kwargs)
                given.append(np.reshape(found[at : at + value.size], value.shape))
                at = at + value.size
        handed = self.handed_out(wanted, given.__getitem__, args, kwargs)
        is_number = isinstance(strip(self.start.type), Scalar)
        start = found[0] if is_number else np.reshape(found[:n], np.shape(at_spot(self.start.spot, args, kwargs)))
        return [start if place == self.start.spot[0] else g for place, g in zip(wanted, handed)]

    def zero_of(self, p: Part, tracing: Any, args: Any, kwargs: Any) -> Any:
        return self.zero(at_spot(p.spot, args, kwargs), tracing) if carries_derivative(p.type) else None

