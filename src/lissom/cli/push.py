"""``lissom push``."""

from __future__ import annotations

import click

from lissom.cli.moved import form_options, tell_all
from lissom.cli.registries import network_options, open_session
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom push registry.example.com/team/app:1
  lissom push app:1 localhost:5000/app:1
  lissom push app:1 localhost:5000/app:1 localhost:5000/app:latest
  lissom push --all-tags registry.example.com/team/app
  lissom push --compression zstd:12 app:1 localhost:5000/app:1-zstd"""


@click.command("push", epilog=_EPILOG)
@click.argument("image")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("-a", "--all-tags", is_flag=True, help="All tags that the store has of the repository IMAGE.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Only this image of an index.")
@form_options
@click.option("-j", "--jobs", type=click.IntRange(1, 64), metavar="N", help="Blobs at once.  [default: 6]")
@click.option("-q", "--quiet", is_flag=True, help="Print digests only, no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON; a list for several images.")
@network_options
@session
def command(
    given: Session,
    *,
    image: str,
    targets: tuple[str, ...],
    all_tags: bool,
    platform: str | None,
    compression: str | None,
    form: str | None,
    jobs: int | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Send IMAGE of the store to the registry that its name, or each TARGET, says; only what is missing there moves."""
    from lissom.api.access import Access
    from lissom.api.converting import Form
    from lissom.api.moves import push, push_all
    from lissom.oci.platform import Platform

    if all_tags and platform:
        raise click.UsageError("cannot use --platform with --all-tags: it pushes what the store has")
    if all_tags and len(targets) > 1:
        raise click.UsageError("cannot use --all-tags with several targets: push to each")
    wanted = Platform.parse(platform) if platform else None
    shape = Form.parse(compression, form)
    with given.store() as store, given.listening(quiet=quiet) as listener:
        registries = open_session(given, listener, connections=jobs)
        access = Access(store, registries, listener=listener)
        if all_tags:
            moved = push_all(access, image, targets[0] if targets else None, form=shape)
        else:
            moved = [push(access, image, to, platform=wanted, form=shape) for to in targets or (None,)]
    tell_all(moved, as_json=as_json, listed=all_tags or len(targets) > 1)
