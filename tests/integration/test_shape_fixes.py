"""Each edit of the rules about structure, proven by building: made, and the image as it was but for what it says."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from oracle.builders import lissom_command

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]

SCRIPT = b"#!/bin/sh\necho hello\n"


def archive(name: str = "inner/x.txt") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = 5
        tar.addfile(info, io.BytesIO(b"inner"))
    return buffer.getvalue()


HOLDS: dict[str, tuple[str, dict[str, bytes], str, str]] = {
    "chmod-of-a-file": (
        "rewritten",
        {"run.sh": SCRIPT},
        "COPY run.sh /run.sh\nRUN chmod +x /run.sh\n",
        "COPY --chmod=755 run.sh /run.sh\n",
    ),
    "chmod-of-a-tree": (
        "rewritten",
        {"d/a": b"1", "d/e/b": b"2"},
        "COPY d/ /srv/d/\nRUN chmod -R 750 /srv/d\n",
        "COPY --chmod=750 d/ /srv/d/\nRUN chmod 750 /srv/d\n",
    ),
    "chown-of-a-tree": (
        "rewritten",
        {"d/a": b"1", "d/e/b": b"2"},
        "WORKDIR /app\nCOPY d .\nRUN chown -R 7:8 /app\n",
        "WORKDIR /app\nCOPY --chown=7:8 d .\nRUN chown 7:8 /app\n",
    ),
    "chown-from-above": (
        "rewritten",
        {"d/a": b"1", "d/e/b": b"2"},
        "WORKDIR /www/html\nCOPY d .\nRUN mkdir -p /www/data\nRUN chown -R 7:8 /www\n",
        "WORKDIR /www/html\nCOPY --chown=7:8 d .\nRUN mkdir -p /www/data\nRUN chown 7:8 /www /www/data /www/html\n",
    ),
    "chown-without-a-group": (
        "rewritten",
        {"f": b"1"},
        "WORKDIR /app\nCOPY f ./f\nRUN chown 7 /app/f\n",
        "WORKDIR /app\nCOPY --chown=7:0 f ./f\n",
    ),
    "chown-below-a-new-directory": (
        "rewritten",
        {"f": b"1"},
        "COPY f /data/deep/f\nRUN chown 7:8 /data/deep/f\n",
        "RUN mkdir -p /data/deep\nCOPY --chown=7:8 f /data/deep/f\n",
    ),
    "chown-among-others": (
        "rewritten",
        {"f": b"1"},
        "WORKDIR /app\nCOPY f ./f\nRUN echo a > /a && \\\n    chown 7:8 /app/f && \\\n    echo b > /b\n",
        "WORKDIR /app\nCOPY --chown=7:8 f ./f\nRUN echo a > /a && \\\n    echo b > /b\n",
    ),
    "archive-unpacked": (
        "unpack-with-add",
        {"v.tar.gz": archive()},
        "COPY v.tar.gz /tmp/v.tar.gz\nRUN mkdir -p /opt/v && tar xzf /tmp/v.tar.gz -C /opt/v && rm /tmp/v.tar.gz\n",
        "ADD v.tar.gz /opt/v/\n",
    ),
    "archive-left": (
        "download-left",
        {"v.tar.gz": archive()},
        "COPY v.tar.gz /mirror\nRUN cat /mirror > /v.tgz && tar xzf /v.tgz\n",
        "COPY v.tar.gz /mirror\nRUN cat /mirror > /v.tgz && tar xzf /v.tgz && rm /v.tgz\n",
    ),
    "removed-by-the-next-run": (
        "late-removal",
        {},
        "RUN dd if=/dev/zero of=/blob bs=1024 count=64\n# it is not needed\nRUN rm /blob\n",
        "RUN dd if=/dev/zero of=/blob bs=1024 count=64 \\\n# it is not needed\n    && rm /blob\n",
    ),
    "removed-by-the-run-after-that": (
        "late-removal",
        {},
        "RUN dd if=/dev/zero of=/blob bs=1024 count=64\nRUN wc -c /blob > /size\nRUN rm /blob\n",
        "RUN dd if=/dev/zero of=/blob bs=1024 count=64 \\\n    && wc -c /blob > /size \\\n    && rm /blob\n",
    ),
    "removed-behind-a-list-that-goes-on": (
        "late-removal",
        {},
        "RUN set -e; cd /tmp; dd if=/dev/zero of=blob bs=1024 count=64; wc -c blob > /size\nRUN rm -f /tmp/blob\n",
        "RUN set -e; cd /tmp; dd if=/dev/zero of=blob bs=1024 count=64; wc -c blob > /size; rm -f /tmp/blob\n",
    ),
    "removed-behind-a-heredoc": (
        "late-removal",
        {},
        "RUN <<EOF\nset -e\ndd if=/dev/zero of=/blob bs=1024 count=64\nEOF\nRUN rm /blob\n",
        "RUN <<EOF\nset -e\ndd if=/dev/zero of=/blob bs=1024 count=64\nrm /blob\nEOF\n",
    ),
    "file-for-one-run": (
        "deleted-later",
        {"setup.sh": b"echo done > /done\n"},
        "COPY setup.sh /tmp/setup.sh\nRUN sh /tmp/setup.sh && rm -f /tmp/setup.sh && echo a > /a\n",
        "RUN --mount=type=bind,source=setup.sh,target=/tmp/setup.sh sh /tmp/setup.sh && echo a > /a\n",
    ),
}

BROKEN: dict[str, tuple[str, dict[str, bytes], str]] = {
    "file-that-its-run-writes": (
        "deleted-later",
        {"setup.sh": b"echo done > /done\n"},
        "COPY setup.sh /setup.sh\nRUN echo more >> /setup.sh && cp /setup.sh /kept && rm /setup.sh\n",
    ),
    "file-that-is-named-again": (
        "deleted-later",
        {"f": b"1"},
        "COPY f /tmp/f\nRUN cp /tmp/f /g && rm /tmp/f\nRUN test ! -e /tmp/f\n",
    ),
    "mode-by-letters-on-a-tree": ("rewritten", {"d/a": b"1"}, "COPY d/ /d/\nRUN chmod -R u+X,go-w /d\n"),
    "owner-of-a-tree-that-a-run-filled": (
        "rewritten",
        {"f": b"1"},
        "WORKDIR /app\nCOPY f .\nRUN echo more > more\nRUN chown -R 7:8 /app\n",
    ),
    "user-made-in-between": (
        "rewritten",
        {"f": b"1"},
        "WORKDIR /app\nCOPY f .\nRUN echo new:x:50:50::/:/bin/sh >> /etc/passwd\nRUN chown -R new:50 /app\n",
    ),
    "one-file-of-two": ("rewritten", {"a": b"1", "b": b"2"}, "WORKDIR /w\nCOPY a b ./\nRUN chmod 700 /w/a\n"),
    "changed-before": (
        "rewritten",
        {"a": b"1"},
        "WORKDIR /w\nCOPY a ./a\nRUN echo more >> /w/a && chown 9:9 /w/a\nRUN chmod 4755 /w/a && chown 7:7 /w/a\n",
    ),
    "archive-used-twice": (
        "unpack-with-add",
        {"v.tar.gz": archive()},
        "COPY v.tar.gz /v.tar.gz\nRUN mkdir /o && tar xzf /v.tar.gz -C /o && cp /v.tar.gz /kept\n",
    ),
    "only-some-members": (
        "unpack-with-add",
        {"v.tar.gz": archive()},
        "COPY v.tar.gz /v.tar.gz\nRUN mkdir /o && tar xzf /v.tar.gz -C /o --strip-components=1\n",
    ),
    "state-of-the-shell": (
        "late-removal",
        {},
        "RUN cd /tmp && dd if=/dev/zero of=/blob bs=9 count=9\nRUN rm /blob; touch x\n",
    ),
    "list-that-goes-on": ("late-removal", {}, "RUN dd if=/dev/zero of=/blob bs=9 count=9; true\nRUN rm blob && pwd\n"),
    "comment-in-the-script": (
        "late-removal",
        {},
        "RUN dd if=/dev/zero of=/blob bs=9 count=9 # x\nRUN rm /blob && echo > /y\n",
    ),
    "background": (
        "late-removal",
        {},
        "RUN sleep 0 & dd if=/dev/zero of=/blob bs=9 count=9\nRUN rm /blob && echo > /y\n",
    ),
    "shared-memory": (
        "late-removal",
        {},
        "RUN dd if=/dev/zero of=/blob bs=9 count=9 && echo > /dev/shm/x\nRUN rm /blob && cp /dev/shm/x /y || true\n",
    ),
}


def mended(store: Path, here: Path, code: str, files: dict[str, bytes], text: str) -> subprocess.CompletedProcess[str]:
    for name, data in files.items():
        (here / "context" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "context" / name).write_bytes(data)
    (here / "context").mkdir(exist_ok=True)
    (here / "Dockerfile").write_text(text)
    arguments = ("fix", "--verify", "--select", code, "--output", "-", "--network", "none", "--context", "context")
    return subprocess.run(
        [*lissom_command(), "--root", str(store), "--progress", "quiet", *arguments, "Dockerfile"],
        check=False,
        capture_output=True,
        text=True,
        cwd=here,
    )


@pytest.mark.parametrize("case", HOLDS)
def test_the_edit_holds(store: Path, tmp_path: Path, case: str) -> None:
    code, files, text, expected = HOLDS[case]
    done = mended(store, tmp_path, code, files, f"FROM busy:1\n{text}")
    assert done.stdout == f"FROM busy:1\n{expected}", done.stderr
    assert "does not hold" not in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("case", BROKEN)
def test_no_edit_is_made_where_it_would_change_the_image(store: Path, tmp_path: Path, case: str) -> None:
    code, files, text = BROKEN[case]
    done = mended(store, tmp_path, code, files, f"FROM busy:1\n{text}")
    assert done.stdout == f"FROM busy:1\n{text}", done.stderr
    assert "Traceback" not in done.stderr
