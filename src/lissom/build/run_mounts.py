"""``RUN --mount``: keys, defaults and limits of each type, as the Dockerfile reference lists them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lissom.build.step import ContextInput, RunMount
from lissom.dockerfile.fault import nearest
from lissom.dockerfile.syntax import MountFlag, Run
from lissom.errors import DockerfileError

if TYPE_CHECKING:
    from lissom.build.stage import StagePlanner

__all__ = ["plan_mount"]

_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
_ALIASES = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly", "rw": "readwrite"}
_KEYS = (
    "type", "from", "source", "target", "readonly", "readwrite", "id", "sharing", "required", "size", "mode", "uid",
    "gid", "env",
)  # fmt: skip
_ONLY_FOR = {
    "required": ("secret", "ssh"),
    "size": ("tmpfs",),
    "sharing": ("cache",),
    "env": ("secret",),
    "mode": ("secret", "ssh", "cache"),
    "uid": ("secret", "ssh", "cache"),
    "gid": ("secret", "ssh", "cache"),
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtp]?)i?b?", re.IGNORECASE)


def plan_mount(stage: StagePlanner, run: Run, flag: MountFlag) -> RunMount:
    """One mount with its variables expanded. Raises DockerfileError at the flag."""
    return _Mount(stage, run, flag).plan()


class _Mount:
    def __init__(self, stage: StagePlanner, run: Run, flag: MountFlag) -> None:
        self.stage = stage
        self.run = run
        self.flag = flag
        self.values: dict[str, str | None] = {}
        for written, raw in flag.pairs:
            key = _ALIASES.get(written, written)
            if key not in _KEYS:
                close = nearest(written, [*_KEYS, *_ALIASES])
                raise self.error(f"unexpected key `{written}`", hint=f"did you mean `{close}`?" if close else None)
            if raw is None and key not in ("readonly", "readwrite", "required"):
                raise self.error(f"`{written}` must have a value, as {written}=VALUE")
            self.values[key] = None if raw is None else stage.expand(raw, flag.span)
        self.type = (self.values.get("type") or "bind").lower()
        if self.type not in _TYPES:
            close = nearest(self.type, _TYPES)
            hint = f"did you mean `{close}`?" if close else f"the types are {', '.join(_TYPES)}"
            raise self.error(f"unsupported mount type `{self.type}`", hint=hint)
        for key, types in _ONLY_FOR.items():
            if key in self.values and self.type not in types:
                raise self.error(f"`{key}` is not allowed for {self.type} mounts")

    def error(self, message: str, *, hint: str | None = None) -> DockerfileError:
        return self.stage.error(self.flag.span, f"cannot use --mount: {message}", hint=hint)

    def text(self, key: str) -> str:
        return self.values.get(key) or ""

    def plan(self) -> RunMount:
        if self.type == "secret":
            return self._secret()
        if self.type == "ssh":
            if "source" in self.values:
                raise self.error("ssh mounts have no source")
            return self._mount(id=self.text("id") or "default", mode=self._mode(0o600))
        target = self._target()
        if self.type == "tmpfs":
            return self._mount(target=target, size=self._size(), readonly=self._switch("readonly", unset=False))
        name = self.text("from")
        source = self.stage.input_named(name, self.run) if name else None
        if self.type == "cache":
            return self._cache(target, source)
        path = posixpath.normpath(posixpath.join("/", self.text("source"))).strip("/")
        readonly = not self._switch("readwrite", unset=False) and self._switch("readonly", unset=True)
        return self._mount(target=target, source=path, input=source or ContextInput(), readonly=readonly)

    def _cache(self, target: str, source: object) -> RunMount:
        sharing = self.text("sharing").lower() or "shared"
        if sharing not in ("shared", "private", "locked"):
            raise self.error(f"unsupported sharing value `{sharing}`", hint="use shared, private or locked")
        return self._mount(
            target=target,
            source=posixpath.normpath(posixpath.join("/", self.text("source"))).strip("/"),
            input=source,
            id=self.text("id") or posixpath.normpath(self.text("target")),
            sharing=sharing,
            readonly=self._switch("readonly", unset=False),
            mode=self._mode(None if source else 0o755),
        )

    def _secret(self) -> RunMount:
        if "from" in self.values:
            raise self.error("secret mounts cannot have `from`")
        target, variable = self.text("target"), self.text("env")
        name = self.text("id") or self.text("source")
        if not name:
            if not target:
                raise self.error("secret mounts need an id or a target")
            name = posixpath.basename(target)
        if not target and not variable:
            target = f"/run/secrets/{posixpath.basename(name)}"
        return self._mount(
            target=self._absolute(target) if target else "", id=name, env=variable, mode=self._mode(0o400)
        )

    def _mount(self, **fields: object) -> RunMount:
        fields.setdefault("target", self._absolute(self.text("target")) if self.text("target") else "")
        required = self._switch("required", unset=False) if self.type in ("secret", "ssh") else False
        return RunMount(self.type, required=required, uid=self._id("uid"), gid=self._id("gid"), **fields)  # type: ignore[arg-type]

    def _target(self) -> str:
        if not self.text("target"):
            raise self.error(f"{self.type} mounts need a target", hint="write target=/path")
        target = self._absolute(self.text("target"))
        if target == "/":
            raise self.error("a mount cannot cover the root directory")
        return target

    def _absolute(self, path: str) -> str:
        return "/" + posixpath.normpath(posixpath.join("/", self.stage.cwd, path)).lstrip("/")

    def _switch(self, key: str, *, unset: bool) -> bool:
        if key not in self.values:
            return unset
        value = self.values[key]
        if value is None or value.lower() in ("1", "t", "true"):
            return True
        if value.lower() in ("0", "f", "false"):
            return False
        raise self.error(f"invalid value for {key}: `{value}`", hint="use true or false")

    def _mode(self, unset: int | None) -> int | None:
        value = self.text("mode")
        if not value:
            return unset
        if not re.fullmatch(r"[0-7]{1,5}", value) or int(value, 8) > 0o7777:
            raise self.error(f"invalid value `{value}` for mode", hint="write an octal number, as 0600")
        return int(value, 8)

    def _id(self, key: str) -> int:
        value = self.text(key)
        if not value:
            return 0
        if not re.fullmatch(r"\d{1,10}", value):
            raise self.error(f"invalid value `{value}` for {key}", hint="write a number")
        return int(value)

    def _size(self) -> int | None:
        value = self.text("size")
        if not value:
            return None
        match = _SIZE.fullmatch(value)
        if match is None:
            raise self.error(f"invalid value `{value}` for size", hint="write bytes, or a number with k, m or g")
        return int(float(match[1]) * 1024 ** " kmgtp".index(match[2].lower() or " "))
