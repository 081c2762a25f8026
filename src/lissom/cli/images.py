"""``lissom images``."""

from __future__ import annotations

import json

import click

from lissom.cli.session import Session, session

__all__ = ["command"]

EPILOG = """\b
Examples:
  lissom images
  lissom images --digests 'registry.example/team/*'
  lissom images -q --filter dangling=true
  lissom images --json"""


@click.command("images", epilog=EPILOG)
@click.argument("reference", required=False)
@click.option("-q", "--quiet", is_flag=True, help="Only IDs.")
@click.option("--digests", is_flag=True, help="Digests of manifests too.")
@click.option("--no-trunc", is_flag=True, help="Whole IDs.")
@click.option(
    "-f", "--filter", "filters", multiple=True, metavar="KEY=VALUE", help="reference=… or dangling=true|false."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@session
def command(
    given: Session,
    reference: str | None,
    *,
    quiet: bool,
    digests: bool,
    no_trunc: bool,
    filters: tuple[str, ...],
    as_json: bool,
) -> None:
    """List the images of the store; REFERENCE chooses some, * and ? match."""
    from lissom.api.images import images
    from lissom.report.terminal import ago, size, table

    patterns, dangling = _filters(filters)
    with given.store() as store:
        listed = images(store, pattern=reference, dangling=dangling, references=patterns)
    if as_json:
        rows = [
            {"repository": i.repository, "tag": i.tag, "digest": i.digest, "id": i.id, "created": i.created,
             "size": i.size, "platform": i.platform}
            for i in listed
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    ids = [i.id if no_trunc else i.short_id for i in listed]
    if quiet:
        click.echo("".join(f"{line}\n" for line in dict.fromkeys(ids)), nl=False)
        return
    header = ["REPOSITORY", "TAG", *(["DIGEST"] if digests else []), "IMAGE ID", "CREATED", "SIZE"]
    ages = {created: ago(created) for created in {i.created for i in listed}}
    sizes = {count: size(count) for count in {i.size for i in listed}}
    lines = [
        [i.repository, i.tag, *([i.digest] if digests else []), shown, ages[i.created], sizes[i.size]]
        for i, shown in zip(listed, ids, strict=True)
    ]
    click.echo(table(header, lines))


def _filters(filters: tuple[str, ...]) -> tuple[list[str], bool | None]:
    patterns: list[str] = []
    dangling: bool | None = None
    for text in filters:
        key, _, value = text.partition("=")
        if key == "reference" and value:
            patterns.append(value)
        elif key == "dangling" and value.lower() in ("true", "1", "false", "0"):
            dangling = value.lower() in ("true", "1")
        else:
            raise click.UsageError(f"cannot use --filter `{text}`: it is reference=PATTERN or dangling=true|false")
    return patterns, dangling
