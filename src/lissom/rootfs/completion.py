"""What a layer leaves to the layers below it, filled in: parents, links in its paths, targets of hard links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Kind, parent_of

if TYPE_CHECKING:
    from lissom.rootfs.tree import Changeset, Tree

__all__ = ["completed", "resolved"]

_LINK_LIMIT = 255


def resolved(get: Callable[[str], Entry | None], path: str, *, follow: bool = True) -> str:
    """Where ``path`` leads in the root that ``get`` looks into; see ``Tree.resolve``."""
    parts = [p for p in reversed(path.split("/")) if p not in ("", ".")]
    place: list[str] = []
    seen = 0
    while parts:
        part = parts.pop()
        if part == "..":
            if place:
                place.pop()
            continue
        here = "/".join([*place, part])
        entry = get(here)
        if entry is None or entry.kind is not Kind.SYMLINK or (not parts and not follow):
            place.append(part)
            continue
        seen += 1
        if seen > _LINK_LIMIT:
            raise IntegrityError(f"cannot resolve `/{path}`: too many levels of symbolic links")
        if entry.link.startswith("/"):
            place.clear()
        parts.extend(p for p in reversed(entry.link.split("/")) if p not in ("", "."))
    return "/".join(place)


def completed(changeset: Changeset, lower: Tree) -> Changeset:
    """See ``Changeset.complete``."""
    return _Completion(changeset, lower).run()


class _Completion:
    def __init__(self, changeset: Changeset, lower: Tree) -> None:
        self.changeset = changeset
        self.lower = lower
        self.entries: dict[str, Entry] = {}
        self.parents: dict[str, str] = {"": ""}
        self.hides = bool(changeset.whiteouts or changeset.opaques)

    def run(self) -> Changeset:
        changeset = self.changeset
        self._place_entries()
        self._link()
        self._add_parents(list(self.entries))
        whiteouts = {self._placed(path) for path in changeset.whiteouts}
        whiteouts = {path for path in whiteouts if path not in self.entries and path in self.lower}
        opaques = {self._placed(path) for path in changeset.opaques}
        if "" in opaques:
            top = set(self.lower.children(""))
            whiteouts |= top - self.entries.keys()
            opaques = (opaques - {""}) | {path for path in top & self.entries.keys() if self._is_directory(path)}
        opaques = {path for path in opaques if self._is_directory(path) or self._hides_directory(path)}
        self._add_parents([*whiteouts, *(f"{path}/." for path in opaques)])
        return type(changeset).of(
            self.entries.values(), whiteouts, {path for path in opaques if self._is_directory(path)}
        )

    def _is_directory(self, path: str) -> bool:
        entry = self.entries.get(path)
        return entry is not None and entry.is_directory

    def _hides_directory(self, path: str) -> bool:
        below = self._below(path) if path not in self.entries else None
        return below is not None and below.is_directory

    def _below(self, path: str) -> Entry | None:
        """The lower's entry at ``path`` unless the layer hides it."""
        entry = self.lower.get(path)
        if entry is None or not self.hides:
            return entry
        if path in self.changeset.whiteouts:
            return None
        above = path
        while above:
            above = parent_of(above)
            if above in self.changeset.opaques or (above and above in self.changeset.whiteouts):
                return None
        return entry

    def _look(self, path: str) -> Entry | None:
        return self.changeset.entries.get(path) or self._below(path)

    def _placed(self, path: str) -> str:
        """``path`` with its parents resolved, the last part as it is."""
        parent, slash, name = path.rpartition("/")
        if not slash:
            return path
        place = self.parents.get(parent)
        if place is None:
            place = self.parents[parent] = resolved(self._look, parent)
        return f"{place}/{name}" if place else name

    def _place_entries(self) -> None:
        moved: list[Entry] = []
        for path, entry in self.changeset.entries.items():
            place = self._placed(path)
            if place == path:
                self.entries[path] = entry
            else:
                moved.append(replace(entry, path=place))
        for entry in moved:
            self.entries.setdefault(entry.path, entry)

    def _link(self) -> None:
        links = [entry for entry in self.entries.values() if entry.kind is Kind.HARDLINK]
        names = self._names_below() if links else {}
        for entry in links:
            target = self._placed(entry.link)
            found = self.entries.get(target)
            if found is None or found.kind is Kind.HARDLINK:
                found = self.lower.get(target)
            if found is None or found.is_directory:
                raise IntegrityError(f"cannot link `/{entry.path}`: its target `/{target}` is not a file of the image")
            if not found.inode:
                found = replace(found, inode=f"/{target}")
            for name in names.get(found.inode, {target}):
                if name in self.entries or self._below(name) is not None:
                    kept = self.entries.get(name)
                    if kept is None or (name == target and kept.kind is not Kind.HARDLINK):
                        self.entries[name] = replace(found, path=name)
            self.entries[entry.path] = replace(found, path=entry.path)

    def _names_below(self) -> dict[str, set[str]]:
        names: dict[str, set[str]] = {}
        for path in self.lower:
            if inode := self.lower[path].inode:
                names.setdefault(inode, set()).add(path)
        return names

    def _add_parents(self, paths: Iterable[str]) -> None:
        for path in paths:
            child, above = self.entries.get(path), parent_of(path)
            while above:
                entry = self.entries.get(above)
                if entry is None:
                    mtime = child.mtime if child else 0
                    entry = self._below(above) or Entry(above, Kind.DIRECTORY, 0o755, mtime=mtime)
                    self.entries[above] = entry
                    if not entry.is_directory:
                        raise IntegrityError(f"cannot place `/{path}`: `/{above}` is not a directory")
                elif not entry.is_directory:
                    raise IntegrityError(f"cannot place `/{path}`: `/{above}` is not a directory")
                else:
                    break
                above = parent_of(above)
