"""The state of type inference of one function: the map from lowered values to items, symbols of sizes,
containers that grow, and the ops made so far. What the parts of inference (infer.py, infer_*.py) share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..defs.dims import INT_KINDS, DimInt, map_dims, plain, without
from ..defs.shapes import refined
from ..defs.structural import CLOSURE, CONSTRUCT
from ..defs.table import Def
from ..defs.transforms import Transform
from ..errors import DiffTypeError, UnsupportedError
from ..ir.build import Builder
from ..ir.ops import Apply, Attr, Block, For, Func, Index, Load, Op, Slice, Store, View
from ..ir.types import (
    ANY,
    BOTTOM,
    FLOAT,
    Array,
    Bottom,
    FuncType,
    List,
    Lit,
    Maybe,
    NoneType,
    OneOf,
    Scalar,
    Struct,
    Tuple,
    Type,
    carries_derivative,
    is_mixed,
    strip,
    unlit,
)
from ..ir.values import UNDEF, Literal, Operand, Pack, Value, is_undef, same_literal
from ..ir.walk import defined
from ..source import NOWHERE, Loc
from .choices import check_passable, flatten_choice
from .containers import Containers
from .filled import Fills
from .flows import Flows
from .inline import escapes
from .items import (
    Item,
    Record,
    Stepper,
    Super,
    Unfinished,
    assemble,
    constant_type,
    fold_merge,
    is_closure,
    is_constant,
    is_optional,
    leaves,
    names_of,
    parts_of,
    with_parts,
)
from .recursive import System

if TYPE_CHECKING:
    from .infer_guards import Watch
    from .peeled import Peel
    from .spread import Spread

Parts = tuple[Item, ...]
#: lowered values, and the classes of which they are, or aren't, an instance
Facts = tuple[tuple[Value, Any, bool], ...]


class InstanceLike(Protocol):
    """A user function for argument types."""

    @property
    def name(self) -> str: ...

    @property
    def result_type(self) -> Type: ...


class Ctx(Protocol):
    """What inference asks the driver."""

    def instance(self, target: object, arg_types: tuple[Type, ...]) -> InstanceLike: ...

    def lower(self, target: object) -> Func: ...

    @property
    def around(self) -> tuple[str, ...]: ...

    def consult(self, fn: FunctionType) -> None: ...

    def note(self, owner: type, name: str, value: object) -> None: ...

    @property
    def system(self) -> System: ...

    def derivative(
        self, target: object, arg_types: tuple[Type, ...], wrt: frozenset[int], how: Transform, loc: Loc
    ) -> FunctionType: ...


@dataclass(eq=False, slots=True)
class LoopFrame:
    """One loop being typed: assumed types of what it carries and gives, and the types seen so far."""

    carry: list[Type]
    results: list[Type]
    backs: list[list[Type]] = field(default_factory=list)
    outs: list[list[Type]] = field(default_factory=list)


class Typer:
    """Shared state; the ops are handled by functions of the other modules."""

    def __init__(self, func: Func, ctx: Ctx) -> None:
        self.func = func
        self.ctx = ctx
        self.containers = Containers(func)
        #: what is returned, where that is one of several functions, or a tuple or None
        self.result: Type | None = None
        self.flows = Flows(func)
        self.fills = Fills(func)
        #: what parameters have to hold besides what they do: position -> reason and place
        self.demands: dict[int, tuple[str, Loc]] = {}
        #: whether this is the first walk
        self.first = True
        #: whether a known function was given a list in which nothing has been put so far, and whether such lists are
        #: taken as empty: what `sum` and its like make of an empty list may be what is put in first
        self.starved = False
        self.empties = False
        #: whether loops over constant texts are unrolled, because these are keys of dicts whose values differ in type
        self.spelled = False
        #: whether loops over known ranges that count through tuples are unrolled, because their items differ in type
        self.counted = False
        #: loops with their first iteration in front; None for what is left of one
        self.peels: dict[Op, Peel | None] = {}
        self._stable: dict[tuple[Value, str], Value] = {}
        self.reset()

    def reset(self) -> None:
        """Before each pass over the whole function."""
        self.env: dict[Value, Item] = {}
        self.fills.now.clear()
        self.known: dict[Value, Type] = {}
        self.symbols: dict[Value, dict[int, str]] = {}
        self.taken: set[str] = set()
        self.frames: list[LoopFrame] = []
        self.memo: dict[Op, tuple[list[Type], list[Type]]] = {}
        self.missing: UnsupportedError | None = None
        self.returns: list[Type] = []
        self.builder = Builder()
        self.views: dict[Value, tuple[Operand, Attr | Index, int, list[Op]]] = {}
        #: what the items of a loop are read from
        self.rows: dict[Value, Operand] = {}
        self.fresh: set[Value] = set()
        self.spread: dict[Value, Spread] = {}
        #: what stands for the iterator of an instance, and the loop over it; None for what is read at once
        self.iterated: dict[Value, For | None] = {}
        self.nesting: list[type] = []
        #: references of which more is known than of those that they are
        self.narrowed: dict[Value, Value] = {}
        #: what a test says of a lowered value if it is true, and if it is false
        self.tests: dict[Value, tuple[Facts, Facts]] = {}
        #: bodies of `try` around, whose typed ops are looked at
        self.watches: list[Watch] = []

    def miss(self, op: Load, error: DiffTypeError) -> None:
        """Something isn't in a container (yet): an error, unless a later walk finds it there."""
        if not self.containers.grows(op.src):
            raise error
        self.missing = self.missing or error

    # -- reading

    def get(self, operand: Operand) -> Item:
        """The item of a lowered operand."""
        if isinstance(operand, Value):
            return self.env[operand]
        if isinstance(operand, Pack):
            items = tuple(self.get(o) for o in operand.items)
            if operand.kind == "list":
                return Pack(tuple(map(self.operand, items)), "list")
            return Record(Tuple((BOTTOM,) * len(items)), items)
        return operand

    def type_of(self, item: Item) -> Type:
        """The type with all that is known of the value."""
        match item:
            case Value():
                return self.known.get(item, item.type)
            case Literal():
                return BOTTOM if is_undef(item) else constant_type(item.value)
            case Pack():
                return Tuple(tuple(map(self.type_of, item.items)), listed=item.kind == "list")
            case Unfinished():
                return Struct(item.cls, tuple((n, self.plain_type(i)) for n, i in item.fields.items()))
            case Super():
                return ANY
            case Stepper():
                return item.value.type
            case Record():
                return with_parts(item.kind, tuple(map(self.type_of, item.items)))

    def plain_type(self, item: Item) -> Type:
        """The type as values of the IR have it; a list display is a list."""
        if isinstance(item, Pack):
            kinds = tuple(map(self.plain_type, item.items))
            if item.kind == "tuple":
                return Tuple(tuple(plain(unlit(k)) for k in kinds))
            joined = fold_merge([BOTTOM, *(unlit(k) for k in kinds)])
            mixed = is_mixed(kinds, joined) or self.ctx.system.by_position(joined, kinds)
            return Tuple(kinds, listed=True) if mixed else List(plain(unlit(joined)))
        if isinstance(item, Record):
            return with_parts(item.kind, tuple(map(self.plain_type, item.items)))
        return plain(self.type_of(item))

    def operand(self, item: Item) -> Operand:
        """The item as one operand; composite ones are put together."""
        if isinstance(item, Unfinished):
            raise escapes(item, self.func.loc)
        if isinstance(item, Super):
            raise refuse("super() as a value", self.func.loc, "call its methods where it stands")
        if isinstance(item, Stepper):
            raise refuse(f"{item.shown} other than in a loop", item.value.loc, "use np.ravel(a), or a list of indices")
        if not isinstance(item, Record):
            return item
        kind = self.plain_type(item)
        if isinstance(kind, OneOf):
            raise UnsupportedError(
                "a function chosen at run time is handed to what isn't compiled", loc=self.loc_of(item),
                hint="call it, or choose between the results",
            )  # fmt: skip
        if isinstance(kind, Maybe):
            raise UnsupportedError(
                "a tuple that may be None is handed on whole", loc=self.loc_of(item),
                hint="ask whether it is None first, and hand on its parts",
            )  # fmt: skip
        items = tuple(map(self.operand, item.items))
        if isinstance(kind, Tuple) and kind.cls is None:
            return Pack(items, "list" if kind.listed else "tuple")
        if isinstance(kind, FuncType):
            if not items and not isinstance(kind.target, Func):
                return Literal(kind.target)
            made: tuple[Operand, ...] = (Literal(kind.target), *items)
            return self.emit_apply(CLOSURE, made, {}, kind, None, NOWHERE)
        cls = kind.cls if isinstance(kind, (Tuple, Struct)) else None
        return self.emit_apply(
            CONSTRUCT, (Literal(cls, getattr(cls, "__name__", None)), *items), {}, kind, None, NOWHERE
        )

    def loc_of(self, item: Item) -> Loc:
        """Where the first value of an item was made."""
        if isinstance(item, Record):
            return next((loc for loc in map(self.loc_of, item.items) if loc.line), NOWHERE)
        return item.loc if isinstance(item, (Value, Literal)) else NOWHERE

    def parts(self, item: Item, kind: Type, loc: Loc = NOWHERE) -> Parts:
        """The parts of a composite item; those of a value are loaded."""
        if isinstance(item, Record):
            return item.items
        count = len(parts_of(kind) or ())
        if is_undef(item):
            return (UNDEF,) * count
        if isinstance(item, Literal) and isinstance(item.value, (tuple, list)):
            return tuple(Literal(v, None, item.loc) for v in item.value)
        if isinstance(item, Pack):
            return item.items
        by_name = isinstance(kind, Struct) or (isinstance(kind, Tuple) and kind.cls is slice)  # a slice has no subscripts
        names = names_of(kind) if by_name else ()
        types = parts_of(kind) or ()
        known = self.known.get(item) if isinstance(item, Value) else None
        seen = parts_of(known) if known is not None else None
        out: list[Item] = []
        for i in range(count):
            place = Attr(names[i]) if names else Index((Literal(i),))
            out.append(self.emit_load(self.operand(item), place, seen[i] if seen else types[i], loc))
        return tuple(out)

    def displayed(self, item: Item, loc: Loc) -> Item:
        """A tuple that is one value, as the display of its items: what takes it sees where each item goes. So do displays of
        tuples."""
        if isinstance(item, Pack) and item.kind in ("tuple", "list"):
            inner = tuple(self.displayed(i, loc) for i in item.items)
            kind = Tuple((BOTTOM,) * len(inner), listed=item.kind == "list")
            return item if all(a is b for a, b in zip(inner, item.items)) else Record(kind, inner)
        if isinstance(item, Record) and isinstance(item.kind, Tuple):
            return replace(item, items=tuple(self.displayed(i, loc) for i in item.items))
        t = strip(self.type_of(item))
        if not isinstance(item, Value) or not isinstance(t, Tuple) or not carries_derivative(t):
            return item
        parts = tuple(self.displayed(p, loc) for p in self.parts(item, t, loc))
        return Record(Tuple((BOTTOM,) * len(t.items), listed=t.listed), parts)

    def flatten(self, item: Item, kind: Type) -> list[Operand]:
        """The operands that a join of type `kind` passes for an item."""
        if isinstance(kind, OneOf):
            return flatten_choice(self, item, kind)
        parts = parts_of(kind)
        if parts is None:  # nothing is known of a join yet: this pass is repeated
            return [UNDEF if isinstance(kind, Bottom) else self.operand(item)]
        if not parts:
            return []
        if isinstance(kind, Maybe) and isinstance(self.type_of(item), NoneType):
            return [Literal(None)] * sum(1 for _ in leaves(kind))
        own = parts_of(self.type_of(item))
        if not is_undef(item) and (own is None or len(own) != len(parts)):
            return [UNDEF] * sum(1 for _ in leaves(kind))  # a stale assumption: this pass is repeated
        return [o for part, t in zip(self.parts(item, kind), parts) for o in self.flatten(part, t)]

    def reread(self, operand: Operand) -> Item:
        """The item of an operand that was already put together."""
        if isinstance(operand, Pack) and operand.kind == "tuple":
            return Record(Tuple((BOTTOM,) * len(operand.items)), tuple(map(self.reread, operand.items)))
        return operand

    # -- making values

    def value(self, t: Type, name: str | None, loc: Loc, old: Value | None = None) -> Value:
        """A new value; ints and unknown sizes get a symbol, so that sizes can be compared."""
        base = plain(t)
        if isinstance(base, Lit):
            base = base if isinstance(base.value, (bool, str)) else base.base
        result = Value(name, base, None, None, loc)
        if isinstance(base, Scalar) and base.kind in INT_KINDS and not isinstance(t, (Lit, DimInt)) and old is not None:
            t = DimInt(base.kind, self.symbol(old))
        if isinstance(base, Array) and None in base.dims and old is not None:
            base = t = replace(base, dims=tuple(self.symbol(old, k) if d is None else d for k, d in enumerate(base.dims)))
            result = Value(name, base, None, None, loc)
        if t != base:
            self.known[result] = t
        return result

    def symbol(self, old: Value, axis: int = 0) -> str:
        """The name that stands for the value of a lowered int, or for a size of a lowered array."""
        known = self.symbols.setdefault(old, {})
        if axis not in known:
            stem = f"%{old.name or 't'}"
            name, n = stem, 0
            while name in self.taken:
                n += 1
                name = f"{stem}_{n}"
            self.taken.add(name)
            known[axis] = name
        return known[axis]

    def local_symbols(self, blocks: Iterable[Block]) -> set[str]:
        """Symbols of values defined in some regions: outside and in the next round they are others."""
        return {s for b in blocks for v in defined(b) for s in self.symbols.get(v, {}).values()}

    def forget(self, blocks: Iterable[Block]) -> None:
        """Give the values of some regions new symbols from now on."""
        for b in blocks:
            for v in defined(b):
                self.symbols.pop(v, None)

    def passed(self, item: Item) -> tuple[Operand, ...]:
        """The operands of an argument of a user function: an inner function is its captured values."""
        kind = self.plain_type(item)
        check_passable(kind, NOWHERE)
        return tuple(self.flatten(item, kind)) if is_closure(kind) or is_optional(kind) else (self.operand(item),)

    def define(self, old: Value, t: Type) -> Value:
        """The new value of a lowered one, entered in the map."""
        t = self.containers.grown(old, t)
        self.containers.typed(old, t)
        result = self.value(t, old.name, old.loc, old)
        self.env[old] = result
        return result

    def define_parts(self, old: Value, kind: Type) -> tuple[Value, ...]:
        """The new values that stand for a lowered join value; the map gets the item made of them."""
        kind = self.containers.grown(old, kind)
        self.containers.typed(old, kind)
        flat = list(leaves(kind))
        single = len(flat) == 1 and parts_of(kind) is None
        values = tuple(
            self.value(t, f"{old.name}{suffix}" if old.name else None, old.loc, old if single else None)
            for suffix, t in flat
        )
        self.env[old] = assemble(kind, iter(values))
        return values

    # -- making ops

    def emit(self, op: Op) -> None:
        self.builder.emit(op)

    def emit_apply(
        self,
        fn: Any,
        args: tuple[Operand, ...],
        kwargs: Mapping[str, Operand],
        t: Type,
        old: Value | None,
        loc: Loc,
        method: str = "",
    ) -> Value:
        result = self.define(old, t) if old is not None else self.value(t, None, loc)
        self.emit(Apply(fn, args, tuple(kwargs.items()), (result,), loc, method))
        return result

    def emit_load(self, src: Operand, place: Attr | Index, t: Type, loc: Loc, old: Value | None = None) -> Value:
        result = self.define(old, t) if old is not None else self.value(t, None, loc)
        self.emit(Load(src, place, result, loc))
        return result

    def constant_bound(self, item: Item) -> Operand:
        """A bound of a slice."""
        return self.constant(item) if isinstance(self.type_of(item), NoneType) else self.operand(item)

    # -- places that were read and are written back

    def slot(self, t: Type) -> Type:
        """The type of what is read from a slot of a container; in the first walk it isn't known yet what a slot that
        starts with None is given."""
        if isinstance(t, NoneType) and self.first:
            self.containers.changed = True
            return BOTTOM
        return t

    def stable(self, result: Value, name: str, shown: str | None = None) -> Value:
        """A lowered value of inference's own that belongs to another; the same one in every walk."""
        return self._stable.setdefault((result, name), Value(shown, loc=result.loc))

    def note_view(self, result: Value, src: Operand, place: Attr | Index) -> None:
        """Remember where a reference came from: `a[1:3] += v` writes it back to the same place."""
        self.views[result] = (src, place, len(self.builder.ops), self.builder.ops)

    def is_own_view(self, op: Store, dst: Item, value: Item) -> bool:
        """Whether a store writes a reference back to where it was read, and it can't have changed between."""
        found = self.views.get(value) if isinstance(value, Value) else None
        if found is None:
            return False
        src, place, start, ops = found
        same = src is dst and _same_place(place, op.place)
        if not same or isinstance(strip(self.type_of(dst)), Array):
            return same
        return ops is self.builder.ops and all(map(_harmless, ops[start:]))

    # -- type rules

    def row(self, d: Def, args: Parts, kwargs: Mapping[str, Item], loc: Loc) -> Type:
        """The result type of a row of the table, with what is known of the value."""
        types = tuple(map(self.type_of, args))
        named = {k: self.type_of(v) for k, v in kwargs.items()}
        try:
            found = refined(d, types, named)
            if not isinstance(found, Bottom) or not any(map(_is_starved, types)):
                return found
            self.starved = True
            return refined(d, tuple(map(_as_empty, types)), named) if self.empties else found
        except DiffTypeError as err:
            if err.loc.line:
                raise
            kinds = tuple(map(strip, types))  # `x / 0` raises when it runs, and has a type
            if kinds != types and not named and all(isinstance(k, Scalar) for k in kinds):
                return self._unrefined(d, kinds, loc, err)
            raise DiffTypeError(err.reason, loc=loc, hint=err.hint, code=err.code) from None
        except UnsupportedError as err:
            raise err if err.loc.line else UnsupportedError(err.reason, loc=loc, hint=err.hint, code=err.code) from None
        except (TypeError, ValueError, LookupError, AttributeError) as err:
            shown = ", ".join(map(str, types))
            raise DiffTypeError(f"{d.name}({shown}): {err}", loc=loc) from err

    def _unrefined(self, d: Def, kinds: tuple[Type, ...], loc: Loc, err: DiffTypeError) -> Type:
        try:
            return refined(d, kinds, {})
        except DiffTypeError:
            raise DiffTypeError(err.reason, loc=loc, hint=err.hint, code=err.code) from None

    def constant(self, item: Item) -> Operand:
        """The operand of an argument of a known function: what is known at compile time becomes a literal."""
        if isinstance(item, Value):
            t = self.type_of(item)
            if isinstance(t, NoneType):
                return Literal(None, None, item.loc)
            if isinstance(t, Lit) and isinstance(t.value, (bool, int, str)):
                return Literal(t.value, None, item.loc)
            if isinstance(t, Lit) and isinstance(t.value, np.dtype):
                return Literal(t.value.type, f"np.{t.value.name}", item.loc)
            if isinstance(t, Tuple) and t.items and is_constant(t):
                return Pack(tuple(Literal(i.value, None, item.loc) for i in t.items if isinstance(i, Lit)))
        if isinstance(item, Record) and isinstance(item.kind, Tuple) and item.kind.cls is None:
            return Pack(tuple(map(self.constant, item.items)), "list" if item.kind.listed else "tuple")
        return self.operand(item)


def _same_place(a: Attr | Index, b: Attr | Index) -> bool:
    """Whether two lowered places are one, by the operands they hold."""
    if isinstance(a, Attr) or isinstance(b, Attr):
        return a == b
    return len(a.items) == len(b.items) and all(map(_same_key, a.items, b.items))


def _same_key(a: object, b: object) -> bool:
    if isinstance(a, Slice) and isinstance(b, Slice):
        return all(map(_same_key, (a.lower, a.upper, a.step), (b.lower, b.upper, b.step)))
    if isinstance(a, Literal) and isinstance(b, Literal):
        return same_literal(a, b)
    return a is b


def _harmless(op: Op) -> bool:
    """Whether an op can't put another reference into a slot."""
    if isinstance(op, Apply):
        return isinstance(op.fn, Def) and not op.fn.effect
    return isinstance(op, (Load, View)) or (isinstance(op, Store) and isinstance(strip(op.dst.type), Array))


def refuse(reason: str, loc: Loc, hint: str = "") -> UnsupportedError:
    return UnsupportedError(reason, loc=loc, hint=hint)


def localized(t: Type, symbols: set[str]) -> Type:
    return map_dims(t, without(symbols))


def _is_starved(t: Type) -> bool:
    t = strip(t)
    return isinstance(t, List) and isinstance(t.item, Bottom)


def _as_empty(t: Type) -> Type:
    """The type of an empty list of numbers, in place of that of a list in which nothing has been put."""
    return List(FLOAT) if _is_starved(t) else t
