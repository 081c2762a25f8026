"""Programs that libraries of languages are wrappers of: names that stand in the very call that starts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.slim.areas import areas
from lissom.slim.keep import Keep

if TYPE_CHECKING:
    from lissom.slim.scene import Scene

__all__ = ["WRAPPED", "wrapped_programs"]

WRAPPED = "wrapped-program"
_HINTS = {
    ".py": ("subprocess", "shutil.which", "find_executable"),
    ".js": ("child_process", "cross-spawn", "execa", "which("),
    ".cjs": ("child_process", "cross-spawn", "execa", "which("),
    ".mjs": ("child_process", "cross-spawn", "execa", "which("),
    ".rb": ("Open3", "popen", "system", "Cocaine", "Terrapin"),
    ".php": ("proc_open", "Process(", "exec(", "ExecutableFinder"),
}
_COMMENT = re.compile(r"^[ \t]*(?:#|//|\*).*$", re.MULTILINE)
_CALL = re.compile(
    r"\b(?:Popen|check_output|check_call|call|run|(?:execFile|exec|spawn)(?:Sync)?|execa|which|find_executable|find"
    r"|capture[23]e?|popen[23e]?|system|proc_open|Process|new)\b\s*\(\s*\[?\s*['\"]([A-Za-z][\w.+-]{1,40})(?=['\" ])"
)
_ORDINARY = """
ant apk apt apt-get arch arp autoconf automake awk bash bison bundle bzr c++ cat cc chmod chown clang clear cmake
cmd composer cp curl cut data date dd df display docker doxygen dpkg du echo emacs env eog exec expr factor false
file find fish flex fork g++ gcc gem getconf git go gpg gpg2 grep head hg hostname id ifconfig index install ip java
javac kill kubectl ld ldconfig ldd less libtool list ln locale ls lsb_release lscpu m4 make man mkdir more mount mv
mvn name nano netstat nice node npm nproc npx objdump object open pager patch perl php ping pip pkg-config pkgconf
pnpm podman printf ps pwd python python2 python3 rake reset rm route rpm rsync ruby scp search sed select sh sleep
sort ssh start stat string strip stty su sudo svn swig sysctl system tail tar tee test time timeout top touch tput
tr true type umount uname unzip vi view vim wc wget which whoami xargs xdg-open xv yarn yes yum zip zsh
"""
_ORDINARY_NAMES = frozenset(_ORDINARY.split())
"""Programs for developers, administrators and people at a screen, and names that are words: an app that means them
names them itself."""


def wrapped_programs(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """Programs that a kept file of an installed library starts by a name that is written there."""
    path = keep.path
    hints = _HINTS.get(f".{path.rpartition('.')[2]}", ())
    found = areas(scene)
    if not hints or not found.managed(path) or path.startswith((*found.python_stdlibs, *found.npm_homes)):
        return
    if any(path.startswith(f"{root}/") for root in found.rubies if "vendor_ruby" not in root):
        return
    text = scene.text(path)
    if not any(hint in text for hint in hints):
        return
    for name in sorted(set(_CALL.findall(_COMMENT.sub("", text))) - _ORDINARY_NAMES):
        program = scene.program(name)
        if program is not None:
            yield Keep(program, WRAPPED, path)
