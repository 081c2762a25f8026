"""``lissom logout``."""

from __future__ import annotations

from pathlib import Path

import click

from lissom.cli.login import host_of
from lissom.cli.registries import login_file
from lissom.cli.session import Session, session

__all__ = ["command"]


@click.command("logout", epilog="\b\nExamples:\n  lissom logout registry.example.com")
@click.argument("registry", default="docker.io")
@click.option("--authfile", type=click.Path(path_type=Path), help="Logins, instead of docker's file.")
@session
def command(given: Session, *, registry: str, authfile: Path | None) -> None:
    """Forget the login for REGISTRY."""
    from lissom.registry.credentials import forget

    path = login_file(given.environment, authfile)
    name = host_of(registry)
    if forget(path, name):
        click.echo(f"logged out of {name}", err=True)
    else:
        click.echo(f"not logged in to {name}, according to {path}", err=True)
