"""``lissom fix``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.cli.build import pairs
from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

if TYPE_CHECKING:
    from lissom.api.lint_target import Target
    from lissom.dockerfile.source import Source
    from lissom.dockerfile.syntax import Dockerfile
    from lissom.lint.fixed import Draft
    from lissom.lint.settings import Settings
    from lissom.lint.subject import ContextFacts

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom fix
  lissom fix --write
  lissom fix deploy/Dockerfile --context . --diff
  lissom fix --verify --write
  lissom fix --verify --http 'GET / -> 200' --host-settings
  lissom fix - < Dockerfile > mended.diff

Without --verify only fixes are made that the text proves to leave an equal image. With --verify the image is built
before and after, and an edit stays only if files and config are the same but for what it says; with probes also edits
stay after which the app answers as before. docs/fixing.md says how.

\b
Exit status: 0 done; 1 with --diff: there is something to mend, with --verify: nothing that could be mended held;
2 usage or Dockerfile error, 3 the build of the file as it is failed, 4 registry, 5 store."""

_PATH = click.Path(path_type=Path)
_REPAIRED = "the file could not be read: each comment behind an instruction got a line of its own"


@click.command("fix", epilog=_EPILOG)
@click.argument("dockerfile", required=False, metavar="[DOCKERFILE|DIR|-]")
@click.option("-f", "--file", "file", metavar="FILE", help="The Dockerfile, when the argument is its context.")
@click.option("--context", type=_PATH, metavar="DIR", help="The build context. Default: the Dockerfile's directory.")
@click.option("-w", "--write", is_flag=True, help="Write the Dockerfile, and files beside it, in place.")
@click.option("--diff", is_flag=True, help="Only the difference; exit status 1 when there is one.")
@click.option("-o", "--output", metavar="FILE", help="Write the Dockerfile to FILE; - is stdout.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these: codes, categories, `default`, `all`.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these.")
@click.option("--config", type=_PATH, metavar="FILE", help="Settings of lint, instead of .lissom.toml.")
@click.option("--runtime", type=click.Choice(["slim", "distroless"]), help="What a new last stage stands on.")
@click.option("--unsafe", is_flag=True, help="Also edits that a build or the app's probes could prove, without it.")
@click.option("--verify", is_flag=True, help="Build before and after; keep what is proven to hold.")
@click.option("--builds", type=click.IntRange(0), default=8, metavar="N", help="At most so many builds more to tell "
              "what each edit saves (default: 8).")  # fmt: skip
@click.option("--build-arg", multiple=True, callback=pairs, metavar="K=V", help="Value of an ARG.")
@click.option("--target", metavar="STAGE", help="The stage that is built.")
@click.option("--platform", metavar="P", help="os/arch[/variant] of the images.")
@click.option("--secret", "secrets", multiple=True, metavar="id=ID[,src=FILE|,env=NAME]", help="A secret of RUN steps.")
@click.option("--ssh", multiple=True, metavar="default|ID[=SOCKET|KEY]", help="An ssh agent of RUN steps.")
@click.option("--network", default="default", metavar="host|none", help="Network of RUN steps.")
@click.option("--add-host", multiple=True, metavar="HOST:IP", help="A line for /etc/hosts of RUN steps.")
@click.option("--build-context", multiple=True, callback=pairs, metavar="NAME=VALUE", help="As for build.")
@click.option(
    "--host-settings", is_flag=True, help="Let RUN steps see the host's CA certificates, proxies and settings."
)
@click.option("--pull", is_flag=True, help="Ask the registry for newer base images.")
@click.option("--http", multiple=True, metavar="PROBE", help="A request and what it gives: 'GET /path -> 200'.")
@click.option("--exec", "execs", multiple=True, metavar="COMMAND", help="A command inside that must exit with 0.")
@click.option("--probes", type=_PATH, multiple=True, metavar="FILE", help="Probes as a file, as for slim.")
@click.option("--crawl", is_flag=True, help="Follow links from /.")
@click.option("--wait", metavar="SECONDS|/PATH|log:TEXT", multiple=True, help="When the app is ready.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where it serves.")
@click.option("-e", "--env", multiple=True, metavar="K=V", help="A variable of the container.")
@click.option("-u", "--user", metavar="USER[:GROUP]", help="Who the container runs as.")
@click.option("--probe-network", type=click.Choice(["none", "host"]), default="none", help="Network of the containers.")
@click.option("--patience", type=click.FloatRange(0.01), default=1.0, metavar="FACTOR", help="Stretch time limits.")
@network_options
@session
def command(given: Session, dockerfile: str | None, **flags: Any) -> int:
    """Mend a Dockerfile, and prove that its image stays the same.

    Shows the difference on stdout, and on stderr what each edit does and by which equivalence it holds.
    """
    from lissom.api.lint import read_dockerfile
    from lissom.api.lint_target import targets
    from lissom.cli.fix_flags import check
    from lissom.dockerfile.parser import decode, parse
    from lissom.dockerfile.source import Source
    from lissom.lint.repair import repaired

    target = targets([dockerfile] if dockerfile else [], flags["file"], flags["context"])[0]
    check(target, flags)
    original = Source(target.name, decode(read_dockerfile(target.path, sys.stdin.buffer), target.name))
    parsed = parse((repaired(original) or original).text, target.name)
    return _Job(given, target, original, parsed, flags).run()


@dataclass(frozen=True)
class _Job:
    """One Dockerfile: as it was read, and as it can be parsed."""

    given: Session
    target: Target
    original: Source
    parsed: Dockerfile
    flags: Mapping[str, Any]

    def run(self) -> int:
        from lissom.api.lint_context import context_of
        from lissom.cli.fix_flags import settings_of

        facts, notes = context_of(self.parsed, self.target)
        settings = settings_of(self.target, self.flags)
        if self.flags["verify"]:
            draft, report, held = self.verified(settings, facts)
        else:
            draft, report = self.mended(settings, facts)
            held = True
        return self.deliver(draft, report, notes, held=held)

    def mended(self, settings: Settings, facts: ContextFacts | None) -> tuple[Draft, str | dict[str, Any]]:
        from lissom.api.fix import fix_text
        from lissom.cli.fix_flags import allowed
        from lissom.report.fix_json import fixed_json
        from lissom.report.fix_text import fixed_text

        done = fix_text(self.parsed.source, settings, facts, allowed=allowed(self.flags))
        report = fixed_json(self.target.name, done) if self.flags["as_json"] else fixed_text(done)
        return done.draft, report

    def verified(self, settings: Settings, facts: ContextFacts | None) -> tuple[Draft, str | dict[str, Any], bool]:
        """Also whether anything held."""
        from lissom.api.fix import verify
        from lissom.cli.fix_flags import asking_of, build_request
        from lissom.cli.world import world
        from lissom.report.fix_json import proof_json
        from lissom.report.fix_text import proof_text

        flags, environment = self.flags, self.given.environment
        request, asking = build_request(self.target, flags, environment), asking_of(flags, environment)
        with self.given.store() as store, self.given.listening() as listener:
            around = world(self.given, store, listener)
            proof = verify(
                self.parsed.source, settings, facts, request, around, asking=asking, unsafe=flags["unsafe"],
                builds=flags["builds"], listener=listener,
            )  # fmt: skip
        report = proof_json(self.target.name, proof) if flags["as_json"] else proof_text(proof)
        return proof.draft, report, bool(proof.kept) or not proof.dropped

    def deliver(self, draft: Draft, report: str | dict[str, Any], notes: tuple[str, ...], *, held: bool) -> int:
        from lissom.cli.fix_output import deliver
        from lissom.lint.fixed import Draft

        before = Draft(self.original.text)
        if self.parsed.source.text != self.original.text:
            notes = (*notes, _REPAIRED)
        if isinstance(report, dict):
            report = {**report, "changed": draft != before, "notes": list(notes)}
        else:
            report = "\n".join([*notes, report])
        deliver(self.given, self.target, (before, draft), report, self.flags)
        return 1 if not held or (self.flags["diff"] and draft != before) else 0
