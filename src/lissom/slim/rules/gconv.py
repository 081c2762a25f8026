"""Character sets: the modules of glibc's iconv."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.slim.keep import Keep, Keeps
from lissom.slim.rule import Rule
from lissom.slim.rules.dlopen import is_of_c_library
from lissom.slim.rules.linker import library_directories
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_LOCAL = re.compile(
    r"(?:^|/)(?:bash|diff|envsubst|n?gettext|"
    r"lib(?:asprintf|glib-2\.0|idn2?|instrument|jdwp|p11-kit|psl|readline|stdc\+\+|unistring)\.so[\d.]*)$"
)
"""They convert from and to the locale's own character set only, or for others, who then name ``_CALLS``."""
_CALLS = frozenset(("iconv_open", "g_convert", "g_iconv_open"))
_MAINFRAME = re.compile(
    r"/(?:EBCDIC-[\w-]+|IBM(?:03[78]|256|27[3-578]|28[0145]|29[07]|42[034]|500|803|87[015]|880|905|918|93[035-79]|10(?:2[56]"
    r"|47|97)|11(?:12|2[23]|3[0257]|4\d|5[3-8]|66)|13(?:64|71|88|90|99)|4517|4899|4971|9030|12712|16804))\.so$"
)
"""Sets of mainframes: half of all bytes of a directory that is otherwise worth to be kept whole."""


def _converts(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """Of all modules any may be asked for, where a program can convert at all."""
    elf = scene.elf(keep.path)
    if elf is None or not _CALLS & elf.imports:
        return
    if is_of_c_library(scene, keep.path) or _LOCAL.search(keep.path):
        return
    yield from _all(scene, keep.path)


def _used(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    del keeps
    used = [path for path in scene.touched if "/gconv/" in path and path.endswith(".so")]
    if used:
        yield from _all(scene, used[0], whole=any(_MAINFRAME.search(path) for path in used))


def _all(scene: Scene, because_of: str, *, whole: bool = False) -> Iterator[Keep]:
    for directory in library_directories(scene):
        for entry in scene.below(f"{directory}/gconv"):
            if whole or not _MAINFRAME.search(entry.path):
                yield Keep(entry.path, "gconv", because_of)


RULES = (
    Rule("gconv", "A character set that iconv may be asked for; those of mainframes only if used.", _converts, _used),
)
