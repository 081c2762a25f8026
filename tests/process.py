"""The real ``lissom`` process, as a user meets it: what it printed, with what differs between machines made equal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

COMMAND = (str(Path(sys.executable).with_name("lissom")),)
TIMEOUT = 120
_DIGEST = re.compile(r"(?:sha256:)?\b[0-9a-f]{64}\b")


@dataclass(frozen=True)
class Result:
    """One run. ``out`` and ``err`` are normalised: digests are DIGEST, the working directory is $HERE."""

    code: int
    out: str
    err: str
    raw_err: str

    def __str__(self) -> str:
        """What tests compare: exit code, then what was printed."""
        return f"exit {self.code}\n{self.out}{self.err}"


@dataclass(frozen=True)
class Lissom:
    """A store and a directory to work in."""

    root: Path
    here: Path
    progress: str = "quiet"

    def __call__(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Result:
        done = subprocess.run(
            self.command(*arguments), cwd=self.here, input=stdin, capture_output=True, timeout=TIMEOUT,
            env={**self.environment(), **(env or {})}, check=False,
        )  # fmt: skip
        err = done.stderr.decode(errors="backslashreplace")
        return Result(done.returncode, self._same(done.stdout.decode(errors="backslashreplace")), self._same(err), err)

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        """The same, running; stdout and stderr go nowhere unless ``options`` say otherwise."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(  # type: ignore[call-overload]
            self.command(*arguments), cwd=self.here, env=self.environment(), **{**quiet, **options}
        )

    def command(self, *arguments: str) -> list[str]:
        return [*COMMAND, "--root", str(self.root), "--progress", self.progress, *arguments]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "LC_ALL": "C.UTF-8"}

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Files of the working directory by path."""
        for path, content in files.items():
            place = self.here / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)

    def _same(self, text: str) -> str:
        text = text.replace(str(self.here), "$HERE").replace(str(self.root), "$ROOT")
        return _DIGEST.sub("DIGEST", text)


def calling(root: Path, progress: str = "plain") -> Callable[..., subprocess.CompletedProcess[str]]:
    """``lissom`` with a store at ``root``, what it prints as it is; it has to succeed, unless ``check`` is False."""

    def call(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lissom", "--root", str(root), "--progress", progress, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    return call
