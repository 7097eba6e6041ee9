"""Names from outside a function: closure cells, globals, builtins, and dotted names on modules and classes.

They are read once, when the function is lowered, and become literals that remember their text.
`reads` records each of them, so that a compiled derivative can check at its entry that they are
still what they were.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from ..defs.syntax import refusal
from ..defs.table import method_of
from ..ir.values import Literal
from ..source import Loc

_MISSING = object()


@dataclass(slots=True)
class Globals:
    """What a function sees of the world. `reads`: dotted name -> (kind, value), in the order of first use; of
    kind "import" are names that the function imports itself, as "module:attribute"."""

    cells: Mapping[str, Any]
    globals: Mapping[str, Any]
    builtins: Mapping[str, Any]
    reads: dict[str, tuple[str, object]] = field(default_factory=dict)
    #: by imports in the function itself: what they are, and their names in general
    imported: Mapping[str, tuple[object, str, str]] = field(default_factory=dict)

    def read(self, name: str, loc: Loc) -> Literal:
        """The value of a name.

        Raises:
            UnsupportedError: it isn't bound (yet).
        """
        kind, value = self._find(name)
        if value is _MISSING:
            raise refusal("unbound", loc, name=name)
        if kind == "import":
            self.reads.setdefault(self.imported[name][2], (kind, value))
            return Literal(value, self.imported[name][1], loc)
        self.reads.setdefault(name, (kind, value))
        return Literal(value, name, loc)

    def find(self, name: str) -> object:
        """What a name stands for now, without noting that it was read; None if it isn't bound."""
        value = self._find(name)[1]
        return None if value is _MISSING else value

    def peek(self, name: str) -> object:
        """The value of a name; None if it isn't bound."""
        kind, value = self._find(name)
        if value is _MISSING:
            return None
        if kind != "import":
            self.reads.setdefault(name, (kind, value))
        return value

    def _find(self, name: str) -> tuple[str, object]:
        if name in self.imported:
            return "import", self.imported[name][0]
        if name in self.cells:
            try:
                return "cell", self.cells[name].cell_contents
            except ValueError:  # the enclosing function hasn't assigned it yet
                return "cell", _MISSING
        if name in self.globals:
            return "global", self.globals[name]
        return "builtin", self.builtins.get(name, _MISSING)

    def attribute(self, base: Literal, attr: str, loc: Loc) -> Literal | None:
        """`np.pi`, `mymod.K`, `Color.RED`: the attribute of a module or class known by name, a method of an instance that
        has a row; None for other objects."""
        if base.text is None:
            return None
        text = f"{base.text}.{attr}"
        if not isinstance(base.value, ModuleType | type):
            row = method_of(base.value, attr)
            return None if row is None else Literal(row.fn, text, loc)  # not read: what it is hangs on the instance alone
        value = getattr(base.value, attr, _MISSING)
        if value is _MISSING:
            raise refusal("unbound", loc, name=text)
        if base.text in self.reads or not self.imported:
            kind, _ = self.reads.get(base.text, ("global", None))
            self.reads.setdefault(text, (kind, value))
        elif isinstance(base.value, ModuleType):
            self.reads.setdefault(f"{base.value.__name__}:{attr}", ("import", value))
        return Literal(value, text, loc)


def globals_of(f: FunctionType, imported: Mapping[str, tuple[object, str, str]] | None = None) -> Globals:
    """The names that a function object sees; `imported`: by imports of its own."""
    cells = dict(zip(f.__code__.co_freevars, f.__closure__ or ()))
    known = f.__globals__.get("__builtins__", builtins)
    return Globals(
        cells, f.__globals__, vars(known) if isinstance(known, ModuleType) else known, imported=imported or {}
    )
