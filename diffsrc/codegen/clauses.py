"""`else` and `finally` of a `try`, found again in the printed statements.

The compiler knows neither: `finally` stands behind the guard and in a handler of everything that raises again, `else` stands
behind it under a flag. Where the printed statements have that form, and nothing else reads the flag, they are the clauses.

    try:                            try:
        y = a / b                       y = a / b
    except BaseException:           finally:
        log.close()           =>        log.close()
        raise
    log.close()
"""

from __future__ import annotations

import ast
from collections import Counter

from .comments import Item, in_order


def restore(items: list[Item]) -> list[Item]:
    """The statements of a function with `else` and `finally` clauses."""
    if not any(isinstance(item.node, ast.Try) for item in in_order(items)):
        return items
    reads = Counter(
        n.id
        for item in in_order(items)
        if item.node is not None
        for n in ast.walk(item.node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    )
    return _restored(items, reads)


def _restored(items: list[Item], reads: Counter[str]) -> list[Item]:
    out: list[Item] = []
    rest = list(items)
    while rest:
        item = rest.pop(0)
        for part in ("body", "orelse", "final"):
            setattr(item, part, _restored(getattr(item, part), reads))
        for handler in item.handlers:
            handler.body = _restored(handler.body, reads)
        if isinstance(item.node, ast.Try):
            rest = _with_else(item, rest, reads)
            rest = _with_finally(item, rest)
        out.append(item)
    return out


def _with_finally(item: Item, rest: list[Item]) -> list[Item]:
    """Take what a handler of everything does, and what is done again behind it, as `finally`; the statements left."""
    if len(item.handlers) != 1 or item.orelse:
        return rest
    handler = item.handlers[0]
    assert isinstance(handler.node, ast.ExceptHandler)
    *final, last = handler.body or [handler]
    everything = isinstance(handler.node.type, ast.Name) and handler.node.type.id == "BaseException"
    again = isinstance(last.node, ast.Raise) and last.node.exc is None
    if not everything or not again or not final or _texts(rest[: len(final)]) != _texts(final):
        return rest
    if _has_exit(item.body):  # what `finally` does stands before the exit
        return rest
    item.handlers, item.final = [], final
    inner = item.body[0] if len(item.body) == 1 else None
    if inner is not None and isinstance(inner.node, ast.Try) and not inner.final:
        item.body, item.handlers, item.orelse = inner.body, inner.handlers, inner.orelse
    return rest[len(final) :]


def _has_exit(items: list[Item], own: bool = True) -> bool:
    """Whether statements leave the one around them; `own`: by a `break` or `continue` too."""
    for item in items:
        if isinstance(item.node, ast.Return) or (own and isinstance(item.node, (ast.Break, ast.Continue))):
            return True
        inner = own and not isinstance(item.node, (ast.For, ast.While))
        arms = [item.final, *(h.body for h in item.handlers)]
        if _has_exit(item.body, inner) or _has_exit(item.orelse, own) or any(_has_exit(a, own) for a in arms):
            return True
    return False


def _with_else(item: Item, rest: list[Item], reads: Counter[str]) -> list[Item]:
    """Take what stands behind a `try` under the flag that its body came to its end as `else`; the statements left."""
    test = rest[0].node if rest else None
    if not isinstance(test, ast.If) or not isinstance(test.test, ast.Name) or rest[0].orelse or not item.body:
        return rest
    flag = test.test.id
    setters = [item.body, *(h.body for h in item.handlers if not _leaves(h.body))]
    if reads[flag] != 1 or not all(b and _sets(b[-1], flag, b is item.body) for b in setters):
        return rest
    for body in setters:
        body.pop()
    item.orelse = rest[0].body
    return rest[1:]


def _leaves(body: list[Item]) -> bool:
    return bool(body) and isinstance(body[-1].node, (ast.Raise, ast.Return, ast.Break, ast.Continue))


def _sets(item: Item, flag: str, value: bool) -> bool:
    node = item.node
    return (
        isinstance(node, ast.Assign)
        and [ast.dump(t) for t in node.targets] == [ast.dump(ast.Name(flag, ast.Store()))]
        and isinstance(node.value, ast.Constant)
        and node.value.value is value
    )


def _texts(items: list[Item]) -> list[str]:
    return [ast.dump(tree) if (tree := item.tree()) is not None else "" for item in items]
