"""Scripts that a command runs as they are."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

#: of a command that runs a script: options that it doesn't know, and all behind `--`, are the script's
SETTINGS = {"ignore_unknown_options": True}
script_argument = click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
script_arguments = click.argument("arguments", nargs=-1, type=click.UNPROCESSED)


def run(
    script: Path, arguments: tuple[str, ...], within: AbstractContextManager[Any], report: Callable[[], None]
) -> None:
    """Run a script as `python SCRIPT ARGUMENTS` does, then report: also when it fails or exits, with its exit code."""
    before, path = sys.argv, sys.path[0]
    sys.argv, sys.path[0] = [str(script), *arguments], str(script.resolve().parent)
    try:
        with within:
            runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv, sys.path[0] = before, path
        report()
