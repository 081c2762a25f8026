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
from dataclasses import dataclass, replace

from lissom.dockerfile.source import Span
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.edits.joining import join
from lissom.lint.effects.act import LEAVES, Act, Deed
from lissom.lint.effects.holding import brought
from lissom.lint.effects.paths import covers, overlap, within
from lissom.lint.effects.steps import Laid, effects_of, laid
from lissom.lint.fix import Fix
from lissom.lint.lineage import steps_below
from lissom.lint.packages.installs import installs, removes
from lissom.lint.packages.manifests import ecosystem_of
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
    "npm": ("cache", "prune", "uninstall", "rm"),
    "yarn": ("cache",),
    "pnpm": ("store", "prune"),
    "go": ("clean",),
    "conda": ("clean",),
    "composer": ("clear-cache", "clearcache"),
    "gem": ("cleanup",),
    "cargo": ("clean",),
}
_PRUNERS = ("npm", "pnpm")
_NEUTRAL = frozenset(("rm", "rmdir", "find", "echo", "true", ":", "cd", "set", "unlink", "sync", "ldconfig"))
_CACHES = ("/var/lib/apt", "/var/cache", "/var/lib/dnf", "/root/.cache", "/root/.npm", "/root/.m2", "/root/.gradle")
_MATTER = ("/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/info", "/usr/lib", "/usr/local", "/opt")
_FUNCTIONAL = ("/usr/share/nginx/html", "/usr/local/apache2/htdocs", "/usr/local/etc")


@dataclass(frozen=True)
class _Origin:
    """What holds what is removed: in words, and the number of the step if that is in the file."""

    words: str
    number: int | None = None


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    steps = steps_below(subject, subject.final)
    for number in range(len(steps)):
        told = _removals(subject, steps, number, rows) or _cleanings(steps, number) or _uninstalled(steps, number)
        for at, (span, message, origin) in enumerate(told):
            fix = _join(subject, steps, number, origin.number) if at == 0 and origin.number is not None else None
            yield Found(span, message, fix)


_Told = list[tuple[Span, str, _Origin]]


def _removals(subject: Subject, steps: list[StepView], number: int, rows: list[Laid]) -> _Told:
    own = [row.act for row in rows if row.number == number]
    by_command: dict[int, list[tuple[Act, _Origin]]] = {}
    for at, act in enumerate(own):
        if act.deed is not Deed.REMOVE or act.command is None:
            continue
        origin = (
            _searched(subject, steps[number], act, [row for row in rows if row.number < number])
            if act.detail == "find"
            else _origin(subject, steps[number], act, own[:at], [row for row in rows if row.number < number])
        )
        if origin:
            by_command.setdefault(act.command.span.start, []).append((act, origin))
    told: _Told = []
    for found in by_command.values():
        first, origin = found[0]
        names = and_more(act.path for act, _ in found)
        span = first.command.span if first.command else first.span
        told.append((span, f"removing {names} frees nothing: {origin.words}", origin))
    return told


def _origin(subject: Subject, step: StepView, act: Act, own: list[Act], lower: list[Laid]) -> _Origin | None:
    """Which lower layer holds what is removed; None when that is not sure, or is no matter of size."""
    made = [one for one in own if one.deed in (*LEAVES, Deed.LINK, Deed.EDIT) and one.deed is not Deed.BUILD]
    if any(covers(act.path, one.path) for one in made):
        return None
    for row in reversed(lower):
        if row.act.deed in LEAVES and brought(subject, row.act, act):
            return _Origin(f"it is in the layer of line {line_of(subject, row.act.span)}", row.number)
    if any(one.deep and within(act.path, one.path) for one in made) or not _clean_step(subject, step):
        return None
    if any(overlap(act.path, one) for one in _CACHES):
        return _Origin("what fills it did so in a layer below", _filler(subject, step))
    came = any(covers(one, act.path) for one in _MATTER) and not any(covers(one, act.path) for one in _FUNCTIONAL)
    return _Origin("it came with a layer below") if came else None


def _searched(subject: Subject, step: StepView, act: Act, lower: list[Laid]) -> _Origin | None:
    """What find removes below directories of the base or of an earlier step, in a RUN that makes nothing."""
    effects = effects_of(step, subject)
    makes = effects is None or any(one.deed in LEAVES for one in effects.acts) or not _clean_step(subject, step)
    if makes:
        return None
    left = (row for row in reversed(lower) if row.act.deed in LEAVES and row.act.deep)
    below = next((row for row in left if row.act.path != "/" and overlap(row.act.path, act.path)), None)
    if below is not None and below.act.deed is not Deed.BUILD:
        return _Origin(f"what it finds is in the layer of line {line_of(subject, below.act.span)}", below.number)
    if not (act.path == "/" or any(covers(one, act.path) for one in ("/usr", "/lib", "/opt"))):
        return None
    return _Origin("what it finds lies in layers below")


def _clean_step(subject: Subject, step: StepView) -> bool:
    """Whether all commands of the step are understood, or clean up: then it made nothing that it removes."""
    effects = effects_of(step, subject)
    return effects is not None and all(_cleans_simple(step, one.span.start) for one in effects.unknown)


def _filler(subject: Subject, step: StepView) -> int | None:
    """The number of the step before, when that calls a package manager."""
    steps = steps_below(subject, subject.final)
    number = next(at for at, one in enumerate(steps) if one is step) - 1
    managers = (*_CLEANERS, "dpkg", "rpm", "bundle", "mvn", "gradle", "cargo")
    return number if number >= 0 and any(call.program in managers for call in calls_of(steps[number])) else None


def _cleanings(steps: list[StepView], number: int) -> _Told:
    """Commands that clean caches or remove packages, in a RUN that does nothing else."""
    calls = calls_of(steps[number])
    if not calls or not all(_cleans(call) or call.program in _NEUTRAL for call in calls):
        return []
    call = next((one for one in calls if _cleans(one)), None)
    if call is None:
        return []
    fills = [
        at
        for at in range(number)
        if any(one.program == call.program and not _cleans(one) for one in calls_of(steps[at]))
    ]
    if not fills:
        return []
    origin = _Origin(f"what {call.program} leaves lies in layers below: this frees nothing", fills[-1])
    return [(call.span, origin.words, origin)]


def _uninstalled(steps: list[StepView], number: int) -> _Told:
    """Packages that an earlier RUN installed, removed in a RUN that does other things too."""
    own, told = calls_of(steps[number]), []
    for call in own:
        names = removes(call)
        pruned = call.program in _PRUNERS and call.verb == "prune"
        lower = next((at for at in range(number) if _brings(steps[at], call.program, names, pruned=pruned)), None)
        if lower is not None and not _brings(steps[number], call.program, names, pruned=pruned):
            origin = _Origin("a layer below holds the packages: this frees nothing", lower)
            told.append((call.span, origin.words, origin))
    return told


def _brings(step: StepView, program: str, names: tuple[str, ...], *, pruned: bool) -> bool:
    """Whether a step installs one of the packages by name, or where they are pruned, what a manifest names."""
    for call in calls_of(step):
        if installs(call) and call.program == program and not set(names).isdisjoint(call.args):
            return True
        if pruned and call.program == program and ecosystem_of(call):
            return True
    return False


def _cleans(call: Call) -> bool:
    return call.verb in _CLEANERS.get(call.program, ()) or bool(removes(call))


def _cleans_simple(step: StepView, start: int) -> bool:
    return any(_cleans(call) and call.simple.span.start == start for call in calls_of(step))


def _join(subject: Subject, steps: list[StepView], number: int, origin: int) -> Fix | None:
    """Make one RUN of all from the one that made the files to the one that removes them."""
    fixes: list[Fix] = []
    for at in range(origin + 1, number + 1):
        fix = join(subject, subject.stages[steps[at].stage], steps[at - 1], steps[at])
        if fix is None:
            return None
        fixes.append(fix)
    title = "join the two RUNs" if len(fixes) == 1 else f"join the {len(fixes) + 1} RUNs"
    return replace(fixes[-1], title=title, edits=tuple(edit for fix in fixes for edit in fix.edits)) if fixes else None


RULE = Rule(
    code="late-removal",
    title="A removal frees nothing, since a layer below holds the files",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
