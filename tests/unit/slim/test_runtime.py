"""The plan of a runtime."""

import re
from dataclasses import replace

import pytest

from java_files import HOME, class_file, jar, jdk
from lissom.slim.closure import ASKED
from lissom.slim.keep import Keep
from lissom.slim.runtime import plan_runtime
from lissom.slim.scene import Level
from rule_scenes import scene_of

JVM = f"{HOME}/lib/server/libjvm.so"
APP = {"app/app.jar": jar({"A.class": class_file("A", ["java/awt/Font"])})}


def kept(*paths):
    return {path: Keep(path, "opened") for path in paths}


def plan(files=None, paths=(JVM, "app/app.jar"), level=Level.FILE, **config):
    scene = scene_of({**jdk(), **APP, **(files or {})}, packages=(), level=level, **config)
    return plan_runtime(scene, kept(*paths))


def test_modules_programs_and_libraries_of_what_is_kept():
    runtime = plan(paths=(JVM, "app/app.jar", f"{HOME}/bin/java", f"{HOME}/bin/javac"))
    assert runtime is not None
    assert (runtime.home, runtime.version) == (HOME, 17)
    assert runtime.modules["java.desktop"] == "app/app.jar!A.class names java.awt"
    assert runtime.modules["jdk.compiler"] == "runs javac"
    assert runtime.commands == {"java", "javac"}
    assert {"libjava.so", "libfontmanager.so"} <= runtime.libraries
    assert runtime.libraries.isdisjoint({"libjsound.so", "libawt_xawt.so"})


def test_a_program_that_stays_in_passing_brings_no_module():
    scene = scene_of({**jdk(), **APP}, packages=())
    found = kept(JVM, "app/app.jar")
    for reason, there in (("kin", False), ("shell", True)):
        runtime = plan_runtime(scene, {**found, f"{HOME}/bin/javac": Keep(f"{HOME}/bin/javac", reason)})
        assert runtime is not None
        assert ("jdk.compiler" in runtime.modules) is there


def test_the_runtimes_own_settings_are_not_what_the_app_names():
    runtime = plan(paths=(JVM, "app/app.jar", "etc/java-17/net.properties"))
    assert runtime is not None
    assert [family.name for family in runtime.without][:1] == ["swing"]


def test_patterns_leave_one_file_of_each_package_and_what_others_refer_to():
    runtime = plan()
    assert runtime is not None
    pattern = re.compile(next(p for p in runtime.patterns if "/javax/swing/" in p).removeprefix("regex:"))
    gone = ["JOther", "text/DefaultCaret", "plaf/metal/MetalLookAndFeel", "JComponentX"]
    stays = ["JComponent", "JComponent$1", "text/Caret", "JButton", "plaf/UIResource"]
    assert all(pattern.fullmatch(f"/java.desktop/javax/swing/{name}.class") for name in gone)
    assert not any(pattern.fullmatch(f"/java.desktop/javax/swing/{name}.class") for name in stays)
    assert not pattern.fullmatch("/java.desktop/java/awt/Font.class")
    assert all("," not in p and ":" not in p.removeprefix("regex:") for p in runtime.patterns)


def test_levels():
    strict, package = plan(level=Level.STRICT), plan(level=Level.PACKAGE)
    assert strict is not None
    assert package is not None
    assert "jdk.localedata" not in strict.modules
    assert package.without == ()


@pytest.mark.parametrize(
    "case",
    [
        {"paths": ("app/app.jar",)},
        {"paths": (JVM, "app/broken.jar"), "files": {"app/broken.jar": b"x"}},
        {"Env": ["JAVA_OPTS=-Xshare:on"]},
        {"files": {f"{HOME}/jmods/java.base.jmod": b"x"}},
    ],
)
def test_no_plan_where_nobody_ran_it_or_can_tell(case):
    assert plan(**case) is None


def test_what_the_user_wants_kept_of_the_home_stays():
    scene = scene_of({**jdk(), **APP}, packages=())
    wanted = {**kept(JVM), f"{HOME}/bin/javac": Keep(f"{HOME}/bin/javac", ASKED)}
    assert plan_runtime(scene, wanted) is None
    assert plan_runtime(scene, {**wanted, f"{HOME}/bin/javac": replace(wanted[JVM], path=f"{HOME}/bin/javac")})
