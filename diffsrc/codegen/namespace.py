"""What the text of a module refers to by name: modules, functions of the module itself, helpers, and
objects of the user.

Names are handed out once per object; two objects that want one name get `name` and `name_1`.
"""

from __future__ import annotations

import ast
import builtins
import math
import operator
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..defs.methods import method_name
from ..defs.packages import ROWS
from ..defs.structural import CLOSURE
from ..defs.table import Def, lookup
from ..errors import InternalError
from ..ir.ops import Apply, Func, FuncRef
from ..ir.values import Literal, Operand, Pack, Value, is_undef
from ..ir.walk import operands, walk
from ..runtime import helpers, images, matrices, signals
from .closures import as_expression
from .names import is_name
from .printed import root_of

#: modules that generated text may import, by the name they get
MODULES: dict[str, Any] = {"np": np, "math": math, "operator": operator, "random": random}
MISSING = object()
HELPERS = "diffsrc.runtime"
HELPER_NAMES = frozenset(name for m in (helpers, images, matrices, signals) for name in dir(m)) | {"stop_gradient"}


class Compared:
    """Keys of functions that were printed to be compared, each made once. That of a function which calls one of those around
    it depends on these, and isn't kept: `met` are the functions that were named since a caller last looked."""

    def __init__(self) -> None:
        self._keys: dict[tuple[int, ...], tuple[Func, object]] = {}
        self._met: list[set[int]] = []

    def meet(self, func: Func) -> None:
        for met in self._met:
            met.add(id(func))

    def key(self, func: Func, among: Sequence[Func], around: Sequence[Func], make: Callable[[], object]) -> object:
        place = (id(func), *map(id, among))
        if place in self._keys:
            return self._keys[place][1]
        self._met.append(set())
        found = make()
        if self._met.pop().isdisjoint(map(id, around)):
            self._keys[place] = (func, found)
        return found


class Namespace:
    """Names at module level. `scope`: the namespace of the user's function, where it is known."""

    def __init__(self, scope: Mapping[str, object] | None = None, standalone: bool = False) -> None:
        self.scope = scope or {}
        self.standalone = standalone
        self.objects: dict[str, object] = {}
        self.funcs: dict[str, Func] = {}
        self.helpers: dict[str, Callable[..., Any]] = {}
        self._keys: dict[tuple[str, object], str] = {}
        self._alike: dict[object, str] = {}
        #: functions in whose text, printed to be compared, this one is printed
        self.within: tuple[Func, ...] = ()
        #: what is known of functions that were compared: shared with the namespaces in which their callees are printed
        self.compared = Compared()

    def add_func(self, func: Func) -> str:
        """The name of a function that the module defines."""
        key = ("func", func)
        self.compared.meet(func)
        if key not in self._keys:
            self._keys[key] = self._free(func.name)
            self.funcs[self._keys[key]] = func
        return self._keys[key]

    def add_alike(self, func: Func) -> str:
        """The name of a user's function that the module defines; instances that print alike are one."""
        from .module import function_key

        if ("func", func) in self._keys:
            self.compared.meet(func)
            return self._keys["func", func]
        same = function_key(func, within=self.within, compared=self.compared)
        if same not in self._alike:
            self._alike[same] = self.add_func(func)
        return self._keys.setdefault(("func", func), self._alike[same])

    def reserve(self, func: Func, name: str) -> None:
        """Give a function of the module exactly this name."""
        self._keys["func", func] = name
        self.funcs[name] = func

    def inject(self, hint: str, value: object) -> str:
        """The name under which an object stands in the module's namespace."""
        key = ("object", identity(value))
        if key not in self._keys:
            self._keys[key] = self._free(hint if is_name(hint) else "const")
            self.objects[self._keys[key]] = value
        return self._keys[key]

    def _free(self, hint: str) -> str:
        name, k = hint, 0
        taken = HELPER_NAMES | set(MODULES) | set(dir(builtins))
        while name in self.funcs or name in self.objects or name in taken:
            k += 1
            name = f"{hint}_{k}"
        return name

    def helper(self, fn: Callable[..., Any]) -> str:
        """The name of a helper, which the module imports or holds a copy of."""
        self.helpers[fn.__name__] = fn
        return fn.__name__

    def function(self, d: Def) -> str:
        """The dotted name by which a row of the rule table is called."""
        module = getattr(d.fn, "__module__", None) or ""
        if module.startswith(HELPERS):
            return self.helper(d.fn)
        root, _, rest = d.name.partition(".")
        if root in MODULES and _follow(MODULES[root], rest) is not MISSING:
            return d.name
        if getattr(operator, d.fn.__name__, None) is d.fn:
            return f"operator.{d.fn.__name__}"
        return self.path(d.name, d.fn)

    def path(self, text: str, value: object) -> str:
        """The expression (a dotted name) that gives `value`, written as `text` where that means the same
        here.
        """
        root, _, rest = text.partition(".")
        if root in MODULES and _follow(MODULES[root], rest) is value:
            return text
        if not rest and getattr(builtins, root, MISSING) is value and root not in self.objects:
            return text
        found = lookup(value)
        if found is not None and found.fn is value and found.name.partition(".")[0] in MODULES:
            return found.name
        if (alias := self._alias(text)) is not None:
            return alias
        if text.startswith("scipy.") and all(map(is_name, text.split("."))):
            return text
        if rest and root in self.scope and _follow(self.scope[root], rest) is value:
            return f"{self.inject(root, self.scope[root])}.{rest}"
        return self.inject(text.rpartition(".")[2] if callable(value) else text.replace(".", "_"), value)

    def _alias(self, text: str) -> str | None:
        """A function of another package's, by the name that the user's module gives the module that holds it, the instance
        whose method it is, or the function itself."""
        parts = text.split(".")
        first = next((k for k in range(len(parts) - 1, 1, -1) if ".".join(parts[:k]) in ROWS), len(parts))
        held: object = sys.modules.get(".".join(parts[:first]))
        for k in range(first, len(parts) + 1):
            if k > first:
                held = getattr(held, parts[k - 1], None)
            names = [n for n, v in self.scope.items() if v is held and is_name(n)] if held is not None else []
            if names:
                known = parts[k - 1] if parts[k - 1] in names else names[0]
                return ".".join((self.inject(known, held), *parts[k:]))
        return None

    def callee(self, ref: FuncRef) -> str:
        """How a user function is called: by the name it has in this module, or as an object put into its
        namespace.
        """
        if isinstance(ref.target, Func):
            return self.add_func(ref.target)
        inner = getattr(ref.target, "func", None)
        if isinstance(inner, Func):
            return self.instance(ref, inner)
        if ref.name in self.funcs and not callable(ref.target):
            return ref.name
        if callable(ref.target):
            return self.path(ref.name, ref.target)
        raise InternalError(f"the function {ref.name} isn't part of the module")

    def instance(self, ref: FuncRef, inner: Func) -> str:
        """A function of the user: itself, or printed where the module stands alone or takes it apart."""
        fn = getattr(ref.target, "target", None)
        if self.standalone or not getattr(ref.target, "as_written", False):
            return self.add_alike(inner)
        return self.inject(getattr(fn, "__name__", ref.name), fn)


def _follow(value: object, dotted: str) -> object:
    for part in dotted.split(".") if dotted else ():
        value = getattr(value, part, MISSING)
    return value


def identity(value: object) -> object:
    """Equal plain constants are one object, others are told apart by identity."""
    plain = isinstance(value, (bool, int, float, complex, str, bytes, type(None)))
    return (type(value), repr(value)) if plain else id(value)


def references(func: Func, namespace: Namespace, literal: Callable[[Literal], ast.expr]) -> frozenset[str]:
    """The global names that the text of a function uses; its own variables must avoid them."""
    found = {"np"}

    def inner_function(target: Operand) -> object:
        inner = target.value if isinstance(target, Literal) else None
        if isinstance(inner, FuncRef):
            found.add(namespace.callee(inner).partition(".")[0])
        if isinstance(inner, Func):
            in_place = as_expression(inner) is not None
            found.update(references(inner, namespace, literal) if in_place else {namespace.add_func(inner)})
            found.add(inner.name)
        return inner

    def visit(operand: Operand) -> None:
        if isinstance(operand, Pack) and operand.kind == "function":
            inner_function(operand.items[0])
            for item in operand.items[1:]:
                visit(item)
        elif isinstance(operand, Pack):
            for item in operand.items:
                visit(item)
        elif isinstance(operand, Literal) and not is_undef(operand):
            found.update(n.id for n in ast.walk(literal(operand)) if isinstance(n, ast.Name))

    for op in walk(func.body):
        inner = inner_function(op.args[0]) if isinstance(op, Apply) and op.fn is CLOSURE else None
        for operand in operands(op)[inner is not None :]:
            visit(operand)
        if isinstance(op, Apply) and not op.method and not isinstance(op.fn, Value):
            found.add(callee_root(op, namespace))
    return frozenset(found)


def callee_root(op: Apply, namespace: Namespace) -> str:
    if isinstance(op.fn, FuncRef):
        return namespace.callee(op.fn).partition(".")[0]
    if isinstance(op.fn, Def) and op.fn.printed:
        return root_of(op.fn)
    if isinstance(op.fn, Def) and is_called(op.fn):
        return namespace.function(op.fn).partition(".")[0]
    return "np"


def is_called(d: Def) -> bool:
    """Whether a row prints as a call of its name."""
    from .syntax import BINARY, COMPARE, INPLACE, UNARY

    tables: tuple[Mapping[Any, Any], ...] = (BINARY, COMPARE, INPLACE, UNARY)
    named = d.family != "structural" and not d.name.startswith(".") and not method_name(d)
    return named and not any(d.fn in t for t in tables)
