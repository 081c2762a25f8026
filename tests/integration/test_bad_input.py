"""What a user reads when something is wrong: exit code, stdout and stderr to the letter."""

from __future__ import annotations

import os
import random
import re
import subprocess
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ordinary import Ordinary
from process import Lissom
from registry_server import RegistryServer

pytestmark = [pytest.mark.root]

BASE = "FROM busy:1\n"
DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class Bad:
    """One mistake: the Dockerfile (after ``FROM busy:1`` unless it has a FROM), other files, arguments, the answer."""

    dockerfile: str
    said: str
    files: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("build", ".")

    @property
    def text(self) -> str:
        return self.dockerfile if "FROM" in self.dockerfile else BASE + self.dockerfile


CASES: dict[str, Bad] = {
    "unknown instruction": Bad(
        "RUM echo\n",
        """
        exit 2
        error: Dockerfile:2:1: unknown instruction `RUM`
         2 | RUM echo
           | ^^^
        hint: did you mean RUN?
        """,
    ),
    "a file that is not there": Bad(
        "COPY pakage.json /\n",
        """
        exit 3
        error: cannot copy `pakage.json`: it is not in the build context
          Dockerfile:2: [2/2] COPY pakage.json /

        hint: did you mean `package.json`?
        """,
        files={"package.json": ""},
    ),
    "a file elsewhere": Bad(
        "COPY main.py /\n",
        """
        exit 3
        error: cannot copy `main.py`: it is not in the build context
          Dockerfile:2: [2/2] COPY main.py /

        hint: did you mean `src/main.py`?
        """,
        files={"src/main.py": ""},
    ),
    "an ignored file": Bad(
        "COPY dist/app.js /\n",
        """
        exit 3
        error: cannot copy `dist/app.js`: it is not in the build context
          Dockerfile:2: [2/2] COPY dist/app.js /

        hint: `dist` in .dockerignore hides it from the build; put `!dist/app.js` behind that rule
        """,
        files={"dist/app.js": "", ".dockerignore": "dist\n"},
    ),
    "a file outside": Bad(
        "COPY ../x /\n",
        """
        exit 3
        error: cannot copy `x`: it is not in the build context
          Dockerfile:2: [2/2] COPY ../x /

        hint: a build sees its context only: make the directory above the context, and name the Dockerfile by -f
        """,
    ),
    "a file of a stage": Bad(
        "FROM busy:1 AS a\nRUN touch /app.jar\nFROM busy:1\nCOPY --from=a /ap.jar /\n",
        """
        exit 3
        error: cannot copy `/ap.jar`: it is not in stage `a`
          Dockerfile:4: [stage-1 2/2] COPY --from=a /ap.jar /

        hint: did you mean `/app.jar`?
        """,
    ),
    "a cycle of stages": Bad(
        "FROM busy:1 AS a\nCOPY --from=b /x /\nFROM a AS b\nRUN touch /x\n",
        """
        exit 2
        error: Dockerfile:2:6: cannot copy from stage `b`: it needs to be defined before the stage that copies
         2 | COPY --from=b /x /
           |      ^^^^^^^^
        """,
    ),
    "a stage from itself": Bad(
        "FROM busy:1 AS a\nCOPY --from=a /x /\n",
        """
        exit 2
        error: Dockerfile:2:6: cannot copy from stage `a`: it needs to be defined before the stage that copies
         2 | COPY --from=a /x /
           |      ^^^^^^^^
        """,
    ),
    "an unknown stage": Bad(
        "FROM busy:1 AS builder\nRUN true\nFROM busy:1\nCOPY --from=127.0.0.1:9/bulder /x /\n",
        """
        exit 4
        error: cannot GET `http://127.0.0.1:9/v2/bulder/manifests/latest`: connection refused
          Dockerfile:4: COPY --from=127.0.0.1:9/bulder /x /

        hint: build or load it into the store first, or name a registry that has it
        """,
    ),
    "a stage number": Bad(
        "FROM busy:1\nCOPY --from=3 /x /\n",
        """
        exit 2
        error: Dockerfile:2:6: there is no stage 3
         2 | COPY --from=3 /x /
           |      ^^^^^^^^
        hint: the stages are 0 to 0
        """,
    ),
    "an unknown target": Bad(
        "FROM busy:1 AS builder\nFROM busy:1\n",
        """
        exit 2
        error: cannot build target `bulder`: there is no stage of that name in `Dockerfile`

        hint: did you mean `builder`?
        """,
        arguments=("build", "--target", "bulder", "."),
    ),
    "a flag of an instruction": Bad(
        "COPY --chwon=1 a b\n",
        """
        exit 2
        error: Dockerfile:2:6: COPY has no flag --chwon
         2 | COPY --chwon=1 a b
           |      ^^^^^^^^^
        hint: did you mean --chown?
        """,
    ),
    "a mount option": Bad(
        "RUN --mount=type=bind,sorce=x,target=/x true\n",
        """
        exit 2
        error: Dockerfile:2:23: a mount has no option `sorce`
         2 | RUN --mount=type=bind,sorce=x,target=/x true
           |                       ^^^^^^^
        hint: did you mean source?
        """,
    ),
    "a flag of the command": Bad(
        "RUN true\n",
        """
        exit 2
        Usage: lissom build [OPTIONS] CONTEXT|-|URL
        error: No such option '--no-cach'. (Did you mean one of: '--cache-to', '--no-cache', '--no-cache-filter'?)
        """,
        arguments=("build", "--no-cach", "."),
    ),
    "a value of a flag": Bad(
        "RUN true\n",
        """
        exit 2
        error: cannot use compression `bzip2`: it is none of gzip, zstd, none
        """,
        arguments=("build", "--compression", "bzip2", "."),
    ),
    "a secret flag": Bad(
        "RUN true\n",
        """
        exit 2
        error: cannot use --secret `ids=3`: unknown key `ids`

        hint: known: id, src, source, env, type
        """,
        arguments=("build", "--secret", "ids=3", "."),
    ),
    "an open list": Bad(
        'RUN ["true"\n',
        """
        exit 3
        error: cannot build `[2/2] RUN ["true"` (Dockerfile:2): exit status 127
          /bin/sh: [true: not found

        hint: the image has no program `[true` in its PATH: install it in a RUN before this one
              try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
    ),
    "bytes": Bad(
        "\x010\x1b[2J\n\x011\x1b[2J\n\x012\x1b[2J\n\x013\x1b[2J\n\x014\x1b[2J\n\x015\x1b[2J\n\x016\x1b[2J\n\x017\x1b[2J\n\x018\x1b[2J\n\x019\x1b[2J\n\x0110\x1b[2J\n\x0111\x1b[2J\n\x0112\x1b[2J\n\x0113\x1b[2J\n\x0114\x1b[2J\n\x0115\x1b[2J\n\x0116\x1b[2J\n\x0117\x1b[2J\n\x0118\x1b[2J\n\x0119\x1b[2J\n\x0120\x1b[2J\n\x0121\x1b[2J\n\x0122\x1b[2J\n\x0123\x1b[2J\n\x0124\x1b[2J\n\x0125\x1b[2J\n\x0126\x1b[2J\n\x0127\x1b[2J\n\x0128\x1b[2J\n\x0129\x1b[2J\n",
        """
        exit 2
        error: Dockerfile:2:1: unknown instruction `�0�[2J`
         2 | �0�[2J
           | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:3:1: unknown instruction `�1�[2J`
         3 | �1�[2J
           | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:4:1: unknown instruction `�2�[2J`
         4 | �2�[2J
           | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:5:1: unknown instruction `�3�[2J`
         5 | �3�[2J
           | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:6:1: unknown instruction `�4�[2J`
         6 | �4�[2J
           | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:7:1: unknown instruction `�5�[2J`
         7 | �5�[2J
           | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:8:1: unknown instruction `�6�[2J`
         8 | �6�[2J
           | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:9:1: unknown instruction `�7�[2J`
         9 | �7�[2J
           | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:10:1: unknown instruction `�8�[2J`
         10 | �8�[2J
            | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:11:1: unknown instruction `�9�[2J`
         11 | �9�[2J
            | ^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:12:1: unknown instruction `�10�[2J`
         12 | �10�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:13:1: unknown instruction `�11�[2J`
         13 | �11�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:14:1: unknown instruction `�12�[2J`
         14 | �12�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:15:1: unknown instruction `�13�[2J`
         15 | �13�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:16:1: unknown instruction `�14�[2J`
         16 | �14�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:17:1: unknown instruction `�15�[2J`
         17 | �15�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:18:1: unknown instruction `�16�[2J`
         18 | �16�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:19:1: unknown instruction `�17�[2J`
         19 | �17�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:20:1: unknown instruction `�18�[2J`
         20 | �18�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        Dockerfile:21:1: unknown instruction `�19�[2J`
         21 | �19�[2J
            | ^^^^^^^
        hint: if this line belongs to the one before it, end that one with \\

        and 10 more faults
        """,
    ),
    "a command": Bad(
        "",
        """
        exit 2
        Usage: lissom [OPTIONS] COMMAND [ARGS]...
        error: cannot run `biuld`: there is no such command

        hint: did you mean `build`?
        """,
        arguments=("biuld", "."),
    ),
    "no context": Bad(
        "",
        """
        exit 2
        Usage: lissom build [OPTIONS] CONTEXT|-|URL
        error: Missing argument 'CONTEXT|-|URL'.
        """,
        arguments=("build",),
    ),
    "several faults": Bad(
        "FROM busy:1\nRUM echo\nCOPY a\nENV\nEXPOSE foo/bar\nRUN --mount=typ=cache x\nUSER\n",
        """
        exit 2
        error: Dockerfile:2:1: unknown instruction `RUM`
         2 | RUM echo
           | ^^^
        hint: did you mean RUN?

        Dockerfile:3:1: COPY needs a destination behind `a`
         3 | COPY a
           | ^^^^
        hint: write it like this: COPY . /app/

        Dockerfile:4:1: ENV needs a name and a value
         4 | ENV
           | ^^^
        hint: write it like this: ENV name=value

        Dockerfile:6:13: a mount has no option `typ`
         6 | RUN --mount=typ=cache x
           |             ^^^^^^^^^
        hint: did you mean type?

        Dockerfile:7:1: USER needs a user
         7 | USER
           | ^^^^
        hint: write it like this: USER app
        """,
    ),
    "a failing step": Bad(
        "RUN true\nRUN for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do echo line $i; done; exit 7\nRUN true\n",
        """
        exit 3
        error: cannot build `[3/4] RUN for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do echo line $i; done; exit 7` (Dockerfile:3): exit status 7
          line 3
          line 4
          line 5
          line 6
          line 7
          line 8
          line 9
          line 10
          line 11
          line 12
          line 13
          line 14
          line 15
          line 16
          line 17
          line 18
          line 19
          line 20
          line 21
          line 22

        hint: try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
    ),
    "a signal": Bad(
        "RUN sh -c 'kill -SEGV $$'; exit $?\n",
        """
        exit 3
        error: cannot build `[2/2] RUN sh -c 'kill -SEGV $$'; exit $?` (Dockerfile:2): it was killed by SIGSEGV (exit status 139)
          Segmentation fault

        hint: try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
    ),
    "out of memory": Bad(
        "RUN sh -c 'kill -KILL $$'; exit $?\n",
        """
        exit 3
        error: cannot build `[2/2] RUN sh -c 'kill -KILL $$'; exit $?` (Dockerfile:2): it was killed by SIGKILL (exit status 137)
          Killed

        hint: the kernel kills a process when memory runs out (`dmesg | grep -i oom` tells): use fewer parallel jobs or a machine with more memory
              try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
    ),
    "a program that is not there": Bad(
        "RUN nodee --version\n",
        """
        exit 3
        error: cannot build `[2/2] RUN nodee --version` (Dockerfile:2): exit status 127
          /bin/sh: nodee: not found

        hint: the image has no program `nodee` in its PATH: install it in a RUN before this one
              try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
    ),
    "a program of a list": Bad(
        'RUN ["nodee", "--version"]\n',
        """
        exit 3
        error: cannot build `[2/2] RUN ["nodee", "--version"]` (Dockerfile:2): exit status 127
          cannot execute `nodee`: not found in PATH (/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

        hint: the image has no program `nodee`: install it in a RUN before this one
              try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
    ),
    "no shell": Bad(
        "FROM scratch\nCOPY Dockerfile /\nRUN echo hi\n",
        """
        exit 3
        error: cannot build `[3/3] RUN echo hi` (Dockerfile:3): exit status 127
          cannot execute `/bin/sh`: no such file

        hint: the image has no shell: write RUN with a list of words, as RUN ["/app", "--flag"], or do this in a stage that has a shell and COPY --from it
              try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
    ),
    "no interpreter": Bad(
        'COPY script /script\nRUN ["/script"]\n',
        """
        exit 3
        error: cannot build `[3/3] RUN ["/script"]` (Dockerfile:3): exit status 126
          cannot execute `/script`: Permission denied

        hint: make it executable: RUN chmod +x /script, or COPY --chmod=755
              try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
        files={"script": "#!/no/such/interpreter\n"},
    ),
    "not executable": Bad(
        'COPY script /script\nRUN ["/script"]\n',
        """
        exit 3
        error: cannot build `[3/3] RUN ["/script"]` (Dockerfile:3): exit status 126
          cannot execute `/script`: Permission denied

        hint: make it executable: RUN chmod +x /script, or COPY --chmod=755
              try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
        files={"script": "#!/bin/sh\n"},
    ),
    "not a program": Bad(
        'COPY --chmod=755 script /script\nRUN ["/script"]\n',
        """
        exit 3
        error: cannot build `[3/3] RUN ["/script"]` (Dockerfile:3): exit status 126
          cannot execute `/script`: Exec format error

        hint: it is made for another machine, or it is a script whose first line is not #! and an interpreter
              try it again: sh $ROOT/lissom/replay/ID.sh   look around where it failed: sh $ROOT/lissom/replay/ID.sh sh
        """,
        files={"script": "\x01\x02\x03\n"},
    ),
    "an unknown user": Bad(
        "USER nobdy\nRUN id\n",
        """
        exit 3
        error: cannot run as `nobdy`: the image's /etc/passwd has no user `nobdy`
          Dockerfile:3: [2/2] RUN id

        hint: make it first (RUN useradd …) or give a number
        """,
    ),
    "a secret that is not given": Bad(
        "RUN --mount=type=secret,id=npm,required=true true\n",
        """
        exit 3
        error: cannot mount secret `npm`: it was not given
          Dockerfile:2: [2/2] RUN --mount=type=secret,id=npm,required=true true

        hint: give it with --secret id=npm,src=FILE or --secret id=npm,env=NAME
        """,
    ),
    "a file in the way": Bad(
        "WORKDIR /bin/sh/x\n",
        """
        exit 3
        error: cannot make directory `/bin/sh/x`: `/bin/sh` is not a directory
          Dockerfile:2: [2/2] WORKDIR /bin/sh/x
        """,
    ),
    "no such context": Bad(
        "",
        """
        exit 2
        error: cannot open build context `nothere`: there is no such directory
        """,
        arguments=("build", "nothere"),
    ),
    "a file as context": Bad(
        "",
        """
        exit 2
        error: cannot open build context `Dockerfile`: it is not a directory
        """,
        arguments=("build", "Dockerfile"),
    ),
    "no Dockerfile": Bad(
        "",
        """
        exit 2
        error: cannot open `app/Dockerfile`: there is no such file

        hint: did you mean -f app/Dockerfile.prod?
        """,
        files={"app/Dockerfile.prod": "FROM scratch"},
        arguments=("build", "app"),
    ),
    "no Dockerfile, other case": Bad(
        "",
        """
        exit 2
        error: cannot open `app/Dockerfile`: there is no such file

        hint: did you mean -f app/DockerFile?
        """,
        files={"app/DockerFile": "FROM scratch"},
        arguments=("build", "app"),
    ),
    "no Dockerfile, no guess": Bad(
        "",
        """
        exit 2
        error: cannot open `app/Dockerfile`: there is no such file

        hint: name it with -f FILE
        """,
        files={"app/x": ""},
        arguments=("build", "app"),
    ),
    "-f of another name": Bad(
        "",
        """
        exit 2
        error: cannot open `docker/Dockerfil`: there is no such file

        hint: did you mean -f docker/Dockerfile?
        """,
        files={"docker/Dockerfile": "FROM scratch"},
        arguments=("build", "-f", "docker/Dockerfil", "."),
    ),
    "an empty Dockerfile": Bad(
        "\n# FROM nothing\n",
        """
        exit 2
        error: Dockerfile:1:1: the file holds no instruction
         1 |
           | ^
        hint: begin with FROM
        """,
    ),
    "no FROM": Bad(
        "RUN x # FROM\n",
        """
        exit 2
        error: Dockerfile:1:1: RUN has no FROM before it
         1 | RUN x # FROM
           | ^^^
        hint: only ARG may stand before the first FROM
        """,
    ),
    "nothing listens": Bad(
        "FROM 127.0.0.1:9/x:1\n",
        """
        exit 4
        error: cannot GET `http://127.0.0.1:9/v2/x/manifests/1`: connection refused
          Dockerfile:1: FROM 127.0.0.1:9/x:1

        hint: build or load it into the store first, or name a registry that has it
        """,
    ),
    "a base in capitals": Bad(
        "FROM BusyBox\n",
        """
        exit 2
        error: Dockerfile:1:6: cannot read image reference `BusyBox`: repository name must be lowercase
         1 | FROM BusyBox
           |      ^^^^^^^
        """,
    ),
    "an empty variable": Bad(
        "ARG V\nFROM busy:${V}\n",
        """
        exit 2
        error: Dockerfile:2:6: cannot read image reference `busy:`: `` is not a tag
         2 | FROM busy:${V}
           |      ^^^^^^^^^
        """,
    ),
    "an open quote": Bad(
        'ENV A="x\n',
        """
        exit 2
        error: Dockerfile:2:7: cannot expand `"x`: the closing `"` is missing
         2 | ENV A="x
           |       ^^
        """,
    ),
    "an open heredoc": Bad(
        "RUN <<EOF\necho x\n",
        """
        exit 2
        error: Dockerfile:2:5: the heredoc `EOF` has no end
         2 | RUN <<EOF
           |     ^^^^^
        hint: write a line that holds nothing but EOF behind its text
        """,
    ),
    "a name in capitals": Bad(
        "",
        """
        exit 2
        error: cannot read image reference `App:1`: repository name must be lowercase

        hint: write `app`
        """,
        arguments=("build", "-t", "App:1", "."),
    ),
    "a bad pattern": Bad(
        "",
        """
        exit 2
        error: cannot read `.dockerignore:2`: `[a` is no pattern: its `[` is never closed
        """,
        files={".dockerignore": "ok\n[a\n"},
    ),
    "an escape sequence": Bad(
        "COPY \x1b]0;red\x07 /\nRUN true\n",
        """
        exit 3
        error: cannot copy `\\x1b]0;red\\x07`: it is not in the build context
          Dockerfile:2: [2/3] COPY \\x1b]0;red\\x07 /
        """,
    ),
    "an address that does not answer": Bad(
        "ADD http://127.0.0.1:9/x /\n",
        """
        exit 3
        error: cannot download `http://127.0.0.1:9/x`: Connection refused
          Dockerfile:2: [2/2] ADD http://127.0.0.1:9/x /
        """,
    ),
    "another platform": Bad(
        "FROM 127.0.0.1:9/busy:1\n",
        """
        exit 4
        error: cannot GET `http://127.0.0.1:9/v2/busy/manifests/1`: connection refused
          Dockerfile:1: FROM 127.0.0.1:9/busy:1

        hint: the store has it for linux/amd64, not for linux/arm64: build it for that platform, or give --platform
        """,
        arguments=("build", "--platform", "linux/arm64", "."),
    ),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, base_archive: Path) -> Path:
    made = Lissom(tmp_path_factory.mktemp("store") / "store", tmp_path_factory.mktemp("nowhere"))
    assert made("load", "-i", str(base_archive)).code == 0
    assert made("tag", "busy:1", "127.0.0.1:9/busy:1").code == 0
    return made.root


@pytest.fixture
def lissom(loaded: Path, tmp_path: Path) -> Lissom:
    return Lissom(loaded, tmp_path)


def same(text: str) -> str:
    """Without what differs from run to run."""
    return re.sub(r"replay/[0-9a-f]{8}\.sh", "replay/ID.sh", text)


@pytest.mark.parametrize("case", CASES)
def test_said(lissom: Lissom, case: str) -> None:
    bad = CASES[case]
    lissom.write({"Dockerfile": bad.text, **bad.files})
    assert same(str(lissom(*bad.arguments))) == textwrap.dedent(bad.said).lstrip("\n")


def test_article(lissom: Lissom) -> None:
    """The Dockerfile of the article that lissom grew from: comments behind instructions, which docker refuses too."""
    lissom.write({"Dockerfile": (DATA / "article" / "Dockerfile").read_bytes()})
    assert str(lissom("build", ".")) == (DATA / "article" / "said.txt").read_text()


def test_replay_works_when_pasted(lissom: Lissom) -> None:
    lissom.write({"Dockerfile": BASE + "RUN echo before > /state\nRUN cat /state; echo wrong >&2; exit 9\n"})
    failed = lissom("build", ".")
    assert failed.code == 3
    found = re.search(r"try it again: (sh \S+)", failed.raw_err)
    assert found is not None
    again = subprocess.run(found[1], shell=True, capture_output=True, timeout=60, check=False)
    assert (again.returncode, again.stdout, again.stderr) == (9, b"before\n", b"wrong\n")
    look = subprocess.run(
        f"{found[1]} sh -c 'cat /state; id -u'", shell=True, capture_output=True, timeout=60, check=False
    )
    assert (look.returncode, look.stdout) == (0, b"before\n0\n")


def test_a_base_that_the_registry_lacks(lissom: Lissom) -> None:
    registry = RegistryServer()
    try:
        lissom.write({"Dockerfile": f"FROM {registry.host}/team/app:7\n"})
        failed = lissom("build", ".")
    finally:
        registry.stop()
    assert failed.code == 4
    assert failed.err.replace(registry.host, "HOST") == (
        "error: cannot GET `http://HOST/v2/team/app/manifests/7`: 404 Not Found: MANIFEST_UNKNOWN: manifest unknown\n"
        "  Dockerfile:1: FROM HOST/team/app:7\n\n"
        "hint: build or load it into the store first, or name a registry that has it\n"
    )


@pytest.mark.parametrize("seed", range(12))
def test_random_bytes(lissom: Lissom, seed: int) -> None:
    chance = random.Random(seed)
    lissom.write({"Dockerfile": BASE.encode() * (seed % 2) + chance.randbytes(chance.randrange(1, 5000))})
    failed = lissom("build", ".")
    assert failed.code in (2, 3)
    assert "Traceback" not in failed.err
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", failed.raw_err)


ODD_NAMES = [
    b"new\nline",
    b"\x1b[31mred",
    b"tab\t",
    b"\xff\xfe not UTF-8",
    b"-rf",
    b"a b",
    b"'\"$`\\",
    "日本".encode(),
    b"*",
    b"n" * 255,
]


def test_odd_names_are_copied_as_they_are(lissom: Lissom) -> None:
    context = os.fsencode(lissom.here)
    os.mkdir(context + b"/in")
    for number, name in enumerate(ODD_NAMES):
        with open(context + b"/in/" + name, "wb") as file:
            file.write(b"%d" % number)
    os.symlink(b"loop", context + b"/in/loop")
    os.symlink(b"..", context + b"/in/up")
    lissom.write({"Dockerfile": "FROM scratch\nCOPY in /in\n"})
    out = lissom.here / "out"
    assert lissom("build", "-o", f"type=local,dest={out}", ".").code == 0
    found = os.listdir(os.fsencode(out) + b"/in")
    assert sorted(found) == sorted([*ODD_NAMES, b"loop", b"up"])
    for number, name in enumerate(ODD_NAMES):
        with open(os.fsencode(out) + b"/in/" + name, "rb") as file:
            assert file.read() == b"%d" % number
    assert os.readlink(os.fsencode(out) + b"/in/up") == b".."


def test_many_links_in_circles(lissom: Lissom) -> None:
    (lissom.here / "in").mkdir()
    for number in range(20_000):
        os.symlink(f"l{(number + 1) % 20_000}", lissom.here / "in" / f"l{number}")
    lissom.write({"Dockerfile": "FROM scratch\nCOPY in /in\nCOPY in/l0 /x\n"})
    failed = lissom("build", ".")
    assert failed.code == 3
    assert failed.err.startswith("error: cannot copy `in/l0`: its symbolic links lead in a circle\n")


def test_what_is_no_file(lissom: Lissom) -> None:
    os.mkfifo(lissom.here / "fifo")
    os.symlink("/nowhere", lissom.here / "dangling")
    lissom.write({"Dockerfile": "FROM scratch\nCOPY dangling /x\n"})
    failed = lissom("build", ".")
    assert str(failed) == (
        "exit 3\nerror: cannot copy `dangling`: it is not in the build context\n"
        "  Dockerfile:2: [2/2] COPY dangling /x\n\nhint: it is a symbolic link to `/nowhere`, which is not there\n"
    )
    lissom.write({"Dockerfile": "FROM scratch\nCOPY fifo /x\n"})
    assert lissom("build", ".").code == 0


@pytest.mark.userns
@pytest.mark.parametrize("kind", ["file", "directory", "ignored"])
def test_unreadable_context(lone: Ordinary, kind: str) -> None:
    """Root's files in an ordinary user's context: one's own, whatever their mode, a user namespace can read."""
    context = lone.home / f"unreadable-{kind}"
    (context / "in").mkdir(parents=True)
    (context / "in" / "secret").write_text("x")
    (context / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    if kind == "ignored":
        (context / ".dockerignore").write_text("in\n")
    lone.own(context)
    closed = context / "in" if kind != "file" else context / "in" / "secret"
    closed.chmod(0o600)
    os.chown(closed, 0, 0)
    words = ["--root", lone.home / "unreadable-store", "--progress", "quiet", "build", "."]
    done = lone.run(*lone.command, *words, cwd=context)
    if kind == "ignored":
        assert (done.returncode, done.stderr) == (0, b"")
        return
    place = "./in" if kind == "directory" else "./in/secret"
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"error: cannot read `{place}` of the build context: Permission denied\n\n"
        "hint: name it in .dockerignore if the build does not need it\n"
    )
