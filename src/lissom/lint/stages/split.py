"""Whether a Dockerfile of one stage can be two, and the edits that make it so."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.dockerfile.source import Edit
from lissom.dockerfile.syntax import Cmd, Entrypoint, Onbuild
from lissom.lint.stages import c, dotnet, go, java, node, python, ruby, rust, static, tomcat
from lissom.lint.stages.bare import bare
from lissom.lint.stages.reading import Reading, read
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.stages.sorting import sort_out
from lissom.lint.stages.writer import edits_of
from lissom.lint.subject import Subject

__all__ = ["Split", "split"]

_ECOSYSTEMS = (
    tomcat.recognise,
    java.recognise,
    static.recognise,
    node.recognise,
    python.recognise,
    go.recognise,
    rust.recognise,
    ruby.recognise,
    dotnet.recognise,
    c.recognise,
)
_SUPERVISORS = frozenset(("supervisord", "s6-svscan", "runsvdir", "runit", "systemd", "monit", "circusd", "foreman"))
_MOST = 1000  # commands and instructions; nobody wrote a longer file by hand
_BUILDERS = {
    "go": ("go",),
    "rust": ("cargo",),
    "java": ("mvn", "mvnw", "gradle", "gradlew", "javac", "ant"),
    "dotnet": ("dotnet",),
    "swift": ("swift",),
}
"""Programs that compile, by the language of the image that has them."""


@dataclass(frozen=True)
class Split:
    """A stage that holds what it was built with: its ``recipe``, and the edits, or why there are none."""

    recipe: Recipe | None
    edits: tuple[Edit, ...]
    doubt: Doubt | None


def split(subject: Subject) -> Split | None:
    """How to split the only stage of a file; None when there are several, or nothing in it builds anything."""
    if len(subject.stages) != 1 or any(isinstance(one.instruction, Onbuild) for one in subject.steps()):
        return None
    reading = read(subject, subject.final)
    if len(reading.commands) > _MOST or len(subject.final.steps) > _MOST:
        return None
    try:
        recipe = next((found for recognise in _ECOSYSTEMS if (found := recognise(reading)) is not None), None)
        if recipe is None:
            return _unknown(reading)
        _check_start(reading)
    except Doubt as doubt:
        return Split(None, (), doubt)
    return _split(reading, recipe)


def _check_start(reading: Reading) -> None:
    """Doubt that the container starts one program."""
    for step in reading.stage.steps:
        if not isinstance(step.instruction, (Cmd, Entrypoint)):
            continue
        words = {word.rpartition("/")[2] for text in step.instruction.command.args for word in text.split()}
        behind = step.script is not None and any(part.joiner == "&" for part in step.script.body.parts)
        if behind or words & _SUPERVISORS:
            raise Doubt(step.instruction.span, "it starts several programs")


def _unknown(reading: Reading) -> Split | None:
    """What is plain to see: a compiler's image that compiles, only not on a base that is understood."""
    builders = _BUILDERS.get(reading.stage.base.language, ())
    if not any(one.call.program in builders for one in reading.commands):
        return None
    return Split(None, (), Doubt(reading.stage.stage.from_.image_span, "only images on Debian are understood"))


def _split(reading: Reading, recipe: Recipe) -> Split:
    found = sort_out(reading, recipe)
    doubts = (*reading.doubts, *found.doubts)
    if doubts:
        return Split(recipe, (), min(doubts, key=lambda doubt: doubt.span))
    if reading.bare:
        try:
            recipe, found = bare(reading, recipe, found)
        except Doubt as doubt:
            return Split(recipe, (), doubt)
    return Split(recipe, edits_of(reading, recipe, found), None)
