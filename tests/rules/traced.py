"""Rules run on tracers: what they record is run again with the arrays, and compared with the rule called on
them.

So a rule that looks at contents, calls what has no row, or gets a wrong type from inference fails here.
"""

from typing import Any, Callable

import numpy as np

from diffsrc.ad.trace import Tracer, Tracing
from diffsrc.analysis.typeof import typeof
from diffsrc.ir.build import Builder, _argument_type
from diffsrc.ir.ops import Apply, If, Index, Load, Slice, View, Yield
from diffsrc.ir.types import Array, List, Scalar, Tuple, Type, carries_derivative, strip
from diffsrc.ir.values import Literal, Pack, Value
from tests.rules.harness import active, direction, row


class Names:
    """Axis names for all arrays of one call: each axis for itself."""

    def __init__(self) -> None:
        self.count = 0

    def type_of(self, x: Any) -> Type:
        if isinstance(x, np.ndarray):
            dims = tuple(1 if n == 1 else self.fresh() for n in x.shape)
            kind = strip(typeof(x))
            assert isinstance(kind, Array)
            return Array(kind.dtype, dims)
        return typeof(x)

    def fresh(self) -> str:
        self.count += 1
        return f"n{self.count}"


def operand_of(x: Any, names: Names, env: dict[Value, Any], constant: bool = False) -> Any:
    """An operand for an argument: displays are packs, what isn't a float is a literal unless it is an
    array."""
    if isinstance(x, (tuple, list)):
        return Pack(tuple(operand_of(i, names, env) for i in x), "list" if isinstance(x, list) else "tuple")
    if isinstance(x, np.ndarray) or (active(x) and not constant):
        value = Value(None, names.type_of(x))
        env[value] = x
        return value
    return Literal(x, "np.inf" if isinstance(x, float) and np.isinf(x) else None)


def out_operand(out: Any, fn: Any, operands: Any, named: Any, env: dict[Value, Any]) -> Value:
    """The result, with the type that inference gives it."""
    found = row(fn).infer(tuple(map(_argument_type, operands)), {k: _argument_type(v) for k, v in named.items()})
    fits(found, out, f"{row(fn).name}: result")
    value = Value(None, found)
    env[value] = out
    return value


def fits(t: Type, x: Any, what: str) -> None:
    """Whether a value is of a type: number of axes, dtype and known sizes."""
    t = strip(t)
    if isinstance(t, Tuple):
        assert len(t.items) == len(x), f"{what}: {t} for {len(x)} items"
        for item, part in zip(t.items, x):
            fits(item, part, what)
    elif isinstance(t, List):
        for part in x:
            fits(t.item, part, what)
    elif isinstance(t, Array):
        assert isinstance(x, np.ndarray), f"{what}: {t} for {type(x).__name__}"
        dtype = strip(typeof(x)).dtype
        assert (t.dtype, t.ndim) == (dtype, x.ndim), f"{what}: {t} for {dtype}{x.shape}"
        for d, n in zip(t.dims, x.shape):
            assert not isinstance(d, int) or d == n, f"{what}: {t} for {x.shape}"
    else:
        assert isinstance(t, Scalar), f"{what}: {t}"
        assert np.ndim(x) == 0 and not isinstance(x, np.ndarray), f"{what}: {t} for {type(x).__name__}{np.shape(x)}"


class Machine:
    """Runs recorded ops."""

    def __init__(self, env: dict[Value, Any]) -> None:
        self.env = env

    def get(self, o: Any) -> Any:
        if isinstance(o, Value):
            return self.env[o]
        if isinstance(o, Pack):
            return (list if o.kind == "list" else tuple)(map(self.get, o.items))
        return slice(self.get(o.lower), self.get(o.upper), self.get(o.step)) if isinstance(o, Slice) else o.value

    def run(self, op: Any) -> None:
        if isinstance(op, Apply):
            made = op.fn.fn(*map(self.get, op.args), **{k: self.get(v) for k, v in op.kwargs})
            self.env[op.results[0]] = made
            fits(op.results[0].type, made, f"{op.fn.name}({', '.join(str(a.type) for a in op.args)})")
            return
        if isinstance(op, If):
            taken = (op.then if self.get(op.cond) else op.other).terminator
            assert isinstance(taken, Yield)
            self.env[op.results[0]] = self.get(taken.values[0])
            return
        assert isinstance(op, (Load, View)) and isinstance(op.place, Index)
        index = tuple(map(self.get, op.place.items))
        self.env[op.result] = made = self.get(op.src)[index if len(index) > 1 else index[0]]
        fits(op.result.type, made, f"{op.src.type}[{index}]")


def check_traced(fn: Callable[..., Any], *args: Any, wrt: Any = None, **kwargs: Any) -> None:
    """Trace the rules of each active argument and compare."""
    d, rng = row(fn), np.random.default_rng(0)
    out = fn(*args, **kwargs)
    several = isinstance(out, (tuple, list))
    ct = tuple(direction(np.asarray(x)[()], rng) for x in out) if several else direction(out, rng)
    for i in wrt if wrt is not None else [k for k, a in enumerate(args) if active(a)]:
        dot = direction(args[i], rng)
        for name, seed in (("jvp", dot), ("vjp", ct)):
            names, env = Names(), {}
            builder = Builder()
            tracing = Tracing(builder)
            operands = [operand_of(a, names, env) for a in args]
            named = {k: operand_of(v, names, env, constant=True) for k, v in kwargs.items()}
            result = out_operand(out, fn, operands, named, env)
            twin = _like(operands[i], seed, env) if name == "jvp" else _like(result, seed, env)
            rule = getattr(d.rules[i], name)
            wrapped = [tracing.wrap(o) for o in operands]
            options = {k: tracing.wrap(v) for k, v in named.items()}
            given = tracing.operand(rule(tracing.wrap(twin), tracing.wrap(result), *wrapped, **options))
            machine = Machine(env)
            for op in builder.ops:
                machine.run(op)
            want = rule(seed, out, *args, **kwargs)
            _same(machine.get(given), want, f"{d.name}: {name} of argument {i}, traced")


def _like(operand: Any, value: Any, env: dict[Value, Any]) -> Any:
    """The tangent or cotangent of an operand: of its type."""
    if isinstance(operand, Pack):
        return Pack(tuple(_like(o, v, env) for o, v in zip(operand.items, value)), operand.kind)
    t = strip(operand.type)
    if isinstance(t, Tuple):
        return Pack(tuple(_like(Value(None, item), v, env) for item, v in zip(t.items, value)))
    assert carries_derivative(t)
    made = Value(None, t)
    env[made] = value
    return made


def _same(found: Any, want: Any, what: str) -> None:
    if isinstance(want, (tuple, list)):
        assert len(found) == len(want), what
        for a, b in zip(found, want):
            _same(a, b, what)
        return
    assert np.shape(found) == np.shape(want), what
    np.testing.assert_allclose(found, want, rtol=1e-12, atol=1e-12, err_msg=what)


__all__ = ["Tracer", "check_traced"]
