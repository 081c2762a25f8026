"""``lissom sbom``."""

from __future__ import annotations

from pathlib import Path

import click

from lissom.cli.registries import network_options
from lissom.cli.sbom_file import FORMATS, format_of, rendered, write
from lissom.cli.session import Session, session
from lissom.cli.timestamp import timestamp_of

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom sbom app:1
  lissom sbom app:1 -o app.spdx.json
  lissom sbom app:1 -o app.cdx.json
  lissom sbom --files --format cyclonedx-json docker://registry.example/team/app:1
  lissom sbom --attach docker://registry.example/team/app:1
  lissom sbom --attached docker://registry.example/team/app:1

Listed are packages of Debian and Alpine, Python distributions, npm packages, gems, Java archives with those inside
them, modules of Go programs, and Node, Python and Java where they came without a package. The same image and name give
the same bytes; the time is the image's own, or SOURCE_DATE_EPOCH."""


@click.command("sbom", epilog=_EPILOG)
@click.argument("image")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: as FILE ends, else spdx-json.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help=".spdx.json or .cdx.json (default: the standard output).")  # fmt: skip
@click.option("--files", is_flag=True, help="List every file too, with its digests and what it came with.")
@click.option("--attach", "attaching", is_flag=True, help="Attach the bill to IMAGE where it is; prints its digest.")
@click.option("--attached", is_flag=True, help="Write a bill that is attached to IMAGE, instead of a new one.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@network_options
@session
def command(
    given: Session,
    image: str,
    *,
    form: str | None,
    output: Path | None,
    files: bool,
    attaching: bool,
    attached: bool,
    platform: str | None,
) -> None:
    """Write a bill of materials of IMAGE: what is in it, of which version and licence, and what needs what.

    SPDX 2.3 or CycloneDX 1.6, as JSON.
    """
    from lissom.api.sbom import inventory
    from lissom.cli.sbom_attached import attach_bill, attached_bill
    from lissom.cli.world import world
    from lissom.oci.platform import Platform

    if attached and (attaching or files):
        raise click.UsageError("cannot use --attached with --attach or --files: the bill is taken as it is")
    asked = form or (format_of(output) if output else None)
    chosen = asked or FORMATS[0]
    created = timestamp_of(None, given.environment)
    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        if attached:
            data = attached_bill(around.access, image, asked, wanted)
        else:
            found = inventory(around, image, platform=wanted, files=files, created=created)
            data = rendered(found, chosen)
        if attaching:
            click.echo(attach_bill(around.access, image, data, chosen, platform=wanted, created=found.created))
    if attaching and output is None:
        return
    if output is None:
        click.echo(data, nl=False)
    else:
        write(output, data)
