"""Another parser finds the same commands at the same places, in every script of the test data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lissom.dockerfile.parser import parse
from lissom.dockerfile.shell.grammar import parse_script
from lissom.dockerfile.shell.placed import Placed
from lissom.dockerfile.syntax import Run
from lissom.errors import DockerfileError
from odd_dockerfiles import odd_dockerfiles

tree_sitter = pytest.importorskip("tree_sitter")
grammar = pytest.importorskip("tree_sitter_bash")

# Commands that are no `command` in the other grammar.
_OTHERS = ("test_command", "declaration_command", "unset_command")


def scripts() -> Iterator[str]:
    for path in odd_dockerfiles():
        try:
            dockerfile = parse(path.read_bytes())
        except DockerfileError:
            continue
        for instruction in dockerfile.instructions:
            if isinstance(instruction, Run) and instruction.command.shell and not instruction.file:
                yield instruction.script


def named(tree: Any, text: bytes) -> set[tuple[int, str]]:
    """Where a command's name stands, outside substitutions, and the name."""
    found: set[tuple[int, str]] = set()
    nodes = [tree.root_node]
    while nodes:
        node = nodes.pop()
        if node.type in ("command_substitution", "process_substitution", "heredoc_body"):
            continue
        name = node.child_by_field_name("name") if node.type == "command" else None
        if node.type in _OTHERS and node.children[0].type != "[[":
            name = node.children[0]
        if name is not None:
            found.add((len(text[: name.start_byte].decode()), name.text.decode()))
        nodes += node.children
    return found


def test_commands_are_where_the_witness_sees_them():
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    compared = 0
    for text in dict.fromkeys(scripts()):
        try:
            data = text.encode()
        except UnicodeEncodeError:
            continue
        tree = parser.parse(data)
        script = parse_script(Placed.of([(text, 0)]))
        if script is None or tree.root_node.has_error:
            continue
        ours = {(one.words[0].span.start, one.words[0].text) for one in script.commands() if one.words}
        assert ours == named(tree, data), text
        compared += 1
    assert compared > 250
