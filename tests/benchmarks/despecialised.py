"""Hundreds of types through one function: compiled for each of them, and left unspecialised.

    python -m tests.benchmarks.despecialised

The example of docs/despecialisation.md. Each figure is the median over fresh processes in which nothing is kept on disk.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
TYPES = 586
MAIN = """
from time import perf_counter
import diffsrc as ds

{decorator}
def spelltype(x, T):
    name = ""
    for c in T.__name__:
        name += c
    return x * float(len(name))

def mappushes(f, dest, src):
    for item in src:
        dest.append(f(1.0, item))
    return dest

types = [type(f"Kind{{n}}", (), {{}}) for n in range({types})]
slope = ds.grad(spelltype)
with ds.snoop() as t:
    spelled = mappushes(slope, [], types)
assert spelled == [float(len(T.__name__)) for T in types]
compiled = sum(node.exclusive for node in t.collect_for(spelltype))
runs = []
for _ in range(20):
    start = perf_counter()
    mappushes(slope, [], types)
    runs.append(perf_counter() - start)
print(compiled, min(runs), len({{m.types for m in ds.specializations(spelltype)}}))
"""


def measured(decorator: str, rounds: int = 5) -> tuple[float, float, int]:
    """Seconds compiling `spelltype`, seconds of one pass over all types afterwards, and for how many types it was compiled."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DIFFSRC_CACHE": "0"}
    program = MAIN.format(decorator=decorator, types=TYPES)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.py").write_text(program, encoding="utf-8")
        for _ in range(rounds):
            command = [sys.executable, str(Path(folder) / "main.py")]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(done.stderr)
            compiled, run, instances = done.stdout.split()
            found.append((float(compiled), float(run), int(instances)))
    return median(f[0] for f in found), median(f[1] for f in found), found[0][2]


HEAD = """## Despecialisation

586 types through one function, which is compiled for each of them, or, with `ds.nospecialize`, for all of them at once
(`tests/benchmarks/despecialised.py`; medians over fresh processes, nothing kept on disk).

| what | as it is | `ds.nospecialize` | ratio |
|---|--:|--:|--:|
"""


def section() -> str:
    """The section of docs/benchmarks.md."""
    plain, widened = measured(""), measured('@ds.nospecialize("T")')
    cells = [
        ("instances", *(str(c[2]) for c in (plain, widened)), plain[2] / widened[2]),
        ("compiling", *(f"{c[0]:.4f} s" for c in (plain, widened)), plain[0] / widened[0]),
        ("one pass over all types afterwards", *(f"{c[1] * 1e3:.2f} ms" for c in (plain, widened)), plain[1] / widened[1]),
    ]
    return HEAD + "".join(f"| {what} | {a} | {b} | {ratio:.1f} |\n" for what, a, b, ratio in cells)


if __name__ == "__main__":
    print(section())
