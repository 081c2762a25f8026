"""Cache keys depend on content and explain themselves."""

from dataclasses import replace

from lissom.build.key import CacheKey, copy_parts, explain, listing, run_parts
from lissom.build.step import ContextInput, CopyOp, RunMount, RunOp
from lissom.rootfs.entry import Entry, Kind

FILE = Entry("src/a", Kind.FILE, 0o644, mtime=5, size=3)
RUN = RunOp(("/bin/sh", "-c", "make"), (("PATH", "/bin"), ("A", "1")), "/app", "")


def selection(entry: Entry, digest: str = "d1") -> dict[str, str]:
    return listing([("a", entry)], {entry.path: digest})


def test_times_are_no_part_of_a_key() -> None:
    assert selection(FILE) == selection(replace(FILE, mtime=99))


def test_mode_owner_content_and_name_are_part_of_a_key() -> None:
    found = [
        selection(FILE)["a"],
        selection(replace(FILE, mode=0o755))["a"],
        selection(replace(FILE, uid=7))["a"],
        selection(FILE, "d2")["a"],
    ]
    assert len(set(found)) == 4
    assert CacheKey.of({"content": "1"}).digest != CacheKey.of({"content": "2"}).digest


def test_names_of_files_explain_but_do_not_count() -> None:
    assert CacheKey.of({"content": "1"}, {"a": "x"}).digest == CacheKey.of({"content": "1"}).digest


def test_a_run_depends_on_its_variables_but_not_on_proxies() -> None:
    key = CacheKey.of(run_parts(RUN, "m")).digest
    assert CacheKey.of(run_parts(replace(RUN, proxies=(("http_proxy", "http://p"),)), "m")).digest == key
    assert CacheKey.of(run_parts(replace(RUN, env=(("PATH", "/bin"), ("A", "2"))), "m")).digest != key


def test_a_secret_mount_counts_by_its_name_only() -> None:
    mounted = replace(RUN, mounts=(RunMount("secret", "/run/secrets/a", id="a"),))
    other = replace(RUN, mounts=(RunMount("secret", "/run/secrets/b", id="b"),))
    assert CacheKey.of(run_parts(mounted, "m")).digest != CacheKey.of(run_parts(other, "m")).digest


def test_a_miss_is_explained_by_the_file_that_changed() -> None:
    before = CacheKey.of({"parent": "p"}, {"package.json": "1", "index.js": "1"}).parts
    after = CacheKey.of({"parent": "p"}, {"package.json": "2", "index.js": "1"}).parts
    assert explain(before, after) == "`package.json` changed"


def test_a_miss_is_explained_by_the_variable_that_changed() -> None:
    before = run_parts(RUN, "m") | {"parent": "p"}
    after = run_parts(replace(RUN, env=(("PATH", "/bin"), ("A", "2"))), "m") | {"parent": "p"}
    assert explain(before, after) == "variable A changed"


def test_a_miss_below_another_miss_says_so() -> None:
    assert explain({"parent": "p"}, {"parent": "q", "command": "x"}) == "the step before it changed"


def test_the_first_build_and_a_lost_result_are_told_apart() -> None:
    assert explain(None, {"parent": "p"}) == "not built here before"
    assert explain({"parent": "p"}, {"parent": "p"}) == "its cached result is gone"


def test_many_files_are_counted_not_listed() -> None:
    before = CacheKey.of({"parent": "p"}, {f"f{n}": "1" for n in range(9)}).parts
    after = CacheKey.of({"parent": "p"}, {f"f{n}": "2" for n in range(9)}).parts
    assert explain(before, after) == "`f0`, `f1`, `f2` and 6 more changed"


def test_an_empty_directory_and_a_pattern_without_a_match_are_told_apart() -> None:
    directory = CopyOp(ContextInput(), (".",), "/x")
    assert copy_parts(directory) != copy_parts(replace(directory, sources=("nothing*",)))
