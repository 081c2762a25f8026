"""JavaScript's package managers."""

from __future__ import annotations

from lissom.lint.caches.cache import Cache, called
from lissom.lint.calls.call import Call

__all__ = ["BOWER", "BUN", "NPM", "PNPM", "YARN"]

_NPM_INSTALLS = (
    "install|i|in|ins|inst|insta|instal|isnt|isntall|add|ci|clean-install|ic|install-clean|update|up|upgrade"
)

NPM = Cache(
    what="npm's cache stays",
    fills=called(f"npm {_NPM_INSTALLS}|install-test|it|cit|rebuild", "npx"),
    paths=("~/.npm", "~/.npm/_cacache"),
    flags=("--cache",),
    folders=("npm_config_cache", "NPM_CONFIG_CACHE"),
    clearing=called("npm cache clean|clear|rm"),
    command="rm -rf ~/.npm/_*",
    gone=("**/.npm/_*/**", "**/.npm/_*"),
    reader=lambda call: call.program == "npm" and (call.has("--offline") or call.verb == "cache"),
    measured=("npm cache",),
)


def _yarn_fills(call: Call) -> bool:
    return call.program in ("yarn", "yarnpkg") and (
        call.verb in ("install", "add", "global", "upgrade", "up", "workspaces")
        or (not call.verb and not call.has("--version", "-v", "--help"))
    )


YARN = Cache(
    what="yarn's cache stays",
    fills=_yarn_fills,
    paths=("/usr/local/share/.cache/yarn", "~/.cache/yarn", "~/.yarn/berry/cache", "~/.yarn"),
    flags=("--cache-folder",),
    folders=("YARN_CACHE_FOLDER",),
    clearing=called("yarn cache clean"),
    command="yarn cache clean",
    gone=("usr/local/share/.cache/**", "usr/local/share/.cache", "**/.cache/yarn/**", "**/.cache/yarn", "**/.cache"),
    reader=lambda call: call.program == "yarn" and call.has("--offline"),
    measured=("yarn cache",),
)

PNPM = Cache(
    what="pnpm's store stays",
    fills=called("pnpm install|i|add|ci|update|up|fetch|dlx"),
    paths=("~/.local/share/pnpm/store", "~/.pnpm-store", "/pnpm/store", "~/.local/share/pnpm", "/root/.cache/pnpm"),
    flags=("--store-dir",),
    folders=("npm_config_store_dir",),
    clearing=called("pnpm store prune"),
    measured=("pnpm store",),
)

BUN = Cache(
    what="bun's cache stays",
    fills=called("bun install|i|add|update"),
    paths=("~/.bun/install/cache",),
    flags=("--no-cache",),
    folders=("BUN_INSTALL_CACHE_DIR",),
    clearing=lambda call: call.runs("bun", "pm") and "rm" in call.args,
    command="rm -rf ~/.bun/install/cache",
    gone=("**/.bun/install/cache/**", "**/.bun/install/cache"),
    measured=("bun cache",),
)

BOWER = Cache(
    what="bower's cache stays",
    fills=called("bower install|i|update"),
    paths=("~/.cache/bower",),
    clearing=called("bower cache clean"),
    command="rm -rf ~/.cache/bower",
    gone=("**/.cache/bower/**", "**/.cache/bower"),
)
