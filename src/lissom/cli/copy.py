"""``lissom copy``."""

from __future__ import annotations

from pathlib import Path

import click

from lissom.cli.registries import network_options, open_session, tell
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Places:
  app:1                       the store
  docker://HOST/REPO:TAG      a registry
  oci:DIR[:TAG]               an OCI layout directory
  oci-archive:FILE[:TAG]      the same as a tar file
  docker-archive:FILE[:TAG]   what `docker save` writes
  docker-daemon:REF           the docker daemon

\b
Examples:
  lissom copy oci:layout app:1
  lissom copy --all-platforms docker://docker.io/busybox:1.36 docker://localhost:5000/busybox:1.36
  lissom copy app:1 docker-archive:app.tar:app:1"""


@click.command("copy", epilog=_EPILOG)
@click.argument("source")
@click.argument("target")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index. Default: this machine's.")
@click.option("--all-platforms", is_flag=True, help="The whole index.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@network_options
@session
def command(
    given: Session,
    *,
    source: str,
    target: str,
    platform: str | None,
    all_platforms: bool,
    as_json: bool,
    authfile: Path | None,
    ca_file: Path | None,
    insecure: tuple[str, ...],
) -> None:
    """Copy an image from one place to another as it is stored: no layer is unpacked or compressed again."""
    from lissom.api.access import Access
    from lissom.api.moves import copy
    from lissom.oci.platform import Platform

    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        registries = open_session(given, listener, authfile=authfile, ca_file=ca_file, insecure=insecure)
        access = Access(store, registries, listener=listener)
        moved = copy(access, source, target, platform=wanted, everything=all_platforms)
    tell(moved, as_json=as_json)
