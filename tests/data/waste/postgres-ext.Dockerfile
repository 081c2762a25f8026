FROM postgres:16
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential postgresql-server-dev-16 git ca-certificates \
    && git clone --branch v0.5.1 https://example.org/pgvector.git /tmp/pgvector \
    && cd /tmp/pgvector && make && make install \
    && rm -rf /tmp/pgvector /var/lib/apt/lists/*
