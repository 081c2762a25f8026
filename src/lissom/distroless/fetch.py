"""Files of an archive by URI: http, https, file. Verified while they arrive, resumed where they broke off."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import urllib3
from urllib3.util import Retry, Timeout

from lissom.errors import IntegrityError, RegistryError, StoreError

__all__ = ["AptSettings", "Fetcher", "hash_of"]

_CHUNK = 1 << 18
_SMALL = 64 << 20
_TRIES = 4
_SETTING = re.compile(r'^Acquire::(\S+) "(.*)";$', re.MULTILINE)
_NO = ("0", "no", "false", "without", "off", "disable")


@dataclass(frozen=True)
class AptSettings:
    """How the machine reaches archives. ``stall`` is the longest wait for bytes in seconds."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None
    check_valid_until: bool = True
    check_date: bool = True
    stall: float = 30.0

    @classmethod
    def parse(cls, dump: str, environment: Mapping[str, str]) -> AptSettings:
        """Read ``apt-config dump``; apt's own proxies beat those of ``environment``."""
        values = {name.lower(): value for name, value in _SETTING.findall(dump)}
        proxies = {}
        for scheme in ("http", "https"):
            named = environment.get(f"{scheme}_proxy") or environment.get(f"{scheme.upper()}_PROXY") or ""
            given = values.get(f"{scheme}::proxy", named)
            if given and given.upper() != "DIRECT":
                proxies[scheme] = given
        return cls(
            proxies,
            values.get("https::cainfo") or None,
            values.get("check-valid-until", "true").lower() not in _NO,
            values.get("check-date", "true").lower() not in _NO,
        )


class Fetcher:
    """Reads from archives. Safe for several threads."""

    def __init__(self, settings: AptSettings) -> None:
        self.settings = settings
        timeout = Timeout(connect=10, read=settings.stall)
        retries = Retry(
            total=_TRIES, read=1, backoff_factor=0.3, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
        )
        certificates = {"ca_certs": settings.ca_file} if settings.ca_file else {}
        self._pools: dict[str, urllib3.PoolManager] = {}
        for scheme in ("http", "https"):
            options = {"timeout": timeout, "retries": retries, "maxsize": 8, **certificates}
            proxy = settings.proxies.get(scheme)
            self._pools[scheme] = (
                urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)  # type: ignore[arg-type]
            )

    def close(self) -> None:
        """End all connections."""
        for pool in self._pools.values():
            pool.clear()

    def find(self, uri: str) -> bytes | None:
        """A small file, None when the archive has none of this name. Raises RegistryError."""
        if path := _local(uri):
            return path.read_bytes() if path.is_file() else None
        response = self._request(uri, {})
        try:
            if response.status == 404:
                return None
            if response.status != 200:
                raise RegistryError(f"cannot fetch `{_shown(uri)}`: status {response.status}", temporary=True)
            data = response.read(_SMALL)
        except urllib3.exceptions.HTTPError as error:
            raise self._failed(uri, error) from error
        finally:
            response.close()
        return bytes(data)

    def download(self, uri: str, target: Path, *, sha256: str, size: int) -> bool:
        """Put a file at ``target`` that has this hash and size; False when the archive has no such file.

        What came before an interruption is kept beside it and completed. What is there already is verified, and
        fetched again when it is damaged. Of several runs that want the same file one fetches it.
        Raises RegistryError, IntegrityError, StoreError.
        """
        if _is_whole(target, sha256, size):
            return True
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with _locked(target.with_name(target.name + ".part")) as partial:
                # Another run may have been at it meanwhile.
                return _is_whole(target, sha256, size) or self._fetch(uri, partial, target, sha256=sha256, size=size)
        except OSError as error:
            raise StoreError(f"cannot write `{target}`: {error.strerror}") from error

    def _fetch(self, uri: str, partial: Path, target: Path, *, sha256: str, size: int) -> bool:
        resumed = partial.exists()
        if not self._complete(uri, partial, size):
            return False
        found, got = hash_of(partial), partial.stat().st_size
        if found != sha256 or got != size:
            partial.unlink()
            if resumed:  # its beginning was of something else
                return self._fetch(uri, partial, target, sha256=sha256, size=size)
            raise IntegrityError(
                f"cannot use `{_shown(uri)}`: wanted sha256 {sha256} and {size} bytes, got {found} and {got}"
            )
        os.replace(partial, target)
        return True

    def _complete(self, uri: str, partial: Path, size: int) -> bool:
        if path := _local(uri):
            if not path.is_file():
                return False
            partial.write_bytes(path.read_bytes())
            return True
        failure: RegistryError | None = None
        for _ in range(_TRIES):
            have = partial.stat().st_size if partial.exists() else 0
            if have == size and have:
                return True
            if have > size:
                partial.unlink()
                have = 0
            try:
                return self._append(uri, partial, have, size)
            except urllib3.exceptions.ReadTimeoutError as error:
                raise self._failed(uri, error) from error
            except urllib3.exceptions.HTTPError as error:
                failure = self._failed(uri, error)
        assert failure is not None
        raise failure

    def _append(self, uri: str, partial: Path, have: int, size: int) -> bool:
        """One request for what is missing; more than ``size`` bytes are not read. False when there is no such file."""
        response = self._request(uri, {"Range": f"bytes={have}-"} if have else {})
        try:
            if response.status == 404:
                return False
            if response.status not in (200, 206):
                raise RegistryError(f"cannot fetch `{_shown(uri)}`: status {response.status}", temporary=True)
            with partial.open("ab" if response.status == 206 else "wb") as out:
                for piece in response.stream(_CHUNK):
                    out.write(piece)
                    if out.tell() > size:
                        break
        finally:
            response.close()
        return True

    def _request(self, uri: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        scheme = urllib.parse.urlsplit(uri).scheme
        if scheme not in self._pools:
            raise RegistryError(f"cannot fetch `{_shown(uri)}`: lissom reads http, https and file archives")
        try:
            return self._pools[scheme].request(
                "GET", uri, headers={"User-Agent": "lissom", **headers}, preload_content=False, decode_content=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise self._failed(uri, error) from error

    def _failed(self, uri: str, error: Exception) -> RegistryError:
        cause = getattr(error, "reason", None) or error
        if isinstance(cause, urllib3.exceptions.ReadTimeoutError):
            cause = f"the mirror sent nothing for {self.settings.stall:g} s"
        return RegistryError(f"cannot fetch `{_shown(uri)}`: {cause}", temporary=True)


def hash_of(path: Path) -> str:
    """The sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(path: Path, sha256: str, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size and hash_of(path) == sha256


@contextmanager
def _locked(partial: Path) -> Iterator[Path]:
    """``partial``, which no other thread or process has; its lock is a file beside it and goes with it."""
    lock = partial.with_name(partial.name + ".lock")
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not _is_same(descriptor, lock):  # whoever had it has removed it
                continue
            try:
                yield partial
            finally:
                lock.unlink()
            return
        finally:
            os.close(descriptor)


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _local(uri: str) -> Path | None:
    for scheme in ("file:", "copy:"):
        if uri.startswith(scheme):
            return Path(urllib.parse.unquote(urllib.parse.urlsplit(uri).path))
    return None


def _shown(uri: str) -> str:
    """The URI without what may be a password."""
    return re.sub(r"//[^/@]*@", "//", uri)
