"""``lissom surface``."""

from __future__ import annotations

import json

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

__all__ = ["command"]

_EACH = 12

_EPILOG = """\b
Examples:
  lissom surface app:1
  lissom surface app:1 app:slim
  lissom surface debian:bookworm distroless/cc distroless/static
  lissom surface --json docker://registry.example/team/app:1

Secrets are looked for in every layer, by names and by what small files say, and never printed. Files of packages, of
dependencies and of tests are not looked into."""


@click.command("surface", epilog=_EPILOG)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE [OTHER...]")
@click.option("--all", "everything", is_flag=True, help="All paths of a group.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object; of several images, an array of them.")
@network_options
@session
def command(
    given: Session,
    images: tuple[str, ...],
    *,
    everything: bool,
    platform: str | None,
    as_json: bool,
) -> None:
    """Show what an attacker would find in IMAGE; with OTHER ones, in all of them side by side.

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
        around = world(given, store, listener)
        found = [surface(around, image, platform=wanted) for image in images]
    if as_json:
        documents = [one.to_json() for one in found]
        click.echo(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
        return
    limit = None if everything else _EACH
    text = (
        surface_text(found[0], harmless, limit=limit)
        if len(found) == 1
        else surfaces_text(found, harmless, limit=limit)
    )
    click.echo(text)
