"""Ruby gems: what the gemspecs say that RubyGems wrote when it installed them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.analysis.package import Package
from lissom.analysis.root import Root
from lissom.rootfs.entry import parent_of

__all__ = ["read_gems"]

_LARGEST = 4 << 20
_DEBIAN = "rubygems-integration/"
_VENDOR = "usr/lib/ruby/vendor_ruby"
_QUOTED = r"""(?:"([^"\n]*)"|'([^'\n]*)'|%q<([^>\n]*)>)"""
_NAME = re.compile(rf"^[ \t]*\w+\.name[ \t]*=[ \t]*{_QUOTED}", re.MULTILINE)
_VERSION = re.compile(rf"^[ \t]*\w+\.version[ \t]*=[ \t]*(?:Gem::Version\.new[ (]{{0,4}})?{_QUOTED}", re.MULTILINE)
_REQUIRES = re.compile(rf"\.add_(?:runtime_)?dependency[ (]{{0,4}}{_QUOTED}")
_DEVELOPMENT = re.compile(rf"\.add_development_dependency[ (]{{0,4}}{_QUOTED}")
_FILES = re.compile(r"^[ \t]*\w+\.(?:files|executables)[ \t]*=[ \t]*\[([^\]]*)\]", re.MULTILINE)
_EACH = re.compile(_QUOTED)


def read_gems(root: Root) -> tuple[Package, ...]:
    """Every gem with a specification, default gems and those of Debian's packages too."""
    specs = [path for path in root.tree if path.endswith(".gemspec") and "specifications/" in path]
    return tuple(gem for path in specs if (gem := _gem(root, path)) is not None)


def _gem(root: Root, path: str) -> Package | None:
    home, _, rest = path.rpartition("specifications/")
    default = rest.startswith("default/")
    if "/" in rest.removeprefix("default/") or (home and not home.endswith("/")):
        return None
    text = root.text(path, _LARGEST)
    full_name = rest.rpartition("/")[2].removesuffix(".gemspec")
    stem, _, number = full_name.rpartition("-")
    where = f"{home}gems/{full_name}"
    files = {
        file for each in (where, *_extensions(root, home, full_name)) for file in root.files_below(root.follow(each))
    }
    library = _library(home, default=default)
    if library:
        listed = [name for block in _FILES.findall(text) for name in _quoted(_EACH, block)]
        files |= root.split(f"{library}/{name.removeprefix('lib/')}" for name in listed)[0]
    return Package(
        "gem",
        next(_quoted(_NAME, text), stem),
        next(_quoted(_VERSION, text), number),
        files=frozenset(files - {path}),
        requires=tuple(_requires(text)),
        root=where if where in root.tree else library,
        records=frozenset((path,)),
    )


def _requires(text: str) -> dict[str, None]:
    """What the gem needs when it runs. Old specifications say everything again for a RubyGems that knew one kind."""
    development = set(_quoted(_DEVELOPMENT, text))
    return {name: None for name in _quoted(_REQUIRES, text) if name not in development}


def _extensions(root: Root, home: str, full_name: str) -> Iterator[str]:
    """Where compiled extensions of a gem are: by platform, then by version of Ruby's interface."""
    for platform in root.tree.children(f"{home}extensions"):
        for interface in root.tree.children(platform):
            yield f"{interface}/{full_name}"


def _library(home: str, *, default: bool) -> str:
    """The directory that holds the files of gems that have none of their own."""
    if _DEBIAN in home:
        return _VENDOR
    above, _, version = home.rstrip("/").rpartition("/")
    return f"{parent_of(above)}/{version}" if default else ""


def _quoted(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield next(filter(None, match.groups()), "")
