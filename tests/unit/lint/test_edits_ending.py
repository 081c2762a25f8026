"""A command more at the end of a script: the layout it takes, and that the script fails as it failed before."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import pytest

from lissom.dockerfile.parser import parse
from lissom.dockerfile.shell.reading import script_of
from lissom.dockerfile.syntax import Dockerfile
from lissom.lint.edits.ending import appended
from lissom.lint.subject import StepView
from lissom.lint.views import subject_of


def last_step(dockerfile: Dockerfile) -> StepView:
    return subject_of(dockerfile).final.steps[-1]


def ended(text: str, command: str = "x") -> str | None:
    """The Dockerfile with a command appended to its last RUN."""
    dockerfile = parse(text)
    edit = appended(dockerfile, last_step(dockerfile), command)
    return None if edit is None else dockerfile.source.apply([edit])


LAYOUTS = {
    "one line": ("RUN a && b", "RUN a && b && x"),
    "one command": ("RUN a", "RUN a && x"),
    "joiners at line ends": ("RUN a && \\\n    b", "RUN a && \\\n    b && \\\n    x"),
    "joiners at line starts": ("RUN a \\\n && b", "RUN a \\\n && b \\\n && x"),
    "tabs": ("RUN a \\\n\t&& b \\\n\t\tc", "RUN a \\\n\t&& b \\\n\t\tc \\\n\t&& x"),
    "wrapped arguments": ("RUN a && b \\\n      c \\\n      d", "RUN a && b \\\n      c \\\n      d \\\n      && x"),
    "semicolons": ("RUN set -ex; \\\n\ta; \\\n\tb", "RUN set -ex; \\\n\ta; \\\n\tb; \\\n\tx"),
    "semicolons without errexit": ("RUN a; \\\n    b", "RUN a; \\\n    b && \\\n    x"),
    "a comment between": ("RUN a && \\\n    # why\n    b", "RUN a && \\\n    # why\n    b && \\\n    x"),
    "comments and an empty line": ("RUN a \\\n# one\n\n && b", "RUN a \\\n# one\n\n && b \\\n && x"),
    "a comment of the shell": ("RUN a && b # why", "RUN a && b && x # why"),
    "a semicolon at the end": ("RUN a; b;", "RUN a; b && x;"),
    "a continuation into nothing": ("RUN a && \\\n  b \\\n", "RUN a && \\\n  b && \\\n  x \\\n"),
    "a redirection": ("RUN a && b >/dev/null 2>&1", "RUN a && b >/dev/null 2>&1 && x"),
    "a pipe": ("RUN a | b", "RUN a | b && x"),
    "windows line ends": ("RUN a && \\\r\n  b\r\n", "RUN a && \\\r\n  b && \\\r\n  x\r\n"),
    "windows line ends, wrapped": ("RUN a \\\r\n  b\r\n", "RUN a \\\r\n  b \\\r\n  && x\r\n"),
    "a heredoc": ("RUN <<EOF\na\nb\nEOF", "RUN <<EOF\na\nb && x\nEOF"),
    "a heredoc with errexit": ("RUN <<EOF\nset -e\na\n  b\nEOF", "RUN <<EOF\nset -e\na\n  b\n  x\nEOF"),
    "a heredoc with tabs": ("RUN <<-EOF\n\tset -e\n\ta\n\tEOF", "RUN <<-EOF\n\tset -e\n\ta\n\tx\n\tEOF"),
    "a shell with errexit": ('SHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nRUN a; (b)', "RUN a; (b); x"),
    "a group": ("RUN { a && b; }", "RUN { a && b; } && x"),
    "an if": ("RUN if a; then b; fi", "RUN if a; then b; fi && x"),
    "mounts": ("RUN --mount=type=cache,target=/c a", "RUN --mount=type=cache,target=/c a && x"),
}


@pytest.mark.parametrize(("before", "after"), LAYOUTS.values(), ids=LAYOUTS)
def test_it_takes_the_layout_that_is_there(before, after):
    text = ended(f"FROM debian\n{before}\n")
    assert text is not None
    assert text.endswith(f"{after}\n")


def test_the_escape_of_the_file_counts():
    text = ended("# escape=`\nFROM debian\nRUN a `\n  b\n")
    assert text == "# escape=`\nFROM debian\nRUN a `\n  b `\n  && x\n"


UNSURE = {
    "in the background": "RUN a && b &",
    "exec": "RUN a && exec b",
    "exit": "RUN a; exit 0",
    "no patterns": "RUN set -f; a",
    "a trap": "RUN trap b EXIT; a",
    "errexit goes on and off": "RUN set -e; a; set +e; b",
    "errexit inside a subshell behind &&": "RUN set -e; a && (b; c)",
    "errexit set inside the last command": "RUN a; (set -e; b; c)",
    "a function under errexit": "RUN set -e; f() { a; b; }; a && f",
    "a file that is sourced": "RUN a && . ./b",
    "its own heredoc": "RUN a && cat <<EOF > /f\nb\nEOF",
    "exec form": 'RUN ["a"]',
    "another interpreter": "RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF",
    "a shell that stops at patterns without a match": 'SHELL ["/bin/zsh", "-c"]\nRUN a',
    "a shell without patterns": 'SHELL ["/bin/bash", "-fc"]\nRUN a',
    "PowerShell": 'SHELL ["pwsh", "-c"]\nRUN a',
}


@pytest.mark.parametrize("text", UNSURE.values(), ids=UNSURE)
def test_it_is_left_where_it_is_not_sure(text):
    assert ended(f"FROM debian\n{text}\n") is None


SCRIPTS = [
    "a",
    "a && b",
    "a || b",
    "a && b || c",
    "a || b && c",
    "a; b",
    "a; b && c",
    "a; b || c",
    "a && b; c",
    "! a",
    "a; ! b",
    "a | b",
    "(a; b)",
    "(a && b) || c",
    "{ a; b; }",
    "a && { b; c; }",
    "if a; then b; else c; fi",
    "if a; then b; fi",
    "for i in 1 2; do a; b; done",
    "while a; do b; break; done",
    "case 1 in 1) a; b;; esac",
    "f() { a; b; }; f",
    "f() { a; b; }; c && f",
    "set -e; a; b",
    "set -e; a && b",
    "set -e; a && b; c",
    "set -e; a || b; c",
    "set -e; (a; b)",
    "set -e; c; { a; b; }",
    "set -e; if a; then b; fi",
    "set -e; for i in 1 2; do a; b; done",
    "set -e; ! a",
    "set -e; a; ! b",
    "set -e; a | b",
    "set -e; f() { a; b; }; f",
    "set -eux; a; b && c",
    "set -x; (a; b); c",
    "set -o errexit; a; (b; c)",
    "set -e && a && b",
]


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs that note their name, and fail when FAIL holds it."""
    folder = tmp_path_factory.mktemp("stubs")
    for name in "abcx":
        (folder / name).write_text(f'#!/bin/sh\necho {name} >>"$LOG"\ncase "$FAIL" in *{name}*) exit 3;; esac\n')
        (folder / name).chmod(0o755)
    return folder


def run(shell: str, script: str, stubs: Path, failing: str, log: Path) -> tuple[int, list[str]]:
    log.write_text("")
    env = {"PATH": f"{stubs}:{os.environ['PATH']}", "FAIL": failing, "LOG": str(log)}
    done = subprocess.run([shell, "-c", script], env=env, capture_output=True, check=False, timeout=20)
    return done.returncode, log.read_text().split()


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_it_fails_as_before(script, shell, stubs, tmp_path):
    text = ended(f"FROM debian\nRUN {script}\n")
    assert text is not None
    dockerfile = parse(text)
    changed = script_of(dockerfile, dockerfile.instructions[-1])
    assert changed is not None
    failures = ["".join(c) for n in range(3) for c in itertools.combinations("abc", n)]
    for failing in failures:
        status, said = run(shell, script, stubs, failing, tmp_path / "log")
        again, heard = run(shell, changed.text, stubs, failing, tmp_path / "log")
        assert again == status, failing
        assert sorted(heard) == sorted([*said, *(["x"] if status == 0 else [])]), failing
