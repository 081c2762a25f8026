from pathlib import Path

import pytest

from lissom.api.places import Kind, Place, parse
from lissom.errors import UsageError
from lissom.oci.reference import Reference

HEX = "0" * 64


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("app:1", Kind.STORE, "docker.io/library/app:1"),
        (f"app:1@sha256:{HEX}", Kind.STORE, f"docker.io/library/app:1@sha256:{HEX}"),
        ("docker:20.10", Kind.STORE, "docker.io/library/docker:20.10"),
        ("docker://busybox", Kind.REGISTRY, "docker.io/library/busybox:latest"),
        (f"docker://h:5/r:t@sha256:{HEX}", Kind.REGISTRY, f"h:5/r:t@sha256:{HEX}"),
        ("docker://[::1]:5000/a/b:t", Kind.REGISTRY, "[::1]:5000/a/b:t"),
        ("docker-daemon:app:1", Kind.DAEMON, "docker.io/library/app:1"),
    ],
)
def test_places_with_references(text, kind, name):
    place = parse(text)
    assert (place.kind, str(place.reference)) == (kind, name)
    assert str(place) == text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("oci:/a/b", Place(Kind.OCI, "", None, Path("/a/b"))),
        ("oci:a:1.2", Place(Kind.OCI, "1.2", None, Path("a"))),
        ("oci:a:busybox:1.35", Place(Kind.OCI, "busybox:1.35", None, Path("a"))),
        ("oci-archive:a.tar:x", Place(Kind.OCI_ARCHIVE, "x", None, Path("a.tar"))),
        ("docker-archive:a.tar:h:5000/x:1", Place(Kind.DOCKER_ARCHIVE, "h:5000/x:1", None, Path("a.tar"))),
    ],
)
def test_places_with_paths(text, place):
    assert parse(text) == place
    assert str(place) == text


def test_a_bare_name_means_what_the_command_says():
    assert parse("app:1", bare=Kind.REGISTRY) == Place(Kind.REGISTRY, "app:1", Reference.parse("app:1"))


@pytest.mark.parametrize("text", [f"sha256:{HEX}", HEX])
def test_a_store_place_may_be_an_identifier(text):
    assert parse(text) == Place(Kind.STORE, text)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("oci:", "cannot read image `oci:`: the path is missing", "write oci:PATH or oci:PATH:TAG"),
        (
            "dockre://a/b",
            "cannot read image `dockre://a/b`: `dockre://` names no kind of place",
            "did you mean `docker://a/b`?",
        ),
        (
            "https://a/b",
            "cannot read image `https://a/b`: `https://` names no kind of place",
            "write `docker://a/b` for a registry",
        ),
        (
            "./app.tar",
            "cannot read image `./app.tar`: a path alone does not say what it holds",
            "write oci:./app.tar, oci-archive:./app.tar or docker-archive:./app.tar",
        ),
    ],
)
def test_wrong_places_say_what_to_write(text, message, hint):
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.message == message
    assert caught.value.hint == hint
