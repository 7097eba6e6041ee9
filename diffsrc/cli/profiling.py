"""`diffsrc profile SCRIPT`: where the derivatives in a script spend their time, and what they allocate."""

from __future__ import annotations

from pathlib import Path

import click

from ..tools.sampling import AllocationSampler, Sampler
from .scripts import SETTINGS, run, script_argument, script_arguments


@click.command(context_settings=SETTINGS)
@script_argument
@script_arguments
@click.option("--allocations", is_flag=True, help="Count the arrays that are allocated, instead of time.")
@click.option("--primal", is_flag=True, help="Behind the script, call the functions themselves too, and show their time.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as an HTML page.")
@click.option("--sort", default="total", type=click.Choice(["total", "line"]), help="The costliest first, or as in the source.")
def profile(script: Path, arguments: tuple[str, ...], allocations: bool, primal: bool, output: Path | None, sort: str) -> None:
    """Run SCRIPT as it is, and print on which lines of its functions their derivatives spend time, for the forward and the
    reverse sweep apart.

    Seconds are those of all calls, reckoned from a part of them that ran on a clock. With --allocations every array is counted
    that a derivative allocates. Derivatives in other threads and processes aren't seen.

    ARGUMENTS are the script's; put -- before those that start with a dash. Its exit code is that of the command.
    """
    sampler = AllocationSampler() if allocations else Sampler(primal)

    def report() -> None:
        found = sampler.profile(script.name)
        did = "allocated an array" if allocations else "ran"
        click.echo(found.table(sort) if found.rows else f"no derivative {did} in {script.name}")
        if output is not None:
            found.html(output)

    run(script, arguments, sampler, report)
