"""What a build looks like in a log, as JSON and on a terminal."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor

from lissom.cli.progress import harmless, showing
from lissom.events import BlobMoved, Decision, StepCached, StepDone, StepOutput, StepStarted, Warned

EVENTS = (
    StepCached(1, "[1/3] FROM debian"),
    StepStarted(2, "[2/3] RUN make"),
    StepOutput(2, 1, b"one\ntw"),
    StepOutput(2, 1, b"o\n\x1b[31mred\x1b]0;title\x07\n"),
    StepOutput(2, 2, b"no newline"),
    StepDone(2, "[2/3] RUN make", 1.25),
    StepStarted(3, "[3/3] COPY . ."),
    StepDone(3, "[3/3] COPY . .", 0.1, error="cannot copy"),
    BlobMoved("pull", "debian", 5, 5),
    Decision("[2/3] RUN make", "its command changed"),
    Warned("an old flag", hint="use the new one"),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(style: str, out: io.StringIO | None = None, **options) -> str:
    out = out or io.StringIO()
    with showing(style, out, {"TERM": "xterm", **options.pop("environment", {})}, **options) as listener:
        for event in EVENTS:
            listener(event)
    return out.getvalue()


def test_plain_is_like_buildkits() -> None:
    text = re.sub(r"(#\d) \d+\.\d{3} ", r"\1 0.000 ", shown("plain"))
    assert text == (
        "#1 [1/3] FROM debian\n#1 CACHED\n\n"
        "#2 [2/3] RUN make\n#2 0.000 one\n#2 0.000 two\n#2 0.000 \\x1b[31mred\\x1b]0;title\\x07\n"
        "#2 0.000 no newline\n#2 DONE 1.2s\n\n"
        "#3 [3/3] COPY . .\n#3 ERROR: cannot copy\n\n"
        "pull debian 5 / 5 done\nwarning: an old flag\nhint: use the new one\n"
    )
    assert "[2/3] RUN make: its command changed\n" in shown("plain", verbose=1)


def test_what_nobody_asked_for_by_its_command_is_in_verbose_logs_only() -> None:
    events = (StepStarted(1, "configure"), StepOutput(1, 1, b"Setting up\n", detail=True), StepDone(1, "configure", 1))
    texts = []
    for verbose in (0, 1):
        out = io.StringIO()
        with showing("plain", out, {}, verbose=verbose) as listener:
            for event in events:
                listener(event)
        texts.append(re.sub(r" \d\.\d{3} ", " 0.000 ", out.getvalue()))
    assert texts == ["#1 configure\n#1 DONE 1.0s\n\n", "#1 configure\n#1 0.000 Setting up\n#1 DONE 1.0s\n\n"]


def test_the_cause_of_a_rebuild_is_told_unasked() -> None:
    out = io.StringIO()
    with showing("plain", out, {}) as listener:
        listener(Decision("[2/3] COPY . .", "`a.txt` changed", telling=True))
        listener(Decision("[3/3] RUN make", "the step before it changed"))
    assert out.getvalue() == "[2/3] COPY . .: `a.txt` changed\n"


def test_json_is_one_object_an_event() -> None:
    lines = [json.loads(line) for line in shown("json").splitlines()]
    assert [line["event"] for line in lines[:3]] == ["step_cached", "step_started", "step_output"]
    assert lines[2]["data"] == "one\ntw"
    assert len(lines) == len(EVENTS)


def test_quiet_shows_warnings_only() -> None:
    assert shown("quiet") == "warning: an old flag\n"


def test_a_terminal_shows_steps_errors_and_warnings_harmlessly() -> None:
    text = shown("auto", Terminal())
    for part in ("[1/3] FROM debian", "cached", "[2/3] RUN make", "1.2s", "x ", "[3/3] COPY . .", "an old flag"):
        assert part in text
    assert "\x1b]0;title" not in text
    assert "\x1b[31mred" not in text


def test_no_color_is_obeyed() -> None:
    assert not re.search(r"\x1b\[[\d;]*3\dm", shown("auto", Terminal(), environment={"NO_COLOR": "1"}))


def test_auto_is_plain_without_a_terminal() -> None:
    assert "#1 CACHED" in shown("auto")


def test_listeners_take_events_from_several_threads() -> None:
    out = io.StringIO()
    with showing("plain", out, {}) as listener, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: listener(StepOutput(n % 4, 1, b"x" * 50 + b"\n")), range(400)))
    lines = out.getvalue().splitlines()
    assert len(lines) == 400
    assert all(re.fullmatch(r"#\d 0\.000 x{50}", line) for line in lines)


def test_a_terminal_takes_events_from_several_threads() -> None:
    def step(number: int) -> None:
        listener(StepStarted(number, f"step {number}"))
        for _ in range(50):
            listener(StepOutput(number, 1, b"line\n"))
        listener(StepDone(number, f"step {number}", 0.1))

    out = Terminal()
    with showing("tty", out, {}) as listener, ThreadPoolExecutor(8) as pool:
        list(pool.map(step, range(40)))
    text = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", out.getvalue())
    assert all(f"+ step {number}  0.1s" in text for number in range(40))


def test_control_characters_are_shown_not_sent() -> None:
    assert harmless("a\tb\x1b[2Jc\x9bd\re\x00") == "a\tb\\x1b[2Jc\\x9bde\\x00"
    assert harmless("höflich ✓") == "höflich ✓"
