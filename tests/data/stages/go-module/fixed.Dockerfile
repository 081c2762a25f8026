FROM golang:1.22-bookworm AS app
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /usr/local/bin/ledger ./cmd/ledger

FROM debian:bookworm-slim
LABEL maintainer="books@example.com"
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY --from=app /usr/local/bin/ledger /usr/local/bin/ledger
COPY --from=app /src/web /src/web
VOLUME ["/var/lib/ledger"]
EXPOSE 9000
ENTRYPOINT ["/usr/local/bin/ledger"]
CMD ["serve", "--data", "/var/lib/ledger"]
