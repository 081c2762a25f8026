"""What a squash did, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lissom.report.growth import share
from lissom.report.terminal import size, table

__all__ = ["squash_text"]


def squash_text(done: Mapping[str, Any], names: Sequence[str]) -> str:
    """From the fields of what was done, and the names that the result got."""
    above = f"above {done['base']} " if done["kept"] else ""
    if not done["merged"]:
        return f"{done['digest']}: nothing {above}to merge"
    figures = [
        [title, size(done[f"{field}_before"]), size(done[f"{field}_after"]),
         share(done[f"{field}_before"], done[f"{field}_after"])]
        for title, field in (("compressed", "compressed"), ("unpacked", "unpacked"))
    ]  # fmt: skip
    layers = ["layers", str(done["kept"] + done["merged"]), str(done["kept"] + 1), ""]
    lines = [
        f"{done['merged']} layers {above}merged into one",
        "",
        table(["", "BEFORE", "AFTER", "CHANGE"], [*figures, layers]),
        "",
    ]
    if done["unshared"]:
        keeps = f"; --from {done['shareable']} keeps what can be shared" if done["shareable"] > done["kept"] else ""
        lines.append(f"{size(done['unshared'])} are no longer shared with other images of the store{keeps}")
    return "\n".join([*lines, *(f"Tagged: {name}" for name in names), str(done["digest"])])
