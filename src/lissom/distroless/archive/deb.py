"""Binary packages: an ar archive with a control and a data tar; see deb(5)."""

from __future__ import annotations

import io
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, BinaryIO, cast

from lissom.distroless.archive.control import parse_paragraph
from lissom.errors import IntegrityError
from lissom.rootfs.compress import decompressed
from lissom.rootfs.entry import Entry, FileSlice, Kind
from lissom.rootfs.tar import Limits, read_changeset
from lissom.rootfs.tree import Changeset

__all__ = ["Deb"]

_MAGIC = b"!<arch>\n"
_HEADER = 60
_CHUNK = 1 << 20
_LARGEST = 8 << 30  # more than the files of any package
_CONTROL = 64 << 20
_LIMITS = Limits(entries=1_000_000, size=_LARGEST)
_DEVICES = (Kind.CHARACTER, Kind.BLOCK)


@dataclass(frozen=True)
class Deb:
    """One package file. ``members`` are offset and size by name."""

    path: Path
    members: Mapping[str, tuple[int, int]]

    @classmethod
    def open(cls, path: Path) -> Deb:
        """Read the table of ``path``. Raises IntegrityError."""
        members: dict[str, tuple[int, int]] = {}
        with path.open("rb") as file:
            if file.read(8) != _MAGIC:
                raise IntegrityError(f"cannot read `{path.name}`: it is no Debian package")
            end = path.stat().st_size
            while header := file.read(_HEADER):
                name, size = header[:16].decode("ascii", "replace").strip().rstrip("/"), header[48:58].strip()
                offset = file.tell()
                if len(header) < _HEADER or header[58:] != b"`\n" or not size.isdigit() or offset + int(size) > end:
                    raise IntegrityError(f"cannot read `{path.name}`: the archive is damaged")
                members.setdefault(name, (offset, int(size)))
                file.seek(offset + int(size) + int(size) % 2)
        if next(iter(members), "") != "debian-binary":
            raise IntegrityError(f"cannot read `{path.name}`: it is no Debian package")
        return cls(path, members)

    @cached_property
    def control(self) -> Mapping[str, bytes]:
        """The control files by name, ``control`` among them. Raises IntegrityError."""
        name, stream = self._member("control.tar")
        with stream:
            data = b"".join(self._pieces(name, stream, _CONTROL))
        contents: dict[str, bytes] = {}
        changeset = read_changeset(
            _bytes(data),
            origin=f"{self.path.name} {name}",
            limits=_LIMITS,
            content=lambda offset, size: _Part(data, offset, size),
        )
        for path, entry in changeset.entries.items():
            if entry.kind is Kind.FILE and entry.content is not None:
                with entry.content.open() as file:
                    contents[path] = file.read()
        if "control" not in contents:
            raise IntegrityError(f"cannot read `{self.path.name}`: it has no control file")
        return contents

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The fields of the control file."""
        return parse_paragraph(self.control["control"].decode("utf-8", "replace"))

    @property
    def script(self) -> str:
        """What dpkg would run once the package is unpacked; empty without such a script."""
        return self.control.get("postinst", b"").decode("utf-8", "replace")

    def plain(self, directory: Path) -> Deb:
        """The same package in ``directory`` with its files uncompressed, for several readers. Raises IntegrityError."""
        name, stream = self._member("data.tar")
        target = directory / self.path.name
        control = next(one for one in self.members if one.startswith("control.tar"))
        with stream, target.open("wb") as out:
            out.write(_MAGIC)
            for one in ("debian-binary", control):
                with FileSlice(self.path, *self.members[one]).open() as part:
                    data = part.read()
                out.write(_header(one, len(data)) + data + b"\n" * (len(data) % 2))
            start = out.tell()
            out.write(_header("data.tar", 0))
            out.writelines(self._pieces(name, stream, _LARGEST))
            size = out.tell() - start - _HEADER
            out.write(b"\n" * (size % 2))
            out.seek(start)
            out.write(_header("data.tar", size))
        return Deb.open(target)

    def data(self, directory: Path) -> Changeset:
        """The package's files; their content is read from a plain copy, which is made in ``directory``.

        Members that would leave the root are refused. Raises IntegrityError.
        """
        plain = self if "data.tar" in self.members else self.plain(directory)
        start, size = plain.members["data.tar"]
        with FileSlice(plain.path, start, size).open() as tar:
            changeset = read_changeset(
                tar,
                origin=f"{self.path.name} data.tar",
                limits=_LIMITS,
                content=lambda offset, size: FileSlice(plain.path, start + offset, size),
            )
        if changeset.whiteouts or changeset.opaques:
            raise IntegrityError(f"cannot read `{self.path.name}`: it holds a file whose name begins with `.wh.`")
        if device := next((path for path, entry in changeset.entries.items() if entry.kind in _DEVICES), None):
            raise IntegrityError(f"cannot read `{self.path.name}`: `{device}` is a device")
        return Changeset.of(self._own(entry) for path, entry in changeset.entries.items() if path)

    def _pieces(self, name: str, stream: BinaryIO, limit: int) -> Iterator[bytes]:
        total = 0
        try:
            while piece := stream.read(_CHUNK):
                total += len(piece)
                if total > limit:
                    raise IntegrityError(f"cannot read `{self.path.name}`: {name} unpacks to more than {limit} bytes")
                yield piece
        except (lzma.LZMAError, EOFError) as error:
            raise IntegrityError(f"cannot read `{self.path.name}`: {name}: {error}") from error

    def _own(self, entry: Entry) -> Entry:
        """Inodes of several packages are not the same files."""
        return replace(entry, inode=f"{self.path.stem}:{entry.inode}") if entry.inode else entry

    def _member(self, stem: str) -> tuple[str, BinaryIO]:
        for name, (offset, size) in self.members.items():
            base, _, suffix = name.partition(".tar")
            if f"{base}.tar" != stem:
                continue
            part = FileSlice(self.path, offset, size).open()
            if suffix in (".xz", ".lzma"):
                return name, cast(BinaryIO, _Closing(part))
            if suffix in ("", ".gz", ".zst"):
                return name, decompressed(part)
            raise IntegrityError(
                f"cannot read `{self.path.name}`: `{name}` is compressed in a way lissom does not know"
            )
        raise IntegrityError(f"cannot read `{self.path.name}`: it has no {stem}")


class _Closing(lzma.LZMAFile):
    """An xz stream that closes the file below it."""

    def __init__(self, below: BinaryIO) -> None:
        super().__init__(below)
        self._below = below

    def close(self) -> None:
        super().close()
        self._below.close()


@dataclass(frozen=True, slots=True)
class _Part:
    whole: bytes
    offset: int
    size: int

    def open(self) -> BinaryIO:
        return _bytes(self.whole[self.offset : self.offset + self.size])


def _header(name: str, size: int) -> bytes:
    """What precedes a member of an ar archive; of its fields dpkg reads name and size."""
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode()


def _bytes(data: bytes) -> BinaryIO:
    stream: IO[bytes] = io.BytesIO(data)
    return cast(BinaryIO, stream)
