"""The types of IR values, and the lattice they form.

Scalars:  `float` is a Python float or an np.float64 (their join), `f64` is certainly np.float64, `f32` np.float32, ...;
`int`, `bool`, `complex`, `i64`, ... likewise.
Arrays:   `Array("f64", dims)`, printed `f64[n, m]`.  A dimension is an `int` (known size), a name such as `n` (a size that
is certainly not 1: the sizes of array arguments), an affine form such as `n-2` or a name such as `%k` (an int of the
program; both may turn out to be 1), `*` (not known, but certainly not 1), or None (unknown, printed `:`).
Join:     bottom < literal < scalar < array; what has no join is `Any`, which carries no derivative.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..plain import dataclass

Dim = int | str | None
Fields = tuple[tuple[str, "Type"], ...]
#: classes that hold others of their own, with the fields of each
System = tuple[tuple[type, Fields], ...]
#: a size that isn't known but is certainly not 1
MANY = "*"


@dataclass(frozen=True, slots=True)
class Type:
    """Base of all types."""

    def __str__(self) -> str:
        return type(self).__name__


@dataclass(frozen=True, slots=True)
class Bottom(Type):
    """No value yet: the start of a fixpoint, and the type of UNDEF."""

    def __str__(self) -> str:
        return "undef"


@dataclass(frozen=True, slots=True)
class AnyType(Type):
    """Unknown; never active."""

    def __str__(self) -> str:
        return "Any"


@dataclass(frozen=True, slots=True)
class SetOf(AnyType):
    """A set. Like all of which nothing is known it carries no derivative, but what its items are is known."""

    item: Type

    def __str__(self) -> str:
        return f"set[{self.item}]"


@dataclass(frozen=True, slots=True)
class NoneType(Type):
    def __str__(self) -> str:
        return "None"


@dataclass(frozen=True, slots=True)
class StrType(Type):
    def __str__(self) -> str:
        return "str"


@dataclass(frozen=True, slots=True)
class Opaque(Type):
    """An object of a known class that isn't looked into and carries no derivative: a source of random numbers, a spline or
    sparse matrix by itself. `held`: the type of its contents, where it has some and that is known (`defs/objects.py`)."""

    cls: type
    held: Type | None = None

    def __str__(self) -> str:
        return f"object[{self.cls.__name__}{'' if self.held is None else f': {self.held}'}]"


@dataclass(frozen=True, slots=True)
class Scalar(Type):
    """A number: kind is one of SCALAR_KINDS."""

    kind: str

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class Lit(Type):
    """A value known at compile time (a flag, an axis, a string, None inside a join ...), of type `base`."""

    value: object
    base: Type

    def __str__(self) -> str:
        return f"{self.base}={self.value!r}"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Lit)
            and type(self.value) is type(other.value)
            and self.base == other.base
            and bool(self.value == other.value)
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.base))


@dataclass(frozen=True, slots=True)
class Array(Type):
    """An ndarray: dtype is an array kind such as "f64"; one Dim per axis. ndim 0 is a 0-d array (mutable)."""

    dtype: str
    dims: tuple[Dim, ...]

    @property
    def ndim(self) -> int:
        return len(self.dims)

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join(':' if d is None else str(d) for d in self.dims)}]"


@dataclass(frozen=True, slots=True)
class Tuple(Type):
    """A tuple, taken apart at compile time; a NamedTuple when `cls` and `names` are given. `listed`: a list that nobody
    changes, whose items are known by position."""

    items: tuple[Type, ...]
    cls: type | None = None
    names: tuple[str, ...] = ()
    listed: bool = False

    def __str__(self) -> str:
        if self.listed:
            return f"[{', '.join(map(str, self.items))}]"
        if self.cls is None:
            return f"({', '.join(map(str, self.items))}{',' if len(self.items) == 1 else ''})"
        inner = ", ".join(f"{n}: {t}" for n, t in zip(self.names, self.items))
        return f"{self.cls.__name__}({inner})"


@dataclass(frozen=True, slots=True)
class List(Type):
    """A homogeneous list (mutable)."""

    item: Type

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True, slots=True)
class Table(List):
    """A dict whose keys are known at run time only: like a list, all its values are of one type. `factory` makes the
    values of missing keys (`defaultdict`)."""

    key: Type
    factory: object = None

    def __str__(self) -> str:
        return f"dict[{self.key}, {self.item}]"


@dataclass(frozen=True, slots=True)
class Dict(Type):
    """A dict with constant keys, each with its own type (mutable). `open`: at times it may not have all of them."""

    items: tuple[tuple[object, Type], ...]
    open: bool = False

    def __str__(self) -> str:
        shown = [f"{k!r}: {t}" for k, t in self.items] + ["..."] * self.open
        return "{" + ", ".join(shown) + "}"


@dataclass(frozen=True, slots=True)
class Struct(Type):
    """An instance of a class with a field table (dataclass or plain class). Frozen ones are values, others memory.

    Instances that hold others of their class, to a depth that only the program knows (lists of nodes, trees), have a
    recursive type: in their fields, `Back` stands for a class whose fields are in `system`, in that of each of them.
    """

    cls: type
    fields: Fields
    frozen: bool = False
    system: System = ()

    def field(self, name: str) -> Type | None:
        found = dict(self.fields).get(name)
        return found if found is None or not self.system else opened(found, self.system)

    def __str__(self) -> str:
        inner = ", ".join(f"{n}: {t}" for n, t in self.fields)
        return f"{self.cls.__name__}{{{inner}}}"


@dataclass(frozen=True, slots=True)
class Back(Type):
    """In the fields of a recursive type: an instance of a class whose fields are known further out."""

    cls: type

    def __str__(self) -> str:
        return f"^{self.cls.__name__}"


@dataclass(frozen=True, slots=True)
class Union(Type):
    """An instance of one of several classes: of a `Struct` each, or of a `Back`."""

    kinds: tuple[Struct | Back, ...]

    @property
    def structs(self) -> tuple[Struct, ...]:
        return tuple(k for k in self.kinds if isinstance(k, Struct))

    def field(self, name: str) -> Type | None:
        """The type of an attribute, of whichever class it is; None where no class has it."""
        found = [t for k in self.structs if (t := k.field(name)) is not None]
        out: Type = BOTTOM
        for t in found:
            out = join(out, t)
        return out if found else None

    def __str__(self) -> str:
        return " | ".join(map(str, self.kinds))


@dataclass(frozen=True, slots=True)
class FuncType(Type):
    """A function known by its content: a Python function, or a lifted inner function with the types of its captures."""

    target: object
    captures: tuple[Type, ...] = ()

    def __str__(self) -> str:
        return f"func {getattr(self.target, 'name', getattr(self.target, '__name__', '?'))}"


@dataclass(frozen=True, slots=True)
class Maybe(Type):
    """A value of another type, or None. Only what asks whether it is None tells the two apart: any other use of None
    raises in the program itself, so for the passes it is a value of the other type (`strip`)."""

    item: Type

    def __str__(self) -> str:
        return f"{self.item} | None"


@dataclass(frozen=True, slots=True)
class OneOf(Type):
    """One of several known functions: which one (an int), and what each captures."""

    options: tuple[FuncType, ...]

    def __str__(self) -> str:
        return " | ".join(map(str, self.options))


BOTTOM, ANY, NONE, STR = Bottom(), AnyType(), NoneType(), StrType()
FLOAT, INT, BOOL, COMPLEX = Scalar("float"), Scalar("int"), Scalar("bool"), Scalar("complex")
F64, F32, I64, C128 = Scalar("f64"), Scalar("f32"), Scalar("i64"), Scalar("c128")

#: array kind -> numpy dtype name
DTYPES = {
    "f16": "float16", "f32": "float32", "f64": "float64", "f128": "longdouble",
    "c64": "complex64", "c128": "complex128", "c256": "clongdouble",
    "b1": "bool", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
    "u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64",
}  # fmt: skip
SCALAR_KINDS = frozenset({"float", "int", "bool", "complex", *DTYPES})
#: the array kind in which a Python scalar is stored
STORED = {"float": "f64", "int": "i64", "bool": "b1", "complex": "c128"}
INEXACT = frozenset({"float", "complex", "f16", "f32", "f64", "f128", "c64", "c128", "c256"})
COMPLEX_KINDS = frozenset({"complex", "c64", "c128", "c256"})


def strip(t: Type) -> Type:
    """The type without what is known of the value, and of what may be None, the type where it isn't."""
    if isinstance(t, Maybe):
        return t.item
    return t.base if isinstance(t, Lit) else t


def unlit(t: Type) -> Type:
    """The type without what is known of the value; it may still be None."""
    return t.base if isinstance(t, Lit) else t


def maybe(t: Type) -> Type:
    """The type of what is of type `t` or None; Any for what can't be told from None by its value alone."""
    if isinstance(t, (NoneType, Maybe)):
        return t
    if isinstance(t, Bottom):
        return NONE
    single = isinstance(t, (Scalar, StrType, Array, List, Dict, Union, Back)) or (
        isinstance(t, Struct) and not t.frozen
    )
    return Maybe(t) if single else ANY


def there(t: Type) -> Type:
    """The type of a value where it isn't None."""
    return BOTTOM if isinstance(t, NoneType) else t.item if isinstance(t, Maybe) else t


def kind_of(t: Type) -> str | None:
    """The number kind of a scalar or array type, else None."""
    t = strip(t)
    if isinstance(t, Scalar):
        return t.kind
    return t.dtype if isinstance(t, Array) else None


def carries_derivative(t: Type) -> bool:
    """Whether a value of this type can be active: a float or complex number or array, or something that holds one."""
    t = strip(t)
    match t:
        case Scalar() | Array():
            return kind_of(t) in INEXACT
        case Tuple():
            return any(map(carries_derivative, t.items))
        case List():
            return carries_derivative(t.item)
        case Dict():
            return any(carries_derivative(v) for _, v in t.items)
        case Struct():
            return any(carries_derivative(v) for fields in fields_of(t) for _, v in fields)
        case Union():
            return any(map(carries_derivative, t.kinds))
        case FuncType():
            return any(map(carries_derivative, t.captures))
        case OneOf():
            return any(map(carries_derivative, t.options))
    return False


def holds_listed(t: Type) -> bool:
    """Whether values of a type are, or hold, lists whose items are known by position."""
    match t:
        case Tuple():
            return t.listed or any(map(holds_listed, t.items))
        case List():
            return holds_listed(t.item)
        case Dict():
            return any(holds_listed(v) for _, v in t.items)
        case Struct():
            return any(holds_listed(f) for _, f in t.fields)
    return False


def holds_unknown(t: Type) -> bool:
    """Whether nothing is known of a value of this type, or of something that it holds."""
    t = strip(t)
    match t:
        case SetOf():
            return not isinstance(t.item, Bottom) and holds_unknown(t.item)
        case AnyType() | Bottom():
            return True
        case Tuple():
            return any(map(holds_unknown, t.items))
        case List():
            return not isinstance(t.item, Bottom) and holds_unknown(t.item)  # into which nothing is put
        case Dict():
            return any(holds_unknown(v) for _, v in t.items)
        case Struct():
            return any(holds_unknown(v) for fields in fields_of(t) for _, v in fields)
        case Union():
            return any(map(holds_unknown, t.kinds))
    return False


def is_complex(t: Type) -> bool:
    return kind_of(t) in COMPLEX_KINDS


def is_mixed(kinds: Sequence[Type], joined: Type) -> bool:
    """Whether nothing is known of what a list display holds, but by position."""
    return bool(kinds) and holds_unknown(joined) and not any(map(holds_unknown, kinds))


def is_memory(t: Type) -> bool:
    """Whether values of this type are references to something that can be written."""
    t = strip(t)
    if isinstance(t, Struct):
        return not t.frozen
    return isinstance(t, (Array, List, Dict, Union, Back))


def may_be_one(d: Dim) -> bool:
    """Whether a dimension may turn out to have size 1, so that NumPy may broadcast it."""
    if isinstance(d, int):
        return d == 1
    return d is None or (d != MANY and (d.startswith("%") or not d.isidentifier()))


def same_dim(a: Dim, b: Dim) -> bool:
    """Whether two dimensions certainly have one size."""
    return a is not None and a != MANY and a == b


def same_shape(a: Type, b: Type) -> bool:
    """Whether two arrays that meet in one operation certainly have one shape: sizes that differ and can't be 1 would not
    broadcast."""
    s, t = strip(a), strip(b)
    if not isinstance(s, Array) or not isinstance(t, Array) or s.ndim != t.ndim:
        return False
    return all(same_dim(x, y) or not (may_be_one(x) or may_be_one(y)) for x, y in zip(s.dims, t.dims))


def join_dim(a: Dim, b: Dim) -> Dim:
    if same_dim(a, b):
        return a
    return None if may_be_one(a) or may_be_one(b) else MANY


_PY_OF = {"f64": "float", "i64": "int", "b1": "bool", "c128": "complex"}
_RANK = ("b1", "u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f16", "f32", "f64", "f128", "c64", "c128", "c256")


def join(a: Type, b: Type) -> Type:
    """The least type that holds both. Any when there is none; an inexact scalar joined with an array is that array."""
    if a == b:
        return a
    if isinstance(a, Bottom):
        return b
    if isinstance(b, Bottom):
        return a
    if isinstance(a, (NoneType, Maybe)) or isinstance(b, (NoneType, Maybe)):
        return maybe(strip(join(there(a), there(b))))
    if isinstance(a, Lit) or isinstance(b, Lit):
        return join(strip(a), strip(b))
    match a, b:
        case Scalar(), Scalar():
            return _join_scalars(a.kind, b.kind)
        case Array(), Array() if a.ndim == b.ndim and a.dtype == b.dtype:
            return Array(a.dtype, tuple(map(join_dim, a.dims, b.dims)))
        case Tuple(), Tuple() if len(a.items) == len(b.items) and a.cls is b.cls and a.listed is b.listed:
            return replace(a, items=tuple(map(join, a.items, b.items)))
        case (Table(), List()) | (List(), Table()):
            return join_tables(a, b, join)
        case List(), List():
            return List(join(a.item, b.item))
        case Opaque(), Opaque() if (base := _common(a.cls, b.cls)) is not None:
            return Opaque(base)
        case SetOf(), SetOf() if not carries_derivative(item := join(a.item, b.item)) and item != ANY:
            return SetOf(item)
        case Dict(), Dict() if [k for k, _ in a.items] == [k for k, _ in b.items]:
            items = tuple((k, join(s, t)) for (k, s), (_, t) in zip(a.items, b.items))
            return Dict(items, a.open or b.open)
        case (Struct() | Union() | Back(), Struct() | Union() | Back()) if (either := unite(a, b)) is not None:
            return either
        case Struct(), Struct() if (
            a.cls is b.cls and not a.system and not b.system and [k for k, _ in a.fields] == [k for k, _ in b.fields]
        ):
            return replace(a, fields=tuple((k, join(s, t)) for (k, s), (_, t) in zip(a.fields, b.fields)))
    return ANY


def _common(a: type, b: type) -> type | None:
    """The nearest class that two have as a base; None for what has members of its own, or where there is none."""
    if issubclass(a, enum.Enum) or issubclass(b, enum.Enum):
        return None
    found = next(c for c in a.__mro__ if issubclass(b, c))
    return None if found is object else found


def fields_of(t: Struct) -> list[Fields]:
    """The fields of an instance, and those of the classes that its type is recursive in."""
    return [t.fields, *(fields for cls, fields in t.system if cls is not t.cls)]


def is_object(t: Type) -> bool:
    """Whether values are instances that can be written."""
    return isinstance(t, (Union, Back)) or (isinstance(t, Struct) and not t.frozen)


def system_of(t: Type) -> System:
    """The classes that a type is recursive in, with their fields."""
    return next((k.system for k in kinds_of(strip(t)) if isinstance(k, Struct) and k.system), ())


def opened(t: Type, system: System) -> Type:
    """A type from within the fields of a recursive one, as it is outside of it."""
    known = dict(system)
    return map_objects(t, lambda b: Struct(b.cls, known[b.cls], False, system) if isinstance(b, Back) else None)


def map_objects(t: Type, change: Callable[[Type], Type | None]) -> Type:
    """The type with instances in it changed, from outside in; None: to go on further in."""
    if isinstance(t, (Struct, Back)) and (new := change(t)) is not None:
        return new
    match t:
        case Tuple():
            return replace(t, items=tuple(map_objects(i, change) for i in t.items))
        case List():
            return replace(t, item=map_objects(t.item, change))
        case Dict():
            return replace(t, items=tuple((k, map_objects(v, change)) for k, v in t.items))
        case Struct():
            return replace(t, fields=tuple((k, map_objects(v, change)) for k, v in t.fields))
        case Maybe():
            return Maybe(map_objects(t.item, change))
        case FuncType():
            return replace(t, captures=tuple(map_objects(c, change) for c in t.captures))
        case Union():
            kinds = [k for kind in t.kinds for k in kinds_of(map_objects(kind, change))]
            return united(kinds)
    return t


def kinds_of(t: Type) -> tuple[Struct | Back, ...]:
    """The classes with their fields that a value of this type may be an instance of."""
    if isinstance(t, Union):
        return t.kinds
    return (t,) if isinstance(t, (Struct, Back)) else ()


def united(kinds: Iterable[Struct | Back]) -> Type:
    """An instance of one of these; those of one class are joined."""
    found: dict[tuple[type, bool], Type] = {}
    for kind in kinds:
        key = (kind.cls, isinstance(kind, Back))
        found[key] = join(found[key], kind) if key in found else kind
    if any(isinstance(k, AnyType) for k in found.values()):
        return ANY
    ordered = sorted(found, key=lambda key: (key[0].__module__, key[0].__qualname__, key[1]))
    out = tuple(k for key in ordered for k in kinds_of(found[key]))
    return out[0] if len(out) == 1 else Union(out)


def nests(t: Type, cls: type, deep: bool = False) -> bool:
    """Whether a type holds instances of a class at places where there may be any number of them, or none."""
    match t:
        case Struct():
            return (deep and t.cls is cls) or any(nests(f, cls, deep) for _, f in t.fields)
        case Maybe() | List():
            return nests(t.item, cls, True)
        case Union():
            return any(nests(k, cls, True) for k in t.kinds)
        case Dict():
            return any(nests(v, cls, deep) for _, v in t.items)
        case Tuple():
            return any(nests(i, cls, deep) for i in t.items)
    return False


def unite(a: Type, b: Type) -> Type | None:
    """The join of instances of different classes, or that may be; None where both are of one, or are values."""
    if not is_object(a) or not is_object(b) or (isinstance(a, Struct) and isinstance(b, Struct) and a.cls is b.cls):
        return None
    return united((*kinds_of(a), *kinds_of(b)))


def told_apart(joined: Type, kinds: Sequence[Type]) -> bool:
    """Whether items of these types, joined, are instances of different classes, and the class of each is known."""
    return isinstance(joined, Union) and not any(isinstance(k, Union) for k in kinds)


def join_tables(a: Type, b: Type, join_parts: Callable[[Type, Type], Type]) -> Type:
    """The join of two lists of which one at least is a table."""
    if not isinstance(a, Table) or not isinstance(b, Table):
        return ANY
    return Table(join_parts(a.item, b.item), join_parts(a.key, b.key), a.factory or b.factory)


def _join_scalars(a: str, b: str) -> Type:
    """`float` with `f64` is `float`; int with float is float (their derivative type); else the wider NumPy kind."""
    if STORED.get(a, a) == STORED.get(b, b):
        return Scalar(_PY_OF.get(STORED.get(a, a), a))
    if "bool" in (a, b) or "b1" in (a, b):
        return ANY
    weak = [k for k in (a, b) if k in STORED]
    wide = max(STORED.get(a, a), STORED.get(b, b), key=_RANK.index)
    return Scalar(_PY_OF.get(wide, wide)) if weak else Scalar(wide)
