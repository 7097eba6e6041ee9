"""What a built module takes for granted of the sizes of its arguments, as a test at its entry.

Types say of a size that it is a number, or that it is certainly not 1 (a name): NumPy broadcasts axes of size 1, and the
derivative would have to sum over them. Arguments of other sizes need a module built for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..ir.types import Array, Dict, List, Struct, Tuple, Type, may_be_one, strip


def conditions(name: str, t: Type) -> Iterator[str]:
    """Expressions that are true where an argument isn't what its type says."""
    t = strip(t)
    match t:
        case Array(_, dims) if dims and all(isinstance(d, str) and not may_be_one(d) for d in dims):
            yield f"1 in {name}.shape"
        case Array(_, dims):
            for k, d in enumerate(dims):
                if isinstance(d, int):
                    yield f"{name}.shape[{k}] != {d}"
                elif not may_be_one(d):
                    yield f"{name}.shape[{k}] == 1"
        case List(item):
            inner = list(conditions("item", item)) if isinstance(strip(item), Array) else []
            if inner:
                yield f"any({' or '.join(inner)} for item in {name})"
        case Dict(items):
            for key, part in items:
                yield from conditions(f"{name}[{key!r}]", part)
        case Struct() | Tuple():
            for part_name, part in _parts(name, t):
                yield from conditions(part_name, part)


def _parts(name: str, t: Struct | Tuple) -> list[tuple[str, Type]]:
    if isinstance(t, Struct):
        return [(f"{name}.{field}", part) for field, part in t.fields]
    if t.names:
        return [(f"{name}.{field}", part) for field, part in zip(t.names, t.items)]
    return [(f"{name}[{k}]", part) for k, part in enumerate(t.items)]


def entry_test(name: str, t: Type) -> list[str]:
    """Lines that raise ValueError where an argument doesn't fit."""
    found = list(conditions(name, t))
    if not found:
        return []
    return [f"if {' or '.join(found)}:", f'    raise ValueError("{name}: this module was built for {_shown(t)}")']


def _shown(t: Type) -> str:
    return str(strip(t)).replace("\\", "").replace('"', "'") + ", no named size being 1"
