"""Calls of integrals: sums over samples, integrals of functions, solutions of ordinary differential equations."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..defs import transforms
from ..defs.dims import map_dims, plain, renaming
from ..defs.scipy import integrals
from ..defs.solvers import Solver
from ..defs.structural import CLOSURE
from ..defs.table import ArgRule, Def
from ..errors import DiffTypeError, NoRuleError, UnsupportedError
from ..ir.ops import Apply, Func, FuncRef, Op
from ..ir.types import ANY, F64, FLOAT, Array, FuncType, Lit, NoneType, Scalar, Tuple, Type, carries_derivative, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..source import Loc
from .infer_captured import composed
from .infer_functions import (
    Form,
    Given,
    Structure,
    flattened,
    form_of,
    given_function,
    items_of_type,
    named,
    with_part_second,
)
from .infer_implicit import Call, Part, Rules, at_spot
from .items import Item
from .rows import settled_if_active
from .typer import Typer, refuse

Results = tuple[Value, ...]
Bound = Mapping[str, tuple[int | str, Item]]


# -- functions with a body that the compiler reads


def call_body(typer: Typer, d: Def, solver: Solver, given: Bound, results: Results, loc: Loc) -> None:
    """A call of a function of which a body is known."""
    row = Def(d.name, d.fn, "general", raises=True)
    call = Call(typer, row, loc)
    parts: dict[str, list[Part]] = {}
    functions: dict[str, Given] = {}
    more = arguments_of(typer, given.get(solver.args, (0, Literal(None)))[1], loc)
    for name, (place, item) in given.items():
        count = solver.functions.get(name, 0) + (len(more) if name == solver.function else 0)
        function = given_function(typer, item, count, loc) if count else None
        if function is not None:
            functions[name] = function
            parts[name] = call.put_function(place, function, (F64,) * count)
        elif count:
            raise refuse(f"{d.name} of a function that isn't known", loc, "pass a function of the program")
        elif name == solver.args and more:
            parts["args"] = call.put_tuple(place, more) if _is_tuple(typer, item) else [call.put(place, item)]
        elif name in solver.parts and not isinstance(typer.type_of(item), NoneType):
            parts[name] = [call.put(place, settled_if_active(typer, item, loc))]
        else:
            call.put(place, item)
    assert solver.body is not None
    constants = {n: typer.constant(item) for n, (_, item) in given.items() if n in solver.constants}
    known = {n: v.value for n, v in constants.items() if isinstance(v, Literal)}
    if len(known) < len(constants):
        row.refusals = {-1: "an axis or another option that is known only when the program runs"}
    counts = tuple((n, len(p), functions[n].target if n in functions else None) for n, p in parts.items())
    f = _body(solver.body, d.fn, counts, tuple(known.items()), tuple(solver.functions.items()))
    every = [p for ps in parts.values() for p in ps]
    t = result_type(typer, f, tuple(p.type for p in every))
    rule = None
    try:
        if not row.refusals:
            rule = _Body(typer, f, every, t, loc).rule()
    except (UnsupportedError, DiffTypeError, NoRuleError) as err:
        row.refusals = {-1: err.reason}
    call.emit(t, results, rule)


def _is_tuple(typer: Typer, item: Item) -> bool:
    return isinstance(strip(typer.type_of(item)), Tuple)


def arguments_of(typer: Typer, item: Item, loc: Loc) -> tuple[Item, ...]:
    """The further arguments that `args=` gives."""
    t = strip(typer.type_of(item))
    if isinstance(t, NoneType):
        return ()
    return typer.parts(item, t, loc) if isinstance(t, Tuple) else (item,)


def result_type(typer: Typer, f: object, kinds: tuple[Type, ...]) -> Type:
    from .infer_calls import canonical

    own, names = canonical(kinds)
    t = typer.ctx.instance(f, own).result_type
    return map_dims(t, renaming({new: old for old, new in names.items()}))


@functools.cache
def _body(
    fn: Callable[..., object], public: Callable[..., object], counts: tuple[tuple[str, int, object], ...],
    known: tuple[tuple[str, object], ...], functions: tuple[tuple[str, int], ...],
) -> Func:  # fmt: skip
    """A function of what is differentiated, with all else at its value in the call or its default. `counts`: of how many parts
    an argument consists, and the function that captures them."""
    params: list[Value] = []
    ops: list[Op] = []
    operands: dict[str, Operand] = {}
    more: tuple[Operand, ...] = ()
    for name, count, target in counts:
        own = tuple(Value(name if count == 1 and target is None else f"{name}{i}", ANY) for i in range(count))
        params += own
        if name == "args":
            more = own
        elif name in dict(functions):
            operands[name] = _closure(ops, target, own)
        else:
            operands[name] = own[0]
    literals = {**{n: p.default for n, p in inspect.signature(public).parameters.items()}, **dict(known)}
    names = [n for n, p in inspect.signature(fn).parameters.items() if p.kind is not p.VAR_POSITIONAL]
    given = (*(operands.get(n) or Literal(literals.get(n)) for n in names), *more)
    out = Value("out", ANY)
    ops.append(Apply(FuncRef(fn.__name__, fn), given, (), (out,)))
    return composed(f"{fn.__name__}_of_{'_'.join(n for n, _, _ in counts)}", tuple(params), tuple(ops), out)


def _closure(ops: list[Op], target: object, captured: tuple[Value, ...]) -> Operand:
    """A function with what it captures."""
    if not captured:
        return Literal(target)
    made = Value(None, ANY)
    ops.append(Apply(CLOSURE, (Literal(target), *captured), (), (made,)))
    return made


class _Body(Rules):
    """`f(*parts)` in a program: its derivatives, as functions of the module."""

    def __init__(self, typer: Typer, f: Func, parts: list[Part], t: Type, loc: Loc) -> None:
        super().__init__(typer, parts, loc)
        self.f, self.type = f, t

    def rule(self) -> ArgRule | None:
        if not self.depends:
            return None
        own = self.function(self.f)
        pull = self.callee(transforms.pulled, self.f, self.kinds, self.type)
        push = self.callee(transforms.pushed, self.f, self.kinds, self.dot_kinds)

        def jvp(dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
            tracing = out.tracing
            given = self.dots(tracing, dots, args, kwargs)
            assert given is not None
            return push(tracing, *own, self.given(tracing, args, kwargs), given)

        def vjp(ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
            tracing = out.tracing
            found = pull(tracing, *own, self.given(tracing, args, kwargs), tracing.operand(ct))
            return [self.handed_out(wanted, found.__getitem__, args, kwargs)]

        return ArgRule(jvp, vjp)


# -- integrals of functions


def call_quad(typer: Typer, d: Def, solver: Solver, given: Bound, results: Results, loc: Loc) -> None:
    """A call of `quad(f, a, b, args)`."""
    row = Def(d.name, d.fn, "general", raises=True)
    call = Call(typer, row, loc)
    f, own, captured, limits = put_integrand(typer, call, solver, given, (FLOAT,))
    why = refused(typer, solver, d, given)

    def make(known: Any) -> Any:
        structure, parts = leaves([*own, *captured])
        return _Integral(typer, flattened(known.opened, 1, structure), limits, parts, given, loc).rule()

    rule = rule_unless_refused(typer, row, why, f, make)
    call.emit(_integral_type(typer, d, f, [*own, *captured], why), results, rule)


def _integral_type(typer: Typer, d: Def, f: Given | None, parts: list[Part], why: str) -> Type:
    """The integral and an estimate of its error."""
    if why.startswith("full"):
        return ANY
    if d.fn.__name__ == "quad":
        return Tuple((FLOAT, FLOAT))
    if f is None:
        return Tuple((ANY, FLOAT))
    t = strip(result_type(typer, f.opened, (FLOAT, *(p.type for p in parts))))
    return Tuple((F64 if isinstance(t, Scalar) else t, F64))


def rule_unless_refused(typer: Typer, row: Def, why: str, f: Any, make: Callable[[Any], Any]) -> Any:
    """What `make` makes of the function that a solver is given; None, with the reason in the row, where the call is refused."""
    try:
        if why or f is None:
            row.refusals = {-1: why or "the function isn't known"}
        elif is_helper(typer):
            row.refusals = {-1: "it is part of a derivative"}
        else:
            return make(f)
    except (UnsupportedError, DiffTypeError, NoRuleError) as err:
        row.refusals = {-1: err.reason}
    return None


def is_helper(typer: Typer) -> bool:
    """Whether what is typed is one of the functions of which derivatives of integrals are made, or the text of a derivative
    in one: only text that comes of these is differentiated again."""
    around = typer.ctx.around
    own = typer.func.loc.file == integrals.__file__ and around[:1] == (integrals.__name__,)
    return own or around.count(integrals.__name__) > 1


def refused(typer: Typer, solver: Solver, d: Def, given: Bound) -> str:
    """Why no derivative is known with these options."""
    defaults = inspect.signature(d.fn).parameters
    for name, why in solver.refuse.items():
        if name in given and not is_default(typer, given[name][1], defaults[name].default):
            return f"{name}: {why}"
    return ""


def is_default(typer: Typer, item: Item, default: object) -> bool:
    """Whether an option is certainly at its default, or at what means the same."""
    t = typer.type_of(item)
    if isinstance(t, NoneType):
        return default is None
    return isinstance(t, Lit) and (bool(t.value == default) or (not t.value and not default))


def put_integrand(
    typer: Typer, call: Call, solver: Solver, given: Bound, kinds: tuple[Type, ...]
) -> tuple[Given | None, list[Part], list[Part], dict[str, Part]]:
    """The operands of a call: the function, the parts that its further arguments are, those that it captures, and those of
    other names that the row knows."""
    args = given.get(solver.args, (0, Literal(None)))[1]
    t = strip(typer.type_of(args))
    single = not isinstance(t, (Tuple, NoneType))
    more = (args,) if single else () if isinstance(t, NoneType) else typer.parts(args, t, call.loc)
    f = given_function(typer, given[solver.function][1], len(kinds) + len(more), call.loc) if solver.function in given else None
    own: list[Part] = []
    captured: list[Part] = []
    others: dict[str, Part] = {}
    for name, (place, item) in given.items():
        if name == solver.function and f is not None:
            captured = call.put_function(place, f, (*kinds, *map(typer.plain_type, more)))
        elif name == solver.args and not isinstance(t, NoneType):
            own = [call.put(place, item)] if single else call.put_tuple(place, more)
        elif name in solver.parts:
            others[name] = call.put(place, item if name in solver.pairs else settled_if_active(typer, item, call.loc))
        elif isinstance(k := typer.type_of(item), FuncType) and isinstance(k.target, Func):
            other = given_function(typer, item, 1, call.loc)
            assert other is not None
            call.put_function(place, other)
        else:
            call.put(place, item)
    return f, own, captured, others


class Options:
    """What a call says of the accuracy, or the defaults: for the further calls of which its derivative is made."""

    def __init__(self, typer: Typer, given: Bound, defaults: Mapping[str, object]) -> None:
        self.found: list[int | str | Literal] = [given[n][0] if n in given else Literal(v) for n, v in defaults.items()]
        self.types = tuple(typer.type_of(given[n][1] if n in given else Literal(v)) for n, v in defaults.items())

    def operands(self, tracing: Any, args: Any, kwargs: Any) -> tuple[Operand, ...]:
        return tuple(
            found if isinstance(found, Literal) else tracing.operand(at_spot((found, ()), args, kwargs)) for found in self.found
        )


def leaves(parts: list[Part]) -> tuple[Structure, list[Part]]:
    """The parts with tuples, dicts and instances taken apart, and how they lie in them."""
    structure: list[Form | None] = []
    found: list[Part] = []
    for p in parts:
        form = form_of(p.type)
        structure.append(form)
        if form is None:
            found.append(p)
            continue
        place, path = p.spot
        inner = [Part(p.item, plain(t), (place, (*path, step))) for step, t in zip(form.steps, items_of_type(p.type))]
        found += leaves(inner)[1]
    return tuple(structure), found


class _Integral(Rules):
    """`quad(f, a, b)`: by its limits, the integrand there; by what the integrand depends on, integrals of its derivatives."""

    def __init__(
        self, typer: Typer, f: object, limits: Mapping[str, Part], parts: list[Part], given: Bound, loc: Loc
    ) -> None:
        super().__init__(typer, parts, loc)
        self.f, self.limits, self.options = f, limits, given

    def rule(self) -> ArgRule | None:
        a, b = self.limits["a"], self.limits["b"]
        if not self.depends and not carries_derivative(a.type) and not carries_derivative(b.type):
            return None
        options = Options(self.typer, self.options, {"epsabs": 1.49e-8, "epsrel": 1.49e-8, "limit": 50})
        accurate = options.types
        own = self.function(self.f, FLOAT)
        value = self.callee(integrals.value_of, self.f, FLOAT, self.kinds)
        vector = isinstance(strip(value.type), Array)
        if not isinstance(strip(value.type), (Scalar, Array)):
            raise UnsupportedError(f"an integrand that gives {value.type}", loc=self.loc, hint="return a number")
        ends = (a.type, b.type)
        push, by = None, integrals.pushed_vector_integral if vector else integrals.pushed_integral
        if self.depends:
            push = self.callee(by, self.f, *ends, self.kinds, self.dot_kinds, *accurate)
        pulls: dict[int, Any] = {}
        for k, p in enumerate(self.parts):
            if carries_derivative(p.type):
                pulls[k] = self.pull(k, p, ends, accurate, value.type if vector else None)

        def at(limit: Part, tracing: Any, args: Any, kwargs: Any) -> Any:
            x = tracing.operand(at_spot(limit.spot, args, kwargs))
            return value(tracing, *own, x, self.given(tracing, args, kwargs))

        def jvp(dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
            tracing = out.tracing
            terms = []
            for limit, sign in ((b, 1.0), (a, -1.0)):
                if limit.spot[0] in dots and carries_derivative(limit.type):
                    terms.append(sign * at(limit, tracing, args, kwargs) * dots[limit.spot[0]])
            given = self.dots(tracing, dots, args, kwargs)
            if given is not None and push is not None:
                where = (tracing.operand(at_spot(p.spot, args, kwargs)) for p in (a, b))
                accuracy = options.operands(tracing, args, kwargs)
                terms.append(push(tracing, *own, *where, self.given(tracing, args, kwargs), given, *accuracy))
            zero = np.zeros_like(out[0]) if vector else 0.0
            return functools.reduce(operator.add, terms) if terms else zero, np.nan

        def vjp(ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
            if not is_zero(ct[1]):
                raise NoRuleError("the error estimate of an integral has no derivative", loc=self.loc, hint="ds.stop_gradient")
            tracing = out.tracing
            ends = tuple(tracing.operand(at_spot(p.spot, args, kwargs)) for p in (a, b))

            def of_part(k: int) -> Any:
                given, accuracy = self.given(tracing, args, kwargs), options.operands(tracing, args, kwargs)
                if vector:
                    return pulls[k](tracing, ends, given, (tracing.operand(ct[0]), *accuracy))
                return ct[0] * pulls[k](tracing, ends, given, accuracy)

            handed = self.handed_out(wanted, of_part, args, kwargs)
            for n, place in enumerate(wanted):
                for limit, sign in ((a, -1.0), (b, 1.0)):
                    if limit.spot[0] == place:
                        slope = ct[0] * at(limit, tracing, args, kwargs)
                        handed[n] = sign * (np.sum(slope) if vector else slope)
            return [handed]

        return ArgRule(jvp, vjp)

    def pull(
        self, k: int, p: Part, ends: tuple[Type, ...], accurate: tuple[Type, ...], vector: Type | None
    ) -> Callable[..., Any]:
        """The integral of the derivative of the integrand by one part."""
        t = strip(p.type)
        if not isinstance(t, (Scalar, Array)):
            raise UnsupportedError(f"an integrand that depends on a value of type {t}", loc=self.loc, hint="pass its parts")
        f = with_part_second(self.f, len(self.parts), k)
        others = [q for j, q in enumerate(self.parts) if j != k]
        rest = Tuple(tuple(q.type for q in others))
        by: Callable[..., Any] = integrals.integral_of_slope if isinstance(t, Scalar) else integrals.integral_of_gradient
        if vector is not None:
            by = integrals.integral_of_pulled_number if isinstance(t, Scalar) else integrals.integral_of_pulled_array
            accurate = (vector, *accurate)
        own = named(self.typer, f, (FLOAT, t, *rest.items))
        callee = self.callee(by, f, *ends, t, rest, *accurate)

        def call(tracing: Any, ends: tuple[Operand, ...], given: Pack, accuracy: tuple[Operand, ...]) -> Any:
            items = given.items
            return callee(tracing, *own, *ends, items[k], Pack(items[:k] + items[k + 1 :]), *accuracy)

        return call


def is_zero(ct: Any) -> bool:
    return isinstance(ct, (int, float)) and ct == 0


INTEGRALS: dict[str, Callable[..., None]] = {"body": call_body, "integral": call_quad}
