"""``lissom copy``."""

from __future__ import annotations

import click

from lissom.cli.moved import form_options, tell_all
from lissom.cli.registries import network_options, open_session
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
  lissom copy app:1 docker-archive:app.tar:app:1
  lissom copy --all-platforms --referrers docker://registry.example/app:1 docker://localhost:5000/app:1
  lissom copy --format docker --compression gzip oci:layout docker://localhost:5000/app:1"""


@click.command("copy", epilog=_EPILOG)
@click.argument("source")
@click.argument("target")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index. Default: this machine's.")
@click.option("--all-platforms", is_flag=True, help="The whole index.")
@click.option("--referrers", is_flag=True, help="All that refers to it too: signatures, bills of materials.")
@form_options
@click.option("-j", "--jobs", type=click.IntRange(1, 64), metavar="N", help="Blobs at once.  [default: 6]")
@click.option("-q", "--quiet", is_flag=True, help="Print the digest only, no progress.")
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
    referrers: bool,
    compression: str | None,
    form: str | None,
    jobs: int | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Copy an image from one place to another: byte for byte, unless another compression or format is asked for."""
    from lissom.api.access import Access
    from lissom.api.converting import Form
    from lissom.api.moves import copy
    from lissom.oci.platform import Platform

    wanted = Platform.parse(platform) if platform else None
    shape = Form.parse(compression, form)
    with given.store() as store, given.listening(quiet=quiet) as listener:
        registries = open_session(given, listener, connections=jobs)
        access = Access(store, registries, listener=listener)
        moved = copy(
            access,
            source,
            target,
            platform=wanted,
            everything=all_platforms,
            referrers=referrers,
            form=shape,
        )
    tell_all([moved], as_json=as_json, listed=False)
