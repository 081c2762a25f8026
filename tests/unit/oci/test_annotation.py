"""Annotations as flags of a build."""

import pytest

from lissom.api.build_index import check_annotations
from lissom.errors import UsageError
from lissom.oci.annotation import Annotation, chosen
from lissom.oci.platform import Platform

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a=b", ("manifest", None, "a", "b")),
        ("org.example.a=b=c d\ne", ("manifest", None, "org.example.a", "b=c d\ne")),
        ("manifest:a=", ("manifest", None, "a", "")),
        ("index:a:b=c", ("index", None, "a:b", "c")),
        ("manifest[linux/arm64]:a=b", ("manifest", ARM, "a", "b")),
        ("manifest-descriptor:a=b", ("manifest-descriptor", None, "a", "b")),
        ("org.x:y=z", ("manifest", None, "org.x:y", "z")),
    ],
    ids=range(7),
)
def test_what_is_read(text: str, found: tuple) -> None:
    one = Annotation.parse(text)
    assert (one.kind, one.platform, one.key, one.value) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "it is not of the form"),
        ("=b", "it is not of the form"),
        ("a b=c", "it is not of the form"),
        ("index-descriptor:a=b", "nothing describes an index but its name"),
        ("layer:a=b", "`layer` is no kind of annotation"),
        ("index[linux/arm64]:a=b", "an index is for no platform alone"),
        ("manifest[x/y/z/w]:a=b", "cannot read platform"),
    ],
    ids=range(7),
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Annotation.parse(text)


def test_those_of_one_place() -> None:
    texts = ("a=1", "a=2", "manifest[linux/arm64]:a=3", "index:a=4", "manifest-descriptor[linux/amd64]:a=5")
    found = [Annotation.parse(text) for text in texts]
    assert chosen(found, "manifest", AMD) == {"a": "2"}
    assert chosen(found, "manifest", ARM) == {"a": "3"}
    assert chosen(found, "index") == {"a": "4"}
    assert chosen(found, "manifest-descriptor", ARM) == {}
    check_annotations(found, (AMD, ARM))
    with pytest.raises(UsageError, match="one platform makes no index"):
        check_annotations(found[3:], (AMD,))
    with pytest.raises(UsageError, match="linux/arm64 is not built"):
        check_annotations(found, (AMD, Platform("linux", "arm", "v7")))
