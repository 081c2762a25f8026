"""The cases of the differential suite: a directory each, see tests/data/dockerfile/README.md."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parent.parent / "data" / "dockerfile"
KNOWN = {
    "summary", "flags", "oracle_flags", "builds", "exit", "only", "newer", "volatile", "leaks", "says", "loose", "file",
    "stdin", "base", "env", "patch", "why", "alone",
}  # fmt: skip


@dataclass(frozen=True)
class Build:
    """One call of a builder: what is done to the context before, and the flags."""

    edit: str
    flags: tuple[str, ...]
    fails: bool


@dataclass(frozen=True)
class Case:
    directory: Path
    settings: dict[str, Any]

    @classmethod
    def load(cls, directory: Path) -> Case:
        file = directory / "case.yaml"
        settings = yaml.safe_load(file.read_text()) if file.exists() else {}
        unknown = set(settings) - KNOWN
        assert not unknown, f"{directory.name}: unknown keys {unknown}"
        assert ("only" in settings) == ("why" in settings), f"{directory.name}: `only` wants to know why"
        return cls(directory, settings)

    @property
    def name(self) -> str:
        return self.directory.name

    @property
    def group(self) -> str:
        return self.name.split("-")[0]

    @property
    def fails(self) -> bool:
        return self.settings.get("exit") == "error"

    @property
    def base(self) -> str:
        """The base image the tree is compared with; "scratch" for none."""
        return str(self.settings.get("base", "busy:1"))

    @property
    def volatile(self) -> list[str]:
        return list(self.settings.get("volatile", []))

    @property
    def loose(self) -> set[str]:
        """Parts that are not compared: tree, config, history."""
        return set(self.settings.get("loose", []))

    @cached_property
    def expected(self) -> dict[str, Any] | None:
        file = self.directory / "expect.json"
        return json.loads(file.read_text()) if file.exists() else None

    def builds(self, *, oracle: bool) -> list[Build]:
        common = self.settings.get("flags", [])
        if oracle and "oracle_flags" in self.settings:
            common = self.settings["oracle_flags"]
        described = self.settings.get("builds", [{}])
        return [
            Build(
                each.get("edit", ""),
                tuple(map(str, [*common, *each.get("flags", [])])),
                each.get("exit", "error" if self.fails else "ok") == "error",
            )
            for each in described
        ]

    def prepare(self, work: Path, *, oracle: bool) -> Path:
        """Lay out the context below ``work``; its path. ``work`` itself is where setup.sh puts what is no context."""
        context = work / "context"
        if (self.directory / "context").exists():
            shutil.copytree(self.directory / "context", context, symlinks=True)
        else:
            context.mkdir(parents=True)
        dockerfile = self.directory / "Dockerfile"
        if oracle and (self.directory / "oracle.Dockerfile").exists():
            dockerfile = self.directory / "oracle.Dockerfile"
        if dockerfile.exists():
            target = context / self.settings.get("file", "Dockerfile")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(dockerfile, target)
        if (self.directory / "setup.sh").exists():
            shell(self.directory / "setup.sh", context, builder="docker" if oracle else "lissom")
        return context

    def arguments(self, build: Build, work: Path) -> list[str]:
        """The flags and the context, as both builders take them; to be run in ``work``."""
        flags = [flag.replace("{work}", str(work)) for flag in build.flags]
        if self.settings.get("stdin"):
            return [*flags, "-"]
        if "file" in self.settings:
            flags += ["-f", str(work / "context" / self.settings["file"])]
        return [*flags, str(work / "context")]

    def stdin(self, work: Path) -> bytes:
        """What goes to standard input: nothing, the Dockerfile, or the context as a tar."""
        kind = self.settings.get("stdin")
        if kind == "dockerfile":
            return (work / "context" / "Dockerfile").read_bytes()
        if kind in ("tar", "tar.gz"):
            flags = "-cz" if kind == "tar.gz" else "-c"
            return subprocess.run(["tar", flags, "-C", work / "context", "."], capture_output=True, check=True).stdout
        return b""

    def environment(self, work: Path) -> dict[str, str]:
        return {key: str(value).replace("{work}", str(work)) for key, value in self.settings.get("env", {}).items()}


def shell(script: Path, directory: Path, *, builder: str) -> None:
    subprocess.run(
        ["sh", "-e", script],
        cwd=directory,
        check=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8", "BUILDER": builder, "PYTHON": sys.executable},
    )


def edit(text: str, directory: Path) -> None:
    if text:
        subprocess.run(["sh", "-e", "-c", text], cwd=directory, check=True, stdin=subprocess.DEVNULL)


def all_cases() -> list[Case]:
    return [Case.load(each) for each in sorted(CASES.iterdir()) if each.is_dir()]
