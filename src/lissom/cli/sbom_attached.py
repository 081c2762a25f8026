"""Bills of materials beside their images: attached there, and taken from there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lissom.cli.sbom_file import FORMATS
from lissom.errors import IntegrityError, StoreError

if TYPE_CHECKING:
    from lissom.api.access import Access
    from lissom.oci.digest import Digest
    from lissom.oci.platform import Platform

__all__ = ["attach_bill", "attached_bill"]

_TYPES = {FORMATS[0]: "application/spdx+json", FORMATS[1]: "application/vnd.cyclonedx+json"}
_ENDS = {FORMATS[0]: "spdx.json", FORMATS[1]: "cdx.json"}
_STATED = {FORMATS[0]: "https://spdx.dev/Document", FORMATS[1]: "https://cyclonedx.org/bom"}


def attach_bill(
    access: Access, image: str, data: bytes, form: str, *, platform: Platform | None, created: int
) -> Digest:
    """Attach a bill to the image that it is of; the same bill again changes nothing. Gives the artifact's digest."""
    from lissom.api.attach import attached_bytes

    name = f"sbom.{_ENDS[form]}"
    return attached_bytes(access, image, name, data, _TYPES[form], platform=platform, created=created).digest


def attached_bill(access: Access, image: str, form: str | None, platform: Platform | None) -> bytes:
    """The newest bill that is attached to an image, of one format or any; out of the statement that attests it.

    Raises StoreError when there is none, IntegrityError.
    """
    from lissom.api.attached import attached
    from lissom.image.attestation import PREDICATE
    from lissom.image.image import read_blob

    kinds = [kind for table in (_TYPES, _STATED) for key, kind in table.items() if form in (None, key)]
    with attached(access, image, kinds, platform=platform) as found:
        if found is None or not found.contents:
            what = "bill of materials" if form is None else f"bill of materials in {form}"
            raise StoreError(
                f"cannot find a {what} of `{image}`: none is attached to it", hint="without --attached one is made"
            )
        content = found.contents[0].descriptor
        data = read_blob(found.blobs, content)
    if content.annotations.get(PREDICATE) is None:
        return data
    try:
        return json.dumps(json.loads(data)["predicate"], indent=2).encode() + b"\n"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise IntegrityError(f"cannot read the attestation `{content.digest}`: it states nothing") from error
