"""The commands, their output and exit codes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from diffsrc.cli.main import main

PROGRAM = """\
import numpy as np


def smooth(x, w):
    y = x.copy()
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    return y.sum()


def refused(x):
    exec("y = 1")
    return x


def scaled(x: float, k: float = 2.0):
    return k * x * x
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program_for_cli.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return str(path)


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def test_ir_prints_every_stage(program: str) -> None:
    done = run("ir", f"{program}:smooth", "--types", "f64[n], f64")
    assert done.exit_code == 0, done.output
    for stage in ("lowered", "typed", "activity", "reverse", "optimized", "source"):
        assert f"# --- {stage}" in done.output
    assert "def smooth_vjp(x, w" in done.output


def test_ir_of_one_stage_and_mode(program: str) -> None:
    done = run(
        "ir",
        f"{program}:smooth",
        "--stage",
        "source",
        "--mode",
        "forward",
        "-t",
        "f64[n]",
        "-t",
        "f64",
        "--wrt",
        "x",
    )
    assert done.exit_code == 0, done.output
    assert "x_dot" in done.output
    assert "w_dot" not in done.output


def test_types_come_from_annotations_and_defaults(program: str) -> None:
    done = run("ir", f"{program}:scaled", "--stage", "typed")
    assert done.exit_code == 0, done.output
    assert "%x: float" in done.output


def test_unrolled(tmp_path: Path) -> None:
    body = "    y = np.zeros(3)\n    for i in range(3):\n        y[i] = x[i] ** 2\n    return y[2] * y[0]\n"
    (tmp_path / "small.py").write_text(f"import numpy as np\n\n\ndef f(x):\n{body}")
    for words in (("ir", "--stage", "source"), ("build",)):
        command = (words[0], f"{tmp_path}/small.py:f", *words[1:], "--types", "f64[3]")
        assert "for i in range" in run(*command).output
        assert "for i in range" not in re.sub("#.*", "", run(*command, "--unroll").output)


def test_build_and_check_of_the_file(program: str, tmp_path: Path) -> None:
    target = tmp_path / "smooth_grad.py"
    args = ["build", f"{program}:smooth", "--types", "f64[n], f64", "-o", str(target)]
    assert run(*args, "--check").exit_code == 1
    assert run(*args).exit_code == 0
    text = target.read_text(encoding="utf-8")
    assert "diffsrc" not in [line.split()[1] for line in text.splitlines() if line.startswith(("import", "from"))]
    assert str(tmp_path) not in text
    assert run(*args, "--check").exit_code == 0
    target.write_text(text + "\n", encoding="utf-8")
    assert run(*args, "--check").exit_code == 1


def test_check_compares_with_differences(program: str) -> None:
    assert run("check", f"{program}:smooth", "--types", "f64[n], f64").exit_code == 0
    assert run("check", f"{program}:smooth", "--args", "[1.0, 2.0, 0.5], 0.3", "--order", "1").exit_code == 0
    assert run("check", f"{program}:smooth", "--args", "[1.0, 2.0], 0.3", "--rtol", "1e-30").exit_code in (
        0,
        1,
    )


def test_a_refusal_has_a_caret_and_no_traceback(program: str) -> None:
    done = run("ir", f"{program}:refused", "--types", "f64")
    assert done.exit_code == 3
    assert "^" in done.output
    assert "hint:" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "args",
    [
        ("ir", "nothing"),
        ("ir", "PROGRAM:nothing"),
        ("ir", "PROGRAM:smooth", "--types", "f64[["),
        ("ir", "PROGRAM:smooth", "--stage", "nothing"),
        ("ir", "PROGRAM:smooth", "--types", "f64, f64, f64"),
        ("check", "PROGRAM:smooth", "--args", "print(1)"),
        ("build", "PROGRAM:smooth", "--types", "f64[n], f64", "--check"),
        ("nothing",),
    ],
)
def test_wrong_usage(program: str, args: tuple[str, ...]) -> None:
    assert run(*(a.replace("PROGRAM", program) for a in args)).exit_code == 2


def test_opt_runs_passes_over_text(program: str, tmp_path: Path) -> None:
    text = run("ir", f"{program}:smooth", "--stage", "lowered").output
    file = tmp_path / "smooth.ir"
    file.write_text(text, encoding="utf-8")
    done = run("opt", str(file), "-p", "simplify,exits,dce")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("func smooth(%x, %w)")
    assert run("opt", str(file), "-p", "nothing").exit_code == 2


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_opt_reads_the_dumps_of_every_stage(program: str, tmp_path: Path, mode: str) -> None:
    for stage in ("lowered", "typed", "activity", mode, "optimized"):
        file = tmp_path / f"{stage}.ir"
        done = run("ir", f"{program}:smooth", "-t", "f64[n], f64", "--stage", stage, "--mode", mode)
        file.write_text(done.output, encoding="utf-8")
        done = run("opt", str(file), "-p", "simplify,cse,fold,products,tidy,dce")
        assert done.exit_code == 0, done.output
        assert run("opt", str(file)).output.count("func ") == 1


def test_opt_reaches_what_the_compiler_makes(program: str, tmp_path: Path) -> None:
    file = tmp_path / "reverse.ir"
    file.write_text(run("ir", f"{program}:smooth", "-t", "f64[n], f64", "--stage", "reverse").output, encoding="utf-8")
    assert "np.full_like(%y, %dout)" in run("opt", str(file), "-p", "simplify,tidy").output


def test_rules_and_syntax() -> None:
    done = run("rules", "np.tanh")
    assert done.exit_code == 0
    assert "elementwise" in done.output
    assert run("rules", "no_such_function").exit_code == 1
    assert "DS110" in run("syntax").output


def test_version() -> None:
    assert run("--version").exit_code == 0


FAULTY = """\
import numpy as np
import diffsrc as ds


@ds.elementwise("1 - out")
def squash_of_cli(x):
    return np.tanh(x)


def wrong(x):
    a = x * 2.0
    b = squash_of_cli(a)
    c = np.sin(b)
    return c + a


def root(x):
    return np.sqrt(x * x)
"""


def test_check_shows_the_statement_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "faulty_for_cli.py"
    path.write_text(FAULTY, encoding="utf-8")
    done = run("check", f"{path}:wrong", "--args", "0.3", "--bisect")
    assert done.exit_code == 1
    assert ":12: b = squash_of_cli(a)" in done.output
    assert "np.sin" not in done.output


def test_nan_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "faulty_for_cli.py"
    path.write_text(FAULTY, encoding="utf-8")
    assert run("nan", f"{path}:root", "--args", "1.0").exit_code == 0
    done = run("nan", f"{path}:root", "--args", "0.0")
    assert done.exit_code == 1
    assert "faulty_for_cli.py:18" in done.output


def test_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "diffsrc", "rules", "np.tanh"], capture_output=True, text=True, check=True)
    assert "1 - out * out" in done.stdout
