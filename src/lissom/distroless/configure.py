"""A full Debian base: packages unpacked and configured by dpkg itself, in the sandbox, with docker's hygiene."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from lissom.distroless.additions import additions
from lissom.distroless.assembled import Assembled
from lissom.distroless.control import Package
from lissom.distroless.deb import Deb
from lissom.distroless.draft import completed, file
from lissom.distroless.paths import kept, merge_usr, merged_links
from lissom.distroless.resolve import batches
from lissom.distroless.signature import DEBIAN_KEYRING
from lissom.distroless.sources import Source
from lissom.distroless.spec import Spec
from lissom.distroless.supply import Supply
from lissom.distroless.trims import filters
from lissom.errors import StepError
from lissom.events import Listener, StepOutput
from lissom.rootfs.disk import write
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset, Tree
from lissom.sandbox.process import Bind, FileMount, Process, run
from lissom.store.snapshots import Snapshots

__all__ = ["configure"]

_DEBS = "/run/lissom-debs"
_SCRIPT = "/run/lissom-configure"
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NONINTERACTIVE_SEEN": "true",
    "LC_ALL": "C.UTF-8",
    "PERL_HASH_SEED": "0",
}
_CLEAN = (
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb'
    ' /var/cache/apt/*.bin || true"; };\n'
    'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
)
_NOT_KEPT = re.compile(
    r"(dev|proc|sys|run(?!/lock$)|tmp|var/tmp)/.+"
    r"|etc/(resolv\.conf|hostname|hosts|mtab|machine-id|\.pwd\.lock|ld\.so\.cache~|(passwd|group|shadow|gshadow|subuid|subgid)-)"
    r"|var/log/.+(\.log|/term\.log)|var/cache/ldconfig/aux-cache|var/cache/apt/.+\.bin|var/cache/apt/archives/(?!partial$).+"
    r"|var/cache/debconf/.+-old|var/lib/dpkg/.+-old|var/lib/dpkg/(lock|lock-frontend|triggers/Lock)"
    r"|var/lib/apt/(lists|mirrors)/(?!partial$).+|root/\..+_history|etc/apt/sources\.list"
)
_TAIL = 20


def configure(spec: Spec, supplied: Supply, *, snapshots: Snapshots, timestamp: int, listener: Listener) -> Assembled:
    """The configured tree, in which apt knows the automatic packages of ``supplied`` as such.

    Needs what a sandbox needs. Raises StepError when a script fails.
    """
    packages, debs = supplied.packages, supplied.debs
    with snapshots.workspace() as workspace:
        plain = _plain(packages, debs, workspace.path / "debs")
        # Straight into the upper directory: dpkg links what it replaces, which would copy every file of a lower one.
        write(_unpacked(spec, supplied.architecture, plain), workspace.upper, ownership=snapshots.ownership)
        process = Process(
            argv=("/bin/sh", _SCRIPT),
            env={**_ENVIRONMENT, "SOURCE_DATE_EPOCH": str(timestamp)},
            lowers=(),
            upper=workspace.upper,
            work=workspace.work,
            network="none",
            mounts=(
                Bind(workspace.path / "debs", _DEBS, readonly=True),
                FileMount(_SCRIPT, _script(spec, packages, debs).encode(), 0o555, secret=False),
            ),
            ownership=snapshots.ownership,
        )
        _run(process, listener)
        upper = snapshots.put_upper(workspace)
    tree = snapshots.tree([upper])
    return _finished(spec, tree, supplied)


def _plain(packages: Sequence[Package], debs: Mapping[str, Path], directory: Path) -> list[Deb]:
    """The packages without compression: they are read twice, by lissom and by dpkg."""
    directory.mkdir()
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda package: Deb.open(debs[package.name]).plain(directory), packages))


def _unpacked(spec: Spec, architecture: str, debs: Sequence[Deb]) -> Changeset:
    """Enough to run dpkg: every package's files, which dpkg then puts in place once more, with its records."""
    entries: dict[str, Entry] = {}
    for deb in debs:
        for entry in merge_usr(kept(deb.data(deb.path.parent), filters(spec)).entries.values()):
            old = entries.get(entry.path)
            if old is None or not old.is_directory:
                entries[entry.path] = entry
    for entry in merged_links(architecture):
        entries.setdefault(entry.path, entry)
    for entry in (
        file("var/lib/dpkg/status", ""),
        file("var/lib/dpkg/available", ""),
        file("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755),
        Entry("dev", Kind.DIRECTORY, 0o755),
    ):
        entries[entry.path] = entry
    return completed(entries)


def _script(spec: Spec, packages: Sequence[Package], debs: Mapping[str, Path]) -> str:
    options = ["--force-unsafe-io", "--force-depends", *(f"--{one}" for one in filters(spec))]
    quoted = " ".join(f"'{one}'" for one in options)
    lines = ["set -e", "exec 2>&1", "umask 022"]
    for batch in batches(packages):
        essential = [package for package in batch if package.essential]
        ordered = [*essential, *(package for package in batch if not package.essential)]
        names = " ".join(f"{_DEBS}/{PurePosixPath(debs[package.name]).name}" for package in ordered)
        lines.append(f"dpkg {quoted} --install {names}")
    lines.append(f"dpkg {quoted} --configure --pending")
    lines.append('test -z "$(dpkg --audit)"')
    return "\n".join(lines) + "\n"


def _run(process: Process, listener: Listener) -> None:
    output = bytearray()

    def on_output(stream: int, data: bytes) -> None:
        output.extend(data)
        listener(StepOutput(1, stream, data))

    status = run(process, on_output)
    if status:
        lines = tuple(output.decode("utf-8", "replace").splitlines()[-_TAIL:])
        raise StepError(
            f"cannot configure the packages: dpkg ended with status {status}\n"
            + "\n".join(f"  {line}" for line in lines),
            status=status,
            output=lines,
        )


def _finished(spec: Spec, tree: Tree, supplied: Supply) -> Assembled:
    entries = {path: entry for path, entry in tree.items() if path and not _NOT_KEPT.fullmatch(path)}
    hygiene = [
        file("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755),
        file("etc/apt/apt.conf.d/docker-clean", _CLEAN),
        file("etc/apt/apt.conf.d/docker-no-languages", 'Acquire::Languages "none";\n'),
        file("etc/apt/apt.conf.d/docker-gzip-indexes", 'Acquire::GzipIndexes "true";\n'),
        file("etc/dpkg/dpkg.cfg.d/docker-apt-speedup", "force-unsafe-io\n"),
        file("etc/machine-id", ""),
        file("etc/apt/sources.list.d/debian.sources", "\n".join(_stanza(one, spec) for one in supplied.sources)),
    ]
    if supplied.automatic:
        marks = "".join(_mark(one, supplied.architecture) for one in supplied.automatic)
        hygiene.append(file("var/lib/apt/extended_states", marks))
    if filters(spec):
        hygiene.append(file("etc/dpkg/dpkg.cfg.d/docker", "".join(f"{line}\n" for line in filters(spec))))
    for entry in (*hygiene, *_keyrings(supplied.sources, entries), *additions(spec)):
        entries[entry.path] = entry
    return Assembled(completed(entries).entries)


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
