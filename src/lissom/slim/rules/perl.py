"""Perl: modules that kept scripts and modules use or name, libraries in use, and the tables that expressions read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import parent_of
from lissom.slim.areas import areas
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.perl_source import Mentions, mentions_of

if TYPE_CHECKING:
    from lissom.analysis.package import Package
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["RULES"]

_MODULE = "perl-module"
_LIBRARY = "perl-library"
_TABLE = "perl-table"
_PERL = re.compile(r"(?:^|/)bin/perl[\d.]*$")
_PACKAGE = re.compile(r"^(?:lib[\w.+-]+-perl|perl-[\w.+-]+)$")
_CORE = ("perl-base", "perl", "perl-modules", "libperl")
_TOOLS = re.compile(r"^(?:Test|TAP|CPAN|ExtUtils|Pod|perl5db|Devel|Module::Build|App::Prove|B|O|Dpkg|Debconf)(?:::|$)")
_IDLE = re.compile(r"\.(?:pod|h|c|xs|bs|ix\.gz|gz|t)$|/(?:t|tests?|examples?)/|/\.packlist$")
_DATA = (".db", ".dat", ".txt", ".json", ".yml", ".yaml", ".xml")
"""What modules of a directory read beside them."""

_COMMAND = re.compile(r"^usr/(?:local/)?bin/")
_MOST = 2000
_LARGEST_SCRIPT = 64 << 10
"""Files with this ending that are larger are tables."""


def _modules(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """What a script or module uses or names at any place, as far as it is there."""
    path = keep.path
    if not _is_perl(scene, path) or not _counts(scene, keep):
        return
    mine = areas(scene).own(path)
    said = mentions_of(scene.text(path), texts=True)
    for name in sorted(said.uses):
        if mine or not _TOOLS.match(name):
            yield from _module(scene, name, path)
    yield from _named(scene, said, path)
    for name in sorted(said.files):
        for root in (*_roots(scene), parent_of(path)):
            yield Keep(f"{root}/{name}", _MODULE, path)
    if path.endswith(".pm"):
        yield from _belongings(scene, path)


def _counts(scene: Scene, keep: Keep) -> bool:
    """Whether what is kept may well run, and does not only belong to a package of which something else was used."""
    path = keep.path
    if path.endswith(".pl") and path not in scene.touched and scene.tree[path].size > _LARGEST_SCRIPT:
        return False
    if keep.reason in (_MODULE, _LIBRARY) or path in scene.touched or areas(scene).own(path):
        return True
    return parent_of(path) in scene.path


def _is_perl(scene: Scene, path: str) -> bool:
    if path.endswith((".pm", ".pl", ".psgi", ".t")):
        return True
    name = path.rpartition("/")[2]
    if "." in name and not name.endswith(".cgi"):
        return False
    start = scene.read(path, 128)
    return start.startswith(b"#!") and b"perl" in start.partition(b"\n")[0]


def _module(scene: Scene, name: str, because_of: str) -> Iterator[Keep]:
    relative = name.replace("::", "/")
    own = f"{parent_of(because_of)}/{relative}.pm"
    places = (f"{place}/{relative}.pm" for place in _roots(scene))
    first = next((path for path in places if path in scene.tree), None)
    for path in (own, first):
        if path is not None and path in scene.tree:
            yield Keep(path, _MODULE, because_of)


def _named(scene: Scene, said: Mentions, because_of: str) -> Iterator[Keep]:
    """Modules whose whole names are texts, and all below a name that something is put behind: ``"DBD::$driver"``."""
    for name in sorted(said.names):
        if not _TOOLS.match(name):
            yield from _module(scene, name, because_of)
    for name in sorted(said.beginnings):
        if _TOOLS.match(name):
            continue
        relative = name.replace("::", "/")
        for root in _roots(scene):
            for path in scene.tree.children(f"{root}/{relative}"):
                if path.endswith((".pm", ".pl")):
                    yield Keep(path, _MODULE, because_of)


def _belongings(scene: Scene, path: str) -> Iterator[Keep]:
    """The compiled part of a module, its split functions, and data in the directory of its name."""
    root = max((root for root in _roots(scene) if path.startswith(f"{root}/")), key=len, default=None)
    if root is None:
        return
    stem = path[len(root) + 1 : -3]
    compiled = scene.tree.children(f"{root}/auto/{stem}")
    inside = [child for each in _roots(scene) for child in scene.tree.children(f"{each}/{stem}")]
    beside = [child for child in scene.tree.children(parent_of(path)) if child.endswith(_DATA)]
    for child in (*compiled, *(child for child in (*inside, *beside) if not child.endswith(".pm"))):
        if not scene.tree[child].is_directory and not _IDLE.search(child):
            yield Keep(child, _MODULE, path)


def _roots(scene: Scene) -> tuple[str, ...]:
    """Where Perl looks, in its order: PERL5LIB, what was installed here, what packages brought, its own."""
    if "perl.roots" not in scene.memo:
        named = [scene.resolve(word) for word in scene.env.get("PERL5LIB", "").split(":") if word.strip("/")]
        found = dict.fromkeys(areas(scene).perls)
        for root in list(found):
            found.update(dict.fromkeys(child for child in scene.tree.children(root) if "-linux" in child[len(root) :]))
        scene.memo["perl.roots"] = tuple(dict.fromkeys((*named, *sorted(found, key=_rank))))
    roots: tuple[str, ...] = scene.memo["perl.roots"]
    return roots


def _rank(root: str) -> tuple[int, bool]:
    kinds = (("usr/local", "site_perl"), ("perl5", "vendor_perl"), ("perl-base",))
    rank = next((rank for rank, names in enumerate(kinds) if any(name in root for name in names)), len(kinds))
    return rank, "-linux" not in root


def _libraries(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """A system's package of modules of which one is used stays, with its commands: Perl finds parts of it by name."""
    seen: dict[str, Package] = {}
    for path in keeps:
        if path.endswith((".pm", ".pl")):
            owner = scene.owner(path)
            if owner is not None and _PACKAGE.match(owner.name) and not owner.name.startswith(_CORE):
                seen[owner.name] = owner
    roots = tuple(f"{root}/" for root in _roots(scene))
    for name, owner in seen.items():
        files = [path for path in sorted(owner.files) if path not in keeps and not _IDLE.search(path)]
        for path in files[:_MOST]:
            if path.startswith(roots) or (_COMMAND.match(path) and _is_perl(scene, path)):
                yield Keep(path, _LIBRARY, name)


def _tables(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """What the interpreter reads by itself: tables of characters for the first expression that needs one."""
    if not any(_PERL.search(path) for path in keeps):
        return
    used = {
        root for root in _roots(scene) if any(path.startswith(f"{root}/") and path.endswith(".pm") for path in keeps)
    }
    bases = [root for root in sorted(used) if f"{root}/unicore" in scene.tree]
    for root in [root for root in bases if root.endswith("perl-base")] or bases[:1]:
        for entry in scene.tree.below(f"{root}/unicore"):
            if not entry.is_directory and entry.name.endswith((".pl", ".pm")) and entry.path not in keeps:
                yield Keep(entry.path, _TABLE, root)
        for name in ("utf8.pm", "utf8_heavy.pl", "Config.pm", "Carp.pm", "feature.pm", "re.pm", "XSLoader.pm"):
            yield Keep(f"{root}/{name}", _TABLE, root)


RULES = (
    Rule(_MODULE, "A module that a Perl script or module which stays uses or names, with its compiled part.", _modules),
    Rule(_LIBRARY, "What came with a Perl module that stays, in one package of the system.", family=_libraries),
    Rule(_TABLE, "Tables of characters that Perl reads when an expression asks for them.", family=_tables),
)
