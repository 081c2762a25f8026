"""The image keeps what it was built with.

What: the only stage of a file installs packages or compiles on an image with compilers, package managers and headers,
and that same stage is shipped. Node.js (npm, yarn, pnpm), pages made with it, Python, Go, Java, Tomcat, Ruby, Rust,
.NET and C are recognised on Debian, some on Alpine and Ubuntu too. Not told of files with several stages, and of those
that build nothing.
Why: what builds is mostly ten times as large as what runs; compilers and package managers help whoever breaks in.
Bad:
    FROM golang:1.22-bookworm
    WORKDIR /src
    COPY . .
    RUN go build -o /usr/local/bin/serve .
    CMD ["serve"]
Good:
    FROM golang:1.22-bookworm AS build
    WORKDIR /src
    COPY . .
    RUN go build -o /usr/local/bin/serve .

    FROM debian:bookworm-slim
    COPY --from=build /usr/local/bin/serve /usr/local/bin/serve
    CMD ["serve"]
Context:
    go.mod 40
    main.go 400
Fix: unsafe. The lines stay as a stage `build`; a last stage on a slim image installs what the app needs when it runs,
gets the app by COPY --from, and has all settings of the image. With `fix --runtime distroless`, or with
`runtime = "distroless"` in `[lint.rules.single-stage]`, it stands on an image that `lissom distroless` makes; a comment
says how. Not made, with the reason, where a command is not understood, since what it leaves could be missing. Only the
app's probes can tell whether all is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.stages.split import Split, split
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    found = split(subject)
    if found is None:
        return
    from_ = subject.final.stage.from_
    if found.recipe is None or found.doubt is not None:
        yield Found(from_.image_span, _refusal(subject, found), severity=Severity.INFO)
        return
    fix = Fix(
        title=f"build in one stage, run in another on {found.recipe.runtime}",
        edits=found.edits,
        safety=Safety.UNSAFE,
        equivalence=Equivalence.E3,
        because="the last stage has what the text tells the app needs; only its probes can tell whether that is all",
        config=("Env", "WorkingDir", "Entrypoint", "Cmd", "Labels"),
        paths=("**",),
    )
    yield Found(from_.image_span, f"the image keeps what it was built with: all of `{from_.image}`", fix)


def _refusal(subject: Subject, found: Split) -> str:
    image = subject.final.stage.from_.image
    if found.doubt is None:
        return f"the image keeps what it was built with: all of `{image}`"
    line = subject.dockerfile.source.line_col(found.doubt.span.start)[0]
    return f"the image keeps what it was built with, and no split is offered: line {line}: {found.doubt.reason}"


RULE = Rule(
    code="single-stage",
    title="What builds the app is shipped with it",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
