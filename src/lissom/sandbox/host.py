"""What this machine needs to reach package registries, for RUN steps, without a trace in the image.

An added certificate authority, proxies, index and registry settings of pip and npm, proxy and clock settings of apt.
They become files on a tmpfs of the step's own and variables of its process; neither is part of a layer, an image's
config, its history or a cache key. What the image's environment sets itself keeps winning.
"""

from __future__ import annotations

import configparser
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lissom.sandbox.mounts import FileMount

__all__ = ["HostSettings", "collect"]

_AT = "/dev/shm/lissom-host"  # noqa: S108 - seen by the step only, on a tmpfs of its own
_BUNDLES = ("etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/ca-bundle.pem")
_ANCHORS = ("usr/local/share/ca-certificates", "etc/pki/ca-trust/source/anchors", "etc/pki/trust/anchors")
_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
_PROXIES = frozenset({"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"})
_PIP = frozenset({
    "index-url", "extra-index-url", "find-links", "trusted-host", "proxy", "timeout", "default-timeout", "retries",
})  # fmt: skip
_PIP_SOURCES = frozenset({"index-url", "extra-index-url", "find-links", "proxy"})
_NPM = re.compile(
    r"(registry|@[^:\s]+:registry|//\S+:_\w+|//\S+:(username|email)|proxy|https-proxy|noproxy|strict-ssl)"
)
_APT = re.compile(
    r"Acquire::(https?(::\S+)?::(Proxy|CaInfo|Verify-\w+|Timeout)|Check-Valid-Until|Check-Date|Retries)\b"
)
_VARIABLES = {
    "ca.crt": (
        "PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "npm_config_cafile",
        "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "BUNDLE_SSL_CA_CERT", "AWS_CA_BUNDLE",
    ),
    "pip.conf": ("PIP_CONFIG_FILE",),
    "npmrc": ("npm_config_globalconfig",),
    "apt.conf": ("APT_CONFIG",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HostSettings:
    """``files`` by name; ``env`` points at them and holds ``proxies`` too, which are also given by themselves."""

    files: Mapping[str, bytes]
    env: Mapping[str, str]
    proxies: Mapping[str, str]

    def mounts(self) -> tuple[FileMount, ...]:
        """The files as a process is to see them."""
        return tuple(FileMount(f"{_AT}/{name}", data, 0o444) for name, data in sorted(self.files.items()))


def collect(env: Mapping[str, str], home: Path, *, root: Path = Path("/")) -> HostSettings:
    """Look at the machine below ``root``, at the user's ``home`` and at the variables ``env``.

    On a machine with plain access nothing is found. Settings that name files of this machine are left out.
    """
    found = {
        "ca.crt": _authorities(env, root),
        "pip.conf": _pip(env, home, root),
        "npmrc": _npm(env, home, root),
        "apt.conf": _apt(env),
    }
    files = {name: text.encode() for name, text in found.items() if text.strip()}
    proxies = {name: value for name, value in env.items() if name.lower() in _PROXIES and value}
    variables = {variable: f"{_AT}/{name}" for name in files for variable in _VARIABLES[name]}
    return HostSettings(files, {**proxies, **variables}, proxies)


def _authorities(env: Mapping[str, str], root: Path) -> str:
    """The machine's bundle when an authority was added to it."""
    standard = [root / name for name in _BUNDLES]
    named = [Path(env[name]) for name in _BUNDLE_VARIABLES if env.get(name)]
    bundle = next((path for path in (*named, *standard) if path.is_file()), None)
    if bundle is None:
        return ""
    added = any(path.is_file() for anchors in _ANCHORS for path in (root / anchors).glob("**/*"))
    return _read(bundle) if added or bundle not in standard else ""


def _pip(env: Mapping[str, str], home: Path, root: Path) -> str:
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    paths = [root / "etc/pip.conf", root / "etc/xdg/pip/pip.conf", home / ".pip/pip.conf", config / "pip/pip.conf"]
    if env.get("PIP_CONFIG_FILE"):
        paths.append(Path(env["PIP_CONFIG_FILE"]))
    settings: dict[str, str] = {}
    for path in paths:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(_read(path))
        except configparser.Error:
            continue  # pip itself will say what is wrong with it
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update(parser.items(section))
    settings.update((name[4:].lower().replace("_", "-"), value) for name, value in env.items() if name[:4] == "PIP_")
    reachable = {}
    for name in sorted(_PIP & settings.keys()):
        words = [word for word in settings[name].split() if not word.startswith(("file:", "/", ".", "~"))]
        if words:
            reachable[name.replace("default-timeout", "timeout")] = " ".join(words)
    if not _PIP_SOURCES & reachable.keys():
        return ""  # a time-out alone is no reason to touch the build
    return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in reachable.items())


def _npm(env: Mapping[str, str], home: Path, root: Path) -> str:
    user = env.get("NPM_CONFIG_USERCONFIG") or env.get("npm_config_userconfig")
    paths = [root / "etc/npmrc", root / "usr/etc/npmrc", root / "usr/local/etc/npmrc", Path(user or home / ".npmrc")]
    settings: dict[str, str] = {}
    for path in paths:
        for line in _read(path).splitlines():
            name, equals, value = (part.strip() for part in line.partition("="))
            if equals and _NPM.fullmatch(name):
                settings[name] = re.sub(r"\$\{(\w+)\}", lambda match: env.get(match[1], match[0]), value)
    registry = env.get("npm_config_registry") or env.get("NPM_CONFIG_REGISTRY")
    if registry:
        settings["registry"] = registry
    return "".join(f"{name}={value}\n" for name, value in sorted(settings.items()))


def _apt(env: Mapping[str, str]) -> str:
    return "".join(f"{line}\n" for line in _apt_lines(env))


def _apt_lines(env: Mapping[str, str]) -> Iterator[str]:
    try:
        dump = subprocess.run(
            ["apt-config", "dump"], env=dict(env), capture_output=True, text=True, timeout=30, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return
    for line in dump.splitlines():
        if _APT.match(line):
            yield re.sub(r'(CaInfo) ".*"', rf'\1 "{_AT}/ca.crt"', line)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
