"""What a tree is put together of."""

import hashlib

import pytest

from inventory_scenes import APP, DEBIAN, SITE
from lissom.analysis.inventory.component import Maintainer, Making
from lissom.analysis.inventory.details import address, web_page
from lissom.analysis.inventory.reader import Named, read_inventory
from lissom.analysis.packages import read_packages
from rule_scenes import tree_of

IMAGE = Named("app:1", f"sha256:{'0' * 64}", "pkg:oci/app", 7)


def inventory(tree, made=(), **more):
    return read_inventory(read_packages(tree_of(tree)), IMAGE, made=dict(made), **more)


def by_name(found):
    return {one.name: one for one in found.components}


def names(found, refs):
    return [one.name for one in found.components if one.ref in refs]


def test_every_kind_is_there_with_its_url():
    found = inventory({**DEBIAN, **APP})
    assert sorted(one.purl for one in found.components) == [
        "",
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12&upstream=glibc",
        "pkg:deb/debian/libgcc-s1@12.2.0-14%2Bb1?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14",
        "pkg:deb/debian/python3-six@1.16.0-4?arch=all&distro=debian-12&upstream=six",
        "pkg:gem/rack@3.0.0",
        "pkg:maven/org.example/widget@1.2",
        "pkg:maven/org.inner/inner@2.0",
        "pkg:npm/%40babel/core@7.0.0",
        "pkg:npm/left-pad@1.3.0",
        "pkg:npm/my-app@0.1.0",
        "pkg:pypi/flask@3.0.0",
        "pkg:pypi/six@1.16.0",
    ]
    assert [one.ref for one in found.components] == sorted({one.ref for one in found.components})


def test_a_deb_says_who_made_it_of_what():
    libc = by_name(inventory(DEBIAN))["libc6"]
    assert libc.source == "glibc 2.36-9+deb12u14"
    assert libc.maintainer == Maintainer("GNU Libc Maintainers", "debian-glibc@lists.debian.org")
    assert libc.maintainer.many
    assert not by_name(inventory(DEBIAN))["libgcc-s1"].maintainer.many
    assert libc.homepage == "https://www.gnu.org/software/libc/libc.html"
    assert (libc.summary, libc.found) == ("GNU C Library", "/var/lib/dpkg/status.d/libc6")
    six = by_name(inventory({**DEBIAN, f"{SITE}/six-1.16.0.egg-info/PKG-INFO": ""}))["python3-six"]
    assert six.licence.expression == "MIT AND LicenseRef-custom-one"


def test_languages_say_so_too():
    found = by_name(inventory({**DEBIAN, **APP}))
    flask, pad, rack = found["Flask"], found["left-pad"], found["rack"]
    assert (flask.licence.expression, flask.homepage, flask.summary) == (
        "BSD-3-Clause", "https://flask.example/", "A framework",
    )  # fmt: skip
    assert flask.maintainer == Maintainer("Pallets", "contact@palletsprojects.com")
    assert (pad.licence.expression, pad.maintainer) == ("WTFPL", Maintainer("azer", "azer@example.org"))
    assert (rack.licence.expression, rack.maintainer.name) == ("MIT", "Leah Neukirchen")
    assert found["my-app"].licence.expression == "ISC"


def test_needs_and_parts_are_told_by_refs():
    found = inventory({**DEBIAN, **APP})
    part = by_name(found)
    assert names(found, part["libc6"].requires) == ["libgcc-s1"]
    assert names(found, part["libgcc-s1"].requires) == ["libc6"]
    assert names(found, part["Flask"].requires) == ["six"]
    assert names(found, part["my-app"].requires) == ["left-pad"]
    assert names(found, part["python3-six"].holds) == ["six"]
    assert names(found, part["widget"].holds) == ["inner"]
    assert {one.name for one in found.loose} == set(part) - {"six", "inner"}


def test_the_package_of_each_file_and_its_digests():
    found = inventory({**DEBIAN, **APP, "etc/own": "mine"}, files=True)
    (libc,) = [file for file in by_name(found)["libc6"].files if file.path == "/usr/lib/libc.so.6"]
    assert libc.sha256 == hashlib.sha256(b"libc").hexdigest()
    assert libc.sha1 == hashlib.sha1(b"libc").hexdigest()
    assert [file.path for file in by_name(found)["widget"].files] == ["/app/lib/widget-1.2.jar"]
    assert "/etc/own" in [file.path for file in found.files]
    every = [file.path for one in (found, *found.components) for file in one.files]
    assert sorted(every) == sorted(f"/{path}" for path in {**DEBIAN, **APP, "etc/own": ""})


def test_without_the_wish_no_file_is_read():
    found = inventory(DEBIAN)
    assert not any(one.files for one in (found, *found.components))


def test_what_is_known_of_how_debs_came_in():
    known = Making("ab", "3 files (trim)")
    made = {("libc6", "2.36-9+deb12u14", "amd64"): known, ("libgcc-s1", "2", "amd64"): Making("cd")}
    found = by_name(inventory(DEBIAN, made))
    assert (found["libc6"].making, found["libgcc-s1"].making) == (known, Making())


def test_the_same_package_in_two_places_is_two_parts():
    files = {f"{place}/node_modules/x/package.json": '{"name": "x", "version": "1"}' for place in ("a", "b")}
    refs = [one.ref for one in inventory(files).components]
    assert len(refs) == len(set(refs)) == 2


def test_alpines_packages():
    record = "P:musl\nV:1.2.5-r0\nA:x86_64\nT:the C library\nU:https://musl.libc.org/\nL:MIT\no:musl\nm:A <a@b.org>\n\n"
    record += "P:musl-utils\nV:1.2.5-r0\nA:x86_64\nL:MIT AND BSD-2-Clause AND GPL-2.0-or-later\no:musl\nD:musl\n\n"
    found = inventory({"lib/apk/db/installed": record, "etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n"})
    musl, utils = by_name(found)["musl"], by_name(found)["musl-utils"]
    assert utils.purl == "pkg:apk/alpine/musl-utils@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1&upstream=musl"
    assert utils.licence.expression == "MIT AND BSD-2-Clause AND GPL-2.0-or-later"
    assert utils.requires == (musl.ref,)
    assert musl.maintainer == Maintainer("A", "a@b.org")


@pytest.mark.parametrize(
    ("files", "purl"),
    [
        ({"usr/local/bin/node": b"\x7fELF..node.js/v20.1.2\0"}, "pkg:generic/node@20.1.2"),
        (
            {
                "opt/node/bin/node": b"",
                "opt/node/include/node/node_version.h": "#define NODE_MAJOR_VERSION 18\n#define NODE_MINOR_VERSION 2\n"
                "#define NODE_PATCH_VERSION 3\n",
            },
            "pkg:generic/node@18.2.3",
        ),
        ({"usr/local/lib/libpython3.12.so.1.0": b"x\x003.12.4\0y"}, "pkg:generic/python@3.12.4"),
        ({"usr/local/bin/python3.12": b"/opt/3.12.4rc1\0"}, "pkg:generic/python@3.12.4rc1"),
        (
            {"opt/jdk/release": 'JAVA_VERSION="17.0.9"\nJAVA_RUNTIME_VERSION="17.0.9+9"\n', "opt/jdk/lib/modules": ""},
            "pkg:generic/openjdk@17.0.9%2B9",
        ),
    ],
)
def test_runtimes_that_came_without_a_package(files, purl):
    assert [one.purl for one in inventory(files).components] == [purl]


@pytest.mark.parametrize(
    ("said", "name", "mail"),
    [
        ("Jane Doe <jane@example.org>", "Jane Doe", "jane@example.org"),
        ('"Doe, Jane" <jane@example.org> (x)', "Doe, Jane", "jane@example.org"),
        ("jane@example.org", "jane@example.org", "jane@example.org"),
        ("<jane@example.org>", "jane@example.org", "jane@example.org"),
        ("Jane <not a mail>", "Jane", ""),
        ("Jane <jane@example.org", "Jane", "jane@example.org"),
        ("Two\nLines", "Two", ""),
    ],
)
def test_who_somebody_is(said, name, mail):
    assert address(["", " <> ", said]) == Maintainer(name, mail)


@pytest.mark.parametrize(
    ("said", "page"),
    [
        (" https://a.example/b?c#d ", "https://a.example/b?c#d"),
        ("http://a.example:80", "http://a.example:80"),
        ("ftp://a.example/", ""),
        ("javascript:alert(1)", ""),
        ("https://a b/", ""),
        ("https://ä.example/", ""),
        ("https://a.example/" + "x" * 2000, ""),
    ],
)
def test_pages_are_addresses_that_pass_as_such(said, page):
    assert web_page("", said) == page


def test_a_runtime_of_a_package_is_that_package():
    files = {
        f"{DEBIAN_NODE}/nodejs": "Package: nodejs\nVersion: 18\nArchitecture: amd64\n",
        f"{DEBIAN_NODE}/nodejs.md5sums": "0123456789abcdef0123456789abcdef  usr/bin/node\n",
        "usr/bin/node": b"node.js/v18.0.0",
    }
    assert [one.name for one in inventory(files).components] == ["nodejs"]


DEBIAN_NODE = "var/lib/dpkg/status.d"


def test_what_names_no_runtime_is_none():
    files = {"usr/bin/node": b"no version", "usr/bin/python3.11": b"", "opt/release": 'JAVA_VERSION="1"\n'}
    assert inventory(files).components == ()
