"""Texts in the sources of programs: which of them may be commands, and which paths they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["CONFIGS", "SOURCES", "Texts", "looks_like_command", "paths_in", "texts_of"]

CONFIGS = (".conf", ".cfg", ".ini", ".toml", ".yaml", ".yml", ".json", ".env", ".properties", ".xml")
_LANGUAGES = {
    "python": (".py", ".pyw"),
    "javascript": (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"),
    "ruby": (".rb", ".ru", ".rake", ".erb"),
    "php": (".php", ".phtml", ".inc"),
    "perl": (".pl", ".pm", ".cgi", ".psgi"),
    "java": (".java", ".kt", ".scala", ".groovy", ".jsp"),
    "go": (".go",),
    "c": (".c", ".cc", ".cpp", ".cxx", ".h", ".hpp"),
    "rust": (".rs",),
    "lua": (".lua",),
}
SOURCES = tuple(suffix for suffixes in _LANGUAGES.values() for suffix in suffixes)
_STARTS = {
    "python": r"\b(?:run|call|system|popen|exec[lv]p?e?|spawn[lv]?p?e?|posix_spawnp?|Popen|check_output|check_call"
    r"|which|create_subprocess_\w+|get(?:status)?output|run_process|local)\s*\(",
    "javascript": r"\b(?:exec|spawn|fork|execFile|execa|execaCommand|which|command|run)(?:Sync|Async)?\s*\(|\$`",
    "ruby": r"`|%x\W|\b(?:system|spawn|exec|popen|popen[23]e?|capture[23]e?|pipeline\w*)\b",
    "php": r"`|\b(?:exec|shell_exec|system|passthru|proc_open|popen|pcntl_exec|Process|fromShellCommandline)\s*\(",
    "perl": r"`|\bqx\b|\b(?:system|exec|open[23]?|run[23]?)\b",
    "java": r"\bProcessBuilder\b|\bgetRuntime\b|\.exec\b|\bCommandLine\b|\.!!?|\bcommand\b",
    "go": r"\bexec\.(?:Command(?:Context)?|LookPath)\b|\bStartProcess\b|\bsyscall\.Exec\b",
    "c": r"\b(?:system|popen|exec[lv]p?e?|execvpe|posix_spawnp?|wordexp|g_spawn_\w+)\b|\bQProcess\b",
    "rust": r"\bCommand::new\b",
    "lua": r"\bos\.execute\b|\bio\.popen\b",
}
_NEEDS = {
    "javascript": re.compile(r"child_process|execa|shelljs|\bzx\b|Bun\.|Deno\."),
    "go": re.compile(r"os/exec|syscall|StartProcess"),
}
_SHELLS = {
    "python": r"shell\s*=\s*True|\bos\.(?:system|popen)\b|output\b\(|subprocess_shell",
    "javascript": r"\bexec(?:Sync)?\b|\bshell\s*:|\bexeca?Command|\$`",
    "ruby": r".",
    "php": r".",
    "perl": r".",
    "c": r"\b(?:system|popen|wordexp)\b",
    "lua": r".",
}
_CALLS = {name: re.compile(pattern) for name, pattern in _STARTS.items()}
_SHELL = {name: re.compile(pattern) for name, pattern in _SHELLS.items()}
_OF_SUFFIX = {suffix: name for name, suffixes in _LANGUAGES.items() for suffix in suffixes}
_LITERAL = re.compile(
    r"'((?:[^'\\\n]|\\.){1,2000})'|\"((?:[^\"\\\n]|\\.){1,2000})\"|`([^`]{1,2000})`|%x[{(\[]([^\])}\n]{1,2000})"
)
_IMPORTS = re.compile(
    r"\bimport\s*\([^()]*\)|^\s*import\s+(?:\w+\s+)?\"[^\"\n]*\"|\b(?:from|require|require_relative|load|include|include_once"
    r"|require_once)\b\s*\(?\s*['\"][^'\"\n]*['\"]|^\s*#\s*include\b[^\n]*",
    re.MULTILINE,
)
"""Texts that say what a source is made of; Go's ``import ("fmt"; "strings")`` names no programs."""

_REACH = 240
_FILLED = r"%[sdiu]|\$?\{[^{}/\s]{0,40}\}|#\{[^{}/\s]{0,40}\}|\$\w+|\*"
_PATH = re.compile(rf"(?<![\w./%}}$*@-])/(?:[\w.@+~-]|{_FILLED})(?:[\w.@+~/-]|{_FILLED})*")
_COMMAND = re.compile(r"^\s*[\w./+-]+(?:\s.*?)?(?:\s-{1,2}\w|[|<>]|&&|\$\()", re.DOTALL)


@dataclass(frozen=True)
class Texts:
    """Literals of a source: ``called`` ones stand close behind what starts programs, which may be by a ``shell``.

    ``leads`` are those of the others that begin a list or are given a name, as commands are that are started later.
    """

    called: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    starts: bool = False
    shell: bool = False


def texts_of(source: str, suffix: str) -> Texts:
    """The texts between quotes in a source whose language goes by its suffix; of any other only where paths may be."""
    language = _OF_SUFFIX.get(suffix, "")
    needs = _NEEDS.get(language)
    calls: list[int] = []
    if language and (needs is None or needs.search(source)):
        source = _IMPORTS.sub(" ", source)
        calls = [match.end() for match in _CALLS[language].finditer(source)]
    called: set[str] = set()
    others: set[str] = set()
    leads: set[str] = set()
    at = 0
    for match in _LITERAL.finditer(source):
        while at < len(calls) and calls[at] < match.start() - _REACH:
            at += 1
        text = next(group for group in match.groups() if group is not None)
        near = at < len(calls) and calls[at] <= match.start() + 3
        (called if near else others).add(_plain(text))
        if source[max(match.start() - 8, 0) : match.start()].rstrip().endswith(("[", "=", ":=")):
            leads.add(text)
    shell = bool(calls) and language in _SHELL and _SHELL[language].search(source) is not None
    return Texts(frozenset(called), frozenset(others), frozenset(leads), starts=bool(calls), shell=shell)


def _plain(text: str) -> str:
    """``text`` with the commonest escapes undone."""
    if "\\" not in text:
        return text
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\'", "'").replace('\\"', '"').replace("\\$", "$")


def looks_like_command(text: str) -> bool:
    """Whether a text with blanks has an option, a pipe or a redirection, as commands do and sentences do not."""
    return " " in text and _COMMAND.match(text) is not None


def paths_in(text: str) -> Iterator[str]:
    """Absolute paths in a text; what a format or a variable fills in is in them as it is written."""
    for match in _PATH.finditer(text.replace("file://", "")):
        yield match[0].rstrip(".")
