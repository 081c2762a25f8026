"""Python packages have a version.

What: a package that `pip install` gets without a version, an address or a path, and without `-r` or `-c`. A hint
only.
Why: the same file gives another image next month, with all that the package depends on. A lock file (`pip install -r`
with hashes) pins those as well.
Bad:
    FROM python:3.12
    RUN pip install --no-cache-dir flask
Good:
    FROM python:3.12
    RUN pip install --no-cache-dir flask==3.0.3
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees; but it takes `.[extra]` and values of some options (`--timeout 100`) for packages, and
`/venv/bin/pip` for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.packages.pinning import unpinned
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_VERSION = re.compile(r"[=<>~!@]")
_VCS = re.compile(r"(git|hg|svn|bzr)(\+[a-z-]+)?:")
_VALUED = (
    *("-b", "--build", "-e", "--editable", "-f", "--find-links", "-i", "--index-url", "--extra-index-url"),
    *("-t", "--target", "--abi", "--implementation", "--platform", "--python-version", "--python", "--no-binary"),
    *("--only-binary", "--prefix", "--progress-bar", "--proxy", "--root", "--src", "--trusted-host", "--log"),
    *("--upgrade-strategy", "--timeout", "--retries", "--cert", "--client-cert", "--cache-dir", "--exists-action"),
    *("--config-settings", "-C", "--group", "--report", "--root-user-action", "--global-option", "--install-option"),
)


def _loose(call: Call) -> Iterator[Word]:
    names = call.operands_with(_VALUED)
    if call.program not in ("pip", "pipx") or not names or names[0].value != "install":
        return
    if call.has("-r", "--requirement", "-c", "--constraint") or any(word.value == "." for word in names):
        return
    for word in names[1:]:
        path = "/" in word.text or word.text.startswith(".") or word.text.endswith((".whl", ".tar.gz", ".zip"))
        fixed = "@" in word.text if _VCS.match(word.text) else path or _VERSION.search(word.text)
        if not fixed:
            yield word


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned(subject, _loose)


RULE = Rule(
    code="pip-version",
    title="Python packages have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3013",),
    check=_check,
    page=__doc__ or "",
)
