FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends wget ca-certificates && rm -rf /var/lib/apt/lists/*
RUN wget -qO- https://example.org/go1.22.tar.gz | tar -C /usr/local -xz
RUN wget https://example.org/model.bin -P /models
RUN gzip /models/model.bin
ENV PATH=/usr/local/go/bin:$PATH
