"""The words of ``lissom build``'s flags, read into a request. The environment is read here and nowhere below."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lissom.api.build_request import BuildRequest, CachePlace, Output
from lissom.build.secret import Secret
from lissom.cli.timestamp import timestamp_of
from lissom.errors import UsageError
from lissom.oci.annotation import Annotation
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression

if TYPE_CHECKING:
    from lissom.sandbox.host import HostSettings

__all__ = ["read_flags", "read_image_flags"]

_OUTPUTS = ("store", "docker-archive", "oci-archive", "oci", "tar", "local", "registry", "cacheonly")
_ALIASES = {"image": "store", "docker": "docker-archive"}
_TO_FILE = ("docker-archive", "oci-archive", "oci", "tar", "local")
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_LIMITS = (
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
    "rttime", "sigpending", "stack",
)  # fmt: skip


def read_flags(
    context: str, flags: Mapping[str, Any], env: Mapping[str, str], stdin: BinaryIO, stdout: BinaryIO
) -> BuildRequest:
    """The request that flags and environment make. Raises UsageError for what cannot be understood."""
    references = tuple(_tag(tag) for tag in flags["tags"])
    return BuildRequest(
        context=context,
        dockerfile=flags["dockerfile"],
        stdin=stdin,
        stdout=stdout,
        tags=references,
        target=flags["target"],
        build_args=flags["build_arg"],
        labels=flags["label"],
        annotations=tuple(Annotation.parse(text) for text in flags["annotation"]),
        platforms=tuple(Platform.parse(p) for text in flags["platforms"] for p in text.split(",")),
        secrets={s.id: s for s in (_secret(text, env) for text in flags["secrets"])},
        ssh=dict(_ssh(text, env) for text in flags["ssh"]),
        network=_network(flags["network"]),
        hosts=tuple(_host(text) for text in flags["add_host"]),
        shm_size=_size("shm-size", flags["shm_size"]) if flags["shm_size"] else 64 << 20,
        ulimits=tuple(_ulimit(text) for text in flags["ulimit"]),
        build_contexts=flags["build_context"],
        host=_host_settings(env) if flags["host_settings"] else None,
        no_cache=flags["no_cache"],
        no_cache_stages=frozenset(s.lower() for text in flags["no_cache_filter"] for s in text.split(",")),
        pull=flags["pull"],
        cache_from=tuple(_cache("cache-from", text) for text in flags["cache_from"]),
        cache_to=tuple(_cache("cache-to", text) for text in flags["cache_to"]),
        outputs=_outputs(flags),
        squash=flags["squash"],
        compression=Compression.parse(flags["compression"]),
        timestamp=timestamp_of(flags["timestamp"], env),
    )


def _tag(text: str) -> Reference:
    reference = Reference.parse(text)
    if reference.digest:
        raise UsageError(f"cannot use tag `{text}`: a name with a digest cannot be given to a new image")
    return reference


def _fields(flag: str, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in next(csv.reader([text]), []):
        name, equals, value = field.partition("=")
        if not equals:
            raise UsageError(f"cannot use --{flag} `{text}`: `{field}` is not of the form KEY=VALUE")
        found[name.strip().lower()] = value
    return found


def _only(flag: str, text: str, fields: Mapping[str, str], allowed: tuple[str, ...]) -> None:
    for name in fields:
        if name not in allowed:
            raise UsageError(f"cannot use --{flag} `{text}`: unknown key `{name}`", hint="known: " + ", ".join(allowed))


def _secret(text: str, env: Mapping[str, str]) -> Secret:
    fields = _fields("secret", text)
    _only("secret", text, fields, ("id", "src", "source", "env", "type"))
    name = fields.get("id") or Path(fields.get("src") or fields.get("source") or "").name
    if not name:
        raise UsageError(f"cannot use --secret `{text}`: id is missing")
    source, variable = fields.get("src") or fields.get("source"), fields.get("env")
    if fields.get("type") == "env" and source and not variable:
        source, variable = None, source
    if variable or not source:
        found = env.get(variable or name)
        if found is None:
            raise UsageError(f"cannot use --secret `{text}`: the environment has no `{variable or name}`")
        return Secret(name, found.encode("utf-8", "surrogateescape"))
    try:
        data = Path(source).expanduser().read_bytes()
    except OSError as error:
        raise UsageError(f"cannot use --secret `{text}`: `{source}`: {error.strerror}") from error
    if len(data) > 500 << 10:
        raise UsageError(f"cannot use --secret `{text}`: `{source}` is larger than 500 KiB")
    return Secret(name, data)


def _ssh(text: str, env: Mapping[str, str]) -> tuple[str, tuple[Path, ...]]:
    name, _, value = text.partition("=")
    value = value or env.get("SSH_AUTH_SOCK", "")
    if not value:
        raise UsageError(
            f"cannot use --ssh `{text}`: there is no SSH_AUTH_SOCK in the environment",
            hint="start ssh-agent, or give a socket or a key: --ssh default=PATH",
        )
    paths = tuple(Path(p).expanduser() for p in value.split(","))
    for path in paths:
        if not path.exists():
            raise UsageError(f"cannot use --ssh `{text}`: there is no `{path}`")
    return name or "default", paths


def _network(text: str) -> str:
    if text not in ("default", "host", "none"):
        raise UsageError(f"cannot use --network `{text}`: lissom knows host and none", hint="the default is host")
    return "none" if text == "none" else "host"


def _host(text: str) -> tuple[str, str]:
    name, separator, address = text.partition("=") if "=" in text else text.partition(":")
    if not separator or not name or not re.fullmatch(r"\[?[0-9a-fA-F.:]+\]?|host-gateway", address):
        raise UsageError(f"cannot use --add-host `{text}`: it is not of the form HOST:IP")
    return name, "127.0.0.1" if address == "host-gateway" else address.strip("[]")


def _size(flag: str, text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i?b)?", text.lower())
    if not match:
        raise UsageError(f"cannot use --{flag} `{text}`: it is not a size such as 64m")
    return int(float(match[1]) * _UNITS[match[2]])


def _ulimit(text: str) -> tuple[str, int, int]:
    name, _, values = text.partition("=")
    soft, _, hard = values.partition(":")
    if name not in _LIMITS:
        raise UsageError(f"cannot use --ulimit `{text}`: unknown limit `{name}`", hint="known: " + ", ".join(_LIMITS))
    try:
        pair = int(soft), int(hard or soft)
    except ValueError:
        raise UsageError(f"cannot use --ulimit `{text}`: it is not of the form NAME=SOFT[:HARD]") from None
    if pair[1] != -1 and (pair[0] > pair[1] or pair[0] == -1):
        raise UsageError(f"cannot use --ulimit `{text}`: the soft limit is above the hard limit")
    return name, *pair


def _cache(flag: str, text: str) -> CachePlace:
    fields = _fields(flag, text) if "=" in text else {"type": "registry", "ref": text}
    kind = fields.pop("type", "registry")
    if kind not in ("local", "registry"):
        raise UsageError(
            f"cannot use --{flag} `{text}`: type `{kind}` is not supported", hint="lissom knows local and registry"
        )
    where = "ref" if kind == "registry" else ("src" if flag == "cache-from" else "dest")
    _only(flag, text, fields, (where, "mode") if flag == "cache-to" else (where,))
    if not fields.get(where):
        raise UsageError(f"cannot use --{flag} `{text}`: {where}= is missing")
    mode = fields.get("mode", "min")
    if mode not in ("min", "max"):
        raise UsageError(f"cannot use --{flag} `{text}`: mode is min or max, not `{mode}`")
    return CachePlace(kind, fields[where], mode)


def read_image_flags(
    flags: Mapping[str, Any], env: Mapping[str, str]
) -> tuple[tuple[Output, ...], Compression, int | None]:
    """Outputs, compression and timestamp for commands that make an image in another way. Raises UsageError."""
    outputs = _outputs({"push": False, "load": False, **flags})
    return outputs, Compression.parse(flags["compression"]), timestamp_of(flags["timestamp"], env)


def _outputs(flags: Mapping[str, Any]) -> tuple[Output, ...]:
    outputs = [_output(text) for text in flags["outputs"]]
    if flags["push"]:
        outputs.append(Output("registry"))
    if (flags["load"] or flags["push"] or not outputs) and not any(o.type == "store" for o in outputs):
        outputs.insert(0, Output("store"))
    if any(o.type == "registry" and not o.name for o in outputs) and not flags["tags"]:
        raise UsageError("cannot push: the image has no name", hint="give one with -t REGISTRY/REPOSITORY:TAG")
    return tuple(outputs)


def _output(text: str) -> Output:
    if text == "-":
        return Output("tar", "-")
    if "=" not in text:
        return Output("local", text)
    fields = _fields("output", text)
    kind = _ALIASES.get(fields.get("type", ""), fields.get("type", ""))
    if kind not in _OUTPUTS:
        raise UsageError(
            f"cannot use --output `{text}`: unknown type `{fields.get('type', '')}`",
            hint="known: " + ", ".join(_OUTPUTS),
        )
    _only("output", text, fields, ("type", "dest", "name", "push"))
    if fields.get("push", "false").lower() in ("true", "1"):
        kind = "registry"
    dest = fields.get("dest", "")
    if fields.get("type") == "docker" and not dest:
        kind = "store"
    if kind in _TO_FILE and not dest:
        raise UsageError(f"cannot use --output `{text}`: dest= is missing")
    if kind in ("local", "oci") and dest == "-":
        raise UsageError(f"cannot use --output `{text}`: a directory cannot be written to stdout")
    return Output(kind, dest, fields.get("name", ""))


def _host_settings(env: Mapping[str, str]) -> HostSettings:
    import subprocess

    from lissom.sandbox.host import collect

    try:
        return collect(env, Path.home())
    except subprocess.SubprocessError as error:
        raise UsageError(f"cannot read the host's settings: {error}") from error
