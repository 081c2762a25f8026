"""Look a path of an image up: whether it is there, what it is, who may do what with it, what it holds."""

from __future__ import annotations

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Tree
from lissom.verify.answer import Answer, Body
from lissom.verify.expect import find_reply_fault
from lissom.verify.expectation import Expectation
from lissom.verify.probe import Files

__all__ = ["examine"]

_CHUNK = 1 << 20
_LARGEST = 256 << 20
_EXECUTABLE = {"owner": 0o100, "group": 0o010, "other": 0o001, "any": 0o111}
_KINDS = {"-": Kind.FILE, "d": Kind.DIRECTORY, "l": Kind.SYMLINK, "c": Kind.CHARACTER, "b": Kind.BLOCK, "p": Kind.FIFO}


def examine(wanted: Files, expect: Expectation, tree: Tree) -> tuple[Answer, str | None]:
    """What the image has at the path, as an answer that holds the file's content, and what is wrong with it."""
    path = wanted.path.strip("/")
    # A link is looked at itself only when the probe says that it wants one.
    try:
        entry = tree.get(tree.resolve(path, follow=wanted.kind != "l"))
    except IntegrityError:  # links in a circle
        entry = None
    if entry is None:
        return Answer(), f"{wanted.path} is not there" if wanted.exists else None
    if not wanted.exists:
        return Answer(), f"{wanted.path} is there"
    answer = Answer(body=_content(entry))
    if fault := _find_attribute_fault(wanted, entry):
        return answer, fault
    if (expect.body or expect.without or expect.digest) and entry.kind is not Kind.FILE:
        return answer, f"{wanted.path} is no regular file"
    return answer, find_reply_fault(expect, answer)


def _find_attribute_fault(wanted: Files, entry: Entry) -> str | None:
    if wanted.kind and _KINDS[wanted.kind] is not entry.kind:
        return f"{wanted.path} is a {entry.kind.value}, not a {_KINDS[wanted.kind].value}"
    if wanted.mode is not None and wanted.mode != entry.mode:
        return f"{wanted.path} has mode {entry.mode:04o}, not {wanted.mode:04o}"
    if wanted.uid is not None and wanted.uid != entry.uid:
        return f"{wanted.path} belongs to user {entry.uid}, not {wanted.uid}"
    if wanted.gid is not None and wanted.gid != entry.gid:
        return f"{wanted.path} belongs to group {entry.gid}, not {wanted.gid}"
    if wanted.executable and not entry.mode & _EXECUTABLE[wanted.executable]:
        return f"{wanted.path} is not executable by {wanted.executable} (mode {entry.mode:04o})"
    return None


def _content(entry: Entry) -> Body:
    body = Body()
    if entry.kind is Kind.FILE and entry.content is not None:
        with entry.content.open() as stream:
            while body.size < _LARGEST and (data := stream.read(_CHUNK)):
                body.feed(data)
    return body
