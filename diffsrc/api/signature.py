"""From a call as the user writes it to one value per parameter of the function that is compiled.

Methods, `functools.partial` and callable objects are unwrapped: what they hold becomes leading arguments.
Keyword arguments and defaults go to their parameters, `*args` becomes one tuple, `**kwargs` one dict.
`Call.place` answers where an argument named by `argnums` went.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Union

import numpy as np

from ..defs.door import door_of
from ..defs.frozen import VARIABLES, frozen_from, is_distribution, name_of_distribution
from ..defs.table import method_of
from ..defs.transforms import DerivativeFunction
from ..defs.variant import PLAIN, Variant
from ..errors import ActivityError, NoRuleError, UnsupportedError
from ..plain import dataclass
from ..runtime.implicit import CustomRoot
from ..source import register_text

Argnums = Union[int, str, Sequence[Union[int, str]]]
#: a parameter, and the index or key inside it when it is *args or **kwargs
Place = tuple[int, Union[int, str, None]]


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """One call: the function to compile, a value per parameter, and where the user's arguments went.

    `fixed` holds the positions of parameters that took their default: their ints and strings are known at
    compile time. `converted` holds those whose value was converted at the door (`ds.standardize`).
    """

    fn: Callable[..., Any]
    args: list[Any]
    positional: tuple[Place, ...]
    named: Mapping[str, Place]
    fixed: frozenset[int] = frozenset()
    converted: frozenset[int] = frozenset()
    #: whether its derivatives are compiled for the sizes of its arguments, with loops of few rounds written out
    variant: Variant = PLAIN

    def place(self, arg: int | str) -> Place:
        """Where the argument of this number or name went."""
        if isinstance(arg, str):
            if arg not in self.named:
                known = ", ".join(self.named)
                raise ActivityError(f"{name_of(self.fn)} has no argument {arg!r}", hint=f"it has {known}")
            return self.named[arg]
        try:
            return self.positional[arg]
        except IndexError:
            count = len(self.positional)
            raise ActivityError(f"argnums holds {arg}, but the call has {count} positional arguments") from None

    def value(self, place: Place) -> Any:
        value = self.args[place[0]]
        return value if place[1] is None else value[place[1]]

    def replace(self, place: Place, value: Any) -> None:
        """Put another value in the place of an argument."""
        index, key = place
        if key is None:
            self.args[index] = value
        elif isinstance(key, int):
            old = self.args[index]
            self.args[index] = (*old[:key], value, *old[key + 1 :])
        else:
            self.args[index] = {**self.args[index], key: value}


def name_of(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", None) or type(f).__name__


@functools.cache
def _calling(root: CustomRoot) -> Callable[..., Any]:
    """A Python function that calls a solver by position."""
    parameters = inspect.signature(root.solver).parameters
    names = list(parameters)
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD, p.KEYWORD_ONLY) for p in parameters.values()):
        raise UnsupportedError(
            f"the solver {root.__name__}, whose arguments have no fixed places",
            hint=f"wrap it: lambda x0, a: {root.__name__}(x0, a)",
        )
    called = f"{root.__name__}_of_{'_'.join(names)}"  # no other name is so long
    text = f"def {root.__name__}({', '.join(names)}):\n    return {called}({', '.join(names)})\n"
    file = f"<diffsrc {root.__name__} {id(root)}>"
    register_text(file, text)
    namespace: dict[str, Any] = {"__name__": root.__module__, called: root}
    exec(compile(text, file, "exec"), namespace)  # noqa: S102  a call of a known function
    made: Callable[..., Any] = namespace[root.__name__]
    return made


def unwrap(f: Any) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    """The Python function behind a callable, with the leading and keyword arguments that it holds."""
    if isinstance(f, types.FunctionType):
        door = door_of(f)
        return (f if door is None else door.fn), (), {}
    if isinstance(f, types.MethodType) and (made := _of_distribution(f)) is not None:
        return made, (), {}
    if isinstance(f, types.MethodType):
        fn, args, kwargs = unwrap(f.__func__)
        return fn, (*args, f.__self__), kwargs
    if isinstance(f, functools.partial):
        fn, args, kwargs = unwrap(f.func)
        return fn, (*args, *f.args), {**kwargs, **f.keywords}
    if isinstance(f, (staticmethod, functools._lru_cache_wrapper)):
        return unwrap(f.__wrapped__)
    if isinstance(f, CustomRoot):
        return _calling(f), (), {}
    if isinstance(f, DerivativeFunction):
        raise UnsupportedError(f"{name_of(f)} can't be differentiated again here", hint="nest ds.grad or ds.jvp")
    if not callable(f):
        raise UnsupportedError(f"{f!r} isn't a function", hint="pass the function first: ds.grad(f)(x)")
    ufunc: Any = f if isinstance(f, np.ufunc) else None
    if ufunc is not None and vars(np).get(ufunc.__name__) is f:
        return _as_function(ufunc.__name__, ufunc.nin), (), {}
    library = type(f).__module__.partition(".")[0] in ("numpy", "functools", "operator")
    if isinstance(f, (types.BuiltinFunctionType, type)) or library:
        raise UnsupportedError(f"{f!r} isn't a Python function", hint="wrap it: lambda x: f(x)")
    call = inspect.getattr_static(type(f), "__call__")
    if not isinstance(call, types.FunctionType):
        raise UnsupportedError(f"{f!r} isn't a Python function", hint="wrap it: lambda x: f(x)")
    return call, (f,), {}


@functools.cache
def _as_function(name: str, count: int) -> Callable[..., Any]:
    """A ufunc of NumPy as a Python function of its operands."""
    operands = ", ".join("xyz"[:count])
    file, text = f"<diffsrc np.{name}>", f"def {name}({operands}, /):\n    return np.{name}({operands})\n"
    register_text(file, text)
    namespace: dict[str, Any] = {"np": np, "__name__": "numpy"}
    exec(compile(text, file, "exec"), namespace)  # noqa: S102  a name of NumPy's, and letters
    made: Callable[..., Any] = namespace[name]
    return made


def _of_distribution(method: types.MethodType) -> Callable[..., Any] | None:
    """A method with a row, of a distribution of SciPy's or one frozen from it, as a Python function of its arguments; None for
    other methods."""
    found = (method.__self__, (), {}) if is_distribution(method.__self__) else frozen_from(method.__self__)
    row = None if found is None else method_of(found[0], method.__name__)
    if found is None:
        return None
    if row is None:
        shown = f"{name_of_distribution(found[0])}.{method.__name__}"
        raise NoRuleError(f"`{shown}` has no derivative rule", hint="write one with `ds.rule`")
    frozen = found[0] is not method.__self__
    params = [p if v is None and p not in ("mean", "cov") else f"{p}={v!r}" for p, v in row.defaults.items()]
    taken = [p for p in row.defaults if not frozen or p in VARIABLES]
    name, listed = method.__name__, ", ".join(params[: 1 if taken else 0] if frozen else params)
    file = f"<diffsrc {name} {id(method.__self__)}>"
    text = f"def {name}({listed}):\n    return distribution.{name}({', '.join(taken)})\n"
    register_text(file, text)
    namespace: dict[str, Any] = {"distribution": method.__self__, "__name__": "scipy.stats"}
    exec(compile(text, file, "exec"), namespace)  # noqa: S102  names of parameters
    made: Callable[..., Any] = namespace[name]
    return made


@dataclass(eq=False, slots=True)
class Binder:
    """Binds calls of one callable; the signature is read once."""

    fn: Callable[..., Any]
    prefix: tuple[Any, ...]
    keywords: dict[str, Any]
    signature: inspect.Signature
    simple: int  # number of arguments of a call that needs no binding, -1: none
    defaults: object = None
    spots: tuple[Place, ...] = ()
    names: dict[str, Place] = field(default_factory=dict)
    #: what converts an argument at the door, by the position of its parameter
    converters: dict[int, Callable[[Any], Any]] = field(default_factory=dict)
    #: finds the function for the values of a call, where it is made of types
    choose: Callable[[Sequence[Any]], Callable[..., Any]] | None = None
    #: see `Door.watch`
    watch: Callable[[], Callable[[], bool]] | None = None

    @classmethod
    def of(cls, f: Callable[..., Any]) -> Binder:
        fn, prefix, keywords = unwrap(f)
        signature = inspect.signature(fn, follow_wrapped=False)
        kinds = [p.kind for p in signature.parameters.values()]
        plain = all(k in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for k in kinds)
        simple = len(kinds) - len(prefix) if plain and not keywords else -1
        names: dict[str, Place] = {name: (i, None) for i, name in enumerate(signature.parameters)}
        spots: tuple[Place, ...] = tuple((i, None) for i in range(len(prefix), len(kinds)))
        door = door_of(f)
        choose = None if door is None else door.choose
        converters = {} if door is None else {names[n][0]: convert for n, convert in door.converters.items()}
        watch = None if door is None else door.watch
        return cls(fn, prefix, keywords, signature, simple, _defaults(fn), spots, names, converters, choose, watch)

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
        """Where the arguments of a call go, converted at the door if there is one.

        Raises:
            TypeError: they don't fit the signature (the message is Python's).
        """
        call = self._placed(args, kwargs)
        call = self._converted(call) if self.converters else call
        return call if self.choose is None else replace(call, fn=self.choose(call.args))

    def _converted(self, call: Call) -> Call:
        for i, convert in self.converters.items():
            call.args[i] = convert(call.args[i])
        return replace(call, fixed=call.fixed - self.converters.keys(), converted=frozenset(self.converters))

    def _placed(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
        if not kwargs and len(args) == self.simple:
            return Call(self.fn, [*self.prefix, *args], self.spots, self.names)
        return self._bind(args, kwargs)

    def _bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
        if _defaults(self.fn) != self.defaults:
            self.signature = inspect.signature(self.fn, follow_wrapped=False)
            self.defaults = _defaults(self.fn)
        bound = self.signature.bind(*self.prefix, *args, **{**self.keywords, **kwargs})
        given = set(bound.arguments)
        bound.apply_defaults()
        params = list(self.signature.parameters.values())
        variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        fixed = frozenset(i for i, p in enumerate(params) if p.name not in given and p.kind not in variadic)
        values = [bound.arguments[p.name] for p in params]
        spots = _spots(params, len(self.prefix) + len(args))[len(self.prefix) :]
        names: dict[str, Place] = {p.name: (i, None) for i, p in enumerate(params)}
        if params and params[-1].kind is inspect.Parameter.VAR_KEYWORD:
            names |= {key: (len(params) - 1, key) for key in values[-1]}
        return Call(self.fn, values, spots, names, fixed)


def for_types(f: Any, types: tuple[Any, ...]) -> Callable[..., Any]:
    """The Python function that is compiled for a callable and types of its parameters."""
    door = door_of(f)
    return unwrap(f)[0] if door is None else door.behind(lambda: types)


def _defaults(fn: Any) -> tuple[Any, ...]:
    """Identity of what a signature depends on."""
    return (id(fn.__code__), id(fn.__defaults__), id(fn.__kwdefaults__))


def _spots(params: list[inspect.Parameter], count: int) -> tuple[Place, ...]:
    """The places of `count` positional arguments."""
    spots: list[Place] = []
    for i, p in enumerate(params):
        if p.kind is inspect.Parameter.VAR_POSITIONAL:
            spots += [(i, k) for k in range(count - len(spots))]
        elif p.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD):
            spots.append((i, None))
    return tuple(spots[:count])


def as_tuple(argnums: Argnums) -> tuple[int | str, ...]:
    """`argnums` as a tuple.

    Raises:
        ActivityError: it isn't an int, a name, or a sequence of them.
    """
    items = (argnums,) if isinstance(argnums, (int, str)) else argnums
    if isinstance(items, (tuple, list)) and all(map(_is_argnum, items)) and len(set(items)) == len(items) > 0:
        return tuple(items)
    raise ActivityError(f"argnums is {argnums!r}", hint="an int, a parameter name, or a tuple of them, each once")


def frozen(argnums: Argnums) -> int | str | tuple[int | str, ...]:
    """`argnums` as a value that can be a key."""
    return argnums if isinstance(argnums, (int, str)) else tuple(argnums)


def _is_argnum(a: object) -> bool:
    return isinstance(a, (int, str)) and not isinstance(a, bool)
