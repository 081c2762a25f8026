FROM debian:bookworm
RUN apt-get update && apt-get install -y --no-install-recommends wget ca-certificates build-essential && rm -rf /var/lib/apt/lists/*
RUN wget -O /tmp/nginx.tar.gz https://example.org/nginx.tar.gz && tar -xzf /tmp/nginx.tar.gz -C /tmp && cd /tmp/nginx-1.25 && ./configure --with-debug && make && make install
RUN apt-get remove -y build-essential && rm -rf /tmp/nginx*
