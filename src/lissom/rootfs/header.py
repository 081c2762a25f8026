"""Headers of tar archives: 512-byte blocks and PAX records, both ways (POSIX.1-2017 pax, GNU tar's extensions)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from lissom.errors import IntegrityError

__all__ = ["BLOCK", "Header", "pack_header", "parse_header", "parse_records"]

BLOCK = 512
ZERO = bytes(BLOCK)
_FIELDS = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12s")
_OCTAL_LIMIT_8 = 0o7777777
_OCTAL_LIMIT_12 = 0o77777777777
_NUMBER_LIMIT = 1 << 62
XATTR = "SCHILY.xattr."
_CHECKSUM = slice(148, 156)


class Header(NamedTuple):
    """One header block. ``name`` and ``link`` are bytes as stored, the prefix joined; ``size`` is never negative."""

    name: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    kind: bytes
    link: bytes
    device: tuple[int, int]


def _number(field: bytes) -> int:
    """An octal number, or GNU's base-256 one."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big")
        bits = 8 * len(field)
        if field[0] == 0xFF:
            return value - (1 << bits)
        return value - (1 << (bits - 1))
    digits = field[:-1]
    if field[-1] or not digits.isdigit():  # not as almost all are
        digits = field.partition(b"\0")[0].strip()
    if not digits:
        return 0
    try:
        if digits.isdigit():
            return int(digits, 8)
    except ValueError:
        pass
    raise IntegrityError("a number in its header is not octal")


def parse_header(block: bytes) -> Header:
    """Read one header block that is not all zero. Raises IntegrityError with the bare cause."""
    if len(block) != BLOCK:
        raise IntegrityError("the archive is truncated")
    fields = _FIELDS.unpack(block)
    name, mode, uid, gid, size, mtime, checksum, kind, link, magic, _, _, major, minor, prefix, tail = fields
    stored = _number(checksum)
    if _sum(block) - sum(checksum) + 256 != stored and _signed_sum(block) != stored:
        raise IntegrityError("a header's checksum is wrong")
    name = name.partition(b"\0")[0]
    device = (0, 0)
    if magic[:5] == b"ustar":
        if magic[5:] != b"  \0" and prefix[0]:
            prefix = prefix[:131] if tail[8:] == b"tar\0" else prefix
            name = prefix.partition(b"\0")[0] + b"/" + name
        if kind in (b"3", b"4"):
            device = (_number(major), _number(minor))
    length = _number(size)
    if not 0 <= length < _NUMBER_LIMIT:
        raise IntegrityError("a size in its header is negative or absurd")
    link = link.partition(b"\0")[0]
    return Header(name, _number(mode), _number(uid), _number(gid), length, _number(mtime), kind, link, device)


def _sum(block: bytes | bytearray) -> int:
    """The sum of the bytes. Of fewer than 516 ASCII bytes Adler's checksum counts just that, at a tenth of the cost."""
    return (zlib.adler32(block) & 0xFFFF) - 1 if block.isascii() else sum(block)


def _signed_sum(block: bytes) -> int:
    signed = sum(value - 256 if value > 127 else value for value in block)
    field = sum(value - 256 if value > 127 else value for value in block[_CHECKSUM])
    return signed - field + 256


def parse_records(data: bytes) -> dict[str, bytes]:
    """The records of a PAX header: ``length key=value`` lines. Raises IntegrityError with the bare cause."""
    records: dict[str, bytes] = {}
    start = 0
    while start < len(data):
        if data[start] == 0:
            break
        space = data.find(b" ", start, start + 20)
        digits = data[start:space] if space > 0 else b""
        end = start + int(digits) if digits.isdigit() else 0
        if end <= space + 1 or end > len(data) or data[end - 1] != 0x0A:
            raise IntegrityError("a PAX record is malformed")
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not equals or not key:
            raise IntegrityError("a PAX record is malformed")
        records[key.decode("utf-8", "surrogateescape")] = value
        start = end
    return records


def _pack_records(records: Mapping[str, bytes]) -> bytes:
    out = bytearray()
    for key in sorted(records):
        body = b" " + key.encode("utf-8", "surrogateescape") + b"=" + records[key] + b"\n"
        length = len(body) + len(str(len(body)))
        if len(str(length)) != len(str(len(body))):
            length += 1
        out += str(length).encode() + body
    return bytes(out)


def _block(header: Header, prefix: bytes) -> bytes:
    octal = b"%07o\0"
    major, minor = header.device
    parts = (
        header.name,
        octal % header.mode,
        octal % header.uid,
        octal % header.gid,
        b"%011o\0" % header.size,
        b"%011o\0" % header.mtime,
        b"        ",
        header.kind,
        header.link,
        b"ustar\x0000",
        b"",
        b"",
        octal % major,
        octal % minor,
        prefix,
        b"",
    )
    block = bytearray(_FIELDS.pack(*parts))
    block[_CHECKSUM] = b"%06o\0 " % _sum(block)
    return bytes(block)


def pack_header(header: Header, xattrs: Mapping[str, bytes]) -> bytes:
    """The blocks for one entry: one ustar block, and before it a PAX header for what ustar cannot hold.

    Raises IntegrityError with the bare cause for names and numbers that no tar can hold.
    """
    records: dict[str, bytes] = {}
    name, prefix = header.name, b""
    if b"\0" in name or b"\0" in header.link:
        raise IntegrityError("its name holds a zero byte")
    if len(name) > 100 or not name.isascii():
        split = _split(name) if name.isascii() else None
        if split:
            prefix, name = split
        else:
            records["path"] = name
            name = _short(name)
    link = header.link
    if len(link) > 100 or not link.isascii():
        records["linkpath"] = link
        link = _short(link)
    numbers = {"uid": _OCTAL_LIMIT_8, "gid": _OCTAL_LIMIT_8, "size": _OCTAL_LIMIT_12, "mtime": _OCTAL_LIMIT_12}
    held: dict[str, Any] = {}
    for key, limit in numbers.items():
        value: int = getattr(header, key)
        held[key] = value if 0 <= value <= limit else 0
        if held[key] != value:
            records[key] = str(value).encode()
    for key, data in xattrs.items():
        if "=" in key or "\0" in key:
            raise IntegrityError(f"the name of its extended attribute `{key}` cannot be stored")
        records[XATTR + key] = data
    block = _block(header._replace(name=name, link=link, **held), prefix)
    return _pax(header.name, records) + block if records else block


def _pax(name: bytes, records: Mapping[str, bytes]) -> bytes:
    data = _pack_records(records)
    base = _short(name.rstrip(b"/").rpartition(b"/")[2])[:80]
    head = Header(b"PaxHeaders.0/" + base, 0o644, 0, 0, len(data), 0, b"x", b"", (0, 0))
    return _block(head, b"") + data + bytes(-len(data) % BLOCK)


def _short(name: bytes) -> bytes:
    return bytes(value if value < 128 else 0x3F for value in name[:100])


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """``name`` as ustar's prefix and name, None when it does not fit."""
    if len(name) > 256:
        return None
    cut = name.rfind(b"/", 0, min(156, len(name) - 1))
    if cut <= 0 or len(name) - cut - 1 > 100:
        return None
    return name[:cut], name[cut + 1 :]
