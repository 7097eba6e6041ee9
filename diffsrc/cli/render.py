"""What the commands print: dumps with colours on a terminal, tables, refusals."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import click

from ..api.seeing import Dump
from ..errors import DiffsrcError


def show(dump: Dump, title: str = "") -> None:
    """A dump, coloured on a terminal."""
    if title:
        heading = f"# --- {title}"
        click.echo(click.style(heading, bold=True) if sys.stdout.isatty() else heading)
    text = dump.coloured() if sys.stdout.isatty() else str(dump)
    click.echo(text, nl=not text.endswith("\n"), color=sys.stdout.isatty() or None)


def refusal(error: DiffsrcError) -> None:
    """A refusal with its place, without a traceback."""
    click.echo(error.render(), err=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table; plain columns when the output isn't a terminal."""
    rows = list(rows)
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        made = Table(*columns, box=None, header_style="bold")
        for row in rows:
            made.add_row(*(cell.replace("[", "\\[") for cell in row))
        Console().print(made)
        return
    widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
    for row in [columns, *rows]:
        click.echo("  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip())
