"""What a configured base keeps of its making, and the settings of apt and dpkg that docker's own bases have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lissom.distroless.archive.control import Package
from lissom.distroless.archive.signature import DEBIAN_KEYRING
from lissom.distroless.archive.sources import Source
from lissom.distroless.configured.bootstrap import POLICY
from lissom.distroless.spec.spec import Spec
from lissom.distroless.spec.trims import filters
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.draft import file
from lissom.errors import UsageError
from lissom.rootfs.entry import Entry

__all__ = ["is_kept", "settings"]

_CLEAN = (
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb'
    ' /var/cache/apt/*.bin || true"; };\n'
    'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
)
_KEYRINGS = ("/etc/apt/keyrings/", "/usr/share/keyrings/")
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
    """Files that make later runs of dpkg and apt-get small, and that say to apt where ``supplied`` comes from.

    Raises UsageError for a keyring that is not there.
    """
    found = [POLICY, file("etc/dpkg/dpkg.cfg.d/docker-apt-speedup", "force-unsafe-io\n"), file("etc/machine-id", "")]
    if supplied.automatic:
        marks = "".join(_mark(one, supplied.architecture) for one in supplied.automatic)
        found.append(file("var/lib/apt/extended_states", marks))
    if filters(spec):
        found.append(file("etc/dpkg/dpkg.cfg.d/docker", "".join(f"{line}\n" for line in filters(spec))))
    return [*found, *(_apt(supplied, entries) if "usr/bin/apt-get" in entries else ())]


def _apt(supplied: Supply, entries: Mapping[str, Entry]) -> list[Entry]:
    return [
        file("etc/apt/apt.conf.d/docker-clean", _CLEAN),
        file("etc/apt/apt.conf.d/docker-no-languages", 'Acquire::Languages "none";\n'),
        file("etc/apt/apt.conf.d/docker-gzip-indexes", 'Acquire::GzipIndexes "true";\n'),
        *_sources(supplied, entries),
    ]


def _mark(package: Package, architecture: str) -> str:
    return f"Package: {package.name}\nArchitecture: {architecture}\nAuto-Installed: 1\n\n"


def _sources(supplied: Supply, entries: Mapping[str, Entry]) -> list[Entry]:
    """The sources in deb822's form, see sources.list(5), and this machine's key files that no package brings."""
    keys = sorted({key for source in supplied.sources for key in source.signed_by if "\n" not in key})
    files = {key: _read(key) for key in keys if key[1:] not in entries}
    places = {key: _place(key, data, number) for number, (key, data) in enumerate(files.items())}
    stanzas = "\n".join(_stanza(source, places) for source in supplied.sources)
    sources = file("etc/apt/sources.list.d/debian.sources", stanzas)
    return [sources, *(file(places[key][1:], data) for key, data in files.items())]


def _read(key: str) -> bytes:
    try:
        return Path(key).read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot put keyring `{key}` into the image: {error.strerror}", hint="a lock made elsewhere may name it"
        ) from error


def _place(key: str, data: bytes, number: int) -> str:
    """Where a key file is in an image: not where a checkout happens to be. What is in it apt tells by the name."""
    if key.startswith(_KEYRINGS):
        return key
    return f"/etc/apt/keyrings/spec-{number}{'.asc' if b'BEGIN PGP' in data else '.gpg'}"


def _stanza(source: Source, places: Mapping[str, str]) -> str:
    keys = [places.get(key, key) for key in source.signed_by] or [DEBIAN_KEYRING]
    fields = {
        "Types": "deb",
        "URIs": source.uri,
        "Suites": source.suite,
        "Components": " ".join(source.components),
        "Signed-By": ", ".join(keys) if "\n" not in keys[0] else _folded(keys[0]),
        "Check-Valid-Until": "" if source.check_valid_until else "no",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def _folded(text: str) -> str:
    """Lines of a field's value; an empty one would end the paragraph."""
    return "".join(f"\n {line or '.'}" for line in text.splitlines())
