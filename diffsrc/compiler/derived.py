"""Compiled derivatives: text that was executed, and how it is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import field
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..plain import dataclass, hexdigest
from ..source import Loc, register_generated
from ..timing import phase
from .binding import call_by_parameters

if TYPE_CHECKING:
    from ..analysis.mems import Shape
    from ..analysis.overlaps import Overlap
    from ..ir.ops import Func
    from ..ir.types import Type
    from . import methods, validate
    from .stages import Stages

#: how often text of each mark was executed
_TIMES: Counter[str] = Counter()


@dataclass(eq=False, slots=True)
class Derived:
    """A compiled derivative. `call` takes what `ad/vjp.py` says; for a pair there are `forward` and `reverse` instead."""

    name: str
    source: str
    arg_types: tuple[Type, ...]
    result_type: Type
    activity: tuple[str, ...]
    writes: frozenset[int]
    #: what it was made from; None when it was read from a cache
    stages: Stages | None
    funcs: list[Func]
    call: Callable[..., Any] = lambda: None
    forward: Callable[..., Any] = lambda: None
    reverse: Callable[..., Any] = lambda: None
    function: Callable[..., Any] | None = None
    #: what classes held under the names that were looked up on their instances
    outside: dict[tuple[type, str], object] = field(default_factory=dict)
    #: the Python functions that were compiled
    read: frozenset[FunctionType] = frozenset()
    #: whether `call` returns the result before the cotangents
    primal: bool = True
    #: every stage of every function, when passes are validated by running
    trail: validate.Trail | None = None
    #: positions of parameters that may share memory, in groups
    overlap: Overlap = ()
    #: the memory that parameters reach, and what of it is written
    memory: Shape | None = None
    #: the functions straight from the rules: of the derivative itself, of its callees
    main: list[Func] = field(default_factory=list)
    #: of a pair, the names of its halves (the first may be missing), and how many arguments the first takes
    halves: tuple[str | None, str, int] | None = None
    #: the objects that the text refers to by name
    names: dict[str, object] = field(default_factory=dict)
    #: under which name its text is known to tracebacks
    file: str = ""
    #: its entry of the disk cache, name and contents; None where it can't be written as text
    entry: tuple[str, bytes] | None = None
    #: how the instances table knows it
    method: methods.MethodInstance | None = None

    def functions(self) -> list[Func]:
        """All functions of the IR that it was made from and that it is."""
        typed = [i.func for i in self.stages.compiler.instances.values()] if self.stages is not None else []
        return [*typed, *(self.stages.raw if self.stages is not None else ()), *self.funcs]

    def validate(self, *args: Any) -> None:
        """Hold every pass against the one before it, on the arguments of the first call (`DIFFSRC_VALIDATE=1`)."""
        if self.trail is not None:
            self.trail.first(self.name, args)


def bind(d: Derived, namespace: dict[str, Any]) -> None:
    """Give a derivative the functions of its module."""
    if d.halves is None:
        d.call = namespace[d.name]
        return
    n_args = len(d.arg_types)
    n_shadows = sum(k == "shadow" for k in d.activity)
    n_values = sum(k == "value" for k in d.activity)
    ahead, back, takes = d.halves
    run_back = namespace[back]
    run_ahead = namespace[ahead] if ahead is not None else None
    function = d.function
    assert function is not None

    def forward(*given: Any) -> tuple[Any, Any]:
        if run_ahead is None:
            return call_by_parameters(function, given[:n_args]), None
        if d.trail is not None and ahead is not None:
            d.trail.first(ahead, given[:takes])
        out, saved = run_ahead(*given[:takes])
        return out, saved

    def reverse(*given: Any) -> tuple[Any, ...]:
        shadows, saved, douts = (
            given[n_args : n_args + n_shadows],
            given[n_args + n_shadows],
            given[n_args + n_shadows + 1 :],
        )
        first = () if run_ahead is None else (saved,)
        if d.trail is not None:
            d.trail.first(back, (*first, *shadows, *douts))
        out = run_back(*first, *shadows, *douts)
        return (out,) if n_values == 1 else tuple(out) if n_values else ()

    d.forward, d.reverse = forward, reverse


def execute(
    text: str, names: dict[str, object], name: str, origins: Callable[[], Mapping[int, Loc]] = dict
) -> dict[str, Any]:
    """The namespace of generated text, which tracebacks and debuggers can show. Its file is called after its contents, so that
    a traceback of another process never shows lines of other text."""
    mark = hexdigest(text.encode())[:8]
    again = _TIMES[mark]
    _TIMES[mark] += 1
    file = f"<diffsrc {name} {mark}{f' {again + 1}' if again else ''}>"
    register_generated(file, text, origins)
    namespace: dict[str, Any] = {"__name__": f"diffsrc.generated.{name}", "__file__": file, **names}
    with phase("exec"):
        exec(compile(text, file, "exec"), namespace)  # noqa: S102  text of `codegen`, parsed again and held against an allow-list
    _MADE[file] = Text(text, names, namespace)
    if len(_MADE) > _SIZE:
        _MADE.pop(next(iter(_MADE)))
    return namespace


@dataclass(frozen=True, eq=False, slots=True)
class Text:
    """Generated text that was executed: with which objects, and into what."""

    text: str
    names: dict[str, object]
    namespace: dict[str, Any]


_SIZE = 4096
_MADE: dict[str, Text] = {}


def made_from(file: str) -> Text | None:
    """The generated text of a file name; None when it isn't known any more."""
    return _MADE.get(file)
