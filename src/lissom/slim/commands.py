"""Which commands a shell script names: a reader of shell that finds words, and runs nothing.

It follows the grammar of XPG's shell and what bash adds as far as words in the place of a command can be told from
others; text that is no shell gives few and harmless words. Each character is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lissom.slim.shell_words import read_commands

__all__ = ["BUILTINS", "RUNNERS", "SHELLS", "Commands", "commands_of", "commands_of_words"]

_BUILTINS = """
. : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo
enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf
pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit
umask unalias unset wait
"""
BUILTINS = frozenset(_BUILTINS.split())
_RUNNERS = """
builtin busybox chpst chroot chrt command coproc dumb-init eatmydata env exec find flock gosu hash ionice ltrace
nice nohup numactl parallel runuser s6-setuidgid script setarch setpriv setsid setuidgid start-stop-daemon stdbuf
strace su su-exec sudo systemd-run taskset time timeout tini type unbuffer watch which xargs xvfb-run
"""
"""Commands that run others, which their arguments name."""
RUNNERS = frozenset(_RUNNERS.split())
SHELLS = frozenset(("sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"))
_DEEPEST = 5
_PATH = re.compile(r"(?<![\w.$}/\0])/(?:[\w.+@-]+/)*[\w.+@-]+")


@dataclass(frozen=True)
class Commands:
    """``programs`` stand where a command does (builtins of shells among them); ``external`` after one that runs others.

    ``sourced`` are files that are read as scripts, without what a variable stands for before the last slash; ``paths``
    absolute paths anywhere.
    """

    programs: frozenset[str] = frozenset()
    external: frozenset[str] = frozenset()
    sourced: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()

    def names(self) -> frozenset[str]:
        """What PATH may be searched for."""
        return (self.programs - BUILTINS) | self.external


def commands_of(text: str) -> Commands:
    """The commands of a script or of one line of shell."""
    found = _Found(set(), set(), set(), set())
    _collect(text, found, 0)
    return found.commands()


def commands_of_words(words: Sequence[str]) -> Commands:
    """The commands of a command line that no shell reads, such as a CMD in exec form."""
    found = _Found(set(), set(), set(), set())
    if words:
        found.paths.update(path for word in words for path in _PATH.findall(word))
        _add(words, found, 0)
    return found.commands()


@dataclass(frozen=True)
class _Found:
    programs: set[str]
    external: set[str]
    sourced: set[str]
    paths: set[str]

    def commands(self) -> Commands:
        return Commands(*(frozenset(part) for part in (self.programs, self.external, self.sourced, self.paths)))


def _collect(text: str, found: _Found, depth: int) -> None:
    if depth > _DEEPEST:
        return
    read = read_commands(text)
    for value in read.words:
        found.paths.update(_PATH.findall(value))
    for words in read.commands:
        _add(words, found, depth)
    found.programs.difference_update(read.functions)


def _add(words: Sequence[str], found: _Found, depth: int) -> None:
    """``words`` are those of one simple command; what a variable stands for is a ``\\0`` in them."""
    name, rest = words[0], words[1:]
    base = name.rpartition("/")[2]
    if _is_literal(name):
        found.programs.add(name)
    if name in (".", "source"):
        found.sourced.update(_tails(rest[:1]))
    elif name in ("eval", "trap"):
        for word in rest[:1] if name == "trap" else rest:
            _collect(word.replace("\0", "_"), found, depth + 1)
    elif base in SHELLS:
        _shell(rest, found, depth)
    elif base in RUNNERS:
        found.external.update(word for word in rest if _is_literal(word))
        inner = next((n for n, word in enumerate(rest) if word.rpartition("/")[2] in SHELLS), None)
        if inner is not None:
            _shell(rest[inner + 1 :], found, depth)
        elif base in ("su", "runuser", "script", "watch"):
            _shell(rest, found, depth)


def _shell(arguments: Sequence[str], found: _Found, depth: int) -> None:
    """What follows a shell: a text after ``-c``, or a script."""
    for number, word in enumerate(arguments):
        if re.fullmatch(r"-[a-zA-Z]*c", word) or word == "--command":
            for text in arguments[number + 1 : number + 2]:
                _collect(text.replace("\0", "_"), found, depth + 1)
            return
    scripts = [word for word in arguments if not word.startswith("-")][:1]
    found.sourced.update(_tails(scripts))


def _tails(words: Iterable[str]) -> list[str]:
    return [word.rpartition("\0")[2] for word in words if word.rpartition("\0")[2]]


def _is_literal(word: str) -> bool:
    return bool(word) and "\0" not in word and not word.startswith("-")
