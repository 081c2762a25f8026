"""Java homes, and the modules in them."""

from java_files import BASE, HOME, jdk, jmod
from lissom.slim.java_home import java_homes, read_modules
from rule_scenes import tree_of


def test_a_home_has_a_program_and_modules():
    tree = tree_of({**jdk(), "usr/bin/java": "-> /opt/jdk/bin/java", "opt/old/bin/java": "x", "bin/java": "x"})
    assert java_homes(tree) == (HOME,)


def test_modules_say_what_they_hold():
    modules = read_modules(tree_of(jdk()), HOME)
    assert sorted(modules) == ["java.base", "java.desktop", "java.sql", "java.xml", "jdk.compiler", "jdk.localedata"]
    assert modules["java.base"].commands == {"java", "keytool"}
    assert modules["java.desktop"].requires == {"java.base", "java.xml"}
    assert dict(modules["java.desktop"].packages) == {
        "java.awt": "Font.class",
        "javax.swing": "JButton.class",
        "javax.swing.text": "Caret.class",
    }
    assert "libjsound.so" in modules["java.desktop"].libraries


def test_what_cannot_be_read_is_left_out():
    good = jmod("java.base", (), BASE)
    tree = tree_of(
        {
            "j/jmods/java.base.jmod": good,
            "j/jmods/cut.jmod": good[:-30],
            "j/jmods/empty.jmod": b"",
            "j/jmods/text.jmod": "hello",
            "j/jmods/link.jmod": "-> /etc/passwd",
        }
    )
    assert list(read_modules(tree, "j")) == ["java.base"]
    assert read_modules(tree, "nowhere") == {}
