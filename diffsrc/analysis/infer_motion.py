"""Calls of solvers of ordinary differential equations, `odeint(f, y0, t)` and `solve_ivp(f, span, y0)`.

Forward mode solves for sensitivities beside the solution, reverse mode the adjoint equation, backwards from each time of the
result to the one before (`defs/scipy/integrals.py`). The times of the result are constants.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..defs import transforms
from ..defs.scipy import integrals
from ..defs.solvers import Solver
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
from .infer_functions import composed, flattened, record
from .infer_implicit import Call, Part, Rules, at_spot
from .infer_integrals import Bound, Options, is_zero, leaves, put_integrand, refused, result_type, rule_unless_refused
from .transforms import name_of
from .typer import Typer

Results = tuple[Value, ...]
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
        return _Motion(typer, field, state, starts["y0"], parts, solver, given, loc).rule()

    rule = rule_unless_refused(typer, row, why, f, make)
    if why.startswith("full"):
        t = ANY
    call.emit(t, results, rule, barred=tuple(given[n][0] for n in ("t", "t_span", "t_eval") if n in given))


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


class _Motion(Rules):
    """`y' = f(y, t, *parts)`, solved from a start."""

    def __init__(
        self, typer: Typer, f: object, state: Array, start: Part, parts: list[Part], solver: Solver, given: Bound, loc: Loc
    ) -> None:
        on = tuple(carries_derivative(p.type) for p in parts)
        super().__init__(typer, [*(p for p, o in zip(parts, on) if o), *(p for p, o in zip(parts, on) if not o)], loc)
        self.count, self.state, self.start, self.solver, self.options = sum(on), state, start, solver, given
        f = _differentiated_first(f, on)
        t = strip(result_type(typer, f, (state, FLOAT, *self.kinds.items)))
        self.f = f if isinstance(t, Array) and t.ndim == 1 else _as_vector(f, len(parts))
        wrong = next((p.type for p in self.parts[: self.count] if not isinstance(strip(p.type), (Scalar, Array))), None)
        if wrong is not None:
            raise UnsupportedError(f"an equation that depends on a value of type {wrong}", loc=loc, hint="pass its parts")

    def rule(self) -> ArgRule | None:
        if not self.depends and not carries_derivative(self.start.type):
            return None
        ivp = self.solver.record is not None
        defaults: dict[str, object] = {"rtol": None, "atol": None, "hmax": 0.0}
        if ivp:
            defaults = {"method": "RK45", "rtol": 1e-3, "atol": 1e-6, "max_step": np.inf}
        options = Options(self.typer, self.options, defaults)
        state, kinds = self.state, self.kinds
        rows = Array("f64", (*state.dims, None) if ivp else (None, *state.dims))
        own = self.function(self.f, state, FLOAT)
        args, rest = Tuple(kinds.items[: self.count]), Tuple(kinds.items[self.count :])
        span = (Tuple((FLOAT, FLOAT)),) if ivp else ()
        t0 = (FLOAT,) if ivp else ()
        name = "t_eval" if ivp else "t"
        moments = strip(self.typer.plain_type(self.options[name][1])) if name in self.options else ANY
        if ivp and not isinstance(moments, Array):
            moments = TIMES
        if not ivp and not isinstance(moments, Array):
            raise UnsupportedError("odeint at times that are no array", loc=self.loc, hint="np.array(t)")
        by, back = (integrals.sensitivities_ivp, integrals.adjoint_ivp) if ivp else (integrals.sensitivities, integrals.adjoint)
        push = self.callee(by, self.f, *span, state, state, moments, kinds, self.dot_kinds, *options.types)
        pull = self.callee(back, self.f, rows, moments, *t0, args, rest, rows, *options.types)


        def jvp(dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
            tracing = out.tracing
            y0 = np.ravel(at_spot(self.start.spot, args, kwargs))
            dot = dots.get(self.start.spot[0])
            dot = np.zeros_like(y0) if dot is None else np.ravel(dot)
            tangents = self.dots(tracing, dots, args, kwargs)
            if tangents is None:
                tangents = Pack(tuple(tracing.operand(self.zero_of(p, tracing, args, kwargs)) for p in self.parts))
            over = (tracing.operand(self.span_of(args, kwargs)),) if ivp else ()
            t, parts = self.times(out, args, kwargs), self.given(tracing, args, kwargs)
            accuracy = options.operands(tracing, args, kwargs)
            y_dot = push(tracing, *own, *over, tracing.operand(y0), tracing.operand(dot), t, parts, tangents, *accuracy)
            if not ivp:
                return y_dot
            return tuple(y_dot if n == "y" else np.zeros_like(out.t) if n == "t" else None for n, _ in out.type.fields)

        def vjp(ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
            tracing, y = out.tracing, out.y if ivp else out
            ct = ct[[n for n, _ in out.type.fields].index("y")] if ivp else ct
            if is_zero(ct):
                return []
            ct = ct if getattr(ct, "ndim", 0) else ct * np.ones_like(y)
            over = (tracing.operand(self.span_of(args, kwargs)[0]),) if ivp else ()
            items = self.given(tracing, args, kwargs).items
            split = (Pack(items[: self.count]), Pack(items[self.count :]))
            t, accuracy = self.times(out, args, kwargs), options.operands(tracing, args, kwargs)
            found = pull(tracing, *own, tracing.operand(y), t, *over, *split, tracing.operand(ct), *accuracy)
            return self.taken_apart(found, y.shape[0] if ivp else y.shape[1], wanted, args, kwargs)

        return ArgRule(jvp, vjp)

    def times(self, out: Any, args: Any, kwargs: Any) -> Operand:
        """Those of the result."""
        tracing = out.tracing
        name = "t" if self.solver.record is None else "t_eval"
        if name in self.options and isinstance(strip(self.typer.type_of(self.options[name][1])), Array):
            given: Operand = tracing.operand(at_spot((self.options[name][0], ()), args, kwargs))
            return given
        constant: Operand = tracing.operand(tracing.call(stop_gradient, (out.t,)))
        return constant

    def span_of(self, args: Any, kwargs: Any) -> tuple[Any, Any]:
        """Where the solution starts and ends."""
        found = at_spot((self.options["t_span"][0], ()), args, kwargs)
        return found[0] * 1.0, found[1] * 1.0

    def taken_apart(self, found: Any, n: Any, wanted: list[int | str], args: Any, kwargs: Any) -> list[list[Any]]:
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
        return [[start if place == self.start.spot[0] else g for place, g in zip(wanted, handed)]]

    def zero_of(self, p: Part, tracing: Any, args: Any, kwargs: Any) -> Any:
        return self.zero(at_spot(p.spot, args, kwargs), tracing) if carries_derivative(p.type) else None

