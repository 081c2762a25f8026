"""Which modules are chosen, and what is left out of them."""

import pytest

from java_files import HOME, jdk
from lissom.slim.java_home import read_modules
from lissom.slim.java_modules import choose, left_out
from lissom.slim.java_names import Names
from rule_scenes import tree_of

MODULES = read_modules(tree_of(jdk()), HOME)


def chosen(packages=(), hints=(), **options):
    names = Names(packages=dict.fromkeys(packages, "app.jar"), hints=dict.fromkeys(hints, "app.jar"))
    return choose(MODULES, names, **options)


def test_what_is_named_is_chosen_with_what_it_requires():
    found = chosen(["java.sql", "java.lang.reflect", "com.example"], generous=False)
    assert found == {
        "java.base": "what every program needs",
        "java.sql": "app.jar names java.sql",
        "java.xml": "java.sql requires it",
    }


def test_what_is_reached_without_a_name_stays_unless_asked_otherwise():
    assert "jdk.localedata" in chosen()
    assert set(chosen(generous=False)) == {"java.base"}


@pytest.mark.parametrize(
    ("options", "module"),
    [
        ({"packages": ["java.desktop.java.awt.font"]}, "java.desktop"),
        ({"options": "-Xmx1g --add-modules java.sql,java.none"}, "java.sql"),
        ({"commands": ["javac"]}, "jdk.compiler"),
        ({"hints": ["javac"]}, "jdk.compiler"),
    ],
)
def test_options_commands_and_hints_bring_modules(options, module):
    assert module in chosen(generous=False, **options)


def test_development_tools_are_not_brought_by_a_name_alone():
    assert "jdk.compiler" not in chosen(["com.sun.tools.javac"])


def test_families_go_when_nothing_names_them():
    def families(packages=(), hints=()):
        names = Names(packages=dict.fromkeys(packages, "x"), hints=dict.fromkeys(hints, "x"))
        return [family.name for family in left_out(("java.base", "java.desktop", "jdk.localedata"), names)]

    assert families() == ["swing", "sound", "printing", "names of languages and countries"]
    assert families(["javax.swing.text"], ["display names of locales"]) == []
    assert "swing" in families(["javax.swingx"])
    assert left_out(("java.base",), Names()) == ()
