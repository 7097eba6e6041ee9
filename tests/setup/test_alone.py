"""A built module runs where NumPy is installed and nothing else."""

import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

import diffsrc as ds

SOURCE = '''\
import math

import numpy as np


def trajectory(x, w, steps):
    """A loop with a store, a branch and a saved value."""
    u = x.copy()
    total = 0.0
    for t in range(steps):
        inner = u[1:-1]
        inner += w * (u[2:] - 2.0 * inner + u[:-2]) * inner
        if u[1] > 0.5:
            total += math.sin(u[1])
    return total + np.sum(np.tanh(u) ** 2)
'''
CHECK = """\
import sys
import numpy as np
import trajectory_grad

assert "diffsrc" not in sys.modules
x = np.linspace(0.2, 1.0, 7)
value, (dx, dw) = trajectory_grad.trajectory_value_and_grad(x, 0.1, 4)
print(repr(float(value)), *map(repr, dx.tolist()), repr(float(dw)))
"""


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds this NumPy."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, system_site_packages=False, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [python, "-m", "pip", "install", "-q", "--only-binary", "numpy", f"numpy=={np.__version__}"]
    subprocess.run(command, check=True, capture_output=True)
    return python


def load(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_module_runs_with_numpy_alone(bare_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = tmp_path / "source" / "physics.py"
    source.parent.mkdir()
    source.write_text(SOURCE, encoding="utf-8")
    target = tmp_path / "target"
    target.mkdir()
    primal = load(source).trajectory
    x = np.linspace(0.2, 1.0, 7)
    ds.build(primal, x, 0.1, 4, wrt=(0, 1), modes=("reverse",), path=target / "trajectory_grad.py")
    done = subprocess.run([bare_python, "-c", CHECK], cwd=target, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    value, (dx, dw) = ds.value_and_grad(primal, argnums=(0, 1))(x, 0.1, 4)
    np.testing.assert_array_equal([float(n) for n in done.stdout.split()], [value, *dx, dw])
