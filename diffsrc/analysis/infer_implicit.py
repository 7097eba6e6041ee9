"""Calls of functions that are given by an equation: roots and fixed points.

Each becomes a call of a row made for it, whose rule solves a linear system with the Jacobian of the equation and pulls what
comes of it back to the arguments. Both are functions of the same module, typed here like functions of the user's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..defs import transforms
from ..defs.dims import map_dims, renaming
from ..defs.table import ArgRule, Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import Apply, FuncRef
from ..ir.types import Array, Scalar, Tuple, Type, carries_derivative, is_complex, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..runtime import helpers
from ..runtime.implicit import CustomRoot, fixed_point
from ..source import Loc
from .derived_calls import as_float
from .items import Item
from .transforms import known_function, name_of
from .typer import Parts, Typer, refuse

Results = tuple[Value, ...]


def call_root(typer: Typer, root: CustomRoot, args: Parts, kwargs: Mapping[str, Item], results: Results, loc: Loc) -> None:
    """A call of what `ds.custom_root` decorated."""
    if kwargs or not args:
        raise refuse(f"a call of the root {root.__name__} with these arguments", loc, "pass all arguments by position")
    equation = _Equation(typer, root.optimality, args, loc, fixed=False)
    equation.call(Def(root.__name__, root, "general", raises=True), (), {}, results)


def call_fixed_point(typer: Typer, args: Parts, kwargs: Mapping[str, Item], results: Results, loc: Loc) -> None:
    """A call of `ds.fixed_point`."""
    found = known_function(typer, args[0], loc) if len(args) > 1 else None
    if found is None:
        raise refuse("ds.fixed_point without a known function and a start", loc, "ds.fixed_point(f, x0, *args)")
    if found[1]:
        raise refuse(
            f"ds.fixed_point of {name_of(found[0])}, which captures variables", loc,
            "pass them as arguments: ds.fixed_point(f, x0, *args)",
        )
    equation = _Equation(typer, found[0], args[1:], loc, fixed=True)
    options = {k: typer.constant(v) for k, v in kwargs.items()}
    equation.call(Def("fixed_point", fixed_point, "general", raises=True), (typer.constant(args[0]),), options, results)


@dataclass(frozen=True, eq=False, slots=True)
class _Callee:
    """An instance, and the type of its result in this program."""

    ref: FuncRef
    type: Type

    def __call__(self, tracing: Any, *operands: Operand) -> Any:
        out = Value(None, self.type, loc=tracing.loc)
        tracing.builder.emit(Apply(self.ref, operands, (), (out,), tracing.loc))
        return tracing.wrap(out)


class _Equation:
    """`f(x, *args)` in a program: its derivatives, as functions of the module."""

    def __init__(self, typer: Typer, f: object, args: Parts, loc: Loc, fixed: bool) -> None:
        self.typer, self.f, self.loc, self.fixed = typer, f, loc, fixed
        start = args[0] if carries_derivative(typer.type_of(args[0])) else as_float(typer, args[0], "the start", loc)
        self.items: Parts = (start, *args[1:])
        self.type = strip(typer.plain_type(start))
        if not isinstance(self.type, Array | Scalar) or is_complex(self.type):
            raise refuse(f"a solution of type {self.type}", loc, "solve for an array or a number")
        self.is_number = isinstance(self.type, Scalar)

    def call(self, row: Def, before: tuple[Operand, ...], options: Mapping[str, Operand], results: Results) -> None:
        typer = self.typer
        operands = (*before, *(typer.constant(typer.displayed(a, self.loc)) for a in self.items))
        row.types = lambda args, kwargs: self.type
        first = len(before)
        on = [i for i, a in enumerate(self.items[1:]) if carries_derivative(typer.type_of(a))]
        row.rules = dict.fromkeys((first, *(first + 1 + i for i in on)), ArgRule(_nothing, _nothing))
        row.joint = self.rule(first) if on else None
        made = tuple(typer.define(r, self.type) for r in results)
        typer.emit(Apply(row, operands, tuple(options.items()), made, self.loc))

    def rule(self, first: int) -> ArgRule:
        """Of the arguments after the start, which stands at `first`."""
        kinds = [self.typer.plain_type(a) for a in self.items]
        given = Tuple(tuple(kinds[1:]))
        matrix = self.callee(self.matrix, kinds[0], given)
        pull = self.callee(transforms.pulled_to_args, kinds[0], given, kinds[0])
        pushed = transforms.pushed_from_args_of_number if self.is_number else transforms.pushed_from_args
        none = self.typer.plain_type(Literal(None))
        dots = Tuple(tuple(t if carries_derivative(t) else none for t in given.items))
        push = self.callee(pushed, kinds[0], given, dots)
        f = self.typer.passed(Literal(self.f))

        def at(out: Any, args: tuple[Any, ...]) -> tuple[Operand, ...]:
            return (*f, out.tracing.operand(out), Pack(tuple(map(out.tracing.operand, args[first + 1 :]))))

        def jvp(dots: list[Any], out: Any, *args: Any) -> Any:
            tracing, where = out.tracing, at(out, args)
            if all(dot is None for dot in dots[first + 1 :]):
                return np.zeros_like(out)
            given = [self.zero(a, tracing) if dot is None else dot for dot, a in zip(dots[first + 1 :], args[first + 1 :])]
            change = push(tracing, *where, Pack(tuple(map(tracing.operand, given))))
            return self.solved(matrix(tracing, *where), change, out, transposed=False)

        def vjp(ct: Any, out: Any, wanted: list[int], *args: Any) -> Any:
            tracing, where = out.tracing, at(out, args)
            w = self.solved(matrix(tracing, *where), ct, out, transposed=True)
            cotangents = pull(tracing, *where, tracing.operand(w))
            return [cotangents[i - first - 1] if i > first else None for i in wanted]

        return ArgRule(jvp, vjp)

    @property
    def matrix(self) -> Any:
        if self.is_number:
            return transforms.one_minus_slope if self.fixed else transforms.slope_in_x
        return transforms.identity_minus_jacobian if self.fixed else transforms.jacobian_matrix

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

    def solved(self, m: Any, right: Any, out: Any, transposed: bool) -> Any:
        """The solution of the linear system; a root has a minus, a fixed point has it in the matrix."""
        if not self.fixed:
            right = -right
        if self.is_number:
            return right / m
        if transposed:
            m = m.T
        if isinstance(self.type, Array) and self.type.ndim == 1:
            return np.linalg.solve(m, right)
        return np.linalg.solve(m, np.ravel(right)).reshape(out.shape)

    def callee(self, fn: Any, *kinds: Type) -> _Callee:
        """An instance of a function of `defs.transforms` for these types."""
        from .infer_calls import canonical

        typer = self.typer
        own, names = canonical([typer.plain_type(Literal(self.f)), *kinds])
        try:
            instance = typer.ctx.instance(fn, own)
        except DiffTypeError as err:
            raise DiffTypeError(f"the equation {name_of(self.f)}: {err.reason}", loc=self.loc, hint=err.hint) from err
        t = map_dims(instance.result_type, renaming({new: old for old, new in names.items()}))
        return _Callee(FuncRef(instance.name, instance), t)


def _nothing(*args: Any) -> None:
    """The start has no influence."""
