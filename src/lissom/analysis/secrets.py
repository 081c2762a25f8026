"""What looks like a secret, in any layer: by names that tell, and by what few bytes of small files say.

The secret itself is never told. Files of packages are left out, as are tests and dependencies: they are full of keys
that open nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lissom.errors import LissomError
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset, Tree

__all__ = [
    "LARGEST",
    "Secret",
    "is_boring",
    "is_readable",
    "secret_in",
    "secret_named",
    "secrets_in_config",
    "secrets_in_layers",
]

LARGEST = 256 << 10
"""Bytes of the largest file whose content is looked at."""

_BUDGET = 64 << 20


@dataclass(frozen=True, slots=True)
class Secret:
    """What looks like a secret. ``layer`` counts from 1, 0 is the config; ``hidden``: a later layer hides it."""

    path: str
    what: str
    layer: int = 0
    hidden: bool = False


_BY_NAME = tuple(
    (re.compile(pattern), what)
    for pattern, what in (
        (r"(.*/)?\.env(\.(?!example|sample|template|dist|test)[^/]+)?", "environment file"),
        (r"(.*/)?id_(rsa|dsa|ecdsa|ed25519)", "ssh private key"),
        (r"(.*/)?\.netrc", "login file"),
        (r"(.*/)?\.git-credentials", "git credentials"),
        (r"(.*/)?\.(pgpass|my\.cnf|mylogin\.cnf)", "database password file"),
        (r"(.*/)?\.docker/config\.json|(.*/)?\.dockercfg", "registry login file"),
        (r"(.*/)?\.aws/credentials", "AWS credentials"),
        (r"(.*/)?\.config/gcloud/(credentials\.db|application_default_credentials\.json)", "Google Cloud credentials"),
        (r"(.*/)?\.azure/(accessTokens|msal_token_cache)\.json", "Azure credentials"),
        (r"(.*/)?\.kube/config", "Kubernetes credentials"),
        (r"(.*/)?\.(pypirc|htpasswd|boto|s3cfg)", "credentials file"),
        (r"(.*/)?[^/]*\.(p12|pfx|keystore|jks|kdbx)", "key store"),
        (r"(.*/)?[^/]*\.tfstate", "Terraform state"),
        (r"(.*/)?\.(ba|z|a)?sh_history|(.*/)?\.(mysql|psql|python|node_repl)_history", "command history"),
        (r"(.*/)?\.git/HEAD", "git repository"),
        (r"(.*/)?\.(hg/requires|svn/wc\.db)", "version control repository"),
    )
)
_HINT = re.compile(r"(?:^|/)(?:\.|id_)|\.(?:p12|pfx|keystore|jks|kdbx|tfstate)\Z")
"""What the paths of all those have: looking for it costs a tenth of trying them one by one."""

# Searching for fixed bytes is a hundred times as quick as for a pattern: that is tried only where those are.
_BY_CONTENT = tuple(
    (needles, re.compile(pattern), what)
    for needles, pattern, what in (
        (
            (b"PRIVATE KEY-----",),
            rb"-----BEGIN (?:[A-Z]{1,12} ){0,2}PRIVATE KEY-----\s*[A-Za-z0-9+/=:\- ,\r\n]{40}",
            "private key",
        ),
        ((b"AKIA", b"ASIA"), rb"\bA[KS]IA(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}\b", "AWS access key"),
        (
            (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_"),
            rb"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60}",
            "GitHub token",
        ),
        ((b"glpat-",), rb"\bglpat-[A-Za-z0-9_-]{20}\b", "GitLab token"),
        ((b"xoxa-", b"xoxb-", b"xoxp-", b"xoxr-", b"xoxs-"), rb"\bxox[abprs]-\d{8,14}-[A-Za-z0-9-]{10}", "Slack token"),
        ((b"k_live_",), rb"\b[rs]k_live_[A-Za-z0-9]{20}", "Stripe key"),
        ((b"npm_", b"_authToken"), rb"\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*[A-Za-z0-9_-]{16}", "npm token"),
        ((b"pypi-AgE",), rb"\bpypi-AgE[A-Za-z0-9_-]{40}", "PyPI token"),
        ((b"dckr_pat_",), rb"\bdckr_pat_[A-Za-z0-9_-]{20}", "Docker token"),
        ((b"AIza",), rb"\bAIza[0-9A-Za-z_-]{35}\b", "Google API key"),
        ((b"SG.",), rb"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b", "SendGrid key"),
        (
            (b"://",),
            rb"://[^\s/:@\"'<>${}]{1,64}:[^\s/:@\"'<>${}]{3,128}@[A-Za-z0-9]",
            "password in an address",
        ),
    )
)
_VARIABLE = re.compile(
    r"(?i)(^|_)(password|passwd|passphrase|secret|token|api_?key|private_?key|access_?key|credentials?)($|_(?!file))"
)
_BORING = re.compile(
    r"(^|/)(tests?|__tests__|testdata|fixtures|examples?|samples?|docs?|node_modules|site-packages|dist-packages|gems|"
    r"include|vendor|pkg/mod)/|^(proc|sys|dev)/|^usr/share/(doc|man|info|locale|zoneinfo)/|^etc/ssl/certs/|\.pub$"
)
_PACKED = re.compile(
    r"\.(gz|xz|zst|bz2|zip|jar|war|whl|png|jpe?g|gif|webp|ico|woff2?|ttf|so|a|o|pyc|class|mo|bin|css|svg)$"
)


def secrets_in_layers(
    layers: Sequence[Changeset],
    tree: Tree,
    *,
    skip: Callable[[str], bool] = lambda _path: False,
    contents: bool = True,
) -> tuple[Secret, ...]:
    """What looks like a secret in ``layers``, the lowest first, whose tree is ``tree``; ``skip`` says what is known.

    Reads at most 256 KiB of a file and 64 MiB in all; without ``contents`` nothing, names alone tell.
    """
    found: dict[tuple[str, str], Secret] = {}
    budget = _BUDGET if contents else 0
    for number, layer in enumerate(layers, 1):
        for path, entry in layer.entries.items():
            if entry.kind is not Kind.FILE or not entry.size or is_boring(path) or skip(path):
                continue
            what = secret_named(path)
            if what is None and entry.size <= min(LARGEST, budget) and is_readable(path):
                budget -= entry.size
                what = _read(entry)
            if what is not None:
                place = path.rpartition("/")[0] if what.endswith("repository") else path
                # A later layer's is the one that counts, unless it is the one that is hidden.
                found[place, what] = Secret(place, what, number, _hidden(entry, tree.get(path)))
    return tuple(found[key] for key in sorted(found))


def _hidden(entry: Entry, now: Entry | None) -> bool:
    if now is None or now.size != entry.size:
        return True
    return now.content is not entry.content and now.content != entry.content


def _read(entry: Entry) -> str | None:
    if entry.content is None:
        return None
    try:
        with entry.content.open() as stream:
            return secret_in(stream.read(LARGEST))
    except (LissomError, OSError):
        return None


def is_boring(path: str) -> bool:
    """Whether a file is where keys are that open nothing: tests, dependencies, documentation."""
    return _BORING.search(path) is not None


def is_readable(path: str) -> bool:
    """Whether the content of a file may tell something: it is not packed, compiled or an image."""
    return _PACKED.search(path) is None


def secret_named(path: str) -> str | None:
    """What secret a file is by its path; None for none."""
    if not _HINT.search(path):
        return None
    return next((what for pattern, what in _BY_NAME if pattern.fullmatch(path)), None)


def secret_in(data: bytes) -> str | None:
    """What secret is in a text; None for none, and for what is no text."""
    if b"\0" in data[:1024]:
        return None
    return next(
        (w for needles, pattern, w in _BY_CONTENT if any(n in data for n in needles) and pattern.search(data)), None
    )


def secrets_in_config(config: Mapping[str, Any], history: Iterable[Mapping[str, Any]] = ()) -> tuple[Secret, ...]:
    """Variables, labels and steps of the history that look as if they held a secret."""
    return tuple(dict.fromkeys([*_variables(config), *_steps(history)]))


def _variables(config: Mapping[str, Any]) -> Iterator[Secret]:
    for pair in config.get("Env") or ():
        name, _, value = str(pair).partition("=")
        told = secret_in(value.encode(errors="replace"))
        if value and (told or _VARIABLE.search(name)):
            yield Secret("", f"variable {name}" + (f" ({told})" if told else ""))
    labels = config.get("Labels")
    for name, value in labels.items() if isinstance(labels, dict) else ():
        if told := secret_in(str(value).encode(errors="replace")):
            yield Secret("", f"label {name} ({told})")


def _steps(history: Iterable[Mapping[str, Any]]) -> Iterator[Secret]:
    for number, step in enumerate(history, 1):
        if told := secret_in(str(step.get("created_by") or "")[:LARGEST].encode(errors="replace")):
            yield Secret("", f"step {number} of the history ({told})")
