"""What processes named, as paths of the image."""

import pytest

from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset
from lissom.sandbox.watch import Sighting
from lissom.slim.touched import touched
from rule_scenes import tree_of
from slim_scenes import seen

TREE = tree_of(
    {
        "usr/bin/app": "x",
        "bin": "-> usr/bin",
        "usr/lib/a/../real.so".replace("a/../", ""): "x",
        "usr/lib/liba.so": "-> real.so",
        "etc/conf": "x",
        "var/data/": "",
        "loop": "-> loop",
    }
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/etc/conf", {"etc/conf"}),
        ("/bin/app", {"bin", "usr/bin/app"}),
        ("/usr/lib/liba.so", {"usr/lib/liba.so", "usr/lib/real.so"}),
        ("/bin/../lib/real.so", {"bin", "usr/lib/real.so"}),
        ("//etc/./conf", {"etc/conf"}),
        ("/etc/nothing", set()),
        ("/etc/conf/below", set()),
        ("/nowhere/../etc/conf", set()),
        ("/loop", {"loop"}),
        ("/proc/self/status", set()),
    ],
)
def test_paths_lead_where_the_kernel_goes(path, found):
    assert set(touched(TREE, seen(path)).paths) == found


def test_a_link_that_is_only_read_does_not_lead_on():
    assert set(touched(TREE, seen("/usr/lib/liba.so", kind="readlink")).paths) == {"usr/lib/liba.so"}


def test_of_several_sightings_the_weightiest_counts():
    sightings = [Sighting(kind, "/usr/bin/app", "/p") for kind in ("stat", "exec", "open")]
    assert touched(TREE, sightings).paths["usr/bin/app"].kind == "exec"


def test_what_is_made_keeps_its_directory():
    assert set(touched(TREE, seen("/var/data/new", kind="make")).paths) == {"var/data"}
    assert set(touched(TREE, seen("/etc/conf", kind="make")).paths) == {"etc/conf"}
    assert touched(TREE, seen("/nowhere/new", kind="make")).paths == {}


def test_listed_directories_and_misses():
    found = touched(TREE, [*seen("/bin", "/etc/conf", kind="list"), *seen("/bin/../lib/none/x", "/proc/none")])
    assert found.listed == {"usr/bin"}
    assert found.misses == {"usr/lib/none/x"}


def test_links_that_the_program_made_lead_to_what_the_image_has():
    made = Changeset.of([Entry("var/data/link", Kind.SYMLINK, link="/etc"), Entry("var/data/mine", Kind.FILE)])
    found = touched(TREE, seen("/var/data/link/conf", "/var/data/mine", "/var/data/none"), TREE.apply(made))
    assert set(found.paths) == {"etc/conf", "var/data"}
    assert found.misses == {"var/data/none"}


def test_deep_and_long_paths_do_no_harm():
    deep = "/" + "a/" * 100_000
    assert touched(TREE, seen(deep, "/../" * 50_000 + "etc/conf")).paths.keys() == {"etc/conf"}
