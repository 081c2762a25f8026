"""A root file system of packages whose scripts never run: their files, and what the scripts would have made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lissom.distroless.assembled import Assembled, Origin
from lissom.distroless.control import Package
from lissom.distroless.deb import Deb
from lissom.distroless.paths import kept, merge_usr, merged_links
from lissom.distroless.spec import Account, Spec
from lissom.distroless.supply import Supply
from lissom.distroless.trims import filters
from lissom.errors import IntegrityError, UsageError
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Changeset

__all__ = ["additions", "assemble", "completed", "file"]

_ROOT = Account("root", 0, 0, "/root", "/sbin/nologin")
_NOBODY = Account("nobody", 65534, 65534)
_NONROOT = Account("nonroot", 65532, 65532, "/home/nonroot")
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATES = "usr/share/ca-certificates/"
_APPLETS = b"\0[\0[[\0"


def assemble(spec: Spec, supplied: Supply, workspace: Path) -> Assembled:
    """The tree of ``spec``, whose content is read from plain tars of the packages, written to ``workspace``.

    Raises IntegrityError for a damaged package, UsageError for settings that do not fit the files.
    """
    entries: dict[str, Entry] = {}
    origins: dict[str, Origin] = {}
    for package in supplied.packages:
        deb = Deb.open(supplied.debs[package.name])
        for entry in merge_usr(kept(deb.data(workspace), filters(spec)).entries.values()):
            old = entries.get(entry.path)
            if old is None or not (old.is_directory and entry.is_directory):
                entries[entry.path] = entry
                origins[entry.path] = Origin(package.name)
        for entry in _record(deb, package):
            entries[entry.path] = entry
            origins[entry.path] = Origin(package.name, "the package's record")
    if not spec.applets:
        for entry in merged_links(supplied.architecture):
            entries.setdefault(entry.path, entry)
    for entry in (*_accounts(spec), *_frame(spec), *_bundle(entries)):
        entries[entry.path] = entry
    if spec.applets:
        _add_applets(spec.applets.lstrip("/"), entries)
    for entry in additions(spec):
        entries[entry.path] = entry
        origins[entry.path] = Origin(reason="stated in the spec")
    return Assembled(completed(entries).entries, origins)


def file(path: str, text: str | bytes, mode: int = 0o644, gid: int = 0) -> Entry:
    """A regular file of root's."""
    data = text.encode() if isinstance(text, str) else text
    return Entry(path, Kind.FILE, mode, gid=gid, size=len(data), content=Inline(data))


def completed(entries: Mapping[str, Entry]) -> Changeset:
    """A changeset of ``entries`` and the parents that they lack."""
    found = dict(entries)
    for path in entries:
        above = path
        while above := parent_of(above):
            if above in found and found[above].kind is Kind.SYMLINK:
                raise UsageError(f"cannot make `/{path}`: `/{above}` is a symbolic link")
            found.setdefault(above, Entry(above, Kind.DIRECTORY, 0o755))
    return Changeset.of(found.values())


def additions(spec: Spec) -> list[Entry]:
    """Files, links and directories that the spec itself states."""
    return [
        *(Entry(path.lstrip("/"), Kind.DIRECTORY, mode) for path, mode in spec.directories),
        *(file(path.lstrip("/"), text) for path, text in spec.files),
        *(Entry(path.lstrip("/"), Kind.SYMLINK, 0o777, link=target) for path, target in spec.links),
    ]


def _record(deb: Deb, package: Package) -> list[Entry]:
    """What scanners read: the package's control fields and hashes below status.d."""
    where = f"var/lib/dpkg/status.d/{package.name}"
    control = deb.control["control"].rstrip() + b"\n"
    records = [file(where, control.replace(b"\nVersion:", b"\nStatus: install ok installed\nVersion:", 1))]
    if sums := deb.control.get("md5sums"):
        records.append(file(f"{where}.md5sums", sums))
    return records


def _accounts(spec: Spec) -> list[Entry]:
    named = {user.name for user in spec.users}
    users = [*(one for one in (_ROOT, _NOBODY, _NONROOT) if one.name not in named), *spec.users]
    fixed = [Account("root", 0), Account("nobody", 65534), Account("tty", 5), Account("staff", 50)]
    groups = [*fixed, Account("nonroot", 65532), *spec.groups]
    passwd = "".join(f"{one.name}:x:{one.id}:{one.gid}:{one.name}:{one.home}:{one.shell}\n" for one in users)
    homes = [
        Entry(one.home.strip("/"), Kind.DIRECTORY, 0o700 if one.id == 0 else 0o755, one.id, one.gid)
        for one in users
        if one.home not in ("/nonexistent", "/")
    ]
    return [file("etc/passwd", passwd), file("etc/group", "".join(f"{g.name}:x:{g.id}:\n" for g in groups)), *homes]


def _frame(spec: Spec) -> list[Entry]:
    empty = ("boot", "dev", "etc", "home", "proc", "run", "sys", "usr", "var")
    directories = [Entry(name, Kind.DIRECTORY, 0o755) for name in empty if name != "boot" or not spec.applets]
    return [
        *directories,
        Entry("tmp", Kind.DIRECTORY, 0o1777),
        Entry("var/tmp", Kind.DIRECTORY, 0o1777),
        file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    ]


def _bundle(entries: Mapping[str, Entry]) -> list[Entry]:
    parts = []
    for path in sorted(entries):
        content = entries[path].content
        if path.startswith(_CERTIFICATES) and path.endswith(".crt") and content:
            with content.open() as stream:
                parts.append(stream.read().rstrip() + b"\n")
    return [file(_BUNDLE, b"".join(parts))] if parts else []


def _add_applets(path: str, entries: dict[str, Entry]) -> None:
    """Give a multi-call program its names beside it, as hard links; the list is read from the program itself."""
    if path not in entries:
        entries |= {path: entries.pop(f"usr/{path}")} if f"usr/{path}" in entries else {}
    program = entries.get(path)
    if program is None or program.content is None:
        raise UsageError(f"cannot make applets of `/{path}`: no package has this file")
    with program.content.open() as stream:
        data = stream.read()
    start = data.find(_APPLETS)
    if start < 0:
        raise IntegrityError(f"cannot make applets of `/{path}`: it holds no list of them")
    names = data[start + 1 : data.index(b"\0\0", start)].decode("ascii").split("\0")
    for name in ("busybox", *names):
        where = f"{parent_of(path)}/{name}"
        entries[where] = replace(program, path=where, inode="applets")
