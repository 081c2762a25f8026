"""``lissom inspect``."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

__all__ = ["command"]

EPILOG = """\b
Examples:
  lissom inspect app:1
  lissom inspect --format '{{json .Config.Env}}' app:1
  lissom inspect --raw app:1
  lissom inspect --platform linux/arm64 docker://registry.example/team/app:1

Of an image in a registry only its manifest and its config are fetched. Size is null where layers would be needed."""


@click.command("inspect", epilog=EPILOG)
@click.argument("references", nargs=-1, required=True, metavar="IMAGE...")
@click.option("--raw", is_flag=True, help="The manifest or index, byte for byte.")
@click.option(
    "-f", "--format", "template", metavar="TEMPLATE", help="Fields: {{.Id}}, {{json .Config}}, {{index .RepoTags 0}}."
)
@click.option("--platform", metavar="OS/ARCH", help="Which image of an index (default: this machine's).")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, the default.")
@network_options
@session
def command(
    given: Session,
    references: tuple[str, ...],
    *,
    raw: bool,
    template: str | None,
    platform: str | None,
    as_json: bool,
) -> None:
    """Show images as JSON, with docker's field names."""
    from lissom.api.inspect import inspect, raw_manifest
    from lissom.cli.world import world
    from lissom.oci.platform import Platform

    if raw and template:
        raise click.UsageError("cannot use --raw with --format: one or the other is the form of the output")
    if as_json and (raw or template):
        raise click.UsageError("cannot use --json with --raw or --format: they choose the form of the output")
    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        if raw:
            for text in references:
                sys.stdout.buffer.write(raw_manifest(around, text, wanted))
            return
        found: list[dict[str, Any]] = [inspect(around, text, wanted) for text in references]
    if template is None:
        click.echo(json.dumps(found, indent=4))
        return
    from lissom.report.template import filled

    for document in found:
        click.echo(filled(template, document))
