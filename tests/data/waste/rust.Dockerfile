FROM rust:1.75
WORKDIR /app
COPY . .
RUN cargo build --release
RUN cp target/release/server /usr/bin/server
CMD ["server"]
