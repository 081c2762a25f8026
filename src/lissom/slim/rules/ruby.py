"""Ruby: what is required late, the standard library with all encodings, and gems in use with what they depend on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lissom.rootfs.entry import Entry, Kind
from lissom.slim.areas import areas
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.ruby_requires import REQUIRE, WHOLE, live_rubies, required
from lissom.slim.scene import Level

if TYPE_CHECKING:
    from lissom.analysis.package import Package
    from lissom.slim.keep import Keeps
    from lissom.slim.scene import Scene

__all__ = ["RULES"]

_GEM = "ruby-gem"
_DEPENDENCY = "ruby-dependency"
_VERSION = re.compile(r"/\d+\.\d+\.\d+$")
_TOOLS = frozenset("rdoc irb bundler rubygems reline racc rdoc.rb irb.rb bundler.rb mkmf.rb un.rb debug rbs ri".split())  # noqa: SIM905
_BUILT = "gem.build_complete"
"""RubyGems looks whether this is there for every gem, used or not."""

_BASE = re.compile(r"^(?:lib(?:c|m|pthread|dl|util|rt|gcc_s|crypt|ruby[\w.-]*)\.so|ld-|libc\.musl)")
_DEVELOPERS = re.compile(
    r"^(?:tests?|spec|features|docs?|examples?|samples?|bench\w*|contrib|rakelib|man|tmp|coverage|\.\w+|sig|rbi)/"
    r"|\.(?:c|h|cc|cpp|hpp|o|a|java|rl|y|rbi|rbs|gem)$|(?:^|/)(?:Makefile|Rakefile|mkmf\.log|gem_make\.out|\.[a-z]\w*)$"
    r"|^(?!licen[cs]e|copying|notice)[^/]*\.(?:md|rdoc|markdown)$|^(?:change\w*|history)\b[^/]*$",
    re.IGNORECASE,
)


def _stdlib(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Sources and encodings of each library in use; other extensions as they bring no library of their own."""
    for root in live_rubies(scene, keeps):
        if not _VERSION.search(root) or "vendor_ruby" in root or "site_ruby" in root:
            continue
        for entry in scene.tree.below(root):
            if not entry.is_directory and _belongs(scene, keeps, root, entry):
                yield Keep(entry.path, WHOLE, root)


def _belongs(scene: Scene, keeps: Keeps, root: str, entry: Entry) -> bool:
    relative = entry.path[len(root) + 1 :]
    top = relative.partition("/")[0]
    if top in _TOOLS and f"{root}/{top}" not in scene.touched:
        used = scene.memo.setdefault("ruby.tools", {})
        if top not in used:
            used[top] = any(path.startswith(f"{root}/{top}/") for path in scene.touched)
        if not used[top]:
            return False
    if entry.name.endswith(".so"):
        return "enc/" in f"/{relative}" or _comes_along(scene, keeps, entry.path)
    return entry.kind in (Kind.FILE, Kind.SYMLINK) and entry.name.endswith((".rb", ".gemspec"))


def _comes_along(scene: Scene, keeps: Keeps, path: str) -> bool:
    """Whether an extension brings no library that is not there anyway."""
    elf = scene.elf(path)
    if elf is None:
        return False
    foreign = [name for name in elf.needed if not _BASE.match(name)]
    return not foreign or set(foreign) <= {each.rpartition("/")[2] for each in keeps if ".so" in each}


def _gems(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Gems of which a file is used, and those that they depend on."""
    found: dict[int, tuple[Package, str]] = {}
    for path, keep in keeps.items():
        if keep.reason != WHOLE and ("gems/" in path or "vendor_ruby/" in path) and not path.endswith(_BUILT):
            package = scene.packages.language_owner(path)
            if package is not None and package.kind == "gem" and path not in package.records:
                found.setdefault(id(package), (package, _GEM))
    waiting = list(found.values())
    while waiting:
        package, reason = waiting.pop()
        yield from (Keep(path, reason, package.name) for path in _files(scene, package) if path not in keeps)
        for other in scene.packages.required(package):
            if id(other) not in found:
                found[id(other)] = (other, _DEPENDENCY)
                waiting.append(found[id(other)])


def _files(scene: Scene, package: Package) -> Iterator[str]:
    yield from sorted(package.records)
    if any("specifications/default/" in path for path in package.records):
        return  # a default gem: the standard library's rule says what stays of it
    inside = f"{package.root}/"
    for path in sorted(package.files):
        relative = path[len(inside) :] if path.startswith(inside) else path.rpartition("/")[2]
        if scene.level is Level.PACKAGE or not _DEVELOPERS.search(relative):
            yield path


def _vendored(scene: Scene, keeps: Keeps) -> Iterator[Keep]:
    """Of a system's package that put files into Ruby's vendor directories: all that it put there."""
    vendors = tuple(f"{place}/" for place in areas(scene).rubies if "vendor_ruby" in place)
    seen: set[int] = set()
    for path in [path for path in keeps if path.startswith(vendors)] if vendors else ():
        owner = scene.owner(path)
        if owner is None or id(owner) in seen:
            continue
        seen.add(id(owner))
        for other in sorted(owner.files):
            if other.startswith(vendors) and other not in keeps:
                yield Keep(other, _GEM, owner.name)


RULES = (
    Rule(REQUIRE, "A Ruby file that one that stays requires, if only inside a method.", family=required),
    Rule(WHOLE, "Ruby's own library: sources, encodings, and extensions that need nothing more.", family=_stdlib),
    Rule(_GEM, "A gem of which a file is used, without tests.", family=_gems),
    Rule(_DEPENDENCY, "A gem that another one in use depends on.", family=_vendored),
)
