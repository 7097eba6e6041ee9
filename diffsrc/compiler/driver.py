"""From a function and the types of its arguments to a compiled derivative.

Every derivative goes: lowered and typed (`instances`), exits in normal form, forward or reverse (`ad`), cleaned (`transform`),
printed (`codegen`), executed with its text entered into `linecache`. The stages are kept for dumps.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ..ad.calls import Calls
from ..ad.forward import derive_jvp
from ..ad.quiet import sets_errors
from ..ad.vjp import Derivative, Request, derive_vjp, leaf_types
from ..analysis.alias import Aliases
from ..analysis.containers import grown_by, holds_all
from ..analysis.dispatch import known_classes
from ..analysis.growth import READ_BY_KEY, Grows
from ..analysis.items import is_optional
from ..analysis.overlaps import Overlap
from ..analysis.queues import holds_queue
from ..analysis.recursive import Recurs
from ..analysis.summaries import Summaries
from ..codegen.module import Options, module_text
from ..defs.syntax import refusal
from ..defs.table import lookup
from ..defs.variant import PLAIN, Variant
from ..errors import DiffsrcError, DiffTypeError, InternalError, UnsupportedError
from ..ir.ops import For, Func, FuncRef, If, Load, While
from ..ir.types import (
    FLOAT,
    NONE,
    AnyType,
    Dict,
    List,
    Scalar,
    Table,
    Type,
    carries_derivative,
    is_complex,
    is_object,
    strip,
)
from ..ir.values import Value
from ..ir.walk import defined, results, walk
from ..timing import compiling, phase
from ..transform.buffers import Reuse
from ..transform.closures import holds_closure
from ..transform.simplify import simplify
from . import methods, pipelines, shared, validate
from .deep import with_room
from .derived import Derived, bind, execute
from .handed import without_functions
from .instances import Compiler
from .link import link
from .merge import merge_alike
from .stages import Stages

#: how often the types of a program may turn out to be wider than was thought
MAX_STARTS = 50
Made = TypeVar("Made")
#: of the lines of generated text
WIDTH = Options().width


_NOT_A_NUMBER = Derived("", "", (), NONE, (), frozenset(), None, [])


@dataclass(eq=False, slots=True)
class Unit:
    """One compilation: the instances of a function and everything derived from them."""

    fn: Callable[..., Any]
    arg_types: tuple[Type, ...]
    compiler: Compiler
    instance: Any
    calls: Calls
    summaries: Summaries
    width: int = WIDTH
    overlap: Overlap = ()
    #: whether arrays keep memory of their own
    readable: bool = False

    @property
    def typed(self) -> Func:
        func = self.instance.func
        assert isinstance(func, Func)
        return self.calls.for_overlap(func, self.overlap)

    def primal_values(self) -> set[Value]:
        """The values of the user's functions: what makes them is printed as it was written."""
        funcs = [
            *(i.func for i in self.compiler.instances.values()),
            *self.calls.typed.values(),
            *self.calls.prepared.values(),
        ]
        return {v for f in funcs for v in defined(f.body)} | self.calls.recomputed


@functools.cache
def _calling(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A Python function of the same parameters that calls a function."""
    kinds = inspect.signature(fn, follow_wrapped=False).parameters.values()
    name = f"{fn.__name__}_by_its_rule"
    given = ", ".join(f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else p.name for p in kinds)
    text = f"def {fn.__name__}({', '.join(p.name for p in kinds)}):\n    return {name}({given})\n"
    made: Callable[..., Any] = execute(text, {name: fn}, fn.__name__)[fn.__name__]
    return made


def by_its_rule(fn: Callable[..., Any]) -> Callable[..., Any]:
    """What is differentiated of a function: one that has a rule is called, else its source is read."""
    d = lookup(fn)
    if d is None or not d.own or not fn.__name__.isidentifier():
        return fn
    kinds = inspect.signature(fn, follow_wrapped=False).parameters.values()
    return fn if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in kinds) else _calling(fn)


def compile_unit(
    fn: Callable[..., Any], arg_types: Sequence[Type], scope: dict[str, object] | None = None, chain: tuple[object, ...] = (),
    variant: Variant = PLAIN,
) -> Unit:  # fmt: skip
    """Lower and type a function for given argument types. `scope`: the namespace of the program, if `fn` has none;
    `chain`: the derivatives in whose compilation this one is; `variant`: in which form."""
    if inspect.isgeneratorfunction(fn):
        raise refusal("generator", name=fn.__qualname__)
    fn = by_its_rule(fn)
    compiler, instance, arg_types = _typed(fn, tuple(arg_types), Compiler(scope=_scope(fn) or scope or {}, chain=chain))
    if holds_closure(instance.result_type):
        raise UnsupportedError(
            f"{instance.name} returns a function that captures values", loc=instance.func.loc,
            hint="return what that function gives, or its captured values",
        )  # fmt: skip
    if is_optional(instance.result_type):
        raise UnsupportedError(
            f"{instance.name} returns a tuple, or None", loc=instance.func.loc, hint="return numbers or arrays on every path"
        )
    if holds_queue(instance.result_type):
        raise UnsupportedError(
            f"{instance.name} returns a bounded `deque`", loc=instance.func.loc, hint="return the list of its items"
        )
    summaries = Summaries()
    shared.publish(compiler)
    unit = Unit(fn, tuple(arg_types), compiler, instance, Calls(summaries, variant.unroll), summaries, readable=variant.readable)
    methods.enter_unit(unit)
    return unit


def typed_stages(fn: Callable[..., Any], arg_types: Sequence[Type], variant: Variant = PLAIN) -> Stages:
    """The stages of a function that isn't differentiated: "lowered" and "typed".

    Raises:
        UnsupportedError: it holds something unsupported.
    """

    def run() -> Stages:
        unit = compile_unit(fn, arg_types, variant=variant)
        return Stages(unit.fn, unit.instance, unit.compiler, unit.calls, unit.summaries, [], [])

    return _guarded(run)


def _typed(fn: Callable[..., Any], arg_types: tuple[Type, ...], compiler: Compiler) -> tuple[Compiler, Any, tuple[Type, ...]]:
    """The typed function, with the compiler that knows all it calls, and the types of arguments as they are in it. Items
    of a list display are known by their positions, unless something has no type then.

    Raises:
        UnsupportedError: the function holds something that types show to be unsupported.
    """
    try:
        found = _settled(fn, arg_types, compiler)
    except UnsupportedError:
        if not compiler.system.used_positions:
            raise
    else:
        if not found[0].system.used_positions or not _unknown(found[0]):
            return found
    other = Compiler(scope=compiler.scope, chain=compiler.chain)
    other.system.positions = False
    return _settled(fn, arg_types, other)


def _settled(
    fn: Callable[..., Any], arg_types: tuple[Type, ...], compiler: Compiler
) -> tuple[Compiler, Any, tuple[Type, ...]]:
    """As `_typed`, when types of arguments and of recursive classes have grown as far as they do."""
    for _ in range(MAX_STARTS):
        arg_types = tuple(map(compiler.system.outside, arg_types))
        try:
            return compiler, compiler.instance(fn, arg_types), arg_types
        except Grows as need:
            arg_types = _wider(arg_types, need)
        except Recurs:
            compiler = Compiler(scope=compiler.scope, chain=compiler.chain, system=compiler.system)
    raise DiffTypeError(f"the types in {fn.__name__} grow without end", hint="keep one type per attribute")


def _unknown(compiler: Compiler) -> bool:
    """Whether a value that a join makes, or that is read from an instance, has no type."""
    for instance in compiler.instances.values():
        for op in walk(instance.func.body):
            if isinstance(op, (If, For, While, Load)) and any(isinstance(r.type, AnyType) for r in results(op)):
                return True
    return False


def _wider(arg_types: tuple[Type, ...], need: Grows) -> tuple[Type, ...]:
    """The types of arguments that have to hold what the function puts into them: a list that is empty, an attribute that
    is None or isn't there, an array of another size.

    Raises:
        Grows: it would be something else than what is there.
    """
    at, *rest = need.path
    wider = grown_by(arg_types[at], need.wide)
    if isinstance(wider, Table) and need.reason != READ_BY_KEY:
        raise need
    if rest or wider == arg_types[at] or not holds_all(wider, arg_types[at]):
        raise need
    return (*arg_types[:at], wider, *arg_types[at + 1 :])


def compile_primal(fn: Callable[..., Any], arg_types: Sequence[Type], variant: Variant = PLAIN) -> Derived:
    """The function itself, as it is compiled.

    Raises:
        UnsupportedError: the function holds something unsupported; nothing else leaves the compiler.
    """

    def run() -> Derived:
        unit = compile_unit(fn, arg_types, variant=variant)
        typed = unit.typed
        with compiling(unit.instance.name, fn, unit.arg_types, "primal", "optimize"):
            return _finish(unit, ("const",) * len(typed.params), [simplify(unit.calls.opened(typed))], False)

    return _guarded(run)


def derive_reverse(
    fn: Callable[..., Any], arg_types: Sequence[Type], activity: Sequence[str], split: bool = False, width: int = WIDTH,
    overlap: Overlap = (), variant: Variant = PLAIN,
) -> Derived:  # fmt: skip
    """Reverse mode. `activity`: "const", "value" or "shadow" per argument (containers and written arrays become shadows).
    `width`: of the lines of the text; in lines of no width each operation has its own. `overlap`: which arguments share
    memory that the function writes.

    Raises:
        UnsupportedError: the function can't be differentiated; nothing else leaves the compiler.
    """
    return _guarded(lambda: _reverse(fn, arg_types, activity, split, width, overlap, variant))


def derive_again(
    fn: Callable[..., Any], arg_types: Sequence[Type], activity: Sequence[str], overlap: Overlap = (), variant: Variant = PLAIN
) -> Derived:
    """Reverse mode as one function that is to be differentiated itself.

    Raises:
        UnsupportedError: the function can't be differentiated; nothing else leaves the compiler.
    """
    return _guarded(
        lambda: reverse_of(
            replace(compile_unit(fn, arg_types, variant=variant), overlap=overlap, readable=True), activity, True, False
        )
    )


def derive_gradient(
    fn: Callable[..., Any], arg_types: Sequence[Type], activity: Sequence[str], overlap: Overlap = (), variant: Variant = PLAIN
) -> Derived | None:
    """Reverse mode of a function whose result is one number (or starts with one): `call(*args, *shadows)` gives the
    cotangents alone (one: itself, none: None). None where the result is no number.

    Raises:
        UnsupportedError: the function can't be differentiated; nothing else leaves the compiler.
    """
    found: list[Derived | None] = [None]

    def run() -> Derived:
        unit = replace(compile_unit(fn, arg_types, variant=variant), overlap=overlap)
        first = leaf_types(unit.instance.result_type)[0]
        if not isinstance(strip(first), Scalar) or not carries_derivative(first) or is_complex(first):
            return _NOT_A_NUMBER
        made = found[0] = _reverse_of(unit, activity, False, False)
        return made

    _guarded(run)
    return found[0]


def derive_forward(
    fn: Callable[..., Any], arg_types: Sequence[Type], activity: Sequence[str], width: int = WIDTH, overlap: Overlap = (),
    variant: Variant = PLAIN,
) -> Derived:  # fmt: skip
    """Forward mode. `activity`: "const" or "dup" per argument.

    Raises:
        UnsupportedError: the function can't be differentiated; nothing else leaves the compiler.
    """
    return _guarded(lambda: _forward(fn, arg_types, activity, width, overlap, variant))


def _guarded(run: Callable[[], Made]) -> Made:
    try:
        return with_room(run)
    except DiffsrcError:
        raise
    except Exception as err:
        if "integer string conversion" in str(err):  # Python prints no more than 4,300 digits
            raise refusal("long integer") from None
        raise InternalError(f"{type(err).__name__} in the compiler: {err}") from err


def _reverse(
    fn: Callable[..., Any], arg_types: Sequence[Type], activity: Sequence[str], split: bool, width: int = WIDTH,
    overlap: Overlap = (), variant: Variant = PLAIN,
) -> Derived:  # fmt: skip
    return _reverse_of(replace(compile_unit(fn, arg_types, variant=variant), width=width, overlap=overlap), activity, split, True)


def reverse_of(unit: Unit, activity: Sequence[str], primal: bool, only_first: bool) -> Derived:
    """Reverse mode of a unit whose text is read again. `only_first`: of what it returns only the first number or array has a
    cotangent."""
    unit.calls.again = True
    return _reverse_of(unit, activity, False, primal, only_first)


def _reverse_of(unit: Unit, activity: Sequence[str], split: bool, primal: bool, only_first: bool = False) -> Derived:
    with compiling(unit.instance.name, unit.fn, unit.arg_types, "reverse", "differentiate") as node:
        d = _reversed(unit, activity, split, primal, only_first)
    d.method = node.instance = methods.enter_derived(unit, d, "reverse", node.exclusive)
    return d


def _reversed(unit: Unit, activity: Sequence[str], split: bool, primal: bool, only_first: bool) -> Derived:
    activity = _together(activity, unit.overlap, "value")
    prepared = unit.calls.prepare(unit.typed)
    aliases = Aliases(prepared, unit.summaries)
    kinds = tuple(_kind(a, p.type, aliases.written(p)) for a, p in zip(activity, prepared.params, strict=True))
    seeded = frozenset(i for i, k in enumerate(kinds) if k == "shadow")
    leaves = leaf_types(unit.instance.result_type)
    first = only_first or not primal
    outs = tuple(carries_derivative(t) and (i == 0 or not first) for i, t in enumerate(leaves))
    external = frozenset(range(len(kinds))) if split else frozenset()
    request = Request(kinds, seeded, outs, split, external, primal, entry=True)
    unit.calls.enter_reverse(unit.instance, request)
    derived = derive_vjp(prepared, request, unit.summaries, unit.calls)
    main = [f for f in (derived.fused, derived.forward, derived.backward) if f is not None]
    d = _finish(unit, kinds, main, split, derivative=derived)
    d.primal = primal
    return d


def _forward(
    fn: Callable[..., Any], arg_types: Sequence[Type], activity: Sequence[str], width: int = WIDTH, overlap: Overlap = (),
    variant: Variant = PLAIN,
) -> Derived:  # fmt: skip
    return forward_of(replace(compile_unit(fn, arg_types, variant=variant), width=width, overlap=overlap), activity)


def forward_of(unit: Unit, activity: Sequence[str]) -> Derived:
    """Forward mode of a unit."""
    with compiling(unit.instance.name, unit.fn, unit.arg_types, "forward", "differentiate") as node:
        d = _forwarded(unit, activity)
    d.method = node.instance = methods.enter_derived(unit, d, "forward", node.exclusive)
    return d


def _forwarded(unit: Unit, activity: Sequence[str]) -> Derived:
    activity = _together(activity, unit.overlap, "dup")
    typed = unit.calls.opened(unit.typed)
    on = tuple(a != "const" and carries_derivative(p.type) for a, p in zip(activity, typed.params, strict=True))
    kinds = tuple("dup" if o else "const" for o in on)
    leaves = leaf_types(unit.instance.result_type)
    outs = tuple(map(carries_derivative, leaves))
    unit.calls.enter_forward(unit.instance, on)
    unit.calls.errors_set = any(sets_errors(i.func) for i in unit.compiler.instances.values())
    jvp = derive_jvp(typed, on, outs, unit.summaries, unit.calls)
    return _finish(unit, kinds, [jvp], False, marked=on)


def _together(activity: Sequence[str], overlap: Overlap, kind: str) -> tuple[str, ...]:
    """Parameters that share memory are active together: a derivative with respect to one is one to that memory."""
    out = list(activity)
    for group in overlap:
        if any(activity[i] != "const" for i in group):
            for i in group:
                out[i] = kind if out[i] == "const" else out[i]
    return tuple(out)


def _kind(asked: str, t: Type, written: bool) -> str:
    t = strip(t)
    if asked == "const" or not carries_derivative(t):
        return "const"
    memory = isinstance(t, (List, Dict)) or is_object(t)
    return "shadow" if memory or written else asked


def _finish(
    unit: Unit, kinds: tuple[str, ...], main: list[Func], split: bool, derivative: Derivative | None = None,
    marked: tuple[bool, ...] = (),
) -> Derived:  # fmt: skip
    raw = [*main, *unit.calls.funcs.values()]
    if len({f.name for f in raw}) < len(raw):
        raise InternalError("two functions of a module have one name")
    primal = unit.primal_values()
    trail = _trail(unit) if validate.enabled() else None
    reused: dict[str, Reuse] | None = None if unit.readable else {}

    def cleaned_up(f: Func) -> Func:
        return pipelines.clean(simplify(unit.calls.opened(f)), primal, unit.summaries, reused=reused)

    with phase("optimize"):
        notes = [trail.note(f) if trail is not None else None for f in raw]
        cleaned = [pipelines.clean(f, primal, unit.summaries, note, reused) for f, note in zip(raw, notes)]
        clean, others = merge_alike(*without_functions(cleaned[: len(main)], cleaned[len(main) :]))
    name = main[0].name
    defaults = {f.name: {"dout": 1.0} for f in clean if f.params and f.params[-1].name == "dout" and _is_number(f)}
    with phase("optimize"):
        linked = link([*clean, *others], cleaned_up)
    clean, others = linked[: len(clean)], linked[len(clean) :]
    options = Options(unit.width, scope=unit.compiler.scope)
    with phase("emit"):
        printed = module_text([*clean, *others], header=_header(unit, kinds), options=options, defaults=defaults)
    namespace = execute(printed.text, printed.names, name, printed.origins)
    for f in (*clean, *others):
        known_classes(namespace[f.name], f.params)
    stages = Stages(
        unit.fn, unit.instance, unit.compiler, unit.calls, unit.summaries, raw, [*clean, *others], derivative, marked,
        reused or {},
    )  # fmt: skip
    summary = unit.summaries(FuncRef(unit.instance.name, unit.instance))
    written = summary.writes
    written = written.union(*(g for g in unit.overlap if written.intersection(g)))
    d = Derived(
        name, printed.text, unit.arg_types, unit.instance.result_type, kinds, written, stages, [*clean, *others],
        function=unit.fn, outside=dict(unit.compiler.outside), trail=trail, overlap=unit.overlap, main=main,
        names=printed.names, file=namespace["__file__"], halves=_halves(main, len(unit.arg_types)) if split else None,
        memory=summary.shape, read=unit.compiler.functions(),
    )  # fmt: skip
    if trail is not None:
        trail.final = {f.name: f for f in d.funcs}
        trail.texts = {f.name: namespace[f.name] for f in d.funcs}
    bind(d, namespace)
    return d


def _halves(main: list[Func], n_args: int) -> tuple[str | None, str, int]:
    """The names of the halves of a pair, and how many arguments the first takes."""
    back = next(f.name for f in main if f.name.endswith("_rev"))
    ahead = next((f for f in main if f.name.endswith("_fwd")), None)
    return (None, back, n_args) if ahead is None else (ahead.name, back, len(ahead.params))


def _trail(unit: Unit) -> validate.Trail:
    stages = [("source", unit.fn), ("typed", unit.typed), *unit.calls.preparation(unit.typed)]
    return validate.Trail(stages, len(unit.arg_types), unit.calls.opened)


def _is_number(f: Func) -> bool:
    return strip(f.params[-1].type) in (FLOAT, replace(FLOAT, kind="f64"))


def _scope(fn: Callable[..., Any]) -> dict[str, object]:
    return dict(getattr(fn, "__globals__", {}))


def _header(unit: Unit, kinds: tuple[str, ...]) -> list[str]:
    from .. import __version__

    code = getattr(unit.fn, "__code__", None)
    where = f"{Path(code.co_filename).name}:{code.co_firstlineno}" if code is not None else "?"
    shown = ", ".join(f"{t} {k}" for t, k in zip(unit.arg_types, kinds))
    return [f"generated by diffsrc {__version__} from {where}", f"arguments: {shown}"]


def content_hash(text: str) -> str:
    """The hash under which a source text is known in headers of built modules."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
