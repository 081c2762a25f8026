"""The program that an image starts with: a wrong name of it would show only when a container starts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lissom.distroless.spec.spec import Spec
from lissom.distroless.tree.applets import DEBUG
from lissom.errors import IntegrityError
from lissom.events import Listener, Warned
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Tree

__all__ = ["PATH", "check_first_program"]

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where programs are looked for when a spec does not say; see execvp(3)."""


def check_first_program(spec: Spec, tree: Tree, listener: Listener) -> None:
    """Tell when ``tree`` does not have what ``entrypoint``, or else ``cmd``, begins with."""
    words = spec.entrypoint or spec.cmd
    if words and not any(_is_program(tree, path) for path in _candidates(spec, words[0])):
        setting = "entrypoint" if spec.entrypoint else "cmd"
        message = f"the image has no program `{words[0]}`, which its `{setting}` names"
        listener(Warned(message, "it starts once a Dockerfile or a volume has brought that"))


def _candidates(spec: Spec, word: str) -> Iterator[str]:
    if "/" in word:
        yield posixpath.join(spec.workdir or "/", word)
        return
    path = dict(spec.env).get("PATH", PATH)
    for directory in (*path.split(":"), *([DEBUG] if spec.debug else [])):
        yield f"{directory}/{word}"


def _is_program(tree: Tree, path: str) -> bool:
    try:
        entry = tree.get(tree.resolve(path))
    except IntegrityError:
        return False
    return entry is not None and entry.kind is Kind.FILE and bool(entry.mode & 0o111)
