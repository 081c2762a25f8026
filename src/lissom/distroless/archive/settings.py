"""How this machine's apt reaches archives: proxies, certificates, which dates it checks; see apt.conf(5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lissom.distroless.archive.logins import Login
from lissom.distroless.archive.uri import user_of
from lissom.distroless.archive.words import says_no

__all__ = ["AptSettings"]

_SETTING = re.compile(r'^Acquire::(\S+) "(.*)";$', re.MULTILINE)


@dataclass(frozen=True)
class AptSettings:
    """How the machine reaches archives: by ``proxies``, but for the hosts and domains in ``direct``.

    ``stall`` is the longest wait for bytes in seconds.
    """

    proxies: Mapping[str, str] = field(default_factory=dict)
    direct: tuple[str, ...] = ()
    ca_file: str | None = None
    check_valid_until: bool = True
    check_date: bool = True
    stall: float = 30.0
    logins: tuple[Login, ...] = ()

    @classmethod
    def parse(cls, dump: str, environment: Mapping[str, str]) -> AptSettings:
        """Read ``apt-config dump``; apt's own proxies beat those of ``environment``."""
        values = {name.lower(): value for name, value in _SETTING.findall(dump)}
        proxies = {}
        direct = (environment.get("no_proxy") or environment.get("NO_PROXY") or "").replace(",", " ").split()
        for name, value in values.items():
            scheme, _, host = name.partition("::proxy::")
            if scheme in ("http", "https") and host and value.upper() == "DIRECT":
                direct.append(host)
        for scheme in ("http", "https"):
            named = environment.get(f"{scheme}_proxy") or environment.get(f"{scheme.upper()}_PROXY") or ""
            given = values.get(f"{scheme}::proxy", named)
            if given and given.upper() != "DIRECT":
                proxies[scheme] = given
        return cls(
            proxies,
            tuple(direct),
            values.get("https::cainfo") or None,
            not says_no(values.get("check-valid-until", "true")),
            not says_no(values.get("check-date", "true")),
        )

    def password_for(self, uri: str) -> str | None:
        """``user:password`` to send with a request, None without any: what the URI itself has, or a login that fits."""
        login = next((login for login in self.logins if login.fits(uri)), None)
        return user_of(uri) or (f"{login.user}:{login.password}" if login else None)

    def proxy_for(self, scheme: str, host: str) -> str | None:
        """The proxy by which ``host`` is reached, None when there is none."""
        names = (name.lstrip(".") for name in self.direct)
        if any(name == "*" or f".{host}".endswith(f".{name}") for name in names):
            return None
        return self.proxies.get(scheme)
