"""``lissom push``."""

from __future__ import annotations

from pathlib import Path

import click

from lissom.cli.registries import network_options, open_session, tell
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom push registry.example.com/team/app:1
  lissom push app:1 localhost:5000/app:1"""


@click.command("push", epilog=_EPILOG)
@click.argument("image")
@click.argument("target", required=False)
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Only this image of an index.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@network_options
@session
def command(
    given: Session,
    *,
    image: str,
    target: str | None,
    platform: str | None,
    as_json: bool,
    authfile: Path | None,
    ca_file: Path | None,
    insecure: tuple[str, ...],
) -> None:
    """Send IMAGE of the store to the registry that its name, or TARGET, says; only what is missing there moves."""
    from lissom.api.access import Access
    from lissom.api.moves import push
    from lissom.oci.platform import Platform

    with given.store() as store, given.listening() as listener:
        registries = open_session(given, listener, authfile=authfile, ca_file=ca_file, insecure=insecure)
        access = Access(store, registries, listener=listener)
        moved = push(access, image, target, platform=Platform.parse(platform) if platform else None)
    tell(moved, as_json=as_json)
