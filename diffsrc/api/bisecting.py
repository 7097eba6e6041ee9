"""`ds.bisect_grad`: the smallest part of a function whose derivative still disagrees with differences.

Delta debugging over the syntax tree. A candidate is the function with something left out; it is of interest when
`check_grads` still finds a difference, and of none when it is right, refused, or not a program any more. What is tried:
to return a variable early; to leave statements out, many at once and then one by one; to put the body in place of an
`if`, `with`, `try` or loop; to take a variable's value from outside instead of computing it. Where what remains calls a function
of the user, the search goes on there.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType, FunctionType
from typing import Any

import numpy as np

from ..frontend.globals import globals_of
from ..frontend.scope import bound, parameters
from ..source import Loc
from .finding import of_user
from .rewrite import Tree, remade, statements, tree_of
from .signature import Binder
from .testing import check_grads
from .trees import duplicate, flatten, is_float_leaf

#: calls of a function that are looked into: its derivative may be right at the first ones
MAX_CALLS = 8
#: how many calls are gone into, one inside the other; a recursion may be deep
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Culprit:
    """The statements that remain, with their lines; `source` is the function made of them, `args` what it is called with,
    `message` what `check_grads` says of it."""

    function: str
    file: str
    lines: tuple[int, ...]
    statements: tuple[str, ...]
    source: str
    args: tuple[Any, ...]
    message: str

    def __str__(self) -> str:
        shown = "\n".join(f"  {self.file}:{line}: {text}" for line, text in zip(self.lines, self.statements))
        return f"the derivative of {self.function} is wrong here:\n{shown}\n{self.message}\n\n{self.source}"


def bisect_grad(f: Callable[..., Any], *args: Any, rtol: float | None = None, atol: float | None = None) -> Culprit | None:
    """The smallest list of statements of `f` whose derivative disagrees with differences; None if that of `f` agrees.

    >>> print(bisect_grad(f, x, w))  # doctest: +SKIP
    the derivative of f is wrong here:
      example.py:7: b = squash(a)
    """
    tree = tree_of(f)
    call = Binder.of(f).bind(args, {})
    values = {p.arg: v for p, v in zip(parameters(tree.node), call.args)}
    search = _Search(tree, rtol, atol)
    start = _Candidate(_plain(tree.node), values)
    if search.error(start) is None:
        return None
    return search.deeper(search.smallest(start))


@dataclass(frozen=True, eq=False, slots=True)
class _Candidate:
    """A function with one positional parameter per value."""

    node: ast.FunctionDef
    values: dict[str, Any]

    def change(self, edit: Callable[[ast.FunctionDef], object], **values: Any) -> _Candidate:
        """A copy with a changed tree; what isn't read any more is no parameter any more."""
        node = copy.deepcopy(self.node)
        edit(node)
        given = {**self.values, **values}
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        kept = {k: v for k, v in given.items() if k in names}
        node.args = _parameters(kept)
        return _Candidate(node, kept)


def _inner(node: ast.FunctionDef) -> set[str]:
    """What is bound inside inner functions, lambdas and comprehensions."""
    scopes = [n for n in ast.walk(node) if isinstance(n, (ast.FunctionDef, ast.Lambda, ast.comprehension)) and n is not node]
    args = {a.arg for n in scopes for a in ast.walk(n) if isinstance(a, ast.arg)}
    return args | {n.id for s in scopes for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _plain(node: ast.FunctionDef) -> ast.FunctionDef:
    new = copy.deepcopy(node)
    new.args = _parameters([p.arg for p in parameters(node)])
    new.returns = None
    return new


def _parameters(names: Sequence[str] | dict[str, Any]) -> ast.arguments:
    return ast.arguments([], [ast.arg(n) for n in names], None, [], [], None, [])


@dataclass(eq=False, slots=True)
class _Search:
    tree: Tree
    rtol: float | None
    atol: float | None
    tried: set[str] = field(default_factory=set)
    depth: int = 0

    def function(self, c: _Candidate) -> FunctionType:
        new = remade(self.tree.fn, copy.deepcopy(c.node), {})
        new.__defaults__ = new.__kwdefaults__ = None
        return new

    def error(self, c: _Candidate) -> str | None:
        """What `check_grads` objects to; None if nothing, or if it can't be told."""
        try:
            fn = self.function(c)
            args = tuple(c.values.values())
            before = fn(*duplicate(args))
            if not flatten(before) or not flatten(args) or not _finite(before):
                return None
            with np.errstate(all="ignore"):
                check_grads(fn, args, order=1, rtol=self.rtol, atol=self.atol, directions=2)
        except AssertionError as wrong:
            return str(wrong)
        except Exception:  # noqa: BLE001  a candidate may be any nonsense
            return None
        return None

    def fails(self, c: _Candidate) -> bool:
        text = ast.unparse(c.node)
        if text in self.tried or self._loses(c):
            return False
        self.tried.add(text)
        return self.error(c) is not None

    def _loses(self, c: _Candidate) -> bool:
        """Whether a variable of the function isn't bound any more: outside the name may mean something else."""
        names = [n for n in ast.walk(c.node) if isinstance(n, ast.Name)]
        read = {n.id for n in names if isinstance(n.ctx, ast.Load)}
        return bool(read & self._own() - {*bound(*c.node.body), *c.values, *_inner(c.node)})

    def _own(self) -> set[str]:
        return {*bound(*self.tree.node.body), *(p.arg for p in parameters(self.tree.node))}

    def smallest(self, c: _Candidate) -> _Candidate:
        """Nothing more can be left out."""
        while True:
            for reduction in (_early, _without, _unwrapped, self._given):
                smaller = next((n for n in reduction(c) if self.fails(n)), None)
                if smaller is not None:
                    c = smaller
                    break
            else:
                return c

    def _given(self, c: _Candidate) -> Iterator[_Candidate]:
        """A variable that a statement of the function computes, as a parameter with the value that it has there."""
        for i, s in reversed(list(enumerate(c.node.body[:-1]))):
            names = list(dict.fromkeys(bound(s)))
            if not names or set(names) & c.values.keys():
                continue
            values = [self._value(c, i, name) for name in names]
            if all(v is not None for v in values):
                yield c.change(lambda node, i=i: node.body.pop(i), **dict(zip(names, values)))  # type: ignore[misc]

    def _value(self, c: _Candidate, last: int, name: str) -> Any:
        """The value of a variable behind a statement."""

        def stop(node: ast.FunctionDef) -> None:
            node.body = [*node.body[: last + 1], _returning([name], node.body[last])]

        try:
            early = c.change(stop)
            return self.function(early)(*duplicate(tuple(early.values.values())))
        except Exception:  # noqa: BLE001  it isn't bound there
            return None

    # -- what is found

    def deeper(self, c: _Candidate) -> Culprit:
        """The culprit, in the user's function that remains called if it is wrong by itself."""
        for fn, values in self._calls(c) if self.depth < MAX_DEPTH else ():
            try:
                inner = tree_of(fn)
            except Exception:  # noqa: BLE001  no source
                continue
            search = _Search(inner, self.rtol, self.atol, depth=self.depth + 1)
            start = _Candidate(_plain(inner.node), values)
            if search.error(start) is not None:
                return search.deeper(search.smallest(start))
        return self.culprit(c)

    def _calls(self, c: _Candidate) -> list[tuple[FunctionType, dict[str, Any]]]:
        """The functions of the user that are called, with their arguments at the first calls."""
        world = globals_of(self.tree.fn)
        names = {n.id for n in ast.walk(c.node) if isinstance(n, ast.Name)}
        reached = [*map(world.find, sorted(names)), *c.values.values()]
        known = {f.__code__: f for value in reached for f in _functions(value)}
        known = {code: f for code, f in known.items() if of_user(code.co_filename)}
        found: dict[Any, list[dict[str, Any]]] = {}

        def watch(frame: FrameType, event: str, arg: Any) -> None:
            code = frame.f_code
            if event == "call" and code in known and len(calls := found.setdefault(code, [])) < MAX_CALLS:
                count = code.co_argcount + code.co_kwonlyargcount
                calls.append({n: duplicate(frame.f_locals[n]) for n in code.co_varnames[:count]})

        before = sys.getprofile()
        sys.setprofile(watch)
        try:
            self.function(c)(*duplicate(tuple(c.values.values())))
        finally:
            sys.setprofile(before)
        return [(known[code], values) for code, calls in found.items() for values in calls]

    def culprit(self, c: _Candidate) -> Culprit:
        body = [s for s in statements(c.node) if s is not c.node and not getattr(s, "made", False)]
        file = self.tree.fn.__code__.co_filename
        lines = tuple(s.lineno for s in body)
        return Culprit(
            self.tree.fn.__name__, file, lines, tuple(Loc(file, n).text().strip() for n in lines),
            ast.unparse(c.node), tuple(c.values.values()), self.error(c) or "",
        )  # fmt: skip


def _functions(value: Any) -> list[FunctionType]:
    """A function, or the methods of a class or instance."""
    if isinstance(value, FunctionType):
        return [value]
    classes = value.__mro__ if isinstance(value, type) else type(value).__mro__
    return [f for cls in classes for f in vars(cls).values() if isinstance(f, FunctionType)]


# -- reductions: smaller candidates, those that leave out most first


def _early(c: _Candidate) -> Iterator[_Candidate]:
    """Return what one of the first statements binds."""
    for k, s in enumerate(c.node.body[:-1]):
        names = sorted({*bound(s), *_written(s)})
        for chosen in [[n] for n in names] if names else []:

            def stop(node: ast.FunctionDef, k: int = k, chosen: list[str] = chosen) -> None:
                node.body = [*node.body[: k + 1], _returning(chosen, node.body[k])]

            yield c.change(stop)


def _written(s: ast.stmt) -> list[str]:
    """The variables whose elements a statement writes."""
    places = [n for n in ast.walk(s) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
    return [n.value.id for n in places if isinstance(n.value, ast.Name)]


def _returning(names: Sequence[str], at: ast.stmt) -> ast.stmt:
    values: list[ast.expr] = [ast.Name(n, ast.Load()) for n in names]
    made = ast.copy_location(ast.Return(values[0] if len(values) == 1 else ast.Tuple(values, ast.Load())), at)
    made.made = True  # type: ignore[attr-defined]
    return ast.fix_missing_locations(made)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements in a function."""
    for part in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(part, name, None)
            if isinstance(block, list) and block:
                yield block


def _without(c: _Candidate) -> Iterator[_Candidate]:
    """Leave statements out: half of a block, a quarter, ... one."""
    for b, block in enumerate(_blocks(c.node)):
        size = len(block)
        while size >= 1:
            for start in range(0, len(block), size):

                def cut(node: ast.FunctionDef, b: int = b, start: int = start, size: int = size) -> None:
                    found = list(_blocks(node))[b]
                    found[start : start + size] = []
                    if not found:
                        found.append(ast.copy_location(ast.Pass(), node))

                if not (len(block) == 1 and isinstance(block[0], ast.Pass)):
                    yield c.change(cut)
            size //= 2


def _unwrapped(c: _Candidate) -> Iterator[_Candidate]:
    """The body in place of a compound statement; of a loop its first or last iteration."""
    for b, block in enumerate(_blocks(c.node)):
        for i, s in enumerate(block):
            for inner in _bodies(s):

                def unwrap(node: ast.FunctionDef, b: int = b, i: int = i, inner: list[ast.stmt] = inner) -> None:
                    list(_blocks(node))[b][i : i + 1] = copy.deepcopy(inner)

                yield c.change(unwrap)


def _bodies(s: ast.stmt) -> list[list[ast.stmt]]:
    match s:
        case ast.If():
            return [s.body, *([s.orelse] if s.orelse else [])]
        case ast.With() | ast.Try() | ast.While():
            return [s.body]
        case ast.For(target=target, iter=space):
            starts = [ast.copy_location(ast.Assign([target], value), s) for value in _ends(space)]
            return [[ast.fix_missing_locations(start), *s.body] for start in starts]
    return []


def _ends(space: ast.expr) -> list[ast.expr]:
    """What the variable of a loop is in its first iteration, and in its last."""
    match space:
        case ast.Call(func=ast.Name("range"), args=[stop]):
            return [ast.Constant(0), _less(stop)]
        case ast.Call(func=ast.Name("range"), args=[start, stop]):
            return [start, _less(stop)]
        case ast.Call(func=ast.Name("range"), args=[start, *_]):
            return [start]
        case ast.Call(func=ast.Name("reversed"), args=[inner]):
            return _ends(inner)[::-1]
        case ast.Call(func=ast.Name("enumerate"), args=[inner]):
            return [ast.Tuple([ast.Constant(0), value], ast.Load()) for value in _ends(inner)]
        case ast.Call(func=ast.Name("zip"), args=parts):
            return [ast.Tuple(list(values), ast.Load()) for values in zip(*map(_ends, parts))]
    first = ast.Call(ast.Name("next", ast.Load()), [ast.Call(ast.Name("iter", ast.Load()), [space], [])], [])
    return [first, ast.Subscript(space, ast.UnaryOp(ast.USub(), ast.Constant(1)), ast.Load())]


def _less(stop: ast.expr) -> ast.expr:
    return ast.BinOp(stop, ast.Sub(), ast.Constant(1))


def _finite(value: Any) -> bool:
    return all(np.all(np.isfinite(leaf)) for _, leaf in flatten(value) if is_float_leaf(leaf))
