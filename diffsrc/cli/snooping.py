"""`diffsrc snoop SCRIPT` and `diffsrc pgds SCRIPT`: where the compile time of a script goes, and whether it pays."""

from __future__ import annotations

import cProfile
from pathlib import Path

import click

from ..tools.pgds import pgds as rows_of
from ..tools.snoop import Recording
from .scripts import SETTINGS, run, script_argument, script_arguments

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(context_settings=SETTINGS)
@script_argument
@script_arguments
@click.option("--depth", type=int, help="How deep the tree is shown.")
@click.option("--html", type=_FILE, help="Write a flame graph.")
@click.option("--speedscope", type=_FILE, help="Write a profile for speedscope.")
@click.option("--pprof", type=_FILE, help="Write a profile for `go tool pprof`.")
@click.option("--precompile", type=_FILE, help="Write the lines that compile ahead what the script compiled.")
def snoop(
    script: Path, arguments: tuple[str, ...], depth: int | None, html: Path | None, speedscope: Path | None,
    pprof: Path | None, precompile: Path | None,
) -> None:  # fmt: skip
    """Run SCRIPT as it is, and print the tree of what was compiled, with exclusive and inclusive seconds.

    ARGUMENTS are the script's; put -- before those that start with a dash. Its exit code is that of the command.
    """
    t = Recording()

    def report() -> None:
        click.echo(t.tree(depth))
        for target, write in ((html, t.flamegraph), (speedscope, t.speedscope), (pprof, t.pprof), (precompile, t.write)):
            if target is not None:
                write(target)

    run(script, arguments, t, report)


@click.command(context_settings=SETTINGS)
@script_argument
@script_arguments
@click.option("--output", "-o", type=_FILE, help="Write the interactive page (needs Bokeh: the extra `gui`).")
def pgds(script: Path, arguments: tuple[str, ...], output: Path | None) -> None:
    """Run SCRIPT as it is, and print which functions were compiled for too many types for what they ran.

    A line per function: seconds that it ran, seconds that it was compiled, for how many types, and the share of its calls whose
    types were unknown; below, which argument to despecialise or standardise. What was found in the disk cache wasn't compiled:
    DIFFSRC_CACHE=0 shows what a first run costs.

    ARGUMENTS are the script's; put -- before those that start with a dash. Its exit code is that of the command.
    """
    profile = cProfile.Profile()
    t = Recording(profile)

    def report() -> None:
        rows = rows_of(t, profile)
        click.echo(str(rows) if rows else f"nothing was compiled in {script.name}")
        if output is not None:
            try:
                rows.html(output)
            except ImportError as missing:
                raise click.ClickException(str(missing)) from None

    run(script, arguments, t, report)
