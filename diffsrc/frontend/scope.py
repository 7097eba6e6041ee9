"""Names: which variables belong to a function, which an expression reads, which an inner function captures.

Python decides scope by the text: a name that is bound anywhere in a function is its local
everywhere in it. Comprehensions have their targets for themselves; `:=` inside one binds in the
function around it. All walks are iterative, so that deep expressions can't exhaust the stack.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Loop = ast.For | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Position = tuple[int, int]


def per_function(analysis: Callable[[FunctionNode], T]) -> Callable[[FunctionNode], T]:
    """An analysis whose result is kept as long as the tree: what rewrites a tree that was looked at makes a copy."""
    known: WeakKeyDictionary[FunctionNode, T] = WeakKeyDictionary()

    @wraps(analysis)
    def kept(node: FunctionNode) -> T:
        found = known.get(node)
        if found is None:
            found = known[node] = analysis(node)
        return found

    return kept


def body_of(node: FunctionNode) -> list[ast.stmt]:
    """The statements of a function; a lambda returns its expression."""
    if isinstance(node, ast.Lambda):
        return [ast.copy_location(ast.Return(node.body), node.body)]
    return node.body


def parameters(node: FunctionNode) -> list[ast.arg]:
    """All parameters in the order of the signature."""
    a = node.args
    rest = [[x] if x is not None else [] for x in (a.vararg, a.kwarg)]
    return [*a.posonlyargs, *a.args, *rest[0], *a.kwonlyargs, *rest[1]]


def outer_parts(node: FunctionNode) -> list[ast.expr]:
    """What is evaluated where a function is defined: decorators and defaults."""
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return [*decorators, *node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]


@per_function
def local_names(node: FunctionNode) -> frozenset[str]:
    own = frozenset(p.arg for p in parameters(node)).union(bound(*body_of(node)))
    return own - declared(node, ast.Nonlocal) - declared(node, ast.Global)


def declared(node: FunctionNode, kind: type[ast.Nonlocal | ast.Global]) -> frozenset[str]:
    """The names that a function declares to be variables of an outer scope."""
    return frozenset(name for part in _own_nodes(node) if isinstance(part, kind) for name in part.names)


@per_function
def _own_nodes(node: FunctionNode) -> list[ast.AST]:
    """Everything in the scope of a function; inner functions themselves, but nothing in them."""
    return [part for s in reversed(body_of(node)) for part in in_scope(s)]


def in_scope(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it that belongs to the same function."""
    stack: list[ast.AST] = [node]
    while stack:
        part = stack.pop()
        yield part
        stack += _own_children(part)


@per_function
def is_generator(node: FunctionNode) -> bool:
    return any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in _own_nodes(node))


#: builtins that read an iterator to its end and keep nothing of it
_READERS = frozenset({"list", "tuple", "sum", "sorted", "min", "max", "set", "frozenset", "dict"})
#: builtins that read their arguments as they are read themselves
_RELAYS = frozenset({"zip", "enumerate", "map", "filter"})


def reads_once(node: FunctionNode, name: str) -> bool:
    """Whether a function does nothing with a parameter but read it from the first item to the last, once."""
    uses = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name]
    own = local_names(node)
    return len(uses) == 1 and any(n is uses[0] for s in body_of(node) for n in _read_through(s, own))


def _read_through(node: ast.AST, own: frozenset[str]) -> Iterator[ast.expr]:
    """The iterables that a statement or expression reads once, to their ends."""
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    match node:
        case ast.For():
            yield from _relayed(node.iter, own)
            children = (node.iter,)
        case ast.While() | ast.Lambda() | ast.GeneratorExp() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            children = ()
        case ast.ListComp() | ast.SetComp() | ast.DictComp():
            yield from _relayed(node.generators[0].iter, own)
            children = (node.generators[0].iter,)
        case ast.Starred():
            yield from _relayed(node.value, own)
        case ast.Call(func=ast.Name(id=reader)) if reader in _READERS and reader not in own:
            for arg in node.args:
                yield from _relayed(arg, own)
    for child in children:
        yield from _read_through(child, own)


def _relayed(node: ast.expr, own: frozenset[str]) -> Iterator[ast.expr]:
    """An iterable that is read through, and those that it reads through meanwhile."""
    yield node
    match node:
        case ast.GeneratorExp(generators=[first, *_]):
            yield from _relayed(first.iter, own)
        case ast.Call(func=ast.Name(id=relay)) if relay in _RELAYS and relay not in own:
            for arg in node.args:
                yield from _relayed(arg, own)


@per_function
def written_outside(node: FunctionNode) -> frozenset[str]:
    """The variables of outer functions that a function, or one inside it, assigns."""
    inner = [written_outside(part) for part in _own_nodes(node) if isinstance(part, FunctionNode)]
    return declared(node, ast.Nonlocal).union(*(names - local_names(node) for names in inner))


@per_function
def cells_of(node: FunctionNode) -> frozenset[str]:
    """The variables of a function that its inner functions assign."""
    inner = [written_outside(part) for part in _own_nodes(node) if isinstance(part, FunctionNode)]
    return frozenset().union(*inner) & local_names(node)


@per_function
def all_bound(node: FunctionNode) -> frozenset[str]:
    """The names that a function binds anywhere, targets of its comprehensions included."""
    return frozenset(name for part in _own_nodes(node) for name in _binds_itself(part))


@per_function
def own_names(node: FunctionNode) -> frozenset[str]:
    """The variables of a function and of its comprehensions, without those of the scopes around that it assigns."""
    return (local_names(node) | all_bound(node)) - declared(node, ast.Nonlocal) - declared(node, ast.Global)


@per_function
def known_functions(node: FunctionNode) -> dict[str, FunctionNode]:
    """Inner functions whose name is bound once, so that a call by that name is known to reach them."""
    found: dict[str, list[FunctionNode | None]] = {p.arg: [None] for p in parameters(node)}
    for part in _own_nodes(node):
        match part:
            case ast.FunctionDef(name=name, decorator_list=[]):
                found.setdefault(name, []).append(part)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as value):
                found.setdefault(name, []).append(value)
            case _:
                for name in _binds_itself(part):
                    found.setdefault(name, []).append(None)
    outside = cells_of(node) | declared(node, ast.Nonlocal) | declared(node, ast.Global)
    single = {name: nodes[0] for name, nodes in found.items() if len(nodes) == 1 and name not in outside}
    return {name: function for name, function in single.items() if function is not None}


def bound(*roots: ast.AST) -> list[str]:
    """The variables that statements or expressions bind in their own scope, in the order of the text."""
    return list(dict.fromkeys(name for name, _ in _bindings(roots)))


def _bindings(roots: Sequence[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    stack: list[tuple[ast.AST, bool]] = [(r, False) for r in reversed(roots)]
    while stack:
        node, hidden = stack.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if not hidden:
                yield name, node
            case ast.NamedExpr(target=target):
                yield target.id, node
                stack.append((node.value, hidden))
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node
            case ast.MatchMapping(rest=str(name)):
                yield name, node
        if isinstance(node, ast.comprehension):
            stack += [*((c, hidden) for c in reversed(node.ifs)), (node.target, True), (node.iter, hidden)]
        else:
            stack += [(child, hidden) for child in reversed(_own_children(node))]


def _own_children(node: ast.AST) -> Sequence[ast.AST]:
    """The children in the scope of the node."""
    if isinstance(node, (ast.Name, ast.Constant, ast.ClassDef)):
        return ()
    if isinstance(node, FunctionNode):
        return outer_parts(node)
    if isinstance(node, ast.comprehension):
        return [node.iter, node.target, *node.ifs]
    return list(ast.iter_child_nodes(node))


def reads(*roots: ast.AST | None) -> frozenset[str]:
    """The variables of this scope whose values may be read, captures of inner functions included."""
    found: set[str] = set()
    stack: list[tuple[ast.AST, frozenset[str]]] = [(r, frozenset()) for r in roots if r is not None]
    while stack:
        node, hidden = stack.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name not in hidden:
                found.add(name)
            case ast.AugAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                found |= free_names(node) - hidden
                stack += [(part, hidden) for part in outer_parts(node)]
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                stack += _comprehension_parts(node, hidden)
                continue
        stack += [(child, hidden) for child in ast.iter_child_nodes(node)]
    return frozenset(found)


def _comprehension_parts(node: Comprehension, hidden: frozenset[str]) -> list[tuple[ast.AST, frozenset[str]]]:
    inner = hidden.union(comprehension_targets(node))
    first = node.generators[0]
    parts: list[tuple[ast.AST, frozenset[str]]] = [(first.iter, hidden)]
    for n, generator in enumerate(node.generators):
        inside = [generator.target, *generator.ifs, *([generator.iter] if n else [])]
        parts += [(part, inner) for part in inside]
    values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    return parts + [(value, inner) for value in values]


def comprehension_targets(node: Comprehension) -> list[str]:
    return [n for g in node.generators for n in bound(g.target)]


@per_function
def free_names(node: FunctionNode) -> frozenset[str]:
    """What a function reads or writes of the scopes around it."""
    return (reads(*body_of(node)) | written_outside(node)) - local_names(node)


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a function: its position and the loops around it."""

    at: Position
    loops: frozenset[int]

    def may_precede(self, other: Site) -> bool:
        """Whether what happens here may happen before what happens at `other`, earlier in the text or
        in a loop."""
        return self.at < other.at or bool(self.loops & other.loops)


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables of one function: where each is bound, where its inner functions are made, what
    they capture."""

    local: frozenset[str]
    bindings: dict[str, list[Site]]
    made: dict[int, Site]
    captured: frozenset[str]
    reads: dict[str, list[Site]]

    def read_once(self, name: str) -> bool:
        """Whether a variable is read in one place, which is reached no more often than the one where it is bound."""
        sites, bound_at = self.reads.get(name, ()), self.bindings.get(name, ())
        return len(sites) == len(bound_at) == 1 and sites[0].loops <= bound_at[0].loops

    def changes_after(self, name: str, function: ast.AST) -> bool:
        """Whether a variable may be bound again after an inner function was made."""
        made, sites = self.made.get(id(function)), self.bindings.get(name, ())
        return bool(sites) if made is None else any(made.may_precede(site) for site in sites)


def scope_of(node: FunctionNode, given: frozenset[str] = frozenset()) -> Scope:
    """The scope of a function; `given` are the variables of an outer one that are passed to it."""
    return _scope(node, given) if given else _scope_alone(node)


@per_function
def _scope_alone(node: FunctionNode) -> Scope:
    return _scope(node, frozenset())


def _scope(node: FunctionNode, given: frozenset[str]) -> Scope:
    local = local_names(node) | given
    bindings: dict[str, list[Site]] = {}
    made: dict[int, Site] = {}
    captured: set[str] = set()
    for inner, site in _sites(body_of(node)):
        if isinstance(inner, FunctionNode):
            made[id(inner)] = site
            captured |= free_names(inner) & local
        if not isinstance(inner, ast.Lambda):
            for name in _binds_itself(inner):
                bindings.setdefault(name, []).append(site)
    reads: dict[str, list[Site]] = {}
    for name, site in _read_sites(body_of(node)):
        reads.setdefault(name, []).append(site)
    return Scope(local, bindings, made, frozenset(captured), reads)


_BINDERS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.Delete)


def _binds_itself(node: ast.AST) -> list[str]:
    match node:
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Delete() | ast.NamedExpr():
            targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]
            return bound(*targets)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            return bound(node.target)
        case ast.With():
            return bound(*(i.optional_vars for i in node.items if i.optional_vars is not None))
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
    return []


def _read_sites(body: list[ast.stmt]) -> Iterator[tuple[str, Site]]:
    """Where variables are read in the function itself; what a loop runs over is read once, outside of it."""
    stack: list[tuple[ast.AST, frozenset[int]]] = [(s, frozenset()) for s in body]
    while stack:
        node, loops = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id, Site((node.lineno, node.col_offset), loops)
        inside = loops | {id(node)} if isinstance(node, Loop) else loops
        first = node.iter if isinstance(node, ast.For) else node.generators[0].iter if isinstance(node, Comprehension) else None
        for child in _own_children(node):
            if isinstance(child, ast.comprehension):
                stack += [(part, loops if part is first else inside) for part in (child.iter, *child.ifs)]
            else:
                stack.append((child, loops if child is first else inside))


def _sites(body: list[ast.stmt]) -> Iterator[tuple[ast.AST, Site]]:
    """Binding nodes and inner functions with their sites.

    An assignment happens at the end of its statement.
    """
    stack: list[tuple[ast.AST, frozenset[int]]] = [(s, frozenset()) for s in body]
    while stack:
        node, loops = stack.pop()
        if isinstance(node, Loop):
            loops |= {id(node)}
        if isinstance(node, _BINDERS):
            yield node, Site((node.end_lineno or 0, node.end_col_offset or 0), loops)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield node, Site((node.iter.end_lineno or 0, node.iter.end_col_offset or 0), loops)
        elif isinstance(node, FunctionNode | ast.ClassDef | ast.With | ast.ExceptHandler | ast.pattern):
            yield node, Site((node.lineno, node.col_offset), loops)
        stack += [(child, loops) for child in _own_children(node)]
