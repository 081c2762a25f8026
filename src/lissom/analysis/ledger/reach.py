"""Which packages something at run time may reach, from what the image starts; the rest nothing seems to need.

Reached are packages of programs that ENTRYPOINT, CMD, HEALTHCHECK or a script of the app's own names, of libraries that
files outside of packages ask for, and all that those depend on. What is loaded by a name made at run time is not seen:
therefore nothing is called unreached where the image tells of no program, and who removes a package has to try it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lissom.analysis.ledger.owners import label
from lissom.analysis.ledger.scan import Scan
from lissom.analysis.package import Package
from lissom.analysis.packages import Packages
from lissom.rootfs.entry import Kind

__all__ = ["Reached", "reach"]

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_WORD = re.compile(r"[A-Za-z0-9_./+-]{2,255}")
_STANZA = re.compile(
    r"^Package:[ \t]*(\S+)$(?:\n.+)*?\n(?:Essential:[ \t]*yes|Priority:[ \t]*required)[ \t]*$", re.MULTILINE
)
_ALWAYS = frozenset(
    ("base-files", "base-passwd", "netbase", "tzdata", "ca-certificates", "libc6", "libc-bin", "locales", "musl",
     "alpine-baselayout", "alpine-baselayout-data", "alpine-keys", "alpine-release", "busybox", "busybox-binsh",
     "ca-certificates-bundle", "musl-utils", "libnss-myhostname", "mailcap", "media-types", "shared-mime-info")
)  # fmt: skip
_LARGEST_SCRIPT = 1 << 18
_MOST_WORDS = 50_000
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Reached:
    """Packages of the system as "kind name" that nothing reaches: ``unreached``, and ``essential`` ones, which stay all
    the same.
    """

    unreached: frozenset[str]
    essential: frozenset[str]


def reach(packages: Packages, config: Mapping[str, Any], scans: Sequence[Scan]) -> Reached:
    """What the image's own start leads to."""
    if not packages.system:
        return Reached(frozenset(), frozenset())
    search = _Search(packages, config, scans)
    roots = list(search.roots())
    reached = _closure(packages, roots)
    rest = [package for package in packages.system if (package.kind, package.name) not in reached]
    essential = _essential(packages) | _ALWAYS
    kept = _closure(packages, [package for package in rest if package.name in essential])
    stay = {label(p.kind, p.name) for p in rest if (p.kind, p.name) in kept}
    unreached = {label(p.kind, p.name) for p in rest} if search.knows else set[str]()
    return Reached(frozenset(unreached - stay), frozenset(stay))


def _closure(packages: Packages, roots: Iterable[Package]) -> set[tuple[str, str]]:
    waiting, found = list(roots), set[tuple[str, str]]()
    while waiting:
        package = waiting.pop()
        key = package.kind, package.name
        if key not in found:
            found.add(key)
            waiting.extend(packages.required(package))
    return found


def _essential(packages: Packages) -> frozenset[str]:
    text = packages.root.text("var/lib/dpkg/status")
    return frozenset(match[1] for match in _STANZA.finditer(text))


class _Search:
    """The programs that an image names, and the packages of what they are."""

    def __init__(self, packages: Packages, config: Mapping[str, Any], scans: Sequence[Scan]) -> None:
        self.packages = packages
        self.root = packages.root
        self.knows = True
        self._config = config
        self._scans = scans
        environment = dict(str(pair).partition("=")[::2] for pair in config.get("Env") or ())
        self._path = [part.strip("/") for part in environment.get("PATH", _PATH).split(":") if part]
        self._asked: set[str] = set()
        self._seen: set[str] = set()

    def roots(self) -> Iterator[Package]:
        """Packages that something names."""
        words = self._start()
        if not words:
            self.knows = False
            return
        yield from self._named(words, 0)
        yield from self._libraries()
        for text in self._scripts():
            yield from self._named(_words(text), 1)

    def _start(self) -> list[str]:
        check = self._config.get("Healthcheck")
        texts = [*_texts(self._config.get("Entrypoint")), *_texts(self._config.get("Cmd"))]
        if not texts:
            return []
        if isinstance(check, Mapping):
            texts += _texts(check.get("Test"))
        return [word for text in texts for word in (text, *_words(text))]

    def _named(self, words: Iterable[str], depth: int) -> Iterator[Package]:
        for word in words:
            if word in self._asked:
                continue
            self._asked.add(word)
            for path in self._files(word):
                if path not in self._seen:
                    self._seen.add(path)
                    yield from self._of(path, depth)

    def _files(self, word: str) -> Iterator[str]:
        """Where a word leads if it is a program or a file."""
        if "/" in word:
            yield from self._there(word.strip("/"))
            return
        for directory in self._path:
            yield from self._there(f"{directory}/{word}")

    def _there(self, path: str) -> Iterator[str]:
        place = self.root.place(path)
        entry = self.root.tree.get(place)
        if entry is None or entry.is_directory:
            return
        yield place
        if entry.kind is Kind.SYMLINK and (end := self.root.follow(place)) in self.root.tree:
            yield end

    def _of(self, path: str, depth: int) -> Iterator[Package]:
        """The package of a file; of one that has none what it names itself."""
        package = self.packages.owner(path)
        if package is not None:
            yield package
        text = self._text(path)
        if text.startswith("#!"):
            first, _, rest = text.partition("\n")
            yield from self._named(_words(first[2:]), depth + 1)
            if package is None and depth < _DEPTH:
                yield from self._named(_words(rest), depth + 1)

    def _text(self, path: str) -> str:
        entry = self.root.tree.get(path)
        if entry is None or entry.kind is not Kind.FILE or entry.size > _LARGEST_SCRIPT:
            return ""
        return self.root.text(path, _LARGEST_SCRIPT)

    def _scripts(self) -> Iterator[str]:
        """Scripts outside of packages: each may be run by the app."""
        for path, entry in self.root.tree.items():
            if entry.kind is not Kind.FILE or not entry.mode & 0o111 or entry.content is None:
                continue
            if entry.size <= _LARGEST_SCRIPT and self.packages.owner(path) is None:
                text = self.root.text(path, _LARGEST_SCRIPT)
                if text.startswith("#!"):
                    yield text

    def _libraries(self) -> Iterator[Package]:
        """Packages of the libraries that files outside of packages ask for."""
        wanted = set[str]()
        for scan in self._scans:
            for path, names in scan.needs.items():
                if path not in self.root.tree or self.packages.owner(path) is not None:
                    continue
                if names is None:
                    wanted.add("")
                else:
                    wanted.update(names)
        if not wanted:
            return
        for package in self.packages.system:
            if any(_is_library(path) and ("" in wanted or path.rpartition("/")[2] in wanted) for path in package.files):
                yield package


def _is_library(path: str) -> bool:
    return ".so" in path


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(each) for each in value] if isinstance(value, list) else []


def _words(text: str) -> Iterator[str]:
    for number, match in enumerate(_WORD.finditer(text)):
        if number > _MOST_WORDS:
            return
        yield match[0]
