"""``lissom attach``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from lissom.cli.annotations import annotations_of
from lissom.cli.registries import network_options, open_session
from lissom.cli.session import Session, session
from lissom.cli.timestamp import timestamp_of

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom attach docker://registry.example/team/app:1 app.spdx.json
  lissom attach docker://registry.example/team/app:1 --artifact-type application/vnd.example.report report.html log.txt
  lissom attach app:1 --platform linux/arm64 --annotation org.example.run=712 result.sarif

The files become an artifact whose subject IMAGE is: the store, a registry (docker://) or a layout (oci:) keeps it as
long as IMAGE. Its type is that of its files, which their names tell, unless --artifact-type says it."""


@click.command("attach", epilog=_EPILOG)
@click.argument("image")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--artifact-type", default="", metavar="TYPE", help="What kind of artifact it is, a media type.")
@click.option("--media-type", metavar="TYPE", help="What the files are. Default: what their names say.")
@click.option("--annotation", "notes", multiple=True, metavar="KEY=VALUE", help="An annotation of the artifact.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Attach to this image of an index, not to the index.")
@click.option("--json", "as_json", is_flag=True, help="Print the artifact's descriptor as JSON.")
@network_options
@session
def command(
    given: Session,
    *,
    image: str,
    files: tuple[Path, ...],
    artifact_type: str,
    media_type: str | None,
    notes: tuple[str, ...],
    platform: str | None,
    as_json: bool,
) -> None:
    """Attach files to IMAGE, where it is: bills of materials, reports, signatures. Prints the artifact's digest."""
    from lissom.api.access import Access
    from lissom.api.attach import File, attach, media_type_of_file
    from lissom.oci.platform import Platform

    annotations = annotations_of(notes)
    with given.store() as store, given.listening() as listener:
        registries = open_session(given, listener)
        made = attach(
            Access(store, registries, listener=listener),
            image,
            [File(path, media_type or media_type_of_file(path)) for path in files],
            artifact_type=artifact_type,
            annotations=annotations,
            platform=Platform.parse(platform) if platform else None,
            created=timestamp_of(None, given.environment),
        )
    click.echo(json.dumps(made.to_json(), indent=2) if as_json else made.digest)
