"""`@ds.differentiable`: the function itself, with its derivatives as attributes.

What is decorated stays the function it was: signature, docstring, identity and pickling are Python's own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..defs.variant import NOTED, Variant
from ..errors import UnsupportedError
from . import engine, grad, seeing, vjp
from .activity import Const
from .autodiff import annotated_activity
from .signature import Argnums, unwrap

F = TypeVar("F", bound=Callable[..., Any])


def differentiable(
    f: F | None = None, *, backend: str = "numpy", nospecialize: Sequence[str] = (), unroll: bool = False,
    readable: bool = False,
) -> Any:
    """Make derivatives attributes of a function: `.grad`, `.value_and_grad`, `.vjp`, `.jvp`, `.ir`,
    `.source`.

    `nospecialize` names parameters as `ds.nospecialize` does. With `unroll` every derivative of the function is compiled for the
    sizes of its arguments, with loops of few rounds written out and small local arrays as numbers; with `readable` arrays in them
    keep memory of their own.

    Syntax that is refused whatever its arguments is refused here; the rest is compiled at the first call.

    >>> @differentiable
    ... def cube(x): return x ** 3
    >>> cube.grad()(2.0)
    12.0
    """
    engine.check_backend(backend)
    if f is None:
        return functools.partial(differentiable, backend=backend, nospecialize=nospecialize, unroll=unroll, readable=readable)
    if not hasattr(f, "__code__"):
        raise UnsupportedError(
            f"{f!r} isn't a Python function", hint="decorate the function itself, above other decorators"
        )
    from ..frontend.lower import check_syntax

    check_syntax(f)  # type: ignore[arg-type]
    if nospecialize:
        from .nospecialize import nospecialize as mark

        mark(*nospecialize)(f)
    if unroll or readable:
        unwrap(f)[0].__dict__[NOTED] = Variant(unroll, readable)
    attributes = _Attributes(f)
    for name in ("grad", "value_and_grad", "vjp", "jvp", "ir", "source"):
        setattr(f, name, getattr(attributes, name))
    return f


class _Attributes:
    """The derivatives of one function."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self._f = f

    def __reduce__(self) -> Any:
        from . import travel

        return _attributes, (travel.sendable(self._f), travel.packed(self._f))

    def _opened(self) -> Callable[..., Any]:
        """The function; when it came from another process, with what came along."""
        parcel = self.__dict__.pop("_parcel", None)
        if parcel is not None:
            parcel.open(self._f)
        return self._f

    def _argnums(self, argnums: Argnums | None) -> Argnums:
        """As asked, or the annotated parameters, or the first."""
        if argnums is not None:
            return argnums
        active = tuple(name for name, kind in annotated_activity(self._f).items() if kind is not Const)
        return 0 if not active else active[0] if len(active) == 1 else active

    def grad(self, argnums: Argnums | None = None, **options: Any) -> Callable[..., Any]:
        """`ds.grad` of the function; by default of the parameters annotated as active, or the first."""
        return grad.grad(self._opened(), self._argnums(argnums), **options)

    def value_and_grad(self, argnums: Argnums | None = None, **options: Any) -> Callable[..., Any]:
        """`ds.value_and_grad` of the function."""
        return grad.value_and_grad(self._opened(), self._argnums(argnums), **options)

    def vjp(self, *primals: Any, **options: Any) -> tuple[Any, ...]:
        """`ds.vjp(f, *primals)`."""
        return vjp.vjp(self._opened(), *primals, **options)

    def jvp(self, primals: Sequence[Any], tangents: Sequence[Any], **options: Any) -> tuple[Any, Any]:
        """`ds.jvp(f, primals, tangents)`."""
        return vjp.jvp(self._opened(), primals, tangents, **options)

    def ir(self, stage: str, *types: Any, **options: Any) -> seeing.Dump:
        """The dump of a stage: "lowered", "typed", "activity", "forward", "reverse", "optimized"."""
        return seeing.code(self._opened(), stage, *types, **options)

    def source(self, mode: str = "reverse", *types: Any, **options: Any) -> seeing.Dump:
        """The generated Python of a mode."""
        return seeing.code_source(self._opened(), *types, mode=mode, **options)


def _attributes(f: Any, parcel: Any) -> _Attributes:
    """The derivatives of a function of another process. It may hold them itself, and be unfinished still."""
    from . import travel

    made = _Attributes(travel.received(f))
    made.__dict__["_parcel"] = parcel
    return made
