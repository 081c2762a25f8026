"""``lissom login``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lissom.cli.registries import login_file, network_options, open_session
from lissom.cli.session import Session, session

__all__ = ["command", "host_of"]

_EPILOG = """\b
Examples:
  lissom login registry.example.com -u me
  echo "$TOKEN" | lissom login registry.example.com -u me --password-stdin
  lissom login docker.io"""


@click.command("login", epilog=_EPILOG)
@click.argument("registry", default="docker.io")
@click.option("-u", "--username", help="User name; asked for when missing.")
@click.option("-p", "--password", help="Password. Others may see it in the list of processes: better --password-stdin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@network_options
@session
def command(
    given: Session,
    *,
    registry: str,
    username: str | None,
    password: str | None,
    password_stdin: bool,
    authfile: Path | None,
    ca_file: Path | None,
    insecure: tuple[str, ...],
) -> None:
    """Check a login with REGISTRY and remember it as docker does, with the credential helper if one is set up."""
    from lissom.api.login import check_login
    from lissom.oci.reference import Reference
    from lissom.registry.auth import Login
    from lissom.registry.credentials import remember

    if password_stdin and password is not None:
        raise click.UsageError("cannot use --password with --password-stdin: one of them")
    if password_stdin and username is None:
        raise click.UsageError("cannot use --password-stdin without --username: nothing can be asked for")
    place = Reference.parse(f"{host_of(registry)}/login")
    username = username or click.prompt("Username", err=True)
    if password_stdin:
        password = sys.stdin.read().rstrip("\r\n")
    elif password is None:
        password = click.prompt("Password", hide_input=True, err=True)
    if not password:
        raise click.UsageError("cannot log in: the password is empty")
    login = Login(username, password)
    with given.listening() as listener:
        network = open_session(given, listener, ca_file=ca_file, insecure=insecure).network
        check_login(network, place.registry, place.host, login)
        where = remember(login_file(given.environment, authfile), place.registry, login)
    click.echo(f"logged in to {place.registry} as {username}; kept in {where}", err=True)


def host_of(text: str) -> str:
    """The registry's name in what a user wrote: without scheme and path, ``localhost`` and bare names too."""
    name = text.partition("://")[2] if "://" in text else text
    name = name.partition("/")[0]
    if not any(c in name for c in ".:") and name != "localhost":
        raise click.UsageError(f"cannot use registry `{text}`: it is not a host name")
    return name
