"""A line of an image's history as an instruction of a Dockerfile."""

from __future__ import annotations

import re

from lissom.report.harmless import harmless

__all__ = ["instruction_text"]

_ARGUMENTS = re.compile(r"\|\d+ (?:[^/]|/(?!bin/sh -c ))*")
_SHELL = "/bin/sh -c "
_BUILDKIT = re.compile(r"\s*# buildkit$")


def instruction_text(created_by: str) -> str:
    """What was written in the Dockerfile, on one line, as far as history tells: builders add shells and marks to it."""
    text = _BUILDKIT.sub("", created_by.strip())
    run = text.startswith("RUN ")
    text = text.removeprefix("RUN ")
    text = _ARGUMENTS.sub("", text, count=1) if text.startswith("|") else text
    if text.startswith(_SHELL):
        text = text.removeprefix(_SHELL)
        run = not text.startswith("#(nop)")
        text = text.removeprefix("#(nop)")
    text = " ".join(text.split())
    return harmless(f"RUN {text}" if run else text) or "(no history)"
