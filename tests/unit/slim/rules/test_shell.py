"""Commands of kept shell scripts."""

from lissom.slim.rules.shell import RULES, is_upkeep
from slim_scenes import a_scene, seen, stays

FILES = {f"usr/bin/{name}": "x" for name in ("awk.real", "sort", "cat", "printf", "apt-get", "top", "curl")} | {
    "usr/bin/awk": "-> /etc/alternatives/awk",
    "etc/alternatives/awk": "-> /usr/bin/awk.real",
    "usr/sbin/daemon": "x",
    "app/lib.sh": "curl x\n",
    "app/tool": "#!/bin/sh\nprintf a\ntop\n",
    "etc/app.conf": "x",
}
PROGRAMS = ["usr/sbin/daemon", "app/run", "app/tool"]


def found(script, name="app/run", programs=PROGRAMS):
    scene = a_scene({**FILES, name: script}, sightings=seen(name), programs=programs)
    return {path.removeprefix("usr/bin/") for path in stays(scene, *RULES)} - {name}


def test_commands_that_path_has():
    assert found("#!/bin/bash\nawk x | sort; none; printf y; echo cat") == {
        "awk",
        "etc/alternatives/awk",
        "awk.real",
        "sort",
    }


def test_whole_paths_and_files_that_are_read():
    assert found("#!/bin/sh\n/usr/sbin/daemon -c /etc/app.conf\n. ./lib.sh\n") == {
        "usr/sbin/daemon",
        "etc/app.conf",
        "app/lib.sh",
        "curl",
    }
    assert found('#!/bin/sh\nd=$(dirname "$0")\n. "$d/lib.sh"\n"$d/tool"\n') == {"app/lib.sh", "curl"}
    assert found("#!/bin/sh\n./tool\n") == {"app/tool", "top"}


def test_programs_after_runners_are_no_builtins():
    assert found("#!/bin/sh\nls | xargs printf") == {"printf"}


def test_what_is_no_shell_script():
    assert found("#!/usr/bin/python3\nsort\n") == set()
    assert found("sort\n") == set()
    assert found("sort\n", "app/x.sh") == {"sort"}
    assert found("#!/bin/sh\nsort\n", programs=[]) == set()


def test_package_managers_and_the_like_are_not_taken_for_needs():
    assert found("#!/bin/sh\napt-get update; sort") == {"sort"}
    assert all(map(is_upkeep, ("apt-get", "usr/bin/dpkg-query", "/usr/sbin/service", "x86_64-linux-gnu-gcc-12", "gcc")))
    assert not any(map(is_upkeep, ("sort", "make-it", "apache2", "ldd", "services", "gccgo-tool")))
