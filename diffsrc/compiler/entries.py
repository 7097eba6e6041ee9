"""Entries of the disk cache: a derivative as data, and the derivative that data stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ..defs.classes import MISSING
from ..defs.overwriting import Overwriting, overwriting
from ..source import Loc, is_generated, origins_of
from . import prints
from .derived import Derived, bind, execute, made_from
from .evidence import Evidence, Gatherer, gather_again
from .prints import Unprintable
from .reads import is_object, is_stable

if TYPE_CHECKING:
    from ..analysis.mems import Shape
    from ..ir.ops import Func
    from ..ir.types import Type


def to_data(fn: FunctionType, made: Derived) -> dict[str, Any]:
    """A derivative as data.

    Raises:
        Unprintable: something in it isn't found again in another process.
    """
    g = Gatherer()
    g.function(fn, ["root"])
    classes = []
    for (owner, name), value in made.outside.items():
        if is_stable(owner.__module__):
            continue
        where = prints.found_again(owner)
        if where is None:
            raise Unprintable(f"the class {owner.__qualname__}")
        plain = value is MISSING or isinstance(value, property | staticmethod | classmethod | FunctionType)
        if not plain and is_object(value):
            raise Unprintable(f"{owner.__qualname__}.{name}")
        classes.append([where, name, prints.member_print(value)])
        inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(inner, FunctionType):
            g.function(inner, ["class", where, name])
    for f in sorted(made.read, key=lambda f: f.__qualname__):
        if not (is_stable(f.__module__) or is_generated(f.__code__.co_filename) or g.is_followed(f)):
            g.function(f, g.reach(f))
    g.callables |= set(_known_functions(made.functions()))
    rules = {k: prints.rule_print(k) for k in g.callables if k in prints.RULES}
    if any(v is None for v in rules.values()):
        raise Unprintable("a rule that reads what has no fingerprint")
    return {
        "functions": g.nodes,
        "classes": classes,
        "callables": sorted(g.callables),
        "rules": rules,
        **_text_entry(made.source, made.names, g, made.file),
        "name": made.name,
        "result": prints.type_data(made.result_type),
        "kinds": list(made.activity),
        "writes": sorted(made.writes),
        "memory": _memory_data(made),
        "primal": made.primal,
        "halves": made.halves,
    }


def _memory_data(made: Derived) -> Any:
    """The memory that parameters reach, where some of it is written."""
    m = made.memory
    if m is None or not made.writes:
        return None
    slots = [[[slot, node] for slot, node in each] for each in m.slots]
    return [list(m.params), m.result, slots, *(sorted(s) for s in (m.written, m.folded, m.asked, m.outside))]


def _memory_of(data: Any) -> Shape | None:
    if data is None:
        return None
    from ..analysis.mems import Shape

    params, result, slots, *sets = data
    held = tuple(tuple((slot, node) for slot, node in each) for each in slots)
    return Shape(tuple(params), result, held, *map(frozenset, sets))


def _known_functions(funcs: Iterable[Func]) -> Iterator[str]:
    from ..defs.table import Def
    from ..ir.ops import Apply
    from ..ir.walk import walk

    for func in funcs:
        for op in walk(func.body):
            if isinstance(op, Apply) and isinstance(op.fn, Def):
                yield prints.home(op.fn.fn)


def _text_entry(text: str, names: Mapping[str, Any], g: Gatherer, file: str) -> dict[str, Any]:
    """A generated module: text, how its names are found, which line serves which of the user, classes of arguments."""
    origins = [[line, o.file, o.line, o.column, o.end_column, o.sweep] for line, o in sorted(origins_of(file).items())]
    made = made_from(file)
    classes: dict[str, Any] = {}
    for name, value in made.namespace.items() if made is not None else ():
        known = getattr(value, "__dict__", {}).get("classes") if isinstance(value, FunctionType) else None
        if known and value.__code__.co_filename == file:
            classes[name] = {str(i): prints.type_data(cls) for i, cls in known.items()}
    return {
        "text": text,
        "names": {name: _place(value, g) for name, value in names.items()},
        "origins": origins,
        "known": classes,
    }


def _place(value: Any, g: Gatherer) -> Any:
    """How an object is found again."""
    if type(value) in (type(None), bool, int, str):
        return ["plain", value]
    if type(value) is float:
        return ["float", value.hex()]
    if id(value) in g.places:
        return g.places[id(value)]
    if isinstance(value, ModuleType):
        return ["module", value.__name__]
    if isinstance(value, FunctionType) and is_generated(value.__code__.co_filename):
        file = value.__code__.co_filename
        made = made_from(file)
        if made is None:
            raise Unprintable("a generated function")
        inner = _text_entry(made.text, made.names, g, file)
        return ["made", value.__name__, inner]
    if isinstance(value, Overwriting):
        return ["overwriting", _place(value.fn, g), list(value.positions)]
    where = prints.found_again(value) if callable(value) else None
    if where is None:
        raise Unprintable(f"an object {type(value).__name__}")
    if is_stable(where[0]):
        return ["import", where]
    if isinstance(value, type):
        return ["class", prints.type_data(value)]
    raise Unprintable(f"the object {where[1]}")


def from_data(
    fn: FunctionType, types: tuple[Type, ...], overlap: Any, data: Mapping[str, Any]
) -> tuple[Derived, Evidence]:
    """The derivative that data stands for, with its guard.

    Raises:
        Unprintable: something that it was compiled from has changed.
    """
    values, evidence = gather_again(fn, data)
    made = Derived(
        data["name"], data["text"], types, prints.type_of(data["result"]), tuple(data["kinds"]), frozenset(data["writes"]),
        None, [], function=fn, primal=data["primal"], overlap=overlap,
        halves=tuple(data["halves"]) if data["halves"] is not None else None,
    )  # fmt: skip
    made.memory = _memory_of(data["memory"])
    namespace = _executed(data, data["name"], values, evidence.functions)
    made.file = namespace["__file__"]
    bind(made, namespace)
    return made, evidence


def _executed(
    data: Mapping[str, Any], name: str, values: list[list[object]], functions: list[FunctionType]
) -> dict[str, Any]:
    names = {n: _object(place, values, functions) for n, place in data["names"].items()}
    origins = data["origins"]
    namespace = execute(data["text"], names, name, lambda: {line: Loc(*where) for line, *where in origins})
    for function, known in data["known"].items():
        namespace[function].__dict__["classes"] = {int(i): prints.type_of(cls) for i, cls in known.items()}
    return namespace


def _object(place: Any, values: list[list[object]], functions: list[FunctionType]) -> Any:
    match place:
        case ["plain", value]:
            return value
        case ["float", text]:
            return float.fromhex(text)
        case ["read", node, read]:
            return values[node][read]
        case ["fn", node]:
            return functions[node]
        case ["module", name]:
            return __import__(name, fromlist=["_"])
        case ["import", where]:
            return prints.imported(*where)
        case ["class", where]:
            return prints.type_of(where)
        case ["overwriting", inner, positions]:
            return overwriting(_object(inner, values, functions), tuple(positions))
        case ["made", name, inner]:
            return _executed(inner, name, values, functions)[name]
    raise Unprintable("an object of a kind that this version doesn't know")
