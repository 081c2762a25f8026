"""The effects of steps, in the order in which the layers of a stage lie on each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lissom.dockerfile.shell.script import Word
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Add, Copy, Run, Workdir
from lissom.lint.effects.act import Act, Deed, Effects
from lissom.lint.effects.paths import flat, joined
from lissom.lint.effects.walk import walk
from lissom.lint.lineage import steps_below
from lissom.lint.subject import ContextFacts, StageView, StepView, Subject

__all__ = ["GUESSED", "Laid", "acts_of", "cwd_of", "effects_of", "laid", "unpacks", "unpacks_later"]

GUESSED = "perhaps a directory"
"""The detail of an act that places a source of which it cannot be told whether it is a directory."""

_AT_ROOT = (
    "almalinux alpine amazonlinux archlinux buildpack-deps busybox centos debian eclipse-temurin fedora gcc maven "
    "memcached mysql mariadb nginx node openjdk oraclelinux postgres python rockylinux ruby rust scratch ubuntu"
)
_ELSEWHERE = {
    "golang": "/go",
    "tomcat": "/usr/local/tomcat",
    "httpd": "/usr/local/apache2",
    "gradle": "/home/gradle",
    "wordpress": "/var/www/html",
    "drupal": "/opt/drupal",
    "composer": "/app",
    "redis": "/data",
    "perl": "/usr/src/app",
}
_WORKDIRS = {**dict.fromkeys(_AT_ROOT.split(), "/"), **_ELSEWHERE}
_UNPACKED = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")


@dataclass(frozen=True, slots=True)
class Laid:
    """An act, the step that does it, and the number of that step in the stage's row of steps."""

    act: Act
    step: StepView
    number: int


def laid(subject: Subject, stage: StageView) -> Iterator[Laid]:
    """What the steps of a stage and those below it do, in order."""
    for number, step in enumerate(steps_below(subject, stage)):
        for act in acts_of(step, subject):
            yield Laid(act, step, number)


def cwd_of(step: StepView, subject: Subject) -> str:
    """Where the step runs; ``${PWD}`` when that is the base's business."""
    if step.workdir is None:
        base = subject.stages[step.stage].base
        served = base.name == "php" and ("apache" in base.tag or "fpm" in base.tag)
        return "/var/www/html" if served else _WORKDIRS.get(base.name, "${PWD}")
    text = flat(Word(step.workdir, None, Span(0, 0)), step.env)
    return joined("${PWD}", text) if text else "${PWD}"


def effects_of(step: StepView, subject: Subject) -> Effects | None:
    """What a RUN does; None when its script is not understood, or the step is none."""
    if not isinstance(step.instruction, Run) or step.script is None:
        return None
    variables = dict(step.env)
    if step.user in (None, "root", "0", "0:0", "root:root"):
        variables.setdefault("HOME", "/root")
    return walk(step.script, cwd_of(step, subject), variables)


def acts_of(step: StepView, subject: Subject) -> tuple[Act, ...]:
    """What the text tells of any step; nothing for a RUN that is not understood."""
    instruction = step.instruction
    if isinstance(instruction, Copy | Add):
        return tuple(_placed(step, instruction, subject))
    if isinstance(instruction, Workdir):
        text = flat(Word(instruction.path, None, Span(0, 0)), step.env)
        return (Act(Deed.MKDIR, joined(cwd_of(step, subject), text) if text else "${PWD}", instruction.span),)
    effects = effects_of(step, subject)
    return effects.acts if effects else ()


def unpacks(instruction: Copy | Add, source: str) -> bool:
    """Whether a source is unpacked rather than copied: ADD does so with local archives that tar reads."""
    if not isinstance(instruction, Add) or instruction.unpack is False:
        return False
    return source.lower().endswith(_UNPACKED) and ("://" not in source or instruction.unpack is True)


def _placed(step: StepView, instruction: Copy | Add, subject: Subject) -> Iterator[Act]:
    cwd = cwd_of(step, subject)
    text = flat(Word(instruction.destination, None, Span(0, 0)), step.env)
    target = joined(cwd, text) if text else "${PWD}"
    context = subject.context if isinstance(instruction, Add) or not instruction.from_ else None
    many = len(instruction.sources) + len(instruction.heredocs) > 1
    into = many or (text or "").endswith(("/", "/.")) or text in (".", "..")
    for raw in instruction.sources:
        source = flat(Word(raw, None, Span(0, 0)), step.env) or raw
        span = subject.dockerfile.source.narrow(instruction.span, raw)
        if unpacks(instruction, source):
            yield Act(Deed.UNPACK, target, span, source=source, deep=True, detail="add")
        elif (directory := _is_directory(source, context)) or (directory is None and _no_bin(target)):
            path = joined(target, source.strip("/").rpartition("/")[2]) if _keeps_name(instruction) else target
            yield Act(Deed.PLACE, path, span, source=source, deep=True, detail="" if directory else GUESSED)
        else:
            name = source.partition("?")[0].rstrip("/").rpartition("/")[2]
            yield Act(Deed.PLACE, joined(target, name) if into else target, span, source=source)
    for heredoc in instruction.heredocs:
        yield Act(Deed.PLACE, joined(target, heredoc.name) if into else target, heredoc.span, source="<<")


def _keeps_name(instruction: Copy | Add) -> bool:
    return isinstance(instruction, Copy) and instruction.parents


def _no_bin(target: str) -> bool:
    return "/bin/" not in target and "/sbin/" not in target


def _is_directory(source: str, context: ContextFacts | None) -> bool | None:
    """Whether a source is a directory: its files, not itself, come to the target. None: that cannot be told."""
    if "://" in source or source.startswith("git@"):
        return source.endswith(".git")
    clean = joined("/", source).strip("/")
    if not clean or source.endswith(("/", "/.")):
        return True
    if context is not None and clean in context.tree:
        return context.tree[clean].is_directory
    name = clean.rpartition("/")[2]
    return None if "." not in name.lstrip(".") and "*" not in name and name.islower() else False


def unpacks_later(row: Laid, rows: list[Laid]) -> bool:
    """Whether COPY brings a local archive that a later RUN unpacks with tar: ADD would unpack it at once."""
    if row.act.deed is not Deed.PLACE or not row.act.source.lower().endswith(_UNPACKED):
        return False
    if "://" in row.act.source or (isinstance(row.step.instruction, Copy) and row.step.instruction.from_):
        return False
    return any(
        one.number > row.number and one.act.deed is Deed.UNPACK and one.act.source == row.act.path for one in rows
    )
