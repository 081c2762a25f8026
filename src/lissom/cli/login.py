"""``lissom login``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lissom.cli.logins import login_file, login_files, named_file, place_of
from lissom.cli.registries import host_options, open_session
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom login registry.example.com -u me
  echo "$TOKEN" | lissom login registry.example.com -u me --password-stdin
  lissom login docker.io
  lissom login quay.io/team -u robot
  lissom login --get-login quay.io"""


@click.command("login", epilog=_EPILOG)
@click.argument("registry", default="docker.io")
@click.option("-u", "--username", help="User name; asked for when missing.")
@click.option("-p", "--password", help="Password. Others may see it in the list of processes: better --password-stdin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--get-login", is_flag=True, help="Print the user who is logged in, and change nothing.")
@host_options
@session
def command(
    given: Session,
    *,
    registry: str,
    username: str | None,
    password: str | None,
    password_stdin: bool,
    get_login: bool,
) -> None:
    """Check a login with REGISTRY and remember it as docker does, with the credential helper if one is set up.

    REGISTRY/PATH is a login for that part of the registry alone, as podman has it. Without a helper the password is
    in the file that is named at the end, readable for you alone, but not encrypted.
    """
    from lissom.api.login import check_login
    from lissom.events import Warned
    from lissom.oci.reference import Reference
    from lissom.registry.logins.credentials import ConfigFiles, remember
    from lissom.registry.logins.login import Login

    host, namespace = place_of(registry)
    authfile = named_file(given, given.authfile)
    place = Reference.parse(f"{host}/{namespace or 'login'}")
    name = f"{place.registry}/{namespace}" if namespace else place.registry
    if get_login:
        _tell_login(given, place.registry, namespace, authfile)
        return
    _check_flags(username, password, stdin=password_stdin)
    login = Login(_asked_name(username), _asked_password(password, stdin=password_stdin))
    with given.listening() as listener:
        if password is not None:
            listener(Warned("--password shows the password to others of this machine", hint="use --password-stdin"))
        network = open_session(given, listener).network
        checked = check_login(network, place.registry, place.host, login)
        if not checked.asked:
            listener(Warned(f"`{place.registry}` asks nobody to log in: the password was not checked"))
        path = login_file(given.environment, authfile)
        where = remember(path, place.registry, checked.login, namespace=namespace)
        used = ConfigFiles(login_files(given.environment, authfile), listener=listener).find(place.registry, namespace)
        if used and used.kept_in != where:
            listener(
                Warned(
                    f"the login for `{name}` in `{used.kept_in}` comes before this one",
                    hint=f"drop it: lissom logout --authfile {used.kept_in} {name}",
                )
            )
    open_file = f"{where}, not encrypted" if where == str(path) else where
    what = "an identity token is" if checked.login.identity_token else "the password is"
    click.echo(f"logged in to {name} as {login.username}; {what} kept in {open_file}", err=True)


def _tell_login(given: Session, registry: str, namespace: str, authfile: Path | None) -> None:
    from lissom.registry.logins.credentials import ConfigFiles

    with given.listening() as listener:
        files = ConfigFiles(login_files(given.environment, authfile), listener=listener)
        login = files.find(registry, namespace)
    if login is None:
        click.echo(f"not logged in to {registry}", err=True)
        click.get_current_context().exit(1)
    click.echo(login.username or "<token>")


def _check_flags(username: str | None, password: str | None, *, stdin: bool) -> None:
    if stdin and password is not None:
        raise click.UsageError("cannot use --password with --password-stdin: one of them")
    if stdin and username is None:
        raise click.UsageError("cannot use --password-stdin without --username: nothing can be asked for")
    if (password is None and not stdin) or username is None:
        _check_terminal("password" if username else "user name")


def _check_terminal(what: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"cannot ask for the {what}: standard input is no terminal; use --username with --password-stdin"
        )


def _asked_name(username: str | None) -> str:
    name = click.prompt("Username", err=True) if username is None else username
    if not name or ":" in name:
        raise click.UsageError(f"cannot log in: `{name}` is no user name")
    return str(name)


def _asked_password(password: str | None, *, stdin: bool) -> str:
    if stdin:
        try:
            password = sys.stdin.read().removesuffix("\n").removesuffix("\r")
            password.encode()
        except UnicodeError:
            raise click.UsageError("cannot log in: the password on standard input is not UTF-8") from None
    elif password is None:
        password = click.prompt("Password", hide_input=True, err=True)
    if not password:
        raise click.UsageError("cannot log in: the password is empty")
    return password
