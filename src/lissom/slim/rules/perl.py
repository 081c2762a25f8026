"""Perl: modules that kept scripts and modules use, with compiled parts, and the tables that expressions read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import parent_of
from lissom.slim.areas import areas
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule

if TYPE_CHECKING:
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["RULES"]

_MODULE = "perl-module"
_TABLE = "perl-table"
_PERL = re.compile(r"(?:^|/)bin/perl[\d.]*$")
_USE = re.compile(
    r"^[ \t]*(?:\}?[ \t]*(?:eval|do|BEGIN)?[ \t]*\{?[ \t]*)?(?:use|require|no)[ \t]+([A-Za-z_]\w*(?:::\w+)*)",
    re.MULTILINE,
)
_INLINE = re.compile(r"[;{][ \t]*(?:use|require)[ \t]+([A-Za-z_]\w*(?:::\w+)*)")
_FILE = re.compile(r"\brequire[ \t(]+['\"]([\w./-]+\.p[lm])['\"]")
_BASES = re.compile(r"^[ \t]*use[ \t]+(?:base|parent)\b([^;]{1,300});", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*(?:::\w+)+|(?<=['\"\s(])[A-Z]\w+")
_DOCUMENT = re.compile(r"^=\w.*?(?:^=cut\b|\Z)", re.MULTILINE | re.DOTALL)
_END = re.compile(r"^__(?:END|DATA)__$", re.MULTILINE)
_WHOLE = {"Encode": "Encode", "Unicode::Collate": "Unicode/Collate", "DateTime::Locale": "DateTime/Locale"}
"""Modules that load others of their directory by names that are data: encodings, languages."""

_TOOLS = re.compile(r"^(?:Test|TAP|CPAN|ExtUtils|Pod|perl5db|Devel|Module::Build|App::Prove)(?:::|$)")


def _modules(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """What a script or module uses at any place, as far as it is there."""
    path = keep.path
    if not _is_perl(scene, path):
        return
    text = _code(scene.text(path))
    names = {*_USE.findall(text), *_INLINE.findall(text)}
    for listed in _BASES.findall(text):
        names.update(_NAME.findall(listed))
    mine = areas(scene).own(path)
    for name in sorted(names):
        if mine or not _TOOLS.match(name):
            yield from _module(scene, name, path)
    for name in sorted(set(_FILE.findall(text))):
        for root in (*_roots(scene), parent_of(path)):
            yield Keep(f"{root}/{name}", _MODULE, path)
    if path.endswith(".pm"):
        yield from _compiled(scene, path)


def _is_perl(scene: Scene, path: str) -> bool:
    if path.endswith((".pm", ".pl", ".psgi", ".t")):
        return True
    name = path.rpartition("/")[2]
    if "." in name and not name.endswith(".cgi"):
        return False
    start = scene.read(path, 128)
    return start.startswith(b"#!") and b"perl" in start.partition(b"\n")[0]


def _code(text: str) -> str:
    """A source without its documentation and what is behind its end."""
    end = _END.search(text)
    return _DOCUMENT.sub("", text[: end.start()] if end else text)


def _module(scene: Scene, name: str, because_of: str) -> Iterator[Keep]:
    relative = name.replace("::", "/")
    for root in _roots(scene):
        path = f"{root}/{relative}.pm"
        if path in scene.tree:
            yield Keep(path, _MODULE, because_of)
            if name in _WHOLE:
                for entry in (*scene.below(f"{root}/{_WHOLE[name]}"), *scene.below(f"{root}/auto/{_WHOLE[name]}")):
                    if not entry.is_directory and not entry.name.endswith((".pod", ".h")):
                        yield Keep(entry.path, _MODULE, path)
    own = f"{parent_of(because_of)}/{relative}.pm"
    if own in scene.tree:
        yield Keep(own, _MODULE, because_of)


def _compiled(scene: Scene, path: str) -> Iterator[Keep]:
    """The library and the split functions of a module, which are below ``auto``."""
    for root in _roots(scene):
        if path.startswith(f"{root}/"):
            stem = path[len(root) + 1 : -3]
            for child in scene.tree.children(f"{root}/auto/{stem}"):
                if not scene.tree[child].is_directory:
                    yield Keep(child, _MODULE, path)


def _roots(scene: Scene) -> tuple[str, ...]:
    """Where Perl looks: its directories, PERL5LIB, and those for one architecture below them."""
    if "perl.roots" not in scene.memo:
        named = [word.strip("/") for word in scene.env.get("PERL5LIB", "").split(":") if word.strip("/")]
        found = dict.fromkeys((*areas(scene).perls, *map(scene.resolve, named)))
        for root in list(found):
            found.update(dict.fromkeys(child for child in scene.tree.children(root) if "-linux" in child[len(root) :]))
        scene.memo["perl.roots"] = tuple(found)
    roots: tuple[str, ...] = scene.memo["perl.roots"]
    return roots


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
    Rule(_MODULE, "A module that a Perl script or module which stays uses, with its compiled part.", follow=_modules),
    Rule(_TABLE, "Tables of characters that Perl reads when an expression asks for them.", family=_tables),
)
