"""The instructions: what each one's arguments mean and when they are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lissom.dockerfile import syntax
from lissom.dockerfile.comments import behind, warn_behind
from lissom.dockerfile.copying import read_add, read_copy
from lissom.dockerfile.fault import FaultError, nearest
from lissom.dockerfile.health import read_healthcheck
from lissom.dockerfile.running import read_run
from lissom.dockerfile.statement import TEXT, Flags, Statement
from lissom.dockerfile.words import Word

__all__ = ["read_instruction"]

_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_BLANKS = re.compile(r"[\t\v\f\r ]+")
_ONBUILD = re.compile(r"\s*ONBUILD\s*", re.IGNORECASE)


def read_instruction(statement: Statement) -> syntax.Instruction:
    """The instruction that a statement is; FaultError if it is none or a wrong one."""
    reader = _READERS.get(statement.keyword)
    if reader is None:
        raise _unknown(statement)
    return reader(statement)


def _unknown(statement: Statement) -> FaultError:
    word = statement.word.text
    guess = nearest(statement.keyword, _READERS)
    if guess:
        hint = f"did you mean {guess}?"
    elif word.startswith(("//", "--", "/*", ";")):
        hint = "a comment begins with #"
    else:
        hint = f"if this line belongs to the one before it, end that one with {statement.escape}"
    return statement.fault(None, f"unknown instruction `{word}`", hint=hint)


def _missing(statement: Statement, what: str, example: str) -> FaultError:
    return statement.fault(None, f"{statement.keyword} needs {what}", hint=f"write it like this: {example}")


def _from(statement: Statement) -> syntax.From:
    words = statement.fields()
    if not words:
        raise _missing(statement, "an image", "FROM debian:bookworm-slim AS build")
    flags = Flags.read(statement, {"platform": TEXT})
    name = None
    if len(words) == 3 and words[1].text.lower() == "as":
        name = words[2].text.lower()
        if not _STAGE_NAME.fullmatch(name):
            hint = "a stage's name begins with a letter and holds letters, digits, `-`, `_` and `.`"
            raise statement.fault(words[2], f"`{words[2].text}` cannot be the name of a stage", hint=hint)
        _warn_stage_name(statement, words[2])
    elif len(words) != 1:
        raise _from_words(statement, words)
    return syntax.From(
        **statement.head(flags.raw),
        image=words[0].text,
        image_span=statement.span(words[0]),
        platform=flags.text("platform"),
        name=name,
        name_span=statement.span(words[2]) if name else None,
    )


def _warn_stage_name(statement: Statement, word: Word) -> None:
    name = word.text.lower()
    if name in ("scratch", "context"):
        message = f"the stage name `{name}` is reserved"
        statement.warn("ReservedStageName", message, statement.span(word))
    if name != word.text:
        statement.warn("StageNameCasing", f"write the stage name `{word.text}` as `{name}`", statement.span(word))


def _from_words(statement: Statement, words: Sequence[Word]) -> FaultError:
    comment = behind(statement, words[1:])
    if comment:
        return comment
    if words[1].text.lower() != "as":
        hint = f"to name the stage, write FROM {words[0].text} AS {words[1].text}"
        return statement.fault(
            words[1], "FROM takes one image and perhaps `AS name`", hint=hint if words[2:] == [] else None
        )
    if len(words) == 2:
        return statement.fault(words[1], "`AS` has no name behind it", hint=f"write FROM {words[0].text} AS build")
    return statement.fault((words[3].start, words[-1].end), "FROM ends behind the name of the stage")


def _arg(statement: Statement) -> syntax.Arg:
    words = statement.quoted_words()
    if not words:
        raise _missing(statement, "a name", "ARG VERSION=1.0")
    flags = Flags.read(statement, {})
    pairs: list[tuple[str, str | None]] = []
    for word in words:
        name, equals, value = word.text.partition("=")
        if not name:
            raise statement.fault(word, "ARG has a value without a name")
        pairs.append((name, value if equals else None))
    warn_behind(statement, words[1:])
    return syntax.Arg(**statement.head(flags.raw), pairs=tuple(pairs))


def _pairs(statement: Statement) -> tuple[tuple[str, str], ...]:
    words = statement.quoted_words()
    keyword = statement.keyword
    if not words:
        raise _missing(statement, "a name and a value", f"{keyword} name=value")
    if "=" not in words[0].text:
        name, *value = _BLANKS.split(statement.rest, maxsplit=1)
        if not value:
            raise statement.fault(
                words[0], f"{keyword} has no value for `{name}`", hint=f"write {keyword} {name}=value"
            )
        message = f"`{keyword} name value` is the old form; write {keyword} name=value"
        statement.warn("LegacyKeyValueFormat", message, statement.line.span)
        return ((name, value[0]),)
    pairs: list[tuple[str, str]] = []
    for place, word in enumerate(words):
        name, equals, value_ = word.text.partition("=")
        if not equals:
            hint = f'to give a value that holds spaces, write it in quotes: {pairs[-1][0]}="two words"'
            raise behind(statement, words[place:]) or statement.fault(
                word, f"{keyword} has no `=` in `{word.text}`", hint=hint
            )
        if not name:
            raise statement.fault(word, f"{keyword} has a value without a name")
        pairs.append((name, value_))
    return tuple(pairs)


def _env(statement: Statement) -> syntax.Env:
    flags = Flags.read(statement, {})
    pairs = _pairs(statement)
    return syntax.Env(**statement.head(flags.raw), pairs=pairs)


def _label(statement: Statement) -> syntax.Label:
    flags = Flags.read(statement, {})
    pairs = _pairs(statement)
    return syntax.Label(**statement.head(flags.raw), pairs=pairs)


def _command(statement: Statement) -> syntax.Command:
    command = statement.command()
    if command.shell and statement.rest.startswith("["):
        warn_behind(statement, statement.fields()[1:])
    return command


def _cmd(statement: Statement) -> syntax.Cmd:
    flags = Flags.read(statement, {})
    return syntax.Cmd(**statement.head(flags.raw), command=_command(statement))


def _entrypoint(statement: Statement) -> syntax.Entrypoint:
    flags = Flags.read(statement, {})
    return syntax.Entrypoint(**statement.head(flags.raw), command=_command(statement))


def _shell(statement: Statement) -> syntax.Shell:
    flags = Flags.read(statement, {})
    command = statement.command()
    example = 'SHELL ["/bin/sh", "-c"]'
    if not statement.rest or not command.args:
        raise _missing(statement, "a program", example)
    if command.shell:
        where = (statement.start, statement.start + len(statement.rest))
        raise behind(statement, statement.fields()) or statement.fault(
            where, "SHELL takes a JSON array of strings", hint=f"write it like this: {example}"
        )
    return syntax.Shell(**statement.head(flags.raw), command=command)


def _expose(statement: Statement) -> syntax.Expose:
    words = statement.fields()
    if not words:
        raise _missing(statement, "a port", "EXPOSE 8080")
    flags = Flags.read(statement, {})
    comment = behind(statement, words[1:])
    if comment:
        raise comment
    return syntax.Expose(**statement.head(flags.raw), ports=tuple(word.text for word in words))


def _volume(statement: Statement) -> syntax.Volume:
    flags = Flags.read(statement, {})
    words = statement.json()
    if words is None:
        words = tuple(word.text for word in statement.fields())
        warn_behind(statement, statement.fields()[1:])
    if not words:
        raise _missing(statement, "a path", "VOLUME /var/lib/data")
    paths = tuple(word.strip() for word in words)
    if not all(paths):
        where = (statement.start, statement.start + len(statement.rest))
        raise statement.fault(where, "VOLUME has an empty path")
    return syntax.Volume(**statement.head(flags.raw), paths=paths)


def _whole(statement: Statement, what: str, example: str) -> tuple[str, tuple[syntax.Flag, ...]]:
    """The arguments as one text, for the instructions that take exactly one."""
    if not statement.rest:
        raise _missing(statement, what, example)
    flags = Flags.read(statement, {})
    if statement.keyword != "MAINTAINER":
        warn_behind(statement, statement.fields()[1:])
    return statement.rest, flags.raw


def _user(statement: Statement) -> syntax.User:
    user, flags = _whole(statement, "a user", "USER app")
    return syntax.User(**statement.head(flags), user=user)


def _workdir(statement: Statement) -> syntax.Workdir:
    path, flags = _whole(statement, "a path", "WORKDIR /app")
    return syntax.Workdir(**statement.head(flags), path=path)


def _stopsignal(statement: Statement) -> syntax.Stopsignal:
    signal, flags = _whole(statement, "a signal", "STOPSIGNAL SIGTERM")
    return syntax.Stopsignal(**statement.head(flags), signal=signal)


def _maintainer(statement: Statement) -> syntax.Maintainer:
    name, flags = _whole(statement, "a name", "LABEL org.opencontainers.image.authors=name (MAINTAINER is deprecated)")
    message = "MAINTAINER is deprecated; write LABEL org.opencontainers.image.authors=..."
    statement.warn("MaintainerDeprecated", message, statement.line.span)
    return syntax.Maintainer(**statement.head(flags), name=name)


def _onbuild(statement: Statement) -> syntax.Onbuild:
    if not statement.rest:
        raise _missing(statement, "an instruction", "ONBUILD COPY . /app")
    flags = Flags.read(statement, {})
    inner = Statement.read(statement.line, statement.escape, statement.start)
    if inner.keyword in ("ONBUILD", "FROM", "MAINTAINER"):
        raise inner.fault(None, f"ONBUILD cannot hold {inner.keyword}")
    trigger = read_instruction(inner)
    statement.warnings.extend(inner.warnings)
    text = _ONBUILD.sub("", statement.line.text, count=1)
    text += "".join(f"\n{body.raw}{body.heredoc.name}" for body in statement.line.bodies)
    return syntax.Onbuild(
        **statement.head(flags.raw),
        trigger=trigger,
        trigger_text=text,
    )


_READERS: dict[str, Callable[[Statement], syntax.Instruction]] = {
    "ADD": read_add,
    "ARG": _arg,
    "CMD": _cmd,
    "COPY": read_copy,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "FROM": _from,
    "HEALTHCHECK": read_healthcheck,
    "LABEL": _label,
    "MAINTAINER": _maintainer,
    "ONBUILD": _onbuild,
    "RUN": read_run,
    "SHELL": _shell,
    "STOPSIGNAL": _stopsignal,
    "USER": _user,
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}
