"""Records that list exactly what stays."""

from lissom.analysis.packages import read_packages
from lissom.rootfs.entry import Inline
from lissom.rootfs.tree import Changeset, Tree
from lissom.slim.records import record_paths, reduced, staying
from memory_images import a_file, a_link

INFO = "var/lib/dpkg/info"
SITE = "usr/lib/python3/site-packages"


def tree(files, *others):
    entries = [*others, *(a_file(path, text.encode("utf-8", "surrogateescape")) for path, text in files.items())]
    return Tree().apply(Changeset.of(entries))


def cut(whole, kept):
    """What ``reduced`` makes, as texts."""
    found = reduced(whole, read_packages(whole), set(kept))
    return {path: entry and entry.content.data.decode("utf-8", "surrogateescape") for path, entry in found.items()}


SH = "Package: dash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDescription: Zwölf\n .\n more"
LIBC = "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2"
GONE = "Package: perl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5"

DEBIAN = tree(
    {
        "var/lib/dpkg/status": f"{SH}\n\n{LIBC}\n\n{GONE}\n",
        f"{INFO}/dash.list": "/.\n/bin\n/bin/sh\n/usr/share/doc/dash\n/usr/share/doc/dash/copyright\n/bin/dash\n",
        f"{INFO}/dash.md5sums": f"{'0' * 32}  bin/dash\n{'1' * 32}  usr/share/doc/dash/copyright\n",
        f"{INFO}/dash.postinst": "",
        f"{INFO}/libc6:amd64.list": "/lib/libc.so\n/lib/other\udcff.so\n",
        f"{INFO}/perl.list": "/usr/bin/perl\n/usr/share/doc/perl/copyright\n",
        "usr/bin/dash": "",
        "usr/bin/perl": "",
        "usr/lib/libc.so": "",
        "usr/lib/other\udcff.so": "",
        "usr/share/doc/dash/copyright": "",
        "usr/share/doc/perl/copyright": "",
        "usr/lib/os-release": "",
        "etc/debian_version": "",
    },
    a_link("bin", "usr/bin"),
    a_link("lib", "usr/lib"),
    a_link("usr/bin/sh", "dash"),
    a_link("etc/os-release", "../usr/lib/os-release"),
)
KEPT = {
    "",
    "bin",
    "lib",
    "usr/bin",
    "usr/bin/sh",
    "usr/bin/dash",
    "usr/lib/other\udcff.so",
    "usr/share/doc/perl/copyright",
}


def test_the_status_file_has_the_paragraphs_of_what_stays():
    texts = cut(DEBIAN, KEPT)
    assert texts["var/lib/dpkg/status"] == f"{SH}\n\n{LIBC}\n\n"
    assert texts[f"{INFO}/dash.list"] == "/.\n/bin\n/bin/sh\n/bin/dash\n"
    assert texts[f"{INFO}/dash.md5sums"] == f"{'0' * 32}  bin/dash\n"
    assert texts[f"{INFO}/libc6:amd64.list"] == "/lib/other\udcff.so\n"
    assert texts[f"{INFO}/perl.list"] is None
    assert f"{INFO}/dash.postinst" not in texts


def test_a_package_does_not_stay_for_its_documentation():
    packages = read_packages(DEBIAN)
    assert [package.name for package in staying(packages, KEPT)] == ["dash", "libc6"]
    assert [package.name for package in staying(packages, {"bin", "usr/share/doc/perl/copyright"})] == []
    assert cut(DEBIAN, {""})["var/lib/dpkg/status"] is None


def test_attributes_are_as_before():
    status = a_file("var/lib/dpkg/status", f"{SH}\n\n{LIBC}\n".encode(), mode=0o600, uid=7, mtime=9, inode="i")
    whole = tree({f"{INFO}/dash.list": "/dash\n", "dash": ""}, status)
    entry = reduced(whole, read_packages(whole), {"dash"})["var/lib/dpkg/status"]
    data = f"{SH}\n\n".encode()
    assert (entry.mode, entry.uid, entry.mtime, entry.size, entry.inode) == (0o600, 7, 9, len(data), "")
    assert entry.content == Inline(data)


def test_what_must_stay_for_anybody_to_see_it():
    assert record_paths(read_packages(DEBIAN), KEPT) == {
        "var/lib/dpkg/status", "etc/os-release", "usr/lib/os-release", "etc/debian_version",
        "usr/share/doc/dash/copyright",
    }  # fmt: skip
    assert record_paths(read_packages(tree({"app": ""})), {"app"}) == frozenset()


def test_a_status_directory_loses_the_files_of_what_is_gone():
    where = "var/lib/dpkg/status.d"
    files = {f"{where}/{name}": f"Package: {name}\nVersion: 1\n" for name in ("a", "b")}
    files |= {f"{where}/{name}.md5sums": f"{'0' * 32}  usr/{name}\n{'0' * 32}  usr/{name}2\n" for name in ("a", "b")}
    whole = tree({**files, "usr/a": "", "usr/a2": "", "usr/b": ""})
    assert cut(whole, {"usr/a"}) == {
        f"{where}/a": files[f"{where}/a"],
        f"{where}/a.md5sums": f"{'0' * 32}  usr/a\n",
        f"{where}/b": None,
        f"{where}/b.md5sums": None,
    }
    assert record_paths(read_packages(whole), {"usr/a"}) == {f"{where}/a", f"{where}/a.md5sums"}


def test_apks_keep_the_lines_of_what_stays():
    musl = "C:Q1\nP:musl\nV:1\nF:lib\nM:0:0:755\nR:libc.so\na:0:0:755\nZ:Q1x\nR:extra\nZ:Q1y\nF:usr\nF:usr/empty\nM:0:0:1777\n\n"
    whole = tree(
        {"lib/apk/db/installed": f"{musl}P:gone\nV:2\nF:bin\nR:x\n\n", "lib/libc.so": "", "lib/extra": "", "bin/x": ""}
    )
    assert cut(whole, {"lib", "lib/libc.so"}) == {
        "lib/apk/db/installed": "C:Q1\nP:musl\nV:1\nF:lib\nM:0:0:755\nR:libc.so\na:0:0:755\nZ:Q1x\n\n"
    }


def test_a_python_record_lists_the_files_that_stay():
    info = f"{SITE}/x-1.dist-info"
    record = (
        f'x/__init__.py,sha256=a,1\r\n"x/a,b.py",,\r\nx/gone.py,,\r\n../../../bin/x,,\r\n{"x-1.dist-info"}/RECORD,,\r\n'
    )
    whole = tree(
        {
            f"{info}/RECORD": record,
            f"{info}/METADATA": "Name: x\nVersion: 1\n",
            f"{info}/WHEEL": "",
            f"{SITE}/x/__init__.py": "",
            f"{SITE}/x/a,b.py": "",
            f"{SITE}/x/gone.py": "",
            "usr/bin/x": "",
        }
    )
    kept = {f"{SITE}/x/__init__.py", f"{SITE}/x/a,b.py", f"{info}/RECORD"}
    assert cut(whole, kept) == {
        f"{info}/RECORD": record.replace("x/gone.py,,\r\n", "").replace("../../../bin/x,,\r\n", "")
    }
    assert cut(whole, kept - {f"{info}/RECORD"}) == {}
    assert record_paths(read_packages(whole), kept) == {f"{info}/RECORD", f"{info}/METADATA"}


def test_a_directory_that_a_link_leads_to_is_cut_down_too():
    real = "usr/lib/sysimage/dpkg"
    whole = tree(
        {f"{real}/status": f"{SH}\n\n{LIBC}\n", f"{real}/info/dash.list": "/dash\n/b\n", "dash": "", "b": ""},
        a_link("var/lib/dpkg", f"/{real}"),
    )
    assert cut(whole, {"dash"}) == {f"{real}/status": f"{SH}\n\n", f"{real}/info/dash.list": "/dash\n"}
