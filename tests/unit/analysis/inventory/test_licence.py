"""Licences as packages state them, in SPDX's words."""

import pytest

from lissom.analysis.inventory.debian_copyright import debian_licence
from lissom.analysis.inventory.licence import all_of, stated

FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: x\n\n"


@pytest.mark.parametrize(
    ("said", "expression"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("Apache-2.0 OR BSD-2-Clause", "Apache-2.0 OR BSD-2-Clause"),
        ("(MIT AND Zlib)", "(MIT AND Zlib)"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"),
        ("http://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
        ("https://nowhere.example/licence", ""),
        ("SEE LICENSE IN LICENSE.md", "LicenseRef-SEE-LICENSE-IN-LICENSE.md"),
        ("BSD", "LicenseRef-BSD"),
        ("UNKNOWN", ""),
        ("  ", ""),
        ("Permission is hereby granted, free of charge, to any person " * 9, ""),
        ("LicenseRef-made-up", "LicenseRef-made-up"),
        ("%%%", ""),
    ],
)
def test_a_field_is_an_expression_a_name_or_nothing(said, expression):
    assert stated(said).expression == expression


def test_what_spdx_does_not_know_keeps_its_name():
    assert stated("My  Own (v2)").names == (("LicenseRef-My-Own-v2", "My Own (v2)"),)


def test_licences_together_keep_their_choices_apart():
    both = all_of([stated("MIT OR Zlib"), stated("ISC"), stated(""), stated("ISC")])
    assert both.expression == "(MIT OR Zlib) AND ISC"


@pytest.mark.parametrize(
    ("said", "expression"),
    [
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-2", "GPL-2.0-only"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("GPL-3.0+", "GPL-3.0-or-later"),
        ("GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
        ("Expat", "MIT"),
        ("BSD-3-clause", "BSD-3-Clause"),
        ("zlib", "Zlib"),
        ("GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0-Perl"),
        ("Perl, and Expat", "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT"),
        ("GPL-2+ or AFL-2.1, and Expat", "(GPL-2.0-or-later OR AFL-2.1) AND MIT"),
        ("Zlib and Expat or GPL-2", "Zlib AND MIT OR GPL-2.0-only"),
        ("Apache-2.0 with LLVM exception", "Apache-2.0 WITH LLVM-exception"),
        ("GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
        ("GPL-2+ with Autoconf exception", "LicenseRef-GPL-2-or-later-with-Autoconf-exception"),
        ("public-domain", "LicenseRef-public-domain"),
        ("GPL", "GPL-1.0-or-later"),
        ("A and (B or C)", "LicenseRef-A-and-B-or-C"),
        ("", ""),
    ],
)
def test_debians_names_are_translated(said, expression):
    assert debian_licence(f"{FORMAT}Files: *\nCopyright: x\nLicense: {said}\n text\n").expression == expression


def test_all_paragraphs_on_files_count_once_and_texts_do_not():
    text = (
        f"{FORMAT}Files: *\nCopyright: x\nLicense: Expat\n\nFiles: debian/*\nCopyright: y\nLicense: GPL-2+\n\n"
        "Files: a\nLicense: Expat\n\nLicense: GPL-2+\n On Debian systems …\n\nLicense: Unused\n x\n"
    )
    assert debian_licence(text).expression == "MIT AND GPL-2.0-or-later"


def test_a_file_for_people_alone_says_nothing():
    assert debian_licence("This package was debianized by … License: GPL-2\n").expression == ""
    assert debian_licence("").expression == ""
