"""Objects of other packages' classes, whose contents carry a derivative: splines, sparse matrices.

To the compiler such an object is a pair, taken apart where it is made: the *handle*, which is the object itself and
carries no derivative, and its *contents*, an array of numbers (coefficients, entries) on which it depends linearly. What
is done with the object is a call of a row on both::

    s = CubicSpline(x, y)        %s: object[CubicSpline] = scipy.interpolate.CubicSpline(%x, %y)
    return s(t)                  %c: f64[:, :] = contents(%s, %x, %y)         # printed `s.c`
                                 %0 = at(%s, %c, %t)                          # printed `s(t)`

So an object may be passed on, kept in lists, chosen and carried by loops: it is passed as a closure is, with the two values
captured. Derivatives are those of the rows: of `contents` in the arguments of the constructor, of `at` in the contents and
in `t`. A row says how its calls are printed (`Def.printed`); what its text leaves out, the contents, is only there for the
derivative.

To make a class known: an `ObjectClass` with its methods, operators and attributes, `constructor` for each function that
makes an object, `function` for those that take some.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..ir.types import ANY, Opaque, Type
from ..runtime.helpers import holding
from .packages import load_for
from .special import dispatching
from .table import ArgRule, Def, Rule, TypeRule, lookup, register, touch

Function = Callable[..., Any]


@dataclass(frozen=True, eq=False, slots=True)
class ObjectClass:
    """What the compiler knows of the objects of some classes.

    name        as dumps print it
    classes     Python's classes, whose subclasses aren't included
    held        the type of the contents of an object that is there: a constant, an argument; None where it isn't known
    contents    a row that gives the contents of a handle, without derivative
    methods     a row of (handle, contents, *arguments) per method; `__call__`, and `__matmul__` and the like for operators
    attributes  a row of (handle, contents) per attribute, or of (handle) where no argument of the constructor is shown as it
                is; "contents" for the contents themselves
    parts       what subscripts give, if they are known
    means       the method that an operator with an array stands for, by class and name
    overwriting in-place operators that write into an object: "imul"
    keeps       how many of the leading arguments of a constructor are objects whose handles methods are given behind the
                contents: what a factorization is one of
    """

    name: str
    classes: tuple[type, ...]
    held: Callable[[Any], Type | None]
    contents: Function
    methods: dict[str, Function | Constructor] = field(default_factory=dict)
    attributes: dict[str, Function | Constructor | str] = field(default_factory=dict)
    parts: Parts | None = None
    means: Callable[[type, str], str] | None = None
    keeps: int = 0
    overwriting: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False, slots=True)
class Parts:
    """Subscripts of objects that are matrices: `a[rows, columns]` is one again, `a[i, j]` a number.

    numbered    a function that gives the handle of a matrix with the number of each entry in its place
    contents    a row of (part, the same part of the numbered matrix, handle, contents)
    entry       a row of (handle, contents, i, j)
    """

    numbered: Function
    contents: Function
    entry: Function


@dataclass(frozen=True, eq=False, slots=True)
class Constructor:
    """What makes an object: a row that gives the handle, and a row of (handle, *arguments) that gives the contents. The first
    is given the handles of objects among the arguments; a method's row, which is printed as written, the contents too.

    In the place of a row there may be a function that the compiler reads: a program for the contents. `contents` may hang on
    the types of the arguments (`choose`). Where the contents are memory of an argument, `Shared` says where that stands among
    the arguments: the row then takes it first, and has `alias="readonly"`."""

    row: Def
    of: ObjectClass
    contents: Function | Shared
    takes_contents: bool = False
    choose: Callable[[tuple[Type, ...], Mapping[str, Type]], Function | Shared] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Shared:
    """Contents that may be memory of an argument: a row of (argument, handle, *others), the way to the argument, and whether
    what the others hold matters."""

    row: Function
    way: tuple[int, ...] = (0,)
    others: bool = True


#: rows that give the contents of an object
_CONTENTS: set[Def] = set()
_ASKED: dict[Def, Def] = {}
_CLASSES: dict[type, ObjectClass] = {}
_MADE_BY: dict[int, Constructor] = {}
_TAKEN_BY: dict[int, Function] = {}


def enter_class(of: ObjectClass) -> ObjectClass:
    """Make the objects of some classes known."""
    _CLASSES.update(dict.fromkeys(of.classes, of))
    return of


def constructor(
    fn: Function, name: str, of: ObjectClass, contents: Function | Shared, cls: type | None = None,
    choose: Callable[[tuple[Type, ...], Mapping[str, Type]], Function | Shared] | None = None, **facts: Any,
) -> None:  # fmt: skip
    """A function that makes an object of a class."""
    handle = Opaque(cls or (fn if isinstance(fn, type) else of.classes[0]))
    row = lookup(fn) or register(Def(name, fn, "zero", types=lambda args, kwargs: handle, raises=True, **facts))
    _MADE_BY[id(fn)] = Constructor(row, of, contents, choose=choose)


def made_by(fn: Function, printed: str, of: ObjectClass, contents: Function | Shared, cls: type | None) -> Constructor:
    """A method or attribute that makes an object: `fn(handle, contents, *arguments)` gives its handle; of the class of the
    first, if none is given."""
    row = written(fn, printed, family="zero", types=lambda args, kwargs: args[0] if cls is None else Opaque(cls), raises=True)
    return Constructor(row, of, contents, takes_contents=True)


def function(fn: Function, name: str, row: Function) -> None:
    """A function that takes objects: calls of it are calls of this row, with handle and contents in the place of each."""
    why = {-1: "its arguments aren't objects that are known"}
    register(Def(name, fn, "general", types=lambda args, kwargs: ANY, refusals=why, raises=True))
    _TAKEN_BY[id(fn)] = row


def is_for_objects(fn: object) -> bool:
    """Whether a function with a row makes objects, or takes some."""
    return fn is holding or id(fn) in _MADE_BY or id(fn) in _TAKEN_BY


def constructor_of(fn: object) -> Constructor | None:
    """What is known of a function that makes an object."""
    if id(fn) not in _MADE_BY:
        load_for(fn)
    return _MADE_BY.get(id(fn))


def function_of(fn: object) -> Def | None:
    """The row in the place of a function that takes objects."""
    load_for(fn)
    row = _TAKEN_BY.get(id(fn))
    return None if row is None else lookup(row)


def class_of(cls: type) -> ObjectClass | None:
    """What is known of the objects of a class."""
    if cls not in _CLASSES:
        load_for(cls)
    return _CLASSES.get(cls)


def written(fn: Function, printed: str, **facts: Any) -> Def:
    """A row for a function of handles and contents, whose calls are printed in another form: `s(t)`, `A @ v`."""
    return register(Def(facts.pop("name", fn.__name__), fn, facts.pop("family", "general"), printed=printed, **facts))


def ask_before(fn: Function, check: Function) -> None:
    """A function of the run time that is called with an object whose contents are differentiated before a row takes it: it
    raises where the object would be changed."""
    row, asked = lookup(fn), lookup(check)
    assert row is not None and asked is not None
    _ASKED[row] = asked


def asked_before(row: Def) -> Def | None:
    """What is asked of objects before a row takes them."""
    return _ASKED.get(row)


def as_contents(row: Def) -> Def:
    """Note that a row gives the contents of an object."""
    _CONTENTS.add(row)
    return row


def is_contents(row: Def) -> bool:
    """Whether a row gives the contents of an object: memory of that object's."""
    return row in _CONTENTS


@dataclass(frozen=True, slots=True)
class Template:
    """How calls of a row are printed: the text, and the names of the row's parameters, `*rest` apart."""

    text: str
    names: tuple[str, ...]

    def bind(self, args: Sequence[Any]) -> tuple[dict[str, Any], tuple[Any, ...]]:
        """Arguments by name, and the rest."""
        return dict(zip(self.names, args)), tuple(args[len(self.names) :])

    def left_out(self, count: int) -> frozenset[int]:
        """The positions among so many arguments that the text leaves out."""
        shown = {n.id for n in ast.walk(ast.parse(self.text, mode="eval")) if isinstance(n, ast.Name)}
        rest = range(len(self.names), 0 if "*rest" in self.text else count)
        return frozenset((*(i for i, name in enumerate(self.names[:count]) if name not in shown), *rest))


@functools.cache
def template(d: Def) -> Template:
    """How calls of a row with `printed` are written."""
    found = inspect.signature(d.fn).parameters.values()
    names = tuple(p.name for p in found if p.kind is p.POSITIONAL_OR_KEYWORD)
    return Template(d.printed, names)


# -- rows of what objects are computed with


def helper(fn: Function, types: TypeRule, **rules: tuple[Rule, Rule]) -> Any:
    """A function of the run time as a row, with a rule (jvp, vjp) per argument by name; as rules call it."""
    row = Def(fn.__name__, fn, "general" if rules else "zero", types=types)
    names = list(inspect.signature(fn).parameters)
    row.rules = {names.index(name): ArgRule(*pair) for name, pair in rules.items()}
    register(row)
    return dispatching(fn)


def as_handle(fn: Function, cls: type) -> Any:
    """A function of the run time that gives a handle: what is done with it says what it is made of."""
    return helper(fn, lambda args, kwargs: Opaque(cls))


def rule_of(fn: Function, position: int, jvp: Rule, vjp: Rule) -> None:
    """The rule of one argument of a row."""
    row = lookup(fn)
    assert row is not None
    touch(row).rules[position] = ArgRule(jvp, vjp)


def joint_rule(fn: Function, positions: tuple[int, ...], jvp: Rule, vjp: Rule) -> None:
    """One rule for several arguments of a row: see `Def.joint`."""
    row = lookup(fn)
    assert row is not None
    both = ArgRule(jvp, vjp)
    touch(row).joint = both
    row.rules.update(dict.fromkeys(positions, both))


def as_listed(d: Def) -> Def | None:
    """A row as lists of rules show it: a function that makes objects by the arguments that the contents hang on, one that
    takes some by the row in its place; None for rows that programs call in another form."""
    if d.printed:
        return None
    made, taken = _MADE_BY.get(id(d.fn)), _TAKEN_BY.get(id(d.fn))
    if taken is not None:
        row = lookup(taken)
        assert row is not None
        return replace(d, rules={place - 1: r for place, r in row.rules.items() if isinstance(place, int)}, refusals=row.refusals)
    if made is None:
        return d
    if isinstance(made.contents, Shared):
        row = lookup(made.contents.row)
        places = {made.contents.way[0]}
    else:
        row = lookup(made.contents)
        places = {1} if row is None else {place - 1 - made.of.keeps for place in row.rules if isinstance(place, int)}
    if row is None:
        return replace(d, family="general", rules=dict.fromkeys(places, ArgRule(_listed, _listed)))
    refusals = {k if k < 0 else k - 1: why for k, why in row.refusals.items()}
    return replace(d, family="general", rules=dict.fromkeys(places, ArgRule(_listed, _listed)), refusals=refusals)


def _listed(*args: Any, **options: Any) -> None:
    """In the place of a rule, in lists."""
