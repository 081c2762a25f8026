"""What dpkg needs to run: the files of the essential packages, before they are installed."""

from __future__ import annotations

from collections.abc import Iterable

from lissom.distroless.paths import merge_usr, merged_links
from lissom.distroless.tree.assembled import Origin
from lissom.distroless.tree.draft import Draft, completed, file
from lissom.errors import UsageError
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset

__all__ = ["POLICY", "bootstrap"]

POLICY = file("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
"""Lets no script start a service."""
_NEEDED = ("usr/bin/sh", "usr/bin/dpkg")


def bootstrap(packages: Iterable[Changeset], architecture: str) -> Changeset:
    """Every file of ``packages``, with no record of it: dpkg puts them in place once more. Merged /usr is base-files'
    own affair from trixie on.

    Raises UsageError when there is no shell or no dpkg among them.
    """
    draft, nobody, links = Draft(), Origin(), list[Entry]()
    for package in packages:
        files = package.entries.values()
        links += [entry for entry in files if entry.kind is Kind.SYMLINK and "/" not in entry.path]
        draft.lay(merge_usr(files), nobody)
    for path in _NEEDED:
        if path not in draft.entries:
            raise UsageError(
                f"cannot run maintainer scripts: no essential package of the image has `/{path}`",
                hint="`bootstrap: essential` adds what scripts count on",
            )
    draft.add(links or merged_links(architecture), nobody)
    draft.put([file("var/lib/dpkg/status", ""), file("var/lib/dpkg/available", ""), POLICY], nobody)
    draft.put([Entry("dev", Kind.DIRECTORY, 0o755)], nobody)
    return completed(draft.entries)
