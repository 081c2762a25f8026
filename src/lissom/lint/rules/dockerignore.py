"""Files that no image needs go in with a directory of the context.

What: COPY or ADD takes a directory of the build context, and the ignore file lets things through that no app reads:
version control, editors' leftovers, logs, core dumps, what the build installs or makes itself, secrets. Told only when
the context is known; what an instruction names is never meant. Without a context, a COPY of all of it is worth a look.
Why: they make the image larger, each change of them (a commit is one) makes the build start again at this line, and a
password or a history in an image is public wherever the image is.
Bad:
    FROM debian:bookworm
    COPY . /srv/app
    CMD ["/srv/app/serve"]
Good:
    FROM debian:bookworm
    COPY serve /srv/app/
    CMD ["/srv/app/serve"]
Context:
    serve 1200
    debug.log 1000000
    .git/HEAD 21
Fix: provable where nothing reads the files: an ignore file with a line for each sort that is there, what it has already
kept; the tree loses these paths and nothing else. Unsafe for what a build could read: all of it where the build asks
version control what has changed (Go does), packages and outputs that the build makes again, secrets.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.build_context.ignore_file import Named, Taken, extended, may_be_ignored, reads_history, taken_by
from lissom.lint.build_context.junk import HISTORY, Junk, junk_of
from lissom.lint.copies.from_context import from_context
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import first_line
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import ContextFacts, Subject
from lissom.rootfs.tree import Tree

__all__ = ["RULE"]

_SLIGHT = 10_000  # bytes; fewer harm no image, though each change of them makes the build start again
_REMARKS = {True: "No build and no app reads these.", False: "No instruction names these."}
_BECAUSE = {
    True: "the tree loses these files, which no instruction names, and nothing else",
    False: "the tree loses files that no instruction names; only the app can tell whether it reads them",
}


def _check(subject: Subject) -> Iterator[Found]:
    context = subject.context
    if context is None:
        yield from _unknown(subject)
        return
    yield from _known(subject, context)


def _unknown(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        found = from_context(step.instruction)
        if found is not None and any(source in (".", "./", "/") for source in found.sources):
            where = first_line(subject.dockerfile, found)
            yield Found(where, "takes all of the build context that .dockerignore lets through", severity=Severity.INFO)
            return


def _known(subject: Subject, context: ContextFacts) -> Iterator[Found]:
    seen = Tree({path: entry for path, entry in context.tree.items() if path not in context.ignored})
    named = Named.of(subject)
    junk = {one: found for one, found in junk_of(seen).items() if may_be_ignored(named, one, context)}
    # Version control tells a build also which of the other files are gone.
    told = any(one.kind == HISTORY for one in junk) and reads_history(named, context)
    taken = [one for stage in subject.stages for step in stage.steps for one in taken_by(step, context)]
    for idle in (True, False):
        sorts = [one for one in junk if (one.idle and not told) is idle]
        meant = {one for one in sorts if any(place.below(junk[one]) for place in taken)}
        for place in taken:
            sizes = {one: sum(e.size for e in place.below(junk[one])) for one in meant if place.below(junk[one])}
            if sizes:
                yield _found(subject, context, place, sizes, idle=idle)
                break


def _found(subject: Subject, context: ContextFacts, place: Taken, sizes: dict[Junk, int], *, idle: bool) -> Found:
    kinds: dict[str, int] = {}
    for junk, size in sizes.items():
        kinds[junk.kind] = kinds.get(junk.kind, 0) + size
    listed = ", ".join(f"{kind} ({_size(size)})" for kind, size in sorted(kinds.items(), key=lambda one: -one[1]))
    purpose = "that nothing reads" if idle else "that the app hardly needs"
    fix = Fix(
        title=f"keep {', '.join(sorted(kinds))} out of the context by {context.ignore_name}",
        edits=(),
        safety=Safety.PROVABLE if idle else Safety.UNSAFE,
        equivalence=Equivalence.E1 if idle else Equivalence.E3,
        because=_BECAUSE[idle],
        files={context.ignore_name: extended(context.ignore_text, list(sizes), _REMARKS[idle])},
        paths=tuple(dict.fromkeys(glob for junk in sizes for glob in place.globs(junk.pattern))),
    )
    shipped = subject.stages[place.step.stage].shipped
    total = sum(sizes.values())
    return Found(
        first_line(subject.dockerfile, place.step.instruction),
        f"files {purpose} go into the {'image' if shipped else 'build'}: {listed}",
        fix,
        saves=total if shipped else None,
        severity=None if shipped and (total >= _SLIGHT or not idle) else Severity.INFO,
    )


def _size(size: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 1000)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"


RULE = Rule(
    code="dockerignore",
    title="The context brings files that no image needs",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
