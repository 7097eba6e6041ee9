"""Random programs of nested control flow, printed again: they do what they did.

Also after the pass that removes early exits, whose output has shapes that no user writes.  Where a program
reads an unbound variable nothing is compared: Python reads when a variable is copied, the IR when the copy
is used.
"""

from __future__ import annotations

import pytest

from diffsrc.codegen.module import module_text
from diffsrc.errors import UnsupportedError
from diffsrc.frontend.lower import lower_function
from diffsrc.source import register_generated
from diffsrc.transform.exits import normalise_exits
from tests.frontend.test_random import Generator, outcome

from .test_round_trip import compiled

ARGUMENTS = [(0, 20), (3, 25), (5, 7)]


def source(seed: int):
    text, name = Generator(seed).program(), f"<random {seed}>"
    register_generated(name, text)
    space: dict = {}
    exec(compile(text, name, "exec"), space)
    return text, space["f"]


def check(seed: int) -> int:
    """How many versions of the program were compared."""
    text, f = source(seed)
    funcs = []
    try:
        funcs.append(lower_function(f))
        funcs.append(normalise_exits(funcs[0]))
    except UnsupportedError:
        pass
    for func in funcs:
        made = module_text([func])
        again = compiled(made.text, made.names, "f")
        for args in ARGUMENTS:
            expected = outcome(f, args)
            if expected != "unbound":
                assert outcome(again, args) == expected, f"{text}\n{made.text}\n{args}"
    return len(funcs)


@pytest.mark.parametrize("group", range(6))
def test_random_programs(group: int):
    assert sum(map(check, range(group * 40, group * 40 + 40))) > 20
