"""One pass over a layer: its entries, and of its files what the ledger asks of their bytes.

A packed layer is read once, as it is decompressed; what is read again later goes to a spool. Of an unpacked one only
those files are opened of which something is to be learned.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace

from lissom.analysis.ledger.fingerprint import Fingerprint, fingerprint
from lissom.analysis.ledger.looked import HEAD, Parts, Symbols, is_interesting, needed, symbols, wanted_parts
from lissom.analysis.ledger.records import is_record, is_script_place, is_systems
from lissom.analysis.ledger.spool import Spool
from lissom.analysis.secrets import LARGEST, is_boring, is_readable, secret_in, secret_named
from lissom.errors import LissomError
from lissom.image.image import Blobs, Layer
from lissom.rootfs.compress import decompressed
from lissom.rootfs.entry import Content, Entry, Inline, Kind
from lissom.rootfs.tar import Limits, TarReader
from lissom.rootfs.tree import Changeset

__all__ = ["Scan", "scan_packed", "scan_unpacked"]

_WHOLE = 1 << 20
_CHUNK = 1 << 20
_SMALLEST_ELF = 64
_TAR_END = 1024
_ELF_SUFFIXES = (".so", ".o", ".ko", ".node", ".debug", ".bin", ".exe", ".elf")


@dataclass(slots=True)
class Scan:
    """What a layer holds. Files of ``changeset`` have content where it can be read again. ``links`` leads a further
    name to the one that carries the bytes. ``needs`` are libraries that ELF files outside of the system's directories
    ask for, None where that is not known; ``secrets`` what files look like; ``tar`` bytes of the plain tar.
    """

    changeset: Changeset
    links: dict[str, str] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    symbols: dict[str, Symbols] = field(default_factory=dict)
    needs: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    tar: int = 0


def scan_packed(
    layer: Layer, blobs: Blobs, spool: Spool, *, sizes: Container[int] | None = None, limits: Limits | None = None
) -> Scan:
    """Read a layer's blob once. Files of ``sizes`` are hashed, all without it. Raises IntegrityError."""
    scan, kept = Scan(Changeset()), dict[str, Content]()
    with blobs.open(layer.descriptor) as blob, decompressed(blob) as plain:
        reader = TarReader(plain, origin=str(layer.diff_id), limits=limits)
        for entry in reader:
            if entry.kind is Kind.HARDLINK:
                scan.links[entry.path] = entry.link
            elif entry.kind is Kind.FILE:
                scan.links.pop(entry.path, None)
                if entry.size:
                    content = _Passing(scan, entry, spool).read(reader, hashing=sizes is None or entry.size in sizes)
                    if content is not None:
                        kept[entry.path] = content
        scan.tar = reader.position
    changeset = reader.changeset
    entries = {p: replace(e, content=kept[p]) if p in kept else e for p, e in changeset.entries.items()}
    scan.changeset = replace(changeset, entries=entries)
    scan.links = {name: target for name, target in scan.links.items() if _is_name_of(entries, name, target)}
    return scan


def _is_name_of(entries: dict[str, Entry], name: str, target: str) -> bool:
    """Whether both are names of one file in the end: later members may have taken the place of either."""
    one, other = entries.get(name), entries.get(target)
    return one is not None and other is not None and bool(one.inode) and one.inode == other.inode


class _Passing:
    """One file whose bytes go by."""

    def __init__(self, scan: Scan, entry: Entry, spool: Spool) -> None:
        self._scan = scan
        self._entry = entry
        self._spool = spool

    def read(self, reader: TarReader, *, hashing: bool) -> Content | None:
        """Look at the bytes; the content where it is kept."""
        path, size = self._entry.path, self._entry.size
        chunks = reader.chunks()
        first = next(chunks)
        if len(first) < size <= _WHOLE:
            first = memoryview(b"".join([first, *chunks]))
        keep = is_record(path, size) or (bytes(first[:2]) == b"#!" and is_script_place(path, size))
        start = self._spool.begin()
        if keep:
            self._spool.write(first)
        if len(first) == size:
            if hashing:
                self._scan.digests[path] = fingerprint(first)
            self._whole(first)
        else:
            mark = Fingerprint()
            mark.update(first)
            self._large(first, self._tapped(chunks, mark, keep=keep))
            self._scan.digests[path] = mark.digest()
        return self._spool.end(start) if keep else None

    def _tapped(self, chunks: Iterator[memoryview], mark: Fingerprint, *, keep: bool) -> Iterator[memoryview]:
        for chunk in chunks:
            mark.update(chunk)
            if keep:
                self._spool.write(chunk)
            yield chunk

    def _whole(self, data: memoryview) -> None:
        if is_interesting(data):
            whole = bytes(data)
            _look(self._scan, self._entry.path, Inline(whole), whole[:HEAD])
        else:
            _note_secret(self._scan, self._entry, data)

    def _large(self, first: memoryview, chunks: Iterator[memoryview]) -> None:
        """A file of more than one chunk: of ELF files the parts that say something are held."""
        if not is_interesting(first):
            _note_secret(self._scan, self._entry, b"")
            for _ in chunks:
                pass
            return
        head, size = bytes(first[:HEAD]), self._entry.size
        ranges = [(low, high, bytearray()) for low, high in wanted_parts(head, size)]
        at = 0
        for chunk in _after(first, chunks):
            for low, high, held in ranges:
                if low < at + len(chunk) and at < high:
                    held.extend(chunk[max(low - at, 0) : high - at])
            at += len(chunk)
        parts = [(0, head), *((low, bytes(held)) for low, _, held in ranges)]
        _look(self._scan, self._entry.path, Parts(size, parts), head)


def _after(first: memoryview, rest: Iterator[memoryview]) -> Iterator[memoryview]:
    yield first
    yield from rest


def _look(scan: Scan, path: str, content: Content, head: bytes) -> None:
    """What an ELF file says."""
    found = symbols(content, head)
    if found is not None:
        scan.symbols[path] = found
    if not is_systems(path):
        scan.needs[path] = needed(content)


def _note_secret(scan: Scan, entry: Entry, data: memoryview | bytes) -> None:
    path = entry.path
    what = secret_named(path)
    if what is None and (not data or len(data) > LARGEST or is_systems(path) or not is_readable(path)):
        return
    if not is_boring(path):
        what = what or secret_in(bytes(data))
        if what is not None:
            scan.secrets[path] = what


def scan_unpacked(changeset: Changeset, *, sizes: Container[int] | None = None) -> Scan:
    """Look at the files of a layer whose contents can be opened. Files of ``sizes`` are hashed, all without it.

    Of the names of one file the first as directories are walked carries the bytes. ``tar`` is what lissom would write.
    """
    scan = Scan(changeset, links=_links(changeset), tar=_tar_size(changeset))
    for path, entry in changeset.entries.items():
        if entry.kind is not Kind.FILE or not entry.size or entry.content is None or path in scan.links:
            continue
        if sizes is None or entry.size in sizes:
            scan.digests[path] = _digest(entry.content)
        if _may_be_elf(entry):
            with entry.content.open() as stream:
                head = stream.read(HEAD if entry.size > _WHOLE else entry.size)
            if is_interesting(head):
                _look(scan, path, entry.content, head)
                continue
        _note_secret(scan, entry, _text(entry))
    return scan


def _links(changeset: Changeset) -> dict[str, str]:
    first: dict[str, str] = {}
    links: dict[str, str] = {}
    several = [e for e in changeset.entries.values() if e.inode and not e.is_directory]
    for entry in sorted(several, key=lambda entry: entry.path.split("/")):
        carrier = first.setdefault(entry.inode, entry.path)
        if carrier != entry.path:
            links[entry.path] = carrier
    return links


def _tar_size(changeset: Changeset) -> int:
    """The plain tar as lissom would write it, but for longer headers."""
    members = len(changeset.entries) + len(changeset.whiteouts) + len(changeset.opaques)
    sizes = {entry.inode or path: entry.size for path, entry in changeset.entries.items() if entry.kind is Kind.FILE}
    return 512 * members + sum(size + -size % 512 for size in sizes.values()) + _TAR_END


def _digest(content: Content) -> bytes:
    mark = Fingerprint()
    with content.open() as stream:
        while data := stream.read(_CHUNK):
            mark.update(data)
    return mark.digest()


def _may_be_elf(entry: Entry) -> bool:
    if entry.size < _SMALLEST_ELF:
        return False
    name = entry.path.rpartition("/")[2]
    return bool(entry.mode & 0o111) or name.endswith(_ELF_SUFFIXES) or ".so." in name


def _text(entry: Entry) -> bytes:
    path = entry.path
    if entry.content is None or entry.size > LARGEST or is_systems(path) or is_boring(path) or not is_readable(path):
        return b""
    try:
        with entry.content.open() as stream:
            return stream.read(LARGEST)
    except (LissomError, OSError):
        return b""
