"""What a call removes, as patterns of paths; home directories are all one here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.calls.wrappers import text_of
from lissom.lint.effects.paths import flat, joined

__all__ = ["clears", "homely", "mentions", "needs_it", "removed"]

_HOMES = re.compile(r"(?:/root|/home/[^/]+|/var/jenkins_home|~[a-z0-9_-]*|\$\{HOME\}|\$HOME)(?=/|$)")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_FORCED = ("-f", "--force")
_DEFAULT = re.compile(r"\$\{[A-Za-z_]+:?-([^{}]*)\}")
_MOST = 64


def homely(path: str) -> str:
    """A path with any home directory at its beginning written as ``~``, and no slash at its end."""
    path = _HOMES.sub("~", path, count=1) if _HOMES.match(path) else path
    return path if path.startswith("~") else joined("/", path)


def removed(call: Call) -> tuple[str, ...]:
    """The patterns of what ``rm`` or ``find … -delete`` removes with all that is in it; nothing for other programs."""
    if call.program == "rm":
        return tuple(_patterns(call.operands, call.env))
    if call.program == "find" and _deletes(call.args):
        starts = []
        for word in call.words:
            if text_of(word).startswith(("-", "(", "!")):
                break
            starts.append(word)
        return tuple(_patterns(starts, call.env))
    return ()


def clears(call: Call, path: str) -> bool:
    """Whether a call removes what is at ``path`` or in it."""
    return any(_covers(pattern, homely(path)) for pattern in removed(call))


def mentions(call: Call, path: str) -> bool:
    """Whether a word of a call names ``path``, something in it, or what it is in (the root aside)."""
    wanted = homely(path)
    for word in call.words:
        for text in _patterns((word,), call.env):
            whole = text.rstrip("/*")
            if len(whole) > 1 and (wanted.startswith(whole) or whole.startswith(wanted) or wanted in text):
                return True
    return False


def needs_it(call: Call) -> bool:
    """Whether a call that names a path may fail, or do something else, where the path is gone or empty."""
    if call.program == "rm":
        return not call.has(*_FORCED)
    return call.program not in ("find", "du", "mkdir", "chown", "chmod", "install", "echo", "ls")


def _patterns(words: Iterable[Word], variables: Mapping[str, str | None]) -> Iterable[str]:
    for word in words:
        text = flat(word, variables)
        if text is None:
            text = _DEFAULT.sub(r"\1", word.text).replace('"', "")
        if "/" in text or text == "~":
            yield from (homely(one) for one in _braced(text))


def _braced(text: str) -> list[str]:
    """What bash makes of ``a/{b,c}``; other shells are not asked, as those who write it mean this."""
    found = [text]
    for _ in range(3):
        more: list[str] = []
        for one in found:
            match = _BRACES.search(one)
            parts = match[1].split(",") if match else [""]
            more += [one[: match.start()] + part + one[match.end() :] for part in parts] if match else [one]
        found = more[:_MOST]
    return found


def _covers(pattern: str, path: str) -> bool:
    """Whether the pattern names the path, a directory above it, or with wildcards what is in it."""
    wanted, parts = pattern.split("/"), path.split("/")
    if len(wanted) == len(parts) + 1 and "*" in wanted[-1]:
        del wanted[-1]
    if len(wanted) > len(parts) or wanted in ([""], ["", ""]):
        return False
    return all(a == b or ("*" in a and fnmatchcase(b, a)) for a, b in zip(wanted, parts, strict=False))


def _deletes(args: tuple[str, ...]) -> bool:
    if "-delete" in args:
        return True
    at = next((at for at, arg in enumerate(args) if arg in ("-exec", "-execdir")), len(args))
    return "rm" in args[at + 1 : at + 2]
