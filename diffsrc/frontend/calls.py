"""Calls: rows of the rule table, user functions, methods, inner functions, values.

A callee with a dotted name is known when the function is lowered. A call of an inner function in
the scope that defines it passes the captured variables as they are now, which is Python's late
binding.
"""

from __future__ import annotations

import ast
import builtins
import collections
from types import FunctionType

from ..defs import prelude
from ..defs.classes import attribute, is_written
from ..defs.queues import Queue, last
from ..defs.structural import SPREAD, SUPER
from ..defs.table import Def
from ..ir.ops import Callee, Method
from ..ir.values import Literal, Operand, Pack, Value
from .closures import as_inner, call_inner, handed, lift
from .comprehensions import CONSUMERS, CONSUMING_METHODS, SHORT_CIRCUIT, decided
from .inlined import inlined
from .parse import find_source
from .producers import generates, is_iterator, is_transposed, listed, resolve
from .scope import reads_once
from .state import Inner, Lowering, callee_of, expression

Keywords = tuple[tuple[str, Operand], ...]
FRAME_NAMES = (
    "eval", "exec", "compile", "__import__", "locals", "globals", "vars", "dir", "super", "input", "breakpoint",
)  # fmt: skip
FRAME_FUNCTIONS = tuple(getattr(builtins, n) for n in FRAME_NAMES)
#: packages whose functions run elsewhere, or at another time
CONCURRENT = frozenset({"threading", "_thread", "concurrent", "multiprocessing", "asyncio", "subprocess"})


@expression(ast.GeneratorExp)
def generator(low: Lowering, node: ast.GeneratorExp, name: str | None) -> Operand:
    """One that nothing reads at once."""
    raise low.refuse("generator value", node)


def _super(low: Lowering, node: ast.Call, name: str | None) -> Operand | None:
    """`super()` and `super(C, self)`; None for any other call."""
    if not isinstance(node.func, ast.Name) or node.func.id != "super" or low.is_local("super") or node.keywords:
        return None
    args = [low.value(a) for a in node.args]
    cell = low.unit.globals.cells.get("__class__")
    if not args and cell is not None and low.unit.first:
        args = [Literal(cell.cell_contents, None, low.loc(node)), low.read(low.unit.first, node)]
    if len(args) != 2 or not isinstance(args[0], Literal) or not isinstance(args[0].value, type):
        return None
    return low.apply(SUPER, args, node, name)


@expression(ast.Call)
def call(low: Lowering, node: ast.Call, name: str | None) -> Operand:
    if (behind := _super(low, node, name)) is not None:
        return behind
    found = inlined(low, node, name)
    if found is not None:
        return found
    if is_transposed(low, node):
        return _transposed(low, node, name)
    fn, receiver = callee(low, node.func)
    if isinstance(fn, Inner):
        args, kwargs = _arguments(low, node, fn)
        return call_inner(low, node, fn, args, kwargs, name)
    builtin = fn.fn if isinstance(fn, Def) else getattr(fn, "target", None)
    if node.args and is_iterator(low, node.args[0]) and len(node.args) == 1 and not node.keywords:
        if _is_one_of(builtin, SHORT_CIRCUIT):
            return decided(low, node.args[0], builtin is any, name)
        if builtin is list:
            return low.expr(listed(low, node.args[0]), name)
    if builtin is collections.deque and (made := _queue(low, node, name)) is not None:
        return made
    if is_iterator(low, node) and not generates(resolve(low, node.func)):  # of a generator function, types tell
        raise low.refuse("iterator value", node)
    args, kwargs = _arguments(low, node, fn)
    return low.apply(fn, (*receiver, *args), node, name, kwargs)


def _queue(low: Lowering, node: ast.Call, name: str | None) -> Operand | None:
    """A `deque` without bound, as a list: its methods are those of lists, and some that lists have in another form. One
    with a bound is a list and that bound."""
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg != "maxlen" for k in node.keywords):
        return None
    bounds = [*node.args[1:], *(k.value for k in node.keywords)]
    if bounds and not (isinstance(bounds[0], ast.Constant) and bounds[0].value is None):
        return _bounded(low, node, bounds[0], name)
    if not node.args or isinstance(node.args[0], ast.List):
        display = node.args[0] if node.args else ast.copy_location(ast.List([], ast.Load()), node)
        return low.expr(display, name)
    if is_iterator(low, node.args[0]):
        return low.expr(listed(low, node.args[0]), name)
    return low.apply(callee_of(list), (low.value(node.args[0]),), node, name)


def _bounded(low: Lowering, node: ast.Call, bound: ast.expr, name: str | None) -> Operand:
    first = node.args[0] if node.args else ast.copy_location(ast.List([], ast.Load()), node)
    items = low.value(listed(low, first) if is_iterator(low, first) else first)
    maxlen = low.value(bound)
    if not isinstance(first, ast.List) or first.elts:
        items = low.apply(callee_of(last), (items, maxlen), node)
    return low.apply(callee_of(Queue), (items, maxlen), node, name)


def _transposed(low: Lowering, node: ast.Call, name: str | None) -> Operand:
    star = node.args[0]
    assert isinstance(star, ast.Starred)
    low.expr(node.func)  # a name from outside is noted
    rows = low.value(listed(low, star.value) if is_iterator(low, star.value) else star.value)
    return low.apply(callee_of(prelude.transposed), (rows,), node, name)


def _is_one_of(fn: object, known: tuple[object, ...]) -> bool:
    return any(fn is k for k in known)


def _argument(low: Lowering, node: ast.expr, fn: Callee | Value | Inner, at: int | str) -> Operand:
    """An argument; an iterator is read to its end now, if that is what is done with it."""
    if is_iterator(low, node):
        if not _consumes(fn, at):
            raise low.refuse("generator value" if isinstance(node, ast.GeneratorExp) else "iterator value", node)
        return low.expr(listed(low, node))
    function = handed(low, node)
    if function is not None:
        return function
    return low.expr(node) if isinstance(fn, Def) else low.value(node)


def _consumes(fn: Callee | Value | Inner, at: int | str) -> bool:
    """Whether a function does nothing with an argument but read it from the first item to the last."""
    if isinstance(fn, Method):
        return fn.name in CONSUMING_METHODS
    target = fn.fn if isinstance(fn, Def) else getattr(fn, "target", None)
    if _is_one_of(target, CONSUMERS):
        return True
    first = 0
    if isinstance(target, type):
        target, first = attribute(target, "__init__"), 1
    if isinstance(fn, Inner):
        node = fn.node
    elif isinstance(target, FunctionType) and is_written(target):
        node = find_source(target)[0]
    else:
        return False
    a = node.args
    positional = [p.arg for p in (*a.posonlyargs, *a.args)][first:]
    name = at if isinstance(at, str) else positional[at] if at < len(positional) else None
    return name is not None and reads_once(node, name)


def callee(low: Lowering, node: ast.expr) -> tuple[Callee | Value | Inner, tuple[Operand, ...]]:
    """What is called, and the object when it is a method."""
    if isinstance(node, ast.Attribute):
        base = low.value(node.value)
        attr = low.unit.source.mangled(node.attr)
        known = low.unit.globals.attribute(base, attr, low.loc(node)) if isinstance(base, Literal) else None
        return (Method(attr), (base,)) if known is None else (_known(low, known, node), ())
    function = low.known(node.id) if isinstance(node, ast.Name) else None
    if function is not None:
        return as_inner(low, function), ()
    operand = low.read(node.id, node) if isinstance(node, ast.Name) else _value(low, node)
    if isinstance(operand, Literal):
        return _known(low, operand, node), ()
    if not isinstance(operand, Value):
        raise low.refuse("not callable", node, name="a tuple")
    return low.unit.inner.get(operand, operand), ()


def _value(low: Lowering, node: ast.expr) -> Operand:
    """A callee that is computed. A lambda called where it stands isn't used as a value."""
    return lift(low, node, None) if isinstance(node, ast.Lambda) else low.value(node)


def _known(low: Lowering, found: Literal, node: ast.expr) -> Callee:
    text = found.text or repr(found.value)
    if not callable(found.value):
        raise low.refuse("not callable", node, name=text)
    if _is_one_of(found.value, FRAME_FUNCTIONS):
        raise low.refuse("frame function", node, name=text)
    if str(getattr(found.value, "__module__", "")).split(".")[0] in CONCURRENT:
        raise low.refuse("threads", node, name=text)
    return callee_of(found.value, text)


def _arguments(low: Lowering, node: ast.Call, fn: Callee | Value | Inner) -> tuple[list[Operand], Keywords]:
    """Positional and keyword arguments. A known function takes list displays in place; others get a list."""
    args: list[Operand] = []
    for n, arg in enumerate(node.args):
        args += _spread(low, arg) if isinstance(arg, ast.Starred) else (_argument(low, arg, fn, n),)
    kwargs: list[tuple[str, Operand]] = []
    for keyword in node.keywords:
        if keyword.arg is None:
            kwargs.append((f"**{len(kwargs)}", low.apply(SPREAD, (low.value(keyword.value),), keyword.value, None)))
            continue
        kwargs.append((low.unit.source.mangled(keyword.arg), _argument(low, keyword.value, fn, keyword.arg)))
    return args, tuple(kwargs)


def _spread(low: Lowering, arg: ast.Starred) -> tuple[Operand, ...]:
    """`f(*t)`: the items of a display; of any other tuple when types are known."""
    operand = low.expr(listed(low, arg.value) if is_iterator(low, arg.value) else arg.value)
    if isinstance(operand, Pack):
        return operand.items
    return (low.apply(SPREAD, (operand,), arg, None),)
