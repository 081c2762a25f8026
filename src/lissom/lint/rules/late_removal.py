"""A RUN removes what an earlier layer holds.

What: a removal that frees nothing, since what it removes lies in a layer below: what an earlier instruction put there,
what came with the base image (documentation, manuals, packages), or caches that an earlier RUN filled. A removal in the
RUN that made the file is right, and so is one that changes what the image does (a default configuration, say).
Why: a layer only adds. Removing a file of a lower layer writes a mark that hides it, nothing gets smaller.
Bad:
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends curl
    RUN rm -rf /var/lib/apt/lists/*
Good:
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
Fix: provable (E0, with package managers E2) where the RUN stands directly behind the one that made the files and both
are plain chains of `&&`: they are joined. None for what comes with the base.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.caches.call import Call, calls_of
from lissom.lint.effects.act import LEAVES, Act, Deed
from lissom.lint.effects.paths import covers, overlap, within
from lissom.lint.effects.steps import Laid, effects_of, laid, steps_below
from lissom.lint.fix import Fix
from lissom.lint.installs import removes
from lissom.lint.joining import join
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StepView, Subject
from lissom.lint.wording import and_more, line_of

__all__ = ["RULE"]

_CLEANERS = {
    **dict.fromkeys(("apt-get", "apt"), ("clean", "autoclean", "autoremove", "purge", "remove", "dist-clean")),
    **dict.fromkeys(("dnf", "yum", "microdnf", "tdnf"), ("clean", "autoremove", "remove", "erase")),
    "zypper": ("clean", "cc", "remove", "rm"),
    "apk": ("del", "cache"),
    "pip": ("cache", "uninstall"),
    "npm": ("cache", "prune"),
    "yarn": ("cache",),
    "pnpm": ("store", "prune"),
    "go": ("clean",),
    "conda": ("clean",),
    "composer": ("clear-cache", "clearcache"),
    "gem": ("cleanup",),
    "cargo": ("clean",),
}
_NEUTRAL = frozenset(("rm", "rmdir", "find", "echo", "true", ":", "cd", "set", "unlink", "sync", "ldconfig"))
_CACHES = ("/var/lib/apt", "/var/cache", "/var/lib/dnf", "/root/.cache", "/root/.npm", "/root/.m2", "/root/.gradle")
_MATTER = ("/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/info", "/usr/lib", "/usr/local", "/opt")
_FUNCTIONAL = ("/usr/share/nginx/html", "/usr/local/apache2/htdocs", "/usr/local/etc")


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    steps = steps_below(subject, subject.final)
    for number, step in enumerate(steps):
        lower = [row for row in rows if row.number < number and row.act.deed in LEAVES]
        told = list(_removals(subject, step, number, rows, lower))
        only = _only_cleans(step)
        if only and not told:
            call = next((one for one in calls_of(step) if _cleans(one)), None)
            if call and any(
                one.program == call.program and not _cleans(one) for at in steps[:number] for one in calls_of(at)
            ):
                message = f"what {call.program} leaves lies in layers below: cleaning here frees nothing"
                told.append(Found(call.span, message))
        fix = _join(subject, step) if told else None
        yield from (Found(one.span, one.message, fix if at == 0 else None) for at, one in enumerate(told))


def _removals(subject: Subject, step: StepView, number: int, rows: list[Laid], lower: list[Laid]) -> Iterator[Found]:
    own = [row.act for row in rows if row.number == number]
    by_command: dict[int, list[tuple[Act, str]]] = {}
    for at, act in enumerate(own):
        if act.deed is not Deed.REMOVE or act.detail == "find":
            continue
        before = [one for one in own[:at] if one.deed not in (Deed.REMOVE, Deed.READ, Deed.MKDIR)]
        if any(overlap(act.path, one.path) for one in before if one.deed is not Deed.BUILD):
            continue
        origin = _origin(subject, step, act, lower)
        if origin and act.command:
            by_command.setdefault(act.command.span.start, []).append((act, origin))
    for found in by_command.values():
        first, origin = found[0]
        names = and_more(act.path for act, _ in found)
        span = first.command.span if first.command else first.span
        yield Found(span, f"removing {names} frees nothing: {origin}")


def _origin(subject: Subject, step: StepView, act: Act, lower: list[Laid]) -> str:
    """Which lower layer holds what is removed; empty when that is not sure, or is no matter of size."""
    for row in lower:
        if covers(act.path, row.act.path) and row.act.deed is not Deed.BUILD:
            return f"it is in the layer of line {line_of(subject, row.act.span)}"
        if row.act.deep and row.act.deed in (Deed.PLACE, Deed.CLONE) and within(act.path, row.act.path):
            known = subject.context is None or row.act.source.startswith("/")
            rest = act.path.removeprefix(row.act.path).strip("/")
            if (
                not known
                and subject.context
                and f"{row.act.source.strip('./')}/{rest}".strip("/") in subject.context.tree
            ):
                return f"it is in the layer of line {line_of(subject, row.act.span)}"
    effects = effects_of(step, subject)
    if effects is None or any(not _cleans_simple(step, one.span.start) for one in effects.unknown):
        return ""
    if any(overlap(act.path, one) for one in _CACHES):
        return "what fills it did so in a layer below"
    if any(covers(one, act.path) for one in _MATTER) and not any(covers(one, act.path) for one in _FUNCTIONAL):
        return "it came with a layer below"
    return ""


def _cleans(call: Call) -> bool:
    return call.verb in _CLEANERS.get(call.program, ()) or bool(removes(call))


def _cleans_simple(step: StepView, start: int) -> bool:
    return any(_cleans(call) and call.simple.span.start == start for call in calls_of(step))


def _only_cleans(step: StepView) -> bool:
    calls = calls_of(step)
    return bool(calls) and all(_cleans(call) or call.program in _NEUTRAL for call in calls)


def _join(subject: Subject, step: StepView) -> Fix | None:
    stage = subject.stages[step.stage]
    at = stage.steps.index(step)
    before = stage.steps[at - 1] if at else None
    return join(subject, stage, before, step) if before else None


RULE = Rule(
    code="late-removal",
    title="A removal frees nothing, since a layer below holds the files",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
