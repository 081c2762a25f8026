"""What shell commands do to files: paths, deeds, what is not known."""

from __future__ import annotations

import pytest

from lissom.dockerfile.parser import parse
from lissom.dockerfile.shell.reading import script_of
from lissom.lint.effects.act import Deed, Effects
from lissom.lint.effects.paths import covers, joined, overlap, within
from lissom.lint.effects.walk import walk


def effects(script: str, **variables: str | None) -> Effects:
    dockerfile = parse(f"FROM debian\nRUN {script}\n")
    read = script_of(dockerfile, dockerfile.instructions[-1])
    assert read is not None, script
    return walk(read, "/w", {"HOME": "/root", **variables})


def told(script: str, **variables: str | None) -> list[str]:
    """Each act as ``deed path [<source]``; ``?`` in front when it is not sure, ``R`` behind when all below is meant."""
    return [
        ("" if act.sure else "?")
        + act.deed.name.lower()
        + " "
        + act.path
        + (f" <{act.source}" if act.source else "")
        + (" R" if act.deep else "")
        for act in effects(script, **variables).acts
    ]


CASES: list[tuple[str, list[str]]] = [
    ("rm -rf /a b/*.c", ["remove /a R", "remove /w/b/*.c R"]),
    ("rm -- -x", ["remove /w/-x"]),
    ("cd /s && rm x", ["remove /s/x"]),
    ("(cd /s && rm x) && rm y", ["remove /s/x", "remove /w/y"]),
    ("cd /s | cat; rm y", ["remove /w/y"]),
    ("if cd /s; then rm x; fi; rm y", ["?remove /s/x", "remove ${PWD}/y"]),
    ("test -f x || rm y", ["?remove /w/y"]),
    ("for f in a b; do rm $f; done", ["?remove ${f}"]),
    ("mv a /b/", ["move /b/a </w/a R"]),
    ("mv a b /c", ["move /c/a </w/a R", "move /c/b </w/b R"]),
    ("mv -t /c a", ["move /c/a </w/a R"]),
    ("cp -r a/. /b", ["copy /b </w/a R"]),
    ("cp -a a /b", ["copy /b </w/a R"]),
    ("cp a /b", ["copy /b </w/a"]),
    ("cp -T a /b/", ["copy /b </w/a"]),
    ("cp -l a b", ["link /w/b </w/a"]),
    ("install -Dm755 a /usr/bin/", ["copy /usr/bin/a </w/a"]),
    ("install -d -o app /x /y", ["mkdir /x", "mkdir /y"]),
    ("mkdir -p -m 1777 a/b", ["mkdir /w/a/b"]),
    ("ln -sf ../x /bin/y", ["link /bin/y <../x"]),
    ("chmod -R 755 /a", ["mode /a R"]),
    ("chmod +x a b", ["mode /w/a", "mode /w/b"]),
    ("chmod -x a", ["mode /w/a"]),
    ("chown -R app:app /a .", ["owner /a R", "owner /w R"]),
    ("chown --reference=/x /a", ["owner /a"]),
    ("setfacl -R -m u:app:rwx /a", ["mode /a R"]),
    ("touch -d yesterday a", ["times /w/a"]),
    ("sed -i s/a/b/ f", ["edit /w/f"]),
    ("sed -i -e s/a/b/ -e s/c/d/ f g", ["edit /w/f", "edit /w/g"]),
    ("sed s/a/b/ f > g", ["read /w/f", "write /w/g"]),
    ("strip a", ["edit /w/a"]),
    ("echo x > /f; echo y >> /f 2>/dev/null", ["write /f", "edit /f"]),
    ("echo x | tee -a /f", ["edit /f"]),
    ("dd if=/dev/zero of=/z bs=1M count=3", ["write /z"]),
    ("truncate -s 3M /z", ["write /z"]),
    ("curl -fsSLo /x.tgz https://h/x", ["fetch /x.tgz <https://h/x"]),
    ("curl -O https://h/a/x.zip?v=1", ["fetch /w/x.zip <https://h/a/x.zip?v=1"]),
    ("curl --output-dir /o -O https://h/x", ["fetch /o/x <https://h/x"]),
    ("curl https://h/x > /y", ["write /y"]),
    ("curl -H 'A: b' -o a https://h/x", ["fetch /w/a <https://h/x"]),
    ("curl -K conf", []),
    ("wget https://h/x.zip", ["fetch /w/x.zip <https://h/x.zip"]),
    ("wget -qO- https://h/x | tar xz -C /o", ["unpack /o <- R"]),
    ("wget -P /d https://h/x", ["fetch /d/x <https://h/x"]),
    ("wget -nv -O /x.deb https://h/x && dpkg -i /x.deb", ["fetch /x.deb <https://h/x", "unpack / </x.deb"]),
    ("tar xzf a.tgz -C /o", ["unpack /o </w/a.tgz R"]),
    ("tar -C /o -xf a.tgz --strip-components=1", ["unpack /o </w/a.tgz R"]),
    ("tar --extract --file a.tgz", ["unpack /w </w/a.tgz R"]),
    ("tar czf /o.tgz d", ["write /o.tgz", "copy /o.tgz </w/d R"]),
    ("tar tf a.tgz", ["read /w/a.tgz"]),
    ("unzip -q a.zip -d /o", ["unpack /o </w/a.zip R"]),
    ("unzip -l a.zip", ["read /w/a.zip"]),
    ("gunzip a.gz", ["unpack /w/a </w/a.gz", "remove /w/a.gz"]),
    ("gunzip -k a.gz", ["unpack /w/a </w/a.gz"]),
    ("gzip -d -c a.gz > b", ["read /w/a.gz", "write /w/b"]),
    ("7z x a.7z -o/o", ["unpack /o </w/a.7z R"]),
    ("git clone https://g/x/y.git", ["clone /w/y <https://g/x/y.git R"]),
    ("git -C /s clone --depth 1 -b v1 https://g/x/y d", ["clone /s/d <https://g/x/y R"]),
    ("find /a -name '*.pyc' -delete", ["remove /a"]),
    ("find /a -type d -exec chmod 755 {} +", ["mode /a R"]),
    ("sudo -u app rm a", ["remove /w/a"]),
    ("env A=1 B=2 rm a", ["remove /w/a"]),
    ("timeout 5 rm a", ["remove /w/a"]),
    ("busybox rm a", ["remove /w/a"]),
    ("bash -c 'cd /s && rm x' && rm y", ["remove /s/x", "remove /w/y"]),
    ('sh -ec "wget -O /x https://h/x; tar xf /x"', ["fetch /x <https://h/x", "unpack /w </x R"]),
    ("ls | xargs rm", []),
    ("make -j4", ["build /w R"]),
    ("cd src && go build -o /x", ["build /w/src R"]),
    ("V=1.2 && rm a-$V", ["remove /w/a-1.2"]),
    ("export V=1 && rm a-${V}", ["remove /w/a-1"]),
    ("rm ~/x $HOME/y", ["remove /root/x", "remove /root/y"]),
    ("bash /tmp/i.sh", ["read /tmp/i.sh"]),
    ("/tmp/i.run --quiet", ["read /tmp/i.run"]),
    ("d=$(mktemp -d) && cd $d && rm x", ["remove ${d}/x"]),
    ("x=$(rm /a) && true", ["remove /a"]),
]


@pytest.mark.parametrize(("script", "expected"), CASES, ids=[script for script, _ in CASES])
def test_acts(script: str, expected: list[str]) -> None:
    assert told(script) == expected


def test_variables_of_the_dockerfile_are_put_in_and_unknown_ones_stay() -> None:
    assert told("rm /a-$V /b-$W", V="1", W=None) == ["remove /a-1", "remove /b-${W}"]


@pytest.mark.parametrize(
    "script",
    [
        "frobnicate /a",
        "find / -exec frob {} +",
        "curl -K conf",
        "cp a",
        "chown app",
        "xargs rm",
        "wget -i list",
        "make",
    ],
)
def test_what_is_not_understood_is_not_known(script: str) -> None:
    assert not effects(script).known


@pytest.mark.parametrize("script", ["set -eux; mkdir -p /a && rm -f /b", "echo a && test -f b || true", "cp a b"])
def test_what_is_understood_is_known(script: str) -> None:
    assert effects(script).known


def test_deeds_have_the_span_of_their_word() -> None:
    dockerfile = parse("FROM debian\nRUN mkdir /a \\\n && rm -rf \\\n  /b\n")
    script = script_of(dockerfile, dockerfile.instructions[-1])
    assert script is not None
    removed = [act for act in walk(script, "/", {}).acts if act.deed is Deed.REMOVE]
    assert [dockerfile.source.line_col(act.span.start)[0] for act in removed] == [4]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/a", "/a/b", True),
        ("/a/*", "/a/b/c", True),
        ("/a/*.x", "/a/b", False),
        ("/a/b", "/a", False),
        ("/", "/a", True),
        ("/a", "/ab", False),
        ("${PWD}", "${PWD}/x", True),
    ],
)
def test_covers(pattern: str, path: str, expected: bool) -> None:
    assert covers(pattern, path) is expected


def test_paths() -> None:
    assert joined("/a", "../b/./c//d") == "/b/c/d"
    assert joined("${PWD}", "x") == "${PWD}/x"
    assert within("/a/b", "/a")
    assert not within("/a", "/a")
    assert overlap("/a/b", "/a")
    assert not overlap("/a/b", "/a/c")
