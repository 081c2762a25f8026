"""COPY and ADD."""

from __future__ import annotations

from lissom.dockerfile.comments import behind, lone_hash
from lissom.dockerfile.lexer import heredoc_name
from lissom.dockerfile.statement import TEXT, TEXTS, TRUTH, Flags, Statement
from lissom.dockerfile.syntax import Add, Copy, Heredoc

__all__ = ["read_add", "read_copy"]

_COPY_FLAGS = {"from": TEXT, "chown": TEXT, "chmod": TEXT, "link": TRUTH, "parents": TRUTH, "exclude": TEXTS}
_ADD_FLAGS = {
    "checksum": TEXT,
    "chown": TEXT,
    "chmod": TEXT,
    "link": TRUTH,
    "keep-git-dir": TRUTH,
    "unpack": TRUTH,
    "exclude": TEXTS,
}


def read_copy(statement: Statement) -> Copy:
    """A COPY; FaultError if it is wrong."""
    flags = Flags.read(statement, _COPY_FLAGS)
    sources, destination, heredocs = _paths(statement)
    origin = flags.text("from")
    if origin and "$" in origin:
        hint = f"name it by a stage: FROM {origin} AS name, with the ARG before the first FROM, then COPY --from=name"
        raise statement.fault(flags.word("from"), "COPY --from cannot hold a variable", hint=hint)
    return Copy(
        **statement.head(flags.raw),
        sources=sources,
        destination=destination,
        heredocs=heredocs,
        from_=origin,
        chown=flags.text("chown"),
        chmod=flags.text("chmod"),
        link=flags.truth("link") or False,
        parents=flags.truth("parents") or False,
        exclude=flags.texts("exclude"),
    )


def read_add(statement: Statement) -> Add:
    """An ADD; FaultError if it is wrong."""
    flags = Flags.read(statement, _ADD_FLAGS)
    sources, destination, heredocs = _paths(statement)
    return Add(
        **statement.head(flags.raw),
        sources=sources,
        destination=destination,
        heredocs=heredocs,
        chown=flags.text("chown"),
        chmod=flags.text("chmod"),
        link=flags.truth("link") or False,
        exclude=flags.texts("exclude"),
        checksum=flags.text("checksum"),
        keep_git_dir=flags.truth("keep-git-dir"),
        unpack=flags.truth("unpack"),
    )


def _paths(statement: Statement) -> tuple[tuple[str, ...], str, tuple[Heredoc, ...]]:
    keyword = statement.keyword
    words = statement.json()
    if words is None:
        places = statement.fields()
        comment = behind(statement, lone_hash(places[1:]))
        if comment:
            raise comment
        words = tuple(word.text for word in places)
    if len(words) < 2:
        what = "a source and a destination" if not words else f"a destination behind `{words[0]}`"
        raise statement.fault(None, f"{keyword} needs {what}", hint=f"write it like this: {keyword} . /app/")
    *sources, destination = words
    if heredoc_name(destination):
        where = (statement.start, statement.start + len(statement.rest))
        raise statement.fault(where, f"{keyword} cannot write to the heredoc `{destination}`")
    bodies = {body.heredoc.name: body.heredoc for body in statement.line.bodies}
    paths: list[str] = []
    heredocs: list[Heredoc] = []
    for source in sources:
        named = heredoc_name(source)
        if named and named[0] in bodies:
            heredocs.append(bodies[named[0]])
        else:
            paths.append(source)
    return tuple(paths), destination, tuple(heredocs)
