"""What surrounds the run of maintainer scripts: settings that are refused, accounts, what is kept, origins."""

import pytest

from lissom.distroless.archive.deb import Deb
from lissom.distroless.archive.sources import Source
from lissom.distroless.configured.accounts import configured_accounts
from lissom.distroless.configured.bootstrap import bootstrap
from lissom.distroless.configured.configure import check_configurable
from lissom.distroless.configured.hygiene import is_kept, settings
from lissom.distroless.configured.origins import configured_origins
from lissom.distroless.configured.tree import finished
from lissom.distroless.spec.spec import Account, Java, Spec, Wish
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.assembled import Origin
from lissom.distroless.tree.draft import completed, file, link
from lissom.errors import UsageError
from lissom.rootfs.tree import Tree
from unit.distroless.fake_debs import deb

FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nwww:x:33:33:www:/var/www:/sbin/nologin\n+\n",
    "etc/group": "root:x:0:\nwww:x:33:\n",
    "etc/shadow": "root:*:19000:0:99999:7:::\nwww:*:19000:0:99999:7:::\n",
    "etc/gshadow": "root:*::\nwww:!::\n",
}


def there(*left_out):
    return {path: file(path, text, 0o640) for path, text in FILES.items() if path not in left_out}


def accounts(entries=None, **spec):
    found = configured_accounts(Spec(**spec), there() if entries is None else entries, 20_000 * 86_400 + 5)
    return {entry.path: entry for entry in found}


def text(entry):
    with entry.content.open() as stream:
        return stream.read().decode()


def test_accounts_are_added_to_those_that_are_there():
    made = accounts(
        users=(Account("app", 1000, 1000, "/home/app", "/bin/sh"), Account("job", 1001, 33)),
        groups=(Account("extra", 2000), Account("www", 33)),
    )
    assert text(made["etc/passwd"]) == (
        FILES["etc/passwd"] + "app:x:1000:1000::/home/app:/bin/sh\njob:x:1001:33::/nonexistent:/sbin/nologin\n"
    )
    assert text(made["etc/group"]) == FILES["etc/group"] + "extra:x:2000:\napp:x:1000:\n"
    assert text(made["etc/shadow"]) == FILES["etc/shadow"] + "app:!:20000:0:99999:7:::\njob:!:20000:0:99999:7:::\n"
    assert text(made["etc/gshadow"]) == FILES["etc/gshadow"] + "extra:!::\napp:!::\n"
    assert made["etc/shadow"].mode == 0o640
    home = made["home/app"]
    assert (home.mode, home.uid, home.gid) == (0o755, 1000, 1000)
    assert made.keys() == FILES.keys() | {"home/app"}


def test_a_user_who_is_there_gets_the_specs_home_and_shell():
    made = accounts(users=(Account("www", 33, 33, "/srv", "/bin/sh"),))
    assert "www:x:33:33::/srv:/bin/sh\n" in text(made["etc/passwd"])
    assert text(made["etc/shadow"]) == FILES["etc/shadow"]


def test_members_are_added_to_groups():
    made = accounts(users=(Account("app", 5, 33, groups=("root", "www")), Account("job", 6, 33, groups=("www",))))
    assert text(made["etc/group"]) == "root:x:0:app\nwww:x:33:app,job\n"


def test_files_that_are_not_there_are_not_needed():
    made = accounts(there("etc/shadow", "etc/gshadow"), users=(Account("app", 1000, 1000),))
    assert made.keys() == {"etc/passwd", "etc/group"}
    assert text(accounts({}, groups=(Account("a", 5),))["etc/group"]) == "a:x:5:\n"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"users": (Account("app", 33),)}, "cannot add user `app`: uid 33 is `www`'s"),
        ({"users": (Account("www", 34, 33),)}, "cannot add user `www`: it is there with uid 33"),
        ({"groups": (Account("app", 33),)}, "cannot add group `app`: gid 33 is `www`'s"),
        ({"users": (Account("www2", 1, 7), Account("a", 1))}, "cannot add user `a`: uid 1 is `www2`'s"),
        (
            {"users": (Account("a", 1, 33, groups=("none",)),)},
            "cannot add user `a` to group `none`: there is no group of this name",
        ),
        (
            {"users": (Account("a", 1, 33, "/home/../b"),)},
            "cannot add user `a`: home `/home/../b` is not a clean absolute path",
        ),
    ],
)
def test_accounts_of_others(spec, message):
    with pytest.raises(UsageError) as caught:
        accounts(**spec)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (Spec(pyc=True), "cannot use `pyc` together with `configure`: Python's own scripts compile its modules"),
        (
            Spec(java=Java(("java.base",))),
            "cannot use `java` together with `configure`: scripts set Java up as Debian has it",
        ),
        (Spec(debug=True), "cannot use `debug` together with `configure`: a full base has a shell"),
        (
            Spec(packages=(Wish("libc6", slices=("libs",)),)),
            "cannot configure slices of `libc6`: scripts count on all of a package",
        ),
    ],
)
def test_settings_without_meaning_are_refused(spec, message):
    check_configurable(Spec(trim=("docs",), users=(Account("a", 1),), packages=(Wish("libc6"),), ca=("x",)))
    with pytest.raises(UsageError) as caught:
        check_configurable(spec)
    assert caught.value.message == message


def data(tmp_path, name, files):
    (tmp_path / "plain").mkdir()
    return Deb.open(deb(tmp_path, name, files)[1]).data(tmp_path / "plain")


def test_scripts_need_a_shell_and_dpkg(tmp_path):
    dash = data(tmp_path, "dash", {"usr/bin/dash": b"", "bin/sh": "@dash"})
    with pytest.raises(UsageError, match="no essential package of the image has `/usr/bin/dpkg`") as caught:
        bootstrap([dash], "amd64")
    assert caught.value.hint == "`bootstrap: essential` adds what scripts count on"


def test_essential_files_are_laid_out_with_empty_records(tmp_path):
    files = {"usr/bin/dpkg 755": b"", "bin/sh": "@dash"}
    made = bootstrap([data(tmp_path, "all", files)], "amd64").entries
    assert made["usr/bin/sh"].link == "dash"
    assert made["bin"].link == "usr/bin"
    assert made["var/lib/dpkg/status"].size == 0


def test_links_of_merged_usr_are_base_files_own_where_it_has_them(tmp_path):
    files = {"usr/bin/dpkg 755": b"", "bin": "@usr/bin", "usr/bin/sh": "@dash", "lib": "@usr/lib"}
    made = bootstrap([data(tmp_path, "base-files", files)], "amd64").entries
    assert {path for path in made if "/" not in path} == {"bin", "dev", "lib", "usr", "var"}


def test_traces_of_the_making_are_not_kept():
    gone = ["run/x", "tmp/a/b", "etc/hostname", "var/log/dpkg.log", "var/lib/dpkg/status-old", "root/.bash_history"]
    stays = ["run", "run/lock", "tmp", "var/log", "var/log/nginx/error.log", "etc/passwd", "var/lib/apt/lists/partial"]
    assert [path for path in gone + stays if is_kept(path)] == stays


def test_sources_are_those_of_the_image_not_of_the_machine(tmp_path):
    (tmp_path / "own").write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    sources = (
        Source("http://archive.example/debian", "bookworm", ("main",), ("/usr/share/keyrings/debian.gpg",)),
        Source("http://own.example", "./", (), (str(tmp_path / "own"),), check_valid_until=False),
        Source("http://third.example", "x", ("a", "b"), ("-----BEGIN PGP\n\nabc\n-----END",)),
    )
    entries = {path: file(path, "") for path in ("usr/share/keyrings/debian.gpg", "usr/bin/apt-get")}
    made = {one.path: one for one in settings(Spec(), Supply("amd64", (), (), {}, 0, sources), entries)}
    assert text(made["etc/apt/sources.list.d/debian.sources"]) == (
        "Types: deb\nURIs: http://archive.example/debian\nSuites: bookworm\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian.gpg\n\n"
        "Types: deb\nURIs: http://own.example\nSuites: ./\nSigned-By: /etc/apt/keyrings/spec-0.asc\n"
        "Check-Valid-Until: no\n\n"
        "Types: deb\nURIs: http://third.example\nSuites: x\nComponents: a b\n"
        "Signed-By: \n -----BEGIN PGP\n .\n abc\n -----END\n"
    )
    assert text(made["etc/apt/keyrings/spec-0.asc"]).startswith("-----BEGIN PGP")
    assert "usr/share/keyrings/debian.gpg" not in made
    (tmp_path / "own").unlink()
    with pytest.raises(UsageError, match=r"cannot put keyring `.+/own` into the image: No such file or directory"):
        settings(Spec(), Supply("amd64", (), (), {}, 0, sources), entries)
    without = settings(Spec(), Supply("amd64", (), (), {}, 0, sources), {})
    assert [one.path for one in without if one.path.startswith("etc/apt")] == []


KEY = "-----BEGIN PRIVATE KEY-----\n" + "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49" * 3 + "\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(("excluded", "told"), [((), True), (("/etc/ssh/*",), False)])
def test_a_secret_that_a_script_made_is_told_or_left_out(excluded, told):
    made = (file("etc/ssh/key", KEY), file("etc/ssh/other", KEY), file("usr/share/sample", KEY))
    info = file("var/lib/dpkg/info/sample.list", "/usr/share/sample\n")
    status = file("var/lib/dpkg/status", "Package: sample\nStatus: install ok installed\nVersion: 1\n")
    tree = Tree(completed({entry.path: entry for entry in (*made, info, status)}).entries)
    events = []
    spec, supplied = Spec(exclude=excluded, keep=("/etc/ssh/config",)), Supply("amd64", (), (), {}, 0, ())
    found = finished(spec, supplied, tree, (), timestamp=0, listener=events.append)
    assert ("etc/ssh/key" in found.entries) == told
    assert "usr/share/sample" in found.entries
    message = "a maintainer script made `/etc/ssh/key` and 1 more: every container will have the same private key"
    assert [event.message for event in events] == [message] * told


def test_origins_are_what_dpkg_says():
    info = "var/lib/dpkg/info"
    status = "Package: mawk\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n"
    tree = Tree(
        completed(
            {
                entry.path: entry
                for entry in (
                    link("bin", "usr/bin"),
                    file("usr/bin/mawk", "x"),
                    link("usr/bin/awk", "/etc/alternatives/awk"),
                    link("etc/alternatives/awk", "/usr/bin/mawk"),
                    file("etc/passwd", ""),
                    file("var/lib/dpkg/status", status),
                    file(f"{info}/mawk.list", "/.\n/bin\n/bin/mawk\n/usr/share/gone\n"),
                )
            }
        ).entries
    )
    chosen = Origin("mawk", "an alternative, chosen by a maintainer script")
    made = Origin(reason="made by a maintainer script")
    known = {path: Origin(reason="the frame's") for path in ("bin", "usr/bin/mawk", "elsewhere")}
    found = configured_origins(tree, known)
    assert {path: one for path, one in found.items() if not tree[path].is_directory} == {
        "bin": Origin(reason="the frame's"),
        "usr/bin/mawk": Origin("mawk"),
        "usr/bin/awk": chosen,
        "etc/alternatives/awk": chosen,
        "etc/passwd": made,
        "var/lib/dpkg/status": Origin(reason="dpkg's own record"),
        f"{info}/mawk.list": Origin("mawk", "the package's record"),
    }
