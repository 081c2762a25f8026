"""Commands that kept shell scripts name, and the files that they read as scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lissom.rootfs.entry import parent_of
from lissom.slim.commands import SHELLS, Commands, commands_of
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.shebang import AT_REST, interpreter_of
from lissom.slim.scene import Scene

__all__ = ["RULES", "is_upkeep", "needs_of"]

_LARGEST_FILE = 1 << 20
_FIRST = 256
_ENDINGS = (".sh", ".bash", ".ash", ".dash")
_UPKEEP = re.compile(
    r"(?:^|/)(?:apk|apt|apt-\w+|aptitude|dpkg|dpkg-\w+|dnf|yum|rpm|gem|pip[\d.]*|systemctl|systemd-[\w-]+|service|init|telinit"
    r"|invoke-rc\.d|update-rc\.d|update-alternatives|deb-systemd-[\w-]+|(?:[\w.]+-linux-gnu-)?(?:cc|c\+\+|gcc|g\+\+|ld|as)"
    r"(?:-\d+)?|make|modprobe|insmod|dmsetup|swapo\w+)$"
)
"""Programs that install, build, or run a whole machine: a text that names one does not make a container need it."""


def needs_of(scene: Scene, commands: Commands, reason: str, because_of: str, directory: str = "") -> Iterator[Keep]:
    """What of the image ``commands`` name; relative names are looked for in ``directory`` and the working directory."""
    bases = (directory, str(scene.config.get("WorkingDir") or ""))
    for name in sorted(commands.names()):
        for path in [name] if "/" not in name else _places(name, bases):
            program = scene.program(path)
            if program is not None:
                yield Keep(path if "/" in path else program, reason, because_of)
    for name in sorted(commands.sourced):
        for path in _places(name, bases, parents=True):
            if scene.is_file(path):
                yield Keep(path, reason, because_of)
    for path in sorted(commands.paths):
        entry = scene.get(path)
        if entry is not None and entry.content is not None and (entry.mode & 0o111 or entry.size <= _LARGEST_FILE):
            yield Keep(path, reason, because_of)


def _places(name: str, bases: Iterable[str], *, parents: bool = False) -> list[str]:
    """Where a name with a slash, or of a sourced file, may lead; what followed a variable begins with a slash too."""
    places = [name] if name.startswith("/") else []
    if parents or not name.startswith("/"):
        places += [f"{base}/{name.lstrip('/')}" for base in bases]
    return places


def is_upkeep(name: str) -> bool:
    """Whether a program, by name or path, is for the upkeep of a system; whoever ran it while watched has it anyway."""
    return _UPKEEP.search(name) is not None


def _follow(scene: Scene, keep: Keep) -> Iterator[Keep]:
    if keep.reason != AT_REST and _is_script(scene, keep.path):
        commands = commands_of(scene.text(keep.path))
        for need in needs_of(scene, commands, "shell", keep.path, parent_of(keep.path)):
            if not is_upkeep(need.path):
                yield need


def _is_script(scene: Scene, path: str) -> bool:
    entry = scene.tree.get(path)
    if entry is None or entry.content is None or not (entry.mode & 0o111 or path.endswith(_ENDINGS)):
        return False
    words = interpreter_of(scene.read(path, _FIRST))
    return words[-1].rpartition("/")[2] in SHELLS if words else path.endswith(_ENDINGS)


RULES = (Rule("shell", "A command that a kept shell script runs, or a file that it reads as a script.", _follow),)
