"""An SSH server is in the container.

What: `EXPOSE 22`, `sshd` as a program that is started, `openssh-server` among the packages that are installed
(`openssh` on Alpine).
Why: `docker exec` gives the same shell without keys to keep, a port to guard and a program to update.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends openssh-server
    CMD ["/usr/sbin/sshd", "-D"]
Good:
    FROM debian:bookworm
    CMD ["/srv/app"]
Fix: none: perhaps the image is meant to be an SSH server.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Cmd, Entrypoint, Expose
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.calls.wrappers import text_of
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting, run_calls

__all__ = ["RULE"]
_PACKAGES = frozenset(("openssh-server", "dropbear"))
_INSTALLERS = frozenset(("apt-get", "apt", "apk", "yum", "dnf", "microdnf", "zypper", "pacman"))


def _check(subject: Subject) -> Iterator[Found]:
    for _, call in run_calls(subject):
        if call.program in _INSTALLERS:
            yield from _installed(call)
    for step in acting(subject):
        if isinstance(step.instruction, Expose):
            ports = arguments(subject.dockerfile, step.instruction)
            yield from (Found(one.span, "the port of SSH is exposed") for one in ports if one.text in ("22", "22/tcp"))
        elif isinstance(step.instruction, Cmd | Entrypoint):
            servers = (call for call in calls_of(step) if call.program == "sshd")
            yield from (Found(call.span, "an SSH server runs in the container") for call in servers)


def _installed(call: Call) -> Iterator[Found]:
    for word in call.words:
        name = text_of(word).partition("=")[0]
        if name in _PACKAGES:
            yield Found(word.span, "an SSH server is installed")
        elif call.program == "apk" and name == "openssh":
            message = "`openssh` has an SSH server in it; `openssh-client` has none"
            yield Found(word.span, message, severity=Severity.INFO)


RULE = Rule(
    code="ssh-server",
    title="No SSH server",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
