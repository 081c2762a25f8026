"""Layer tars: a stream becomes a changeset, hostile input refused; a changeset becomes a reproducible stream.

Follows the image specification's layer page for whiteouts; reads ustar, PAX and GNU archives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from lissom.errors import IntegrityError
from lissom.rootfs.entry import NO_DEVICE, NO_XATTRS, Content, Entry, Kind, parent_of
from lissom.rootfs.header import BLOCK, XATTR, ZERO, Header, parse_header, parse_records
from lissom.rootfs.layertar import write_layer
from lissom.rootfs.ownership import FOREIGN
from lissom.rootfs.tree import Changeset

__all__ = ["Limits", "TarReader", "read_changeset", "write_layer"]

_CHUNK = 1 << 20
_LONG_LIMIT = 1 << 20
_LINK_LIMIT = 255
_PATH_LIMIT = 4095
_DEPTH_LIMIT = 256
_DIRTY = re.compile(r"(?:^|/)\.{0,2}(?:/|$)")
_KINDS = {
    b"0": Kind.FILE, b"\0": Kind.FILE, b"7": Kind.FILE, b"1": Kind.HARDLINK, b"2": Kind.SYMLINK,
    b"3": Kind.CHARACTER, b"4": Kind.BLOCK, b"5": Kind.DIRECTORY, b"6": Kind.FIFO,
}  # fmt: skip
_OPAQUE = ".wh..wh..opq"
ContentAt = Callable[[int, int], Content]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a layer may cost: members, and bytes of the plain tar (None: as many as there are)."""

    entries: int = 5_000_000
    size: int | None = 64 << 30


class TarReader:
    """Reads one layer from a plain tar stream, member by member, and collects its changeset.

    Iteration gives each entry in archive order with a clean path whose parents are directories: parents that the same
    layer made symbolic links are resolved here, never by the kernel. Hard links come as Kind.HARDLINK. After a regular
    file, ``chunks`` gives its bytes; what is not read is skipped. When iteration ends the stream was read to its end
    and ``changeset`` is whole. ``content`` makes the content of a file from its position and size in the stream.
    """

    def __init__(
        self, stream: BinaryIO, *, origin: str, limits: Limits | None = None, content: ContentAt | None = None
    ) -> None:
        self.origin = origin
        self._stream = stream
        self._limits = limits or Limits()
        self._content = content
        self._buffer = b""
        self._start = 0
        self._position = 0
        self._left = 0
        self._padding = 0
        self._extended = 0
        self._entries: dict[str, Entry] = {}
        self._whiteouts: set[str] = set()
        self._opaques: set[str] = set()
        self._links: set[str] = set()
        self._parents: dict[str, str] = {"": ""}
        self._through: dict[str, str] = {}

    @property
    def changeset(self) -> Changeset:
        """What was read so far: later members win, hard links within the layer are resolved."""
        hidden = {path for path in self._whiteouts if path in self._entries}
        opaques = self._opaques | {path for path in hidden if self._entries[path].is_directory}
        return Changeset.of(self._entries.values(), self._whiteouts - hidden, opaques)

    @property
    def position(self) -> int:
        """How many bytes of the plain tar were read; when iteration ended, all."""
        return self._position + self._start

    def __iter__(self) -> Iterator[Entry]:
        records: dict[str, bytes] = {}
        count = 0
        while (block := self._header_block()) is not None:
            count += 1
            if count > self._limits.entries:
                raise self._refused("", f"it has more than {self._limits.entries} entries")
            try:
                header = parse_header(block)
                if header.kind in (b"x", b"L", b"K"):
                    records.update(self._extension(header))
                    continue
                if header.kind == b"g":
                    self._begin(header.size)
                    continue
                entry = self._member(header, records)
            except IntegrityError as error:
                name = records.get("path") or block[:100].partition(b"\0")[0]
                raise self._refused(name.decode("utf-8", "replace"), error.message) from error
            records, self._extended = {}, 0
            if entry is not None:
                yield entry
        self._finish()

    def chunks(self) -> Iterator[memoryview]:
        """The content of the file that iteration gave last, in pieces that are valid until the next one."""
        while self._left:
            if self._start == len(self._buffer):
                self._fill()
            piece = memoryview(self._buffer)[self._start : self._start + self._left]
            self._start += len(piece)
            self._left -= len(piece)
            yield piece

    def _refused(self, name: str, cause: str) -> IntegrityError:
        place = f"`{name[:100]}` of {self.origin}" if name else f"`{self.origin}`"
        return IntegrityError(f"cannot read {place}: {cause}")

    def _fill(self) -> None:
        if not self._refill():
            raise self._refused("", "the archive is truncated")

    def _refill(self) -> bool:
        """Put the next bytes of the stream in the place of those that were used up; False at its end."""
        data = self._stream.read(_CHUNK)
        self._position += len(self._buffer)
        self._buffer, self._start = data, 0
        limit = self._limits.size
        if limit is not None and self._position + len(data) > limit:
            raise self._too_large(limit)
        return bool(data)

    def _take(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer only at the end of the stream."""
        end = self._start + size
        if end <= len(self._buffer):
            data = self._buffer[self._start : end]
            self._start = end
            return data
        parts = [self._buffer[self._start :]]
        missing = size - len(parts[0])
        self._start = len(self._buffer)
        while missing:
            self._fill()
            part = self._buffer[:missing]
            self._start = len(part)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _skip(self, size: int) -> None:
        while size > len(self._buffer) - self._start:
            size -= len(self._buffer) - self._start
            self._start = len(self._buffer)
            self._fill()
        self._start += size

    def _header_block(self) -> bytes | None:
        """The next header, None at the end: a zero block, or the stream's end where a header would begin."""
        if self._left or self._padding:
            self._skip(self._left + self._padding)
            self._left = self._padding = 0
        if self._start == len(self._buffer) and not self._refill():
            return None
        block = self._take(BLOCK)
        return None if block == ZERO else block

    def _finish(self) -> None:
        while self._refill():
            pass

    def _too_large(self, limit: int) -> IntegrityError:
        error = self._refused("", f"it unpacks to more than {limit} bytes")
        error.hint = "if you trust the image, allow more: LISSOM_LAYER_LIMIT=BYTES, as 128g"
        return error

    def _begin(self, size: int) -> None:
        self._left = size
        self._padding = -size % BLOCK

    def _extension(self, header: Header) -> dict[str, bytes]:
        self._extended += header.size
        if self._extended > _LONG_LIMIT:
            raise IntegrityError(f"its extended headers have more than {_LONG_LIMIT} bytes")
        data = self._take(header.size)
        self._padding = -header.size % BLOCK
        if header.kind == b"x":
            return parse_records(data)
        return {"path" if header.kind == b"L" else "linkpath": data.partition(b"\0")[0]}

    def _member(self, header: Header, records: dict[str, bytes]) -> Entry | None:
        if records:
            header = _overridden(header, records)
        kind = _KINDS.get(header.kind)
        if kind is None or any(key.startswith("GNU.sparse.") for key in records):
            what = "sparse files are" if header.kind == b"S" or kind else f"type `{header.kind.decode('latin-1')}` is"
            raise IntegrityError(f"{what} not supported")
        if kind is Kind.FILE and header.name.endswith(b"/"):
            kind = Kind.DIRECTORY
        if kind is Kind.FILE:
            self._begin(header.size)
        path = _clean(header.name)
        if (".wh." in path and self._whiteout(path)) or (kind is Kind.CHARACTER and self._whiteout_node(header, path)):
            return None
        return self._entry(header, kind, self._placed(path), records)

    def _whiteout_node(self, header: Header, path: str) -> bool:
        """An overlay file system takes a 0:0 device for a whiteout, so that is what it is here."""
        if header.device == (0, 0):
            self._whiteouts.add(self._placed(path))
            return True
        return False

    def _whiteout(self, path: str) -> bool:
        """Note the whiteout that ``path`` stands for; whether it stands for one (or for nothing, as aufs's names)."""
        parent, _, name = path.rpartition("/")
        if path.startswith(".wh..wh.") or "/.wh..wh." in path:
            if name == _OPAQUE and ".wh." not in parent:
                self._opaques.add(self._placed(parent + "/x").rpartition("/")[0] if parent else "")
            return True
        if parent.startswith(".wh.") or "/.wh." in parent:
            raise IntegrityError("a whiteout cannot be a directory")
        if not name.startswith(".wh."):
            return False
        hidden = name[4:]
        if hidden in ("", ".", ".."):
            raise IntegrityError("the whiteout names no file")
        self._whiteouts.add(self._placed(f"{parent}/{hidden}" if parent else hidden))
        return True

    def _entry(self, header: Header, kind: Kind, path: str, records: dict[str, bytes]) -> Entry:
        if not path and kind is not Kind.DIRECTORY:
            raise IntegrityError("the root is not a directory")
        if kind is not Kind.DIRECTORY and self._parents.get(path) == path:
            raise IntegrityError("it replaces a directory that has entries in this layer")
        link = ""
        if kind is Kind.SYMLINK:
            link = header.link.decode("utf-8", "surrogateescape")
            if not link:
                raise IntegrityError("the symbolic link has no target")
        elif kind is Kind.HARDLINK:
            return self._hard_link(header, path)
        xattrs = _xattrs(records) if records else NO_XATTRS
        device = header.device if header.device != NO_DEVICE else NO_DEVICE
        size = header.size if kind is Kind.FILE else 0
        offset = self._position + self._start
        content = self._content(offset, size) if self._content and kind is Kind.FILE else None
        entry = Entry(
            path, kind, header.mode & 0o7777, header.uid, header.gid, header.mtime, size, link, device, xattrs,
            "", content,
        )  # fmt: skip
        self._put(entry)
        return entry

    def _hard_link(self, header: Header, path: str) -> Entry:
        target = self._placed(_clean(header.link))
        if not target or target == path:
            raise IntegrityError("the hard link has no target")
        entry = Entry(path, Kind.HARDLINK, header.mode & 0o7777, header.uid, header.gid, header.mtime, link=target)
        found = self._entries.get(target)
        if found is None:
            self._put(entry)
            return entry
        if found.is_directory:
            raise IntegrityError("the hard link's target is a directory")
        if not found.inode and found.kind is not Kind.HARDLINK:
            found = replace(found, inode=f"{self.origin}:{self._position + self._start}")
            self._entries[target] = found
        self._put(replace(found, path=path))
        return entry

    def _put(self, entry: Entry) -> None:
        path = entry.path
        if path in self._links:
            self._links.discard(path)
            self._through.clear()
        if entry.kind is Kind.SYMLINK:
            self._links.add(path)
            self._through.clear()
        self._entries[path] = entry

    def _placed(self, path: str) -> str:
        """``path`` with its parents resolved through the links of this layer; they must not be files of it."""
        parent, slash, name = path.rpartition("/")
        if not slash:
            return path
        place = self._parents.get(parent)
        if place is None:
            place = self._through.get(parent)
        if place is None:
            place = self._resolve(parent)
            (self._parents if place == parent else self._through)[parent] = place
        return f"{place}/{name}" if place else name

    def _resolve(self, path: str) -> str:
        parts = path.split("/")[::-1]
        place, seen = "", 0
        while parts:
            part = parts.pop()
            if part == "..":
                place = parent_of(place)
                continue
            here = f"{place}/{part}" if place else part
            entry = self._entries.get(here)
            if entry is not None and entry.kind is Kind.SYMLINK:
                seen += 1
                if seen > _LINK_LIMIT:
                    raise IntegrityError("its parents are a loop of symbolic links")
                place = "" if entry.link.startswith("/") else place
                parts.extend(p for p in reversed(entry.link.split("/")) if p not in ("", "."))
                continue
            if entry is not None and not entry.is_directory:
                raise IntegrityError(f"its parent `{here}` is not a directory")
            place = here
            self._parents.setdefault(here, here)
        return place


def _overridden(header: Header, records: dict[str, bytes]) -> Header:
    changes: dict[str, object] = {}
    for key, field in (("path", "name"), ("linkpath", "link")):
        if value := records.get(key):
            if b"\0" in value:
                raise IntegrityError("its name holds a zero byte")
            changes[field] = value
    for key in ("size", "uid", "gid", "mtime"):
        if value := records.get(key):
            changes[key] = _decimal(value, key)
    return header._replace(**changes)  # type: ignore[arg-type]


def _decimal(value: bytes, key: str) -> int:
    whole, _, fraction = value.partition(b".")
    digits = whole[1:] if whole.startswith(b"-") and key == "mtime" else whole
    if not digits.isdigit() or len(digits) > 18 or (fraction and not fraction.isdigit()):
        raise IntegrityError(f"its {key} `{value[:40].decode('latin-1')}` is not a number that can be right")
    floor = -1 if whole.startswith(b"-") and fraction.strip(b"0") else 0
    return int(whole) + floor


def _clean(name: bytes) -> str:
    if len(name) > _PATH_LIMIT or name.count(b"/") > _DEPTH_LIMIT:
        raise IntegrityError("its path is too long or too deep")
    path = name.decode("utf-8", "surrogateescape")
    if not _DIRTY.search(path):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                raise IntegrityError("its path leaves the root")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _xattrs(records: dict[str, bytes]) -> dict[str, bytes]:
    """The extended attributes, without those by which a layer could steer overlayfs or us."""
    names = {key.removeprefix(XATTR): value for key, value in records.items() if key.startswith(XATTR)}
    return {name: value for name, value in names.items() if not name.startswith(FOREIGN)}


def read_changeset(
    stream: BinaryIO, *, origin: str, limits: Limits | None = None, content: ContentAt | None = None
) -> Changeset:
    """Read the plain tar ``stream`` to its end. ``origin`` names it in errors and makes its inodes unique.

    ``content(position, size)`` gives each regular file its content; without it files have none.
    Raises IntegrityError that names the entry.
    """
    reader = TarReader(stream, origin=origin, limits=limits, content=content)
    for _ in reader:
        pass
    return reader.changeset
