"""From a function object to its syntax tree.

The file named by `f.__code__` is parsed and compiled as a whole, once. Compiling the whole file,
not a dedented piece of it, gives every function its true surroundings: free variables, private
names of classes, `__future__` imports. Among the code objects of the file we look for one with the
name, first line and content of `f.__code__`; if there is none, the file isn't what is running, and
the function is refused. The syntax tree is found by name and first line; of several lambdas in a
line it is the innermost one whose body spans the columns of the code's instructions. `__wrapped__`
is never followed: it would show the function without its decorator.
"""

from __future__ import annotations
import __future__

import ast
import linecache
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FunctionType

from ..defs.syntax import refusal
from ..source import Loc, origin_of
from ..timing import phase

Node = ast.FunctionDef | ast.Lambda
_Found = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Key = tuple[str, int]
_FUTURE = 0
for _feature in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _feature).compiler_flag
#: what makes two code objects the same program; constants are compared beside it
_CONTENT = (
    "co_name", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_flags", "co_code", "co_names",
    "co_varnames", "co_freevars", "co_cellvars", "co_exceptiontable",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where a function stands.

    `text` is its lines as they are in the file, decorators included; `owner` is the class around it, whose
    name goes into private names.
    """

    file: str
    first_line: int
    text: str
    owner: str = ""
    lines: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def loc(self, node: ast.AST) -> Loc:
        """The place of a node; a node of several lines is marked to the end of its first. In generated text it is the place
        that the line serves in the user's source."""
        line = int(getattr(node, "lineno", self.first_line))
        origin = origin_of(self.file, line)
        if origin is not None:
            return origin
        text = self._line(line)
        start = _column(text, int(getattr(node, "col_offset", 0)))
        if getattr(node, "end_lineno", line) != line:
            return Loc(self.file, line, start, max(len(text) + 1, start + 1))
        return Loc(self.file, line, start, _column(text, int(getattr(node, "end_col_offset", start))))

    def mangled(self, name: str) -> str:
        """The name that `__x` in a class body means."""
        owner = self.owner.lstrip("_")
        private = name.startswith("__") and not name.endswith("__") and owner
        return f"_{owner}{name}" if private else name

    def _line(self, line: int) -> str:
        at = line - self.first_line
        return self.lines[at] if 0 <= at < len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class _File:
    text: str
    lines: tuple[str, ...]
    codes: dict[_Key, list[CodeType]]
    nodes: dict[_Key, list[tuple[_Found, str]]]


_FILES: dict[tuple[str, int], _File] = {}


def find_source(f: FunctionType) -> tuple[Node, SourceInfo]:
    """The syntax tree of a Python function or lambda, checked against the code that runs.

    Raises:
        UnsupportedError: there is no source, it isn't the running code's, or the function is a coroutine.
    """
    with phase("parse"):
        return _find(f)


def _find(f: FunctionType) -> tuple[Node, SourceInfo]:
    code = getattr(f, "__code__", None)
    if not isinstance(f, FunctionType) or not isinstance(code, CodeType):
        raise refusal("no source", name=getattr(f, "__qualname__", type(f).__name__))
    place = Loc(code.co_filename, code.co_firstlineno)
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, f.__globals__)
    if not lines:
        raise refusal("no source", name=f.__qualname__)
    file = _read(code.co_filename, lines, code.co_flags & _FUTURE, place)
    key = (code.co_name, code.co_firstlineno)
    if not any(same_code(code, other) for other in file.codes.get(key, ())):
        raise refusal("changed source", place, name=f.__qualname__)
    return _checked(_pick(file.nodes.get(key, []), code), code, file)


def _checked(found: tuple[_Found, str] | None, code: CodeType, file: _File) -> tuple[Node, SourceInfo]:
    if found is None:
        raise refusal("ambiguous lambda", Loc(code.co_filename, code.co_firstlineno))
    node, owner = found
    first, last = code.co_firstlineno, node.end_lineno or node.lineno
    lines = file.lines[first - 1 : last]
    info = SourceInfo(code.co_filename, first, "\n".join(lines) + "\n", owner, lines)
    if isinstance(node, ast.AsyncFunctionDef):
        raise refusal("AsyncFunctionDef", info.loc(node))
    return node, info


def _read(name: str, lines: list[str], flags: int, place: Loc) -> _File:
    """Parse and compile a file; the last text of each file is kept."""
    text = "".join(lines)
    known = _FILES.get((name, flags))
    if known is not None and known.text == text:
        return known
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(text, name, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
            assert isinstance(tree, ast.Module)
            code = compile(tree, name, "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        raise refusal("changed source", place, name=name) from None
    except (RecursionError, MemoryError):
        raise refusal("too deep", place) from None
    file = _File(text, tuple(line.rstrip("\r\n") for line in lines), _codes(code), _nodes(tree))
    _FILES[name, flags] = file
    return file


def _codes(module: CodeType) -> dict[_Key, list[CodeType]]:
    out: dict[_Key, list[CodeType]] = defaultdict(list)
    stack = [module]
    while stack:
        code = stack.pop()
        out[code.co_name, code.co_firstlineno].append(code)
        stack += [c for c in code.co_consts if isinstance(c, CodeType)]
    return dict(out)


def _nodes(tree: ast.Module) -> dict[_Key, list[tuple[_Found, str]]]:
    out: dict[_Key, list[tuple[_Found, str]]] = defaultdict(list)
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, owner = stack.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                out[node.name, first].append((node, owner))
            case ast.Lambda():
                out["<lambda>", node.lineno].append((node, owner))
        inside = node.name if isinstance(node, ast.ClassDef) else owner
        stack += [(child, inside) for child in ast.iter_child_nodes(node)]
    return dict(out)


def _pick(nodes: list[tuple[_Found, str]], code: CodeType) -> tuple[_Found, str] | None:
    """The one node that the code was compiled from."""
    if len(nodes) == 1:
        return nodes[0]
    spans = list(_spans(code))
    around = [(n, owner) for n, owner in nodes if isinstance(n, ast.Lambda) and all(_inside(s, n.body) for s in spans)]
    if not spans or not around:
        return None
    return max(around, key=lambda item: (item[0].body.lineno, item[0].body.col_offset))


_Span = tuple[int, int, int, int]


def _spans(code: CodeType) -> Iterator[_Span]:
    """line, column, end line, end column of each instruction that stems from text."""
    for line, end_line, column, end_column in code.co_positions():
        if line is None or end_line is None or column is None or end_column is None:
            continue
        if (line, column) != (end_line, end_column):
            yield line, column, end_line, end_column


def _inside(span: _Span, body: ast.expr) -> bool:
    start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
    return start <= span[:2] and span[2:] <= end


def same_code(a: CodeType, b: CodeType) -> bool:
    """Whether two code objects are one program, whatever their files and positions."""
    return all(getattr(a, key) == getattr(b, key) for key in _CONTENT) and _same_consts(a.co_consts, b.co_consts)


def _same_consts(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    return len(a) == len(b) and all(map(_same_const, a, b))


def _same_const(a: object, b: object) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, CodeType) and isinstance(b, CodeType):
        return same_code(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return _same_consts(a, b)
    if isinstance(a, (int, frozenset)):
        return a == b
    return repr(a) == repr(b)  # -0.0 is not 0.0, nan is nan


def _column(text: str, offset: int) -> int:
    """Columns count characters from 1; the parser counts bytes of UTF-8 from 0."""
    if text.isascii():
        return offset + 1
    return len(text.encode()[:offset].decode(errors="ignore")) + 1
