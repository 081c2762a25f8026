"""Which of a stage's other commands the last stage needs again, and which of the files they leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lissom.dockerfile.syntax import Add, Copy, Instruction
from lissom.lint.effects.act import CHANGES, Act, Deed
from lissom.lint.effects.paths import covers, parent
from lissom.lint.stages.reading import Called, Reading
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.subject import StepView

__all__ = ["Sorted", "sort_out"]

_MANAGERS = frozenset(("apt-get", "apt", "aptitude", "apt-cache", "apk"))
_SETTINGS_NAMES = (
    "useradd groupadd usermod groupmod adduser addgroup chpasswd passwd a2enmod a2dismod a2ensite a2dissite "
    "a2enconf a2disconf phpenmod phpdismod locale-gen update-locale dpkg-reconfigure update-ca-certificates "
    "fc-cache debconf-set-selections update-alternatives setcap mkfifo"
)
_SETTINGS = frozenset(_SETTINGS_NAMES.split())
_HARMLESS_NAMES = (
    ": [ awk cat cd command cut date df du echo env exit export false file find gpg grep head id ls md5sum nproc "
    "printf pwd readlink sed set sha256sum sha512sum sleep sort sync tail tee test tr true type umask uname "
    "unset wc which whoami"
)
_HARMLESS = frozenset(_HARMLESS_NAMES.split())
_TRANSIENT_NAMES = (
    "/proc /dev /tmp /var/tmp /var/cache /var/lib/apt /root/.cache /root/.npm /root/.m2 /root/.gradle /root/.cargo "
    "/usr/share/doc /usr/share/man /usr/share/info /usr/share/locale /usr/local/share/.cache /go/pkg "
    "${HOME}"
)
_TRANSIENT = tuple(_TRANSIENT_NAMES.split())
_NEW = frozenset((Deed.FETCH, Deed.UNPACK, Deed.CLONE, Deed.BUILD))
_SHARED_NAMES = (
    "/ /bin /etc /home /lib /opt /root /run /sbin /srv /usr /usr/bin /usr/lib /usr/local /usr/local/bin "
    "/usr/local/lib /usr/sbin /usr/share /var /var/lib"
)
_SHARED = frozenset(_SHARED_NAMES.split())
"""Directories that hold files of many owners: none of them is carried as a whole."""


@dataclass
class Sorted:
    """``setup`` are commands for the last stage, ``again`` where they come from; ``carried`` are paths that it gets
    besides the recipe's, ``repeated`` COPYs that it makes, ``behind`` commands for after those, ``late`` ones for
    when it has everything, and ``doubts`` what speaks against a split.
    """

    setup: list[str] = field(default_factory=list)
    again: list[Called] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    repeated: list[Instruction] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def sort_out(reading: Reading, recipe: Recipe) -> Sorted:
    """Sort the commands that are none of the recipe's tools."""
    found = Sorted()
    _Sorter(reading, recipe, found).run()
    return found


class _Sorter:
    def __init__(self, reading: Reading, recipe: Recipe, found: Sorted) -> None:
        self.reading = reading
        self.recipe = recipe
        self.found = found

    def run(self) -> None:
        for step, acts in self._placed():
            self._place(step, acts)
        for one in self.reading.commands:
            name = one.call.program
            if name in _MANAGERS or name in self.recipe.tools:
                continue
            if name == "ldconfig":
                self.found.late = ["ldconfig"]
            elif name in _SETTINGS:
                self._again(one, ())
            elif not one.known or (not one.acts and name not in _HARMLESS):
                self._doubt(one, f"what `{name}` writes is not known")
            else:
                self._files(one)
        self.found.setup += dict.fromkeys(self._directories())

    def _directories(self) -> Iterator[str]:
        """COPY gives a directory's files their owners and modes, but not the directory itself."""
        carried = {*self.recipe.carried, *self.found.carried}
        acts = [act for one in self.reading.commands for act in one.acts if act.path in carried]
        for act in acts:
            program = {Deed.MODE: "chmod", Deed.OWNER: "chown"}.get(act.deed)
            if program and act.detail and act.deep | self._is_directory(act.path):
                yield from (f"mkdir -p {act.path}", f"{program} {act.detail} {act.path}")
        for step, act in self.reading.placed:
            owner = step.instruction.chown if isinstance(step.instruction, (Copy, Add)) else None
            if owner and act.deep and act.path in carried and self.reading.cwd(step) != act.path:
                yield from (f"mkdir -p {act.path}", f"chown {owner} {act.path}")

    def _is_directory(self, path: str) -> bool:
        made = any(act.deed is Deed.MKDIR and act.path == path for one in self.reading.commands for act in one.acts)
        return made or any(self.reading.cwd(step) == path for step in self.reading.stage.steps)

    def _placed(self) -> Iterator[tuple[StepView, list[Act]]]:
        by_step: dict[int, tuple[StepView, list[Act]]] = {}
        for step, act in self.reading.placed:
            by_step.setdefault(id(step), (step, []))[1].append(act)
        yield from by_step.values()

    def _place(self, step: StepView, acts: list[Act]) -> None:
        instruction = step.instruction
        assert isinstance(instruction, Copy | Add)
        if all(self._inside(act.path) or self._transient(act.path) for act in acts):
            return
        if any(self._inside(act.path) for act in acts):
            self.found.doubts.append(Doubt(instruction.span, "it copies to places of the build and of the app at once"))
        elif not instruction.destination.startswith("/") and self.reading.cwd(step) != self.reading.workdir:
            self.found.doubts.append(Doubt(instruction.span, "where it copies to depends on an earlier WORKDIR"))
        elif isinstance(instruction, Copy) and instruction.from_:
            self.found.repeated.append(instruction)
        elif all(not act.deep and self._changed(act.path) for act in acts):
            self.found.carried += [act.path for act in acts]
        elif any(self._changed(act.path) for act in acts):
            self.found.doubts.append(Doubt(instruction.span, "what it copies is changed by a later RUN"))
        else:
            self.found.repeated.append(instruction)

    def _files(self, one: Called) -> None:
        mine: list[Act] = []
        for act in one.acts:
            if act.deed is Deed.READ or self._inside(act.path) or self._transient(act.path):
                continue
            if "${" in act.path:
                self._doubt(one, f"where `{one.call.program}` writes cannot be told")
            elif covers("/etc/apt", act.path):
                self._doubt(one, "packages come from an archive of its own")
            elif self._is_new(act):
                self._carry(one, act)
            else:
                mine.append(act)
        if mine:
            self._again(one, [act for act in one.acts if act not in mine and act.deed is not Deed.READ])

    def _is_new(self, act: Act) -> bool:
        """Whether the path gets what only the build has."""
        if act.deed in _NEW:
            return True
        if act.deed in (Deed.COPY, Deed.MOVE):
            return self._inside(act.source) or self._transient(act.source)
        return act.deed in CHANGES and any(covers(path, act.path) for path in self.found.carried)

    def _carry(self, one: Called, act: Act) -> None:
        path = act.path
        if any(char in path.rpartition("/")[2] for char in "*?["):
            path = parent(path)
        if path in _SHARED or any(char in path for char in "*?["):
            self._doubt(one, f"what `{one.call.program}` puts into `{path}` cannot be told from the base's files")
        elif not any(covers(place, path) for place in self.found.carried):
            self.found.carried.append(path)

    def _again(self, one: Called, others: tuple[Act, ...] | list[Act]) -> None:
        """Let the last stage do it again, without what it does to paths that come from the build."""
        if not one.top or not all(act.sure for act in one.acts):
            self._doubt(one, f"`{one.call.program}` is called under a condition")
            return
        if one.call.behind or one.step.user not in (None, "root", "0"):
            self._doubt(one, f"`{one.call.program}` is called as another user, or by another program")
            return
        if others and one.call.program not in ("mkdir", "chown", "chmod", "chgrp", "rm", "touch"):
            self._doubt(one, f"`{one.call.program}` writes to places of the build and of the app at once")
            return
        if not all(act.path.startswith("/") for act in one.acts) or self._is_relative(one):
            self._doubt(one, f"`{one.call.program}` depends on the directory that it runs in")
            return
        if any(word.inside or not _names(word.text) <= set(one.step.env) for word in one.call.simple.words):
            self._doubt(one, f"what `{one.call.program}` is given cannot be told")
            return
        source = self.reading.subject.dockerfile.source
        left_out = {act.span for act in others}
        words = [word for word in one.call.simple.words if word.span not in left_out]
        text = " ".join(word.text for word in words)
        tail = "".join(f" {source.cut(redirection.span)}" for redirection in one.call.simple.redirections)
        ahead = "".join(f"{word.text} " for word in one.call.simple.assignments)
        place = one.step.instruction.span.start
        behind = any(copied.span.start < place for copied in self.found.repeated)
        (self.found.behind if behind else self.found.setup).append(ahead + text + tail)
        self.found.again.append(one)

    def _is_relative(self, one: Called) -> bool:
        texts = {word.span: (word.value or word.text) for word in one.call.simple.words}
        targets = {r.target.span: (r.target.value or r.target.text) for r in one.call.simple.redirections if r.target}
        texts |= targets
        return any(
            not texts.get(act.span, "/").strip("\"'").startswith(("/", "$", "-"))
            for act in one.acts
            if act.span in texts and act.deed is not Deed.LINK
        )

    def _inside(self, path: str) -> bool:
        """Whether a path is the build's own, or comes along with what is carried."""
        places = (*self.recipe.sources, *self.recipe.carried, *self.recipe.rooted, *self.found.carried)
        return any(covers(place, path) for place in places)

    def _transient(self, path: str) -> bool:
        return any(covers(place, path) for place in _TRANSIENT)

    def _changed(self, path: str) -> bool:
        """Whether a RUN writes to the path or below it."""
        written = (act for one in self.reading.commands for act in one.acts if act.deed is not Deed.READ)
        return any(covers(path, act.path) or (act.deep and covers(act.path, path)) for act in written)

    def _doubt(self, one: Called, reason: str) -> None:
        self.found.doubts.append(Doubt(one.call.simple.span, reason))


def _names(text: str) -> set[str]:
    """The variables that a word speaks of, those in single quotes aside."""
    return set(re.findall(r"\$\{?(\w+)", re.sub(r"'[^']*'", "", text)))
