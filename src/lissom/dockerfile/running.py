"""RUN and its mounts."""

from __future__ import annotations

import csv

from lissom.dockerfile.fault import nearest
from lissom.dockerfile.lexer import heredoc_name
from lissom.dockerfile.statement import TEXT, TEXTS, Flags, Statement
from lissom.dockerfile.syntax import Command, Heredoc, MountFlag, Run
from lissom.dockerfile.words import Word

__all__ = ["MOUNT_KEYS", "MOUNT_TYPES", "read_run"]

MOUNT_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
MOUNT_KEYS = (
    *("type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw"),
    *("id", "sharing", "required", "size", "mode", "uid", "gid", "env"),
)
_BARE_KEYS = ("readonly", "ro", "readwrite", "rw", "required")
_FLAGS = {"mount": TEXTS, "network": TEXT, "security": TEXT, "device": TEXTS}
_CHOICES = {"network": ("default", "none", "host"), "security": ("sandbox", "insecure")}


def read_run(statement: Statement) -> Run:
    """A RUN; FaultError if it is wrong."""
    flags = Flags.read(statement, _FLAGS)
    for name, allowed in _CHOICES.items():
        value = flags.text(name)
        if value is not None and value not in allowed:
            hint = f"--{name} is one of {', '.join(allowed)}"
            raise statement.fault(flags.word(name), f"RUN has no {name} mode `{value}`", hint=hint)
    if flags.texts("device"):
        raise statement.fault(flags.word("device"), "RUN --device is not supported")
    command = statement.command()
    script, file = _script(statement, command)
    return Run(
        **statement.head(flags.raw),
        command=command,
        script=script,
        file=file,
        mounts=tuple(_mount(statement, word) for word in statement.flags if word.text.startswith("--mount=")),
        network=flags.text("network"),
        security=flags.text("security"),
        heredocs=tuple(body.heredoc for body in statement.line.bodies) if command.shell else (),
    )


def _script(statement: Statement, command: Command) -> tuple[str, Heredoc | None]:
    if not command.shell:
        return "", None
    bodies = statement.line.bodies
    if bodies and heredoc_name(command.args[0]):
        only = bodies[0].heredoc
        return only.data, only if only.data.startswith("#!") else None
    return command.args[0] + "".join(f"\n{body.raw}{body.heredoc.name}" for body in bodies), None


def _mount(statement: Statement, word: Word) -> MountFlag:
    value = word.text.partition("=")[2]
    try:
        fields = next(csv.reader([value], strict=True), [])
    except csv.Error as error:
        raise statement.fault(word, f"cannot read the mount `{value}`: {error}") from error
    if not fields:
        raise statement.fault(
            word, "the flag --mount has no value", hint="write --mount=type=cache,target=/root/.cache"
        )
    pairs = tuple(_pair(statement, _part(statement, word, field), field) for field in fields)
    return MountFlag(pairs, statement.span(word))


def _part(statement: Statement, word: Word, field: str) -> Word:
    """Where one option of a mount stands: the whole flag if quotes hide it."""
    start = statement.line.text.find(field, word.start, word.end)
    return Word(field, start, start + len(field)) if field and start >= 0 else word


def _pair(statement: Statement, where: Word, field: str) -> tuple[str, str | None]:
    key, equals, text = field.partition("=")
    key = key.lower()
    if key not in MOUNT_KEYS:
        guess = nearest(key, MOUNT_KEYS)
        hint = f"did you mean {guess}?" if guess else f"mounts know {', '.join(MOUNT_KEYS)}"
        raise statement.fault(where, f"a mount has no option `{key}`", hint=hint)
    if not equals and key not in _BARE_KEYS:
        raise statement.fault(where, f"the mount option `{key}` has no value", hint=f"write {key}=VALUE")
    if key == "type" and "$" not in text and text.lower() not in MOUNT_TYPES:
        guess = nearest(text.lower(), MOUNT_TYPES)
        hint = f"did you mean {guess}?" if guess else f"a mount's type is one of {', '.join(MOUNT_TYPES)}"
        raise statement.fault(where, f"there is no mount type `{text}`", hint=hint)
    if key == "from" and "$" in text:
        hint = f"name it by a stage: FROM {text} AS name, then from=name"
        raise statement.fault(where, "the mount option `from` cannot hold a variable", hint=hint)
    return key, text if equals else None
