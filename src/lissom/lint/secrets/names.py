"""What a variable's name and value tell of a secret."""

from __future__ import annotations

import re
from enum import Enum

from lissom.analysis.secrets import secret_in

__all__ = ["Suspicion", "suspicion"]


class Suspicion(Enum):
    """How sure it is: the value itself looks like one, the name says so, or the name is of something near one."""

    NONE = 0
    NEAR = 1
    NAME = 2
    VALUE = 3


_SURE = re.compile(
    r"(^|_)(api_?key|auth_?token|credentials?|[a-z]*(password|passwd)|pwd|pword|passphrase|secrets?|token|private_?key|access_?key"
    r"|client_?(key|secret)|app_?key|master_?key|ssh_?key|signing_?key|encryption_?key|secret_?key)($|_)",
    re.IGNORECASE,
)
_NEAR = re.compile(r"api_?key|client_key|password|private|secret|token|username|credential|^auth$", re.IGNORECASE)
# Names that tell no secret by their letters, but belong to accounts.
_ACCOUNTS = frozenset(
    (
        *("APPLICATION_KEY", "AWS_ACCESS_KEY_ID", "CI_DEPLOY_USER", "DOCKER_EMAIL", "FACEBOOK_APP_ID"),
        *("HEROKU_API_USER", "OKTA_AUTHN_GROUPID", "OKTA_CLIENT_ORGURL", "STRIPE_DEVICE_NAME", "TRAVIS_OS_NAME"),
        *("TRAVIS_SECURE_ENV_VARS", "TRAVIS_SUDO", "VAULT_CLIENT_KEY", "OKTA_OAUTH2_CLIENTID"),
    )
)
_ELSEWHERE = re.compile(r"_(file|path|dir|url|uri|name|id|type|ttl|expiry|length|size|header)$", re.IGNORECASE)
_HARMLESS = re.compile(
    r"""["']?(true|false|yes|no|on|off|none|null|[0-9]{1,2}|/(run|var/run)/secrets/.*|(dummy|fake|placeholder).*)["']?"""
)


def suspicion(name: str, value: str | None) -> Suspicion:
    """How much a variable looks like a secret; ``value`` is None for an ARG without a default."""
    if value and secret_in(value.encode(errors="replace")) is not None:
        return Suspicion.VALUE
    if value is not None and _HARMLESS.fullmatch(value.lower()):
        return Suspicion.NONE
    if name.upper() == "AWS_ACCESS_KEY_ID":
        return Suspicion.NAME
    if name.lower().endswith(("_file", "_path")) or name.upper().startswith(("PUBLIC_", "TOKENIZER")):
        return Suspicion.NONE
    if _SURE.search(name) and not _ELSEWHERE.search(name) and value not in ("", '""', "''"):
        return Suspicion.NAME
    return Suspicion.NEAR if _NEAR.search(name) or name.upper() in _ACCOUNTS else Suspicion.NONE
