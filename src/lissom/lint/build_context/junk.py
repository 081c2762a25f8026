"""Files of a build context that no image is meant to hold, told by their names."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.context.ignore import Ignore
from lissom.rootfs.entry import Entry, parent_of
from lissom.rootfs.tree import Tree

__all__ = ["HISTORY", "JUNK", "Junk", "junk_of"]


@dataclass(frozen=True, slots=True)
class Junk:
    """Files of one sort: a line of an ignore file that names them, and what they are called in a message.

    ``idle`` tells that neither a build nor an app reads them; else only the app's probes can tell. ``needs`` are
    commands one of which the build must call, since it is these that make such files.
    """

    kind: str
    pattern: str
    idle: bool = True
    needs: tuple[str, ...] = ()


def _idle(kind: str, *patterns: str) -> tuple[Junk, ...]:
    return tuple(Junk(kind, pattern) for pattern in patterns)


def _made(kind: str, needs: tuple[str, ...], *patterns: str) -> tuple[Junk, ...]:
    return tuple(Junk(kind, pattern, idle=False, needs=needs) for pattern in patterns)


HISTORY = "version control"
"""What the sorts are called that hold the history of the files."""

_SETTINGS = "settings of the build"
_PYTHON = "Python's leftovers"
_PACKAGES = "packages that the build installs"
_OUTPUT = "what the build makes"
_SECRETS = "secrets and settings of this machine"
_NPM = ("npm install", "npm ci", "npm i", "yarn", "yarn install", "pnpm install", "pnpm i", "bun install")
_NPM_BUILD = (
    "npm run",
    "yarn run",
    "yarn build",
    "pnpm run",
    "pnpm build",
    "bun run",
    "npx vite",
    "npx tsc",
    "npx next",
)

JUNK = (
    *_idle(HISTORY, "**/.git", "**/.svn", "**/.hg", "**/.bzr"),
    *_idle("editors' leftovers", "**/*~", "**/*.swp", "**/*.swo", "**/.idea", "**/.vscode", "**/.vs"),
    *_idle("leftovers of the desktop", "**/.DS_Store", "**/Thumbs.db", "**/desktop.ini"),
    *_idle("logs", "**/*.log", "**/*.log.[0-9]*"),
    *_idle("core dumps", "**/core.dump", "**/core.[0-9][0-9][0-9]*", "**/*.hprof", "**/*.stackdump", "**/hs_err_pid*"),
    *_idle(_PYTHON, "**/__pycache__", "**/*.py[cod]", "**/.venv", "**/.pytest_cache", "**/.mypy_cache"),
    *_idle(_PYTHON, "**/.ruff_cache", "**/.tox", "**/.nox", "**/.ipynb_checkpoints", "**/.coverage"),
    *_idle("coverage reports", "**/.nyc_output", "**/htmlcov"),
    *_idle(_SETTINGS, "**/.github", "**/.gitlab-ci.yml", "**/.circleci", "**/.travis.yml", "**/Jenkinsfile"),
    *_idle(_SETTINGS, "**/Dockerfile*", "**/.dockerignore", "**/docker-compose*.y*ml", "**/compose.y*ml"),
    *_made(_PACKAGES, _NPM, "**/node_modules"),
    *_made(_PACKAGES, ("bower install",), "**/bower_components"),
    *_made(_PACKAGES, ("bundle install",), "vendor/bundle"),
    *_made(_OUTPUT, _NPM_BUILD, "dist", ".next", ".nuxt"),
    *_made(_OUTPUT, ("mvn", "mvnw", "cargo"), "target", "*/target"),
    *_made(_OUTPUT, ("gradle", "gradlew"), ".gradle", "build", "*/build"),
    *_made(_OUTPUT, ("make", "cmake", "gcc", "g++", "cc"), "**/*.o", "**/CMakeFiles", "**/CMakeCache.txt"),
    *_made(_SECRETS, (), "**/.env", "**/.env.local", "**/.env.*.local", "**/*.pem", "**/*.key", "**/*.p12", "**/*.pfx"),
    *_made(_SECRETS, (), "**/id_rsa", "**/id_ed25519", "**/id_ecdsa", "**/.ssh", "**/.aws", "**/.netrc", "**/.pypirc"),
)
"""Of two that name a path the later one counts; what is below it belongs to it."""


def junk_of(tree: Tree, junk: tuple[Junk, ...] = JUNK) -> dict[Junk, list[Entry]]:
    """Which entries of a context each sort names, everything below included."""
    rules = Ignore.of(one.pattern for one in junk)
    # Names come again and again, and few of them are junk anywhere.
    names = Ignore.of(one.pattern.rpartition("/")[2] for one in junk)
    deciding: dict[str, int] = {"": -1}
    found: dict[Junk, list[Entry]] = {}
    named: dict[str, bool] = {}
    for path, entry in tree.items():
        if not path:
            continue
        number = deciding.get(parent_of(path), -1)
        if number < 0:
            name = path.rpartition("/")[2]
            if name not in named:
                named[name] = names.deciding(name) >= 0
            number = rules.deciding(path) if named[name] else -1
        deciding[path] = number
        if number >= 0:
            found.setdefault(junk[number], []).append(entry)
    return found
