"""npm packages that nobody installed: an app's own package.json."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lissom.analysis.package import Package
from lissom.analysis.packages import Packages
from lissom.rootfs.entry import parent_of

__all__ = ["npm_projects"]

_LARGEST = 4 << 20


def npm_projects(packages: Packages) -> Iterator[Package]:
    """Every package.json with a name and a version that is not part of an installed one."""
    root = packages.root
    for path in root.tree:
        owner = packages.language_owner(path) if path.endswith("/package.json") else None
        if not path.endswith("/package.json") or (owner is not None and owner.kind == "npm"):
            continue
        try:
            said = json.loads(root.text(path, _LARGEST))
        except (ValueError, RecursionError):
            continue
        name, version = (said.get("name"), said.get("version")) if isinstance(said, dict) else (None, None)
        if isinstance(name, str) and isinstance(version, str) and name and version:
            needs = said.get("dependencies")
            yield Package(
                "npm",
                name,
                version,
                requires=tuple(map(str, needs)) if isinstance(needs, dict) else (),
                root=parent_of(path),
                records=frozenset((path,)),
            )
