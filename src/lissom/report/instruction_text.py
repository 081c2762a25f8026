"""A line of an image's history as an instruction of a Dockerfile."""

from __future__ import annotations

import re

from lissom.report.harmless import harmless

__all__ = ["instruction_text"]

_ARGUMENTS = re.compile(r"\|(\d+) ")
_SHELL = "/bin/sh -c "
_BUILDKIT = re.compile(r"\s*# buildkit$")


def instruction_text(created_by: str) -> str:
    """What was written in the Dockerfile, on one line, as far as history tells: builders add shells and marks to it."""
    text = _BUILDKIT.sub("", created_by.strip())
    run = text.startswith("RUN ")
    text = text.removeprefix("RUN ")
    text = _without_arguments(text)
    if text.startswith(_SHELL):
        text = text.removeprefix(_SHELL)
        run = not text.startswith("#(nop)")
        text = text.removeprefix("#(nop)")
    text = " ".join(text.split())
    return harmless(f"RUN {text}" if run else text) or "(no history)"


def _without_arguments(text: str) -> str:
    """``|1 VERSION=2 /bin/sh -c make`` without the arguments that its variables had."""
    found = _ARGUMENTS.match(text)
    if not found:
        return text
    _, shell, rest = text.partition(_SHELL)
    if shell:
        return shell + rest
    words = text[found.end() :].split(" ")
    return " ".join(words[min(int(found[1][:4]), len(words) - 1) :])
