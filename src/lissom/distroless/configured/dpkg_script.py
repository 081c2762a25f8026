"""The shell script that has dpkg install packages; see dpkg(1)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from lissom.distroless.archive.control import Package
from lissom.distroless.configured.order import batches, essentials, needed

__all__ = ["script"]


def script(packages: Sequence[Package], files: Mapping[str, str], filters: Sequence[str]) -> str:
    """Install ``packages``, whose files dpkg finds at the paths ``files``, without the paths that ``filters`` exclude.

    First all that is essential, at once: its parts need each other. Then the rest, what is pre-depended on first. At
    the end what is left is configured and triggers run, in dpkg's own order, on which numbers of users depend: apt
    leaves that to dpkg too.
    """
    first = essentials(packages)
    done = {package.name for package in first}
    rest = [package for package in packages if package.name not in done]
    dpkg = _command(filters)
    lines = ["set -e", "exec 2>&1", "umask 022"]
    lines.append(_line([*dpkg, "--install", *(files[package.name] for package in first)]))
    unpacked: list[Package] = []
    for batch in batches(rest):
        wanted = needed(_wanted(batch, unpacked), unpacked)
        if names := [package.name for package in wanted if package.name not in done]:
            lines.append(_line([*dpkg, "--no-triggers", "--configure", *names]))
            done.update(names)
        lines.append(_line([*dpkg, "--no-triggers", "--unpack", *(files[package.name] for package in batch)]))
        unpacked += batch
    lines += [_line([*dpkg, "--configure", "--pending"]), 'test -z "$(dpkg --audit)"']
    return "\n".join(lines) + "\n"


def _command(filters: Sequence[str]) -> list[str]:
    return ["dpkg", "--force-unsafe-io", "--force-depends", *(f"--{one}" for one in filters)]


def _wanted(batch: Sequence[Package], unpacked: Sequence[Package]) -> list[Package]:
    """What ``batch`` pre-depends on of what is unpacked."""
    names = {relation.name for one in batch for group in one.relations("Pre-Depends") for relation in group}
    return [one for one in unpacked if one.name in names or any(given.name in names for given in one.provides())]


def _line(words: Sequence[str]) -> str:
    return shlex.join(words)
