"""Statements as text. The only module that imports astor.

astor lays out code well but has silent errors, so it is used for single statements only, on trees (never
shared nodes), with non-negative numbers, and never for f-strings.  The text of the whole module is parsed
again and compared with what was asked for; if it differs, each statement is compared by itself, printed by
`ast.unparse` where astor was wrong, and compared again.  What still differs is an `InternalError`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import tokenize
import warnings
from collections.abc import Iterator

from ..defs.syntax import refusal
from ..errors import InternalError
from .comments import Item, escaped

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import astor

#: nodes that astor prints wrong or not at all
UNPARSE_ONLY = (ast.JoinedStr, ast.FormattedValue)
WIDTH = 88
HARD_WIDTH = 100


COMPOUND = (ast.For, ast.While, ast.If, ast.With)


def statement(node: ast.stmt | ast.ExceptHandler, careful: bool = False) -> list[str]:
    """The lines of one statement; of a compound statement, its header."""
    if isinstance(node, ast.Try):
        return ["try:"]
    if isinstance(node, ast.ExceptHandler):
        return [_except(node)]
    node = _header(node)
    text = _unparse(node) if any(map(_needs_unparse, ast.walk(node))) else _astor(node)
    if careful and not _same(text, node):
        text = _unparse(node)
        if not _same(text, node):
            raise InternalError(f"a statement can't be printed: {ast.dump(node)}")
    if isinstance(node, ast.Assign) and len(text) > WIDTH and isinstance(unpacked := node.targets[0], ast.Tuple):
        bare = _unparse(unpacked)[1:-1]  # in brackets it can be wrapped
        text = f"({bare}){text[len(bare):]}" if text.startswith(f"{bare} =") else text
    lines = [line.rstrip() for line in text.rstrip("\n").split("\n")]
    return lines[:-1] if isinstance(node, COMPOUND) else lines


def _except(node: ast.ExceptHandler) -> str:
    kind = f" {_unparse(node.type)}" if node.type is not None else ""
    return f"except{kind}{f' as {node.name}' if node.name else ''}:"


def _header(node: ast.stmt) -> ast.stmt:
    match node:
        case ast.For():
            return ast.For(node.target, node.iter, [ast.Pass()], [])
        case ast.While():
            return ast.While(node.test, [ast.Pass()], [])
        case ast.If():
            return ast.If(node.test, [ast.Pass()], [])
        case ast.With():
            return ast.With(node.items, [ast.Pass()])
    return node


def _needs_unparse(node: ast.AST) -> bool:
    """Whether astor prints a node wrong, or less readable (`x, = e` for `(x,) = e`, `{0: e}` for `{(0): e}`)."""
    numbers = isinstance(node, ast.Dict) and any(isinstance(k, ast.Constant) and not isinstance(k.value, str) for k in node.keys)
    return isinstance(node, UNPARSE_ONLY) or numbers or (isinstance(node, ast.Tuple) and len(node.elts) == 1)


def _astor(node: ast.stmt) -> str:
    try:
        return str(astor.to_source(node, pretty_source="".join))
    except RecursionError:
        raise refusal("too deep") from None


def _unparse(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _same(text: str, node: ast.stmt) -> bool:
    try:
        return alike(ast.parse(text), ast.Module([node], []))
    except SyntaxError:
        return False


def alike(a: object, b: object) -> bool:
    """Whether two trees mean the same: places apart, and what a node made by hand leaves out (Python 3.12 has a field for
    type parameters)."""
    stack = [(a, b)]
    while stack:
        one, other = stack.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, ast.AST):
            assert isinstance(other, ast.AST)
            stack += [(_part(one, f), _part(other, f)) for f in one._fields]
        elif isinstance(one, list):
            assert isinstance(other, list)
            if len(one) != len(other):
                return False
            stack += zip(one, other)
        elif one is not other and repr(one) != repr(other):
            return False
    return True


def _part(node: ast.AST, field: str) -> object:
    """What a node has in a field; an empty list is as good as none."""
    found = getattr(node, field, None)
    return None if isinstance(found, list) and not found else found


def lines(items: list[Item], indent: int = 0, careful: bool = False) -> Iterator[str]:
    """The lines of statements with their comments."""
    for item in items:
        if item.node is None:
            yield f"{'    ' * indent}# {escaped(item.comment)}"
            continue
        yield from _item(item, indent, careful, "")
    if not any(item.node for item in items):
        yield "    " * indent + "pass"


def _item(item: Item, indent: int, careful: bool, prefix: str) -> Iterator[str]:
    assert item.node is not None
    margin = "    " * indent
    printed = wrap([margin + text for text in statement(item.node, careful)])
    if prefix:
        printed[0] = margin + prefix + printed[0][len(margin) :]
    yield from with_comment(printed, item.comment, margin)
    if isinstance(item.node, (*COMPOUND, ast.Try, ast.ExceptHandler)):
        yield from lines(item.body, indent + 1, careful)
        for handler in item.handlers:
            yield from _item(handler, indent, careful, "")
        only = item.orelse[0] if len(item.orelse) == 1 else None
        if only is not None and isinstance(item.node, ast.If) and isinstance(only.node, ast.If):
            yield from _item(only, indent, careful, "el")
        elif item.orelse:
            yield f"{margin}else:"
            yield from lines(item.orelse, indent + 1, careful)
        if item.final:
            yield f"{margin}finally:"
            yield from lines(item.final, indent + 1, careful)


def with_comment(printed: list[str], comment: str, margin: str) -> list[str]:
    """The lines with a comment behind the first where it fits, else above."""
    if not comment:
        return printed
    behind = f"{printed[0]}  # {comment}"
    if len(printed) == 1 and len(behind) <= WIDTH:
        return [behind]
    above = f"{margin}# {comment}"
    room = max(HARD_WIDTH, len(above) - len(above.lstrip()) + 24)  # deep code keeps its place, and some words
    return [above if len(above) <= room else f"{above[: room - 4].rstrip()} ...", *printed]


def wrap(printed: list[str]) -> list[str]:
    """Break a long line behind commas, inside the outermost brackets that hold any."""
    if len(printed) != 1 or len(printed[0]) <= HARD_WIDTH:
        return printed
    line = printed[0]
    column, commas = _commas(line)
    out, start, margin = [], 0, ""
    for at, following in zip(commas, [*commas[1:], len(line)]):
        if len(margin) + following - start > WIDTH:
            out.append(margin + line[start:at].strip() if start else line[:at])
            start, margin = at, " " * column
    return [*out, margin + line[start:].strip() if start else line]


def _commas(line: str) -> tuple[int, list[int]]:
    """The column inside the outermost bracket with commas, and where each comma ends."""
    found: dict[tuple[int, int], list[int]] = {}
    opened: list[int] = []
    for kind, text, end in _tokens(line):
        if kind == tokenize.OP and text in "([{":
            opened.append(end)
        elif kind == tokenize.OP and text in ")]}" and opened:
            opened.pop()
        elif text == "," and opened:
            found.setdefault((len(opened), opened[-1]), []).append(end)
    if not found:
        return 0, []
    depth = min(d for d, _ in found)
    column, commas = max(((c, ends) for (d, c), ends in found.items() if d == depth), key=lambda item: len(item[1]))
    return column, commas


def _tokens(line: str) -> list[tuple[int, str, int]]:
    indent = len(line) - len(line.lstrip())
    readline = io.StringIO(line.lstrip()).readline
    found: list[tuple[int, str, int]] = []
    with contextlib.suppress(tokenize.TokenError):
        found.extend((t.type, t.string, t.end[1] + indent) for t in tokenize.generate_tokens(readline))
    return found
