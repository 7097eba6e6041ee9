"""What the forward sweep does to twins beside each op (see `ad/twins.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..defs.structural import (
    CONSTRUCT,
    DICT,
    DICT_POP,
    LIST,
    LIST_APPEND,
    LIST_INSERT,
    LIST_NEW,
    LIST_POP,
    TUPLE,
    UNPACK,
)
from ..defs.table import Def
from ..errors import UnsupportedError
from ..ir.ops import WHOLE, Apply, Enumerate, For, Load, Op, Reversed, Seq, Space, Store, View, Zip
from ..ir.types import Array, Dict, Table, carries_derivative, is_memory, strip
from ..ir.values import UNDEF, Operand, Pack, Value, is_undef
from ..ir.walk import results, values_in
from ..runtime import helpers
from .layout import decided_by_layout, of_shadow
from .parts import holds_memory
from .slots import ZERO, Edits, is_array, is_container, is_empty_container, is_number, table

_DISPLAYS = (LIST, DICT, CONSTRUCT, TUPLE, LIST_NEW)


class Mirror:
    """The ops on twins that go with an op of the primal."""

    def __init__(self, edits: Edits) -> None:
        self.e = edits
        self.out: list[Op] = []

    def twin(self, operand: Operand) -> Operand:
        """The twin of what flows into a join."""
        if isinstance(operand, Value) and operand in self.e.twins:
            return self.e.twins[operand]
        return UNDEF if isinstance(operand, Value) or is_undef(operand) else operand

    def beside(self, op: Op) -> list[Op]:
        """What is done to twins behind a leaf op."""
        self.out = []
        if isinstance(op, Store):
            self._store(op)
        elif isinstance(op, Apply) and op.fn in (DICT_POP, LIST_APPEND, LIST_INSERT, LIST_POP):
            self._list(op)
        elif isinstance(op, Apply) and op.fn is UNPACK and any(r in self.e.twins for r in op.results):
            made = tuple(self.e.twins.get(r, Value(None, r.type, loc=r.loc)) for r in op.results)
            self.out.append(replace(op, args=(self.twin(op.args[0]),), results=made))
        else:
            for v in results(op):
                if v in self.e.twins and v not in self.e.given:
                    self._made(op, v, self.e.twins[v])
        return self.out

    def _store(self, op: Store) -> None:
        """References that containers get; a number that a dict gets may have a new key."""
        if not isinstance(op.dst, Value) or op.dst not in self.e.twins or is_array(op.dst):
            return
        if _is_held(op.value) or isinstance(strip(op.dst.type), (Dict, Table)):
            self.out.append(replace(op, dst=self.e.twins[op.dst], value=self.item(op.value)))

    def _list(self, op: Apply) -> None:
        container = op.args[0]
        if container not in self.e.twins:
            return
        if op.fn in (LIST_APPEND, LIST_INSERT):
            at = op.args[1:-1]
            self.out.append(replace(op, args=(self.twin(container), *at, self.item(op.args[-1])), method=""))
            return
        twin = self.e.twins.get(op.results[0]) or Value(None, op.results[0].type, loc=op.loc)
        self.out.append(replace(op, args=(self.twin(container), *op.args[1:]), results=(twin,), method=""))

    def _made(self, op: Op, v: Value, twin: Value) -> None:
        if v in self.e.same:
            self.out.append(View(self.twin(self.e.same[v]), WHOLE, twin, v.loc))
        elif isinstance(op, View) or (isinstance(op, Load) and not is_array(op.src)):
            self.out.append(replace(op, src=self.twin(op.src), result=twin))
        elif isinstance(op, Apply):
            self._applied(op, v, twin)
        else:
            self.out.append(_zeros(v, twin))

    def _applied(self, op: Apply, v: Value, twin: Value) -> None:
        if op.fn in _DISPLAYS:
            self.out.append(replace(op, args=tuple(map(self.item, op.args)), results=(twin,), method=""))
        elif getattr(op.fn, "alias", "fresh") == "view":
            self.out.append(replace(op, args=(self.twin(op.args[0]), *op.args[1:]), results=(twin,)))
        elif is_array(v) and decided_by_layout(op):
            self.out += of_shadow(op, self.twin(op.args[0]), twin)
        elif not isinstance(op.fn, Def):
            self.out.append(_zeros(v, twin))  # a call that is never reversed, as an exception always follows
        elif op.fn.name == "mul" and is_container(v):
            self.out.append(replace(op, args=tuple(map(self.item, op.args)), results=(twin,)))
        elif is_array(v) or op.fn.name == "zeros_of" or not any(map(_is_holder, values_in(*op.args))):
            self.out.append(_zeros(v, twin))
        else:
            raise UnsupportedError(
                f"the memory that `{op.fn.name}` gives can't be mirrored for its adjoint", loc=v.loc, code="DS311",
                hint="copy it first (`.copy()`), or pass its parts as arguments",
            )  # fmt: skip

    def item(self, operand: Operand) -> Operand:
        """What a twin container holds in the place of an item: its twin, zero for a number."""
        if isinstance(operand, Pack):
            return Pack(tuple(map(self.item, operand.items)), operand.kind)
        if isinstance(operand, Value) and operand in self.e.twins:
            return self.e.twins[operand]
        if not carries_derivative(operand.type) and not is_empty_container(operand.type):
            return operand
        if is_number(operand):
            return ZERO
        zeros = Value(None, strip(operand.type), loc=operand.loc)
        self.out.append(Apply(table(helpers.zeros_of), (operand,), (), (zeros,), operand.loc))
        return zeros

    # -- rows of a loop

    def space(self, op: For) -> tuple[Space, list[Value]]:
        """The iteration space of a loop, and its variables, with the twins of the rows that it takes."""
        params: list[Value] = []
        return self._paired(op.space, iter(op.body.params), params), params

    def _paired(self, space: Space, given: Iterator[Value], params: list[Value]) -> Space:
        if isinstance(space, Zip):
            items: list[Space] = []
            for item in space.items:
                made = self._paired(item, given, params)
                items += made.items if isinstance(made, Zip) and not isinstance(item, Zip) else [made]
            return Zip(tuple(items))
        if isinstance(space, Enumerate):
            params.append(next(given))
            return Enumerate(self._paired(space.item, given, params), space.start)
        back = isinstance(space, Reversed)
        inner = space.item if isinstance(space, Reversed) else space
        params.append(next(given))
        if not isinstance(inner, Seq) or params[-1] not in self.e.twins:
            return space
        params.append(self.e.twins[params[-1]])
        other = Seq(self.twin(inner.value))
        return Zip((space, Reversed(other) if back else other))


def _is_held(operand: Operand) -> bool:
    """Whether a container holds this by reference."""
    if isinstance(operand, Pack):
        return True
    t = strip(operand.type)
    return isinstance(t, Array) or is_memory(t) or not is_number(operand)


def _zeros(v: Value, twin: Value) -> Op:
    return Apply(table(np.zeros_like if is_array(v) else helpers.zeros_of), (v,), (), (twin,), v.loc)


def _is_holder(v: Value) -> bool:
    """Whether what a function makes of this may share memory with what it holds."""
    return holds_memory(v.type) and not is_array(v)
