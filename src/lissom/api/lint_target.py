"""Which Dockerfiles to look at, and where the build context of each one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lissom.dockerfile.fault import nearest
from lissom.errors import UsageError

__all__ = ["Target", "targets"]

_NAMES = ("Dockerfile", "dockerfile", "Containerfile")


@dataclass(frozen=True, slots=True)
class Target:
    """A Dockerfile, called ``name`` in messages; ``path`` None is stdin. ``guessed``: nobody named the context."""

    name: str
    path: Path | None
    context: Path | None
    guessed: bool


def targets(paths: Sequence[str], file: str | None = None, context: Path | None = None) -> tuple[Target, ...]:
    """What the command line names: Dockerfiles, directories with one, ``-`` for stdin; nothing is the directory here.

    With ``file`` the only path is the build context, as for a build. Raises UsageError.
    """
    if context is not None and not context.is_dir():
        raise UsageError(f"cannot use build context `{context}`: it is not a directory")
    if file is None:
        return tuple(_target(path, context) for path in paths or (".",))
    if len(paths) > 1 or (paths and not Path(paths[0]).is_dir()):
        raise UsageError("cannot use -f: the argument beside it is the build context, a directory")
    around = context or (Path(paths[0]) if paths else None)
    if around is not None and file != "-" and not Path(file).exists() and (around / file).is_file():
        file = str(around / file)
    return (_target(file, around),)


def _target(text: str, context: Path | None) -> Target:
    if text == "-":
        return Target("stdin", None, context, guessed=False)
    path = Path(text)
    guessed = context is None
    if path.is_dir():
        found = _dockerfile_in(path)
        return Target(str(found), found, context or path, guessed)
    if not path.exists():
        raise UsageError(f"cannot read `{text}`: there is no such file", hint=_similar(path))
    return Target(str(path), path, context or path.parent, guessed)


def _dockerfile_in(directory: Path) -> Path:
    found = next((directory / name for name in _NAMES if (directory / name).is_file()), None)
    if found is None:
        raise UsageError(f"cannot find a Dockerfile in `{directory}`", hint=_similar(directory / _NAMES[0]))
    return found


def _similar(path: Path) -> str | None:
    try:
        names = sorted(one.name for one in path.parent.iterdir() if one.is_file())
    except OSError:
        return None
    guess = nearest(path.name, names)
    return f"did you mean {path.parent / guess}?" if guess else "name the file"
