FROM rust:1.74 as builder
WORKDIR /usr/src/app
COPY . .
RUN cargo build
FROM debian:bookworm
RUN apt-get update && apt-get install -y libssl-dev ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=builder /usr/src/app/target /app/target
CMD ["/app/target/debug/app"]
