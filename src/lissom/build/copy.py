"""COPY and ADD as pure functions on trees: what is laid over the destination.

The rules are those of BuildKit's file operations: directories copy their content, a file onto a directory goes into
it, links on the way to the destination are followed inside its root, a file never replaces a directory nor the
reverse, what is created on the way is 0755 and belongs to root or to ``--chown``.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from lissom.build.chmod import Mode
from lissom.build.selection import Match, select, selected
from lissom.build.step import CopyOp
from lissom.errors import LissomError, StepError
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Changeset, Tree

__all__ = ["Owner", "copy", "owner_of", "select"]

_LINK_LIMIT = 255
_serial = itertools.count()


class Owner(Protocol):
    """Ids of a user, as ``account`` finds them."""

    @property
    def uid(self) -> int: ...

    @property
    def gid(self) -> int: ...


def owner_of(text: str, account: Callable[[str], Owner]) -> tuple[int, int] | None:
    """The ids that ``user[:group]`` means to COPY and WORKDIR; None for an empty text.

    A number alone is user and group; an unknown user is silently root and an unknown group the user's, as BuildKit has
    it. ``account`` looks a name up in the target's /etc/passwd and /etc/group and raises LissomError when it fails.
    """
    if not text:
        return None
    user, _, group = text.partition(":")
    uid = gid = 0
    found: Owner | None
    if user.isascii() and user.isdigit():
        uid = gid = int(user)
    elif user:
        found = _find(user, account)
        if found is not None:
            uid, gid = found.uid, found.gid
    if group.isascii() and group.isdigit():
        gid = int(group)
    elif group:
        found = _find(f"0:{group}", account)
        gid = found.gid if found is not None else gid
    return uid, gid


def _find(name: str, account: Callable[[str], Owner]) -> Owner | None:
    try:
        return account(name)
    except LissomError:
        return None


def copy(
    operation: CopyOp,
    source: Tree,
    destination: Tree,
    *,
    account: Callable[[str], Owner],
    now: int | None = None,
) -> Changeset:
    """What ``operation`` lays over ``destination``. ``now`` (seconds) dates the directories that it makes.

    With ``link`` the result does not depend on ``destination`` but for names of owners. Raises StepError for a
    source that is not there and for a conflict of files and directories.
    """
    if len(destination) == 1 and not re.fullmatch(r"\d*(:\d*)?", operation.chown):
        raise StepError(
            f"cannot copy with --chown={operation.chown}: the image is empty, it has no names of users",
            hint="write numbers, as --chown=1000:1000",
        )
    copier = _Copier(
        Tree() if operation.link else destination,
        owner=owner_of(operation.chown, account),
        mode=Mode.parse(operation.chmod) if operation.chmod else None,
        now=int(time.time()) if now is None else now,
    )
    for match in selected(operation, source):
        if not (operation.unpack and copier.unpack(match, operation.destination)):
            copier.copy(match, operation.destination)
    return Changeset.of(copier.made.values(), copier.removed)


class _Copier:
    """The destination while files are put into it: the tree as it was, and ``made`` over it."""

    def __init__(self, tree: Tree, *, owner: tuple[int, int] | None, mode: Mode | None, now: int) -> None:
        self._tree = tree
        self._owner = owner
        self._mode = mode
        self._now = now
        self.made: dict[str, Entry] = {}
        self.removed: set[str] = set()

    def copy(self, match: Match, destination: str) -> None:
        """Copy one match as BuildKit's file operation does."""
        self._make_directories(self.resolve(destination if destination.endswith("/") else parent_of(destination)))
        target = self.resolve(destination)
        there = self._get(target)
        links = f"copy{next(_serial)}:"
        if match.entry.is_directory:
            if there is None:
                self._make_directories(target)
            elif not there.is_directory:
                raise StepError(f"cannot copy to non-directory: /{target}")
            for relative, entry in match.entries:
                self._put(f"{target}/{relative}" if target else relative, entry, links)
            return
        if there is not None and there.is_directory:
            target = f"{target}/{match.name}" if target else match.name
        self._make_directories(parent_of(target))
        self._put(target, match.entry, links)

    def unpack(self, match: Match, destination: str) -> bool:
        """Unpack one match when it is an archive; False when it is not."""
        from lissom.context.tarball import read_archive

        entries = read_archive(match.entry)
        if entries is None:
            return False
        top = self.resolve(destination)
        self._make_directories(top)
        links = f"copy{next(_serial)}:"
        for entry in entries:
            self._unpack_one(top, entry, links)
        return True

    def _unpack_one(self, top: str, entry: Entry, links: str) -> None:
        """An archive's entry replaces what is in its way and keeps its owner, whatever --chown says.

        Absolute links count from the place of unpacking.
        """
        parent = self.resolve(parent_of(entry.path), top)
        if entry.name.startswith(".wh."):
            self._white_out(f"{parent}/{entry.name.removeprefix('.wh.')}".lstrip("/"))
            return
        self._make_directories(parent, owned=False)
        path = f"{parent}/{entry.name}" if parent and entry.name else parent or entry.name
        there = self._get(path)
        if there is not None and there.is_directory and not entry.is_directory:
            self._remove(path)
        self.made[path] = replace(entry, path=path, inode=links + entry.inode if entry.inode else "")

    def _white_out(self, path: str) -> None:
        """A name that is a whiteout in a layer becomes one, as it does in BuildKit."""
        if self._get(path) is not None:
            self.made.pop(path, None)
            self._remove(path)

    def _remove(self, directory: str) -> None:
        for path in [p for p in self.made if p.startswith(f"{directory}/")]:
            del self.made[path]
        if directory in self._tree:
            self.removed.add(directory)

    def _put(self, path: str, entry: Entry, links: str) -> None:
        there = self._get(path)
        if entry.is_directory:
            if there is not None and not there.is_directory:
                raise StepError(f"cannot copy to non-directory: /{path}")
        elif there is not None and there.is_directory:
            raise StepError(f"cannot replace to directory /{path} with file")
        uid, gid = self._owner or (entry.uid, entry.gid)
        mode = entry.mode
        if self._mode is not None and entry.kind is not Kind.SYMLINK:
            mode = self._mode.apply(mode, directory=entry.is_directory)
        inode = links + entry.inode if entry.inode else ""
        self.made[path] = replace(entry, path=path, uid=uid, gid=gid, mode=mode, inode=inode)

    def _make_directories(self, path: str, *, owned: bool = True) -> None:
        missing: list[str] = []
        while path and (there := self._get(path)) is None:
            missing.append(path)
            path = parent_of(path)
        if path and there is not None and not there.is_directory:
            raise StepError(f"cannot make directory `/{missing[0] if missing else path}`: `/{path}` is not a directory")
        uid, gid = (self._owner if owned else None) or (0, 0)
        for made in reversed(missing):
            self.made[made] = Entry(made, Kind.DIRECTORY, 0o755, uid, gid, self._now)

    def _get(self, path: str) -> Entry | None:
        found = self.made.get(path)
        if found is not None:
            return found
        if any(path == gone or path.startswith(f"{gone}/") for gone in self.removed):
            return None
        return self._tree.get(path)

    def resolve(self, path: str, top: str = "") -> str:
        """Where ``path`` leads below ``top``, links followed and never out of it; it need not exist."""
        base = top.split("/") if top else []
        parts = [p for p in reversed(path.split("/")) if p not in ("", ".")]
        resolved: list[str] = []
        seen = 0
        while parts:
            part = parts.pop()
            if part == "..":
                resolved[-1:] = []
                continue
            entry = self._get("/".join([*base, *resolved, part]))
            if entry is None or entry.kind is not Kind.SYMLINK:
                resolved.append(part)
                continue
            seen += 1
            if seen > _LINK_LIMIT:
                raise StepError(f"cannot resolve `{path}`: too many levels of symbolic links")
            if entry.link.startswith("/"):
                resolved.clear()
            parts.extend(p for p in reversed(entry.link.split("/")) if p not in ("", "."))
        return "/".join([*base, *resolved])
