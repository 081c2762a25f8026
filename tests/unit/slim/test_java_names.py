"""What files name of Java's library."""

from java_files import class_file, damaged, jar
from lissom.slim.java_names import names_in
from rule_scenes import scene_of


def names(files):
    scene = scene_of(files, packages=())
    return names_in(scene, scene.tree)


def test_packages_are_found_in_classes_strings_pages_and_jars_in_jars():
    inner = jar({"org/a/B.class": class_file("org/a/B", ["Ljava/sql/Driver;", "javax.naming.spi.NamingManager"])})
    found = names(
        {
            "app/app.jar": jar({"BOOT-INF/lib/in.jar": inner, "x.properties": "a=com.sun.jndi.dns.DnsContextFactory"}),
            "app/page.jsp": '<%@ page import="java.awt.image.*" %>',
            "app/libx.so": b"\x7fELF\2\1\1\0 java.rmi.Remote",
        }
    )
    assert found.packages["java.sql"] == "app/app.jar!BOOT-INF/lib/in.jar!org/a/B.class"
    assert found.packages["javax.naming.spi"] == found.packages["java.sql"]
    assert found.packages["com.sun.jndi.dns"] == "app/app.jar!x.properties"
    assert found.packages["java.awt.image"] == "app/page.jsp"
    assert "java.rmi" not in found.packages
    assert found.complete


def test_hints_are_words_without_a_package():
    found = names(
        {
            "a.properties": "mechanism=GSSAPI",
            "b.class": class_file("b", calls=("java/util/Locale", "getDisplayName")),
            "c.groovy": "def x = locale.displayCountry",
        }
    )
    assert found.hints == {"Kerberos": "a.properties", "display names of locales": "b.class"}


def test_what_can_use_a_compiler_but_does_so_only_when_told_is_passed_by():
    word = class_file("c", ["javax/tools/ToolProvider"])
    assert names({"l/jasper.jar": jar({"org/apache/jasper/compiler/JavaCompiler.class": word})}).hints == {}
    assert "javac" in names({"l/other.jar": jar({"c.class": word})}).hints


def test_a_jar_that_cannot_be_read_leaves_the_answer_open():
    assert not names({"app/broken.jar": b"PK\3\4 no more"}).complete
    assert names({"app/data.zip": b"no zip"}).complete
    assert not names({"app/outer.war": jar({"WEB-INF/lib/x.jar": b"not a zip"})}).complete
    assert not names({"app/flipped.jar": damaged(jar({"a.class": class_file("a")}))}).complete
