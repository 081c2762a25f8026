"""``lissom pull``."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from lissom.cli.registries import network_options, open_session
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom pull debian:bookworm-slim
  lissom pull --platform linux/arm64 registry.example.com/team/app:1
  lissom pull -v --mirror mirror.example.com python:3.12
  lissom pull --unpack localhost:5000/app@sha256:…

The digest of the image is printed. A pull that was interrupted, or killed, goes on from the bytes that came. Layers
stay packed until a run or a build needs them; with --unpack they are unpacked while they arrive."""


@click.command("pull", epilog=_EPILOG)
@click.argument("image")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index. Default: this machine's.")
@click.option("--all-platforms", is_flag=True, help="The whole index.")
@click.option("--unpack", is_flag=True, help="Unpack layers while they arrive, so that no run or build has to.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1, 64), metavar="N", help="Blobs and parts of blobs at once.  [default: 6]"
)
@click.option("-q", "--quiet", is_flag=True, help="Print the digest only.")
@click.option("-v", "--verbose", count=True, help="Say which host gave what.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done, and which host gave what, as JSON.")
@network_options
@session
def command(
    given: Session,
    *,
    image: str,
    platform: str | None,
    all_platforms: bool,
    unpack: bool,
    jobs: int | None,
    quiet: bool,
    verbose: int,
    as_json: bool,
) -> None:
    """Fetch IMAGE from its registry into the store; only what is missing moves."""
    from lissom.api.access import Access
    from lissom.api.moves import pull
    from lissom.cli.moved import told
    from lissom.cli.served import Givers
    from lissom.cli.world import world
    from lissom.oci.platform import Platform

    given = replace(given, verbose=0 if quiet else given.verbose + verbose)
    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening(quiet=quiet) as listener:
        givers = Givers(listener)
        registries = open_session(given, givers, connections=jobs)
        snapshots = world(given, store, givers).snapshots if unpack else None
        access = Access(store, registries, listener=givers)
        moved = pull(access, image, platform=wanted, everything=all_platforms, unpack=snapshots)
    if given.verbose and givers.rows():
        click.echo(givers.text(), err=True)
    if as_json:
        click.echo(json.dumps({**told(moved), "sources": givers.rows()}, indent=2))
    else:
        click.echo(moved.descriptor.digest)
