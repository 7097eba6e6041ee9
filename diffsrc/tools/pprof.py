"""Recordings as profiles of pprof: the messages of `profile.proto`, described to the protobuf library as data."""

from __future__ import annotations

import functools
import gzip
from typing import TYPE_CHECKING, Any

from ..errors import UnsupportedError

if TYPE_CHECKING:
    from .snoop import InferenceTimingNode

#: message -> fields (number, name, type, whether repeated), as in github.com/google/pprof/proto/profile.proto
_SCHEMA: dict[str, list[tuple[int, str, str, bool]]] = {
    "Profile": [
        (1, "sample_type", "ValueType", True), (2, "sample", "Sample", True), (3, "mapping", "Mapping", True),
        (4, "location", "Location", True), (5, "function", "Function", True), (6, "string_table", "string", True),
        (7, "drop_frames", "int64", False), (8, "keep_frames", "int64", False), (9, "time_nanos", "int64", False),
        (10, "duration_nanos", "int64", False), (11, "period_type", "ValueType", False), (12, "period", "int64", False),
        (13, "comment", "int64", True), (14, "default_sample_type", "int64", False),
    ],
    "ValueType": [(1, "type", "int64", False), (2, "unit", "int64", False)],
    "Sample": [(1, "location_id", "uint64", True), (2, "value", "int64", True), (3, "label", "Label", True)],
    "Label": [
        (1, "key", "int64", False), (2, "str", "int64", False), (3, "num", "int64", False), (4, "num_unit", "int64", False),
    ],
    "Mapping": [
        (1, "id", "uint64", False), (2, "memory_start", "uint64", False), (3, "memory_limit", "uint64", False),
        (4, "file_offset", "uint64", False), (5, "filename", "int64", False), (6, "build_id", "int64", False),
    ],
    "Location": [
        (1, "id", "uint64", False), (2, "mapping_id", "uint64", False), (3, "address", "uint64", False),
        (4, "line", "Line", True),
    ],
    "Line": [(1, "function_id", "uint64", False), (2, "line", "int64", False)],
    "Function": [
        (1, "id", "uint64", False), (2, "name", "int64", False), (3, "system_name", "int64", False),
        (4, "filename", "int64", False), (5, "start_line", "int64", False),
    ],
}  # fmt: skip


@functools.cache
def messages() -> Any:
    """The class of the message `Profile`.

    Raises:
        UnsupportedError: the package `protobuf` isn't installed.
    """
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    except ImportError:
        raise UnsupportedError("profiles for pprof need protobuf", hint="pip install protobuf") from None
    file = descriptor_pb2.FileDescriptorProto(name="diffsrc/profile.proto", package="diffsrc.profiles", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, fields in _SCHEMA.items():
        message = file.message_type.add(name=name)
        for number, field, kind, repeated in fields:
            made = message.field.add(name=field, number=number)
            made.label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            if kind in _SCHEMA:
                made.type, made.type_name = kinds.TYPE_MESSAGE, f".diffsrc.profiles.{kind}"
            else:
                made.type = getattr(kinds, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("diffsrc.profiles.Profile"))


def profile(root: InferenceTimingNode) -> bytes:
    """A recording as a compressed profile: a sample per node and phase, with its stack."""
    p = messages()()
    strings: dict[str, int] = {"": 0}
    locations: dict[tuple[str, str, int], int] = {}

    def text(s: str) -> int:
        return strings.setdefault(s, len(strings))

    def location(name: str, file: str, line: int) -> int:
        key = (name, file, line)
        if key not in locations:
            number = locations[key] = len(locations) + 1
            p.function.add(id=number, name=text(name), system_name=text(name), filename=text(file), start_line=line)
            p.location.add(id=number).line.add(function_id=number, line=line)
        return locations[key]

    p.sample_type.add(type=text("compilations"), unit=text("count"))
    p.sample_type.add(type=text("time"), unit=text("nanoseconds"))
    waiting: list[tuple[InferenceTimingNode, tuple[int, ...]]] = [(root, ())]
    while waiting:
        node, above = waiting.pop()
        stack = (location(node.label, *node.place), *above)
        for n, (phase, seconds) in enumerate(node.phases.items()):
            p.sample.add(location_id=[location(phase, "", 0), *stack], value=[int(n == 0), round(seconds * 1e9)])
        waiting += [(c, stack) for c in reversed(node.children)]
    p.default_sample_type = text("time")
    p.duration_nanos = round(root.inclusive * 1e9)
    p.string_table.extend(strings)
    return gzip.compress(p.SerializeToString(), mtime=0)
