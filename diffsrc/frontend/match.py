"""`match`: each case is a test of the subject, and bindings where the test holds.

    match shape:                       if isinstance(shape, Circle) and hasattr(shape, "r"):
        case Circle(r=r):                  r = shape.r
            a = r * r         ->           a = r * r
        case [w, h] if w > h:          elif isinstance(shape, Sequence) and len(shape) == 2 and (w := ..) > (h := ..):
            a = w * h                      a = w * h

Tests are the user's own operations (`isinstance`, `len`, `==`, `in`), so that types decide them where they can. What a
pattern captures is read again in the arm, where it is known to be there. A guard sees what its pattern captured; what it
captured stays bound when it fails.
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..ir.ops import NONE_LIT, Attr, Index, Method, Slice
from ..ir.values import Literal, Operand, Pack
from .expressions import condition, load
from .scope import bound
from .state import RESULT, Lowering, callee_of, literal, statement

Step = Callable[[Lowering], Operand]
Patterns = Sequence[ast.pattern]
#: builtin classes whose one positional pattern stands for the subject itself
WHOLE = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
#: what a mapping leaves besides some keys: no name that a program could use
REST = "<rest>"
_TEXTS = Literal((str, bytes, bytearray))
_SEQUENCE, _MAPPING = Literal(collections.abc.Sequence), Literal(collections.abc.Mapping)


@statement(ast.Match)
def match_(low: Lowering, node: ast.Match) -> None:
    subject = low.value(node.subject)
    _cases(low, node, subject, 0)


def _cases(low: Lowering, node: ast.Match, subject: Operand, at: int) -> None:
    case = node.cases[at]
    cond = _chosen(low, case, subject)
    if _holds(cond):
        capture(low, case.pattern, subject)
        low.stmts(case.body)
        return
    then, other = low.child(), low.child()
    capture(then, case.pattern, subject)
    then.stmts(case.body)
    if at + 1 < len(node.cases):
        _cases(other, node, subject, at + 1)
    low.join(node, cond, (then, other), low.live_behind(node))


def _chosen(low: Lowering, case: ast.match_case, subject: Operand) -> Operand:
    """Whether a case is taken."""
    guard = case.guard
    if guard is None:
        return test(low, case.pattern, subject)

    def guarded(inner: Lowering) -> Operand:
        capture(inner, case.pattern, subject)
        return condition(inner, guard)

    return _all(low, guard, [partial(test, pattern=case.pattern, subject=subject), guarded])


def _holds(cond: Operand) -> bool:
    return isinstance(cond, Literal) and cond.value is True


def _all(low: Lowering, node: ast.AST, steps: Sequence[Step]) -> Operand:
    """`a and b and c`; what always holds is left out."""
    if not steps:
        return literal(True, low.loc(node))
    first = steps[0](low)
    if len(steps) == 1:
        return first
    if _holds(first):
        return _all(low, node, steps[1:])
    more, stop = low.child(), low.child()
    more.vars[RESULT] = _all(more, node, steps[1:])
    stop.vars[RESULT] = literal(False, low.loc(node))
    low.join(node, first, (more, stop), None)
    return low.vars.pop(RESULT)


# -- tests


def test(low: Lowering, pattern: ast.pattern, subject: Operand) -> Operand:
    """Whether the subject matches. Nothing is bound."""
    match pattern:
        case ast.MatchValue(value=value):
            return low.apply(callee_of(operator.eq), (subject, low.value(value)), pattern)
        case ast.MatchSingleton(value=value):
            return low.apply(callee_of(operator.is_), (subject, literal(value, low.loc(pattern))), pattern)
        case ast.MatchAs(pattern=None):
            return literal(True, low.loc(pattern))
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return test(low, inner, subject)
        case ast.MatchOr(patterns=patterns):
            return _any(low, pattern, patterns, subject)
        case ast.MatchSequence(patterns=patterns):
            return _all(low, pattern, _sequence_steps(pattern, patterns, subject))
        case ast.MatchMapping():
            return _all(low, pattern, _mapping_steps(pattern, subject))
        case ast.MatchClass():
            return _all(low, pattern, _class_steps(low, pattern, subject))
    raise low.refuse(type(pattern).__name__, pattern)


def _any(low: Lowering, node: ast.AST, patterns: Patterns, subject: Operand) -> Operand:
    first = test(low, patterns[0], subject)
    if len(patterns) == 1 or _holds(first):
        return first
    done, more = low.child(), low.child()
    done.vars[RESULT] = literal(True, low.loc(node))
    more.vars[RESULT] = _any(more, node, patterns[1:], subject)
    low.join(node, first, (done, more), None)
    return low.vars.pop(RESULT)


def _is_a(low: Lowering, node: ast.AST, subject: Operand, cls: Operand) -> Operand:
    return low.apply(callee_of(isinstance), (subject, cls), node)


def _sequence_steps(node: ast.pattern, patterns: Patterns, subject: Operand) -> list[Step]:
    star = _star(patterns)
    count = len(patterns) - (star is not None)

    def is_text(low: Lowering) -> Operand:
        return low.apply(callee_of(operator.not_), (_is_a(low, node, subject, _TEXTS),), node)

    def fits(low: Lowering) -> Operand:
        size = low.apply(callee_of(len), (subject,), node)
        compare = operator.eq if star is None else operator.ge
        return low.apply(callee_of(compare), (size, literal(count, low.loc(node))), node)

    steps: list[Step] = [partial(_is_a, node=node, subject=subject, cls=_SEQUENCE), is_text]
    steps += [] if star is not None and count == 0 else [fits]
    steps += [
        partial(_test_part, pattern=p, read=partial(_item, subject=subject, node=p, at=k))
        for p, k in _places(patterns)
        if _asks(p)
    ]
    return steps


def _test_part(low: Lowering, pattern: ast.pattern, read: Step) -> Operand:
    return test(low, pattern, read(low))


def _asks(pattern: ast.pattern) -> bool:
    """Whether a pattern can fail."""
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is not None and _asks(pattern.pattern)
    return not isinstance(pattern, ast.MatchStar)


def _star(patterns: Patterns) -> int | None:
    return next((i for i, p in enumerate(patterns) if isinstance(p, ast.MatchStar)), None)


def _places(patterns: Patterns) -> list[tuple[ast.pattern, int]]:
    """The patterns of single items with their positions; behind a star they are counted from the end."""
    star = _star(patterns)
    return [
        (p, i if star is None or i < star else i - len(patterns))
        for i, p in enumerate(patterns)
        if not isinstance(p, ast.MatchStar)
    ]


def _item(low: Lowering, subject: Operand, node: ast.AST, at: int) -> Operand:
    if isinstance(subject, Pack) and -len(subject.items) <= at < len(subject.items):
        return subject.items[at]
    return load(low, subject, Index((literal(at, low.loc(node)),)), node)


def _mapping_steps(pattern: ast.MatchMapping, subject: Operand) -> list[Step]:
    steps: list[Step] = [partial(_is_a, node=pattern, subject=subject, cls=_MAPPING)]
    for key, inner in zip(pattern.keys, pattern.patterns):
        steps.append(partial(_has_key, key=key, subject=subject))
        if _asks(inner):
            steps.append(partial(_test_part, pattern=inner, read=partial(_value_at, subject=subject, key=key)))
    return steps


def _has_key(low: Lowering, key: ast.expr, subject: Operand) -> Operand:
    return low.apply(callee_of(operator.contains), (subject, low.value(key)), key)


def _value_at(low: Lowering, subject: Operand, key: ast.expr) -> Operand:
    return load(low, subject, Index((low.value(key),)), key)


def _class_steps(low: Lowering, pattern: ast.MatchClass, subject: Operand) -> list[Step]:
    cls = _class(low, pattern)
    steps: list[Step] = [partial(_is_a, node=pattern, subject=subject, cls=cls)]
    for name, inner in _attributes(low, pattern, cls.value):
        if name is None:
            steps += [partial(test, pattern=inner, subject=subject)] if _asks(inner) else []
            continue
        steps.append(partial(_has_attribute, node=inner, subject=subject, name=name))
        if _asks(inner):
            read = partial(_attribute, subject=subject, node=inner, name=name)
            steps.append(partial(_test_part, pattern=inner, read=read))
    return steps


def _class(low: Lowering, pattern: ast.MatchClass) -> Literal:
    cls = low.value(pattern.cls)
    if not isinstance(cls, Literal) or not isinstance(cls.value, type):
        raise low.refuse("pattern class", pattern.cls)
    return cls


def _attributes(low: Lowering, pattern: ast.MatchClass, cls: Any) -> list[tuple[str | None, ast.pattern]]:
    """The attributes that a class pattern asks for; None stands for the subject itself."""
    named: list[tuple[str | None, ast.pattern]] = list(zip(pattern.kwd_attrs, pattern.kwd_patterns))
    if not pattern.patterns:
        return named
    if issubclass(cls, WHOLE) and not hasattr(cls, "__match_args__"):
        return [(None, pattern.patterns[0]), *named]
    names = getattr(cls, "__match_args__", ())
    if len(pattern.patterns) > len(names):
        raise low.refuse("pattern arguments", pattern, name=cls.__name__)
    return [*zip(names, pattern.patterns), *named]


def _has_attribute(low: Lowering, subject: Operand, node: ast.AST, name: str) -> Operand:
    return low.apply(callee_of(builtins.hasattr), (subject, literal(name, low.loc(node))), node)


def _attribute(low: Lowering, subject: Operand, node: ast.AST, name: str) -> Operand:
    return load(low, subject, Attr(name), node)


# -- captures


def capture(low: Lowering, pattern: ast.pattern, subject: Operand) -> None:
    """Bind what a pattern captures of a subject that it matches."""
    if not _names(pattern):
        return
    match pattern:
        case ast.MatchAs(pattern=inner, name=name):
            if inner is not None:
                capture(low, inner, subject)
            if name is not None:
                low.bind(name, low.settle(subject, pattern, name), pattern)
        case ast.MatchOr(patterns=patterns):
            _capture_either(low, pattern, patterns, subject)
        case ast.MatchSequence(patterns=patterns):
            _capture_items(low, pattern, patterns, subject)
        case ast.MatchMapping():
            for key, inner in zip(pattern.keys, pattern.patterns):
                if _names(inner):
                    capture(low, inner, _value_at(low, subject, key))
            if pattern.rest is not None:
                keys = tuple(low.value(key) for key in pattern.keys)
                rest = low.apply(Method(REST), (subject, *keys), pattern, pattern.rest)
                low.bind(pattern.rest, rest, pattern)
        case ast.MatchClass():
            for name, inner in _attributes(low, pattern, _class(low, pattern).value):
                if _names(inner):
                    capture(low, inner, subject if name is None else _attribute(low, subject, inner, name))


def _names(pattern: ast.pattern) -> list[str]:
    return bound(pattern)


def _capture_either(low: Lowering, node: ast.AST, patterns: Patterns, subject: Operand) -> None:
    """The first alternative that matches binds the names."""
    if len(patterns) == 1:
        capture(low, patterns[0], subject)
        return
    cond = test(low, patterns[0], subject)
    then, other = low.child(), low.child()
    capture(then, patterns[0], subject)
    _capture_either(other, node, patterns[1:], subject)
    low.join(node, cond, (then, other), None)


def _capture_items(low: Lowering, node: ast.AST, patterns: Patterns, subject: Operand) -> None:
    for p, at in _places(patterns):
        if _names(p):
            capture(low, p, _item(low, subject, p, at))
    star = _star(patterns)
    pattern = patterns[star] if star is not None else None
    if star is None or not isinstance(pattern, ast.MatchStar) or pattern.name is None:
        return
    last = star + 1 - len(patterns)
    if isinstance(subject, Pack):
        rest: Operand = Pack(subject.items[star : last or None], "list")
    else:
        upper = literal(last, low.loc(node)) if last else NONE_LIT
        cut = Index((Slice(literal(star, low.loc(node)), upper, NONE_LIT),))
        rest = low.apply(callee_of(list), (load(low, subject, cut, pattern),), pattern)
    low.bind(pattern.name, low.settle(rest, pattern, pattern.name), pattern)
