"""The log of a container."""

from lissom.verify.log import Log


def test_a_flood_keeps_its_beginning_and_end():
    log = Log()
    log.feed(1, b"first\n")
    for number in range(3000):
        log.feed(2, b"%d " % number * 500 + b"\n")
    log.feed(1, b"last\n")
    text = log.text()
    assert text.startswith("first\n")
    assert text.endswith("last\n")
    assert "bytes left out]" in text
    assert len(text) < 1 << 20
    assert log.size > 5 << 20
    assert log.out.text == "first\nlast\n"


def test_the_tail_is_readable():
    log = Log()
    log.feed(1, b"one\n" * 30 + b"\x1b[31mred" + b"x" * 500)
    lines = log.tail(3).splitlines()
    assert lines[:2] == ["one", "one"]
    assert lines[2].startswith(" [31mred")
    assert len(lines[2]) == 300
    assert Log().tail() == ""
