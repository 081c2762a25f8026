"""Tomcat: an app that is compiled in the server's own image."""

from __future__ import annotations

from lissom.lint.effects.paths import covers
from lissom.lint.stages.app import app_places
from lissom.lint.stages.java import JAVA_HOME, LINKED, pictures
from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import ROOT, Doubt, Recipe
from lissom.lint.stages.runtimes import FULL, debian_slim

__all__ = ["recognise"]

_HOME = "/usr/local/tomcat"
_TOOLS = frozenset(("javac", "jar", "java", "jlink", "mvn", "mvnw", "gradle", "gradlew", "ant", "keytool"))
# Jars may be links that lead out of the server's directory, and look beside their targets for others.
_GATHERED = (
    "RUN cd / \\\n"
    f" && {{ echo {_HOME}; find {_HOME} -name '*.jar' -type l -exec readlink -f {{}} + | xargs -r dirname; }} \\\n"
    f"    | sort -u | xargs cp -a --parents -t {ROOT} \\\n"
    f" && rm -rf {ROOT}{_HOME}/webapps.dist"
)


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for an app that the image of Tomcat compiles and serves."""
    base = reading.stage.base
    if base.name.rpartition("/")[2] != "tomcat" or base.family != "debian" or "jre" in base.tag:
        return None
    if not reading.calls("javac", "mvn", "mvnw", "gradle", "gradlew", "ant"):
        return None
    if base.tag.startswith(("7", "8")) or "jdk8" in base.tag:
        raise Doubt(reading.stage.stage.from_.image_span, "its Java may be too old for jlink")
    start = reading.start
    words = start.words
    if words is None or (words and words[0].rpartition("/")[2] != "catalina.sh"):
        where = (start.cmd or start.entrypoint or reading.stage.stage.from_).span
        raise Doubt(where, "it does not start catalina.sh")
    sources = app_places(reading)
    return Recipe(
        "Tomcat",
        debian_slim("bookworm"),
        "bookworm",
        _TOOLS,
        (*FULL, *pictures(reading)),
        sources=(*(one for one in sources if not covers(_HOME, one)), "/root/.m2", "/root/.gradle"),
        rooted=(JAVA_HOME, _HOME),
        after=(LINKED, _GATHERED),
        env=(
            ("CATALINA_HOME", _HOME),
            ("JAVA_HOME", JAVA_HOME),
            ("PATH", f"{_HOME}/bin:{JAVA_HOME}/bin:$PATH"),
            ("LANG", "C.UTF-8"),
        ),
        command=("catalina.sh", "run") if not words else None,
    )
