"""Profile-guided despecialisation: rows, run times from profiles, advice, the figure, the command."""

import cProfile
import itertools
import os
import pstats
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.source import register_text
from diffsrc.tools.pgds import key_of
from diffsrc.tools.runs import PACKAGE, seconds_by

TYPES = [int, float, complex, str, bytes, list, tuple, dict, set, frozenset]


def spelltype(x, T):
    name = ""
    for c in T.__name__:
        name += c
    return x * float(len(name))


def helper(x):
    return np.sin(x) * x


def looped(x, n):
    s = 0.0
    for _ in range(n):
        s = s + helper(x)
    return s


def never_run(x):
    return x * x


def not_compiled(f, items):
    return [f(1.0, item) for item in items]


def recorded(work, *arguments):
    """The rows for work that is done twice: once to be compiled, once to be profiled."""
    with ds.snoop() as t:
        work(*arguments)
    with cProfile.Profile() as profile:
        work(*arguments)
    return ds.pgds(t, profile)


def row_of(rows, f):
    (found,) = [r for r in rows if r.function is f or getattr(r.function, "__code__", None) is f.__code__]
    return found


class Sampled:
    """A profile of another kind."""

    def __init__(self, seconds):
        self.seconds = seconds

    def functions(self):
        return self.seconds


# --- rows ------------------------------------------------------------------------------------------------------


def test_rows():
    with ds.snoop() as t:
        not_compiled(ds.grad(spelltype), TYPES)
        ds.grad(looped)(1.0, 3)
        ds.grad(never_run)(2.0)
    rows = ds.pgds(t, Sampled({key_of(looped): 50.0, key_of(helper): 1e-9, key_of(spelltype): 1e-3}))
    assert {r.name for r in rows} == {"spelltype", "looped", "helper", "never_run"}
    assert [r.run_seconds - r.compile_seconds for r in rows] == sorted(r.run_seconds - r.compile_seconds for r in rows)
    assert rows[-1].name == "looped" and rows[-1].run_seconds == 50.0
    spelled = row_of(rows, spelltype)
    assert spelled.function is spelltype and spelled.parameters == ("x", "T")
    assert spelled.instances == len(TYPES) == len(spelled.specializations)
    assert spelled.compile_seconds == pytest.approx(sum(n.exclusive for n in t.collect_for(spelltype)))
    assert spelled.file == __file__ and spelled.line == spelltype.__code__.co_firstlineno
    assert row_of(rows, never_run).run_seconds == 0.0 and row_of(rows, never_run).compile_seconds > 0.0
    costs = [s.compile_seconds for s in spelled.specializations]
    assert costs == sorted(costs, reverse=True) and sum(costs) == pytest.approx(spelled.compile_seconds)
    first = next(s for s in spelled.specializations if str(s) == "(float, func int)")
    assert str(first.result_type) == "float" and first.activity == ("value", "const")
    assert {"primal", "reverse", "grad"} <= set(first.modes)


_FRESH = itertools.count()
SPELL = """
def spell(x, T):
    name = ""
    for c in T.__name__:
        name += c
    return x * float(len(name))
"""


def spelling(decorator=""):
    """A function in a file of its own, which nobody has compiled."""
    file, namespace = f"spelling_{next(_FRESH)}.py", {"ds": ds}
    register_text(file, text := decorator + SPELL)
    exec(compile(text, file, "exec"), namespace)
    return namespace["spell"]


def test_the_printed_table():
    rows = recorded(not_compiled, ds.grad(spelling()), TYPES)
    lines = str(rows).splitlines()
    assert lines[0].split() == ["function", "run", "s", "compile", "s", "instances", "unknown", "calls"]
    assert lines[2].startswith("spell(x, T) at spelling_")
    assert lines[2].split()[-2:] == ["10", "50%"] and len(lines[0]) == len(lines[1]) == len(lines[2])
    assert rows._repr_html_().count("<tr>") == 2 and "ds.nospecialize" in rows._repr_html_()
    assert lines[-2].startswith('spell: @ds.nospecialize("T"): `T` comes in 10 types (')
    assert lines[-1].startswith("spell: 10 instances become 1: ")


def test_functions_that_were_compiled_before_the_recording():
    spell = spelling()
    not_compiled(ds.grad(spell), [int, str, dict])
    row = row_of(recorded(not_compiled, ds.grad(spell), [int, str, dict]), spell)
    assert row.compile_seconds == 0.0 and row.run_seconds > 0.0
    assert row.instances == 3 and [a.parameter for a in row.advice] == ["T"]


def test_run_time_is_that_of_derivatives_and_of_what_they_call():
    def slow(x):
        return np.sum(np.sort(x) * np.cumsum(x))

    def outer(x):
        return slow(x) + 2.0 * slow(x * 2.0)

    def work():
        for _ in range(200):
            ds.grad(outer)(x)
            ds.hessian(outer)(x)
            ds.vjp(outer, x)[1](1.0)

    x = np.arange(4.0)
    rows = recorded(work)
    assert {r.name for r in rows} == {"slow", "outer"}
    with cProfile.Profile() as profile:
        work()
    stats = pstats.Stats(profile).stats
    generated = sum(own for (file, _, _), (_, _, own, _, _) in stats.items() if file.startswith("<diffsrc"))
    total = sum(own for _, _, own, _, _ in stats.values())
    run = sum(r.run_seconds for r in rows)
    assert generated * 0.5 < run < total
    assert all(r.run_seconds > 0.0 for r in rows)
    ours = seconds_by(profile, lambda key: "generated" if key[0].startswith("<diffsrc") else None)
    assert generated < ours["generated"] < total


def test_seconds_of_library_functions_go_to_those_who_call_them():
    a, b, lib, deep, ours = ("u.py", 1, "a"), ("u.py", 9, "b"), ("lib.py", 1, "lib"), ("~", 0, "deep"), (f"{PACKAGE}x.py", 1, "o")
    stats = {
        a: (1, 1, 1.0, 9.0, {}),
        b: (1, 1, 2.0, 3.0, {a: (1, 1, 2.0, 3.0)}),
        lib: (4, 4, 0.4, 4.0, {a: (3, 3, 0.3, 3.0), b: (1, 1, 0.1, 1.0)}),
        deep: (9, 4, 3.6, 3.6, {lib: (4, 4, 1.6, 3.6), ("~", 0, "deep"): (5, 5, 2.0, 2.0)}),
        ours: (1, 1, 7.0, 7.0, {a: (1, 1, 7.0, 7.0)}),
    }
    profile = pstats.Stats()
    profile.stats = stats
    found = seconds_by(profile, {a: "a", b: "b"}.get)
    assert found == {"a": pytest.approx(1.0 + 0.3 + 2.7), "b": pytest.approx(2.0 + 0.1 + 0.9)}


def test_profiles():
    spell = spelling()
    with ds.snoop() as t:
        not_compiled(ds.grad(spell), [int, str])
    code = spell.__code__
    mine = (code.co_filename, code.co_firstlineno, "spell")
    file = next(iter(ds.specializations(spell)[1]._files))
    sampled = Sampled({mine: 1.5, (file, 3, "spell_grad"): 0.25, ("other.py", 1, "f"): 9.0})
    assert row_of(ds.pgds(t, sampled), spell).run_seconds == 1.75
    with cProfile.Profile() as profile:
        not_compiled(ds.grad(spell), [int, str])
    for given in (profile, pstats.Stats(profile)):
        assert row_of(ds.pgds(t, given), spell).run_seconds > 0.0
    assert row_of(ds.pgds(t, cProfile.Profile()), spell).run_seconds == 0.0
    with pytest.raises(ds.ActivityError, match="isn't a profile"):
        ds.pgds(t, 1.0)


def test_the_profile_of_a_call():
    def slow(x):
        return np.sum(np.sort(x) * np.cumsum(x))

    @ds.nospecialize("option")
    def outer(x, option):
        for _ in range(50):
            x = x * slow(x) / (1.0 + slow(x))
        return np.sum(x) * float(len(option))

    x = np.arange(4.0)
    with ds.snoop() as t:
        ds.grad(outer)(x, "a")
    profile = ds.profile(ds.grad(outer), x, [1])
    rows = ds.pgds(t, profile)
    assert {r.name for r in rows} == {"slow", "outer"}
    assert sum(r.run_seconds for r in rows) == pytest.approx(sum(profile.functions().values()))


def test_unknown_calls():
    def known(x):
        return np.sin(x) * x

    def unknown(x, f):
        return x * float(f.a(1) + f.b(2))

    class Named:
        __slots__ = ()
        a = b = staticmethod(lambda n: n)

    def work():
        ds.grad(known)(1.0)
        ds.grad(ds.nospecialize("f")(unknown))(1.0, Named())

    rows = recorded(work)
    assert row_of(rows, known).unknown_calls == 0.0
    assert row_of(rows, unknown).unknown_calls == pytest.approx(4 / 5)  # a, b, + and float are found at run time; * isn't


def test_higher_derivatives_are_those_of_the_function():
    def cubic(x):
        return x * x * x

    def work():
        ds.grad(cubic)(2.0)
        ds.grad(ds.grad(cubic))(2.0)

    (row,) = recorded(work)
    assert row.function is cubic and row.instances == 1


# --- advice ----------------------------------------------------------------------------------------------------


def advice_for(f, *calls, entry=ds.grad, **options):
    """What is said about a function that is called with several tuples of arguments."""
    g = entry(f, **options)
    with ds.snoop() as t:
        for args in calls:
            g(*args)
    row = row_of(ds.pgds(t, cProfile.Profile()), f)
    return [a.decorator for a in row.advice], row


def test_an_argument_that_is_not_differentiated():
    found, row = advice_for(spelling(), *((1.0, T) for T in TYPES))
    assert found == ['ds.nospecialize("T")']
    assert row.advised.left == 1 and 0.0 < row.advised.saves < row.compile_seconds
    (advice,) = row.advice
    assert advice.parameter == "T" and "10 types (func " in advice.reason and advice.reason.endswith("isn't differentiated")
    assert row.suggest().splitlines()[1].startswith("10 instances become 1: ")


def test_numbers_are_converted():
    def power(x, by):
        return x**by

    found, row = advice_for(power, (2.0, 2), (2.0, 2.0), (2.0, np.float32(2.0)))
    assert found == ["ds.standardize(by=float)"] and row.advised.left == 1

    def repeated(x, n):
        for _ in range(n):
            x = np.sin(x)
        return x

    found, row = advice_for(repeated, (2.0, 2), (2.0, np.int64(3)), (2.0, np.int32(3)))
    assert found == ["ds.standardize(n=int)"]


def test_arrays_lists_and_tuples_are_converted():
    def energy(x):
        return np.sum(np.asarray(x) * x)

    def other(x):
        return np.sum(np.sin(x) * x)

    found, row = advice_for(energy, ([1.0, 2.0],), ((1.0, 2.0, 3.0),), (np.ones(3),))
    assert found == ["ds.standardize(x=np.asarray)"]
    assert "differentiated, so it can't be left unspecialised" in row.suggest()
    found, row = advice_for(other, (np.ones(3),), (np.ones(3, np.float32),), (np.ones((2, 2)),))
    assert found == ["ds.standardize(x=lambda x: np.asarray(x, float))"]
    assert (row.instances, row.advised.left) == (3, 2)


def test_arrays_of_other_ranks_stay_apart():
    def total(x):
        return np.sum(x * x)

    found, row = advice_for(total, (np.ones(3),), (np.ones((2, 3)),))
    assert found == []
    (obstacle,) = row.advised.obstacles
    assert obstacle == "`x` comes in 2 types (" + ", ".join(map(str, (s.types[0] for s in row.specializations))) + (
        ") and is differentiated: give it one type"
    )


def test_several_arguments():
    def loss(w, data, mode="mean"):
        r = np.asarray(data) * w
        return np.mean(r) if mode == "mean" else np.sum(r)

    calls = [(2.0, data, mode) for data in ([1.0], (1.0, 2.0), np.ones(3)) for mode in ("mean", "sum")]
    found, row = advice_for(loss, *calls)
    assert found == ["ds.standardize(data=np.asarray)", 'ds.nospecialize("mode")']
    assert row.instances == 6 and row.advised.left == 1


def test_advice_was_tried():
    def indexed(x, names):
        return x * (2.0 if "a" in names else 3.0) + x * names["b"]

    found, row = advice_for(indexed, (1.0, {"a": 1.0, "b": 2.0}), (1.0, {"b": 2.0}))
    assert found == []  # what may be anything can't be multiplied by an active value
    assert "compiled for all of them at once it is refused: the type" in row.suggest()
    assert len(ds.specializations(indexed)) == 4  # what was tried isn't kept

    def shifted(x, by):
        return x * float(sum(range(by)) + (by << 1))

    found, row = advice_for(shifted, (1.0, 1), (1.0, np.int64(1)))
    assert found == ["ds.standardize(by=int)"]  # floats have no `<<`


def test_lists_and_tuples_stay_what_they_are():
    def rolled(x):
        y = x[1:] + x[:1]
        return y[0] * 2.0 + y[1]

    found, row = advice_for(rolled, ([1.0, 2.0],), ((1.0, 2.0),), ((1.0, 2.0, 3.0),))
    assert found == ["ds.standardize(x=list)"] and row.advised.left == 1

    def first(x):
        return x[0] * x[1]

    found, row = advice_for(first, ([1.0, 2.0],), ((np.float32(1.0), 2.0),))
    assert found == ["ds.standardize(x=np.asarray)"] and "given arrays then" in row.suggest()


def test_callees():
    def inner(x, T):
        return x * float(len(T.__name__))

    def outer(x, T):
        return inner(x, T) + 1.0

    g = ds.grad(outer)
    with ds.snoop() as t:
        for T in TYPES:
            g(1.0, T)
    rows = ds.pgds(t, cProfile.Profile())
    assert [a.decorator for a in row_of(rows, outer).advice] == ['ds.nospecialize("T")']
    callee = row_of(rows, inner)
    assert callee.advice == () and "as it is called by `outer`: see what is compiled too often there" in callee.suggest()


def test_nothing_to_gain():
    found, row = advice_for(spelling(), (1.0, int))
    assert found == [] and row.suggest() == "`spell` is compiled for one tuple of types: nothing to gain"


def test_other_entry_points():
    def f(x, y, T):
        return x * y * float(len(T.__name__))

    for entry, options in ((ds.jacfwd, {}), (ds.value_and_grad, {"argnums": (0, 1)}), (ds.jacrev, {})):
        found, _ = advice_for(f, *((1.0, 2.0, T) for T in (int, str)), entry=entry, **options)
        assert found == ['ds.nospecialize("T")']
    found, _ = advice_for(f, (1.0, 2.0, int), (1.0, np.float32(2.0), int), argnums=(0, 1))
    assert found == ["ds.standardize(y=float)"]


def test_advice_that_is_taken():
    def case(spell):
        before = ds.stats()
        got = not_compiled(ds.grad(spell), TYPES)
        after = ds.stats()
        (row,) = recorded(not_compiled, ds.grad(spell), TYPES)
        return got, row.instances, after["differentiated"] - before["differentiated"]

    plain, widened = case(spelling()), case(spelling('@ds.nospecialize("T")'))
    assert plain[0] == widened[0] == [float(len(T.__name__)) for T in TYPES]
    assert plain[1:] == (10, 10) and widened[1:] == (1, 1)


def test_phases_of_a_function_that_is_called_with_many_types():
    """What docs/despecialisation.md measures with 586 types."""
    types = [type(f"Kind{n}", (), {}) for n in range(40)]
    done = ("inferred", "activity", "differentiated", "emitted", "executed")

    def phases(spell):
        before = ds.stats()
        got = not_compiled(ds.grad(spell), types)
        assert got == [float(len(T.__name__)) for T in types]
        between = ds.stats()
        assert not_compiled(ds.grad(spell), types) == got
        assert ds.stats() == between
        return {name: between[name] - before[name] for name in done}

    assert phases(spelling()) == dict.fromkeys(done, 40)
    assert phases(spelling('@ds.nospecialize("T")')) == dict.fromkeys(done, 1)


def test_arguments_that_gather():
    def scaled(x, *factors, **options):
        return x * sum(factors)

    found, row = advice_for(scaled, (1.0, 1), (1.0, 1, 2.0), (1.0, 2.0, 3.0, 4.0))
    assert found == []  # `*factors` can't be converted, and can't be left to Python beside an active value
    assert "`factors` comes in 3 types" in row.suggest()


def test_defaults():
    def power(x, k=2):
        return x**k

    found, row = advice_for(power, (3.0,), (3.0, 2), (3.0, 2.0))
    assert found == ["ds.standardize(k=float)"] and row.advised.left == 1

    def flagged(x, twice=False):
        return 2.0 * x if twice else x

    found, _ = advice_for(flagged, (3.0,), (3.0, True))
    assert found == ['ds.nospecialize("twice")']


SPELLED = """
def inner(x):
    return x * x

def spell(x, option):
    for _ in range(200):
        x = inner(x) * float(len(str(option))) / 10.0
    return x
"""
LOADED = """
import cProfile
import diffsrc as ds
from spelled import spell

with ds.snoop() as t:
    for option in ("a", 2, [1.0]):
        ds.grad(spell)(1.0, option)
        ds.vjp(spell, 1.0, option)[1](1.0)
with cProfile.Profile() as profile:
    for option in ("a", 2, [1.0]):
        ds.grad(spell)(1.0, option)
        ds.vjp(spell, 1.0, option)[1](1.0)
rows = {r.name: r for r in ds.pgds(t, profile)}
spelled = rows["spell"]
print(ds.stats()["cache_hits"], spelled.instances, [a.decorator for a in spelled.advice], spelled.run_seconds > 0.0)
print(sorted(str(s.result_type) for s in spelled.specializations), spelled.suggest().count("become 1"))
"""


def test_derivatives_from_disk(tmp_path):
    base = Path.home() / ".cache"
    base.mkdir(exist_ok=True)
    cache = tempfile.mkdtemp(prefix="diffsrc-test-", dir=base)
    (tmp_path / "spelled.py").write_text(SPELLED)
    (tmp_path / "main.py").write_text(LOADED)
    environment = {**os.environ, "DIFFSRC_CACHE": "1", "DIFFSRC_CACHE_DIR": cache, "PYTHONPATH": str(Path(__file__).parents[2])}
    try:
        for hits in (0, 6):
            done = subprocess.run([sys.executable, "main.py"], cwd=tmp_path, env=environment, capture_output=True, text=True)
            assert done.stdout.splitlines() == [
                f"{hits} 3 ['ds.nospecialize(\"option\")'] True", "['float', 'float', 'float'] 1"
            ], done.stderr  # fmt: skip
    finally:
        shutil.rmtree(cache, ignore_errors=True)
