"""Functions and modules as Python text.

`function_text` prints one function; `module_text` a whole module: the coding line, a header, imports, what
is pasted in from the run-time helpers, constants, and the functions with every lifted inner function they
refer to.  The text is parsed again, compared with the tree that was asked for, and each of its nodes must
be in an allow-list.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..defs.syntax import refusal
from ..errors import InternalError
from ..ir.ops import Func
from ..source import Loc
from . import printer
from .clauses import restore
from .comments import Item, annotate, escaped, swept, trees
from .exprs import Constants, Exprs
from .flow import analyse
from .fold import decide
from .names import is_name, variables
from .namespace import Compared, Namespace, identity, references
from .preamble import names_used, preamble
from .stmts import Stmts

CODING = "# -*- coding: utf-8 -*-"

#: the only nodes that a generated module may hold
ALLOWED = frozenset({
    "Module", "FunctionDef", "arguments", "arg", "Expr", "Assign", "AugAssign", "AnnAssign", "For",
    "While", "If", "Break", "Continue", "Return", "Raise", "Assert", "Pass", "Import", "ImportFrom",
    "alias", "Constant", "Name", "Attribute", "Subscript", "Slice", "Tuple", "List", "Dict", "Call",
    "keyword", "Starred", "BinOp", "UnaryOp", "BoolOp", "Compare", "IfExp", "Lambda", "JoinedStr",
    "FormattedValue", "Load", "Store", "And", "Or", "Not", "USub", "UAdd", "Invert", "Add", "ListComp", "DictComp",
    "NamedExpr", "GeneratorExp", "comprehension", "Sub", "Mult", "Div", "FloorDiv", "Mod", "Pow", "MatMult", "LShift",
    "RShift", "BitAnd", "BitOr", "BitXor", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In",
    "NotIn", "With", "withitem", "Try", "ExceptHandler", "Delete", "Del",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """How to print.

    width        expressions are put together while the line stays within it
    standalone   helpers are pasted and constants written out, so that the module needs NumPy only
    defaults     default values of parameters, by name
    scope        the namespace of the user's function: lets `cfg.k` be printed as it was written
    """

    width: int = 88
    standalone: bool = False
    defaults: Mapping[str, object] = field(default_factory=dict)
    scope: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class ModuleText:
    """A module's text, and the objects that must stand in its namespace when it is executed. `origins`: the line of the
    user's source that each line serves."""

    text: str
    names: dict[str, object]
    origins: Callable[[], dict[int, Loc]]


@dataclass(eq=False, slots=True)
class _Printed:
    """A function: its parts, to be laid out as lines and compared as a tree."""

    func: Func
    name: str
    params: list[str]
    defaults: list[ast.expr]
    items: list[Item]
    _tree: ast.stmt | None = None

    def header(self) -> str:
        first = len(self.params) - len(self.defaults)
        given = [p if i < first else f"{p}={ast.unparse(self.defaults[i - first])}" for i, p in enumerate(self.params)]
        return f"def {self.name}({', '.join(given)}):"

    def doc(self) -> list[ast.stmt]:
        return [ast.Expr(ast.Constant(self.func.doc))] if self.func.doc else []

    def tree(self) -> ast.stmt:
        if self._tree is None:
            self._tree = self._made()
        return self._tree

    def _made(self) -> ast.stmt:
        spec = ast.arguments([], [ast.arg(p) for p in self.params], None, [], [], None, self.defaults)
        body = self.doc() + trees(self.items) or [ast.Pass()]
        return ast.FunctionDef(self.name, spec, body, [], None, None)

    def lines(self, careful: bool) -> list[str]:
        doc = docstring(self.func.doc) if self.func.doc else []
        out = printer.wrap([self.header()])
        only_comments = not any(item.node for item in self.items)
        body = list(printer.lines(self.items, 1, careful)) if self.items or not doc else []
        return [*out, *doc, *(body[:-1] if doc and only_comments and body else body)]


def docstring(text: str) -> list[str]:
    """A docstring as lines: triple quotes where its lines can stand in them as they are, else one literal."""
    plain = (text.isascii() and text.isprintable()) or all(
        part.isascii() and part.isprintable() for part in text.split("\n")
    )
    if plain and "\\" not in text and '"""' not in text and not text.endswith('"'):
        return [(f'    """{part}' if i == 0 else part) for i, part in enumerate((text + '"""').split("\n"))]
    return [f"    {text!a}"]


def _print(func: Func, name: str, namespace: Namespace, options: Options) -> _Printed:
    constants = Constants(namespace)
    flow = analyse(func)
    plan = decide(func, flow, options.width)
    reserved = references(func, namespace, constants.literal) | {name}
    names = variables(func, flow, plan, reserved)
    items = restore(Stmts(Exprs(flow, plan, names, namespace), func).block(func.body))
    while items and isinstance(items[-1].node, ast.Return) and items[-1].node.value is None:
        items.pop()
    annotate(items)
    params = [names[p] for p in func.params]
    defaults = [constants.constant(options.defaults[p]) for p in params if p in options.defaults]
    return _Printed(func, name, params, defaults, items)


def function_text(
    func: Func, options: Options | None = None, among: Sequence[Func] = (), within: tuple[Func, ...] = ()
) -> str:
    """One function as Python text; `among` are functions that it may call, `within` those around it, which may call
    themselves."""
    namespace = _namespace(func, options or Options(), among, within)
    return _checked([], [_print(func, func.name, namespace, options or Options())])[0]


def function_key(
    func: Func, among: Sequence[Func] = (), within: tuple[Func, ...] = (), compared: Compared | None = None
) -> object:
    """Equal for functions that are the same: their text is, and what the names in it stand for. `compared` keeps the keys of
    one module's functions."""
    compared = Compared() if compared is None else compared
    return compared.key(func, among, within, lambda: _key(func, among, (*within, func), compared))


def _key(func: Func, among: Sequence[Func], within: tuple[Func, ...], compared: Compared) -> object:
    known = {id(f) for f in (*among, *within)}
    func = replace(func, name="alike", doc="")
    namespace = _namespace(func, Options(), among, within)
    namespace.compared = compared
    text = _laid_out([], [_print(func, func.name, namespace, Options())], careful=False)
    objects = tuple((name, identity(value)) for name, value in sorted(namespace.objects.items()))
    inner = tuple(
        (name, function_key(f, among, within, compared))
        for name, f in sorted(namespace.funcs.items())
        if f is not func and id(f) not in known
    )
    return text, objects, inner


def _namespace(func: Func, options: Options, among: Sequence[Func], within: tuple[Func, ...]) -> Namespace:
    namespace = Namespace(options.scope, options.standalone)
    namespace.within = within
    for other in among:
        namespace.reserve(other, other.name)
    for depth, outer in enumerate(reversed(within)):
        namespace.reserve(outer, f"{func.name}_{depth}" if depth else func.name)
    namespace.reserve(func, func.name)
    return namespace


def module_text(
    funcs: Sequence[Func],
    header: Sequence[str] = (),
    doc: str = "",
    options: Options | None = None,
    defaults: Mapping[str, Mapping[str, object]] | None = None,
) -> ModuleText:
    """A module that defines the functions, in their order, and what they refer to.

    `header`: comment lines; `defaults`: default values of parameters, by function and parameter.
    """
    options = options or Options()
    namespace = Namespace(options.scope, options.standalone)
    for func in funcs:
        namespace.reserve(func, func.name)
    printed: list[_Printed] = []
    done: set[str] = set()
    while waiting := [n for n in namespace.funcs if n not in done]:
        for name in waiting:
            done.add(name)
            given = Options(options.width, options.standalone, (defaults or {}).get(name, options.defaults))
            printed.append(_print(namespace.funcs[name], name, namespace, given))
    printed.sort(key=lambda p: p.func in funcs)
    top = [CODING, *(f"# {escaped(line)}" for line in header)]
    if doc:
        top += [line[4:] if line.startswith("    ") else line for line in docstring(doc)]
    used = {name for p in printed for name in names_used(p.tree())}
    top += preamble(namespace, used, options.standalone)
    text, tree = _checked(top, printed)
    names = {} if options.standalone else dict(namespace.objects)
    return ModuleText(text, names, lambda: _origins(tree.body, printed))


def _origins(body: list[ast.stmt], printed: list[_Printed]) -> dict[int, Loc]:
    """The place in the user's source of the statement that each line belongs to, and the sweep that it is part of."""
    found: dict[int, Loc] = {}
    for p, node in zip(printed, body[len(body) - len(printed) :]):
        nodes = [n for n in _statements(node) if not isinstance(n, ast.Pass)][len(p.doc()) :]
        items = [(i, sweep) for i, sweep in swept(p.items) if not isinstance(i.node, ast.Pass)]
        if len(nodes) == len(items):
            for n, loc in zip(nodes, _places(items, p.func.loc)):
                found |= dict.fromkeys(range(n.lineno, _last_line(n) + 1), loc)
        found[node.lineno] = p.func.loc
    return found


def _places(items: list[tuple[Item, str]], following: Loc) -> list[Loc]:
    """The place of each statement; one that has none, a variable before its loop, serves what follows."""
    found: list[Loc] = []
    for item, sweep in reversed(items):
        following = item.loc if item.loc.line else following
        found.insert(0, replace(following, sweep=sweep or following.sweep))
    return found


def _last_line(node: ast.stmt | ast.ExceptHandler) -> int:
    """The last line of a statement without its bodies."""
    body: list[ast.stmt] | None = getattr(node, "body", None)
    return max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno


def _statements(node: ast.AST) -> Iterator[ast.stmt | ast.ExceptHandler]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.stmt, ast.ExceptHandler)):
            yield child
            yield from _statements(child)


def _checked(top: list[str], printed: list[_Printed]) -> tuple[str, ast.Module]:
    """The text, proved to mean the trees it was made from, and its own tree."""
    for careful in (False, True):
        text = _laid_out(top, printed, careful)
        tree = _parsed(text)
        if tree is not None and _is_faithful(tree, printed):
            _allow(tree)
            return text, tree
    raise InternalError("the printed module doesn't mean what was asked for")


def _laid_out(top: list[str], printed: list[_Printed], careful: bool) -> str:
    blocks = [p.lines(careful) for p in printed]
    between = "\n\n\n" if top or len(blocks) > 1 else ""
    return between.join(["\n".join(top)] * bool(top) + ["\n".join(b) for b in blocks]) + "\n"


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError as err:
        if str(err.msg).startswith("too many"):  # levels of indentation, nested parentheses
            raise refusal("too deep") from None
        return None
    except (RecursionError, MemoryError):
        raise refusal("too deep") from None


def _is_faithful(tree: ast.Module, printed: list[_Printed]) -> bool:
    found = tree.body[len(tree.body) - len(printed) :]
    return len(found) == len(printed) and all(printer.alike(n, p.tree()) for n, p in zip(found, printed))


def _allow(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if type(node).__name__ not in ALLOWED:
            raise InternalError(f"{type(node).__name__} in generated code")
        for name in _names_of(node):
            if not is_name(name):
                raise InternalError(f"{name!r} in generated code")


def _names_of(node: ast.AST) -> list[str]:
    match node:
        case ast.Name():
            return [node.id]
        case ast.Attribute():
            return [node.attr]
        case ast.FunctionDef() | ast.ExceptHandler():
            return [node.name] if node.name else []
        case ast.alias():
            return [*node.name.split("."), *([node.asname] if node.asname else [])]
        case ast.arg() | ast.keyword():
            return [node.arg] if node.arg is not None else []
    return []
