import os
import shutil
import struct
import subprocess

import pytest

from elf_files import an_elf
from lissom.rootfs.disk import write
from unit.distroless.fake_debs import assembled, deb

LDCONFIG = shutil.which("ldconfig") or "/sbin/ldconfig"
HERE = "usr/lib/x86_64-linux-gnu"
FILES = {
    "etc/ld.so.conf": b"# all of them\ninclude /etc/ld.so.conf.d/*.conf\n",
    "etc/ld.so.conf.d/x86_64-linux-gnu.conf": b"/usr/local/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu\n",
    "etc/ld.so.conf.d/zz.conf": b"/opt/lib # more\n",
    "lib/x86_64-linux-gnu/libc.so.6": an_elf(soname="libc.so.6"),
    f"{HERE}/libz.so.1": "@libz.so.1.2.13",
    f"{HERE}/libz.so.1.2.13": an_elf(soname="libz.so.1"),
    f"{HERE}/libz.so": "@libz.so.1.2.13",
    f"{HERE}/libnew.so.2.9": an_elf(soname="libnew.so.2"),
    f"{HERE}/libnew.so.2.10": an_elf(soname="libnew.so.2"),
    f"{HERE}/libplain.so": an_elf(),
    f"{HERE}/libscript.so": b"/* GNU ld script */ GROUP ( /lib/x86_64-linux-gnu/libc.so.6 AS_NEEDED ( libz.so.1 ) )",
    f"{HERE}/plugin.so": an_elf(),
    f"{HERE}/libgone.so.1": "@libgone.so.1.0",
    f"{HERE}/libarm.so.1": an_elf(soname="libarm.so.1", machine=183),
    f"{HERE}/deep/libdeep.so.1": an_elf(soname="libdeep.so.1"),
    "opt/lib/libz.so.1": an_elf(soname="libz.so.1"),
    "opt/lib/libopt10.so.1": an_elf(soname="libopt10.so.1"),
    "opt/lib/libopt9.so.1": an_elf(soname="libopt9.so.1"),
}


def listed(cache):
    done = subprocess.run([LDCONFIG, "-p", "-C", str(cache)], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "=>" in line]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="ldconfig -r needs root")
@pytest.mark.skipif(not os.access(LDCONFIG, os.X_OK), reason="needs ldconfig")
def test_the_cache_is_ldconfigs(tmp_path):
    made = assembled(tmp_path, deb(tmp_path, "a", FILES))
    (tmp_path / "tree").mkdir()
    write(made.changeset, tmp_path / "tree")
    ours = listed(tmp_path / "tree/etc/ld.so.cache")
    before = {path.name for path in (tmp_path / "tree" / HERE).iterdir()}
    (tmp_path / "tree/etc/ld.so.cache").unlink()
    subprocess.run([LDCONFIG, "-r", str(tmp_path / "tree")], check=True, capture_output=True)
    assert ours == listed(tmp_path / "tree/etc/ld.so.cache")
    assert len(ours) == 8
    assert {path.name for path in (tmp_path / "tree" / HERE).iterdir()} == before - {"libgone.so.1"}


def test_a_library_is_there_by_the_name_it_is_asked_for(tmp_path):
    made = assembled(tmp_path, deb(tmp_path, "a", FILES))
    assert made.entries[f"{HERE}/libnew.so.2"].link == "libnew.so.2.10"
    assert f"{HERE}/libarm.so.1" in made.entries
    assert f"{HERE}/libgone.so.1.0" not in made.entries


def test_other_machines_have_other_bytes(tmp_path):
    files = {"lib/s390x-linux-gnu/libc.so.6": an_elf(soname="libc.so.6", machine=22)}
    made = assembled(tmp_path, deb(tmp_path, "a", files), architecture="s390x")
    with made.entries["etc/ld.so.cache"].content.open() as stream:
        data = stream.read()
    magic, count, _, order = struct.unpack_from(">20sIIB", data)
    flags, soname, path = struct.unpack_from(">iII", data, 48)
    assert (magic, count, order, flags) == (b"glibc-ld.so.cache1.1", 1, 3, 0x403)
    assert data[soname:].split(b"\0")[0] == b"libc.so.6"
    assert data[path:].split(b"\0")[0] == b"/lib/s390x-linux-gnu/libc.so.6"


def test_no_libraries_no_cache(tmp_path):
    assert "etc/ld.so.cache" not in assembled(tmp_path, deb(tmp_path, "a", {"etc/a": b""})).entries


def test_the_usual_directory_counts_without_the_file_that_names_it(tmp_path):
    files = {name: data for name, data in FILES.items() if name != "etc/ld.so.conf"}
    made = assembled(tmp_path, deb(tmp_path, "a", files))
    with made.entries["etc/ld.so.cache"].content.open() as stream:
        assert b"/opt/lib/libopt9.so.1\0" in stream.read()


@pytest.mark.parametrize("loop", ["etc/ld.so.conf", "etc/ld.so.conf.d/../ld.so.conf"])
def test_files_that_include_themselves_come_to_an_end(tmp_path, loop):
    files = {"etc/ld.so.conf": f"include /{loop}\n/opt/lib\n".encode(), "opt/lib/libz.so.1": an_elf(soname="libz.so.1")}
    made = assembled(tmp_path, deb(tmp_path, "a", files))
    with made.entries["etc/ld.so.cache"].content.open() as stream:
        assert b"/opt/lib/libz.so.1\0" in stream.read()
