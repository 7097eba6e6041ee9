"""The disk cache: what the second process finds, which edits are noticed, and what faults in its files do."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import diffsrc as ds
from diffsrc.api import engine
from diffsrc.cli.main import main
from diffsrc.compiler import cache
from diffsrc.compiler.vault import CacheWarning, Vault
from diffsrc.defs.variant import PLAIN

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home():
    """A folder that isn't below one that everybody may write, as pytest's own is."""
    base = Path.home() / ".cache"
    base.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="diffsrc-test-", dir=base))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def on(home, monkeypatch):
    """The cache, switched on in this process and empty."""
    monkeypatch.setenv("DIFFSRC_CACHE", "1")
    monkeypatch.setenv("DIFFSRC_CACHE_DIR", str(home / "cache"))
    monkeypatch.setattr(cache, "_FOLDERS", cache._Folders())
    engine.forget()
    yield home / "cache"
    engine.forget()


class Program:
    """Files that are run in fresh processes over one cache."""

    def __init__(self, folder):
        self.folder = folder
        self.cache = folder / "cache"

    def write(self, name, text):
        (self.folder / name).write_text(textwrap.dedent(text))

    def environment(self):
        return {
            **os.environ, "DIFFSRC_CACHE": "1", "DIFFSRC_CACHE_DIR": str(self.cache), "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "always", "PYTHONDONTWRITEBYTECODE": "1", "DIFFSRC_VALIDATE": "0",
        }  # fmt: skip

    def run(self, name="main.py", *args):
        """What the program printed as JSON, beside the counts."""
        done = subprocess.run(
            [sys.executable, name, *args], cwd=self.folder, env=self.environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        *_, last = done.stdout.splitlines()
        return json.loads(last), done.stderr


MAIN = """
    import json, sys
    import numpy as np
    import diffsrc as ds
    from library import loss

    out = ds.grad(loss)(np.array([1.0, 2.0, 3.0])).tolist()
    modules = [m for m in sys.modules if m.startswith("diffsrc.")]
    print(json.dumps({"out": out, "stats": ds.stats(), "compiler": "diffsrc.compiler.driver" in modules}))
"""
LIBRARY = """
    import numpy as np
    from other import helper
    from constants import FACTOR
    import constants

    shift = 1.5

    def scaled(by):
        def decorate(f):
            def inner(x):
                return by * f(x)
            return inner
        return decorate

    @scaled(3.0)
    def wave(x, amount=2.0):
        return np.sin(x) * amount

    def loss(x):
        from constants import INSIDE

        return np.sum(FACTOR * helper(x) * INSIDE + wave(x) * constants.POWER + shift * x) * constants.WEIGHTS[1]
"""
OTHER = """
    import numpy as np

    def helper(x):
        return 2.0 * x * x + abs(x)

    unused = 1.0
"""
CONSTANTS = """
    FACTOR = 4.0
    POWER = 5.0
    WEIGHTS = (2.0, 3.0)
    INSIDE = 1.5
"""


@pytest.fixture
def program(home):
    made = Program(home)
    made.write("main.py", MAIN)
    made.write("library.py", LIBRARY)
    made.write("other.py", OTHER)
    made.write("constants.py", CONSTANTS)
    return made


WORK = ("parsed", "lowered", "inferred", "activity", "differentiated", "optimized", "emitted")


def test_the_second_process_compiles_nothing(program):
    first, _ = program.run()
    assert first["stats"]["cache_misses"] == first["stats"]["cache_stores"] == 1
    assert first["stats"]["inferred"] > 0 and first["stats"]["differentiated"] > 0
    second, errors = program.run()
    assert second["out"] == first["out"]
    assert second["stats"]["cache_hits"] == 1
    assert {name: second["stats"][name] for name in WORK} == dict.fromkeys(WORK, 0)
    assert not second["compiler"]
    assert not errors


EDITS = {
    "a callee in another file": ("other.py", "2.0 * x * x", "3.0 * x * x"),
    "a constant imported from another module": ("constants.py", "FACTOR = 4.0", "FACTOR = 7.0"),
    "an attribute of another module": ("constants.py", "POWER = 5.0", "POWER = 6.0"),
    "a tuple": ("constants.py", "(2.0, 3.0)", "(2.0, 4.0)"),
    "what the function imports itself": ("constants.py", "INSIDE = 1.5", "INSIDE = 2.5"),
    "a global": ("library.py", "shift = 1.5", "shift = 2.5"),
    "a default": ("library.py", "amount=2.0", "amount=9.0"),
    "an argument of a decorator": ("library.py", "@scaled(3.0)", "@scaled(8.0)"),
    "a decorator": ("library.py", "return by * f(x)", "return f(x) / by"),
    "the function": ("library.py", "shift * x)", "shift + x)"),
    "a builtin that is hidden": ("other.py", "unused = 1.0", "abs = np.exp"),
}


@pytest.mark.parametrize("edit", list(EDITS))
def test_edits_are_noticed(program, edit):
    """Each is of the same size, and has the same time of modification."""
    file, old, new = EDITS[edit]
    path = program.folder / file
    program.run()
    before = path.stat()
    text = textwrap.dedent({"library.py": LIBRARY, "other.py": OTHER}.get(file, CONSTANTS))
    assert old in text
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    changed, _ = program.run()
    alone = Program(program.folder / "alone")
    alone.folder.mkdir()
    for name in ("main.py", "library.py", "other.py", "constants.py"):
        shutil.copy(program.folder / name, alone.folder / name)
    right, _ = alone.run()
    assert changed["out"] == right["out"]
    assert changed["stats"]["cache_hits"] == 0
    assert changed["stats"]["cache_stores"] == 1
    again, _ = program.run()
    assert again["stats"]["cache_hits"] == 1
    assert again["out"] == right["out"]


def test_a_closure_cell_and_a_rule(home):
    made = Program(home)
    made.write("main.py", """
        import json, sys
        import numpy as np
        import diffsrc as ds

        def known(x):
            return np.tan(x)

        def make(k):
            def f(x):
                return k * known(x)
            return f

        if sys.argv[2] != "none":
            ds.elementwise(known, sys.argv[2])
        print(json.dumps({"out": ds.grad(make(float(sys.argv[1])))(1.0), "stats": ds.stats()}))
    """)  # fmt: skip
    for cell, rule in (("2.0", "5.0"), ("3.0", "5.0"), ("3.0", "7.0"), ("3.0", "none")):
        first, _ = made.run("main.py", cell, rule)
        again, _ = made.run("main.py", cell, rule)
        slope = 1 / np.cos(1.0) ** 2 if rule == "none" else float(rule)
        assert first["out"] == again["out"] == pytest.approx(float(cell) * slope)
        assert (first["stats"]["cache_hits"], again["stats"]["cache_hits"]) == (0, 1)


SCIPY = """
    import json, sys
    import numpy as np
    import scipy.special as sp
    from scipy import special, stats
    from scipy.special import gammaln
    from scipy.stats import norm
    import diffsrc as ds

    class Square:
        def __init__(self, x):
            self.c = x**2

        def at(self, t):
            return self.c * t

    def family(x):
        return np.sum(special.gammaln(x) * sp.expit(x) + gammaln(x))

    def density(x):
        return np.sum(stats.gamma.logpdf(x, 2.0) + norm.logcdf(x, 0.1) + stats.norm(x[0], 1.0).logpdf(x))

    FROZEN, method = norm(float(sys.argv[1]), 1.2), norm.logsf

    def given(x):
        return np.sum(FROZEN.logpdf(x)) + np.sum(method(x))

    def profile(x):
        return np.sum(special.voigt_profile(x, 0.4, 0.3))

    def instance(x):
        return np.sum(Square(x).at(x[0]))

    found = [ds.grad(f)(np.array([0.4, 1.1])).tolist() for f in (family, density, given, profile, instance)]
    print(json.dumps({"out": found, "stats": ds.stats()}))
"""


def test_functions_and_distributions_of_scipy_and_classes_are_kept(home):
    made = Program(home)
    made.write("main.py", SCIPY)
    first, _ = made.run("main.py", "0.3")
    again, _ = made.run("main.py", "0.3")
    other, _ = made.run("main.py", "0.4")
    assert first["out"] == again["out"] and other["out"][2] != first["out"][2]
    assert (first["stats"]["cache_hits"], first["stats"]["cache_unkept"], again["stats"]["cache_hits"]) == (0, 0, 5)
    assert other["stats"]["cache_hits"] == 4


RULES = """
    import json, sys
    import numpy as np
    import diffsrc as ds

    class Square:
        def __init__(self, x):
            self.c = x**2

        def at(self, t):
            return self.c * t

    def scale(y, k):
        y *= k

    def known(x):
        return x**3

    @ds.rule(known)
    class _:
        def vjp(x, ct, *, out):
            return slope() * ct

    @ds.rule(scale, overwritten=("y",))
    class _:
        def vjp(y, k, ct, *, out):
            return A * k * ct, np.sum(y * ct)

    @ds.rule(Square)
    class _:
        def vjp(x, ct, *, out):
            return B * x * ct.c

    @ds.rule(Square.at)
    class _:
        def vjp(self, t, ct, *, out):
            return {"c": C * ct * t}, np.sum(ct * self.c)

    def slope():
        return D

    A, B, C, D = SLOPES

    def written(x):
        y = x * 1.0
        scale(y, 3.0)
        return np.sum(y)

    def instance(x):
        return np.sum(Square(x).at(2.0))

    found = [ds.grad(f)(np.ones(2))[0] for f in (written, instance, lambda x: np.sum(known(x)))]
    print(json.dumps({"out": found, "stats": ds.stats()}))
"""


def test_what_rules_read_after_they_were_written(home):
    made = Program(home)
    for k in range(5):
        slopes = [2.0 + (k == n + 1) for n in range(4)]
        made.write("main.py", RULES.replace("SLOPES", str(slopes)))
        first, _ = made.run("main.py")
        again, _ = made.run("main.py")
        a, b, c, d = slopes
        assert first["out"] == again["out"] == [3 * a, 2 * b * c, d]
        assert again["stats"]["cache_hits"] == 3 and again["stats"]["cache_unkept"] == 0


def test_every_kind_of_derivative(home):
    made = Program(home)
    made.write("main.py", """
        import json, math
        from dataclasses import dataclass
        import numpy as np
        import diffsrc as ds

        @dataclass
        class Model:
            w: np.ndarray
            b: float
            def __call__(self, x):
                return np.tanh(x @ self.w) + self.b

        def loss(model, x):
            return np.sum(model(x) ** 2)

        def noisy(x, n=3):
            out = []
            for i in range(n):
                out.append(math.sin(x) * i)
            return sum(out)

        model, x = Model(np.ones((2, 3)), 0.5), np.arange(8.0).reshape(4, 2)
        g = ds.grad(loss)(model, x)
        out = [g.w.tolist(), g.b, ds.grad(noisy)(0.5), ds.hessian(lambda v: np.sum(v**3))(np.ones(2)).tolist()]
        out += [ds.jvp(noisy, (0.5,), (1.0,))[1], ds.vjp(loss, model, x)[1](1.0)[1].tolist()]
        def inner(v, k):
            for i in range(len(v) - 1):
                v = v * k + np.sin(v)
            return v

        def outer(v):
            return np.sum(inner(v, 2.0) ** 2)

        out += [ds.hessian(outer)(np.arange(3.0)).tolist(), ds.grad(ds.grad(lambda x: x * math.exp(x)))(0.5)]
        out += [ds.grad(lambda x: ds.grad(lambda y: y**3)(x) * x)(2.0), ds.value_and_grad(noisy)(0.25)]
        print(json.dumps({"out": out, "stats": ds.stats()}))
    """)  # fmt: skip
    first, _ = made.run()
    second, _ = made.run()
    assert second["out"] == first["out"]
    assert second["stats"]["cache_misses"] == second["stats"]["inferred"] == 0


FUNCTIONS = {
    "an argument": (
        "ds.grad(lambda x: 1.0)(x), ds.grad(apply, 1)(steep, x)",
        """
            def apply(f, x):
                return np.sum(f(x))
        """,
    ),
    "an argument of NumPy": (
        "ds.grad(apply, 1)(np.sin, x),",
        """
            def apply(f, x):
                return np.sum(f(x) + steep(x))
        """,
    ),
    "in a tuple": (
        "ds.grad(apply, 1)((np.tanh, steep), x),",
        """
            def apply(fs, x):
                for f in fs:
                    x = f(x)
                return np.sum(x)
        """,
    ),
    "in a dict": (
        "ds.grad(apply, 1)({'act': steep, 'by': 2.0}, x),",
        """
            def apply(p, x):
                return np.sum(p['act'](x)) * p['by']
        """,
    ),
    "in an instance": (
        "ds.grad(apply, 1)(Layer(steep), x),",
        """
            class Layer:
                def __init__(self, act):
                    self.act = act

                def __call__(self, x):
                    return self.act(x)

            def apply(layer, x):
                return np.sum(layer(x))
        """,
    ),
    "in a container that is read": (
        "ds.grad(apply)(x),",
        """
            ACTS = {'steep': steep, 'flat': lambda x: FACTOR * x}

            def apply(x):
                return np.sum(ACTS['steep'](x) + ACTS['flat'](x))
        """,
    ),
    "captured": (
        "ds.grad(make(steep))(x),",
        """
            def make(f):
                def inner(x):
                    return np.sum(f(x))
                return inner
        """,
    ),
    "captured in a list": (
        "ds.grad(make([steep, np.sin]))(x),",
        """
            def make(fs):
                def inner(x):
                    return np.sum(fs[0](x) + fs[1](x))
                return inner
        """,
    ),
    "a derivative that is read": (
        "ds.grad(apply)(2.0),",
        """
            slope = ds.grad(steep)

            def apply(x):
                return slope(x) * x
        """,
    ),
    "a derivative of a derivative": (
        "ds.grad(apply)(2.0),",
        """
            bend = ds.grad(ds.grad(steep))

            def apply(x):
                return bend(x) * x
        """,
    ),
    "a derivative in an argument": (
        "ds.grad(apply, 1)(ds.grad(steep), 2.0),",
        """
            def apply(g, x):
                return g(x) * x
        """,
    ),
    "a generated function that is called": (
        "ds.grad(apply)(x), ds.grad(made)(2.0),",
        """
            @ds.generated
            def made(x):
                return "return FACTOR * steep(x)"

            def apply(x):
                return np.sum(made(x))
        """,
    ),
    "a function with a door that is called": (
        "ds.grad(apply)(x),",
        """
            @ds.standardize(x=np.asarray)
            def behind(x):
                return np.sum(steep(x))

            def apply(x):
                return behind(x) * 2.0
        """,
    ),
}


@pytest.mark.parametrize("kind", list(FUNCTIONS))
def test_functions_that_have_names_are_kept(home, kind):
    """A hit in the second process; none when the function that was handed over, or what it calls, is edited."""
    calls, text = FUNCTIONS[kind]
    made = Program(home)
    made.write("deeper.py", "FACTOR = 3.0\n\n\ndef cubed(x):\n    return FACTOR * x * x * x\n")
    library = "import numpy as np\nimport diffsrc as ds\nfrom deeper import FACTOR, cubed\n\n\n"
    library += f"def steep(x):\n    return cubed(x) + x\n\n\n{textwrap.dedent(text)}"
    made.write("library.py", library)
    made.write("main.py", f"""
        import json
        import numpy as np
        import diffsrc as ds
        from library import *

        x = np.array([0.5, 1.0, 2.0])
        out = [np.asarray(g).tolist() for g in ({calls})]
        print(json.dumps({{"out": out, "stats": ds.stats()}}))
    """)  # fmt: skip
    first, _ = made.run()
    assert first["stats"]["cache_stores"] > 0
    assert first["stats"]["cache_unkept"] == 0
    second, errors = made.run()
    assert second["out"] == first["out"]
    assert second["stats"]["cache_misses"] == second["stats"]["inferred"] == 0
    assert not errors
    for file, old, new in (("deeper.py", "FACTOR = 3.0", "FACTOR = 5.0"), ("library.py", "cubed(x) + x\n", "cubed(x) * x\n")):
        path = made.folder / file
        path.write_text(path.read_text().replace(old, new))
        changed, _ = made.run()
        made.cache = home / f"other-{file}"
        right, _ = made.run()
        made.cache = home / "cache"
        assert changed["out"] == right["out"]
        assert changed["out"] != first["out"]
        assert changed["stats"]["cache_hits"] < second["stats"]["cache_hits"]
        first = changed


def test_functions_without_names_are_kept_in_memory(home):
    made = Program(home)
    made.write("main.py", """
        import json
        import diffsrc as ds

        def apply(f, x):
            return f(x) * x

        out = [ds.grad(apply, 1)(lambda t: t * t, 2.0), ds.grad(apply, 1)(lambda t: t, 2.0)]
        print(json.dumps({"out": out, "stats": ds.stats()}))
    """)  # fmt: skip
    for _ in range(2):
        found, _ = made.run()
        assert found["out"] == [12.0, 4.0]
        assert found["stats"]["cache_hits"] == 0
        assert found["stats"]["cache_unkept"] == 2


# --- faults



def squares(x):
    return np.sum(x * x)


X = np.array([1.0, 2.0, 3.0])


@contextlib.contextmanager
def quietly():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield said


def entry(folder):
    (path,) = folder.glob("*.json")
    return path


def right():
    """A gradient with nothing in memory: from disk, or compiled."""
    engine.forget()
    return ds.grad(squares)(X).tolist() == [2.0, 4.0, 6.0]


def hits():
    return ds.stats()["cache_hits"]


def is_refused(folder):
    """Whether the entry isn't executed as it is."""
    engine.forget()
    before = hits()
    found = cache.load("grad", squares, engine.types_of([X], frozenset()), ("value",), ())
    return found is None and hits() == before


def heals(folder):
    """Right with a fault, and a hit afterwards."""
    with quietly():
        assert right()
        before = hits()
        assert right()
        assert hits() == before + 1
    assert cache.checked(entry(folder).read_bytes()) is not None


@pytest.fixture
def compiled_before(on, monkeypatch):
    """What would be compiled is at hand, so that many faults can be followed to the end: to the gradient, the new entry and
    the hit of the next start."""
    assert right()
    made, _ = engine._compiled("grad", squares, engine.types_of([X], frozenset()), ("value",), (), PLAIN)
    monkeypatch.setattr(engine, "compile_derivative", lambda *args: made)
    return entry(on)


def healed(path, bad):
    """Whether bad contents aren't used, the gradient is right, and so is the entry from then on."""
    path.write_bytes(bad)
    before = ds.stats()
    assert right()
    refused = ds.stats()["cache_hits"] == before["cache_hits"] and ds.stats()["cache_stores"] == before["cache_stores"] + 1
    return refused and right() and hits() == before["cache_hits"] + 1


@pytest.mark.slow
def test_each_bit_and_each_length(compiled_before):
    path = compiled_before
    good = path.read_bytes()
    faults = 0
    with quietly():
        for at in range(len(good) * 8):
            bad = bytearray(good)
            bad[at // 8] ^= 1 << (at % 8)
            assert healed(path, bad), at
            faults += 1
        for length in range(len(good)):
            assert healed(path, good[:length]), length
            faults += 1
    assert path.read_bytes() == good
    assert faults == len(good) * 9
    print(f"{len(good)} bytes, {faults} faults")


def test_some_bits_with_a_compiler(on):
    """As above, and nothing at hand."""
    assert right()
    path = entry(on)
    good = path.read_bytes()
    for at in range(0, len(good) * 8, 401):
        bad = bytearray(good)
        bad[at // 8] ^= 1 << (at % 8)
        path.write_bytes(bad)
        with quietly():
            assert is_refused(on), at
        heals(on)


@pytest.mark.parametrize("contents", [b"", b"garbage", b"\n", b"{}", os.urandom(2000), b"\0" * 500])
def test_other_contents(on, contents):
    assert right()
    path = entry(on)
    path.write_bytes(contents)
    with quietly() as said:
        assert right()
    assert any(issubclass(w.category, CacheWarning) for w in said)
    before = hits()
    assert right() and hits() == before + 1


def test_a_file_with_a_right_checksum_and_nonsense(on):
    import hashlib

    assert right()
    path = entry(on)
    data = json.loads(path.read_bytes().partition(b"\n")[2])
    for change in ({"functions": 3}, {"text": "def"}, {"result": {"type": "Derived", "fields": []}}, {"key": {}}):
        body = json.dumps({**data, **change}).encode()
        path.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        with quietly() as said:
            assert right()
        assert said
        before = hits()
        assert right() and hits() == before + 1


def test_a_link_in_its_place(on, home):
    assert right()
    path = entry(on)
    good = path.read_bytes()
    (home / "elsewhere").write_bytes(good)
    path.unlink()
    path.symlink_to(home / "elsewhere")
    with quietly() as said:
        assert right()
    assert said and not path.is_symlink()
    assert (home / "elsewhere").read_bytes() == good
    before = hits()
    assert right() and hits() == before + 1


def test_another_version(on, monkeypatch):
    """Of diffsrc, of its files, of Python, of NumPy, of the platform, of the format."""
    assert right()
    now = cache.environment()
    for k in range(len(now)):
        other = [*now[:k], "0.0.1", *now[k + 1 :]]
        monkeypatch.setattr(cache, "environment", lambda other=other: other)
        before = hits()
        assert right() and hits() == before
        assert right() and hits() == before + 1
        assert len(list(on.glob("*.json"))) == k + 2


def test_an_entry_of_somebody_else(on, monkeypatch):
    assert right()
    path = entry(on)
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        found = os.fstat
        inode = path.stat().st_ino

        def foreign(fd):
            seen = found(fd)
            return seen if seen.st_ino != inode else os.stat_result([*seen[:4], seen.st_uid + 1, *seen[5:]])

        monkeypatch.setattr(os, "fstat", foreign)
    before = hits()
    with quietly() as said:
        assert right()
    assert hits() == before and "belongs to somebody else" in str(said[0].message)
    monkeypatch.undo() if os.geteuid() else None
    assert path.stat().st_uid == os.geteuid()


@pytest.mark.parametrize("code, text", [(13, "Permission denied"), (30, "Read-only file system")])
def test_a_folder_that_cannot_be_written(on, monkeypatch, code, text):
    """What is there is read; what is new is kept in memory, with one warning."""
    assert right()
    allowed = os.open

    def open_to_read(path, flags, *args, **kwargs):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(code, text, str(path))
        return allowed(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", open_to_read)
    before = hits()
    with quietly() as said:
        assert right() and hits() == before + 1
        assert not said
        for _ in range(2):
            engine.forget()
            assert ds.grad(lambda x: np.sum(x * x * x))(X).tolist() == [3.0, 12.0, 27.0]
    assert len(said) == 1 and text in str(said[0].message)
    monkeypatch.setattr(os, "open", allowed)
    before = hits()
    assert right() and hits() == before + 1


def test_a_full_disk(on, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Vault, "write", full)
    with quietly() as said:
        assert right() and right()
    assert len([w for w in said if "No space left" in str(w.message)]) == 1


def test_a_write_that_breaks_off_leaves_nothing(on, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    with quietly():
        assert right()
    assert [p.name for p in on.iterdir()] == [".lock"]


KILLED = {
    "before a byte is written": "os.fdopen = lambda *args: os.kill(os.getpid(), signal.SIGKILL)",
    "half of it written": (
        "whole = os.fdopen\n"
        "def half(fd, mode):\n"
        "    if mode != 'wb':\n"
        "        return whole(fd, mode)\n"
        "    os.write(fd, b'0123456789' * 60)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.fdopen = half"
    ),
    "before it is put in its place": "os.replace = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)",
}


@pytest.mark.parametrize("moment", list(KILLED))
def test_killed_during_the_write(home, moment):
    """The next start finds nothing, isn't kept waiting by the lock, and writes; the one after that is a hit."""
    made = Program(home)
    body = """
import json, os, signal, sys
import numpy as np
import diffsrc as ds

def f(x):
    return np.sum(x * x)

if len(sys.argv) > 1:
    import filelock, platformdirs
{inside}
out = ds.grad(f)(np.array([1.0, 2.0])).tolist()
print(json.dumps({{"out": out, "stats": ds.stats()}}))
"""
    (home / "main.py").write_text(body.format(inside=textwrap.indent(KILLED[moment], "    ")))
    killed = subprocess.run([sys.executable, "main.py", "die"], cwd=home, env=made.environment(), capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert not list(made.cache.glob("*.json")) and len(list(made.cache.glob(".*.part"))) == 1
    for stores, found in ((1, 0), (0, 1)):
        done, errors = made.run()
        assert done["out"] == [2.0, 4.0] and not errors
        assert (done["stats"]["cache_stores"], done["stats"]["cache_hits"]) == (stores, found)


def test_a_folder_that_cannot_be_made(on, monkeypatch, home):
    (home / "file").write_text("")
    monkeypatch.setenv("DIFFSRC_CACHE_DIR", str(home / "file" / "cache"))
    with quietly() as said:
        assert right() and right()
    assert len(said) == 1


def test_a_folder_of_somebody_else(on, monkeypatch):
    assert right()
    monkeypatch.setattr(cache, "_FOLDERS", cache._Folders())
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    before = hits()
    with quietly() as said:
        assert right()
    assert hits() == before and "belongs to somebody else" in str(said[0].message)


def test_a_link_as_the_folder(on, monkeypatch, home):
    assert right()
    (home / "link").symlink_to(on)
    monkeypatch.setenv("DIFFSRC_CACHE_DIR", str(home / "link"))
    before = hits()
    with quietly() as said:
        assert right()
    assert hits() == before and said


def test_the_shared_temporary_folder_is_not_used(on, monkeypatch, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    monkeypatch.setenv("DIFFSRC_CACHE_DIR", str(shared / "cache"))
    with quietly() as said:
        assert right()
    assert "everybody may write" in str(said[0].message)
    assert not list(shared.glob("cache/*"))


def test_a_home_that_cannot_be_used_is_no_reason_to_warn(on, monkeypatch, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    monkeypatch.delenv("DIFFSRC_CACHE_DIR")
    monkeypatch.setenv("HOME", str(shared))
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared))
    with quietly() as said:
        assert right()
    assert not said and not list(shared.rglob("*.json"))


def test_the_folder_is_the_user_s_alone(on):
    assert right()
    assert on.stat().st_mode & 0o777 == 0o700
    assert entry(on).stat().st_mode & 0o777 == 0o600
    on.chmod(0o755)
    cache._FOLDERS.opened = None
    assert right()
    assert on.stat().st_mode & 0o777 == 0o700


def test_switched_off(on, monkeypatch):
    monkeypatch.setenv("DIFFSRC_CACHE", "0")
    assert right()
    assert not on.exists()


RACE = """
    import json, sys, time
    import numpy as np
    import diffsrc as ds
    {functions}
    out = [ds.grad(f)(2.0) for f in (f0, f1, f2, f3)]
    print(json.dumps({{"out": out, "stats": ds.stats()}}))
"""


@pytest.mark.slow
def test_32_processes_on_a_cold_cache_of_which_some_are_killed(home):
    made = Program(home)
    functions = "\n    ".join(f"def f{k}(x): return {k}.5 * x * x" for k in range(4))
    made.write("main.py", RACE.format(functions=functions))
    want = [2 * (k + 0.5) * 2.0 for k in range(4)]
    command = [sys.executable, "main.py"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, cwd=home, env=made.environment(), **pipes) for _ in range(32)]
    for k, process in enumerate(running):
        if k % 4 == 3:
            deadline = time.monotonic() + 60
            while not list(made.cache.glob(".*.part")) and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
    for k, process in enumerate(running):
        out, errors = process.communicate(timeout=300)
        if k % 4 != 3:
            assert process.returncode == 0, errors
            assert json.loads(out)["out"] == want
            assert not errors
    last, errors = made.run()
    last, errors = made.run()
    assert last["out"] == want and last["stats"]["cache_hits"] == 4 and not errors


# --- precompiling


def test_precompile_is_what_the_call_finds(on):
    for kind, call in {
        "grad": lambda: ds.grad(squares)(X),
        "value_and_grad": lambda: ds.value_and_grad(squares)(X),
        "vjp": lambda: ds.vjp(squares, X),
        "jvp": lambda: ds.jvp(squares, (X,), (X,)),
    }.items():
        engine.forget()
        assert ds.precompile(squares, "f64[:]", kinds=[kind])
        before = ds.stats()
        call()
        assert ds.stats() == before, kind


def test_unrolled_derivatives_are_kept_apart(on):
    x = np.array([1.0, 2.0, 3.0])
    assert ds.precompile(recurrence, "f64[3]", unroll=True)
    assert ds.precompile(recurrence, "f64[3]")
    texts = [json.loads(p.read_text().partition("\n")[2])["text"] for p in on.glob("recurrence-*.json")]
    assert sorted("for i in range" in t for t in texts) == [False, True]
    engine.forget()
    before = ds.stats()["cache_hits"]
    assert np.allclose(ds.grad(recurrence, unroll=True)(x), ds.grad(recurrence)(x))
    assert ds.stats()["cache_hits"] == before + 1  # the other is compiled for any size


def recurrence(x):
    y = np.zeros(3)
    y[0] = x[0]
    for i in range(1, 3):
        y[i] = 0.5 * y[i - 1] + x[i]
    return y[2]


def test_precompile_raises_what_the_call_would():
    def refused(x):
        exec("y = 1")
        return x

    with pytest.raises(ds.UnsupportedError):
        ds.precompile(refused, 1.0)
    assert ds.precompile(refused, 1.0, missing_ok=True) is False
    with pytest.raises(ds.ActivityError):
        ds.precompile(squares, "f64[:]", kinds=["nothing"])


def test_a_package_with_derivatives_of_its_own(home):
    made = Program(home)
    (home / "package").mkdir()
    made.write("package/__init__.py", """
        import numpy as np
        import diffsrc as ds

        def inner(x):
            return x * x

        def loss(x):
            return np.sum(inner(x))

        with ds.compile_workload("_derivatives"):
            ds.precompile(loss, "f64[:]")
    """)  # fmt: skip
    made.write("main.py", """
        import json
        import numpy as np
        import diffsrc as ds
        import package

        print(json.dumps({"out": ds.grad(package.loss)(np.ones(3)).tolist(), "stats": ds.stats()}))
    """)  # fmt: skip
    first, _ = made.run()
    assert len(list((home / "package" / "_derivatives").glob("*.json"))) == 1
    assert not list(made.cache.glob("*.json"))
    second, _ = made.run()
    assert second["out"] == first["out"] == [2.0, 2.0, 2.0]
    assert second["stats"]["inferred"] == 0 and second["stats"]["cache_hits"] == 1


def test_the_commands(on):
    assert right()
    name = entry(on).name

    def run(*args):
        return CliRunner().invoke(main, ["cache", *args])

    assert "squares" in run("ls").output and name in run("ls").output
    assert "def squares_grad(x):" in run("show", "squares").output
    assert run("show", "nothing").exit_code == 1
    assert (run("verify").exit_code, run("verify").output) == (0, "1 entries, 0 damaged\n")
    entry(on).write_bytes(b"x")
    assert run("verify").exit_code == 1
    assert "(damaged)" in run("ls").output
    assert run("clear").output == "1 entries removed\n"
    assert run("ls").output.strip().endswith("entry")


def test_written_arguments_that_overlap_are_refused_as_before(home):
    made = Program(home)
    made.write("main.py", """
        import json
        import numpy as np
        import diffsrc as ds

        def shift(rows, x):
            for row in rows:
                row[0] = row[0] * x
            return sum(float(r.sum()) for r in rows)

        a = np.ones(3)
        try:
            out = ds.grad(shift)([a, a], 2.0)
        except ds.AliasError as err:
            out = str(err)
        same = [np.ones(3), np.ones(3)]
        print(json.dumps({"out": [out, [g.tolist() for g in ds.grad(shift)(same, 2.0)], same[0].tolist()], "stats": ds.stats()}))
    """)  # fmt: skip
    first, _ = made.run()
    second, _ = made.run()
    assert second["out"] == first["out"]
    assert "overlap in memory" in first["out"][0]
    assert second["stats"]["inferred"] == 0


def test_derivatives_from_disk_are_instances(on):
    assert right()
    engine.forget()
    ds.grad(squares)(X)
    from diffsrc.compiler import methods

    methods._TABLE.clear()
    (spec,) = ds.specializations(squares)
    assert (str(spec), spec.activity, str(spec.result_type)) == ("squares(f64[n]) reverse", ("value",), "f64")
    assert "def squares_grad(x):" in spec.source
    assert "mul" in spec.ir("optimized")


def test_another_release_of_a_package_is_another_evidence(monkeypatch):
    import scipy
    from scipy import special

    from diffsrc.compiler.prints import value_print

    before = value_print(special)
    monkeypatch.setattr(scipy, "__version__", "0.0.1")
    assert value_print(special) != before
