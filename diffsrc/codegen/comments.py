"""Section markers and the primal line that a group of derivative statements serves.

In the part after `# reverse` the first statement of each group gets `# line 4: y[i] = ...`; values read
back from saved lists stand under `# saved in line 4`.  Comments are escaped to ASCII and never hold a
newline.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..source import NOWHERE, Loc

FORWARD, REVERSE = "forward", "reverse"


@dataclass(eq=False, slots=True)
class Item:
    """A printed statement: `node` is None for a line that is only a comment."""

    node: ast.stmt | ast.ExceptHandler | None
    loc: Loc = NOWHERE
    saved: bool = False
    comment: str = ""
    body: list[Item] = field(default_factory=list)
    orelse: list[Item] = field(default_factory=list)
    handlers: list[Item] = field(default_factory=list)
    final: list[Item] = field(default_factory=list)

    def tree(self) -> ast.stmt | None:
        """The statement with its bodies filled in."""
        if isinstance(self.node, (ast.With, ast.Try, ast.ExceptHandler)):
            self.node.body = trees(self.body) or [ast.Pass()]
        if isinstance(self.node, ast.Try):
            self.node.handlers = [h.caught() for h in self.handlers]
            self.node.orelse, self.node.finalbody = trees(self.orelse), trees(self.final)
        if isinstance(self.node, (ast.For, ast.While, ast.If)):
            self.node.body = trees(self.body) or [ast.Pass()]
            self.node.orelse = trees(self.orelse)
        return None if isinstance(self.node, ast.ExceptHandler) else self.node

    def caught(self) -> ast.ExceptHandler:
        """A handler with its body filled in."""
        self.tree()
        assert isinstance(self.node, ast.ExceptHandler)
        return self.node


def trees(items: list[Item]) -> list[ast.stmt]:
    return [t for item in items if (t := item.tree()) is not None]


def escaped(text: str) -> str:
    """A comment's text: ASCII, one line."""
    return ascii(" ".join(text.split()))[1:-1].replace("\\'", "'").replace("\\\\", "\\")


def code_part(line: str) -> str:
    """A source line without the comment at its end."""
    quote = ""
    for n, c in enumerate(line):
        if quote:
            quote = "" if c == quote and line[n - 1] != "\\" else quote
        elif c in "\"'":
            quote = c
        elif c == "#":
            return line[:n]
    return line


def in_order(items: list[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from in_order(item.body)
        yield from in_order(item.handlers)
        yield from in_order(item.orelse)
        yield from in_order(item.final)


def swept(items: list[Item]) -> Iterator[tuple[Item, str]]:
    """The statements in order, each with the marker that it stands behind; empty before the first."""
    sweep = ""
    for item in in_order(items):
        if item.node is not None:
            yield item, sweep
        elif item.comment in (FORWARD, REVERSE):
            sweep = item.comment


def annotate(items: list[Item]) -> None:
    """Add line comments to the statements after the marker `# reverse`."""
    group: tuple[str, int, bool] | None = None
    reverse = False
    for item in in_order(items):
        if item.node is None:
            reverse |= item.comment == REVERSE
            group = None
        elif reverse and item.loc.line and not isinstance(item.node, (ast.Return, ast.Break, ast.Continue)):
            here = (item.loc.file, item.loc.line, item.saved)
            if here != group:
                item.comment = _line(item)
                group = here


def _line(item: Item) -> str:
    if item.saved:
        return f"saved in line {item.loc.line}"
    text = escaped(code_part(item.loc.text()))
    is_code = text and not text.startswith(
        ("def ", "class ", "@")
    )  # what serves no line of the body has the function's
    return f"line {item.loc.line}: {text}" if is_code else ""
