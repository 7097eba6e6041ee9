"""Rows for what the language itself does: displays, unpacking, closures, messages, saved lists.

They have no derivative rule of their own: the passes know their meaning."""

from __future__ import annotations

from typing import Any

from .table import Def, register


def _structural(name: str, **facts: Any) -> Def:
    def fn(*args: Any) -> Any:
        raise TypeError(f"{name} is an op of the IR, not a function")

    return register(Def(name, fn, "structural", **facts))


def truth(value: Any) -> bool:
    """What `if`, `while` and `not` see of a value."""
    return bool(value)


TEST = register(Def("test", truth, "zero", cheap=True))  # before types only: `bool`, where it isn't one already
UNPACK = _structural("unpack", raises=True, alias="maybe")  # (sequence) -> one result per target
SPREAD = _structural("spread")  # (tuple or dict): an argument of a lowered call that stands for its items
CLOSURE = _structural("closure")  # (Literal(lifted Func), *captures)
TUPLE = _structural("tuple_of")  # (*items): a tuple that must exist as one value
LIST = _structural("list_of")  # (*items): a list that must exist as one value
DICT = _structural("dict_of")  # (Pack(key, value), ...)
FSTRING = _structural("fstring", raises=True)  # parts: Literal str or Pack((value, Literal conversion, Literal spec))
ASSERT = _structural("assert_", raises=True, effect="io")  # (condition, message or Literal(None))
LIST_NEW = _structural("list_new")  # () -> []
CELL = _structural("cell")  # () -> the list of one that keeps a variable, which has no value yet
LIST_APPEND = _structural("list_append", writes=(0,), effect="list")  # (list, value): no result
LIST_POP = _structural("list_pop", writes=(0,), effect="list")  # (list[, position]) -> value
LIST_CUT = _structural("list_cut", writes=(0,), effect="list")  # (list, start[, stop]): drops these items
COMMENT = _structural("comment", effect="io")  # (Literal text): a line comment; "forward" and "reverse" mark sections
INSERT = _structural("insert_grad_of", alias="view")  # (value, Literal(FuncRef), *captures) -> the value: `ad/inserts.py`
SNAPSHOT = _structural("snapshot")  # (array or view) -> copy of its contents now; printed x.copy()
LIST_INSERT = _structural("list_insert", writes=(0,), effect="list")  # (list, position, value): no result
DICT_POP = _structural("dict_pop", writes=(0,), effect="list", raises=True)  # (dict, key) -> value
SUPER = _structural("super_of")  # (class, instance): `super()`, resolved when types are known
CONSTRUCT = _structural("construct")  # (Literal class, *fields): dataclass or NamedTuple by field order
NOTE = _structural("note", effect="io")  # (Literal name, value): handlers see the variable so; see `ir/ops.py: Guard`

# Markers inside a reverse sweep that is being made; `ad/plan.py` replaces them.
WANT = _structural("want", alias="maybe")  # (Literal(primal Value)) -> its value in this reversed region
MIRROR = _structural("mirror", effect="io")  # (Literal(primal Block), *known values): this block reverses that one
