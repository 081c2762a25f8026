"""Where the files of an app lie that is run from the directory into which it was copied."""

from __future__ import annotations

from collections.abc import Iterable

from lissom.dockerfile.syntax import Copy
from lissom.lint.effects.act import Deed
from lissom.lint.effects.paths import covers, parent
from lissom.lint.stages.reading import Called, Reading
from lissom.lint.stages.recipe import Doubt

__all__ = ["app_places", "outermost", "source_places"]

_SYSTEM_NAMES = (
    "/etc /usr/local/bin /usr/local/etc /usr/local/sbin /usr/local/share /usr/bin /usr/sbin /usr/lib /usr/share /bin "
    "/sbin /lib /lib64 /var/lib /var/spool /var/tmp /run /boot /dev /proc /sys /tmp"
)
_SYSTEM = tuple(_SYSTEM_NAMES.split())
"""Directories whose files are the system's: what is copied there is a setting, not the app."""


def app_places(reading: Reading) -> tuple[str, ...]:
    """The outermost directories of the app, and single files apart from them."""
    found: dict[str, None] = {}
    for step, act in reading.placed:
        instruction = step.instruction
        if isinstance(instruction, Copy) and instruction.from_:
            continue
        directory = reading.cwd(step)
        inside = directory not in ("/", "${PWD}") and covers(directory, act.path)
        if "${" in act.path or (not inside and any(char in act.path for char in "*?[")):
            raise Doubt(instruction.span, "where it copies to cannot be told")
        if any(covers(place, act.path) for place in _SYSTEM):
            continue
        if act.path == "/" or (act.deep and parent(act.path) == "/" and act.path in ("/usr", "/var", "/root", "/home")):
            raise Doubt(instruction.span, f"the app lies in `{act.path}`, among the system's files")
        found[directory if inside else act.path] = None
    return tuple(outermost(found))


def source_places(reading: Reading, builds: Iterable[Called]) -> tuple[str, ...]:
    """Where the sources lie that are compiled: what is copied there, and what is brought from elsewhere to build in."""
    found = list(app_places(reading))
    directories = {reading.cwd_of(one) for one in builds}
    for one in reading.commands:
        brought = (act.path for act in one.acts if act.deed in (Deed.CLONE, Deed.UNPACK))
        found += [path for path in brought if path != "/" and any(covers(path, place) for place in directories)]
    return tuple(outermost(found))


def outermost(paths: Iterable[str]) -> list[str]:
    """The paths that lie in none of the others, once each, in the order given."""
    unique = list(dict.fromkeys(paths))
    return [path for path in unique if not any(other != path and covers(other, path) for other in unique)]
