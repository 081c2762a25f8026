"""Python's modules compiled by the image's own interpreter, in the sandbox; see PEP 552 for pyc files without times.

Packages compile when they are configured; without that each start of a container would, since it cannot write there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lissom.distroless.tree.assembled import Origin
from lissom.distroless.tree.draft import Draft
from lissom.errors import SandboxError, UsageError
from lissom.rootfs.disk import write
from lissom.rootfs.entry import Entry, HostFile, Kind, parent_of
from lissom.rootfs.ownership import Ownership
from lissom.sandbox.process import Bind, FileMount, Process, run

__all__ = ["compile_modules"]

_INTERPRETER = re.compile(r"usr/(?:local/)?bin/python3\.(\d+)")
_OUTPUT = "/run/lissom-modules"
_LIST = "/run/lissom-modules.txt"
_SIDE_BY_SIDE = 4
_SCRIPT = "/run/lissom-compile.py"
# One process a module: what is in memory by then shows in what marshal writes.
_PROGRAM = f"""\
import os, sys
from importlib._bootstrap_external import _code_to_hash_pyc
from importlib.util import source_hash

def compile_module(path, target):
    with open(path, "rb") as file:
        data = file.read()
    try:
        code = compile(data, path, "exec", dont_inherit=True, optimize=0)
    except Exception:
        return
    with open(target, "wb") as file:
        file.write(_code_to_hash_pyc(code, source_hash(data), checked=False))

def wait():
    if os.wait()[1]:
        sys.exit("a module could not be compiled")

with open("{_LIST}", errors="surrogateescape") as file:
    paths = file.read().splitlines()
for number, path in enumerate(paths):
    if number >= {_SIDE_BY_SIDE}:
        wait()
    if not os.fork():
        compile_module(path, f"{_OUTPUT}/{{number}}")
        os._exit(0)
for _ in paths[:{_SIDE_BY_SIDE}]:
    wait()
"""


@dataclass(frozen=True)
class _Interpreter:
    path: str
    minor: int

    def target(self, module: str) -> str:
        """Where the interpreter looks for the compiled form of ``module``."""
        name = module.rpartition("/")[2].removesuffix(".py")
        return f"{parent_of(module)}/__pycache__/{name}.cpython-3{self.minor}.pyc"

    def has(self, path: str) -> bool:
        """Whether ``path`` is a module in a directory of this interpreter's."""
        return path.endswith(".py") and re.match(rf"usr/(?:local/)?lib/python3(?:\.{self.minor})?/", path) is not None


def compile_modules(draft: Draft, workspace: Path, *, ownership: Ownership) -> None:
    """Add the compiled form of every module of ``draft``, for each of its interpreters; what is no Python stays alone.

    Compiled forms are read from ``workspace`` for as long as the draft is. Raises UsageError without an interpreter,
    SandboxError without a sandbox.
    """
    found = [_Interpreter(path, int(match[1])) for path in draft.entries if (match := _INTERPRETER.fullmatch(path))]
    if not found:
        raise UsageError(
            "cannot compile Python's modules: no package has an interpreter",
            hint="add python3.11-minimal to `packages`, or leave out `pyc`",
        )
    root = workspace / "python-root"
    root.mkdir()
    write(draft.finished().changeset, root, ownership=ownership)
    for interpreter in found:
        output = workspace / f"python-{interpreter.path.replace('/', '-')}"
        output.mkdir()
        modules = sorted(path for path in draft.entries if interpreter.has(path))
        _run(_process(interpreter, modules, root, output, ownership))
        for module, entry in _made(interpreter, modules, output, draft):
            draft.put([entry], Origin(draft.origins[module].package, "compiled from its module"))


def _process(interpreter: _Interpreter, modules: list[str], root: Path, output: Path, ownership: Ownership) -> Process:
    listed = "".join(f"/{module}\n" for module in modules).encode("utf-8", "surrogateescape")
    return Process(
        argv=(f"/{interpreter.path}", "-I", "-S", "-X", "utf8", _SCRIPT),
        env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
        lowers=(root,),
        readonly=True,
        mounts=(
            Bind(output, _OUTPUT),
            FileMount(_LIST, listed, 0o444, secret=False),
            FileMount(_SCRIPT, _PROGRAM.encode(), 0o444, secret=False),
        ),
        network="none",
        ownership=ownership,
    )


def _run(process: Process) -> None:
    said: list[bytes] = []
    status = run(process, lambda _, data: said.append(data) if len(said) < 100 else None)
    if status:
        lines = b"".join(said).decode(errors="replace").strip().splitlines()
        cause = f"it exited with status {status}" + (f": {lines[-1]}" if lines else "")
        raise SandboxError(f"cannot compile Python's modules by `{process.argv[0]}`: {cause}")


def _made(interpreter: _Interpreter, modules: list[str], output: Path, draft: Draft) -> Iterator[tuple[str, Entry]]:
    """Each module that could be compiled, and the file beside it: as old as the module, for root alone to write."""
    for number, module in enumerate(modules):
        place = output / str(number)
        if place.is_file() and not place.is_symlink():
            mtime, size = draft.entries[module].mtime, place.stat().st_size
            target = interpreter.target(module)
            yield module, Entry(target, Kind.FILE, 0o644, mtime=mtime, size=size, content=HostFile(place))
