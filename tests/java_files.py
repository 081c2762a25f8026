"""Class files, module descriptors, jars and jmod files, made by hand."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping


def class_file(name: str, words: Iterable[str] = (), *, calls: tuple[str, str] | None = None) -> bytes:
    """A class of that name with slashes; ``words`` are more texts, ``calls`` the class and name of a method."""
    constants = [_text(name), b"\x07" + struct.pack(">H", 1)]
    if calls:
        owner, method = calls
        constants += [_text(owner), b"\x07\0\3", _text(method), _text("()V"), b"\x0c\0\5\0\6", b"\x0a\0\4\0\7"]
    constants += [_text(word) for word in words]
    head = b"\xca\xfe\xba\xbe\0\0\0\x3d" + struct.pack(">H", len(constants) + 1) + b"".join(constants)
    return head + b"\0\x21\0\2\0\0" + 4 * b"\0\0"


def module_info(name: str, requires: Iterable[str]) -> bytes:
    """The descriptor of a module."""
    needs = list(requires)
    constants = [_text("module-info"), b"\x07\0\1", _text("Module")]
    numbers = []
    for word in (name, *needs):
        constants += [_text(word), b"\x13" + struct.pack(">H", len(constants) + 1)]
        numbers.append(len(constants))
    table = b"".join(struct.pack(">3H", number, 0, 0) for number in numbers[1:])
    body = struct.pack(">4H", numbers[0], 0, 0, len(needs)) + table + 4 * b"\0\0"
    attribute = struct.pack(">HI", 3, len(body)) + body
    head = b"\xca\xfe\xba\xbe\0\0\0\x3d" + struct.pack(">H", len(constants) + 1) + b"".join(constants)
    return head + b"\x80\0\0\2\0\0" + 3 * b"\0\0" + b"\0\1" + attribute


def jar(members: Mapping[str, str | bytes]) -> bytes:
    """A zip file."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def jmod(name: str, requires: Iterable[str] = (), files: Iterable[str] = ()) -> bytes:
    """A jmod file: a zip file behind four bytes."""
    members = {"classes/module-info.class": module_info(name, requires), **dict.fromkeys(files, b"x")}
    return b"JM\1\0" + jar(members)


HOME = "opt/jdk"
BASE = ("classes/java/lang/Object.class", "classes/java/util/List.class", "bin/java", "bin/keytool", "lib/libjava.so")
DESKTOP = (
    "classes/java/awt/Font.class",
    "classes/javax/swing/JButton.class",
    "classes/javax/swing/JComponent.class",
    "classes/javax/swing/text/Caret.class",
    "lib/libawt_xawt.so",
    "lib/libjsound.so",
    "lib/libfontmanager.so",
)


def jdk(home: str = HOME) -> dict[str, str | bytes]:
    """Files of a small JDK."""
    modules = {
        "java.base": jmod("java.base", (), BASE),
        "java.xml": jmod("java.xml", ("java.base",), ("classes/javax/xml/parsers/P.class",)),
        "java.desktop": jmod("java.desktop", ("java.base", "java.xml"), DESKTOP),
        "java.sql": jmod("java.sql", ("java.base", "java.xml"), ("classes/java/sql/Driver.class",)),
        "jdk.compiler": jmod("jdk.compiler", ("java.base",), ("classes/com/sun/tools/javac/Main.class", "bin/javac")),
        "jdk.localedata": jmod("jdk.localedata", ("java.base",), ("classes/sun/util/resources/ext/L_fr.class",)),
    }
    return {
        f"{home}/bin/java": b"java",
        f"{home}/bin/javac": b"javac",
        f"{home}/bin/jlink": b"jlink",
        f"{home}/conf/net.properties": "-> /etc/java-17/net.properties",
        f"{home}/lib/modules": b"all modules",
        f"{home}/lib/server/libjvm.so": b"jvm",
        f"{home}/lib/libjava.so": b"1",
        f"{home}/lib/libfontmanager.so": b"2",
        f"{home}/lib/libjsound.so": b"3",
        f"{home}/lib/security/cacerts": "-> /etc/ssl/certs/java/cacerts",
        f"{home}/release": 'JAVA_VERSION="17.0.9"\nMODULES="java.base java.xml"\n',
        "etc/java-17/net.properties": "javax.swing.JButton\n",
        "etc/ssl/certs/java/cacerts": b"certificates",
        **{f"{home}/jmods/{name}.jmod": data for name, data in modules.items()},
    }


def _text(text: str) -> bytes:
    data = text.encode()
    return b"\1" + struct.pack(">H", len(data)) + data


def damaged(whole: bytes) -> bytes:
    """A zip file whose table is sound and whose first member cannot be decompressed."""
    start = 30 + int.from_bytes(whole[26:28], "little") + int.from_bytes(whole[28:30], "little")
    return whole[:start] + b"\xff" * 4 + whole[start + 4 :]
