"""Which files of a project decide what its package manager installs, and which commands do so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lissom.lint.calls.call import Call
from lissom.lint.calls.wrappers import text_of

__all__ = ["Ecosystem", "ecosystem_of", "manifests_named"]


@dataclass(frozen=True, slots=True)
class Ecosystem:
    """A package manager of projects: what it is called, the files it installs by (those that must be there first, those
    that may), and its commands that install what the files name, as "program verb|verb".
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    commands: tuple[str, ...]

    def installs(self, call: Call) -> bool:
        """Whether the call installs what the manifests name."""
        for command in self.commands:
            program, _, verbs = command.partition(" ")
            if call.program == program and (not verbs or not self._verbs(call).isdisjoint(verbs.split("|"))):
                return True
        return False

    def _verbs(self, call: Call) -> frozenset[str]:
        """What a call is told to do: of Maven and Gradle, several goals."""
        return frozenset(text_of(word) for word in call.operands) if self.name in _GOALS else frozenset((call.verb,))


_GOALS = ("Maven", "Gradle")
_MAVEN = "package|install|verify|dependency:go-offline|dependency:resolve"
_GRADLE = "build|assemble|bootJar|shadowJar"
_ECOSYSTEMS = (
    Ecosystem("npm", ("package.json",), ("package-lock.json", "npm-shrinkwrap.json", ".npmrc"), ("npm install|ci|i",)),
    Ecosystem("yarn", ("package.json",), ("yarn.lock", ".yarnrc", ".yarnrc.yml"), ("yarn install", "yarn ")),
    Ecosystem(
        "pnpm", ("package.json",), ("pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc"), ("pnpm install|i|fetch",)
    ),
    Ecosystem("bun", ("package.json",), ("bun.lockb", "bun.lock"), ("bun install|i",)),
    Ecosystem("pip", (), (), ("pip install",)),
    Ecosystem("Poetry", ("pyproject.toml",), ("poetry.lock",), ("poetry install",)),
    Ecosystem("uv", ("pyproject.toml",), ("uv.lock",), ("uv sync",)),
    Ecosystem("Pipenv", ("Pipfile",), ("Pipfile.lock",), ("pipenv install|sync",)),
    Ecosystem("Bundler", ("Gemfile",), ("Gemfile.lock",), ("bundle install", "bundler install")),
    Ecosystem("Composer", ("composer.json",), ("composer.lock",), ("composer install",)),
    Ecosystem("Go", ("go.mod",), ("go.sum",), ("go mod|get|build",)),
    Ecosystem("Maven", ("pom.xml",), (), (f"mvn {_MAVEN}", f"mvnw {_MAVEN}")),
    Ecosystem("Gradle", ("build.gradle",), ("settings.gradle",), (f"gradle {_GRADLE}", f"gradlew {_GRADLE}")),
    Ecosystem("Cargo", ("Cargo.toml",), ("Cargo.lock",), ("cargo build|install|fetch",)),
    Ecosystem("NuGet", (), (), ("dotnet restore|build|publish",)),
    Ecosystem("Mix", ("mix.exs",), ("mix.lock",), ("mix deps.get",)),
)
_NPM_LIKE = frozenset(("npm", "yarn", "pnpm", "bun"))


def ecosystem_of(call: Call) -> Ecosystem | None:
    """The ecosystem whose declared dependencies a call installs; None for other calls and for packages named in it."""
    for one in _ECOSYSTEMS:
        if not one.installs(call):
            continue
        if one.name == "yarn" and call.verb not in ("", "install"):
            return None
        if one.name in _NPM_LIKE and call.verb and (len(call.operands) > 1 or call.has("-g", "--global")):
            return None
        if one.name == "pip" and not any(True for _ in manifests_named(call)):
            return None
        if one.name == "Go" and call.verb == "mod" and call.args[1:2] != ("download",):
            return None
        return one
    return None


def manifests_named(call: Call) -> Iterator[str]:
    """The files that ``-r`` or ``--requirement`` name."""
    words = [text_of(word) for word in call.words]
    for at, text in enumerate(words):
        if text in ("-r", "--requirement") and at + 1 < len(words):
            yield words[at + 1]
        elif text.startswith("--requirement="):
            yield text.partition("=")[2]
        elif text.startswith("-r") and len(text) > 2 and not text.startswith("--"):
            yield text[2:]
