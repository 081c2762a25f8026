FROM rust:1.75-bookworm AS build
WORKDIR /usr/src/relay
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
ENV RUST_LOG=info
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata libssl3 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /usr/src/relay
COPY --from=build /usr/src/relay/target/release/relay /usr/src/relay/target/release/relay
EXPOSE 7070
CMD ["./target/release/relay"]
