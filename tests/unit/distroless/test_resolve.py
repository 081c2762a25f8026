import pytest

from lissom.distroless.index import PackageIndex
from lissom.distroless.resolve import resolve
from lissom.distroless.table import Table
from lissom.errors import UsageError


def index_of(text):
    paragraphs = []
    for part in text.strip().split("\n\n"):
        extra = "".join(
            f"{k}: {v}\n" for k, v in (("Architecture", "amd64"), ("Filename", "f"), ("Size", "1"), ("SHA256", "0" * 64))
        )
        if "Version:" not in part:
            extra += "Version: 1\n"
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
    "a choice": (
        "Package: a\nDepends: m\n\nPackage: p\nProvides: m\n\nPackage: q\nProvides: m", ["a"],
        "cannot install `a`: a needs m, which p, q provide", "name one of them in the list of packages",
    ),
    "a conflict": (
        "Package: a\nConflicts: b\n\nPackage: b", ["a", "b"],
        "cannot install `a` together with `b`: a 1 conflicts with b (a; b)", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("summary", ERRORS)
def test_errors(summary):
    text, wanted, message, hint = ERRORS[summary]
    with pytest.raises(UsageError) as caught:
        resolve(index_of(text), wanted)
    assert (caught.value.message, caught.value.hint) == (message, hint)
