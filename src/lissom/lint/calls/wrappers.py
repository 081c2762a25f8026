"""Programs that run another program: what of their words is their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lissom.dockerfile.shell.grammar import parse_script
from lissom.dockerfile.shell.placed import Placed
from lissom.dockerfile.shell.script import Script, Word

__all__ = ["SHELLS", "script_in", "shell_text", "text_of", "unwrapped"]

SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh"))

# The options that take a value as the next word, and how many operands stand before the other program's name.
_WRAPPERS: dict[str, tuple[str, int]] = {
    "sudo": ("-u -g -C -p -h -r -t -U -D --user --group --chdir --host --prompt", 0),
    "doas": ("-u -C", 0),
    "env": ("-u -C -S --unset --chdir", 0),
    "nice": ("-n --adjustment", 0),
    "ionice": ("-c -n --class --classdata", 0),
    "time": ("-f -o", 0),
    "timeout": ("-s -k --signal --kill-after", 1),
    "nohup": ("", 0),
    "stdbuf": ("-i -o -e", 0),
    "setsid": ("", 0),
    "chronic": ("", 0),
    "eatmydata": ("", 0),
    "unbuffer": ("", 0),
    "fakeroot": ("", 0),
    "exec": ("-a", 0),
    "command": ("", 0),
    "builtin": ("", 0),
    "xargs": ("-n -P -I -a -d -L -s -E --max-args --max-procs --arg-file --delimiter --max-lines", 0),
    "gosu": ("", 1),
    "su-exec": ("", 1),
    "retry": ("", 0),
    "corepack": ("", 0),
}
_RUNNERS: dict[tuple[str, str], str] = {
    ("poetry", "run"): "",
    ("pipenv", "run"): "",
    ("uv", "run"): "--with --python -p --project --directory",
    ("bundle", "exec"): "",
    ("conda", "run"): "-n -p --name --prefix --cwd",
    ("mamba", "run"): "-n -p --name --prefix --cwd",
    ("micromamba", "run"): "-n -p --name --prefix --cwd",
}


def text_of(word: Word) -> str:
    """What the shell makes of a word; as written where that is not constant."""
    return word.text if word.value is None else word.value


def unwrapped(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """The places of the programs that the words name one behind the other, with their base names; the last one is
    what all the others run.
    """
    at = 0
    while at < len(words):
        name = (words[at].value or "").rpartition("/")[2]
        yield at, name
        runner = _RUNNERS.get((name, text_of(words[at + 1]))) if at + 1 < len(words) else None
        if runner is not None:
            at = _behind(words, at + 2, runner, 0, name)
        elif name in _WRAPPERS:
            at = _behind(words, at + 1, *_WRAPPERS[name], name)
        else:
            return


def shell_text(words: Sequence[Word]) -> Word | None:
    """The word behind ``sh -c``; None when a shell runs a file. ``words`` are those behind the shell's name."""
    for at, word in enumerate(words):
        text = text_of(word)
        if text.startswith("-") and not text.startswith("--"):
            if "c" in text:
                return words[at + 1] if at + 1 < len(words) else None
        elif not text.startswith(("-", "+")) and text not in ("pipefail", "errexit", "nounset", "xtrace"):
            return None
    return None


def script_in(word: Word) -> Script | None:
    """The script that a word holds, at its place as far as quotes let tell; None when it is not understood."""
    if word.value is None:
        return None
    inside = len(word.text) == word.span.end - word.span.start and word.text[1:-1] == word.value
    return parse_script(Placed.of([(word.value, word.span.start + inside)]))


def _behind(words: Sequence[Word], at: int, valued: str, operands: int, name: str) -> int:
    options = valued.split()
    while at < len(words):
        text = text_of(words[at])
        if text == "--":
            at += 1
            break
        if text.startswith("-"):
            at += 2 if text in options else 1
        elif name in ("env", "sudo", "doas") and "=" in text.partition(" ")[0]:
            at += 1
        elif operands:
            operands, at = operands - 1, at + 1
        else:
            break
    return at
