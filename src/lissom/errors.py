"""What can go wrong: one family, eight leaves.

LissomError
├── UsageError        2   a flag or an argument
├── DockerfileError   2   the text of a Dockerfile
├── StepError         3   a build step failed
├── SandboxError      3   a privilege, kernel feature or program is missing
├── RegistryError     4   a registry refused or could not be reached
├── IntegrityError    5   bytes are not what their digest or format says
├── StoreError        5   the store on disk
└── VerifyError       1   the proof failed

Messages read "cannot VERB `OBJECT`: CAUSE", without a full stop; ``hint`` says what to do.
Whatever is not a LissomError is a bug of ours: the command line shows a traceback and exits 70.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "DockerfileError",
    "IntegrityError",
    "LissomError",
    "RegistryError",
    "SandboxError",
    "StepError",
    "StoreError",
    "UsageError",
    "VerifyError",
]


class LissomError(Exception):
    """Something a user can understand and act on."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LissomError):
    """A flag or an argument is wrong."""

    exit_code = 2


class DockerfileError(LissomError):
    """The text of a Dockerfile is at fault; the message holds place, excerpt and caret of every fault."""

    exit_code = 2


class StepError(LissomError):
    """A build step failed.

    ``status`` is the exit status (128 + n for signal n), ``output`` the last lines, ``replay`` a shell command.
    """

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        output: tuple[str, ...] = (),
        replay: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.output = output
        self.replay = replay


class SandboxError(LissomError):
    """The kernel or the machine lacks what a container needs; the hint names what grants it."""

    exit_code = 3


class RegistryError(LissomError):
    """A registry refused, failed or could not be reached; ``temporary`` says whether to try again."""

    exit_code = 4

    def __init__(self, message: str, *, hint: str | None = None, temporary: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.temporary = temporary


class IntegrityError(LissomError):
    """Bytes are not what their digest, size or format says."""

    exit_code = 5


class StoreError(LissomError):
    """The store cannot be read or written."""

    exit_code = 5


class VerifyError(LissomError):
    """The proof failed: an image does not do what it did before."""

    exit_code = 1
