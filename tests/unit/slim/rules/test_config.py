"""What the config names."""

import pytest

from lissom.slim.rules.config import RULES
from lissom.slim.scene import Level
from slim_scenes import a_scene, directories, stays

FILES = {
    "bin/sh": "x",
    "usr/local/bin/entry.sh": "#!/bin/sh",
    "usr/bin/server": "x",
    "usr/bin/curl": "x",
    "srv/app/main.py": "x",
    "srv/app/other.py": "x",
    "etc/server.conf": "x",
    "etc/passwd": "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n",
    "etc/group": "x",
    "home/app/": "",
    "data/seed": "x",
    "data/deep/empty/": "",
    "other/": "",
}
ALWAYS = {"etc/passwd", "etc/group"}


def found(level=Level.STRICT, **config):
    return set(stays(a_scene(FILES, level=level, **config), *RULES)) - ALWAYS


@pytest.mark.parametrize(
    ("config", "files"),
    [
        ({}, set()),
        ({"Cmd": ["server", "-c", "/etc/server.conf"]}, {"usr/bin/server", "etc/server.conf"}),
        ({"Cmd": ["server", "--config=/etc/server.conf"]}, {"usr/bin/server", "etc/server.conf"}),
        ({"Entrypoint": ["entry.sh"], "Cmd": ["server"]}, {"usr/local/bin/entry.sh", "usr/bin/server"}),
        ({"Cmd": ["/bin/sh", "-c", "exec server | curl"]}, {"bin/sh", "usr/bin/server", "usr/bin/curl"}),
        ({"Cmd": ["none", "main.py"], "WorkingDir": "/srv/app"}, {"srv/app/main.py"}),
        ({"Cmd": ["./main.py"], "WorkingDir": "/srv/app"}, {"srv/app/main.py"}),
        ({"Healthcheck": {"Test": ["CMD", "curl", "http://x"]}}, {"usr/bin/curl"}),
        ({"Healthcheck": {"Test": ["CMD-SHELL", "curl x || exit 1"]}}, {"usr/bin/curl", "bin/sh"}),
        ({"Healthcheck": {"Test": ["NONE"]}}, set()),
        ({"Healthcheck": "odd", "Cmd": "odd", "Volumes": ["odd"], "Env": [], "User": 5}, set()),
        ({"Volumes": {"/data": {}, "/none": {}}}, {"data/seed"}),
    ],
)
def test_files(config, files):
    assert found(**config) == files


def test_directories_of_the_config_stay_even_when_empty():
    scene = a_scene(FILES, WorkingDir="/other", Volumes={"/data": {}}, User="app", level=Level.STRICT)
    assert directories(scene, *RULES) >= {"other", "data/deep/empty", "home/app"}
    assert "home/app" not in directories(a_scene(FILES), *RULES)


def test_files_that_variables_name_stay_when_rules_need_not_be_strict():
    env = {"Env": ["CONF=/etc/server.conf", "DIRS=/srv/app:/none", "PATH=/usr/bin"]}
    assert found(Level.FILE, **env) == {"etc/server.conf"}
    assert found(Level.STRICT, **env) == set()
