"""``lissom slim``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session
from lissom.errors import UsageError, VerifyError

if TYPE_CHECKING:
    from lissom.api.slim import Request, Slimming
    from lissom.slim.options import Options
    from lissom.verify.compare import Verdict
    from lissom.verify.probe import Probes

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom slim app:1 --http 'GET / -> 200'
  lissom slim app:1 -t app:small --http 'POST /sign name=Ann -> 302' --exec 'app --version' --report slim.html
  lissom slim app:1 --probes probes.yaml --level strict --seccomp app.json --removed app:removed
  lissom slim web:1 api:1 --share
  lissom slim --verify-only app:1 app:small --probes probes.yaml

The image is run twice as it is, once watched, then once as it became, with the same probes. Without probes it is
started, its pages are crawled, and it is stopped. What --http, --exec and probe files may hold: docs/probes.md.

\b
Exit status: 0 it works and has its name, 1 the proof failed or decides nothing (nothing has a name), 2 usage,
3 the container could not be run, 4 registry, 5 store."""

_PATH = click.Path(path_type=Path)
_KEPT_BACK = (
    "nothing was given a name; keep more with --keep or --level package",
    "nothing was given a name; give probes that the original answers alike each time",
)


@click.command("slim", epilog=_EPILOG)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option("-t", "--tag", "tags", multiple=True, metavar="REF", help="Name of the result. Default: IMAGE-slim.")
@click.option("--http", multiple=True, metavar="PROBE", help="A request and what it gives: 'GET /path -> 200'.")
@click.option("--exec", "execs", multiple=True, metavar="COMMAND", help="A command inside that must exit with 0.")
@click.option("--probes", type=_PATH, multiple=True, metavar="FILE", help="Probes as YAML, container-structure-test's "
              "too, or a program of yours, which gets LISSOM_BASE_URL.")  # fmt: skip
@click.option("--crawl", is_flag=True, help="Follow links from / besides, as without probes.")
@click.option("--wait", metavar="SECONDS|/PATH|log:TEXT", multiple=True, help="When the app is ready, or how long "
              "it may take. Default: its ports listen, 60.")  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65535), help="Where it serves. Default: what it listens on.")
@click.option("-e", "--env", multiple=True, metavar="K=V", help="A variable of the container.")
@click.option("-u", "--user", metavar="USER[:GROUP]", help="Who the container runs as.")
@click.option("--network", type=click.Choice(["none", "host"]), default="none", help="One of its own, or the host's.")
@click.option("--patience", type=click.FloatRange(0.01), default=1.0, metavar="FACTOR", help="Stretch time limits.")
@click.option("--level", type=click.Choice(["package", "file", "strict"]), default="file", help="Whole packages; what "
              "is used and what belongs to it; what was seen used.")  # fmt: skip
@click.option("--keep", multiple=True, metavar="GLOB", help="Keep this too, with all below it.")
@click.option("--drop", multiple=True, metavar="GLOB", help="Never keep this.")
@click.option("--layers", type=click.Choice(["one", "keep"]), default="one", help="One layer, or the image's own.")
@click.option("--share", is_flag=True, help="Several images: keep the layers below that they share common.")
@click.option("--no-strip", is_flag=True, help="Leave symbols and debugging information in programs.")
@click.option("--no-jlink", is_flag=True, help="Leave the JDK as it is.")
@click.option("--report", type=_PATH, multiple=True, metavar="FILE", help="What stays, goes, and why: .html or .json.")
@click.option("--seccomp", type=_PATH, metavar="FILE", help="Write a profile of the system calls that are needed.")
@click.option("--removed", metavar="REF", help="Name what was taken out, to lay it over for debugging.")
@click.option("--verify-only", is_flag=True, help="Slim nothing: does the second IMAGE do what the first does?")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@click.option("--compression", default="gzip", metavar="KIND[:LEVEL]", help="gzip, zstd or none.")
@click.option("--timestamp", type=int, metavar="EPOCH", help="No time in the layers is later. Or SOURCE_DATE_EPOCH.")
@click.option("--json", "as_json", is_flag=True, help="The account as JSON.")
@network_options
@session
def command(given: Session, images: tuple[str, ...], **flags: Any) -> int:
    """Make IMAGE as small as its app allows, and prove that it still works.

    Several images are slimmed one by one, or together with --share.
    """
    from lissom.api.slim import slim_images
    from lissom.cli.slim_flags import check_slim, options_of, probes_of
    from lissom.cli.world import world
    from lissom.oci.platform import Platform

    probes, options = probes_of(flags), options_of(given.environment, flags)
    if flags["verify_only"]:
        return _verify(given, images, probes, options, flags)
    check_slim(images, flags)

    platform = Platform.parse(flags["platform"]) if flags["platform"] else None
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        groups = [_requests(images, flags, probes)]
        if not flags["share"]:
            groups = [[request] for request in groups[0]]
        done: list[Slimming] = []
        for group in groups:
            found = slim_images(around, group, options, share=flags["share"], platform=platform, listener=listener)
            _write(found, flags)
            done += found
    if flags["as_json"]:
        _write_json(done)
    for one in done:
        _require(one.account.before.reference, one.verdict, _KEPT_BACK)
    return 0


def _requests(images: tuple[str, ...], flags: Mapping[str, Any], probes: Probes) -> list[Request]:
    from lissom.api.slim import Request, default_tag
    from lissom.oci.reference import Reference

    tags = [Reference.parse(tag) for tag in flags["tags"]] or [default_tag(image) for image in images]
    removed = Reference.parse(flags["removed"]) if flags["removed"] else None
    return [Request(image, tag, probes, removed) for image, tag in zip(images, tags, strict=True)]


def _verify(
    given: Session,
    images: tuple[str, ...],
    probes: Probes,
    options: Options,
    flags: Mapping[str, Any],
) -> int:
    from lissom.api.slim import verify_images
    from lissom.cli.slim_flags import check_verify
    from lissom.cli.world import world
    from lissom.report.slim_text import verdict_json, verdict_text

    check_verify(images, flags)
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        verdict = verify_images(around, images[0], images[1], probes, options, listener=listener)
    click.echo(json.dumps(verdict_json(verdict), indent=2) if flags["as_json"] else verdict_text(verdict))
    _require(images[1], verdict, ("", ""))
    return 0


def _write(done: list[Slimming], flags: Mapping[str, Any]) -> None:
    from lissom.report.slim_text import summary

    for one in done:
        for path in flags["report"]:
            _put(path, _report(one, path))
        if flags["seccomp"] and one.profile is not None and one.verdict.passed:
            _put(flags["seccomp"], json.dumps(one.profile, indent=2) + "\n")
        if not flags["as_json"]:
            click.echo(summary(one.account))


def _write_json(done: list[Slimming]) -> None:
    from lissom.slim.account_json import to_json

    documents = [to_json(one.account) for one in done]
    click.echo(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))


def _report(one: Slimming, path: Path) -> str:
    from lissom.report.slim_page import page
    from lissom.slim.account_json import to_json

    return json.dumps(to_json(one.account), indent=1) if path.suffix == ".json" else page(one.account)


def _put(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}") from error


def _require(name: str, verdict: Verdict, hints: tuple[str, str]) -> None:
    """Raise VerifyError unless the proof holds; ``hints`` are for what fails and for what decides nothing."""
    from lissom.verify.compare import Outcome

    if verdict.passed:
        return
    rows = verdict.of(Outcome.FAILED) or verdict.of(Outcome.INCONCLUSIVE)
    lines = "".join(f"\n  `{row.name}`: {row.words}" for row in rows[:10])
    more = f"\n  and {len(rows) - 10} more" if len(rows) > 10 else ""
    if verdict.outcome is Outcome.FAILED:
        raise VerifyError(
            f"cannot vouch for what became of `{name}`: {_failing(len(rows))}{lines}{more}",
            hint=hints[0],
        )
    raise VerifyError(
        f"cannot prove that `{name}` still works: the probes decide nothing{lines}{more}",
        hint=hints[1],
    )


def _failing(count: int) -> str:
    return "1 probe fails" if count == 1 else f"{count} probes fail"
