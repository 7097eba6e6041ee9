"""Operands of ops: SSA values, literals, and packs (tuple and list displays, taken apart at compile time)."""

from __future__ import annotations

from functools import reduce
from typing import Any, Union, cast

import numpy as np

from ..plain import dataclass
from ..source import NOWHERE, Loc
from .types import (
    ANY,
    BOOL,
    BOTTOM,
    COMPLEX,
    DTYPES,
    FLOAT,
    INT,
    NONE,
    STR,
    Array,
    FuncType,
    List,
    Lit,
    Scalar,
    Tuple,
    Type,
    is_mixed,
    join,
)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """An SSA value. Identity is identity; `name` is the user's variable (a hint), or None for a temporary.

    `mem` is the alias class of the memory it refers to ("A", "A|B"), None for numbers.
    `active` is None before the activity stage. `hint` names a temporary, should it need a variable.
    """

    name: str | None = None
    type: Type = ANY
    mem: str | None = None
    active: bool | None = None
    loc: Loc = NOWHERE
    hint: str | None = None


class _Undef:
    def __repr__(self) -> str:
        return "undef"


@dataclass(frozen=True, eq=False, slots=True)
class Literal:
    """A constant operand. `text` is the expression that names it in the user's module (`np.pi`, `G`, `cfg.k`) when it is
    read from a global, a closure cell or a module; None for a constant written in place."""

    value: object
    text: str | None = None
    loc: Loc = NOWHERE

    @property
    def type(self) -> Type:
        return literal_type(self.value)


@dataclass(frozen=True, eq=False, slots=True)
class Pack:
    """A tuple or list display used as an operand: `np.stack([a, b])`, `return a, b`, `u, v = v, u`; or an inner function
    where it stands as an argument, `brentq(lambda x: x**2 - a, 0.0, 1.0)`: the function, and what it captures."""

    items: tuple[Operand, ...]
    kind: str = "tuple"  # or "list", "function"

    @property
    def type(self) -> Type:
        kinds = tuple(operand.type for operand in self.items)
        if self.kind == "function":
            target = self.items[0]
            return FuncType(target.value if isinstance(target, Literal) else None, kinds[1:])
        if self.kind == "list" and not is_mixed(kinds, item := reduce(join, kinds, cast(Type, BOTTOM))):
            return List(item)
        return Tuple(kinds, listed=self.kind == "list")


Operand = Union[Value, Literal, Pack]

UNDEF = Literal(_Undef())


def is_undef(operand: object) -> bool:
    return isinstance(operand, Literal) and isinstance(operand.value, _Undef)


def is_literal(operand: object, number: float) -> bool:
    """Whether an operand is a literal Python number of this value (a literal may also be an array: a global)."""
    return isinstance(operand, Literal) and isinstance(operand.value, (int, float)) and operand.value == number


def is_flag(operand: object) -> bool:
    """Whether an operand is a literal that is true or false as a whole (a literal may also be an array: a global)."""
    return isinstance(operand, Literal) and not isinstance(operand.value, np.ndarray)


def same_literal(a: Literal, b: Literal) -> bool:
    """Whether two literals are certainly one constant."""
    if a.value is b.value:
        return True
    plain = isinstance(a.value, (int, float, complex, str, bytes))
    return plain and type(a.value) is type(b.value) and bool(a.value == b.value)


def _numpy_type(value: np.generic | np.ndarray[Any, Any]) -> Type:
    """The type of an array or NumPy number read from a global."""
    kind = _KINDS.get(value.dtype)
    if kind is None or type(value) not in (np.ndarray, value.dtype.type):
        return ANY
    return Array(kind, value.shape) if isinstance(value, np.ndarray) else Scalar(kind)


_KINDS = {np.dtype(name): kind for kind, name in DTYPES.items()}


def literal_type(value: object) -> Type:
    """The type of a compile-time constant: a `Lit` over its base type where there is one, else Any."""
    base: Type
    if value is None:
        return NONE
    if isinstance(value, _Undef):
        return BOTTOM
    if isinstance(value, bool):
        base = BOOL
    elif isinstance(value, int):
        base = INT
    elif isinstance(value, float):
        base = FLOAT
    elif isinstance(value, complex):
        base = COMPLEX
    elif isinstance(value, str):
        base = STR
    elif isinstance(value, np.generic | np.ndarray):
        return _numpy_type(value)
    elif callable(value):
        return FuncType(value)
    elif isinstance(value, list) and value and all(type(item) is int for item in value):
        return List(INT)  # of another module; its items may change
    else:
        return ANY
    return Lit(value, base)
