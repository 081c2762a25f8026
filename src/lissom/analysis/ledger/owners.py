"""Which package each live file is counted for: one at most, the system's before a language's, Java archives last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lissom.analysis.inventory.jars import read_jars
from lissom.analysis.ledger.share import Share
from lissom.analysis.packages import Packages

__all__ = ["assign", "label", "weigh"]


def label(kind: str, name: str) -> str:
    """How the ledger names a package."""
    return f"{kind} {name}"


def assign(packages: Packages, shares: Iterable[Share]) -> None:
    """Give every live share its package."""
    archives = _archives(packages)
    for share in shares:
        found = packages.owner(share.path) or packages.language_owner(share.path)
        share.package = label(found.kind, found.name) if found else archives.get(share.path, "")


def _archives(packages: Packages) -> Mapping[str, str]:
    """Java archives by path. The one that an archive itself is comes first; what was put into it has no bytes."""
    found: dict[str, str] = {}
    for jar in read_jars(packages.root):
        found.setdefault(jar.path.partition("!/")[0], label("java", jar.name))
    return found


def weigh(shares: Iterable[Share]) -> dict[str, int]:
    """Bytes by package, largest first; the empty name holds what no package owns."""
    sums: dict[str, int] = {}
    for share in shares:
        sums[share.package] = sums.get(share.package, 0) + share.size
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))
