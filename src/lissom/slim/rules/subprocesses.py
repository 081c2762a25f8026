"""Programs that kept programs and libraries of packages start; what the app's own start is in ``mentions``."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.dlopen import is_of_c_library
from lissom.slim.rules.shell import is_upkeep
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_SHELL_CALLS = frozenset(("popen", "system", "wordexp"))
_STARTS = ("exec", "posix_spawn", *_SHELL_CALLS)
_SHELL = "bin/sh"
_PARTNERS = {
    "git": ("ssh", "git-upload-pack", "git-receive-pack"),
    "less": ("lessecho",),
    "tar": ("bzip2", "compress", "gzip", "lzip", "lzma", "lzop", "xz", "zstd"),
    "xargs": ("echo",),
}
"""Programs that others start by names which no text of theirs shows: compilers put equal endings of texts together."""
_LARGEST = 128 << 20


def _follow(scene: Scene, keep: Keep) -> Iterator[Keep]:
    elf = scene.elf(keep.path)
    if elf is None or is_of_c_library(scene, keep.path):
        return
    for name in _PARTNERS.get(keep.path.rpartition("/")[2], ()):
        program = scene.program(name)
        if program is not None:
            yield Keep(program, "subprocess", keep.path)
    if not any(name.startswith(_STARTS) for name in elf.imports):
        return
    if elf.imports & _SHELL_CALLS or b"/bin/sh" in scene.read(keep.path, _LARGEST):
        yield Keep(_SHELL, "subprocess", keep.path)
    for name in sorted(elf.paths):
        entry = scene.get(name)
        if entry is not None and entry.content is not None and entry.mode & 0o111 and not is_upkeep(name):
            yield Keep(name, "subprocess", keep.path)


RULES = (
    Rule(
        "subprocess", "The shell, or another program, that a kept program starts by its calls and its texts.", _follow
    ),
)
