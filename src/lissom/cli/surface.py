"""``lissom surface``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

__all__ = ["command"]

_EACH = 12

_EPILOG = """\b
Examples:
  lissom surface app:1
  lissom surface app:1 app:slim
  lissom surface --json docker://registry.example/team/app:1

Secrets are looked for in every layer, by names and by what small files say, and never printed. Files of packages, of
dependencies and of tests are not looked into."""


@click.command("surface", epilog=_EPILOG)
@click.argument("image")
@click.argument("other", required=False)
@click.option("--all", "everything", is_flag=True, help="All paths of a group.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object; of two images, an array of two.")
@network_options
@session
def command(
    given: Session,
    image: str,
    other: str | None,
    *,
    everything: bool,
    platform: str | None,
    as_json: bool,
    authfile: Path | None,
    ca_file: Path | None,
    insecure: tuple[str, ...],
) -> None:
    """Show what an attacker would find in IMAGE; with OTHER, in both side by side.

    Shells, package managers, interpreters, compilers, network tools; setuid and setgid files, capabilities; what may be
    written; secrets, packages, ports, the user.
    """
    from lissom.api.surface import surface
    from lissom.cli.progress import harmless
    from lissom.cli.world import world
    from lissom.oci.platform import Platform
    from lissom.report.surface_text import surface_text, surfaces_text

    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener, authfile=authfile, ca_file=ca_file, insecure=insecure)
        found = surface(around, image, platform=wanted)
        second = surface(around, other, platform=wanted) if other else None
    if as_json:
        document = found.to_json() if second is None else [found.to_json(), second.to_json()]
        click.echo(json.dumps(document, indent=2))
        return
    limit = None if everything else _EACH
    if second is None:
        click.echo(surface_text(found, harmless, limit=limit))
    else:
        click.echo(surfaces_text(found, second, (image, str(other)), harmless, limit=limit))
