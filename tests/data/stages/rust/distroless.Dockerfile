FROM rust:1.75-bookworm AS build
WORKDIR /usr/src/relay
COPY . .
RUN cargo build --release --locked
RUN mkdir -p /runtime && cd / && cp -a --parents -t /runtime usr/src/relay/target/release/relay

# lissom distroless cc -t lissom/cc:bookworm
FROM lissom/cc:bookworm
ENV RUST_LOG=info
WORKDIR /usr/src/relay
COPY --from=build /runtime /
EXPOSE 7070
CMD ["./target/release/relay"]
