"""``lissom distroless``: Debian packages become an image."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.cli.distroless_report import check_report, show, write_reports
from lissom.cli.registries import network_options
from lissom.cli.sbom_file import format_of, path_for, rendered, write
from lissom.cli.session import Session, session
from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.api.distroless import Made
    from lissom.api.world import World

__all__ = ["command"]

EPILOG = """\b
Examples:
  lissom distroless base
  lissom distroless base:debug
  lissom distroless base --add git -t base-git
  lissom distroless app.yaml --variant nonroot -t app-base:1 -o type=oci,dest=base.oci
  lissom distroless debian-slim -t debian:bookworm-slim
  lissom distroless base --sbom base.spdx.json
  lissom distroless --schema >spec.schema.json"""


class _Command(click.Command):
    """Help ends with the ready specs, in the words of their files."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from lissom.distroless.spec.include import purpose, ready_specs

        super().format_epilog(ctx, formatter)
        with formatter.section("Ready specs"):
            formatter.write_dl([(name, purpose(name)) for name in ready_specs()])


def _print_schema(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from lissom.distroless.spec.schema import schema

        click.echo(schema(), nl=False)
        ctx.exit()


def _print_slices(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from lissom.distroless.spec.slices import library, packages

        for name in packages():
            click.echo(f"{name}: [{', '.join(library(name))}]")
        ctx.exit()


@click.command("distroless", cls=_Command, epilog=EPILOG, short_help="build an image from Debian packages")
@click.argument("spec", metavar="SPEC.yaml|NAME[:VARIANT]")
@click.option("--variant", default="", metavar="NAME", help="Which variant of the spec.")
@click.option(
    "--add", "added", multiple=True, metavar="PACKAGE", help="Also this package, and what it needs; needs -t."
)
@click.option("-t", "--tag", "tags", multiple=True, metavar="REF", help="Name of the image (default: the spec's).")
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="type=TYPE,dest=PATH",
    help="store, docker-archive, oci-archive, oci, tar, local, registry.",
)  # fmt: skip
@click.option("--compression", default="gzip", metavar="gzip|zstd|none[:LEVEL]", help="How layers are compressed.")
@click.option("--timestamp", metavar="EPOCH", help="Nothing is later than this (default: the archive's date).")
@click.option(
    "--lock", is_flag=True, help="Write every package with version and SHA-256 to SPEC.lock; keep them in SPEC.debs."
)
@click.option(
    "--sbom", "sboms", type=click.Path(path_type=Path, dir_okay=False), multiple=True, metavar="FILE",
    help="Write a bill of materials: .spdx.json or .cdx.json.",
)  # fmt: skip
@click.option(
    "--slices", is_flag=True, is_eager=True, expose_value=False, callback=_print_slices,
    help="Print the slices of packages that specs can name and exit.",
)  # fmt: skip
@click.option(
    "--schema", is_flag=True, is_eager=True, expose_value=False, callback=_print_schema,
    help="Print the JSON Schema of specs and exit.",
)  # fmt: skip
@click.option(
    "--report", "reports", type=click.Path(path_type=Path, dir_okay=False), multiple=True, metavar="FILE",
    help="Where everything comes from, layers, what was left out: .html or .json.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Print the image ID only.")
@network_options
@session
def command(session: Session, spec: str, *, variant: str, **flags: Any) -> None:
    """Build an image from Debian packages: no shell and no package manager, or a full Debian base."""
    from lissom.api.distroless import DistrolessRequest, apt_settings, make
    from lissom.cli.build_flags import read_image_flags
    from lissom.cli.world import world
    from lissom.distroless.spec.file import load
    from lissom.distroless.supply.supplies import places_of_locks
    from lissom.oci.reference import Reference

    for path in flags["sboms"]:
        format_of(path)
    for path in flags["reports"]:
        check_report(path)
    if flags["added"] and not flags["tags"]:
        raise UsageError(f"cannot add packages to `{spec}`: it would be another image of the same name", hint="use -t")
    outputs, compression, timestamp = read_image_flags(flags, session.environment)
    request = DistrolessRequest(
        load(spec, variant, flags["added"]),
        tuple(Reference.parse(tag) for tag in flags["tags"]),
        outputs,
        settings=apt_settings(session.environment),
        compression=compression,
        timestamp=timestamp,
        stdout=sys.stdout.buffer,
        locks=places_of_locks(spec, variant),
        relock=flags["lock"],
        beside=Path(spec).parent,
    )
    with session.store() as store, session.listening(quiet=bool(flags["quiet"])) as listener:
        around = world(session, store, listener)
        made = make(request, around, listener)
        _write_sboms(flags["sboms"], made, around)
    write_reports(flags["reports"], made.told)
    if not flags["quiet"] and session.progress not in ("json", "quiet"):
        show(made.told)
    if not made.wrote_stdout:
        click.echo(made.images[0].config.digest if len(made.images) == 1 else made.descriptor.digest)


def _write_sboms(paths: tuple[Path, ...], made: Made, around: World) -> None:
    """Every bill of every platform's image; a name for one of several platforms says which."""
    if not paths:
        return
    from lissom.api.sbom import Label, inventory_of

    label = Label.of(made.tags[0]) if made.tags else Label(str(made.descriptor.digest), "image")
    for image in made.images:
        found = inventory_of(around, image, label)
        for path in paths:
            target = path_for(path, image.platform) if len(made.images) > 1 else path
            write(target, rendered(found, format_of(path)))
