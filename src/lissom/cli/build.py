"""``lissom build``: a Dockerfile becomes an image."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session
from lissom.errors import UsageError

__all__ = ["command", "pairs"]

if TYPE_CHECKING:
    from lissom.api.build import StageSize

EPILOG = """\b
Examples:
  lissom build -t app:1 .
  lissom build -f deploy/Dockerfile --target test --build-arg VERSION=2 .
  lissom build -o type=oci,dest=app.oci .
  lissom build -t registry.example.com/app:1 --push .
  lissom build --secret id=npm,src=$HOME/.npmrc --cache-to type=local,dest=cache .
  lissom build --dry-run .
"""


def pairs(_context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """The values of a flag K=V; a build argument without a value has that of the environment. Raises UsageError."""
    found: dict[str, str] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not name:
            raise UsageError(f"cannot use --{parameter.name} `{value}`: the name is missing")
        if equals:
            found[name] = rest
        elif parameter.name == "build_arg":
            if name in os.environ:
                found[name] = os.environ[name]
        else:
            found[name] = ""
    return found


@click.command("build", epilog=EPILOG, short_help="build an image from a Dockerfile")
@click.argument("context", metavar="CONTEXT|-|URL")
@click.option("-t", "--tag", "tags", multiple=True, metavar="REF", help="Name of the image; may be given often.")
@click.option(
    "-f", "--file", "dockerfile", metavar="FILE", help="The Dockerfile (default: CONTEXT/Dockerfile; - is stdin)."
)
@click.option("--target", metavar="STAGE", help="Stop at this stage.")
@click.option(
    "--build-arg",
    multiple=True,
    callback=pairs,
    metavar="K=V",
    help="Value of an ARG; K alone takes it from the environment.",
)
@click.option("--label", multiple=True, callback=pairs, metavar="K=V", help="Label of the image.")
@click.option("--annotation", multiple=True, metavar="[KIND:]K=V",
              help="Annotation of the manifest, or with index: or manifest-descriptor: there.")  # fmt: skip
@click.option("--platform", "platforms", multiple=True, metavar="P", help="os/arch[/variant]; several make an index.")
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="id=ID[,src=FILE|,env=NAME]",
    help="A secret for RUN --mount=type=secret.",
)
@click.option(
    "--ssh", "ssh", multiple=True, metavar="default|ID[=SOCKET|KEY]", help="An ssh agent for RUN --mount=type=ssh."
)
@click.option("--network", default="default", metavar="host|none", help="Network of RUN steps (default: the host's).")
@click.option("--add-host", multiple=True, metavar="HOST:IP", help="A line for /etc/hosts of RUN steps.")
@click.option("--shm-size", metavar="BYTES", help="Size of /dev/shm in RUN steps, such as 64m.")
@click.option(
    "--ulimit", multiple=True, metavar="NAME=SOFT[:HARD]", help="A limit of RUN steps, such as nofile=1024:2048."
)
@click.option(
    "--build-context",
    multiple=True,
    callback=pairs,
    metavar="NAME=VALUE",
    help="A directory, oci-layout://, docker-image:// or URL under a name.",
)
@click.option(
    "--host-settings",
    is_flag=True,
    help="Let RUN steps see the host's CA certificates, proxies and apt, pip, npm settings.",
)
@click.option("--no-cache", is_flag=True, help="Run every step.")
@click.option("--no-cache-filter", multiple=True, metavar="STAGE", help="Run every step of these stages.")
@click.option("--pull", is_flag=True, help="Ask the registry for newer base images.")
@click.option(
    "--cache-from", multiple=True, metavar="type=local|registry,…", help="Read step results from src=DIR or ref=REF."
)
@click.option(
    "--cache-to",
    multiple=True,
    metavar="type=local|registry,…",
    help="Write step results to dest=DIR or ref=REF; mode=min|max.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="type=TYPE,dest=PATH",
    help="store, docker-archive, oci-archive, oci, tar, local, registry.",
)
@click.option("--push", is_flag=True, help="Short for --output type=registry.")
@click.option("--load", is_flag=True, help="Short for --output type=store, the default.")
@click.option("--squash", is_flag=True, help="Merge the layers above the base into one.")
@click.option("--compression", default="gzip", metavar="gzip|zstd|none[:LEVEL]", help="How new layers are compressed.")
@click.option(
    "--timestamp", metavar="EPOCH", help="Nothing in the image is later than this (default: SOURCE_DATE_EPOCH)."
)
@click.option("--iidfile", type=click.Path(path_type=Path), metavar="FILE", help="Write the image ID to FILE.")
@click.option(
    "--metadata-file", type=click.Path(path_type=Path), metavar="FILE", help="Write digests and names as JSON to FILE."
)
@click.option("-q", "--quiet", is_flag=True, help="Print the image ID only.")
@click.option("--dry-run", is_flag=True, help="Print the plan and do nothing.")
@network_options
@session
def command(session: Session, context: str, **flags: Any) -> None:
    """Build an image from a Dockerfile and a CONTEXT: a directory, - (a tar on stdin) or a URL."""
    from lissom.api.build import build, dry_run
    from lissom.cli.build_flags import read_flags
    from lissom.cli.world import world

    request = read_flags(context, flags, session.environment, sys.stdin.buffer, sys.stdout.buffer)
    with session.store() as store, session.listening(quiet=bool(flags["quiet"])) as listener:
        around = world(session, store, listener)
        if flags["dry_run"]:
            click.echo(dry_run(request, around))
            return
        built = build(request, around, listener)
    if flags["iidfile"]:
        flags["iidfile"].write_text(str(built.image_id))
    if flags["metadata_file"]:
        flags["metadata_file"].write_text(built.metadata_json())
    if len(built.stages) > 1 and not flags["quiet"] and session.progress in ("auto", "tty", "plain"):
        _tell_stages(built.stages)
    if not built.wrote_stdout:
        click.echo(built.image_id)


def _tell_stages(stages: tuple[StageSize, ...]) -> None:
    """What each stage made, and whether that is in the image or was left behind: the point of having stages."""
    from lissom.report.terminal import size

    width = max(len(stage.name) for stage in stages)
    for stage in stages:
        fate = "in the image" if stage.kept else "left behind"
        click.echo(f"stage {stage.name:<{width}}  {size(stage.size):>7}  {fate}", err=True)
