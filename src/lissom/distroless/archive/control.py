"""Debian's control files: paragraphs, packages, relations between packages; see deb-control(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lissom.distroless.archive.version import satisfies
from lissom.errors import IntegrityError

__all__ = ["Package", "Relation", "paragraphs", "parse_paragraph", "parse_relations"]

_RELATION = re.compile(
    r"\s*(?P<name>[a-zA-Z0-9][a-zA-Z0-9+.\-]*)(?::(?P<qualifier>[a-z0-9\-]+))?\s*"
    r"(?:\(\s*(?P<operator><<|<=|=|>=|>>|<|>)\s*(?P<version>[^\s)]+)\s*\))?\s*(?:\[[^\]]*\]\s*)?(?:<[^>]*>\s*)*"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """One alternative of a dependency: a name, perhaps an architecture qualifier and a wanted version."""

    name: str
    qualifier: str = ""
    operator: str = ""
    version: str = ""

    def __str__(self) -> str:
        name = f"{self.name}:{self.qualifier}" if self.qualifier else self.name
        return f"{name} ({self.operator} {self.version})" if self.operator else name

    def accepts(self, version: str) -> bool:
        """Whether a package of this name and ``version`` will do."""
        return not self.operator or satisfies(version, self.operator, self.version)


@lru_cache(1 << 15)
def parse_relations(text: str) -> tuple[tuple[Relation, ...], ...]:
    """``a (>= 1) | b, c`` as groups of alternatives. Raises IntegrityError."""
    groups = []
    for group in filter(None, (part.strip() for part in text.replace("\n", " ").split(","))):
        alternatives = []
        for word in group.split("|"):
            match = _RELATION.fullmatch(word)
            if not match:
                raise IntegrityError(
                    f"cannot read dependency `{word.strip()}`: it is not of the form name (>= version)"
                )
            alternatives.append(Relation(*(match[key] or "" for key in ("name", "qualifier", "operator", "version"))))
        groups.append(tuple(alternatives))
    return tuple(groups)


def parse_paragraph(text: str) -> dict[str, str]:
    """Fields by name in their usual capitals; continued lines stay lines. Comments and signatures are none."""
    fields: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line[:1] in (" ", "\t"):
            if name:
                fields[name] += "\n" + line.strip()
        elif not line.startswith("#") and ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().title()
            fields[name] = value.strip()
    return fields


def paragraphs(text: str) -> Iterator[dict[str, str]]:
    """Every paragraph of ``text``."""
    for part in re.split(r"\n[ \t]*\n", text):
        if fields := parse_paragraph(part):
            yield fields


@dataclass(frozen=True)
class Package:
    """One package that an archive offers. ``base`` is the URI below which ``filename`` is."""

    fields: Mapping[str, str]
    base: str = ""

    @cached_property
    def name(self) -> str:
        return self.fields["Package"]

    @cached_property
    def version(self) -> str:
        return self.fields["Version"]

    @property
    def architecture(self) -> str:
        return self.fields["Architecture"]

    @property
    def source(self) -> str:
        """The name of the source package that it was built from."""
        return self.fields.get("Source", self.name).partition(" ")[0]

    @property
    def filename(self) -> str:
        return self.fields["Filename"]

    @property
    def sha256(self) -> str:
        return self.fields["Sha256"].lower()

    @property
    def size(self) -> int:
        return int(self.fields["Size"])

    @property
    def priority(self) -> str:
        return self.fields.get("Priority", "optional")

    @property
    def essential(self) -> bool:
        return self.fields.get("Essential") == "yes"

    @property
    def multi_arch(self) -> str:
        return self.fields.get("Multi-Arch", "no")

    def relations(self, field: str) -> tuple[tuple[Relation, ...], ...]:
        """The groups of one field such as Depends. Raises IntegrityError."""
        return parse_relations(self.fields.get(field, ""))

    def provides(self) -> tuple[Relation, ...]:
        """The names that this package stands in for."""
        return tuple(group[0] for group in self.relations("Provides"))

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
