"""All rules over a file: which findings are hidden by comments, which rules are wanted, what severities they get."""

from __future__ import annotations

import pytest

from lissom.dockerfile.parser import parse
from lissom.errors import UsageError
from lissom.lint.ignores import Ignores
from lissom.lint.lint import lint
from lissom.lint.rule import Severity
from lissom.lint.rules.all import RULES, named
from lissom.lint.settings import Settings
from lissom.lint.settings_file import parse_settings
from lissom.lint.views import subject_of

TEXT = "FROM debian:bookworm\nRUN apt-get update\nMAINTAINER me\n"
LISTS = ("apt-lists", 2)
MAINTAINER = ("maintainer", 3)


def codes(text: str, settings: Settings | None = None) -> list[tuple[str, int]]:
    dockerfile = parse(text)
    wanted = ("apt-lists", "maintainer")
    found = lint(subject_of(dockerfile), settings)
    return [(one.rule.code, dockerfile.source.line_col(one.span.start)[0]) for one in found if one.rule.code in wanted]


def test_findings_are_in_the_order_of_the_text():
    assert codes(TEXT) == [LISTS, MAINTAINER]


def test_messages_that_name_long_words_are_cut():
    found = lint(subject_of(parse(f"FROM a:1\nUSER {'x' * 10_000}\n")))
    assert found
    assert all(len(one.message) <= 400 for one in found)


IGNORED = {
    "own": ("# lissom ignore=apt-lists\nRUN", ["maintainer"]),
    "alias": ("# lissom ignore=DL3009\nRUN", ["maintainer"]),
    "any-case": ("#  LISSOM\tignore = Apt-Lists\nRUN".replace("LISSOM", "lissom"), ["maintainer"]),
    "hadolint": ("# hadolint ignore=DL3009\nRUN", ["maintainer"]),
    "several": ("# hadolint ignore=DL3008, DL3009\n\n# why\nRUN", ["maintainer"]),
    "other": ("# hadolint ignore=DL3008\nRUN", ["apt-lists", "maintainer"]),
    "only-the-next": ("# lissom ignore=maintainer\nRUN", ["apt-lists", "maintainer"]),
    "global": ("# lissom global ignore=maintainer,apt-lists\nRUN", []),
    "global-of-hadolint": ("# hadolint global ignore=DL4000\nRUN", ["apt-lists"]),
    "not-a-comment-of-ours": ("# see lissom ignore=apt-lists\nRUN", ["apt-lists", "maintainer"]),
    "inside": ("RUN true && \\\n# lissom ignore=apt-lists\n", ["maintainer"]),
}


@pytest.mark.parametrize(("begin", "left"), IGNORED.values(), ids=IGNORED)
def test_comments_ignore(begin, left):
    text = TEXT.replace("RUN", begin, 1)
    assert [code for code, _ in codes(text)] == left


CHECKS = {
    "one": ("skip=MaintainerDeprecated", ["apt-lists"]),
    "all": ("skip=all", ["apt-lists"]),
    "several": ("skip=JSONArgsRecommended,maintainerdeprecated;error=true", ["apt-lists"]),
    "other": ("skip=StageNameCasing", ["apt-lists", "maintainer"]),
    "no-check": ("skip=apt-lists", ["apt-lists", "maintainer"]),
}


@pytest.mark.parametrize(("setting", "left"), CHECKS.values(), ids=CHECKS)
def test_dockers_directive_is_for_dockers_checks(setting, left):
    assert [code for code, _ in codes(f"# check={setting}\n{TEXT}")] == left


def test_dockers_directive_makes_its_checks_errors():
    found = lint(subject_of(parse(f"# check=error=true\n{TEXT}")), Settings(select=("apt-lists", "maintainer")))
    assert [one.severity for one in found] == [Severity.WARNING, Severity.ERROR]


def test_the_first_line_is_before_all_instructions():
    ignores = Ignores.of(parse("# lissom ignore=x\nFROM a\n"))
    assert ignores.by_instruction == (frozenset({"x"}),)
    assert not ignores.hides(RULES[0], 0)


def test_rules_are_chosen_by_code_alias_and_category():
    assert codes(TEXT, Settings(select=("maintainer",))) == [MAINTAINER]
    assert codes(TEXT, Settings(select=("DL3009",))) == [LISTS]
    assert codes(TEXT, Settings(select=("size",))) == [LISTS]
    assert codes(TEXT, Settings(ignore=("size",))) == [MAINTAINER]
    assert codes(TEXT, Settings(select=("all",), ignore=("dl4000",))) == [LISTS]


def test_rules_that_are_off_are_there_when_selected():
    off = [rule for rule in RULES if not rule.default]
    assert all(not Settings().wants(rule) for rule in off)
    assert all(Settings(select=("default", rule.code)).wants(rule) for rule in off)


def test_names_of_rules():
    assert [rule.code for rule in named("dl3009")] == ["apt-lists"]
    assert {rule.category.value for rule in named("size")} == {"size"}
    assert named("nothing") == ()


def test_settings_give_severities_and_say_what_fails():
    settings = Settings().changed(severity=["size=info", "apt-lists=error"], fail_on="error")
    found = lint(subject_of(parse(TEXT)), settings)
    levels = {one.rule.code: one.severity for one in found}
    assert levels["apt-lists"] is Severity.ERROR
    assert settings.fails(found)
    assert not settings.fails([one for one in found if one.rule.code == "maintainer"])
    assert not settings.changed(fail_on="never").fails(found)
    assert Settings().changed(fail_on="info").fails(found)


FILE = """
root = "/elsewhere"

[lint]
select = ["default", "apt-lists"]
ignore = ["DL3008", "DL9999"]
fail-on = "error"
allowed-registries = ["docker.io", "*.example.com"]

[lint.severity]
maintainer = "info"

[lint.rules.apt-lists]
least = 5
"""


def test_a_settings_file():
    settings = parse_settings(FILE, "lissom.toml")
    assert settings.select == ("default", "apt-lists")
    assert settings.ignore == ("DL3008", "DL9999")
    assert settings.fail_on is Severity.ERROR
    assert settings.severity == {"maintainer": Severity.INFO}
    assert settings.of_rules == {
        "allowed-registries": ("docker.io", "*.example.com"),
        "apt-lists": {"least": 5},
    }
    assert parse_settings("", "x") == Settings()
    assert parse_settings('lint.fail-on = "never"', "x").fail_on is None


WRONG = {
    "toml": ("[lint\n", "lissom.toml`: Expected ']'", " 1 | [lint"),
    "key": ('[lint]\nignroe = ["DL3008"]\n', "there is no setting `ignroe`", " 2 | ignroe"),
    "rule": ('[lint]\nignore = ["apt-list"]\n', "there is no rule `apt-list`", "   |            ^^^^^^^^"),
    "severity": ('[lint.severity]\napt-lists = "bad"\n', "there is no severity `bad`", ' 2 | apt-lists = "bad"'),
    "rule-of-severity": ('[lint.severity]\nx-y = "error"\n', "there is no rule `x-y`", " 2 | x-y"),
    "fail-on": ('[lint]\nfail-on = "loud"\n', "there is no severity `loud`", " 2 | "),
    "no-list": ('[lint]\nselect = "size"\n', "`select` is no list of texts", " 2 | select"),
    "list-of-numbers": ("[lint]\nselect = [1]\n", "`select` is no list of texts", " 2 | select"),
    "no-table": ("lint = 1\n", "`lint` is no table", " 1 | lint"),
    "rules": ("[lint]\nrules = 1\n", "`rules` holds a table", " 2 | rules"),
}


@pytest.mark.parametrize(("text", "message", "excerpt"), WRONG.values(), ids=WRONG)
def test_wrong_settings_are_shown_in_the_text(text, message, excerpt):
    with pytest.raises(UsageError) as caught:
        parse_settings(text, "lissom.toml")
    assert message in caught.value.message
    assert excerpt in caught.value.message


FLAGS = {
    "select": ({"select": ["nothing"]}, "there is no rule `nothing`"),
    "ignore": ({"ignore": ["size,apt-list"]}, "there is no rule `apt-list`"),
    "severity": ({"severity": ["apt-lists"]}, "there is no severity ``"),
    "severity-of": ({"severity": ["x=error"]}, "there is no rule `x`"),
    "fail-on": ({"fail_on": "x"}, "there is no severity `x`"),
}


@pytest.mark.parametrize(("flags", "message"), FLAGS.values(), ids=FLAGS)
def test_wrong_flags(flags, message):
    with pytest.raises(UsageError) as caught:
        Settings().changed(**flags)
    assert caught.value.message == message
    assert caught.value.hint


def test_flags_are_laid_over_the_file():
    settings = parse_settings(FILE, "x").changed(select=["size, speed"], ignore=["DL3009"], severity=["size=error"])
    assert settings.select == ("size", "speed")
    assert settings.ignore == ("DL3008", "DL9999", "DL3009")
    assert settings.severity == {"maintainer": Severity.INFO, "size": Severity.ERROR}
    assert settings.fail_on is Severity.ERROR
