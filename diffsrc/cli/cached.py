"""`diffsrc cache`: what is in the disk cache."""

from __future__ import annotations

from datetime import datetime

import click

from ..compiler import cache as store
from ..compiler.vault import Vault
from . import render


@click.group("cache")
def cache() -> None:
    """List, show, verify or clear the disk cache (`DIFFSRC_CACHE_DIR`, or where the platform keeps caches)."""


def _vault() -> Vault:
    vault = store.user_vault()
    if vault is None:
        raise click.ClickException(f"{store.folder()} can't be used")
    return vault


def _entry(vault: Vault, name: str) -> dict[str, object] | None:
    try:
        raw = vault.read(name)
    except OSError:
        return None
    return store.checked(raw) if raw is not None else None


@cache.command()
def ls() -> None:
    """List the entries: what, which mode, seconds that it saves, when it was written, and its name."""
    vault = _vault()
    rows = []
    for name in vault.names():
        data = _entry(vault, name)
        when = datetime.fromtimestamp(vault.seconds_of(name)).strftime("%Y-%m-%d %H:%M")
        if data is None:
            rows.append(("(damaged)", "", "", when, name))
            continue
        key = data["key"]
        assert isinstance(key, dict)
        rows.append((str(key["function"]).replace(":", "."), str(key["mode"]), f"{data['seconds']:.3f}", when, name))
    render.table(("function", "mode", "seconds", "written", "entry"), rows)


@cache.command()
@click.argument("name")
def show(name: str) -> None:
    """Show the entries whose name begins with NAME: what they were compiled from, and the generated source."""
    vault = _vault()
    found = [n for n in vault.names() if n.startswith(name)]
    if not found:
        click.echo(f"no entry {name!r}", err=True)
        raise SystemExit(1)
    for each in found:
        data = _entry(vault, each)
        click.echo(f"# {each}")
        if data is None:
            click.echo("# damaged: it will be compiled again")
            continue
        functions = data["functions"]
        assert isinstance(functions, list)
        for node in functions:
            for kind, read, print_ in node["reads"]:
                shown = "a function" if isinstance(print_, dict) else print_
                click.echo(f"# reads {kind} {read}: {shown[:100]}")
        click.echo(data["text"])


@cache.command()
def verify() -> None:
    """Check every entry; exit 1 when one is damaged."""
    vault = _vault()
    names = vault.names()
    bad = [n for n in names if _entry(vault, n) is None]
    for name in bad:
        click.echo(f"damaged: {name}", err=True)
    click.echo(f"{len(names)} entries, {len(bad)} damaged")
    if bad:
        raise SystemExit(1)


@cache.command()
def clear() -> None:
    """Remove every entry."""
    click.echo(f"{_vault().clear()} entries removed")
