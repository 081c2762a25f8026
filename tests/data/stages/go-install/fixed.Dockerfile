FROM golang:1.21 AS build
WORKDIR /go/src/mailer
COPY . .
RUN go install .

FROM debian:bookworm-slim
ENV PATH=/go/bin:$PATH
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /go/src/mailer
COPY --from=build /go/bin/mailer /go/bin/mailer
COPY --from=build /go/src/mailer/config.yml /go/src/mailer/config.yml
COPY --from=build /go/src/mailer/templates /go/src/mailer/templates
CMD ["mailer", "-config", "config.yml"]
