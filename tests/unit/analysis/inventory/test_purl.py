"""Package URLs against the library of their specification."""

import pytest
from packageurl import PackageURL

from lissom.analysis.inventory.purl import purl

ODD = ["a b", "x/y?z#w@v", "ä€", "%41", "1:2.3+b~1", "a&b=c", "\udcff", "..", "a\nb"]


@pytest.mark.parametrize("odd", ODD)
def test_every_name_comes_back_as_it_went_in(odd):
    said = PackageURL.from_string(purl("generic", "some/where", odd, odd, {"b": odd, "a": "1", "none": ""}))
    known = odd.replace("\udcff", "?")
    assert (said.namespace, said.name, said.version) == ("some/where", known, known)
    assert said.qualifiers == {"a": "1", "b": known}


def test_the_form_is_the_canonical_one():
    text = purl("deb", "debian", "libstdc++6", "12.2.0-14", {"distro": "debian-12", "arch": "amd64"})
    assert text == "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12"
    assert PackageURL.from_string(text).to_string() == text


def test_nobody_has_no_url():
    assert purl("npm", "@scope", " ", "1") == ""
