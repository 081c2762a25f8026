"""The packages that apt downloaded stay in the layer.

What: `apt-get install` in a stage that is shipped, where the hook that deletes downloads in Debian's and Ubuntu's
official images was removed (`docker-clean`, or `Keep-Downloaded-Packages`), and neither `apt-get clean` nor a removal
of `/var/cache/apt/archives`, nor a cache mount there; also `--download-only`, which the hook does not see. With a built
image at hand, wherever it shows such files.
Why: every package stays as the archive it came in, beside what was unpacked from it.
Bad:
    FROM debian:bookworm
    RUN rm -f /etc/apt/apt.conf.d/docker-clean
    RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
Good:
    FROM debian:bookworm
    RUN rm -f /etc/apt/apt.conf.d/docker-clean
    RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/* && apt-get clean
Fix: safe (E1): only archives and apt's own index of them are missing after it, and apt makes both again when needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.caches.apt import APT_ARCHIVES
from lissom.lint.caches.finding import found_of, shown_bytes
from lissom.lint.caches.left import Left, left_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]

_HOOK = "docker-clean"
_KEEPS = "Keep-Downloaded-Packages"


def _check(subject: Subject) -> Iterator[Found]:
    seen: set[tuple[int, int]] = set()
    for left in left_of(subject, APT_ARCHIVES):
        place = (left.stage.stage.index, left.index)
        if place not in seen and (_kept(subject, left) or left.call.has("--download-only", "-d")):
            seen.add(place)
            yield found_of(subject, left, APT_ARCHIVES)


def _kept(subject: Subject, left: Left) -> bool:
    """Whether the downloads stay: the hook is gone by now, or a built image shows them."""
    if subject.shown:
        return shown_bytes(subject, left, APT_ARCHIVES) is not None
    stage = left.stage
    texts = [step.instruction.text for step in stage.steps[: left.index + 1]]
    while stage.base.parent is not None:
        stage = subject.stages[stage.base.parent]
        texts += [step.instruction.text for step in stage.steps]
    return any(_HOOK in text or (_KEEPS in text and "false" not in text) for text in texts)


RULE = Rule(
    code="apt-archives",
    title="The packages that apt downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
