"""Go programs have a version.

What: a package path that `go install`, `go get` or `go run` gets without `@version`, or with `@latest`. A hint only.
Why: the same file gives another program next month, from whoever owns the path then.
Bad:
    FROM golang:1.22
    RUN go install golang.org/x/tools/cmd/stringer@latest
Good:
    FROM golang:1.22
    RUN go install golang.org/x/tools/cmd/stringer@v0.24.0
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees; but it takes `main.go`, `std` and the values of options for packages.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.packages.pinning import unpinned
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_VALUED = ("-ldflags", "-tags", "-o", "-C", "-mod", "-modfile", "-gcflags", "-asmflags", "-p", "-exec", "-pkgdir")


def _loose(call: Call) -> Iterator[Word]:
    names = call.operands_with(_VALUED)
    if call.program != "go" or not names or names[0].value not in ("install", "get", "run"):
        return
    packages = names[1:2] if names[0].value == "run" else names[1:]
    for word in packages:
        text = word.text.strip("\"'")
        local = text.startswith((".", "/", "cmd/")) or text.endswith(".go") or text in ("std", "cmd", "all", "tool")
        if not local and ("@" not in text or text.endswith("@latest")):
            yield word


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned(subject, _loose)


RULE = Rule(
    code="go-version",
    title="Go programs have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3062",),
    check=_check,
    page=__doc__ or "",
)
