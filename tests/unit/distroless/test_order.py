"""The order in which dpkg gets packages, and the script that says so."""

import subprocess

from lissom.distroless.archive.control import Package, paragraphs
from lissom.distroless.configured.dpkg_script import script
from lissom.distroless.configured.order import batches, essentials, needed


def packages(text):
    return [Package({"Version": "1", "Architecture": "all", **fields}) for fields in paragraphs(text)]


def names(found):
    return [package.name for package in found]


BASE = packages("""\
Package: adduser
Depends: passwd

Package: awkward
Provides: awk

Package: cron
Pre-Depends: cron-common

Package: cron-common
Depends: adduser

Package: dash
Essential: yes

Package: files
Essential: yes
Pre-Depends: awk, libc

Package: libc
Depends: libgcc

Package: libgcc
Depends: libc

Package: passwd

Package: zlib""")


def test_essentials_and_what_they_need_those_that_pre_depend_first():
    assert names(essentials(BASE)) == ["awkward", "libgcc", "libc", "files", "dash"]


def test_what_is_needed_comes_first_and_cycles_end():
    assert names(needed([BASE[2]], BASE)) == ["passwd", "adduser", "cron-common", "cron"]
    assert names(needed([BASE[6]], BASE)) == ["libgcc", "libc"]


def test_batches_put_pre_depends_first():
    found = packages("Package: a\nPre-Depends: b\n\nPackage: b\nPre-Depends: c | z\n\nPackage: c\n\nPackage: d")
    assert [names(batch) for batch in batches(found)] == [["c", "d"], ["b"], ["a"]]
    found = packages("Package: a\nPre-Depends: b\n\nPackage: b\nDepends: d\n\nPackage: c\n\nPackage: d\nPre-Depends: c")
    assert [names(batch) for batch in batches(found)] == [["b", "c"], ["d"], ["a"]]
    cycle = packages("Package: a\nPre-Depends: b\n\nPackage: b\nPre-Depends: a")
    assert [names(batch) for batch in batches(cycle)] == [["a", "b"]]


def test_the_script_configures_what_is_pre_depended_on_then_the_rest_at_once(tmp_path):
    (tmp_path / "dpkg").write_text('#!/bin/sh\n[ "$1" = --audit ] || echo "$@"\n')
    (tmp_path / "dpkg").chmod(0o755)
    text = script(BASE, {package.name: f"/debs/{package.name} ~1.deb" for package in BASE}, ["path-exclude=/it's/*"])
    done = subprocess.run(
        ["sh"], input=text, capture_output=True, text=True, env={"PATH": f"{tmp_path}:/bin"}, check=True
    )
    fixed = "--force-unsafe-io --force-depends --path-exclude=/it's/*"
    files = [" ".join(f"/debs/{name} ~1.deb" for name in line.split()) for line in (
        "awkward libgcc libc files dash", "adduser cron-common passwd zlib", "cron",
    )]  # fmt: skip
    assert done.stdout.splitlines() == [
        f"{fixed} --install {files[0]}",
        f"{fixed} --no-triggers --unpack {files[1]}",
        f"{fixed} --no-triggers --configure passwd adduser cron-common",
        f"{fixed} --no-triggers --unpack {files[2]}",
        f"{fixed} --configure --pending",
    ]
