"""Packages without a version: what the rules for the package managers share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.rule import Found
from lissom.lint.subject import Subject
from lissom.lint.triggers import run_calls

__all__ = ["loose_rpms", "unpinned"]

_VERSION = re.compile(r"[A-Za-z0-9.~^_:+*]+")


def unpinned(subject: Subject, loose: Callable[[Call], Iterable[Word]]) -> Iterator[Found]:
    """A finding for each call that gets packages without a version; ``loose`` gives those of one call."""
    for _, call in run_calls(subject):
        words = tuple(loose(call))
        if words:
            more = f" and {len(words) - 1} more have" if len(words) > 1 else " has"
            yield Found(words[0].span, f"`{words[0].text}`{more} no version, so another build gets another one")


def loose_rpms(words: tuple[Word, ...]) -> Iterator[Word]:
    """The packages of a yum or dnf call that tell no version; groups are none, a module's stream is one."""
    values = [word.value for word in words]
    if "group" in values:
        return
    module = "module" in values
    for word in words:
        if word.value in ("install", "module"):
            continue
        fixed = ":" in word.text if module else _rpm_version(word.text.strip("\"'"))
        if not fixed:
            yield word


def _rpm_version(package: str) -> bool:
    parts = package.split("-")[1:]
    if package.endswith(".rpm"):
        return True
    return all(_VERSION.fullmatch(part) for part in parts) and any(part[:1].isdigit() for part in parts)
