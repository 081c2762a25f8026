import hashlib

import pytest

from lissom.distroless.spec.spec import Account, Directory, File, Spec
from lissom.errors import IntegrityError, UsageError
from lissom.rootfs.entry import Kind
from unit.distroless.fake_debs import assembled, deb, text


def test_nobody_gains_rights_by_what_a_package_brings(tmp_path):
    files = {"usr/bin/su 4755": b"su", "usr/bin/wall 2755": b"wall", "var/lib/open": 0o1777, "var/local": 0o2775}
    made = assembled(tmp_path, deb(tmp_path, "a", files))
    assert made.entries["usr/bin/su"].mode == 0o755
    assert made.entries["usr/bin/wall"].mode == 0o755
    open_to_all = [path for path, one in made.entries.items() if one.kind is not Kind.SYMLINK and one.mode & 0o7022]
    assert open_to_all == ["tmp"]


def test_what_the_spec_says_is_done_as_it_says(tmp_path):
    spec = Spec(directories=(Directory("/data", 0o1777, 5, 6),), files=(File("/etc/motd", b"hi", 0o600, 1, 2),))
    made = assembled(tmp_path, spec=spec)
    data, motd = made.entries["data"], made.entries["etc/motd"]
    assert (data.mode, data.uid, data.gid) == (0o1777, 5, 6)
    assert (motd.mode, motd.uid, motd.gid, text(made, "etc/motd")) == (0o600, 1, 2, "hi")
    assert made.origins["data"].reason == "stated in the spec"


def test_old_and_new_paths_are_one_tree(tmp_path):
    one = deb(tmp_path, "a", {"bin/a": b"a", "lib/x/liba.so.1": b"l", "var/run/a": 0o755, "var/tmp": 0o1777})
    two = deb(tmp_path, "b", {"usr/bin/b": b"b"})
    made = assembled(tmp_path, one, two)
    assert {"usr/bin/a", "usr/bin/b", "usr/lib/x/liba.so.1", "run/a"} <= made.entries.keys()
    assert {made.entries[name].link for name in ("bin", "lib", "sbin")} == {"usr/bin", "usr/lib", "usr/sbin"}
    assert made.entries["var/tmp"].link == "../tmp"
    assert made.origins["usr/bin/a"].package == "a"


def test_what_the_spec_states_goes_where_links_lead(tmp_path):
    spec = Spec(
        files=(File("/bin/a", b"a", 0o755),),
        links=(("/lib/libb.so", "libc.so"),),
        directories=(Directory("/var/run/d", 0o700), Directory("/sbin", 0o711)),
        users=(Account("app", 1000, 1000, "/var/run/app"),),
    )
    made = assembled(tmp_path, spec=spec)
    assert {"usr/bin/a", "usr/lib/libb.so", "run/d", "run/app"} <= made.entries.keys()
    assert made.entries["sbin"].link == "usr/sbin"
    assert made.entries["usr/sbin"].mode == 0o711


def test_a_link_does_not_take_a_directorys_place(tmp_path):
    one = deb(tmp_path, "a", {"usr/share/x": 0o755, "usr/share/x/y": b"y"})
    two = deb(tmp_path, "b", {"usr/share/x": "@../z"})
    made = assembled(tmp_path, one, two)
    assert made.entries["usr/share/x"].is_directory


def test_a_file_below_a_link_is_refused(tmp_path):
    spec = Spec(links=(("/opt", "srv"),), files=(File("/opt/a", b""),))
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, spec=spec)
    assert caught.value.message == "cannot make `/opt/a`: `/opt` is a symbolic link"


def test_a_file_below_a_file_is_refused(tmp_path):
    one = deb(tmp_path, "a", {"etc/x/y": b"y"})
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, one, spec=Spec(files=(File("/etc/x", b""),)))
    assert caught.value.message == "cannot make `/etc/x/y`: `/etc/x` is no directory"


def test_records_speak_of_what_is_there(tmp_path):
    sums = {data: hashlib.md5(data).hexdigest() for data in (b"a", b"doc", b"b")}
    listed = f"{sums[b'a']}  bin/a\n{sums[b'doc']}  usr/share/doc/a/README\n{sums[b'b']}  usr/bin/b\n"
    files = {"bin/a": b"a", "usr/share/doc/a/README": b"doc", "usr/bin/b": b"b"}
    one = deb(tmp_path, "a", files, {"md5sums": listed})
    two = deb(tmp_path, "b", {"usr/bin/b": b"another"}, Replaces="a")
    made = assembled(tmp_path, one, two)
    assert text(made, "var/lib/dpkg/status.d/a.md5sums") == f"{sums[b'a']}  bin/a\n"
    assert "\nStatus: install ok installed\nVersion: 1\n" in text(made, "var/lib/dpkg/status.d/a")
    assert made.origins["var/lib/dpkg/status.d/a"].package == "a"


@pytest.mark.parametrize(("replaces", "content"), [("b", "a"), ("b (<< 2)", "a"), ("b (<< 1)", "b"), ("c", "b")])
def test_the_file_of_the_package_that_replaces_stays(tmp_path, replaces, content):
    one = deb(tmp_path, "a", {"usr/bin/x": b"a"}, Replaces=replaces)
    made = assembled(tmp_path, one, deb(tmp_path, "b", {"bin/x": b"b"}))
    assert text(made, "usr/bin/x") == content
    assert made.origins["usr/bin/x"].package == content


def test_clocks_show_utc_where_there_are_zones(tmp_path):
    made = assembled(tmp_path, deb(tmp_path, "tzdata", {"usr/share/zoneinfo/Etc/UTC": b"TZif"}))
    assert made.entries["etc/localtime"].link == "/usr/share/zoneinfo/Etc/UTC"
    assert text(made, "etc/timezone") == "Etc/UTC\n"
    assert "etc/localtime" not in assembled(tmp_path).entries


def test_hard_links_stay_one_file(tmp_path):
    made = assembled(tmp_path, deb(tmp_path, "a", {"usr/a": b"a", "usr/b": "=usr/a"}))
    assert made.entries["usr/a"].inode == made.entries["usr/b"].inode != ""


BUSYBOX = b"\x7fELF busybox\0[\0[[\0ls\0sh\0\0more"


def test_a_shell_for_debugging_is_out_of_the_way(tmp_path):
    made = assembled(tmp_path, deb(tmp_path, "busybox-static", {"bin/busybox 4755": BUSYBOX}), spec=Spec(debug=True))
    names = {path for path in made.entries if path.startswith("busybox/")}
    assert names == {f"busybox/{name}" for name in ("[", "[[", "busybox", "ls", "sh")}
    assert len({made.entries[name].inode for name in names}) == 1
    assert made.entries["busybox/sh"].mode == 0o755
    assert "usr/bin/busybox" not in made.entries


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (b"no list", "cannot make applets of `/usr/bin/busybox`: it holds no list of them"),
        (b"\0[\0[[\0../x\0\0", "cannot make applets of `/usr/bin/busybox`: its list of them is damaged"),
    ],
)
def test_a_busybox_without_a_good_list_is_refused(tmp_path, program, message):
    with pytest.raises(IntegrityError) as caught:
        assembled(tmp_path, deb(tmp_path, "busybox-static", {"bin/busybox": program}), spec=Spec(debug=True))
    assert caught.value.message == message
