"""Recording compile time costs next to nothing: counted in instructions of the interpreter, which doesn't vary."""

import diffsrc as ds
from diffsrc import timing

from . import recording
from .cached import chain

PROGRAM = (chain(5), "last", (1.0,))


def test_instructions_of_a_recording(monkeypatch):
    monkeypatch.setenv("DIFFSRC_CACHE", "0")
    for within in recording.WAYS.values():
        recording.compiled(PROGRAM, within)
    on, off, none = (recording.instructions(PROGRAM, within) for within in recording.WAYS.values())
    assert off > 100_000
    assert on / off < 1.02
    assert off / none < 1.01


def test_the_clock_that_is_taken_out(monkeypatch):
    """What is compared is what it says: the recording has nodes, and without the clock nothing is charged."""
    monkeypatch.setenv("DIFFSRC_CACHE", "0")
    with ds.snoop() as t:
        recording.compiled(PROGRAM, recording.WAYS["not"])
    assert len(t.flatten()) > 10 and t.children[0].exclusive > 0.0
    with recording.without_clock(), ds.snoop() as t:
        recording.compiled(PROGRAM, recording.WAYS["not"])
    assert t.exclusive == t.inclusive == 0.0
    assert timing.Clock.charge.__name__ == "charge"
