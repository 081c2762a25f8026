"""ADD copies plain files.

What: an ADD that has a source which is neither an address nor, by its name, an archive.
Why: ADD unpacks archives and fetches addresses; with plain files it does what COPY does, until one of them happens to
be an archive.
Bad:
    FROM debian:bookworm
    ADD . /app
Good:
    FROM debian:bookworm
    COPY . /app
Fix: safe (E0) where each source is a directory (`.`, or a `/` behind it), or where the context shows that it is one
or a file that is no archive; provable else. None where a source is an archive or an address too.
hadolint: agrees; but it takes addresses of git and `.tar.zst` for plain files.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit
from lissom.dockerfile.syntax import Add
from lissom.lint.copies.archives import is_address, is_archive_name, kept_whole
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import keyword_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_ADD_ONLY = frozenset(("checksum", "keep-git-dir", "unpack"))


def _check(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        found = step.instruction
        if not isinstance(found, Add):
            continue
        plain = [source for source in found.sources if not is_address(source) and not is_archive_name(source)]
        if plain or found.heredocs:
            what = f"`{plain[0]}`" if plain else "a heredoc"
            yield Found(keyword_span(found), f"ADD does with {what} what COPY does", _copy(subject, found))


def _copy(subject: Subject, add: Add) -> Fix | None:
    if any(flag.name in _ADD_ONLY for flag in add.flags):
        return None
    if any(is_address(source) or is_archive_name(source) for source in add.sources):
        return None
    span = keyword_span(add)
    written = subject.dockerfile.source.cut(span)
    if written.upper() != add.keyword:  # a line ends inside the word
        return None
    keyword = "copy" if written.islower() else "COPY"
    sure = all(kept_whole(subject, source) for source in add.sources)
    because = (
        "ADD takes directories, and files that are no archives, as COPY does"
        if sure
        else "ADD takes files that are no archives as COPY does; a build tells whether one is"
    )
    safety = Safety.SAFE if sure else Safety.PROVABLE
    return Fix("write COPY", (Edit(span, keyword),), safety, Equivalence.E0, because)


RULE = Rule(
    code="add-for-files",
    title="COPY instead of ADD",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3020",),
    check=_check,
    page=__doc__ or "",
)
