"""Modules and tables of Perl."""

from lissom.slim.rules import perl
from rule_scenes import a_package, kept, scene_of

BASE = "usr/lib/x86_64-linux-gnu/perl-base"
MORE = "usr/share/perl/5.36"
FILES = {
    "usr/bin/perl": "ELF",
    f"{BASE}/strict.pm": "",
    f"{BASE}/POSIX.pm": "use XSLoader;",
    f"{BASE}/XSLoader.pm": "",
    f"{BASE}/auto/POSIX/POSIX.so": "",
    f"{BASE}/auto/Socket/Socket.so": "",
    f"{BASE}/unicore/lib/L.pl": "",
    f"{MORE}/Encode.pm": "use Encode::Config;",
    f"{MORE}/Encode/Config.pm": "our %M = ('euc-jp' => 'Encode::JP');",
    f"{MORE}/Encode/JP.pm": "",
    f"{MORE}/auto/Encode/JP/JP.so": "",
    f"{MORE}/Text/Wrap.pm": "use Test::More;",
    f"{MORE}/Test/More.pm": "",
    f"{MORE}/Pod/Man.pm": "",
}


def keeps(source, touched=("usr/bin/perl",), name="app/run"):
    return set(kept(scene_of({**FILES, name: source}, [*touched, name]), *perl.RULES))


def test_modules_that_a_script_uses_anywhere():
    found = keeps(
        "#!/usr/bin/perl\nuse strict;\nsub f { require POSIX; }\nif (1) { use Text::Wrap; }\n=pod\nuse Pod::Man;\n=cut\n"
    )
    assert {f"{BASE}/POSIX.pm", f"{BASE}/XSLoader.pm", f"{BASE}/auto/POSIX/POSIX.so", f"{MORE}/Text/Wrap.pm"} <= found
    assert not {f"{MORE}/Test/More.pm", f"{MORE}/Pod/Man.pm", f"{BASE}/auto/Socket/Socket.so"} & found


def test_encodings_come_together():
    assert {f"{MORE}/Encode/JP.pm", f"{MORE}/auto/Encode/JP/JP.so"} <= keeps("#!/usr/bin/env perl\nuse Encode;")


def test_what_is_put_behind_a_name_and_drivers():
    files = {
        "usr/share/perl5/LWP/UserAgent.pm": 'my $m = "LWP::Protocol::$scheme";',
        "usr/share/perl5/LWP/Protocol/https.pm": "",
        "usr/share/perl5/LWP/Other/x.pm": "",
        "usr/share/perl5/DBD/SQLite.pm": "",
        "usr/share/perl5/MIME/Types.pm": "",
        "usr/share/perl5/MIME/types.db": "",
        "usr/share/perl5/MIME/Types/x.json": "",
        "app/run": "#!/usr/bin/perl\nuse MIME::Types; x('dbi:SQLite:dbname=x'); require LWP::UserAgent;",
    }
    found = set(kept(scene_of({**FILES, **files}, ["usr/bin/perl", "app/run"]), *perl.RULES))
    assert set(files) - {"usr/share/perl5/LWP/Other/x.pm"} <= found
    assert "usr/share/perl5/LWP/Other/x.pm" not in found


def test_a_systems_library_stays_with_its_commands():
    files = {
        "usr/share/perl5/Plack.pm": "",
        "usr/share/perl5/Plack/Late.pm": "",
        "usr/share/perl5/Plack.pod": "",
        "usr/share/perl5/auto/share/dist/Plack/x": "",
        "usr/bin/plackup": "#!/usr/bin/perl",
        "usr/bin/other": "ELF",
    }
    deb = a_package("deb", "libplack-perl", files)
    scene = scene_of({**FILES, **files}, ["usr/share/perl5/Plack.pm"], [deb])
    gone = {"usr/share/perl5/Plack.pod", "usr/bin/other"}
    assert set(files) & set(kept(scene, *perl.RULES)) == set(files) - gone


def test_tables_come_with_the_interpreter():
    assert f"{BASE}/unicore/lib/L.pl" in keeps("#!/usr/bin/perl\nuse strict;")
    assert f"{BASE}/unicore/lib/L.pl" not in keeps("#!/usr/bin/perl\nuse strict;", [])


def test_what_is_no_perl_is_left_alone():
    assert keeps("#!/bin/sh\nuse strict;\n", []) == {"app/run"}


def test_own_modules_beside_a_script_and_required_files():
    files = {"app/Mine.pm": "", "app/x.pl": ""}
    scene = scene_of({**FILES, **files, "app/run.pl": "use Mine; require 'x.pl';"}, ["usr/bin/perl", "app/run.pl"])
    assert {"app/Mine.pm", "app/x.pl"} <= set(kept(scene, *perl.RULES))
