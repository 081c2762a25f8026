FROM golang:1.22-bookworm AS app
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /usr/local/bin/ledger ./cmd/ledger
RUN mkdir -p /runtime && cd / && cp -a --parents -t /runtime usr/local/bin/ledger src/web

# lissom distroless static -t lissom/static:bookworm
FROM lissom/static:bookworm
LABEL maintainer="books@example.com"
WORKDIR /src
COPY --from=app /runtime /
VOLUME ["/var/lib/ledger"]
EXPOSE 9000
ENTRYPOINT ["/usr/local/bin/ledger"]
CMD ["serve", "--data", "/var/lib/ledger"]
