"""Waste in words: what it is, where it comes from, what to do about it."""

from __future__ import annotations

import re

from lissom.analysis.ledger.share import Ledger, Waste, WasteKind
from lissom.report.ledger_sums import place_of

__all__ = ["action", "hint", "rules_of", "title_of", "where"]

# Name, what to do in a few words, what to do as a clause.
_WORDS = {
    WasteKind.OVERWRITTEN: (
        "overwritten later",
        "write it once, or squash",
        "write it once: in one step, or `lissom squash`",
    ),
    WasteKind.REWRITTEN: (
        "mode or owner changed later",
        "COPY --chown, --chmod",
        "give COPY --chown or --chmod, or change it in the step that adds it",
    ),
    WasteKind.DELETED: (
        "deleted later",
        "delete it in the same step",
        "delete it in the step that adds it, or `lissom squash`",
    ),
    WasteKind.SECRET: (
        "secret",
        "replace it; mount secrets",
        "replace it: it is out; then build with RUN --mount=type=secret",
    ),
    WasteKind.DUPLICATE: (
        "same content elsewhere",
        "keep one, link the others",
        "keep one copy and link the others to it",
    ),
    WasteKind.PACKAGE_LISTS: (
        "package lists and caches",
        "clean in the same RUN",
        "clean in the RUN that makes them, or mount a cache there",
    ),
    WasteKind.LANGUAGE_CACHE: (
        "language caches",
        "switch off, or mount a cache",
        "switch the cache off, or mount one: RUN --mount=type=cache",
    ),
    WasteKind.VCS: (
        "version control data",
        "name it in .dockerignore",
        "name it in .dockerignore, or delete it in the step that fetches it",
    ),
    WasteKind.BUILD_TOOLS: (
        "build tools",
        "build in a stage of its own",
        "build in a stage of its own and copy the result",
    ),
    WasteKind.DEBUG: (
        "debug symbols, headers",
        "strip; leave -dev behind",
        "strip it, and leave -dev packages in a build stage",
    ),
    WasteKind.DOCS: (
        "docs and locales",
        "exclude, or `lissom slim`",
        "exclude it where packages are installed, or `lissom slim`",
    ),
    WasteKind.JUNK: (
        "logs and leftovers",
        "delete it in the same step",
        "delete it in the step that makes it",
    ),
    WasteKind.UNREACHED: (
        "packages nothing reaches",
        "leave out, or `lissom slim`",
        "leave the packages out, or `lissom slim`",
    ),
}
_COMPILED = (
    "delete it in the same RUN",
    "delete it in the RUN that makes it: Python compiles again, the first start is slower",
)
_RULES = {
    WasteKind.OVERWRITTEN: ("join-runs",),
    WasteKind.REWRITTEN: ("rewritten",),
    WasteKind.DELETED: ("deleted-later",),
    WasteKind.SECRET: ("copied-secret", "secret-in-run"),
    WasteKind.VCS: ("dockerignore", "git-history"),
    WasteKind.BUILD_TOOLS: ("build-tools", "single-stage"),
    WasteKind.DOCS: ("documentation-packages",),
}
_CACHES = {
    "apt lists": "apt-lists",
    "apt archives": "apt-archives",
    "apt package cache": "apt-archives",
    "homebrew cache": "brew-cache",
    "cabal and stack packages": "haskell-cache",
    "ivy cache": "sbt-cache",
}
_CACHE_OF = re.compile(
    "apk|bower|bun|bundler|cargo|composer|conda|cpan|dnf|go|gradle|hex|luarocks|maven|npm|nuget|opam|pacman|pip|pipenv|"
    "pnpm|poetry|uv|yarn|yum|zypper"
)
_BASE = ("smaller base, or `lissom slim`", "take a smaller base image, or `lissom slim`")
_KEPT = ("the base image keeps it", "nothing in this Dockerfile: the base image keeps it, hiding it frees no byte")

_HIDDEN = (WasteKind.OVERWRITTEN, WasteKind.REWRITTEN, WasteKind.DELETED)


def title_of(kind: WasteKind, detail: str = "") -> str:
    """What it is, as exactly as is known; of what is hidden the detail is only how."""
    return _WORDS[kind][0] if kind in _HIDDEN else detail or _WORDS[kind][0]


def hint(ledger: Ledger, waste: Waste) -> str:
    """What to do, in a few words."""
    return _texts(ledger, waste)[0]


def action(ledger: Ledger, waste: Waste) -> str:
    """What to do, as a clause. What a base image brought cannot be mended in the Dockerfile above it."""
    return _texts(ledger, waste)[1]


def _texts(ledger: Ledger, waste: Waste) -> tuple[str, str]:
    if not ledger.layers[waste.layer].base:
        return _COMPILED if waste.detail == "compiled Python" else _WORDS[waste.kind][1:]
    return _BASE if waste.hidden_by is None or ledger.layers[waste.hidden_by].base else _KEPT


def rules_of(ledger: Ledger, waste: Waste) -> tuple[str, ...]:
    """The rules of ``lissom lint`` that look for it in a Dockerfile; what the base image brought is in none."""
    if ledger.layers[waste.layer].base:
        return ()
    detail = waste.detail.lower()
    manager = detail.partition(" ")[0]
    if waste.kind in (WasteKind.PACKAGE_LISTS, WasteKind.LANGUAGE_CACHE):
        rule = _CACHES.get(detail) or (f"{manager}-cache" if _CACHE_OF.fullmatch(manager) else "")
        return (rule,) if rule else ()
    return _RULES.get(waste.kind, ())


def where(ledger: Ledger, waste: Waste) -> str:
    """``line 3``, and which line hides it."""
    place = place_of(ledger, waste.layer)
    return place if waste.hidden_by is None else f"{place}, hidden by {place_of(ledger, waste.hidden_by)}"
