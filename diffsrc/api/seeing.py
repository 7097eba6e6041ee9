"""What the compiler makes of a function, stage by stage: `ds.code_lowered` ... `ds.code_source`.

Each returns a `Dump`: its `str` is the text, its `repr` has colours on a terminal, a notebook shows it as
HTML. Types are given as values, as text (`"f64[:, :]"`), or as activity-wrapped constants
(`ds.Const("relu")`).
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from typing import Any

from ..defs.unspecialized import names_at
from ..defs.variant import PLAIN, Variant, variant_of
from ..errors import ActivityError, UnsupportedError
from ..ir.types import ANY, FLOAT, INT, AnyType, Maybe, OneOf, Type, Union, carries_derivative
from . import engine
from .activity import Activity
from .modes import Mode
from .positions import by_position
from .signature import Argnums, as_tuple, for_types, name_of, unwrap

STAGES = ("lowered", "typed", "activity", "forward", "reverse", "optimized", "source")

_TYPES = "f16|f32|f64|f128|c64|c128|i64|i32|b1|float|int|bool|complex"
_KEYWORDS = (
    "func|for|while|if|elif|else|in|do|carry|yield|return|break|continue|unreachable|load|store|accum|view|mem|call|method|as"
    "|def|import|from|raise|and|or|not|is|lambda|None|True|False"
)
#: token classes of dumps and Python text, first match wins: (class, pattern, ANSI colour, CSS colour)
_TOKENS = (
    ("comment", r"#[^\n]*", "90", "#6a737d"),
    ("string", r"'[^'\n]*'|\"\"\"(?:.|\n)*?\"\"\"|\"[^\"\n]*\"", "32", "#22863a"),
    ("warning", r"\bAny\b|\bundef\b", "1;31", "#b31d28;font-weight:bold"),
    ("active", r"\bactive\b", "1;32", "#22863a"),
    ("const", r"\bconst\b", "2", "#6a737d"),
    ("type", rf"\b(?:{_TYPES})\b(?:\[[^\]\n]*\])?", "36", "#005cc5"),
    ("keyword", rf"\b(?:{_KEYWORDS})\b", "35", "#d73a49"),
    ("value", r"%[\w.]+", "33", "#24292e"),
    ("memory", r"@[\w|]+", "34", "#6f42c1"),
)  # fmt: skip
_LEXER = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _, _ in _TOKENS))


class Dump:
    """The text of one stage. `marked`: in which lines which values stand out."""

    def __init__(self, text: str, marked: Mapping[int, Container[str]] | None = None) -> None:
        self.text = text
        self._marked = marked or {}

    def __str__(self) -> str:
        return self.text

    def __contains__(self, part: str) -> bool:
        return part in self.text

    def __repr__(self) -> str:
        return self.coloured() if sys.stdout.isatty() else self.text

    def coloured(self) -> str:
        """The text with ANSI colours."""
        codes = {name: code for name, _, code, _ in _TOKENS}
        return "".join(f"\x1b[{codes[c]}m{part}\x1b[0m" if c else part for c, part in self._parts())

    def _repr_html_(self) -> str:
        colours = {name: colour for name, _, _, colour in _TOKENS}
        spans = (
            f'<span style="color:{colours[c]}">{html.escape(part)}</span>' if c else html.escape(part)
            for c, part in self._parts()
        )
        return f"<pre>{''.join(spans)}</pre>"

    def _parts(self) -> Iterator[tuple[str, str]]:
        at = line = 0
        for found in _LEXER.finditer(self.text):
            between = self.text[at : found.start()]
            line += between.count("\n")
            yield "", between
            stands_out = found.lastgroup == "value" and found.group() in self._marked.get(line, ())
            yield "warning" if stands_out else found.lastgroup or "", found.group()
            line += found.group().count("\n")
            at = found.end()
        yield "", self.text[at:]


def arg_types(f: Any, given: tuple[Any, ...], exact: bool = False, listed: bool = False) -> tuple[Type, ...]:
    """The types of a function's parameters from values, texts or types; missing ones from annotations and
    defaults. `exact`: of values with the sizes that they have, also where the function says so. `listed`: of values with
    the items of lists known by position.
    """
    fn, prefix, keywords = unwrap(f)
    code = fn.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    values = dict(zip(names, prefix)) | keywords
    free = [n for n in names if n not in values]
    if len(given) > len(free):
        raise ActivityError(f"{name_of(fn)} has {len(free)} parameters, {len(given)} types are given")
    values |= dict(zip(free, given))
    exact = exact or variant_of(fn).unroll
    found = tuple(_type_of(fn, name, values, exact) for name in names)
    return tuple((by_position([values.get(n)], (t,)) or (t,))[0] for n, t in zip(names, found)) if listed else found


def _type_of(fn: Callable[..., Any], name: str, values: dict[str, Any], exact: bool) -> Type:
    from ..analysis.typeof import parse_type

    if name not in values:
        return _assumed(fn, name, exact)
    value = values[name]
    if isinstance(value, Type):
        return value
    if isinstance(value, str):
        return parse_type(value, fn.__globals__)
    if isinstance(value, Activity):
        return engine.types_of([value.val], frozenset([0]), exact)[0]
    return engine.types_of([value], frozenset(), exact)[0]


def _assumed(fn: Any, name: str, exact: bool) -> Type:
    """The type of a parameter for which none is given: from its default or its annotation."""
    import inspect

    from ..analysis.typeof import parse_type

    parameter = inspect.signature(fn, follow_wrapped=False).parameters[name]
    if parameter.default is not inspect.Parameter.empty:
        return engine.types_of([parameter.default], frozenset([0]), exact)[0]
    if name in names_at(fn):
        return ANY
    hint = parameter.annotation
    if hint in (float, int, "float", "int"):
        return FLOAT if hint in (float, "float") else INT
    if isinstance(hint, str):
        try:
            return parse_type(hint, fn.__globals__)
        except UnsupportedError:
            pass
    raise ActivityError(
        f"no type is given for {name!r} of {name_of(fn)}", hint='pass a value, or text such as "f64[:]"'
    )


def distinct(types: tuple[Type, ...]) -> tuple[Type, ...]:
    """Axes of different arguments have names of their own, as those of run-time values have."""
    return types


def derive(
    f: Any, given: tuple[Any, ...], mode: str | Mode = "reverse", wrt: Argnums | None = None, variant: Variant = PLAIN
) -> Any:
    """The compiled derivative for types."""
    if isinstance(mode, Mode):
        mode = "reverse" if mode.reverse else "forward"
    if mode not in ("reverse", "forward", "split", "primal"):
        raise ActivityError(f"mode {mode!r}", hint='modes are "reverse" and "forward"; "primal" is the function itself')
    try:
        return _derived(f, distinct(arg_types(f, given, variant.unroll)), mode, wrt, variant)
    except UnsupportedError:  # as for calls, see `positions.py`
        listed = distinct(arg_types(f, given, variant.unroll, listed=True))
        with suppress(UnsupportedError):
            return _derived(f, listed, mode, wrt, variant)
        raise


def _derived(f: Any, types: tuple[Type, ...], mode: str, wrt: Argnums | None, variant: Variant) -> Any:
    _, prefix, _ = unwrap(f)
    fn = for_types(f, types)
    active = _active(fn, types, len(prefix), wrt) if mode != "primal" else set()
    dual = "dup" if mode == "forward" else "value"
    activity = tuple(dual if i in active else "const" for i in range(len(types)))
    return engine.lookup(mode, fn, types, activity, whole=True, variant=variant)


def behind(f: Any, given: tuple[Any, ...]) -> Callable[..., Any]:
    """The Python function that is compiled for arguments or types."""
    return for_types(f, arg_types(f, given))


def _active(fn: Any, types: tuple[Type, ...], offset: int, wrt: Argnums | None) -> set[int]:
    """The parameters to differentiate: by default every one that carries a derivative."""
    if wrt is None:
        return {i for i, t in enumerate(types) if i >= offset and carries_derivative(t)}
    names = fn.__code__.co_varnames
    return {names.index(a) if isinstance(a, str) else a + offset for a in as_tuple(wrt)}


def code(
    f: Any,
    stage: str,
    *given: Any,
    mode: str | Mode = "reverse",
    wrt: Argnums | None = None,
    unroll: bool = False,
    readable: bool = False,
) -> Dump:
    """The dump of any stage by name."""
    variant = Variant(unroll, readable)
    if stage not in STAGES:
        raise ActivityError(f"stage {stage!r}", hint=f"stages are {', '.join(STAGES)}")
    if stage == "lowered":
        return code_lowered(f)
    if stage == "typed":
        return Dump(_text(_typed(f, given, variant)))
    if stage in ("forward", "reverse"):
        mode = stage
    derived = derive(f, given, mode, wrt, variant)
    return Dump(derived.source) if stage == "source" else Dump(_text(derived.stages[stage]))


def _text(shown: Sequence[Any]) -> str:
    """The functions of a stage, with the remarks on their ops."""
    from ..ir.text import to_text

    return "\n".join(to_text(s.func, s.notes) for s in shown)


def _typed(f: Any, given: tuple[Any, ...], variant: Variant = PLAIN) -> Sequence[Any]:
    """The typed functions, also of what can't be differentiated."""
    from ..compiler.driver import typed_stages
    from . import rules  # noqa: F401  the row of stop_gradient

    types = distinct(arg_types(f, given, variant.unroll))
    fn = for_types(f, types)
    return typed_stages(fn, types, variant_of(fn, variant))["typed"]


def code_lowered(f: Any) -> Dump:
    """The function as the front end reads it, untyped."""
    from ..compiler.stages import lowered

    fn, _, _ = unwrap(f)
    return Dump(_text(lowered(fn)))


def code_typed(f: Any, *args_or_types: Any, unroll: bool = False) -> Dump:
    """The function with types and memory, for arguments given as values or types. With `unroll`, which all of these take, as
    `ds.grad(f, unroll=True)` has it."""
    return code(f, "typed", *args_or_types, unroll=unroll)


def code_warntype(f: Any, *args_or_types: Any, unroll: bool = False) -> Dump:
    """`code_typed`, in which each value stands out whose type isn't concrete: in red on a terminal and in a notebook, and named
    in a comment where it is defined."""
    from ..ir.text import to_text, value_names

    lines: list[str] = []
    marked: dict[int, set[str]] = {}
    for shown in _typed(f, args_or_types, Variant(unroll)):
        vague = {f"%{name.removeprefix('%')}" for value, name in value_names(shown.func) if not is_concrete(value.type)}
        for line in to_text(shown.func, shown.notes, every=True).splitlines():
            marked[len(lines)] = vague
            lines.append(_warned(line, vague))
    return Dump("\n".join(lines), marked)


def _warned(line: str, vague: set[str]) -> str:
    names = [n.removeprefix("%") for n in re.findall(r"(%[\w.]+):", line) if n in vague]
    return f"{line}    # not concrete: {', '.join(names)}" if names else line


def is_concrete(t: Any) -> bool:
    """Whether a type says all that compiled code could want: it is, and holds, nothing unknown, and nothing that is one of
    several kinds.
    """
    if isinstance(t, tuple):
        return all(map(is_concrete, t))
    if not isinstance(t, Type):
        return True
    if isinstance(t, (AnyType, Maybe, OneOf, Union)):
        return False
    return all(is_concrete(getattr(t, f.name)) for f in fields(t) if f.name not in ("cls", "target"))


def code_activity(
    f: Any,
    *args_or_types: Any,
    mode: str | Mode = "reverse",
    wrt: Argnums | None = None,
    unroll: bool = False,
    readable: bool = False,
) -> Dump:
    """Which values are active when the parameters `wrt` are."""
    return code(f, "activity", *args_or_types, mode=mode, wrt=wrt, unroll=unroll, readable=readable)


def code_forward(
    f: Any, *args_or_types: Any, wrt: Argnums | None = None, unroll: bool = False, readable: bool = False
) -> Dump:
    """The forward derivative, straight from the rules."""
    return code(f, "forward", *args_or_types, wrt=wrt, unroll=unroll, readable=readable)


def code_reverse(
    f: Any, *args_or_types: Any, wrt: Argnums | None = None, unroll: bool = False, readable: bool = False
) -> Dump:
    """The reverse derivative, straight from the rules."""
    return code(f, "reverse", *args_or_types, wrt=wrt, unroll=unroll, readable=readable)


def code_optimized(
    f: Any,
    *args_or_types: Any,
    mode: str | Mode = "reverse",
    wrt: Argnums | None = None,
    unroll: bool = False,
    readable: bool = False,
) -> Dump:
    """The derivative after cleaning."""
    return code(f, "optimized", *args_or_types, mode=mode, wrt=wrt, unroll=unroll, readable=readable)


def code_source(
    f: Any,
    *args_or_types: Any,
    mode: str | Mode = "reverse",
    wrt: Argnums | None = None,
    unroll: bool = False,
    readable: bool = False,
) -> Dump:
    """The Python that is run; with `mode="primal"` the function itself, as it is compiled."""
    return code(f, "source", *args_or_types, mode=mode, wrt=wrt, unroll=unroll, readable=readable)
