FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends git ca-certificates make gcc libc6-dev && rm -rf /var/lib/apt/lists/*
RUN git clone https://example.org/kv.git /kv
RUN cd /kv && make CFLAGS=-g && make install
RUN rm -rf /kv
CMD ["kvd"]
