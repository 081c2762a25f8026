"""Python: pip, poetry and uv; the packages go to a virtual environment, which the last stage gets as a whole."""

from __future__ import annotations

import re

from lissom.dockerfile.syntax import Instruction
from lissom.lint.stages.app import app_places
from lissom.lint.stages.called import words_when_run
from lissom.lint.stages.packages import has_tools
from lissom.lint.stages.reading import Called, Reading
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.stages.runtimes import ALPINE, release_of, slim_of

__all__ = ["recognise"]

_VENV = "/venv"
_INSTALLERS = ("pip", "pip3", "python", "python3", "poetry", "uv")
_TOOLS = frozenset((*_INSTALLERS, "pytest", "black", "flake8", "ruff", "mypy"))
_BUILDING = frozenset(("pip", "setuptools", "wheel", "poetry", "poetry-core", "uv", "build", "cython", "pip-tools"))
_RUNNERS = frozenset(("poetry", "pipenv", "uv"))
_MAKE = f"RUN python -m venv {_VENV}\nENV VIRTUAL_ENV={_VENV} PATH={_VENV}/bin:$PATH"

# Distributions that programs of the full image's packages are behind: nothing in their wheels has them.
_NEEDS = {
    "psycopg2": ("libpq5",),
    "mysqlclient": ("libmariadb3",),
    "pymysql": (),
    "python-magic": ("libmagic1",),
    "gitpython": ("git",),
    "python-ldap": ("libldap-2.5-0", "libsasl2-2"),
    "pycurl": ("libcurl4",),
    "pyodbc": ("unixodbc",),
    "wand": ("imagemagick",),
    "lxml": ("libxslt1.1",),
    "m2crypto": ("openssl",),
    "cairosvg": ("libcairo2",),
    "hg": ("mercurial",),
}


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for an app that pip and its kin install on an image of Python."""
    base = reading.stage.base
    installs = [one for one in reading.calls(*_INSTALLERS) if _installs(one)]
    if base.language != "python" or base.family not in ("debian", ALPINE) or not installs:
        return None
    from_ = reading.stage.stage.from_
    slim = slim_of(base, from_.image)
    if slim is None:
        raise Doubt(from_.image_span, f"of `{from_.image}` no slim variant is known")
    if slim == from_.image and not has_tools(reading.packages, release_of(base)):
        return None
    places = app_places(reading)
    first = next((one for one in installs if not _is_for_building(one)), installs[0])
    _check(reading, installs, first)
    command = _command(reading, installs[: installs.index(first)])
    instruction: Instruction = first.step.instruction
    return Recipe(
        "Python",
        slim,
        release_of(base),
        _TOOLS,
        _needed(reading),
        carried=(_VENV, *places),
        before=((instruction, _MAKE),),
        env=(("VIRTUAL_ENV", _VENV), ("PATH", f"{_VENV}/bin:$PATH")),
        command=command,
    )


def _command(reading: Reading, before: list[Called]) -> tuple[str, ...] | None:
    """The words of a CMD that ran by a tool installed before the environment, without that tool; None: it stays."""
    left = {name for one in before for name in _named(one)} & _RUNNERS & words_when_run(reading)
    if not left:
        return None
    words = reading.start.words or ()
    if reading.start.entrypoint is None and words[:2] == (*left, "run") and words[2:] and words[2][0] != "-":
        return words[2:]
    raise Doubt(before[0].call.simple.span, f"the container calls `{min(left)}`, which only the build has")


def _installs(one: Called) -> bool:
    values = [value for value in one.call.args if not value.startswith("-")]
    if one.call.program in ("python", "python3"):
        return values[:2] == ["pip", "install"] and "-m" in one.call.args
    if one.call.program == "uv":
        return values[:1] == ["sync"] or values[:2] == ["pip", "install"]
    return values[:1] == ["install"]


def _is_for_building(one: Called) -> bool:
    """Whether it installs nothing but what installs: a newer pip, poetry."""
    if one.call.program == "poetry" or one.call.has("-r", "--requirement", "-e", "--editable"):
        return False
    names = _named(one)
    return bool(names) and names <= _BUILDING


def _named(one: Called) -> set[str]:
    """The distributions that a call names."""
    words = {re.split(r"[<>=!~\[;]", v)[0].lower() for v in one.call.args if not v.startswith("-")}
    return words - {"install"}


def _check(reading: Reading, installs: list[Called], first: Called) -> None:
    """Doubt that a virtual environment would get all that the app needs."""
    for one in installs:
        if one.call.has(
            "--user", "--target", "-t", "--prefix", "--root", "--system", "--python", "--break-system-packages"
        ):
            raise Doubt(one.call.simple.span, "it names where packages go")
        if one.call.program == "uv" and "sync" in one.call.args:
            raise Doubt(one.call.simple.span, "uv makes an environment of its own")
        if one.step.user not in (None, "root", "0"):
            raise Doubt(one.call.simple.span, f"packages are installed by `{one.step.user}`")
    for one in reading.commands:
        if "venv" in one.call.args or "virtualenv" in one.call.args or one.call.program == "virtualenv":
            raise Doubt(one.call.simple.span, "it has an environment of its own")
        if one.call.program in ("python", "python3") and not _installs(one) and not _stays_inside(one):
            raise Doubt(
                one.call.simple.span, f"what `{one.call.program} {' '.join(one.call.args[:2])}` writes is not known"
            )
    modules = [
        name for name in reading.packages if re.match(r"python3-(?!dev|pip|venv|wheel|setuptools|distutils)", name)
    ]
    if modules:
        raise Doubt(
            first.call.simple.span, f"the app could use the package `{modules[0]}`, which an environment does not see"
        )


def _stays_inside(one: Called) -> bool:
    """Whether a call of Python writes nothing but files of the app or of the environment."""
    first, second = (*one.call.args, "", "")[:2]
    if first.rpartition("/")[2] == "manage.py":
        return second in ("collectstatic", "compilemessages", "compress", "check")
    return first == "--version" or (first == "-m" and second in ("compileall", "spacy", "pytest"))


def _needed(reading: Reading) -> tuple[str, ...]:
    """Packages of the full image that distributions need which requirements name."""
    found: dict[str, None] = {}
    for _, data in reading.seen((".txt", "pyproject.toml", "poetry.lock", "Pipfile")):
        text = data.decode("utf-8", "replace").lower()
        for name, packages in _NEEDS.items():
            if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
                found.update(dict.fromkeys(packages))
    return tuple(found)
