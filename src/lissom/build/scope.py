"""Variables of one stage: what a word of an instruction expands to, what a process sees.

As in BuildKit, ENV and ARG write to one list, so that the later line wins while the stage is built; ENV alone reaches
the image's config.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lissom.dockerfile.expand import ExpandError, expand, expand_words
from lissom.dockerfile.fault import error_at
from lissom.dockerfile.source import Source, Span

__all__ = ["PROXIES", "Scope", "is_predefined", "proxy_variables"]

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")

_UNSEEN = {"BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"}


def is_predefined(name: str) -> bool:
    """Whether ``--build-arg NAME`` means something without an ARG line."""
    return name.upper() in PROXIES or name.startswith("BUILDKIT_") or name == "SOURCE_DATE_EPOCH"


def proxy_variables(build_args: Mapping[str, str], proxies: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Proxy variables of RUN in both cases; build arguments beat ``proxies``."""
    chosen: dict[str, str] = {}
    for given in (proxies, build_args):
        chosen.update({name.upper(): value for name, value in sorted(given.items()) if name.upper() in PROXIES})
    return tuple((spelt, chosen[name]) for name in PROXIES if name in chosen for spelt in (name, name.lower()))


@dataclass
class Scope:
    """The variables that are in force at one point of a stage.

    ``env`` is what a process sees, later lines last; ``args`` are the ARG lines of this stage alone.
    """

    env: dict[str, str] = field(default_factory=dict)
    args: dict[str, str | None] = field(default_factory=dict)
    escape: str = "\\"

    def child(self) -> Scope:
        """The scope of a stage that begins with this one: it sees the values, but declared none of them itself."""
        return Scope(dict(self.env), {}, self.escape)

    def set(self, name: str, value: str) -> None:
        """Put a variable last, whatever it was before."""
        self.env.pop(name, None)
        self.env[name] = value

    def declare(self, name: str, value: str | None) -> None:
        """An ARG line; without a value it only names the variable."""
        self.args[name] = value
        if value is not None and name not in _UNSEEN:
            self.set(name, value)

    def expand(self, word: str, source: Source, span: Span) -> str:
        """The word with its variables replaced and its quotes removed. Raises DockerfileError."""
        try:
            return expand(word, self.env.get, escape=self.escape)
        except ExpandError as error:
            raise error_at(
                source, source.narrow(span, word, error.position), f"cannot expand `{word}`: {error}"
            ) from error

    def expand_words(self, word: str, source: Source, span: Span) -> list[str]:
        """The words that ``word`` becomes when a value with spaces splits. Raises DockerfileError."""
        try:
            return list(expand_words(word, self.env.get, escape=self.escape))
        except ExpandError as error:
            raise error_at(
                source, source.narrow(span, word, error.position), f"cannot expand `{word}`: {error}"
            ) from error

    def history_prefix(self) -> str:
        """``|2 A=1 B=2 `` when ARGs are in scope, as the history of RUN shows them."""
        if not self.args:
            return ""
        shown = [f"{name}={self.env.get(name, value or '')}" for name, value in self.args.items()]
        return " ".join([f"|{len(shown)}", *shown]) + " "
