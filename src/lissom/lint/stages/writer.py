"""From a recipe to the edits that make two stages of one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import (
    Add,
    Arg,
    Cmd,
    Comment,
    Copy,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Instruction,
    Label,
    Maintainer,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from lissom.lint.stages.app import outermost
from lissom.lint.stages.called import called_when_run, words_when_run
from lissom.lint.stages.packages import runtime_packages
from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import ROOT, Recipe
from lissom.lint.stages.runtimes import ALPINE
from lissom.lint.stages.sorting import Sorted

__all__ = ["edits_of"]

_MOVED = (Expose, Cmd, Entrypoint, Healthcheck, Volume, Stopsignal, Label, Maintainer)
_FILES = (Run, Copy, Add)
_FIRST = (Label, Maintainer, Env, Shell)
_LAST = (Volume, Expose, Stopsignal, Healthcheck, User, Entrypoint, Cmd)
_ROOT = frozenset(("root", "0", "0:0", "root:root"))


def edits_of(reading: Reading, recipe: Recipe, found: Sorted) -> tuple[Edit, ...]:
    """The edits: the build keeps its lines, the last stage stands behind it."""
    return _Writer(reading, recipe, found).edits()


class _Writer:
    def __init__(self, reading: Reading, recipe: Recipe, found: Sorted) -> None:
        self.reading = reading
        self.recipe = recipe
        self.found = found
        self.source = reading.subject.dockerfile.source
        self.instructions = reading.stage.stage.instructions
        files = [number for number, one in enumerate(self.instructions) if isinstance(one, _FILES)]
        self.last_file = files[-1] if files else -1
        self.build = reading.stage.stage.name or "build"
        self.newline = "\r\n" if "\r\n" in self.source.text else "\n"

    def edits(self) -> tuple[Edit, ...]:
        from_ = self.reading.stage.stage.from_
        if not self.recipe.builds:
            return self._swapped()
        edits = [] if from_.name else [Edit(Span(from_.image_span.end, from_.image_span.end), f" AS {self.build}")]
        last = self._last_kept().span.end
        moved = [one for one in self.instructions if self._is_moved(one) and one.span.start < last]
        edits += [Edit(self._whole_lines(one), "") for one in moved]
        for instruction, text in self.recipe.before:
            start = self._start_of_line(self._with_comments(instruction).start)
            edits.append(Edit(Span(start, start), self._lines(text.split("\n"))))
        return _joined([*edits, self._behind()])

    def _swapped(self) -> tuple[Edit, ...]:
        """Another base; what the old one had besides is installed with the first packages of the file."""
        from_ = self.reading.stage.stage.from_
        installs = [one for one in self.reading.calls("apt-get", "apt") if "install" in one.call.args]
        place = installs[0].call.words[-1].span.end
        packages = "".join(f" {one}" for one in self.recipe.packages if one not in self.reading.packages)
        env = "".join(f"{self.newline}{line}" for line in self._env())
        return (
            Edit(from_.image_span, self.recipe.runtime),
            Edit(Span(from_.span.end, from_.span.end), env),
            Edit(Span(place, place), packages),
        )

    def _behind(self) -> Edit:
        """The last stage in the place of what follows the last line that stays; comments there come after it."""
        text = self.source.text
        end = text.find("\n", self._last_kept().span.end)
        place = len(text) if end < 0 else end + 1
        rest, at = "", place
        for one in self.instructions:
            span = self._whole_lines(one)
            if span.start >= place:
                rest += text[at : span.start]
                at = span.end
        rest = (rest + text[at:]).strip()
        lines = self._lines([*self._after(), "", *self._last_stage(), *(["", rest] if rest else [])])
        return Edit(Span(place, len(text)), (self.newline if end < 0 else "") + lines)

    def _after(self) -> list[str]:
        """What the build does besides; only root may write below ``ROOT``."""
        users = [one for one in self.instructions if isinstance(one, User) and not self._is_moved(one)]
        lines: list[str] = []
        for line in self.recipe.after:
            if ROOT in line and users and users[-1].user not in _ROOT and "USER root" not in lines:
                lines.append("USER root")
            lines.append(line)
        return lines

    def _last_kept(self) -> Instruction:
        kept = [one for one in self.instructions if not self._is_moved(one)]
        return kept[-1] if kept else self.reading.stage.stage.from_

    def _last_stage(self) -> list[str]:
        lines = [*([self.recipe.remark] if self.recipe.remark else []), f"FROM {self.recipe.runtime}"]
        first = [self._text(one) for one in self.instructions if isinstance(one, _FIRST)]
        last = self._last_texts()
        packages = (*self.reading.packages, *self.recipe.packages, *called_when_run(self.reading))
        run = self._run(packages, (*self.recipe.ahead, *self.found.setup))
        lines += self._env()
        lines += self._arguments([*first, *run, *self.found.behind, *last])
        lines += first
        lines += run
        workdir = self.reading.workdir
        if not workdir.startswith("${") and (self._has(Workdir) or workdir != "/"):
            lines.append(f"WORKDIR {workdir}")
        lines += [self._text(one) for one in self.found.repeated]
        lines += _chained(self.found.behind)
        if self.recipe.rooted:
            lines.append(f"COPY --from={self.build} {ROOT} /")
        carried = outermost((*self.recipe.carried, *self.found.carried))
        lines += [f"COPY --from={self.build} {path} {path}" for path in carried]
        return [*lines, *_chained(self.found.late), *last]

    def _env(self) -> list[str]:
        pairs = " ".join(f"{name}={value}" for name, value in self.recipe.env)
        return [f"ENV {pairs}"] if pairs else []

    def _run(self, wanted: Iterable[str], more: Iterable[str]) -> list[str]:
        packages: tuple[str, ...] = ()
        if self.recipe.installs:
            packages = runtime_packages(wanted, self.recipe.release, words_when_run(self.reading))
        commands = []
        if packages and self.recipe.release == ALPINE:
            commands += [f"apk add --no-cache {' '.join(packages)}"]
        elif packages:
            commands += ["apt-get update", f"apt-get install -y --no-install-recommends {' '.join(packages)}"]
            commands += ["rm -rf /var/lib/apt/lists/*"]
        return _chained([*commands, *more])

    def _last_texts(self) -> list[str]:
        texts = []
        for kind in _LAST:
            fitting = [one for one in self.instructions if isinstance(one, kind)]
            single = kind in (Stopsignal, Healthcheck, User, Entrypoint, Cmd)
            for one in fitting[-1:] if single else fitting:
                if isinstance(one, User) and one.user in _ROOT:
                    continue
                texts.append(self._cmd() if isinstance(one, Cmd) and self.recipe.command else self._text(one))
            if kind is Cmd and not fitting and self.recipe.command:
                texts.append(self._cmd())
            if kind is Entrypoint and not fitting and self.recipe.starts:
                texts.append("ENTRYPOINT []")
        return texts

    def _cmd(self) -> str:
        return f"CMD {json.dumps(list(self.recipe.command or ()), ensure_ascii=False)}"

    def _arguments(self, texts: Iterable[str]) -> list[str]:
        """The ARGs that the last stage's instructions speak of."""
        named = {name for text in texts for name in re.findall(r"\$\{?(\w+)", text)}
        found = [one for one in self.instructions if isinstance(one, Arg) and any(n in named for n, _ in one.pairs)]
        return [self._text(one) for one in found]

    def _text(self, instruction: Instruction) -> str:
        return self.source.cut(self._with_comments(instruction)).replace("\r\n", "\n")

    def _is_moved(self, instruction: Instruction) -> bool:
        """Whether the build can do without the instruction."""
        if isinstance(instruction, _MOVED):
            return True
        number = next(number for number, one in enumerate(self.instructions) if one is instruction)
        return number > self.last_file and isinstance(instruction, (Env, User, Workdir, Shell))

    def _has(self, kind: type[Instruction]) -> bool:
        return any(isinstance(one, kind) for one in self.instructions)

    def _with_comments(self, instruction: Instruction) -> Span:
        """The instruction and the comments right above it."""
        items = self.reading.subject.dockerfile.items
        start = instruction.span.start
        for item in reversed([item for item in items if item.span.end <= instruction.span.start]):
            blank = not isinstance(item, Comment) and not isinstance(item, Instruction)
            if isinstance(item, Comment):
                start = item.span.start
            elif not blank or "\n" in self.source.cut(item.span):
                break
        return Span(start, instruction.span.end)

    def _whole_lines(self, instruction: Instruction) -> Span:
        span = self._with_comments(instruction)
        end = self.source.text.find("\n", span.end)
        return Span(self._start_of_line(span.start), len(self.source.text) if end < 0 else end + 1)

    def _start_of_line(self, offset: int) -> int:
        return self.source.text.rfind("\n", 0, offset) + 1

    def _lines(self, lines: Sequence[str]) -> str:
        return "".join(line.replace("\n", self.newline) + self.newline for line in lines)


def _chained(commands: Sequence[str]) -> list[str]:
    """One RUN of all commands; none without commands."""
    return ["RUN " + " \\\n && ".join(commands)] if commands else []


def _joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """In order, those that touch made one."""
    found: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: edit.span):
        if found and found[-1].span.end >= edit.span.start:
            last = found.pop()
            span = Span(last.span.start, max(last.span.end, edit.span.end))
            found.append(Edit(span, last.replacement + edit.replacement))
        else:
            found.append(edit)
    return tuple(found)
