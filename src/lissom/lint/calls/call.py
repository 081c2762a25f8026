"""A program that is called, with the words behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from lissom.dockerfile.shell.script import Simple, Word
from lissom.dockerfile.source import Span
from lissom.lint.calls.wrappers import text_of

__all__ = ["Call"]

# Options whose value is the next word, where they stand before a subcommand or could be taken for one.
_VALUED: dict[str, str] = {
    "apt-get": "-o -c -t -a --option --config-file --target-release --default-release",
    "aptitude": "-o -t -q --target-release",
    "apk": "-X -p -t --repository --root --virtual --wait --arch --keys-dir --cache-dir",
    "dnf": "-c -d -e -x --config --releasever --setopt --repo --repoid --enablerepo --installroot",
    "zypper": "-R -r --root --repo --repos-dir --cache-dir -c --config --from",
    "pip": "--proxy --cert --timeout --retries --log --python -r -c -e -i -t --target --prefix --root",
    "npm": "--prefix -C --registry --userconfig --cache -w --workspace --loglevel",
    "yarn": "--cwd --cache-folder --modules-folder --network-timeout --registry",
    "pnpm": "-C --dir --filter -F --store-dir --registry",
    "go": "-C",
    "cargo": "--config -Z -C --color",
    "gem": "-v --version -i --install-dir -n --bindir -s --source --platform",
    "bundle": "--jobs -j --retry --path --without --with --gemfile",
    "composer": "-d --working-dir",
    "conda": "-n -p -c --name --prefix --channel --file -f",
    "poetry": "-C -P --directory --project",
    "uv": "--directory --project --cache-dir --python --config-file --color",
}
_SAME_OPTIONS = {
    "apt": "apt-get",
    "yum": "dnf",
    "microdnf": "dnf",
    "tdnf": "dnf",
    "mamba": "conda",
    "micromamba": "conda",
}


@dataclass(frozen=True)
class Call:
    """A program that is called: ``program`` is its base name, ``words`` what stands behind it.

    ``env`` are variables set for it, on top of the step's. ``simple`` is the command it stands in; ``behind`` are the
    programs taken off (``sudo``, ``xargs``, ``sh``). ``exact`` tells that words' spans are right for edits.
    """

    program: str
    words: tuple[Word, ...]
    env: Mapping[str, str | None]
    simple: Simple
    span: Span
    behind: tuple[str, ...] = ()
    exact: bool = True
    path: str = field(default="", compare=False)
    """The program as written: ``./install.sh``."""

    @property
    def args(self) -> tuple[str, ...]:
        """What stands behind the program; what is not constant as written."""
        return tuple(text_of(word) for word in self.words)

    @property
    def operands(self) -> tuple[Word, ...]:
        """The words that are no options, nor values of known options."""
        return self.operands_with(_VALUED.get(_SAME_OPTIONS.get(self.program, self.program), "").split())

    def operands_with(self, valued: Collection[str]) -> tuple[Word, ...]:
        """The words that are no options; ``valued`` are the options whose next word is their value."""
        return tuple(_operands(self.words, valued))

    @property
    def verb(self) -> str:
        """The subcommand: the first operand, empty without."""
        operands = self.operands
        return text_of(operands[0]) if operands else ""

    def runs(self, program: str, *verbs: str) -> bool:
        """Whether it is that program with one of those subcommands (without any: whatever it does)."""
        return self.program == program and (not verbs or self.verb in verbs)

    def has(self, *options: str) -> bool:
        """Whether one of the options is given: ``--long`` with a value too, ``-s`` among other letters too."""
        return self.option(*options) is not None

    def option(self, *options: str) -> Word | None:
        """The word that gives one of the options."""
        before = takewhile(lambda word: text_of(word) != "--", self.words)
        return next((word for word in before if any(_gives(text_of(word), one) for one in options)), None)


def _gives(text: str, option: str) -> bool:
    if option.startswith("--") or len(option) > 2:
        return text == option or text.startswith(option + "=")
    return text.startswith("-") and not text.startswith("--") and option[1:] in text.partition("=")[0][1:]


def _operands(words: tuple[Word, ...], valued: Collection[str]) -> Iterator[Word]:
    skip = plain = False
    for word in words:
        text = text_of(word)
        if skip:
            skip = False
        elif plain or text == "-" or not text.startswith("-"):
            yield word
        elif text == "--":
            plain = True
        else:
            skip = text in valued
