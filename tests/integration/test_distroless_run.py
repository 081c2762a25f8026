"""Real programs in the ready images: as an ordinary user, without a shell, under lissom and under docker."""

import os
import shutil

import pytest

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.xdist_group("ready"),  # one worker builds what all of them look at
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
    pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl"),
]
JAVA = """\
anchors true
charset UTF-8 größe
zone 3
reflection 0
sql 2000-01-01
log 1
memory true
https größe
user nonroot /home/nonroot
"""
SAYS = {
    "static": "65532 3\n",
    "base": """\
user 65532, hour 3
localhost 127.0.0.1, https 443
tcp 6
sqrt 3
libcrypto loads
thread cancelled
""",
    "cc": """\
caught
sum 499500
sine 479
atomic 2
é is 2 bytes
""",
    "python3": """\
sqlite A
ctypes 3
asyncio ['a', 'b']
zoneinfo 3 True
locale C.UTF-8 utf-8 utf-8
subprocess é
lzma xxxxxxxxx
legacy 9c1185
authorities True
https größe
user 65532 nonroot /home/nonroot
""",
    "nodejs": """\
intl Mittwoch, 15. November 2023 aäz
worker 42
module /b
https größe
crypto a7ffc6
zlib x
user 65532 nonroot /home/nonroot
""",
    "java17": JAVA,
    "java-jlink": JAVA,
    "perl": """\
words é äö 1 ω
order aäz
bytes 164 2
json {"a":{"x":"y"},"b":[1,null]}
sha256 e3b0c4
thread 42
zone 03 C.UTF-8
socket größe
file 1
shell none
user 65532 nonroot /home/nonroot
""",
    "ruby": """\
encoding UTF-8 [233] 2
unicode é äö true
json {"a":[1,null]} yaml {"a"=>1}
xml c
numbers true 1267650600228229401496703205376
fiddle 3
zlib x
zone 3
https größe
shell none
user 65532 nonroot /home/nonroot
""",
}
"""What the program of each image prints."""


@pytest.mark.parametrize("name", SAYS)
def test_a_program_runs_and_a_shell_does_not(ready, name):
    assert ready.call("run", "--rm", ready.probe(name)) == SAYS[name]
    ready.call("run", "--rm", "--entrypoint", "sh", ready.probe(name), status=127)


@pytest.mark.docker
@pytest.mark.parametrize("name", SAYS)
def test_docker_runs_it_too(ready, docker, tmp_path, name):
    ready.call("save", ready.probe(name), "-o", str(tmp_path / "image.tar"))
    docker.check("load", "-q", "-i", str(tmp_path / "image.tar"))
    run = ("run", "--rm", "--net", "none")
    try:
        assert docker.check(*run, ready.probe(name)) == SAYS[name]
        assert docker.run([*run, "--entrypoint", "sh", ready.probe(name)]).returncode == 127
        walk = ("-v", f"{ready.provide('walk')}:/walk:ro", "--entrypoint", "/walk")
        found = docker.check(*run, *walk, ready.probe(name)).splitlines()
        assert sorted(found) == ["writable: /home/nonroot", "writable: /tmp"]
    finally:
        docker.check("rmi", ready.probe(name))
