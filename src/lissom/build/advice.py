"""What to do about a step that failed: hints from what it said, what the image holds, and what the context hides."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Sequence
from itertools import islice

from lissom.build.selection import MissingError
from lissom.build.step import ContextInput, CopyOp, RunOp
from lissom.dockerfile.fault import nearest
from lissom.rootfs.tree import Tree

__all__ = ["about_missing", "about_status", "cause_of"]

_NOT_FOUND = re.compile(r"(?:^|: )([^\s:]+): (?:command )?not found$")
_MOST_NAMES = 5_000  # comparing more would take longer than the build


def cause_of(status: int) -> str:
    """An exit status in words."""
    if status <= 128:
        return f"exit status {status}"
    try:
        return f"it was killed by {signal.Signals(status - 128).name} (exit status {status})"
    except ValueError:
        return f"exit status {status}"


def about_status(operation: RunOp, status: int, lines: Sequence[str], tree: Tree) -> str:
    """A hint for a RUN that ended with ``status`` after ``lines``, on ``tree``; empty when there is nothing to say."""
    program = operation.argv[0]
    last = lines[-1] if lines else ""
    if any("No space left on device" in line for line in lines):
        return (
            "the disk of the store is full: `lissom gc --keep-bytes 0` frees what is not in use, --root names another"
        )
    if status == 128 + signal.SIGKILL:
        return (
            "the kernel kills a process when memory runs out (`dmesg | grep -i oom` tells): "
            "use fewer parallel jobs or a machine with more memory"
        )
    if status == 127 and last.startswith("cannot execute"):
        return _not_executed(program, tree)
    if status == 127 and (found := _NOT_FOUND.search(last)):
        return f"the image has no program `{found[1]}` in its PATH: install it in a RUN before this one"
    return _not_started(program, last) if status == 126 else ""


def _not_started(program: str, said: str) -> str:
    if "Permission denied" in said:
        return f"make it executable: RUN chmod +x {program}, or COPY --chmod=755"
    if "Exec format error" in said:
        return "it is made for another machine, or it is a script whose first line is not #! and an interpreter"
    return ""


def _not_executed(program: str, tree: Tree) -> str:
    if "/" in program and tree.get(tree.resolve(program)) is not None:
        return f"`{program}` is there, but the interpreter or loader that it names is not"
    if program == "/bin/sh":
        return (
            'the image has no shell: write RUN with a list of words, as RUN ["/app", "--flag"], or do this in a '
            "stage that has a shell and COPY --from it"
        )
    return f"the image has no program `{program}`: install it in a RUN before this one"


def about_missing(
    error: MissingError, operation: CopyOp, tree: Tree, hidden_by: Callable[[str], str | None]
) -> str | None:
    """A hint for a source that is not in ``tree``; ``hidden_by`` names the ignore rule that hides a path."""
    if isinstance(error.where, ContextInput):
        rule = hidden_by(error.path)
        if rule is not None:
            return f"{rule} hides it from the build; put `!{error.path}` behind that rule"
        if any(source.startswith("../") for source in operation.sources):
            return "a build sees its context only: make the directory above the context, and name the Dockerfile by -f"
    there = tree.get(error.path)
    if there is not None and there.link:
        return f"it is a symbolic link to `{there.link}`, which is not there"
    near = _nearest(error.path, tree)
    if near is None:
        return None
    return f"did you mean `{near if isinstance(error.where, ContextInput) else f'/{near}'}`?"


def _nearest(path: str, tree: Tree) -> str | None:
    """The path of ``tree`` that was probably meant: alike as a whole, or of the same name elsewhere."""
    base = path.rpartition("/")[2]
    same = [name for name in tree if name.rpartition("/")[2] == base]
    return min(same, key=len) if same else nearest(path, islice((name for name in tree if name), _MOST_NAMES))
