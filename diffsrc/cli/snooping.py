"""`diffsrc snoop SCRIPT`: where the compile time of a script goes."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import click

from ..tools.snoop import snoop as record

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--depth", type=int, help="How deep the tree is shown.")
@click.option("--html", type=_FILE, help="Write a flame graph.")
@click.option("--speedscope", type=_FILE, help="Write a profile for speedscope.")
@click.option("--pprof", type=_FILE, help="Write a profile for `go tool pprof`.")
@click.option("--precompile", type=_FILE, help="Write the lines that compile ahead what the script compiled.")
def snoop(
    script: Path, arguments: tuple[str, ...], depth: int | None, html: Path | None, speedscope: Path | None,
    pprof: Path | None, precompile: Path | None,
) -> None:  # fmt: skip
    """Run SCRIPT as it is, and print the tree of what was compiled, with exclusive and inclusive seconds."""
    before, path, ended = sys.argv, sys.path[0], 0
    sys.argv, sys.path[0] = [str(script), *arguments], str(script.resolve().parent)
    t = record()
    try:
        with t:
            runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        ended = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv, sys.path[0] = before, path
    click.echo(t.tree(depth))
    for target, write in ((html, t.flamegraph), (speedscope, t.speedscope), (pprof, t.pprof), (precompile, t.write)):
        if target is not None:
            write(target)
    if ended:
        raise SystemExit(ended)
