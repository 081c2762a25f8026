"""``lissom referrers``."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lissom.cli.registries import network_options, open_session
from lissom.cli.session import Session, session
from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.api.attached import Fetched

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom referrers app:1
  lissom referrers docker://registry.example/team/app:1 --artifact-type application/spdx+json --json
  lissom referrers docker://registry.example/team/app:1 --get application/spdx+json -o app.spdx.json
  lissom referrers app:1 --get 3f2a9c81d0b4 > report.json

Listed are manifests that name IMAGE as their subject (by the registry's list, else by the tag sha256-…), attestations
of BuildKit in its index, and what cosign put under tags of its digest; of an index, those of its images too."""


@click.command("referrers", epilog=_EPILOG)
@click.argument("image")
@click.option("--artifact-type", default="", metavar="TYPE", help="Only this type, and what refers to it.")
@click.option("--get", "wanted", metavar="DIGEST|TYPE", help="Write the content of one instead.")
@click.option("-o", "--output", metavar="PATH",
              help="With --get: a file, or DIR/ for all its files. Default: the standard output.")  # fmt: skip
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index. Default: the index and all.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
@network_options
@session
def command(
    given: Session,
    *,
    image: str,
    artifact_type: str,
    wanted: str | None,
    output: str | None,
    platform: str | None,
    as_json: bool,
) -> None:
    """List what refers to IMAGE: signatures, attestations, bills of materials; or get the content of one."""
    from lissom.api.access import Access
    from lissom.api.attached import fetched, listed
    from lissom.oci.platform import Platform
    from lissom.report.referrers_text import referrers_data, referrers_text

    if output and not wanted:
        raise click.UsageError("cannot use -o without --get: lists go to the standard output")
    if wanted and (artifact_type or as_json):
        raise click.UsageError("cannot use --get with --artifact-type or --json: it writes the content of one")
    chosen = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        registries = open_session(given, listener)
        access = Access(store, registries, listener=listener)
        if wanted:
            with fetched(access, image, wanted, platform=chosen) as found:
                _write(found, output, store.temporary)
            return
        tree = listed(access, image, artifact_type=artifact_type, platform=chosen)
    click.echo(json.dumps(referrers_data(tree), indent=2) if as_json else referrers_text(tree))


def _write(found: Fetched, output: str | None, scratch: Path) -> None:
    if output and (output.endswith("/") or Path(output).is_dir() or len(found.contents) > 1):
        _write_all(found, Path(output))
        return
    if len(found.contents) != 1:
        names = ", ".join(content.name for content in found.contents) or "nothing"
        raise UsageError(f"cannot write `{found.referrer.descriptor.digest.short}`: it holds {names}",
                         hint="name a directory with -o")  # fmt: skip
    if output:
        _write_one(found, 0, Path(output))
        return
    with tempfile.TemporaryFile(dir=scratch) as spool:  # nothing is shown before all of it is verified
        with found.open(found.contents[0]) as stream:
            shutil.copyfileobj(stream, spool, 1 << 20)
        spool.seek(0)
        shutil.copyfileobj(spool, sys.stdout.buffer, 1 << 20)


def _write_all(found: Fetched, directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write `{directory}`: {error.strerror}") from error
    for number, content in enumerate(found.contents):
        _write_one(found, number, directory / content.name)
        click.echo(directory / content.name)


def _write_one(found: Fetched, number: int, path: Path) -> None:
    from lissom.api.new_file import new_file

    try:
        with found.open(found.contents[number]) as stream, new_file(path) as file:
            shutil.copyfileobj(stream, file, 1 << 20)
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}") from error
