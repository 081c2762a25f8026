"""What is read of class files."""

from hypothesis import given
from hypothesis import strategies as st

from java_files import class_file, module_info
from lissom.slim.java_class import class_name, names_locale, required_modules


def test_a_class_says_its_name():
    assert class_name(class_file("demo/Main", ["more"])) == "demo/Main"
    assert class_name(b"") == class_name(b"\xca\xfe\xba\xbe\0\0") == class_name(b"#!/bin/sh") == ""


def test_the_name_of_a_locale_is_told_from_other_names():
    calls = class_file("A", calls=("java/util/Locale", "getDisplayName"))
    mentions = class_file("A", ["java/util/Locale"], calls=("demo/Context", "getDisplayName"))
    assert names_locale(calls)
    assert not names_locale(mentions)
    assert not names_locale(b"java/util/Locale getDisplayName")


def test_a_module_says_what_it_requires():
    assert required_modules(module_info("a", ["java.base", "java.xml"])) == ("java.base", "java.xml")
    assert required_modules(class_file("A")) == ()


@given(st.binary(max_size=200), st.integers(0, 200))
def test_broken_classes_are_no_classes(noise, cut):
    data = module_info("a", ["b"])[:cut] + noise
    class_name(data)
    names_locale(data)
    required_modules(data)


def test_a_class_whose_name_is_its_own_name_is_refused():
    data = bytearray(class_file("A"))
    data[data.index(b"\x07\0\1") + 2] = 2
    assert class_name(bytes(data)) == ""
