"""``lissom why`` of images of packages: those that lissom made, and others."""

from __future__ import annotations

import json

import pytest

from lissom.distroless.evidence.provenance import LayerRow, Member, Present, Provenance
from lissom.distroless.evidence.provenance_json import put_provenance
from lissom.distroless.tree.assembled import LeftOut
from lissom.slim.account import Account, Kept, Side
from lissom.slim.account_json import put_account

STATUS = """Package: libc6
Status: install ok installed
Version: 2.36
Architecture: amd64
Depends: libgcc-s1

Package: libgcc-s1
Status: install ok installed
Version: 12
Architecture: amd64
"""


@pytest.fixture
def made(image_of, store) -> None:
    image = image_of({"usr/lib/libssl.so.3": b"1", "lib": "usr/lib"}, name="base:1")
    told = Provenance(
        "distroless/base",
        str(image.digest),
        packages=(
            Member("libssl3", "3.0.17", "amd64", "openssl", "libs", needed_by="curl", layer=1),
            Member("curl", "7.88", "amd64", "curl", "web", wish="curl: bins", layer=2),
        ),
        layers=(
            LayerRow("libssl3", ("libssl3",), "large", "sha256:0"),
            LayerRow("curl", ("curl",), "large", "sha256:1"),
        ),
        present=(
            Present("etc/ld.so.cache", reason="computed from the libraries", size=9, layer=2),
            Present("usr/lib", kind="directory", layer=1),
            Present("usr/lib/libssl.so.3", "libssl3", size=700, layer=1),
            Present("usr/share/doc/curl/copyright", "curl", size=3, layer=2),
        ),
        left_out=(
            LeftOut("usr/bin/curl-config", "curl", "not in the slices of curl: bins", 20),
            LeftOut("usr/share/doc/curl/NEWS", "curl", "trim: docs", 30),
            LeftOut("usr/share/java/jdk", "libssl3", "not in the linked Java runtime", 40),
        ),
    )
    put_provenance(store, told)


def test_a_file_has_its_package_and_who_needs_that(run_cli, made) -> None:
    ran = run_cli("why", "base:1", "/usr/lib/libssl.so.3", check=True)
    assert ran.out == (
        "/usr/lib/libssl.so.3 is there: 700B of libssl3 3.0.17, in layer 1 of 2\n"
        "  built from openssl, section libs\n"
        "\n"
        "  PACKAGE   VERSION   WHY\n"
        "  libssl3   3.0.17    curl needs it\n"
        "  curl      7.88      the spec asks for it: curl: bins\n"
    )
    assert run_cli("why", "base:1", "/lib/libssl.so.3", check=True).out == ran.out


def test_a_file_that_was_made_says_of_what(run_cli, made) -> None:
    assert run_cli("why", "base:1", "/etc/ld.so.cache", check=True).out == (
        "/etc/ld.so.cache is there: 9B, in layer 2 of 2\n  computed from the libraries\n"
    )


def test_what_was_left_out_says_how_to_have_it(run_cli, made) -> None:
    assert run_cli("why", "base:1", "/usr/share/doc/curl/NEWS", check=True).out == (
        "/usr/share/doc/curl/NEWS is not there: 30B of curl 7.88\n"
        "  trim: docs\n"
        "\n"
        '`keep: ["/usr/share/doc/curl/NEWS"]` in the spec keeps it\n'
    )
    slices = run_cli("why", "base:1", "/usr/bin/curl-config", check=True).out
    linked = run_cli("why", "base:1", "/usr/share/java/jdk", check=True).out
    assert linked == "/usr/share/java/jdk is not there: 40B of libssl3 3.0.17\n  not in the linked Java runtime\n"
    assert slices.endswith('\n"/usr/bin/curl-config" beside the slices of curl in the spec takes it\n')


def test_a_glob_lists_what_is_there_and_what_is_not(run_cli, made) -> None:
    assert run_cli("why", "base:1", "/usr/**/curl/*", check=True).out == (
        "PATH                            SIZE   PACKAGE   WHY\n"
        "/usr/share/doc/curl/NEWS        30B    curl      left out, trim: docs\n"
        "/usr/share/doc/curl/copyright   3B     curl      -\n"
        "\n"
        "1 are there (3B), 1 were left out (30B)\n"
    )


def test_json(run_cli, made) -> None:
    (row,) = json.loads(run_cli("why", "--json", "base:1", "/usr/lib/libssl.so.3", check=True).out)
    assert (row["stays"], row["package"], row["version"], row["source"], row["layer"]) == (
        True, "libssl3", "3.0.17", "openssl", 1,
    )  # fmt: skip
    assert [(one["package"], one["needed_by"], one["wish"]) for one in row["chain"]] == [
        ("libssl3", "curl", ""),
        ("curl", "", "curl: bins"),
    ]
    (row,) = json.loads(run_cli("why", "--json", "base:1", "/usr/share/doc/curl/NEWS", check=True).out)
    assert (row["stays"], row["reason"]) == (False, "trim: docs")


def test_the_account_of_a_slim_goes_first(run_cli, made, store) -> None:
    digest = str(store.resolve("base:1").digest)
    put_account(store, Account(Side("base:0", digest), Side("base:1", digest), "file", (Kept("usr/lib", "listed"),)))
    assert run_cli("why", "base:1", "/usr/lib", check=True).out.startswith("/usr/lib stays: ")


def test_an_unknown_path_exits_with_1(run_cli, made) -> None:
    ran = run_cli("why", "base:1", "/nowhere")
    assert (ran.code, ran.out) == (1, "/nowhere is not in `base:1`, nor was it left out of it\n")


def test_an_image_made_elsewhere_is_asked_for_its_records(run_cli, image_of) -> None:
    records = {"var/lib/dpkg/status": STATUS.encode(), "var/lib/dpkg/info/libgcc-s1.list": b"/usr/lib/libgcc.so\n"}
    image_of({"usr/lib/libgcc.so": b"12"} | records, {"opt/app": b"1"}, name="debian:1")
    assert run_cli("why", "debian:1", "/usr/lib/libgcc.so", check=True).out == (
        "/usr/lib/libgcc.so is there: 2B of libgcc-s1 12, in layer 1 of 2\n"
        "\n"
        "  PACKAGE     VERSION   WHY\n"
        "  libgcc-s1   12        libc6 needs it\n"
        "  libc6       2.36      no other package needs it\n"
    )
    assert run_cli("why", "debian:1", "/opt/app", check=True).out == (
        "/opt/app is there: 1B, in layer 2 of 2\n  no package has it\n"
    )
    assert run_cli("why", "debian:1", "/opt/nothing").code == 1
