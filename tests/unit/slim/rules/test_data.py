"""The app's own data."""

import pytest

from lissom.slim.rules.data import RULES, is_junk
from slim_scenes import a_scene, debs, directories, seen, stays


def found(files, *paths, **config):
    return set(stays(a_scene(files, sightings=seen(*paths), **config), *RULES)) - set(paths)


@pytest.mark.parametrize(
    ("touched", "others", "stay"),
    [
        ("app/a", ["app/b", "app/c/d", "other/x"], {"app/b", "app/c/d"}),
        ("app/deep/a", ["app/b"], {"app/b"}),
        ("opt/one/a", ["opt/one/b", "opt/two/c", "opt/d"], {"opt/one/b"}),
        ("opt/a", ["opt/b", "opt/two/c"], {"opt/b"}),
        ("usr/local/lib/x/a", ["usr/local/lib/x/b", "usr/local/lib/y/c", "usr/local/bin/d"], {"usr/local/lib/x/b"}),
        ("usr/local/bin/a", ["usr/local/bin/b"], set()),
        ("var/www/html/a", ["var/www/html/b", "var/www/other/c"], {"var/www/html/b"}),
        ("var/lib/x/a", ["var/lib/x/b", "var/lib/y/c"], {"var/lib/x/b"}),
        ("home/ann/site/a", ["home/ann/site/b", "home/ann/other/c"], {"home/ann/site/b"}),
        ("go/src/app/a", ["go/src/app/b", "go/src/lib/c", "go/pkg/mod/d"], {"go/src/app/b"}),
        ("entry", ["start", "dir/x"], {"start"}),
        ("etc/own/a", ["etc/own/b", "etc/c"], {"etc/own/b"}),
    ],
)
def test_how_far_a_family_reaches(touched, others, stay):
    assert found({**dict.fromkeys([touched, *others], "x"), **debs({"x": ["usr/bin/x"]})}, touched) == stay


def test_a_directory_with_files_of_packages_gives_only_the_others():
    owned = ["usr/share/nginx/html/index.html", "usr/share/nginx/modules/x"]
    files = {**dict.fromkeys([*owned, "usr/share/nginx/html/about.html", "usr/share/nginx/html/img/a.png"], "x")}
    files |= debs({"nginx": owned})
    assert found(files, "usr/share/nginx/html/about.html") == {"usr/share/nginx/html/img/a.png"}
    assert found(files, owned[0]) == set()


def test_what_is_left_behind():
    files = dict.fromkeys(
        ["app/a", "app/.git/config", "app/core", "app/x.log", "app/x~", "app/y.o", "app/b.dist/c"], "x"
    )
    files |= {"app/node_modules/m/index.js": "x", "app/__pycache__/a.pyc": "x", "app/logs/": "", "app/l": "-> a"}
    assert found(files, "app/a") == {"app/l"}
    assert "app/logs" in directories(a_scene(files, sightings=seen("app/a")), *RULES)
    assert found(files, "app/x.log") == {"app/a", "app/l"}


@pytest.mark.parametrize(
    ("path", "junk"),
    [
        ("a/core", True),
        ("a/core.1234", True),
        ("tmp/core.dump", True),
        ("a/.main.py.swp", True),
        ("a/#x#", True),
        ("htmlcov/index.html", True),
        ("opt/pg/share/man/man1/x.1", True),
        ("opt/pg/include/pg.h", True),
        ("app/include/config.php", False),
        ("a/core.py", False),
        ("a/core/x", False),
        ("a/catalog", False),
        ("a/x.log.tmpl", False),
        ("a/distro/x", False),
        ("a/swap.swf", False),
    ],
)
def test_junk(path, junk):
    assert is_junk(path) is junk


def test_of_conda_only_what_is_used():
    files = dict.fromkeys(
        ["opt/conda/conda-meta/x.json", "opt/conda/lib/liba.so", "opt/conda/pkgs/x/y", "opt/conda/lib/b"], "x"
    )
    assert found({**files, "opt/conda/lib/own/a": "x", "opt/conda/lib/own/b": "x"}, "opt/conda/lib/own/a") == {
        "opt/conda/lib/own/b"
    }
    assert found(files, "opt/conda/lib/b") == set()


def test_the_directory_of_the_command():
    files = dict.fromkeys(["opt/tool/run", "opt/tool/data", "srv/x/main.py", "srv/x/lib.py"], "x")
    assert found(files, Cmd=["/opt/tool/run"]) == {"opt/tool/run", "opt/tool/data"}
    assert found(files, Cmd=["python", "main.py"], WorkingDir="/srv/x") == {"srv/x/main.py", "srv/x/lib.py"}


def test_the_working_directory():
    files = {"srv/a": "x", "srv/b/c": "x", "srv/b/d": "x"}
    assert found(files, WorkingDir="/srv") == set(files)
    assert found({"src/a": "x" * (5 << 20), "src/b": "x"}, WorkingDir="/src") == set()
    assert found({"src/a": "x" * (5 << 20), "src/b": "x"}, "src/b", WorkingDir="/src") == {"src/a"}
    for place in ("/", "/usr/local/bin", "/tmp", "/none", "/../.."):
        assert found({"usr/local/bin/x": "x", "tmp/x": "x"}, WorkingDir=place) == set()


def test_directories_that_variables_name():
    files = {"tpl/a": "x", "usr/share/y/a": "x", "opt/z": "x"}
    env = ["TEMPLATES=/tpl", "SHARE=/usr/share", "OPT=/opt", "PATH=/usr/bin", "ROOT=/"]
    assert found(files, Env=env) == {"tpl/a"}
    assert found(files, Env=["PATH=/tpl", "OPT=/opt"]) == set()


def test_a_directory_of_the_app_that_was_listed_stays_whole():
    files = {"data/files/a.txt": "1", "data/files/sub/b.txt": "2", "data/other/c.txt": "3", "srv": "x"}
    found = stays(a_scene(files, sightings=[*seen("/srv"), *seen("/data/files", kind="list")]), *RULES)
    assert {"data/files/a.txt", "data/files/sub/b.txt"} <= set(found)
    assert "data/other/c.txt" not in found
