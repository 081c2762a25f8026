"""Bills of materials held against their formats' own validators."""

from __future__ import annotations

import json

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import get_spdx_licensing
from packageurl import PackageURL
from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

LICENSING = get_spdx_licensing()


def check_spdx(data: bytes) -> dict:
    """The document, which SPDX's own library takes, finds nothing wrong with, and writes again as it was."""
    document = json.loads(data)
    parsed = JsonLikeDictParser().parse(document)
    assert [message.validation_message for message in validate_full_spdx_document(parsed)] == []
    assert _ordered(DocumentConverter().convert(parsed)) == _ordered(document)
    return document


def check_cyclonedx(data: bytes) -> dict:
    """The document, which is valid by the strict schema."""
    text = data.decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    return json.loads(text)


def purls(document: dict) -> list[str]:
    """Every purl of a bill but the image's, each as its specification's own library would write it."""
    if "spdxVersion" in document:
        refs = [ref for package in document["packages"][1:] for ref in package.get("externalRefs", ())]
        found = [ref["referenceLocator"] for ref in refs if ref["referenceType"] == "purl"]
    else:
        found = [one["purl"] for one in document["components"] if "purl" in one]
    # Which letters a code of a percent sign has is no matter; the library itself is of two minds.
    assert [PackageURL.from_string(purl).to_string().lower() for purl in found] == [purl.lower() for purl in found]
    return sorted(found)


def _ordered(value: object) -> object:
    """What is a set in the format as a list in one order; both spellings of a word are one."""
    if isinstance(value, dict):
        return {key: _plain(each) if key == "licenseDeclared" else _ordered(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted(map(_ordered, value), key=lambda each: json.dumps(each, sort_keys=True))
    return value.replace("_", "-") if value in ("PACKAGE_MANAGER", "OPERATING_SYSTEM") else value


def _plain(expression: str) -> str:
    """A licence under the newest of its names."""
    return "NOASSERTION" if expression == "NOASSERTION" else str(LICENSING.parse(expression))
