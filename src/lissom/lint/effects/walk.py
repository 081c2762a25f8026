"""Through a script from command to command, with the working directory and the variables in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from lissom.dockerfile.shell.script import Command, Compound, Pipeline, Redirection, Script, Sequence, Simple, Word
from lissom.lint.calls.wrappers import SHELLS, script_in, shell_text, unwrapped
from lissom.lint.effects import archives, fetched, files
from lissom.lint.effects.act import Act, Deed, Effects
from lissom.lint.effects.call import Call, Unclear
from lissom.lint.effects.paths import flat, joined

__all__ = ["walk"]

_COMMANDS = {**files.COMMANDS, **fetched.COMMANDS, **archives.COMMANDS}
_HARMLESS_NAMES = (
    ": [ [[ test true false echo printf set export unset shift read exit return umask ulimit alias local "
    "declare trap pwd which command type hash id whoami groups uname date sleep wait env printenv nproc "
    "getconf dirname basename readlink realpath sort uniq cut tr awk gawk mawk diff cmp seq expr tty "
    "hostname arch shopt break continue gpgconf sha1sum md5 jq locale file du df ps kill pkill od xxd "
    "base64 yes"
)
_HARMLESS = frozenset(_HARMLESS_NAMES.split())
_BUILDERS_NAMES = (
    "npm npx yarn pnpm bun composer bundle bundler rake make ninja cmake meson cargo go mvn mvnw gradle "
    "gradlew dotnet javac msbuild webpack vite ng tsc rails mix hugo jekyll poetry pdm uv pipenv gcc g++ "
    "cc c++ clang rustc sbt lein ant configure autogen.sh bower gulp grunt jar swift zig stack cabal "
    "conan"
)
_BUILDERS = frozenset(_BUILDERS_NAMES.split())
_READERS = frozenset(
    ["sh", "bash", "ash", "dash", "apt-get", "apt", "pip", "pip3", "dnf", "yum", "zypper", "apk", "java"]
)
_INTERPRETER = re.compile(r"(python|php|perl|ruby|node)[0-9.]*|(ba|da|a|z)?sh")
_SILENT = ("/dev/",)
_MOST_ACTS = 5000
_DEEPEST = 3  # of `sh -c` in `sh -c`


def walk(script: Script, cwd: str, variables: Mapping[str, str | None]) -> Effects:
    """The effects of a script that begins in ``cwd``."""
    walker = _Walker(cwd, dict(variables))
    walker.sequence(script.body, sure=True)
    return Effects(tuple(walker.acts), tuple(walker.unknown))


class _Walker:
    def __init__(self, cwd: str, variables: dict[str, str | None]) -> None:
        self.cwd = cwd
        self.variables = variables
        self.acts: list[Act] = []
        self.unknown: list[Simple] = []
        self.depth = 0

    def sequence(self, sequence: Sequence, *, sure: bool) -> None:
        before = ""
        for part in sequence.parts:
            self.command(part.command, sure=sure and before != "||")
            # `a || b && c`: c runs whichever way it went.
            before = part.joiner

    def command(self, command: Command, *, sure: bool, piped: bool = False) -> None:
        if isinstance(command, Simple):
            self.simple(command, sure=sure, piped=piped)
        elif isinstance(command, Pipeline):
            self.pipeline(command, sure=sure)
        else:
            self.compound(command, sure=sure)

    def pipeline(self, pipeline: Pipeline, *, sure: bool) -> None:
        cwd, variables = self.cwd, dict(self.variables)
        for at, command in enumerate(pipeline.commands):
            self.command(command, sure=sure, piped=at > 0)
            if len(pipeline.commands) > 1:
                self.cwd, self.variables = cwd, dict(variables)

    def compound(self, compound: Compound, *, sure: bool) -> None:
        cwd, variables = self.cwd, dict(self.variables)
        certain = sure and compound.kind in ("subshell", "group")
        for at, body in enumerate(compound.bodies):
            self.sequence(body, sure=certain or (sure and at == 0 and compound.kind == "if"))
        if compound.kind == "subshell":
            self.cwd, self.variables = cwd, variables
        elif compound.kind not in ("group", "test") and self.cwd != cwd:
            self.cwd = "${PWD}"
        self.redirections(compound.redirections, None, sure=sure)

    def simple(self, command: Simple, *, sure: bool, piped: bool) -> None:
        for word in (*command.assignments, *command.words):
            for inner in word.inside:
                self._apart(inner, sure=sure)
        self._assign(command)
        words = self._unwrapped(command)
        if words:
            name = (flat(words[0], self.variables) or "").rpartition("/")[2]
            self._called(name, Call(command, words, self.cwd, self.variables, sure, piped))
        self.redirections(command.redirections, command, sure=sure)

    def _apart(self, sequence: Sequence, *, sure: bool) -> None:
        cwd, variables = self.cwd, dict(self.variables)
        self.sequence(sequence, sure=sure)
        self.cwd, self.variables = cwd, variables

    def _assign(self, command: Simple) -> None:
        exported = command.words[1:] if command.name in ("export", "declare", "local", "readonly") else ()
        for word in (*(command.assignments if not command.words else ()), *exported):
            name, equals, _ = word.text.partition("=")
            if equals:
                value = flat(word, self.variables)
                self.variables[name] = value.partition("=")[2] if value is not None and "${" not in value else None

    def _unwrapped(self, command: Simple) -> list[Word]:
        """The words from the program on that is really run; nothing when its arguments come from elsewhere."""
        places = list(unwrapped(command.words))
        if any(name == "xargs" for _, name in places[:-1]):
            self.unknown.append(command)
            return []
        at = places[-1][0] if places else 0
        if places and places[-1][1] == "busybox" and at + 1 < len(command.words):
            at += 1
        return list(command.words[at:])

    def _inner(self, name: str, call: Call) -> bool:
        """Walk through the script that a shell is given with -c; False when there is none, or it is not understood."""
        word = shell_text(call.words[1:]) if name in SHELLS else None
        script = script_in(word) if word is not None else None
        if script is None or self.depth >= _DEEPEST:
            return False
        self.depth += 1
        before, unknown = len(self.acts), len(self.unknown)
        self._apart(script.body, sure=call.sure)
        self.depth -= 1
        # Edits are made to commands as they stand in the Dockerfile: what is inside belongs to the shell's command.
        self.acts[before:] = [replace(act, command=call.command) for act in self.acts[before:]]
        self.unknown[unknown:] = [call.command] if len(self.unknown) > unknown else []
        return True

    def _called(self, name: str, call: Call) -> None:
        if name in ("cd", "pushd"):
            self._cd(call)
        elif self._inner(name, call):
            return
        elif name in _BUILDERS:
            self.unknown.append(call.command)
            self._add(call.act(Deed.BUILD, self._built_in(call), call.words[0], deep=True, detail=name))
        elif name in _COMMANDS:
            try:
                for act in _COMMANDS[name](call):
                    self._add(act)
            except Unclear:
                self.unknown.append(call.command)
        elif name not in _HARMLESS:
            self.unknown.append(call.command)
            self._executed(name, call)

    def _built_in(self, call: Call) -> str:
        """The directory that a builder works in: the current one, or that of make's -C."""
        directory = call.arguments(short="CfjIo", long=("--directory", "--prefix")).last("-C", "--directory")
        try:
            return call.place(directory.value) if directory else self.cwd
        except Unclear:
            return self.cwd

    def _cd(self, call: Call) -> None:
        words = call.arguments().operands
        try:
            self.cwd = call.path(words[0]) if words else call.place("~")
        except Unclear:
            self.cwd = "${PWD}"

    def _executed(self, name: str, call: Call) -> None:
        """Files that a shell or an installer is given are read, and downloads that an interpreter runs."""
        if _INTERPRETER.fullmatch(name):
            for word in call.words[1:]:
                place = call.place(call.text(word) or "-")
                if any(act.deed is Deed.FETCH and act.path == place for act in self.acts):
                    self._add(call.act(Deed.READ, place, word, detail=name))
        if name in _READERS:
            for word in call.words[1:]:
                text = call.text(word) or ""
                if "/" in text and not text.startswith("-") and "://" not in text:
                    self._add(call.act(Deed.READ, call.place(text), word, detail=name))
        elif "/" in (call.text(call.words[0]) or ""):
            self._add(call.act(Deed.READ, call.path(call.words[0]), call.words[0], detail="run"))

    def redirections(self, redirections: tuple[Redirection, ...], command: Simple | None, *, sure: bool) -> None:
        for one in redirections:
            if one.target is None or not one.operator.startswith((">", "&>")):
                continue
            text = flat(one.target, self.variables)
            if text is None or text.startswith(_SILENT) or text.isdigit() or text == "-":
                continue
            deed = Deed.EDIT if ">>" in one.operator else Deed.WRITE
            home = self.variables.get("HOME") or "${HOME}"
            path = joined(self.cwd, home + text[1:] if text.startswith("~/") else text)
            self._add(Act(deed, path, one.target.span, command, sure=sure))

    def _add(self, act: Act) -> None:
        if len(self.acts) < _MOST_ACTS:
            self.acts.append(replace(act, path=act.path or "/"))
