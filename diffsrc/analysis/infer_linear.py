"""Calls of `ds.linear_solve`: solvers of linear systems that are given by a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..defs import transforms
from ..defs.table import ArgRule, Def
from ..ir.ops import Apply, Func, FuncRef
from ..ir.types import NoneType, Scalar, Type
from ..ir.values import Literal, Operand, Pack, Value
from ..runtime.implicit import linear_solve
from ..source import Loc
from .infer_functions import Given, given_function
from .infer_implicit import Call, Part, Rules, start_of
from .items import Item
from .typer import Parts, Typer, refuse

Results = tuple[Value, ...]
Kwargs = Mapping[str, Item]


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
        own = self.function(f, t)
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
