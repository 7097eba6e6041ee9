"""Rules of the user's, as `ds.rule` takes them: what the rows of the table get of them.

A rule speaks of all arguments at once, a row of one at a time. Where an argument is an instance, as `self` of a method, its
fields stand behind the arguments, so that each has a derivative of its own; the text of the call doesn't show them::

    s(t)                           %c = load %s.c
                                   %0 = Spline.__call__(%s, %t, %c)          # printed `s(t)`

A constructor is a call whose result isn't looked at, and one row per field that the instance gets::

    s = Spline(x, y)               %made = Spline(%x, %y)
                                   %c = Spline.c(%made, %x, %y)              # printed `made.c`
                                   %s = construct(Spline, %c)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import DiffsrcError, DiffTypeError, NoRuleError
from ..ir.types import Dict, Opaque, Struct, Type, Union
from . import table
from .special import dispatching
from .table import ArgRule, Def

Function = Callable[..., Any]
#: argument and field, of each field that stands behind the arguments
Layout = tuple[tuple[int, str], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Halves:
    """A rule of all arguments, with the names of the parameters and of what `vjp` reads (None: whatever it is)."""

    jvp: Function
    vjp: Function
    names: tuple[str, ...]
    needs: frozenset[str] | None = None

    def tangent(self, row: Def, dots: Sequence[Any], out: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return answer(row, self.jvp, *args, *dots, out=out, **kwargs)

    def cotangents(self, row: Def, cts: Sequence[Any], out: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Sequence[Any]:
        """One for each argument."""
        if self.needs is not None:
            out, *args = seen(row, self.names, self.needs, out, args)
        found = answer(row, self.vjp, *args, *cts, out=out, **kwargs)
        found = found if isinstance(found, (tuple, list)) else (found,)
        if len(found) != len(args):
            raise DiffTypeError(f"the rule of {row.name} gives {len(found)} cotangents for {len(args)} arguments")
        return tuple(found)


def seen(row: Def, names: Sequence[str], needs: frozenset[str], out: Any, args: Sequence[Any]) -> tuple[Any, ...]:
    """The result and the arguments as a vjp sees them that says which of their contents it needs."""
    kept = [a if n in needs or not hasattr(a, "operand") else Unneeded(a, n) for n, a in zip(names, args)]
    return (out if "out" in needs or row.overwritten else Unneeded(out, "out"), *kept, *args[len(kept) :])


def answer(row: Def, half: Function, *args: Any, **kwargs: Any) -> Any:
    """What a half of a rule gives; its errors are told as the rule's."""
    try:
        return half(*args, **kwargs)
    except DiffsrcError as err:
        if err.reason.startswith("a derivative rule "):
            raise DiffTypeError(f"the rule of {row.name} fails: {err.reason}", hint=_HINT) from err
        raise
    except Exception as err:
        raise DiffTypeError(f"the rule of {row.name} fails: {type(err).__name__}: {err}", hint=_HINT) from err


_HINT = "a rule is NumPy on arrays whose contents aren't known yet: it can't branch on them"


def one_argument(row: Def, rule: Halves, i: int) -> ArgRule:
    """The rule by one argument, of a rule by all."""

    def forward(dot: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_instance(row, dot)
        dots = [dot if k == i else zero_like(a) for k, a in enumerate(args)]
        return fitting(row, "tangent", rule.tangent(row, dots, _result(out, row), args, kwargs), out, "a result")

    def reverse(ct: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        cts = tuple(ct) if row.overwritten and isinstance(ct, (tuple, list)) else (ct,)
        found = rule.cotangents(row, cts, _result(out, row), args, kwargs)
        refuse_instance(row, args[i])
        return fitting(row, "cotangent", found[i], args[i], "an argument")

    return ArgRule(forward, reverse)


def fitting(row: Def, what: str, given: Any, like: Any, of: str) -> Any:
    """A tangent or cotangent, which isn't one number for a whole array."""
    axes, mine = getattr(like, "ndim", None), getattr(given, "ndim", 0)
    plain = isinstance(given, (int, float, complex, np.number)) or hasattr(given, "ndim")
    if not axes or not plain or (isinstance(given, (int, float)) and given == 0) or mine == axes:
        return given
    raise DiffTypeError(
        f"the rule of `{row.name}` gives a {what} with {mine} axes for {of} with {axes}",
        hint="give it the same shape (`np.broadcast_to`)",
    )


def refuse_instance(row: Def, active: Any) -> None:
    """Refuse an active argument that has derivatives by field: a rule that says None might mean that it doesn't know them."""
    if isinstance(getattr(active, "type", None), Struct | Dict | Union):
        raise NoRuleError(
            f"the rule of `{row.name}` has no derivative with respect to an argument of type {active.type}, which is active",
            hint="pass what is differentiated as an argument of its own",
        )


def _result(out: Any, row: Def) -> Any:
    """What the function itself returns, of the results of the one without effects."""
    if not row.overwritten:
        return out
    if not isinstance(out, (tuple, list)):
        return None
    return out[0] if len(out) > len(row.overwritten) else None


def zero_like(value: Any) -> Any:
    """The tangent of an argument that has none."""
    if isinstance(value, Instance) or isinstance(getattr(value, "type", None), Struct):
        return Fields(value, {})
    if isinstance(value, (str, bytes, type(None))) or callable(value):
        return None
    try:
        return np.zeros_like(value)
    except DiffsrcError:  # an instance, a list
        return None


class Instance:
    """An instance whose fields are arguments of their own."""

    __slots__ = ("_fields", "_of")

    def __init__(self, of: Any, fields: Mapping[str, Any]) -> None:
        self._of, self._fields = of, fields

    def __getattr__(self, name: str) -> Any:
        return self._fields[name] if name in self._fields else getattr(self._of, name)


class Fields:
    """Tangents or cotangents of the fields of an instance: zero where none is given."""

    __slots__ = ("_given", "_of", "read")

    def __init__(self, of: Any, given: Mapping[str, Any]) -> None:
        self._of, self._given = of, given
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return self._given[name] if name in self._given else zero_like(getattr(self._of, name))

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


# -- methods of instances whose fields are differentiated


class OnFields:
    """A function with fields of its arguments behind them, which it doesn't look at."""

    def __init__(self, row: Def, layout: Layout, names: Sequence[str]) -> None:
        fn = row.fn
        self._fn, self._count = fn, len(names)
        self.__name__ = fn.__name__
        self.__qualname__, self.__module__ = getattr(fn, "__qualname__", fn.__name__), fn.__module__
        self.__signature__ = _signature([*names, *(f"{names[i]}__{field}" for i, field in layout)])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._fn(*args[: self._count], **kwargs)


def _signature(names: Sequence[str]) -> inspect.Signature:
    return inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names])


_ON_FIELDS: dict[tuple[Def, Layout, str], Def] = {}


def on_fields(row: Def, layout: Layout, printed: str) -> Def:
    """A row for calls of a method with a rule, with the fields of its instances behind its arguments."""
    key = (row, layout, printed)
    if key not in _ON_FIELDS:
        rule: Halves = row.halves
        count = len(rule.names)
        rules: dict[Any, ArgRule] = {i: _leading(r, layout, count) for i, r in row.rules.items()}
        rules.update({i: ArgRule(_nothing, _nothing) for i, _ in layout})
        rules.update({count + k: _one_field(row, layout, i, field) for k, (i, field) in enumerate(layout)})
        fn = OnFields(row, layout, rule.names)
        _ON_FIELDS[key] = replace(row, fn=fn, rules=rules, printed=printed, halves=None, behind=row)
    return _ON_FIELDS[key]


def _nothing(*args: Any, **kwargs: Any) -> None:
    """The derivative by an instance: its fields have them."""


def _with_instances(args: Sequence[Any], layout: Layout, count: int) -> list[Any]:
    """The arguments, where instances have the fields that stand behind."""
    fields: dict[int, dict[str, Any]] = {}
    for (i, name), value in zip(layout, args[count:]):
        fields.setdefault(i, {})[name] = value
    return [Instance(a, fields[i]) if i in fields else a for i, a in enumerate(args[:count])]


def _leading(rule: ArgRule, layout: Layout, count: int) -> ArgRule:
    def seen(half: Function) -> Function:
        return lambda dot, out, *args, **kwargs: half(dot, out, *_with_instances(args, layout, count), **kwargs)

    return ArgRule(seen(rule.jvp), seen(rule.vjp))


def _one_field(row: Def, layout: Layout, i: int, field: str) -> ArgRule:
    rule: Halves = row.halves
    count = len(rule.names)

    def forward(dot: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_instance(row, dot)
        seen = _with_instances(args, layout, count)
        of_instance = Fields(seen[i], {field: dot})
        dots = [of_instance if k == i else zero_like(a) for k, a in enumerate(seen)]
        given = rule.tangent(row, dots, out, seen, kwargs)
        if field not in of_instance.read:  # it is zero if the other half says so
            other = _of_field(row, rule.cotangents(row, (np.zeros_like(out),), out, seen, kwargs)[i], rule.names[i], field)
            if other is not None:
                shown = f"`{rule.names[i]}.{field}`, which is active"
                raise NoRuleError(f"the jvp of `{row.name}` doesn't read the tangent of {shown}")
            return None
        return fitting(row, "tangent", given, out, "a result")

    def reverse(ct: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        seen = _with_instances(args, layout, count)
        value = getattr(seen[i], field)
        refuse_instance(row, value)
        given = rule.cotangents(row, (ct,), out, seen, kwargs)[i]
        return fitting(row, "cotangent", _of_field(row, given, rule.names[i], field), value, "a field")

    return ArgRule(forward, reverse)


def _of_field(row: Def, given: Any, holder: str, field: str) -> Any:
    """What a rule gives for one field of an instance."""
    if isinstance(given, Mapping) and field in given:
        return given[field]
    if given is not None and not isinstance(given, Mapping) and hasattr(given, field):
        return getattr(given, field)
    raise NoRuleError(
        f"the rule of `{row.name}` has no derivative with respect to `{holder}.{field}`, which is active",
        hint=f"give {{{field!r}: its cotangent}} for `{holder}`, None where that is zero",
    )


# -- constructors


_MADE: dict[Def, Def] = {}
_FIELDS: dict[tuple[object, ...], dict[str, Def]] = {}


def made_by(row: Def) -> Def:
    """The call of a class with a rule: an object of which nothing is known but what is read next."""
    if row not in _MADE:
        cls: Any = row.fn
        rules: dict[Any, ArgRule] = {i: ArgRule(_nothing, _nothing) for i in row.rules}
        _MADE[row] = replace(
            row, rules=rules, types=lambda args, kwargs: Opaque(cls), effect="io", halves=None, own=False, behind=row
        )  # fmt: skip
    return _MADE[row]


class FieldOf:
    """A field of what was made of arguments, which it doesn't look at."""

    def __init__(self, row: Def, field: str) -> None:
        self._field = field
        self.__name__ = f"{row.fn.__name__}_{field}"
        self.__qualname__, self.__module__ = row.fn.__qualname__, row.fn.__module__
        self.__signature__ = _signature(["made", *row.halves.names])

    def __call__(self, made: Any, *args: Any) -> Any:
        return getattr(made, self._field)


def fields_of(row: Def, types: Mapping[str, Type], kept: Mapping[str, int], new: frozenset[str]) -> dict[str, Def]:
    """A row for each field that a constructor leaves, of these types. `kept`: fields that are arguments, with their positions;
    `new`: those that certainly share no memory with arguments."""
    key = (row, tuple(types.items()), tuple(kept.items()), new)
    if key not in _FIELDS:
        rows: dict[str, Def] = {}
        rows.update({name: _field_row(row, name, t, kept, new, rows) for name, t in types.items()})
        table.BY_FUNCTION.update({id(d.fn): d for d in rows.values()})  # rules read one field beside another
        _FIELDS[key] = rows
    return _FIELDS[key]


def _field_row(
    row: Def, name: str, t: Type, kept: Mapping[str, int], new: frozenset[str], rows: Mapping[str, Def]
) -> Def:
    rules: dict[Any, ArgRule] = {0: ArgRule(_nothing, _nothing)}
    rules.update({i + 1: _to_field(row, i, name, kept, rows) for i in row.rules})
    return replace(
        row, name=f"{row.name}.{name}", fn=FieldOf(row, name), rules=rules, printed=f"made.{name}", halves=None, own=False,
        behind=row, raises=False, types=lambda args, kwargs: t,
        returned=frozenset() if name in new else frozenset(range(1, len(row.halves.names) + 1)),
    )  # fmt: skip


class _Made:
    """The instance as a rule sees it."""

    def __init__(self, args: Sequence[Any], known: Mapping[str, Any], rows: Mapping[str, Def]) -> None:
        self._args, self._known, self._rows = args, known, rows

    def __getattr__(self, name: str) -> Any:
        if name in self._known:
            return self._known[name]
        if name in self._rows:
            return dispatching(self._rows[name].fn)(*self._args)
        raise AttributeError(name)


def _to_field(row: Def, i: int, field: str, kept: Mapping[str, int], rows: Mapping[str, Def]) -> ArgRule:
    rule: Halves = row.halves

    def instance(out: Any, args: Sequence[Any]) -> _Made:
        return _Made(args, {**{n: args[k + 1] for n, k in kept.items()}, field: out}, rows)

    def forward(dot: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        dots = [dot if k == i else zero_like(a) for k, a in enumerate(args[1:])]
        given = rule.tangent(row, dots, instance(out, args), args[1:], kwargs)
        return fitting(row, "tangent", _of_field(row, given, "out", field), out, "a field")

    def reverse(ct: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
        made = instance(out, args)
        given = rule.cotangents(row, (Fields(made, {field: ct}),), made, args[1:], kwargs)
        return fitting(row, "cotangent", given[i], args[i + 1], "an argument")

    return ArgRule(forward, reverse)


# -- what a rule reads


class Unneeded:
    """Stands for an argument whose contents a rule doesn't read."""

    __slots__ = ("_name", "_value")

    def __init__(self, value: Any, name: str) -> None:
        self._value, self._name = value, name

    def __getattr__(self, name: str) -> Any:
        if name in ("shape", "ndim", "dtype", "size"):
            return getattr(self._value, name)
        if name in ("type", "operand"):
            raise AttributeError(name)
        raise DiffTypeError(f"a rule reads `{self._name}`, which its `needs` doesn't name")

    def __array_function__(self, fn: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if fn in (np.zeros_like, np.ones_like, np.shape, np.ndim, np.size):
            return fn(self._value, *args[1:], **kwargs)
        return self._refused()

    def _refused(self, *args: Any, **kwargs: Any) -> Any:
        raise DiffTypeError(f"a rule reads `{self._name}`, which its `needs` doesn't name")


for _name_of_method in (
    "__array_ufunc__", "__getitem__", "__iter__", "__neg__", "__abs__", "__float__", "__bool__",
    "__lt__", "__le__", "__gt__", "__ge__",
    *(f"__{side}{op}__" for side in ("", "r") for op in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")),
):  # fmt: skip
    setattr(Unneeded, _name_of_method, Unneeded._refused)
