"""Bills of materials as files: their formats, told by the name of the file, and writing them."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.analysis.inventory.component import Inventory
    from lissom.oci.platform import Platform

__all__ = ["FORMATS", "format_of", "path_for", "rendered", "write"]

FORMATS = ("spdx-json", "cyclonedx-json")
_ENDS = {".spdx.json": FORMATS[0], ".cdx.json": FORMATS[1], ".cyclonedx.json": FORMATS[1], ".json": FORMATS[0]}


def format_of(path: Path) -> str:
    """The format that a file's name asks for. Raises UsageError."""
    for end, form in _ENDS.items():
        if path.name.endswith(end):
            return form
    raise UsageError(
        f"cannot tell the format of `{path}`: its name ends in none that lissom writes",
        hint="end it in .spdx.json or .cdx.json",
    )


def path_for(path: Path, platform: Platform) -> Path:
    """The file for one of several platforms: ``base.spdx.json`` becomes ``base.amd64.spdx.json``."""
    end = next(end for end in _ENDS if path.name.endswith(end))
    word = f"{platform.architecture}-{platform.variant}" if platform.variant else platform.architecture
    return path.with_name(f"{path.name.removesuffix(end)}.{word}{end}")


def rendered(inventory: Inventory, form: str) -> bytes:
    """The bill of an inventory in one of FORMATS."""
    if form == FORMATS[0]:
        from lissom.report.sbom_spdx import spdx

        return spdx(inventory, version("lissom"))
    from lissom.report.sbom_cyclonedx import cyclonedx

    return cyclonedx(inventory, version("lissom"))


def write(path: Path, data: bytes) -> None:
    """Put ``data`` into a file that is whole or as it was before. Raises UsageError."""
    from lissom.api.new_file import new_file

    try:
        with new_file(path) as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}") from error
