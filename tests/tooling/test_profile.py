"""`ds.profile`: programs whose lines take known times, by sweep."""

import importlib.util
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest
from click.testing import CliRunner
from line_profiler import LineProfiler

import diffsrc as ds
from diffsrc.analysis.typeof import typeof_args
from diffsrc.cli.main import main
from diffsrc.compiler.derived import made_from
from diffsrc.compiler.driver import derive_reverse
from diffsrc.errors import ActivityError
from diffsrc.source import origins_of
from diffsrc.tools.places import owner_of


def line(function, offset):
    return function.__code__.co_firstlineno + offset


def rows(profile):
    return {r.line: r for r in profile.rows}


def slow_square(x):
    time.sleep(0.002)
    return x * x


@ds.rule(slow_square)
class _:
    def jvp(x, dx, *, out):
        return 2.0 * x * dx

    def vjp(x, ct, *, out):
        return (2.0 * x * ct,)


def through_slow(x):
    y = slow_square(x)
    return y * 3.0


def is_about(seconds, slept):
    """Sleep is never shorter; on a busy machine it is longer."""
    return slept <= seconds < 4.0 * slept


def test_forward_sweep():
    p = ds.profile(ds.value_and_grad(through_slow), 2.0, repeat=5)
    own = rows(p)
    slept = own[line(slow_square, 1)]
    assert is_about(slept.primal, 0.002) and is_about(slept.forward, 0.002) and slept.reverse == 0.0
    assert slept.share > 0.9 and slept.hits == 1
    # what is called is counted where it stands, not for the line that calls it
    assert own[line(through_slow, 1)].total < 0.001
    assert p.calls == 5 and is_about(p.seconds, 0.002) and is_about(p.primal_seconds, 0.002)
    assert p.rows[0] is slept
    assert sum(r.share for r in p.rows) == pytest.approx(1.0)
    assert sum(r.total for r in p.rows) + p.outside == pytest.approx(p.seconds)


def test_tangents():
    own = rows(ds.profile(ds.jvp, through_slow, (2.0,), (1.0,), repeat=5))
    assert is_about(own[line(slow_square, 1)].forward, 0.002)
    assert all(r.reverse == 0.0 for r in own.values())


def products(a, b):
    c = a @ b
    return c[0, 0]


def test_reverse_sweep():
    """A product of matrices has two in its derivative, one for each factor."""
    n = 400
    a, b = np.random.default_rng(0).normal(size=(2, n, n))
    p = ds.profile(ds.grad(products, (0, 1)), a, b, seconds=0.4)
    own = rows(p)[line(products, 1)]
    assert own.reverse > 0.5 * own.forward > 0.0
    times = []
    for _ in range(9):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    assert 0.3 * min(times) < own.forward < 6.0 * np.median(times)


def alone(n):
    time.sleep(0.001)
    for _ in range(n):
        time.sleep(0.001)
    return n


def test_a_function_alone():
    p = ds.profile(alone, 4, repeat=5)
    own = rows(p)
    assert 0.5 < own[line(alone, 3)].share < 0.95  # four of five
    assert [own[line(alone, k)].hits for k in (1, 2, 3, 4)] == [1, 5, 4, 1]
    assert p.primal_seconds is None
    assert all(r.total == r.primal and not r.forward and not r.reverse for r in p.rows)


def helper(h, w):
    z = h @ w
    return np.tanh(z)


def loss(w, x):
    h = x
    for _ in range(3):
        h = helper(h, w)
    big = np.sin(np.outer(h[0], h[0]))
    return np.sum(big)


@pytest.fixture(scope="module")
def profiled():
    w, x = np.eye(300) * 0.5, np.ones((300, 300))
    return ds.profile(ds.grad(loss), w, x, seconds=0.3)


def test_lines_of_callees(profiled):
    own = rows(profiled)
    product = own[line(helper, 1)]
    assert product.hits == 3
    assert product.reverse > 0.5 * product.forward > 0.0  # two products for one; the machine may be busy
    assert own[line(loss, 3)].total < 0.5 * product.total  # it adds up cotangents
    assert {r.file for r in profiled.rows} == {__file__}


def stencil(u, steps):
    for _ in range(steps):
        around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        u[1:-1, 1:-1] += 0.2 * (around - 4.0 * u[1:-1, 1:-1])
        u = np.sin(u)
    return np.sum(u * u)


def by_line_profiler(functions, call):
    """Shares of the time by line, and how often each ran, as line_profiler has them: for each line the best of ten batches."""
    best = {}
    for _ in range(10):
        for number, hits, ticks in batch(functions, call):
            best[number] = hits, min(ticks, best.get(number, (hits, ticks))[1])
    whole = sum(ticks for _, ticks in best.values())
    return {number: (hits, ticks / whole) for number, (hits, ticks) in best.items()}


def batch(functions, call):
    """Line, runs and time per call."""
    profiler = LineProfiler()
    codes = [f.__code__ for f in functions]
    for f in functions:
        profiler.add_function(f)
    try:
        profiler.enable_by_count()
        for _ in range(5):
            call()
        profiler.disable_by_count()
    finally:
        for f, code in zip(functions, codes):
            f.__code__ = code
    return [(n, hits / 5, ticks / 5) for each in profiler.get_stats().timings.values() for n, hits, ticks in each]


def test_shares_are_those_of_line_profiler():
    u = np.random.default_rng(0).normal(size=(90, 90))
    own = rows(ds.profile(stencil, u, 6, seconds=0.4))
    other = by_line_profiler([stencil], lambda: stencil(u.copy(), 6))
    assert {number: hits for number, (hits, _) in other.items()} == {number: r.hits for number, r in own.items()}
    costly = [number for number, (_, share) in other.items() if share > 0.08]
    assert len(costly) >= 2
    for number in costly:
        assert 0.4 < own[number].share / other[number][1] < 2.5


def test_shares_of_a_gradient_are_those_of_line_profiler():
    """The generated code itself under line_profiler, added up by the lines that it serves."""
    u = np.random.default_rng(0).normal(size=(90, 90))
    derived = derive_reverse(stencil, typeof_args((u, 6)), ("value", "const"))
    made = made_from(derived.file).namespace
    functions = [f for f in made.values() if isinstance(f, FunctionType) and f.__code__.co_filename == derived.file]
    zeros = [np.zeros_like(u)] * derived.activity.count("shadow")
    other, origins = {}, origins_of(derived.file)
    for number, (_, share) in by_line_profiler(functions, lambda: derived.call(u.copy(), 6, *zeros)).items():
        key = origins[number].line, origins[number].sweep
        other[key] = other.get(key, 0.0) + share
    p = ds.profile(ds.value_and_grad(stencil), u, 6, seconds=0.4)
    whole = sum(p.sweeps()[s] for s in ("forward", "reverse"))
    costly = [key for key, share in other.items() if share > 0.08]
    assert {sweep for _, sweep in costly} == {"forward", "reverse"}
    for number, sweep in costly:
        assert 0.4 < getattr(rows(p)[number], sweep) / whole / other[number, sweep] < 2.5


def test_functions(profiled):
    found = profiled.functions()
    assert set(found) == {(__file__, line(helper, 0), "helper"), (__file__, line(loss, 0), "loss")}
    assert sum(found.values()) == pytest.approx(sum(r.total for r in profiled.rows))
    assert profiled.sweeps()["forward"] == pytest.approx(sum(r.forward for r in profiled.rows))


def test_shown(profiled):
    shown = str(profiled).splitlines()
    head = shown[0].split()
    assert head[:3] == ["line", "source", "hits"]
    assert re.fullmatch(r"line source hits primal \w+ forward \w+ reverse \w+ total \w+ share", " ".join(head))
    assert re.match(rf"test_profile\.py:{line(helper, 1)} +z = h @ w +3 ", shown[2])
    assert any(each.startswith("grad_loss: ") and "per call" in each for each in shown)
    in_order = [int(each.split(":")[1].split()[0]) for each in profiled.table(sort="line").splitlines()[2:-3]]
    assert in_order == sorted(in_order)
    assert "h = helper(h, w)" in profiled._repr_html_()
    with pytest.raises(ActivityError, match="sort 'size'"):
        profiled.table(sort="size")


def test_flamegraph(profiled, tmp_path):
    profiled.flamegraph(tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text()
    bars = re.findall(r'top:(\d+)px[^>]*data-from="([\d.]+)" data-wide="([\d.]+)"[^>]*>([^<]*)</div>', page)
    found = {(label, int(top) // 20) for top, _, _, label in bars}
    assert {("forward", 1), ("reverse", 1), ("primal", 1), ("loss", 2)} <= found
    assert (f"{line(loss, 3)}: h = helper(h, w)", 3) in found and ("helper", 4) in found
    spans = [(int(top) // 20, float(start), float(start) + float(wide)) for top, start, wide, _ in bars]
    for depth, start, end in spans:
        if depth:
            assert any(d == depth - 1 and s - 1e-9 <= start and end <= e + 1e-9 for d, s, e in spans)
    whole = spans[0][2] - spans[0][1]
    assert whole == pytest.approx(profiled.seconds + profiled.primal_seconds, rel=0.2)
    assert "<table" in page


def recursive(x, n):
    if n == 0:
        return x
    return recursive(np.sin(x), n - 1) * 1.5


def test_recursion():
    p = ds.profile(ds.grad(recursive), 0.5, 6, seconds=0.05)
    assert rows(p)[line(recursive, 1)].hits == 7
    assert p.seconds >= sum(r.total for r in p.rows) * 0.999


def branching(x, n):
    if n < 2:
        return x
    left = branching(x, n - 1)
    right = branching(x * 0.5, n - 2)
    return left + right


def test_recursion_adds_to_its_lines(tmp_path):
    """Not a line for each way in which a call came about: there are thousands."""
    p = ds.profile(branching, 1.0, 16, repeat=1)
    calls = [1, 1]
    for n in range(2, 17):
        calls.append(1 + calls[n - 1] + calls[n - 2])
    own = rows(p)
    assert own[line(branching, 1)].hits == calls[16] == 3193
    assert own[line(branching, 4)].hits == own[line(branching, 3)].hits == (3193 - 1) / 2
    p.flamegraph(tmp_path / "out.html")
    assert (tmp_path / "out.html").read_text().count("<div") < 20


def decorator(f):
    return f


@decorator
def decorated(x):
    y = x * x
    return (lambda z: z * x)(y)


def test_owners():
    owner = owner_of(__file__, line(decorated, 2))
    assert (owner.line, owner.name) == (decorated.__code__.co_firstlineno, "decorated")
    assert owner_of(__file__, line(decorated, 3)).name == "<lambda>"
    assert owner_of(__file__, 3).name == "<module>"
    assert owner_of("nowhere.py", 3).name == "<module>"


def test_second_order():
    own = rows(ds.profile(ds.hvp(loss), np.eye(30) * 0.5, np.ones((20, 30)), np.eye(30), seconds=0.05))
    product = own[line(helper, 1)]
    assert product.forward > 0.0 and product.reverse > 0.0 and product.primal == 0.0


def scaling(x):
    x *= 2.0
    return np.sum(x)


def test_arguments_and_tracers_stay_as_they_are():
    def tracer(frame, event, arg):
        return None

    x, before = np.ones(10), sys.gettrace()
    sys.settrace(tracer)
    try:
        ds.profile(ds.grad(scaling), x, repeat=2)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    assert np.all(x == 1.0)


def failing(x):
    if x > 0.0:
        raise ValueError("too large")
    return x


def test_modules_with_names_of_the_standard_library(tmp_path, monkeypatch):
    (tmp_path / "queue_and_calendar.py").write_text("def f(x):\n    return sorted(x, key=lambda y: -y)\n")
    spec = importlib.util.spec_from_file_location("calendar", tmp_path / "queue_and_calendar.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert rows(ds.profile(module.f, [2.0, 1.0], repeat=2))[2].hits >= 1
    # what the standard library does for a line is that line's
    own = ds.profile(lambda n: statistics.median(range(n)), 1000, repeat=2)
    assert len(own.rows) == 1


def test_exceptions_pass():
    before = sys.gettrace()
    with pytest.raises(ValueError, match="too large"):
        ds.profile(failing, 1.0)
    assert sys.gettrace() is before


@pytest.fixture
def home():
    """A folder that isn't below one that everybody may write, as pytest's own is: there the disk cache is off."""
    base = Path.home() / ".cache"
    base.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="diffsrc-test-", dir=base) as path:
        yield Path(path)


def test_from_the_disk_cache(home):
    """The sweeps of lines are known in a process that reads the derivative from disk."""
    program = home / "kept.py"
    program.write_text(
        "import json, sys\n"
        "import numpy as np\n"
        "import diffsrc as ds\n"
        "def f(x):\n"
        "    y = np.sin(x)\n"
        "    return np.sum(y * y)\n"
        "p = ds.profile(ds.grad(f), np.ones(200000), repeat=3)\n"
        "a = ds.profile_allocations(ds.grad(f), np.ones(200000))\n"
        "print(json.dumps([ds.stats()['differentiated'],\n"
        "    sorted([r.line, r.forward > 0, r.reverse > 0] for r in p.rows),\n"
        "    sorted([r.line, r.sweep, r.count] for r in a.rows)]))\n"
    )
    root = str(Path(ds.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": root, "DIFFSRC_CACHE": "1", "DIFFSRC_CACHE_DIR": str(home / "cache")}
    env.pop("DIFFSRC_VALIDATE", None)
    first, second = (
        json.loads(subprocess.run([sys.executable, program], env=env, capture_output=True, text=True, check=True).stdout)
        for _ in range(2)
    )
    assert first[0] == 1 and second[0] == 0
    assert first[1:] == second[1:]
    assert [5, True, True] in first[1]


SCRIPT = """
import sys
import time
import numpy as np
import diffsrc as ds


def pause(x):
    time.sleep(0.002)
    return x


ds.rule(pause)(type("_", (), {"jvp": lambda x, dx, *, out: dx, "vjp": lambda x, ct, *, out: (ct,)}))


def model(w, x):
    y = pause(w) * np.sin(w * x)
    return np.sum(y * y)


def other(w):
    return w * w


gradient = ds.grad(model)
w = 0.5
for _ in range(int(sys.argv[1])):
    w -= 0.01 * gradient(w, np.ones(1000))
_, pullback = ds.vjp(other, 2.0)
pullback(1.0)
other(3.0)
print(f"{w:.12f}", *sys.argv[1:])
if "--fail" in sys.argv:
    raise ValueError("the script failed")
if "--leave" in sys.argv:
    sys.exit(4)
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    return path


def place(text):
    return SCRIPT.splitlines().index(text) + 1


def shown_rows(output):
    """Line -> cells."""
    found = [re.split(r" {2,}", each) for each in output.splitlines() if each.startswith("train.py:")]
    return {int(cells[0].split(":")[1]): cells for cells in found if len(cells) > 2}


def test_a_script(script, tmp_path):
    plain = subprocess.run([sys.executable, script, "5"], capture_output=True, text=True, check=True, env=_env())
    done = CliRunner().invoke(main, ["profile", str(script), "5", "-o", str(tmp_path / "out.html")])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == plain.stdout.strip()  # it runs as without
    head = next(each for each in done.output.splitlines() if each.startswith("line "))
    assert re.fullmatch(r"line source hits forward ms reverse ms total ms share", " ".join(head.split()))
    found = shown_rows(done.output)
    slept = found[place("    time.sleep(0.002)")]
    assert slept[2] == "5" and 10.0 <= float(slept[3]) < 40.0  # five times, by two milliseconds
    assert next(iter(found)) == place("    time.sleep(0.002)")
    assert place("    return w * w") in found and place("gradient = ds.grad(model)") not in found
    page = (tmp_path / "out.html").read_text()
    assert "time.sleep(0.002)" in page and 'id="graph"' in page


def test_the_functions_of_a_script(script):
    done = CliRunner().invoke(main, ["profile", "--primal", str(script), "5"])
    assert done.exit_code == 0, done.output
    head = next(each for each in done.output.splitlines() if each.startswith("line ")).split()
    assert head[:4] == ["line", "source", "hits", "primal"]
    found = shown_rows(done.output)
    slept = found[place("    time.sleep(0.002)")]
    assert slept[2] == "5" and 10.0 <= float(slept[3]) < 40.0 and 10.0 <= float(slept[4]) < 40.0
    assert found[place("    return w * w")][2] == "1"
    assert "the function itself: " in done.output


def _env():
    return {**os.environ, "PYTHONPATH": str(Path(ds.__file__).parents[1])}


def test_allocations_of_a_script(script, tmp_path):
    done = CliRunner().invoke(main, ["profile", "--allocations", str(script), "5", "-o", str(tmp_path / "out.html")])
    assert done.exit_code == 0, done.output
    rows = [re.split(r" {2,}", each) for each in done.output.splitlines() if each.startswith("train.py:")]
    product = place("    y = pause(w) * np.sin(w * x)")
    ahead = [r[3:5] for r in rows if int(r[0].split(":")[1]) == product and r[2] == "forward"]
    # w * x and its sine, in each of five calls; elements of 8 bytes. What multiplies it is needed in the reverse sweep only.
    assert ahead == [["10", "78.12 KiB"]]
    assert re.search(r"\d+ arrays, .* allocated, .* alive at most", done.output)
    assert "np.sin(w * x)" in (tmp_path / "out.html").read_text()


def test_scripts_that_end_otherwise(script, tmp_path):
    failed = CliRunner().invoke(main, ["profile", str(script), "2", "--fail"])
    assert isinstance(failed.exception, ValueError) and failed.exit_code == 1
    assert shown_rows(failed.output)
    left = CliRunner().invoke(main, ["profile", str(script), "2", "--leave"])
    assert left.exit_code == 4 and shown_rows(left.output)
    (tmp_path / "none.py").write_text("print('nothing')\n")
    none = CliRunner().invoke(main, ["profile", str(tmp_path / "none.py")])
    assert none.exit_code == 0 and none.output == "nothing\nno derivative ran in none.py\n"
    assert CliRunner().invoke(main, ["profile", str(tmp_path / "missing.py")]).exit_code == 2
    assert "--allocations" in CliRunner().invoke(main, ["profile", "--help"]).output
