"""Programs that kept programs start."""

import pytest

from elf_files import a_program, an_elf
from lissom.slim.rules.subprocesses import RULES
from slim_scenes import a_scene, seen, stays

FILES = {
    "bin/sh": "x",
    "usr/bin/xz": "x",
    "usr/bin/gzip": "x",
    "usr/bin/echo": "x",
    "usr/bin/pr": "x",
    "usr/bin/dpkg": "x",
    "etc/conf": "x",
}


@pytest.mark.parametrize(
    ("path", "program", "found"),
    [
        ("app/run", a_program(imports=["popen"]), {"bin/sh"}),
        ("app/run", a_program(imports=["execve"]), set()),
        ("app/run", a_program(imports=["execve"], texts=["/bin/sh"]), {"bin/sh"}),
        ("app/run", a_program(texts=["/bin/sh", "/usr/bin/pr"]), set()),
        ("app/run", a_program(imports=["execv"], texts=["/usr/bin/pr", "/etc/conf", "/none"]), {"usr/bin/pr"}),
        ("app/run", a_program(imports=["posix_spawnp"], texts=["/usr/bin/dpkg"]), set()),
        ("usr/bin/tar", a_program(imports=["execlp"]), {"usr/bin/xz", "usr/bin/gzip"}),
        ("usr/bin/xargs", a_program(imports=["execvp"]), {"usr/bin/echo"}),
        ("usr/lib/libc.so.6", an_elf(soname="libc.so.6", imports=["execve"], texts=["/bin/sh"]), set()),
        ("app/run", "text", set()),
    ],
)
def test_what_a_program_starts(path, program, found):
    assert set(stays(a_scene({**FILES, path: program}, sightings=seen(path)), *RULES)) == {path} | found
