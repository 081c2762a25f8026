"""The machine's apt sources: one-line and deb822 files; see sources.list(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lissom.distroless.control import paragraphs
from lissom.errors import UsageError

__all__ = ["Source", "read_sources", "select"]

_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<components>[^#]*)")
_NO = ("no", "false", "without", "off", "disable", "0")
_SIBLINGS = ("", "-updates", "-security", "/updates")


@dataclass(frozen=True, slots=True)
class Source:
    """One suite of one archive. ``signed_by`` are key files, or one armoured key; empty: the machine's Debian keys."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    trusted: bool = False
    check_valid_until: bool = True
    place: str = ""


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


def select(sources: list[Source], suite: str, components: tuple[str, ...], architecture: str) -> list[Source]:
    """The sources that carry Debian's ``suite``, its updates and security fixes. Raises UsageError without any."""
    names = {suite + sibling for sibling in _SIBLINGS}
    found: dict[tuple[str, str], Source] = {}
    for source in sources:
        fits = not source.architectures or architecture in source.architectures
        if source.suite.rstrip("/") in names and fits and set(components) & set(source.components):
            if source.trusted:
                raise UsageError(
                    f"cannot use `{source.uri}`: {source.place} says trusted=yes, so nothing would be verified",
                    hint="name its key with signed-by instead",
                )
            found.setdefault((source.uri, source.suite), source)
    if not any(source.suite == suite for source in found.values()):
        known = ", ".join(sorted({source.suite for source in sources})) or "none"
        raise UsageError(
            f"cannot use suite `{suite}`: no apt source of this machine carries it for {architecture}",
            hint=f"suites of this machine: {known}; add a source to /etc/apt/sources.list.d",
        )
    return list(found.values())


def _lines(text: str, place: str) -> Iterator[Source]:
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if not match:
            continue
        options = dict(word.partition("=")[::2] for word in (match["options"] or "").split())
        yield Source(
            match["uri"].rstrip("/"),
            match["suite"],
            tuple(match["components"].split()),
            tuple(filter(None, options.get("signed-by", "").split(","))),
            tuple(filter(None, options.get("arch", "").split(","))),
            options.get("trusted", "no").lower() not in _NO,
            options.get("check-valid-until", "yes").lower() not in _NO,
            place,
        )


def _stanzas(text: str, place: str) -> Iterator[Source]:
    for fields in paragraphs(text):
        if "deb" not in fields.get("Types", "").split() or fields.get("Enabled", "yes").lower() in _NO:
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
                    fields.get("Trusted", "no").lower() not in _NO,
                    fields.get("Check-Valid-Until", "yes").lower() not in _NO,
                    place,
                )
