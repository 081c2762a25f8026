"""Packages that a spec gets beside those that it names."""

from lissom.distroless.spec.spec import Spec, Wish
from lissom.distroless.supply.choice import choose
from unit.distroless.test_resolve import index_of

DEBIAN = """\
Package: apt

Package: hello

Package: init
Essential: yes
Depends: usrmerge | usr-is-merged

Package: mount
Priority: required

Package: usr-is-merged

Package: usrmerge
Depends: perl

Package: perl"""


def names(text=DEBIAN, **spec):
    return [one.package.name for one in choose(Spec(**spec), index_of(text))]


def test_bootstraps_add_what_every_debian_has():
    assert names(packages=(Wish("hello"),)) == ["hello"]
    assert names(bootstrap="essential") == ["init", "usr-is-merged"]
    assert names(bootstrap="minbase") == ["apt", "init", "mount", "usr-is-merged"]


def test_trees_are_merged_without_a_package_for_it_but_whoever_names_it_has_it():
    wished = names(bootstrap="essential", packages=(Wish("usrmerge"),))
    assert wished == ["init", "perl", "usrmerge"]
    alone = "Package: init\nEssential: yes\n\nPackage: usr-is-merged"
    assert names(alone, bootstrap="essential") == ["init"]
