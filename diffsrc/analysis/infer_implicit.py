"""Calls of functions that are given by an equation: roots, fixed points, minima, solutions of linear systems.

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
from ..defs.table import ArgRule, Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import Apply, Func, FuncRef
from ..ir.types import Array, NoneType, Scalar, Tuple, Type, carries_derivative, is_complex, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..runtime import helpers
from ..runtime.implicit import CustomRoot, fixed_point, linear_solve
from ..source import Loc
from .derived_calls import as_float
from .infer_functions import Given, Spot, check_writes, display, given_function
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


def call_linear_solve(typer: Typer, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """A call of `ds.linear_solve`."""
    items = dict(zip(("matvec", "b", "solve", "transpose_solve", "symmetric"), args)) | dict(kwargs)
    hint = "ds.linear_solve(matvec, b, solve, transpose_solve)"
    matvec = given_function(typer, items["matvec"], 1, loc) if "matvec" in items else None
    solve = given_function(typer, items["solve"], 2, loc) if "solve" in items else None
    if matvec is None or solve is None or "b" not in items:
        raise refuse("ds.linear_solve without known functions and a right side", loc, hint)
    symmetric = typer.constant(items.get("symmetric", Literal(False)))
    backwards = items.get("transpose_solve", Literal(None))
    other: Given | None = None
    if not isinstance(typer.type_of(backwards), NoneType):
        other = given_function(typer, backwards, 2, loc)
        if other is None:
            raise refuse("ds.linear_solve with a transpose_solve that isn't a known function", loc, hint)
    elif isinstance(symmetric, Literal) and symmetric.value is True:
        other = solve
    right, t = start_of(typer, items["b"], loc)
    call = Call(typer, Def("linear_solve", linear_solve, "general", raises=True), loc)
    captured = call.put_function(0, matvec, (t,))
    call.put(1, right)
    kinds = (typer.plain_type(items["matvec"]), t)
    call.put_function("solve", solve, kinds)
    if other is not solve and other is not None:
        call.put_function("transpose_solve", other, kinds)
    elif other is not None:
        call.row_kwargs["symmetric"] = Literal(True)
    call.emit(t, results, _LinearSystem(typer, matvec, solve, other, t, captured, call, loc).rule())


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
        return [Part(item, self.typer.plain_type(item), (place, (k + 1,))) for k, item in enumerate(f.held)]

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
        self, t: Type, results: Results, rule: ArgRule | None, passive: tuple[int | str, ...] = ()
    ) -> tuple[Value, ...]:
        """`passive`: the places of arguments without influence."""
        row = self.row
        row.types = lambda args, kwargs: t
        places: list[tuple[int | str, Operand]] = [*enumerate(self.row_args), *self.row_kwargs.items()]
        if rule is not None:
            row.rules = {k: ArgRule(_nothing, _nothing) for k, v in places if carries_derivative(v.type) or isinstance(v, Pack)}
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
        return Pack(tuple(tracing.operand(_at(p.spot, args, kwargs)) for p in self.parts))

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
            return _at((0, path), (dots[place],), {})
        return self.zero(_at(p.spot, args, kwargs), tracing)

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
        out: list[Any] = []
        for place in wanted:
            top = args[place] if isinstance(place, int) else kwargs[place]
            here = {p.spot[1]: k for k, p in enumerate(self.parts) if p.spot[0] == place and carries_derivative(p.type)}
            if () in here:
                out.append(cotangents(here[()]))
            elif isinstance(top, (tuple, list)):
                out.append([cotangents(here[i,]) if (i,) in here else None for i in range(len(top))])
            else:
                out.append(None)
        return out

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

    def function(self, f: object) -> tuple[Operand, ...]:
        """The operands of a function of the program, as an argument of one of the library."""
        return self.typer.passed(Literal(f))


def _at(spot: Spot, args: Any, kwargs: Any) -> Any:
    place, path = spot
    found = args[place] if isinstance(place, int) else kwargs[place]
    for i in path:
        found = found[i]
    return found


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
        x, given, f = self.type, self.kinds, self.function(self.f)
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


# -- linear systems


class _LinearSystem(Rules):
    """`matvec(x) = b`: forward mode calls the solver with another right side, reverse mode that of the transposed system."""

    def __init__(
        self, typer: Typer, matvec: Given, solve: Given, other: Given | None, t: Type, parts: list[Part], call: Call, loc: Loc
    ) -> None:
        super().__init__(typer, parts, loc)
        self.matvec, self.solve, self.other, self.type, self.call = matvec, solve, other, t, call

    def rule(self) -> ArgRule | None:
        from .infer_calls import canonical

        typer, f, t = self.typer, self.matvec.opened, self.type
        own = self.function(f)
        symmetric = self.other is self.solve
        row = self.call.row
        push = pull = None
        if self.depends:
            pushed = transforms.pushed_from_args_of_number if isinstance(t, Scalar) else transforms.pushed_from_args
            push = self.callee(pushed, f, t, self.kinds, self.dot_kinds)
            pull = self.callee(transforms.pulled_to_args, f, t, self.kinds, t)
        product, _ = canonical([typer.plain_type(Literal(f)), t, self.kinds, t])
        transposed = None
        if self.other is not None and not symmetric:
            made = typer.ctx.instance(transforms.transposed_product, product)
            transposed = Literal(FuncRef(made.name, made))

        def forward(dot: Any, dots: Pack | None, out: Any, args: Any, kwargs: Any) -> Any:
            tracing, right = out.tracing, dot
            if dots is not None and push is not None:
                change = push(tracing, *own, tracing.operand(out), self.given(tracing, args, kwargs), dots)
                right = -change if dot is None else dot - change
            return self._run(tracing, row, tracing.operand(args[0]), right, kwargs)

        def jvp(dots: Mapping[int | str, Any], out: Any, *args: Any, **kwargs: Any) -> Any:
            return forward(dots.get(1), self.dots(out.tracing, dots, args, kwargs), out, args, kwargs)

        def vjp(ct: Any, out: Any, wanted: list[int | str], *args: Any, **kwargs: Any) -> Any:
            tracing = out.tracing
            if self.other is None:
                raise refuse(
                    "ds.linear_solve in reverse mode without transpose_solve", self.loc,
                    "pass transpose_solve=, or symmetric=True where the system is symmetric",
                )  # fmt: skip
            where = (*own, tracing.operand(out), self.given(tracing, args, kwargs))
            if transposed is None:
                w = self._run(tracing, row, tracing.operand(args[0]), ct, kwargs)
            else:
                vecmat = Pack((transposed, *where), "function")
                back = {"solve": kwargs["transpose_solve"], "transpose_solve": kwargs["solve"]}
                w = self._run(tracing, row, vecmat, ct, back)
            found = pull(tracing, *where, tracing.operand(-w)) if pull is not None and 0 in wanted else None
            handed = self.handed_out(wanted, lambda k: None if found is None else found[k], args, kwargs)
            return [[w if place == 1 else g for place, g in zip(wanted, handed)]]

        return ArgRule(jvp, vjp)

    def _run(self, tracing: Any, row: Def, matvec: Operand, right: Any, solvers: Mapping[str, Any]) -> Any:
        out = Value(None, self.type, loc=tracing.loc)
        named = tuple((k, _operand(tracing, v)) for k, v in solvers.items())
        given = (_operand(tracing, tracing.wrap(matvec)), tracing.operand(right))
        tracing.builder.emit(Apply(row, given, named, (out,), tracing.loc))
        return tracing.wrap(out)


def _operand(tracing: Any, arg: Any) -> Operand:
    """The operand of an argument, a function as a display again."""
    operand: Operand = tracing.operand(arg)
    first = operand.items[0] if isinstance(operand, Pack) and operand.items else None
    if isinstance(operand, Pack) and isinstance(first, Literal) and isinstance(first.value, (Func, FuncRef)):
        return Pack(operand.items, "function")
    return operand
