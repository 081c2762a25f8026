"""From text to a Dockerfile: every instruction read, every fault found, no byte lost."""

from __future__ import annotations

from collections.abc import Sequence

from lissom.dockerfile.fault import Fault, FaultError, dockerfile_error
from lissom.dockerfile.instructions import read_instruction
from lissom.dockerfile.lexer import Lexed, Line, lex
from lissom.dockerfile.source import Source, Span
from lissom.dockerfile.statement import Statement
from lissom.dockerfile.syntax import Arg, Dockerfile, From, Instruction, Item, Stage, Warning  # noqa: A004

__all__ = ["decode", "faults_of", "parse", "parse_instruction"]

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def parse(text: str | bytes, name: str = "Dockerfile") -> Dockerfile:
    """Read a Dockerfile; ``name`` is what messages call it. DockerfileError lists all faults.

    Bytes that are no UTF-8 survive by surrogateescape. ``"".join`` of the items' texts is the text itself.
    """
    source = Source(name, decode(text, name) if isinstance(text, bytes) else text)
    reader = _Reader(lex(source))
    reader.run()
    if reader.faults:
        raise dockerfile_error(source, reader.faults)
    return Dockerfile(
        source=source,
        directives=reader.lexed.directives,
        escape=reader.lexed.escape,
        items=tuple(reader.items),
        instructions=tuple(reader.instructions),
        meta_args=tuple(reader.meta_args),
        stages=_stages(reader.instructions),
        warnings=tuple(sorted(reader.warnings, key=lambda warning: warning.span)),
    )


def faults_of(source: Source) -> tuple[Fault, ...]:
    """All that is wrong with a Dockerfile; nothing when ``parse`` reads it."""
    reader = _Reader(lex(source))
    reader.run()
    return tuple(reader.faults)


def parse_instruction(text: str, name: str = "ONBUILD") -> Instruction:
    """Read one instruction, such as a trigger that a base image's config holds; DockerfileError if it is wrong."""
    source = Source(name, text)
    lexed = lex(source)
    faults = list(lexed.faults)
    lines = [piece for piece in lexed.pieces if isinstance(piece, Line)]
    if len(lines) != 1 and not faults:
        faults.append(Fault(Span(0, len(text)), f"here stands one instruction, not {len(lines)}"))
    if not faults:
        try:
            found = read_instruction(Statement.read(lines[0], lexed.escape))
        except FaultError as error:
            faults.append(error.fault)
        else:
            if not isinstance(found, From):
                return found
            faults.append(Fault(found.span, "FROM cannot stand here"))
    raise dockerfile_error(source, faults)


def decode(data: bytes, name: str) -> str:
    """The text of a file's bytes; DockerfileError if it is UTF-16."""
    if data.startswith(_UTF16):
        message = "the file is UTF-16"
        raise dockerfile_error(Source(name, ""), [Fault(Span(0, 0), message, "save it as UTF-8")])
    return data.decode("utf-8", "surrogateescape")


class _Reader:
    """Turns lines into instructions and collects what is wrong with them."""

    def __init__(self, lexed: Lexed) -> None:
        self.lexed = lexed
        self.faults = list(lexed.faults)
        self.warnings: list[Warning] = []
        self.items: list[Item] = []
        self.instructions: list[Instruction] = []
        self.meta_args: list[Arg] = []
        self.in_stage = False
        self.names: set[str] = set()

    def run(self) -> None:
        lines = 0
        for piece in self.lexed.pieces:
            if isinstance(piece, Line):
                lines += 1
                self._line(piece)
            else:
                self.items.append(piece)
        if self.faults:
            return
        if not lines:
            self.faults.append(Fault(Span(0, 0), "the file holds no instruction", "begin with FROM"))
        elif not self.in_stage:
            end = self.instructions[-1].span
            self.faults.append(Fault(end, "the file has no FROM", "FROM scratch begins with an empty file system"))

    def _line(self, line: Line) -> None:
        statement = Statement.read(line, self.lexed.escape)
        if not statement.keyword:
            self.faults.append(Fault(line.span, "the line continues nothing"))
            return
        try:
            instruction = read_instruction(statement)
        except FaultError as error:
            # What follows a FROM that is wrong is not to blame for it.
            self.in_stage = self.in_stage or statement.keyword == "FROM" or not self.instructions
            self.faults.append(error.fault)
            return
        self._place(instruction, statement)
        self.items.append(instruction)
        self.instructions.append(instruction)
        self.warnings.extend(statement.warnings)
        if line.empty:
            message = "an empty line inside an instruction ends it in other tools; remove it or put # there"
            self.warnings.append(Warning("NoEmptyContinuation", message, line.empty[0]))

    def _place(self, instruction: Instruction, statement: Statement) -> None:
        if isinstance(instruction, From):
            self.in_stage = True
            if instruction.name and instruction.name_span:
                if instruction.name in self.names:
                    message = f"two stages are named `{instruction.name}`; the later one is meant"
                    self.warnings.append(Warning("DuplicateStageName", message, instruction.name_span))
                self.names.add(instruction.name)
        elif not self.in_stage and isinstance(instruction, Arg):
            self.meta_args.append(instruction)
        elif not self.in_stage:
            hint = "only ARG may stand before the first FROM"
            error = statement.fault(None, f"{instruction.keyword} has no FROM before it", hint=hint)
            self.faults.append(error.fault)
            self.in_stage = True


def _stages(instructions: Sequence[Instruction]) -> tuple[Stage, ...]:
    begins = [place for place, one in enumerate(instructions) if isinstance(one, From)]
    stages: list[Stage] = []
    for place, end in zip(begins, [*begins[1:], len(instructions)], strict=True):
        first = instructions[place]
        assert isinstance(first, From)
        stages.append(Stage(first, tuple(instructions[place + 1 : end]), len(stages), first.name))
    return tuple(stages)
