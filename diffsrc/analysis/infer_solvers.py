"""Calls of functions that solve something for a function they are given: `brentq(f, a, b)`, `minimize(f, x0)`.

Their rows say which equation the result solves (`defs/solvers.py`). Results that are records of SciPy's are frozen structs of
known fields. Where no derivative is known the row made for the call says why, should anything active reach it.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..defs import bounded, transforms
from ..defs.dims import holds, plain
from ..defs.elementwise_types import as_array
from ..defs.solvers import Solver
from ..defs.table import ArgRule, Def, lookup
from ..errors import DiffTypeError, NoRuleError, UnsupportedError
from ..ir.ops import Apply, Func, FuncRef, Index, Load, Op
from ..ir.types import (
    ANY,
    BOOL,
    BOTTOM,
    F64,
    FLOAT,
    INT,
    STR,
    AnyType,
    Array,
    Bottom,
    FuncType,
    List,
    Lit,
    NoneType,
    Scalar,
    Struct,
    Tuple,
    Type,
    carries_derivative,
    kind_of,
    strip,
    unlit,
)
from ..ir.values import Literal, Pack, Value
from ..source import Loc
from .infer_captured import composed
from .infer_functions import Given, bound, flattened, given_function, record
from .infer_implicit import FIXED, FIXED_OF_NUMBER, Call, Equation, Part, Way
from .items import Item
from .transforms import name_of
from .typer import Parts, Typer

Results = tuple[Value, ...]
Kwargs = Mapping[str, Item]
MINIMUM = Way(transforms.jacobian_at_root, True)
MINIMUM_OF_NUMBER = Way(transforms.slope_at_root, True)

#: fields of records that aren't numbers, and those that are counts
_KINDS: dict[str, Type] = {
    **dict.fromkeys(("success", "converged"), BOOL), **dict.fromkeys(("message", "flag", "method"), STR),
    **dict.fromkeys(("nit", "nfev", "njev", "nhev", "status", "iterations", "function_calls"), INT),
}  # fmt: skip


def call_solver(typer: Typer, d: Def, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """A call of a function whose row says what its result solves."""
    from .infer_integrals import INTEGRALS
    from .infer_motion import call_motion

    solver = d.solver
    assert solver is not None
    if any(holds(typer.plain_type(i), Bottom) for i in (*args, *kwargs.values())):
        for r in results:
            typer.define(r, BOTTOM)
        typer.emit(Apply(d, tuple(map(typer.operand, args)), (), tuple(typer.env[r] for r in results), loc))  # type: ignore[misc]
        return
    make = call_motion if solver.equation == "equation of motion" else INTEGRALS.get(solver.equation)
    if make is not None:
        make(typer, d, solver, bound(d, args, kwargs), results, loc)
        return
    _Solved(typer, d, solver, args, kwargs, loc).emit(results)


class _Solved:
    """A call while it is typed."""

    def __init__(self, typer: Typer, d: Def, solver: Solver, args: Parts, kwargs: Kwargs, loc: Loc) -> None:
        self.typer, self.d, self.solver, self.loc = typer, d, solver, loc
        given = bound(d, args, kwargs)
        self.places: dict[str, int | str] = {name: place for name, (place, _) in given.items()}
        self.items: dict[str, Item] = {name: item for name, (_, item) in given.items()}
        self.row = Def(d.name, d.fn, "general", raises=True)
        self.call = Call(typer, self.row, loc)
        self.parts: list[Part] = []
        self.own: list[Part] = []
        #: those of the parts that are the bounds of the solution
        self.limits: list[Part] = []

    def emit(self, results: Results) -> None:
        f, why = self.put()
        x = self.solution()
        t = self.result(x, f)
        rule: ArgRule | None = None
        try:
            if f is None or why:
                self.row.refusals = {-1: why or "the function isn't known"}
            elif any(carries_derivative(p.type) for p in (*self.limits, *self.parts)):
                rule = EQUATIONS[self.solver.equation](self, f, x, t)
        except (UnsupportedError, DiffTypeError, NoRuleError) as err:
            self.row.refusals = {-1: err.reason}
        self.call.emit(t, results, rule, passive=() if self.row.refusals else tuple(self.places.values()))

    def put(self) -> tuple[object | None, str]:
        """The operands of the call; the opened function, and why there is no derivative."""
        typer, s = self.typer, self.solver
        more = self.items_of(self.items.get(s.args)) if s.args else ()
        count = 1 + (self.unknowns() if s.equation == "fit" else len(more or ()))
        f = given_function(typer, self.items[s.function], count, self.loc) if s.function in self.items else None
        captured: list[Part] = []
        for name, item in self.items.items():
            place = self.places[name]
            if name == s.function and f is not None:
                kinds = (self.argument(), *map(typer.plain_type, more or ()))
                if s.equation == "fit":
                    kinds = (typer.plain_type(self.items.get("xdata", Literal(None))), *[F64] * (count - 1))
                captured = self.call.put_function(place, f, kinds)
            elif name == s.args and s.args and self.is_tuple(item):
                self.own = self.call.put_tuple(place, more or ())
            elif name == s.args and s.args:
                self.own = [self.call.put(place, item)]
            elif name == "bounds" and s.bounds and not self.at_default(name):
                item = _as_display(item)
                self.call.put(place, item)
                self.limits = [Part(item, _in_displays(typer, item), (place, ()))]
            elif s.equation == "fit" and name in _DATA and not isinstance(typer.type_of(item), NoneType):
                self.own.append(self.call.put(place, item))
            elif (other := self.function(item)) is not None:
                self.call.put_function(place, other)
            else:
                self.call.put(place, item)
        self.parts = [*self.own, *captured]
        return (f.opened if f is not None else None), self.solver.why or self.refused()

    def function(self, item: Item) -> Given | None:
        """A further function, as a Jacobian, which has no influence on what the solution is."""
        t = self.typer.type_of(item)
        return given_function(self.typer, item, 1, self.loc) if isinstance(t, FuncType) and isinstance(t.target, Func) else None

    def unknowns(self) -> int:
        """How many numbers are fitted; 0 where that isn't known."""
        x = self.solution()
        return x.dims[0] if isinstance(x, Array) and x.ndim == 1 and isinstance(x.dims[0], int) else 0

    def refused(self) -> str:
        """Why no derivative is known with these options."""
        for name, why in self.solver.refuse.items():
            if name in self.items and not self.at_default(name):
                return f"{name}: {why}"
        return ""

    def at_default(self, name: str) -> bool:
        return _is_default(self.typer, self.items[name], inspect.signature(self.d.fn).parameters[name].default, name)

    def is_tuple(self, item: Item) -> bool:
        return isinstance(strip(self.typer.type_of(item)), Tuple)

    def items_of(self, item: Item | None) -> Parts | None:
        """The arguments that `args=` gives."""
        if item is None:
            return ()
        t = strip(self.typer.type_of(item))
        return self.typer.parts(item, t, self.loc) if isinstance(t, Tuple) else (item,)

    def solution(self) -> Type:
        """The type of the solution."""
        s = self.solver
        if s.why:
            return Array("f64", (None,))
        if not s.like:
            return FLOAT if s.equation == "root" else F64
        t = self.typer.type_of(self.items[s.like]) if s.like in self.items else ANY
        if not isinstance(strip(t), (Scalar, Array, Tuple, List)) or holds(t, AnyType):
            return ANY
        if isinstance(strip(t), Scalar) and s.scalar == "number":
            return F64
        found = as_array(t)
        if kind_of(found) in ("c64", "c128", "c256", "f32", "f16"):
            return ANY
        dims = found.dims or ((1,) if s.scalar == "array" else ())
        return Array("f64", dims)

    def argument(self) -> Type:
        """The type of what the function is called with."""
        t = self.solution()
        return FLOAT if isinstance(t, Scalar) or (isinstance(t, Array) and not t.ndim) else t

    def result(self, x: Type, f: object | None) -> Type:
        s = self.solver
        if s.record is None:
            found = s.result if s.why else Tuple((x, ANY)) if s.equation == "fit" else x
            return Tuple((x, *[ANY] * (s.full - 1))) if self.in_full else found
        like: dict[str, Type] = {"x": x, "root": x, "jac": x if s.equation == "minimum" else ANY, "cost": F64}
        like["fun"] = F64 if s.equation == "minimum" or s.why else x if s.equation == "root" else Array("f64", (None,))
        return record(s.record(), {n: like.get(n) or _KINDS.get(n, ANY) for n in s.fields})

    @property
    def in_full(self) -> bool:
        """Whether the result is a tuple of what the solver knows."""
        if not self.solver.full or "full_output" not in self.items:
            return False
        t = self.typer.type_of(self.items["full_output"])
        return not isinstance(t, Lit) or bool(t.value)

    def instance_type(self, f: object, x: Type) -> Type:
        """The type of what the function gives at the solution."""
        from .infer_calls import canonical

        kinds, _ = canonical([x, *(p.type for p in self.parts)])
        return strip(self.typer.ctx.instance(f, kinds).result_type)

    def in_record(self, t: Type, field: str) -> int:
        assert isinstance(t, Struct)
        return [n for n, _ in t.fields].index(field)


def _is_default(typer: Typer, item: Item, default: object, name: str) -> bool:
    t = typer.type_of(item)
    if isinstance(t, NoneType):
        return default is None or name == "nan_policy"
    if isinstance(t, Lit):
        known = name in ("full_output", "retall", "jac") and (not t.value or isinstance(t.value, str))
        return known or bool(t.value == default)
    if name == "jac":
        return True
    return isinstance(t, Tuple) and not t.items and default == ()


# -- the equations


@functools.cache
def wrapped(fn: Any, target: object, count: int, *others: object) -> Func:
    """A function of the library that is made of one of the program's, and perhaps others, as a function of the same arguments."""
    params = tuple(Value("x" if i == 0 else f"a{i}", ANY) for i in range(count))
    out = Value("out", ANY)
    call = Apply(FuncRef(fn.__name__, fn), (Literal(target), *map(Literal, others), *params), (), (out,))
    return composed(f"{fn.__name__}_{name_of(target)}", params, (call,), out)


def _between(s: _Solved, gradient: object, x: Type, way: Way) -> Equation:
    """The equation that a minimum solves whose gradient this is: within bounds, if there are some."""
    if not s.limits:
        return Equation(s.typer, gradient, x, s.parts, s.loc, way)
    within = wrapped(bounded.between, gradient, 2 + len(s.parts), _limits_of(s))
    opened, parts = _apart(s, within)
    return Equation(s.typer, opened, x, [*parts, *s.parts], s.loc, way)


def _value_between(s: _Solved, f: object, gradient: object) -> object:
    """The value at a minimum, which moves with the bounds that hold."""
    if not s.limits:
        return f
    at = wrapped(bounded.value_between, f, 2 + len(s.parts), gradient, _limits_of(s))
    return _apart(s, at)[0]


def _apart(s: _Solved, f: object) -> tuple[object, list[Part]]:
    """A function of x, the bounds and the parts, with bounds in displays taken apart, and constant ones in it."""
    from .infer_integrals import leaves  # with SciPy

    (limits,), count = s.limits, len(s.parts)
    if isinstance(limits.item, Literal):
        return _with_bounds(f, limits.item.value, count), []
    structure, parts = leaves(s.limits) if isinstance(limits.type, Tuple) else ((None,), s.limits)
    return flattened(f, 1, (*structure, *[None] * count)), parts


@functools.cache
def _with_bounds(f: object, bounds: object, count: int) -> Func:
    """`f(x, bounds, *parts)` with these bounds."""
    x, out = Value("x", ANY), Value("out", ANY)
    parts = tuple(Value(f"a{i}", ANY) for i in range(count))
    call = Apply(FuncRef(name_of(f), f), (x, Literal(bounds), *parts), (), (out,))
    return composed(f"{name_of(f)}_bounded", (x, *parts), (call,), out)


def _limits_of(s: _Solved) -> object:
    t = s.limits[0].type
    if isinstance(t, Struct):
        return bounded.limits_of_bounds
    return bounded.limits_of_pairs if s.solver.bounds == "pairs" else bounded.limits_of_ends


def _as_display(item: Item) -> Item:
    """A constant of pairs as a display of its items; of SciPy's bounds, where they are one for each number."""
    value = item.value if isinstance(item, Literal) else None
    if isinstance(value, (list, tuple)):
        inner = tuple(_as_display(Literal(v)) for v in value)
        return Pack(tuple(i for i in inner if isinstance(i, (Literal, Pack))), "list" if isinstance(value, list) else "tuple")
    return item


def _in_displays(typer: Typer, item: Item) -> Type:
    """The type of bounds, displays taken as tuples: each of their items has its own."""
    t = typer.type_of(item)
    value = item.value if isinstance(item, Literal) else None
    if isinstance(value, (list, tuple)):
        return Tuple(tuple(_in_displays(typer, Literal(v)) for v in value))
    if isinstance(item, Pack) or (isinstance(strip(t), Tuple) and not isinstance(item, Literal)):
        items = item.items if isinstance(item, Pack) else typer.parts(item, strip(t), typer.loc_of(item))
        return Tuple(tuple(_in_displays(typer, i) for i in items))
    return plain(unlit(t))


def _root(s: _Solved, f: object, x: Type, t: Type) -> ArgRule | None:
    argument = s.argument()
    given = s.instance_type(f, argument)
    if isinstance(x, Array) and not (isinstance(given, Array) and given.ndim == x.ndim):
        f = wrapped(transforms.as_vector, f, 1 + len(s.parts))
    way = MINIMUM_OF_NUMBER if isinstance(x, Scalar) else MINIMUM
    equation = Equation(s.typer, f, argument, s.parts, s.loc, way)
    if s.in_full:
        return _first_of_tuple(equation, s.solver.full)
    if s.solver.record is None:
        return equation.rule()
    return _of_record(s, equation, t, "root" if "root" in s.solver.fields else "x", None)


def _first_of_tuple(equation: Equation, count: int) -> ArgRule:
    """Of a tuple with the solution first, of whose other items no derivative is known."""
    rule = equation.rule()
    assert rule is not None

    def jvp(dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
        return (rule.jvp(dots, out[0], *args, **kwargs), *[None] * (count - 1))

    def vjp(ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
        return rule.vjp(ct[0], out[0], wanted, *args, **kwargs)

    return ArgRule(jvp, vjp)


def _fixed_point(s: _Solved, f: object, x: Type, t: Type) -> ArgRule | None:
    without_axes = isinstance(x, Array) and not x.ndim
    way = FIXED_OF_NUMBER if without_axes else FIXED
    rule = Equation(s.typer, f, F64 if without_axes else x, s.parts, s.loc, way).rule()
    if rule is None or not without_axes:
        return rule

    def jvp(dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
        return np.reshape(rule.jvp(dots, out[()], *args, **kwargs), ())

    def vjp(ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
        return rule.vjp(ct[()], out[()], wanted, *args, **kwargs)

    return ArgRule(jvp, vjp)


def _minimum(s: _Solved, f: object, x: Type, t: Type) -> ArgRule | None:
    jac = s.items.get("jac")
    if jac is not None and isinstance(k := s.typer.type_of(jac), Lit) and k.value is True:
        f = wrapped(transforms.first_of, f, 1 + len(s.parts))
    argument = s.argument()
    given = s.instance_type(f, argument)
    if isinstance(given, Array) and all(d == 1 for d in given.dims):
        f = wrapped(transforms.sum_of, f, 1 + len(s.parts))
    elif not isinstance(given, Scalar):
        raise UnsupportedError(f"an objective that gives {given}, not a number", loc=s.loc, hint="return a number")
    gradient = wrapped(transforms.gradient_in_x, f, 1 + len(s.parts))
    way = MINIMUM_OF_NUMBER if isinstance(x, Scalar) else MINIMUM
    equation = _between(s, gradient, argument, way)
    if s.solver.record is None:
        return equation.rule()
    return _of_record(s, equation, t, "x", _value_between(s, f, gradient))


def _least_squares(s: _Solved, f: object, x: Type, t: Type) -> ArgRule | None:
    argument = s.argument()
    given = s.instance_type(f, argument)
    if not isinstance(given, Array):
        f = wrapped(transforms.as_vector, f, 1 + len(s.parts))
    gradient = wrapped(transforms.gradient_of_squares, f, 1 + len(s.parts))
    equation = _between(s, gradient, argument, MINIMUM)
    half = wrapped(transforms.half_of_squares, f, 1 + len(s.parts))
    return _of_record(s, equation, t, "x", _value_between(s, half, gradient), "cost")


def _of_record(s: _Solved, equation: Equation, t: Type, x: str, value: object | None, named: str = "fun") -> ArgRule:
    """Of a record with the solution, and the minimum there: that changes with the parameters alone, since it is stationary."""
    assert isinstance(t, Struct)
    at, fields = s.in_record(t, x), t.fields
    change, cotangents = equation.derivatives()
    typer, kinds, xt = s.typer, equation.kinds, equation.type
    minimum = pull = push = None
    if value is not None:
        minimum = s.in_record(t, named)
        operands = equation.function(value, xt)
        pull = equation.callee(transforms.pulled_to_args, value, xt, kinds, F64)
        pushed = transforms.pushed_from_args_of_number if isinstance(xt, Scalar) else transforms.pushed_from_args
        push = equation.callee(pushed, value, xt, kinds, equation.dot_kinds)

    def jvp(dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
        tracing, solution = out.tracing, getattr(out, x)
        given = equation.dots(tracing, dots, args, kwargs)
        found: list[Any] = [None if not carries_derivative(k) else _zeros(out, n, k) for n, k in fields]
        if given is not None:
            found[at] = change(solution, given, args, kwargs)
            if push is not None and minimum is not None:
                where = (*operands, tracing.operand(solution), equation.given(tracing, args, kwargs))
                found[minimum] = push(tracing, *where, given)
        return tuple(found)

    def vjp(ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
        tracing, solution = out.tracing, getattr(out, x)
        terms = []
        if not _is_zero(ct[at]):
            terms.append(cotangents(ct[at], solution, args, kwargs))
        if pull is not None and minimum is not None and not _is_zero(ct[minimum]):
            where = (*operands, tracing.operand(solution), equation.given(tracing, args, kwargs))
            terms.append(pull(tracing, *where, tracing.operand(ct[minimum])))
        return [equation.handed_out(wanted, g.__getitem__, args, kwargs) for g in terms]

    assert typer is equation.typer
    return ArgRule(jvp, vjp)


def _zeros(out: Any, name: str, t: Type) -> Any:
    return 0.0 if isinstance(strip(t), Scalar) else np.zeros_like(getattr(out, name))


def _is_zero(ct: Any) -> bool:
    return isinstance(ct, (int, float)) and ct == 0


#: what a model is fitted to
_DATA = ("xdata", "ydata", "sigma")


def _fit(s: _Solved, f: object, x: Type, t: Type) -> ArgRule | None:
    given = tuple(n for n in s.items if n in _DATA and any(p.item is s.items[n] for p in s.own))
    sigma = next((p.type for n, p in zip(given, s.own) if n == "sigma"), None)
    if not s.unknowns() or (sigma is not None and not (isinstance(sigma, Array) and sigma.ndim == 1)):
        raise UnsupportedError("a fit without p0 of known length, or with a matrix sigma", loc=s.loc, hint="use least_squares")
    residuals = _residuals(f, s.unknowns(), given, len(s.parts) - len(s.own))
    gradient = wrapped(transforms.gradient_of_squares, residuals, 1 + len(s.parts))
    return _first_of_tuple(_between(s, gradient, x, MINIMUM), 2)


@functools.cache
def _residuals(model: object, count: int, data: tuple[str, ...], held: int) -> Func:
    """`(p, *data, *captured) -> (model(xdata, *p, *captured) - ydata) / sigma`."""
    p, out, difference = Value("p", ANY), Value("fitted", ANY), Value("residuals", ANY)
    given = {n: Value(n, ANY) for n in data}
    captured = tuple(Value(f"a{i}", ANY) for i in range(held))
    loads = [Load(p, Index((Literal(i),)), Value(f"p{i}", ANY)) for i in range(count)]
    operands = (given["xdata"], *(load.result for load in loads), *captured)
    minus, divided = lookup(operator.sub), lookup(operator.truediv)
    assert minus is not None and divided is not None
    ops: list[Op] = [*loads, Apply(FuncRef(name_of(model), model), operands, (), (out,))]
    ops.append(Apply(minus, (out, given["ydata"]), (), (difference,)))
    if "sigma" in given:
        scaled = Value("scaled", ANY)
        ops.append(Apply(divided, (difference, given["sigma"]), (), (scaled,)))
        difference = scaled
    return composed(f"residuals_{name_of(model)}", (p, *given.values(), *captured), tuple(ops), difference)


EQUATIONS: dict[str, Callable[[_Solved, object, Type, Type], ArgRule | None]] = {
    "root": _root,
    "fixed point": _fixed_point,
    "minimum": _minimum,
    "least squares": _least_squares,
    "fit": _fit,
}
