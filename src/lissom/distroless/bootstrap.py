"""What dpkg needs to run: the files of the essential packages, before they are installed."""

from __future__ import annotations

from collections.abc import Sequence

from lissom.distroless.deb import Deb
from lissom.distroless.draft import completed, file
from lissom.distroless.paths import kept, merge_usr, merged_links
from lissom.errors import UsageError
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset

__all__ = ["POLICY", "bootstrap"]

POLICY = file("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
"""Lets no script start a service."""
_SHELL = "usr/bin/sh"


def bootstrap(debs: Sequence[Deb], filters: Sequence[str], architecture: str) -> Changeset:
    """Every file of ``debs``, with no record of it: dpkg puts them in place once more.

    Raises UsageError when there is no shell or no dpkg among them, IntegrityError for a damaged package.
    """
    entries: dict[str, Entry] = {}
    for deb in debs:
        for entry in merge_usr(kept(deb.data(deb.path.parent), filters).entries.values()):
            old = entries.get(entry.path)
            if old is None or not old.is_directory:
                entries[entry.path] = entry
    for path in (_SHELL, "usr/bin/dpkg"):
        if path not in entries:
            raise UsageError(
                f"cannot run maintainer scripts: no essential package of the image has `/{path}`",
                hint="`bootstrap: essential` adds what scripts count on",
            )
    for entry in merged_links(architecture):
        entries.setdefault(entry.path, entry)
    records = (file("var/lib/dpkg/status", ""), file("var/lib/dpkg/available", ""))
    for entry in (*records, POLICY, Entry("dev", Kind.DIRECTORY, 0o755)):
        entries[entry.path] = entry
    return completed(entries)
