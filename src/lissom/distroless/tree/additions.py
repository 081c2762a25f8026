"""Files, links and directories that a spec itself states."""

from __future__ import annotations

from dataclasses import replace

from lissom.distroless.spec.spec import File, Spec
from lissom.distroless.tree.draft import file, link
from lissom.rootfs.entry import Entry, Kind

__all__ = ["additions"]


def additions(spec: Spec) -> list[Entry]:
    """What goes on top of everything else."""
    return [
        *(Entry(one.path.strip("/"), Kind.DIRECTORY, one.mode, one.uid, one.gid) for one in spec.directories),
        *(_file(one) for one in spec.files),
        *(link(path.strip("/"), target) for path, target in spec.links),
    ]


def _file(stated: File) -> Entry:
    return replace(file(stated.path.strip("/"), stated.data, stated.mode), uid=stated.uid, gid=stated.gid)
