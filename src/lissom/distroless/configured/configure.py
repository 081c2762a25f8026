"""A full Debian base: packages unpacked and configured by dpkg itself, in the sandbox, with docker's hygiene."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lissom.distroless.archive.deb import Deb
from lissom.distroless.configured.bootstrap import bootstrap
from lissom.distroless.configured.dpkg_script import script
from lissom.distroless.configured.order import essentials
from lissom.distroless.configured.tree import OWN_CERTIFICATE, finished
from lissom.distroless.paths import kept
from lissom.distroless.spec.spec import Spec, Wish
from lissom.distroless.spec.trims import filters
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.assembled import Assembled
from lissom.distroless.tree.left_out import left_out
from lissom.errors import StepError, UsageError
from lissom.events import Listener, StepOutput
from lissom.rootfs.disk import write
from lissom.rootfs.ownership import Ownership
from lissom.sandbox.process import Bind, FileMount, Process, run
from lissom.store.snapshots import Snapshots, Workspace

__all__ = ["check_configurable", "configure"]

_DEBS = "/run/lissom-debs"
_CA = "/run/lissom-ca"
_SCRIPT = "/run/lissom-configure"
_TRUST = f"cp {_CA}/*.crt /usr/local/share/ca-certificates/\nupdate-ca-certificates\n"
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NONINTERACTIVE_SEEN": "true",
    "LC_ALL": "C.UTF-8",
    "PERL_HASH_SEED": "0",
    "PYTHONHASHSEED": "0",
}
_TAIL = 20
_FAULT = re.compile(r"^dpkg: error processing (?:package|archive) (\S+) \(--\S+\):\n (.+)", re.MULTILINE)
_REPLACED = {
    "applets": "a full base has a shell",
    "debug": "a full base has a shell",
    "java": "scripts set Java up as Debian has it",
    "pyc": "Python's own scripts compile its modules",
    "strip": "dpkg's records are of the files as they are",
}


def check_configurable(spec: Spec) -> None:
    """Raise UsageError for settings that have no meaning where maintainer scripts run."""
    for name, why in _REPLACED.items():
        if getattr(spec, name):
            raise UsageError(f"cannot use `{name}` together with `configure`: {why}")
    for wish in spec.packages:
        if wish.slices:
            raise UsageError(
                f"cannot configure slices of `{wish.name}`: scripts count on all of a package",
                hint="`exclude` leaves out paths of configured packages",
            )


def configure(spec: Spec, supplied: Supply, *, snapshots: Snapshots, timestamp: int, listener: Listener) -> Assembled:
    """The configured tree, in which apt knows the automatic packages of ``supplied`` as such.

    Needs what a sandbox needs. Raises UsageError without what scripts need, StepError when one fails.
    """
    with snapshots.workspace() as workspace:
        plain = _plain(spec, supplied, workspace.path / "debs")
        whole = {name: deb.data(deb.path.parent) for name, deb in plain.items()}
        laid = {name: kept(files, filters(spec)) for name, files in whole.items()}
        first = bootstrap((laid[package.name] for package in essentials(supplied.packages)), supplied.architecture)
        # Straight into the upper directory: dpkg links what it replaces, which would copy every file of a lower one.
        write(first, workspace.upper, ownership=snapshots.ownership)
        debs = {**supplied.debs, **{name: deb.path for name, deb in plain.items()}}
        _run(_process(spec, supplied, debs, workspace, ownership=snapshots.ownership, timestamp=timestamp), listener)
        tree = snapshots.tree([snapshots.put_upper(workspace)])
    missing = [row for name, files in whole.items() for row in left_out(spec, Wish(name), files, files, laid[name])]
    return finished(spec, supplied, tree, missing, timestamp=timestamp, listener=listener)


def _plain(spec: Spec, supplied: Supply, directory: Path) -> dict[str, Deb]:
    """Packages that lissom reads, without compression for dpkg, which reads them once more: the essential ones, and
    all where something of them is left out.
    """
    directory.mkdir()
    packages = supplied.packages if filters(spec) else essentials(supplied.packages)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        opened = pool.map(lambda package: Deb.open(supplied.debs[package.name]).plain(directory), packages)
        return {package.name: deb for package, deb in zip(packages, opened, strict=True)}


def _process(
    spec: Spec,
    supplied: Supply,
    debs: Mapping[str, Path],
    workspace: Workspace,
    *,
    ownership: Ownership,
    timestamp: int,
) -> Process:
    binds = {place: f"{_DEBS}/{number}" for number, place in enumerate({path.parent: 0 for path in debs.values()})}
    files = {name: f"{binds[path.parent]}/{path.name}" for name, path in debs.items()}
    text = script(supplied.packages, files, filters(spec))
    mounts = [Bind(directory, place, readonly=True) for directory, place in binds.items()]
    if spec.ca:
        mounts.append(Bind(_certificates(spec, supplied, workspace), _CA, readonly=True))
        text += _TRUST
    return Process(
        argv=("/bin/sh", _SCRIPT),
        env={**_ENVIRONMENT, "SOURCE_DATE_EPOCH": str(timestamp)},
        lowers=(),
        upper=workspace.upper,
        work=workspace.work,
        network="none",
        mounts=(*mounts, FileMount(_SCRIPT, text.encode(), 0o555, secret=False)),
        ownership=ownership,
    )


def _certificates(spec: Spec, supplied: Supply, workspace: Workspace) -> Path:
    if not any(package.name == "ca-certificates" for package in supplied.packages):
        raise UsageError(
            "cannot trust the certificates of `ca`: package ca-certificates is not among those of the image",
            hint="add `ca-certificates` to `packages`",
        )
    directory = workspace.path / "certificates"
    directory.mkdir()
    for number, text in enumerate(spec.ca, 1):
        (directory / f"{OWN_CERTIFICATE.rpartition('/')[2]}{number}.crt").write_text(text, encoding="ascii")
    return directory


def _run(process: Process, listener: Listener) -> None:
    output = bytearray()

    def on_output(stream: int, data: bytes) -> None:
        output.extend(data)
        listener(StepOutput(1, stream, data, detail=True))

    if status := run(process, on_output):
        text = output.decode("utf-8", "replace")
        lines = tuple(text.splitlines()[-_TAIL:])
        failed = _FAULT.search(text)
        name = failed[1].rpartition("/")[2].partition("_")[0] if failed else ""
        what = f"package `{name}`: {failed[2]}" if failed else f"the packages: dpkg ended with status {status}"
        raise StepError(
            f"cannot configure {what}\n" + "\n".join(f"  {line}" for line in lines), status=status, output=lines
        )
