"""The lines of a Dockerfile that a plan remembers for each line of the history."""

import pytest

from lissom.build.lines import Lines, find_lines, lines_of, put_lines
from lissom.build.plan import PlanOptions, plan
from lissom.build.step import BaseInput
from lissom.dockerfile.parser import parse
from lissom.errors import IntegrityError
from lissom.image.image import Image
from lissom.oci.digest import Digest
from lissom.oci.document import CONFIG, Descriptor, ImageConfig, Manifest
from lissom.store import accounts

TEXT = """\
FROM base AS one
# said first
ENV A=1 \\
    B=2
RUN <<EOF
x
EOF

FROM other AS unused
RUN y
FROM one
ONBUILD RUN z
COPY --from=other / /
LABEL a=b
"""


def an_image(name, triggers=()):
    history = [{"created_by": "ADD x"}, {"created_by": f"CMD {name}", "empty_layer": True}]
    document = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"OnBuild": list(triggers)},
        "rootfs": {"type": "layers", "diff_ids": [str(Digest.of(b""))]},
        "history": history,
    }
    config = ImageConfig.make(document)
    layer = Descriptor("application/vnd.oci.image.layer.v1.tar", Digest.of(b""), 0)
    return Image(Manifest.make(Descriptor(CONFIG, config.digest, len(config.raw)), [layer]), config, None)


def lines(text, triggers=()):
    made = plan(parse(text, "Dockerfile"), PlanOptions(), lambda name, _: BaseInput(name, an_image(name, triggers)))
    return lines_of(made, parse(text, "Dockerfile").source)


def test_every_line_of_the_history_has_its_instruction_through_stages():
    found = lines(TEXT)
    assert found.steps == {2: (3, 4), 3: (5, 7), 4: (13, 13), 5: (14, 14)}
    assert (found.base, found.base_layers, found.base_steps, found.file) == ("base", 1, 2, "Dockerfile")


def test_triggers_of_the_base_are_where_it_is_named():
    assert lines("# x\nFROM base\nRUN y\n", ["RUN a", "ENV B=1"]).steps == {2: (2, 2), 3: (2, 2), 4: (3, 3)}


def test_nothing_stands_below_scratch():
    found = lines("FROM scratch\nCOPY a /\n")
    assert (found.base, found.base_layers, found.steps) == ("", 0, {0: (2, 2)})


def test_what_is_kept_is_found_again(store):
    digest, kept = Digest.of(b"image"), Lines("D", "sha256:1", {3: (1, 2)}, "base:1", 2, 3)
    assert find_lines(store, digest) is None
    put_lines(store, digest, kept)
    assert find_lines(store, digest) == kept


@pytest.mark.parametrize(
    "document", [{}, {"file": "D", "digest": "", "steps": [[1]], "base": {}}], ids=["empty", "rows"]
)
def test_a_damaged_account_is_no_account(store, document):
    digest = Digest.of(b"image")
    accounts.put(store, "builds", digest, accounts.packed(document), "x")
    with pytest.raises(IntegrityError, match="cannot read what a build kept of an image"):
        find_lines(store, digest)
