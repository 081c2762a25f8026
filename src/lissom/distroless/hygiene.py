"""What a configured base keeps of its making, and the settings of apt and dpkg that docker's own bases have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from lissom.distroless.bootstrap import POLICY
from lissom.distroless.control import Package
from lissom.distroless.draft import file
from lissom.distroless.signature import DEBIAN_KEYRING
from lissom.distroless.sources import Source
from lissom.distroless.spec import Spec
from lissom.distroless.supply import Supply
from lissom.distroless.trims import filters
from lissom.rootfs.entry import Entry

__all__ = ["is_kept", "settings"]

_CLEAN = (
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb'
    ' /var/cache/apt/*.bin || true"; };\n'
    'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
)
_NOT_KEPT = re.compile(
    r"(dev|proc|sys|run(?!/lock$)|tmp|var/tmp)/.+"
    r"|etc/(resolv\.conf|hostname|hosts|machine-id|\.pwd\.lock|ld\.so\.cache~|(passwd|group|shadow|gshadow|subuid|subgid)-)"
    r"|var/log/((alternatives|bootstrap|dpkg|apt/history|apt/term)\.log|apt/eipp\.log\.xz)"
    r"|var/lib/dbus/machine-id|var/cache/ldconfig/aux-cache|var/cache/apt/.+\.bin|var/cache/apt/archives/(?!partial$).+"
    r"|var/cache/debconf/.+-old|var/lib/dpkg/.+-old|var/lib/dpkg/(lock|lock-frontend|triggers/Lock)"
    r"|var/lib/apt/(lists|mirrors)/(?!partial$).+|root/\..+_history|etc/apt/sources\.list"
)


def is_kept(path: str) -> bool:
    """Whether ``path`` is the image's: not a trace of this machine, this moment or of what was before a change."""
    return not _NOT_KEPT.fullmatch(path)


def settings(spec: Spec, supplied: Supply, entries: Mapping[str, Entry]) -> list[Entry]:
    """Files that make later apt-get runs small, and that say where ``supplied`` comes from."""
    found = [
        POLICY,
        file("etc/apt/apt.conf.d/docker-clean", _CLEAN),
        file("etc/apt/apt.conf.d/docker-no-languages", 'Acquire::Languages "none";\n'),
        file("etc/apt/apt.conf.d/docker-gzip-indexes", 'Acquire::GzipIndexes "true";\n'),
        file("etc/dpkg/dpkg.cfg.d/docker-apt-speedup", "force-unsafe-io\n"),
        file("etc/machine-id", ""),
        file("etc/apt/sources.list.d/debian.sources", "\n".join(_stanza(one, spec) for one in supplied.sources)),
    ]
    if supplied.automatic:
        marks = "".join(_mark(one, supplied.architecture) for one in supplied.automatic)
        found.append(file("var/lib/apt/extended_states", marks))
    if filters(spec):
        found.append(file("etc/dpkg/dpkg.cfg.d/docker", "".join(f"{line}\n" for line in filters(spec))))
    return [*found, *_keyrings(supplied.sources, entries)]


def _mark(package: Package, architecture: str) -> str:
    return f"Package: {package.name}\nArchitecture: {architecture}\nAuto-Installed: 1\n\n"


def _stanza(source: Source, spec: Spec) -> str:
    components = " ".join(one for one in source.components if one in spec.components)
    keys = source.signed_by or (DEBIAN_KEYRING,)
    signed = keys[0] if "\n" not in keys[0] else "\n " + keys[0].replace("\n", "\n ")
    signed = signed if len(keys) == 1 else ", ".join(keys)
    return f"Types: deb\nURIs: {source.uri}\nSuites: {source.suite}\nComponents: {components}\nSigned-By: {signed}\n"


def _keyrings(sources: Sequence[Source], entries: Mapping[str, Entry]) -> list[Entry]:
    """Key files of the machine that the packages do not bring."""
    paths = {key for source in sources for key in source.signed_by if key.startswith("/") and "\n" not in key}
    return [file(path[1:], Path(path).read_bytes()) for path in sorted(paths) if path[1:] not in entries]
