"""What is paid once in each process: importing diffsrc, and compiling the first gradient.

Each figure comes from fresh processes. Imports are compared with `import numpy` in neighbouring processes:
`import diffsrc` alone (its names are loaded at first use), and with `ds.grad` looked up. The first gradient
starts when NumPy is there and ends with the gradient of `fifty.landing_cost`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
IMPORT = "from time import process_time; t = process_time(); {statement}; print(process_time() - t)"
ALONE, WITH_GRAD = "import diffsrc, numpy", "import numpy; from diffsrc import grad"
FIRST_GRADIENT = """
from time import perf_counter
import numpy
from tests.benchmarks import fifty
arguments = fifty.arguments()
t = perf_counter()
import diffsrc
diffsrc.grad(fifty.landing_cost)(*arguments)
print(perf_counter() - t)
"""


def run(code: str) -> float:
    """The number that a fresh process prints; its home and caches are an empty folder."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home, "PYTHONPATH": str(ROOT)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-W", "ignore", "-c", code]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


def import_ratio(statement: str, rounds: int = 9) -> float:
    """CPU time of a statement that imports diffsrc and NumPy over that of `import numpy`: median over rounds."""
    ours, theirs = (IMPORT.format(statement=s) for s in (statement, "import numpy"))
    run(ours)  # writes the byte code
    return median(run(ours) / run(theirs) for _ in range(rounds))


def first_gradient_seconds(rounds: int = 5) -> list[float]:
    run(FIRST_GRADIENT)
    return [run(FIRST_GRADIENT) for _ in range(rounds)]
