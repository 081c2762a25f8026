"""``lissom lint``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

if TYPE_CHECKING:
    from lissom.lint.linted import Linted
    from lissom.lint.subject import Shown

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom lint
  lissom lint services/*/Dockerfile
  lissom lint -f docker/Dockerfile .
  lissom lint --image app:1
  lissom lint --ignore apt-version,DL3059 --fail-on error
  lissom lint --format json | jq '.findings[] | {line, code, message}'
  lissom lint --explain apt-lists

A comment `# lissom ignore=CODE` before an instruction keeps a rule from it, `# lissom global ignore=CODE` from the
file; hadolint's comments and docker's `# check=skip=NAME` are understood too. Settings are read from .lissom.toml or
lissom.toml beside the Dockerfile or here: `lissom fix` mends what can be mended.

Exit status: 1 when something as bad as --fail-on was found, 2 when a Dockerfile cannot be read."""

_PATH = click.Path(path_type=Path)


@click.command("lint", epilog=_EPILOG)
@click.argument("paths", nargs=-1, metavar="[DOCKERFILE|DIR|-]...")
@click.option("-f", "--file", "file", metavar="FILE", help="The Dockerfile, when the argument is its context.")
@click.option("--context", type=_PATH, metavar="DIR", help="The build context. Default: the Dockerfile's directory.")
@click.option("--target", metavar="STAGE", help="The stage that is built. Default: the last one.")
@click.option("--image", metavar="IMAGE", help="What was built from the Dockerfile: findings get its bytes.")
@click.option("--format", "form", type=click.Choice(("text", "json", "sarif")), default="text", help="How to tell.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these: codes, categories, `default`, `all`.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these.")
@click.option("--severity", multiple=True, metavar="RULE=LEVEL", help="How bad a rule's findings are.")
@click.option("--fail-on", metavar="LEVEL", help="error, warning, info or never: from where on the exit status is 1.")
@click.option("--config", type=_PATH, metavar="FILE", help="Settings, instead of .lissom.toml.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules.")
@click.option("--explain", metavar="RULE", help="The page of a rule.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@network_options
@session
def command(
    given: Session,
    paths: tuple[str, ...],
    *,
    file: str | None,
    context: Path | None,
    target: str | None,
    image: str | None,
    form: str,
    as_json: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    severity: tuple[str, ...],
    fail_on: str | None,
    config: Path | None,
    list_rules: bool,
    explain: str | None,
    platform: str | None,
) -> int:
    """Find what makes a Dockerfile's image fat, slow, unsafe or wrong.

    Without an argument the Dockerfile of the current directory is looked at, with the files beside it as its build
    context.
    """
    from lissom.api.lint import lint_target, settings_for
    from lissom.api.lint_target import targets
    from lissom.errors import DockerfileError

    form = "json" if as_json else form
    if list_rules or explain:
        return _tell_rules(explain, form)
    chosen = targets(paths, file, context)
    if image and len(chosen) != 1:
        raise click.UsageError("cannot use --image: it goes with one Dockerfile")
    shown: tuple[Shown, ...] = ()
    if image:
        shown = _shown(given, image, chosen[0].path, platform)
    found: list[Linted] = []
    errors: dict[str, str] = {}
    for one in chosen:
        settings = settings_for(one.path, config)
        settings = settings.changed(select=select, ignore=ignore, severity=severity, fail_on=fail_on)
        try:
            found.append(lint_target(one, settings, stdin=sys.stdin.buffer, shown=shown, stage=target))
        except DockerfileError as error:
            errors[one.name] = error.message
    _print(found, errors, form)
    return 2 if errors else int(any(linted.fails for linted in found))


def _shown(given: Session, image: str, dockerfile: Path | None, platform: str | None) -> tuple[Shown, ...]:
    """What the image shows of its waste, by lines of the Dockerfile."""
    from lissom.api.analyze import analyze
    from lissom.api.lint_shown import shown_of
    from lissom.cli.world import world
    from lissom.oci.platform import Platform

    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        return shown_of(analyze(around, image, dockerfile=dockerfile, platform=wanted))


def _print(found: Sequence[Linted], errors: Mapping[str, str], form: str) -> None:
    from lissom.cli.progress import harmless

    if form == "json":
        from lissom.report.lint_json import lint_json

        click.echo(json.dumps(lint_json(found, errors), indent=2))
    elif form == "sarif":
        from importlib.metadata import version

        from lissom.lint.rules.all import RULES
        from lissom.report.lint_sarif import lint_sarif

        click.echo(json.dumps(lint_sarif(found, RULES, version("lissom"), errors), indent=2))
    elif found:
        from lissom.report.lint_text import lint_text

        click.echo(lint_text(found))
    for message in errors.values():
        click.echo("error: " + "\n".join(harmless(line) for line in message.split("\n")), err=True)


def _tell_rules(name: str | None, form: str) -> int:
    from lissom.lint.rules.all import RULES, named
    from lissom.report.lint_json import rules_json
    from lissom.report.lint_text import rule_text, rules_text

    rules = RULES if name is None else named(name)
    if not rules:
        from lissom.lint.settings import check_name

        check_name(str(name))
        raise click.UsageError(f"no rule covers `{name}`")
    if form == "json":
        click.echo(json.dumps(rules_json(rules), indent=2))
    elif name is None:
        click.echo(rules_text(rules))
    else:
        click.echo("\n\n\n".join(rule_text(rule) for rule in rules))
    return 0
