import pytest

from lissom.distroless.archive.index import PackageIndex
from lissom.distroless.archive.table import Table
from lissom.distroless.supply.resolve import resolve
from lissom.errors import UsageError


def index_of(text):
    paragraphs = []
    for part in text.strip().split("\n\n"):
        extra = "".join(
            f"{k}: {v}\n"
            for k, v in (("Architecture", "amd64"), ("Filename", "f"), ("Size", "1"), ("SHA256", "0" * 64))
        )
        if "Version:" not in part:
            extra += "Version: 1\n"
        if "Architecture:" in part:
            extra = extra.replace("Architecture: amd64\n", "")
        paragraphs.append(part.strip() + "\n" + extra)
    index = PackageIndex("amd64")
    index.add(Table.of("\n".join(paragraphs).encode()), "file:/x")
    return index


CASES = {
    "depends and pre-depends": ("Package: a\nDepends: b\n\nPackage: b\nPre-Depends: c\n\nPackage: c", ["a"], "a b c"),
    "the first alternative": ("Package: a\nDepends: b | c\n\nPackage: b\n\nPackage: c", ["a"], "a b"),
    "what is chosen wins": ("Package: a\nDepends: b | c\n\nPackage: b\n\nPackage: c", ["a", "c"], "a c"),
    "a missing alternative": ("Package: a\nDepends: x | c\n\nPackage: c", ["a"], "a c"),
    "a provider by priority": (
        "Package: a\nDepends: awk\n\nPackage: gawk\nProvides: awk\nPriority: optional\n\nPackage: mawk\nProvides: awk\nPriority: required",
        ["a"], "a mawk",
    ),
    "a versioned provider": ("Package: a\nDepends: v (>= 2)\n\nPackage: p\nProvides: v (= 2)\n\nPackage: q\nProvides: v", ["a"], "a p"),
    "multi-arch any": ("Package: a\nDepends: p:any\n\nPackage: p\nMulti-Arch: allowed", ["a"], "a p"),
    "a conflicting alternative is passed over": ("Package: a\nConflicts: b\nDepends: b | c\n\nPackage: b\n\nPackage: c", ["a"], "a c"),
    "providers alike: the last that is named": (
        "Package: a\nDepends: m\n\nPackage: q\nProvides: m\n\nPackage: p\nProvides: m", ["a"], "a p",
    ),
    "providers alike: a relation names one early": (
        "Package: a\nDepends: m\nSuggests: p\n\nPackage: q\nProvides: m\n\nPackage: p\nProvides: m", ["a"], "a q",
    ),
    "depth first: what a neighbour needs is there": (
        "Package: a\nDepends: b, x | c\n\nPackage: b\nDepends: c\n\nPackage: c\n\nPackage: x", ["a"], "a b c",
    ),
    "a choice that fails later is made otherwise": (
        "Package: a\nDepends: b | c, d\n\nPackage: b\nConflicts: d\n\nPackage: c\n\nPackage: d", ["a"], "a c d",
    ),
    "two choices back": (
        "Package: a\nDepends: b | c, x | y, d\n\nPackage: b\nBreaks: d\n\nPackage: c\n\nPackage: d\n\nPackage: x\n\nPackage: y",
        ["a"], "a c d x",
    ),
    "a cycle": ("Package: a\nDepends: b\n\nPackage: b\nPre-Depends: a", ["a"], "a b"),
    "multi-arch native and all": ("Package: a\nDepends: p:native, q:all\n\nPackage: p\n\nPackage: q\nArchitecture: all", ["a"], "a p q"),
    "a conflict with an older version": ("Package: a\nBreaks: b (<< 1)\nDepends: b\n\nPackage: b", ["a"], "a b"),
    "a conflict with a name that it provides itself": (
        "Package: a\nProvides: m\nConflicts: m\nReplaces: m\n\nPackage: b\nProvides: m", ["a"], "a",
    ),
    "a foreign architecture's alternative": ("Package: a\nDepends: p:i386 | q\n\nPackage: p\n\nPackage: q", ["a"], "a q"),
    "the newest version": ("Package: a\nVersion: 1\nDepends: old\n\nPackage: a\nVersion: 2", ["a"], "a"),
}  # fmt: skip


@pytest.mark.parametrize("summary", CASES)
def test_closure(summary):
    text, wanted, names = CASES[summary]
    assert " ".join(one.package.name for one in resolve(index_of(text), wanted)) == names


ERRORS = {
    "a chain": (
        "Package: a\nDepends: b\n\nPackage: b\nDepends: c (>= 2)\n\nPackage: c", ["a"],
        "cannot install `a`: a → b needs c (>= 2), but c 1 does not fit", None,
    ),
    "a missing package": ("Package: curl", ["crul"], "cannot install `crul`: the archive has no such package for amd64", "did you mean `curl`?"),
    "a foreign architecture": (
        "Package: a\nDepends: p:i386\n\nPackage: p", ["a"],
        "cannot install `a`: a needs p:i386, but p 1 does not fit", None,
    ),
    "multi-arch any of a package that does not allow it": (
        "Package: a\nDepends: p:any\n\nPackage: p", ["a"], "cannot install `a`: a needs p:any, but p 1 does not fit", None,
    ),
    "a version that nobody provides": (
        "Package: a\nDepends: v (>= 3)\n\nPackage: p\nProvides: v (= 2)", ["a"],
        "cannot install `a`: a needs v (>= 3), but p 1 provides another version", None,
    ),
    "nothing": ("Package: a\nDepends: x | y", ["a"], "cannot install `a`: a needs x | y, but there is no x, there is no y", None),
    "a conflict deep down": (
        "Package: a\nDepends: b\n\nPackage: b\nDepends: c\n\nPackage: c\nConflicts: e\n\nPackage: d\nDepends: e\n\nPackage: e", ["a", "d"],
        "cannot install `d`: d needs e, but c 1 conflicts with e (a → b → c)", None,
    ),
    "a virtual package of several": (
        "Package: p\nProvides: m\n\nPackage: q\nProvides: m", ["m"],
        "cannot install `m`: it is a virtual package", "name one of: p, q",
    ),
    "a conflict": (
        "Package: a\nConflicts: b\n\nPackage: b", ["a", "b"],
        "cannot install `a` together with `b`: a 1 conflicts with b (a; b)", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("summary", CASES)
def test_the_order_of_the_list_does_not_matter(summary):
    text, wanted, _ = CASES[summary]
    assert resolve(index_of(text), wanted) == resolve(index_of(text), wanted[::-1])


def test_choices_that_have_no_part_in_a_conflict_are_not_made_otherwise():
    between = [f"x{number} | y{number}" for number in range(20)]
    text = (
        f"Package: a\nDepends: b | c, {', '.join(between)}, d\n\nPackage: b\nConflicts: d\n\nPackage: c\n\nPackage: d\n"
    )
    text += "".join(f"\nPackage: {letter}{number}\n" for number in range(20) for letter in "xy")
    assert [one.package.name for one in resolve(index_of(text), ["a"])] == [
        "a",
        "c",
        "d",
        *sorted(f"x{n}" for n in range(20)),
    ]


def test_where_every_choice_fails_the_first_failure_is_told():
    between = [f"x{number} | y{number}" for number in range(20)]
    text = f"Package: a\nDepends: b | c, {', '.join(between)}, d\n\nPackage: b\nConflicts: d\n\nPackage: c\nBreaks: d\n\nPackage: d\n"
    text += "".join(f"\nPackage: {letter}{number}\n" for number in range(20) for letter in "xy")
    with pytest.raises(UsageError) as caught:
        resolve(index_of(text), ["a"])
    assert caught.value.message == "cannot install `a`: a needs d, but b 1 conflicts with d (a → b)"


def test_packages_alone_are_not_followed_but_count():
    index = index_of("Package: a\nDepends: b\n\nPackage: b\nDepends: c\n\nPackage: c\n\nPackage: d\nDepends: b")
    assert [one.package.name for one in resolve(index, ["d"], alone=["a", "b"])] == ["a", "b", "d"]


def test_a_reason_is_the_package_that_was_first_to_need_it():
    index = index_of("Package: a\nDepends: b, c\n\nPackage: b\nDepends: c\n\nPackage: c")
    assert {one.package.name: one.needed_by for one in resolve(index, ["a"])} == {"a": "", "b": "a", "c": "b"}


def test_one_exact_version():
    index = index_of("Package: a\nVersion: 1\nDepends: old\n\nPackage: a\nVersion: 2\n\nPackage: old")
    index.pin("a", "1")
    assert [str(one.package) for one in resolve(index, ["a"])] == ["a 1", "old 1"]
    with pytest.raises(UsageError) as caught:
        index.pin("a", "3")
    assert caught.value.message == "cannot install `a=3`: the archive does not have this version"
    assert caught.value.hint == "it has 2, 1; `snapshot:` reaches archives of the past"


@pytest.mark.parametrize("summary", ERRORS)
def test_errors(summary):
    text, wanted, message, hint = ERRORS[summary]
    with pytest.raises(UsageError) as caught:
        resolve(index_of(text), wanted)
    assert (caught.value.message, caught.value.hint) == (message, hint)
