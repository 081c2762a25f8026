"""A file that COPY brings for one RUN, which removes it: a bind mount in place of both."""

from __future__ import annotations

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Copy, Run
from lissom.lint.copies.user_making import whole_lines
from lissom.lint.effects.act import Deed
from lissom.lint.effects.paths import plain
from lissom.lint.effects.steps import Laid
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.subject import Subject

__all__ = ["mounted"]


_WRITING = "chmod chown chgrp sed dos2unix gunzip gzip bunzip2 unxz mv tee touch strip"
_WRITERS = frozenset(_WRITING.split())


def mounted(subject: Subject, copied: Laid, removed: Laid) -> Fix | None:
    """RUN with the file mounted, without COPY and without ``rm``. None unless the RUN directly follows, is a chain of
    ``&&`` that removes that file by its path alone and does not change it, and nothing else in the file names the path.
    """
    copy, run, script = copied.step.instruction, removed.step.instruction, removed.step.script
    steps = subject.stages[copied.step.stage].steps
    follows = steps[steps.index(copied.step) + 1 : steps.index(copied.step) + 2] == (removed.step,)
    if not follows or not isinstance(copy, Copy) or not isinstance(run, Run) or run.heredocs or script is None:
        return None
    if copy.flags or copy.heredocs or len(copy.sources) != 1 or copied.act.deed is not Deed.PLACE or copied.act.deep:
        return None
    chain = script.chain
    path, source = copied.act.path, copy.sources[0].removeprefix("./")
    if chain is None or len(chain) < 2 or not _plain(path) or not _plain("/" + source):
        return None
    at = next((at for at, one in enumerate(chain) if one is removed.act.command), None)
    if at is None or not _removes_only(chain[at], path) or _text_without(subject, copy, run).count(path):
        return None
    if any(one.name in _WRITERS and path in one.values for one in chain):
        return None
    if at + 1 < len(chain):
        gone = Span(chain[at].span.start, chain[at + 1].span.start)
    else:
        gone = Span(chain[at - 1].span.end, chain[at].span.end)
    behind = run.span.start + len(run.keyword)
    mount = f" --mount=type=bind,source={source},target={path}"
    return Fix(
        title="mount the file for the RUN that needs it",
        edits=(Edit(whole_lines(subject, copy), ""), Edit(Span(behind, behind), mount), Edit(gone, "")),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E0,
        because="only this RUN names the file, and removes it; a mount cannot be written to",
    )


def _removes_only(command: Simple, path: str) -> bool:
    values = command.values
    return command.name == "rm" and values in ((path,), ("-f", path), ("-rf", path), ("-r", path))


def _text_without(subject: Subject, copy: Copy, run: Run) -> str:
    text = subject.dockerfile.source.text
    return text[: copy.span.start] + text[copy.span.end : run.span.start] + text[run.span.end :]


def _plain(path: str) -> bool:
    return plain(path) and "," not in path and "=" not in path
