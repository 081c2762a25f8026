"""Programs of full images that a container calls when it runs."""

from __future__ import annotations

import re

from lissom.dockerfile.syntax import Cmd, Entrypoint, Healthcheck
from lissom.lint.stages.reading import Reading

__all__ = ["called_when_run", "words_when_run"]

# Packages that images with compilers have and slim ones have not.
_PACKAGES = {
    "curl": "curl",
    "git": "git",
    "hg": "mercurial",
    "openssl": "openssl",
    "pgrep": "procps",
    "pkill": "procps",
    "ps": "procps",
    "ssh": "openssh-client",
    "svn": "subversion",
    "unzip": "unzip",
    "wget": "wget",
    "xz": "xz-utils",
}
_SCRIPT = re.compile(rb"#!.*sh\b")


def called_when_run(reading: Reading) -> tuple[str, ...]:
    """Packages of the programs that the command, the health check and the scripts which they start speak of."""
    base = reading.stage.base
    if base.name.rpartition("/")[2] in ("debian", "ubuntu") or base.family != "debian":
        return ()
    words = words_when_run(reading)
    return tuple(dict.fromkeys(package for name, package in _PACKAGES.items() if name in words))


def words_when_run(reading: Reading) -> frozenset[str]:
    """Every word of them that may be a program."""
    texts: list[str] = []
    for step in reading.stage.steps:
        instruction = step.instruction
        if isinstance(instruction, (Cmd, Entrypoint)):
            texts += instruction.command.args
        elif isinstance(instruction, Healthcheck) and instruction.test is not None:
            texts += instruction.test.args
    texts += [script for text in texts for script in _scripts(reading, text)]
    return frozenset(word for text in texts for word in re.findall(r"(?<![\w./-])[a-z][a-z0-9+-]*(?![\w./-])", text))


def _scripts(reading: Reading, text: str) -> list[str]:
    """The scripts of the context that a command names."""
    found = []
    for word in text.split():
        name = word.rpartition("/")[2]
        places = [step_act[1].source for step_act in reading.placed if step_act[1].path.rpartition("/")[2] == name]
        directory = word.rpartition("/")[0] or reading.workdir
        data = next(
            (data for place in (*places, reading.beside(directory, name)) if place and (data := reading.file(place))),
            b"",
        )
        if _SCRIPT.match(data):
            found.append(data.decode("utf-8", "replace"))
    return found
