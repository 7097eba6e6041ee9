"""Reverse mode of the families of the rule table: elementwise, selections, general rules."""

from __future__ import annotations

import operator
from functools import partial
from typing import Any

import numpy as np

from ..defs.special import ForSlot, as_function_takes_it, option_as_numpy_takes_it
from ..defs.table import Def, Partial
from ..errors import DiffTypeError, NoRuleError, UnsupportedError
from ..ir.ops import Apply, Block, For, If, Index, Op, Range, Yield
from ..ir.types import BOOL, INT, Array, List, Scalar, Tuple, may_be_one, same_shape, strip
from ..ir.values import Literal, Operand, Pack, Value, is_flag, is_literal
from ..source import Loc
from .broadcasting import fit, is_alone, is_new, project, to_argument, unbroadcast
from .reverse_structures import give_structure
from .slots import ZERO, Adj, is_array, is_number, table
from .structures import add_structure
from .sweep import Sweep
from .templates import Template
from .trace import Tracer

QUOTIENTS = frozenset({"truediv", "np.divide", "np.true_divide"})


def reverse_elementwise(s: Sweep, op: Apply, d: Def, ct: Adj) -> None:
    received: dict[Value, Adj] = {}
    for arg, row in zip(op.args, d.partials):
        if row is not None and s.activity.active(arg):
            assert isinstance(arg, Value)
            g = _times_partial(s, op, d, arg, row, ct)
            received[arg] = s.twice(received[arg], g, arg) if arg in received else g  # `x * x` receives once
    for arg, g in received.items():
        s.contribute(arg, g)


def _times_partial(s: Sweep, op: Apply, d: Def, arg: Value, row: Partial, ct: Adj) -> Adj:
    out = op.results[0]
    negative = row.text.replace(" ", "") in ("-1", "-1.0")
    if negative or row.text.strip() in ("1", "1.0"):
        ct = fit(s, ct, arg, out, None)
        value = s.builder.apply(table(operator.neg), (ct.value,), loc=op.loc) if negative else ct.value
        return to_argument(
            s, Adj(value, False, ct.uniform, ct.mask, ct.selected), arg, out, negative, is_alone(op, arg)
        )
    template = Template(s, op)
    names = {n: template.operand(a) for n, a in zip(d.params, op.args)}
    if isinstance(op.args[-1], Literal) and d.name in QUOTIENTS:
        names[d.params[-1]] = Tracer(op.args[-1], template.tracing)  # `ct / 3.0`, not `ct * 0.333`
    names["out"] = template.operand(out, after=True)
    p = template.run(lambda: template.tracing.evaluate(row, names))
    ct = fit(s, ct, arg, out, p)
    g = _product(s, op, ct, p, row)
    uniform = ct.uniform and not is_array(g)
    return to_argument(s, Adj(g, False, uniform, ct.mask, ct.selected), arg, out, g is not p, is_alone(op, arg))


def _product(s: Sweep, op: Apply, ct: Adj, p: Operand, row: Partial) -> Operand:
    """`ct * p`; a division where the partial is a reciprocal; exact zero where a selected-away cotangent meets a singular p."""
    b = s.builder
    last = b.ops[-1] if b.ops else None
    if is_literal(ct.value, 1) and is_array(p):
        return p
    fn, factor = table(operator.mul), p
    if isinstance(last, Apply) and last.results and last.results[0] is p and reciprocal(last):
        assert isinstance(last.fn, Def)
        b.ops.pop()
        fn, factor = last.fn, last.args[1]
    given = [a.value if isinstance(a, Literal) and a.text is None else a for a in op.args]
    if not (row.is_singular(given) and ct.selected and ct.mask is None):
        return b.apply(fn, (ct.value, factor), loc=op.loc)
    with b.block() as ops:
        g = b.apply(fn, (ct.value, factor), loc=op.loc)
    return _guarded(s, op, ct.value, ops, g, factor if fn.name in QUOTIENTS else None)


def reciprocal(op: Apply) -> bool:
    first = op.args[0] if op.args else None
    return op.fn.name in QUOTIENTS and is_literal(first, 1)


def _guarded(s: Sweep, op: Apply, ct: Operand, ops: list[Op], g: Operand, divisor: Operand | None) -> Operand:
    """Zero in place of the nan that a zero cotangent makes of an infinite partial; `ops` compute g. Where the partial is finite
    nothing is replaced: what is zero at this point only has a derivative, which a second order reads.
    """
    b = s.builder
    if is_array(g):
        b.extend(ops)
        zero = b.apply(table(operator.eq), (ct, ZERO), loc=op.loc)
        mask = b.apply(table(operator.and_), (zero, b.apply(table(np.isnan), (g,), loc=op.loc)), loc=op.loc)
        return s.where((mask, True), g, Value(None, g.type))
    if divisor is None:
        b.extend(ops)
    zero = b.apply(table(operator.eq), (ct, ZERO), loc=op.loc)
    with b.block() as tests:
        lost = b.apply(table(np.isnan), (g,), loc=op.loc) if divisor is None else _is_no_divisor(s, divisor, op.loc)
    test = Value(None, BOOL, loc=op.loc)
    b.emit(If(zero, Block((), (*tests, Yield((lost,)))), Block((), (Yield((zero,)),)), (test,), op.loc))
    out = Value(None, g.type, loc=op.loc)
    other = Block((), (*(ops if divisor is not None else ()), Yield((g,))))
    b.emit(If(test, Block((), (Yield((ZERO,)),)), other, (out,), op.loc))
    return out


def _is_no_divisor(s: Sweep, x: Operand, loc: Loc) -> Value:
    """Whether a number is zero or nan."""
    b = s.builder
    size = b.apply(table(abs), (x,), loc=loc)
    return b.apply(table(operator.not_), (b.apply(table(operator.gt), (size, ZERO), loc=loc),), loc=loc)


def reverse_select(s: Sweep, op: Apply, d: Def, ct: Adj) -> None:
    masks: list[tuple[Operand, bool] | None] = [None] * len(op.args)
    known: tuple[Operand, bool] | None = None
    pair = sum(m is not None for m in d.partials) == 2 and d.name in (
        "np.where",
        "np.maximum",
        "np.minimum",
        "np.fmax",
        "np.fmin",
    )
    for i, (arg, row) in enumerate(zip(op.args, d.partials)):
        if row is None or not s.activity.active(arg):
            continue
        assert isinstance(arg, Value)
        first = next(j for j, m in enumerate(d.partials) if m is not None)
        if pair and known is None:
            known = _mask(s, op, d, d.partials[first])
        masks[i] = (known[0], i != first) if pair and known else _mask(s, op, d, row)
        s.contribute(arg, _masked(s, op, arg, ct, masks[i]))


def _mask(s: Sweep, op: Apply, d: Def, row: Partial | None) -> tuple[Operand, bool]:
    assert row is not None
    template = Template(s, op)
    names = {n: template.operand(a) for n, a in zip(d.params, op.args)}
    names["out"] = template.operand(op.results[0], after=True)
    mask = template.run(lambda: template.tracing.evaluate(row, names))
    return mask, False


def _masked(s: Sweep, op: Apply, arg: Value, ct: Adj, mask: tuple[Operand, bool] | None) -> Adj:
    out = op.results[0]
    value = s.realise(ct, out, whole=False) if ct.mask is not None else ct.value
    if ct.uniform and not (same_shape(arg.type, out.type) and mask and same_shape(mask[0].type, out.type)):
        value = s.realise(Adj(value), out)
    if (is_array(arg) and not same_shape(arg.type, out.type)) or (is_number(arg) and is_array(out)):
        value = s.where(mask, value, out) if mask else value
        return to_argument(s, Adj(value, selected=True), arg, out, fresh=True)
    if mask and isinstance(mask[0], Literal) and is_flag(mask[0]):
        return Adj(value if bool(mask[0].value) != mask[1] else ZERO, selected=True)
    return Adj(project(s, value, arg), uniform=ct.uniform and not is_array(value), mask=mask, selected=True)


def reverse_general(s: Sweep, op: Apply, d: Def, ct: Adj) -> None:
    out = op.results[0]
    cotangent = ct.value if isinstance(ct.value, Pack) else s.realise(ct, out)
    named = dict(op.kwargs)
    received: dict[Value, Adj] = {}
    if d.joint is not None:
        _reverse_jointly(s, op, d, cotangent, received)
    every: list[tuple[int | str, Operand]] = [*enumerate(op.args), *op.kwargs]
    for i, arg in every:
        if not s.activity.active(arg) or (d.joint is not None and i in d.rules):
            continue
        rule = d.rules.get(i)
        if rule is None:
            raise NoRuleError(
                d.refusal(i), loc=op.loc,
                hint="mark the argument constant with `ds.stop_gradient`, or write a rule",
            )  # fmt: skip
        template = Template(s, op)
        args = [template.operand(a) for a in op.args]
        kwargs = {k: template.operand(v) for k, v in named.items()}
        tracer = (
            template.tracing.wrap(cotangent) if isinstance(cotangent, Pack) else Tracer(cotangent, template.tracing)
        )
        call = partial(_pulled, d, rule.vjp, tracer, template.operand(out, after=True), args, kwargs)
        given = template.run(call)
        _check_shape(d, op, arg, template.tracing.operand(given) if isinstance(given, (Tracer, Value)) else None)
        _contribute_given(s, arg, given, template, ct, received)
    for value, g in received.items():
        s.contribute(value, g)


def _reverse_jointly(s: Sweep, op: Apply, d: Def, cotangent: Operand, received: dict[Value, Adj]) -> None:
    """All arguments by one rule. What it gives may share memory, so nothing of it is owned."""
    every: list[tuple[int | str, Operand]] = [*enumerate(op.args), *op.kwargs]
    wanted = {k: v for k, v in every if k in d.rules and s.activity.active(v)}
    template = Template(s, op)
    args = [template.operand(a) for a in op.args]
    kwargs = {k: template.operand(v) for k, v in op.kwargs}
    ct, out = template.tracing.wrap(cotangent), template.operand(op.results[0], after=True)
    assert d.joint is not None
    given = template.run(partial(d.joint.vjp, ct, out, [*wanted], *args, **kwargs))
    for contribution in given:
        for arg, g in zip(wanted.values(), contribution):
            _receive_jointly(s, d, op, arg, g, template, received)


def _receive_jointly(
    s: Sweep, d: Def, op: Apply, arg: Operand, g: Any, template: Template, received: dict[Value, Adj]
) -> None:
    if g is None or not s.activity.active(arg):
        return
    if isinstance(arg, Pack) and isinstance(g, (list, tuple)):
        for item, part in zip(arg.items, g):
            _receive_jointly(s, d, op, item, part, template, received)
        return
    operand = template.tracing.operand(g)
    if isinstance(arg, Value) and (is_array(arg) or is_number(arg)):
        _check_shape(d, op, arg, operand)
        _receive(s, received, arg, Adj(project(s, operand, arg)))
    else:
        give_structure(s, arg, operand, owned=False)


def _check_shape(d: Def, op: Apply, arg: Operand, given: Operand | None) -> None:
    """Refuse a rule whose cotangent certainly hasn't the shape of its argument.

    Raises:
        DiffTypeError: this one hasn't.
    """
    a, g = strip(arg.type), strip(given.type) if given is not None else None
    if not isinstance(a, Array) or not isinstance(g, Array):
        return
    if a.ndim != g.ndim or any(x == 1 and not may_be_one(y) for x, y in zip(g.dims, a.dims)):
        raise DiffTypeError(
            f"the rule of `{d.name}` gives a cotangent of type {g} for an argument of type {a}", loc=op.loc,
            hint="give it the shape of the argument (`np.broadcast_to`)",
        )  # fmt: skip


def _pulled(d: Def, vjp: Any, ct: Any, out: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    taken = {k: option_as_numpy_takes_it(d, v) for k, v in kwargs.items()}
    return vjp(ct, out, *(as_function_takes_it(d, k, a) for k, a in enumerate(args)), **taken)


def _contribute_given(
    s: Sweep, arg: Operand, given: Any, template: Template, ct: Adj, received: dict[Value, Adj]
) -> None:
    """Note what a rule gave for an argument; an argument that stands twice receives once."""
    if given is None:
        return
    if isinstance(given, ForSlot) and isinstance(arg, Value):
        place = Index((template.tracing.operand(given.index),))
        s.builder.store(s.shadow(arg), place, template.tracing.operand(given.value), add=True, loc=s.loc)
        return
    if isinstance(strip(arg.type), List) and isinstance(arg, Value):
        given = template.tracing.operand(given)
        spread = _uniform_source(template.made.get(given)) if isinstance(given, Value) else None
        if isinstance(t := strip(given.type), List) and isinstance(strip(t.item), List):
            add_structure(s, s.shadow(arg), given)
            return
        _to_every_slot(s, arg, given if spread is None else spread)
        return
    if isinstance(arg, Pack):
        if isinstance(given, (Tracer, Value)):  # one array for all of them
            whole = given if isinstance(given, Tracer) else template.tracing.wrap(given)
            given = [whole[k] for k in range(len(arg.items))]
        items = given.items if isinstance(given, Pack) else given
        for item, g in zip(arg.items, items):
            _contribute_given(s, item, g, template, ct, received)
        return
    if not isinstance(arg, Value):
        return
    given = template.tracing.operand(given)
    if isinstance(strip(arg.type), Tuple) and is_array(given):
        raise UnsupportedError(f"a tuple of type {arg.type} of which an array is made", loc=s.loc, hint="write its items out")
    made = template.made.get(given) if isinstance(given, Value) else None
    spread = _uniform_source(made)
    if spread is not None and is_array(arg):
        _receive(s, received, arg, Adj(project(s, spread, arg), uniform=True, selected=ct.selected))
        return
    fresh = is_new(made) and not isinstance(given, Pack)
    fresh = fresh or (given is ct.value and ct.owned)
    _receive(
        s,
        received,
        arg,
        Adj(project(s, given, arg), owned=fresh and is_array(given), selected=ct.selected or s.has_select),
    )


def _receive(s: Sweep, received: dict[Value, Adj], arg: Value, g: Adj) -> None:
    if s.activity.active(arg):
        received[arg] = s.twice(received[arg], g, arg) if arg in received else g


def _to_every_slot(s: Sweep, arg: Value, given: Operand) -> None:
    """A list of cotangents, one per element of a list, or one for all of them."""
    d = s.shadow(arg)
    n = s.builder.apply(table(len), (d,), loc=s.loc, type=INT)
    k = Value("k", INT, loc=s.loc)
    place = Index((k,))
    with s.builder.block() as ops:
        part = _one_for_all(s, given, d, place) if _is_for_all(arg, given) else s.builder.load(given, place, loc=s.loc)
        held = strip(arg.type)
        assert isinstance(held, List)
        s.builder.store(d, place, project(s, part, Value(None, held.item)), add=True, loc=s.loc)
    body = Block((k,), (*ops, Yield((), s.loc)))
    s.builder.emit(For(Range(Literal(0), n, Literal(1)), (), body, Block((), (Yield(()),)), (), s.loc))


def _is_for_all(arg: Value, given: Operand) -> bool:
    """Whether a cotangent is for each element of a list: it has as many axes as an element."""
    t, g = strip(arg.type), strip(given.type)
    assert isinstance(t, List)
    item = strip(t.item)
    if isinstance(g, Scalar):
        return True
    return isinstance(item, Array) and isinstance(g, Array) and g.ndim == item.ndim


def _one_for_all(s: Sweep, given: Operand, d: Value, place: Index) -> Operand:
    """The cotangent for one element: summed to its shape, which its shadow has."""
    item = d.type.item if isinstance(d.type, List) else None
    if item is None or same_shape(item, given.type) or not isinstance(strip(item), Array):
        return given
    return unbroadcast(s, given, s.builder.load(d, place, loc=s.loc))


def _uniform_source(made: Op | None) -> Operand | None:
    """The scalar of `np.broadcast_to(scalar, shape)`."""
    if isinstance(made, Apply) and made.fn.name == "np.broadcast_to" and not is_array(made.args[0]):
        return made.args[0]
    return None
