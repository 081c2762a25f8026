"""Commands that texts of shell name."""

import time

import pytest

from lissom.slim.commands import commands_of, commands_of_words


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ""),
        ("a", "a"),
        ("a b | c d && e; f || g & h\ni", "a c e f g h i"),
        ("A=1 B=$(x) a", "a x"),
        ("# a\nb # c", "b"),
        ("if a; then b; elif c; then d; else e; fi", "a b c d e"),
        ("while a; do b; done < f; until c; do d; done", "a b c d"),
        ("for x in a b c; do d; done", "d"),
        ("case $x in a|b) c ;; (d) e;; *) f ;; esac; g", "c e f g"),
        ("case a in esac; b", "b"),
        ("x() { a; }; function y { b; }; x; y; z", "a b z"),
        ('echo "$(a "$(b \'c d\')")" `e \\`f\\``', "a b e f"),
        ("a <(b c) > >(d) 2>&1 &>e", "a b d"),
        ("a <<EOF\nb\nEOF\nc <<-'X'\n\td\n\tX\ne <<< f", "a c e"),
        ("( a; { b; } ) && c", "a b c"),
        ("x=$((1 << 2)); ((y = 3 > 2)); a", "a"),
        ("arr=(a b $(c)); d", "c d"),
        ("[[ -n $x && $y == z ]] && a", "[[ a"),
        ("! a; time b", "a b"),
        ("a \\\n  b; c", "a c"),
        ('/usr/bin/a \'b\'"c" ; "$VAR" d; $CMD', "/usr/bin/a"),
        ("echo a; printf b; cd /; [ -f x ] && true", ""),
        ("exec a b; command c; env X=1 d; nice -n 5 e", "a b c d e 5 X=1 env nice"),
        ("xargs -0 printf | find . -exec echo {} \\;", "xargs find printf . echo ; {}"),
        ("sh -c 'a | b' x; bash -ec \"c $d\"", "sh a b bash c"),
        ("eval 'a b'; trap 'c; d' EXIT TERM", "a c d"),
        ("su -c 'a;b' user", "su a b user a;b"),
        ("exec gosu redis bash -c 'a;b'", "a b gosu redis bash a;b"),
        ("${X:-$(a)} b", "a"),
    ],
)
def test_names(text, names):
    assert commands_of(text).names() == set(names.split())


def test_files_that_are_read_as_scripts():
    found = commands_of('. /etc/rc; source "$here/lib.sh"; . ./x; bash run.sh -a; sh "$D"/y.sh')
    assert found.sourced == {"/etc/rc", "/lib.sh", "./x", "run.sh", "/y.sh"}


def test_whole_paths_but_not_ends_of_paths():
    found = commands_of('test -x /usr/sbin/a && X=${Y:-/opt/b/c} $HOME/d ./e/f "${Z}/g" --conf=/etc/h http://x/i')
    assert found.paths == {"/usr/sbin/a", "/opt/b/c", "/etc/h"}


def test_a_command_line_in_words():
    found = commands_of_words(["/bin/sh", "-c", "a && exec b -x"])
    assert found.names() >= {"/bin/sh", "a", "b"}
    assert commands_of_words(["tini", "--", "a", "|", "b"]).names() >= {"tini", "a", "b"}
    assert commands_of_words([]).names() == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "$(" * 50_000,
        "${" * 50_000,
        '"$(' * 30_000,
        "`" * 50_001,
        "case x in " * 30_000,
        "(" * 50_000,
        "<<a\n" * 20_000,
        "'" * 50_001,
        "\\" * 100_001,
        '"${"' * 20_000,
        "a" * 500_000,
        "sh -c 'sh -c \"" * 1000,
        "\0" * 1000,
        "a(" * 30_000,
    ],
)
def test_no_text_fails_or_takes_long(text):
    begin = time.monotonic()
    commands_of(text)
    assert time.monotonic() - begin < 5
