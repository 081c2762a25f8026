"""Which rules are wanted, how bad what they find is, and from where on that is a failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from lissom.dockerfile.fault import error_at, nearest
from lissom.dockerfile.source import Source, Span
from lissom.errors import DockerfileError, UsageError
from lissom.lint.rule import Category, Finding, Rule, Severity
from lissom.lint.rules.all import RULES

__all__ = ["FILE_NAMES", "Settings", "check_name", "severity_named"]

FILE_NAMES = (".lissom.toml", "lissom.toml")

_NEVER = "never"
_GROUPS = ("all", "default")
_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_TABLES = ("severity", "rules")
_LISTS = ("select", "ignore", "allowed-registries")
_KEYS = (*_LISTS, "fail-on", *_TABLES)


@dataclass(frozen=True)
class Settings:
    """Names are codes, other tools' codes, categories, ``default`` or ``all``. ``fail_on`` None: nothing fails.

    ``of_rules`` are what rules themselves ask for: ``allowed-registries``, and a table for a rule by its code.
    """

    select: tuple[str, ...] = ("default",)
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    fail_on: Severity | None = Severity.WARNING
    of_rules: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, name: str) -> Settings:
        """The table ``[lint]`` of a settings file. UsageError with an excerpt for what is wrong in it."""
        import tomllib  # noqa: PLC0415 - most Dockerfiles have no settings beside them

        source = Source(name, text)
        try:
            table = tomllib.loads(text).get("lint", {})
            return _Reader(source).settings(table)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise UsageError(f"cannot read settings `{name}`: {_with_excerpt(source, str(error))}") from None
        except DockerfileError as error:
            raise UsageError(f"cannot use settings: {error.message}", hint=error.hint) from None

    def changed(
        self,
        *,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
        severity: Iterable[str] = (),
        fail_on: str | None = None,
    ) -> Settings:
        """These settings with flags on top: ``select`` takes the place of what there was, the others add to it.

        ``severity`` are texts such as ``apt-lists=error``. Raises UsageError.
        """
        chosen = tuple(name for text in select for name in _split(text))
        ignored = tuple(name for text in ignore for name in _split(text))
        for name in (*chosen, *ignored):
            check_name(name)
        levels = dict(self.severity)
        for text in severity:
            name, _, level = text.partition("=")
            check_name(name)
            levels[name.lower()] = severity_named(level)
        return replace(
            self,
            select=chosen or self.select,
            ignore=(*self.ignore, *ignored),
            severity=levels,
            fail_on=self.fail_on if fail_on is None else None if fail_on == _NEVER else severity_named(fail_on),
        )

    def wants(self, rule: Rule) -> bool:
        """Whether a rule is looked at."""
        names = _names(rule)
        return any(name.lower() in names for name in self.select) and not any(
            name.lower() in names for name in self.ignore
        )

    def severity_of(self, rule: Rule) -> Severity | None:
        """The severity that these settings give a rule; a code beats a category."""
        fitting = [name for name in self.severity if name in _names(rule)]
        exact = [name for name in fitting if name == rule.code] or fitting
        return self.severity[exact[-1]] if exact else None

    def fails(self, findings: Iterable[Finding]) -> bool:
        """Whether one of the findings is as bad as ``fail_on`` or worse."""
        least = self.fail_on
        return least is not None and any(_RANKS[one.severity] >= _RANKS[least] for one in findings)


def severity_named(text: str) -> Severity:
    """The severity of a name. Raises UsageError."""
    try:
        return Severity(text.lower())
    except ValueError:
        known = ", ".join(one.value for one in Severity)
        raise UsageError(f"there is no severity `{text}`", hint=f"severities are {known}") from None


def _names(rule: Rule) -> set[str]:
    names = {rule.code, rule.category.value, "all", *(alias.lower() for alias in rule.aliases)}
    return names | {"default"} if rule.default else names


def _split(text: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", text) if name]


def check_name(name: str) -> None:
    """UsageError if no rule has that name. Codes of hadolint that no rule covers are fine: they find nothing."""
    lower = name.lower()
    if re.fullmatch(r"(dl|sc)[0-9]{4}", lower) or any(lower in _names(rule) for rule in RULES):
        return
    known = {*_GROUPS, *(one.value for one in Category), *(rule.code for rule in RULES)}
    guess = nearest(lower, known)
    hint = f"did you mean `{guess}`?" if guess else "`lissom lint --rules` lists the rules"
    raise UsageError(f"there is no rule `{name}`", hint=hint)


def _with_excerpt(source: Source, message: str) -> str:
    """The message of the TOML parser, with the line that it means."""
    place = re.search(r"\(at line ([0-9]+), column ([0-9]+)\)", message)
    if place is None:
        return message
    line = source.line(min(int(place[1]), source.text.count("\n") + 1))
    at = min(line.start + int(place[2]) - 1, line.end)
    return f"{message}\n{source.excerpt(Span(at, at + 1))}"


class _Reader:
    """Reads the table; faults are shown in the text."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def settings(self, table: object) -> Settings:
        if not isinstance(table, dict):
            raise self._fault("lint", "`lint` is no table", "write [lint]")
        for key in table:
            if key not in _KEYS:
                guess = nearest(key, _KEYS)
                raise self._fault(key, f"there is no setting `{key}`", f"did you mean `{guess}`?" if guess else None)
        lists = {key: self._list(key, table[key]) for key in _LISTS if key in table}
        for name in (*lists.get("select", ()), *lists.get("ignore", ())):
            self._name(name)
        of_rules = self._tables(table.get("rules", {}))
        if "allowed-registries" in lists:
            of_rules["allowed-registries"] = lists["allowed-registries"]
        default = Settings()
        return Settings(
            select=lists.get("select", default.select),
            ignore=lists.get("ignore", ()),
            severity=self._severities(table.get("severity", {})),
            fail_on=self._fail_on(table["fail-on"]) if "fail-on" in table else default.fail_on,
            of_rules=of_rules,
        )

    def _list(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._fault(key, f"`{key}` is no list of texts", f'write {key} = ["one", "two"]')
        return tuple(value)

    def _tables(self, value: object) -> dict[str, object]:
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            raise self._fault("rules", "`rules` holds a table for each rule", "write [lint.rules.CODE]")
        for name in value:
            self._name(name)
        return dict(value)

    def _severities(self, value: object) -> dict[str, Severity]:
        if not isinstance(value, dict):
            raise self._fault("severity", "`severity` is no table", "write [lint.severity]")
        for name in value:
            self._name(name)
        return {name.lower(): self._severity(level) for name, level in value.items()}

    def _fail_on(self, value: object) -> Severity | None:
        return None if value == _NEVER else self._severity(value)

    def _severity(self, value: object) -> Severity:
        try:
            return severity_named(str(value))
        except UsageError as error:
            raise self._fault(str(value), error.message, error.hint) from None

    def _name(self, name: str) -> None:
        try:
            check_name(name)
        except UsageError as error:
            raise self._fault(name, error.message, error.hint) from None

    def _fault(self, word: str, message: str, hint: str | None) -> DockerfileError:
        whole = Span(0, len(self.source.text))
        return error_at(self.source, self.source.narrow(whole, word), message, hint=hint)
