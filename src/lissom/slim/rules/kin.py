"""Programs that come with the image's own: who ships a server ships its client for people and health checks to use."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.rootfs.entry import Kind
from lissom.slim.areas import areas
from lissom.slim.commands import commands_of
from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.config import command_line
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_MARKS = ("Essential: yes", "Protected: yes")
_LARGEST = 32 << 20


def _family(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    for word in _started(scene):
        program = scene.program(word)
        if program is None or scene.resolve(program) not in keeps:
            continue
        for path in {program, scene.resolve(program)}:
            owner = scene.owner(path)
            if owner is not None and owner.name not in _essential(scene):
                yield from (Keep(each, "kin", path) for each in owner.files if _is_program(scene, each))


def _started(scene: Scene) -> Iterator[str]:
    """Words of the image's command, and programs that ran and that a script of the app's own among them names."""
    for word in command_line(scene):
        yield word
        path = scene.resolve(scene.program(word) or "")
        for command in commands_of(scene.text(path)).external if areas(scene).own(path) else ():
            sighting = scene.touched.get(scene.resolve(scene.program(command) or ""))
            if sighting is not None and sighting.kind == "exec":
                yield command


def _is_program(scene: Scene, path: str) -> bool:
    """Whether a command of that name would find it; links count as what they lead to."""
    directory = path.rpartition("/")[0]
    entry = scene.get(path)
    return directory in scene.path and entry is not None and entry.kind is Kind.FILE and bool(entry.mode & 0o111)


def _essential(scene: Scene) -> frozenset[str]:
    """Packages that every Debian has: what runs a command with them is not the image's own."""
    if "kin.essential" not in scene.memo:
        stanzas = scene.read("var/lib/dpkg/status", _LARGEST).decode(errors="replace").split("\n\n")
        marked = (stanza.splitlines() for stanza in stanzas if any(f"\n{mark}\n" in stanza for mark in _MARKS))
        names = {line.removeprefix("Package: ") for lines in marked for line in lines if line.startswith("Package: ")}
        scene.memo["kin.essential"] = frozenset({"busybox", *names})
    known: frozenset[str] = scene.memo["kin.essential"]
    return known


RULES = (
    Rule(
        "kin",
        "A program of the package that the image's own command, or what its start script ran, is of.",
        family=_family,
    ),
)
