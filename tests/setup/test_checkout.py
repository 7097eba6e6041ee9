"""The checkout: its top level, the two commands of the README, CI, and the declared dependencies."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*)\n```$", README, re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def tracked_files() -> list[str]:
    try:
        done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def test_top_level():
    top = {name.split("/")[0] for name in tracked_files()}
    visible = {name for name in top if not name.startswith(".")}
    assert visible == {"pyproject.toml", "README.md", "diffsrc", "tests", "examples", "docs"}


def test_readme_has_two_commands_and_ci_runs_the_second():
    run, test = COMMANDS
    assert "examples/bayes_regression.py" in run
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", [".ci/run", "README.md", "pyproject.toml"])
def test_nothing_names_a_machine(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    place = r"(?<![\w.])/(tmp|home|work|root|opt|usr/local)/|--index-url|--find-links|https?://"
    assert not re.search(place, text)


def test_dependencies_are_what_the_package_imports():
    declared = {re.split(r"[<>=!~ \[;]", entry)[0] for entry in PROJECT["dependencies"]}
    imported: set[str] = set()
    for path in (ROOT / "diffsrc").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                imported.add(node.module.split(".")[0])
    optional = {"scipy", "IPython", "google", "cloudpickle", "matplotlib", "bokeh"}
    assert imported - set(sys.stdlib_module_names) - optional - {"diffsrc"} == declared


def test_the_package_is_typed():
    assert (ROOT / "diffsrc" / "py.typed").exists()
