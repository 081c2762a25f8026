"""References as docker reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lissom.errors import UsageError
from lissom.oci.digest import Digest
from lissom.oci.reference import Reference

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "full", "familiar"),
    [
        ("nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("nginx:1", "docker.io/library/nginx:1", "nginx:1"),
        ("team/app", "docker.io/team/app:latest", "team/app:latest"),
        ("myreg/x", "docker.io/myreg/x:latest", "myreg/x:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("index.docker.io/library/nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
        ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
        ("localhost:5000/x", "localhost:5000/x:latest", "localhost:5000/x:latest"),
        ("127.0.0.1:5000/a/b:c", "127.0.0.1:5000/a/b:c", "127.0.0.1:5000/a/b:c"),
        ("[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x:latest"),
        ("Foo/bar", "Foo/bar:latest", "Foo/bar:latest"),
        ("a__b", "docker.io/library/a__b:latest", "a__b:latest"),
        ("a--b", "docker.io/library/a--b:latest", "a--b:latest"),
        (f"nginx@{DIGEST}", f"docker.io/library/nginx@{DIGEST}", f"nginx@{DIGEST}"),
        (f"reg:5000/x:1@{DIGEST}", f"reg:5000/x:1@{DIGEST}", f"reg:5000/x:1@{DIGEST}"),
    ],
)
def test_forms(text: str, full: str, familiar: str) -> None:
    reference = Reference.parse(text)
    assert str(reference) == full
    assert reference.familiar == familiar
    assert Reference.parse(full) == reference


def test_the_hub_lives_elsewhere() -> None:
    assert Reference.parse("nginx").host == "registry-1.docker.io"
    assert Reference.parse("quay.io/x/y").host == "quay.io"


def test_changed_copies() -> None:
    reference = Reference.parse(f"nginx:1@{DIGEST}")
    assert str(reference.with_tag("2")) == "docker.io/library/nginx:2"
    assert Reference.parse("nginx:1").with_digest(Digest(DIGEST)).digest == DIGEST


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the repository name is missing"),
        ("Nginx", "repository name must be lowercase"),
        ("a/B", "repository name must be lowercase"),
        ("a" * 64, "64 hex digits are an identifier"),
        ("nginx:", "`` is not a tag"),
        ("nginx:a b", "`a b` is not a tag"),
        ("nginx:" + "x" * 129, "is not a tag"),
        ("-a", "`-a` is not a repository component"),
        ("a..b", "`a..b` is not a repository component"),
        ("a-/b", "`a-` is not a repository component"),
        ("https://reg/x", "is not a"),
        ("x@sha256:12", "needs 64 lower-case hex digits"),
        ("reg.io/" + "a/" * 130 + "b", "longer than 255 characters"),
        ("reg_x.io:1/a", "is not a registry host"),
    ],
)
def test_what_is_no_reference_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Reference.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        reference = Reference.parse(text)
    except UsageError:
        return
    assert Reference.parse(str(reference)) == reference
    assert Reference.parse(reference.familiar) == reference
