"""``lissom tags``."""

from __future__ import annotations

import json

import click

from lissom.cli.registries import network_options, open_session
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom tags debian
  lissom tags --sort version registry.example:5000/team/app
  lissom tags --json docker://registry.example/team/app"""


@click.command("tags", epilog=_EPILOG)
@click.argument("repository")
@click.option("--sort", type=click.Choice(["registry", "version"]), default="registry",
              help="As the registry orders them (default), or 1.9 before 1.10.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@network_options
@session
def command(
    given: Session,
    *,
    repository: str,
    sort: str,
    as_json: bool,
) -> None:
    """List the tags of REPOSITORY in its registry."""
    from lissom.api.access import Access
    from lissom.api.remote_names import tags
    from lissom.report.harmless import harmless

    with given.store() as store, given.listening() as listener:
        registries = open_session(given, listener)
        found = tags(Access(store, registries, listener=listener), repository, by_version=sort == "version")
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo("".join(f"{harmless(tag)}\n" for tag in found), nl=False)
