"""Whether programs and libraries of an image find what they are linked to: else a container tells when it runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lissom.analysis.elf import Elf
from lissom.distroless.archive.control import Package
from lissom.distroless.tree.assembled import LeftOut
from lissom.distroless.tree.draft import Draft
from lissom.distroless.tree.leading import leads
from lissom.distroless.tree.libraries import library_directories
from lissom.distroless.tree.machines import Machine
from lissom.errors import UsageError
from lissom.events import Listener, Warned
from lissom.rootfs.entry import Kind, parent_of
from lissom.rootfs.tree import Tree

__all__ = ["check_needs"]

_MOST = 10
_DEBUG = "usr/lib/debug/"  # what debuggers read of a program has its headers, and nothing that they point to
_HINT = "add what is missing to `packages` or their slices, or leave out the files by `exclude`"


@dataclass(frozen=True)
class _Unmet:
    """The file ``path`` of ``package`` needs ``name``, which is nowhere. ``vital``: a program, or one's library."""

    path: str
    package: str
    name: str
    vital: bool


def check_needs(
    draft: Draft,
    files: Mapping[str, Elf],
    packages: Iterable[Package],
    machine: Machine,
    *,
    stated: Collection[str],
    listener: Listener,
) -> None:
    """Look for what each of the ELF ``files`` needs; ``stated`` are paths that are still to come.

    A library counts as found wherever it is: programs have ways of their own to find theirs. Raises UsageError for
    programs and for libraries that any program may be linked to; what is loaded on demand is only told.
    """
    known = {package.name: package for package in packages}
    found = list(_unmet(draft, files, machine, stated))
    for vital in (False, True):
        lines = [f"  {_said(one, draft.left_out, known)}" for one in found if one.vital is vital]
        more = [f"  and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
        if lines and vital:
            raise UsageError(
                "\n".join(["cannot lay out the image: libraries are missing", *lines[:_MOST], *more]), hint=_HINT
            )
        if lines:
            listener(
                Warned("\n".join(["libraries are missing that are loaded on demand", *lines[:_MOST], *more]), _HINT)
            )


def _unmet(draft: Draft, files: Mapping[str, Elf], machine: Machine, stated: Collection[str]) -> Iterator[_Unmet]:
    tree = draft.tree
    names = {path.rpartition("/")[2] for path in (*_leading(tree), *stated)}
    places = library_directories(tree, machine)
    for path, elf in files.items():
        if (elf.machine, elf.bits) not in machine.flags or elf.type not in ("exec", "dyn") or path.startswith(_DEBUG):
            continue
        vital = bool(elf.interpreter) or parent_of(path) in places
        needed = [name for name in elf.needed if name.rpartition("/")[2] not in names]
        if elf.interpreter and elf.interpreter not in stated and not leads(tree, elf.interpreter):
            needed.append(elf.interpreter)
        for name in needed:
            yield _Unmet(path, draft.origins[path].package, name, vital)


def _leading(tree: Tree) -> Iterator[str]:
    """Files, and links that lead to something."""
    for path, entry in tree.items():
        if entry.kind is Kind.FILE or (entry.kind is Kind.SYMLINK and leads(tree, path)):
            yield path


def _said(unmet: _Unmet, left_out: Iterable[LeftOut], packages: Mapping[str, Package]) -> str:
    """What is missing, and which package is known to have it."""
    text = f"/{unmet.path} needs {unmet.name}"
    for row in left_out:
        if row.path.rpartition("/")[2] == unmet.name.rpartition("/")[2]:
            return f"{text}, which is left out of {row.package}: {row.reason}"
    owner = packages.get(unmet.package)
    groups = (*owner.relations("Pre-Depends"), *owner.relations("Depends")) if owner else ()
    for relation in (one for group in groups for one in group):
        if relation.name not in packages and _fits(relation.name, unmet.name):
            return f"{text}, which {relation.name} should have: {unmet.package} depends on it"
    return text


def _fits(package: str, soname: str) -> bool:
    """Whether the package's name is made of the library's, as Debian's policy has it (8.1): libglib-2.0.so.0 is in
    libglib2.0-0.
    """
    name, plain = re.sub(r"\.so\.?|[-_]", "", soname.lower()), package.replace("-", "")
    return name.startswith(plain) or plain.startswith(name)
