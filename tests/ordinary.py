"""An ordinary user to run lissom as: made for the test run, with or without subordinate ids, and gone with it."""

from __future__ import annotations

import compileall
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import distribution
from pathlib import Path

import lissom

_REQUIREMENT = re.compile(r"[\w.-]+")
_PLACES = ("/usr/bin", "/usr/local/bin", "/opt/python/bin")
_RANGES = {True: (), False: ("-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0")}
_PREFIX = "lissomtest"


class MissingError(Exception):
    """What this machine lacks for such a user."""


@dataclass(frozen=True)
class Ordinary:
    """``home`` is readable by all and its owner's alone to change; ``python`` can run what is in ``packages``."""

    name: str
    uid: int
    gid: int
    home: Path
    python: str = ""
    packages: Path | None = None

    @property
    def command(self) -> list[str]:
        """How lissom is called."""
        return [self.python, "-m", "lissom"]

    @property
    def environment(self) -> dict[str, str]:
        """What a login gives, and where our packages are."""
        words = {"HOME": str(self.home), "USER": self.name, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/games"}
        return words | {"LANG": "C.UTF-8", "PYTHONPATH": str(self.packages or "")}

    def run(
        self, *words: str | Path, stdin: bytes = b"", cwd: Path | None = None, env: Mapping[str, str] | None = None,
        timeout: int = 300,
    ) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
        """Run a program as this user, with nothing of root's."""
        return subprocess.run(
            [*map(str, words)], input=stdin, capture_output=True, check=False, cwd=cwd or self.home, timeout=timeout,
            env={**self.environment, **(env or {})}, user=self.uid, group=self.gid,
            extra_groups=[], umask=0o022,
        )  # fmt: skip

    def lissom(self, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[bytes]:
        """Run lissom as this user."""
        return self.run(*self.command, *arguments, **options)  # type: ignore[arg-type]

    def own(self, path: Path) -> Path:
        """Make everything at ``path`` this user's."""
        for each in (path, *path.rglob("*")):
            status = each.lstat()
            os.lchown(each, self.uid, self.gid)
            if status.st_mode & (stat.S_ISUID | stat.S_ISGID) and not each.is_symlink():
                each.chmod(stat.S_IMODE(status.st_mode))  # which chown took away
        return path


@contextmanager
def ordinary(*, ranges: bool, name: str | None = None) -> Iterator[Ordinary]:
    """A new user with or without subordinate ids; with ``name`` one that there is. Raises MissingError."""
    if os.geteuid() != 0:
        raise MissingError("only root can make users")
    made = name or f"{_PREFIX}{os.getpid()}{'m' if ranges else 's'}"
    # Not below pytest's directories, which it keeps private.
    with tempfile.TemporaryDirectory(prefix="lissom-user-", ignore_cleanup_errors=True) as directory:
        base = Path(directory)
        base.chmod(0o755)
        if name is None:
            _make(made, ranges=ranges, home=base / "home")
        try:
            account = pwd.getpwnam(made)
            user = Ordinary(made, account.pw_uid, account.pw_gid, base / "home")
            user.home.mkdir(exist_ok=True)
            user.own(user.home)
            yield _equip(user, base / "packages")
        finally:
            if name is None:
                _administer("userdel", made)


def _make(name: str, *, ranges: bool, home: Path) -> None:
    if shutil.which("useradd") is None:
        raise MissingError("useradd is not installed")
    if ranges and shutil.which("newuidmap") is None:
        raise MissingError("newuidmap is not installed")
    for entry in pwd.getpwall():
        left = re.fullmatch(_PREFIX + r"(\d+)[ms]", entry.pw_name)
        if left and not Path("/proc", left[1]).exists():
            _administer("userdel", entry.pw_name)  # of a run that was killed
    fault = _administer("useradd", "-M", "-d", str(home), "-s", "/bin/sh", *_RANGES[ranges], name)
    if fault:
        raise MissingError(f"useradd: {fault}")


def _administer(*words: str) -> str:
    """Run a program that changes the user database; another test run may hold its lock for a moment."""
    for _ in range(50):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if "lock" not in done.stderr:
            break
        time.sleep(0.1)
    return done.stderr.strip() if done.returncode else ""


def _equip(user: Ordinary, packages: Path) -> Ordinary:
    """Give ``user`` lissom and an interpreter: ours may lie in a directory that is closed to others."""
    _install(packages)
    for python in (sys.executable, *(f"{place}/python3" for place in _PLACES)):
        found = replace(user, python=python, packages=packages)
        try:
            if found.run(python, "-c", "import zstandard, isal, lissom.cli.main, json, ctypes").returncode == 0:
                return found
        except OSError:
            continue
    raise MissingError(f"no interpreter that ordinary users can run knows the packages of {sys.executable}")


def _install(packages: Path) -> None:
    """Copy lissom and what it requires to where everyone can read them; times stay, so compiled files stay good."""
    shutil.copytree(Path(lissom.__file__).parent, packages / "lissom")
    compileall.compile_dir(packages / "lissom", quiet=2)
    wanted, seen = ["lissom"], set()
    while wanted:
        found = distribution(wanted.pop())
        for requirement in found.requires or ():
            name = _REQUIREMENT.match(requirement)
            if name and "extra ==" not in requirement and ";" not in requirement and name[0] not in seen:
                seen.add(name[0])
                wanted.append(name[0])
        for file in found.files or ():
            place = packages / file
            if ".." not in file.parts and not place.exists() and Path(found.locate_file(file)).is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(Path(found.locate_file(file)), place)
