"""The commands. Exit codes: 0 fine, 1 a check failed, 2 wrong usage, 3 the program is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..api import seeing
from ..api.bisecting import bisect_grad
from ..api.build import build as build_text
from ..api.build import is_current
from ..api.finding import find_nan
from ..api.testing import check_grads
from ..errors import ActivityError, DiffsrcError
from . import render
from .cached import cache
from .load import literal_arguments, load_function, parse_wrt, sample, types_of
from .profiling import profile
from .snooping import pgds, snoop

_types = click.option("--types", "-t", multiple=True, help='Types of the arguments: "f64[:, :], f64".')
_wrt = click.option("--wrt", help="What to differentiate by: numbers or names, with commas.")
_unroll = click.option("--unroll", is_flag=True, help="Write out loops of few rounds, and small arrays as numbers.")
_readable = click.option("--readable", is_flag=True, help="Leave every array memory of its own.")


class _Group(click.Group):
    """A group that turns refusals into exit code 3, and misuse into 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ActivityError as error:
            render.refusal(error)
            ctx.exit(2)
        except DiffsrcError as error:
            render.refusal(error)
            ctx.exit(3)


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="diffsrc")
def main() -> None:
    """Automatic differentiation of Python and NumPy by source transformation."""


@main.command()
@click.argument("target", metavar="FILE:FUNC")
@click.option("--stage", default="all", type=click.Choice([*seeing.STAGES, "all"]), help="Which stage to print.")
@click.option(
    "--mode", default="reverse", type=click.Choice(["reverse", "forward", "primal"]), help="Direction, or the function itself."
)
@_types
@_wrt
@_unroll
@_readable
def ir(
    target: str, stage: str, mode: str, types: tuple[str, ...], wrt: str | None, unroll: bool, readable: bool
) -> None:
    """Print the stages of compiling FILE:FUNC."""
    f = load_function(target)
    given = types_of(f, types) if stage != "lowered" else ()
    if stage != "all":
        render.show(seeing.code(f, stage, *given, mode=mode, wrt=parse_wrt(wrt), unroll=unroll, readable=readable))
        return
    for name in seeing.STAGES:
        if (name in ("forward", "reverse") and name != mode) or (name == "activity" and mode == "primal"):
            continue
        dump = seeing.code(f, name, *given, mode=mode, wrt=parse_wrt(wrt), unroll=unroll, readable=readable)
        render.show(dump, name)


@main.command()
@click.argument("target", metavar="FILE:FUNC")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option(
    "--mode", "modes", multiple=True, type=click.Choice(["reverse", "forward", "primal"]), help="These only; the function itself."
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when the file is out of date.")
@_types
@_wrt
@_unroll
@_readable
def build(
    target: str,
    output: Path | None,
    modes: tuple[str, ...],
    check: bool,
    types: tuple[str, ...],
    wrt: str | None,
    unroll: bool,
    readable: bool,
) -> None:
    """Write a module with the derivatives of FILE:FUNC that needs NumPy alone."""
    if check and output is None:
        raise click.UsageError("--check needs the file: --output FILE")
    f = load_function(target)
    modes = modes or ("reverse", "forward")
    text = build_text(f, *types_of(f, types), wrt=parse_wrt(wrt), modes=modes, unroll=unroll, readable=readable)
    if output is None:
        click.echo(text, nl=False)
    elif not check:
        output.write_text(text, encoding="utf-8", newline="\n")
    elif not is_current(output, text):
        click.echo(f"{output.name} is out of date", err=True)
        raise SystemExit(1)


@main.command()
@click.argument("target", metavar="FILE:FUNC")
@click.option("--args", "given", help='The point, as Python literals: "[1.0, 2.0], 3.0". Random by default.')
@click.option("--order", default=2, type=click.IntRange(1, 2), help="1, or 2 for second derivatives too.")
@click.option("--mode", "modes", multiple=True, type=click.Choice(["fwd", "rev"]), help="One direction only.")
@click.option("--rtol", type=float, help="Relative tolerance.")
@click.option("--seed", default=0, help="Of the random point and directions.")
@click.option("--bisect", is_flag=True, help="Show the smallest part whose derivative is wrong.")
@_types
def check(
    target: str, given: str | None, order: int, modes: tuple[str, ...], rtol: float | None, seed: int, bisect: bool,
    types: tuple[str, ...],
) -> None:  # fmt: skip
    """Compare the derivatives of FILE:FUNC with differences."""
    f = load_function(target)
    point = literal_arguments(given) if given is not None else sample(types_of(f, types), seed)
    try:
        check_grads(f, point, order, modes or ("fwd", "rev"), rtol=rtol, seed=seed)
    except AssertionError as wrong:
        click.echo(str((bisect_grad(f, *point, rtol=rtol) if bisect else None) or wrong), err=True)
        raise SystemExit(1) from None
    click.echo(f"{target.rpartition(':')[2]}: derivatives agree with differences")


@main.command()
@click.argument("target", metavar="FILE:FUNC")
@click.option("--args", "given", required=True, help='The point, as Python literals: "[1.0, 2.0], 3.0".')
def nan(target: str, given: str) -> None:
    """Find the first value, cotangent or tangent of FILE:FUNC that isn't finite."""
    found = find_nan(load_function(target), *literal_arguments(given))
    if found is not None:
        click.echo(str(found), err=True)
        raise SystemExit(1)
    click.echo(f"{target.rpartition(':')[2]}: result and derivatives are finite")


@main.command()
@click.argument("file", metavar="FILE.ir", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pipeline", "-p", default="", help="Passes in order, with commas.")
def opt(file: Path, pipeline: str) -> None:
    """Run passes over functions given as IR text, and print the result."""
    from ..defs import rows, table  # noqa: F401  the rows fill the table
    from ..ir.parse import parse_all
    from ..ir.text import to_text
    from ..ir.verify import verify
    from .passes import PASSES, run

    names = [p.strip() for p in pipeline.split(",") if p.strip()]
    if unknown := [n for n in names if n not in PASSES]:
        raise click.UsageError(f"unknown pass {unknown[0]!r}; there are {', '.join(PASSES)}")
    texts: list[str] = []
    for func in parse_all(file.read_text(encoding="utf-8"), table.named):
        verify(func)
        for name in names:
            func = run(name, func)
            verify(func)
        texts.append(to_text(func))
    render.show(seeing.Dump("\n".join(texts)))


@main.command()
@click.argument("name", required=False, default="")
def rules(name: str) -> None:
    """List the functions that have derivatives; with NAME, those whose name contains it."""
    from ..defs import packages, rows, table  # noqa: F401  the rows fill the table
    from ..defs.objects import as_listed

    packages.load_all()
    entered = [d for n, d in sorted(table.BY_NAME.items()) if name in n and d.family != "structural"]
    found = [shown for d in entered if (shown := as_listed(d)) is not None]
    if not found:
        click.echo(f"no rule for {name!r}", err=True)
        raise SystemExit(1)
    render.table(("function", "family", "derivative", "at kinks"), [_rule(d) for d in found])


def _rule(d: Any) -> tuple[str, str, str, str]:
    if d.partials:
        shown = "; ".join(
            f"{p}: {'-' if partial is None else partial.text or 'not known'}"
            for p, partial in zip(d.params, d.partials)
        )
    elif d.solver is not None and d.solver.shown:
        shown = d.solver.shown
    elif d.rules:
        shown = f"by argument {', '.join(sorted(map(str, d.rules)))}"
    else:
        shown = "zero" if d.family == "zero" else d.refusals.get(-1, "-")
    return d.name, d.family, shown, d.kink


@main.command()
def syntax() -> None:
    """List what syntax is supported, and what is refused, why, and what to write instead."""
    from ..defs.syntax import listing

    rows = [(code or "-", name, reason, hint) for name, code, reason, hint in listing()]
    render.table(("code", "what", "reason", "instead"), sorted(rows))


for _command in (cache, snoop, pgds, profile):
    main.add_command(_command)
