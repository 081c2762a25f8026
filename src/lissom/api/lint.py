"""Lint a Dockerfile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from lissom.api.lint_context import context_of
from lissom.api.lint_target import Target
from lissom.dockerfile.parser import parse
from lissom.errors import UsageError
from lissom.lint.lint import lint
from lissom.lint.linted import Linted
from lissom.lint.settings import Settings
from lissom.lint.subject import Shown
from lissom.lint.views import subject_of

__all__ = ["lint_target", "read_dockerfile", "settings_for"]

_LARGEST = 16 << 20
_SETTINGS = (".lissom.toml", "lissom.toml")


def lint_target(
    target: Target,
    settings: Settings,
    *,
    stdin: BinaryIO | None = None,
    shown: Sequence[Shown] = (),
    stage: str | None = None,
) -> Linted:
    """Lint a Dockerfile with its build context; ``shown`` is what the image shows that was built from it, ``stage`` the
    target of that build.

    A context that cannot be looked through is left out, with a note; so is a guessed one that is surely another.
    Raises UsageError, and DockerfileError when the text cannot be parsed.
    """
    dockerfile = parse(read_dockerfile(target.path, stdin), target.name)
    facts, notes = context_of(dockerfile, target)
    subject = subject_of(dockerfile, context=facts, shown=shown, settings=settings.of_rules, target=stage)
    return Linted(subject, lint(subject, settings), settings, notes)


def read_dockerfile(path: Path | None, stdin: BinaryIO | None = None) -> bytes:
    """The text of a Dockerfile; None is ``stdin``. Raises UsageError."""
    try:
        if path is None:
            data = stdin.read(_LARGEST + 1) if stdin is not None else b""
        else:
            with path.open("rb") as file:
                data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read `{path or '-'}`: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"cannot read `{path or '-'}`: it is larger than 16 MiB, which no Dockerfile is")
    return data


def settings_for(path: Path | None, named: Path | None = None) -> Settings:
    """The settings in the file ``named``; else in that beside the Dockerfile or in the current directory, if any.

    Raises UsageError.
    """
    places = [Path()] if path is None else [path.parent, Path()]
    found = named or next((one for place in places for name in _SETTINGS if (one := place / name).is_file()), None)
    if found is None:
        return Settings()
    try:
        text = found.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read settings `{found}`: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read settings `{found}`: it is no UTF-8") from error
    from lissom.lint.settings_file import parse_settings

    return parse_settings(text, str(found))
