"""Attributes that instances have through their class: constants, methods as values, properties."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from ..defs.classes import MISSING, attribute
from ..errors import DiffTypeError
from ..ir.values import Literal, Value
from ..source import Loc
from .inline import inline, result_of
from .items import Item, Unfinished
from .partials import bound
from .typer import refuse

if TYPE_CHECKING:
    from .typer import Typer


def looked_up(typer: Typer, cls: type, name: str) -> Any:
    """What a class holds under a name; compiled code is good as long as that stays."""
    found = attribute(cls, name)
    typer.ctx.note(cls, name, found)
    return found


def class_attribute(typer: Typer, src: Item, cls: type, name: str, old: Value, loc: Loc) -> None:
    """A property is called; a constant of the class is read; a method is a function with its first argument given."""
    found = looked_up(typer, cls, name)
    if found is MISSING:
        raise DiffTypeError(f"{cls.__name__} has no attribute {name}", loc=loc)
    if isinstance(found, property):
        _call(typer, found.fget, (src,), name, (old,), loc)
    elif isinstance(found, types.FunctionType):
        typer.env[old] = bound(found, (src,), {})
    elif isinstance(found, staticmethod):
        typer.env[old] = Literal(found.__func__, None, loc)
    elif isinstance(found, classmethod):
        typer.env[old] = bound(found.__func__, (Literal(cls, cls.__name__),), {})
    elif hasattr(found, "__get__"):
        raise refuse(f"the attribute {name} of {cls.__name__}", loc, "use a field or a property")
    else:
        typer.env[old] = Literal(found, f"{cls.__name__}.{name}", loc)


def attribute_of_class(typer: Typer, cls: type, name: str, loc: Loc) -> Item | None:
    """`cls.name`, where the class is a value (the first parameter of a class method); None if the class doesn't hold it."""
    found = looked_up(typer, cls, name)
    if isinstance(found, staticmethod):
        return Literal(found.__func__, None, loc)
    if isinstance(found, classmethod):
        return bound(found.__func__, (Literal(cls, cls.__name__),), {})
    if isinstance(found, types.FunctionType):
        return Literal(found, None, loc)
    return None if found is MISSING or hasattr(found, "__get__") else Literal(found, f"{cls.__name__}.{name}", loc)


def set_property(typer: Typer, dst: Item, cls: type, name: str, value: Item, loc: Loc) -> bool:
    """`obj.name = value` where the class says what that means; False for a field."""
    found = looked_up(typer, cls, name)
    if isinstance(found, property):
        if found.fset is None:
            raise DiffTypeError(f"the property {name} of {cls.__name__} has no setter", loc=loc)
        _call(typer, found.fset, (dst, value), name, (), loc)
        return True
    if hasattr(found, "__set__") and not isinstance(found, types.MemberDescriptorType):
        raise refuse(f"the attribute {name} of {cls.__name__}", loc, "use a field or a property")
    return False


def _call(typer: Typer, fn: Any, args: tuple[Item, ...], name: str, results: tuple[Value, ...], loc: Loc) -> None:
    from .infer_calls import call_function

    first = args[0]
    if isinstance(first, Unfinished):
        result_of(typer, inline(typer, fn, args, first, loc), results)
    else:
        call_function(typer, fn, args, {}, results, loc, name)
