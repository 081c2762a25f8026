"""``/etc/ld.so.cache``, in which the dynamic linker looks libraries up, and the links that ldconfig(8) makes.

The form is glibc's "new" one, version 1.1, as ``dl-cache.h`` of its source has it: a header of 48 bytes, entries of 24
bytes sorted from the last name to the first, then the texts that they point to. Extensions are left out: they are for
variants of a library by kind of processor, without which the plain one is used.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from lissom.distroless.tree.draft import file, link
from lissom.distroless.tree.libraries import Library, order
from lissom.distroless.tree.machines import Machine
from lissom.rootfs.entry import Entry
from lissom.rootfs.tree import Tree

__all__ = ["linker_cache", "soname_links"]

_MAGIC = b"glibc-ld.so.cache1.1"
_LITTLE, _BIG = 2, 3


def linker_cache(found: Sequence[Library], machine: Machine) -> list[Entry]:
    """The cache of ``found``, which is in the order of search; none where there are no libraries."""
    if not found:
        return []
    byte_order = ">" if machine.big_endian else "<"
    header = struct.Struct(f"{byte_order}20sIIB3xI12x")
    row = struct.Struct(f"{byte_order}iIIIQ")
    # The order of search is kept among those of equal names.
    ordered = sorted(found, key=lambda one: (order(one.soname), one.flags), reverse=True)
    texts, places = bytearray(), dict[str, int]()
    start = header.size + row.size * len(found)
    rows = bytearray()
    for library in ordered:
        for text in (library.soname, f"{library.directory}/{library.soname}"):
            if text not in places:
                places[text] = start + len(texts)
                texts += text.encode("utf-8", "surrogateescape") + b"\0"
        path = f"{library.directory}/{library.soname}"
        rows += row.pack(library.flags, places[library.soname], places[path], 0, 0)
    head = header.pack(_MAGIC, len(found), len(texts), _BIG if machine.big_endian else _LITTLE, 0)
    return [file("etc/ld.so.cache", head + bytes(rows) + bytes(texts))]


def soname_links(found: Sequence[Library], tree: Tree) -> list[Entry]:
    """Links from names that the linker asks for to the files that have them, where a package lacks them."""
    missing = (one for one in found if one.place not in tree)
    return [link(one.place, one.target.rpartition("/")[2]) for one in missing]
