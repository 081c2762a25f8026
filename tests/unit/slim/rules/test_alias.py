"""Links that lead to what stays."""

from lissom.slim.rules.alias import RULES
from rule_scenes import a_package, kept, scene_of

FILES = {
    "bin/awk": "-> ../etc/alternatives/awk",
    "etc/alternatives/awk": "-> ../../bin/mawk",
    "bin/mawk": "x",
    "bin/vi": "-> vim",
    "bin/vim": "x",
    "opt/awk": "-> ../bin/mawk",
    "bin/log": "-> /dev/stdout",
}


def test_links_in_kept_directories_stay_and_what_they_go_by():
    assert set(kept(scene_of(FILES, ["bin/mawk"]), *RULES)) == {
        "bin/mawk",
        "bin/awk",
        "etc/alternatives/awk",
        "bin/log",
    }


def test_links_to_what_went_and_links_elsewhere_go():
    found = kept(scene_of(FILES, ["bin/mawk"]), *RULES)
    assert not {"bin/vi", "bin/vim", "opt/awk"} & set(found)


def test_links_for_compilers_go():
    files = {"usr/lib/liba.so.1": "x", "usr/lib/liba.so": "-> liba.so.1", "usr/lib/libother.so": "-> liba.so.1"}
    packages = [a_package("deb", "liba-dev", ["usr/lib/liba.so"]), a_package("deb", "liba1", ["usr/lib/liba.so.1"])]
    assert "usr/lib/liba.so" not in kept(scene_of(files, ["usr/lib/liba.so.1"], packages), *RULES)
    assert "usr/lib/libother.so" in kept(scene_of(files, ["usr/lib/liba.so.1"], packages), *RULES)
