"""The examples of multi-stage builds, as their README says, under docker."""

import os
import re
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.docker,
    pytest.mark.xdist_group("distroless"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
    pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl"),
]
EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 60


def commands(heading):
    """The words after ``lissom`` of each line below a heading of the README, but for the last, which runs the image."""
    text = (EXAMPLES / "distroless/README.md").read_text().split(f"## {heading}")[1].split("## ")[0]
    lines = re.findall(r"^    (.*?)(?: +#.*)?$", text, re.MULTILINE)
    assert lines[0].startswith("cd examples")
    found = [line.split()[1:] for line in lines[1:-1]]
    # Nobody pulls these: the time goes into what is looked at.
    return EXAMPLES.parent / lines[0].split()[1], [
        [*words, "--compression", "none"] if words[0] == "distroless" else words for words in found
    ]


@contextmanager
def serving(ready, docker, tmp_path, image, port, *flags):
    """The address of a container of ``image`` under docker."""
    ready.call("save", image, "-o", str(tmp_path / "image.tar"))
    docker.check("load", "-q", "-i", str(tmp_path / "image.tar"))
    container = docker.check("run", "-d", *flags, image).strip()
    try:
        where = docker.check("inspect", "-f", "{{.NetworkSettings.IPAddress}}", container).strip()
        yield f"http://{where}:{port}"
    finally:
        docker.check("rm", "-f", container)
        docker.check("rmi", image)


def page(url, **fields):
    """Status and text of a page, which may still be about to be served."""
    data = urllib.parse.urlencode(fields).encode() if fields else None
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, data, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.2)


def test_the_articles_app_on_nodejs(ready, docker, tmp_path):
    directory, lines = commands("Node")
    for words in lines:
        ready.call(*words, directory=directory)
    with serving(ready, docker, tmp_path, "article", 3000, "--read-only") as site:
        assert page(site) == (200, "Hello World!")
        assert page(f"{site}/nothing")[0] == 404


def test_a_guestbook_on_tomcat_and_java_jlink(ready, docker, tmp_path):
    directory, lines = commands("Tomcat")
    for words in lines:
        ready.call(*words, directory=directory)
    with serving(ready, docker, tmp_path, "guestbook", 8080, "--read-only", "--tmpfs", "/tmp") as site:
        assert "<h1>0 entries</h1>" in page(site)[1]
        assert page(site, entry="größe <b>")[0] == 200
        assert "<li>größe &lt;b></li>" in page(site)[1]
        assert page(site, entry=" ")[0] == 400
    modules = ready.call("run", "--rm", "--entrypoint", "/usr/bin/java", "guestbook", "--list-modules")
    assert "java.desktop@" in modules
    assert "jdk.compiler@" not in modules
