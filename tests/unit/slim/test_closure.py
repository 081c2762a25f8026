"""The closure: what is seen, what follows from it, what the user wants and does not want."""

import pytest

from lissom.errors import UsageError
from lissom.slim.closure import closure
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.scene import Level
from slim_scenes import a_scene, seen, stays

FILES = {
    "app/run": "x",
    "app/data/a": "x",
    "app/data/b": "x",
    "app/link": "-> data/a",
    "usr/lib/one": "two",
    "usr/lib/two": "three",
    "usr/lib/three": "",
    "etc/conf": "x",
}


def _chain(scene, keep):
    yield Keep(f"usr/lib/{scene.text(keep.path)}", "chain", keep.path)


def _once_all(scene, keeps):
    if "usr/lib/three" in keeps:
        yield Keep("app/data/b", "family", "usr/lib/three")


CHAIN = Rule("chain", "", _chain)
FAMILY = Rule("family", "", family=_once_all)


def test_reasons_of_what_was_seen():
    sightings = [
        *seen("/app/run", kind="exec"),
        *seen("/etc/conf", kind="stat"),
        *seen("/app/link"),
        *seen("/app/data", kind="list"),
    ]
    scene = a_scene(FILES, sightings=sightings)
    keeps = closure(scene, ())
    assert {path: keep.reason for path, keep in keeps.items()} == {
        "": "root",
        "app": "on the way",
        "etc": "on the way",
        "app/run": "executed",
        "etc/conf": "asked for",
        "app/link": "link",
        "app/data/a": "opened",
        "app/data": "listed",
    }  # fmt: skip


def test_the_program_is_told_when_the_image_has_it():
    scene = a_scene(
        FILES, sightings=[*seen("/etc/conf", program="/app/run"), *seen("/app/run", program="/host/python")]
    )
    keeps = closure(scene, ())
    assert keeps["etc/conf"].because_of == "app/run"
    assert keeps["app/run"].because_of == "the container's start"


def test_rules_go_on_until_nothing_more_follows():
    scene = a_scene(FILES, sightings=seen("/usr/lib/one"))
    assert stays(scene, FAMILY, CHAIN) == {
        "usr/lib/one": "opened",
        "usr/lib/two": "chain",
        "usr/lib/three": "chain",
        "app/data/b": "family",
    }


def test_only_strict_rules_hold_at_the_strict_level():
    scene = a_scene(FILES, sightings=seen("/usr/lib/one"), level=Level.STRICT)
    assert set(stays(scene, CHAIN)) == {"usr/lib/one"}
    assert len(stays(scene, Rule("chain", "", _chain, strict=True))) == 3


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["/app/data"], {"app/data/a", "app/data/b"}),
        (["app/**/b"], {"app/data/b"}),
        (["**/a"], {"app/data/a"}),
        (["/app", "!/app/data"], {"app/run", "app/link", "app/data/a"}),
        (["/none"], set()),
    ],
)
def test_keep(patterns, found):
    assert stays(a_scene(FILES), keep=patterns) == dict.fromkeys(found, "--keep") | (
        {"app/data/a": "--keep"} if "app/data/a" in found else {}
    )


def test_drop_wins_over_all_and_brings_nothing():
    scene = a_scene(FILES, sightings=seen("/usr/lib/one", "/etc/conf"))
    assert set(stays(scene, CHAIN, drop=["/usr/lib/two"], keep=["/usr/lib/two"])) == {"usr/lib/one", "etc/conf"}
    assert set(stays(scene, CHAIN, drop=["/usr"])) == {"etc/conf"}
    assert set(stays(scene, CHAIN, drop=["**", "!/usr/lib/one"])) == {"usr/lib/one"}


def test_what_stays_besides():
    assert stays(a_scene(FILES), also=[Keep("etc/conf", "repair", "app/run")]) == {"etc/conf": "repair"}


def test_a_second_closure_begins_anew():
    def once(scene, keeps):
        if scene.memo.setdefault("done", len(keeps)) == len(keeps):
            yield Keep("app/run", "once", "")

    scene = a_scene(FILES)
    assert (
        stays(scene, Rule("once", "", family=once))
        == stays(scene, Rule("once", "", family=once))
        == {"app/run": "once"}
    )


def test_a_malformed_pattern_is_told():
    with pytest.raises(UsageError, match="cannot use pattern"):
        stays(a_scene(FILES), keep=["[a"])


def test_all_rules_have_a_name_of_their_own_and_say_what_they_mean():
    from lissom.slim.rules.all import RULES

    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.says.endswith(".") and len(rule.says) < 120 for rule in RULES)
