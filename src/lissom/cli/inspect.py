"""``lissom inspect``."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from lissom.cli.session import Session, session

__all__ = ["command"]

EPILOG = """\b
Examples:
  lissom inspect app:1
  lissom inspect --format '{{json .Config.Env}}' app:1
  lissom inspect --raw app:1"""


@click.command("inspect", epilog=EPILOG)
@click.argument("references", nargs=-1, required=True, metavar="IMAGE...")
@click.option("--raw", is_flag=True, help="The manifest or index as it is stored.")
@click.option(
    "-f", "--format", "template", metavar="TEMPLATE", help="Fields: {{.Id}}, {{json .Config}}, {{index .RepoTags 0}}."
)
@click.option("--platform", metavar="OS/ARCH", help="Which image of an index (default: this machine's).")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, the default.")
@session
def command(
    given: Session, references: tuple[str, ...], *, raw: bool, template: str | None, platform: str | None, as_json: bool
) -> None:
    """Show images as JSON, with docker's field names."""
    from lissom.api.images import inspect, raw_manifest
    from lissom.oci.platform import Platform

    if as_json and (raw or template):
        raise click.UsageError("cannot use --json with --raw or --format: they choose the form of the output")
    with given.store() as store:
        if raw:
            for text in references:
                sys.stdout.buffer.write(raw_manifest(store, text))
            return
        wanted = Platform.parse(platform) if platform else None
        found: list[dict[str, Any]] = [inspect(store, text, wanted) for text in references]
    if template is None:
        click.echo(json.dumps(found, indent=4))
        return
    from lissom.report.template import filled

    for document in found:
        click.echo(filled(template, document))
