"""Calls of functions that are given by an equation: roots and fixed points; what the calls of all solvers share.

Each becomes a call of a row made for it, whose rule solves a linear system with the Jacobian of the equation and pulls what
comes of it back to the arguments, and to what the functions capture. Both are functions of the same module, typed here like
functions of the user's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..defs import transforms
from ..defs.dims import map_dims, renaming
from ..defs.structural import CONSTRUCT, DICT
from ..defs.table import ArgRule, Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import Apply, FuncRef
from ..ir.types import Array, Scalar, Tuple, Type, carries_derivative, is_complex, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..runtime import helpers
from ..runtime.implicit import CustomRoot, fixed_point
from ..source import Loc
from .derived_calls import as_float
from .infer_functions import Form, Given, Spot, Step, check_writes, display, form_of, given_function, named
from .items import Item
from .transforms import name_of
from .typer import Parts, Typer, refuse

Results = tuple[Value, ...]
Kwargs = Mapping[str, Item]


def call_root(typer: Typer, root: CustomRoot, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """A call of what `ds.custom_root` decorated."""
    if kwargs or not args:
        raise refuse(f"a call of the root {root.__name__} with these arguments", loc, "pass all arguments by position")
    start, t = start_of(typer, args[0], loc)
    call = Call(typer, Def(root.__name__, root, "general", raises=True), loc)
    call.put(0, start)
    given = [call.put(i + 1, a) for i, a in enumerate(args[1:])]
    equation = Equation(typer, root.optimality, t, given, loc, ROOT_OF_NUMBER if isinstance(t, Scalar) else ROOT)
    call.emit(t, results, equation.rule(), passive=(0,))


def call_fixed_point(typer: Typer, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """A call of `ds.fixed_point`."""
    f = given_function(typer, args[0], len(args) - 1, loc) if len(args) > 1 else None
    if f is None:
        raise refuse("ds.fixed_point without a known function and a start", loc, "ds.fixed_point(f, x0, *args)")
    start, t = start_of(typer, args[1], loc)
    call = Call(typer, Def("fixed_point", fixed_point, "general", raises=True), loc)
    captured = call.put_function(0, f, (t, *map(typer.plain_type, args[2:])))
    call.put(1, start)
    given = [call.put(i + 2, a) for i, a in enumerate(args[2:])]
    call.options(kwargs)
    equation = Equation(typer, f.opened, t, [*given, *captured], loc, FIXED_OF_NUMBER if isinstance(t, Scalar) else FIXED)
    call.emit(t, results, equation.rule(), passive=(1,))


def start_of(typer: Typer, item: Item, loc: Loc) -> tuple[Item, Type]:
    """A start, or what is like the solution, and the type of the solution."""
    item = item if carries_derivative(typer.type_of(item)) else as_float(typer, item, "the start", loc)
    t = strip(typer.plain_type(item))
    if not isinstance(t, Array | Scalar) or is_complex(t):
        raise refuse(f"a solution of type {t}", loc, "solve for an array or a number")
    return item, t


# -- calls of rows


@dataclass(eq=False, slots=True)
class Part:
    """An argument on which a result depends, and where it stands among the operands of the call."""

    item: Item
    type: Type
    spot: Spot


@dataclass(eq=False, slots=True)
class Call:
    """A call of a row made for it, while its operands are put together."""

    typer: Typer
    row: Def
    loc: Loc
    row_args: list[Operand] = field(default_factory=list)
    row_kwargs: dict[str, Operand] = field(default_factory=dict)

    def put(self, place: int | str, item: Item) -> Part:
        """An argument."""
        typer = self.typer
        self._enter(place, typer.constant(typer.displayed(item, self.loc)))
        return Part(item, typer.plain_type(item), (place, ()))

    def put_tuple(self, place: int | str, items: Parts) -> list[Part]:
        """An argument that is a tuple of arguments for a function."""
        typer = self.typer
        self._enter(place, Pack(tuple(typer.constant(typer.displayed(i, self.loc)) for i in items)))
        return [Part(item, typer.plain_type(item), (place, (k,))) for k, item in enumerate(items)]

    def put_function(self, place: int | str, f: Given, kinds: tuple[Type, ...] = ()) -> list[Part]:
        """A function, called with arguments of these types."""
        check_writes(self.typer, f, kinds, self.loc)
        self._enter(place, display(self.typer, f, kinds, self.loc))
        return [Part(item, self.typer.plain_type(item), (place, f.way_to(k))) for k, item in enumerate(f.held)]

    def options(self, kwargs: Kwargs) -> None:
        """Arguments that no rule looks at."""
        for name, item in kwargs.items():
            self._enter(name, self.typer.constant(item))

    def _enter(self, place: int | str, operand: Operand) -> None:
        if isinstance(place, str):
            self.row_kwargs[place] = operand
        else:
            assert place == len(self.row_args)
            self.row_args.append(operand)

    def emit(
        self, t: Type, results: Results, rule: ArgRule | None, passive: tuple[int | str, ...] = (),
        barred: tuple[int | str, ...] = (),
    ) -> tuple[Value, ...]:  # fmt: skip
        """`passive`: the places of arguments without influence; `barred`: those for which the rule has no derivative."""
        row = self.row
        row.types = lambda args, kwargs: t
        places: list[tuple[int | str, Operand]] = [*enumerate(self.row_args), *self.row_kwargs.items()]
        if rule is not None:
            row.rules = {k: ArgRule(_nothing, _nothing) for k, v in places if carries_derivative(v.type) or isinstance(v, Pack)}
            row.rules = {k: r for k, r in row.rules.items() if k not in barred}
            row.joint = rule
        else:
            row.rules = {k: ArgRule(_nothing, _nothing) for k in passive}
        made = tuple(self.typer.define(r, t) for r in results)
        self.typer.emit(Apply(row, tuple(self.row_args), tuple(self.row_kwargs.items()), made, self.loc))
        return made


def _nothing(*args: Any, **kwargs: Any) -> None:
    """What has no influence."""


@dataclass(frozen=True, eq=False, slots=True)
class Callee:
    """An instance, and the type of its result in this program."""

    ref: FuncRef
    type: Type

    def __call__(self, tracing: Any, *operands: Operand) -> Any:
        out = Value(None, self.type, loc=tracing.loc)
        tracing.builder.emit(Apply(self.ref, operands, (), (out,), tracing.loc))
        return tracing.wrap(out)


class Rules:
    """What the rules of calls share: the parts on which a result depends, as operands, tangents and cotangents."""

    def __init__(self, typer: Typer, parts: list[Part], loc: Loc) -> None:
        self.typer, self.parts, self.loc = typer, parts, loc

    def rule(self) -> ArgRule | None:
        """None where no derivative passes."""
        raise NotImplementedError

    @property
    def kinds(self) -> Tuple:
        return Tuple(tuple(p.type for p in self.parts))

    @property
    def dot_kinds(self) -> Tuple:
        none = self.typer.plain_type(Literal(None))
        return Tuple(tuple(p.type if carries_derivative(p.type) else none for p in self.parts))

    @property
    def depends(self) -> bool:
        return any(carries_derivative(p.type) for p in self.parts)

    def given(self, tracing: Any, args: Any, kwargs: Any) -> Pack:
        """The parts, as one operand."""
        return Pack(tuple(tracing.operand(at_spot(p.spot, args, kwargs)) for p in self.parts))

    def dots(self, tracing: Any, dots: Mapping[int | str, Any], args: Any, kwargs: Any) -> Pack | None:
        """Their tangents; None where there are none."""
        if not any(p.spot[0] in dots for p in self.parts):
            return None
        return Pack(tuple(tracing.operand(self._dot(p, tracing, dots, args, kwargs)) for p in self.parts))

    def _dot(self, p: Part, tracing: Any, dots: Mapping[int | str, Any], args: Any, kwargs: Any) -> Any:
        if not carries_derivative(p.type):
            return None
        place, path = p.spot
        if place in dots:
            return at_spot((0, path), (dots[place],), {})
        return self.zero(at_spot(p.spot, args, kwargs), tracing)

    def zero(self, arg: Any, tracing: Any) -> Any:
        """The tangent of an argument that has none."""
        if isinstance(arg, (tuple, list)):
            return type(arg)(self.zero(a, tracing) for a in arg)
        operand = tracing.operand(arg)
        t = strip(operand.type)
        if not carries_derivative(t):
            return None
        if isinstance(t, Scalar):
            return 0.0
        if isinstance(t, Array):
            return np.zeros_like(arg)
        row = lookup(helpers.zeros_of)
        assert row is not None
        return tracing.wrap(tracing.builder.apply(row, (operand,), loc=tracing.loc, type=t))

    def handed_out(
        self, wanted: list[int | str], cotangents: Callable[[int], Any], args: Any, kwargs: Any
    ) -> list[Any]:
        """The cotangents of what is wanted: those of the parts, in the displays in which they stand."""
        every = {p.spot: k for k, p in enumerate(self.parts) if carries_derivative(p.type)}

        def given(place: int | str, path: tuple[Step, ...], top: Any) -> Any:
            if (place, path) in every:
                return cotangents(every[place, path])
            if isinstance(top, (tuple, list)):
                return [given(place, (*path, i), item) for i, item in enumerate(top)]
            form = form_of(top.type) if hasattr(top, "tracing") else None
            if form is None or not any(p == place and way[: len(path)] == path for p, way in every):
                return None
            return whole(top, form, [given(place, (*path, step), taken(top, step)) for step in form.steps])

        return [given(place, (), args[place] if isinstance(place, int) else kwargs[place]) for place in wanted]

    def callee(self, fn: Any, f: object, *kinds: Type) -> Callee:
        """An instance of a function of the library for a function of the program, and for these types."""
        from .infer_calls import canonical

        typer = self.typer
        own, names = canonical([typer.plain_type(Literal(f)), *kinds])
        try:
            instance = typer.ctx.instance(fn, own)
        except DiffTypeError as err:
            raise DiffTypeError(f"the function {name_of(f)}: {err.reason}", loc=self.loc, hint=err.hint) from err
        t = map_dims(instance.result_type, renaming({new: old for old, new in names.items()}))
        return Callee(FuncRef(instance.name, instance), t)

    def function(self, f: object, *kinds: Type) -> tuple[Operand, ...]:
        """The operands of a function of the program, called with these and the parts, as an argument of one of the library."""
        return named(self.typer, f, (*kinds, *self.kinds.items))


def at_spot(spot: Spot, args: Any, kwargs: Any) -> Any:
    """What stands at a place of a call."""
    place, path = spot
    found = args[place] if isinstance(place, int) else kwargs[place]
    for step in path:
        found = taken(found, step)
    return found


def taken(found: Any, step: Step) -> Any:
    """An item of a tuple, dict or instance."""
    if isinstance(step, int):
        return found[step]
    return found[step[1]] if step[0] == "key" else getattr(found, str(step[1]))


def whole(top: Any, form: Form, items: list[Any]) -> Any:
    """A cotangent of a structure, of those of its items; what has none stands in it as it is."""
    tracing = top.tracing
    operands = [tracing.operand(taken(top, step) if g is None else g) for step, g in zip(form.steps, items)]
    if form.cls is tuple:
        return tracing.wrap(Pack(tuple(operands)))
    if form.cls is dict:
        pairs = tuple(Pack((Literal(step[1]), o)) for step, o in zip(form.steps, operands) if isinstance(step, tuple))
        return tracing.wrap(tracing.builder.apply(DICT, pairs, loc=tracing.loc, type=top.type))
    made = (Literal(form.cls, form.cls.__name__), *operands)
    return tracing.wrap(tracing.builder.apply(CONSTRUCT, made, loc=tracing.loc, type=top.type))


# -- equations


@dataclass(frozen=True, slots=True)
class Way:
    """How an equation is solved for changes: its matrix, and whether the solution of the system is to be negated."""

    matrix: Callable[..., Any]
    negative: bool


ROOT, ROOT_OF_NUMBER = Way(transforms.jacobian_matrix, True), Way(transforms.slope_in_x, True)
FIXED, FIXED_OF_NUMBER = Way(transforms.identity_minus_jacobian, False), Way(transforms.one_minus_slope, False)


class Equation(Rules):
    """`f(x, *parts)` in a program, `x` of type `t` being what solves it: its derivatives, as functions of the module."""

    def __init__(self, typer: Typer, f: object, t: Type, parts: list[Part], loc: Loc, way: Way) -> None:
        super().__init__(typer, parts, loc)
        self.f, self.type, self.way = f, t, way
        self.is_number = isinstance(t, Scalar)

    def rule(self) -> ArgRule | None:
        if not self.depends:
            return None
        change, cotangents = self.derivatives()

        def jvp(dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
            given = self.dots(out.tracing, dots, args, kwargs)
            return np.zeros_like(out) if given is None else change(out, given, args, kwargs)

        def vjp(ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
            found = cotangents(ct, out, args, kwargs)
            return [self.handed_out(wanted, found.__getitem__, args, kwargs)]

        return ArgRule(jvp, vjp)

    def derivatives(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The tangent of the solution `x` for those of the parts, and their cotangents for the one of x."""
        x, given, f = self.type, self.kinds, self.function(self.f, self.type)
        matrix = self.callee(self.way.matrix, self.f, x, given)
        pull = self.callee(transforms.pulled_to_args, self.f, x, given, x)
        pushed = transforms.pushed_from_args_of_number if self.is_number else transforms.pushed_from_args
        push = self.callee(pushed, self.f, x, given, self.dot_kinds)

        def change(x: Any, dots: Pack, args: Any, kwargs: Any) -> Any:
            tracing = x.tracing
            where = (*f, tracing.operand(x), self.given(tracing, args, kwargs))
            return self.solved(matrix(tracing, *where), push(tracing, *where, dots), x, transposed=False)

        def cotangents(ct: Any, x: Any, args: Any, kwargs: Any) -> Any:
            tracing = x.tracing
            where = (*f, tracing.operand(x), self.given(tracing, args, kwargs))
            w = self.solved(matrix(tracing, *where), ct, x, transposed=True)
            return pull(tracing, *where, tracing.operand(w))

        return change, cotangents

    def solved(self, m: Any, right: Any, x: Any, transposed: bool) -> Any:
        """The solution of the linear system; a root has a minus, a fixed point has it in the matrix."""
        if self.way.negative:
            right = -right
        if self.is_number:
            return right / m
        if transposed:
            m = m.T
        if isinstance(self.type, Array) and self.type.ndim == 1:
            return np.linalg.solve(m, right)
        return np.linalg.solve(m, np.ravel(right)).reshape(x.shape)
