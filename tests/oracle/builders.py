"""Run a case with a builder: docker, the witness, or lissom, the accused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oracle import bases
from oracle.cases import Build, Case, edit
from oracle.engine import Docker
from oracle.observe import Built, from_docker_archive, from_oci_layout, observation, sameness, volatile_contents
from ordinary import Ordinary

TIMEOUT = 120


@dataclass
class Outcome:
    """What came of a case: per build ok or error, what it said, what it made."""

    exits: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    built: list[Built | None] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


Once = Callable[[Case, Build, Path], tuple[int, str, Built | None]]


def run_case(case: Case, work: Path, once: Once, *, oracle: bool, user: Ordinary | None = None) -> Outcome:
    """Build the case; ``user`` is whose the context shall be."""
    context = case.prepare(work, oracle=oracle)
    outcome = Outcome()
    for build in case.builds(oracle=oracle):
        edit(build.edit, context)
        if user:
            user.own(work)
        status, said, built = once(case, build, work)
        outcome.statuses.append(status)
        outcome.exits.append("error" if status else "ok")
        outcome.said.append(said)
        outcome.built.append(built)
    return outcome


def describe(case: Case, outcome: Outcome) -> dict[str, Any]:
    """The outcome in the form of expect.json."""
    found: dict[str, Any] = {"exit": outcome.exits}
    images = [built for built in outcome.built if built is not None]
    if images:
        base = reference(case.base)
        found |= observation(images[-1], words_of(case.base), base, case.volatile)
    if case.volatile and len(images) > 1:
        found["same"] = sameness([volatile_contents(built, case.volatile) for built in images])
    return found


def reference(name: str) -> Built | None:
    for base in bases.bases():
        if base.name == name:
            document = bases.document(base)
            return Built(json.loads(document), document, base.layers)
    return None


WORDS: dict[str, dict[str, str]] = {}


def words_of(name: str) -> dict[str, str]:
    if name not in WORDS:
        base = reference(name)
        WORDS[name] = base.tree if base else {}
    return WORDS[name]


def docker_builder(docker: Docker) -> Once:
    def once(case: Case, build: Build, work: Path) -> tuple[int, str, Built | None]:
        tag = f"case-{case.name}".lower()
        arguments = ["build", "--progress=plain", "-t", tag, *case.arguments(build, work)]
        done = docker.run(arguments, stdin=case.stdin(work), cwd=work, extra=case.environment(work))
        said = (done.stdout + done.stderr).decode(errors="replace")
        if done.returncode:
            return done.returncode, said, None
        archive = work / "image.tar"
        if docker.check("image", "inspect", "-f", "{{len .RootFS.Layers}}", tag).strip() == "0":
            built = empty(json.loads(docker.check("image", "inspect", tag))[0])
        else:
            docker.check("save", "-o", str(archive), tag)
            built = from_docker_archive(archive)
            archive.unlink()
        docker.check("rmi", "-f", tag)
        return 0, said, built

    return once


def empty(inspected: dict[str, Any]) -> Built:
    """An image without a layer, which docker 20.10 refuses to save."""
    config = {"config": inspected["Config"], "rootfs": {"diff_ids": []}, "history": []}
    return Built({**config, "architecture": inspected["Architecture"], "os": inspected["Os"]}, b"", ())


def lissom_command() -> list[str]:
    """How lissom is called."""
    return [sys.executable, "-m", "lissom"]


def lissom_builder(store: Path, *, user: Ordinary | None = None) -> Once:
    """Builds with the command line of lissom, in a process of its own, as ``user`` when one is given."""

    def once(case: Case, build: Build, work: Path) -> tuple[int, str, Built | None]:
        output = work / "out.oci"
        shutil.rmtree(output, ignore_errors=True)
        arguments = ["--root", str(store), "--progress", "plain", "build", "-t", "case:latest"]
        arguments += ["-o", f"type=oci,dest={output}", *case.arguments(build, work)]
        stdin, settings = case.stdin(work), case.environment(work)
        if user:
            done = user.lissom(*arguments, stdin=stdin, cwd=work, env=settings)
        else:
            done = subprocess.run(
                [*lissom_command(), *arguments], input=stdin, capture_output=True, check=False, cwd=work,
                env={**os.environ, **settings}, timeout=TIMEOUT,
            )  # fmt: skip
        said = (done.stdout + done.stderr).decode(errors="replace")
        if done.returncode:
            return done.returncode, said, None
        return 0, said, from_oci_layout(output)

    return once
