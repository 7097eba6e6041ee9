"""`ds.autodiff(mode, f, ret_activity, *args)` and the other entry points whose first argument is a mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..compiler import watched
from ..defs.records import children
from ..errors import ActivityError
from ..ir.types import NoneType, strip
from . import engine
from .activity import Active, Activity, BatchDuplicated, Const, Duplicated, activity_of
from .gradient import GradientOf
from .higher import Program, Source, again, forward_activity, place_tangent, push
from .jacobian import JacobianOf
from .modes import Mode
from .overlap import check_alike
from .shadows import check_shadow, immutable_number
from .signature import Call, Place, name_of
from .trees import flatten, is_float_leaf, is_mutable, put, separate_zero

Kind = type[Activity]


def autodiff(mode: Mode, f: Any, *args: Any) -> tuple[Any, ...]:
    """Differentiate `f` at annotated arguments.

    Args:
        mode: `Forward`, `Reverse`, `ForwardWithPrimal` or `ReverseWithPrimal`.
        f: the function.
        args: the activity of the result (`Const`, `Active`, `Duplicated`, `DuplicatedNoNeed`; may be left
        out), then
            the arguments, each wrapped in its activity. A bare argument is constant unless the function's
            annotations say otherwise.

    Returns:
        Reverse: one entry per argument, the derivative for `Active`, None for the others (the gradients of
        `Duplicated` arguments have been added to their shadows); with primal `(derivatives, result)`.
        Forward: `(tangent,)`; with primal `(tangent, result)`.

    >>> autodiff(Reverse, lambda x, y: x * y, Active, Active(2.0), Const(3.0))
    (3.0, None)
    """
    f = f.val if isinstance(f, Const) else f
    returned: Kind | None = None
    if args and isinstance(args[0], type) and issubclass(args[0], Activity):
        returned, args = args[0], args[1:]
    else:
        returned = activity_of(_annotations(f).get("return"))
    wrapped = _wrap(f, args)
    return _reverse(mode, f, returned, wrapped) if mode.reverse else _forward(mode, f, returned, wrapped)


def _annotations(f: Any) -> dict[str, Any]:
    """The annotations of a function, evaluated where they are text; {} when that fails."""
    import inspect

    try:
        return dict(inspect.get_annotations(f, eval_str=True))
    except (NameError, TypeError, AttributeError, SyntaxError):
        return {}


def annotated_activity(f: Any) -> dict[str, Kind]:
    """The activity of each parameter that is annotated with one."""
    found = {name: activity_of(a) for name, a in _annotations(f).items() if name != "return"}
    return {name: a for name, a in found.items() if a is not None}


def _wrap(f: Any, args: Sequence[Any]) -> list[Activity]:
    """Bare arguments wrapped as their annotation says, Const without one."""
    known = annotated_activity(f)
    names = list(getattr(getattr(f, "__code__", None), "co_varnames", ()))
    found = []
    for i, arg in enumerate(args):
        if isinstance(arg, Activity):
            found.append(arg)
            continue
        kind = known.get(names[i], Const) if i < len(names) else Const
        if kind not in (Const, Active):
            raise ActivityError(f"argument {i} of {name_of(f)} is annotated {kind.__name__} but comes without a shadow")
        found.append(kind(arg))
    return found


def _width(args: Sequence[Activity]) -> int:
    """The number of directions of a batch; 0 without one."""
    widths = {len(a.dvals) for a in args if isinstance(a, BatchDuplicated)}
    if not widths:
        return 0
    if len(widths) > 1 or any(isinstance(a, Duplicated) for a in args):
        raise ActivityError("all shadows of a batch come in equal number", hint="use BatchDuplicated for each argument")
    return widths.pop()


def _shadow(a: Activity, k: int) -> Any:
    if isinstance(a, BatchDuplicated):
        return a.dvals[k]
    return a.dval if isinstance(a, Duplicated) else None


def _program(f: Any, args: Sequence[Activity]) -> Program:
    """The program of a call; shadows of arguments that were converted at the door are built like what they became.

    Raises:
        ActivityError: a shadow isn't.
    """
    program = Source(f).program([a.val for a in args], {})
    call = program.call
    for a, place in zip(args, call.positional):
        if place[0] in call.converted and isinstance(a, (Duplicated, BatchDuplicated)):
            for k in range(max(_width([a]), 1)):
                check_shadow(call.value(place), _shadow(a, k), "the shadow of a converted argument")
    return program


def _single_place(call: Call, i: int) -> Place:
    place = call.positional[i]
    if place[1] is not None:
        raise ActivityError(
            f"argument {i} of {name_of(call.fn)} goes into *args", hint="give it a parameter of its own"
        )
    return place


# --- reverse


def _reverse(mode: Mode, f: Any, returned: Kind | None, args: Sequence[Activity]) -> tuple[Any, ...]:
    program = _program(f, args)
    for i, a in enumerate(args):
        _check_reverse(i, a)
    width = _width(args)
    runs = [program.call if k == max(width, 1) - 1 else again(program).call for k in range(max(width, 1))]
    results = [_reverse_once(run, returned, args, k) for k, run in enumerate(runs)]
    out = results[-1][0]
    if width:
        batches = [tuple(r[1][i] for r in results) for i in range(len(args))]
        derivatives = tuple(b if isinstance(a, Active) else None for a, b in zip(args, batches))
    else:
        derivatives = results[0][1]
    return (derivatives, out) if mode.primal else derivatives


def _check_reverse(i: int, a: Activity) -> None:
    if not isinstance(a, (Duplicated, BatchDuplicated)):
        return
    path = immutable_number(a.val)
    if path is not None:
        raise ActivityError(
            f"argument {i} holds a number at x{path} that can't receive a gradient in place",
            hint="use ds.gradient, or keep the number in a 0-d array",
        )


def _reverse_once(call: Call, returned: Kind | None, args: Sequence[Activity], k: int) -> tuple[Any, tuple[Any, ...]]:
    activity = ["const"] * len(call.args)
    given: dict[int, Any] = {}
    for i, a in enumerate(args):
        if isinstance(a, Const):
            continue
        index = _single_place(call, i)[0]
        activity[index] = "value" if isinstance(a, Active) else "shadow"
        if not isinstance(a, Active):
            given[index] = _shadow(a, k)
    derived = engine.Site("reverse").find(call, tuple(activity))
    engine.check_overlap(call, derived)
    check_alike(call.args, given, derived.overlap)
    given, moved = _laid_out(call, given, derived)
    shadows = engine.zero_shadows(call, derived, given)
    out, cotangents = _run(call, derived, shadows, tuple(activity), _returned(call, derived, returned))
    wanted = frozenset(i for i, a in enumerate(activity) if a != "const")
    gradients = engine.gather(call, derived, shadows, cotangents, wanted).by_param
    for index, shadow in given.items():
        if derived.activity[index] == "value":
            add_into(shadow, gradients[index])
    for shadow, new in moved:
        shadow[...] = new
    found = [gradients.get(call.positional[i][0]) if isinstance(a, Active) else None for i, a in enumerate(args)]
    return out, tuple(found)


def _returned(call: Call, derived: Any, returned: Kind | None) -> Kind:
    """The activity of the result: as asked, or Active for one number and Const for anything else."""
    t = strip(derived.result_type)
    number = engine.is_scalar_like(t)
    if returned is None:
        return Active if number else Const
    if returned is Active and not number:
        what = engine.describe(t)
        raise ActivityError(
            f"{name_of(call.fn)} returns {what}, which can't be Active",
            hint="write the result into a Duplicated argument, and return nothing",
        )
    if returned not in (Active, Const) and not isinstance(t, NoneType):
        raise ActivityError(f"in reverse mode a result is Active or Const, not {returned.__name__}")
    return returned


def _run(
    call: Call, derived: Any, shadows: list[Any], activity: engine.Activity, returned: Kind
) -> tuple[Any, tuple[Any, ...]]:
    """One reverse run, seeded with one for an Active result and with zeros for a constant one."""
    types = engine.seed_types(derived.result_type)
    ones = [s for s in map(engine.one, types) if s is not None]
    if len(ones) == len(types):
        return engine.run_reverse(call, derived, shadows, [s if returned is Active else s * 0 for s in ones])
    split = engine.Site("split").find(call, activity)
    out, residual = watched.run(split.forward, *call.args, *shadows)
    if returned is Active and np.size(out) != 1:
        raise ActivityError(f"{name_of(call.fn)} returned an array of shape {np.shape(out)}, which can't be Active")
    seeds = engine.flat_seeds(derived.result_type, separate_zero(out))
    if returned is Active:
        seeds = [np.ones_like(s) for s in seeds]
    return out, tuple(watched.run(split.reverse, *call.args, *shadows, residual, *seeds))


def add_into(shadow: Any, gradient: Any) -> None:
    """Add a gradient to a shadow in place."""
    if gradient is None:
        return
    if isinstance(shadow, np.ndarray):
        if is_float_leaf(shadow):
            shadow += gradient
        return
    for (step, kid), (_, part) in zip(children(shadow) or (), children(gradient) or ()):
        if is_mutable(shadow) and is_float_leaf(kid) and not isinstance(kid, np.ndarray):
            put(shadow, step, kid + part)
        else:
            add_into(kid, part)


# --- forward


def _forward(mode: Mode, f: Any, returned: Kind | None, args: Sequence[Activity]) -> tuple[Any, ...]:
    for i, a in enumerate(args):
        if isinstance(a, Active):
            raise ActivityError(f"argument {i} is Active, which belongs to reverse mode", hint="Duplicated(x, tangent)")
    if returned is Active:
        raise ActivityError("an Active result belongs to reverse mode", hint="use Duplicated")
    program = _program(f, args)
    width = _width(args)
    site = engine.Site("forward")
    runs = [program if k == max(width, 1) - 1 else again(program) for k in range(max(width, 1))]
    results = [_forward_once(run, site, args, k) for k, run in enumerate(runs)]
    out = results[-1][0]
    if returned is Const:
        return (out,) if mode.primal else ()
    dot = tuple(r[1] for r in results) if width else results[0][1]
    return (dot, out) if mode.primal else (dot,)


def _forward_once(program: Program, site: engine.Site, args: Sequence[Activity], k: int) -> tuple[Any, Any]:
    call = program.call
    dual = [(_single_place(call, i), _shadow(a, k)) for i, a in enumerate(args) if not isinstance(a, Const)]
    dual = [(place, dot) for place, dot in dual if flatten(call.value(place)) or is_mutable(call.value(place))]
    tangents = place_tangent(call, [place for place, _ in dual], [dot for _, dot in dual])
    derived = site.find(call, forward_activity(call, (*tangents, *program.mirrors)))
    check_alike(call.args, tangents, derived.overlap)
    tangents, moved = _laid_out(call, tangents, derived)
    result = push(program, site, tangents)
    for tangent, new in moved:
        tangent[...] = new
    return result


def _laid_out(call: Call, given: Mapping[int, Any], derived: Any) -> tuple[dict[int, Any], list[tuple[Any, Any]]]:
    """Shadows in the layout of their primals, of which the function may make views; those that were copied for that."""
    found, moved = dict(given), []
    for i, shadow in given.items():
        primal = call.args[i]
        known = isinstance(primal, np.ndarray) and isinstance(shadow, np.ndarray) and primal.ndim > 1
        if known and _order(primal) != _order(shadow) and not any(i in group for group in derived.overlap):
            found[i] = np.empty_like(primal, subok=False)
            found[i][...] = shadow
            moved.append((shadow, found[i]))
    return found, moved


def _order(a: np.ndarray[Any, Any]) -> tuple[bool, bool]:
    return a.flags.c_contiguous, a.flags.f_contiguous


# --- gradient and Jacobian by mode


def _active(args: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """The bare arguments, and the positions of those to differentiate."""
    values = [a.val if isinstance(a, Activity) else a for a in args]
    places = [i for i, a in enumerate(args) if not isinstance(a, Const)]
    if not places:
        raise ActivityError("every argument is Const", hint="leave at least one argument bare")
    return values, places


def gradient(mode: Mode, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
    """The gradient of a function whose result is one number: a tuple with one entry per argument, None for
    `Const`.

    In a mode with primal, `(gradients, result)`.

    >>> gradient(Reverse, lambda x, y: x * y, 2.0, Const(3.0))
    (3.0, None)
    """
    if not isinstance(mode, Mode):
        raise ActivityError("gradient takes a mode first", hint="ds.gradient(ds.Reverse, f, x), or ds.grad(f)(x)")
    values, places = _active(args)
    run = GradientOf(f, tuple(places), aux=False, value=True)
    out, found = run(values, {}) if mode.reverse else run.by_columns(values, {})
    entries = dict(zip(places, found))
    gradients = tuple(entries.get(i) for i in range(len(args)))
    return (gradients, out) if mode.primal else gradients


def mode_jacobian(mode: Mode, f: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
    """The Jacobian by argument, None for `Const`; in a mode with primal, `(jacobians, result)`."""
    values, places = _active(args)
    run = JacobianOf(f, tuple(places), "rev" if mode.reverse else "fwd")
    out, found = run.with_value(values, {})
    by_leaf = [_entry(out, found, n) for n in range(len(places))]
    entries = dict(zip(places, by_leaf))
    jacobians = tuple(entries.get(i) for i in range(len(args)))
    return (jacobians, out) if mode.primal else jacobians


def _entry(out: Any, found: Any, n: int) -> Any:
    """The part of a Jacobian that belongs to one argument: at each float leaf of the result stands a
    tuple.
    """
    if is_float_leaf(out):
        return found[n]
    parts = children(out)
    if parts is None:
        return None
    from .trees import get

    values = [(step, _entry(kid, get(found, [step]), n)) for step, kid in parts]
    if isinstance(out, tuple):
        return tuple(v for _, v in values)
    return {step[1]: v for step, v in values}
