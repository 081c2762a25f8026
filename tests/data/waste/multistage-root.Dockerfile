FROM debian:bookworm AS base
RUN apt-get update && apt-get install -y gcc make
COPY . /src
RUN make -C /src && make -C /src install
FROM debian:bookworm-slim
COPY --from=base / /
CMD ["server"]
