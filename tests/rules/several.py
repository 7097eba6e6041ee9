"""Checks of rows whose result is a tuple or list: the harness's checks, one function per result item."""

from typing import Any, Callable

import numpy as np

from tests.rules.harness import (
    Dual,
    active,
    check_options,
    close,
    direction,
    dot_of,
    dualise,
    moved,
    pair,
    replaced,
    ridders,
    row,
    value_of,
)


def flat(x: Any, dots: bool = False) -> Any:
    """All numbers of a nested result in one vector."""
    if isinstance(x, (list, tuple)):
        return np.concatenate([flat(item, dots) for item in x]) if x else np.zeros(0)
    return np.ravel(np.asarray(dot_of(x) if dots else value_of(x)))


def cotangents(out: Any, rng: np.random.Generator) -> Any:
    return tuple(direction(np.asarray(x)[()], rng) for x in out)


def check_several(
    fn: Callable[..., Any], *args: Any, wrt: Any = None, skip: Any = (), seed: int = 0, second: bool = True, **kwargs: Any
) -> None:
    """jvp against differences, vjp against jvp, and both to second order. `skip`: result items that aren't
    compared (their cotangent is 0)."""
    rng = np.random.default_rng(seed)
    d, out = row(fn), tuple(fn(*args, **kwargs))
    ct = tuple(c * 0 if k in skip else c for k, c in enumerate(cotangents(out, rng)))

    def kept(items: Any) -> Any:
        return tuple(x for k, x in enumerate(items) if k not in skip)

    for i in wrt if wrt is not None else [k for k, a in enumerate(args) if active(a)]:
        label = f"{d.name}, argument {i}"
        dot = direction(args[i], rng)
        found = tuple(d.rules[i].jvp(dot, out, *args, **kwargs))
        assert [np.shape(x) for x in kept(found)] == [np.shape(x) for x in kept(out)], label
        close(
            flat(kept(found)),
            *ridders(lambda e: flat(kept(fn(*replaced(args, i, moved(args[i], dot, e)), **kwargs)))),
            label,
        )
        check_options(d, i, dot, ct, out, args, kwargs)
        back = d.rules[i].vjp(ct, out, *args, **kwargs)
        assert np.shape(back) == np.shape(args[i]), f"{label}: vjp has shape {np.shape(back)}"
        np.testing.assert_allclose(pair(back, dot), pair(kept(ct), kept(found)), rtol=1e-9, atol=1e-9, err_msg=label)
        for j, a in enumerate(args):
            if active(a) and second:
                _second(fn, d, i, j, dot, ct, args, kwargs, kept, rng)


def _second(fn: Any, d: Any, i: int, j: int, dot: Any, ct: Any, args: Any, kwargs: Any, kept: Any, rng: Any) -> None:
    step = direction(args[j], rng)
    out = tuple(fn(*args, **kwargs))
    out_dot = d.rules[j].jvp(step, out, *args, **kwargs)
    if out_dot is None:
        return  # only the shape of this argument matters
    dual_out = tuple(Dual(x, t) if active(x) else x for x, t in zip(out, out_dot))
    dual_args = replaced(args, j, dualise(args[j], step))
    for name in ("jvp", "vjp"):
        rule, seed = getattr(d.rules[i], name), dot if name == "jvp" else ct

        def at(e: float) -> Any:
            here = replaced(args, j, moved(args[j], step, e))
            result = rule(seed, tuple(fn(*here, **kwargs)), *here, **kwargs)
            return flat(kept(result) if name == "jvp" else result)

        found = rule(seed, dual_out, *dual_args, **kwargs)
        want, error = ridders(at)
        close(
            flat(kept(found) if name == "jvp" else found, dots=True),
            want,
            error,
            f"{d.name}: {name} of {i} by {j}",
        )
