"""Where paths of an image of packages come from, or what left them out, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lissom.distroless.evidence.provenance import LeftOut, Member, Present, Provenance
from lissom.report.terminal import size, table

__all__ = ["left_out_text", "origins_json", "origins_text", "present_text"]

Shown = Callable[[str], str]
"""Makes names of strangers harmless."""


def present_text(told: Provenance, row: Present, shown: Shown) -> str:
    """One path that is there: its package and layer, and why that package is there, up to what asked for it."""
    weight = (
        size(row.size)
        if row.kind == "file"
        else "another name of a file"
        if row.kind == "hardlink"
        else f"a {row.kind}"
    )
    head = f"/{row.path} is there: {weight}{_of(told, row.package)}{_in(told, row.layer)}"
    notes = [row.reason, _built(told.members.get(row.package))]
    if not row.package and not row.reason and row.kind != "directory":
        notes.append("no package has it")
    chain = told.chain(row.package)
    rows = [[f"  {one.name}", one.version, _because(told, one)] for one in chain]
    parts = [head, *(f"  {note}" for note in notes if note)]
    if rows:
        parts += ["", table(["  PACKAGE", "VERSION", "WHY"], rows)]
    return "\n".join(shown(line) for part in parts for line in part.split("\n"))


def left_out_text(told: Provenance, row: LeftOut, shown: Shown) -> str:
    """One path that is not there, what left it out, and what would keep it, where a word in the spec would."""
    weight = size(row.size) if row.kind == "file" else f"a {row.kind}"
    lines = [f"/{row.path} is not there: {weight}{_of(told, row.package)}", f"  {row.reason}"]
    if row.reason.startswith("not in the slices"):
        lines += ["", f'"/{row.path}" beside the slices of {row.package} in the spec takes it']
    elif row.reason.startswith(("trim: ", "exclude: ")):
        lines += ["", f'`keep: ["/{row.path}"]` in the spec keeps it']
    return "\n".join(map(shown, lines))


def origins_text(told: Provenance, rows: Sequence[Present | LeftOut], shown: Shown, *, limit: int | None) -> str:
    """A table of paths, the largest first, at most ``limit`` of them, and their sum."""
    ordered = sorted(rows, key=lambda row: (-row.size, row.path))
    cells = [
        [shown(f"/{row.path}"), size(row.size), shown(row.package) or "-", shown(_word(row))]
        for row in (ordered if limit is None else ordered[:limit])
    ]
    left = [row for row in rows if isinstance(row, LeftOut)]
    left_size = sum(row.size for row in left)
    total = f"{len(rows) - len(left):,} are there ({size(sum(row.size for row in rows) - left_size)})"
    if not told.by_records:
        total += f", {len(left):,} were left out ({size(left_size)})"
    more = [] if limit is None or len(rows) <= limit else [f"… and {len(rows) - limit} more: --all shows them"]
    return "\n".join([table(["PATH", "SIZE", "PACKAGE", "WHY"], cells), *more, "", total])


def origins_json(told: Provenance, rows: Sequence[Present | LeftOut]) -> list[dict[str, Any]]:
    """The same as JSON objects, each with the whole chain of its package."""
    return [_object(told, row) for row in rows]


def _object(told: Provenance, row: Present | LeftOut) -> dict[str, Any]:
    member = told.members.get(row.package)
    return {
        "path": f"/{row.path}",
        "stays": isinstance(row, Present),
        "kind": row.kind,
        "size": row.size,
        "package": row.package,
        "version": member.version if member else "",
        "source": member.source if member else "",
        "section": member.section if member else "",
        "layer": row.layer if isinstance(row, Present) else 0,
        "reason": row.reason,
        "chain": [
            {"package": one.name, "version": one.version, "wish": one.wish, "needed_by": one.needed_by}
            for one in told.chain(row.package)
        ],
    }


def _word(row: Present | LeftOut) -> str:
    if isinstance(row, LeftOut):
        return f"left out, {row.reason}"
    return row.reason or (row.kind if row.kind in ("directory", "hardlink") else "-")


def _of(told: Provenance, package: str) -> str:
    member = told.members.get(package)
    return f" of {member.name} {member.version}" if member else ""


def _in(told: Provenance, layer: int) -> str:
    return f", in layer {layer} of {len(told.layers)}" if layer else ""


def _built(member: Member | None) -> str:
    if member is None or not member.source:
        return ""
    return f"built from {member.source}" + (f", section {member.section}" if member.section else "")


def _because(told: Provenance, member: Member) -> str:
    if member.needed_by:
        return f"{member.needed_by} needs it"
    if told.by_records:
        return "no other package needs it"
    return f"the spec asks for it: {member.wish}" if member.wish else "the lock has it"
