"""What debs and apks say of themselves; see deb-control(5) and apk-package(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lissom.analysis.apk import apk_record, apk_stanzas
from lissom.analysis.dpkg import Dpkg, stanzas
from lissom.analysis.inventory.debian_copyright import debian_licence
from lissom.analysis.inventory.details import Details, address, first_line, web_page
from lissom.analysis.inventory.licence import stated
from lissom.analysis.root import Root

__all__ = ["Key", "apk_details", "deb_details"]

_FIELD = re.compile(r"^(Package|Version|Architecture|Source|Maintainer|Homepage|Description):[ \t]*(.*)$", re.MULTILINE)
_LARGEST = 4 << 20
_SOURCE = re.compile(r"(\S+)(?:\s*\(([^()]*)\))?")

Key = tuple[str, str, str]
"""Name, version and architecture."""


def deb_details(root: Root) -> Mapping[Key, Details]:
    """Every deb of the records, those that only left their configuration too."""
    return {(said["Package"], said.get("Version", ""), said.get("Architecture", "")): _deb(root, path, said)
            for path, said in _debs(root)}  # fmt: skip


def apk_details(root: Root) -> Mapping[Key, Details]:
    """Every apk of the record."""
    path = apk_record(root)
    found: dict[Key, Details] = {}
    for lines in apk_stanzas(root.text(path)):
        said = {line[0]: line[2:] for line in reversed(lines) if line[1:2] == ":"}
        found[said.get("P", ""), said.get("V", ""), said.get("A", "")] = Details(
            path,
            licence=stated(said.get("L", "")),
            maintainer=address([said.get("m", "")]),
            homepage=web_page(said.get("U", "")),
            summary=first_line(said.get("T", "")),
            source=said["o"] if said.get("o", said.get("P")) != said.get("P") else "",
        )
    return found


def _debs(root: Root) -> Iterator[tuple[str, dict[str, str]]]:
    dpkg = Dpkg(root)
    for path in (dpkg.status, *(path for path in dpkg.single if not path.endswith(".md5sums"))):
        for stanza in stanzas(root.text(path)):
            said = dict(reversed(_FIELD.findall(stanza)))
            if said.get("Package"):
                yield path, said


def _deb(root: Root, path: str, said: Mapping[str, str]) -> Details:
    name, version = said["Package"], said.get("Version", "")
    match = _SOURCE.fullmatch(said.get("Source", "").strip())
    source, number = (match[1], match[2] or version) if match else (name, version)
    same = (source, number) == (name, version)
    return Details(
        path,
        licence=debian_licence(root.text(f"usr/share/doc/{name}/copyright", _LARGEST)),
        maintainer=address([said.get("Maintainer", "")]),
        homepage=web_page(said.get("Homepage", "")),
        summary=first_line(said.get("Description", "")),
        source="" if same else source,
        source_version="" if same else number,
    )
