"""The steps of two images side by side."""

from __future__ import annotations

from lissom.analysis.ledger.share import Share, Step
from lissom.report.diff_steps import step_pairs, steps_text
from made_ledgers import MB, ledger


def an_image(*steps: tuple[str, int]) -> object:
    made = [Step(n, text, n, (n, n) if n else None, "Dockerfile", base=not n) for n, (text, _) in enumerate(steps)]
    return ledger(tuple(Share(f"f{n}", size, n) for n, (_, size) in enumerate(steps)), tuple(made))


BEFORE = an_image(
    ("FROM", 10 * MB), ("RUN apt-get install a", 20 * MB), ("COPY file:0123456789ab in /app", MB), ("RUN old", 5)
)
AFTER = an_image(
    ("FROM other", 12 * MB), ("RUN apt-get install a b", 50 * MB), ("RUN added", 7), ("COPY file:ba9876543210 in /app", 2 * MB)
)  # fmt: skip


def test_steps_pair_by_text_and_by_place() -> None:
    assert [(p.text, p.before, p.after) for p in step_pairs(BEFORE, AFTER)] == [
        ("base image", 10 * MB, 12 * MB),
        ("RUN apt-get install a b", 20 * MB, 50 * MB),
        ("RUN added", None, 7),
        ("COPY file:ba9876543210 in /app", MB, 2 * MB),
        ("RUN old", 5, None),
    ]


def test_they_sum_to_the_images() -> None:
    pairs = step_pairs(BEFORE, AFTER)
    assert sum(pair.before or 0 for pair in pairs) == BEFORE.size
    assert sum(pair.after or 0 for pair in pairs) == AFTER.size
    assert sum(pair.growth for pair in pairs) == AFTER.size - BEFORE.size


def test_equal_images_have_equal_steps() -> None:
    assert all(pair.before == pair.after for pair in step_pairs(ledger(), ledger()))


def test_the_table() -> None:
    assert steps_text(step_pairs(BEFORE, AFTER), str).splitlines()[:3] == [
        "steps",
        "  BEFORE   AFTER   CHANGE   LINE   INSTRUCTION",
        "  10MB     12MB    +2MB     base   base image",
    ]
