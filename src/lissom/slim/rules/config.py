"""What the image's config names: how it starts, how its health is checked, its user, its directories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lissom.slim.commands import Commands, commands_of_words
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.shell import needs_of
from lissom.slim.scene import Scene

__all__ = ["RULES", "command_line"]

_DEFAULT_SHELL = ("/bin/sh", "-c")


def command_line(scene: Scene) -> tuple[str, ...]:
    """ENTRYPOINT and CMD, as they are started."""
    config = scene.config
    return (*_words(config.get("Entrypoint")), *_words(config.get("Cmd")))


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list | tuple) else ()


def _command(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    yield from _named(scene, command_line(scene), "command")


def _health_check(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    yield from _named(scene, _health(scene), "health check")


def _named(scene: Scene, words: tuple[str, ...], reason: str) -> Iterator[Keep]:
    """Programs and files that a command line names; it may hand some of its words on to a script that runs them."""
    commands = commands_of_words(words)
    yield from needs_of(scene, commands, reason, "config")
    handed_on = Commands(external=frozenset(word for word in words[1:] if not word.startswith("-")))
    yield from needs_of(scene, handed_on, reason, "config")
    directory = str(scene.config.get("WorkingDir") or "")
    for word in words:
        for path in (word, f"{directory}/{word}")[word[:1] != "/" :]:
            if scene.is_file(path):
                yield Keep(path, reason, "config")


def _health(scene: Scene) -> tuple[str, ...]:
    check = scene.config.get("Healthcheck")
    words = _words(check.get("Test")) if isinstance(check, Mapping) else ()
    if words[:1] == ("CMD",):
        return words[1:]
    if words[:1] == ("CMD-SHELL",):
        return (*(_words(scene.config.get("Shell")) or _DEFAULT_SHELL), *words[1:])
    return ()


def _directory(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    if scene.config.get("WorkingDir"):
        yield Keep(str(scene.config["WorkingDir"]), "working directory", "config")


def _volumes(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    volumes = scene.config.get("Volumes")
    for volume in volumes if isinstance(volumes, Mapping) else ():
        yield Keep(str(volume), "volume", "config")
        for entry in scene.below(str(volume)):
            yield Keep(entry.path, "volume", "config")


def _user(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """The files that a runtime reads to learn of the user and groups, and the user's home."""
    del keeps
    yield Keep("etc/passwd", "user", "config")
    yield Keep("etc/group", "user", "config")
    user = str(scene.config.get("User") or "0").partition(":")[0]
    for line in scene.text("etc/passwd").splitlines():
        fields = line.split(":")
        if len(fields) > 5 and user in (fields[0], fields[2]):
            yield Keep(fields[5], "user", "config")


def _environment(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Files and directories (without what is in them) that environment variables name."""
    del keeps
    for name, value in scene.env.items():
        for word in value.split(":") if name != "PATH" else ():
            if word.startswith("/") and scene.get(word) is not None:
                yield Keep(word, "environment", name)


RULES = (
    Rule("command", "A program or file that the entry point or the command names.", family=_command, strict=True),
    Rule("health check", "A program or file that the health check names.", family=_health_check, strict=True),
    Rule("working directory", "Where the command starts.", family=_directory, strict=True),
    Rule("volume", "A volume, and what is in it.", family=_volumes, strict=True),
    Rule("user", "The user database, and the home of the image's user.", family=_user, strict=True),
    Rule("environment", "A file or directory that an environment variable names.", family=_environment),
)
