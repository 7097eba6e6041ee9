"""Recursive types: of classes whose instances hold others of their class, to a depth that only the program knows.

    head = None                                Node{value: float, next: ^Node | None}
    for x in xs:                         ->
        head = Node(x, head)

All instances of such a class in one compilation have one type. What is known of their fields is joined here; when that
grows, the program is typed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..defs.dims import map_dims, plain, unknown
from ..ir.types import Back, Struct, Type, join, map_objects, system_of, told_apart, unlit


class Recurs(Exception):  # noqa: N818  a request, not an error
    """More is known of recursive types: the program has to be typed again."""


class System:
    """The fields of recursive classes."""

    def __init__(self) -> None:
        self.fields: dict[type, dict[str, Type]] = {}
        self._grew = False
        #: whether lists of instances of different classes are told apart by position, and whether there were such
        self.positions, self.used_positions = True, False

    def by_position(self, item: Type, kinds: Sequence[Type]) -> bool:
        """Whether a list display of such items is known by their positions: of different classes, none of them recursive."""
        apart = self.positions and told_apart(item, kinds) and not any(map(system_of, kinds))
        self.used_positions = self.used_positions or apart
        return apart

    def __contains__(self, cls: type) -> bool:
        return cls in self.fields

    def instance(self, cls: type, fields: Mapping[str, Type]) -> Struct:
        """The type of an instance of a recursive class, which holds such fields.

        Raises:
            Recurs: that wasn't known before.
        """
        self._grew = False
        self._hold(cls, fields)
        if self._grew:
            raise Recurs
        return self._named(cls)

    def learn(self, cls: type, fields: Mapping[str, Type]) -> None:
        """Enter what an instance of a recursive class holds."""
        self._hold(cls, fields)

    def outside(self, t: Type) -> Type:
        """The type of an argument, with that of recursive classes as it is known here."""
        self._grew = True
        while self._grew:
            self._grew = False
            cut = map_objects(t, self._cut)
        return map_objects(cut, lambda b: self._named(b.cls) if isinstance(b, Back) else None)

    def _named(self, cls: type) -> Struct:
        ordered = sorted(self.fields, key=lambda c: (c.__module__, c.__qualname__))
        system = tuple((c, tuple(self.fields[c].items())) for c in ordered)
        return Struct(cls, tuple(self.fields[cls].items()), False, system)

    def _hold(self, cls: type, fields: Mapping[str, Type]) -> None:
        if cls not in self.fields:
            self.fields[cls] = {}
            self._grew = True
            for known in list(self.fields.values()):  # they may hold instances of this class
                known.update({name: map_objects(t, self._within) for name, t in list(known.items())})
        known = self.fields[cls]
        for name, t in fields.items():
            new = map_objects(map_dims(plain(unlit(t)), unknown), self._within)
            joined = join(known[name], new) if name in known else new
            if name not in known or joined != known[name]:
                known[name] = joined
                self._grew = True

    def _within(self, t: Type) -> Type | None:
        """As `_cut`, in the fields of a recursive class: what stands between two of its instances is recursive too."""
        found = self._cut(t)
        if found is not None or not isinstance(t, Struct) or t.frozen:
            return found
        fields = {name: map_objects(f, self._within) for name, f in t.fields}
        if not any(map(_refers_back, fields.values())):
            return None
        self._hold(t.cls, fields)
        return Back(t.cls)

    def _cut(self, t: Type) -> Type | None:
        """What stands in the fields of a recursive type for an instance of a class that is one."""
        if not isinstance(t, Struct):
            return None
        for cls, fields in t.system:
            self._hold(cls, dict(fields))
        if t.cls not in self.fields or t.frozen:
            return None
        if not t.system:
            self._hold(t.cls, dict(t.fields))
        return Back(t.cls)


def _refers_back(t: Type) -> bool:
    """Whether a type stands for no other without the fields that it is in."""
    found = False

    def look(inner: Type) -> None:
        nonlocal found
        found = found or isinstance(inner, Back)

    map_objects(t, look)
    return found
