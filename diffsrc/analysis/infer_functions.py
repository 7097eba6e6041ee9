"""Functions that a row of the table is given: as an argument that is printed, and as what the row's rule differentiates.

An inner function stands there as a display, with what it captures as operands of the call: so activity sees them, and a rule
may give them cotangents. Differentiated is the *opened* function, which takes them behind its own arguments::

    brentq(lambda x: x**2 - a, 0.0, 9.0)        opened: (x, a) -> x**2 - a
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import FunctionType

from ..defs.structural import DICT
from ..defs.table import Def, names_of
from ..defs.transforms import kind_of
from ..errors import DiffsrcError
from ..ir.ops import Apply, Block, Func, FuncRef, Op, Return
from ..ir.types import ANY, AnyType, Dict, FuncType, Struct, Tuple, Type, carries_derivative, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import walk
from ..runtime.helpers import new_instance
from ..source import Loc, is_generated
from .infer_captured import COMPOSED, Shown, calling, composed, made_whole, taken_to_parts, whole_of
from .infer_handles import object_class
from .items import Item, is_closure
from .partials import Partial
from .summaries import Summaries
from .transforms import known_function, marked, name_of
from .typer import Parts, Typer, refuse

#: a place in a tuple, a key of a dict, or the name of a field
Step = int | tuple[str, object]
#: where a value stands among the operands of a call: the position or name of the argument, and the way into it
Spot = tuple[int | str, tuple[Step, ...]]


@dataclass(frozen=True, eq=False, slots=True)
class Given:
    """A function with `own` arguments: what is called with `held` first, and the same opened.

    Objects such as splines among what it captures are taken apart in `held`; `shown` is the function as it is printed, with
    the places of its captures in `held`."""

    target: object
    held: Parts
    own: int
    shown: Shown | None = None
    #: the function and what it captures, where objects are taken apart
    origin: tuple[Func, Parts] | None = None

    def way_to(self, k: int) -> tuple[int, ...]:
        """Where the k-th captured value stands in the display."""
        return (k + 1,) if self.shown is None else self.shown.ways()[k]

    @property
    def opened(self) -> object:
        return opened(self.target, len(self.held), self.own)


def record(cls: type, fields: Mapping[str, Type]) -> Struct:
    """The type of a record of SciPy's: of its other fields nothing is known."""
    return Struct(cls, tuple((n, t) for n, t in fields.items() if not isinstance(t, AnyType)), True)


def bound(d: Def, args: Parts, kwargs: Mapping[str, Item]) -> dict[str, tuple[int | str, Item]]:
    """The arguments of a call by the names of parameters, with the places where they stand."""
    names = names_of(d.fn)
    given: dict[str, tuple[int | str, Item]] = {names[i] if i < len(names) else str(i): (i, a) for i, a in enumerate(args)}
    return given | {k: (k, a) for k, a in kwargs.items()}


def given_function(typer: Typer, item: Item, own: int, loc: Loc) -> Given | None:
    """A function value that is called with `own` arguments; None for what isn't one known function."""
    target: object
    held: Parts
    if object_class(typer, item) is not None:
        target, held = calling(item, own), (() if isinstance(item, Literal) else (item,))
    elif (found := known_function(typer, item, loc)) is not None:
        target, held = found
    else:
        return None
    if isinstance(target, Partial):
        target = _lambda(target, own)
    forms = tuple(whole_of(typer, i, loc) for i in held)
    if not isinstance(target, Func) or not any(forms):
        return Given(target, held, own)
    shown, parts = taken_to_parts(typer, target, held, forms, loc, _names_derivatives(target))
    return Given(made_whole(target, forms, own), parts, own, shown, (target, held))


def check_writes(typer: Typer, f: Given, kinds: tuple[Type, ...], loc: Loc) -> None:
    """Refuse a function that writes what it captures: a row that calls it isn't known to write anything.

    Raises:
        UnsupportedError: this one does.
    """
    from .infer_calls import canonical

    if not f.held:
        return
    own, _ = canonical([*kinds, *(typer.plain_type(i) for i in f.held)])
    try:
        instance = typer.ctx.instance(f.opened, own)
        written = Summaries()(FuncRef(instance.name, instance)).writes
    except DiffsrcError:  # where it has to be looked into, that says so
        return
    if any(i >= len(kinds) for i in written):
        raise refuse(
            f"{name_of(f.target)} writes what it captures, and is called while a solver runs", loc,
            "return what it finds out, or compute it behind the call",
        )  # fmt: skip


def display(typer: Typer, f: Given, kinds: tuple[Type, ...], loc: Loc) -> Operand:
    """The operand of a function; `kinds`: the types of what it is called with, where they are needed."""
    from .infer_calls import canonical

    if not f.held and not isinstance(f.target, Func):
        return Literal(f.target, None, loc)
    if f.shown is not None:
        return _display_of_objects(typer, f, kinds, loc)
    takes_functions = any(map(is_closure, kinds))  # which an instance takes by what they capture
    if isinstance(f.target, Func) and (takes_functions or not _names_derivatives(f.target)):
        return Pack((Literal(f.target), *(_captured(typer, i, loc) for i in f.held)), "function")
    if any(is_closure(typer.plain_type(i)) for i in f.held):
        raise refuse(f"{name_of(f.target)}, which captures functions that capture variables, and calls derivatives", loc)
    own, _ = canonical([*(typer.plain_type(i) for i in f.held), *kinds])
    instance = typer.ctx.instance(f.target, own)
    operands = tuple(_captured(typer, i, loc) for i in f.held)
    return Pack((Literal(FuncRef(instance.name, instance)), *operands), "function")


def _display_of_objects(typer: Typer, f: Given, kinds: tuple[Type, ...], loc: Loc) -> Operand:
    """The same where objects are among what is captured."""
    from .infer_calls import canonical

    assert f.shown is not None and f.origin is not None
    target, held = f.origin
    operands = [typer.operand(typer.displayed(i, loc)) for i in f.held]
    if not _names_derivatives(f.shown.func):
        return f.shown.display(operands)
    if f.shown.captures_functions:
        raise refuse(f"{name_of(target)}, which captures functions that capture objects, and calls derivatives", loc)
    own, _ = canonical([*(typer.plain_type(i) for i in held), *kinds])
    instance = typer.ctx.instance(target, own)
    return f.shown.display(operands, FuncRef(instance.name, instance))


def _captured(typer: Typer, item: Item, loc: Loc) -> Operand:
    """A captured value: inner functions are displays, too, and so are tuples through which derivatives pass."""
    t = typer.type_of(item)
    if isinstance(t, FuncType) and is_closure(t) and isinstance(t.target, Func):
        parts = typer.parts(item, t, loc)
        return Pack((Literal(t.target), *(_captured(typer, p, loc) for p in parts)), "function")
    return typer.operand(typer.displayed(item, loc))


def _is_made(f: object) -> bool:
    """Whether a function is one of the compiler's, or generated."""
    return isinstance(f, FunctionType) and (is_generated(f.__code__.co_filename) or f.__module__.startswith("diffsrc.defs."))


def _names_derivatives(func: Func) -> bool:
    """Whether the text of a function calls derivatives, or functions of the compiler's, which are compiled with it."""
    for op in walk(func.body):
        if not isinstance(op, Apply):
            continue
        inner = [op.fn.target] if isinstance(op.fn, FuncRef) else []
        inner += [a.value for a in op.args if isinstance(a, Literal)]
        if any(kind_of(f) is not None or marked(f) is not None or _is_made(f) for f in inner):
            return True
        if any(isinstance(f, Func) and _names_derivatives(f) for f in inner):
            return True
    return False


def named(typer: Typer, f: object, kinds: tuple[Type, ...]) -> tuple[Operand, ...]:
    """The operands of a function of the program that a function of the library is given."""
    from .infer_calls import canonical

    if not isinstance(f, Func) or f not in COMPOSED:
        return typer.passed(Literal(f))
    instance = typer.ctx.instance(f, canonical(kinds)[0])
    return (Pack((Literal(FuncRef(instance.name, instance)),), "function"),)


@dataclass(frozen=True, slots=True)
class Form:
    """A tuple, dict or instance: the class of an instance, the steps to its items, and the forms of these."""

    cls: type
    steps: tuple[Step, ...]
    items: tuple[Form | None, ...]


#: the forms of the parameters of a function; None for what isn't taken apart
Structure = tuple[Form | None, ...]


def form_of(t: Type) -> Form | None:
    """How a value through which derivatives pass is taken apart; None for what isn't."""
    t = strip(t)
    if not carries_derivative(t):
        return None
    if isinstance(t, Tuple) and t.cls is None:
        return Form(tuple, tuple(range(len(t.items))), tuple(map(form_of, t.items)))
    if isinstance(t, Dict) and not t.open:
        return Form(dict, tuple(("key", k) for k, _ in t.items), tuple(form_of(i) for _, i in t.items))
    if isinstance(t, Struct) and not t.system:
        return Form(t.cls, tuple(("field", n) for n, _ in t.fields), tuple(form_of(i) for _, i in t.fields))
    return None


def items_of_type(t: Type) -> tuple[Type, ...]:
    """The types of the items of a tuple, dict or instance."""
    t = strip(t)
    if isinstance(t, Tuple):
        return t.items
    return tuple(i for _, i in (t.items if isinstance(t, Dict) else t.fields if isinstance(t, Struct) else ()))


@functools.cache
def flattened(f: object, own: int, structure: Structure) -> object:
    """A function of `own` arguments and structures as one of the arguments and the items of the structures."""
    if all(s is None for s in structure):
        return f
    first = tuple(Value(f"x{i}", ANY) for i in range(own))
    leaves: list[Value] = []
    ops: list[Op] = []

    def operand(s: Form | None) -> Operand:
        if s is None:
            leaves.append(Value(f"a{len(leaves)}", ANY))
            return leaves[-1]
        items = tuple(map(operand, s.items))
        if s.cls is tuple:
            return Pack(items)
        names = [step[1] for step in s.steps if isinstance(step, tuple)]
        made = Value(None, ANY)
        if s.cls is dict:
            ops.append(Apply(DICT, tuple(Pack((Literal(n), i)) for n, i in zip(names, items)), (), (made,)))
        else:
            given = tuple((str(n), i) for n, i in zip(names, items))
            frozen = getattr(getattr(s.cls, "__dataclass_params__", None), "frozen", False)
            make = FuncRef(s.cls.__name__, s.cls) if frozen else FuncRef("new_instance", new_instance)
            ops.append(Apply(make, () if frozen else (Literal(s.cls, s.cls.__name__),), given, (made,)))
        return made

    given, out = tuple(map(operand, structure)), Value("out", ANY)
    ops.append(Apply(FuncRef(name_of(f), f), (*first, *given), (), (out,)))
    return composed(f"{name_of(f)}_flat", (*first, *leaves), tuple(ops), out)


@functools.cache
def with_part_second(f: object, count: int, k: int) -> object:
    """`f(x, *parts)` as a function of x, the k-th part, then the others."""
    if k == 0:
        return f
    if isinstance(f, Func) and len(f.params) == count + 1 and f not in COMPOSED:
        x, *rest = f.params
        return replace(f, params=(x, rest[k], *rest[:k], *rest[k + 1 :]), signature=None, held=0)
    x, part, out = Value("x", ANY), Value("p", ANY), Value("out", ANY)
    others = [Value(f"a{i}", ANY) for i in range(count - 1)]
    call = Apply(FuncRef(name_of(f), f), (x, *others[:k], part, *others[k:]), (), (out,))
    return composed(f"{name_of(f)}_{k}", (x, part, *others), (call,), out)


@functools.cache
def opened(target: object, held: int, own: int) -> object:
    """A function of its own arguments first, then of what it captures."""
    if not held:
        return target
    if isinstance(target, Func):
        params = (*target.params[held : held + own], *target.params[:held])
        if len(params) == len(target.params):
            made = replace(target, params=params, signature=None, held=0)
            if target in COMPOSED:
                COMPOSED.add(made)
            return made
    names = _names(target, held, own)
    params = tuple(Value(n, ANY) for n in names)
    out = Value("out", ANY)
    call = Apply(FuncRef(name_of(target), target), (*params[:held], *params[held:]), (), (out,))
    return Func(name_of(target), (*params[held:], *params[:held]), Block((), (call, Return(out))))


def _names(target: object, held: int, own: int) -> list[str]:
    """Names for the captured values and the arguments, those of the function where it has any."""
    known: list[str] = []
    if isinstance(target, Func):
        known = [p.name or "" for p in target.params]
    elif (code := getattr(target, "__code__", None)) is not None:
        known = list(code.co_varnames[: code.co_argcount])
    made = [f"held{i}" for i in range(held)] + [f"x{i}" for i in range(own)]
    names = [k or m for k, m in zip(known, made)] + made[len(known) :]
    return names if len(set(names)) == len(names) else made


@functools.cache
def _lambda(target: Partial, own: int) -> Func:
    """A function of which arguments are given beforehand, as an inner function that captures them."""
    held = target.count + len(target.keys)
    params = tuple(Value(n, ANY) for n in [f"held{i}" for i in range(held)] + [f"x{i}" for i in range(own)])
    out = Value("out", ANY)
    first, named = params[: target.count], dict(zip(target.keys, params[target.count : held]))
    call = Apply(FuncRef(target.name, target.target), (*first, *params[held:]), tuple(named.items()), (out,))
    return Func(f"{target.name}_held", params, Block((), (call, Return(out))))
