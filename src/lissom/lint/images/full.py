"""What RUNs take for granted that full images have and slim ones have not."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Onbuild, Run
from lissom.lint.calls.reading import calls_of
from lissom.lint.packages.installs import installed
from lissom.lint.subject import StageView, Subject

__all__ = ["taken_for_granted"]

_COMPILING = "gcc g++ cc c++ make bundle gem nvcc cpan cpanm cpm"
_COMPILER = ("gcc", "g++", "clang", "build-essential", "build-base")
# The packages of which one has to be installed where a program is called.
_PACKAGES: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("curl", "wget", "git", "unzip", "patch", "autoconf", "automake", "cmake", "rsync")},
    **dict.fromkeys(_COMPILING.split(), _COMPILER),
    **dict.fromkeys(("javac", "jar", "jlink", "jdeps", "mvn", "mvnw", "gradle", "gradlew", "ant"), ("default-jdk",)),
    **dict.fromkeys(("swift", "swiftc"), ("swiftlang",)),
    "mix": ("git",),
    "rebar3": ("git",),
    "apt-key": ("gnupg", "gnupg2"),
    "gpg": ("gnupg", "gnupg2", "gpg"),
    "hg": ("mercurial",),
    "svn": ("subversion",),
    "ssh": ("openssh-client",),
    "ssh-keyscan": ("openssh-client",),
    "xz": ("xz-utils",),
    "bzip2": ("bzip2",),
}


def taken_for_granted(subject: Subject, stage: StageView) -> str:
    """A program that RUNs on the base of ``stage`` call though they installed no package with it; empty without one.

    An image whose children build is taken to need all of its base.
    """
    present: set[str] = set()
    for one in _standing_on(subject, stage):
        for step in one.steps:
            if isinstance(step.instruction, Onbuild) and isinstance(step.instruction.trigger, Run):
                return "ONBUILD"
            present |= {package.name for package in installed(step)}
            for call in calls_of(step):
                wanted = _PACKAGES.get(call.program)
                if wanted and isinstance(step.instruction, Run) and present.isdisjoint(wanted):
                    return call.program
    return ""


def _standing_on(subject: Subject, stage: StageView) -> Iterator[StageView]:
    """The stage, and those that stand on it or on one of them."""
    indices = {stage.stage.index}
    for one in subject.stages:
        if one is stage or one.base.parent in indices:
            indices.add(one.stage.index)
            yield one
