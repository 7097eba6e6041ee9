"""What keeps the start short: dataclasses that are made without compiling text, and no search for garbage meanwhile.

`dataclasses.dataclass` writes the methods of each class as text and compiles it, which is most of what importing this package
would take: the first gradient of a process waits for it. Here constructors are one compiled template, whose parameters are
renamed, and the rest is shared. What this doesn't cover (`__post_init__`, `ClassVar`, options of fields) goes to the standard
library. The classes are dataclasses to everybody who asks.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gc
import importlib
import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, /, *, eq: bool = True, frozen: bool = False, slots: bool = False) -> Any:
        """As `dataclasses.dataclass`."""
        if cls is None:
            return lambda cls: dataclass(cls, eq=eq, frozen=frozen, slots=slots)
        if slots and _is_covered(cls):
            return _made(cls, eq, frozen)
        return dataclasses.dataclass(eq=eq, frozen=frozen, slots=slots)(cls)


__all__ = ["dataclass", "hexdigest", "undisturbed"]


def hexdigest(data: bytes) -> str:
    """The SHA-256 of data. hashlib loads OpenSSL first, which takes as long as all of this package that a start needs."""
    return str(_sha256()(data).hexdigest())


@functools.cache
def _sha256() -> Any:
    for module in ("_sha2", "_sha256", "hashlib"):  # of Python 3.12, of 3.11, of any other
        with contextlib.suppress(ImportError):
            return importlib.import_module(module).sha256
    raise ImportError("hashlib")


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """No search for garbage meanwhile: for a few milliseconds in which much is made and nothing thrown away, among all that the
    program has made before."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_TEMPLATES: dict[tuple[bool, ...], Callable[..., Any]] = {}
#: stands for a value that wasn't given
_ABSENT = object()


def _template(made: tuple[bool, ...]) -> Callable[..., Any]:
    """Makes constructors from what sets each field, and what makes the value of those of `made` that isn't given: the only
    text that is compiled, once per kind of constructor."""
    if made not in _TEMPLATES:
        count = range(len(made))
        around = [*(f"s{k}" for k in count), *(f"f{k}" for k in count if made[k])]
        values = [f"f{k}() if v{k} is absent else v{k}" if made[k] else f"v{k}" for k in count]
        head = f"def around({', '.join(around)}):\n def __init__({', '.join(['self', *(f'v{k}' for k in count)])}):\n"
        body = "; ".join(f"s{k}(self, {values[k]})" for k in count) or "pass"
        namespace: dict[str, Any] = {"absent": _ABSENT}
        exec(f"{head}  {body}\n return __init__", namespace)  # noqa: S102  the text above
        _TEMPLATES[made] = namespace["around"]
    return _TEMPLATES[made]


def _own(cls: type) -> dict[str, Any]:
    """The annotations of the class itself."""
    return dict(cls.__annotations__) if "__annotations__" in cls.__dict__ or hasattr(cls, "__annotate__") else {}


def _is_covered(cls: type) -> bool:
    if "__post_init__" in cls.__dict__ or "__slots__" in cls.__dict__ or "__init__" in cls.__dict__:
        return False
    plain = all(isinstance(t, str) and not t.startswith("ClassVar") for t in _own(cls).values())
    return plain and all(map(_is_plain, (cls.__dict__.get(n) for n in _own(cls))))


def _is_plain(given: Any) -> bool:
    """Whether what stands behind a field is a default, or a factory and nothing else."""
    if not isinstance(given, dataclasses.Field):
        return True
    asked: Any = given
    return asked.init and asked.repr and asked.compare and asked.hash is None and asked.kw_only is dataclasses.MISSING


def _made(cls: type, eq: bool, frozen: bool) -> type:
    own = _own(cls)
    fields: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= base.__dict__.get("__dataclass_fields__", {})
    inherited = set(fields)
    for name, annotation in own.items():
        fields[name] = _field(name, annotation, cls.__dict__.get(name, dataclasses.MISSING))
    names = tuple(fields)
    held = {k: v for k, v in cls.__dict__.items() if k not in own and k not in ("__dict__", "__weakref__")}
    held["__slots__"] = tuple(n for n in own if n not in inherited)
    held["__dataclass_fields__"], held["__match_args__"] = fields, names
    held["__dataclass_params__"] = _Params(eq, frozen)
    held.setdefault("__repr__", _repr)
    if eq:
        held.setdefault("__eq__", _eq)
        if "__hash__" not in cls.__dict__:
            held["__hash__"] = _hash if frozen else None
        held["_values"] = _getter(names)
    if frozen:
        held |= {"__setattr__": _refuse, "__delattr__": _refuse, "__getstate__": _state, "__setstate__": _restore}
    made: Any = type(cls)(cls.__name__, cls.__bases__, held)
    made.__qualname__ = cls.__qualname__
    made.__init__ = _constructor(made, names, fields)
    return made  # type: ignore[no-any-return]


def _constructor(cls: Any, names: tuple[str, ...], fields: dict[str, Any]) -> Any:
    factories = [f.default_factory for f in fields.values()]
    absent = dataclasses.MISSING
    template = _template(tuple(f is not absent for f in factories))
    init: Any = template(*(getattr(cls, n).__set__ for n in names), *(f for f in factories if f is not absent))
    code = init.__code__
    init.__code__ = code.replace(co_varnames=("self", *names), co_qualname=f"{cls.__qualname__}.__init__")
    defaults = [_ABSENT if f.default_factory is not absent else f.default for f in fields.values()]
    init.__defaults__ = tuple(d for d in defaults if d is not absent) or None
    init.__qualname__, init.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    return init


def _field(name: str, annotation: Any, default: Any) -> Any:
    if isinstance(default, dataclasses.Field):
        made: Any = default
    else:
        made = dataclasses.field() if default is dataclasses.MISSING else dataclasses.field(default=default)
    made.name, made.type = name, annotation
    made._field_type = dataclasses._FIELD  # type: ignore[attr-defined]
    return made


class _Params:
    """What was asked for (`__dataclass_params__`)."""

    __slots__ = ("eq", "frozen", "init", "repr")

    def __init__(self, eq: bool, frozen: bool) -> None:
        self.eq, self.frozen, self.init, self.repr = eq, frozen, True, True


def _getter(names: tuple[str, ...]) -> Any:
    return staticmethod(operator.attrgetter(*names)) if names else staticmethod(lambda self: ())


def _eq(self: Any, other: Any) -> Any:
    return self._values(self) == self._values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _repr(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self.__match_args__)})"


def _refuse(self: Any, name: str, *value: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to or delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, n) for n in self.__match_args__]


def _restore(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__match_args__, state):
        object.__setattr__(self, name, value)
