"""The first gradient of a process, compiled and from the disk cache.

Each figure comes from fresh processes, and starts when NumPy and the program are there: it holds the import of diffsrc.
`chain` is a package of a thousand functions of which each calls the one before.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MAIN = """
import sys
from time import perf_counter
sys.setrecursionlimit(20000)
import numpy
{setup}
t = perf_counter()
import diffsrc
diffsrc.grad({function})(*arguments)
print(perf_counter() - t)
"""
MLP = """import mlp_digits as m
r = numpy.random.default_rng(0)
(x, y), _ = m.load_data(r)
arguments = (m.new_net([64, 12, 10], r), x[:20], y[:20])"""
PROGRAMS = {
    "a function of 50 lines": ("from tests.benchmarks import fifty; arguments = fifty.arguments()", "fifty.landing_cost"),
    "bayes_regression": (
        "import bayes_regression as m; arguments = (m.Params(0.2, 0.4, -0.1), *m.load_data())",
        "m.negative_log_posterior",
    ),
    "mlp_digits": (
        MLP,
        "m.loss",
    ),
    "heat_inverse": (
        "import heat_inverse as m; arguments = (m.load_tiles(5), numpy.full((20, 20), 0.1), 0.2, 12, 1e-5)",
        "m.misfit",
    ),
    "chain of 1,000 functions": ("import chain; arguments = (1.0,)", "chain.last"),
}


def chain(length: int) -> str:
    """A module of functions that call each other in a row."""
    links = "".join(f"def f{k}(x):\n    return f{k - 1}(x) + {k}.0 * x\n\n" for k in range(1, length))
    return f"import numpy as np\n\ndef f0(x):\n    return np.sin(x) * x\n\n{links}last = f{length - 1}\n"


def seconds(name: str, rounds: int = 5, length: int = 1000) -> tuple[float, float]:
    """Medians of the seconds to the first gradient: compiled, and from the cache."""
    setup, function = PROGRAMS[name]
    base = Path.home() / ".cache"
    base.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="diffsrc-benchmark-", dir=base))
    try:
        (folder / "chain.py").write_text(chain(length), encoding="utf-8")
        (folder / "main.py").write_text(MAIN.format(setup=setup, function=function), encoding="utf-8")

        def run(cache: str) -> float:
            environment = {
                **os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'examples'}", "DIFFSRC_CACHE": cache,
                "DIFFSRC_CACHE_DIR": str(folder / "cache"), "PYTHONPYCACHEPREFIX": str(folder / "byte code"),
            }  # fmt: skip
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            command = [sys.executable, "main.py"]
            done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode or done.stderr:
                raise RuntimeError(done.stderr)
            return float(done.stdout)

        run("1")  # writes byte code and the entry
        pairs = [(run("0"), run("1")) for _ in range(rounds)]
        return median(p[0] for p in pairs), median(p[1] for p in pairs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rows() -> str:
    """The rows of the table in docs/benchmarks.md."""
    out = []
    for name in PROGRAMS:
        cold, warm = seconds(name, rounds=3 if name.startswith("chain") else 5)
        out.append(f"| {name} | {cold:.3f} s | {warm:.3f} s | {cold / warm:.1f} |\n")
    return "".join(out)


if __name__ == "__main__":
    print(rows())
