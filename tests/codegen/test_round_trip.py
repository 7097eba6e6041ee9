"""Lowered and printed again, a program behaves as before, and lowering what was printed prints the same."""

from __future__ import annotations

import copy
from types import FunctionType

import numpy as np
import pytest

from diffsrc.codegen.module import module_text
from diffsrc.frontend.lower import lower_function
from diffsrc.source import register_generated

from .programs import CASES


def compiled(text: str, names: dict[str, object], name: str) -> FunctionType:
    file = f"<codegen {name}>"
    register_generated(file, text)
    space = dict(names)
    exec(compile(text, file, "exec"), space)
    return space[name]


def printed(f) -> tuple[str, FunctionType]:
    made = module_text([lower_function(f)])
    return made.text, compiled(made.text, made.names, f.__name__)


def outcome(f, args):
    """What a call gives: its result or exception, and the arguments afterwards."""
    args = copy.deepcopy(args)
    try:
        result = f(*args)
    except Exception as err:  # noqa: BLE001  whatever the program raises
        result = (type(err), str(err).split("'")[0])
    return result, args


def same(a, b) -> bool:
    if isinstance(a, (tuple, list)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
    return type(a) is type(b) and (a == b or a != a)


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_behaves_as_before(f):
    text, again = printed(f)
    for args in CASES[f]:
        assert same(outcome(f, args), outcome(again, args)), text


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_is_accepted_again(f):
    text, again = printed(f)
    second, _ = printed(again)
    assert last_function(second) == last_function(text)


def last_function(text: str) -> str:
    """The function itself: lifted inner functions before it are globals the second time."""
    return text[text.rindex("\ndef ") :]
