"""Everybody may write a file.

What: `chmod 777`, `666`, `a+w`, `o+w` and their like, `install -m 777`, `mkdir -m 777` in a RUN, and `--chmod=777` of
COPY and ADD. A mode with the sticky bit (`1777`, as `/tmp` has) is none.
Why: whoever gets to run anything in the container changes the program that runs next.
Bad:
    FROM debian:bookworm
    RUN mkdir /data && chmod 777 /data
Good:
    FROM debian:bookworm
    RUN mkdir /data && chown 10001 /data
Fix: none: who has to write there is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.calls.call import Call
from lissom.lint.calls.wrappers import text_of
from lissom.lint.places import flag_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting, run_calls

__all__ = ["RULE"]
_NUMBER = re.compile(r"0?([0-7])?[0-7][0-7]([0-7])")
_LETTERS = re.compile(r"([ugoa]*)[+=]([rwxXst]*)")


def _check(subject: Subject) -> Iterator[Found]:
    for _, call in run_calls(subject):
        for place, word in enumerate(call.words):
            if _is_mode(call, place) and _open(text_of(word).partition("=")[2] or text_of(word)):
                yield Found(word.span, f"`{text_of(word)}` lets everybody write")
                break
    for step in acting(subject):
        found = step.instruction
        if isinstance(found, Copy | Add) and found.chmod and _open(found.chmod.strip("\"'")):
            yield Found(flag_span(found, "chmod"), f"`--chmod={found.chmod}` lets everybody write")


def _is_mode(call: Call, place: int) -> bool:
    if call.program == "chmod":
        return True
    before = text_of(call.words[place - 1]) if place else ""
    here = text_of(call.words[place])
    return call.program in ("install", "mkdir") and (before in ("-m", "--mode") or here.startswith("--mode="))


def _open(mode: str) -> bool:
    match = _NUMBER.fullmatch(mode)
    if match:
        sticky = int(match[1] or "0") & 1
        return bool(int(match[2]) & 2) and not sticky
    parts = [_LETTERS.fullmatch(part) for part in mode.split(",")]
    return any(part and "w" in part[2] and bool(set(part[1]) & set("oa")) and "t" not in part[2] for part in parts)


RULE = Rule(
    code="world-writable",
    title="Not everybody may write",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
