"""The build context of a Dockerfile, as rules look at it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from lissom.api.lint_target import Target
from lissom.dockerfile.syntax import Add, Copy, Dockerfile, Instruction, Onbuild, Run
from lissom.errors import UsageError
from lissom.lint.subject import ContextFacts
from lissom.rootfs.tree import Tree

__all__ = ["context_of", "facts_of", "uses_context"]

_MOST_FILES = 100_000
_LARGEST_IGNORE = 1 << 20
_DOCKERFILE = re.compile(r"(.*[.-])?(Docker|Container)file([.-].*)?|.*\.dockerignore|README.*", re.IGNORECASE)
_LITERAL = re.compile(r"[A-Za-z0-9_./@+-]+")


def context_of(dockerfile: Dockerfile, target: Target) -> tuple[ContextFacts | None, tuple[str, ...]]:
    """The build context's files, if there is one and the Dockerfile takes something of it; notes say what failed.

    A guessed context is none when it lacks what is copied from it, or holds nothing but Dockerfiles.
    """
    if target.context is None or not uses_context(dockerfile):
        return None, ()
    try:
        facts = facts_of(target.context, target.path)
    except UsageError as error:
        return None, (f"the build context was left out: {error.message}",)
    return (None if target.guessed and not _plausible(dockerfile, facts.tree) else facts), ()


def uses_context(dockerfile: Dockerfile) -> bool:
    """Whether an instruction takes files of the build context."""
    for instruction in _inner(dockerfile):
        if _copies(instruction):
            return True
        if isinstance(instruction, Run) and any(_binds(dict(mount.pairs)) for mount in instruction.mounts):
            return True
    return False


def facts_of(directory: Path, dockerfile: Path | None = None) -> ContextFacts:
    """The files below ``directory``, and the ignore file that holds for ``dockerfile`` there.

    Raises UsageError when the files cannot be listed or are too many, and for an ignore file that is wrong.
    """
    from lissom.context.files import scan_files
    from lissom.lint.build_context.facts import context_facts

    own = dockerfile.with_name(f"{dockerfile.name}.dockerignore") if dockerfile else None
    ignored = own if own is not None and own.is_file() else directory / ".dockerignore"
    tree = scan_files(directory, most=_MOST_FILES)
    return context_facts(tree, _text(ignored), ignored.name)


def _plausible(dockerfile: Dockerfile, tree: Tree) -> bool:
    if all(_DOCKERFILE.fullmatch(name) for name in tree.children("")):
        return False
    for instruction in _inner(dockerfile):
        if isinstance(instruction, Copy | Add) and _copies(instruction):
            sources = [one for one in instruction.sources if _LITERAL.fullmatch(one)]
            if any(posixpath.normpath(f"/{one}").lstrip("/") not in tree for one in sources):
                return False
    return True


def _inner(dockerfile: Dockerfile) -> Iterator[Instruction]:
    """The instructions of the file; of ONBUILD what it holds."""
    for instruction in dockerfile.instructions:
        yield instruction.trigger if isinstance(instruction, Onbuild) else instruction


def _copies(instruction: Instruction) -> bool:
    if isinstance(instruction, Copy):
        return bool(instruction.sources) and not instruction.from_
    return isinstance(instruction, Add) and any("://" not in one for one in instruction.sources)


def _binds(mount: dict[str, str | None]) -> bool:
    return mount.get("type", "bind") == "bind" and "from" not in mount


def _text(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_IGNORE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror}") from error
    if len(data) > _LARGEST_IGNORE:
        raise UsageError(f"cannot read `{path}`: it is larger than 1 MiB, which no ignore file is")
    return data.decode("utf-8", "surrogateescape")
