"""A root file system of packages whose scripts never run: their files, and what the scripts would have made."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path

from lissom.analysis.elf import Elf
from lissom.distroless.archive.control import Package
from lissom.distroless.archive.deb import Deb
from lissom.distroless.paths import kept, merge_usr, merged_links
from lissom.distroless.spec.slices import sliced
from lissom.distroless.spec.spec import Spec, Wish
from lissom.distroless.spec.trims import filters
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.accounts import account_files, homes
from lissom.distroless.tree.additions import additions
from lissom.distroless.tree.applets import put_applets, put_debug
from lissom.distroless.tree.assembled import FRAME, RECORD, STATED, Assembled, Origin
from lissom.distroless.tree.certificates import BUNDLE, bundle, is_source, trusted
from lissom.distroless.tree.draft import Draft
from lissom.distroless.tree.first_program import check_first_program
from lissom.distroless.tree.frame import frame, framed
from lissom.distroless.tree.jlink import link_java
from lissom.distroless.tree.ld_cache import linker_cache, soname_links
from lissom.distroless.tree.left_out import left_out
from lissom.distroless.tree.libraries import elves, libraries
from lissom.distroless.tree.machines import MACHINES, Machine
from lissom.distroless.tree.needs import check_needs
from lissom.distroless.tree.pyc import compile_modules
from lissom.distroless.tree.record import records
from lissom.distroless.tree.scripts import link_alternatives, tell_of_accounts
from lissom.distroless.tree.stripping import strip
from lissom.distroless.tree.truststore import trust_store
from lissom.distroless.tree.zones import zone
from lissom.events import Listener, silent
from lissom.rootfs.ownership import Ownership
from lissom.rootfs.tree import Changeset

__all__ = ["assemble"]

_IN_BUNDLE = "its certificate is in the bundle"


def assemble(
    spec: Spec,
    supplied: Supply,
    workspace: Path,
    *,
    ownership: Ownership = Ownership.KERNEL,
    listener: Listener = silent,
) -> Assembled:
    """The tree of ``spec``, whose content is read from what is written to ``workspace``, such as packages' plain tars.

    Raises IntegrityError for a damaged package, UsageError for settings that do not fit the files.
    """
    debs = {package.name: Deb.open(supplied.debs[package.name]) for package in supplied.packages}
    draft = Draft()
    wishes = {wish.name: wish for wish in spec.packages}
    rivals = _replacing(supplied.packages)
    for name, brought in _unpacked(debs, workspace).items():
        wish = wishes.get(name, Wish(name))
        wanted = sliced(brought, wish)
        laid = kept(wanted, filters(spec))
        draft.lay(framed(merge_usr(laid.entries.values())), Origin(name), rivals.get(name, ()))
        draft.left_out += left_out(spec, wish, brought, wanted, laid)
    if spec.applets:
        put_applets(draft, spec.applets)
    else:
        draft.add(merged_links(supplied.architecture), FRAME)
    _put_frame(draft, spec)
    if spec.debug:
        put_debug(draft)
    home = link_java(draft, spec.java, workspace, ownership=ownership) if spec.java else None
    files = elves(draft.tree)
    strip(draft, files, [path for path in files if spec.strip or (home and path.startswith(f"{home}/"))])
    machine = MACHINES[supplied.architecture]
    stated = [one.path for one in spec.files] + [path for path, _ in spec.links]
    check_needs(draft, files, supplied.packages, machine, stated=stated, listener=listener)
    _put_certificates(draft, spec)
    _put_linker_cache(draft, files, machine)
    if spec.pyc:
        compile_modules(draft, workspace, ownership=ownership)
    scripts = {name: deb.script for name, deb in debs.items()}
    link_alternatives(draft, scripts, listener)
    tell_of_accounts(spec, scripts, listener)
    draft.add(zone(draft.entries), Origin("tzdata", "the zone of the clock"))
    for name, deb in debs.items():
        draft.put(records(deb, name, draft), Origin(name, RECORD))
    draft.put(draft.placed(additions(spec)), STATED)
    check_first_program(spec, draft.tree, listener)
    return draft.finished()


def _replacing(packages: Sequence[Package]) -> dict[str, set[str]]:
    """By name of a package those that replace files of it; see deb-control(5)."""
    versions, found = {package.name: package.version for package in packages}, dict[str, set[str]]()
    for package in packages:
        for relation in (one for group in package.relations("Replaces") for one in group):
            if relation.name in versions and relation.accepts(versions[relation.name]):
                found.setdefault(relation.name, set()).add(package.name)
    return found


def _unpacked(debs: Mapping[str, Deb], workspace: Path) -> dict[str, Changeset]:
    """The files of each package, read side by side: most of the time goes into decompression."""
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return dict(zip(debs, pool.map(lambda deb: deb.data(workspace), debs.values()), strict=True))


def _put_frame(draft: Draft, spec: Spec) -> None:
    draft.put(frame(), FRAME)
    draft.put(account_files(spec), Origin(reason="computed from the accounts"))
    draft.add(draft.placed(homes(spec)), Origin(reason="a user's home"))


def _put_certificates(draft: Draft, spec: Spec) -> None:
    certificates = trusted(draft.entries, spec.ca)
    single = [path for path in draft.entries if is_source(path)]
    for entry in bundle(certificates, draft.entries):
        # The bundle is that package's as long as nothing else decides what is in it; OpenSSL's name for it is nobody's.
        own = entry.path == BUNDLE and single and not spec.ca
        draft.put([entry], Origin("ca-certificates" if own else "", "computed from certificates"))
    draft.put(trust_store(certificates, draft.entries), Origin(reason="computed from certificates"))
    draft.remove([path for path in single if not any(fnmatchcase(f"/{path}", glob) for glob in spec.keep)], _IN_BUNDLE)


def _put_linker_cache(draft: Draft, files: Mapping[str, Elf], machine: Machine) -> None:
    tree = draft.tree
    found = libraries(tree, files, machine)
    draft.put(soname_links(found, tree), Origin(reason="the name that the linker asks for"))
    draft.put(linker_cache(found, machine), Origin(reason="computed from the libraries"))
