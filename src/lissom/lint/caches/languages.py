"""Package managers and build tools of other languages."""

from __future__ import annotations

from lissom.lint.caches.cache import Cache, called
from lissom.lint.caches.removal import removed
from lissom.lint.calls.call import Call
from lissom.lint.calls.wrappers import text_of

__all__ = [
    "BUNDLER",
    "CARGO",
    "COMPOSER",
    "CPAN",
    "GEM_DOCS",
    "GO",
    "GRADLE",
    "HASKELL",
    "HEX",
    "LUAROCKS",
    "MAVEN",
    "NUGET",
    "OPAM",
    "PECL",
    "R_PACKAGES",
    "SBT",
]

_MAVEN = ("mvn", "mvnw", "lein")
_MAVEN_IDLE = frozenset(("clean", "--version", "-v", "-version", "--help", "-h", "help"))


def _gem_off(call: Call) -> bool:
    text = " ".join(call.args)
    return call.program in ("echo", "printf", "tee") and ("--no-document" in text or "--no-ri" in text)


GEM_DOCS = Cache(
    what="the documentation of the gems stays",
    fills=called("gem install|update"),
    paths=("/usr/local/bundle/doc", "/usr/local/lib/ruby/gems/3.0.0/doc", "/var/lib/gems/3.0.0/doc"),
    flags=("--no-document", "-N", "--no-doc", "--no-ri", "--no-rdoc"),
    clearing=lambda call: any(path.endswith("/doc") or "/doc/" in path for path in removed(call)),
    flag="--no-document",
    gone=("**/doc/**", "**/doc", "**/.local/share/gem/**"),
    off=_gem_off,
)


def _gems(call: Call) -> bool:
    """Whether it downloads gems; Bundler alone is not worth a word."""
    if call.runs("gem", "install"):
        return any(text_of(word).partition(":")[0] != "bundler" for word in call.operands[1:])
    return call.runs("bundle", "install", "update", "add") or call.runs("bundler", "install", "update")


BUNDLER = Cache(
    what="the packed gems that were downloaded stay",
    fills=_gems,
    paths=("/usr/local/bundle/cache",),
    clearing=lambda call: call.program == "rm" and any("cache" in path for path in call.args),
    measured=("gem cache",),
)

COMPOSER = Cache(
    what="Composer's cache stays",
    fills=called("composer install|i|update|u|upgrade|require|create-project|global", "composer.phar install|update"),
    paths=("~/.composer/cache", "~/.cache/composer"),
    flags=("--no-cache",),
    folders=("COMPOSER_CACHE_DIR",),
    clearing=called("composer clear-cache|clearcache|cc", "composer.phar clear-cache|clearcache|cc"),
    command="composer clear-cache",
    gone=("**/.composer/cache/**", "**/.composer/cache", "**/.cache/composer/**", "**/.cache/composer"),
    measured=("composer cache",),
)


def _go_cleans(call: Call) -> bool:
    return call.runs("go", "clean") and call.has("-modcache", "-cache")


def _go_fills(call: Call) -> bool:
    return call.runs("go", "build", "install", "get", "test", "vet", "run", "generate") or (
        call.runs("go", "mod") and any(arg in ("download", "tidy", "vendor") for arg in call.args)
    )


GO = Cache(
    what="Go's modules and build cache stay",
    fills=_go_fills,
    paths=("~/.cache/go-build", "~/go/pkg/mod", "/go/pkg/mod", "/go/pkg"),
    folders=("GOCACHE", "GOMODCACHE"),
    clearing=_go_cleans,
    command="go clean -cache -modcache",
    gone=("**/.cache/go-build/**", "**/go/pkg/**", "**/go/pkg", "**/.cache/go-build", "**/.cache", "**/.config/go/**"),
    reader=lambda call: call.program in ("go", "gofmt", "golangci-lint", "dlv", "air", "make"),
    measured=("Go module cache", "Go build cache"),
)

CARGO = Cache(
    what="the sources that Cargo downloaded stay",
    fills=called("cargo build|b|install|fetch|test|run|check|update|chef"),
    paths=("/usr/local/cargo/registry", "~/.cargo/registry", "/usr/local/cargo", "~/.cargo"),
    folders=("CARGO_HOME",),
    clearing=called("cargo cache"),
    command='rm -rf "${CARGO_HOME:-$HOME/.cargo}/registry"',
    gone=("**/cargo/registry/**", "**/cargo/registry", "**/.cargo/registry/**", "**/.cargo/registry"),
    reader=called("cargo", "make", "rustc"),
    measured=("cargo registry",),
)


def _maven_fills(call: Call) -> bool:
    return call.program in _MAVEN and any(arg not in _MAVEN_IDLE for arg in call.args)


MAVEN = Cache(
    what="what Maven downloaded stays",
    fills=_maven_fills,
    paths=("~/.m2/repository", "~/.m2"),
    command="rm -rf ~/.m2/repository",
    gone=("**/.m2/repository/**", "**/.m2/repository"),
    reader=called(*_MAVEN, "make"),
    measured=("Maven repository",),
)

GRADLE = Cache(
    what="what Gradle downloaded and cached stays",
    fills=called("gradle", "gradlew"),
    paths=("~/.gradle", "~/.gradle/caches"),
    folders=("GRADLE_USER_HOME",),
    command="rm -rf ~/.gradle/caches ~/.gradle/daemon",
    gone=("**/.gradle/caches/**", "**/.gradle/caches", "**/.gradle/daemon/**", "**/.gradle/daemon"),
    reader=called("gradle", "gradlew", "make"),
    measured=("Gradle cache",),
)

SBT = Cache(
    what="what sbt downloaded stays",
    fills=called("sbt"),
    paths=("~/.ivy2", "~/.cache/coursier", "~/.sbt"),
    command="rm -rf ~/.ivy2/cache ~/.cache/coursier",
    gone=("**/.ivy2/cache/**", "**/.ivy2/cache", "**/.cache/coursier/**", "**/.cache/coursier"),
    reader=called("sbt", "make"),
    measured=("Ivy cache",),
)

NUGET = Cache(
    what="the packages that NuGet downloaded stay",
    fills=called("dotnet restore|build|publish|test|add|pack", "nuget restore|install"),
    paths=("~/.nuget/packages", "~/.nuget"),
    folders=("NUGET_PACKAGES",),
    clearing=called("dotnet nuget locals", "nuget locals"),
    command="dotnet nuget locals all --clear",
    gone=("**/.nuget/**", "**/.local/share/NuGet/**", "tmp/NuGetScratch/**", "tmp/NuGetScratch*"),
    reader=called("dotnet restore|build|publish|test|run|watch|pack", "nuget"),
    measured=("NuGet cache",),
)

HEX = Cache(
    what="the packages that Hex downloaded stay",
    fills=called("mix deps.get|deps.update|do"),
    paths=("~/.hex/packages", "~/.hex"),
    command="rm -rf ~/.hex/packages",
    gone=("**/.hex/packages/**", "**/.hex/packages"),
    reader=called("mix", "iex", "make"),
    measured=("Hex and Rebar cache",),
)

CPAN = Cache(
    what="what the CPAN client downloaded and built stays",
    fills=lambda call: call.program in ("cpanm", "cpan", "carton") and bool(call.args),
    paths=("~/.cpanm", "~/.cpan"),
    folders=("PERL_CPANM_HOME",),
    command="rm -rf ~/.cpanm ~/.cpan",
    gone=("**/.cpanm/**", "**/.cpanm", "**/.cpan/**", "**/.cpan"),
    measured=("CPAN cache",),
)

LUAROCKS = Cache(
    what="what LuaRocks downloaded stays",
    fills=called("luarocks install|build|make"),
    paths=("~/.cache/luarocks",),
    command="rm -rf ~/.cache/luarocks",
    gone=("**/.cache/luarocks/**", "**/.cache/luarocks"),
)

PECL = Cache(
    what="what pecl downloaded and built stays",
    fills=called("pecl install|upgrade"),
    paths=("tmp/pear",),
    clearing=called("pear clear-cache", "pecl clear-cache"),
    command="rm -rf /tmp/pear",
    gone=("tmp/pear/**", "tmp/pear"),
    measured=("PEAR cache",),
)

R_PACKAGES = Cache(
    what="the packages that littler downloaded stay",
    fills=called("install2.r", "installBioc.r"),
    paths=("tmp/downloaded_packages",),
    command="rm -rf /tmp/downloaded_packages",
    gone=("tmp/downloaded_packages/**", "tmp/downloaded_packages"),
    measured=("R packages",),
)

HASKELL = Cache(
    what="what Cabal or Stack downloaded and built stays",
    fills=called("cabal build|install|update|new-build|v2-build|v2-install", "stack build|install|setup|update"),
    paths=("~/.cabal/packages", "~/.cabal", "~/.stack", "~/.cache/cabal"),
    measured=("Cabal and Stack packages",),
)

OPAM = Cache(
    what="what opam downloaded and built stays",
    fills=called("opam install|init|update|switch|upgrade"),
    paths=("~/.opam/download-cache", "~/.opam"),
    clearing=called("opam clean"),
    command="opam clean --all-switches --download-cache --logs --repo-cache",
    gone=("**/.opam/**",),
)
