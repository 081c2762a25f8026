"""``lissom logout``."""

from __future__ import annotations

from pathlib import Path

import click

from lissom.cli.logins import login_file, login_files, named_file, place_of
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom logout registry.example.com
  lissom logout --all"""


@click.command("logout", epilog=_EPILOG)
@click.argument("registry", required=False)
@click.option("-a", "--all", "everywhere", is_flag=True, help="Forget every login of the file.")
@click.option("--authfile", type=click.Path(path_type=Path), help="Logins, instead of docker's file.")
@session
def command(given: Session, *, registry: str | None, everywhere: bool, authfile: Path | None) -> None:
    """Forget the login for REGISTRY (docker.io), in the file that login writes and in its credential helper."""
    from lissom.registry.logins.credentials import forget, forget_all

    authfile = named_file(given, authfile)
    path = login_file(given.environment, authfile)
    if everywhere:
        if registry:
            raise click.UsageError(f"cannot log out of `{registry}` with --all: one of them")
        gone = forget_all(path)
        click.echo(f"logged out of {', '.join(gone)}" if gone else f"not logged in, according to {path}", err=True)
        return
    host, namespace = place_of(registry or "docker.io")
    name = f"{host}/{namespace}" if namespace else host
    if forget(path, host, namespace=namespace):
        click.echo(f"logged out of {name}", err=True)
    else:
        click.echo(f"not logged in to {name}, according to {path}", err=True)
    _tell_others(given, host, namespace, authfile)


def _tell_others(given: Session, host: str, namespace: str, authfile: Path | None) -> None:
    """Another file may hold a login too, which would be used from now on."""
    from lissom.registry.logins.credentials import ConfigFiles

    with given.listening() as listener:
        left = ConfigFiles(login_files(given.environment, authfile), listener=listener).find(host, namespace)
    if left:
        click.echo(f"a login for {host} is left in {left.kept_in}", err=True)
