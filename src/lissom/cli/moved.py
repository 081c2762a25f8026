"""What ``push`` and ``copy`` have in common: the flags of an image's form, and what is told of what moved."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lissom.api.transfer import Moved

__all__ = ["form_options", "tell_all", "told"]


def form_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Accept ``--compression`` and ``--format``."""
    for option in (
        click.option(
            "--format",
            "form",
            type=click.Choice(("oci", "docker")),
            help="Make manifests anew in OCI's media types, or in docker's (schema 2).",
        ),
        click.option(
            "--compression",
            metavar="gzip|zstd|none[:LEVEL]",
            help="Compress layers anew that are compressed otherwise; with a LEVEL, all. Contents stay.",
        ),
    ):
        command = option(command)
    return command


def told(moved: Moved) -> dict[str, Any]:
    """What moved, as JSON."""
    document: dict[str, Any] = {"digest": moved.descriptor.digest, "mediaType": moved.descriptor.media_type}
    if moved.reference:
        document["reference"] = str(moved.reference)
    return document | {
        "blobsMoved": moved.blobs,
        "bytesMoved": moved.size,
        "blobsMounted": moved.mounted,
        "blobsPresent": moved.present,
        "seconds": round(moved.seconds, 3),
    }


def tell_all(moved: Sequence[Moved], *, as_json: bool, listed: bool) -> None:
    """Print the digests of images that are now in their places; ``listed`` where there may be several of them."""
    if as_json:
        documents = [told(one) for one in moved]
        click.echo(json.dumps(documents if listed else documents[0], indent=2))
        return
    for one in moved:
        name = f"{one.reference.familiar} " if listed and one.reference else ""
        click.echo(f"{name}{one.descriptor.digest}")
