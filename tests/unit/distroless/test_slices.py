import pytest

from lissom.distroless.spec.slices import LIBRARY, library, parse_slices, sliced
from lissom.distroless.spec.spec import Wish
from lissom.errors import DockerfileError, UsageError
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset

LIBC = "lib/x86_64-linux-gnu/libc.so.6"
LOADER = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"


def files(*paths, links=()):
    """A package as Debian 12 has them: some libraries are still outside /usr."""
    entries = {path: Entry(path, Kind.FILE, 0o644, size=1, content=Inline(b"x")) for path in paths}
    entries |= {path: Entry(path, Kind.SYMLINK, 0o777, link=target) for path, target in links}
    for path in list(entries):
        while path := path.rpartition("/")[0]:
            entries.setdefault(path, Entry(path, Kind.DIRECTORY, 0o755))
    return Changeset.of(entries.values())


PACKAGE = files(
    LIBC,
    LOADER,
    "lib/x86_64-linux-gnu/libmvec.so.1",
    "usr/lib/x86_64-linux-gnu/gconv/UTF-7.so",
    "usr/lib/x86_64-linux-gnu/gconv/deep/X.so",
    "usr/share/doc/libc6/copyright",
    "usr/share/doc/libc6/changelog.gz",
    links=[("lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")],
)


def taken(*slices, package=PACKAGE):
    kept = sliced(package, Wish("libc6", slices=slices)).entries.values()
    return {entry.path for entry in kept if not entry.is_directory} - {"usr/share/doc/libc6/copyright"}


def test_a_whole_package_is_left_as_it_is():
    assert sliced(PACKAGE, Wish("libc6")) is PACKAGE


@pytest.mark.parametrize("glob", ["/lib/*/libc.so.*", "/usr/lib/*/libc.so.*", "/usr/lib/**/libc.so.?"])
def test_both_spellings_of_the_merged_usr_fit(glob):
    assert taken(glob) == {LIBC}


def test_a_star_stays_within_one_name():
    assert taken("/usr/lib/*/gconv/*.so") == {"usr/lib/x86_64-linux-gnu/gconv/UTF-7.so"}


def test_a_directory_comes_with_all_that_is_in_it():
    assert taken("/usr/lib/*/gconv") == {
        "usr/lib/x86_64-linux-gnu/gconv/UTF-7.so",
        "usr/lib/x86_64-linux-gnu/gconv/deep/X.so",
    }


def test_a_link_brings_what_it_leads_to():
    assert taken("/usr/lib64/*") == {"lib64/ld-linux-x86-64.so.2", LOADER}


def test_copyright_and_parents_stay():
    kept = sliced(PACKAGE, Wish("libc6", slices=("/lib/*/libc.so.*",))).entries
    assert set(kept) == {
        "lib",
        "lib/x86_64-linux-gnu",
        LIBC,
        "usr",
        "usr/share",
        "usr/share/doc",
        "usr/share/doc/libc6",
        "usr/share/doc/libc6/copyright",
    }


def test_documentation_that_is_a_link_stays():
    package = files("usr/lib/libx.so.1", links=[("usr/share/doc/libx1", "libx-common")])
    assert "usr/share/doc/libx1" in sliced(package, Wish("libx1", slices=("/usr/lib/*",))).entries


def test_a_slice_of_the_library_and_what_it_needs():
    assert taken("libs", package=files(LIBC, "etc/ld.so.conf.d/x86_64-linux-gnu.conf")) == {
        LIBC,
        "etc/ld.so.conf.d/x86_64-linux-gnu.conf",
    }


def test_a_glob_that_fits_nothing_is_an_error():
    with pytest.raises(UsageError) as caught:
        taken("/usr/lib/x86_64-linux-gnu/libmvec.so.2")
    assert caught.value.message == (
        "cannot take slice `/usr/lib/x86_64-linux-gnu/libmvec.so.2` of package `libc6`: no path of the package fits"
    )
    assert caught.value.hint == "did you mean `/lib/x86_64-linux-gnu/libmvec.so.1`?"


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_library_is_read(path):
    assert library(path.stem)


ERRORS = {
    "an unknown setting": ("slices:\n  a: {path: [/x]}\n", "2:7: unknown setting `path`"),
    "no slices": ("{}", "1:1: `slices` is missing"),
    "an unknown slice": ("slices:\n  a: {paths: [/x], with: [b]}\n", "2:27: unknown slice `b`"),
    "an empty slice": ("slices:\n  a: {}\n", "2:3: this slice has neither `paths` nor `with`"),
    "a relative path": ("slices:\n  a: {paths: [x]}\n", "2:15: `x` is not a glob of absolute paths"),
    "no glob": ("slices:\n  a: {paths: ['/[x']}\n", "2:15: `/[x` is no glob: its `[` is never closed"),
}


@pytest.mark.parametrize("summary", ERRORS)
def test_errors_show_the_place(summary):
    text, message = ERRORS[summary]
    with pytest.raises(DockerfileError) as caught:
        parse_slices(text, "x.yaml")
    assert caught.value.message.startswith(f"x.yaml:{message}")
