"""``lissom pull``."""

from __future__ import annotations

from pathlib import Path

import click

from lissom.cli.registries import network_options, open_session, tell
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom pull debian:bookworm-slim
  lissom pull --platform linux/arm64 registry.example.com/team/app:1
  lissom pull localhost:5000/app@sha256:…"""


@click.command("pull", epilog=_EPILOG)
@click.argument("image")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index. Default: this machine's.")
@click.option("--all-platforms", is_flag=True, help="The whole index.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@network_options
@session
def command(
    given: Session,
    *,
    image: str,
    platform: str | None,
    all_platforms: bool,
    as_json: bool,
    authfile: Path | None,
    ca_file: Path | None,
    insecure: tuple[str, ...],
) -> None:
    """Fetch IMAGE from its registry into the store; only what is missing moves."""
    from lissom.api.access import Access
    from lissom.api.moves import pull
    from lissom.oci.platform import Platform

    with given.store() as store, given.listening() as listener:
        registries = open_session(given, listener, authfile=authfile, ca_file=ca_file, insecure=insecure)
        access = Access(store, registries, listener=listener)
        moved = pull(access, image, platform=Platform.parse(platform) if platform else None, everything=all_platforms)
    tell(moved, as_json=as_json)
