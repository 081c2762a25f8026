import pytest

from elf_files import a_program, an_elf
from lissom.distroless.spec.spec import File, Spec
from lissom.errors import UsageError
from unit.distroless.fake_debs import assembled, deb

HERE = "usr/lib/x86_64-linux-gnu"
LIBC = {
    f"{HERE}/libc.so.6": an_elf(soname="libc.so.6"),
    f"{HERE}/ld-linux-x86-64.so.2": an_elf(soname="ld-linux-x86-64.so.2"),
    "lib64/ld-linux-x86-64.so.2": f"@/lib/{HERE.rpartition('/')[2]}/ld-linux-x86-64.so.2",
}
CURL = {"usr/bin/curl": a_program(needed=("libcurl.so.4", "libc.so.6"))}


def refused(tmp_path, *debs, **options):
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, deb(tmp_path, "libc6", LIBC), *debs, **options)
    first, *lines = caught.value.message.splitlines()
    assert first == "cannot lay out the image: libraries are missing"
    return lines


def test_the_package_that_should_have_the_library_is_named(tmp_path):
    depends = "libc6 (>= 2.36), libcurl4 (= 7.88.1-10), zlib1g (>= 1:1.1.4)"
    assert refused(tmp_path, deb(tmp_path, "curl", CURL, Depends=depends)) == [
        "  /usr/bin/curl needs libcurl.so.4, which libcurl4 should have: curl depends on it"
    ]


@pytest.mark.parametrize(
    ("library", "package"),
    [("libglib-2.0.so.0", "libglib2.0-0"), ("libgcc_s.so.1", "libgcc-s1"), ("libssl.so.3", "libssl3t64")],
)
def test_names_of_packages_are_made_of_libraries(tmp_path, library, package):
    program = deb(tmp_path, "a", {"usr/bin/a": a_program(needed=(library,))}, Depends=f"other | {package}")
    assert refused(tmp_path, program) == [f"  /usr/bin/a needs {library}, which {package} should have: a depends on it"]


def test_what_the_spec_itself_leaves_out_is_named(tmp_path):
    library = deb(tmp_path, "libcurl4", {f"{HERE}/libcurl.so.4": an_elf(soname="libcurl.so.4")})
    spec = Spec(exclude=(f"/{HERE}/libcurl*",))
    (line,) = refused(tmp_path, deb(tmp_path, "curl", CURL), library, spec=spec)
    assert line.startswith("  /usr/bin/curl needs libcurl.so.4, which is left out of libcurl4: ")


def test_a_link_to_nothing_is_no_library(tmp_path):
    library = deb(tmp_path, "libcurl4", {f"{HERE}/libcurl.so.4": "@libcurl.so.4.8.0"})
    assert refused(tmp_path, deb(tmp_path, "curl", CURL), library) == ["  /usr/bin/curl needs libcurl.so.4"]


def test_a_program_needs_its_loader(tmp_path):
    program = {"usr/bin/a": a_program(interpreter="/lib/ld-musl-x86_64.so.1")}
    assert refused(tmp_path, deb(tmp_path, "a", program)) == ["  /usr/bin/a needs /lib/ld-musl-x86_64.so.1"]


def test_the_loader_has_to_be_where_programs_look_for_it(tmp_path):
    files = {path: data for path, data in LIBC.items() if not path.startswith("lib64/")}
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, deb(tmp_path, "libc6", files), deb(tmp_path, "a", {"usr/bin/a": a_program()}))
    assert caught.value.message.splitlines()[1:] == ["  /usr/bin/a needs /lib64/ld-linux-x86-64.so.2"]


def test_long_lists_come_to_an_end(tmp_path):
    many = {f"usr/bin/a{number:02}": a_program(needed=("libx.so.1",)) for number in range(13)}
    lines = refused(tmp_path, deb(tmp_path, "a", many))
    assert len(lines) == 11
    assert lines[-1] == "  and 3 more"


@pytest.mark.parametrize(
    "files",
    [
        {f"{HERE}/libcurl.so.4": an_elf(soname="libcurl.so.4")},
        {"opt/curl/libcurl.so.4": an_elf(soname="libcurl.so.4")},
    ],
)
def test_what_is_there_is_found(tmp_path, files):
    told = []
    debs = [deb(tmp_path, "libc6", LIBC), deb(tmp_path, "curl", CURL), deb(tmp_path, "libcurl4", files)]
    assembled(tmp_path, *debs, listener=told.append)
    assert told == []


def test_a_library_of_the_specs_own_counts(tmp_path):
    spec = Spec(files=(File("/opt/libcurl.so.4", an_elf(soname="libcurl.so.4")),))
    made = assembled(tmp_path, deb(tmp_path, "libc6", LIBC), deb(tmp_path, "curl", CURL), spec=spec)
    assert "opt/libcurl.so.4" in made.entries


def test_a_plugin_may_lack_its_library(tmp_path):
    told = []
    plugin = deb(tmp_path, "a", {"usr/lib/a/plugins/tk.so": an_elf(needed=("libtk8.6.so",))})
    assembled(tmp_path, plugin, listener=told.append)
    (event,) = told
    assert event.message.splitlines() == [
        "libraries are missing that are loaded on demand",
        "  /usr/lib/a/plugins/tk.so needs libtk8.6.so",
    ]


@pytest.mark.parametrize(
    "files", [{"usr/bin/a": a_program(machine=183)}, {"usr/lib/debug/usr/bin/a": a_program(needed=("libx.so.1",))}]
)
def test_other_machines_and_debuggers_are_let_alone(tmp_path, files):
    told = []
    assembled(tmp_path, deb(tmp_path, "a", files), listener=told.append)
    assert told == []
