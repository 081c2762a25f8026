"""The table ``[lint]`` of a settings file."""

from __future__ import annotations

import re
import tomllib

from lissom.dockerfile.fault import error_at, nearest
from lissom.dockerfile.source import Source, Span
from lissom.errors import DockerfileError, UsageError
from lissom.lint.rule import Severity
from lissom.lint.settings import NEVER, Settings, check_name, severity_named

__all__ = ["parse_settings"]

_TABLES = ("severity", "rules")
_LISTS = ("select", "ignore", "allowed-registries")
_KEYS = (*_LISTS, "fail-on", *_TABLES)


def parse_settings(text: str, name: str) -> Settings:
    """Read the text of a settings file called ``name``. UsageError with an excerpt for what is wrong in it."""
    source = Source(name, text)
    try:
        return _Reader(source).settings(tomllib.loads(text).get("lint", {}))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"cannot read settings `{name}`: {_with_excerpt(source, str(error))}") from None
    except DockerfileError as error:
        raise UsageError(f"cannot use settings: {error.message}", hint=error.hint) from None


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
        return None if value == NEVER else self._severity(value)

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
