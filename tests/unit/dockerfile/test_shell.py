"""Scripts of RUN: commands, words, what quotes make of them, and what is refused."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lissom.dockerfile.parser import parse
from lissom.dockerfile.shell.reading import script_of
from lissom.dockerfile.shell.script import Command, Pipeline, Script, Sequence, Simple, Word


def script(text: str, *, head: str = "FROM a\n") -> Script | None:
    dockerfile = parse(f"{head}{text}")
    return script_of(dockerfile, dockerfile.instructions[-1])


def understood(text: str) -> Script:
    found = script(f"RUN {text}")
    assert found is not None
    return found


def outline(thing: Sequence | Command) -> object:
    """A command without places."""
    if isinstance(thing, Sequence):
        return [item for part in thing.parts for item in (outline(part.command), part.joiner) if item]
    if isinstance(thing, Simple):
        words = [word.text for word in (*thing.assignments, *thing.words)]
        return " ".join([*words, *(redirected(one) for one in thing.redirections)])
    if isinstance(thing, Pipeline):
        return (("!",) if thing.negated else ()) + tuple(outline(one) for one in thing.commands)
    found = {thing.kind: [outline(body) for body in thing.bodies]}
    return found | ({"words": [word.text for word in thing.words]} if thing.words else {})


def redirected(one) -> str:
    return f"{'' if one.descriptor is None else one.descriptor}{one.operator}{one.target.text}"


CASES = {
    "words": ("apt-get  install -y\tcurl", ["apt-get install -y curl"]),
    "chain": ("a && b || c", ["a", "&&", "b", "||", "c"]),
    "list": ("a; b & c", ["a", ";", "b", "&", "c"]),
    "semicolon-at-the-end": ("a;", ["a", ";"]),
    "pipeline": ("a | b |& c", [("a", "b", "c")]),
    "not": ("! a | b && c", [("!", "a", "b"), "&&", "c"]),
    "pipe-in-chain": ("a && b | c > d", ["a", "&&", ("b", "c >d")]),
    "redirections": ("a >x 2>&1 b <y >>z", ["a b >x 2>&1 <y >>z"]),
    "redirections-first": ("2>/dev/null a", ["a 2>/dev/null"]),
    "only-redirection": ("> f", [">f"]),
    "number-as-word": ("echo 2 >f a2>g", ["echo 2 a2 >f >g"]),
    "clobber": ("a >| f <> g &> h &>> i <<< j", ["a >|f <>g &>h &>>i <<<j"]),
    "assignments": ("A=1 B='x y' c d=e", ["A=1 B='x y' c d=e"]),
    "only-assignments": ("A=1 B=2", ["A=1 B=2"]),
    "array": ("a=(1 'x y' $(b)) && c", ["a=(1 'x y' $(b))", "&&", "c"]),
    "subshell": ("(a; b) > f", [{"subshell": [["a", ";", "b"]]}]),
    "nested-subshells": ("((a && b) || c)", [{"subshell": [[{"subshell": [["a", "&&", "b"]]}, "||", "c"]]}]),
    "arithmetic": ("((x=1)) && a", [{"arithmetic": []}, "&&", "a"]),
    "group": ("{ a; b; } | c", [({"group": [["a", ";", "b", ";"]]}, "c")]),
    "brace-as-word": ("echo { a }", ["echo { a }"]),
    "if": (
        "if a; then b; elif c; then d; else e; fi && f",
        [{"if": [["a", ";"], ["b", ";"], ["c", ";"], ["d", ";"], ["e", ";"]]}, "&&", "f"],
    ),
    "for": ("for x in a $b; do c $x; done", [{"for": [["c $x", ";"]], "words": ["a", "$b"]}]),
    "for-arguments": ("for x; do c; done", [{"for": [["c", ";"]]}]),
    "for-like-c": ("for ((i=0; i<3; i++)); do c; done", [{"for": [["c", ";"]]}]),
    "while": ("while read x; do c; done < f", [{"while": [["read x", ";"], ["c", ";"]]}]),
    "until": ("until a; do b; done", [{"until": [["a", ";"], ["b", ";"]]}]),
    "case": (
        'case "$x" in a|b) c;; (*.d) e ;; "f g") ;; esac',
        [{"case": [["c"], ["e"], []], "words": ['"$x"']}],
    ),
    "case-last-without-end": ("case x in a) b; esac", [{"case": [["b", ";"]], "words": ["x"]}]),
    "function": ("f() { a; }; f", [{"function": [[{"group": [["a", ";"]]}]], "words": ["f"]}, ";", "f"]),
    "function-of-bash": ("function f { a; }", [{"function": [[{"group": [["a", ";"]]}]], "words": ["f"]}]),
    "test": (
        "[ -f a ] && [[ $x =~ ^(a|b)$ && -n $y ]]",
        ["[ -f a ]", "&&", {"test": [], "words": ["$x", "=~", "-n", "$y"]}],
    ),
    "comment": ("a # b && c", ["a"]),
    "no-comment": ("a b#c https://x/#d", ["a b#c https://x/#d"]),
    "keywords-as-words": ("echo if then fi done", ["echo if then fi done"]),
    "process": ("diff <(a) >(b)", ["diff <(a) >(b)"]),
    "nested-quotes": ('a "$(b "$(c \'d)\')" )" e', ['a "$(b "$(c \'d)\')" )" e']),
    "case-in-substitution": ("a $(case x in y) z;; esac) b", ["a $(case x in y) z;; esac) b"]),
    "parameter": ('a ${b:-\'}\'} ${c%"}"} "${d:-x\'y}"', ['a ${b:-\'}\'} ${c%"}"} "${d:-x\'y}"']),
    "arithmetic-word": ("a $((1 + (2*3))) b", ["a $((1 + (2*3))) b"]),
    "pattern-of-bash": ("rm -rf !(a|b)", ["rm -rf !(a|b)"]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_commands(text, expected):
    assert outline(understood(text).body) == expected


VALUES = {
    "plain": ("a", "a", False),
    "single": ("'a b'", "a b", False),
    "double": ('"a b"', "a b", False),
    "joined": ("a'b'\"c\"d", "abcd", False),
    "escaped": ("a\\ b\\$c", "a b$c", False),
    "escapes-in-double": ('"a\\"b\\$c\\`d\\\\e\\n"', 'a"b$c`d\\e\\n', False),
    "no-escape-in-single": ("'a\\'", "a\\", False),
    "variable": ("$a", None, False),
    "variable-in-double": ('"x${a}y"', None, False),
    "variable-in-single": ("'$a'", "$a", False),
    "dollar-alone": ("a$", "a$", False),
    "substitution": ("$(a)", None, False),
    "backquotes": ("`a`", None, False),
    "ansi": ("$'a\\n'", None, False),
    "locale": ('$"a"', None, False),
    "star": ("/a/*.b", "/a/*.b", True),
    "quoted-star": ("'*'", "*", False),
    "escaped-star": ("\\*", "*", False),
    "question": ("a?", "a?", True),
    "bracket": ("[ab]c", "[ab]c", True),
    "braces": ("/a/{b,c}", "/a/{b,c}", True),
    "range": ("{1..3}", "{1..3}", True),
    "lone-brace": ("{a}", "{a}", False),
    "home": ("~/a", None, False),
    "home-in-assignment": ("a=~/b", None, False),
    "quoted-home": ("'~'/a", "~/a", False),
    "tilde-inside": ("a~", "a~", False),
    "empty": ("''", "", False),
    "exclamation": ("!a", "!a", False),
}


@pytest.mark.parametrize(("text", "value", "glob"), VALUES.values(), ids=VALUES)
def test_values(text, value, glob):
    (command,) = understood(f"x {text}").commands()
    word = command.words[1]
    assert (word.text, word.value, word.glob) == (text, value, glob)


def test_the_name_is_the_programs_base_name():
    assert [one.name for one in understood("/usr/bin/apt-get x && $a b && A=1").commands()] == ["apt-get", "", ""]
    assert understood("a 'b c' $d").chain[0].values == ("b c", "$d")


def test_a_chain_is_simple_commands_joined_by_and():
    assert [one.name for one in understood("a && b && c").chain] == ["a", "b", "c"]
    assert understood("a && (b)").chain is None
    assert understood("a; b").chain is None


def test_commands_of_compounds_are_in_the_order_written():
    text = "if a; then b | c; else { d; }; fi && case x in y) e;; esac; for i in 1; do f; done; g() { h; }"
    assert [one.name for one in understood(text).commands()] == list("abcdefh")


def test_commands_of_substitutions_are_told_apart():
    found = understood('A=$(a) b "$(c $(d))" > "$(e)" `f` <(g) && for i in $(h); do i; done')
    assert [one.name for one in found.commands()] == ["b", "i"]
    assert [one.name for one in found.substituted()] == ["a", "c", "d", "f", "g", "e", "h"]


def test_places_lead_through_continuations_and_comments():
    text = "RUN apt-get \\\n  # why\n  update && \\\r\n\\\n  apt-\\\n\nget  install 'a b'\n"
    dockerfile = parse(f"FROM a\n{text}")
    found = script_of(dockerfile, dockerfile.instructions[-1])
    cut = dockerfile.source.cut
    assert [[cut(word.span) for word in one.words] for one in found.commands()] == [
        ["apt-get", "update"],
        ["apt-\\\n\nget", "install", "'a b'"],
    ]
    assert [one.words[0].text for one in found.commands()] == ["apt-get", "apt-get"]
    assert cut(found.span) == text[4:-1]
    assert dockerfile.source.line_col(list(found.commands())[1].span.start)[0] == 6


def test_a_backquote_may_continue_lines():
    text = "# escape=`\nFROM a\nRUN a `\n  b\\c"
    dockerfile = parse(text)
    (command,) = script_of(dockerfile, dockerfile.instructions[-1]).commands()
    assert [(word.text, word.value, dockerfile.source.cut(word.span)) for word in command.words] == [
        ("a", "a", "a"),
        ("b\\c", "bc", "b\\c"),
    ]


def test_a_heredoc_is_a_script():
    text = "RUN <<EOF\nset -e\napt-get update # lists\n\nif a; then\n  b \\\n    c\nfi\nEOF\n"
    dockerfile = parse(f"FROM a\n{text}")
    found = script_of(dockerfile, dockerfile.instructions[-1])
    assert outline(found.body) == ["set -e", ";", "apt-get update", ";", {"if": [["a", ";"], ["b c"]]}]
    assert dockerfile.source.cut(found.comments[0]) == "# lists"
    assert [dockerfile.source.cut(one.span) for one in found.commands()] == [
        "set -e",
        "apt-get update",
        "a",
        "b \\\n    c",
    ]


def test_tabs_before_the_lines_of_a_heredoc_are_no_part_of_it():
    text = "RUN <<-'EOF'\n\t\ta 'b\n\t\tc'\n\tEOF\n"
    dockerfile = parse(f"FROM a\n{text}")
    found = script_of(dockerfile, dockerfile.instructions[-1])
    (command,) = found.commands()
    assert command.words[1].value == "b\nc"
    assert dockerfile.source.cut(command.span) == "a 'b\n\t\tc"[:-1] + "c'"


def test_a_heredoc_inside_a_heredoc_belongs_to_its_command():
    text = "RUN <<EOF\ncat <<X >/f && b\n$(rm -rf /) '\nX\nc\nEOF\n"
    dockerfile = parse(f"FROM a\n{text}")
    found = script_of(dockerfile, dockerfile.instructions[-1])
    assert outline(found.body) == ["cat <<X >/f", "&&", "b", ";", "c"]
    assert [dockerfile.source.cut(one) for one in found.heredocs] == ["$(rm -rf /) '\nX"]


def test_a_command_with_heredocs_is_a_command():
    text = "RUN cat <<A <<-'B' > /f && \\\n  chmod +x /f; d\none\nA\n\ttwo \"\n\tB\nUSER x\n"
    dockerfile = parse(f"FROM a\n{text}")
    found = script_of(dockerfile, dockerfile.instructions[1])
    assert outline(found.body) == ["cat <<A <<-'B' >/f", "&&", "chmod +x /f", ";", "d"]
    assert [dockerfile.source.cut(one) for one in found.heredocs] == ["one\nA", '\ttwo "\n\tB']
    assert found.text == dockerfile.instructions[1].script


def test_line_ends_of_windows_are_line_ends():
    found = script("RUN <<EOF\r\na b\r\nc\r\nEOF\r\n")
    assert outline(found.body) == ["a b", ";", "c"]


SHEBANGS = {"sh": "#!/bin/sh", "bash": "#!/usr/bin/env bash", "options": "#!/bin/bash -eu"}


@pytest.mark.parametrize("line", SHEBANGS.values(), ids=SHEBANGS)
def test_a_heredoc_may_name_a_shell(line):
    assert outline(script(f"RUN <<EOF\n{line}\na\nEOF\n").body) == ["a"]


WITHOUT = {
    "exec": 'RUN ["/bin/sh", "-c", "a"]',
    "python": "RUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF\n",
    "other-instruction": "ENV A=b",
    "no-healthcheck": "HEALTHCHECK NONE",
    "empty": "RUN",
    "only-comment": "RUN # a",
}


@pytest.mark.parametrize("text", WITHOUT.values(), ids=WITHOUT)
def test_no_script(text):
    assert script(text) is None


REFUSED = {
    "quote": "a 'b",
    "double": 'a "b',
    "parenthesis": "(a",
    "closing": "a )",
    "brace": "{ a; ",
    "brace-alone": "}",
    "if": "if a; then b",
    "then": "then b",
    "done": "for x in a; do b",
    "empty-if": "if a; then fi",
    "empty-subshell": "()",
    "case": "case x in a) b",
    "and-at-the-end": "a &&",
    "and-at-the-begin": "&& a",
    "two-semicolons": "a;; b",
    "pipe-at-the-end": "a |",
    "redirection": "a >",
    "parameter": "a ${b",
    "substitution": "a $(b",
    "backquote": "a `b",
    "backslash": "a \\\\\\",
    "coprocess": "coproc a",
    "named-descriptor": "exec {fd}>f",
    "function-without-body": "f()",
    "regex": "[[ a =~ ]]",
    "test": "[[ a",
    "heredoc-without-end": "((1 << 2) && a",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused(text):
    assert script(f"RUN {text}") is None


OPENINGS = {
    **{
        one: one for one in ("(", "{ ", "$(", "if a; then ", 'a "$(', "a `", "f() ", "! ", "a ${b:-", "((", "a=(", "@(")
    },
    "parameters-then-substitution": "a " + "${b:-" * 39 + "$(",
    "subshells-then-substitution": "( " * 39 + "$(",
    "all-together": 'a "$(b ${c:-`',
    "arrays-and-patterns": "a=( @( $( ",
}


@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS)
def test_depth_is_bounded(opening):
    script(f"RUN {opening * 5000}")


def test_healthcheck_and_commands_have_scripts():
    found = script("HEALTHCHECK --interval=5s \\\n CMD  curl -f http://a/ || exit 1")
    assert outline(found.body) == ["curl -f http://a/", "||", "exit 1"]
    assert outline(script("CMD exec a $B").body) == ["exec a $B"]
    assert outline(script("ENTRYPOINT a").body) == ["a"]


def test_a_trigger_has_a_script():
    dockerfile = parse("FROM a\nONBUILD \\\n  RUN a && \\\n b\n")
    found = script_of(dockerfile, dockerfile.instructions[-1].trigger)
    assert [dockerfile.source.cut(one.span) for one in found.commands()] == ["a", "b"]


# Texts of what shells are made of, so that many are right.
_ATOMS = st.sampled_from(
    """a | b c | -x | $v | ${v:-w} | 'q r' | "s $t" | $(u) | `w` | *.c | # z | = | A=1 | 2 | ! | ~ | && | ; | & | > | 2>&1
    | < | ( | ) | { | } | [[ | ]] | [ | ] | $((1+2)) | x() | \\ | if | then | fi | else | elif | for | in | do | done
    | while | case | esac | ;; | function | ' | "
    """.split("|")  # noqa: SIM905 - a list that one can read
).map(str.strip) | st.sampled_from(["|", "||"])


@given(st.lists(_ATOMS, max_size=14).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_never_raises_and_places_hold_what_words_say(text):
    dockerfile = parse(f"FROM a\nRUN {text}\n")
    found = script_of(dockerfile, dockerfile.instructions[-1])
    if found is None:
        return
    source = dockerfile.source
    for one in (*found.commands(), *found.substituted()):
        words: list[Word] = [*one.assignments, *one.words]
        assert [source.cut(word.span) for word in words] == [word.text for word in words]
        for before, after in pairwise(words):
            assert before.span.end <= after.span.start
        assert one.span.end <= len(source.text)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is the witness")
@given(st.lists(_ATOMS, max_size=10).map(" ".join))
@settings(max_examples=60, deadline=None)
def test_bash_refuses_no_script_that_was_read(text):
    dockerfile = parse(f"FROM a\nRUN {text}\n")
    run = dockerfile.instructions[-1]
    found = script_of(dockerfile, run)
    if found is None:
        return
    done = subprocess.run(["bash", "-n"], check=False, input=run.script.encode(), capture_output=True, timeout=20)
    assert done.returncode == 0, (run.script, done.stderr)
