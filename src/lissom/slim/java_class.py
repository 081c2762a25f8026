"""What a class file says in its constants (Java virtual machine specification, 4.4)."""

from __future__ import annotations

import struct

__all__ = ["class_name", "names_locale", "required_modules"]

_MAGIC = b"\xca\xfe\xba\xbe"
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_BROKEN = (struct.error, IndexError, KeyError)


class _Constants:
    """The constants by number: texts as bytes, all others as their bytes after the tag."""

    def __init__(self, data: bytes) -> None:
        self.values: dict[int, tuple[int, bytes]] = {}
        (count,) = struct.unpack_from(">H", data, 8)
        offset, number = 10, 1
        while number < count:
            tag = data[offset]
            offset += 1
            size = _SIZES[tag] if tag != 1 else struct.unpack_from(">H", data, offset)[0]
            offset += 2 if tag == 1 else 0
            self.values[number] = (tag, data[offset : offset + size])
            offset += size
            number += 2 if tag in (5, 6) else 1
        self.end = offset

    def text(self, number: int) -> bytes:
        """A text, or the name of what has one: a class, a module."""
        tag, value = self.values[number]
        return value if tag == 1 else self.text_of_name(value)

    def text_of_name(self, value: bytes) -> bytes:
        tag, text = self.values[struct.unpack_from(">H", value)[0]]
        return text if tag == 1 else b""


def class_name(data: bytes) -> str:
    """The name of the class, with slashes; empty for what is no class file."""
    try:
        if not data.startswith(_MAGIC):
            return ""
        constants = _Constants(data)
        return constants.text(struct.unpack_from(">H", data, constants.end + 2)[0]).decode(errors="replace")
    except _BROKEN:
        return ""


def names_locale(data: bytes) -> bool:
    """Whether a class calls ``java.util.Locale.getDisplayName``: other classes have methods of that name too."""
    if b"java/util/Locale" not in data or b"getDisplayName" not in data or not data.startswith(_MAGIC):
        return False
    try:
        constants = _Constants(data)
        for tag, value in constants.values.values():
            if tag != 10:
                continue
            owner, signature = struct.unpack(">HH", value)
            if constants.text(owner) == b"java/util/Locale":
                name = constants.text_of_name(constants.values[signature][1])
                if name == b"getDisplayName":
                    return True
    except _BROKEN:
        return True
    return False


def required_modules(data: bytes) -> tuple[str, ...]:
    """Names of the modules that a ``module-info`` class requires (4.7.25); none for what is no such class."""
    try:
        constants = _Constants(data)
        (interfaces,) = struct.unpack_from(">H", data, constants.end + 6)
        offset = constants.end + 8 + 2 * interfaces
        fields, methods, attributes = struct.unpack_from(">3H", data, offset)
        if fields or methods:
            return ()
        offset += 6
        for _ in range(attributes):
            name, size = struct.unpack_from(">HI", data, offset)
            if constants.text(name) == b"Module":
                (count,) = struct.unpack_from(">H", data, offset + 12)
                numbers = (struct.unpack_from(">H", data, offset + 14 + 6 * n)[0] for n in range(count))
                return tuple(constants.text(number).decode(errors="replace") for number in numbers)
            offset += 6 + size
    except _BROKEN:
        return ()
    return ()
