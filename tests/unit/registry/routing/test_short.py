"""lissom's own short form of mirrors."""

import pytest

from lissom.errors import UsageError
from lissom.oci.reference import Reference
from lissom.registry.routing.short import parse_mirrors, split_list


def places(mirrors, name):
    route = mirrors.route(Reference.parse(name))
    return route and [f"{e.scheme or '?'} {e.host}/{e.repository}" for e in route.endpoints]


@pytest.mark.parametrize(
    ("pair", "first"),
    [
        ("https://m.example", "https m.example/library/debian"),
        ("m.example:5000/hub/", "? m.example:5000/hub/library/debian"),
        ("docker.io=http://m.example", "http m.example/library/debian"),
        ("index.docker.io=[::1]:5000", "? [::1]:5000/library/debian"),
        ("docker.io/library=m.example/official", "? m.example/official/debian"),
        ("docker.io/library/debian=m.example/d", "? m.example/d"),
    ],
)
def test_pairs(pair, first):
    mirrors = parse_mirrors([pair], "--mirror")
    assert places(mirrors, "debian:12") == [first, "? registry-1.docker.io/library/debian"]
    assert places(mirrors, "ghcr.io/team/app") is None


def test_order_and_the_longest_prefix():
    mirrors = parse_mirrors(["a.example=m1.example", "a.example/x=m2.example", "a.example=m3.example"], "--mirror")
    assert places(mirrors, "a.example/y") == ["? m1.example/y", "? m3.example/y", "? a.example/y"]
    assert places(mirrors, "a.example/x/y") == ["? m2.example/y", "? a.example/x/y"]


def test_tables():
    mirrors = parse_mirrors({"a.example": ("m1.example", "m2.example")}, "settings")
    assert places(mirrors, "a.example/y") == ["? m1.example/y", "? m2.example/y", "? a.example/y"]


def test_lists():
    assert split_list(" a=b, c=d\n,e=f ") == ("a=b", "c=d", "e=f")
    assert split_list("") == ()


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("=m.example", "names no host"),
        ("a.example=", "names no host"),
        ("library/debian=m.example", "names no registry"),
        ("a.example=https://", "names no host"),
        ("a.example=ftp://x.example", "neither https:// nor http://"),
        ("https://a.example=m.example", "begins with a scheme"),
        ("a.example=https://u:pw@m.example", "holds a login"),
        ("a.example=m.example/../x", "a path that no registry has"),
        ("a.example=m.example:99999", "names no host"),
        ("a.example=[::x]", "names no host"),
    ],
)
def test_bad_pairs(pair, message):
    with pytest.raises(UsageError) as caught:
        parse_mirrors([pair], "LISSOM_MIRRORS")
    assert caught.value.message.startswith("cannot use LISSOM_MIRRORS: ")
    assert message in caught.value.message
