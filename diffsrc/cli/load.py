"""FILE:FUNC, types, arguments: from the text of the command line to objects."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..api.seeing import arg_types
from ..errors import DiffTypeError
from ..ir.types import DTYPES, Array, Dict, List, Lit, NoneType, Scalar, Struct, Tuple, Type, strip


def load_function(target: str) -> Callable[..., Any]:
    """The function that FILE:FUNC names; FUNC may be dotted."""
    file, _, name = target.rpartition(":")
    path = Path(file)
    if not file or not path.is_file():
        raise click.UsageError(f"{target!r} isn't FILE:FUNC, or there is no such file")
    found: Any = _load_module(path)
    for part in name.split("."):
        if not hasattr(found, part):
            raise click.UsageError(f"{path.name} has no {name!r}")
        found = getattr(found, part)
    if not callable(found):
        raise click.UsageError(f"{name!r} of {path.name} isn't a function")
    return found  # type: ignore[no-any-return]


def _load_module(path: Path) -> Any:
    """The module of a file, with its folder on the path as when Python runs it."""
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise click.UsageError(f"{path.name} isn't a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def split_types(texts: Sequence[str]) -> list[str]:
    """The types of `--types "f64[:, :], f64"`, split at the commas outside brackets and quotes."""
    found: list[str] = []
    for text in texts:
        depth, quote, start = 0, "", 0
        for i, c in enumerate(text):
            if quote:
                quote = "" if c == quote else quote
            elif c in "\"'":
                quote = c
            elif c in "([{":
                depth += 1
            elif c in ")]}":
                depth -= 1
            elif c == "," and not depth:
                found.append(text[start:i].strip())
                start = i + 1
        found.append(text[start:].strip())
    return [t for t in found if t]


def types_of(f: Callable[..., Any], texts: Sequence[str]) -> tuple[Type, ...]:
    """The types of the parameters of `f` from `--types`, annotations and defaults."""
    try:
        return arg_types(f, tuple(split_types(texts)))
    except DiffTypeError as error:
        raise click.UsageError(error.render()) from None


def parse_wrt(text: str | None) -> tuple[int | str, ...] | None:
    """`0`, `0,2` or `w,b`."""
    if text is None:
        return None
    return tuple(int(p) if p.lstrip("-").isdigit() else p for p in (q.strip() for q in text.split(",")) if p)


def literal_arguments(text: str) -> tuple[Any, ...]:
    """The values of `--args "[1.0, 2.0], 3.0"`: Python literals, lists of numbers as arrays."""
    try:
        values = ast.literal_eval(f"({text},)")
    except (ValueError, SyntaxError) as err:
        raise click.UsageError(f"--args takes Python literals: {err}") from None
    return tuple(_as_array(v) for v in values)


def _as_array(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    array = np.array(value)
    return array if array.dtype.kind in "biufc" else value


def sample(types: Sequence[Type], seed: int) -> tuple[Any, ...]:
    """Random arguments of the given types; an axis named twice has one size."""
    rng = np.random.default_rng(seed)
    sizes: dict[str, int] = {}
    return tuple(_sample(t, rng, sizes) for t in types)


def _sample(t: Type, rng: Any, sizes: dict[str, int]) -> Any:
    if isinstance(t, Lit):
        return t.value
    match strip(t):
        case Scalar(kind):
            return _number(kind, rng)
        case Array(dtype, dims):
            shape = tuple(
                d if isinstance(d, int) else sizes.setdefault(d, 3 + len(sizes) % 3) if d else 4 for d in dims
            )
            values = rng.uniform(0.2, 1.5, shape)
            if dtype.startswith("c"):
                values = values + 1j * rng.uniform(0.2, 1.5, shape)
            return values.astype(DTYPES[dtype]) if dtype[0] in "fc" else rng.integers(0, 2, shape).astype(DTYPES[dtype])
        case Tuple(items, cls):
            values = [_sample(i, rng, sizes) for i in items]
            return tuple(values) if cls is None else cls(*values)
        case List(item):
            return [_sample(item, rng, sizes) for _ in range(3)]
        case Dict(items):
            return {k: _sample(v, rng, sizes) for k, v in items}
        case Struct(cls, fields):
            made: Any = object.__new__(cls)
            for name, field in fields:
                object.__setattr__(made, name, _sample(field, rng, sizes))
            return made
        case NoneType():
            return None
    raise click.UsageError(f"no random value for the type {t}: use --args")


def _number(kind: str, rng: Any) -> Any:
    if kind == "int":
        return 3
    if kind == "bool":
        return True
    value = float(rng.uniform(0.2, 1.5))
    if kind == "complex":
        return complex(value, 0.5)
    return value if kind == "float" else np.dtype(DTYPES[kind]).type(value)
