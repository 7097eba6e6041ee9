"""An interpreter of lowered IR: the oracle that says whether lowering kept a program's meaning.

It runs the ops on Python values, so that `run(lower_function(f), args)` must give what `f(*args)`
gives, exactly.
"""

from __future__ import annotations

import inspect
from typing import Any

from diffsrc.defs.table import Def
from diffsrc.ir.ops import (
    Apply,
    Attr,
    Block,
    Break,
    Continue,
    Enumerate,
    For,
    Func,
    FuncRef,
    If,
    Index,
    Load,
    Method,
    Raise,
    Range,
    Return,
    Reversed,
    Seq,
    Slice,
    Store,
    Unreachable,
    While,
    Yield,
    Zip,
)  # fmt: skip
from diffsrc.ir.values import Literal, Pack, Value, is_undef


class Undef:
    """The value of an unbound variable."""


class Closure:
    def __init__(self, func: Func, captured: tuple[Any, ...]) -> None:
        self.func, self.captured = func, captured

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return run(self.func, *bound(self.func, (*self.captured, *args), kwargs))


def bound(func: Func, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments of a lifted function, bound as Python does."""
    if func.signature is None:
        return args
    own = func.signature.bind(*args[func.held :], **kwargs)
    own.apply_defaults()
    names = [p.name for p in func.params]
    captured = len(names) - len(own.arguments)
    defaults = dict(zip(names[captured : func.held], args[captured : func.held]))
    given = {**own.arguments, **{n: v for n, v in defaults.items() if own.arguments[n] is n}}
    return (*args[:captured], *(given[n] for n in names[captured:]))


def run(func: Func, *args: Any) -> Any:
    assert len(args) == len(func.params), (func.name, len(args), [p.name for p in func.params])
    env = dict(zip(func.params, args))
    kind, value = _block(func.body, env)
    assert kind == "return", kind
    return value


def get(operand: Any, env: dict[Value, Any]) -> Any:
    if is_undef(operand):
        return Undef
    if isinstance(operand, Literal):
        return operand.value
    if isinstance(operand, Pack):
        items = [get(o, env) for o in operand.items]
        return items if operand.kind == "list" else tuple(items)
    value = env[operand]
    return value


def used(operand: Any, env: dict[Value, Any]) -> Any:
    value = get(operand, env)
    if value is Undef:
        raise UnboundLocalError(getattr(operand, "name", "?"))
    return value


def _block(block: Block, env: dict[Value, Any]) -> tuple[str, Any]:
    for op in block.ops:
        exit = _op(op, env)
        if exit is not None:
            return exit
    raise AssertionError("the block has no terminator")


def _op(op: Any, env: dict[Value, Any]) -> tuple[str, Any] | None:
    match op:
        case Apply():
            _apply(op, env)
        case Load(src, place, result):
            base = used(src, env)
            env[result] = getattr(base, place.name) if isinstance(place, Attr) else base[_key(place, env)]
        case Store(dst, place, value):
            base = used(dst, env)
            if isinstance(place, Attr):
                setattr(base, place.name, used(value, env))
            else:
                base[_key(place, env)] = used(value, env)
        case If():
            kind, values = _block(op.then if used(op.cond, env) else op.other, env)
            if kind != "yield":
                return kind, values
            assert len(values) == len(op.results)
            env.update(zip(op.results, values))
        case For():
            return _loop(op, env, iter(_space(op.space, env)), None)
        case While():
            return _loop(op, env, None, op.cond)
        case Yield(values):
            return "yield", [get(v, env) for v in values]
        case Break(values):
            return "break", [get(v, env) for v in values]
        case Continue(values):
            return "yield-loop", [get(v, env) for v in values]
        case Return(value):
            return "return", used(value, env)
        case Raise(value):
            raise used(value, env)
        case Unreachable():
            raise AssertionError("unreachable was reached")
    return None


def _loop(op: Any, env: dict[Value, Any], items: Any, cond: Block | None) -> tuple[str, Any] | None:
    carried = [get(i, env) for i in op.inits]
    while True:
        leaves: list[Any] = []
        if cond is not None:
            assert len(cond.params) == len(carried)
            env.update(zip(cond.params, carried))
            kind, (test,) = _block(cond, env)
            if not test:
                break
        else:
            found = next(items, Undef)
            if found is Undef:
                break
            leaves = list(found)
        assert len(op.body.params) == len(leaves) + len(carried)
        env.update(zip(op.body.params, [*leaves, *carried]))
        kind, values = _block(op.body, env)
        if kind == "break":
            assert len(values) == len(op.results)
            env.update(zip(op.results, values))
            return None
        if kind == "return":
            return kind, values
        carried = values
    assert len(op.orelse.params) == len(carried)
    env.update(zip(op.orelse.params, carried))
    kind, values = _block(op.orelse, env)
    if kind != "yield":
        return kind, values
    assert len(values) == len(op.results)
    env.update(zip(op.results, values))
    return None


def _space(space: Any, env: dict[Value, Any]) -> Any:
    match space:
        case Range(a, b, c):
            return ((i,) for i in range(used(a, env), used(b, env), used(c, env)))
        case Seq(value):
            return ((x,) for x in used(value, env))
        case Zip(items):
            return (tuple(x for part in row for x in part) for row in zip(*(_space(i, env) for i in items)))
        case Enumerate(item, start):
            return ((n, *row) for n, row in enumerate(_space(item, env), used(start, env)))
        case Reversed(Range(a, b, c)):
            return ((i,) for i in reversed(range(used(a, env), used(b, env), used(c, env))))
        case Reversed(Seq(value)):
            return ((x,) for x in reversed(used(value, env)))
    raise AssertionError(space)


def _key(place: Index, env: dict[Value, Any]) -> Any:
    items = tuple(
        slice(*(used(o, env) for o in (i.lower, i.upper, i.step))) if isinstance(i, Slice) else used(i, env)
        for i in place.items
    )
    return items[0] if len(items) == 1 else items


def _apply(op: Apply, env: dict[Value, Any]) -> None:
    fn: Any = op.fn
    if isinstance(fn, Def) and fn.name in STRUCTURAL:
        value = STRUCTURAL[fn.name](op, env)
    else:
        args = [used(a, env) for a in op.args]
        kwargs = {k: used(v, env) for k, v in op.kwargs}
        value = _call(fn, args, kwargs, env)
    if fn is not None and isinstance(fn, Def) and fn.name == "unpack":
        assert len(value) == len(op.results)
        env.update(zip(op.results, value))
    elif op.results:
        (result,) = op.results
        env[result] = value


def _call(fn: Any, args: list[Any], kwargs: dict[str, Any], env: dict[Value, Any]) -> Any:
    if isinstance(fn, Method):
        return getattr(args[0], fn.name)(*args[1:], **kwargs)
    if isinstance(fn, Value):
        return used(fn, env)(*args, **kwargs)
    if isinstance(fn, FuncRef) and isinstance(fn.target, Func):
        return run(fn.target, *args)
    target = fn.fn if isinstance(fn, Def) else fn.target
    inspect.isroutine(target)
    return target(*args, **kwargs)


def _text(parts: Any, env: dict[Value, Any]) -> str:
    out = ""
    for part in parts:
        if isinstance(part, Literal):
            out += str(part.value)
        else:
            value, conversion, spec = (get(o, env) for o in part.items)
            value = {"": lambda v: v, "s": str, "r": repr, "a": ascii}[conversion](value)
            out += format(value, spec)
    return out


def _assert(op: Apply, env: dict[Value, Any]) -> None:
    cond, message = op.args
    if not used(cond, env):
        if isinstance(message, Pack):
            raise AssertionError(_text(message.items, env))
        raise AssertionError(*([] if message.value is None else [message.value]))


STRUCTURAL: dict[str, Any] = {
    "unpack": lambda op, env: list(used(op.args[0], env)),
    "closure": lambda op, env: Closure(op.args[0].value, tuple(get(a, env) for a in op.args[1:])),
    "list_of": lambda op, env: [get(a, env) for a in op.args],
    "tuple_of": lambda op, env: tuple(used(a, env) for a in op.args),
    "dict_of": lambda op, env: dict(used(a, env) for a in op.args),
    "fstring": lambda op, env: _text(op.args, env),
    "assert_": _assert,
    "list_new": lambda op, env: [],
    "cell": lambda op, env: [Undef],
    "list_append": lambda op, env: used(op.args[0], env).append(used(op.args[1], env)),
}
