"""The syntax table is true: what it supports is differentiated, what it refuses is refused with that code."""

from __future__ import annotations

import ast
import asyncio
import multiprocessing
import subprocess
import threading
from concurrent import futures
from typing import Any

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.defs.syntax import SYNTAX, Refused, Supported
from tests.hostile.harness import Case, defined, verdict

from .examples import BODIES, BY_NAME, NONE, TEXTS, function, text_of

MODULES: dict[str, Any] = {
    "threading": threading, "futures": futures, "multiprocessing": multiprocessing, "asyncio": asyncio,
    "subprocess": subprocess,
}  # fmt: skip
NAMES = [*BODIES, *TEXTS]


def test_every_class_has_a_program() -> None:
    assert set(NAMES) | NONE == set(SYNTAX)
    assert not set(NAMES) & NONE


@pytest.mark.parametrize("name", NAMES)
def test_class(name: str) -> None:
    text, row = text_of(name), SYNTAX[name]
    try:
        tree = ast.parse(text, type_comments=name == "TypeIgnore")
    except SyntaxError:
        pytest.skip("syntax of a newer Python")
    found = {type(node).__name__ for node in ast.walk(tree)} | {type(i).__name__ for i in tree.type_ignores}
    assert name in found
    f = defined(text)
    if isinstance(row, Supported):
        got, details = verdict(Case(name, f, lambda: (1.3,), "right", modes=("grad", "vjp", "jvp")))
        assert got == "right", details
        return
    for run in (lambda: ds.grad(f)(1.3), lambda: ds.jvp(f, (1.3,), (1.0,))):
        with pytest.raises(ds.UnsupportedError) as info:
            run()
        assert info.value.code == row.code, str(info.value)
        assert info.value.loc.line > 0
        assert info.value.hint


@pytest.mark.parametrize("name", BY_NAME)
def test_refused_by_name(name: str) -> None:
    body, code = BY_NAME[name]
    f = defined(function(body), **MODULES)
    for run in (lambda: ds.grad(f)(1.3), lambda: ds.jvp(f, (1.3,), (1.0,))):
        with pytest.raises(ds.UnsupportedError) as info:
            run()
        assert info.value.code == code, str(info.value)


def test_import_star_is_no_syntax_of_functions() -> None:
    with pytest.raises(SyntaxError):
        defined(function("from math import *\nreturn sin(x)"))


def test_names_from_an_import_star_are_known() -> None:
    f = defined("from numpy import *\n\ndef f(x):\n    return sum(sin(x) * x)\n")
    x = np.array([0.3, 0.7])
    np.testing.assert_allclose(ds.grad(f)(x), np.cos(x) * x + np.sin(x))


def test_refusals_say_what_to_do() -> None:
    assert all(row.hint for name, row in SYNTAX.items() if isinstance(row, Refused) and name not in NONE)
