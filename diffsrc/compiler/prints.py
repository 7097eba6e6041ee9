"""Fingerprints: what a function, a class or a value is made of, as text that is the same in every process.

A function is known by its code (instructions, constants, names, places of its lines), which Python has at hand: no file is
read, and an edit is seen whatever its size and time. What has no fingerprint raises `Unprintable`: derivatives that hang on
it aren't kept on disk.
"""

from __future__ import annotations

import enum
import json
import os.path
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..defs.frozen import frozen_from
from ..defs.packages import place_in_rows
from ..defs.records import children
from ..defs.transforms import MARK, DerivativeFunction
from ..ir import types as ir_types
from ..ir.types import FuncType, Lit, Opaque, Type
from ..plain import hexdigest
from .reads import is_object, is_stable, shape_of


class Unprintable(Exception):  # noqa: N818  an answer
    """Something has no fingerprint."""


PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))
_CODE = (
    "co_name", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_flags", "co_code", "co_names", "co_varnames",
    "co_freevars", "co_cellvars", "co_firstlineno", "co_linetable", "co_exceptiontable",
)  # fmt: skip
_CODES: dict[int, tuple[CodeType, str]] = {}


def digest(*parts: object) -> str:
    """A hash of things that JSON can hold."""
    return hexdigest(json.dumps(parts, separators=(",", ":")).encode())


def code_print(code: CodeType) -> str:
    """The fingerprint of a code object."""
    known = _CODES.get(id(code))
    if known is None:
        known = _CODES[id(code)] = (code, hexdigest(repr(_content(code)).encode()))
    return known[1]


def _content(code: CodeType) -> object:
    # the name of a file alone; none of text that was made in this process
    file = "" if code.co_filename.startswith("<") else os.path.basename(code.co_filename)
    return (file, *(getattr(code, name) for name in _CODE), [_constant(c) for c in code.co_consts])


def _constant(value: object) -> object:
    if isinstance(value, CodeType):
        return _content(value)
    if isinstance(value, tuple):
        return [_constant(v) for v in value]
    if isinstance(value, frozenset):
        return sorted(repr(_constant(v)) for v in value)
    return (type(value).__name__, repr(value))


def home(value: Any) -> str:
    """Where an object is defined: module and qualified name."""
    module = getattr(value, "__module__", None)
    module = "__main__" if module == "__mp_main__" else module  # the script, in a process of a pool
    return f"{module}:{getattr(value, '__qualname__', None) or getattr(value, '__name__', '?')}"


def value_print(value: Any) -> str:
    """The fingerprint of a value that a function reads; of arrays, lists, dicts and instances that of their types, since
    what they hold is read when the compiled code runs.

    Raises:
        Unprintable: there is none.
    """
    if type(value) in PLAIN:
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, ModuleType):
        return f"module {value.__name__}{_release(value.__name__)}"
    if isinstance(value, np.dtype | np.generic):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, enum.Enum):
        return f"{class_print(type(value))} {value.name}"
    if isinstance(value, type):
        return class_print(value)
    if isinstance(value, FunctionType) and not is_stable(value.__module__):
        return deep_print(value, frozenset())
    if isinstance(value, DerivativeFunction):
        hows, fn = derivative_chain(value)
        return f"derivative {digest(hows, value_print(fn))}"
    if isinstance(value, MethodType):
        return f"method {value.__name__} of {value_print(value.__self__)}"
    if (frozen := frozen_from(value)) is not None:  # its parameters are constants of what is compiled
        made, args, kwargs = frozen
        numbers = list(map(_number, args)), [[k, _number(v)] for k, v in sorted(kwargs.items())]
        return f"frozen {digest(value_print(made), *numbers)}"
    where = found_again(value) if callable(value) else None
    if where is not None and (is_stable(where[0]) or where[0].partition(".")[0] in sys.stdlib_module_names):
        return f"object {':'.join(where)}{_release(where[0])}"
    if isinstance(value, tuple) or (is_object(value) and _is_frozen(type(value))):
        return f"{class_print(type(value))} {digest([value_print(v) for _, v in children(value) or ()])}"
    if isinstance(value, np.ndarray) or is_object(value):
        shape = shape_of(value)
        if _is_typed(shape):
            return f"{type(value).__name__} {json.dumps(type_data(shape))}"
    raise Unprintable(f"a {type(value).__name__}")


def _number(value: Any) -> str:
    if type(value) in PLAIN or isinstance(value, np.generic):
        return value_print(value)
    raise Unprintable("parameters that are no numbers")


def _release(module: str) -> str:
    """The version of the package that a module belongs to, where it has one: rules are written for the functions of it."""
    version = getattr(sys.modules.get(module.partition(".")[0]), "__version__", None)
    return f" {version}" if isinstance(version, str) else ""


def _is_typed(shape: object) -> bool:
    """Whether there is a type, or one for each item of a list."""
    return isinstance(shape, Type) or (isinstance(shape, tuple) and all(map(_is_typed, shape)))


def _is_frozen(cls: type) -> bool:
    params = getattr(cls, "__dataclass_params__", None)
    return params is not None and bool(params.frozen)


def defaults_print(fn: FunctionType) -> str:
    """The fingerprint of the defaults of a function."""
    named = sorted((fn.__kwdefaults__ or {}).items())
    return digest([value_print(v) for v in fn.__defaults__ or ()], [[k, value_print(v)] for k, v in named])


def deep_print(fn: FunctionType, around: frozenset[int]) -> str:
    """The fingerprint of a function with all that it may read, for functions that aren't followed name by name."""
    if id(fn) in around:
        return "itself"
    around |= {id(fn)}

    def part(value: Any) -> str:
        if isinstance(value, FunctionType) and not is_stable(value.__module__):
            return deep_print(value, around)
        return value_print(value)

    read = {n: fn.__globals__[n] for n in sorted(_names(fn.__code__)) if n in fn.__globals__}
    cells = [part(c.cell_contents) for c in fn.__closure__ or ()]
    given = [part(v) for v in (*(fn.__defaults__ or ()), *(fn.__kwdefaults__ or {}).values())]
    return digest("function", code_print(fn.__code__), cells, given, [[k, part(v)] for k, v in read.items()])


def _names(code: CodeType) -> set[str]:
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


_OWN = frozenset({
    "__doc__", "__module__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__", "_abc_impl",
    "__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__", "__abstractmethods__", "__slotnames__",
})  # fmt: skip


def class_print(cls: type) -> str:
    """The fingerprint of a class: where it is, and what its body holds."""
    if is_stable(cls.__module__) or found_again(cls) is None or cls.__module__ in sys.stdlib_module_names:
        if found_again(cls) is None:
            raise Unprintable(f"the class {cls.__qualname__}")
        return f"class {home(cls)}"
    held = [[name, member_print(value)] for name, value in sorted(cls.__dict__.items()) if name not in _OWN]
    return f"class {home(cls)} {digest([class_print(b) for b in cls.__bases__], held)}"


def member_print(value: Any) -> str:
    """The fingerprint of what a class holds."""
    inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    if isinstance(inner, FunctionType):
        return f"{type(value).__name__} {code_print(inner.__code__)}"
    if type(value) in PLAIN:
        return repr(value)
    if isinstance(value, tuple | list | frozenset) and all(type(v) in PLAIN for v in value):
        return repr(sorted(value, key=repr))
    return type(value).__name__


# --- objects that are found again by name ----------------------------------------------------------------------


def found_again(value: Any) -> list[str] | None:
    """The module and the qualified name under which an object is found; None if it isn't."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    modules = [getattr(value, "__module__", None), "numpy"]
    for module in modules:
        if isinstance(module, str) and isinstance(name, str) and follow(sys.modules.get(module), name) is value:
            return [module, name]
    held = place_in_rows(value)
    return None if held is None else list(held)


def follow(value: object, dotted: str) -> object:
    """What stands at the end of a dotted name; None for nothing."""
    for part in dotted.split("."):
        value = getattr(value, part, None)
    return value


def imported(module: str, name: str) -> Any:
    """The object of a module under a qualified name.

    Raises:
        Unprintable: it isn't there.
    """
    if module not in sys.modules:
        try:
            __import__(module)
        except ImportError:
            raise Unprintable(f"{module} can't be imported") from None
    found = follow(sys.modules[module], name)
    if found is None:
        raise Unprintable(f"{module}.{name} isn't there")
    return found


# --- types -----------------------------------------------------------------------------------------------------


def type_data(t: Any) -> Any:
    """A type as JSON.

    Raises:
        Unprintable: it holds a class that isn't found again, or a function that is made of something without fingerprint.
    """
    if isinstance(t, FuncType):
        return _function_data(t)
    if isinstance(t, Lit) and isinstance(t.value, enum.Enum):
        return {"member": t.value.name, "of": type_data(type(t.value))}
    if isinstance(t, Lit) and type(t.value) not in PLAIN:
        raise Unprintable(f"the value {t.value!r} among the types")
    if isinstance(t, Type):
        assert is_dataclass(t)
        return {"type": type(t).__name__, "fields": [type_data(getattr(t, f.name)) for f in fields(t)]}
    if isinstance(t, tuple):
        return {"tuple": [type_data(v) for v in t]}
    if isinstance(t, type):
        where = found_again(t)
        if where is None:
            raise Unprintable(f"the class {t.__qualname__}")
        return {"class": where, "print": class_print(t)}
    if isinstance(t, float):
        return {"float": t.hex()}
    if t is None or isinstance(t, bool | int | str):
        return t
    raise Unprintable(f"a {type(t).__name__} among the types")


def _function_data(t: FuncType) -> Any:
    """A function among the types: by where it is found, else by its contents. What it reads is evidence of its own."""
    if t.captures:
        raise Unprintable("a function with what it captures among the types")
    hows, fn = derivative_chain(t.target)
    where = found_again(fn) if callable(fn) else None
    if isinstance(fn, FunctionType) and not is_stable(fn.__module__):
        print_ = code_print(fn.__code__) if where is not None else deep_print(fn, frozenset())
    elif where is not None and (is_stable(where[0]) or where[0].partition(".")[0] in sys.stdlib_module_names):
        print_ = ""
    elif isinstance(fn, type):
        print_ = class_print(fn)
    else:
        raise Unprintable(f"the function {fn!r} among the types")
    return {"function": where, "print": print_, "derivative": hows}


def derivative_chain(value: Any) -> tuple[list[str], Any]:
    """Which derivatives were taken of a function, the last one first, and the function; none of any other value."""
    hows: list[str] = []
    while isinstance(value, DerivativeFunction):
        found = value.__dict__.get(MARK)
        if found is None:
            raise Unprintable("a derivative that programs don't know")
        hows.append(repr(found[0]))
        value = found[1]
    return hows, value


def type_of(data: Any) -> Any:
    """The type that `type_data` wrote.

    Raises:
        Unprintable: a class in it has changed, or is gone.
    """
    if not isinstance(data, dict):
        return data
    if "float" in data:
        return float.fromhex(data["float"])
    if "tuple" in data:
        return tuple(map(type_of, data["tuple"]))
    if "class" in data:
        found = imported(*data["class"])
        if class_print(found) != data["print"]:
            raise Unprintable(f"the class {found.__qualname__} has changed")
        return found
    if "function" in data:
        if data["function"] is None or data["derivative"]:
            raise Unprintable("a function that no name leads to")
        target = imported(*data["function"])
        if type_data(FuncType(target)) != data:
            raise Unprintable(f"the function {data['function'][1]} has changed")
        return FuncType(target)
    if "member" in data:
        cls = type_of(data["of"])
        return Lit(cls[data["member"]], Opaque(cls))
    kind = getattr(ir_types, data["type"])
    if not (isinstance(kind, type) and issubclass(kind, Type)):
        raise Unprintable(f"no type is called {data['type']}")
    return kind(*map(type_of, data["fields"]))


# --- rules of the user -----------------------------------------------------------------------------------------

#: by where the function is defined: what its rules are made of
RULES: dict[str, tuple[tuple[Any, ...], ...]] = {}
_RULE_PRINTS: dict[int, tuple[object, str | None]] = {}


def note_rule(fn: Callable[..., Any], *parts: Any) -> None:
    """Remember a rule that the user wrote for a function."""
    key = home(fn)
    RULES[key] = (*RULES.get(key, ()), parts)


def rule_print(key: str) -> str | None:
    """The fingerprint of a function's rules, None where there is none. It is taken when it is first asked for: what a rule
    reads may be defined after it."""
    rules = RULES[key]
    if id(rules) not in _RULE_PRINTS:
        try:
            found = digest([[_rule_part(p) for p in parts] for parts in rules])
        except (Unprintable, ValueError):
            found = None
        _RULE_PRINTS[id(rules)] = rules, found
    return _RULE_PRINTS[id(rules)][1]


def replace_rule(fn: Callable[..., Any], *parts: Any) -> None:
    """Remember that a rule stands in the place of any other."""
    RULES.pop(home(fn), None)
    if parts:
        note_rule(fn, *parts)


def _rule_part(part: Any) -> str:
    if isinstance(part, type):
        return digest([[k, _rule_part(v)] for k, v in sorted(part.__dict__.items()) if isinstance(v, FunctionType)])
    if isinstance(part, dict):
        return digest([[k, _rule_part(v)] for k, v in sorted(part.items())])
    return deep_print(part, frozenset()) if isinstance(part, FunctionType) else value_print(part)
