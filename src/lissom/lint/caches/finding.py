"""From a cache to what a rule finds, with the fix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Instruction, Onbuild
from lissom.lint.caches.cache import Cache
from lissom.lint.caches.later import Use, later_use
from lissom.lint.caches.left import Left, left_of, vain_clearing
from lissom.lint.calls.call import Call
from lissom.lint.calls.wrappers import text_of
from lissom.lint.edits.ending import appended, surely_done
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Found
from lissom.lint.subject import Subject

__all__ = ["checker", "found_of", "shown_bytes", "with_flag"]

_LATER = {Use.NONE: "", Use.UNSURE: "a later command may read it, which the text does not tell"}
_PLAIN = frozenset(("env", "nice", "ionice", "time", "timeout", "nohup", "stdbuf", "eatmydata", "command", "xargs"))
_SOMEBODY = frozenset(("sudo", "su", "doas", "gosu", "su-exec", "runuser"))


def checker(
    *caches: Cache, doubt: Callable[[Left], str] = lambda _left: "", once: bool = False
) -> Callable[[Subject], Iterable[Found]]:
    """The check of a rule about caches. ``doubt`` says why a fix is not safe, empty where it is; ``once`` names only
    the first step of a stage, where the later ones add little.
    """

    def check(subject: Subject) -> Iterator[Found]:
        for cache in caches:
            seen: set[tuple[int, int]] = set()
            for left in left_of(subject, cache):
                place = (left.stage.stage.index, 0 if once else left.index)
                if not cache.flag and place in seen:
                    continue
                seen.add(place)
                yield found_of(subject, left, cache, doubt(left))

    return check


def found_of(subject: Subject, left: Left, cache: Cache, doubt: str = "") -> Found:
    """The finding of a call that leaves a cache."""
    message = f"{cache.what} in this layer"
    vain = vain_clearing(subject, left, cache)
    if vain is not None:
        line = subject.dockerfile.source.line_col(vain.start)[0]
        message += f"; that line {line} removes it frees nothing"
    return Found(left.call.span, message, _fix(subject, left, cache, doubt), shown_bytes(subject, left, cache))


def shown_bytes(subject: Subject, left: Left, cache: Cache) -> int | None:
    """The bytes of the cache that a built image shows for the instruction; None when it shows none."""
    first, last = subject.lines(_written(left))
    rows = [one for one in subject.shown if first <= one.lines[0] <= last and one.detail in cache.measured]
    return sum(one.size for one in rows) or None


def with_flag(call: Call, flag: str) -> Edit | None:
    """The edit that puts a flag behind the subcommand; None where the words' places are not sure."""
    operands = call.operands
    if not call.exact or not operands or operands[0].value is None:
        return None
    end = operands[0].span.end
    return Edit(Span(end, end), f" {flag}")


def _fix(subject: Subject, left: Left, cache: Cache, doubt: str) -> Fix | None:
    if isinstance(_written(left), Onbuild):
        return None
    use = later_use(subject, left, cache)
    if use is Use.SURE:
        return None
    edit = _edit(subject, left, cache)
    if edit is None:
        return None
    doubt = doubt or _around(left.call, cache) or _LATER[use]
    if not doubt and _may_lack(left, cache):
        doubt = f"whether {left.call.program} is there and works, only the build knows"
    return Fix(
        title=f"add {cache.flag}" if cache.flag else f"end with {cache.command}",
        edits=(edit,),
        safety=Safety.PROVABLE if doubt else Safety.SAFE,
        equivalence=Equivalence.E1,
        because=doubt or "only the cache is missing after it, and nothing later reads it",
        paths=cache.gone,
    )


def _may_lack(left: Left, cache: Cache) -> bool:
    """Whether what is appended calls a program that the script may have done without."""
    calls = not cache.command.startswith("rm ") or left.call.behind[:1] == ("sudo",)
    return bool(cache.command) and calls and not surely_done(left.step, left.call.simple)


def _edit(subject: Subject, left: Left, cache: Cache) -> Edit | None:
    if cache.flag:
        return with_flag(left.call, cache.flag)
    if not cache.command or ("~" in cache.command and not _SOMEBODY.isdisjoint(left.call.behind)):
        return None
    sudo = "sudo " if left.call.behind[:1] == ("sudo",) else ""
    return appended(subject.dockerfile, left.step, sudo + cache.command)


def _written(left: Left) -> Instruction:
    return left.stage.steps[left.index].instruction


def _around(call: Call, cache: Cache) -> str:
    """Why what mends a call may not do it, as the call runs elsewhere or as somebody else; empty where it does."""
    if any(text_of(word).startswith("--root") for word in call.words):
        return "it works on another root"
    others = [name for name in call.behind if name not in _PLAIN]
    before = [text_of(word) for word in call.simple.words if word.span.end <= call.span.start]
    as_root = not any(text.startswith(("-u", "--user", "-g", "--group")) for text in before)
    if cache.flag or not others or (others == ["sudo"] == list(call.behind[:1]) and as_root):
        return ""
    return f"the command runs by {others[0]}, and what is appended does not"
