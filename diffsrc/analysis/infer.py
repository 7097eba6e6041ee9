"""Type inference: from lowered to typed.

    func f(%x, %n) {                        func f(%x: f64[n], %n: int) {
      %0 = method mean(%x)                    %0: f64 = np.mean(%x)
      %1 = load %x[1:]               ->       %1: f64[n-1] = view %x[1:]
      %c = is_(%n, None)                      (the arm taken, in place of the `if`)
      if %c { ... }

One walk in the order of execution makes the typed ops as it goes. Loops are walked until the types of what
they carry and give are stable; what the last walk made is kept. Lists and dicts get the type of all that is
ever put into them: when one grows (containers.py), the function is walked again.  Parts: typer.py (state),
infer_regions.py (joins, loops), infer_index.py, infer_calls.py, infer_builtins.py, infer_inplace.py.
"""

from __future__ import annotations

from dataclasses import replace

from ..defs.dims import map_dims, plain, without
from ..errors import DiffTypeError, UnsupportedError
from ..ir.ops import NONE_LIT, Block, Func, Return
from ..ir.types import BOTTOM, NONE, OneOf, Type
from ..ir.values import Value
from .choices import joined_type, options_of
from .growth import Again, check_parameters
from .infer_regions import run
from .items import depth, fold_merge, is_closure, is_optional
from .outliving import check_transients
from .typer import Ctx, Typer, refuse

MAX_WALKS = 40
#: how deep tuples that may be None lie in others that may be None
MAX_OPTIONAL = 3


def infer(func: Func, arg_types: tuple[Type, ...], ctx: Ctx) -> Func:
    """The typed function for argument types; see `infer_with_result`."""
    return infer_with_result(func, arg_types, ctx)[0]


def infer_with_result(func: Func, arg_types: tuple[Type, ...], ctx: Ctx) -> tuple[Func, Type]:
    """The typed function for argument types, and the type of its result.

    A parameter that is an inner function becomes one parameter per captured value; an inner function that is
    returned becomes the tuple of its captured values. (Calls within the program do likewise.)

    Raises:
        UnsupportedError: the program holds something that types show to be unsupported.
    """
    if len(arg_types) != len(func.params):
        given = f"{len(func.params)} arguments, {len(arg_types)} types are given"
        raise DiffTypeError(f"{func.name} takes {given}", loc=func.loc)
    typer = Typer(func, ctx)
    for _ in range(MAX_WALKS):
        typer.reset()
        typer.containers.changed = False
        params = tuple(v for p, t in zip(func.params, arg_types) for v in _param(typer, p, t))
        try:
            completes = run(typer, func.body) is not None
        except Again:
            continue
        except UnsupportedError:
            if typer.containers.changed:  # by a type that has grown since
                continue
            raise
        finally:
            typer.first = False
        if completes:
            typer.emit(Return(NONE_LIT, func.loc))
            typer.returns.append(NONE)
        if typer.containers.changed:
            continue
        if typer.starved and not typer.empties:
            typer.empties = True
            continue
        if typer.missing is not None:
            raise typer.missing
        if _is_choice(typer) or _is_optional(typer):
            continue
        check_parameters(typer)
        check_transients(typer)
        typed = replace(func, params=params, body=Block((), tuple(typer.builder.ops)))
        result = typer.result or fold_merge([BOTTOM, *typer.returns])
        return typed, map_dims(plain(result), without(typer.taken))
    raise DiffTypeError(
        f"the types in {func.name} grow without end", loc=func.loc,
        hint="an object that holds another of its class, in a loop, has no finite type: use a list",
    )  # fmt: skip


def _is_choice(typer: Typer) -> bool:
    """Whether several functions are returned, which the walk didn't know.

    Raises:
        UnsupportedError: functions are returned together with something else.
    """
    if not any(options_of(t) for t in typer.returns):
        return False
    joined = joined_type(typer.returns)
    if options_of(joined) and (not isinstance(joined, OneOf) or joined == typer.result):
        return False
    if not isinstance(joined, OneOf):
        raise refuse("functions and something else are returned", typer.func.loc, "return them at one place")
    typer.result = joined
    return True


def _is_optional(typer: Typer) -> bool:
    """Whether a tuple or None is returned, or something that holds one, which the walk didn't know."""
    joined = joined_type(typer.returns)
    if not is_optional(joined) or is_closure(joined) or joined == typer.result:
        return False
    if depth(joined) > MAX_OPTIONAL:
        raise refuse("a function that returns tuples or None, level within level", typer.func.loc, "return a list")
    typer.result = joined
    return True


def _param(typer: Typer, p: Value, t: Type) -> tuple[Value, ...]:
    return typer.define_parts(p, t) if is_closure(t) or is_optional(t) else (typer.define(p, t),)
