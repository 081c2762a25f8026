"""``lissom squash``."""

from __future__ import annotations

import json

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session
from lissom.cli.timestamp import timestamp_of

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom squash app:1 -t app:squashed
  lissom squash app:1 -t app:squashed --from debian:bookworm
  lissom squash app:1 --from 3
  lissom squash app:1 -t app:one-layer --from 0
  lissom squash --verify docker://registry.example/team/app:1 -t app:squashed

Layers up to --from stay as they are, hence shared: a number of layers from below, a layer's digest (or how it begins),
or an image whose layers IMAGE begins with. Default: the base that IMAGE names in its annotation
org.opencontainers.image.base.digest, else the image of the store that IMAGE begins with and that has the most layers,
else nothing. Squashing saves what layers hide of each other; `lissom slim` is what makes an image small."""


@click.command("squash", epilog=_EPILOG)
@click.argument("image")
@click.option("-t", "--tag", "names", multiple=True, metavar="REF", help="Name of the result.")
@click.option("--from", "above", metavar="LAYER|REF", help="Merge the layers above this one; 0 merges all.")
@click.option("--compression", default="gzip", metavar="KIND[:LEVEL]", help="gzip, zstd or none.")
@click.option("--timestamp", metavar="EPOCH", help="Nothing in the new layer is later (default: SOURCE_DATE_EPOCH).")
@click.option("--verify", is_flag=True, help="Read both images back and compare every file.")
@click.option("-q", "--quiet", is_flag=True, help="Only the digest.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
@network_options
@session
def command(
    given: Session,
    image: str,
    *,
    names: tuple[str, ...],
    above: str | None,
    compression: str,
    timestamp: str | None,
    verify: bool,
    quiet: bool,
    platform: str | None,
    as_json: bool,
) -> None:
    """Merge the layers of IMAGE above its base into one."""
    from dataclasses import asdict

    from lissom.api.squash import squash
    from lissom.cli.world import world
    from lissom.oci.platform import Platform
    from lissom.oci.reference import Reference
    from lissom.report.squash_text import squash_text
    from lissom.rootfs.compress import Compression

    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        done = squash(
            around,
            image,
            names=[Reference.parse(name) for name in names],
            above=above,
            compression=Compression.parse(compression),
            timestamp=timestamp_of(timestamp, given.environment),
            verify=verify,
            platform=Platform.parse(platform) if platform else None,
        )
    if as_json:
        click.echo(json.dumps(asdict(done), indent=2))
    elif quiet:
        click.echo(done.digest)
    else:
        click.echo(squash_text(asdict(done), names))
