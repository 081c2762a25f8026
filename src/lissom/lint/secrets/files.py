"""Files that are secrets by their name."""

from __future__ import annotations

import re

from lissom.analysis.secrets import is_boring, secret_named

__all__ = ["UNSURE", "secret_file"]

UNSURE = ("file of secrets", "file of passwords")
"""What a name tells that only sounds like a secret."""

_MORE = tuple(
    (re.compile(pattern), what)
    for pattern, what in (
        (r"(.*/)?\.(npmrc|yarnrc|pip/pip\.conf|gem/credentials|netrc)", "login file"),
        (r"(.*/)?(?!ca[-.]|cacert|.*(public|pub|bundle|root|chain))[^/]*\.(pem|key|ppk|p8)", "private key"),
        (r"(.*/)?(credentials|service[-_]account[^/]*|client_secrets?|secrets)\.(json|ya?ml|toml)", "credentials file"),
        (r"(.*/)?(\.ssh|\.gnupg|\.aws|\.azure|\.kube|\.docker)", "directory of keys"),
        (r"(.*/)?(secrets?|passwords?)(\.txt)?", "file of secrets"),
        (r"(.*/)?\.vault[-_]?(pass|token)[^/]*", "vault password"),
        (r"(.*/)?wp-config\.php|(.*/)?terraform\.tfvars", "file of passwords"),
    )
)
_VERSION_CONTROL = ("git repository", "version control repository")


def secret_file(path: str) -> str | None:
    """What secret a file of the context is by its path, None for none; repositories are other rules' affair."""
    if is_boring(path) or path.endswith((".example", ".sample", ".template", ".dist", ".pub", ".crt")):
        return None
    what = secret_named(path) or next((what for pattern, what in _MORE if pattern.fullmatch(path)), None)
    return None if what in _VERSION_CONTROL else what
