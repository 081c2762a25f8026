"""A last stage on a ready distroless image: no shell, no package manager, so nothing can run while it is built."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from lissom.dockerfile.syntax import Healthcheck, User
from lissom.lint.effects.act import Deed
from lissom.lint.stages.app import outermost
from lissom.lint.stages.packages import runtime_packages
from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import ROOT, Doubt, Recipe
from lissom.lint.stages.sorting import Sorted

__all__ = ["bare"]

_READY = {
    "C": "cc",
    "Go": "base",
    "Java": "cc",
    "Node.js": "cc",
    "Python": "python3",
    "Rust": "cc",
    "static Go": "static",
}
_STATIC = frozenset(("ca-certificates", "media-types", "netbase", "tzdata"))
_BASE = frozenset((*_STATIC, "libc6", "libgcc-s1", "libssl3"))
_CC = frozenset((*_BASE, "libatomic1", "libgomp1", "libstdc++6"))
_PYTHON = ("libbz2-1.0", "libexpat1", "libffi8", "liblzma5", "libreadline8", "libsqlite3-0", "libuuid1", "zlib1g")
_HELD = {"static": _STATIC, "base": _BASE, "cc": _CC, "python3": frozenset((*_CC, *_PYTHON))}
_RELEASE = "bookworm"
_USERS = frozenset(("useradd", "groupadd", "adduser", "addgroup", "usermod", "groupmod"))
_MOVED = (
    "RUN ln -sf /usr/bin/python3.11 /venv/bin/python \\\n && sed -i 's|^home = .*|home = /usr/bin|' /venv/pyvenv.cfg"
)
_BESIDES = {"Java": ("zlib1g",)}


def bare(reading: Reading, recipe: Recipe, found: Sorted) -> tuple[Recipe, Sorted]:
    """The same recipe on a ready image. Raises Doubt where the app needs a shell, or no ready image will do."""
    name = _ready(reading, recipe)
    wanted = (*reading.packages, *recipe.packages, *_BESIDES.get(recipe.ecosystem, ()))
    packages = runtime_packages(wanted, _RELEASE)
    added = [package for package in packages if package not in _HELD[name]]
    tag = f"lissom/{_named(name, added)}:{_RELEASE}"
    add = "".join(f" --add {package}" for package in added)
    gathered = outermost((*recipe.carried, *found.carried, *_made(found), *_users(reading)))
    after = [*recipe.after]
    if name == "python3":
        after.append(_MOVED)
    if gathered:
        listed = " ".join(path.strip("/") for path in gathered)
        after.append(f"RUN mkdir -p {ROOT} && cd / && cp -a --parents -t {ROOT} {listed}")
    changed = replace(
        recipe,
        runtime=tag,
        remark=f"# lissom distroless {name}{add} -t {tag}",
        installs=False,
        starts=name == "python3",
        rooted=(*recipe.rooted, *gathered),
        carried=(),
        after=tuple(after),
        ahead=(),
        env=(*recipe.env, *((("LD_LIBRARY_PATH", "/usr/local/lib"),) if found.late else ())),
        command=recipe.command or _command(reading),
    )
    return changed, Sorted(repeated=found.repeated)


def _ready(reading: Reading, recipe: Recipe) -> str:
    """The ready image; Doubt if there is none that will do."""
    start = reading.start
    where = (start.entrypoint or start.cmd or reading.stage.stage.from_).span
    name = _READY.get(recipe.ecosystem)
    if name is None or not recipe.builds or recipe.release not in ("", _RELEASE):
        raise Doubt(reading.stage.stage.from_.image_span, "no ready distroless image has what it needs")
    if name == "python3" and not reading.stage.base.tag.startswith("3.11"):
        raise Doubt(reading.stage.stage.from_.image_span, "the ready distroless image has Python 3.11")
    if start.words is None or (start.entrypoint is not None and start.entrypoint.command.shell):
        raise Doubt(where, "its command needs a shell")
    if (start.words and start.words[0].endswith((".sh", "/sh", "/bash"))) or start.words[:1] in (("sh",), ("bash",)):
        raise Doubt(where, "its command needs a shell")
    for step in reading.stage.steps:
        if isinstance(step.instruction, Healthcheck) and step.instruction.test is not None:
            raise Doubt(step.instruction.span, "its health check needs programs that a distroless image has not")
    return name


def _command(reading: Reading) -> tuple[str, ...] | None:
    """CMD without a shell, where it is written for one."""
    cmd = reading.start.cmd
    return tuple(cmd.command.args[0].split()) if cmd is not None and cmd.command.shell else None


def _users(reading: Reading) -> tuple[str, ...]:
    """Where the user is looked up that the container runs as, if he has a name."""
    users = [step.instruction.user for step in reading.stage.steps if isinstance(step.instruction, User)]
    named = users and not users[-1].partition(":")[0].isdecimal()
    return ("/etc/passwd", "/etc/group") if named else ()


def _named(name: str, added: list[str]) -> str:
    if len(added) <= 2:
        return "-".join((name, *added))
    return f"{name}-{hashlib.sha256(' '.join(added).encode()).hexdigest()[:8]}"


def _made(found: Sorted) -> list[str]:
    """The paths that commands make which the last stage would repeat, had it a shell: they are taken from the build."""
    paths: list[str] = []
    for one in found.again:
        if one.call.program in _USERS:
            paths += ["/etc/passwd", "/etc/group"]
        elif one.call.program in ("mkdir", "chmod", "chown", "touch", "ln"):
            paths += [act.path for act in one.acts if act.deed not in (Deed.READ, Deed.REMOVE)]
        elif one.call.program != "rm":
            raise Doubt(one.call.simple.span, f"`{one.call.program}` must run where the app runs, which needs a shell")
    return paths
