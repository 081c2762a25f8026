"""First lines of scripts."""

import pytest

from lissom.slim.rules.shebang import RULES, interpreter_of
from lissom.slim.scene import Level
from slim_scenes import a_scene, seen, stays


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"#!/bin/sh\n", ("/bin/sh",)),
        (b"#! /bin/bash -eu\n", ("/bin/bash",)),
        (b"#!/usr/bin/env node\n", ("/usr/bin/env", "node")),
        (b"#!/usr/bin/env -S A=1 python3 -u\n", ("/usr/bin/env", "python3")),
        (b"#!/usr/bin/env -i X=1 ruby", ("/usr/bin/env", "ruby")),
        (b"#!/usr/bin/env\n", ("/usr/bin/env",)),
        (b"#!\n/bin/sh", ()),
        (b"", ()),
        (b"text #!/bin/sh", ()),
        (b"#!/\xff\xfe\n", ("/\udcff\udcfe",)),
    ],
)
def test_interpreters(line, words):
    assert interpreter_of(line) == words


def test_scripts_that_can_be_run():
    files = {
        "bin": "-> usr/bin",
        "usr/bin/dash": "x",
        "usr/bin/sh": "-> dash",
        "usr/bin/env": "x",
        "usr/bin/node": "x",
        "app/a": "#!/bin/sh",
        "app/b": "#!/usr/bin/env node",
        "app/c": "#!/usr/bin/none",
        "app/d": "#!/bin/sh",
    }
    scene = a_scene(files, sightings=seen("app/b", "app/c", "app/d"), programs=["app/b", "app/c"], level=Level.STRICT)
    assert set(stays(scene, *RULES)) == {"app/b", "app/c", "app/d", "usr/bin/env", "usr/bin/node"}
    scene = a_scene(files, sightings=seen("app/a"), programs=["app/a"], level=Level.STRICT)
    assert set(stays(scene, *RULES)) == {"app/a", "bin", "usr/bin/sh", "usr/bin/dash"}
