"""apt's package lists stay in the layer.

What: `apt-get update` (or `apt update`, or a script from the web that is known to call it, such as NodeSource's) in a
stage that is shipped, and nothing behind it in the same RUN removes `/var/lib/apt/lists`: neither `rm`, nor `find …
-delete`, nor `apt-get dist-clean`, nor a cache or tmpfs mount at that path. What removes the lists before they are
fetched, or in a later RUN, does not count.
Why: the lists weigh 20 to 90 MB. They are old the day after, and a later RUN that deletes them only hides them.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends curl
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
Fix: safe (E1) where nothing later in this stage, a stage on it or ONBUILD can use the lists (a RUN that fetches
nothing but lists is then taken out); provable where a later step runs something that the text does not show, such as
a script. Where a later RUN that is no neighbour installs without an update of its own, provable (E2): the lists go
here and are fetched again there. None where it is a neighbour: join the two RUNs first.
hadolint: DL3009 looks at words alone: an `rm` before the update is enough for it, `find … -delete` and `apt-get
dist-clean` are not. It does not see behind `sudo` and `sh -c`. A tmpfs mount at the lists counts here like a cache
mount.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Run
from lissom.lint.caches.apt import APT_LISTS, installs
from lissom.lint.caches.finding import found_of
from lissom.lint.caches.left import Left, above, left_of
from lissom.lint.calls.reading import calls_of
from lissom.lint.calls.wrappers import text_of
from lissom.lint.edits.ending import appended, with_line_end
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StepView, Subject

__all__ = ["RULE"]

_LOOKING_UP = ("apt-file", "command-not-found", "apt-show-versions", "aptitude", "synaptic")
_BECAUSE = "fetched twice from one snapshot of the archive, the lists are the same"


def _check(subject: Subject) -> Iterator[Found]:
    seen: set[tuple[int, int]] = set()
    for left in left_of(subject, APT_LISTS):
        place = (left.stage.stage.index, left.index)
        if place in seen:
            continue
        seen.add(place)
        found = found_of(subject, left, APT_LISTS, _doubt(subject))
        mended = _taken_out(subject, left, found.fix) or found.fix or _again(subject, left)
        yield Found(found.span, found.message, mended, found.saves)


def _doubt(subject: Subject) -> str:
    """Why the lists may be of use in a container: a package is installed that looks things up in them."""
    names = {text_of(word) for step in subject.steps() for call in calls_of(step) for word in call.operands}
    package = next((one for one in _LOOKING_UP if one in names), None)
    return f"{package} looks things up in the lists" if package else ""


def _taken_out(subject: Subject, left: Left, fix: Fix | None) -> Fix | None:
    """The fix that takes out a RUN which does nothing but fetch lists that nothing uses."""
    step = left.step
    chain = step.script.chain if step.script else None
    if fix is None or fix.safety is not Safety.SAFE or not chain or len(chain) > 1 or step.instruction.flags:
        return None
    if step.script is None or step.script.comments or left.call.verb != "update":
        return None
    edit = Edit(with_line_end(subject.dockerfile.source, step.instruction.span), "")
    because = "nothing uses the lists that it fetches"
    gone = (*APT_LISTS.gone, "var/cache/apt/**")
    return Fix("take out the update", (edit,), Safety.SAFE, Equivalence.E1, because, paths=gone)


def _again(subject: Subject, left: Left) -> Fix | None:
    """The fix that clears the lists here and fetches them again in each later RUN that reads them."""
    readers = [step for step in _later(subject, left) if _reads(step)]
    if (
        not readers
        or readers[0] in left.stage.steps[left.index + 1 : left.index + 2]
        or not any(installs(call) for call in left.calls)
    ):
        return None
    here = appended(subject.dockerfile, left.step, APT_LISTS.command)
    starts = [step.script.span.start for step in readers if step.script and step.script.chain]
    if here is None or len(starts) < len(readers):
        return None
    edits = (here, *(Edit(Span(at, at), "apt-get update && ") for at in starts))
    title = "clear the lists and fetch them again where they are used"
    return Fix(title, edits, Safety.PROVABLE, Equivalence.E2, _BECAUSE, paths=APT_LISTS.gone)


def _later(subject: Subject, left: Left) -> list[StepView]:
    standing = [step for stage in above(subject, left.stage) for step in stage.steps]
    return [step for step in (*left.stage.steps[left.index + 1 :], *standing) if isinstance(step.instruction, Run)]


def _reads(step: StepView) -> bool:
    """Whether a step reads lists that it did not fetch itself."""
    for call in calls_of(step):
        if APT_LISTS.fills(call):
            return False
        if APT_LISTS.reader(call):
            return True
    return False


RULE = Rule(
    code="apt-lists",
    title="apt's package lists stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
    aliases=("DL3009",),
)
