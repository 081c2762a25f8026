"""Apt sources: those of the machine, in one-line and deb822 files, and those of a spec; see sources.list(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lissom.distroless.archive.control import paragraphs
from lissom.distroless.archive.uri import shown
from lissom.distroless.archive.words import says_no
from lissom.errors import UsageError

__all__ = ["Source", "parse_source", "read_sources", "select", "usable"]

_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<components>[^#]*)")
_OPTIONS = ("signed-by", "arch", "trusted", "check-valid-until", "check-date")
_SIBLINGS = ("", "-updates", "-security", "/updates")


@dataclass(frozen=True, slots=True)
class Source:
    """One suite of one archive, and ``mirrors``: further URIs of the same.

    ``signed_by`` are key files, or one armoured key; empty: the machine's Debian keys. A suite that ends with a slash
    is a directory without ``dists`` and components.
    """

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    trusted: bool = False
    check_valid_until: bool = True
    place: str = ""
    mirrors: tuple[str, ...] = ()

    @property
    def uris(self) -> tuple[str, ...]:
        """Every place of this suite, in the order to ask them."""
        return (self.uri, *self.mirrors)

    @property
    def public(self) -> Source:
        """The same without passwords: what may be written down."""
        return replace(self, uri=shown(self.uri), mirrors=tuple(shown(uri) for uri in self.mirrors))

    @property
    def is_flat(self) -> bool:
        """Whether Release and Packages are beside the packages."""
        return self.suite.endswith("/")

    def directory(self, uri: str) -> str:
        """Where the Release file is, at one of ``uris``."""
        return f"{uri}/{self.suite.strip('/')}".removesuffix("/.") if self.is_flat else f"{uri}/dists/{self.suite}"


def read_sources(directory: Path) -> list[Source]:
    """Every enabled binary source of ``directory`` (such as /etc/apt), in apt's order. Raises UsageError."""
    parts = directory / "sources.list.d"
    files = [directory / "sources.list", *sorted(parts.glob("*.list")), *sorted(parts.glob("*.sources"))]
    found: list[Source] = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UsageError(f"cannot read `{file}`: {error.strerror}") from error
        found += _stanzas(text, str(file)) if file.suffix == ".sources" else _lines(text, str(file))
    return found


def parse_source(line: str) -> Source:
    """A source of a spec, in the one-line form. Raises UsageError."""
    match = _LINE.fullmatch(line.strip())
    if not match:
        raise UsageError(
            f"cannot use source `{line}`: it is not of the form `deb [options] URI SUITE COMPONENT…`",
            hint="an example: deb [signed-by=/etc/apt/keyrings/x.gpg] https://archive.example/debian bookworm main",
        )
    options = (word.partition("=")[0] for word in (match["options"] or "").split())
    if unknown := [name for name in options if name not in _OPTIONS]:
        raise UsageError(
            f"cannot use source `{line}`: unknown option `{unknown[0]}`", hint=f"known: {', '.join(_OPTIONS)}"
        )
    source = _source(match, "the spec")
    if source.is_flat == bool(source.components):
        wanted = "no components after a suite that ends with a slash" if source.is_flat else "at least one component"
        raise UsageError(f"cannot use source `{line}`: it is to have {wanted}")
    return source


def select(sources: Sequence[Source], suite: str, components: tuple[str, ...], architecture: str) -> list[Source]:
    """The sources that carry Debian's ``suite``, its updates and security fixes, each with its mirrors.

    Raises UsageError without any.
    """
    names = {suite + sibling for sibling in _SIBLINGS}
    found = [
        replace(source, components=tuple(one for one in source.components if one in components))
        for source in sources
        if source.suite in names
    ]
    fitting = usable([source for source in found if source.components], architecture)
    if not any(source.suite == suite for source in fitting):
        known = ", ".join(sorted({source.suite for source in sources})) or "none"
        raise UsageError(
            f"cannot use suite `{suite}`: no apt source of this machine carries it for {architecture}",
            hint=f"suites of this machine: {known}; name others with `sources:` in the spec",
        )
    return fitting


def usable(sources: Sequence[Source], architecture: str) -> list[Source]:
    """``sources`` that offer ``architecture``; what has the same suite, keys and components are mirrors of each other.

    Raises UsageError for one that is not to be verified.
    """
    merged: dict[tuple[object, ...], Source] = {}
    for source in sources:
        if source.architectures and architecture not in source.architectures:
            continue
        if source.trusted:
            raise UsageError(
                f"cannot use `{shown(source.uri)}`: {source.place} says trusted=yes, so nothing would be verified",
                hint="name its key with signed-by instead",
            )
        place = (source.uri, source.suite, source.signed_by)
        old = merged.get(place)
        components = tuple(dict.fromkeys((*(old.components if old else ()), *source.components)))
        merged[place] = replace(old or source, components=components)
    found: dict[tuple[object, ...], Source] = {}
    for source in merged.values():
        archive = (source.suite, source.signed_by, frozenset(source.components))
        first = found.get(archive)
        found[archive] = replace(first, mirrors=(*first.mirrors, *source.uris)) if first else source
    return list(found.values())


def _lines(text: str, place: str) -> Iterator[Source]:
    for line in text.splitlines():
        if match := _LINE.match(line.strip()):
            yield _source(match, place)


def _source(match: re.Match[str], place: str) -> Source:
    options = dict(word.partition("=")[::2] for word in (match["options"] or "").split())
    return Source(
        match["uri"].rstrip("/"),
        match["suite"],
        tuple(match["components"].split()),
        tuple(filter(None, options.get("signed-by", "").split(","))),
        tuple(filter(None, options.get("arch", "").split(","))),
        not says_no(options.get("trusted", "no")),
        not says_no(options.get("check-valid-until", "yes")),
        place,
    )


def _stanzas(text: str, place: str) -> Iterator[Source]:
    for fields in paragraphs(text):
        if "deb" not in fields.get("Types", "").split() or says_no(fields.get("Enabled", "yes")):
            continue
        signed = fields.get("Signed-By", "")
        keys = (signed,) if "BEGIN PGP" in signed else tuple(signed.replace(",", " ").split())
        for uri in fields.get("Uris", "").split():
            for suite in fields.get("Suites", "").split():
                yield Source(
                    uri.rstrip("/"),
                    suite,
                    tuple(fields.get("Components", "").split()),
                    keys,
                    tuple(fields.get("Architectures", "").split()),
                    not says_no(fields.get("Trusted", "no")),
                    not says_no(fields.get("Check-Valid-Until", "yes")),
                    place,
                )
