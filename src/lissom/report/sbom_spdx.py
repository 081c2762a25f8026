"""Inventories as SPDX 2.3 in JSON; see its specification, clauses 6 to 11."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from lissom.analysis.inventory.component import Component, File, Inventory, Maintainer
from lissom.report.sbom_json import encoded, moment, number

__all__ = ["spdx"]

_UNKNOWN = "NOASSERTION"
_IMAGE = "SPDXRef-image"
_PURPOSES = {"os": "OPERATING-SYSTEM", "runtime": "APPLICATION"}


def spdx(inventory: Inventory, version: str) -> bytes:
    """A document on the image, made by lissom of that ``version``; the same inventory gives the same bytes."""
    document: dict[str, Any] = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": inventory.name,
        "documentNamespace": "",
        "creationInfo": {"created": moment(inventory.created), "creators": [f"Tool: lissom-{version}"]},
        "packages": [_image(inventory), *map(_package, inventory.components)],
    }
    if files := [_file(file) for file in _files(inventory)]:
        document["files"] = files
    if licences := dict(pair for one in inventory.components for pair in one.licence.names):
        document["hasExtractedLicensingInfos"] = [_licence(ref, name) for ref, name in sorted(licences.items())]
    document["relationships"] = [
        {"spdxElementId": one, "relationshipType": how, "relatedSpdxElement": other}
        for one, how, other in _relationships(inventory)
    ]
    name = quote(inventory.name, safe="", errors="replace")
    document["documentNamespace"] = f"https://spdx.org/spdxdocs/{name}-{number(document)}"
    return encoded(document)


def _image(inventory: Inventory) -> dict[str, Any]:
    return {
        "SPDXID": _IMAGE,
        "name": inventory.name,
        "versionInfo": inventory.digest,
        "downloadLocation": _UNKNOWN,
        **_analyzed(inventory.files),
        "checksums": [_checksum("SHA256", inventory.digest.partition(":")[2])],
        "licenseConcluded": _UNKNOWN,
        "licenseDeclared": _UNKNOWN,
        "copyrightText": _UNKNOWN,
        "externalRefs": [_reference("PACKAGE-MANAGER", "purl", inventory.purl)],
        "primaryPackagePurpose": "CONTAINER",
    }


def _package(one: Component) -> dict[str, Any]:
    references = [_reference("PACKAGE-MANAGER", "purl", one.purl)] if one.purl else []
    if one.cpe:
        references.append(_reference("SECURITY", "cpe23Type", one.cpe))
    fields = {
        "SPDXID": f"SPDXRef-{one.ref}",
        "name": _name(one),
        "versionInfo": one.version,
        "supplier": _actor(one.maintainer) if one.maintainer else "",
        "downloadLocation": _UNKNOWN,
        **_analyzed(one.files),
        "checksums": [_checksum("SHA256", one.making.sha256)] if one.making.sha256 else [],
        "homepage": one.homepage,
        "sourceInfo": f"built package from: {one.source}" if one.source else f"recorded in {one.found}",
        "licenseConcluded": _UNKNOWN,
        "licenseDeclared": one.licence.expression or _UNKNOWN,
        "copyrightText": _UNKNOWN,
        "summary": one.summary,
        "comment": f"not in the image: {one.making.left_out}" if one.making.left_out else "",
        "externalRefs": references,
        "primaryPackagePurpose": _PURPOSES.get(one.kind, "LIBRARY"),
    }
    return {key: value for key, value in fields.items() if value or value is False}


def _name(one: Component) -> str:
    """Projects of Java are called by their group too: names alone are not unique."""
    return f"{one.group}:{one.name}" if one.group else one.name


def _actor(maintainer: Maintainer) -> str:
    """One line that tells name and address apart by brackets: a name has none of its own."""
    name = " ".join(maintainer.name.replace("(", " ").replace(")", " ").split()) or maintainer.mail
    kind = "Organization" if maintainer.many else "Person"
    return f"{kind}: {name}" + (f" ({maintainer.mail})" if maintainer.mail else "") if name else _UNKNOWN


def _analyzed(files: Iterable[File]) -> dict[str, Any]:
    """Whether the files are listed, and the sum over theirs (clause 7.9)."""
    sums = "".join(sorted(file.sha1 for file in files))
    if not sums:
        return {"filesAnalyzed": False}
    code = hashlib.sha1(sums.encode(), usedforsecurity=False).hexdigest()
    return {"filesAnalyzed": True, "packageVerificationCode": {"packageVerificationCodeValue": code}}


def _file(file: File) -> dict[str, Any]:
    return {
        "SPDXID": _file_id(file),
        "fileName": f".{file.path}",
        "checksums": [_checksum("SHA1", file.sha1), _checksum("SHA256", file.sha256)],
        "licenseConcluded": _UNKNOWN,
        "licenseInfoInFiles": [_UNKNOWN],
        "copyrightText": _UNKNOWN,
    }


def _files(inventory: Inventory) -> Iterator[File]:
    yield from inventory.files
    for one in inventory.components:
        yield from one.files


def _file_id(file: File) -> str:
    return f"SPDXRef-file-{hashlib.sha256(file.path.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"


def _relationships(inventory: Inventory) -> Iterator[tuple[str, str, str]]:
    yield "SPDXRef-DOCUMENT", "DESCRIBES", _IMAGE
    for one in inventory.loose:
        yield _IMAGE, "CONTAINS", f"SPDXRef-{one.ref}"
    for file in inventory.files:
        yield _IMAGE, "CONTAINS", _file_id(file)
    for one in inventory.components:
        name = f"SPDXRef-{one.ref}"
        for held in one.holds:
            yield name, "CONTAINS", f"SPDXRef-{held}"
        for file in one.files:
            yield name, "CONTAINS", _file_id(file)
        for needed in one.requires:
            yield name, "DEPENDS_ON", f"SPDXRef-{needed}"


def _licence(ref: str, name: str) -> dict[str, str]:
    said = f"The licence that packages of this image call “{name}”; its text is in their records of copyright."
    return {"licenseId": ref, "extractedText": said, "name": name}


def _checksum(algorithm: str, value: str) -> dict[str, str]:
    return {"algorithm": algorithm, "checksumValue": value}


def _reference(category: str, kind: str, locator: str) -> dict[str, str]:
    return {"referenceCategory": category, "referenceType": kind, "referenceLocator": locator}
