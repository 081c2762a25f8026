"""COPY and ADD: what is copied from where to where, fully resolved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lissom.build.chmod import Mode
from lissom.build.config import clean_path
from lissom.build.step import ContextInput, CopyOp, FilesInput, GitInput, Input, Operation, UrlInput
from lissom.context.git import parse_git
from lissom.context.url import remote_name
from lissom.dockerfile.expand import ExpandError, expand
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Add, Copy, Heredoc

if TYPE_CHECKING:
    from lissom.build.stage import StagePlanner

__all__ = ["plan_copy"]


def plan_copy(stage: StagePlanner, copy: Copy | Add) -> tuple[tuple[Operation, ...], str]:
    """The operations, in the order of the sources, and the history line."""
    return _Copying(stage, copy).plan()


class _Copying:
    def __init__(self, stage: StagePlanner, copy: Copy | Add) -> None:
        self.stage = stage
        self.copy = copy
        self.add = isinstance(copy, Add)
        self.sources = [self._expand(source) for source in copy.sources]
        self.written_destination = self._expand(copy.destination)
        self.chown = self._expand(copy.chown or "")
        self.chmod = self._chmod()
        self.excludes = tuple(self._expand(pattern) for pattern in copy.exclude)
        self.checksum = self._checksum()

    def plan(self) -> tuple[tuple[Operation, ...], str]:
        if not self.sources and not self.copy.heredocs:
            raise self.stage.error(self.copy.span, f"{self.copy.keyword} needs a source")
        destination = clean_path(self.stage.cwd, self.written_destination)
        self.destination = destination
        own = self._input()
        operations: list[Operation] = []
        local: list[str] = []
        for source in self.sources:
            remote = self._remote(source)
            if remote is None:
                local.append(source)
                continue
            operations.extend(self._local(own, local))
            local = []
            operations.append(remote)
        operations.extend(self._local(own, local))
        operations.extend(self._heredoc(heredoc) for heredoc in self.copy.heredocs)
        shown = [*self.sources, *(f"<<{heredoc.name}" for heredoc in self.copy.heredocs), self.written_destination]
        return tuple(operations), f"{self.copy.keyword} {' '.join(shown)} # buildkit"

    def _expand(self, word: str) -> str:
        return self.stage.expand(word, self.copy.span)

    def _span(self, flag: str) -> Span:
        return next((f.span for f in self.copy.flags if f.name == flag), self.copy.span)

    def _chmod(self) -> str:
        text = self._expand(self.copy.chmod or "")
        if text:
            try:
                Mode.parse(text)
            except ValueError as error:
                raise self.stage.error(self._span("chmod"), f"invalid chmod parameter `{text}`: {error}") from error
        return text

    def _checksum(self) -> str:
        if not isinstance(self.copy, Add) or not self.copy.checksum:
            return ""
        text = self._expand(self.copy.checksum)
        if len(self.sources) != 1:
            raise self.stage.error(self._span("checksum"), "checksum can't be specified for multiple sources")
        git = parse_git(self.sources[0]) is not None
        if not git and not self.sources[0].startswith(("http://", "https://")):
            raise self.stage.error(
                self._span("checksum"), "checksum can only be specified for URLs and git repositories"
            )
        pattern = r"[0-9a-f]{7,64}" if git else r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}"
        if not re.fullmatch(pattern, text):
            raise self.stage.error(
                self._span("checksum"), f"invalid checksum `{text}`", hint="write sha256: and 64 hex digits"
            )
        return text

    def _input(self) -> Input:
        from_ = self.copy.from_ if isinstance(self.copy, Copy) else None
        if from_ is None:
            return ContextInput()
        if "$" in from_:
            raise self.stage.error(
                self._span("from"),
                "--from does not support variable expansion",
                hint=f"write FROM {from_} AS NAME and --from=NAME",
            )
        return self.stage.input_named(from_, self.copy)

    def _local(self, own: Input, sources: list[str]) -> list[Operation]:
        """Sources of one input; with --parents or here-documents they stay one operation all the same."""
        if not sources:
            return []
        parents = isinstance(self.copy, Copy) and self.copy.parents
        unpack = isinstance(self.copy, Add) and self.copy.unpack is not False
        return [self._operation(own, tuple(sources), parents=parents, unpack=unpack)]

    def _heredoc(self, heredoc: Heredoc) -> CopyOp:
        data = heredoc.data
        if heredoc.expand:
            try:
                data = expand(data, self.stage.scope.env.get, quotes=False)
            except ExpandError as error:
                raise self.stage.error(heredoc.span, f"cannot expand the here-document: {error}") from error
        files = ((heredoc.name, data.encode("utf-8", "surrogateescape")),)
        return self._operation(FilesInput(files), (_literal(heredoc.name),))

    def _remote(self, source: str) -> CopyOp | None:
        git = parse_git(source)
        if git is not None and (self.add or "://" in source or source.startswith("git@")):
            if not self.add:
                raise self.stage.error(
                    self.copy.span, f"source can't be a git ref for COPY: `{source}`", hint="use ADD"
                )
            keep = isinstance(self.copy, Add) and bool(self.copy.keep_git_dir)
            return self._operation(GitInput(git.remote, git.ref, git.subdir, keep, self.checksum), ("/",))
        if not source.startswith(("http://", "https://")):
            return None
        if not self.add:
            raise self.stage.error(self.copy.span, f"source can't be a URL for COPY: `{source}`", hint="use ADD")
        name = remote_name(source)
        unpack = isinstance(self.copy, Add) and bool(self.copy.unpack)
        return self._operation(UrlInput(source, self.checksum), (_literal(name),), unpack=unpack)

    def _operation(
        self, own: Input, sources: tuple[str, ...], *, parents: bool = False, unpack: bool = False
    ) -> CopyOp:
        return CopyOp(
            own,
            sources,
            self.destination,
            chown=self.chown,
            chmod=self.chmod,
            link=self.copy.link,
            parents=parents,
            excludes=self.excludes,
            unpack=unpack,
        )


def _literal(name: str) -> str:
    """A pattern that matches exactly ``name``."""
    return re.sub(r"([*?\[\\])", r"\\\1", name)
